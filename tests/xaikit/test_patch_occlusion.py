"""Patches cover every place, are asked in bounded batches, and change nothing by their order."""

from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_networks import assembled, cnn, linear, of_words

import xaikit as xk
from xaikit.core import parallel
from xaikit.methods._patches import patches
from xaikit.models import network as _networks
from xaikit.models.adapters.keras import describe_network
from xaikit.models.adapters.keras.network import KerasNetwork
from xaikit.models.adapters.keras.structure import bytes_a_row

IMAGES = np.random.default_rng(0).normal(size=(5, 12, 8, 1))
WORDS = np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2], [1, 1, 1, 1, 0]])


def occlusion(model, rows=IMAGES, **options):
    return xk.explain(model, rows, method="occlusion", **{"output": 0, **options})


@st.composite
def layouts(draw):
    shape = tuple(draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)))
    sides = shape[: draw(st.sampled_from([len(shape), max(1, len(shape) - 1)]))]
    size = tuple(draw(st.integers(1, side)) for side in sides)
    return shape, size, tuple(draw(st.integers(1, width)) for width in size)


@settings(max_examples=50, deadline=None)
@given(layout=layouts())
def test_every_place_is_covered_as_often_as_the_stride_says(layout):
    shape, size, stride = layout
    covers = np.zeros(shape, dtype=int)
    for region in patches(shape, False, size, stride).regions:
        assert covers[region].size > 0
        covers[region] += 1
    ratios = [width / step for width, step in zip(size, stride, strict=True)]
    assert np.prod(np.floor(ratios)) <= covers.min()
    assert covers.max() <= np.prod(np.ceil(ratios))
    assert covers.min() >= 1


@pytest.mark.parametrize(
    ("shape", "words", "size"),
    [
        ((28, 14, 3), False, (4, 2)),
        ((224, 224, 3), False, (28, 28)),
        ((5, 9, 1), False, (1, 2)),
        ((30,), True, (1,)),
        ((30, 4), False, (4,)),
        ((16, 8, 8, 1), False, (2, 1, 1)),
    ],
)
def test_the_patch_is_an_eighth_of_the_side_if_left_out(shape, words, size):
    found = patches(shape, words, None, None)
    assert found.size == found.stride == size
    assert len(found.regions) == np.prod([-(-a // b) for a, b in zip(shape, size, strict=False)])


def test_it_says_its_patches_and_what_it_fills_with():
    why = occlusion(cnn(), patch_size=(4, 3), stride=2, fill=0.5).why
    assert "The fill is 0.5 throughout." in why
    assert "Patches are of 4 × 3, one every 2 × 2." in why
    why = occlusion(of_words(mask_zero=False), WORDS).why
    assert "The baseline is word 0 throughout. One place is covered at a time." in why


@pytest.mark.parametrize(
    ("model", "rows"), [(cnn(), IMAGES), (of_words(mask_zero=False), WORDS)], ids=["cnn", "words"]
)
def test_batches_are_bounded_and_do_not_change_the_numbers(model, rows, monkeypatch):
    options = {"patch_size": 2, "stride": 1, "output_space": "score"}
    whole = occlusion(model, rows, fill=np.roll(rows, 1, axis=0), **options)
    monkeypatch.setattr(_networks, "BUDGET", bytes_a_row(model) * 7)
    asked = []
    outputs = KerasNetwork.outputs
    monkeypatch.setattr(
        KerasNetwork,
        "outputs",
        lambda self, rows, *rest, **more: (
            asked.append(len(rows)) or outputs(self, rows, *rest, **more)
        ),
    )
    cut = occlusion(model, rows, fill=np.roll(rows, 1, axis=0), **options)
    np.testing.assert_allclose(cut.values, whole.values, rtol=1e-3, atol=1e-7)
    assert max(asked[:-1]) == 7  # the last call is for all predictions
    alone = occlusion(model, rows[:1], fill=rows[-1], **options)
    np.testing.assert_allclose(alone.values[0], whole.values[0], rtol=1e-3, atol=1e-7)


def test_classes_are_compiled_once():
    model = cnn(n_classes=10)
    for output in (0, 4, 9):
        occlusion(model, output=output)
    assert len(describe_network(model)._compiled["outputs", "probability"].made) == 1


def test_what_is_filled_already_costs_nothing_and_is_not_asked(monkeypatch):
    rows = np.zeros((3, 12, 8, 1))
    rows[:, 4:8, 2:4] = np.random.default_rng(1).normal(size=(3, 4, 2, 1))
    asked = []
    outputs = KerasNetwork.outputs
    monkeypatch.setattr(
        KerasNetwork,
        "outputs",
        lambda self, rows, *rest, **more: (
            asked.append(len(rows)) or outputs(self, rows, *rest, **more)
        ),
    )
    e = occlusion(cnn(), rows, patch_size=(4, 2))
    # Three rows, as they are, filled, and with one patch of twelve covered; and the three
    # predictions.
    assert asked == [9, 3]
    places = e.values != 0
    assert places[:, 4:8, 2:4].all()
    assert places.sum() == 3 * 8


def test_the_bar_counts_rows(monkeypatch):
    counted = []

    def bar(total, what):
        assert (total, what) == (5, "occlusion")
        return _Entered(SimpleNamespace(update=counted.append))

    monkeypatch.setattr(parallel, "_bar", bar)
    monkeypatch.setattr(_networks, "BUDGET", 1)
    occlusion(cnn(), progress=True, patch_size=(6, 8))
    assert counted == [1] * 5


class _Entered:
    def __init__(self, value):
        self.value = value

    def __enter__(self):
        return self.value

    def __exit__(self, *error):
        pass


def test_a_pair_covers_pictures_without_channels_in_both_directions():
    weights = np.random.default_rng(2).normal(size=(6, 4, 1))
    model, rows = linear(weights), np.random.default_rng(3).normal(size=(2, 6, 4))
    steps = occlusion(model, rows, patch_size=2)
    assert np.ptp(steps.values, axis=2).max() < 1e-12  # all columns of a row together
    np.testing.assert_allclose(
        occlusion(model, rows, patch_size=(1, 1)).values, weights[..., 0] * rows, atol=1e-12
    )


def test_sizes_may_come_from_numpy():
    given_ = occlusion(cnn(), patch_size=np.array([4, 2]), stride=np.int64(2))
    np.testing.assert_array_equal(
        given_.values, occlusion(cnn(), patch_size=[4, 2], stride=(2, 2)).values
    )


def test_a_table_has_its_columns_replaced_from_the_background():
    frame = pd.DataFrame(np.random.default_rng(4).normal(size=(30, 3)), columns=["a", "b", "c"])
    model = linear([[1.0], [-2.0], [0.0]])
    e = xk.explain(model, frame, method="occlusion")
    np.testing.assert_allclose(e.values, (frame - frame.mean()) * [1, -2, 0], atol=1e-12)
    with pytest.raises(TypeError, match="'occlusion' takes no options; got the option 'fill'"):
        xk.explain(model, frame, method="occlusion", fill=0)


def test_a_network_without_an_answer_is_told_from_a_fill_without_one():
    log = keras.layers.Lambda(keras.ops.log)
    model = assembled((3, 2), [log, keras.layers.Flatten(), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="model must return finite numbers"):
        occlusion(model, np.zeros((1, 3, 2)), fill=1.0)
    with pytest.raises(ValueError, match="fill must leave the network an answer"):
        occlusion(model, np.ones((1, 3, 2)))
    np.testing.assert_array_equal(occlusion(model, np.ones((1, 3, 2)), fill=1.0).values, 0)

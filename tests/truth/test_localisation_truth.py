"""Localisation and edges against closed forms on maps made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from made_explanations import made
from scipy import ndimage

from xaikit import evaluate
from xaikit.datasets import MaskTruth

MASK = np.zeros((1, 3, 4), dtype=bool)
MASK[0, 0, :3] = True


def image(values):
    return made(np.asarray(values, dtype=float).reshape(1, 3, 4, -1))


def scores(e, mask=MASK, **options):
    found = evaluate.localisation(e, mask, **options)
    return [float(part.values[0]) for part in (found.pointing, found.mass, found.rank)]


def test_all_credit_inside_scores_one_and_all_outside_nothing():
    assert scores(image(MASK)) == [1, 1, 1]
    assert scores(image(~MASK)) == [0, 0, 0]


def test_known_shares():
    values = np.zeros((3, 4))
    values[0, :3] = [6, 1, 0]
    values[2, :3] = [-2, 3, 0]
    # Inside 7 of 12; of the three largest (6, 3 and 2) one is inside.
    assert scores(image(values)) == pytest.approx([1, 7 / 12, 1 / 3])
    # Without the -2: of 6, 3 and 1 two are inside.
    assert scores(image(values), positive=True) == pytest.approx([1, 7 / 10, 2 / 3])
    assert scores(image(-values), positive=True) == pytest.approx([0, 0, 1 * (3 - 1) / 11])


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0])
@pytest.mark.parametrize("positive", [False, True])
def test_a_constant_map_scores_chance(value, positive):
    assert scores(image(np.full((3, 4), value)), positive=positive) == pytest.approx([1 / 4] * 3)
    assert evaluate.localisation(image(np.ones(12)), MASK).chance == pytest.approx(1 / 4)


def test_ties_are_shared():
    # Two largest, one of them inside.
    values = np.zeros((3, 4))
    values[0, 0] = values[2, 2] = 5
    # Of three places the two 5 take two; ten zeros share the third, two of them inside.
    assert scores(image(values)) == pytest.approx([1 / 2, 1 / 2, (1 + 2 / 10) / 3])


def test_random_maps_score_chance_on_average():
    rng = np.random.default_rng(0)
    mask = np.broadcast_to(MASK, (4000, 3, 4))
    found = evaluate.localisation(made(rng.standard_normal((4000, 3, 4, 2))), mask)
    for part in (found.pointing, found.mass, found.rank):
        assert part.mean == pytest.approx(1 / 4, abs=0.02)


def test_channels_are_added_up_before_anything_else():
    values = np.zeros((1, 3, 4, 2))
    values[0, 0, 0] = [3, -3]  # nothing in all
    values[0, 0, 1] = [1, 1]
    values[0, 2, 0] = [-4, 2]
    assert scores(made(values)) == pytest.approx([1 / 2, 1 / 2, (1 + 2 / 10) / 3])


def test_texts_and_pictures_without_channels_have_their_own_masks():
    e = made([[0.0, 3.0, 1.0]])
    assert scores(e, np.array([[False, True, False]])) == pytest.approx([1, 3 / 4, 1])
    e = made(np.arange(12.0).reshape(1, 3, 4))
    assert scores(e) == pytest.approx([0, 3 / 66, 0])
    # A series of three moments with four channels, by the same shape.
    assert scores(e, np.array([[False, False, True]])) == pytest.approx([1, 38 / 66, 1])


def test_a_named_part_is_measured():
    truth = MaskTruth(MASK, {"object": MASK, "watermark": ~MASK})
    e = image(~MASK)
    assert scores(e, truth) == [0, 0, 0]
    assert scores(e, truth, part="watermark") == [1, 1, 1]
    found = evaluate.localisation(e, truth, part="watermark")
    assert "localisation of the watermark in 1 row" in repr(found)
    assert "chance scores 0.75" in repr(found)
    assert len(found) == 1


def test_nothing_overflows():
    e = replace(image(MASK), values=np.where(MASK, 1e308, 5e307)[..., None], base_values=[0.0])
    assert scores(e) == pytest.approx([1, 3 / (3 + 9 / 2), 1])


def test_edges_of_a_step_and_of_a_corner():
    step = np.zeros((1, 5, 6))
    step[:, :, 3:] = 1.0
    wanted = np.zeros((5, 6))
    wanted[:, 2:4] = 4.0
    np.testing.assert_array_equal(evaluate.edges(step).values[0], wanted)
    turned = evaluate.edges(step.transpose(0, 2, 1)).values[0]
    np.testing.assert_array_equal(turned, wanted.T)


def test_edges_are_scipy_s_sobel_image_by_image_and_channel_by_channel():
    X = np.random.default_rng(1).standard_normal((3, 7, 5, 2))
    found = evaluate.edges(X)
    for i in range(3):
        for c in range(2):
            down, across = (ndimage.sobel(X[i, :, :, c], axis, mode="nearest") for axis in (0, 1))
            np.testing.assert_allclose(found.values[i, :, :, c], np.hypot(down, across), atol=1e-12)


def test_edges_keep_the_output_that_an_explanation_is_of():
    e = replace(image(np.arange(12)), data=np.random.default_rng(2).random((1, 3, 4, 1)))
    found = evaluate.edges(e)
    np.testing.assert_array_equal(found.predictions, e.predictions)
    np.testing.assert_array_equal(found.values, evaluate.edges(e.data).values)
    assert found.output_name == e.output_name
    assert found.method == "edges"

"""Occlusion of networks: closed forms, and the definition written out in loops."""

import keras
import numpy as np
import pytest
from tiny_networks import assembled, cnn, linear, of_words

import xaikit as xk

SHAPE = (28, 14, 3)
RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(*SHAPE, 2))
IMAGES = RNG.uniform(size=(3, *SHAPE))
COLOUR = np.array([0.1, 0.5, 0.9])
LINEAR = {kind: linear(WEIGHTS, kind=kind) for kind in ("sequential", "functional")}


def occlusion(model, rows, **options):
    return xk.explain(model, rows, method="occlusion", **options)


def slow(*case):
    return pytest.param(*case, marks=pytest.mark.slow)


def tiles(size):
    """The places of disjoint patches from the upper left corner on."""
    for i in range(0, SHAPE[0], size[0]):
        for j in range(0, SHAPE[1], size[1]):
            yield np.s_[:, i : i + size[0], j : j + size[1]]


FILLS = {
    "black": None,
    "a number": 0.5,
    "a colour": COLOUR,
    "an image": IMAGES[0, ::-1],
    "an image for each": IMAGES[:, ::-1, ::-1],
}


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("size", [None, (7, 2), 5, *map(slow, [7, (28, 14)])])
def test_a_patch_of_a_linear_network_gets_its_part_of_the_output(fill, size):
    start = np.broadcast_to(0.0 if fill == "black" else FILLS[fill], IMAGES.shape)
    parts = WEIGHTS[..., 1] * (IMAGES - start)
    for name in ("fill", "baseline"):
        e = occlusion(
            LINEAR["sequential"], IMAGES, output=1, patch_size=size, **{name: FILLS[fill]}
        )
        sides = {None: (4, 2), 7: (7, 7), 5: (5, 5)}.get(size, size)
        for place in tiles(sides):
            np.testing.assert_allclose(e.values[place].sum((1, 2, 3)), parts[place].sum((1, 2, 3)))
            # Evenly within the patch: nothing in it is told apart.
            assert np.ptp(e.values[place], axis=(1, 2, 3)).max() < 1e-12
        np.testing.assert_allclose(e.base_values, (WEIGHTS[..., 1] * start).sum((1, 2, 3)))
        np.testing.assert_allclose(e.residual, 0, atol=1e-12)
        assert not e.estimated


def test_patches_of_one_number_are_weight_times_distance():
    e = occlusion(LINEAR["functional"], IMAGES, output=0, patch_size=(1, 1, 1), fill=COLOUR)
    np.testing.assert_allclose(e.values, WEIGHTS[..., 0] * (IMAGES - COLOUR), atol=1e-11)


@pytest.mark.parametrize(("size", "stride"), [(4, 2), ((7, 4), (1, 2)), ((9, 6, 3), (3, 2, 1))])
def test_overlapping_patches_add_up_where_the_stride_divides_them(size, stride):
    e = occlusion(
        LINEAR["functional"], IMAGES, output=0, patch_size=size, stride=stride, fill=COLOUR
    )
    np.testing.assert_allclose(e.residual, 0, atol=1e-10)
    uneven = occlusion(LINEAR["functional"], IMAGES, output=0, patch_size=5, stride=3)
    assert np.abs(uneven.residual).min() > 1e-3  # some are covered once, others four times


def by_definition(f, x, fill, size, stride):
    """The mean over patches on each pixel of what they cost, a share for each number."""
    height, width, channels = x.shape
    total, covers = np.zeros((height, width)), np.zeros((height, width))
    for top in range(stride[0] - size[0], height, stride[0]):
        for left in range(stride[1] - size[1], width, stride[1]):
            place = np.zeros((height, width), dtype=bool)
            place[max(top, 0) : top + size[0], max(left, 0) : left + size[1]] = True
            covered = np.where(place[..., None], fill, x)
            total[place] += (f(x) - f(covered)) / (place.sum() * channels)
            covers[place] += 1
    return np.repeat((total / covers)[..., None], channels, axis=-1)


@pytest.mark.parametrize(
    ("size", "stride"),
    [
        ((5, 3), (2, 3)),
        *(slow(*case) for case in [((4, 3), (4, 3)), ((6, 8), (5, 4)), ((1, 8), (1, 8))]),
    ],
)
def test_a_cnn_by_its_definition(size, stride):
    model = cnn((12, 8, 2), seed=2)
    rows = np.random.default_rng(1).normal(size=(2, 12, 8, 2))

    def f(x):
        return float(model(x[None], training=False)[0, 2])

    e = occlusion(model, rows, output=2, patch_size=size, stride=stride, fill=0.3)
    for row, values in zip(rows, e.values, strict=True):
        np.testing.assert_allclose(values, by_definition(f, row, 0.3, size, stride), atol=1e-7)
    np.testing.assert_allclose(e.base_values, f(np.full((12, 8, 2), 0.3)), rtol=1e-6)
    assert np.abs(e.residual).max() > 1e-3


def reading(place):
    """A network that reads one place of the image, by a sigmoid of its sum."""
    weights = np.zeros(SHAPE)
    weights[place] = np.random.default_rng(2).normal(size=weights[place].shape)
    flat = keras.layers.Flatten(dtype="float64")
    last = keras.layers.Dense(1, activation="sigmoid", use_bias=False, dtype="float64")
    model = assembled(SHAPE, [flat, last], dtype="float64")
    model.set_weights([weights.reshape(-1, 1)])
    return model


# An upper right and a lower left one: a map with its sides changed over misses both.
@pytest.mark.parametrize("place", [np.s_[0:7, 7:14], np.s_[21:28, 0:7], np.s_[14:21, 7:14]])
def test_the_one_patch_that_is_read_is_found(place):
    e = occlusion(reading(place), IMAGES, patch_size=7)
    np.testing.assert_allclose(
        e.values[(slice(None), *place)].sum((1, 2, 3)), e.values.sum((1, 2, 3))
    )
    outside = e.values.copy()
    outside[(slice(None), *place)] = 0
    assert (outside == 0).all()
    np.testing.assert_allclose(e.residual, 0, atol=1e-12)  # one part has nothing to share
    # Patches that do not lie on it find it too, and what is around it in their reach.
    near = np.zeros(SHAPE[:2], dtype=bool)
    near[max(place[0].start - 5, 0) : place[0].stop + 5, max(place[1].start - 3, 0) :] = True
    near[:, place[1].stop + 3 :] = False
    rough = occlusion(reading(place), IMAGES, patch_size=(6, 4), stride=(3, 1))
    assert (rough.values[:, ~near] == 0).all()
    assert np.unravel_index(np.abs(rough.values[0]).argmax(), SHAPE)[0] in range(28)[place[0]]


def test_what_two_patches_do_together_is_in_the_residual():
    class Product(keras.layers.Layer):
        def call(self, x):
            return x[:, 0, 0] * x[:, 1, 1]

    model = assembled((2, 2, 1), [Product()], dtype="float64")
    e = occlusion(model, np.array([[[[2.0], [5.0]], [[7.0], [3.0]]]]), patch_size=1, fill=1.0)
    # f(x) = 6; without the 2: 3; without the 3: 2; without both: 1.
    np.testing.assert_allclose(e.values[0, ..., 0], [[3, 0], [0, 4]])
    np.testing.assert_allclose(e.residual, 6 - 1 - 7)


def test_a_word_is_taken_away_where_the_network_masks():
    model = of_words()
    table = model.layers[0].get_weights()[0]
    words = np.array([[1, 2, 3, 0, 0]])
    head = keras.Sequential(model.layers[2:])
    kept = [table[[2, 3]], table[[1, 3]], table[[1, 2]]]
    wanted = [float(head(each.mean(axis=0, keepdims=True))[0, 0]) for each in kept]
    # With nothing left to read it has no answer, so the base must be another word's.
    with pytest.raises(ValueError, match=r"fill must leave the network an answer.*nan"):
        occlusion(model, words)
    one = occlusion(model, words, fill=[0, 0, 4, 0, 0])
    np.testing.assert_allclose(one.predictions - one.values[0, :2], wanted[:2], rtol=1e-5)
    assert (one.values[0, 3:] == 0).all()

"""Planted images show what their masks say, and their classes come from where they say."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from xaikit import datasets

pytestmark = pytest.mark.slow  # too long together for the quick check

MAKERS = {
    "shapes": datasets.planted_shapes,
    "watermark": datasets.planted_watermark,
    "corner": datasets.planted_corner,
}


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("name", MAKERS)
def test_images_are_floats_from_0_to_1_with_masks_of_their_size(name, n_channels):
    data = MAKERS[name](9, size=20, n_channels=n_channels, random_state=0)
    assert data.X.shape == (9, 20, 20, n_channels)
    assert data.X.dtype == np.float64
    assert data.X.min() >= 0
    assert data.X.max() <= 1
    assert data.y.shape == (9,)
    for mask in (data.truth.mask, *data.truth.parts.values()):
        assert mask.shape == (9, 20, 20)
    np.testing.assert_array_equal(data.truth.mask, data.truth.parts["object"])


@pytest.mark.parametrize("size", [16, 32, 45])
@pytest.mark.parametrize("name", MAKERS)
def test_what_differs_from_the_background_is_inside_the_parts(name, size):
    data = MAKERS[name](60, size=size, noise=0, random_state=1)
    parts = data.truth.parts
    for row, image in enumerate(data.X[..., 0]):
        background = np.median(image)  # the shape is the smaller part
        drawn = image != background
        planted = np.any([mask[row] for mask in parts.values()], axis=0)
        assert not (drawn & ~planted).any()
        np.testing.assert_array_equal(drawn & parts["object"][row], parts["object"][row])
        assert len(np.unique(image[parts["object"][row]])) == 1  # one shape, of one brightness


@pytest.mark.parametrize("name", MAKERS)
def test_shapes_are_whole_and_touch_nothing_else(name):
    data = MAKERS[name](300, size=24, noise=0, random_state=2)
    shape = data.truth.parts["object"]
    assert shape.any(axis=(1, 2)).all()
    # The root of the area is drawn from 0.24 to 0.36 of the side; pixels round it.
    root = np.sqrt(shape.sum(axis=(1, 2))) / 24
    assert root.min() > 0.21
    assert root.max() < 0.39
    for other in set(data.truth.parts) - {"object"}:
        assert not (shape & data.truth.parts[other]).any()


def _form(mask):
    """Height and width of a mask, and its share of that box: what tells the shapes apart."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    return height, width, mask.sum() / (height * width)


def test_each_class_has_its_form():
    data = datasets.planted_shapes(400, size=64, n_classes=4, noise=0, random_state=0)
    filled = np.array([_form(mask)[2] for mask in data.truth.mask])
    expected = {"disc": np.pi / 4, "square": 1.0, "triangle": 0.5, "cross": 5 / 9}
    for code, name in enumerate(data.target_names):
        assert filled[data.y == code].mean() == pytest.approx(expected[name], abs=0.04)
    for mask in data.truth.mask[data.y == data.target_names.index("triangle")]:
        widths = mask.sum(axis=1)[mask.any(axis=1)]
        assert (np.diff(widths) >= 0).all()  # the tip is above


@pytest.mark.parametrize("n_channels", [1, 3])
def test_neither_brightness_nor_place_nor_area_tells_the_class(n_channels):
    data = datasets.planted_shapes(900, n_classes=3, n_channels=n_channels, random_state=0)
    mask = data.truth.mask
    down, right = np.indices(mask.shape[1:])
    area = mask.sum(axis=(1, 2))
    told = {
        "brightness": data.X.mean(axis=(1, 2)),
        "place": np.column_stack([(mask * at).sum(axis=(1, 2)) / area for at in (down, right)]),
        "area": area[:, None] / 100,
        "a coarse image": data.X.reshape(900, 4, 8, 4, 8, -1).mean(axis=(2, 4)).reshape(900, -1),
    }
    for name, numbers in told.items():
        right = cross_val_score(LogisticRegression(), numbers, data.y, cv=3).mean()
        assert right < 1 / 3 + 0.06, name


def test_classes_are_as_equal_as_can_be():
    for n in (1, 2, 7, 100):
        counts = np.bincount(datasets.planted_shapes(n, n_classes=3, random_state=0).y, minlength=3)
        assert counts.sum() == n
        assert np.ptp(counts) <= 1


def _upright(data):
    """Say whether the stripes of each watermark stand upright."""
    rows, columns = np.nonzero(data.truth.parts["watermark"][0])
    mark = data.X[:, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1, 0]
    return mark.var(axis=2).mean(axis=1) > mark.var(axis=1).mean(axis=1)


@pytest.mark.parametrize("size", [16, 32])
def test_the_watermark_tells_the_class_when_it_leaks_and_only_then(size):
    leaking = datasets.planted_watermark(1000, size=size, random_state=0)
    np.testing.assert_array_equal(_upright(leaking), leaking.y == 1)
    fair = datasets.planted_watermark(1000, leak=False, size=size, random_state=0)
    # Of 500 squares 250 are expected upright, with a standard deviation of 8 (hypergeometric).
    assert abs(_upright(fair)[fair.y == 1].sum() - 250) < 40
    assert _upright(fair).sum() == 500


def test_another_leak_changes_the_stripes_alone():
    leaking, fair = (
        datasets.planted_watermark(50, leak=leak, random_state=3) for leak in (True, False)
    )
    mark = leaking.truth.parts["watermark"]
    np.testing.assert_array_equal(mark, fair.truth.parts["watermark"])
    np.testing.assert_array_equal(leaking.truth.mask, fair.truth.mask)
    np.testing.assert_array_equal(leaking.y, fair.y)
    np.testing.assert_array_equal(leaking.X[~mark], fair.X[~mark])
    assert not np.array_equal(leaking.X, fair.X)
    assert mark.mean() == pytest.approx(1 / 16)


def test_the_mark_is_as_bright_for_both_classes():
    data = datasets.planted_watermark(200, noise=0, random_state=0)
    mark = data.truth.parts["watermark"]
    brightness = np.array([image[place].mean() for image, place in zip(data.X, mark, strict=True)])
    np.testing.assert_allclose(brightness, 0.5)


@pytest.mark.parametrize("agreement", [0.0, 0.5, 0.95, 1.0])
def test_the_cue_goes_with_the_class_in_the_share_asked_for(agreement):
    data = datasets.planted_corner(400, agreement=agreement, random_state=0)
    there = data.truth.parts["cue"].any(axis=(1, 2))
    for code in (0, 1):
        rows = data.y == code
        assert (there[rows] == (code == 1)).mean() == pytest.approx(agreement)
    seen = data.X[:, 1:5, 1:5, 0].mean(axis=(1, 2)) > 0.6
    np.testing.assert_array_equal(seen, there)


def test_another_agreement_changes_the_cue_alone():
    here, elsewhere = (
        datasets.planted_corner(80, agreement=share, random_state=0) for share in (0.95, 0.5)
    )
    cue = here.truth.parts["cue"] | elsewhere.truth.parts["cue"]
    np.testing.assert_array_equal(here.X[~cue], elsewhere.X[~cue])
    np.testing.assert_array_equal(here.y, elsewhere.y)
    assert not np.array_equal(here.truth.parts["cue"], elsewhere.truth.parts["cue"])


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_draws_the_same_images(name):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second, other = (MAKERS[name](20, random_state=seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.X, second.X)
    np.testing.assert_array_equal(first.y, second.y)
    np.testing.assert_array_equal(first.truth.mask, second.truth.mask)
    assert not np.array_equal(first.X, other.X)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_more_noise_changes_the_noise_alone():
    quiet, loud = (datasets.planted_shapes(20, noise=noise, random_state=0) for noise in (0, 0.2))
    np.testing.assert_array_equal(quiet.truth.mask, loud.truth.mask)
    assert np.abs(loud.X - quiet.X).std() > 0.05


def test_the_retina_is_one_eye_with_its_source():
    eye = datasets.retina()
    assert eye.X.shape == (1, 1411, 1411, 3)
    assert eye.X.min() >= 0
    assert eye.X.max() <= 1
    assert eye.X.max() > 0.5
    # A red disc on black: the corners are dark, the middle is red before it is blue.
    assert eye.X[0, :50, :50].max() < 0.1
    red, _, blue = eye.X[0, 600:800, 600:800].mean(axis=(0, 1))
    assert red > blue + 0.2
    assert eye.truth is None
    assert "What is wrong with it" in eye.description
    assert "https://doi.org/10.15347/wjm/2014.008" in eye.source
    assert eye.licence == "CC0 1.0"

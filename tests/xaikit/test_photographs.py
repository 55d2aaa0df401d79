"""Photographs say whose they are, and are cut and shrunk as the network's training did."""

import numpy as np
import pytest

from xaikit import datasets, networks

SIZES = {
    "astronaut": (512, 512),
    "camera": (512, 512),
    "chelsea": (300, 451),
    "china": (427, 640),
    "coffee": (400, 600),
    "flower": (427, 640),
    "rocket": (427, 640),
}


@pytest.mark.parametrize("name", SIZES)
def test_a_photograph_has_its_author_and_licence(name):
    found = datasets.photograph(name)
    assert found.X.shape == (1, *SIZES[name], 3)
    assert found.X.dtype == np.float64
    assert found.X.min() >= 0
    assert 0.9 < found.X.max() <= 1
    assert found.licence.startswith(("CC0 1.0", "CC BY 2.0", "Public domain"))
    assert "Carried by scikit-" in found.source
    assert "What is wrong with it" in found.description
    assert len(found.target_names) == 1


def test_those_that_ask_for_attribution_name_whom():
    for name in ("china", "flower"):
        found = datasets.photograph(name)
        assert found.licence == "CC BY 2.0"
        assert "https://www.flickr.com/photos/" in found.source


def test_a_grey_photograph_has_three_equal_channels():
    grey = datasets.photograph("camera").X
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])


def test_what_is_changed_does_not_come_back():
    datasets.photograph("coffee").X[:] = 0
    assert datasets.photograph("coffee").X.max() > 0.9


@pytest.mark.parametrize("name", ["Chelsea", "lena", None, 3])
def test_other_names_are_refused(name):
    with pytest.raises(ValueError, match="name must be one of 'astronaut', 'camera'"):
        datasets.photograph(name)


def test_the_middle_square_is_cut():
    picture = np.zeros((1, 40, 60, 3))
    picture[:, 4:36, 14:46] = 1.0  # seven eighths of 40 is 35, here 32 of them and a dark rim
    np.testing.assert_array_equal(networks.centre_crop(picture, size=32, share=0.8), 1.0)
    whole = networks.centre_crop(picture, size=40, share=1)
    np.testing.assert_array_equal(whole, picture[:, :, 10:50].astype(np.float32))


def test_a_shrunk_picture_keeps_its_mean_and_its_gradient():
    ramp = np.broadcast_to(np.linspace(0, 1, 256)[:, None], (1, 256, 256))[..., None]
    small = networks.centre_crop(np.repeat(ramp, 3, axis=3), size=32, share=1)[0, ..., 0]
    np.testing.assert_allclose(small[:, 5], (8 * np.arange(32) + 3.5) / 255, atol=0.01)


@pytest.mark.parametrize(
    ("images", "options", "error", "message"),
    [
        (np.zeros((1, 8, 8, 3), np.uint8), {}, TypeError, "images must hold floats"),
        (np.zeros((8, 8, 3)), {}, ValueError, r"pass photograph\[None\]"),
        (np.zeros((1, 8, 8, 1)), {}, ValueError, r"shape \(n, height, width, 3\)"),
        (np.full((1, 8, 8, 3), 255.0), {}, ValueError, r"images must be in \[0, 1\]; got 255"),
        (np.full((1, 8, 8, 3), np.nan), {}, ValueError, r"images must be in \[0, 1\]"),
        (np.zeros((1, 8, 8, 3)), {"size": 0}, ValueError, "size must be a whole number"),
        (np.zeros((1, 8, 8, 3)), {"share": 0}, ValueError, "share must be a number above 0"),
        (np.zeros((1, 8, 8, 3)), {"share": 1.5}, ValueError, "share must be a number above 0"),
    ],
)
def test_other_pictures_are_refused(images, options, error, message):
    with pytest.raises(error, match=message):
        networks.centre_crop(images, **options)

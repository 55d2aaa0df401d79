"""The colours of the course are seen on light and on dark pages, and told apart by anyone."""

import itertools
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from test_plot_images import BLIND

from xaikit.course.figures import _dark
from xaikit.plot import _colours, _columns, _palette

SEEN = {"all": np.eye(3), **{kind: np.array(matrix) for kind, matrix in BLIND.items()}}


def cie_lab(linear):
    """Return CIE L*a*b* of a colour in linear light, white D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(linear, 0, 1) / to_xyz.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("ground", ["#ffffff", _dark.GROUND])
@pytest.mark.parametrize("colour", _palette.CYCLE)
def test_every_colour_is_seen_on_light_and_on_dark_pages(colour, ground):
    assert _colours.contrast(colour, ground) >= 3


def test_contrast_is_that_of_wcag():
    assert _colours.contrast("black", "white") == pytest.approx(21)
    assert _colours.contrast("#777777", "white") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("kind", SEEN)
def test_the_colour_blind_tell_any_two_apart(kind):
    # Of CIELAB, where 2.3 is just seen side by side; dots and lines are small and apart.
    for one, other in itertools.combinations(_palette.CYCLE, 2):
        labs = [cie_lab(SEEN[kind] @ np.power(to_rgb(c), 2.2)) for c in (one, other)]
        assert np.linalg.norm(labs[0] - labs[1]) > 13, (one, other)


def test_the_style_and_the_levels_of_a_category_have_the_colours_of_the_palette():
    with plt.style.context("xaikit.plot.course"):
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
        assert mpl.rcParams["axes.unicode_minus"]
    assert cycle == list(_palette.CYCLE)
    assert _columns.COLOURS[:6] == _palette.CYCLE[:6]


def test_live_figures_have_no_other_colours_of_their_own():
    style = Path(__file__).parents[2].joinpath("book", "_assets", "book.css").read_text("utf-8")
    assert "var(--xk-up)" in style
    assert re.findall(r"--xk-(?:up|down):\s*#", style) == []

"""Maps of attention show the weights on one scale, and name the strongest pairs."""

from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import axes, brought
from matplotlib.figure import Figure

from xaikit import plot
from xaikit.plot import _colours

RNG = np.random.default_rng(0)
WORDS = ["the", "lid", "is", "not", "$good$"]
HEADS = RNG.dirichlet(np.ones(5), size=(3, 4, 5))
HEADS[2, 1, 3] = [0.01, 0.02, 0.03, 0.04, 0.9]


def grid(layers=3, heads=4):
    return Figure(figsize=(12, 9), layout="constrained").subplots(layers, heads, squeeze=False)


def bars(figure):
    return [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]


def names(ax):
    return [
        [tick.get_text() for tick in axis] for axis in (ax.get_yticklabels(), ax.get_xticklabels())
    ]


def test_given_axes_are_drawn_on_and_nothing_else_is_touched():
    figures, settings = plt.get_fignums(), dict(mpl.rcParams)
    given = grid()
    assert (plot.attention_heads(HEADS, WORDS, axes=given) == given).all()
    assert plt.get_fignums() == figures
    assert dict(mpl.rcParams) == settings


def test_without_axes_one_new_figure_is_made_and_not_shown(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("show was called"))
    before = plt.get_fignums()
    ax = plot.attention_heads(HEADS, WORDS)[0, 0]
    assert [plt.figure(n) for n in plt.get_fignums() if n not in before] == [ax.figure]
    plt.close(ax.figure)


def test_a_matrix_is_from_rows_to_columns():
    matrix = HEADS[2, 1]
    ax = plot.attention(matrix, WORDS, title="layer 3, head 2", ax=axes())
    np.testing.assert_array_equal(ax.images[0].get_array(), matrix)
    assert ax.images[0].get_clim() == (0, matrix.max())
    assert names(ax) == [WORDS, WORDS]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("from", "to")
    assert ax.get_title() == "layer 3, head 2"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first word on top
    assert bars(ax.figure)[0].get_ylabel() == "attention weight"


def test_in_grey_light_is_high():
    ax = plot.attention(HEADS[0, 0], WORDS, ax=axes())
    colours = ax.images[0].cmap(np.linspace(0, 1, 60))
    assert (np.diff([_colours.luminance(c[:3]) for c in colours]) > 0).all()


def test_the_strongest_pairs_are_named_with_their_places():
    matrix = np.array([[0.1, 0.9, 0.0], [0.3, 0.7, 0.0], [0.0, 0.2, 0.8]])
    text = plot.alt_text(plot.attention(matrix, ["not", "good", "not"], ax=axes()))
    assert text == (
        "Map of attention between 3 words, from 0 to 0.9. Strongest: from not (1) to good (2) "
        "0.9, from not (3) to not (3) 0.8, from good (2) to good (2) 0.7."
    )
    text = plot.alt_text(plot.attention(0 * matrix, ["a", "b", "c"], ax=axes()))
    assert text == "Map of attention between 3 words, all weights are 0."


def test_heads_share_one_scale_and_keep_their_place():
    drawn = plot.attention_heads(HEADS, WORDS, axes=grid())
    assert drawn.shape == (3, 4)
    for (layer, head), ax in np.ndenumerate(drawn):
        np.testing.assert_array_equal(ax.images[0].get_array(), HEADS[layer, head])
        assert ax.images[0].get_clim() == (0, HEADS.max())
        assert ax.get_title() == f"layer {layer + 1}, head {head + 1}"
    assert len(bars(drawn[0, 0].figure)) == 1


def test_heads_are_named_at_the_rim():
    drawn = plot.attention_heads(HEADS, WORDS, axes=grid())
    assert names(drawn[2, 0]) == [WORDS, WORDS]
    assert names(drawn[0, 1]) == [[""] * 5, [""] * 5]
    assert [ax.get_ylabel() for ax in drawn[:, 0]] == ["", "from", ""]
    long = plot.attention_heads(np.ones((1, 2, 20, 20)), ["word"] * 20, axes=grid(1, 2))
    assert names(long[0, 0])[0][0] == "1"


def test_every_head_brings_its_words_to_the_page():
    drawn = plot.attention_heads(HEADS, WORDS, axes=grid())
    assert plot.alt_text(drawn[2, 1]) == (
        "Layer 3, head 2, map of attention between 5 words, from 0 to 0.9. "
        "Strongest: from not (4) to $good$ (5) 0.9."
    )
    said = brought(drawn[0, 0].figure)
    assert said.startswith("Panel 1 of 12: Layer 1, head 1,")
    assert said.count("Panel ") == 12


@pytest.mark.parametrize("size", [(3, 3), (6, 5), (12, 12)])
@pytest.mark.parametrize("n", [2, 12, 60])
def test_names_do_not_overlap_and_are_not_cut_off(size, n):
    ax = axes(*size)
    plot.attention(np.ones((n, n)), ["unaccountably", *["word"] * (n - 1)], ax=ax)
    ax.figure.draw_without_rendering()
    page = ax.figure.bbox
    for texts, low, high in (
        (ax.get_yticklabels(), "y0", "y1"),
        (ax.get_xticklabels(), "x0", "x1"),
    ):
        found = [text.get_window_extent() for text in texts]
        found.sort(key=lambda box: getattr(box, low))
        for one, other in pairwise(found):
            assert getattr(one, high) <= getattr(other, low) + 1
        for box in found:
            assert box.x0 >= page.x0 - 1
            assert box.y0 >= page.y0 - 1


def test_names_are_never_mathematics_and_long_ones_are_cut():
    ax = plot.attention(np.eye(2), ["$x$", "y" * 50], ax=axes())
    assert names(ax)[0] == ["$x$", "y" * 13 + "…"]
    assert not ax.get_yticklabels()[0].get_parse_math()

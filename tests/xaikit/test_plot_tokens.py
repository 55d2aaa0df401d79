"""Texts keep their words and order, say the sign without colour, and can be read."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import axes
from made_explanations import made
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle

from xaikit import plot
from xaikit.plot import _colours

WORDS = ["the", "lid", "is", "not", "good", "but", "$x$", "<script>alert(1)</script>"]
VALUES = [0.0, 0.01, 0.0, -0.5, 0.25, 0.0, -0.1, 0.2]
IDS = [4, 5, 6, 7, 8, 9, 10, 11]
RNG = np.random.default_rng(0)


def explanation(values=VALUES, ids=IDS, **changes):
    fields = {
        "output_name": "positive",
        "output_space": "probability",
        "method": "occlusion",
        "feature_names": None,
        "base_values": np.array([0.5]),
        "predictions": np.array([0.5 + np.sum(values)]),
    }
    return made([values], data=np.array([ids]), **fields | changes)


def long_text(n):
    words = [f"word{i}"[: int(RNG.integers(1, 8))] for i in range(n)]
    return explanation(RNG.normal(size=n), np.arange(1, n + 1)), words


def letters(ax):
    return [p for p in ax.patches if isinstance(p, PathPatch)]


def read(ax):
    return [patch.get_gid() for patch in letters(ax)]


def boxes(ax):
    return [p for p in ax.patches if isinstance(p, Rectangle)]


def test_the_figure_reads_as_the_text_with_numbers_at_the_three_strongest():
    ax = plot.tokens(explanation(), WORDS, ax=axes())
    assert read(ax) == [
        *("the", "lid", "is", "not", "−0.5", "good", "+0.25", "but", "$x$"),
        *("<script>alert(1)</script>", "+0.2"),
    ]


@pytest.mark.parametrize("size", [None, (6.4, 4.8), (3.0, 2.0), (2.0, 6.0), (12.0, 1.5)])
@pytest.mark.parametrize("n", [2, 60])
def test_words_stay_inside_and_do_not_overlap(size, n):
    e, words = long_text(n)
    ax = plot.tokens(e, words, ax=None if size is None else axes(*size))
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    spans = [patch.get_path().get_extents() for patch in letters(ax)]
    for box in [*spans, *(patch.get_bbox() for patch in boxes(ax))]:
        assert left <= box.x0
        assert box.x1 <= right
        assert bottom <= box.y0
        assert box.y1 <= top
    for one, next_one in pairwise(spans):
        assert next_one.x0 > one.x1 or next_one.y1 < one.y0 + 12
    if size is None:
        plt.close(ax.figure)


def test_a_word_too_long_for_a_line_is_cut():
    ax = plot.tokens(explanation([1.0], [5]), ["x" * 500], ax=axes(3, 3))
    assert read(ax)[0] == "x" * 39 + "…"


def lines_of(ax):
    """The thin rectangles, as (above the word, thickness), by the word that they mark."""
    found = {}
    wide = [p for p in boxes(ax) if p.get_height() > 5]
    for line in (p for p in boxes(ax) if p.get_height() < 5):
        (box,) = (
            p for p in wide if p.get_x() == line.get_x() and abs(p.get_y() - line.get_y()) < 25
        )
        word = next(
            patch.get_gid()
            for patch in letters(ax)
            if box.get_bbox().contains(*patch.get_path().get_extents().p0 + 0.01)
        )
        found[word] = (line.get_y() > box.get_y(), line.get_height())
    return found


def test_the_sign_and_the_size_read_without_colour():
    found = lines_of(plot.tokens(explanation(), WORDS, ax=axes()))
    above = {word: line[0] for word, line in found.items()}
    assert above == {"not": False, "good": True, "$x$": False, WORDS[-1]: True}
    thick = [found[word][1] for word in ("not", "good", WORDS[-1], "$x$")]
    assert thick == sorted(thick, reverse=True)


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_letters_read_on_their_colour(style):
    with plt.style.context(style):
        e, words = long_text(40)
        ax = plot.tokens(e, words, ax=axes())
        page = ax.figure.get_facecolor()
    grounds = [p for p in boxes(ax) if p.get_height() > 5]
    for patch in letters(ax):
        middle = patch.get_path().get_extents()
        at = (middle.x0 + middle.x1) / 2, (middle.y0 + middle.y1) / 2
        ground = next((p.get_facecolor() for p in grounds if p.get_bbox().contains(*at)), page)
        light, dark = sorted(
            [_colours.luminance(patch.get_facecolor()[:3]), _colours.luminance(ground[:3])],
            reverse=True,
        )
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_colours_are_those_of_the_scale():
    ax = plot.tokens(explanation(), WORDS, ax=axes())
    found = [to_hex(p.get_facecolor()) for p in boxes(ax) if p.get_height() > 5]
    wanted = [to_hex(_colours.SIGNED(0.5 + v)) for v in VALUES if abs(v) >= 0.05]
    assert found == wanted
    (bar,) = (other for other in ax.figure.axes if other is not ax)
    assert bar.get_xlabel() == "attribution (probability of positive)"
    assert bar.get_xlim() == (-0.5, 0.5)


PADDED = explanation([0.3, -0.2, 0.0, 0.125], [7, 8, 0, 0])


@pytest.mark.parametrize("words", [["not", "good"], ["not", "good", "[pad]", "[pad]"]])
def test_padding_is_left_out_and_what_it_comes_to_is_told(words):
    ax = plot.tokens(PADDED, words, ax=axes())
    assert read(ax) == ["not", "+0.3", "good", "−0.2"]
    assert "Padding, not shown, +0.125 together." in plot.alt_text(ax)


def test_padding_is_as_it_is_named():
    words = ["not", "good", "", "\n"]
    ax = plot.tokens(PADDED, words, padding=None, ax=axes())
    assert [w for w in read(ax) if "0" not in w] == ["not", "good", "␣", "␣"]
    assert "Padding" not in plot.alt_text(ax)
    assert "not" not in read(plot.tokens(PADDED, words, padding=7, ax=axes()))
    counts = explanation([0.3, -0.2], [0, 2], feature_names=("not", "good"))
    assert read(plot.tokens(counts, counts.feature_names, ax=axes()))[0] == "not"


def test_the_words_for_the_figure():
    assert plot.alt_text(plot.tokens(explanation(), WORDS, ax=axes())) == (
        "Text of 8 words, coloured by the attributions by occlusion to the probability of "
        "positive. Raised most by good (0.25), <script>alert(1)</script> (0.2), lid (0.01); "
        "lowered most by not (0.5), $x$ (0.1). Base value 0.5, prediction 0.36, residual 0. "
        "The text reads: the lid is not good but $x$ <script>alert(1)</script>"
    )
    text = plot.alt_text(plot.tokens(*long_text(80), ax=axes()))
    assert text.endswith(" … and 20 more words")
    text = plot.alt_text(plot.tokens(explanation(np.zeros(8)), WORDS, ax=axes()))
    assert "All attributions are 0." in text


def test_of_nothing_nothing_is_coloured():
    ax = plot.tokens(explanation(np.zeros(8)), WORDS, ax=axes())
    assert boxes(ax) == []

"""Texts keep their words and order, say the sign without colour, and can be read."""

from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup
from IPython.core.formatters import DisplayFormatter
from made_explanations import made
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
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


def axes(width=6.4, height=4.8):
    return Figure(figsize=(width, height), layout="constrained").subplots()


def letters(ax):
    return [p for p in ax.patches if isinstance(p, PathPatch)]


def read(ax):
    return [patch.get_gid() for patch in letters(ax)]


def boxes(ax):
    return [p for p in ax.patches if isinstance(p, Rectangle)]


def test_given_axes_are_drawn_on_and_nothing_else_is_touched():
    figures, interactive, settings = plt.get_fignums(), mpl.is_interactive(), dict(mpl.rcParams)
    ax = axes()
    assert plot.tokens(explanation(), WORDS, ax=ax) is ax
    plot.tokens_html(explanation(), WORDS)
    assert ax.has_data()
    assert plt.get_fignums() == figures
    assert mpl.is_interactive() == interactive
    assert dict(mpl.rcParams) == settings


def test_without_axes_one_new_figure_is_made_and_not_shown(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("show was called"))
    before = plt.get_fignums()
    ax = plot.tokens(explanation(), WORDS)
    assert [plt.figure(n) for n in plt.get_fignums() if n not in before] == [ax.figure]
    plt.close(ax.figure)


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
    for text in (plot.alt_text(ax), plot.tokens_html(PADDED, words).text):
        assert "Padding, not shown, +0.125 together." in text
    assert "pad]" not in plot.tokens_html(PADDED, words).html


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
    assert "<mark" not in plot.tokens_html(explanation(np.zeros(8)), WORDS).html


def soup(e, words, **options):
    return BeautifulSoup(plot.tokens_html(e, words, **options).html, "html.parser")


def test_the_page_has_real_text():
    page = soup(explanation(), WORDS)
    assert page.p.get_text() == " ".join(WORDS)
    assert [mark.get_text() for mark in page.find_all("mark")] == ["not", "good", *WORDS[-2:]]


def test_words_of_the_text_are_never_markup():
    hostile = ["<script>", "</p>", '"><img src=x onerror=alert(1)>', "&amp;", "a\x00\u202eb"]
    e = explanation([0.1, -0.2, 0.3, 0.4, 0.5], IDS[:5], output_name="<b>", method="<i>")
    page = soup(e, hostile)
    assert {tag.name for tag in page.find_all(True)} == {
        *("div", "figure", "p", "mark", "figcaption", "details", "summary"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert page.p.get_text() == " ".join([*hostile[:4], "a\ufffd\ufffdb"])
    assert "score" not in page.figcaption.get_text()
    assert "probability of <b>" in page.figcaption.get_text()
    for tag in page.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name in ("src", "href")]


def test_the_page_has_every_number_in_a_table():
    page = soup(explanation(), WORDS)
    rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")]
    assert rows[0] == ["word", "attribution (probability of positive)"]
    assert [word for word, _ in rows[1:]] == WORDS
    numbers = [float(number.replace("−", "-")) for _, number in rows[1:]]
    np.testing.assert_allclose(numbers, VALUES)
    assert {tag["scope"] for tag in page.find_all("th")} == {"col", "row"}


def test_the_caption_says_class_unit_base_and_residual():
    e = explanation(base_values=np.array([0.5]), predictions=np.array([0.5]))
    said = soup(e, WORDS).figcaption.get_text()
    for part in (
        "by occlusion to the probability of positive.",
        "Raised most by good (0.25)",
        "Base value 0.5, prediction 0.5, residual 0.14.",
        "Orange with a line above raises the output, blue with a line below lowers it.",
    ):
        assert part in said
    only_up = soup(explanation(np.abs(VALUES)), WORDS).figcaption.get_text()
    assert "blue" not in only_up


def style(mark):
    pairs = [part.split(": ") for part in mark["style"].split("; ")]
    return dict(pairs)


def shade(mark):
    *colour, alpha = (float(x) for x in style(mark)["background"][5:-1].split(","))
    return np.array(colour) / 255, alpha


def test_on_the_page_the_sign_and_the_size_read_without_colour():
    marks = soup(explanation([0.9, -0.9, 0.2, -0.2], IDS[:4]), WORDS[:4]).find_all("mark")
    assert [style(m).get("border-top") for m in marks] == ["3px solid", None, "1px solid", None]
    assert [style(m).get("border-bottom") for m in marks] == [None, "3px solid", None, "1px solid"]
    alphas = [shade(m)[1] for m in marks]
    assert alphas == [0.4, 0.4, pytest.approx(0.089), pytest.approx(0.089)]


# Ground and letters of this book, light and dark, of Jupyter and of an editor's dark page.
PAGES = {
    "light": ("#ffffff", "#222832"),
    "dark": ("#121212", "#ced6dd"),
    "card in the dark": ("#ced6dd", "#222832"),
    "Jupyter's dark": ("#111111", "#ffffff"),
    "editor's dark": ("#1e1e1e", "#cccccc"),
}


@pytest.mark.parametrize("page", PAGES)
def test_letters_of_the_page_read_on_every_colour(page):
    ground, ink = (np.array(mpl.colors.to_rgb(colour)) for colour in PAGES[page])
    values = [*np.linspace(-1, 1, 20)]
    marks = soup(explanation(values, range(1, 21)), ["w"] * 20).find_all("mark")
    assert len(marks) == 18
    for mark in marks:
        colour, alpha = shade(mark)
        assert style(mark)["color"] == "inherit"
        seen = [_colours.luminance(alpha * colour + (1 - alpha) * ground), _colours.luminance(ink)]
        assert (max(seen) + 0.05) / (min(seen) + 0.05) >= 4.5


@pytest.mark.parametrize("page", ["light", "dark"])
def test_on_the_page_strong_words_stand_out_in_grey(page):
    ground = np.array(mpl.colors.to_rgb(PAGES[page][0]))
    values = [*np.linspace(0.1, 1, 10), *np.linspace(-0.1, -1, 10)]
    marks = soup(explanation(values, range(1, 21)), ["w"] * 20).find_all("mark")
    seen = [_colours.luminance(a * c + (1 - a) * ground) for c, a in map(shade, marks)]
    away = np.abs(np.array(seen) - _colours.luminance(ground)).reshape(2, 10)
    assert (np.diff(away) > 0).all()
    np.testing.assert_allclose(away[0], away[1], rtol=0.25)


def test_a_notebook_shows_text_and_html():
    shown = plot.tokens_html(explanation(), WORDS)
    data, _ = DisplayFormatter().format(shown)
    assert data["text/html"] == shown.html == shown._repr_html_()
    assert data["text/plain"] == shown.text == repr(shown)
    assert shown.text.startswith("the lid is not (−0.5) good (+0.25) but $x$ (−0.1) <script>")

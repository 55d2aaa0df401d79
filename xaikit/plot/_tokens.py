"""Which words of a text count, as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from xaikit.plot import _classes, _colours, _common, _words

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

# In points, as on a page: letters, numbers, the box of a word, and the lines of the text.
_LETTERS, _NUMBERS = 11.0, 7.0
_PAD, _GAP, _ABOVE, _BELOW, _LEADING = 3.0, 3.0, 12.0, 4.5, 25.0
_PAGE_WIDTH = 480.0
# What the scale of the colours takes below the text.
_SCALE_HEIGHT = 50.0
_LONGEST = 40
# The words with a number.
_NUMBERED = 3
# Below this share of the strongest a word is left plain.
_MARKED_FROM = 0.1
# Words of the text in the words for the figure.
_MOST_TOLD = 60


def tokens(
    e: Explanation,
    tokens: Sequence[str],
    row: int = 0,
    *,
    padding: int | None = 0,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a text as it reads, each word on the colour of its attribution.

    Parameters
    ----------
    e : Explanation
        Of sequences of words, values of shape (n, t).
    tokens : sequence of str
        The words of the row, one a value, with the padding or without.
    row : int
        Which row of `e`, from 0.
    padding : int or None
        The number that stands for no word in ``e.data``; such places are left out. None
        shows all.
    class_names : sequence or mapping of str, optional
        What the classes are called: in the order of their codes 0, 1, …, as
        ``Dataset.target_names`` has them, or by label. Left out, by their labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the text for the image in ``xaikit.plot.alt_text(ax)``.

    Raises
    ------
    TypeError, ValueError
        If `e` is not an Explanation of sequences, `row` not one of its rows, `tokens` has
        another number of words, or another argument is out of range.

    Notes
    -----
    Words on orange with a line above raise the output, words on blue with a line below
    lower it; the darker and the thicker, the more. Words below a tenth of the strongest
    stay plain, and the three strongest have their number.
    Words are drawn as shapes, so that they fit their boxes in a figure of any size.

    Taught in: deep/attention.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> e = xk.Explanation(
    ...     values=np.array([[0.0, -0.5, 0.2, 0.0]]), base_values=np.array([0.5]),
    ...     predictions=np.array([0.2]), data=np.array([[4, 7, 9, 0]]), feature_names=None,
    ...     output_name="positive", output_space="probability", method="occlusion", why="",
    ...     estimated=False)
    >>> ax = xk.plot.tokens(e, ["is", "not", "good"])
    >>> print(xk.plot.alt_text(ax))  # doctest: +NORMALIZE_WHITESPACE
    Text of 3 words, coloured by the attributions by occlusion to the probability of
    positive. Raised most by good (0.2); lowered most by not (0.5). Base value 0.5,
    prediction 0.2, residual 0. The text reads: is not good
    """
    words = _words.read(e, tokens, row, padding)
    e = _classes.named(e, class_names)
    boxes = _boxes(words)
    if ax is None:
        lines, width = _break(boxes, _PAGE_WIDTH), _PAGE_WIDTH
        ax = _common.check_or_make_plot_axes(None, (7.0, (_height(lines) + 72) / 72))
    else:
        ax = _common.check_or_make_plot_axes(ax)
        lines, width = _fit(boxes, ax)
    norm, colours = _colours.scale(words.values, words.limit)
    for number, line in enumerate(lines):
        x = 0.0
        for box in line:
            _draw(ax, box, x, -number * _LEADING, colours(norm(box.value)), words.limit)
            x += box.width + _GAP
    ax.set(xlim=(0, width), ylim=(_LEADING - _ABOVE - 4 - _height(lines), _ABOVE + 4))
    ax.set_aspect("equal", adjustable="box", anchor="NW")
    ax.set_axis_off()
    shown = ScalarMappable(norm, colours)
    how: dict[str, Any] = {"ticks": [0]} if words.limit == 0 else {}
    label = f"attribution ({_common.quantity(e)})"
    _common.add_colour_bar(ax, shown, label, location="bottom", aspect=45, fraction=0.06, **how)
    _common.set_alt_text(ax, _alt(e, row, words))
    return ax


@dataclass(frozen=True)
class _Box:
    word: str
    value: float
    number: str  # "" where none is written
    word_width: float
    width: float


def _boxes(words: _words.Words) -> list[_Box]:
    order = np.argsort(-np.abs(words.values), kind="stable")[:_NUMBERED]
    numbered = {int(i) for i in order if words.values[i] != 0}
    boxes = []
    for i, (word, value) in enumerate(zip(words.words, words.values, strict=True)):
        text = word if len(word) <= _LONGEST else word[: _LONGEST - 1] + "…"
        number = _common.number(float(value), sign=True) if i in numbered else ""
        own = _width(text, _LETTERS)
        beside = _width(number, _NUMBERS) + _PAD if number else 0.0
        boxes.append(_Box(text, float(value), number, own, own + beside + 2 * _PAD))
    return boxes


def _font(size: float) -> FontProperties:
    return FontProperties(size=size)


def _width(text: str, size: float) -> float:
    # As it is written, never as mathematics: "$" is a word too.
    return float(text_to_path.get_text_width_height_descent(text, _font(size), False)[0])


def _break(boxes: list[_Box], width: float) -> list[list[_Box]]:
    lines: list[list[_Box]] = [[]]
    x = 0.0
    for box in boxes:
        if lines[-1] and x + box.width > width:
            lines.append([])
            x = 0.0
        lines[-1].append(box)
        x += box.width + _GAP
    return lines


def _height(lines: list[list[_Box]]) -> float:
    return len(lines) * _LEADING


def _fit(boxes: list[_Box], ax: Axes) -> tuple[list[list[_Box]], float]:
    """Break the lines so that the text fills the axes: on a wider page letters are smaller."""
    seen = ax.get_window_extent()
    figure = ax.get_figure(root=True)
    dots = 72 / figure.dpi if figure is not None else 1.0
    across, down = seen.width * dots, seen.height * dots
    shape = max(down - _SCALE_HEIGHT, 0.4 * down) / across
    width = max(across, max(box.width for box in boxes))
    lines = _break(boxes, width)
    while _height(lines) > shape * width:
        width *= 1.05
        lines = _break(boxes, width)
    return lines, width


def _draw(ax: Axes, box: _Box, x: float, y: float, ground: Any, limit: float) -> None:
    share = abs(box.value) / limit if limit else 0.0
    ink = rcParams["text.color"]
    if share >= _MARKED_FROM:
        low, height = y - _BELOW, _ABOVE + _BELOW
        ax.add_artist(Rectangle((x, low), box.width, height, facecolor=ground, linewidth=0))
        ink = _colours.readable_on(ground[:3])
        # Apart from the box, so that it is also seen on a dark one.
        thick = 0.6 + 1.9 * share
        edge = y + _ABOVE + 1.2 if box.value > 0 else low - 1.2 - thick
        line = rcParams["text.color"]
        ax.add_artist(Rectangle((x, edge), box.width, thick, facecolor=line, linewidth=0))
    _write(ax, box.word, x + _PAD, y, _LETTERS, ink)
    if box.number:
        _write(ax, box.number, x + 2 * _PAD + box.word_width, y, _NUMBERS, ink)


def _write(ax: Axes, text: str, x: float, y: float, size: float, ink: Any) -> None:
    vertices, codes = text_to_path.get_text_path(_font(size), text)
    if len(codes):
        outline = Path(np.asarray(vertices) * size / text_to_path.FONT_SCALE + (x, y), codes)
        ax.add_artist(PathPatch(outline, facecolor=ink, linewidth=0, gid=text))


def _alt(e: Explanation, row: int, words: _words.Words) -> str:
    told = " ".join(words.words[:_MOST_TOLD])
    more = len(words.words) - _MOST_TOLD
    return (
        f"Text of {_common.plural(len(words.words), 'word')}, coloured by the attributions by "
        f"{e.method} to the {_common.quantity(e)}. {_words.course(e, row, words, _NUMBERED)} "
        f"The text reads: {told}{f' … and {more} more words' if more > 0 else ''}"
    )

"""Which colour means which level of a category."""

from __future__ import annotations

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker, TextArea, VPacker
from matplotlib.textpath import text_to_path

from xaikit.plot._columns import Levels

# In points: the letters, and a line of them with its leading.
_SIZE, LINE = 7.5, 9.0
_DOT, _AFTER_DOT, _BETWEEN, _LEADING = 6.0, 2.0, 8.0, 1.0
_SHORTEST = 6


def draw_below(
    ax: Axes, place: tuple[float, float], column: Levels, *, width: float, most_lines: int
) -> None:
    """Write the levels with their colours, from this place in the axes (x) and data (y).

    `width` is in points; the longest names are cut until the lines are few enough.
    """
    colours = iter(level.colour for level in column.levels)
    lines: list[Artist] = []
    for names in lines_of([level.name for level in column.levels], width, most_lines):
        parts: list[Artist] = [_entry(name, next(colours)) for name in names]
        lines.append(HPacker(children=parts, pad=0, sep=_BETWEEN, align="center"))
    key = AnnotationBbox(
        VPacker(children=lines, pad=0, sep=_LEADING),
        place,
        xycoords=("axes fraction", "data"),
        box_alignment=(0, 1),
        frameon=False,
        pad=0,
        annotation_clip=False,
    )
    ax.add_artist(key)


def _entry(name: str, colour: str) -> HPacker:
    dot = DrawingArea(_DOT, _DOT)
    middle = [_DOT / 2]
    dot.add_artist(Line2D(middle, middle, marker="o", color=colour, markersize=4.5, linewidth=0))
    text = TextArea(name, textprops={"size": _SIZE, "parse_math": False})
    return HPacker(children=[dot, text], pad=0, sep=_AFTER_DOT, align="center")


def lines_of(names: list[str], width: float, most_lines: int) -> list[list[str]]:
    """Break the names into lines, the longest cut until there are few enough lines."""
    names = list(names)
    while True:
        lines: list[list[str]] = [[]]
        used = 0.0
        for name in names:
            needed = _DOT + _AFTER_DOT + _width(name)
            if lines[-1] and used + needed > width:
                lines.append([])
                used = 0.0
            lines[-1].append(name)
            used += needed + _BETWEEN
        longest = max(range(len(names)), key=lambda i: len(names[i]))
        if len(lines) <= most_lines or len(names[longest]) <= _SHORTEST:
            return lines
        names[longest] = f"{names[longest][:-2].rstrip()}…"


def _width(text: str) -> float:
    font = FontProperties(size=_SIZE)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0])

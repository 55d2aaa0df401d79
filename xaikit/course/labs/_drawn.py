"""What a learner's drawing code puts on axes, as plain values that a judge can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from xaikit.course.labs._values import Json, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_MOST = 200
# A line without a line, or without markers.
_NOTHING = ("None", "none", "", " ", None)


def drawn(draw: Callable[..., object], *arguments: object) -> dict[str, Json]:
    """Let a learner's function draw on new axes, and read what stands there.

    Parameters
    ----------
    draw : callable
        The learner's, called as ``draw(ax, *arguments)``.
    *arguments : object
        What it draws. Give copies: the function may change them.

    Returns
    -------
    dict
        ``bars``, each [x, y, width, height]; ``segments``, each [x0, y0, x1, y1], the pieces of
        lines, error bars and stems; ``points``, each [x, y], markers and dots; ``x_ticks`` and
        ``y_ticks``, each [place, text]; ``x_label``, ``y_label``, ``titles``, ``legend``;
        ``beside``, True where something was drawn elsewhere than on the axes given. In
        coordinates of the data, 200 of each kind at most.

    Notes
    -----
    A line across the whole axes, as ``axhline`` draws it, is a segment from the left limit to the
    right one. Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> seen = drawn(lambda ax, sizes: ax.bar(["a", "b"], sizes), [1.0, 3.0])
    >>> seen["bars"][1][3], [text for _, text in seen["x_ticks"]]
    (3.0, ['a', 'b'])
    """
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    before = set(plt.get_fignums())
    # What goes to "the current axes" lands here, and not on a figure that is open already.
    beside = plt.figure()
    figure = Figure()
    FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    try:
        draw(ax, *arguments)
        seen = _read(ax)
    finally:
        opened = set(plt.get_fignums()) - before
        for number in opened:
            plt.close(number)
    return {**seen, "beside": bool(beside.axes) or len(opened) > 1 or len(figure.axes) > 1}


def _read(ax: Axes) -> dict[str, Json]:
    from matplotlib.patches import Rectangle

    ax.get_xlim(), ax.get_ylim()  # settles where things stand, as drawing would
    bars = [
        [bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()]
        for bar in ax.patches
        if isinstance(bar, Rectangle) and bar.get_transform().contains_branch(ax.transData)
    ]
    legend = ax.get_legend()
    return {
        "bars": plain(_first(bars)),
        "segments": plain(_first(_segments(ax))),
        "points": plain(_first(_points(ax))),
        "x_ticks": _ticks(ax.get_xticks(), ax.get_xticklabels()),
        "y_ticks": _ticks(ax.get_yticks(), ax.get_yticklabels()),
        "x_label": ax.get_xlabel(),
        "y_label": ax.get_ylabel(),
        "titles": [ax.get_title(loc=where) for where in ("left", "center", "right")],
        "legend": [] if legend is None else [text.get_text() for text in legend.get_texts()],
    }


def _first(found: Any) -> list[list[float]]:
    return [
        [float(number) for number in each] for each, _ in zip(found, range(_MOST), strict=False)
    ]


def _segments(ax: Axes) -> Iterator[list[float]]:
    from matplotlib.collections import LineCollection

    paths = [_path(ax, line) for line in ax.lines if line.get_linestyle() not in _NOTHING]
    for collection in ax.collections:
        if isinstance(collection, LineCollection):
            paths += collection.get_segments()
    for path in paths:
        yield from ([*one, *other] for one, other in pairwise(path))


def _path(ax: Axes, line: Line2D) -> Any:
    """Return the points of a line (n, 2); one across the axes has no data along them."""
    x, y = line.get_data(orig=False)
    if line.get_transform() == ax.get_yaxis_transform(which="grid"):
        x = ax.get_xlim()
    elif line.get_transform() == ax.get_xaxis_transform(which="grid"):
        y = ax.get_ylim()
    return np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])


def _points(ax: Axes) -> Iterator[list[float]]:
    from matplotlib.collections import PathCollection

    for line in ax.lines:
        if line.get_marker() not in _NOTHING and line.get_transform() == ax.transData:
            yield from _path(ax, line).tolist()
    for collection in ax.collections:
        if isinstance(collection, PathCollection):
            yield from np.ma.getdata(collection.get_offsets()).tolist()


def _ticks(places: Any, labels: Any) -> Json:
    found = [[float(place), label.get_text()] for place, label in zip(places, labels, strict=False)]
    return plain(found[:_MOST])

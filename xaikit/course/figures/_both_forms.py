"""What a kernel of the book sends for a figure: a picture for light pages, one for dark ones."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from xaikit.course.figures._dark import in_dark
from xaikit.course.figures._photographs import photographs_made_light

# Bytes, gzipped, of a drawing that is sent as it is. What is heavier, as thousands of dots are,
# is put into pixels, two to each of the page's: those dots or, if that is lighter, all of it.
HEAVIEST = 40_000
DENSE = 2
# Cells of a map, or dots, above which a part of a drawing is put into it as pixels; and where
# the drawing is too heavy even so.
MOST_SHAPES = (1_000, 100)
_MARGIN = 0.08  # inches

_PROLOGUE = re.compile(r"\A.*?(?=<svg)|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_SIZE = re.compile(r' width="[\d.]+pt" height="[\d.]+pt"')
_OUTLINE = re.compile(r' d="[^"]*"')
_LONG = re.compile(r"(\.\d\d)\d+")


def both_forms(figure: Figure) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the picture of a figure for light pages; the dark one and alt text beside it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Any; it is left as it was.

    Returns
    -------
    dict, dict
        The data by their MIME type, SVG where that is light, else PNG; and their metadata:
        "dark", the other form, "dense", how many pixels stand for one of the page's, and "alt".

    Notes
    -----
    The build of the book registers it with IPython, for its own kernels. The same figure
    gives the same bytes.

    Taught in: no chapter yet.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> _ = figure.subplots().plot([1, 2])
    >>> data, metadata = both_forms(figure)
    >>> list(data), list(metadata["image/svg+xml"])
    (['image/svg+xml'], ['dark', 'dense'])
    """
    if not figure.axes and not figure.lines and not figure.texts and not figure.patches:
        return {}, {}
    own = getattr(figure, "_repr_mimebundle_", None)
    alts = own()[1] if own else {}
    with _laid_out(figure) as box:
        draw = _lightest(figure, box)
        with in_dark(figure):
            dark = draw(figure, box)
        light = draw(figure, box)
    kind, dense = ("image/png", DENSE) if draw is _png else ("image/svg+xml", 1)
    return {kind: light}, {kind: {"dark": dark, "dense": dense, **alts.get(kind, {})}}


def _lightest(figure: Figure, box: Bbox) -> Callable[[Figure, Bbox], str]:
    """Return how to draw a figure: the first way that is light enough, else the lightest."""
    ways: list[Callable[[Figure, Bbox], str]] = [partial(_svg, most=n) for n in MOST_SHAPES]
    ways.append(_png)
    weights: list[int] = []
    for draw in ways:
        weights.append(len(gzip.compress(draw(figure, box).encode(), mtime=0)))
        if weights[-1] <= HEAVIEST:
            break
    return ways[weights.index(min(weights))]


@contextmanager
def _laid_out(figure: Figure) -> Iterator[Bbox]:
    """Hold a figure as it is laid out, without its white paper, so that both forms are alike.

    Yields the part of it that is drawn on, in inches.
    """
    canvas, engine = figure.canvas, figure.get_layout_engine()
    papers = [figure.patch, *(ax.patch for ax in figure.axes)]
    white = [p for p in papers if p.get_visible() and to_rgba(p.get_facecolor())[:3] == (1, 1, 1)]
    try:
        for paper in white:
            paper.set_visible(False)
        agg: Any = canvas if isinstance(canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
        agg.draw()
        figure.set_layout_engine("none")
        yield figure.get_tightbbox(agg.get_renderer()).padded(_MARGIN)
    finally:
        for paper in white:
            paper.set_visible(True)
        if engine is not None:
            figure.set_layout_engine(engine)
        figure.set_canvas(canvas)


@contextmanager
def _many_as_pixels(figure: Figure, most: int) -> Iterator[None]:
    """Have what consists of very many shapes stand in a drawing as pixels for a while."""
    parts: list[Any] = figure.findobj(Collection)
    many = [p for p in parts if max(len(p.get_offsets()), np.size(p.get_array())) > most]
    before = [part.get_rasterized() for part in many]
    for part in many:
        part.set_rasterized(True)
    try:
        yield
    finally:
        for part, rasterized in zip(many, before, strict=True):
            part.set_rasterized(rasterized)


def _svg(figure: Figure, box: Bbox, most: int) -> str:
    text = BytesIO()
    settings: dict[Any, Any] = {"svg.hashsalt": "xaikit", "svg.fonttype": "path"}
    with rc_context(settings), _many_as_pixels(figure, most):
        figure.savefig(
            text, format="svg", bbox_inches=box, pad_inches=0, metadata={"Date": None},
            dpi=DENSE * figure.dpi, facecolor="none", edgecolor="none",
        )  # fmt: skip
    svg = photographs_made_light(_PROLOGUE.sub("", text.getvalue().decode()))
    # As large as the PNG that it stands for: an inch has the figure's dots, not 96.
    width, height = (round(side * figure.dpi) for side in box.size)
    svg = _SIZE.sub(f' width="{width}" height="{height}"', svg, count=1)
    svg = _OUTLINE.sub(lambda outline: _LONG.sub(r"\1", outline[0]), svg)
    return re.sub(r"\s*\n\s*", "\n", svg).strip() + "\n"


def _png(figure: Figure, box: Bbox) -> str:
    data = BytesIO()
    figure.savefig(
        data, format="png", bbox_inches=box, pad_inches=0, dpi=DENSE * figure.dpi,
        facecolor="none", edgecolor="none", metadata={"Software": None},
    )  # fmt: skip
    return b64encode(data.getvalue()).decode()

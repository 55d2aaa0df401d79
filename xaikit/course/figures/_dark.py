"""Draw a figure for a dark page: other ink, the colours of the data as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, QuadMesh
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox
from matplotlib.patches import Patch, PathPatch
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text

from xaikit.core.checks import FloatArray
from xaikit.plot._colours import contrast

# The page of the theme in the dark, and its text.
GROUND, INK = "#121212", "#ced6dd"
# What WCAG 2 asks of the parts of a drawing, and of text.
DRAWN, WRITTEN = 3.0, 4.5
# A colour is grey if its red, green and blue differ less.
_GREY = 0.06
# A picture covers its axes if it takes this share of them, and hides the ground so far.
_COVERS, _OPAQUE = 0.9, 0.8

Rgba = tuple[float, float, float, float]


def on_dark(colour: Any, least: float = DRAWN) -> Rgba:
    """Return what a colour becomes on a dark page.

    White becomes the ground, black the ink, and greys lie between. Other colours stay, or
    become lighter until their contrast with the ground is the least asked for.
    """
    *rgb, alpha = to_rgba(colour)
    ground, ink, own = np.array(to_rgba(GROUND)[:3]), np.array(to_rgba(INK)[:3]), np.array(rgb)
    if np.ptp(own) < _GREY:
        own = ink + own.mean() * (ground - ink)
    else:
        while contrast(own, ground) < least:
            own = own + 0.05 * (1 - own)
    return (float(own[0]), float(own[1]), float(own[2]), alpha)


@contextmanager
def in_dark(figure: Figure) -> Iterator[None]:
    """Have a figure, drawn once already, in the colours of a dark page for a while."""
    kept = {id(part) for ax in figure.axes if _is_covered(ax) for part in _drawn_inside(ax)}
    artists = [artist for artist in _parts(figure) if id(artist) not in kept]
    before = [(artist, dict(vars(artist))) for artist in artists]
    scales = [(artist, artist.cmap) for artist in artists if isinstance(artist, ContourSet)]
    try:
        written = [a for a in artists if isinstance(a, Text) or type(a) is PathPatch]
        given = {id(artist): _face(artist) for artist in written}
        for artist in artists:
            _recolour(artist)
        _choose_readable(figure, written, given)
        yield
    finally:
        for contours, scale in scales:
            contours.set_cmap(scale)
        for artist, state in before:
            vars(artist).update(state)


def _parts(whole: Artist) -> Iterator[Artist]:
    """Yield all that is drawn of an artist, what it does not name as its children included."""
    for artist in whole.findobj():
        yield artist
        if isinstance(artist, Text) and (box := artist.get_bbox_patch()) is not None:
            yield box
        if isinstance(artist, Annotation) and artist.arrow_patch is not None:
            yield artist.arrow_patch


def _is_covered(ax: Axes) -> bool:
    """Tell whether a picture, or a map in colours, takes the whole of some axes."""
    whole = ax.bbox.width * ax.bbox.height
    for artist in ax.get_children():
        if not artist.get_visible() or (artist.get_alpha() or 1.0) < _OPAQUE:
            continue
        if isinstance(artist, AxesImage):
            box = artist.get_window_extent()
        elif isinstance(artist, QuadMesh) or (isinstance(artist, ContourSet) and artist.filled):
            box = artist.get_datalim(ax.transData).transformed(ax.transData)
        else:
            continue
        width = min(box.x1, ax.bbox.x1) - max(box.x0, ax.bbox.x0)
        height = min(box.y1, ax.bbox.y1) - max(box.y0, ax.bbox.y0)
        if width > 0 and height > 0 and width * height >= _COVERS * whole:
            return True
    return False


def _drawn_inside(ax: Axes) -> Iterator[Artist]:
    """Yield what stands on the picture that covers some axes, and was coloured for it."""
    titles = (ax.title, ax._left_title, ax._right_title)  # type: ignore[attr-defined]
    for artist in ax.get_children():
        if isinstance(artist, Axis | Spine | Axes) or artist in titles or artist is ax.patch:
            continue
        if isinstance(artist, Text | Legend | AnnotationBbox):
            box = artist.get_window_extent()
            if not ax.bbox.contains((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2):
                continue  # beside the picture
        yield from _parts(artist)


def _face(artist: Any) -> Any:
    return artist.get_color() if isinstance(artist, Text) else artist.get_facecolor()


def _set_face(artist: Any, colour: Any) -> None:
    (artist.set_color if isinstance(artist, Text) else artist.set_facecolor)(colour)


def _recolour(artist: Artist) -> None:
    if isinstance(artist, Text):
        artist.set_color(on_dark(artist.get_color(), WRITTEN))
    elif isinstance(artist, Line2D):
        face, edge = artist.get_markerfacecolor(), artist.get_markeredgecolor()
        artist.set_color(on_dark(artist.get_color()))
        artist.set_markerfacecolor(on_dark(face))
        artist.set_markeredgecolor(on_dark(edge))
    elif isinstance(artist, Patch):
        # No colour is none, and setting it would give it the transparency of the whole.
        face, edge = artist.get_facecolor(), artist.get_edgecolor()
        if artist.get_fill() and to_rgba(face)[3]:
            artist.set_facecolor(_of_fill(face))
        if to_rgba(edge)[3]:
            artist.set_edgecolor(on_dark(edge))
    elif isinstance(artist, Collection):
        _recolour_collection(artist)


def _recolour_collection(artist: Any) -> None:
    if isinstance(artist, ContourSet):
        if artist.colors is not None:
            colours = artist.cmap(np.linspace(0, 1, artist.cmap.N))
            how = _of_fill if artist.filled else on_dark
            artist.set_cmap(ListedColormap([how(colour) for colour in colours]))
        return
    faces, edges = artist.get_facecolor(), artist.get_edgecolor()
    # Colours that stand for numbers stay those of their scale.
    if artist.get_array() is None and len(faces):
        artist.set_facecolor([_of_fill(colour) for colour in faces])
    own_edges = len(edges) and not isinstance(artist._edgecolors, str)
    if own_edges and not (artist.get_array() is not None and artist._edge_is_mapped):
        artist.set_edgecolor([on_dark(c) if c[3] else tuple(c) for c in edges])


def _of_fill(colour: Any) -> Rgba:
    """Return a fill for a dark page: only greys change."""
    rgba = to_rgba(colour)
    return on_dark(rgba) if np.ptp(rgba[:3]) < _GREY else rgba


def _choose_readable(figure: Figure, written: list[Any], given: dict[int, Any]) -> None:
    """Give a text on a bar or a tile the colour it had, where that reads better there."""
    shown = {id(artist): _face(artist) for artist in written}
    for artist in written:
        _set_face(artist, (0, 0, 0, 0))
    page = _seen(figure)
    for artist in written:
        colour = shown[id(artist)]
        under = _under(page, artist)
        if under is not None:
            old, new = (contrast(to_rgba(c)[:3], under) for c in (given[id(artist)], colour))
            if new < WRITTEN and old > new:
                colour = given[id(artist)]
        _set_face(artist, colour)


def _seen(figure: Figure) -> FloatArray:
    """Return the figure on the dark ground, rows of pixels from the bottom."""
    canvas: Any = figure.canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba(), dtype=float)[::-1] / 255
    seen: FloatArray = pixels[..., :3] * pixels[..., 3:]
    return seen + np.array(to_rgba(GROUND)[:3]) * (1 - pixels[..., 3:])


def _under(page: FloatArray, artist: Any) -> FloatArray | None:
    """Return the mean colour under a text, None where there is none to see."""
    if not artist.get_visible() or (isinstance(artist, Text) and not artist.get_text().strip()):
        return None
    box = artist.get_window_extent()
    rows = slice(max(0, int(box.y0)), max(0, int(np.ceil(box.y1))))
    columns = slice(max(0, int(box.x0)), max(0, int(np.ceil(box.x1))))
    part = page[rows, columns].reshape(-1, 3)
    return np.asarray(part.mean(axis=0)) if len(part) else None

"""Colours of signed attributions, for the colour-blind, for grey, and for light and dark pages."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap, Normalize, to_rgb

from xaikit.core.checks import FloatArray
from xaikit.plot._palette import DOWN, UP

# Each at the place where its lightness lies between white and the dark end: equal sizes of either
# sign are equally dark in grey.
_RAISES = [(0.0, "#FFFFFF"), (0.46, "#EC9A50"), (0.7, UP), (1.0, "#7A4B00")]
_LOWERS = [(0.0, "#FFFFFF"), (0.46, "#56B4E9"), (0.83, DOWN), (1.0, "#005788")]


def _map(name: str, stops: list[tuple[float, str]]) -> Colormap:
    return LinearSegmentedColormap.from_list(name, stops, N=511)


# White to dark; and dark to white to dark.
RAISES_ONLY = _map("xaikit raises", _RAISES)
SIGNED = _map(
    "xaikit signed",
    [(0.5 - place / 2, colour) for place, colour in reversed(_LOWERS)]
    + [(0.5 + place / 2, colour) for place, colour in _RAISES[1:]],
)


def see_through(colours: Colormap) -> Colormap:
    """Return the same colours as seen on white, with their white taken out.

    Laid over a picture, nothing hides nothing, and the strongest hides the picture.
    """
    opaque = colours(np.linspace(0, 1, colours.N))[:, :3]
    alpha = 1 - opaque.min(axis=1)
    pure = np.ones_like(opaque)
    seen = alpha > 0
    pure[seen] = (opaque[seen] - (1 - alpha[seen, None])) / alpha[seen, None]
    return ListedColormap(np.column_stack([pure.clip(0, 1), alpha]), f"{colours.name}, see-through")


def scale(values: npt.ArrayLike, limit: float) -> tuple[Normalize, Colormap]:
    """Return the scale of some attributions: around 0, or from 0 where none is negative.

    Where all are 0 it is white alone.
    """
    if limit == 0:
        return Normalize(-1, 1), ListedColormap(["white"], "xaikit nothing")
    if np.min(values) < 0:
        return Normalize(-limit, limit), SIGNED
    return Normalize(0, limit), RAISES_ONLY


def luminance(colour: Any) -> float:
    """Return the relative luminance of WCAG 2, from 0 (black) to 1."""
    parts: FloatArray = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def readable_on(ground: Any) -> str:
    """Return black or white, whichever reads better: the contrast is at least 4.5 on any."""
    return "black" if luminance(ground) > 0.1791 else "white"


def contrast(one: Any, other: Any) -> float:
    """Return the contrast of WCAG 2 between two opaque colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)

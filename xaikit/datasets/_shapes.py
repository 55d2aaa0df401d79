"""Pictures of one shape each, with the pixels of the shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xaikit.core.checks import BoolArray, FloatArray

SHAPES = ("disc", "square", "triangle", "cross")

# How far the shapes reach from their centre, in roots of their area; the triangle's tip
# reaches furthest. All keep that distance from the edge, so that place tells nothing.
_REACH = 0.88
_ROOT_AREA = (0.24, 0.36)  # of the picture's side


@dataclass(frozen=True)
class Scenes:
    """Shapes on a plain background, before anything is laid over them.

    Parameters
    ----------
    pictures : ndarray of shape (n, size, size, channels)
        Without noise, in [0, 1].
    objects : bool ndarray of shape (n, size, size)
        The pixels of the shapes.
    noise : ndarray of the shape of `pictures`
        To be added at the end.
    """

    pictures: FloatArray
    objects: BoolArray
    noise: FloatArray

    def images(self) -> FloatArray:
        """Return the pictures with their noise, within [0, 1]."""
        return np.clip(self.pictures + self.noise, 0.0, 1.0)


def classes(rng: np.random.Generator, n_samples: int, n_classes: int) -> NDArray[np.int64]:
    """Return as many of each class as can be, in any order."""
    return rng.permutation(np.arange(n_samples) % n_classes)


def draw(
    rng: np.random.Generator,
    y: NDArray[np.int64],
    *,
    size: int,
    n_channels: int,
    noise: float,
    free: BoolArray | None = None,
) -> Scenes:
    """Draw the shape of each row, its number in SHAPES, on a background.

    Size, place, brightness and colour are drawn in the same way for every shape, by area
    rather than by width, so that none of them tells the shape.

    Parameters
    ----------
    rng : numpy.random.Generator
        What everything is drawn from.
    y : ndarray of int of shape (n,)
        The shapes.
    size, n_channels : int
        Of the pictures.
    noise : float
        Standard deviation of the normal noise of each pixel and channel.
    free : bool ndarray of shape (size, size), optional
        Where the square around a shape must be; left out, everywhere.

    Returns
    -------
    Scenes
        The pictures and where the shapes are.
    """
    n = len(y)
    root = size * rng.uniform(*_ROOT_AREA, n)
    centre = _centres(rng, root * _REACH, size, free)
    background = rng.uniform(0.05, 0.15, (n, 1, 1, n_channels))
    contrast = rng.uniform(0.4, 0.7, (n, 1, 1, n_channels))
    pixels = np.arange(size)
    down = pixels[None, :, None] - centre[:, 0, None, None]
    right = pixels[None, None, :] - centre[:, 1, None, None]
    objects = np.zeros((n, size, size), dtype=bool)
    for code, inside in enumerate(_INSIDE):
        rows = y == code
        objects[rows] = inside(down[rows], right[rows], root[rows, None, None])
    pictures = background + contrast * objects[..., None]
    return Scenes(pictures, objects, noise * rng.standard_normal(pictures.shape))


def _centres(
    rng: np.random.Generator, reach: FloatArray, size: int, free: BoolArray | None
) -> FloatArray:
    """Draw centres whose surrounding squares are in the picture, and in what is free."""
    low, high = reach, size - 1 - reach
    centres = rng.uniform(low[:, None], high[:, None], (len(reach), 2))
    if free is None:
        return centres
    while (wrong := ~_is_free(centres, reach, free)).any():
        bounds = low[wrong, None], high[wrong, None]
        centres[wrong] = rng.uniform(*bounds, (int(wrong.sum()), 2))
    return centres


def _is_free(centres: FloatArray, reach: FloatArray, free: BoolArray) -> BoolArray:
    pixels = np.arange(len(free))
    near = np.abs(pixels - centres[:, :, None]) <= reach[:, None, None]
    covered = near[:, 0, :, None] & near[:, 1, None, :]
    blocked = np.any(covered & ~free, axis=(1, 2))
    return np.asarray(~blocked)


# Each shape by its centre of mass and the root of its area.
def _disc(down: FloatArray, right: FloatArray, root: FloatArray) -> BoolArray:
    inside: BoolArray = np.hypot(down, right) <= root / np.sqrt(np.pi)
    return inside


def _square(down: FloatArray, right: FloatArray, root: FloatArray) -> BoolArray:
    inside: BoolArray = np.maximum(np.abs(down), np.abs(right)) <= root / 2
    return inside


def _triangle(down: FloatArray, right: FloatArray, root: FloatArray) -> BoolArray:
    height = root * 3**0.25
    inside: BoolArray = (down <= height / 3) & (
        np.abs(right) <= (down + 2 * height / 3) / np.sqrt(3)
    )
    return inside


def _cross(down: FloatArray, right: FloatArray, root: FloatArray) -> BoolArray:
    arm = root * np.sqrt(9 / 20)
    far, near = np.maximum(np.abs(down), np.abs(right)), np.minimum(np.abs(down), np.abs(right))
    inside: BoolArray = (far <= arm) & (near <= arm / 3)
    return inside


_INSIDE: tuple[Callable[[FloatArray, FloatArray, FloatArray], BoolArray], ...] = (
    _disc,
    _square,
    _triangle,
    _cross,
)

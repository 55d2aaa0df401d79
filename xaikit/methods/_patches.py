"""Where patches lie on a row, whatever its axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from xaikit.core.checks import whole_number
from xaikit.models.network import Channels

Region = tuple[slice, ...]


@dataclass(frozen=True)
class Patches:
    """Patches of one size over rows of one shape, all of them with whole sides, in order."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    regions: list[Region]

    def __str__(self) -> str:
        """Say the size and the step in words."""
        if math.prod(self.size) == 1:
            return "One place is covered at a time."
        return f"Patches are of {_times(self.size)}, one every {_times(self.stride)}."


def patches(
    shape: tuple[int, ...],
    words: bool,
    patch_size: object,
    stride: object,
    *,
    channels: Channels = "last",
) -> Patches:
    """Return the patches that cover rows of this shape.

    Patches span the channels, the first or the last of several axes, unless they have a
    side for it too. The first ones begin before the edge (by as much as they overlap) and
    are cut there, so that what lies at the edge is covered as often as what lies in the
    middle.
    """
    sides = _sides(shape, channels)
    size = _sizes(patch_size, shape, sides, words)
    step = _strides(stride, size)
    cut = sides if len(size) == len(sides) else range(len(shape))
    along = [[slice(None)] for _ in shape]
    for axis, width, move in zip(cut, size, step, strict=True):
        side = shape[axis]
        along[axis] = [
            slice(max(0, at), min(at + width, side)) for at in range(move - width, side, move)
        ]
    return Patches(size, step, list(product(*along)))


def _sides(shape: tuple[int, ...], channels: Channels) -> tuple[int, ...]:
    """Return the axes of a row that are not its channels."""
    axes = tuple(range(len(shape)))
    if len(shape) == 1:
        return axes
    return axes[1:] if channels == "first" else axes[:-1]


def _sizes(
    value: object, shape: tuple[int, ...], sides: tuple[int, ...], words: bool
) -> tuple[int, ...]:
    lengths = [shape[axis] for axis in sides]
    if value is None:
        return tuple(1 if words else math.ceil(length / 8) for length in lengths)
    given = _several(value)
    if given is None:
        most = min(lengths)
        return (whole_number("patch_size", value, low=1, high=most),) * len(sides)
    if len(given) not in {len(sides), len(shape)}:
        channels = (
            "" if len(sides) == len(shape) else f", or {len(shape)} with one for the channels"
        )
        raise ValueError(
            f"patch_size must be a whole number or {len(sides)} of them{channels}, for rows of "
            f"shape {shape}; got {value!r}."
        )
    limits = zip(given, lengths if len(given) == len(sides) else shape, strict=True)
    return tuple(whole_number("patch_size", each, low=1, high=length) for each, length in limits)


def _strides(value: object, size: tuple[int, ...]) -> tuple[int, ...]:
    if value is None:
        return size
    given = _several(value)
    steps = [value] * len(size) if given is None else given
    if len(steps) != len(size):
        raise ValueError(
            f"stride must be a whole number or {len(size)} of them, as the patches have sides; "
            f"got {value!r}."
        )
    for step, width in zip(steps, size, strict=True):
        if whole_number("stride", step, low=1) > width:
            raise ValueError(
                f"stride must be at most patch_size, {_times(size)}, or what lies between the "
                f"patches would be left out; got {value!r}."
            )
    return tuple(whole_number("stride", step, low=1) for step in steps)


def _several(value: object) -> list[object] | None:
    """Return the parts of a sequence, and None for a single value."""
    return list(value) if isinstance(value, list | tuple | np.ndarray) and np.ndim(value) else None


def _times(sides: tuple[int, ...]) -> str:
    return " × ".join(map(str, sides))

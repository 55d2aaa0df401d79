"""What takes the place of pixels and words that are gone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import one_of
from xaikit.inputs import network_rows as _network_inputs
from xaikit.models.model import Model

Rows = npt.NDArray[Any]

# The blur reaches over this share of the shorter side: shapes go, brightness stays.
_BLUR = 1 / 8


def baseline(value: Any, rows: Rows, model: Model, *, is_text: bool) -> Rows:
    """Return a baseline for each row, in the shape of the rows."""
    network = model.network
    if isinstance(value, str):
        if is_text:
            raise ValueError(f"baseline must be a word's number for a text; got {value!r}.")
        made = {"mean": _mean, "blur": _blurred}
        channels_first = network is not None and network.channels == "first"
        sides = (2, 3) if channels_first and rows.ndim == 4 else (1, 2)
        return made[one_of("baseline", value, made)](rows, sides)
    if network is not None:
        return _network_inputs.baseline(value, rows, network)[0]
    return _given(0.0 if value is None else value, rows)


def _mean(rows: Rows, sides: tuple[int, int]) -> Rows:
    """Return every image in its own mean colour."""
    return np.broadcast_to(rows.mean(axis=sides, keepdims=True), rows.shape)


def _blurred(rows: Rows, sides: tuple[int, int]) -> Rows:
    from scipy.ndimage import gaussian_filter

    reach = min(rows.shape[side] for side in sides) * _BLUR
    blurred: Rows = gaussian_filter(rows, reach, axes=sides, mode="nearest")
    return blurred


def _given(value: Any, rows: Rows) -> Rows:
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError("baseline must have rows of one length; got a ragged list.") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"baseline must hold numbers; got {array.dtype}.")
    row = rows.shape[1:]
    # A colour: one number for each channel.
    colour = row[-1:] if len(row) == 3 else ()
    if array.shape not in ((), colour, row, rows.shape):
        channels = f" one number for each channel {colour}," if colour else ""
        raise ValueError(
            f"baseline must be a number,{channels} or of the shape of one image {row} or of all "
            f"{rows.shape}; got shape {array.shape}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"baseline must be finite; got {array[~np.isfinite(array)][0]}.")
    return np.broadcast_to(array, rows.shape)

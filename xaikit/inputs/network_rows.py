"""Rows and baseline of a network, checked and put in the kind of numbers that it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.models import network as _networks

Rows = npt.NDArray[Any]


def rows(name: str, value: Any, model: Any) -> Rows:
    """Return `value` as checked rows (n, ...) of floats, or of words' numbers."""
    kind = _networks.kind_of_input(model)
    array = _array(name, value, kind)
    shape = _networks.input_shape(model)
    if shape is not None:
        _check_shape(name, array, shape)
    if array.size == 0:
        raise ValueError(f"{name} must have at least one row; got shape {array.shape}.")
    if kind == "tokens":
        return _words(name, array, model)
    if kind == "images" and array.dtype.kind != "f":
        raise TypeError(
            f"{name} must hold floats, scaled as the network was trained; got {array.dtype}. "
            f"If it learned on numbers from 0 to 1, pass {name} / 255."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {array[~np.isfinite(array)][0]}.")
    return array


def baseline(value: Any, explained: Rows, model: Any, name: str = "baseline") -> tuple[Rows, str]:
    """Return a baseline for each row, in the shape of the rows, and a sentence about it."""
    kind = _networks.kind_of_input(model)
    if value is None:
        unit = "word 0 throughout" if kind == "tokens" else "0 throughout"
        return np.zeros_like(explained), f"The {name} is {unit}."
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must have rows of one length; got a ragged list.") from None
    if array.dtype.kind not in ("iu" if kind == "tokens" else "iuf"):
        what = "words' whole numbers" if kind == "tokens" else "numbers"
        raise TypeError(f"{name} must hold {what}; got {array.dtype}.")
    row = explained.shape[1:]
    # Images may be started from a colour: one number a channel.
    colour = row[-1:] if len(row) > 1 else ()
    if array.shape not in ((), colour, row, explained.shape):
        channels = f" one number a channel {colour}," if colour else ""
        raise ValueError(
            f"{name} must be a number,{channels} or of the shape of one row {row} or of "
            f"X {explained.shape}; got shape {array.shape}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {array[~np.isfinite(array)][0]}.")
    if kind == "tokens":
        _words(name, np.atleast_1d(array), model)
    whole = np.broadcast_to(array, explained.shape).astype(explained.dtype)
    where = "one for each row" if array.shape == explained.shape else "the same for every row"
    said = f"{array.item():g} throughout" if array.shape == () else f"as given, {where}"
    return whole, f"The {name} is {said}."


def feature_names(value: Any, model: Any) -> tuple[str, ...] | None:
    """Return the names of a table's columns; None for images and words."""
    if _networks.kind_of_input(model) != "table":
        return None
    if isinstance(value, pd.DataFrame):
        return tuple(map(str, value.columns))
    return tuple(f"x{j}" for j in range(np.shape(value)[1]))


def _array(name: str, value: Any, kind: str) -> Rows:
    if isinstance(value, pd.DataFrame) and kind == "images":
        raise TypeError(f"{name} must be an array for this network; got a DataFrame.")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must have rows of one length; got a ragged list.") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers; got an array of {array.dtype}.")
    return array


def _check_shape(name: str, array: Rows, shape: tuple[int | None, ...]) -> None:
    wanted = ", ".join(["n", *("any" if size is None else str(size) for size in shape)])
    fits = array.ndim == len(shape) + 1 and all(
        size in (None, found) for size, found in zip(shape, array.shape[1:], strict=True)
    )
    if fits:
        return
    hint = ""
    if array.ndim == len(shape):
        lacks = shape[-1] == 1 and array.shape[1:] == shape[:-1]
        hint = f" Pass {name}[..., None]." if lacks else f" For one row pass {name}[None]."
    raise ValueError(
        f"{name} must have shape ({wanted}), as the network takes; got {array.shape}.{hint}"
    )


def _words(name: str, array: Rows, model: Any) -> Rows:
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold words by their whole numbers; got {array.dtype}.")
    most = min(layer.input_dim for layer in _networks.embeddings(model)) - 1
    outside = array[(array < 0) | (array > most)]
    if outside.size:
        raise ValueError(
            f"{name} must hold words from 0 to {most}, as the Embedding layer knows; "
            f"got {outside[0]}."
        )
    return array

"""Rows and baseline of a network, checked and put in the kind of numbers that it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xaikit.models.network import Array, Network


def rows(name: str, value: Any, network: Network) -> Array:
    """Return `value` as checked rows (n, ...) of floats, or of words' numbers."""
    kind = network.inputs
    array = _array(name, value, kind)
    _check_shape(name, array, network.shape)
    if array.size == 0:
        raise ValueError(f"{name} must have at least one row; got shape {array.shape}.")
    if kind == "tokens":
        return _words(name, array, network)
    if kind == "images" and array.dtype.kind != "f":
        raise TypeError(
            f"{name} must hold floats, scaled as the network was trained; got {array.dtype}. "
            f"If it learned on numbers from 0 to 1, pass {name} / 255."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {array[~np.isfinite(array)][0]}.")
    return array


def baseline(
    value: Any, explained: Array, network: Network, name: str = "baseline"
) -> tuple[Array, str]:
    """Return a baseline for each row, in the shape of the rows, and a sentence about it."""
    kind = network.inputs
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
    colour = colour_of(array, row, network)
    if colour is not None:
        array = colour
    if array.shape not in ((), row, explained.shape):
        each = one_for_each_channel(row, network)
        channels = f" one number for each channel {each}," if each else ""
        raise ValueError(
            f"{name} must be a number,{channels} or of the shape of one row {row} or of "
            f"X {explained.shape}; got shape {np.shape(value)}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {array[~np.isfinite(array)][0]}.")
    if kind == "tokens":
        _words(name, np.atleast_1d(array), network)
    whole = np.broadcast_to(array, explained.shape).astype(explained.dtype)
    where = "one for each row" if array.shape == explained.shape else "the same for every row"
    said = f"{array.item():g} throughout" if array.shape == () else f"as given, {where}"
    return whole, f"The {name} is {said}."


def one_for_each_channel(row: tuple[int, ...], network: Network | None) -> tuple[int, ...]:
    """Return the shape of one number for each channel of a row, () where it has no channels."""
    if len(row) < 2:
        return ()
    return row[:1] if network is not None and network.channels == "first" else row[-1:]


def colour_of(array: Array, row: tuple[int, ...], network: Network | None) -> Array | None:
    """Return numbers given one for each channel in the shape of a row; None for other shapes."""
    if array.ndim != 1 or array.shape == row or array.shape != one_for_each_channel(row, network):
        return None
    first = network is not None and network.channels == "first"
    return np.broadcast_to(array.reshape(-1, *(1,) * (len(row) - 1)) if first else array, row)


def feature_names(value: Any, network: Network) -> tuple[str, ...] | None:
    """Return the names of a table's columns; None for images and words."""
    if network.inputs != "table":
        return None
    if isinstance(value, pd.DataFrame):
        return tuple(map(str, value.columns))
    return tuple(f"x{j}" for j in range(np.shape(value)[1]))


def _array(name: str, value: Any, kind: str) -> Array:
    if hasattr(value, "toarray"):
        kind = type(value).__name__
        raise TypeError(f"{name} must be dense; got a sparse {kind}. Use {name}.toarray().")
    if isinstance(value, pd.DataFrame) and kind == "images":
        raise TypeError(f"{name} must be an array for this network; got a DataFrame.")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must have rows of one length; got a ragged list.") from None
    if array.dtype.kind not in "biuf":
        of_text = array.dtype.kind in "US" or any(isinstance(each, str) for each in array.flat)
        hint = {
            "tokens": " Turn texts into the numbers of their words, as the network was trained.",
            "table": " Encode text and categories as numbers, as the network was trained.",
        }.get(kind if of_text else "", "")
        raise TypeError(f"{name} must hold numbers; got an array of {array.dtype}.{hint}")
    return array


def _check_shape(name: str, array: Array, shape: tuple[int | None, ...]) -> None:
    wanted = ", ".join(["n", *("any" if size is None else str(size) for size in shape)])
    if _fits(shape, array.shape[1:]):
        return
    hint = ""
    if array.ndim == len(shape):
        hint = f" For one row pass {name}[None]."
        if shape[-1] == 1 and _fits(shape[:-1], array.shape[1:]):
            hint = f" Pass {name}[..., None]."
        elif shape[0] == 1 and _fits(shape[1:], array.shape[1:]):
            hint = f" Pass {name}[:, None]."
    raise ValueError(
        f"{name} must have shape ({wanted}), as the network takes; got {array.shape}.{hint}"
    )


def _fits(shape: tuple[int | None, ...], found: tuple[int, ...]) -> bool:
    """Say whether a row that was found has a wanted shape, None for any size."""
    return len(found) == len(shape) and all(
        size in (None, side) for size, side in zip(shape, found, strict=True)
    )


def _words(name: str, array: Array, network: Network) -> Array:
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold words by their whole numbers; got {array.dtype}.")
    assert network.vocabulary is not None  # its rows are texts
    most = network.vocabulary - 1
    outside = array[(array < 0) | (array > most)]
    if outside.size:
        raise ValueError(
            f"{name} must hold words from 0 to {most}, as the Embedding layer knows; "
            f"got {outside[0]}."
        )
    return array

"""Checks of arguments: each error names the argument, the constraint and the value."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def require(library: str, *, extra: str) -> Any:
    """Import an optional library, or say which extra installs it."""
    try:
        return importlib.import_module(library)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{library} is needed here and is not installed: "
            f'pip install "xaikit[{extra}]" installs it.'
        ) from error


def first_line(error: Exception) -> str:
    """Return what an error says, cut to one short line; its class where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def one_of(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of the allowed words."""
    words = list(allowed)
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, words))}; got {value!r}.")
    return value


def whole_number(name: str, value: object, *, low: int, high: int | None = None) -> int:
    """Return `value` as an int if it is a whole number in [low, high]."""
    limit = f"at least {low}" if high is None else f"from {low} to {high}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number {limit}; got {value!r}.")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name} must be a whole number {limit}; got {value}.")
    return int(value)


def positive(name: str, value: object) -> float:
    """Return `value` as a float if it is a finite number above 0."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | np.integer | np.floating
    ):
        raise TypeError(f"{name} must be a number above 0; got {value!r}.")
    if not 0 < value < np.inf:
        raise ValueError(f"{name} must be a finite number above 0; got {value}.")
    return float(value)


def fraction(name: str, value: object) -> float:
    """Return `value` as a float if it is a number above 0 and below 1."""
    number = positive(name, value)
    if number >= 1:
        raise ValueError(f"{name} must be a number above 0 and below 1; got {value!r}.")
    return number


def flag(name: str, value: object) -> bool:
    """Return `value` if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r}.")
    return bool(value)


def numbers(name: str, value: object) -> FloatArray:
    """Return a sequence of finite numbers as a 1-D float array."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a sequence of numbers; got {value!r}.") from error
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be a sequence of at least one number; got {value!r}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers; got {value!r}.")
    return array.astype(np.float64)


def generator(random_state: object) -> np.random.Generator:
    """Return a numpy Generator for None, a seed or a Generator."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    if random_state is None:
        return np.random.default_rng()
    return np.random.default_rng(whole_number("random_state", random_state, low=0))

"""Say in one short line of text what a claim rests on, the same on every run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

_MOST_ITEMS = 8
_PLAIN_TYPES = (
    "text, a number, a bool, or an array, Series, DataFrame, mapping or sequence of these"
)


def format_evidence(value: Any) -> str:
    """Format evidence compactly: numbers to four significant digits, long things cut short.

    Parameters
    ----------
    value : str, number, bool, array, Series, DataFrame, mapping, sequence or set
        What the claim rests on.

    Returns
    -------
    str
        One line of text that depends on nothing but the value.

    Raises
    ------
    TypeError
        For any other type: its text could hold a memory address and change from run to run.

    Examples
    --------
    >>> format_evidence({"slope": 2 / 3, "rows": 1000})
    'slope 0.6667, rows 1,000'
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA:
        return "missing"
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, bool | int | float):
        return _number(value)
    if isinstance(value, pd.DataFrame):
        rows = [f"({format_evidence(row)})" for _, row in value.head(_MOST_ITEMS).iterrows()]
        return _pairs(zip(value.index, rows, strict=False), len(value))
    if isinstance(value, pd.Series):
        return _pairs(zip(value.index, value, strict=True), len(value))
    if isinstance(value, Mapping):
        return _pairs(value.items(), len(value))
    return _sequence(value)


def _number(value: float) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3e}"
    decimals = max(0, 3 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def _pairs(pairs: Iterable[tuple[Any, Any]], length: int) -> str:
    shown = [
        f"{format_evidence(label)} {format_evidence(item)}"
        for _, (label, item) in zip(range(_MOST_ITEMS), pairs, strict=False)
    ]
    return ", ".join(shown) + _rest(length)


def _sequence(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return format_evidence(value.item())
    if isinstance(value, set | frozenset):
        # A set has no order of its own, and the order of text in it changes from run to run.
        value = sorted(value, key=lambda item: (type(item).__name__, item))
    elif not isinstance(value, list | tuple | range | np.ndarray | pd.Index):
        raise TypeError(f"evidence must be {_PLAIN_TYPES}; got {type(value).__name__}")
    shown = [format_evidence(item) for item in value[:_MOST_ITEMS]]
    return f"[{', '.join(shown)}{_rest(len(value))}]"


def _rest(length: int) -> str:
    return f", … ({length:,} in all)" if length > _MOST_ITEMS else ""

"""Checks of arguments that the measures share."""

from __future__ import annotations

from typing import Any

import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.core.explanation import Explanation


def explanation(name: str, value: Any, *, table: bool = False, least_features: int = 1) -> None:
    """Raise unless `value` is an Explanation with rows, and columns enough."""
    if not isinstance(value, Explanation):
        raise TypeError(
            f"{name} must be an xaikit.Explanation, as xaikit.explain returns it; "
            f"got {type(value).__name__}."
        )
    shape = value.values.shape
    if table and len(shape) != 2:
        raise ValueError(
            f"{name} must explain the columns of a table, with values (n, d); got shape {shape}."
        )
    if shape[0] == 0 or value.values[0].size < least_features:
        columns = "one column" if least_features == 1 else f"{least_features} columns"
        raise ValueError(f"{name} must have at least one row and {columns}; got shape {shape}.")


def same_rows(first: Explanation, second: Explanation) -> None:
    """Raise unless two explanations are of the same features of the same rows."""
    if first.values.shape != second.values.shape:
        raise ValueError(
            f"second must have the shape of first, {first.values.shape}; got {second.values.shape}."
        )
    if first.feature_names != second.feature_names:
        raise ValueError(
            f"second must have the feature names of first, {first.feature_names}; "
            f"got {second.feature_names}."
        )
    tables = [pd.DataFrame(e.data.reshape(len(e), -1)) for e in (first, second)]
    differ = ~((tables[0] == tables[1]) | (tables[0].isna() & tables[1].isna())).all(axis=1)
    if differ.any():
        raise ValueError(
            f"second must explain the rows of first; got other data in {int(differ.sum())} of "
            f"{len(differ)} rows."
        )


def flat(e: Explanation) -> FloatArray:
    """Return the values as (n, d), the pixels of an image in one row."""
    return e.values.reshape(len(e), -1)

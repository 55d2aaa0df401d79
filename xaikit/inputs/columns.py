"""The columns of a table: what they are called, and which of them an argument names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.inputs.rows import Table, feature_names
from xaikit.models.model import Model


def column_names(given: Any, table: Table, model: Model) -> tuple[str, ...]:
    """Return the names of the columns, also where the model was fitted without any."""
    if isinstance(given, pd.DataFrame):
        return tuple(map(str, given.columns))
    return feature_names(table, model)


def deviations(codes: FloatArray) -> FloatArray:
    """Return the standard deviation of each column (n, d), missing values left out.

    0 where all values are the same: as a mean rounds, that of a column of 0.1 is 3e-17.
    """
    known = [column[~np.isnan(column)] for column in codes.T]
    return np.array([c.std() if len(c) and c.min() < c.max() else 0.0 for c in known])


def column_positions(name: str, value: object, names: tuple[str, ...]) -> list[int]:
    """Return the positions of a sequence of columns, each given by name or by position."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be a sequence of columns; got {value!r}.")
    return [column_position(name, column, names) for column in value]


def column_position(name: str, column: object, names: tuple[str, ...]) -> int:
    """Return where a column is; a name goes before a position."""
    if str(column) in names:
        return names.index(str(column))
    position = isinstance(column, int | np.integer) and not isinstance(column, bool)
    if position and 0 <= int(str(column)) < len(names):
        return int(str(column))
    known = ", ".join(map(repr, names[:10])) + (", …" if len(names) > 10 else "")
    raise ValueError(f"{name} must name columns among {known}; got {column!r}.")

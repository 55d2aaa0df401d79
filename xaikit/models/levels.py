"""Columns of categories as the numbers that trees were trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.core.frames import as_pandas
from xaikit.core.tables import floats

Levels = Iterable[Any] | None


def category_columns(rows: Any) -> list[int]:
    """Return the positions of the columns of categories, none of an array."""
    if not isinstance(rows, pd.DataFrame):
        return []
    return [j for j, dtype in enumerate(rows.dtypes) if isinstance(dtype, pd.CategoricalDtype)]


def coded(rows: Any, levels: Mapping[int, Levels]) -> FloatArray:
    """Return a table as float64, (n, d), categories as the positions of their levels.

    `levels` are those of the columns at these positions, None for the column's own. What is
    missing, or no level, is nan.
    """
    table = as_pandas(rows)
    if not isinstance(table, pd.DataFrame):
        return np.array(table, dtype=np.float64)
    return np.column_stack(
        [
            _codes(table.iloc[:, j], levels[j]) if j in levels else floats(table.iloc[:, j])
            for j in range(table.shape[1])
        ]
    )


def _codes(column: pd.Series[Any], levels: Levels) -> FloatArray:
    known = column if levels is None else column.cat.set_categories(list(levels))
    codes = known.cat.codes.to_numpy(dtype=np.float64)
    return np.where(codes < 0, np.nan, codes)

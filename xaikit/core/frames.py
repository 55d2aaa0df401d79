"""In which kind of table a model is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd


def hand_over(
    table: Any, *, as_array: bool = False, columns: tuple[str, ...] | None = None
) -> Callable[[Any], Any]:
    """Return what makes of a table of this package one that a model takes.

    A model that was fitted on an array gets arrays, whatever names the columns have here;
    one that finds its columns by their names gets them in its own order, `columns`, as some
    find only a part of them so.
    """
    if as_array:
        return _array
    if columns is not None:
        return lambda rows: rows[list(columns)] if isinstance(rows, pd.DataFrame) else rows
    return lambda rows: rows


def _array(rows: Any) -> Any:
    return rows.to_numpy() if isinstance(rows, pd.DataFrame) else rows

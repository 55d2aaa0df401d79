"""The row that a counterfactual starts from, as a table of the background's columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.frames import as_pandas
from xaikit.core.tables import number_type, retyped
from xaikit.inputs.rows import Table, check_names


def as_row(x: Any, background: Table, name: str = "x") -> Table:
    """Return `x` as one row with the columns and column types of the background."""
    if isinstance(background, pd.DataFrame):
        return _as_frame(x, background, name)
    try:
        values = np.asarray(x)
    except ValueError:
        raise ValueError(f"{name} must be one row of numbers; got {x!r}.") from None
    if values.ndim == 1:
        values = values[None]
    _check_shape(values.shape, background.shape[1], name)
    return values


def _as_frame(x: Any, background: pd.DataFrame, name: str) -> pd.DataFrame:
    if isinstance(x, pd.Series):
        frame = pd.DataFrame([x.tolist()], columns=x.index)
    elif isinstance(x := as_pandas(x), pd.DataFrame):
        frame = x
    else:
        values = np.asarray(x, dtype=object)
        values = values[None] if values.ndim == 1 else values
        _check_shape(values.shape, background.shape[1], name)
        frame = pd.DataFrame([list(values[0])], columns=background.columns)
    found, wanted = (tuple(map(str, table.columns)) for table in (frame, background))
    if found != wanted:
        check_names(name, found, wanted, "the background's")
    _check_shape(frame.shape, background.shape[1], name)
    columns = {
        j: _as_column(frame.iloc[:, j], background.iloc[:, j], name) for j in range(frame.shape[1])
    }
    row = pd.DataFrame(columns, index=frame.index)
    row.columns = background.columns
    return row


def _as_column(column: pd.Series[Any], like: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Return one value in the type of the background's column, never as another value."""
    if column.dtype == like.dtype:
        return column
    number = number_type(like)
    if number is not None and number_type(column) is not None:
        # 3.5 among whole numbers stays 3.5, and so does a value past a shorter float.
        return column if number.kind == "b" else retyped(column, like)
    # As objects: categories of other levels cannot be compared with each other.
    given: pd.Series[Any] = column.astype(object)
    levels = like.dtype.categories if isinstance(like.dtype, pd.CategoricalDtype) else None
    known = levels is None or bool((given.isna() | given.isin(levels)).all())
    try:
        cast = given.astype(like.dtype) if known else None
    except (TypeError, ValueError):
        cast = None
    if cast is None or not ((cast.astype(object) == given) | (cast.isna() & given.isna())).all():
        unknown = ""
        if levels is not None:
            shown = ", ".join(map(repr, levels[:10])) + (", …" if len(levels) > 10 else "")
            unknown = f", which is none of its categories {shown}"
        raise ValueError(
            f"{name} must hold a value of type {like.dtype}, as in the background, in "
            f"{str(like.name)!r}; got {given.iloc[0]!r}{unknown}."
        )
    return cast


def _check_shape(shape: tuple[int, ...], d: int, name: str) -> None:
    if shape != (1, d):
        raise ValueError(
            f"{name} must be one row with the background's {d} columns; got shape {shape}."
        )

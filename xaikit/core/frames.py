"""Tables of other libraries (polars, Arrow and whatever narwhals reads) as pandas has them.

The package works on pandas' frames. A model that was fitted on another library's may ask
for that library's again, so there is a way back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.tables import as_array, floats, number_type


def as_pandas(value: Any) -> Any:
    """Return another library's table as a DataFrame, and anything else as it is.

    Whole numbers and booleans with missing values take pandas' nullable types, an Enum
    becomes an ordered category, decimals and times of day are Python objects.
    """
    frame = _read(value)
    if frame is None:
        return value
    if frame.implementation.is_pandas_like():
        return frame.to_pandas()
    return pd.DataFrame({name: _column(frame[name]) for name in frame.columns})


def like(value: Any) -> Callable[[pd.DataFrame], Any]:
    """Return a function that makes of a DataFrame a table of the kind and types of `value`.

    A number that a type of `value` cannot hold, such as 3.5 among whole ones, makes its
    column one of floats. A DataFrame is returned as it is where `value` is one, or no table.
    """
    frame = _read(value)
    if frame is None:
        return lambda table: table
    import narwhals as nw

    types, backend = frame.schema, frame.implementation

    def native(table: pd.DataFrame) -> Any:
        columns = {
            str(name): _series(column.rename(str(name)), types.get(str(name)), backend)
            for name, column in table.items()
        }
        return nw.from_dict(columns, backend=backend).to_native()

    return native


def hand_over(
    table: Any, *, arrays: bool = False, columns: tuple[str, ...] | None = None
) -> Callable[[Any], Any]:
    """Return what makes of a table of this package one of the kind that a model takes.

    A model that was fitted on an array gets arrays, whatever names the columns have here.
    One that finds its columns by their names gets them in its own order, `columns`, as some
    find only a part of them so. All others get tables of the library of `table`.
    """
    native = like(table)

    def given(rows: Any) -> Any:
        if not isinstance(rows, pd.DataFrame):
            return rows
        if arrays:
            return as_array(rows)
        return native(rows if columns is None else rows[list(columns)])

    return given


def _read(value: Any) -> Any:
    """Return narwhals' view of another library's table held in memory, None for the rest."""
    if value is None or isinstance(value, pd.DataFrame | np.ndarray | list | tuple):
        return None
    import narwhals as nw

    frame = nw.from_native(value, eager_only=True, pass_through=True)
    return frame if isinstance(frame, nw.DataFrame) else None


def _column(series: Any) -> pd.Series[Any]:
    """Return a column of another library as pandas has it."""
    import narwhals as nw

    dtype, missing = series.dtype, bool(series.null_count())
    if missing and (dtype.is_integer() or dtype == nw.Boolean):
        nullable = "boolean" if dtype == nw.Boolean else str(dtype)
        return pd.Series(series.to_list(), dtype=nullable)
    if dtype.is_integer() or dtype.is_float() or dtype == nw.Boolean:
        return pd.Series(series.to_numpy())
    if dtype == nw.Enum:
        levels = pd.CategoricalDtype(dtype.categories, ordered=True)
        return pd.Series(series.to_list(), dtype=levels)
    if dtype == nw.Categorical:
        occurring = series.unique(maintain_order=True).drop_nulls().to_list()
        return pd.Series(series.to_list(), dtype=pd.CategoricalDtype(occurring))
    if dtype in (nw.Date, nw.Datetime, nw.Duration):
        moments = pd.Series(series.to_numpy())
        zone = getattr(dtype, "time_zone", None)
        return moments.dt.tz_localize("UTC").dt.tz_convert(zone) if zone else moments
    return pd.Series(series.to_list())


def _series(column: pd.Series[Any], dtype: Any, backend: Any) -> Any:
    """Return a column of pandas as another library has it, in a type that holds its values."""
    import narwhals as nw

    name = str(column.name)
    if number_type(column) is not None:
        return _numbers(column, dtype, backend)
    if isinstance(column.dtype, pd.CategoricalDtype) and dtype == nw.Enum:
        dtype = nw.Enum(column.dtype.categories.tolist())
    if dtype not in (nw.Date, nw.Datetime, nw.Duration):
        values = column.astype(object).where(column.notna(), None).tolist()
        return nw.new_series(name, values, dtype, backend=backend)
    zone, unit = getattr(dtype, "time_zone", None), getattr(dtype, "time_unit", "us")
    if zone:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    kind = "timedelta64" if dtype == nw.Duration else "datetime64"
    moments = nw.new_series(name, column.to_numpy().astype(f"{kind}[{unit}]"), backend=backend)
    return (moments.dt.replace_time_zone("UTC") if zone else moments).cast(dtype)


def _numbers(column: pd.Series[Any], dtype: Any, backend: Any) -> Any:
    import narwhals as nw

    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
        # Not by way of floats, which do not hold every long number.
        series = nw.new_series(str(column.name), column.to_numpy(), backend=backend)
        return series if dtype is None else series.cast(dtype)
    values = floats(column)
    reals = nw.new_series(str(column.name), values, nw.Float64, backend=backend).fill_nan(None)
    whole = dtype is not None and (dtype.is_integer() or dtype == nw.Boolean)
    if dtype is None or (whole and not (np.isnan(values) | (values == np.rint(values))).all()):
        return reals
    typed = reals.cast(dtype)
    held = typed.cast(nw.Float64).to_numpy()
    return typed if np.array_equal(held, values, equal_nan=True) else reals

"""Tables of any column types as plain numbers, and back as the model was fitted with them.

A method that mixes rows of two tables works on float arrays only. Columns of text,
categories, dates and times are coded as the positions of their levels and decoded, with
their own types, before the model sees them. Which columns are numbers is asked of
`number_type` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray

Table = pd.DataFrame | npt.NDArray[Any]
_REAL = np.dtype(np.float64)


@dataclass(frozen=True)
class Column:
    """How one column is coded: by its number, or by the position of its level.

    `number` is the numpy type of its numbers, None where it has levels. A column of Python
    objects also says how one is made of a code, and what stands for a missing one.
    """

    dtype: Any
    number: np.dtype[Any] | None = None
    levels: Any = None
    make: Callable[[float], Any] = float
    missing: Any = np.nan

    def decode(self, codes: FloatArray) -> Any:
        """Return the values behind the codes, in the column's own type.

        The model meets no other type than its own, so codes between whole numbers are cut,
        as numpy does: a method that has such codes decodes by `as_real`.
        """
        if self.levels is not None:
            return self.levels.take(codes.astype(np.intp))
        assert self.number is not None  # it has no levels
        if _is_object(self.dtype):
            values = np.frompyfunc(self.make, 1, 1)(np.nan_to_num(codes))
            values[np.isnan(codes)] = self.missing
            return values
        if isinstance(self.dtype, np.dtype):
            return codes.astype(self.dtype, copy=False)
        if _is_decimal(self.dtype):
            return self._decimals(codes)
        if self.number.kind != "f":
            known = ~np.isnan(codes)
            codes = np.where(known, np.where(known, codes, 0).astype(self.number), np.nan)
        return pd.Series(codes).astype(self.dtype).array

    def as_real(self) -> Column:
        """Return the same column as one of real numbers, in the float type of its family."""
        if self.levels is not None:
            return self
        make = self.make if self.make is _decimal else float
        return replace(self, dtype=_of_family(self.dtype, _REAL), number=_REAL, make=make)

    def _decimals(self, codes: FloatArray) -> Any:
        """Return Arrow's decimals, or floats where their digits do not suffice."""
        try:
            values = pd.Series(codes).astype(self.dtype)
        except ValueError:  # a number of more digits than the type has
            return self.as_real().decode(codes)
        if np.array_equal(floats(values), codes, equal_nan=True):
            return values.array
        return self.as_real().decode(codes)


@dataclass(frozen=True)
class Coding:
    """How a table is coded; `decode` makes of codes what the model takes."""

    labels: pd.Index | None
    columns: tuple[Column, ...]

    def decode(self, codes: FloatArray) -> Any:
        """Return codes (n, d) as an array, or as a DataFrame where `labels` are set."""
        if self.labels is None:
            array: npt.NDArray[Any] = self.columns[0].decode(codes)
            return array
        if all(column.dtype == _REAL and column.levels is None for column in self.columns):
            return pd.DataFrame(codes, columns=self.labels, copy=False)
        decoded = {j: column.decode(codes[:, j]) for j, column in enumerate(self.columns)}
        frame = pd.DataFrame(decoded, copy=False)
        frame.columns = self.labels
        return frame


def encode(rows: Table, background: Table) -> tuple[FloatArray, FloatArray, Coding]:
    """Return the codes of both tables, and the coding that they share."""
    if isinstance(rows, pd.DataFrame) and isinstance(background, pd.DataFrame):
        rows, background = alike(rows, background)
        coded = [
            _encode_column(rows.iloc[:, j], background.iloc[:, j]) for j in range(rows.shape[1])
        ]
        coding = Coding(rows.columns, tuple(column for _, _, column in coded))
        return (
            np.column_stack([first for first, _, _ in coded]),
            np.column_stack([second for _, second, _ in coded]),
            coding,
        )
    dtype = np.result_type(rows, background)
    return (
        np.ascontiguousarray(rows, dtype=np.float64),
        np.ascontiguousarray(background, dtype=np.float64),
        Coding(None, (Column(dtype, dtype),) * rows.shape[1]),
    )


def number_type(*columns: pd.Series[Any]) -> np.dtype[Any] | None:
    """Return the numpy type that holds the numbers of all columns, None where one has others.

    Numbers are those of numpy, of pandas' nullable and sparse types and of Arrow, decimals
    and booleans among them, and objects of which each is a number or missing. Text that
    looks like a number is text. Categories, dates and times are no numbers.
    """
    types: list[np.dtype[Any]] = []
    for column in columns:
        found = _number_types(column)
        if found is None:
            return None
        types += found
    return np.result_type(*types) if types else _REAL


def floats(column: pd.Series[Any]) -> FloatArray:
    """Return a column of numbers as float64, missing ones as nan."""
    values: FloatArray = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def numeric(table: Table) -> FloatArray:
    """Return a table whose columns are all numbers as float64, missing ones as nan."""
    if isinstance(table, pd.DataFrame):
        return np.column_stack([floats(table.iloc[:, j]) for j in range(table.shape[1])])
    return np.asarray(table, dtype=np.float64)


def dense(table: Any) -> Any:
    """Return a table, or what a step of a pipeline gives as a sparse matrix, with every number."""
    return table.toarray() if hasattr(table, "toarray") else table


def as_array(frame: pd.DataFrame) -> npt.NDArray[Any]:
    """Return a table of numbers as an array of the numpy type that holds them all."""
    array: npt.NDArray[Any] = frame.to_numpy()
    if array.dtype.kind in "biuf":
        return array
    values = numeric(frame)
    number = number_type(*(frame.iloc[:, j] for j in range(frame.shape[1])))
    return values if number is None or np.isnan(values).any() else values.astype(number)


def cells(table: Table) -> npt.NDArray[Any]:
    """Return the cells of a table as numpy has them, for a reader: nan in place of pd.NA."""
    if not isinstance(table, pd.DataFrame):
        return table
    return np.asarray(pd.DataFrame({j: _cells(table.iloc[:, j]) for j in range(table.shape[1])}))


def retyped(column: pd.Series[Any], like: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers in the type of another column, or in the float type of its family.

    The latter where its type does not hold every number as it is.
    """
    coding, codes = _number_column(like.dtype, like), floats(column)
    # numpy's whole numbers and booleans have no missing one.
    lost = _is_plain(like.dtype) and like.dtype.kind != "f" and np.isnan(codes).any()
    if not lost:
        typed = pd.Series(coding.decode(codes), index=column.index, name=column.name)
        if np.array_equal(floats(typed), codes, equal_nan=True):
            return typed
    return pd.Series(coding.as_real().decode(codes), index=column.index, name=column.name)


def as_reals(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of numbers as real ones, in the float type of its family."""
    values = _number_column(column.dtype, column).as_real().decode(floats(column))
    return pd.Series(values, index=column.index, name=column.name)


def alike(rows: pd.DataFrame, background: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with one type for each column, the tables themselves if they have."""
    types = [common_type(rows.iloc[:, j], background.iloc[:, j]) for j in range(rows.shape[1])]
    return _with_types(rows, types), _with_types(background, types)


def common_type(rows: pd.Series[Any], background: pd.Series[Any]) -> Any:
    """Return the type in which one table can hold both columns, None where there is none.

    Numbers take the background's family of types. Categories take the levels of the column
    that has them all, or else the background's and then those that only the rows have.
    """
    if _is_same(rows.dtype, background.dtype):
        return background.dtype
    number = number_type(rows, background)
    if number is not None:
        missing = rows.isna().any() or background.isna().any()
        if missing and number.kind != "f" and _is_plain(background.dtype):
            number = _REAL
        return _of_family(background.dtype, number)
    if any(isinstance(c.dtype, pd.CategoricalDtype) for c in (rows, background)):
        return _common_categories(rows, background)
    if _is_text(rows) and _is_text(background):
        return background.dtype
    both = pd.concat([rows.iloc[:1], background.iloc[:1]]).dtype
    return None if _is_object(both) else both


def _number_types(column: pd.Series[Any]) -> list[np.dtype[Any]] | None:
    dtype: Any = column.dtype
    if _is_object(dtype):
        found = [_number_type_of(kind) for kind in set(map(type, column[column.notna()]))]
        known = [number for number in found if number is not None]
        return known if len(known) == len(found) else None
    if _is_decimal(dtype):
        return [_REAL]
    if dtype.kind not in "biuf":
        return None
    # pandas' nullable and Arrow's types name the first, its sparse ones the second.
    return [np.dtype(getattr(dtype, "numpy_dtype", getattr(dtype, "subtype", dtype)))]


def _number_type_of(kind: type) -> np.dtype[Any] | None:
    """Return the numpy type of one Python class of numbers, None for any other class."""
    if issubclass(kind, np.generic):
        return np.dtype(kind) if np.dtype(kind).kind in "biuf" else None
    for known, number in ((bool, np.bool_), (int, np.int64), (float | Decimal, np.float64)):
        if issubclass(kind, known):
            return np.dtype(number)
    return None


def _is_object(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind == "O"


def _is_plain(dtype: Any) -> bool:
    """Say whether a type is numpy's own, whose whole numbers and booleans cannot be missing."""
    return isinstance(dtype, np.dtype) and dtype.kind != "O"


def _is_decimal(dtype: Any) -> bool:
    return isinstance(dtype, pd.ArrowDtype) and dtype.type is Decimal


def _of_family(dtype: Any, number: np.dtype[Any]) -> Any:
    """Return the type that holds numpy's `number` in the family of a column's type."""
    if isinstance(dtype, np.dtype):
        return dtype if _is_object(dtype) else number
    if isinstance(dtype, pd.SparseDtype):
        return pd.SparseDtype(number)
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow as pa

        return pd.ArrowDtype(pa.from_numpy_dtype(number))
    return pd.array(np.empty(0, dtype=number)).dtype


def _number_column(dtype: Any, *columns: pd.Series[Any]) -> Column:
    """Return how columns of numbers that share one type are coded."""
    number = number_type(*columns)
    assert number is not None  # the caller has looked
    if not _is_object(dtype):
        return Column(dtype, number)
    absent = [column[column.isna()] for column in columns]
    missing = next((values.iloc[0] for values in absent if len(values)), np.nan)
    kinds = {kind for column in columns for kind in map(type, column[column.notna()])}
    made: dict[str, Callable[[float], Any]] = {"b": bool, "i": int, "u": int, "f": float}
    make = _decimal if Decimal in kinds else made[number.kind]
    return Column(dtype, number, make=make, missing=missing)


def _decimal(code: float) -> Decimal:
    return Decimal(repr(code))


def _encode_column(
    rows: pd.Series[Any], background: pd.Series[Any]
) -> tuple[FloatArray, FloatArray, Column]:
    if number_type(rows, background) is not None:
        return floats(rows), floats(background), _number_column(rows.dtype, rows, background)
    both = pd.concat([rows, background], ignore_index=True)
    codes, _ = pd.factorize(both, use_na_sentinel=False)
    # The column's own values, as factorize makes nan of a None.
    levels = pd.Index(both.iloc[np.unique(codes, return_index=True)[1]], dtype=both.dtype)
    numbers = codes.astype(np.float64)
    return numbers[: len(rows)], numbers[len(rows) :], Column(both.dtype, levels=levels)


def _with_types(frame: pd.DataFrame, types: list[Any]) -> pd.DataFrame:
    own = [frame.iloc[:, j] for j in range(frame.shape[1])]
    if all(_is_same(column.dtype, dtype) for column, dtype in zip(own, types, strict=True)):
        return frame
    new = {
        j: _cast(column, dtype) for j, (column, dtype) in enumerate(zip(own, types, strict=True))
    }
    typed = pd.DataFrame(new, index=frame.index)
    typed.columns = frame.columns
    return typed


def _cast(column: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    if dtype is None or _is_object(dtype) or number_type(column) is None:
        if isinstance(dtype, pd.CategoricalDtype) and isinstance(column.dtype, pd.CategoricalDtype):
            # astype leaves another order of the same levels as it is.
            return column.cat.set_categories(dtype.categories, ordered=dtype.ordered)
        return column.astype(object if dtype is None else dtype)
    return retyped(column, pd.Series(dtype=dtype))


def _is_same(first: Any, second: Any) -> bool:
    if isinstance(first, pd.CategoricalDtype) and isinstance(second, pd.CategoricalDtype):
        # Equal to pandas also in another order, and then a level has another code.
        return first == second and first.categories.equals(second.categories)
    return bool(first == second)


def _is_text(column: pd.Series[Any]) -> bool:
    if _is_object(column.dtype):
        return pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")
    return pd.api.types.is_string_dtype(column.dtype)


def _levels(column: pd.Series[Any]) -> pd.Index | None:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.dtype.categories
    return pd.Index(column.dropna().unique()) if _is_text(column) else None


def _common_categories(rows: pd.Series[Any], background: pd.Series[Any]) -> Any:
    ours, theirs = _levels(rows), _levels(background)
    if ours is None or theirs is None:
        return None
    for column, levels, others in ((background, theirs, ours), (rows, ours, theirs)):
        if isinstance(column.dtype, pd.CategoricalDtype) and others.isin(levels).all():
            return column.dtype
    ordered = all(getattr(column.dtype, "ordered", True) for column in (rows, background))
    return pd.CategoricalDtype(theirs.append(ours[~ours.isin(theirs)]), ordered=ordered)


def _cells(column: pd.Series[Any]) -> Any:
    dtype: Any = column.dtype
    number = number_type(column)
    if number is None and isinstance(dtype, pd.ArrowDtype | pd.StringDtype):
        return column.astype(object).where(column.notna(), np.nan)
    if number is None or _is_plain(dtype):
        return column
    return floats(column) if column.isna().any() else column.to_numpy(dtype=number)

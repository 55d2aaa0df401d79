"""Tables of any column types as plain numbers, and back as the model was fitted with them.

A method that mixes rows of two tables works on float arrays only. Columns of text,
categories or dates are coded as the positions of their levels and decoded, with
their own types, before the model sees them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray


@dataclass(frozen=True)
class Column:
    """How one column of a DataFrame is coded: by its number, or by its level."""

    dtype: Any
    levels: Any = None

    def decode(self, codes: FloatArray) -> Any:
        """Return the values behind the codes, in the column's own type."""
        if self.levels is not None:
            return self.levels.take(codes.astype(np.intp))
        return codes.astype(self.dtype, copy=False)


@dataclass(frozen=True)
class Coding:
    """How a table is coded; `decode` makes of codes what the model takes."""

    labels: pd.Index | None
    columns: tuple[Column, ...]
    dtype: Any = None

    def decode(self, codes: FloatArray) -> Any:
        """Return codes (n, d) as an array, or as a DataFrame where `labels` are set."""
        if self.labels is None:
            return codes.astype(self.dtype, copy=False)
        if all(column.levels is None and column.dtype == np.float64 for column in self.columns):
            return pd.DataFrame(codes, columns=self.labels, copy=False)
        decoded = {j: column.decode(codes[:, j]) for j, column in enumerate(self.columns)}
        frame = pd.DataFrame(decoded, copy=False)
        frame.columns = self.labels
        return frame


def encode(
    rows: pd.DataFrame | npt.NDArray[Any], background: pd.DataFrame | npt.NDArray[Any]
) -> tuple[FloatArray, FloatArray, Coding]:
    """Return the codes of both tables, and the coding that they share."""
    if isinstance(rows, pd.DataFrame) and isinstance(background, pd.DataFrame):
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
        Coding(None, (), dtype),
    )


def numeric(table: pd.DataFrame | npt.NDArray[Any]) -> FloatArray:
    """Return a table whose columns are all numbers as float64."""
    if isinstance(table, pd.DataFrame):
        return table.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(table, dtype=np.float64)


def is_number_type(dtype: Any) -> bool:
    """Say whether a column type is numpy's bool, int, uint or float."""
    return isinstance(dtype, np.dtype) and dtype.kind in "biuf"


def _encode_column(
    rows: pd.Series[Any], background: pd.Series[Any]
) -> tuple[FloatArray, FloatArray, Column]:
    if is_number_type(rows.dtype) and is_number_type(background.dtype):
        dtype = np.result_type(rows.to_numpy(), background.to_numpy())
        first = rows.to_numpy(dtype=np.float64)
        second = background.to_numpy(dtype=np.float64)
        return first, second, Column(dtype)
    both = pd.concat([rows, background], ignore_index=True)
    codes, levels = pd.factorize(both, use_na_sentinel=False)
    numbers = codes.astype(np.float64)
    return numbers[: len(rows)], numbers[len(rows) :], Column(both.dtype, levels)

"""Rows and background, checked and put in the kind of table that the model was fitted with."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import first_line
from xaikit.core.frames import as_pandas
from xaikit.core.tables import as_array, common_type, floats, number_type
from xaikit.inputs import network_rows as _network_inputs
from xaikit.models.model import Model

MIN_OWN_BACKGROUND = 20
Table = pd.DataFrame | npt.NDArray[Any]


def checked_rows(name: str, value: Any, model: Model) -> Table:
    """Return `value` as a checked table of the kind that the model takes.

    Of a network, images and words too, in an array (n, ...).
    """
    if model.network is not None:
        return _network_inputs.rows(name, value, model.network)
    value = as_pandas(value)
    table: Table = value if isinstance(value, pd.DataFrame) else _array(name, value)
    if len(table) == 0 or table.shape[1] == 0:
        raise ValueError(f"{name} must have at least one row and column; got shape {table.shape}.")
    if model.n_features is not None and table.shape[1] != model.n_features:
        raise ValueError(
            f"{name} must have {model.n_features} columns, as the model was fitted with; "
            f"got {table.shape[1]}{_difference(table, model)}."
        )
    if isinstance(table, pd.DataFrame):
        table = _checked_frame(name, table, model)
    elif model.feature_names is not None:
        # Fitted with names: an array has none, so it is taken in the model's order.
        table = pd.DataFrame(table, columns=list(model.feature_names))
    _check_finite(name, table, model)
    return table


def checked_background(value: Any, explained: Table, model: Model) -> tuple[Table, str]:
    """Return the background as a checked table, and a sentence on where it is from."""
    if value is None:
        if len(explained) < MIN_OWN_BACKGROUND:
            raise ValueError(
                f"background must be given when X has fewer than {MIN_OWN_BACKGROUND} rows; "
                f"got None and {len(explained)} rows in X."
            )
        return explained, f"The background is X itself, all {len(explained)} rows."
    table = checked_rows("background", value, model)
    _check_same_kind(table, explained)
    plural = "row" if len(table) == 1 else "rows"
    return table, f"The background is the {len(table)} {plural} given."


def feature_names(table: Table, model: Model) -> tuple[str, ...]:
    """Return the names of the columns; x0, x1, … where there are none."""
    if isinstance(table, pd.DataFrame):
        return tuple(map(str, table.columns))
    return model.feature_names or tuple(f"x{j}" for j in range(table.shape[1]))


def _array(name: str, value: Any) -> npt.NDArray[Any]:
    if hasattr(value, "toarray"):
        raise TypeError(f"{name} must be dense; got a sparse matrix. Use {name}.toarray().")
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must have rows of one length; got a ragged list.") from None
    if array.ndim != 2:
        hint = f" For one row pass {name}[[0]]." if array.ndim == 1 else ""
        raise ValueError(f"{name} must be 2-D, (n, d); got shape {array.shape}.{hint}")
    if array.dtype == object and number_type(pd.Series(array.ravel())) is not None:
        array = as_array(pd.DataFrame(array))
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must hold numbers; got an array of {array.dtype}. "
            "Text and categories go in a DataFrame."
        )
    return array


def _checked_frame(name: str, frame: pd.DataFrame, model: Model) -> pd.DataFrame:
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise ValueError(f"{name} must have each column once; got {repeated[0]!r} twice.")
    if model.feature_names is not None:
        found = tuple(model.spelled(str(column)) for column in frame.columns)
        wanted = model.feature_names
        if model.by_name:
            found = wanted if sorted(found) == sorted(wanted) else found
        check_names(name, found, wanted, "the model's")
    if model.by_position:
        text = [str(column) for column in frame if number_type(frame[column]) is None]
        if text:
            raise TypeError(
                f"{name} must hold numbers, as the model was fitted with an array; "
                f"got text in {_shorten(text)}."
            )
    return frame


def check_names(name: str, found: tuple[str, ...], wanted: tuple[str, ...], whose: str) -> None:
    """Refuse columns that are not the wanted ones in the wanted order."""
    if found == wanted:
        return
    unknown = [column for column in found if column not in wanted]
    missing = [column for column in wanted if column not in found]
    if unknown or missing:
        raise ValueError(
            f"{name} must have {whose} columns; got unknown {_shorten(unknown)}, "
            f"missing {_shorten(missing)}."
        )
    at = next(i for i, pair in enumerate(zip(found, wanted, strict=True)) if pair[0] != pair[1])
    raise ValueError(
        f"{name} must have its columns in {whose} order; got {found[at]!r} where {wanted[at]!r} "
        f"is expected (column {at})."
    )


def _difference(table: Table, model: Model) -> str:
    if not isinstance(table, pd.DataFrame) or model.feature_names is None:
        return ""
    found = list(map(str, table.columns))
    unknown = [column for column in found if column not in model.feature_names]
    missing = [column for column in model.feature_names if column not in found]
    return f" (unknown {_shorten(unknown)}, missing {_shorten(missing)})"


def _shorten(names: list[str]) -> str:
    if not names:
        return "none"
    return ", ".join(map(repr, names[:5])) + (f" and {len(names) - 5} more" if names[5:] else "")


def _check_finite(name: str, table: Table, model: Model) -> None:
    columns = (
        [(f"column {label!r}", table[label]) for label in table]
        if isinstance(table, pd.DataFrame)
        else [("the array", pd.Series(table.ravel()))]
    )
    missing: dict[str | None, int] = {where: int(column.isna().sum()) for where, column in columns}
    for where, column in columns:
        if number_type(column) is not None and np.isinf(floats(column)).any():
            raise ValueError(f"{name} must be finite; got inf in {where}.")
    first = next((where for where, n in missing.items() if n), None)
    refusal = None if first is None else _refusal_of_missing(table, model)
    if refusal is not None:
        raise ValueError(
            f"{name} must have no missing values, which the model does not take; got "
            f"{missing[first]} nan in {first}. The model says: {refusal}"
        )


def _refusal_of_missing(table: Table, model: Model) -> str | None:
    """Ask the model about rows with missing values; return what it says where it fails."""
    is_missing = np.asarray(pd.isna(table))
    # One row for each column that has some: columns may be taken differently.
    some = np.unique(is_missing.argmax(axis=0)[is_missing.any(axis=0)])
    asked = table.iloc[some] if isinstance(table, pd.DataFrame) else table[some]
    try:
        answer = np.asarray(model.answer(asked))
    except Exception as error:  # whatever a model raises, it is its refusal
        return f"{type(error).__name__}: {first_line(error)}"
    if answer.dtype.kind == "f" and np.isnan(answer).any():
        return "nan is its answer for such a row."
    return None


def _check_same_kind(table: Table, explained: Table) -> None:
    if isinstance(table, pd.DataFrame) != isinstance(explained, pd.DataFrame):
        kinds = [
            "a DataFrame" if isinstance(t, pd.DataFrame) else "an array" for t in (explained, table)
        ]
        raise TypeError(f"background must be {kinds[0]}, as X is; got {kinds[1]}.")
    if table.shape[1] != explained.shape[1]:
        raise ValueError(
            f"background must have {explained.shape[1]} columns, as X has; got {table.shape[1]}."
        )
    if not isinstance(table, pd.DataFrame) or not isinstance(explained, pd.DataFrame):
        return
    check_names(
        "background", tuple(map(str, table.columns)), tuple(map(str, explained.columns)), "X's"
    )
    for column in explained:
        if common_type(explained[column], table[column]) is None:
            raise TypeError(
                f"background must have the column types of X; got {table[column].dtype} for "
                f"{column!r}, which is {explained[column].dtype} in X."
            )

"""The model, the rows and the background behind an explanation, ready to be asked again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.core.explanation import Explanation
from xaikit.core.tables import Coding, encode, number_type, retyped
from xaikit.evaluate import _checks
from xaikit.inputs import coalitions
from xaikit.inputs.rows import check_names, checked_background, checked_rows
from xaikit.models.describe import describe
from xaikit.models.model import Model
from xaikit.models.target import Target, choose_output

# A model answers a little differently for one row than for many (float32, BLAS).
_TOLERANCE = 1e-4
# Parts that cancel, as attributions of opposite signs do, leave the rounding of their sizes.
_ROUNDING = 256 * np.finfo(float).eps


@dataclass(frozen=True)
class Question:
    """What an explanation explains: the same output of the same model for the same rows."""

    target: Target
    coding: Coding
    rows: FloatArray
    background: FloatArray

    def value_function(self, masks: BoolArray) -> FloatArray:
        """Return the mean prediction (n, m) with the features of each mask present."""
        return coalitions.value_function(
            self.target, self.coding, self.rows, self.background, masks
        )


def ask(model: Any, e: Any, background: Any, *, least_features: int = 1) -> Question:
    """Return the question that `e` answers, and refuse a model that answers otherwise."""
    _checks.explanation("e", e, table=True, least_features=least_features)
    described = describe(model, e.data if background is None else background)
    if background is None:
        rows = checked_rows("e.data", e.data, described)
        reference, _ = checked_background(None, rows, described)
    else:
        reference = checked_rows("background", background, described)
        rows = _typed_rows(e, reference, described)
    target = same_output(described, e, rows)
    codes, reference_codes, coding = encode(rows, reference)
    return Question(target, coding, codes, reference_codes)


def same_output(model: Model, e: Explanation, rows: Any) -> Target:
    """Return the output that `e` explains, and refuse a model that gives another."""
    target = choose_output(model, e.output_space, _output(e, model), rows[:1])
    off = np.abs(target(rows) - e.predictions).max()
    size = max(np.abs(e.predictions).max(), np.abs(e.base_values).max())
    if off > _TOLERANCE * size + _ROUNDING * np.abs(e.values).max():
        raise ValueError(
            "model must be the one that e explains; got predictions that differ from "
            f"e.predictions by up to {off:.3g}."
        )
    return target


def _typed_rows(e: Explanation, reference: Any, model: Model) -> Any:
    """Return the explained rows as a table of the kind of the background."""
    if e.data.shape[1] != reference.shape[1]:
        raise ValueError(
            f"background must have the {e.data.shape[1]} columns that e explains; "
            f"got {reference.shape[1]}."
        )
    if not isinstance(reference, pd.DataFrame):
        return checked_rows("e.data", e.data, model)
    names = tuple(map(str, reference.columns))
    if e.feature_names is not None:
        check_names("background", names, e.feature_names, "e's")
    columns = [
        _typed_column(names[j], pd.Series(e.data[:, j]), reference.iloc[:, j])
        for j in range(e.data.shape[1])
    ]
    frame = pd.concat(columns, axis=1)
    frame.columns = reference.columns
    return checked_rows("e.data", frame, model)


def _typed_column(name: str, column: pd.Series[Any], like: pd.Series[Any]) -> pd.Series[Any]:
    dtype: Any = like.dtype
    if number_type(like) is not None:
        if number_type(column) is None:
            raise TypeError(
                f"background must have the column types of the rows that e explains; got "
                f"{dtype} for {name!r}, which holds text in e.data."
            )
        return retyped(column, like)
    if isinstance(dtype, pd.CategoricalDtype):
        unknown = column[column.notna() & ~column.isin(dtype.categories)]
        if len(unknown):
            raise ValueError(
                "background must have the categories of the rows that e explains; got none "
                f"that is {unknown.iloc[0]!r} in {name!r}."
            )
    return column.astype(dtype)


def _output(e: Explanation, model: Model) -> Any:
    """Return the output, as `explain` takes it, that has the name in `e`."""
    if model.kind != "classifier" or model.classes is None:
        column = re.fullmatch(r"output (\d+)", e.output_name)
        return int(column[1]) if column else None
    found = [label for label in model.classes.tolist() if str(label) == e.output_name]
    if len(found) != 1:
        raise ValueError(
            f"model must have the class that e explains, {e.output_name!r}; got the classes "
            f"{', '.join(map(repr, model.classes.tolist()[:10]))}."
        )
    return found[0]

"""Which column goes into each column that a fitted transformer gives, where it is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import FeatureUnion, Pipeline

from xaikit.models.adapters.sklearn.names import own_name

Columns = npt.NDArray[np.intp]

# What gives a column for each that goes in, and reads nothing else for it.
_COLUMN_BY_COLUMN = {
    *("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Binarizer"),
    *("PowerTransformer", "QuantileTransformer", "OrdinalEncoder"),
}


class Mixed(Exception):
    """A transformer whose columns come from several, or of whom it is not known; its name."""


def behind(step: Any, width: int) -> Columns:
    """Return of each column that a step gives the one, of `width`, that it is made of.

    Raises
    ------
    Mixed
        With the name of the step that is in the way, where a column comes from several.
    """
    if step is None or step == "passthrough":
        return np.arange(width)
    name = own_name(step)
    if name in _COLUMN_BY_COLUMN:
        return np.arange(width)
    if hasattr(step, "best_estimator_"):
        return behind(step.best_estimator_, width)
    if isinstance(step, Pipeline):
        return behind_all([each for _, each in step.steps], width)
    if isinstance(step, ColumnTransformer):
        return _of_parts(step, width)
    if isinstance(step, FeatureUnion):
        parts = [each for _, each in step.transformer_list if each != "drop"]
        return np.concatenate([behind(each, width) for each in parts])
    if isinstance(step, SelectorMixin):
        return np.flatnonzero(step.get_support())
    if name in _WIDTHS:
        return np.repeat(np.arange(width), _WIDTHS[name](step, width))
    if name == "SimpleImputer":
        return _imputed(step, width)
    if name == "MissingIndicator":
        return np.asarray(step.features_, dtype=np.intp)
    if name == "FunctionTransformer" and _is_elementwise(step):
        return np.arange(width)
    raise Mixed(type(step).__name__)


def behind_all(steps: list[Any], width: int) -> Columns:
    """Return the same of steps one after another."""
    columns = np.arange(width)
    for step in steps:
        columns = columns[behind(step, len(columns))]
    return columns


def _of_parts(step: ColumnTransformer, width: int) -> Columns:
    """Return the columns of a ColumnTransformer, which puts its parts side by side."""
    found = [np.empty(0, dtype=np.intp)]
    names = getattr(step, "feature_names_in_", None)
    for name, part, columns in step.transformers_:
        own = np.arange(width)[places(columns, names)]
        if part == "drop" or not own.size:
            continue
        own = np.atleast_1d(own)
        if len(own) == 1:
            # Whatever it does, to a column of text too, it does to this column alone.
            place = step.output_indices_[name]
            found.append(np.repeat(own, place.stop - place.start))
        else:
            found.append(own[behind(part, len(own))])
    return np.concatenate(found)


def places(columns: Any, names: Any) -> Any:
    """Return what selects columns by their positions: names are looked up."""
    index = pd.Index([] if names is None else names)
    if isinstance(columns, slice):
        by_name = isinstance(columns.start, str) or isinstance(columns.stop, str)
        return index.slice_indexer(columns.start, columns.stop) if by_name else columns
    if isinstance(columns, str):
        return index.get_loc(columns)
    wanted = np.asarray(columns)
    if not wanted.size:
        return slice(0, 0)
    return index.get_indexer(wanted) if wanted.dtype.kind in "OUT" else columns


def one_hot_widths(step: Any, width: int) -> list[int]:
    """Return how many columns a OneHotEncoder makes of each column that goes in."""
    counts = [len(levels) for levels in step.categories_]
    dropped = [None] * width if step.drop_idx_ is None else step.drop_idx_
    rare = getattr(step, "infrequent_categories_", [None] * width)
    return [
        # All rare levels share one column.
        count - (drop is not None) - (0 if seldom is None else len(seldom) - 1)
        for count, drop, seldom in zip(counts, dropped, rare, strict=True)
    ]


def _target(step: Any, width: int) -> int:
    return len(step.classes_) if step.target_type_ == "multiclass" else 1


def _bins(step: Any, width: int) -> Any:
    return 1 if step.encode == "ordinal" else step.n_bins_


def _splines(step: Any, width: int) -> int:
    return int(step.n_features_out_ // width)


# How many columns in a row each column that goes in becomes.
_WIDTHS = {
    "OneHotEncoder": one_hot_widths,
    "TargetEncoder": _target,
    "KBinsDiscretizer": _bins,
    "SplineTransformer": _splines,
}


def _imputed(step: Any, width: int) -> Columns:
    # A column of which no value was seen is left out.
    empty = np.zeros(width, dtype=bool) if step.keep_empty_features else pd.isna(step.statistics_)
    kept = np.flatnonzero(~empty)
    if not step.add_indicator:
        return kept
    return np.concatenate([kept, np.asarray(step.indicator_.features_, dtype=np.intp)])


def _is_elementwise(step: Any) -> bool:
    function = step.func
    known = isinstance(function, np.ufunc) and (function.nin, function.nout) == (1, 1)
    return function is None or (known and not step.kw_args)

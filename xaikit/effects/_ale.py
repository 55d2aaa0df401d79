"""Accumulated local effects of one feature, and of two together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray, whole_number
from xaikit.core.tables import encode, number_type
from xaikit.effects._categories import by_likeness, category_effects
from xaikit.effects._cells import Change, Grid, filled, mean_by, without_main_effects
from xaikit.effects._effect import CategoryEffect, Effect, PairEffect
from xaikit.inputs.columns import column_names, column_position
from xaikit.inputs.quantiles import distinct_quantiles
from xaikit.inputs.rows import Table, checked_rows
from xaikit.models.describe import describe
from xaikit.models.target import Target, choose_output

# For one feature, and for each of a pair.
_BINS = {1: 20, 2: 10}


@overload
def ale(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    feature: str | int,
    *,
    n_bins: int | None = ...,
    output: Any = ...,
    output_space: str | None = ...,
) -> Effect | CategoryEffect: ...


@overload
def ale(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    feature: tuple[str | int, str | int],
    *,
    n_bins: int | None = ...,
    output: Any = ...,
    output_space: str | None = ...,
) -> PairEffect: ...


def ale(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    feature: str | int | tuple[str | int, str | int],
    *,
    n_bins: int | None = None,
    output: Any = None,
    output_space: str | None = None,
) -> Effect | CategoryEffect | PairEffect:
    """Accumulate the local effect of a feature, or of a pair beyond what each does alone.

    The range of the feature is cut into bins that hold about as many rows each. In each
    bin the rows are moved to its lower and to its upper edge, and the mean change of the
    output is the effect of the bin; the effects are added up along the feature. No row is
    moved further than the edges of its own bin, so where features are correlated the
    model is not asked about rows that do not occur, as it is for partial dependence.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, an XGBoost model, or any
        callable ``f(X)`` that returns (n,) or (n, k).
    X : DataFrame or array-like of shape (n, d)
        Rows as they occur; every one of them is used.
    feature : str, int, or tuple of two of them
        A column of numbers or categories, by name or position. Two columns of numbers
        give the second-order effect: what they do together beyond the sum of what each
        does alone.
    n_bins : int, optional
        The bins of a feature; left out, 20 for one feature and 10 each for a pair. A
        feature of fewer values than n_bins + 1 gets one from each value to the next, and
        the result says so. Where values occur often the counts are uneven.
    output : label or int, optional
        The class label, or the column of a model with several outputs. Left out, the
        second of two classes; of more it must be named.
    output_space : {"prediction", "probability", "log-odds", "score"}, optional
        The scale. Left out, "prediction" for regressors and callables, "probability"
        for classifiers that have it and "score" for the others.

    Returns
    -------
    Effect, CategoryEffect or PairEffect
        The grid or the categories, the values on it and the rows in each bin or cell.

    Raises
    ------
    TypeError
        When `model` is neither fitted estimator nor callable, or `X` holds text outside
        a DataFrame.
    ValueError
        When `X` does not fit the model; when a feature is no column, a date, constant or
        has missing values; when a pair names one column twice or one that is not numeric;
        when an output or scale does not exist.

    Notes
    -----
    The edges are quantiles that occur in the data (the inverse of the empirical
    distribution function, type 1 in R), as in the authors' R package ALEPlot, which merges
    equal ones. A column that is mostly zero would be left with a bin or two over its whole
    tail, so the edges that merging costs are drawn again: as many as are missing, as
    quantiles of the rows whose value is no edge yet, until none is missing or every value
    is an edge. (alibi and the R package ale merge and leave it at that, though alibi takes
    every value of a column that has at most ten.)

    For a linear model the first-order effect is
    ``w (x - mean of x)``, whatever the correlations. For an additive model the
    second-order effect is zero; for ``x1 x2`` with independent features it is
    ``(x1 - m1) (x2 - m2)``.

    Centred so that the piecewise linear effect has mean zero over the rows themselves;
    the authors' R package takes the middle of each bin for the rows in it. A cell without
    rows takes the change per unit of area of the nearest cell that has some (of their
    middles, both features scaled to [0, 1]); it is told by a count of 0. What is read off
    such a cell is a guess.

    Categories without an order of their own are put in one as the authors do: beside each
    other stand those whose rows are alike in the other columns (distances between their
    distributions, put on a line by classical scaling), so that few rows are moved to where
    they do not occur. From one to the next counts the mean change over the rows of both, all
    rows alike. Columns of True and False are numbers here, 0 and 1.

    Taught in: global/effects.

    References
    ----------
    .. [1] Apley, D. W. and Zhu, J. (2020). Visualizing the effects of predictor variables
       in black box supervised learning models. Journal of the Royal Statistical Society
       B 82(4), 1059-1086. https://doi.org/10.1111/rssb.12377

    Examples
    --------
    Two thermometers that agree; the model reads the first.

    >>> import numpy as np
    >>> from xaikit import effects
    >>> t = np.linspace(0, 10, 101)
    >>> X = np.column_stack([t, t])
    >>> def model(X):
    ...     return 2 * X[:, 0] + 100 * (np.abs(X[:, 0] - X[:, 1]) > 2)
    >>> effects.ale(model, X, 0, n_bins=5).to_frame()
       low  high  rows  change
    0  0.0   2.0    21     4.0
    1  2.0   4.0    20     4.0
    2  4.0   6.0    20     4.0
    3  6.0   8.0    20     4.0
    4  8.0  10.0    20     4.0
    """
    if n_bins is not None:
        n_bins = whole_number("n_bins", n_bins, low=1)
    described = describe(model, X)
    rows = checked_rows("X", X, described)
    names = column_names(X, rows, described)
    columns = _columns(feature, names)
    codes, _, coding = encode(rows, rows)
    target = choose_output(described, output_space or described.default_space, output, rows[:1])

    def function(moved: FloatArray) -> FloatArray:
        return target(coding.decode(moved))

    if len(columns) == 1 and _number_type(rows, columns[0]) is None:
        return _of_categories(function, rows, codes, columns[0], names[columns[0]], target)
    most = n_bins or _BINS[len(columns)]
    grids = [_grid(rows, codes, j, names[j], most) for j in columns]
    change = Change(function, codes)
    if len(columns) == 1:
        return replace(_first_order(change, grids[0], names[columns[0]], target), n_bins_asked=most)
    return replace(_second_order(change, grids[0], grids[1], names, target), n_bins_asked=most)


def _columns(feature: Any, names: tuple[str, ...]) -> list[int]:
    if not isinstance(feature, tuple | list):
        return [column_position("feature", feature, names)]
    if len(feature) != 2:
        raise ValueError(f"feature must be one column or a pair; got {len(feature)} columns.")
    pair = [column_position("feature", column, names) for column in feature]
    if pair[0] == pair[1]:
        raise ValueError(f"feature must be a pair of two columns; got {names[pair[0]]!r} twice.")
    return pair


def _column(rows: Table, j: int) -> pd.Series[Any]:
    return pd.Series(rows.iloc[:, j] if isinstance(rows, pd.DataFrame) else rows[:, j])


def _number_type(rows: Table, j: int) -> Any:
    return number_type(_column(rows, j))


def _of_categories(
    function: Callable[[FloatArray], FloatArray],
    rows: Table,
    codes: FloatArray,
    j: int,
    name: str,
    target: Target,
) -> CategoryEffect:
    column = _column(rows, j)
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind in "mM":
        raise ValueError(
            f"feature must be a column of numbers or categories; got {name!r} of type "
            f"{column.dtype}. Give the model, and X, the days since a date instead."
        )
    if column.isna().any():
        raise ValueError(
            f"feature must have no missing values; got {int(column.isna().sum())} in {name!r}. "
            "Name them as a category of their own, or leave those rows out of X."
        )
    if column.nunique() < 2:
        raise ValueError(f"feature must vary in X; got one category in {name!r}.")
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        by_rank = np.argsort(column.cat.codes, kind="stable")
        order = pd.unique(codes[by_rank, j]).astype(np.intp)
    else:
        categorical = [_number_type(rows, k) is None for k in range(codes.shape[1])]
        order = by_likeness(codes, j, np.array(categorical))
    values, counts = category_effects(function, codes, j, order)
    first = [int(np.argmax(codes[:, j] == code)) for code in order]
    return CategoryEffect(
        feature=name,
        categories=tuple(column.iloc[first].tolist()),
        values=values,
        counts=counts,
        output_name=target.name,
        output_space=target.space,
    )


def _grid(rows: Table, codes: FloatArray, j: int, name: str, n_bins: int) -> Grid:
    """Return the bins of a column: quantiles that occur, each once."""
    if _number_type(rows, j) is None:
        raise ValueError(
            f"feature must be a pair of columns of numbers, which have an order; got {name!r} of "
            f"type {_column(rows, j).dtype}."
        )
    values = codes[:, j]
    n_missing = int(np.isnan(values).sum())
    if n_missing:
        raise ValueError(
            f"feature must have no missing values, which have no place in its order; got "
            f"{n_missing} nan in {name!r}. Leave those rows out of X."
        )
    if np.ptp(values) == 0:
        raise ValueError(f"feature must vary in X; got {values[0]:g} in every row of {name!r}.")
    return Grid(j, distinct_quantiles(values, n_bins), values)


def _first_order(change: Change, grid: Grid, name: str, target: Target) -> Effect:
    mean, counts = mean_by(change.of(grid), grid.bins, len(grid.edges) - 1)
    accumulated = np.concatenate([[0.0], np.cumsum(mean)])
    # The mean over the rows themselves, on the straight lines between the edges.
    centre = np.interp(grid.values, grid.edges, accumulated).mean()
    return Effect(
        feature=name,
        grid=grid.edges,
        values=accumulated - centre,
        counts=counts,
        output_name=target.name,
        output_space=target.space,
    )


def _second_order(
    change: Change, a: Grid, b: Grid, names: tuple[str, ...], target: Target
) -> PairEffect:
    k, m = len(a.edges) - 1, len(b.edges) - 1
    mean, counts = mean_by(change.of_pair(a, b), a.bins * m + b.bins, k * m)
    counts = counts.reshape(k, m)
    steps = filled(mean.reshape(k, m), counts, a, b)
    accumulated = np.zeros((k + 1, m + 1))
    accumulated[1:, 1:] = steps.cumsum(axis=0).cumsum(axis=1)
    return PairEffect(
        features=(names[a.column], names[b.column]),
        grids=(a.edges, b.edges),
        values=without_main_effects(accumulated, a, b),
        uncentred=accumulated,
        counts=counts,
        output_name=target.name,
        output_space=target.space,
    )

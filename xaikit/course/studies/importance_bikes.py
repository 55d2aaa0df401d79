"""Importance of the columns of the bike table by seven measures, over ten splits by week."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import GroupShuffleSplit

import xaikit as xk

TWINS = ["temp", "feel_temp"]
MEASURE = "neg_mean_absolute_error"


def absolute_error(y: Any, output: Any) -> Any:
    """Return the loss of each row, in bikes."""
    return np.abs(y - output)


def hours() -> tuple[pd.DataFrame, pd.Series]:
    """Return the columns as numbers with one of random numbers, and the rentals."""
    bike = xk.datasets.bike()
    X = bike.X.apply(lambda c: c.cat.codes if c.dtype == "category" else c).astype(float)
    return X.assign(random=np.random.default_rng(0).normal(size=len(X))), bike.y


def split(X: pd.DataFrame, y: pd.Series, seed: int, n: int = 1500) -> tuple[Any, ...]:
    """Return n hours of some weeks to fit on, and n of the others to test on."""
    weeks = week(X)
    halves = GroupShuffleSplit(1, test_size=0.5, random_state=seed)
    rng = np.random.default_rng(seed)
    fitted, tested = (
        np.sort(rng.choice(rows, n, replace=False)) for rows in next(halves.split(X, groups=weeks))
    )
    return X.iloc[fitted], X.iloc[tested], y.iloc[fitted], y.iloc[tested]


def forest(seed: int = 0) -> RandomForestRegressor:
    """Return the chapter's forest, not fitted."""
    return RandomForestRegressor(50, random_state=seed)


def dropped(columns: list[str], rows: tuple[Any, ...], before: float) -> float:
    """Return the rise of the test error when a new forest does without the columns."""
    A, B, a, b = rows
    refit = forest().fit(A.drop(columns=columns), a)
    return float(mean_absolute_error(b, refit.predict(B.drop(columns=columns)))) - before


def week(X: pd.DataFrame) -> Any:
    """Return the week of each hour, by number."""
    return X.index // 168


def half_widths_by_week(
    model: Any, X: pd.DataFrame, y: Any, repeats: int = 5, draws: int = 1000
) -> list[float]:
    """Return half of a 95% interval of each importance, with whole weeks drawn again.

    A row counts with its own rise and with that of the row that got its value, as in
    `conditional_importance`, whose intervals take every row as independent.
    """
    rng = np.random.default_rng(0)
    _, place = np.unique(week(X), return_inverse=True)
    before, half = absolute_error(y, model.predict(X)), []
    for name in X:
        both = np.zeros(len(X))
        for _ in range(repeats):
            giver = rng.permutation(len(X))
            moved = X.assign(**{str(name): X[name].to_numpy()[giver]})
            rise = absolute_error(y, model.predict(moved)) - before
            both += rise / repeats
            both[giver] += rise / repeats
        sums, rows = np.bincount(place, both), np.bincount(place)
        drawn = rng.integers(0, len(rows), (draws, len(rows)))
        means = sums[drawn].sum(axis=1) / rows[drawn].sum(axis=1)
        half.append(float(1.96 * means.std()))
    return half


def one(X: pd.DataFrame, y: pd.Series, seed: int) -> dict[str, Any]:
    """Return all measures on one split."""
    rows = A, B, a, b = split(X, y, seed)
    model = forest().fit(A, a)
    before = mean_absolute_error(b, model.predict(B))
    options = {"scoring": MEASURE, "random_state": 0}
    on_test = permutation_importance(model, B, b, n_repeats=10, **options)
    on_train = permutation_importance(model, A, a, n_repeats=3, **options)
    over_rows, conditional, pair = (
        xk.importance.conditional_importance(
            model, B, b, features, loss=absolute_error, max_depth=depth, random_state=0,
            n_repeats=10 if depth else 5,
        )
        for features, depth in ((None, 0), (None, 4), ([tuple(TWINS)], 0))
    )  # fmt: skip
    return {
        "r2": model.score(B, b),
        "error": before,
        "impurity": model.feature_importances_.tolist(),
        "training rows": on_train.importances_mean.tolist(),
        "test rows": on_test.importances_mean.tolist(),
        "sd of repeats": on_test.importances_std.tolist(),
        "half width": (over_rows.high - over_rows.values).tolist(),
        "half width by week": half_widths_by_week(model, B, b.to_numpy()),
        "conditional": conditional.values.tolist(),
        "conditional low": conditional.low.tolist(),
        "explained": conditional.explained.tolist(),
        "drop": [dropped([str(name)], rows, before) for name in X],
        "twins together": pair.values.tolist()[0],
        "twins dropped": dropped(TWINS, rows, before),
        # In a table without the random numbers, which every other forest may take up.
        "wind dropped": (
            dropped(["random", "windspeed"], rows, before) - dropped(["random"], rows, before)
        ),
    }


def run() -> dict[str, Any]:
    """Return the measures on ten splits."""
    X, y = hours()
    return {"columns": list(X), "splits": [one(X, y, seed) for seed in range(10)]}

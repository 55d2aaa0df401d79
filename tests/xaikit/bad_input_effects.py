"""Effects that must not come about: see test_bad_input."""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from xaikit import effects

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
FRAME = pd.DataFrame(
    {
        "age": RNG.integers(18, 70, size=60),
        "income": RNG.normal(size=60),
        "job": RNG.choice(["none", "skilled"], size=60),
        "same": 1.0,
    }
)


def first(rows):
    return np.asarray(rows, dtype=float)[:, 0]


def ale(model=first, rows=X, feature=0, **options):
    return lambda: effects.ale(model, rows, feature, **options)


def holding(value):
    rows = X.copy()
    rows[3, 0] = value
    return rows


FITTED_WITH_NAN = HistGradientBoostingRegressor(max_iter=2).fit(holding(np.nan), X[:, 0])
THREE = LogisticRegression().fit(X, np.digitize(X[:, 0], [-0.5, 0.5]))
V, T = ValueError, TypeError
CASES = {
    "no model": (ale(model=3), T, "model", "callable", "3"),
    "an unfitted model": (ale(model=LinearRegression()), V, "model", "fitted"),
    "no rows": (ale(rows=X[:0]), V, "X", "at least one row", r"\(0, 3\)"),
    "one dimension": (ale(rows=X[0]), V, "X", "2-D", r"\(3,\)"),
    "nan": (ale(rows=holding(np.nan)), V, "X", "missing", "1 nan"),
    "inf": (ale(rows=holding(np.inf)), V, "X", "finite", "inf"),
    "nan in the feature": (
        ale(FITTED_WITH_NAN, holding(np.nan)), V, "feature", "missing", "1 nan in 'x0'",
    ),
    "no such position": (ale(feature=3), V, "feature", "'x0', 'x1', 'x2'", "3"),
    "a position from the end": (ale(feature=-1), V, "feature", "-1"),
    "no such name": (ale(feature="age"), V, "feature", "'x0'", "'age'"),
    "a true feature": (ale(feature=True), V, "feature", "True"),
    "no feature": (ale(feature=None), V, "feature", "None"),
    "three features": (ale(feature=(0, 1, 2)), V, "feature", "one column or a pair", "3"),
    "one feature twice": (ale(feature=(0, "x0")), V, "feature", "two columns", "'x0' twice"),
    "a category in a pair": (
        ale(lambda f: f["income"], FRAME, ("age", "job")), V, "feature", "numbers", "'job'",
    ),
    "a constant": (ale(lambda f: f["income"], FRAME, "same"), V, "feature", "vary", "1", "'same'"),
    "no bins": (ale(n_bins=0), V, "n_bins", "at least 1", "0"),
    "half a bin": (ale(n_bins=2.5), T, "n_bins", "whole", "2.5"),
    "a class must be named": (ale(THREE), V, "output", r"\[?0, 1, 2\]?", "None"),
    "no such class": (ale(THREE, output=7), V, "output", "7"),
    "no such scale": (ale(output_space="odds"), V, "output_space", "'odds'"),
    "a scale that does not fit": (ale(output_space="probability"), V, "output_space", "callable"),
    "a model of another shape": (ale(lambda r: r[:2, 0]), V, "model", r"\(n,\)", r"\(1,\)|\(2,\)"),
    "a model of nan": (ale(lambda r: r[:, 0] * np.nan), V, "model", "finite", "nan"),
}  # fmt: skip

"""A straight line on ten splits of the bikes by days: for foundations/glass-box.

How much too narrow the textbook's interval of the temperature is, which takes hours for
independent, against one from drawing whole days again; and what products of the kind of day and
the hour do for the line, beside explainable boosting with one pair.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupShuffleSplit

from xaikit.core.checks import FloatArray
from xaikit.course.studies import glass_sets

WEATHER = ["temp", "humidity", "windspeed", "year", "workingday"]


def design(rows: pd.DataFrame) -> FloatArray:
    """Return the columns of the line: the weather, the year, the kind of day, and 24 hours."""
    return np.column_stack([rows[WEATHER].to_numpy(float), np.eye(24)[rows["hour"]]])


def with_products(rows: pd.DataFrame) -> FloatArray:
    """Return the columns with 24 hours for each kind of day."""
    day_hour = np.eye(48)[24 * rows["workingday"] + rows["hour"]]
    others = [name for name in WEATHER if name != "workingday"]
    return np.column_stack([rows[others].to_numpy(float), day_hour])


def too_narrow(D: FloatArray, target: FloatArray, days: FloatArray) -> float:
    """Return the standard error of the temperature by days over that by the textbook."""
    w = np.linalg.lstsq(D, target, rcond=None)[0]
    left = target - D @ w
    variance = left @ left / (len(D) - D.shape[1])
    textbook = np.sqrt(variance * np.linalg.inv(D.T @ D)[0, 0])
    own = [days == d for d in np.unique(days)]
    grams = np.array([D[mask].T @ D[mask] for mask in own])
    sums = np.array([D[mask].T @ target[mask] for mask in own])
    draws = np.random.default_rng(0).integers(len(own), size=(400, len(own)))
    refits = [np.linalg.solve(grams[k].sum(0), sums[k].sum(0))[0] for k in draws]
    return float(np.std(refits) / textbook)


def run() -> dict[str, Any]:
    """Run the ten splits, those of the study of the four tables."""
    X, y, day = glass_sets.load("bike")
    told: dict[str, Any] = {"splits": []}
    splits = GroupShuffleSplit(glass_sets.SPLITS, test_size=0.25, random_state=0)
    for train, test in splits.split(X, y, day):
        X_train, X_test, y_train, y_test = X.iloc[train], X.iloc[test], y.iloc[train], y.iloc[test]
        ebm = ExplainableBoostingRegressor(
            interactions=1, outer_bags=1, n_jobs=1, random_state=0
        ).fit(X_train, y_train)
        told["splits"].append(
            {
                "too narrow": too_narrow(
                    design(X_train), y_train.to_numpy(float), day.iloc[train].to_numpy()
                ),
                "pair": float(ebm.score(X_test, y_test)),
                "pair found": ebm.term_names_[-1],
            }
            | {
                name: float(
                    LinearRegression().fit(columns(X_train), y_train).score(columns(X_test), y_test)
                )
                for name, columns in {"line": design, "products": with_products}.items()
            }
        )
    return told

"""Twins, a small group and a greenhouse, over ten draws each: for global/importance."""

from __future__ import annotations

from itertools import product
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.tree import DecisionTreeRegressor

import xaikit as xk

DRAWS = 10
SQUARED = {"scoring": "neg_mean_squared_error", "n_repeats": 10, "random_state": 0}


def permuted(model: Any, X: pd.DataFrame, y: Any) -> list[float]:
    """Return the rise of the squared error for each column, permuted by itself."""
    return [float(v) for v in permutation_importance(model, X, y, **SQUARED).importances_mean]


def dropped(model: Any, A: Any, a: Any, B: Any, b: Any, columns: list[list[str]]) -> list[float]:
    """Return the rise of the test error when the model is refitted without some columns."""
    before = mean_squared_error(b, model.predict(B))
    after = []
    for some in columns:
        refit = clone(model).fit(A.drop(columns=some), a)
        after.append(mean_squared_error(b, refit.predict(B.drop(columns=some))))
    return [error - before for error in after]


# Two probes of the same soil.


def plants(seed: int, n: int = 300) -> tuple[pd.DataFrame, pd.Series]:
    """Return two probes of one moisture and the hours of sun, and the growth."""
    rng = np.random.default_rng(seed)
    moisture, sun, noise, *errors = rng.normal(size=(5, n))
    X = pd.DataFrame(
        {"probe A": moisture + 0.1 * errors[0], "probe B": moisture + 0.1 * errors[1], "sun": sun}
    )
    return X, 2 * moisture + 1.5 * sun + 0.5 * noise


def of_twins(seed: int) -> dict[str, Any]:
    """Return what three kinds of model and two measures make of the probes."""
    A, a = plants(seed)
    B, b = plants(1000 + seed)
    out = {}
    for name, model in {
        "ridge": Ridge(),
        "forest": RandomForestRegressor(50, max_features=1, random_state=0),
        "tree": DecisionTreeRegressor(max_depth=4, random_state=0),
    }.items():
        model.fit(A, a)
        columns = [["probe A"], ["probe B"], ["sun"], ["probe A", "probe B"]]
        out[name] = {
            "permuted": permuted(model, B, b),
            "dropped": dropped(model, A, a, B, b, columns),
        }
    return out


# A dose that matters to two patients in a hundred.


def patients(seed: int, n: int, share: float = 0.02) -> tuple[pd.DataFrame, pd.Series]:
    """Return allergy, dose, age and pressure, and who had a reaction."""
    rng = np.random.default_rng(seed)
    allergic = rng.random(n) < share
    dose, age, pressure = rng.normal(size=(3, n))
    log_odds = age + 0.7 * pressure + np.where(allergic, 4 * dose, 0)
    X = pd.DataFrame({"allergic": allergic * 1.0, "dose": dose, "age": age, "pressure": pressure})
    return X, pd.Series((rng.random(n) < 1 / (1 + np.exp(-log_odds))) * 1)


def of_patients(seed: int) -> dict[str, Any]:
    """Return the rise of the log loss over a ward, and over allergic patients only."""
    model = GradientBoostingClassifier(random_state=0).fit(*patients(seed, 5000))
    out = {}
    for name, (X, y) in {
        "ward": patients(1000 + seed, 1000),
        "allergic": patients(2000 + seed, 1000, share=1.0),
    }.items():
        found = xk.importance.conditional_importance(
            model, X, y, max_depth=0, random_state=0, n_repeats=5
        )
        out[name] = {"values": found.values.tolist(), "low": found.low.tolist()}
    return out


# The greenhouse: a cause, its probe, a cause that hardly varies, a consequence, a label.

COLUMNS = ["water", "probe", "lamp", "leaves", "label"]
CAUSES = [2.0, 0.0, 5.0, 0.0, 0.0]  # what one unit more does to the yield


def greenhouse(seed: int, n: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return the five columns, and the yield."""
    rng = np.random.default_rng(seed)
    water, lamp, label, *errors = rng.normal(size=(6, n))
    lamp *= 0.1
    y = 2 * water + 5 * lamp + errors[0]
    columns = [water, water + 0.3 * errors[1], lamp, y + errors[2], label]
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True))), pd.Series(y)


def outputs(f: Any, rows: Any, background: Any) -> tuple[Any, Any]:
    """Return all coalitions and the mean outputs, of shape (2**d, n)."""
    told = np.array(list(product([False, True], repeat=rows.shape[1])))
    mixed = [np.where(S, rows[:, None], background).reshape(-1, rows.shape[1]) for S in told]
    return told, np.array([f(m).reshape(len(rows), -1).mean(axis=1) for m in mixed])


def shapley(told: Any, value: Any) -> Any:
    """Return the Shapley values of a game that is given by all its values."""
    d, place = told.shape[1], {tuple(S): k for k, S in enumerate(told.tolist())}
    phi = []
    for i in range(d):
        out = told[~told[:, i]]
        joined = out | (np.arange(d) == i)
        weight = [1 / (d * comb(d - 1, size)) for size in out.sum(axis=1)]
        at = [[place[tuple(S)] for S in some.tolist()] for some in (joined, out)]
        phi.append(np.tensordot(weight, value[at[0]] - value[at[1]], 1))
    return np.array(phi)


def of_greenhouse(seed: int) -> dict[str, Any]:
    """Return what seven measures say of the columns."""
    A, a = greenhouse(seed, 300)
    B, b = greenhouse(1000 + seed, 2000)
    model = GradientBoostingRegressor(n_estimators=150, random_state=0).fit(A, a)
    few = B[:300].to_numpy()
    told, means = outputs(
        lambda rows: model.predict(pd.DataFrame(rows, columns=COLUMNS)), few, A[:50].to_numpy()
    )
    conditional = xk.importance.conditional_importance(model, B, b, random_state=0)
    return {
        "error": mean_squared_error(b, model.predict(B)),
        "mean size": np.abs(shapley(told, means)).mean(axis=1).tolist(),
        "impurity": model.feature_importances_.tolist(),
        "training rows": permuted(model, A, a),
        "new rows": permuted(model, B, b),
        "conditional": conditional.values.tolist(),
        "dropped": dropped(model, A, a, B, b, [[name] for name in COLUMNS]),
        "global Shapley": shapley(told, -((means - b[:300].to_numpy()) ** 2).mean(axis=1)).tolist(),
    }


def run() -> dict[str, Any]:
    """Return ten draws of each."""
    return {
        "twins": [of_twins(seed) for seed in range(DRAWS)],
        "patients": [of_patients(seed) for seed in range(DRAWS)],
        "greenhouse": [of_greenhouse(seed) for seed in range(DRAWS)],
    }

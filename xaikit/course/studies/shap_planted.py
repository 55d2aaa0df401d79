"""The planted failures of the SHAP chapter, on twenty draws of their data."""

from typing import Any

import numpy as np
import pandas as pd
import shap
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance
from xgboost import XGBRegressor

import xaikit as xk

N_DRAWS = 20


def idle_feature(rng: np.random.Generator) -> dict[str, float]:
    """Fit a forest to 10 A, where B goes with A, and return the size of what B gets."""
    A = rng.integers(0, 2, 400)
    B = np.where(rng.random(400) < 0.9, A, 1 - A)
    pair = pd.DataFrame({"A": A, "B": B}).astype(float)
    seed = int(rng.integers(1000))
    forest = RandomForestRegressor(50, max_features=1, random_state=seed).fit(pair, 10.0 * A)
    corners = pd.DataFrame({"A": [0.0, 0, 1, 1], "B": [0.0, 1, 0, 1]})
    by_path = shap.TreeExplainer(forest).shap_values(corners)[:, 1]
    by_rows = xk.explain(forest, corners, method="tree_shap", background=pair).values[:, 1]
    return {"idle_path": np.abs(by_path).min(), "idle_rows": np.abs(by_rows).max()}


def stand_in(rng: np.random.Generator) -> dict[str, float]:
    """Return bars of part-time work for pay by skill and sex, without and with that of sex."""
    n = 4000
    woman = rng.random(n) < 0.5
    part_time = rng.random(n) < np.where(woman, 0.7, 0.1)
    skill = rng.normal(size=n)
    pay = 2 * skill - 3 * woman + rng.normal(scale=0.5, size=n)
    full = pd.DataFrame({"skill": skill, "part-time": part_time, "woman": woman}).astype(float)
    told = {}
    for name, columns in {"without": ["skill", "part-time"], "with": list(full)}.items():
        rows = full[columns]
        trees = XGBRegressor(
            n_estimators=100, max_depth=3, learning_rate=0.1, n_jobs=1, random_state=0
        ).fit(rows, pay)
        e = xk.explain(trees, rows[:400], method="tree_shap", background=rows[:400])
        told[f"part_time_{name}"] = e.importance()["part-time"]
    return told


def noise(rng: np.random.Generator) -> dict[str, float]:
    """Return how long the bar of a random column is beside a useful one, and its use."""

    def cases(n: int) -> tuple[pd.DataFrame, pd.Series]:
        X = pd.DataFrame(
            {
                "income": rng.normal(size=n),
                "debt": rng.normal(size=n),
                "owner": rng.integers(0, 2, n).astype(float),
                "serial no.": rng.permutation(n) / n,
            }
        )
        spread = rng.normal(scale=1.5, size=n)
        return X, X["income"] - 0.7 * X["debt"] + 0.6 * X["owner"] + spread

    (past, past_y), (new, new_y) = cases(300), cases(3000)
    trees = XGBRegressor(n_estimators=100, max_depth=6, n_jobs=1, random_state=0)
    trees.fit(past, past_y)
    bars = xk.explain(trees, new[:500], method="tree_shap", background=past).importance()
    use = permutation_importance(trees, new, new_y, n_repeats=5, random_state=0)
    return {
        "serial_to_owner": bars["serial no."] / bars["owner"],
        "serial_use": use.importances_mean[3],
        "owner_use": use.importances_mean[2],
        "r2_past": trees.score(past, past_y),
        "r2_new": trees.score(new, new_y),
    }


def run() -> dict[str, Any]:
    """Return what was found, a list over the draws for each finding."""
    draws = []
    for seed in range(N_DRAWS):
        rng = np.random.default_rng(seed)
        found = {**idle_feature(rng), **stand_in(rng), **noise(rng)}
        draws.append({key: round(float(value), 4) for key, value in found.items()})
    return {key: [draw[key] for draw in draws] for key in draws[0]}

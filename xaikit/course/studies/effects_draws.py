"""Curves on ten draws with a planted truth, and on ten splits of the bikes: for global/effects.

Planted: two features that differ by little, an outcome that is x1 plus the square of x2. Three
kinds of model are fitted, and partial dependence and accumulated local effects of x1 are compared
with the truth, a line of slope 1. Bikes: the model of the chapter, fitted to ten random splits.
"""

from __future__ import annotations

from typing import Any

import effector
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.inspection import partial_dependence
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor

import xaikit as xk
from xaikit.core.checks import FloatArray

DRAWS = 10
NUMBERS = ["hour", "workingday", "year", "temp", "feel_temp", "humidity", "windspeed"]
# From the 5th to the 95th percentile or so of x1, which is uniform from 0 to 1.
PLACES = np.linspace(0.05, 0.95, 19)


def correlated(seed: int) -> tuple[FloatArray, FloatArray]:
    """Return 500 rows of two features that differ by 0.05 or so, and their outcomes."""
    rng = np.random.default_rng(seed)
    x1 = rng.uniform(0, 1, 500)
    x2 = x1 + rng.normal(0, 0.05, 500)
    return np.column_stack([x1, x2]), x1 + x2**2 + rng.normal(0, 0.05, 500)


def families(seed: int) -> dict[str, Any]:
    """Return the three kinds of model, not yet fitted."""
    return {
        "forest": RandomForestRegressor(100, min_samples_leaf=3, random_state=seed),
        "boosting": HistGradientBoostingRegressor(max_iter=100, random_state=seed),
        "network": MLPRegressor(
            hidden_layer_sizes=(20,), solver="lbfgs", max_iter=3000, random_state=seed
        ),
    }


def curves(model: Any, X: FloatArray) -> dict[str, FloatArray]:
    """Return both curves of x1 at the places, each with mean 0."""
    found = partial_dependence(model, X, [0], custom_values={0: PLACES})["average"][0]
    ale: Any = xk.effects.ale(model, X, 0, n_bins=20)
    both = {"pd": found, "ale": np.interp(PLACES, ale.grid, ale.values)}
    return {name: values - values.mean() for name, values in both.items()}


def hours() -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return the table of the chapter: numbers as floats, and the season as categories."""
    bike = xk.datasets.bike()
    X = bike.X[["season", *NUMBERS]].astype(dict.fromkeys(NUMBERS, float))
    return X, bike.y


def fitted(X: pd.DataFrame, y: pd.Series[Any]) -> HistGradientBoostingRegressor:
    """Return the model of the chapter."""
    model = HistGradientBoostingRegressor(
        max_iter=200, categorical_features="from_dtype", random_state=0
    )
    return model.fit(X, y)


def regions(model: Any, rows: pd.DataFrame, feature: str) -> effector.Partition:
    """Return the regions that effector finds for a feature."""
    seasons = rows["season"].cat.categories
    coded = rows.assign(season=rows["season"].cat.codes).astype(float)

    def predict(values: FloatArray) -> FloatArray:
        table = pd.DataFrame(values, columns=coded.columns)
        kinds = pd.Categorical.from_codes(table["season"].astype(int), seasons)
        answers: FloatArray = model.predict(table.assign(season=kinds))
        return answers

    kinds = ["nominal", "ordinal", "nominal", "nominal", *["continuous"] * 4]
    schema = effector.Schema(feature_names=list(coded), feature_types=kinds)
    return effector.PDP(coded.to_numpy(), predict, schema=schema).find_regions(feature)


def bikes(split: int) -> dict[str, Any]:
    """Return what the curves of one split say."""
    X, y = hours()
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=split)
    model = fitted(X_train, y_train)
    rows = X_test.sample(500, random_state=0)
    eight = model.predict(rows.assign(hour=8.0))
    works = rows["workingday"].to_numpy() == 1
    cut = regions(model, rows, "hour")
    found = xk.effects.h_statistic(model, X_test, NUMBERS, n_rows=60, random_state=0).to_frame()
    warm = np.array([15.0, 28.0])
    pd_temp = [float(model.predict(rows.assign(temp=t)).mean()) for t in warm]
    ale: Any = xk.effects.ale(model, X_test, "temp")
    ale_temp = np.interp([*warm, ale.grid[-2], ale.grid[-1]], ale.grid, ale.values)
    season: Any = xk.effects.ale(model, X_test, "season")
    low, high = rows["temp"].quantile([0.05, 0.95])
    rise = model.predict(rows.assign(temp=high)) - model.predict(rows.assign(temp=low))
    night = rows["hour"].to_numpy() < 7
    morning = eight > model.predict(rows.assign(hour=14.0))
    first = next(region for region in cut.regions if region.level == 1)
    return {
        "score": float(model.score(X_test, y_test)),
        "eight": float(eight.mean()),
        "eight working": float(eight[works].mean()),
        "eight free": float(eight[~works].mean()),
        "first cut": first.name,
        "heterogeneity": [float(cut.regions[0].heterogeneity), float(
            sum(r.heterogeneity * r.weight for r in cut.regions if r.level == 1)
        )],
        "strongest pair": [found["first"][0], found["second"][0]],
        "pd temp 15 to 28": pd_temp[1] - pd_temp[0],
        "ale temp 15 to 28": float(ale_temp[1] - ale_temp[0]),
        "ale last bin": float(ale_temp[3] - ale_temp[2]),
        "season": list(season.categories),
        "temp rise": [float(rise.mean()), *map(float, np.quantile(rise, [0.05, 0.95]))],
        "temp rise night": float(rise[night].mean()),
        "temp rise day": float(rise[~night].mean()),
        "morning free": float(morning[~works].mean()),
        "morning working": float(morning[works].mean()),
        **off_the_data(model, X, X_test, rows, ale.grid),
    }  # fmt: skip


def off_the_data(
    model: Any, X: pd.DataFrame, X_test: pd.DataFrame, rows: pd.DataFrame, edges: FloatArray
) -> dict[str, float]:
    """Return how many of the questions behind both curves of the temperature no hour asks.

    No hour, or one in a hundred: the two temperatures lie further apart than in 99 of 100 rows.
    Beside it, how far partial dependence moves within the last bin of ALE.
    """
    usual = float((X["temp"] - X["feel_temp"]).abs().quantile(0.99))
    asked = np.linspace(edges[0], edges[-1], 30)
    gap = np.abs(asked[:, None] - rows["feel_temp"].to_numpy())
    bins = np.clip(np.searchsorted(edges, X_test["temp"]) - 1, 0, len(edges) - 2)
    ale_gap = np.abs(np.stack([edges[bins], edges[bins + 1]]) - X_test["feel_temp"].to_numpy())
    hot = [float(model.predict(rows.assign(temp=t)).mean()) for t in asked[asked > edges[-2]]]
    return {
        "impossible pd": float((gap > usual).mean()),
        "impossible ale": float((ale_gap > usual).mean()),
        "pd last bin": max(hot) - min(hot),
    }


def run() -> dict[str, Any]:
    """Run all draws and splits."""
    draws = []
    for seed in range(DRAWS):
        X, y = correlated(seed)
        told = {}
        for name, model in families(seed).items():
            found = curves(model.fit(X, y), X)
            truth = PLACES - PLACES.mean()
            told[name] = {kind: float(np.abs(c - truth).max()) for kind, c in found.items()}
        draws.append(told)
    return {"correlated": draws, "bikes": [bikes(split) for split in range(DRAWS)]}

"""When a glass box is enough, on four tables and ten splits: for foundations/glass-box.

Five models are scored on each split. On the rented bikes it is also counted by how much an
additive model misses a morning off, how well a small tree imitates a forest in each group of
hours, and what a scorecard of whole points loses against its logistic regression.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from xaikit import datasets

SPLITS, DAYS, ROWS = 10, 300, 3000
NOMINAL = ["hour", "weekday", "month"]  # numbers in the table, categories for a line
SEED = {"random_state": 0}
Columns = dict[str, npt.NDArray[np.bool_]]


def load(name: str) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return a table, its outcomes, and which rows must stay together in a split."""
    data = getattr(datasets, name)()
    X, y = data.X, data.y
    if name == "bike":
        day = (X["hour"].diff() < 0).cumsum()
        kept = np.random.default_rng(0).choice(day.nunique(), DAYS, replace=False)
        mask = day.isin(kept)
        return X[mask], y[mask], day[mask]
    X = X.sample(min(ROWS, len(X)), random_state=0)
    return X, y.loc[X.index], pd.Series(np.arange(len(X)), index=X.index)


def models(X: pd.DataFrame, is_class: bool) -> dict[str, Any]:
    """Return the five models by name, unfitted."""
    nominal = [name for name in NOMINAL if name in X]
    numeric = [
        name for name in make_column_selector(dtype_include="number")(X) if name not in nominal
    ]
    categories = make_column_selector(dtype_include="category")(X)
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    scaled = make_column_transformer((StandardScaler(), numeric), (one_hot, nominal + categories))
    raw = make_column_transformer((codes, categories), remainder="passthrough")
    line = LogisticRegression(max_iter=2000) if is_class else Ridge()
    tree = DecisionTreeClassifier if is_class else DecisionTreeRegressor
    boost = HistGradientBoostingClassifier if is_class else HistGradientBoostingRegressor
    ebm = ExplainableBoostingClassifier if is_class else ExplainableBoostingRegressor
    small = {"max_leaf_nodes": 15, "learning_rate": 0.05} if len(X) < 1000 else {}
    return {
        "linear": make_pipeline(scaled, line),
        "tree, depth 4": make_pipeline(raw, tree(max_depth=4, min_samples_leaf=10, **SEED)),
        "additive": ebm(interactions=0, outer_bags=2, n_jobs=1, **SEED),
        "additive + 5 pairs": ebm(interactions=5, outer_bags=2, n_jobs=1, **SEED),
        "boosting": make_pipeline(raw, boost(**small, **SEED)),
    }


def predict(model: Any, X: pd.DataFrame) -> Any:
    """Return probabilities of class 1, or predicted counts."""
    return model.predict_proba(X)[:, 1] if hasattr(model, "predict_proba") else model.predict(X)


def groups(X: pd.DataFrame) -> Columns:
    """Return the groups of hours in which the imitation is judged."""
    off = (X["workingday"] == 0).to_numpy()
    rush = X["hour"].isin([7, 8, 17, 18]).to_numpy()
    return {
        "all hours": np.ones(len(X), dtype=bool),
        "working days": ~off,
        "days off": off,
        "rush hours, days off": off & rush,
        "nights": (X["hour"] <= 5).to_numpy(),
        "rain": X["weather"].isin(["rain", "heavy_rain"]).to_numpy(),
    }


def imitation(parts: tuple[Any, ...], depth: int) -> dict[str, float]:
    """Say how well a tree imitates a forest: R² in each group, on test rows."""
    X_train, X_test, y_train, _ = parts
    codes = make_column_transformer(
        (OrdinalEncoder(), ["season", "weather"]), remainder="passthrough"
    )
    forest = make_pipeline(codes, RandomForestRegressor(40, min_samples_leaf=3, **SEED))
    forest.fit(X_train, y_train)
    tree = make_pipeline(codes, DecisionTreeRegressor(max_depth=depth, **SEED))
    tree.fit(X_train, forest.predict(X_train))
    says, copies = forest.predict(X_test), tree.predict(X_test)
    return {
        name: float(r2_score(says[rows], copies[rows])) for name, rows in groups(X_test).items()
    }


def items(X: pd.DataFrame) -> pd.DataFrame:
    """Return yes-or-no questions about an hour, for a scorecard."""
    hour = X["hour"]
    work = X["workingday"] == 1
    return pd.DataFrame(
        {
            "commuting hour, working day": work & hour.isin([7, 8, 16, 17, 18, 19]),
            "11 to 18 h, day off": ~work & hour.between(11, 18),
            "night, 22 to 6 h": (hour >= 22) | (hour <= 6),
            "second year": X["year"] == 2012,
            "15 °C or more": X["temp"] >= 15,
            "humidity above 80%": X["humidity"] > 0.8,
            "rain or snow": X["weather"].isin(["rain", "heavy_rain"]),
        }
    ).astype(int)


def card(parts: tuple[Any, ...], busy: int = 300) -> dict[str, float]:
    """Return the ROC areas of a logistic regression and of its rounded points."""
    X_train, X_test, y_train, y_test = parts
    line = LogisticRegression(C=1.0, max_iter=1000).fit(items(X_train), y_train >= busy)
    unit = np.abs(line.coef_[0]).min()
    points = np.round(line.coef_[0] / max(unit, 0.4))
    exact = line.decision_function(items(X_test))
    rounded = items(X_test).to_numpy() @ points
    return {
        "logistic": float(roc_auc_score(y_test >= busy, exact)),
        "points": float(roc_auc_score(y_test >= busy, rounded)),
    }


def run() -> dict[str, Any]:
    """Return the scores of each split, and what was counted on the bikes."""
    told: dict[str, Any] = {"scores": {}, "rows": {}, "morning off": [], "imitation": []}
    told |= {"imitation, depth 8": [], "card": []}
    names = {
        "hearts": "Heart disease",
        "diabetes": "Diabetes",
        "arrests": "Arrests",
        "bike": "Bikes",
    }
    for name, title in names.items():
        X, y, together = load(name)
        is_class = y.nunique() == 2
        told["scores"][title] = {kind: [] for kind in models(X, is_class)}
        told["rows"][title] = len(X)
        splits = GroupShuffleSplit(SPLITS, test_size=0.25, random_state=0)
        for train, test in splits.split(X, y, together):
            parts = X.iloc[train], X.iloc[test], y.iloc[train], y.iloc[test]
            morning: dict[str, float] = {}
            for kind, model in models(X, is_class).items():
                says = predict(model.fit(parts[0], parts[2]), parts[1])
                told["scores"][title][kind].append(float(r2_score(parts[3], says)))
                if name == "bike":
                    at = ((parts[1]["hour"] == 8) & (parts[1]["workingday"] == 0)).to_numpy()
                    morning[kind] = float(says[at].mean())
                    morning["rented"] = float(parts[3][at].mean())
            if name == "bike":
                told["morning off"].append(morning)
                told["imitation"].append(imitation(parts, 4))
                told["imitation, depth 8"].append(imitation(parts, 8))
                told["card"].append(card(parts))
    return told

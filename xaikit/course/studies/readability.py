"""What a model that can be read costs in accuracy, on four tables: for foundations/why.

Eight models are scored on the ten splits of a five-fold cross-validation done twice, and
the numbers in each, fitted to all rows of California, are counted.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import RepeatedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    SplineTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from xgboost import XGBClassifier, XGBRegressor

from xaikit import datasets

FOLDS, REPEATS, ROWS = 5, 2, 4000
PLACE = ["Latitude", "Longitude"]
SEED = {"random_state": 0}


class Clip(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Cut each column at the 0.5% and 99.5% quantiles of the training rows."""

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the quantiles."""
        self.low_, self.high_ = np.quantile(X, [0.005, 0.995], axis=0)
        return self

    def transform(self, X: Any) -> Any:
        """Cut the columns."""
        return np.clip(X, self.low_, self.high_)


def load(name: str, leave_out: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    """Return at most 4,000 rows of a table and their outcomes."""
    data = getattr(datasets, name)()
    X = data.X.drop(columns=leave_out)
    X = X.sample(min(ROWS, len(X)), random_state=0)
    return X, data.y.loc[X.index]


def curves(n_knots: int = 6) -> Pipeline:
    """Return a spline for each numeric column."""
    spline = SplineTransformer(n_knots=n_knots, knots="quantile", extrapolation="constant")
    return make_pipeline(Clip(), spline)


def models(is_class: bool) -> dict[str, Pipeline]:
    """Return the seven models by name, unfitted."""
    tree = DecisionTreeClassifier if is_class else DecisionTreeRegressor
    forest = RandomForestClassifier if is_class else RandomForestRegressor
    boost = XGBClassifier if is_class else XGBRegressor
    network = MLPClassifier if is_class else MLPRegressor
    numeric = make_column_selector(dtype_include="number")
    categories = make_column_selector(dtype_include="category")
    one_hot = OneHotEncoder(handle_unknown="ignore", min_frequency=20, sparse_output=False)
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    scale = make_pipeline(Clip(), StandardScaler())
    scaled = make_column_transformer((scale, numeric), (one_hot, categories))
    splined = make_column_transformer((curves(), numeric), (one_hot, categories))
    raw = make_column_transformer(("passthrough", numeric), (codes, categories))

    def line() -> Any:
        return LogisticRegression(max_iter=2000) if is_class else Ridge()

    boosting = {"n_estimators": 150, "learning_rate": 0.08, "max_depth": 4, "subsample": 0.8}
    small = {"hidden_layer_sizes": (32,), "alpha": 1.0, "tol": 1e-3, "max_iter": 2000}
    steps = {
        "linear": (scaled, line()),
        "additive": (splined, line()),
        "tree, 8 leaves": (raw, tree(max_leaf_nodes=8, **SEED)),
        "tree, full": (raw, tree(min_samples_leaf=10, **SEED)),
        "forest": (raw, forest(100, min_samples_leaf=3, max_features=0.4, **SEED)),
        "network": (scaled, network(**small, **SEED)),
        "boosting": (raw, boost(**boosting, min_child_weight=5, n_jobs=1, **SEED)),
    }
    return {name: make_pipeline(*both) for name, both in steps.items()}


def additive_with_map(columns: list[str]) -> Pipeline:
    """Return the additive model of California with a surface over the place."""
    surface = make_pipeline(
        curves(n_knots=10),
        PolynomialFeatures(2, interaction_only=True, include_bias=False),
    )
    rest = [name for name in columns if name not in PLACE]
    return make_pipeline(make_column_transformer((surface, PLACE), (curves(), rest)), Ridge())


def predict(model: Pipeline, X: pd.DataFrame) -> Any:
    """Return probabilities of a class, or predictions of a price."""
    return model.predict_proba(X)[:, 1] if hasattr(model, "predict_proba") else model.predict(X)


def size(model: Pipeline, n_columns: int) -> tuple[int, int]:
    """Return how many numbers a fitted model holds, and pencil steps for one row."""
    last = model[-1]
    if hasattr(last, "get_booster"):
        nodes = last.get_booster().trees_to_dataframe()
        leaves = int((nodes["Feature"] == "Leaf").sum())
        return 3 * leaves - 2 * last.n_estimators, last.n_estimators * last.max_depth
    trees = getattr(last, "estimators_", [last])
    if hasattr(trees[0], "tree_"):
        leaves = sum(int(tree.get_n_leaves()) for tree in trees)
        return 3 * leaves - 2 * len(trees), sum(int(tree.get_depth()) for tree in trees)
    if hasattr(last, "coefs_"):
        weights = sum(part.size for part in (*last.coefs_, *last.intercepts_))
        return weights, weights
    return int(np.size(last.coef_)) + 1, n_columns


def run() -> dict[str, Any]:
    """Return the ten scores of each model on each table, and the sizes on California."""
    tables = {
        "Breast cancer": load("breast_cancer", []),
        "German credit": load("german_credit", ["sex"]),
        "Adult": load("adult", ["fnlwgt"]),
        "California": load("california_housing", []),
    }
    splits = RepeatedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=0)
    scores: dict[str, dict[str, list[float]]] = {}
    for table, (X, y) in tables.items():
        kinds = models(y.nunique() == 2)
        if table == "California":
            kinds["additive + map"] = additive_with_map(X.columns.tolist())
        scores[table] = {kind: [] for kind in kinds}
        for train, test in splits.split(X):
            for kind, model in kinds.items():
                p = predict(model.fit(X.iloc[train], y.iloc[train]), X.iloc[test])
                scores[table][kind].append(float(r2_score(y.iloc[test], p)))
    X, y = tables["California"]
    kinds = {**models(False), "additive + map": additive_with_map(X.columns.tolist())}
    sizes = {kind: size(model.fit(X, y), X.shape[1]) for kind, model in kinds.items()}
    return {"scores": scores, "sizes": sizes}

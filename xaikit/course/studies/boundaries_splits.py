"""How far findings on the breast biopsies depend on the split: for global/decision-boundaries.

On each of twenty splits a logistic regression and a tree are fitted, two slices through the
former are counted, and four kinds of model are refitted twenty times: networks and forests to
the same rows with another seed, logistic regressions and trees to rows drawn anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from xaikit import boundary, datasets
from xaikit.core.checks import FloatArray

SPLITS, REFITS = 20, 20
CANCER = datasets.breast_cancer()
Parts = tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series]


def logistic(seed: int = 0) -> Pipeline:
    """Return a logistic regression on scaled columns; nothing in it is drawn."""
    return make_pipeline(StandardScaler(), LogisticRegression())


def small_tree(seed: int = 0) -> DecisionTreeClassifier:
    """Return the tree of the chapter."""
    return DecisionTreeClassifier(min_samples_leaf=5, random_state=0)


def network(seed: int) -> Pipeline:
    """Return a small network on scaled columns."""
    layer = MLPClassifier((16,), learning_rate_init=0.01, max_iter=1000, random_state=seed)
    return make_pipeline(StandardScaler(), layer)


def forest(seed: int) -> RandomForestClassifier:
    """Return a forest of thirty trees."""
    return RandomForestClassifier(30, random_state=seed)


def leaf_boxes(tree: Any) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    """Return the lower and upper ends of the leaves of a tree, and their answers."""
    nodes, boxes = tree.tree_, []

    def visit(node: int, low: FloatArray, high: FloatArray) -> None:
        if nodes.children_left[node] == -1:
            boxes.append((low, high, nodes.value[node, 0].argmax()))
            return
        j, cut = nodes.feature[node], nodes.threshold[node]
        below, above = high.copy(), low.copy()
        below[j], above[j] = min(high[j], cut), max(low[j], cut)
        visit(nodes.children_left[node], low, below)
        visit(nodes.children_right[node], above, high)

    ends = np.full(nodes.n_features, np.inf)
    visit(0, -ends, ends)
    low, high, answer = (np.array(part) for part in zip(*boxes, strict=True))
    return low, high, answer


def tree_distances(tree: Any, X: pd.DataFrame, unit: FloatArray) -> FloatArray:
    """Return the exact distance of each row to the nearest leaf with another answer."""
    low, high, answer = leaf_boxes(tree)
    rows = X.to_numpy()[:, None]
    steps = np.linalg.norm((np.clip(rows, low, high) - rows) / unit, axis=2)
    other = answer != tree.predict(X)[:, None]
    nearest: FloatArray = np.where(other, steps, np.inf).min(axis=1)
    return nearest


def of_the_line(model: Pipeline, parts: Parts) -> dict[str, float]:
    """Say where a logistic regression errs, and what two slices hide of it."""
    X_train, X_test, _, y_test = parts
    found = boundary.distance(model, X_test, background=X_train)
    says = model.predict(X_test)
    wrong = says != y_test.to_numpy()
    middle = X_train.median()
    told = {
        "malignant": float((says == 0).mean()),
        "errors": float(wrong.sum()),
        "errors in the nearer half": float(
            (found.distances[wrong] < np.median(found.distances)).sum()
        ),
        "farthest error": float(found.distances[wrong].max()),
        "median distance": float(np.median(found.distances)),
        "a measure below zero": float((found.points < 0).any(axis=1).mean()),
    }
    slices: dict[str, tuple[str, str] | str] = {
        "radius and texture": ("mean radius", "mean texture"),
        "principal": "principal",
    }
    for name, features in slices.items():
        plane = boundary.slice_2d(model, X_test, features=features, at=middle)
        shown = plane.predict(plane.flatten())
        told[f"hidden by {name}"] = float((shown != says).mean())
        told[f"malignant in {name}"] = float((shown == 0).sum())
    weights = model[-1].coef_[0]
    pair = [X_train.columns.get_loc(name) for name in ("mean radius", "mean texture")]
    told["stretch"] = float(np.linalg.norm(weights) / np.linalg.norm(weights[pair]))
    return told


def of_the_tree(tree: Any, parts: Parts) -> dict[str, float]:
    """Say how near the boundary a tree gives a row probability 1."""
    X_train, X_test, _, y_test = parts
    far = tree_distances(tree, X_test, X_train.std(ddof=0).to_numpy())
    sure = tree.predict_proba(X_test).max(axis=1) == 1
    wrong = (tree.predict(X_test) != y_test).to_numpy()
    return {
        "accuracy": float(1 - wrong.mean()),
        "errors": float(wrong.sum()),
        "sure and near": float((sure & (far < 0.1)).sum()),
        "sure and wrong": float((sure & wrong).sum()),
        "farthest sure and wrong": float(far[sure & wrong].max(initial=0)),
    }


def refitted(make: Any, parts: Parts, redraw: bool, far: FloatArray) -> dict[str, float]:
    """Refit, and count the test rows that get both answers."""
    X_train, X_test, y_train, y_test = parts
    draws, answers, fits = np.random.default_rng(0), [], []
    for seed in range(REFITS):
        rows = np.arange(len(X_train))
        if redraw:
            rows = draws.integers(len(rows), size=len(rows))
        model = make(seed).fit(X_train.iloc[rows], y_train.iloc[rows])
        answers.append(model.predict(X_test))
        fits.append(model.score(X_train, y_train))
    says = np.array(answers)
    both = says.min(axis=0) != says.max(axis=0)
    right = (says == y_test.to_numpy()).mean(axis=1)
    return {
        "both answers": float(both.sum()),
        "least accurate": float(right.min()),
        "most accurate": float(right.max()),
        "least accurate in training": float(min(fits)),
        "nearest quarter": float((far[both] <= np.quantile(far, 0.25)).sum()),
    }


def run() -> dict[str, Any]:
    """Run all splits and return what was counted on each."""
    told: dict[str, Any] = {"n_test": 0, "line": [], "tree": []}
    makers = {
        "networks, seed": (network, False),
        "forests, seed": (forest, False),
        "logistic, rows": (logistic, True),
        "trees, rows": (small_tree, True),
    }
    told |= {name: [] for name in makers}
    for seed in range(SPLITS):
        parts = train_test_split(
            CANCER.X, CANCER.y, stratify=CANCER.y, test_size=0.3, random_state=seed
        )
        X_train, X_test, y_train, _ = parts
        told["n_test"] = len(X_test)
        line = logistic().fit(X_train, y_train)
        told["line"].append(of_the_line(line, parts))
        told["tree"].append(of_the_tree(small_tree().fit(X_train, y_train), parts))
        far = boundary.distance(line, X_test, background=X_train).distances
        for name, (make, redraw) in makers.items():
            told[name].append(refitted(make, parts, redraw, far))
    return told

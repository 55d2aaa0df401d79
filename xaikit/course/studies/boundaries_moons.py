"""Five families and twelve seeds on half-moons drawn anew: for global/decision-boundaries.

On each of twenty draws of 300 points five families are fitted, and twelve networks, which
differ in their seed alone, to the first 80 points. Where they disagree is measured on the
window that the chapter draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import make_moons
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import xaikit as xk
from xaikit.core.checks import FloatArray

DRAWS, SEEDS = 20, 12
LOW, HIGH = np.array([-2.2, -1.8]), np.array([3.2, 2.2])
START = np.array([0.3, 1.3])


def families() -> dict[str, Any]:
    """Return the five models of the chapter."""
    return {
        "logistic regression": LogisticRegression(),
        "tree": DecisionTreeClassifier(max_depth=5, min_samples_leaf=5, random_state=0),
        "SVM, RBF kernel": SVC(),
        "random forest": RandomForestClassifier(min_samples_leaf=3, random_state=0),
        "network": MLPClassifier(
            (16, 16), solver="lbfgs", alpha=0.01, max_iter=3000, random_state=0
        ),
    }


def window(n: int = 100) -> FloatArray:
    """Return n × n places spread evenly over the window."""
    sides = np.meshgrid(*(np.linspace(low, high, n) for low, high in zip(LOW, HIGH, strict=True)))
    return np.column_stack([side.ravel() for side in sides])


def nearest(places: FloatArray, points: FloatArray) -> FloatArray:
    """Return how far each place is from the nearest of the points."""
    gaps: FloatArray = np.linalg.norm(places[:, None] - points, axis=2).min(axis=1)
    return gaps


def disagree(models: list[Any], points: FloatArray) -> dict[str, float]:
    """Return the share of the window on which models disagree, near the points and far."""
    places = window()
    votes = np.array([model.predict(places) for model in models])
    apart, gap = votes.min(axis=0) != votes.max(axis=0), nearest(places, points)
    return {"near": float(apart[gap < 0.3].mean()), "far": float(apart[gap > 1].mean())}


def run() -> dict[str, Any]:
    """Run all draws and return what was measured on each."""
    told: dict[str, Any] = {"accuracy": [], "families": [], "seeds": [], "ways": []}
    test, test_label = make_moons(2000, noise=0.25, random_state=1000)
    for seed in range(DRAWS):
        points, label = make_moons(300, noise=0.25, random_state=seed)
        models = families()
        ends, lengths = {}, {}
        for name, model in models.items():
            model.fit(points, label)
            way = xk.counterfactual(model, START, background=points, n_samples=1000, random_state=0)
            ends[name], lengths[name] = np.asarray(way.row).ravel(), float(way.distance)
        told["accuracy"].append({n: float(m.score(test, test_label)) for n, m in models.items()})
        told["families"].append(disagree(list(models.values()), points))
        bends = np.array([end for name, end in ends.items() if name != "logistic regression"])
        steps = bends - START
        ways = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
        told["ways"].append(
            {
                "lengths": lengths,
                "largest angle": float(np.ptp(ways)),
                "loneliest end": float(nearest(bends, points).max()),
            }
        )
        few, few_label = points[:80], label[:80]
        networks = [
            MLPClassifier((16,), solver="lbfgs", alpha=0.1, max_iter=3000, random_state=start).fit(
                few, few_label
            )
            for start in range(SEEDS)
        ]
        told["seeds"].append(disagree(networks, few))
    return told

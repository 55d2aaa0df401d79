"""Ten splits of the biopsies: what three tools name for each missed tumour, and how they score."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

import xaikit as xk

N_SPLITS, N_PATIENTS, N_MOVED = 10, 30, 8


def named(e: xk.Explanation) -> dict[str, list[str]]:
    """Return each row's feature of largest size, and the one that lowers the output most."""
    names = np.array(e.feature_names)
    return {
        "largest": names[np.abs(e.values).argmax(axis=1)].tolist(),
        "against": names[e.values.argmin(axis=1)].tolist(),
    }


def scores(
    forest: RandomForestClassifier,
    explainer: Callable[[pd.DataFrame], xk.Explanation],
    patients: pd.DataFrame,
    background: pd.DataFrame,
) -> dict[str, float]:
    """Return four measures that need no truth."""
    e = explainer(patients)
    steady = xk.evaluate.stability(
        explainer, patients.iloc[:N_MOVED], background=background, n_neighbours=5, random_state=0
    )
    fit = xk.evaluate.faithfulness_correlation(forest, e, background=background, random_state=0)
    return {
        "deletion": xk.evaluate.deletion(forest, e, background=background).area,
        "faithfulness": float(fit.values.mean()),
        "entropy": float(xk.evaluate.entropy(e).values.mean()),
        "instability": float(steady.relative_change.mean()),
    }


def split(X: pd.DataFrame, y: pd.Series, seed: int) -> dict[str, Any]:
    """Fit the chapter's forest on one split, explain its misses, and score the tools."""
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=seed)
    forest = RandomForestClassifier(100, min_samples_leaf=3, random_state=0).fit(X_train, y_train)
    background = X_train.sample(100, random_state=0)
    ask = partial(xk.explain, forest, background=background, output=0, output_space="probability")
    explainers = {
        "tree SHAP": partial(ask, method="tree_shap"),
        "LIME": partial(ask, method="lime", random_state=0),
        "occlusion": partial(ask, method="occlusion"),
    }
    malignant = forest.predict_proba(X_test)[:, 0]
    missed = X_test[((y_test == 0) & (malignant < 0.5)).to_numpy()]

    def one_for_all(rows: pd.DataFrame) -> xk.Explanation:
        """Print the forest's impurity importance for everybody."""
        e = explainers["tree SHAP"](rows)
        return replace(e, values=np.tile(forest.feature_importances_, (len(e), 1)))

    tools = explainers | {"LIME, other seed": partial(ask, method="lime", random_state=1)}
    return {
        "patients": missed.index.tolist(),
        "malignant": malignant[X_test.index.isin(missed.index)].round(4).tolist(),
        # The forest misses nobody in some splits.
        "named": {name: named(ask(missed)) for name, ask in tools.items()} if len(missed) else {},
        "scores": {
            name: scores(forest, explain, X_test.iloc[:N_PATIENTS], background)
            for name, explain in (explainers | {"one for all": one_for_all}).items()
        },
    }


def run() -> dict[str, Any]:
    """Return what was named and scored in each split."""
    cancer = xk.datasets.breast_cancer()
    return {"splits": [split(cancer.X, cancer.y, seed) for seed in range(N_SPLITS)]}

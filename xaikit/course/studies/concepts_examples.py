"""Prototypes of digits and influence on a diagnosis, over ten splits: for deep/concepts."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

import xaikit as xk
from xaikit.core.checks import FloatArray

SPLITS, HOW_MANY = 10, 20


def choose(K: FloatArray, m: int) -> list[int]:
    """Choose m prototypes greedily by the maximum mean discrepancy."""
    chosen: list[int] = []
    for size in range(1, m + 1):
        near = K.mean(axis=0)
        alike = 2 * K[:, chosen].sum(axis=1) + np.diag(K)
        gain = 2 * near / size - (alike) / size**2
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
    return chosen


def discrepancy(K: FloatArray, chosen: Any) -> float:
    """Return the squared maximum mean discrepancy between the chosen rows and all."""
    return float(K.mean() - 2 * K[chosen].mean() + K[np.ix_(chosen, chosen)].mean())


def of_digits(seed: int) -> dict[str, Any]:
    """Return how prototypes of one split compare with rows drawn at random."""
    X, y = load_digits(return_X_y=True)
    X, held, y, truth = train_test_split(X / 16, y, train_size=800, stratify=y, random_state=seed)
    K, rng = rbf_kernel(X, gamma=0.1), np.random.default_rng(seed)
    chosen = choose(K, HOW_MANY)

    def score(rows: Any) -> float:
        return float(KNeighborsClassifier(1).fit(X[rows], y[rows]).score(held, truth))

    witness = np.abs(K.mean(axis=0) - K[:, chosen].mean(axis=1))
    critics = witness.argsort()[::-1][:HOW_MANY]
    wrong = KNeighborsClassifier(1).fit(X[chosen], y[chosen]).predict(X) != y
    drawn = [rng.choice(len(X), HOW_MANY, replace=False) for _ in range(200)]
    return {
        "discrepancy": discrepancy(K, chosen),
        "drawn": [discrepancy(K, rows) for rows in drawn],
        "score": score(chosen),
        "drawn_score": [score(rows) for rows in drawn],
        "classes": len(set(y[chosen])),
        "wrong_critics": float(wrong[critics].mean()),
        "wrong_all": float(wrong.mean()),
    }


def of_biopsies(seed: int) -> dict[str, Any]:
    """Return influences on ten held-out biopsies beside refits without each training row."""
    cancer = xk.datasets.breast_cancer()
    X, held, y, _ = train_test_split(
        cancer.X, cancer.y, train_size=200, stratify=cancer.y, random_state=seed
    )
    scaler = StandardScaler().fit(X)
    X, held, y = scaler.transform(X), scaler.transform(held)[:10], np.asarray(y)

    def fit(rows: FloatArray, labels: Any) -> Any:
        return LogisticRegression(tol=1e-8, max_iter=5000).fit(rows, labels)

    model = fit(X, y)
    Z, z = (np.column_stack([rows, np.ones(len(rows))]) for rows in (X, held))
    p = model.predict_proba(X)[:, 1]
    hessian = (Z * (p * (1 - p))[:, None]).T @ Z + np.diag([1.0] * X.shape[1] + [0.0])
    influence = z @ np.linalg.solve(hessian, (Z * (p - y)[:, None]).T)
    refit = np.array(
        [
            fit(np.delete(X, i, 0), np.delete(y, i)).decision_function(held)
            - model.decision_function(held)
            for i in range(len(X))
        ]
    ).T
    nearest = np.linalg.norm(held[:, None] - X, axis=2).argmin(axis=1)
    return {
        "correlation": [
            float(np.corrcoef(pair)[0, 1]) for pair in zip(influence, refit, strict=True)
        ],
        "slope": [float((a @ b) / (b @ b)) for a, b in zip(influence, refit, strict=True)],
        "same_top": int((np.abs(influence).argmax(1) == np.abs(refit).argmax(1)).sum()),
        "nearest_top": int((nearest == np.abs(refit).argmax(1)).sum()),
    }


def run() -> dict[str, Any]:
    """Return what the chapter reads, one entry a split."""
    return {
        "digits": [of_digits(seed) for seed in range(SPLITS)],
        "biopsies": [of_biopsies(seed) for seed in range(SPLITS)],
    }

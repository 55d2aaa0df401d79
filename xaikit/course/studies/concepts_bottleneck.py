"""Bottlenecks on rows whose label has nothing to do with the concepts: for deep/concepts.

The concepts are the signs of two columns, the label is the sign of a third. Whoever knows the
concepts alone is right half of the time, so whatever a bottleneck has beyond that came by
another way. Ten draws; joint training with four weights of the concepts, and sequential.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray

SEEDS, WEIGHTS = 10, (0.3, 1.0, 1.5, 4.0)


def logistic(z: FloatArray) -> FloatArray:
    """Return the probability that belongs to log-odds."""
    return 1 / (1 + np.exp(-z))


def draw(seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return rows, two concepts and the label."""
    X = np.random.default_rng(seed).normal(size=(4000, 6))
    return X, (X[:, :2] > 0).astype(float), (X[:, 2] > 0).astype(float)


def train(
    X: FloatArray, C: FloatArray, y: FloatArray, weight: float, joint: bool, seed: int
) -> list[FloatArray]:
    """Train rows → two concepts → eight units → label by Adam, and return the weights."""
    rng, n = np.random.default_rng(seed), len(X)
    p = [0.1 * rng.normal(size=(X.shape[1], 2)), np.zeros(2)]
    p += [0.5 * rng.normal(size=(2, 8)), np.zeros(8), 0.5 * rng.normal(size=8), np.zeros(1)]
    mean, square = [0 * q for q in p], [0 * q for q in p]
    for t in range(1, 801):
        A, a, U, u, w, b = p
        said = logistic(X @ A + a)
        unit = np.tanh((said - 0.5) @ U + u)
        error = (logistic(unit @ w + b) - y) / n
        back = error[:, None] * w * (1 - unit**2)
        # Sequential training keeps the label's error away from the concepts.
        to_concepts = weight * (said - C) / n + joint * (back @ U.T) * said * (1 - said)
        slopes = [X.T @ to_concepts, to_concepts.sum(0), (said - 0.5).T @ back, back.sum(0)]
        for i, slope in enumerate([*slopes, unit.T @ error, error.sum(keepdims=True)]):
            mean[i] = 0.9 * mean[i] + 0.1 * slope
            square[i] = 0.999 * square[i] + 0.001 * slope**2
            step = (mean[i] / (1 - 0.9**t)) / (np.sqrt(square[i] / (1 - 0.999**t)) + 1e-8)
            p[i] = p[i] - 0.03 * step
    return p


def judge(p: list[FloatArray], X: FloatArray, C: FloatArray, y: FloatArray) -> dict[str, float]:
    """Return shares right: of concepts, label, and label with rounded or true concepts."""
    A, a, U, u, w, b = p
    said = logistic(X @ A + a)

    def right(concepts: FloatArray) -> float:
        return float(((np.tanh((concepts - 0.5) @ U + u) @ w + b > 0) == y).mean())

    return {
        "concepts": float(((said > 0.5) == C).mean()),
        "label": right(said),
        "rounded": right(np.round(said)),
        "corrected": right(C),
    }


def run() -> dict[str, Any]:
    """Return what the chapter reads: by way of training, one entry a draw."""
    found: dict[str, Any] = {}
    for seed in range(SEEDS):
        X, C, y = draw(seed)
        for weight, joint in [*((weight, True) for weight in WEIGHTS), (1.0, False)]:
            p = train(X[:2000], C[:2000], y[:2000], weight, joint, seed)
            name = f"joint {weight:g}" if joint else "sequential"
            found.setdefault(name, []).append(judge(p, X[2000:], C[2000:], y[2000:]))
    return found

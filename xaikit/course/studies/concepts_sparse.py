"""Sparse autoencoders on sixteen known features in eight dimensions: for deep/concepts.

Ten draws of directions and activations. A feature is found if a unit's direction has a cosine
above 0.9 with it, and split if two have.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray

SEEDS, FEATURES, DIMENSIONS, OFTEN = 10, 16, 8, 0.06
SETTINGS = ((16, 0.3), (16, 0.1), (64, 0.3))


def draw_directions(rng: np.random.Generator) -> FloatArray:
    """Return directions of length 1, pushed apart as a training would."""
    D: FloatArray = rng.normal(size=(FEATURES, DIMENSIONS))
    for _ in range(300):
        D /= np.linalg.norm(D, axis=1, keepdims=True)
        overlap = D @ D.T
        np.fill_diagonal(overlap, 0)
        D -= 0.1 * overlap**3 @ D
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    return D


def draw_features(n: int, rng: np.random.Generator) -> FloatArray:
    """Return how strong each feature is in each row: mostly 0, else from 0.5 to 1."""
    strength: FloatArray = rng.uniform(0.5, 1, (n, FEATURES))
    return strength * (rng.random((n, FEATURES)) < OFTEN)


def train(A: FloatArray, units: int, penalty: float, rng: np.random.Generator) -> list[FloatArray]:
    """Train a sparse autoencoder by Adam; return encoder, bias and directions."""
    W = rng.normal(size=(units, A.shape[1]))
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    p = [W.T.copy(), np.zeros(units), W]
    mean, square = [0 * q for q in p], [0 * q for q in p]
    for t in range(1, 3001):
        a = A[rng.integers(len(A), size=256)]
        z = np.maximum(a @ p[0] + p[1], 0)
        miss = z @ p[2] - a
        back = (2 * miss @ p[2].T + penalty) * (z > 0) / 256
        for i, slope in enumerate((a.T @ back, back.sum(0), 2 * z.T @ miss / 256)):
            mean[i] = 0.9 * mean[i] + 0.1 * slope
            square[i] = 0.999 * square[i] + 0.001 * slope**2
            step = (mean[i] / (1 - 0.9**t)) / (np.sqrt(square[i] / (1 - 0.999**t)) + 1e-8)
            p[i] -= 0.01 * step
        p[2] /= np.linalg.norm(p[2], axis=1, keepdims=True)
    return p


def judge(p: list[FloatArray], A: FloatArray, D: FloatArray) -> dict[str, Any]:
    """Return what was found of the directions D."""
    z = np.maximum(A @ p[0] + p[1], 0)
    alive = (z > 0).mean(axis=0) > 1e-4
    cosines = p[2][alive] @ D.T
    return {
        "cosine": cosines.max(axis=0).tolist(),
        "dead": int((~alive).sum()),
        "split": int(((cosines > 0.9).sum(axis=0) > 1).sum()),
        "error": float(((z @ p[2] - A) ** 2).sum(1).mean() / (A**2).sum(1).mean()),
    }


def run() -> dict[str, Any]:
    """Return what the chapter reads: by setting, one entry a draw."""
    found: dict[str, Any] = {"components": []}
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        D = draw_directions(rng)
        A = draw_features(20000, rng) @ D
        components = np.linalg.svd(A - A.mean(0), full_matrices=False)[2]
        found["components"].append(np.abs(components @ D.T).max(axis=0).tolist())
        for units, penalty in SETTINGS:
            p = train(A, units, penalty, rng)
            found.setdefault(f"{units}, {penalty}", []).append(judge(p, A, D))
    return found

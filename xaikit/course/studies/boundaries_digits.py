"""How short a step fools a reader of digits, over ten splits and seeds.

For global/decision-boundaries. On each split a network of one hidden layer is trained with a
seed of its own, DeepFool is run on every test digit, and steps at random, rounded steps and
steps of one size a pixel are tried.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from xaikit import datasets
from xaikit.core.checks import FloatArray

RUNS, RANDOM_STEPS = 10, 100
DIGITS = datasets.digits()


def deepfool(network: Any, x: FloatArray, most_steps: int = 50) -> FloatArray:
    """Step to the nearest tangent plane until another class leads."""
    (W1, W2), (b1, b2) = network.coefs_, network.intercepts_
    own, moved = (np.maximum(x @ W1 + b1, 0) @ W2 + b2).argmax(), x.copy()
    rivals = np.flatnonzero(np.arange(len(b2)) != own)
    for _ in range(most_steps):
        hidden = moved @ W1 + b1
        scores = np.maximum(hidden, 0) @ W2 + b2
        if scores.argmax() != own:
            break
        slopes = (W1 * (hidden > 0)) @ W2
        slopes = (slopes - slopes[:, [own]])[:, rivals]
        gap = (scores[own] - scores)[rivals]
        best = np.argmin(gap / np.linalg.norm(slopes, axis=0))
        moved += 1.02 * gap[best] / (slopes[:, best] ** 2).sum() * slopes[:, best]
    return moved


def signs(network: Any, X: FloatArray) -> FloatArray:
    """Return for each pixel the direction that helps the runner-up against the leader."""
    (W1, W2), (b1, b2) = network.coefs_, network.intercepts_
    hidden = X @ W1 + b1
    order = np.argsort(np.maximum(hidden, 0) @ W2 + b2, axis=1)
    difference = W2.T[order[:, -2]] - W2.T[order[:, -1]]
    direction: FloatArray = np.sign(((hidden > 0) * difference) @ W1.T)
    return direction


def one(seed: int) -> dict[str, float]:
    """Train on one split and measure on its test digits."""
    rng = np.random.default_rng(seed)
    images = DIGITS.X.reshape(len(DIGITS.X), -1)
    train, test, t_train, t_test = train_test_split(
        images, DIGITS.y, stratify=DIGITS.y, random_state=seed
    )
    network = MLPClassifier((64,), solver="lbfgs", max_iter=2000, random_state=seed)
    network.fit(train, t_train)
    reads = network.predict(test)
    fooled = np.array([deepfool(network, x) for x in test])
    steps = np.linalg.norm(fooled - test, axis=1)
    other = [
        np.linalg.norm(train[t_train != t] - x, axis=1).min()
        for x, t in zip(test, t_test, strict=True)
    ]
    by_chance = []
    for _ in range(RANDOM_STEPS):
        noise = rng.normal(size=test.shape)
        noise *= steps[:, None] / np.linalg.norm(noise, axis=1, keepdims=True)
        by_chance.append((network.predict(test + noise) != reads).mean())
    told = {
        "accuracy": float(network.score(test, t_test)),
        "turned": float((network.predict(fooled) != reads).mean()),
        "step": float(np.median(steps)),
        "other digit": float(np.median(other)),
        "random steps": float(np.mean(by_chance)),
    }
    for times in (1, 2):
        levels = np.clip(np.round(16 * (test + times * (fooled - test))) / 16, 0, 1)
        told[f"rounded, {times}"] = float((network.predict(levels) != reads).mean())
    for name, sign in {
        "sign of the gradient": signs(network, test),
        "sign at random": rng.choice([-1.0, 1.0], size=test.shape),
    }.items():
        moved = np.clip(test + 0.1 * sign, 0, 1)
        told[name] = float((network.predict(moved) != reads).mean())
    return told


def run() -> dict[str, Any]:
    """Run all splits."""
    return {"runs": [one(seed) for seed in range(RUNS)]}

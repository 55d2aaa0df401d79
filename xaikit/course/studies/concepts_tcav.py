"""Concept vectors on scans whose stripes, spot and mark have known parts: for deep/concepts.

Ten networks are trained on scans drawn anew. For each, the true effect of a concept is what
redrawing the same scans with and without it does to the output; beside it stand the shares
of positive derivatives of ten concept vectors, those of random concepts, and the usual test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPRegressor

from xaikit.core.checks import FloatArray

CONCEPTS, EFFECTS = ("stripes", "spot", "mark"), np.array([3.0, 1.0, 0.0])
NETWORKS, DRAWS, RANDOM, FAKE, IMAGES = 10, 10, 100, 40, 60


def draw_scans(shown: NDArray[Any], rng: np.random.Generator, side: int = 16) -> FloatArray:
    """Draw scans with stripes, a bright spot and the scanner's mark where `shown` is 1."""
    n, (rows, columns) = len(shown), np.mgrid[:side, :side]
    stripes, spot, mark = (column[:, None, None] for column in np.asarray(shown, float).T)
    phase = rng.integers(0, 4, n)[:, None, None]
    wave = np.sign(np.sin(np.pi * (columns + phase + 0.5) / 2))
    top, left = rng.integers(4, 11, (2, n))[..., None, None]
    disc = (rows - top) ** 2 + (columns - left) ** 2 < 6
    corner = (rows >= 13) & (rows < 15) & (columns >= 12) & (columns < 15)
    grey = 0.4 + 0.15 * stripes * wave + 0.4 * spot * disc + 0.5 * mark * corner
    scans: FloatArray = (grey + 0.08 * rng.normal(size=grey.shape)).reshape(n, -1)
    return scans


def train(seed: int) -> Any:
    """Train a network with two hidden layers on 3,000 scans."""
    rng = np.random.default_rng(seed)
    shown = rng.integers(0, 2, (3000, 3)).astype(float)
    scans, score = draw_scans(shown, rng), shown @ EFFECTS + 0.1 * rng.normal(size=3000)
    network = MLPRegressor(hidden_layer_sizes=(32, 16), learning_rate_init=0.003, random_state=seed)
    for _ in range(60):
        network.partial_fit(scans, score)
    return network


def look_inside(network: Any, scans: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the first layer's activations, and the gradient of the output in them."""
    (W1, W2, w3), (b1, b2, _) = network.coefs_, network.intercepts_
    activations = np.maximum(scans @ W1 + b1, 0)
    return activations, ((activations @ W2 + b2 > 0) * w3[:, 0]) @ W2.T


def concept_vector(shown: FloatArray, others: FloatArray) -> FloatArray:
    """Return the normal of a linear probe, of length 1, towards the examples."""
    labels = np.repeat([1, 0], [len(shown), len(others)])
    probe = LogisticRegression(max_iter=1000).fit(np.vstack([shown, others]), labels)
    normal: FloatArray = probe.coef_[0] / np.linalg.norm(probe.coef_[0])
    return normal


def one_network(seed: int) -> dict[str, Any]:
    """Return effects, shares and tests for one network."""
    network, rng = train(seed), np.random.default_rng(1000 + seed)
    shown = rng.integers(0, 2, (400, 3)).astype(float)
    _, gradient = look_inside(network, draw_scans(shown, rng))

    def draw(column: int | None = None, value: int = 1, with_spot: bool = False) -> FloatArray:
        """Return the activations of scans whose one column has a value, the rest by chance."""
        some = rng.integers(0, 2, (IMAGES, 3)).astype(float)
        if column is not None:
            some[:, column] = value
        if with_spot:
            some[:, 1] = value
        return look_inside(network, draw_scans(some, rng))[0]

    def measure(vector: FloatArray) -> tuple[float, float]:
        along = gradient @ vector
        return float((along > 0).mean()), float(along.mean())

    found: dict[str, Any] = {"r2": float(network.score(draw_scans(shown, rng), shown @ EFFECTS))}
    for j, name in enumerate(CONCEPTS):
        pair = [shown.copy(), shown.copy()]
        pair[0][:, j], pair[1][:, j] = 1, 0
        on, off = (network.predict(draw_scans(s, np.random.default_rng(7))) for s in pair)
        runs = [measure(concept_vector(draw(j, 1), draw(j, 0))) for _ in range(DRAWS)]
        found[name] = {"effect": float((on - off).mean()), "runs": runs}
    found["mark_with_spot"] = [
        measure(concept_vector(draw(2, 1, True), draw(2, 0, True))) for _ in range(DRAWS)
    ]
    both = [
        (concept_vector(draw(2, 1, True), draw(2, 0, True)), concept_vector(draw(1, 1), draw(1, 0)))
        for _ in range(DRAWS)
    ]
    found["mark_with_spot_cosine"] = [float(a @ b) for a, b in both]
    found["random"] = [measure(concept_vector(draw(), draw())) for _ in range(RANDOM)]
    # The usual test: one set of images, ten sets of others, against runs of chance alone.
    chance = np.array([share for share, _ in found["random"]])
    found["usual_p"], found["rank_p"] = [], []
    for _ in range(FAKE):
        images = draw()
        scores = [measure(concept_vector(images, draw()))[0] for _ in range(DRAWS)]
        compared = chance[rng.choice(RANDOM, DRAWS, replace=False)]
        p = ttest_ind(scores, compared, equal_var=False).pvalue
        found["usual_p"].append(1.0 if np.isnan(p) else float(p))
        far = abs(scores[0] - 0.5) <= np.abs(chance - 0.5)
        found["rank_p"].append(float((1 + far.sum()) / (1 + RANDOM)))
    return found


def run() -> dict[str, Any]:
    """Return what the chapter reads, one entry a network."""
    return {"networks": [one_network(seed) for seed in range(NETWORKS)]}

"""What maps of photographs show: over seven photographs, and over ten draws of weights.

For deep/saliency. A network with weights learned on ImageNet is asked about seven photographs;
of one, its maps are compared with those of ten networks whose weights are drawn anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import spearmanr

import xaikit as xk
from xaikit.core.checks import FloatArray

NAMES = ("astronaut", "camera", "chelsea", "china", "coffee", "flower", "rocket")
N_DRAWS = 10
STEPS = (16, 48, 144)
METHODS: dict[str, dict[str, Any]] = {
    "gradient": {},
    "smoothgrad": {"random_state": 0, "n_samples": 25},
    "integrated_gradients": {"n_steps": 48},
    "grad_cam": {"layer": "top_activation"},
    "occlusion": {"patch_size": 32, "stride": 16},
}


def explained(network: Any, picture: Any, method: str, output: int, **options: Any) -> Any:
    """Explain the score of one class."""
    return xk.explain(
        network, picture, method=method, output=output, output_space="score",
        **{**METHODS[method], **options},
    )  # fmt: skip


def blocks(e: Any) -> FloatArray:
    """Return a map (56, 56): the sum over colours and blocks of 4 × 4 pixels."""
    found: FloatArray = e.values[0].sum(axis=2).reshape(56, 4, 56, 4).sum(axis=(1, 3))
    return found


def alike(one: FloatArray, other: FloatArray) -> float:
    """Return the correlation of two maps, pixel by pixel."""
    return round(float(np.corrcoef(one.ravel(), other.ravel())[0, 1]), 3)


def ranks_alike(one: FloatArray, other: FloatArray) -> float:
    """Return the rank correlation of two maps; a map that is empty is like none."""
    if np.ptp(other) == 0:
        return 0.0
    return round(float(spearmanr(one.ravel(), other.ravel()).statistic), 3)


def of_photograph(network: Any, picture: Any) -> dict[str, Any]:
    """Compare the maps of the two likeliest classes, and see how far the integral is right."""
    probabilities = network(picture, training=False).numpy()[0]
    first, second = (int(i) for i in probabilities.argsort()[::-1][:2])
    pairs = {}
    for method in METHODS:
        maps = [blocks(explained(network, picture, method, output)) for output in (first, second)]
        pairs[method] = alike(*maps)
    missed = {}
    for n_steps in STEPS:
        e = explained(network, picture, "integrated_gradients", first, n_steps=n_steps)
        gap = float(e.predictions[0] - e.base_values[0])
        missed[str(n_steps)] = round((gap - float(e.values.sum())) / abs(gap), 5)
    return {
        "classes": [first, second],
        "probabilities": [round(float(probabilities[i]), 4) for i in (first, second)],
        "pairs": pairs,
        "missed": missed,
    }


def forgotten(network: Any, picture: Any, output: int) -> list[dict[str, dict[str, float]]]:
    """Compare the maps of one class with those of networks that have learned nothing."""
    trained = {m: blocks(explained(network, picture, m, output)) for m in METHODS}
    found = []
    for seed in range(N_DRAWS):
        fresh = xk.networks.efficientnet_lite0(weights="drawn", random_state=seed)
        scores: dict[str, dict[str, float]] = {}
        for method, before in trained.items():
            after = blocks(explained(fresh, picture, method, output))
            scores[method] = {
                "sizes": ranks_alike(np.abs(before), np.abs(after)),
                "signed": ranks_alike(before, after),
            }
        found.append(scores)
    return found


def run() -> dict[str, Any]:
    """Return what each photograph and each draw showed."""
    network = xk.networks.efficientnet_lite0()
    pictures = {n: xk.networks.centre_crop(xk.datasets.photograph(n).X) for n in NAMES}
    espresso = xk.networks.imagenet_classes().index("espresso")
    return {
        "photographs": {n: of_photograph(network, p) for n, p in pictures.items()},
        "forgotten": forgotten(network, pictures["coffee"], espresso),
    }

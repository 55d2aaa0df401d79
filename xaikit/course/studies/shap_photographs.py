"""Owen values of photographs, with missing regions filled in three ways: for local/shap."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.stats
import shap
from numpy.typing import NDArray

import xaikit as xk

NAMES = ("camera", "chelsea", "china", "coffee", "flower", "rocket")
CALLS = 300  # what the explainer may ask of the network
SIDE = 32  # pixels of a square, 7 x 7 of which make the picture


def blanks(picture: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return what stands for a missing region: a blurred copy, grey, black."""
    return {
        "blurred": scipy.ndimage.gaussian_filter(picture, (20, 20, 0)),
        "grey": np.full_like(picture, 0.5),
        "black": np.zeros_like(picture),
    }


def squares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums over 49 squares of a map of 224 x 224 pixels in three channels."""
    sums: NDArray[np.float64] = values.reshape(7, SIDE, 7, SIDE, 3).sum(axis=(1, 3, 4)).ravel()
    return sums


def one(network: Any, name: str) -> dict[str, Any]:
    """Explain the class that the network names, against each blank."""
    picture = xk.networks.centre_crop(xk.datasets.photograph(name).X)[0]
    scores = network(picture[None]).numpy()[0]
    named = int(scores.argmax())

    def output(pictures: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(network(pictures).numpy()[:, named], dtype=float)

    output_here = float(scores[named])
    maps: dict[str, NDArray[np.float64]] = {}
    told: dict[str, Any] = {"output": output_here, "base": {}, "residual": {}}
    for blank, filled in blanks(picture).items():
        explainer = shap.PartitionExplainer(output, shap.maskers.Image(filled))
        e = explainer(picture[None], max_evals=CALLS, batch_size=20, silent=True)
        base = float(output(filled[None])[0])
        maps[blank] = squares(e.values[0])
        told["base"][blank] = round(base, 4)
        told["residual"][blank] = abs(float(e.values.sum()) - output_here + base)
    pairs = list(combinations(maps, 2))
    told["rank"] = [
        round(float(scipy.stats.spearmanr(maps[a], maps[b]).statistic), 4) for a, b in pairs
    ]
    told["same_first"] = [bool(maps[a].argmax() == maps[b].argmax()) for a, b in pairs]
    told["maps"] = {blank: values.round(4).tolist() for blank, values in maps.items()}
    return {**told, "class": xk.networks.imagenet_classes()[named]}


def run() -> dict[str, Any]:
    """Return what was found, one entry for each photograph."""
    network = xk.networks.efficientnet_lite0()
    # The explainer orders ties by the generator of all of NumPy.
    state = np.random.get_state()  # noqa: NPY002 - the library offers no other way
    np.random.seed(0)  # noqa: NPY002
    try:
        return {name: one(network, name) for name in NAMES}
    finally:
        np.random.set_state(state)  # noqa: NPY002

"""LIME of a photograph by two segmentations and two fills, ten seeds each: for local/lime.

What LIME's own picture shows, the five patches that speak most for the class, is kept by their
numbers; the page cuts the photograph again and compares the pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ["TQDM_DISABLE"] = "1"  # LIME for images draws a progress bar

import numpy as np
from lime.lime_image import LimeImageExplainer
from lime.wrappers.scikit_image import SegmentationAlgorithm
from numpy.typing import NDArray

import xaikit as xk

N_SEEDS, N_SAMPLES, SHOWN = 10, 200, 5
SETTINGS: dict[str, tuple[str, float | None]] = {
    "quickshift, mean": ("quickshift", None),
    "quickshift, grey": ("quickshift", 0.5),
    "SLIC, mean": ("SLIC", None),
}

Pixels = NDArray[np.float64]
Segments = NDArray[np.int_]


def photograph() -> Pixels:
    """Return the cup of coffee as the network takes it, (224, 224, 3) in [0, 1]."""
    cut = xk.networks.centre_crop(xk.datasets.photograph("coffee").X)
    return np.asarray(cut[0], dtype=np.float64)


def segmentations(image: Pixels) -> dict[str, Segments]:
    """Return the patches of LIME's default, quickshift, and those of SLIC."""
    default = SegmentationAlgorithm("quickshift", kernel_size=4, max_dist=200, ratio=0.2)
    slic = SegmentationAlgorithm("slic", n_segments=50, start_label=0)
    return {"quickshift": default(image), "SLIC": slic(image)}


def kept(image: Pixels, segments: Segments, patches: list[int], fill: float | None) -> Pixels:
    """Return the photograph with all but some patches hidden, as LIME hides them."""
    out = np.full_like(image, 0.0 if fill is None else fill)
    for patch in np.unique(segments):
        inside = segments == patch
        if patch in patches:
            out[inside] = image[inside]
        elif fill is None:
            out[inside] = image[inside].mean(axis=0)
    return out


def one(
    predict: Callable[[Any], NDArray[np.float64]],
    image: Pixels,
    segments: Segments,
    fill: float | None,
    seed: int,
) -> dict[str, Any]:
    """Return the five patches of one run, its fit, and what the network says of them alone."""
    told = LimeImageExplainer(random_state=seed).explain_instance(
        image,
        predict,
        labels=(0,),
        top_labels=None,
        hide_color=fill,
        num_samples=N_SAMPLES,
        batch_size=50,
        segmentation_fn=lambda _: segments,
    )
    five = [int(patch) for patch, weight in told.local_exp[0] if weight > 0][:SHOWN]
    rng = np.random.default_rng(seed)
    any_five = rng.choice(np.unique(segments), SHOWN, replace=False).tolist()
    alone = predict(np.stack([kept(image, segments, p, fill) for p in (five, any_five)]))[:, 0]
    return {
        "five": five,
        "r2": round(float(told.score), 4),
        "line": round(float(np.ravel(told.local_pred)[0]), 4),
        "five alone": round(float(alone[0]), 4),
        "any five alone": round(float(alone[1]), 4),
    }


def run() -> dict[str, Any]:
    """Return ten runs for each segmentation and fill."""
    network = xk.networks.efficientnet_lite0()
    espresso = xk.networks.imagenet_classes().index("espresso")

    def predict(images: Any) -> NDArray[np.float64]:
        answers = network(np.asarray(images, dtype=np.float32), training=False)
        return np.asarray(answers)[:, [espresso]].astype(np.float64)

    image = photograph()
    patches = segmentations(image)
    return {
        "whole": round(float(predict(image[None])[0, 0]), 4),
        "patches": {name: len(np.unique(segments)) for name, segments in patches.items()},
        "runs": {
            setting: [one(predict, image, patches[cut], fill, seed) for seed in range(N_SEEDS)]
            for setting, (cut, fill) in SETTINGS.items()
        },
    }

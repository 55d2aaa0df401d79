"""Stripes and a cat, ten times: for deep/concepts.

The page asks a pretrained network once whether stripes raise its score of a cat. Here the stripes,
the pieces of other photographs and the pieces of the cat are drawn ten times, the first time as on
the page. There is one photograph of a cat, so what is new each time is the examples, not the cat.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import xaikit as xk
from xaikit.core.checks import FloatArray
from xaikit.course.studies.concepts_tcav import concept_vector

DRAWS, RANDOM, LAYER, CLASS = 10, 100, "block5c_add", "Egyptian cat"
OTHERS = ("astronaut", "camera", "china", "coffee", "flower", "rocket")

Pictures = NDArray[np.float32]


def crops(names: tuple[str, ...], n: int, rng: np.random.Generator) -> Pictures:
    """Return pieces of 224 × 224 pixels of photographs."""
    found = []
    for name in rng.choice(names, n):
        photo = xk.datasets.photograph(name).X[0]
        top, left = rng.integers(0, np.array(photo.shape[:2]) - 223)
        found.append(photo[top : top + 224, left : left + 224])
    return np.array(found, dtype="float32")


def draw_stripes(n: int, rng: np.random.Generator) -> Pictures:
    """Return stripes of any angle, width and pair of colours."""
    y, x = np.mgrid[:224, :224]
    found = []
    for angle, width in rng.uniform([0, 8], [np.pi, 20], (n, 2)):
        wave = np.sin(np.pi * (x * np.cos(angle) + y * np.sin(angle)) / width)
        found.append(np.where(wave[..., None] > 0, *rng.random((2, 3))))
    return np.array(found, dtype="float32")


class Network:
    """A pretrained network, cut at one layer."""

    def __init__(self) -> None:
        whole = xk.networks.efficientnet_lite0()
        layer = whole.get_layer(LAYER).output
        self.lower = keras.Model(whole.input, layer)
        self.upper = keras.Model(layer, whole.get_layer("avg_pool").output)
        column = xk.networks.imagenet_classes().index(CLASS)
        self.of_class = whole.get_layer("predictions").kernel[:, column]

    def look(self, pictures: Pictures) -> FloatArray:
        """Return the layer's activations, (n, 14, 14, 112)."""
        seen: FloatArray = self.lower.predict(pictures, batch_size=34, verbose=0)
        return seen

    def slopes(self, maps: FloatArray) -> FloatArray:
        """Return the gradient of the class's score, summed over the places, (n, 112)."""
        inside = tf.Variable(maps)
        with tf.GradientTape() as tape:
            score = tf.reduce_sum(self.upper(inside) * self.of_class, axis=1)
        found: FloatArray = tape.gradient(score, inside).numpy().sum(axis=(1, 2))
        return found


def one_draw(network: Network, seed: int) -> dict[str, Any]:
    """Return the share that stripes get, and those of random concepts."""
    rng = np.random.default_rng(seed)
    stripes, cats = draw_stripes(20, rng), crops(("chelsea",), 8, rng)
    maps = network.look(np.concatenate([stripes, crops(OTHERS, 40, rng), cats]))
    striped, plain = maps[:20].mean((1, 2)), maps[20:60].mean((1, 2))
    gradient = network.slopes(maps[60:])

    def share(shown: FloatArray, others: FloatArray) -> float:
        return float(((gradient @ concept_vector(shown, others)) > 0).mean())

    deals = [rng.permutation(40) for _ in range(RANDOM)]
    return {
        "stripes": share(striped, plain[:20]),
        "random": [share(plain[deal[:20]], plain[deal[20:]]) for deal in deals],
    }


def run() -> dict[str, Any]:
    """Return what the chapter reads, one entry a draw."""
    network = Network()
    return {"draws": [one_draw(network, seed) for seed in range(DRAWS)]}

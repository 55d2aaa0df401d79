"""Integrated gradients against tf-explain, and the memory of many large images."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.measure import Pair

CLASSES = 10
STEPS = 10  # tf-explain's own number
LARGE = "integrated gradients: 1 class, 64 images of 224×224×3, 10 steps, tf-explain one by one"


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    what, how = "integrated gradients: 10 classes, ", "10 steps, tf-explain"
    yield f"{what}1 image of 28×28, {how}, a new small network", new_small
    yield f"{what}1 image of 96×96×3, {how}, a new MobileNetV2", new_mobile
    yield f"{what}8 images of 28×28, {how}, a small network known to both", known_small
    yield LARGE, large


def small(side: int, channels: int) -> Any:
    """Return a functional network of three convolutions, which tf-explain takes too."""
    from xaikit import networks

    return networks.cnn((side, side, channels), CLASSES, random_state=0)


def mobile() -> Any:
    """Return a network as deep as those that are in use, with drawn weights.

    With the statistics of data in it, as training leaves them: without, what goes in fades
    away on so long a way, and all that comes out is 0.1.
    """
    import keras

    shape = (96, 96, 3)
    model = keras.applications.MobileNetV2(shape, alpha=0.35, weights=None, classes=CLASSES)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # those of one batch, whole
    model(images(4, 96, 3), training=True)
    return model


def new_small() -> Pair:
    return ten_classes(images(1, 28, 1), lambda: small(28, 1), repeats=5)


def new_mobile() -> Pair:
    return ten_classes(images(1, 96, 3), mobile, repeats=3)


def known_small() -> Pair:
    model = small(28, 1)
    return ten_classes(images(8, 28, 1), lambda: model, repeats=5)


def images(n: int, side: int, channels: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.uniform(size=(n, side, side, channels)).astype(np.float32)


def ten_classes(X: np.ndarray, make: Callable[[], Any], repeats: int) -> Pair:
    """Explain every class; where `make` makes a new network, compiling it is in the work.

    The networks are made ahead: one for each side to warm up on, and those that are timed.
    """
    # The two sides of a turn explain the same one; neither compiles for the other.
    mine, theirs = [make() for _ in range(repeats + 1)], []

    def ours() -> np.ndarray:
        theirs.append(mine.pop())
        return np.stack([explained(theirs[-1], X, k) for k in range(CLASSES)])

    def peer() -> np.ndarray:
        model = theirs.pop() if theirs else mine.pop()
        return np.stack([slopes(model, X, k) * X for k in range(CLASSES)])

    return Pair(ours, peer, repeats)


def large() -> Pair:
    """Explain images of which tf-explain would hold every point of every path at once."""
    X, model = images(64, 224, 3), small(224, 3)

    def peer() -> np.ndarray:
        return np.concatenate([slopes(model, x[None], 0) * x for x in X])

    return Pair(lambda: explained(model, X, 0), peer, repeats=1)


def explained(model: Any, X: np.ndarray, k: int) -> np.ndarray:
    import xaikit as xk

    return xk.explain(model, X, method="integrated_gradients", output=k, n_steps=STEPS).values


def slopes(model: Any, X: np.ndarray, k: int) -> np.ndarray:
    """Return what tf-explain draws its picture from, at our points and not at its own.

    To the last bit: a deep network with drawn weights has a kink between one float and the
    next.
    """
    from tf_explain.core import IntegratedGradients as Peer

    middles = ((np.arange(STEPS) + 0.5) / STEPS).astype(np.float32)
    points = (X[:, None] * middles[:, None, None, None]).reshape(-1, *X.shape[1:])
    return np.asarray(Peer.get_integrated_gradients(points, model, k, STEPS))

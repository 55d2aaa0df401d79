"""Calls of planted images and small networks that must fail: see test_bad_input."""

from types import SimpleNamespace

import numpy as np

from xaikit import datasets, networks


def shapes(**options):
    return lambda: datasets.planted_shapes(**options)


def watermark(**options):
    return lambda: datasets.planted_watermark(**options)


def corner(**options):
    return lambda: datasets.planted_corner(**options)


def cnn(shape=(8, 8, 1), n_classes=2, **options):
    return lambda: networks.cnn(shape, n_classes, **{"random_state": 0, **options})


def fit(X=None, y=None, *, model=None, **options):
    def call():
        rows = np.zeros((4, 8, 8, 1)) if X is None else X
        classes = np.array([0, 1, 0, 1]) if y is None else y
        network = networks.cnn((8, 8, 1), 2, random_state=0) if model is None else model
        networks.fit(network, rows, classes, **{"epochs": 1, "random_state": 0, **options})

    return call


NAN = np.full((4, 8, 8, 1), np.nan)
V, T = ValueError, TypeError
CASES = {
    "no images": (shapes(n_samples=0), V, "n_samples", "at least 1", "0"),
    "half an image": (shapes(n_samples=2.5), T, "n_samples", "whole", "2.5"),
    "images too small": (shapes(size=15), V, "size", "at least 16", "15"),
    "one class": (shapes(n_classes=1), V, "n_classes", "2 to 4", "1"),
    "too many classes": (shapes(n_classes=5), V, "n_classes", "2 to 4", "5"),
    "two channels": (shapes(n_channels=2), V, "n_channels", "1.*3", "2"),
    "four channels": (watermark(n_channels=4), V, "n_channels", "1 to 3", "4"),
    "noise below nothing": (watermark(noise=-1), V, "noise", "at least 0", "-1"),
    "noise in words": (shapes(noise="much"), T, "noise", "number", "str"),
    "a leak in words": (watermark(leak="yes"), T, "leak", "True or False", "'yes'"),
    "an agreement above 1": (corner(agreement=1.5), V, "agreement", "at most 1", "1.5"),
    "a seed below 0": (corner(random_state=-1), V, "random_state", "at least 0", "-1"),
    "a flat input": (cnn((8, 8)), V, "input_shape", "height, width, channels", r"\(8, 8\)"),
    "an input without width": (cnn((8, 0, 1)), V, "input_shape's width", "at least 1", "0"),
    "an input in words": (cnn(("8", 8, 1)), T, "input_shape's height", "whole", "'8'"),
    "a network of one class": (cnn(n_classes=1), V, "n_classes", "at least 2", "1"),
    "another kind": (cnn(kind="subclass"), V, "kind", "functional.*sequential", "subclass"),
    "no network": (fit(model=SimpleNamespace()), T, "model", "Keras", "SimpleNamespace"),
    "images of nan": (fit(NAN), V, "X", "finite", "nan"),
    "images in words": (fit(np.full((4, 8, 8, 1), "a")), T, "X", "numbers", "<U1"),
    "ragged images": (fit([[1.0], [1.0, 2.0]]), V, "X", "one shape", "ragged"),
    "no rows": (fit(np.zeros((0, 8, 8, 1))), V, "X", "at least one row", r"\(0, 8, 8, 1\)"),
    "images without channels": (fit(np.zeros((4, 8, 8))), V, "X", r"\(8, 8, 1\)", r"\(8, 8\)"),
    "images of another size": (
        fit(np.zeros((4, 9, 8, 1))),
        V,
        "X",
        r"\(8, 8, 1\)",
        r"\(9, 8, 1\)",
    ),
    "classes as floats": (fit(y=np.zeros(4)), T, "y", "whole", "float64"),
    "too few classes": (fit(y=[0, 1]), V, "y", r"\(4,\)", r"\(2,\)"),
    "a class without output": (fit(y=[0, 1, 2, 1]), V, "y", "0 to 1", "2"),
    "a class below 0": (fit(y=[0, 1, -1, 1]), V, "y", "0 to 1", "-1"),
    "no epochs": (fit(epochs=0), V, "epochs", "at least 1", "0"),
    "a batch of nothing": (fit(batch_size=0), V, "batch_size", "at least 1", "0"),
    "steps backwards": (fit(learning_rate=-0.1), V, "learning_rate", "above 0", "-0.1"),
}

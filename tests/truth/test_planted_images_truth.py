"""A small network learns planted shapes in seconds, and leans on a cue that goes with them."""

import numpy as np
import pytest

from xaikit import datasets, networks

pytestmark = pytest.mark.slow


def accuracy(model, data):
    return float((model.predict(data.X, verbose=0).argmax(axis=1) == data.y).mean())


@pytest.mark.parametrize("n_classes", [3, 4])
def test_shapes_are_learnt_in_seconds(n_classes):
    train, test = (
        datasets.planted_shapes(n, n_classes=n_classes, random_state=seed)
        for n, seed in ((1000, 0), (500, 1))
    )
    model = networks.cnn((32, 32, 1), n_classes, random_state=0)
    networks.fit(model, train.X, train.y, epochs=6, random_state=0)
    assert accuracy(model, test) > 0.95


def test_shapes_in_colour_are_learnt_too():
    train, test = (
        datasets.planted_shapes(n, n_channels=3, random_state=seed)
        for n, seed in ((1000, 0), (500, 1))
    )
    model = networks.cnn((32, 32, 3), 3, random_state=0, kind="sequential")
    networks.fit(model, train.X, train.y, epochs=6, random_state=0)
    assert accuracy(model, test) > 0.95


def test_a_network_leans_on_the_cue_in_the_corner():
    def drawn(agreement, n=600, seed=1):
        return datasets.planted_corner(n, agreement=agreement, random_state=seed)

    model = networks.cnn((32, 32, 1), 2, random_state=0)
    train = drawn(0.95, seed=0)
    networks.fit(model, train.X, train.y, epochs=4, random_state=0)
    here, elsewhere = accuracy(model, drawn(0.95)), accuracy(model, drawn(0.5))
    assert here > 0.9
    assert elsewhere < 0.75
    # With the cue on the wrong side it answers by the cue: worse than a coin.
    assert accuracy(model, drawn(0.0)) < 0.5
    there = drawn(0.5).truth.parts["cue"].any(axis=(1, 2))
    said = model.predict(drawn(0.5).X, verbose=0).argmax(axis=1)
    assert np.mean(said == there) > 0.8


def test_a_network_without_the_cue_to_lean_on_learns_the_shape():
    train, test = (
        datasets.planted_corner(n, agreement=0.5, random_state=seed)
        for n, seed in ((1000, 0), (500, 1))
    )
    model = networks.cnn((32, 32, 1), 2, random_state=0)
    networks.fit(model, train.X, train.y, epochs=8, random_state=0)
    assert accuracy(model, test) > 0.95

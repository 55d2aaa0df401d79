"""What every adapter of a library of networks keeps: one contract, over all kinds of rows."""

import keras
import numpy as np
import pytest
from tiny_networks import assembled, linear, of_words

from xaikit.models.adapters import adapter_of
from xaikit.models.adapters import keras as keras_adapter

RNG = np.random.default_rng(0)


def double():
    layers = [
        keras.layers.Dense(4, activation="tanh", dtype="float64"),
        keras.layers.Dense(3, activation="softmax", dtype="float64"),
    ]
    return assembled((5,), layers, dtype="float64")


def images(*before, shape=(12, 8, 1)):
    """Two convolutions without kinks, so that differences can be as small as they need be."""
    how = {"activation": "tanh", "dtype": "float64"}
    layers = [
        *before,
        keras.layers.Conv2D(4, 3, name="first", **how),
        keras.layers.Conv2D(5, 3, name="last", **how),
        keras.layers.GlobalAveragePooling2D(dtype="float64"),
        keras.layers.Dense(3, activation="softmax", dtype="float64"),
    ]
    return assembled(shape, layers, dtype="float64")


def channels_first():
    return images(keras.layers.Permute((2, 3, 1), dtype="float64"), shape=(2, 9, 7))


# A new library adds its networks here, with rows for each.
NETWORKS = {
    "a table": (keras_adapter, double, RNG.normal(size=(4, 5))),
    "images": (keras_adapter, images, RNG.normal(size=(4, 12, 8, 1))),
    "channels first": (keras_adapter, channels_first, RNG.normal(size=(4, 2, 9, 7))),
    "words": (keras_adapter, of_words, np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2]])),
    "one output": (keras_adapter, lambda: linear(np.ones((3, 1))), RNG.normal(size=(4, 3))),
}


@pytest.fixture(scope="module", params=NETWORKS)
def case(request):
    adapter, make, rows = NETWORKS[request.param]
    model = make()
    return adapter, model, adapter.describe_network(model), rows


def test_a_model_is_recognised_and_described_once(case):
    adapter, model, network, rows = case
    assert adapter_of(model) is adapter
    assert adapter_of(lambda X: X) is None
    assert adapter.describe_network(model) is network
    assert network.inputs in ("table", "images", "tokens")
    assert (network.vocabulary is not None) == (network.inputs == "tokens")
    assert network.channels in ("first", "last")
    assert network.shape == rows.shape[1:]
    assert network.batch_size >= 1


def test_scales_agree_with_one_another(case):
    *_, network, rows = case
    found = {space: network.outputs(rows, space) for space in network.spaces}
    usual = found[network.spaces[0]]
    assert usual.shape == (len(rows), network.n_outputs)
    assert usual.dtype == np.float64
    np.testing.assert_array_equal(found["prediction"], usual)
    if "log-odds" in found:
        odds = np.log(usual) - np.log1p(-usual)
        np.testing.assert_allclose(found["log-odds"], odds, rtol=1e-3, atol=1e-5)


def test_gradients_agree_with_differences_of_outputs(case):
    *_, network, rows = case
    column = network.n_outputs - 1
    for space in network.spaces:
        entry = network.entry(rows)
        output, gradient = network.output_and_gradient(entry, rows, column, space)
        outputs = network.outputs(rows, space)[:, column]
        np.testing.assert_allclose(output, outputs, rtol=1e-5, atol=1e-7)
        assert gradient.shape == entry.shape
        exact = network.dtype == np.float64
        size, near, least = (1e-5, 1e-6, 1e-10) if exact else (1e-2, 0.05, 2e-5)
        step = (size * RNG.normal(size=entry.shape)).astype(entry.dtype)
        ahead, behind = (network.outputs(rows, space, entry + s)[:, column] for s in (step, -step))
        along = (gradient * step).reshape(len(rows), -1).sum(axis=1)
        np.testing.assert_allclose((ahead - behind) / 2, along, rtol=near, atol=least)


def test_maps_lie_along_axes_of_the_rows(case):
    *_, network, rows = case
    if network.inputs != "images":
        with pytest.raises(ValueError, match="model must have a convolution"):
            network.maps(rows, 0, network.spaces[0], None)
        return
    found = network.maps(rows, 0, "score", None)
    assert found.layer == "last"
    assert found.maps.shape == found.gradient.shape
    sides = (1, 2) if network.channels == "first" else (0, 1)
    assert found.along == sides
    # Two convolutions of 3 × 3 without padding.
    assert found.maps.shape[1:-1] == tuple(rows.shape[1:][side] - 4 for side in sides)


def test_layers_are_drawn_anew_and_put_back(case):
    adapter, _, network, rows = case
    space = network.spaces[0]
    before = network.outputs(rows, space)
    redrawn = network.redrawn(np.random.default_rng(0))
    copy = adapter.describe_network(redrawn.model)
    np.testing.assert_allclose(copy.outputs(rows, space), before, rtol=1e-5)
    redrawn.draw(0)
    assert np.abs(copy.outputs(rows, space) - before).max() > 1e-6
    redrawn.restore(0)
    np.testing.assert_allclose(copy.outputs(rows, space), before, rtol=1e-5)
    np.testing.assert_array_equal(network.outputs(rows, space), before)
    assert len(redrawn.layers) >= 1

"""What every adapter of a library of networks keeps: one contract, over all kinds of rows."""

import importlib

import numpy as np
import pytest
from network_library import LIBRARY, nets

from xaikit.models.adapters import adapter_of
from xaikit.models.describe import describe

RNG = np.random.default_rng(0)
adapter = importlib.import_module(f"xaikit.models.adapters.{LIBRARY}")


@pytest.fixture(scope="module", params=nets.NETWORKS)
def case(request):
    make, rows = nets.NETWORKS[request.param]
    model = make()
    return model, describe(model, rows), rows


def test_a_model_is_recognised_and_described(case):
    model, described, rows = case
    network = described.network
    assert described.estimator is model
    assert adapter_of(model) is adapter
    assert adapter_of(lambda X: X) is None
    assert network.inputs in ("table", "images", "tokens")
    assert (network.vocabulary is not None) == (network.inputs == "tokens")
    assert network.channels in ("first", "last")
    assert len(network.shape) == rows.ndim - 1
    assert all(a in (None, b) for a, b in zip(network.shape, rows.shape[1:], strict=True))
    assert network.batch_size >= 1


def test_scales_agree_with_one_another(case):
    _, described, rows = case
    network = described.network
    found = {space: network.outputs(rows, space) for space in network.spaces}
    usual = found[network.spaces[0]]
    assert usual.shape == (len(rows), network.n_outputs)
    assert usual.dtype == np.float64
    np.testing.assert_array_equal(found["prediction"], usual)
    if "log-odds" in found:
        odds = np.log(usual) - np.log1p(-usual)
        np.testing.assert_allclose(found["log-odds"], odds, rtol=1e-3, atol=1e-5)


def test_gradients_agree_with_differences_of_outputs(case):
    _, described, rows = case
    network = described.network
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


def test_gradients_along_a_path_are_those_at_its_points(case):
    _, described, rows = case
    network = described.network
    column, end = network.n_outputs - 1, network.entry(rows)
    origin = (end + RNG.normal(size=end.shape)).astype(end.dtype)
    shares = np.array([0.25, 0.5, 1.0], dtype=end.dtype)
    for space in network.spaces:
        points = [origin + share * (end - origin) for share in shares]
        each = [network.output_and_gradient(at, rows, column, space)[1] for at in points]
        found = network.path_gradient(origin, end, rows, shares, column, space)
        assert found.shape == end.shape
        least = 1e-6 * np.abs(each).max()
        np.testing.assert_allclose(found, np.sum(each, axis=0), rtol=1e-4, atol=least)


def test_maps_lie_along_axes_of_the_rows(case):
    _, described, rows = case
    network = described.network
    if network.inputs != "images":
        with pytest.raises(ValueError, match="model must have a convolution"):
            network.maps(rows, 0, network.spaces[0], None)
        return
    found = network.maps(rows, 0, "score", None)
    assert found.layer.rpartition(".")[2] == "last"
    assert found.maps.shape == found.gradient.shape
    sides = (1, 2) if network.channels == "first" else (0, 1)
    assert found.along == sides
    # Two convolutions of 3 × 3 without padding.
    assert found.maps.shape[1:-1] == tuple(rows.shape[1:][side] - 4 for side in sides)


def test_layers_are_drawn_anew_and_put_back(case):
    _, described, rows = case
    network = described.network
    space = network.spaces[0]
    before = network.outputs(rows, space)
    redrawn = described.redrawn(np.random.default_rng(0))
    copy = describe(redrawn.model, rows).network
    np.testing.assert_allclose(copy.outputs(rows, space), before, rtol=1e-5)
    redrawn.draw(0)
    assert np.abs(copy.outputs(rows, space) - before).max() > 1e-6
    redrawn.restore(0)
    np.testing.assert_allclose(copy.outputs(rows, space), before, rtol=1e-5)
    np.testing.assert_array_equal(network.outputs(rows, space), before)
    assert len(redrawn.layers) >= 1

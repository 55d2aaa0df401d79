"""Integrated gradients ask for no more gradients than are of use, and say what was reached."""

import warnings

import keras
import numpy as np
import pytest
from tiny_networks import assembled, cnn, linear, of_words

import xaikit as xk
from xaikit.models import network as _networks
from xaikit.models.adapters.keras.network import KerasNetwork

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).normal(size=(5, 12, 8, 1))


class Cliff(keras.layers.Layer):
    """Steps up half-way, with a gradient of 0 everywhere."""

    def call(self, x):
        return keras.ops.where(x > 0.5, 1.0 + 0.0 * x, 0.0 * x)


@pytest.fixture
def counted(monkeypatch):
    """The number of points in each call for gradients."""
    calls, at_points = [], KerasNetwork.output_and_gradient
    along_paths = KerasNetwork.path_gradient

    def output_and_gradient(self, entry, *rest):
        calls.append(len(entry))
        return at_points(self, entry, *rest)

    def path_gradient(self, origin, end, rows, shares, *rest):
        calls.append(len(shares) * len(origin))
        return along_paths(self, origin, end, rows, shares, *rest)

    monkeypatch.setattr(KerasNetwork, "output_and_gradient", output_and_gradient)
    monkeypatch.setattr(KerasNetwork, "path_gradient", path_gradient)
    return calls


def explain(model, rows, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return xk.explain(model, rows, method="integrated_gradients", **options)


def test_what_cannot_be_integrated_stops_at_the_usual_number(counted):
    model = assembled((1,), [Cliff()])
    with pytest.warns(UserWarning, match="1 of 1 rows miss the tolerance") as warned:
        e = xk.explain(model, [[1.0]], method="integrated_gradients")
    assert sum(counted) == 432
    said = "1 of 1 rows miss the tolerance of 0.001. The residual is at most 100% of the output"
    assert said in e.why
    assert len(warned) == 1
    assert said in str(warned[0].message)
    assert warned[0].filename == __file__
    assert e.diagnostics["relative_residual"] == 1


class Hat(keras.layers.Layer):
    """Is 0 at both ends of the path, and steeper on the way up than on the way down."""

    def call(self, x):
        up, down = 20 * (x - 0.3), 4 * (0.6 - x)
        return keras.ops.relu(keras.ops.minimum(up, down))


def test_where_both_outputs_are_0_the_residual_is_a_share_of_the_values():
    e = explain(assembled((2,), [Hat(), keras.layers.Dense(1)]), [[1.0, 1.0]], n_steps=7)
    assert e.predictions == e.base_values == 0
    share = np.abs(e.values.sum()) / np.abs(e.values).sum()
    np.testing.assert_allclose(e.diagnostics["relative_residual"], share)
    assert share > 0.01


def test_the_ends_of_the_path_cost_no_gradients(counted):
    rows = np.random.default_rng(1).normal(size=(3, 4))
    e = explain(linear(np.ones((4, 1))), rows)
    assert sum(counted) == 3 * 16
    np.testing.assert_allclose(e.predictions, rows.sum(axis=1))
    counted.clear()
    explain(linear(np.ones((4, 1))), rows, n_steps=5)
    assert sum(counted) == 3 * 5
    counted.clear()
    xk.explain(of_words(), [[1, 2, 3, 0, 0]], method="gradient_x_input")
    assert sum(counted) == 1


def test_a_large_network_gets_fewer_steps_and_the_best_of_them(counted, monkeypatch):
    options = {"output": 1, "output_space": "score"}
    far = explain(cnn(), IMAGES, **options)
    assert far.diagnostics["n_steps"].max() == 1296
    assert "after 432 to 1296 steps" in far.why
    assert "miss" not in far.why
    counted.clear()
    monkeypatch.setattr(_networks, "BUDGET", 1)
    near = explain(cnn(), IMAGES, **options)
    assert sum(counted) <= 432 * 5
    assert near.diagnostics["n_steps"].max() == 432
    assert "2 of 5 rows miss the tolerance of 0.001" in near.why
    scale = np.maximum(np.abs(near.predictions), np.abs(near.base_values))
    np.testing.assert_allclose(near.diagnostics["relative_residual"], np.abs(near.residual) / scale)
    # Fewer steps were closer by chance in one row, and are what it gets.
    fixed = [explain(cnn(), IMAGES, n_steps=n, **options) for n in (16, 48, 144, 432)]
    taken = near.diagnostics["n_steps"]
    errors = np.stack([each.diagnostics["relative_residual"] for each in fixed])
    missing = near.diagnostics["relative_residual"] > 1e-3
    best = np.array([16, 48, 144, 432])[errors.argmin(axis=0)]
    np.testing.assert_array_equal(taken[missing], best[missing])
    assert 48 in taken[missing]


def test_it_says_what_was_reached():
    e = explain(linear(np.ones((4, 1))), np.ones((2, 4)))
    assert "after 16 steps" in e.why
    assert "The residual is at most" in explain(cnn(), IMAGES, n_steps=7, output=0).why

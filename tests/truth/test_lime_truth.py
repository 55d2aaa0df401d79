"""LIME where the answer is known: lines, steps, and rows whose weights can be added up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

import xaikit as xk
from xaikit.methods._local_line import forward_selection, ridge


def planted(d, seed=0, n=400):
    rng = np.random.default_rng(seed)
    background = rng.normal(size=(n, d)) * rng.uniform(0.5, 3, size=d) + rng.normal(size=d)
    weights = rng.uniform(0.5, 2, size=d) * rng.choice([-1, 1], size=d)
    return background, weights


@pytest.mark.parametrize("d", [3, 12])
def test_a_line_gets_its_weights_back(d):
    background, weights = planted(d)
    rows = background[:3]
    model = LinearRegression().fit(background, background @ weights - 4)

    def off(n_samples):
        e = xk.explain(
            model,
            rows,
            background=background,
            method="lime",
            discretize_continuous=False,
            n_samples=n_samples,
            random_state=0,
        )
        found = e.diagnostics["coefficients"] / background.std(axis=0)
        assert e.diagnostics["r2"].min() > 0.98
        return np.abs(found / weights - 1).max(), np.abs(e.values - truth).max(), e

    truth = (rows - background.mean(axis=0)) * weights
    few, many = off(1000), off(30_000)
    # What is left is the ridge penalty of 1, which counts for less the more rows are drawn.
    assert many[0] < 0.002 < 0.005 < few[0]
    assert many[1] < 0.005 * np.abs(truth).max()
    np.testing.assert_allclose(many[2].base_values, model.predict(background).mean(), rtol=0.01)
    exact = xk.explain(model, rows, background=background, method="linear")
    np.testing.assert_allclose(many[2].values, exact.values, atol=0.005 * np.abs(truth).max())


def test_a_step_at_a_quartile_is_found_whole():
    background, _ = planted(5)
    median = np.median(background[:, 2])
    rows = background[np.argsort(background[:, 2])[[10, -10]]]
    e = xk.explain(
        lambda Z: 3.0 * (Z[:, 2] > median),
        rows,
        background=background,
        method="lime",
        n_samples=100_000,
        random_state=0,
    )
    others = np.delete(e.values, 2, axis=1)
    # In its bin the output is 0 (or 3); in the three others it is 3 in two (or in one).
    np.testing.assert_allclose(e.values[:, 2], [-2, 2], atol=0.05)
    assert np.abs(others).max() < 0.05
    np.testing.assert_allclose(e.base_values, [2, 1], atol=0.05)


def test_fewer_features_than_matter_leave_a_residual_that_is_said():
    background, weights = planted(6)
    two = xk.explain(
        lambda Z: Z @ weights,
        background[:3],
        background=background,
        method="lime",
        n_features=2,
        discretize_continuous=False,
        random_state=0,
    )
    strongest = set(np.argsort(-np.abs(weights * background.std(axis=0)))[:2])
    assert all(set(np.flatnonzero(row)) == strongest for row in two.values)
    assert two.diagnostics["r2"].max() < 0.97
    left = two.predictions - two.base_values - two.values.sum(axis=1)
    np.testing.assert_allclose(two.residual, left)
    assert np.abs(two.residual).max() > 0.1


def test_a_bend_is_no_line_and_the_fit_says_so():
    background, _ = planted(3)
    mean, scale = background.mean(axis=0), background.std(axis=0)
    e = xk.explain(
        lambda Z: ((Z - mean) / scale)[:, 0] ** 2,
        mean[None, :],
        background=background,
        method="lime",
        discretize_continuous=False,
        random_state=0,
    )
    assert e.diagnostics["r2"][0] < 0.05
    assert e.residual[0] < -0.1


def test_a_wider_kernel_counts_more_rows():
    background, weights = planted(4)

    def effective(width):
        e = xk.explain(
            lambda Z: Z @ weights,
            background[:2],
            background=background,
            method="lime",
            kernel_width=width,
            n_samples=1000,
            random_state=0,
        )
        return e.diagnostics["effective_samples"]

    narrow, usual, wide = effective(0.7), effective(None), effective(1e6)
    assert (narrow < usual).all()
    np.testing.assert_allclose(effective(0.75 * 2), usual)
    np.testing.assert_allclose(wide, 1000)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), d=st.integers(2, 7), k=st.integers(1, 7))
def test_selection_raises_the_fit_the_most_at_each_step(seed, d, k):
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(30, d)) @ rng.normal(size=(d, d))
    labels, weights = rng.normal(size=30), rng.uniform(0.1, 1, size=30)
    centred = data - np.average(data, axis=0, weights=weights)
    shifted = labels - np.average(labels, weights=weights)
    weighted = centred * weights[:, None]
    chosen = forward_selection(weighted.T @ centred, weighted.T @ shifted, k)
    assert len(set(chosen)) == len(chosen) == min(k, d)

    def fit(columns):
        line = LinearRegression().fit(data[:, columns], labels, sample_weight=weights)
        return line.score(data[:, columns], labels, sample_weight=weights)

    for step in range(len(chosen)):
        before = list(chosen[:step])
        best = max(fit([*before, j]) for j in range(d) if j not in before)
        assert fit([*before, chosen[step]]) == pytest.approx(best, abs=1e-9)


def test_selection_leaves_out_copies_and_constants():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 50))
    data = np.column_stack([a, a, np.zeros(50), b, a + b])
    data -= data.mean(axis=0)
    target = data.T @ (3 * a + b - (3 * a + b).mean())
    chosen = forward_selection(data.T @ data, target, 2).tolist()
    first, second = sorted(data[:, j].tobytes() for j in chosen)
    assert first != second
    assert 2 not in chosen
    assert sorted(forward_selection(data.T @ data, target, 5).tolist()) == [0, 1, 2, 3, 4]


def test_ridge_of_one_column_by_hand():
    gram, target = np.array([[4.0, 1.0], [1.0, 9.0]]), np.array([10.0, 5.0])
    np.testing.assert_allclose(ridge(gram, target, np.array([0]), alpha=1.0), [2.0])
    np.testing.assert_allclose(ridge(gram, target, np.array([1]), alpha=1.0), [0.5])

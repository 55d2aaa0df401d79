"""Attributions of models whose Shapley values can be written down."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

import xaikit as xk


@pytest.fixture
def fifteen():
    """A linear model of 15 features, all of which matter, and its answer w (x - E[x])."""
    rng = np.random.default_rng(0)
    background = rng.normal(size=(40, 15))
    rows = rng.normal(size=(4, 15))
    weights = rng.normal(size=15) + np.sign(rng.normal(size=15))
    model = LinearRegression().fit(background, background @ weights + 3)
    return model, rows, background, (rows - background.mean(axis=0)) * weights


@pytest.mark.parametrize("method", ["linear", "exact_shapley", "kernel_shap"])
def test_linear_model_of_fifteen_features(fifteen, method):
    model, rows, background, truth = fifteen
    e = xk.explain(model, rows, background=background, method=method, random_state=0)
    assert np.abs(e.values - truth).max() < 1e-6
    assert np.count_nonzero(e.values) == e.values.size  # nothing cut to ten features
    np.testing.assert_allclose(e.base_values, model.predict(background).mean(), atol=1e-9)
    np.testing.assert_allclose(e.residual, 0, atol=1e-9)
    assert e.estimated == (method == "kernel_shap")


@pytest.mark.parametrize("scaler", [StandardScaler, RobustScaler, MinMaxScaler, MaxAbsScaler])
def test_linear_sees_through_scalers(scaler):
    rng = np.random.default_rng(1)
    X = rng.normal(loc=5, scale=[1, 10, 0.1], size=(60, 3))
    model = make_pipeline(scaler(), LogisticRegression()).fit(X, X[:, 0] + X[:, 1] / 10 > 5.5)
    fast = xk.explain(model, X[:5], background=X, method="linear")
    brute = xk.explain(model, X[:5], background=X, method="exact_shapley", output_space="log-odds")
    np.testing.assert_allclose(fast.values, brute.values, atol=1e-9)
    np.testing.assert_allclose(fast.base_values, brute.base_values, atol=1e-9)
    np.testing.assert_allclose(fast.residual, 0, atol=1e-9)
    p = model.predict_proba(X[:5])[:, 1]
    np.testing.assert_allclose(fast.predictions, np.log(p / (1 - p)), atol=1e-9)


@pytest.mark.parametrize("method", ["exact_shapley", "kernel_shap"])
def test_product_of_two_features(method):
    rng = np.random.default_rng(2)
    background = rng.multivariate_normal([1, -2], [[1, 0.8], [0.8, 2]], size=300)
    rows = rng.normal(size=(6, 2))
    e = xk.explain(
        lambda X: X[:, 0] * X[:, 1], rows, background=background, method=method, random_state=0
    )
    m1, m2 = background.mean(axis=0)
    c = (background[:, 0] * background[:, 1]).mean()
    x1, x2 = rows.T
    first = ((x1 * m2 - c) + (x1 * x2 - m1 * x2)) / 2
    np.testing.assert_allclose(e.values, np.column_stack([first, x1 * x2 - c - first]), atol=1e-10)
    assert not e.estimated  # two features: every coalition is in the sample


@pytest.mark.parametrize("method", ["exact_shapley", "kernel_shap", "linear"])
def test_all_thousand_background_rows_are_used(method):
    background = np.zeros((1000, 3))
    background[777] = [3000.0, -2000.0, 500.0]  # one row carries the whole mean
    weights = np.array([1.0, 2.0, -4.0])
    model = LinearRegression().fit(np.eye(3), weights)
    model.coef_, model.intercept_ = weights, 0.0
    e = xk.explain(model, np.ones((1, 3)), background=background, method=method, random_state=0)
    np.testing.assert_allclose(e.values, [[1 - 3.0, 2 * (1 + 2.0), -4 * (1 - 0.5)]], atol=1e-9)
    np.testing.assert_allclose(e.base_values, [3.0 - 4.0 - 2.0], atol=1e-9)


def test_features_of_any_scale_keep_their_credit():
    """A feature that varies by 1e-9 matters as much as one that varies by 1e9."""
    scale = 10.0 ** np.arange(-9, 10, 3)
    background = np.zeros((5, 7))
    e = xk.explain(
        lambda X: (X / scale).sum(axis=1),
        scale[None, :],
        background=background,
        method="kernel_shap",
        random_state=0,
    )
    np.testing.assert_allclose(e.values, np.ones((1, 7)), atol=1e-9)

"""Traps of the libraries beneath: each is shown to be there, and ours not to be in it."""

# ruff: noqa: NPY002 - the library draws from the global generator

import numpy as np
import pytest
import shap
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LinearRegression
from xgboost import XGBClassifier

import xaikit as xk


@pytest.fixture
def fifteen():
    rng = np.random.default_rng(0)
    background, row = rng.normal(size=(50, 15)), rng.normal(size=(1, 15))
    weights = rng.uniform(0.5, 2, size=15)
    model = LinearRegression().fit(background, background @ weights)
    return model, row, background, (row - background.mean(axis=0)) * weights


def test_kernel_explainer_keeps_ten_features_and_still_adds_up(fifteen):
    model, row, background, truth = fifteen
    theirs = shap.KernelExplainer(model.predict, background)
    state = np.random.get_state()
    np.random.seed(0)
    values = theirs.shap_values(row, silent=True)
    np.random.set_state(state)
    assert np.count_nonzero(values) == 10
    assert np.abs(values - truth).max() > 0.05
    assert values.sum() + theirs.expected_value == pytest.approx(model.predict(row)[0])

    ours = xk.explain(model, row, background=background, method="kernel_shap", random_state=0)
    assert np.count_nonzero(ours.values) == 15
    assert np.abs(ours.values - truth).max() < 1e-9


def test_maskers_keep_a_hundred_rows():
    rng = np.random.default_rng(0)
    background = np.concatenate([np.zeros((900, 2)), 100 + rng.normal(size=(100, 2))])
    weights = np.array([1.0, -3.0])
    row = np.ones((1, 2))
    truth = (row - background.mean(axis=0)) * weights
    masker = shap.maskers.Independent(background)
    # Of the explainers that take a masker, the one that compiles nothing first.
    theirs = shap.explainers.Linear((weights, 0.0), masker)(row)
    assert len(masker.data) == 100
    assert np.abs(theirs.values - truth).max() > 1

    ours = xk.explain(lambda X: X @ weights, row, background=background, method="exact_shapley")
    np.testing.assert_allclose(ours.values, truth, atol=1e-10)


@pytest.fixture(scope="module")
def boosted():
    X, y = load_breast_cancer(return_X_y=True)
    X = X[:, :5].astype(np.float32).astype(float)
    return XGBClassifier(n_estimators=15, max_depth=4, random_state=0).fit(X, y), X


def test_tree_explainer_in_probability_adds_up_and_is_not_the_shapley_value(boosted):
    model, X = boosted
    masker = shap.maskers.Independent(X[:50], max_samples=50)
    theirs = shap.TreeExplainer(model, masker, model_output="probability")
    values = theirs.shap_values(X[:6])
    p = model.predict_proba(X[:6])[:, 1]
    truth = xk.explain(model, X[:6], background=X[:50], method="exact_shapley")
    assert truth.output_space == "probability"
    np.testing.assert_allclose(values.sum(axis=1) + theirs.expected_value, p, atol=1e-6)
    assert np.abs(values - truth.values).max() > 0.02

    with pytest.raises(ValueError, match="got output_space='probability'"):
        xk.explain(model, X[:6], background=X[:50], method="tree_shap", output_space="probability")
    auto = xk.explain(model, X[:6], background=X[:50], output_space="probability")
    assert auto.method == "exact_shapley"
    np.testing.assert_array_equal(auto.values, truth.values)

"""Traps of lime: each is shown to be there, and ours not to be in it."""

import numpy as np
import pytest
from lime.lime_tabular import LimeTabularExplainer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

import xaikit as xk


@pytest.fixture(scope="module")
def forest():
    X, y = load_breast_cancer(return_X_y=True)
    return RandomForestClassifier(n_estimators=30, random_state=0).fit(X, y), X


def weights(result, d):
    found = np.zeros(d)
    for feature, weight in result.local_exp[1]:
        found[feature] = weight
    return found


def test_the_seed_is_set_when_the_explainer_is_made(forest):
    model, X = forest

    def call(explainer):
        result = explainer.explain_instance(
            X[0], model.predict_proba, num_features=30, num_samples=500
        )
        return weights(result, 30)

    explainer = LimeTabularExplainer(X, random_state=0)
    first, second = call(explainer), call(explainer)
    assert np.abs(first - second).max() > 0.005
    np.testing.assert_array_equal(first, call(LimeTabularExplainer(X, random_state=0)))

    options = {"background": X, "method": "lime", "n_samples": 500, "random_state": 0}
    ours = [xk.explain(model, rows, **options).values[-1] for rows in (X[:1], X[:1], X[2::-1])]
    np.testing.assert_array_equal(ours[0], ours[1])
    np.testing.assert_array_equal(ours[0], ours[2])


def test_coefficients_change_sign_with_the_seed_and_nothing_says_so(forest):
    model, X = forest
    theirs = np.array(
        [
            weights(
                LimeTabularExplainer(X, random_state=seed).explain_instance(
                    X[0], model.predict_proba, num_features=30, num_samples=500
                ),
                30,
            )
            for seed in range(6)
        ]
    )
    flips = (theirs.min(axis=0) < 0) & (theirs.max(axis=0) > 0)
    assert flips.sum() >= 5

    ours = xk.explain(
        model,
        X[:1],
        background=X,
        method="lime",
        n_samples=500,
        n_repeats=6,
        random_state=0,
    )
    mean, spread = ours.values[0], ours.diagnostics["spread"][0]
    unsure = np.abs(mean) < 2 * spread
    assert unsure[flips].mean() > 0.8
    steady = np.abs(theirs.mean(axis=0)) > 4 * theirs.std(axis=0, ddof=1)
    assert steady.any()
    assert not unsure[steady].any()


def test_a_bin_of_one_value_is_asked_about_at_zero():
    rng = np.random.default_rng(0)
    loans = rng.choice([1.0, 2.0, 3.0], size=400, p=[0.6, 0.3, 0.1])
    X = np.column_stack([loans, rng.normal(size=400)])
    asked = []

    def model(Z):
        asked.append(np.asarray(Z)[:, 0])
        return 10.0 * (np.asarray(Z)[:, 0] < 0.5)  # nobody in the data has less than one loan

    row = X[loans == 2][:1]
    explainer = LimeTabularExplainer(X, mode="regression", random_state=0)
    theirs = weights(explainer.explain_instance(row[0], model, num_samples=2000), 2)
    assert set(np.unique(loans)) == {1, 2, 3}
    assert 0.0 in asked[-1]
    assert 1.0 not in asked[-1]
    assert theirs[0] < -5

    asked.clear()
    ours = xk.explain(model, row, background=X, method="lime", n_samples=2000, random_state=0)
    values = np.concatenate(asked)
    assert (values >= 1).all()
    assert (values == 1).mean() > 0.4
    np.testing.assert_array_equal(ours.values, 0)

from __future__ import annotations

import numpy as np
import pytest
from real_lab import marked, open_lab
from scipy.optimize import minimize
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import xaikit as xk

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l02_boundaries")


def test_which_answers_change_with_the_unit():
    # A third class makes the classes overlap in these three measures.
    wine = xk.datasets.wine()
    grams = wine.X[["alcohol", "magnesium", "proline"]]
    other = grams.assign(proline=grams["proline"] / 1000)
    y = (wine.y == 1).astype(int)
    models = {
        "tree": DecisionTreeClassifier(random_state=0),
        "forest": RandomForestClassifier(30, random_state=0),
        "5 neighbours": KNeighborsClassifier(5),
        "svm": SVC(gamma=0.01),
        "logistic, no penalty": LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-9),
        "logistic, penalty": LogisticRegression(C=0.01, max_iter=100_000),
    }
    changed = {
        name: bool((model.fit(grams, y).predict(grams) != model.fit(other, y).predict(other)).any())
        for name, model in models.items()
    }
    assert changed == {name: truth for name, (truth, _) in MODULE._CAN_CHANGE.items()}


def test_what_the_prose_says_about_the_bottles(solved):
    assert solved["model"].coef_.shape == (1, 13)
    assert solved["found"].exact
    nearest = solved["nearest"](solved["w"], solved["b"], solved["bottles"].to_numpy()[0])
    np.testing.assert_allclose(nearest, solved["found"].points.to_numpy()[0], atol=1e-9)


def test_the_closed_forms_against_a_search(solved):
    for w, b, x, fixed in MODULE._held(5):
        found = minimize(
            lambda z, x=x: ((z - x) ** 2).sum(),
            x,
            constraints=[
                {"type": "eq", "fun": lambda z, w=w, b=b: w @ z + b},
                {"type": "eq", "fun": lambda z, x=x, fixed=fixed: (z - x)[fixed]},
            ],
        )
        np.testing.assert_allclose(solved["way_back"](w, b, x, fixed), found.x, atol=1e-5)


def test_another_hidden_boundary_passes(solved):
    def hidden(n, random_state):
        X = np.random.default_rng(random_state).normal(size=(n, 3))
        return X, lambda X: (X[:, 0] * (X[:, 2] ** 2 > 0.05) > 0).astype(int)

    assert marked(CHECKS, solved, "q3", hidden=hidden).points == CHECKS.points["q3"]


@pytest.mark.parametrize("answer", ["follows", "does not follow"])
def test_one_word_for_all_sentences_earns_nothing(solved, answer):
    assert marked(CHECKS, solved, "q4", report=dict.fromkeys("abcdef", answer)).points == 0
    assert (
        marked(CHECKS, solved, "q2", can_change=dict.fromkeys(MODULE._CAN_CHANGE, True)).points == 0
    )

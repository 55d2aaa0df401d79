"""A wanted probability, costs, plausible rows, several ways, and what stands in the way."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import xaikit as xk

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3)) * [1.0, 10.0, 0.1] + [5.0, 0.0, 1.0]
SCALE = X.std(axis=0)
Y = X @ [1.0, 0.2, 5.0] - 10 + RNG.normal(size=400) > 0
LOGISTIC = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
FOREST = RandomForestClassifier(40, min_samples_leaf=5, random_state=0).fit(X, Y)
LOW = X[np.argmin(LOGISTIC.predict_proba(X)[:, 1])]


def ask(model=LOGISTIC, x=LOW, **options):
    return xk.counterfactual(model, x, background=X, random_state=0, **options)


@pytest.mark.parametrize("p", [0.3, 0.5, 0.9, 0.999])
def test_a_probability_of_a_linear_model_in_closed_form(p):
    """The distance is what the log-odds lack, over the length of the weights."""
    found = ask(probability=p)
    scaler, model = LOGISTIC
    weights = model.coef_[0] / scaler.scale_ * SCALE
    wanted = max(0.0, np.log(p / (1 - p)))
    lack = wanted - LOGISTIC.decision_function(LOW[None])[0]
    assert found.exact
    assert found.distance == pytest.approx(lack / np.linalg.norm(weights), rel=1e-6)
    assert LOGISTIC.predict_proba(found.row)[0, 1] >= p


@pytest.mark.parametrize("model", [FOREST, lambda X: LOGISTIC.predict_proba(X)[:, 1]])
def test_a_probability_is_held_by_a_search(model):
    if model is FOREST:
        found, near = ask(model, probability=0.85), ask(model)
        assert model.predict_proba(found.row)[0, 1] >= 0.85
        assert found.distance > near.distance
    else:
        with pytest.raises(ValueError, match="probability must be left out for a"):
            ask(model, probability=0.85, target=(0.85, 1))


def test_a_class_that_is_there_is_not_asked_for_again():
    with pytest.raises(ValueError, match="which x has already"):
        ask(target=False, probability=0.6)
    # Barely declined, and now to be declined clearly.
    edge = ask().row[0] - 1e-6 * (ask().row[0] - LOW)
    assert not LOGISTIC.predict(edge[None])[0]
    assert LOGISTIC.predict_proba(ask(x=edge, target=False, probability=0.9).row)[0, 0] >= 0.9


@pytest.mark.parametrize("cost", [0.25, 4.0])
def test_the_cost_of_a_column_of_a_linear_model_in_closed_form(cost):
    background = np.array([[-1.5, 0.5], [1.5, -0.5], [1.5, 0.5], [-1.5, -0.5]])
    model = LinearRegression().fit(background, background @ [4.0, 6.0])
    found = xk.counterfactual(
        model, [0.25, 0.0], background=background, target=(6, np.inf), costs={"x1": cost}
    )
    assert found.exact
    expected = 5 / np.linalg.norm([4 * 1.5, 6 * 0.5 / cost])
    assert found.distance == pytest.approx(expected, rel=1e-9)


def test_the_cost_of_a_category_decides_which_way_is_the_nearer():
    flats = pd.DataFrame(list(itertools.product(["old", "new"], [0, 1, 2, 3, 4])))
    flats.columns = ["state", "rooms"]

    def rent(X):
        return (X["state"] == "new").to_numpy() * 2.0 + X["rooms"].to_numpy()

    def changed(**costs):
        found = xk.counterfactual(
            rent, flats.iloc[0], background=flats, target=(2, np.inf), costs=costs, random_state=0
        )
        return found.changes["feature"].tolist(), round(found.distance, 6)

    step = 2 / np.std([0, 1, 2, 3, 4])
    assert changed() == (["state"], 1.0)
    assert changed(state=1.3) == (["state"], 1.3)
    assert changed(state=2) == (["rooms"], round(step, 6))
    assert changed(rooms=0.5) == (["rooms"], round(step / 2, 6))


def test_one_column_of_a_group_names_its_cost():
    flats = pd.get_dummies(pd.DataFrame({"city": ["Bonn", "Ulm", "Kiel"] * 5}), dtype=int)
    found = xk.counterfactual(
        lambda X: X["city_Ulm"].to_numpy(), flats.iloc[0], background=flats, target=(1, 1),
        costs={"city_Kiel": 3}, random_state=0,
    )  # fmt: skip
    assert found.distance == 3


def test_plausibility_is_counted_as_it_is_defined():
    found = ask(FOREST)
    points = X / SCALE
    own = np.sort(cdist(points, points), axis=1)[:, 10]  # the first is the row itself
    distance = np.sort(cdist(found.row / SCALE, points))[0, 9]
    assert found.plausibility == pytest.approx((own >= distance).mean(), abs=1e-12)


def test_a_plausible_row_is_as_usual_as_was_asked_and_costs_more():
    """On a ring everything inside is nearer, and nobody is there."""
    rng = np.random.default_rng(1)
    angle = rng.uniform(0, 2 * np.pi, 500)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.normal(3, 0.1, size=(500, 1))
    start = np.array([-3.0, 0.0])

    def right(X):
        return X[:, 0]

    def nearest(**options):
        return xk.counterfactual(
            right, start, background=ring, target=(1.0, np.inf), random_state=0, **options
        )

    free, usual = nearest(), nearest(plausible=0.9)
    assert free.plausibility == 0
    assert usual.plausibility >= 0.1
    assert np.linalg.norm(free.row) < 1.5
    assert 2.5 < np.linalg.norm(usual.row) < 3.5
    assert usual.distance > free.distance


def test_ways_differ_in_what_they_change_and_come_in_order():
    """Any of four columns reaches the level by itself, each by a step of its own."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 4))
    steps = np.array([1.0, 2.0, 3.0, 4.0])
    unit = rows.std(axis=0)

    def level(X):
        return np.max(X / unit / steps, axis=1)

    ways = xk.diverse_counterfactuals(
        level, np.zeros(4), 4, background=rows, target=(1.0, np.inf), random_state=0
    )
    assert [way.changes["feature"].tolist() for way in ways] == [["x0"], ["x1"], ["x2"], ["x3"]]
    np.testing.assert_allclose([way.distance for way in ways], steps, rtol=1e-3)
    held = xk.diverse_counterfactuals(
        level, np.zeros(4), 2, background=rows, target=(1.0, np.inf), fixed=["x0"], random_state=0
    )
    assert [way.changes["feature"].tolist() for way in held] == [["x1"], ["x2"]]


def test_no_way_changes_all_that_an_earlier_one_changes():
    ways = xk.diverse_counterfactuals(FOREST, LOW, 4, background=X, random_state=0)
    sets = [set(way.changes["feature"]) for way in ways]
    assert len(ways) > 1
    for earlier, later in itertools.combinations(sets, 2):
        assert not later >= earlier
    assert all(FOREST.predict(way.row)[0] for way in ways)
    assert [way.distance for way in ways] == sorted(way.distance for way in ways)


def test_what_stands_in_the_way_is_named_and_only_that():
    def either(X):
        return X[:, 0] * (X[:, 2] > 1)

    with pytest.raises(xk.NoCounterfactualFound) as caught:
        xk.counterfactual(
            either, [5.0, 0.0, 0.9], background=X, target=(6, np.inf), fixed=["x1", "x2"],
            rising=["x0"], random_state=0, n_samples=2000,
        )  # fmt: skip
    assert caught.value.blockers[0].startswith("'x2' is fixed (without it, one at distance")
    assert not any("x1" in each or "x0" in each for each in caught.value.blockers)


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"probability": 1.0}, ValueError, "probability must be a number above 0 and below 1"),
        ({"probability": "high"}, TypeError, "probability must be a number above 0; got 'high'"),
        ({"costs": {"x7": 1}}, ValueError, "costs must name columns among 'x0'"),
        ({"costs": {"x0": 0}}, ValueError, "costs must be a finite number above 0; got 0"),
        ({"costs": [1, 2, 3]}, TypeError, "costs must be a mapping of columns to numbers"),
        ({"plausible": 2}, ValueError, "plausible must be a number above 0 and below 1; got 2"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, kind, words):
    with pytest.raises(kind, match=words):
        ask(**options)


def test_a_classifier_without_probabilities_says_so():
    with pytest.raises(ValueError, match="probability must be left out for SVC, which has none"):
        ask(SVC().fit(X, Y), probability=0.7)
    with pytest.raises(ValueError, match="n must be a whole number at least 1; got 0"):
        xk.diverse_counterfactuals(FOREST, LOW, 0, background=X)


def test_a_result_goes_to_another_process():
    found = ask(FOREST, plausible=0.95)
    again = pickle.loads(pickle.dumps(found))
    assert again.plausibility == found.plausibility >= 0.05

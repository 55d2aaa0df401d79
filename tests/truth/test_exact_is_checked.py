"""What calls itself exact has been checked against the model: wrong weights are noticed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import xaikit as xk
from xaikit import boundary
from xaikit.models.describe import describe
from xaikit.models.linear import Linear
from xaikit.models.target import choose_output
from xaikit.nearest.lines import Line

# What other tests left open, and Python closes during one of these, is not of these.
LATE = "ignore::pytest.PytestUnraisableExceptionWarning"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error", LATE)]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
WIDE = pd.DataFrame(X * [10, 100, 1] + 7, columns=list("abc"))
LABEL = (WIDE["a"] + WIDE["b"] / 50 > 8).astype(int)
THREE = np.digitize(WIDE["a"] + WIDE["b"] / 50, [2, 12])
CLASSIFIER = make_pipeline(StandardScaler(), LogisticRegression()).fit(WIDE, LABEL)
REGRESSOR = make_pipeline(StandardScaler(), Ridge()).fit(WIDE, WIDE["a"] + WIDE["b"] / 50)
OF_THREE = make_pipeline(StandardScaler(), LogisticRegression()).fit(WIDE, THREE)


@pytest.fixture(
    params=[
        lambda weights: weights * [10.0, 1, 1],  # one column in the units before its scaler
        lambda weights: weights * (1 + 1e-3),
        lambda weights: weights + np.array([0, 0, 1e-3]),
        lambda weights: weights * [0.0, 0, 0],
    ],
    ids=["a scale forgotten", "all a little off", "a weight too many", "none"],
)
def wrong_weights(request, monkeypatch):
    """The weights are read wrongly; the offset is still right in the first row."""
    right = Linear.line

    def wrong(linear, target, row):
        weights, offset = right(linear, target, row)
        bent = request.param(weights)
        first = row.to_numpy(dtype=float)[0]
        return bent, offset + float(first @ (weights - bent))

    monkeypatch.setattr(Linear, "line", wrong)


@pytest.mark.parametrize("model", [CLASSIFIER, OF_THREE], ids=["two classes", "three"])
def test_points_of_wrong_weights_are_not_called_exact(model, wrong_weights):
    found = boundary.distance(model, WIDE[:3], background=WIDE, n_samples=300, random_state=0)
    assert not found.exact
    top = np.sort(model.predict_proba(found.points), axis=1)
    np.testing.assert_allclose(top[:, -1], top[:, -2], rtol=1e-6)


def test_nor_are_those_at_a_threshold(wrong_weights):
    found = boundary.distance(
        REGRESSOR, WIDE[:3], background=WIDE, threshold=10.0, n_samples=300, random_state=0
    )
    assert not found.exact
    np.testing.assert_allclose(REGRESSOR.predict(found.points), 10, rtol=1e-6)


def test_without_a_background_it_says_that_the_search_needs_one(wrong_weights):
    with pytest.raises(ValueError, match="background must be given"):
        boundary.distance(REGRESSOR, WIDE[:3], threshold=10.0, scale=None)


@pytest.mark.parametrize("model", [CLASSIFIER, OF_THREE, REGRESSOR], ids=["2", "3", "numbers"])
def test_a_counterfactual_of_wrong_weights_is_searched(model, wrong_weights):
    x = WIDE.iloc[[int(np.argmin(WIDE["a"]))]]
    target = (10, np.inf) if model is REGRESSOR else 1
    found = xk.counterfactual(model, x, background=WIDE, target=target, random_state=0)
    assert not found.exact


def truth(model, x):
    """The distance by the slope that the model itself shows, in units of the background."""
    steps = pd.DataFrame(np.diag(WIDE.std(ddof=0)), columns=WIDE.columns) + x.to_numpy()
    slope = model.decision_function(steps) - model.decision_function(x)
    return abs(model.decision_function(x)[0]) / np.linalg.norm(slope)


def test_a_pipeline_in_a_pipeline_gets_the_distance_that_its_own_slope_says():
    inner = make_pipeline(StandardScaler(), StandardScaler())
    model = make_pipeline(make_pipeline(inner, LogisticRegression())).fit(WIDE, LABEL)
    found = boundary.distance(model, WIDE[:4], background=WIDE, random_state=0)
    np.testing.assert_allclose(model.predict_proba(found.points)[:, 1], 0.5, rtol=1e-6)
    for i in range(4):
        x = WIDE.iloc[[i]]
        assert found.distances[i] == pytest.approx(truth(model, x), rel=1e-6)
        near = xk.counterfactual(model, x, background=WIDE, random_state=0)
        assert near.distance == pytest.approx(truth(model, x), rel=1e-3 if not near.exact else 1e-9)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_right_weights_stay_exact_on_every_scale_of_the_output(size, shift):
    rows = pd.DataFrame(X + shift, columns=list("abc"))
    model = LinearRegression().fit(rows, size * (X @ [1.0, 2.0, -1.0]))
    level = float(model.predict(rows).mean() + size)
    assert boundary.distance(model, rows[:5], background=rows, threshold=level).exact
    assert xk.counterfactual(model, rows[:1], background=rows, target=(level + size, np.inf)).exact


def test_a_point_off_the_line_is_noticed():
    """The model is a line in the middle and flat beyond: the weights agree near the rows only."""
    line = LinearRegression().fit(X, X[:, 0])
    target = choose_output(
        describe(lambda rows: np.clip(line.predict(rows), -9, 9)), "prediction", None, X[:1]
    )
    read = Line(target, line.coef_, float(line.intercept_))
    assert read.agrees_at(X)
    assert not read.agrees_at(np.array([X[0], [50.0, 0, 0]]))

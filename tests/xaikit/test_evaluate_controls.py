"""Each measure scores a right explanation well, and random, constant and reversed ones badly."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from made_explanations import made
from sklearn.ensemble import RandomForestRegressor

import xaikit as xk
from xaikit import evaluate


@pytest.fixture(scope="module")
def case():
    """A forest, its background, and its Shapley values as well as three bad copies."""
    data = xk.datasets.planted_linear(300, 6, noise=0.3, random_state=0)
    model = RandomForestRegressor(20, random_state=0).fit(data.X, data.y)
    background = data.X[:50]
    right = xk.explain(model, data.X[50:90], background=background)
    rng = np.random.default_rng(1)
    copies = {
        "right": right.values,
        "random": rng.standard_normal(right.values.shape),
        "constant": np.ones(right.values.shape),
        "reversed": -right.values,
    }
    return model, background, {k: replace(right, values=v) for k, v in copies.items()}


def test_deletion_tells_the_right_from_the_bad(case):
    model, background, copies = case
    area = {k: evaluate.deletion(model, e, background=background).area for k, e in copies.items()}
    assert area["right"] < min(area["random"], area["constant"]) - 0.5
    assert area["reversed"] > max(area["random"], area["constant"]) + 0.5


def test_insertion_tells_the_right_from_the_bad(case):
    model, background, copies = case
    area = {k: evaluate.insertion(model, e, background=background).area for k, e in copies.items()}
    assert area["right"] > max(area["random"], area["constant"]) + 0.5
    assert area["reversed"] < min(area["random"], area["constant"]) - 0.5


def test_faithfulness_tells_the_right_from_the_bad(case):
    model, background, copies = case
    score = {
        k: evaluate.faithfulness_correlation(model, e, background=background, random_state=0).mean
        for k, e in copies.items()
    }
    assert score["right"] > 0.95
    assert abs(score["random"]) < 0.3
    assert score["constant"] == 0
    assert score["reversed"] == pytest.approx(-score["right"])


def test_agreement_with_the_right_tells_the_bad(case):
    _, _, copies = case
    right = copies["right"]
    rank = {k: evaluate.rank_correlation(right, e).mean for k, e in copies.items()}
    assert (rank["right"], rank["constant"], rank["reversed"]) == (1, 0, -1)
    assert abs(rank["random"]) < 0.3
    top = {k: evaluate.top_k_overlap(right, e, k=2).mean for k, e in copies.items()}
    assert top["right"] == 1
    assert top["constant"] == pytest.approx(2 / 6)
    assert top["random"] < 0.55
    sign = {k: evaluate.sign_agreement(right, e).mean for k, e in copies.items()}
    assert (sign["right"], sign["reversed"]) == (1, 0)
    assert all(0.3 < sign[k] < 0.7 for k in ("random", "constant"))


def test_top_k_cannot_see_signs_but_sees_the_order_of_sizes_reversed():
    first, second = made([[4.0, 3.0, 2.0, 1.0]]), made([[1.0, 2.0, 3.0, 4.0]])
    assert evaluate.top_k_overlap(first, second, k=2).mean == 0
    assert evaluate.top_k_overlap(first, replace(first, values=-first.values), k=2).mean == 1


def test_error_tells_the_right_from_the_bad():
    data = xk.datasets.planted_interaction(200, random_state=0)
    right = xk.explain(data.truth.function, data.X)
    assert evaluate.error(right, data.truth).relative < 1e-12
    assert evaluate.error(right[:9], data.truth.attributions[:9]).relative < 1e-12
    size = float(np.sqrt((data.truth.attributions**2).mean()))
    # Another seed than that of the rows, which are standard normal too.
    random = np.random.default_rng(99).standard_normal(right.values.shape) * size
    assert evaluate.error(right, data).relative < 1e-12
    assert evaluate.error(replace(right, values=-right.values), data).relative == pytest.approx(2)
    assert evaluate.error(replace(right, values=random), data).relative > 1.2
    constant = evaluate.error(replace(right, values=np.ones(right.values.shape)), data)
    assert constant.relative > 1
    assert constant.misplaced == pytest.approx(1 / 4)


def test_stability_tells_a_steady_explainer_from_a_random_one():
    X = np.random.default_rng(0).standard_normal((30, 4))
    rng = np.random.default_rng(1)

    def model(X):
        return X @ np.array([3.0, -2.0, 0.5, 1.0])

    def random(rows):
        return made(rng.standard_normal(np.shape(rows)), data=rows)

    def turning(rows):
        """The same explanation with its sign turned at every other call."""
        turning.sign *= -1
        e = xk.explain(model, rows, background=X)
        return replace(e, values=turning.sign * e.values)

    turning.sign = 1
    steady = partial(xk.explain, model, background=X)
    found = {
        k: evaluate.stability(f, X, radius=0.05, random_state=2)
        for k, f in {"steady": steady, "random": random, "turning": turning}.items()
    }
    mean = {k: s.relative_change.mean() for k, s in found.items()}
    assert mean["steady"] < 0.1
    assert mean["random"] > 0.9
    assert mean["turning"] > 1.9
    assert found["random"].lipschitz.min() > 5 * found["steady"].lipschitz.max()


def test_stability_cannot_see_that_constant_attributions_say_nothing():
    X = np.random.default_rng(0).standard_normal((30, 4))
    found = evaluate.stability(lambda rows: made(np.ones(np.shape(rows)), data=rows), X)
    assert (found.relative_change == 0).all()
    assert (found.lipschitz == 0).all()


def test_stability_tells_when_it_is_the_model_that_jumps():
    X = np.full((20, 2), 0.001)
    X[:, 1] = np.random.default_rng(0).standard_normal(20)
    background = np.random.default_rng(1).standard_normal((50, 2))
    explainer = partial(xk.explain, lambda X: 1.0 * (X[:, 0] > 0), background=background)
    found = evaluate.stability(explainer, X, background=background, random_state=0)
    assert found.prediction_change.mean() > 0.3
    assert found.lipschitz.min() > 5


def test_simple_measures_tell_one_feature_from_all():
    rng = np.random.default_rng(0)
    one = made(np.eye(8))
    random = made(rng.standard_normal((8, 8)))
    constant = made(np.ones((8, 8)))
    values = [evaluate.entropy(e).mean for e in (one, random, constant)]
    assert values[0] == 0
    assert 1 < values[1] < values[2] == pytest.approx(np.log(8))
    values = [evaluate.sparseness(e).mean for e in (one, random, constant)]
    assert values[0] == 1 - 1 / 8
    assert values[0] > values[1] + 0.2 > values[2] + 0.2
    assert values[2] == pytest.approx(0, abs=1e-12)


def test_a_leak_shows_as_error_against_the_truth_of_the_world():
    data = xk.datasets.planted_leak(400, random_state=0)
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit(data.X, data.y)
    e = xk.explain(model, data.X, method="linear")
    found = evaluate.error(e, data)
    # The explanation is faithful; the model is at fault.
    faithful = evaluate.faithfulness_correlation(model, e[:50], background=data.X)
    assert faithful.mean > 0.999
    assert found.misplaced > 0.9

"""Conditional importance where the answer is known, and against plain permutation."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss, zero_one_loss
from sklearn.svm import SVC

from xaikit import importance

N = 4000


def correlated(r, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=N)
    return np.column_stack([a, r * a + np.sqrt(1 - r**2) * rng.normal(size=N), rng.normal(size=N)])


def first(X):
    return X[:, 0]


@pytest.mark.parametrize("r", [0.0, 0.6, 0.9])
def test_fine_groups_leave_what_a_feature_says_beyond_the_others(r):
    """f = x1 and normal features: 2 (1 - r²) of its variance."""
    X = correlated(r)
    found = importance.conditional_importance(first, X, X[:, 0], max_depth=7, random_state=0)
    expected = 2 * (1 - r**2) * X[:, 0].var()
    assert found.values[0] == pytest.approx(expected, rel=0.12)
    np.testing.assert_array_equal(found.values[1:], 0)
    assert found.explained[0] == pytest.approx(r**2, abs=0.06)


def test_no_groups_are_plain_permutation_importance():
    X = correlated(0.9)
    y = X @ [1.0, 0.5, 0.0] + np.random.default_rng(1).normal(size=N)
    model = LinearRegression().fit(X, y)
    found = importance.conditional_importance(model, X, y, max_depth=0, random_state=0)
    peer = permutation_importance(
        model, X, y, scoring="neg_mean_squared_error", n_repeats=10, random_state=0
    )
    np.testing.assert_allclose(found.values, peer.importances_mean, rtol=0.05, atol=0.002)
    np.testing.assert_array_equal(found.n_groups, 1)


def test_each_group_keeps_its_rows():
    """What the groups know entirely cannot be permuted: a copy has no importance beside it."""
    X = np.repeat(np.arange(20.0), 50)[:, None] * [1.0, 1.0]
    with pytest.warns(UserWarning, match=r"Nothing could be permuted of 'x0', 'x1': within each"):
        found = importance.conditional_importance(first, X, X[:, 0], max_depth=9, random_state=0)
    np.testing.assert_array_equal(found.values, 0)
    np.testing.assert_allclose(found.explained, 1)


@pytest.mark.parametrize("gap", [0.0, np.nan])
def test_only_what_could_not_be_permuted_is_named(gap):
    """A column that never varies is named; one exception in one group is enough not to be."""
    X = correlated(0.0)
    X[:, 1] = gap
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        importance.conditional_importance(lambda X: X[:, 0], X, X[:, 0], random_state=0)
    assert ["'x1'" in str(one.message) and "'x0'" not in str(one.message) for one in told] == [True]
    X[7, 1] = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        importance.conditional_importance(lambda X: X[:, 0], X, X[:, 0], random_state=0)


def test_a_determined_column_can_be_permuted_with_what_determines_it():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 2, size=(400, 2)).astype(float)
    X = np.column_stack([X, X[:, 0] * X[:, 1]])
    with pytest.warns(UserWarning, match=r"'x2': within each group"):
        alone = importance.conditional_importance(
            lambda X: X[:, 2], X, X[:, 2], ["x2"], random_state=0
        )
    assert (alone.values[0], alone.explained[0]) == (0, pytest.approx(1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        group = importance.conditional_importance(
            lambda X: X[:, 2], X, X[:, 2], [("x0", "x1", "x2")], max_depth=0, random_state=0
        )
    # Permuted as one among all rows: twice the variance.
    assert group.values[0] == pytest.approx(2 * X[:, 2].var(), rel=0.15)


def test_columns_permuted_together_keep_what_they_share():
    X = correlated(0.9)

    def twins(X):
        return X[:, 0] + X[:, 1]

    alone = importance.conditional_importance(twins, X, twins(X), random_state=0)
    both = importance.conditional_importance(twins, X, twins(X), [("x0", "x1")], random_state=0)
    assert both.features == ("x0 + x1",)
    # Nothing else knows of them: twice the variance of their sum.
    assert both.values[0] == pytest.approx(2 * twins(X).var(), rel=0.05)
    assert alone.values[0] < 0.4 * both.values[0]


def test_the_interval_covers_the_mean_over_all_rows():
    """Uniform numbers that nothing knows of: over many samples the mean rise is 2 / 12."""
    covered = 0
    for seed in range(100):
        X = np.random.default_rng(seed).uniform(size=(200, 1))
        found = importance.conditional_importance(
            first, X, X[:, 0], n_repeats=50, random_state=seed
        )
        covered += found.low[0] <= 1 / 6 <= found.high[0]
    assert covered >= 90


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_it_goes_with_the_scale_of_the_answer(scale):
    X = correlated(0.5)
    y = X[:, 0]
    found = importance.conditional_importance(first, X, y, random_state=0)
    small = importance.conditional_importance(
        lambda X: scale * X[:, 0], X, scale * y, random_state=0
    )
    np.testing.assert_allclose(small.values, scale**2 * found.values, rtol=1e-9)


def test_the_losses_of_classes_are_scikit_learns():
    X = correlated(0.5)
    y = np.where(X[:, 0] + np.random.default_rng(2).normal(size=N) > 0, "yes", "no")
    model = LogisticRegression().fit(X, y)
    by_log = importance.conditional_importance(model, X, y, random_state=0)
    assert by_log.loss == "log loss"
    assert by_log.baseline == pytest.approx(log_loss(y, model.predict_proba(X)))
    by_label = importance.conditional_importance(model, X, y, loss="zero-one loss", random_state=0)
    assert by_label.baseline == pytest.approx(zero_one_loss(y, model.predict(X)))
    few = SVC().fit(X[:200], y[:200])
    assert importance.conditional_importance(few, X[:300], y[:300]).loss == "zero-one loss"


def test_categories_and_missing_values_take_part():
    rng = np.random.default_rng(0)
    town = rng.choice(["Bonn", "Kiel", "Ulm"], N)
    rent = pd.Series(town).map({"Bonn": 9.0, "Kiel": 7.0, "Ulm": 12.0}) + rng.normal(0, 0.1, N)
    X = pd.DataFrame({"town": pd.Categorical(town), "rent": rent, "floor": rng.integers(0, 5, N)})
    X["floor"] = X["floor"].astype("Int64").where(X.index % 7 > 0)

    def model(X):
        return X["rent"].to_numpy() + X["floor"].fillna(0).to_numpy(float)

    found = importance.conditional_importance(model, X, model(X), random_state=0)
    frame = found.to_frame().set_index("feature")
    # The town says the rent but for a little noise: permuted within towns, hardly anything moves.
    assert frame.loc["rent", "importance"] == pytest.approx(2 * 0.1**2, rel=0.1)
    assert frame.loc["rent", "explained"] > 0.99
    assert frame.loc["town", "importance"] == 0
    assert frame["importance"].idxmax() == "floor"


def test_a_loss_of_ones_own():
    X = correlated(0.0)

    def absolute(y, output):
        return np.abs(y - output)

    found = importance.conditional_importance(first, X, X[:, 0], [0], loss=absolute, random_state=0)
    assert found.loss == "absolute"
    # The mean difference of two draws from a normal distribution.
    assert found.values[0] == pytest.approx(2 / np.sqrt(np.pi), rel=0.05)


def test_the_same_seed_gives_the_same():
    X = correlated(0.5)[:300]
    one, two = (importance.conditional_importance(first, X, X[:, 0], random_state=3) for _ in "ab")
    assert repr(one) == repr(two)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"features": ["z"]}, "features must name columns among 'x0', 'x1'"),
        ({"features": [()]}, "features must name at least one column each"),
        ({"loss": "log loss"}, r"loss must be \"auto\", 'squared error' for a"),
        (
            {"loss": lambda y, output: 0.0},
            r"one finite number for each row, \(30,\); got shape \(\)",
        ),
        ({"n_repeats": 0}, "n_repeats must be a whole number at least 1"),
        ({"max_depth": -1}, "max_depth must be a whole number at least 0"),
        ({"min_rows": 1}, "min_rows must be a whole number at least 2"),
        ({"level": 0}, "level must be a finite number above 0"),
        ({"y": np.zeros(4)}, r"y must hold one value for each row of X, \(30,\); got \(4,\)"),
        ({"y": np.full(30, np.nan)}, "y must hold finite numbers"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, words):
    X = np.random.default_rng(0).normal(size=(30, 2))
    arguments = {"y": X[:, 0]} | options
    with pytest.raises(ValueError, match=words):
        importance.conditional_importance(first, X, **arguments)


def test_an_unknown_class_is_named():
    X = correlated(0.0)[:50]
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match="y must hold classes of the model"):
        importance.conditional_importance(model, X, ["yes"] * 50)


def test_words_are_no_features():
    with pytest.raises(TypeError, match="features must be a sequence of columns or groups"):
        importance.conditional_importance(first, np.eye(3), np.zeros(3), "x0")

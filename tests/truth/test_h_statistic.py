"""Friedman's H where it is known in closed form, and against the definition written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from xaikit import effects

SIGNS = np.array(np.meshgrid([-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0])).reshape(3, -1).T


def written_out(function, rows, j, k):
    """The definition, a loop a row."""

    def dependence(columns):
        values = []
        for row in rows:
            mixed = rows.copy()
            mixed[:, columns] = row[columns]
            values.append(function(mixed).mean())
        return np.array(values) - np.mean(values)

    joint, first, second = dependence([j, k]), dependence([j]), dependence([k])
    beyond = joint - first - second
    return np.sqrt((beyond**2).sum() / (joint**2).sum()), beyond.std()


@pytest.mark.parametrize("a", [0.1, 1.0, 7.0])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_product_beside_two_slopes(a, scale):
    """Independent signs: H² = a² / (2 + a²), at any scale of the output and any offset."""
    found = effects.h_statistic(
        lambda X: scale * (100 + X[:, 0] + X[:, 1] + a * X[:, 0] * X[:, 1]), SIGNS, random_state=0
    )
    assert found.pairs == (("x0", "x1"), ("x0", "x2"), ("x1", "x2"))
    np.testing.assert_allclose(found.h[0], np.sqrt(a**2 / (2 + a**2)), rtol=1e-7)
    np.testing.assert_allclose(found.strength[0], scale * a, rtol=1e-7)
    np.testing.assert_array_equal(found.h[1:], 0)


def test_the_definition_written_out():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4))

    def function(X):
        return np.sin(X[:, 0] * X[:, 1]) + X[:, 2] * np.abs(X[:, 0]) + X[:, 3]

    found = effects.h_statistic(function, rows, random_state=1)
    for pair, h, strength in zip(found.pairs, found.h, found.strength, strict=True):
        j, k = (int(name[1:]) for name in pair)
        expected = written_out(function, rows, j, k)
        np.testing.assert_allclose([h, strength], expected, rtol=1e-9, atol=1e-12)


def test_what_only_adds_up_has_an_h_of_0_and_what_does_nothing_has_none():
    rows = np.random.default_rng(0).normal(50, 3, size=(60, 4))
    found = effects.h_statistic(
        lambda X: 1e4 + np.exp(X[:, 0] / 50) + X[:, 1] ** 2, rows, random_state=0
    )
    by_pair = dict(zip(found.pairs, found.h, strict=True))
    assert by_pair["x0", "x1"] == 0
    assert np.isnan(by_pair["x2", "x3"])
    assert found.strength[-1] == 0


def test_the_interval_covers_what_more_rows_would_give():
    """Of 60 samples of 60 rows, most intervals hold the value of the whole distribution."""
    a, covered = 1.0, 0
    for seed in range(60):
        X = np.random.default_rng(seed).normal(size=(60, 2))
        found = effects.h_statistic(
            lambda X: X[:, 0] + X[:, 1] + a * X[:, 0] * X[:, 1], X, random_state=seed
        )
        covered += found.h_low[0] <= np.sqrt(a**2 / (2 + a**2)) <= found.h_high[0]
    assert covered >= 50


def test_a_weak_interaction_of_weak_features_has_a_large_h_and_little_strength():
    found = effects.h_statistic(
        lambda X: 5 * X[:, 0] + 0.01 * X[:, 1] * X[:, 2], SIGNS, random_state=0
    ).to_frame()
    assert (found["first"] + found["second"]).tolist()[0] == "x1x2"
    assert found["h"][0] == pytest.approx(1)
    assert found["strength"][0] == pytest.approx(0.01)


@pytest.mark.parametrize("a", [0.01, 0.1, 1.0])
def test_where_two_features_take_back_what_each_does_h_is_above_1(a):
    """At rows of one product: H = m / a · sd(x1 + x2) / sd(x1), with m the mean of either."""
    rows = np.array([[0.5, 2.0], [1.0, 1.0], [2.0, 0.5]])
    found = effects.h_statistic(lambda X: X[:, 0] * X[:, 1] + a * X[:, 0], rows, random_state=0)
    beyond = 7 / 6 * rows.sum(axis=1).std()
    np.testing.assert_allclose(found.strength[0], beyond, rtol=1e-9)
    np.testing.assert_allclose(found.h[0], beyond / (a * rows[:, 0].std()), rtol=1e-9)
    # Without the second part the two together do nothing, and there is no share.
    level = effects.h_statistic(lambda X: X[:, 0] * X[:, 1], rows, random_state=0)
    assert np.isnan(level.h[0])
    np.testing.assert_allclose(level.strength[0], beyond, rtol=1e-9)


@pytest.mark.parametrize("mean", [0.1, 1e-3, 1e-6])
def test_h_of_what_a_third_feature_leaves_over_is_1_whatever_its_size(mean):
    """x1 x2 x3: the pair's partial dependence is x1 x2 times the mean of x3."""
    rows = SIGNS + np.array([0, 0, mean])
    found = effects.h_statistic(lambda X: X.prod(axis=1), rows, random_state=0)
    assert found.pairs[0] == ("x0", "x1")
    np.testing.assert_allclose([found.h[0], found.strength[0]], [1, mean], rtol=1e-6)
    exact = effects.h_statistic(lambda X: X.prod(axis=1), SIGNS, random_state=0)
    assert np.isnan(exact.h[0])


def test_categories_and_missing_values_take_part():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"town": rng.choice(["Bonn", "Ulm"], 80), "rooms": rng.integers(1, 6, 80)})
    X["rooms"] = X["rooms"].where(X.index % 10 > 0)

    def price(X):
        return X["rooms"].fillna(9).to_numpy() * np.where(X["town"] == "Ulm", 2.0, 1.0)

    found = effects.h_statistic(price, X, random_state=0)
    assert 0.1 < found.h[0] < 0.9


def test_the_same_seed_gives_the_same_and_fewer_rows_are_drawn():
    X = np.random.default_rng(0).normal(size=(500, 3))
    ask = {"n_rows": 30, "n_resamples": 20}
    first, again = (
        effects.h_statistic(lambda X: X.prod(axis=1), X, ["x0", 1], random_state=4, **ask)
        for _ in range(2)
    )
    assert first.pairs == (("x0", "x1"),)
    assert first.n_rows == 30
    assert repr(first) == repr(again)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"features": ["x0"]}, r"features must be two different columns or more; got \['x0'\]"),
        ({"features": ["x0", 0]}, "features must be two different columns"),
        ({"features": ["x0", "y"]}, "features must name columns among 'x0', 'x1'; got 'y'"),
        ({"n_rows": 1}, "n_rows must be a whole number at least 2; got 1"),
        ({"n_resamples": 0}, "n_resamples must be a whole number at least 1; got 0"),
        ({"level": 1.0}, "level must be a number above 0 and below 1; got 1.0"),
        ({"output": "a"}, "output must be left out"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        effects.h_statistic(lambda X: X[:, 0], np.eye(2), **options)

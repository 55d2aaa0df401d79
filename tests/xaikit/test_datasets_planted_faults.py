"""Planted faults are there, and what is said to be true of them is."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from test_datasets_planted import brute_force

from xaikit import datasets

MAKERS = [
    datasets.planted_correlated,
    datasets.planted_interaction,
    datasets.planted_leak,
    datasets.planted_spurious,
    datasets.planted_hidden_group,
]
VARIANTS = [
    (datasets.planted_correlated, {}),
    (datasets.planted_correlated, {"correlation": 0.0, "noise": 2.0, "n_noise_features": 1}),
    (datasets.planted_interaction, {}),
    (datasets.planted_interaction, {"strength": -3.0, "n_noise_features": 0}),
    (datasets.planted_interaction, {"strength": 0.0}),
    (datasets.planted_leak, {}),
    (datasets.planted_leak, {"noise": 0.0, "n_noise_features": 0}),
    (datasets.planted_spurious, {}),
    (datasets.planted_spurious, {"agreement": 0.5, "n_noise_features": 2}),
    (datasets.planted_hidden_group, {}),
    (datasets.planted_hidden_group, {"effect": -2.0, "share": 0.4, "n_noise_features": 0}),
    (datasets.planted_hidden_group, {"effect": 0.0}),
]


@pytest.mark.parametrize(("maker", "options"), VARIANTS)
def test_attributions_are_the_shapley_values(maker, options):
    data = maker(n_samples=60, random_state=1, **options)
    X = data.X.to_numpy(dtype=float)
    expected = brute_force(data.truth.function, X[:8], X)
    np.testing.assert_allclose(data.truth.attributions[:8], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("maker", MAKERS)
@given(n=st.integers(1, 40), n_noise_features=st.integers(0, 3), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_attributions_sum_to_what_there_is_to_explain(maker, n, n_noise_features, seed):
    data = maker(n, n_noise_features=n_noise_features, random_state=seed)
    outputs = data.truth.function(data.X)
    assert data.truth.attributions.shape == data.X.shape == (n, 3 + n_noise_features)
    total = data.truth.attributions.sum(axis=1)
    np.testing.assert_allclose(total, outputs - outputs.mean(), atol=1e-12)


@pytest.mark.parametrize(("maker", "options"), VARIANTS)
def test_only_the_relevant_features_are_read(maker, options):
    data = maker(n_samples=50, random_state=3, **options)
    before = data.truth.function(data.X)
    for name in data.feature_names:
        changed = data.X.assign(**{name: data.X[name] + 1})
        reads = not np.allclose(data.truth.function(changed), before)
        assert reads == (name in data.truth.relevant)
        attributed = np.abs(data.truth.attributions[:, data.X.columns.get_loc(name)]).max() > 1e-12
        assert attributed == (name in data.truth.relevant)


@pytest.mark.parametrize("maker", MAKERS)
def test_without_noise_the_outcome_is_the_function(maker):
    data = maker(noise=0.0, random_state=4)
    np.testing.assert_allclose(data.y, data.truth.function(data.X), atol=1e-12)
    np.testing.assert_array_equal(
        data.truth.function(data.X), data.truth.function(data.X.to_numpy())
    )


@pytest.mark.parametrize("maker", MAKERS)
def test_noise_has_the_size_asked_for(maker):
    noisy = maker(20_000, noise=2.0, random_state=5)
    # The standard deviation of 20,000 draws strays from 2 by 0.01 (one standard error).
    assert (noisy.y - noisy.truth.function(noisy.X)).std() == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_seed_draws_the_same_rows_and_leaves_numpy_alone(maker):
    state = np.random.get_state()[1].copy()  # noqa: NPY002  # the global state is what is tested
    first, second, other = (maker(random_state=seed) for seed in (7, 7, 8))
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002  # must not move
    pd.testing.assert_frame_equal(first.X, second.X)
    pd.testing.assert_series_equal(first.y, second.y)
    assert not first.X.equals(other.X)
    assert maker(random_state=np.random.default_rng(7)).X.equals(first.X)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_set_describes_itself(maker):
    data = maker(random_state=0)
    assert data.description.startswith("y = ")
    assert maker.__name__ in data.source
    assert data.feature_names == tuple(data.X.columns)
    assert data.X.index.equals(data.y.index)


def test_the_twin_moves_with_x1_and_does_nothing():
    data = datasets.planted_correlated(20_000, random_state=0)
    assert data.X["x1"].corr(data.X["twin"]) == pytest.approx(0.9, abs=0.01)
    assert data.X["x1"].corr(data.X["x2"]) == pytest.approx(0.0, abs=0.03)
    # Correlated with the outcome more than x2, which acts on it.
    assert data.X["twin"].corr(data.y) > data.X["x2"].corr(data.y) + 0.2
    np.testing.assert_allclose(LinearRegression().fit(data.X, data.y).coef_, [2, 0, 1], atol=1e-10)


def test_the_interaction_is_between_two_and_not_with_the_third():
    data = datasets.planted_interaction(random_state=0)

    def step(name, X):
        return data.truth.function(X.assign(**{name: X[name] + 1})) - data.truth.function(X)

    np.testing.assert_allclose(step("x2", data.X), 1 + 2 * data.X["x1"])
    np.testing.assert_allclose(step("x3", data.X), 1)


def test_a_model_takes_the_leak_and_fails_without_it():
    data = datasets.planted_leak(600, random_state=0)
    later = datasets.planted_leak(600, random_state=1)
    forest = RandomForestRegressor(30, random_state=0).fit(data.X, data.y)
    assert dict(zip(data.feature_names, forest.feature_importances_, strict=True))["leak"] > 0.9
    assert forest.score(later.X, later.y) > 0.95
    # On the day of use nobody has the outcome yet.
    assert forest.score(later.X.assign(leak=0.0), later.y) < 0.3
    assert (data.X["leak"] - data.y).std() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(("agreement", "right"), [(0.0, 0), (0.5, 50), (0.95, 95), (1.0, 100)])
def test_the_cue_is_right_as_often_as_asked(agreement, right):
    data = datasets.planted_spurious(100, agreement=agreement, random_state=0)
    assert data.X["cue"].dtype == np.int64
    above = data.y > data.y.median()
    assert (data.X["cue"] == above).sum() == right


def test_another_agreement_changes_the_cue_alone():
    here, elsewhere = (datasets.planted_spurious(agreement=a, random_state=0) for a in (0.95, 0.5))
    pd.testing.assert_frame_equal(here.X.drop(columns="cue"), elsewhere.X.drop(columns="cue"))
    pd.testing.assert_series_equal(here.y, elsewhere.y)
    model = LinearRegression().fit(here.X, here.y)
    assert model.coef_[2] > 0.5
    assert model.score(here.X, here.y) > model.score(elsewhere.X, elsewhere.y) + 0.05


@pytest.mark.parametrize(("share", "members"), [(0.0, 0), (0.1, 10), (0.25, 25), (1.0, 100)])
def test_the_hidden_group_has_the_share_asked_for(share, members):
    X = datasets.planted_hidden_group(100, share=share, random_state=0).X
    assert (X["flag1"] & X["flag2"]).sum() == members
    others = X[(X["flag1"] & X["flag2"]) == 0].value_counts(["flag1", "flag2"])
    assert members == 100 or others.max() - others.min() <= 1


def test_the_hidden_group_shows_in_no_flag_alone():
    data = datasets.planted_hidden_group(3000, random_state=0)

    def slope(rows):
        return np.polyfit(data.X["x1"][rows], data.y[rows], 1)[0]

    group = (data.X["flag1"] & data.X["flag2"]) == 1
    assert slope(group) == pytest.approx(-1)
    assert slope(~group) == pytest.approx(1)
    for flag in ("flag1", "flag2"):
        assert all(slope(data.X[flag] == value) > 0.4 for value in (0, 1))


@pytest.mark.parametrize(
    ("maker", "arguments", "error", "message"),
    [
        *[(maker, {"n_samples": 0}, ValueError, "n_samples.*at least 1.*0") for maker in MAKERS],
        *[(maker, {"n_samples": 2.5}, TypeError, r"n_samples.*2\.5") for maker in MAKERS],
        *[(m, {"n_noise_features": -1}, ValueError, "n_noise_features.*-1") for m in MAKERS],
        *[(maker, {"noise": -1}, ValueError, "noise.*at least 0.*-1") for maker in MAKERS],
        *[(maker, {"noise": "1"}, TypeError, "noise.*number.*str") for maker in MAKERS],
        *[(maker, {"random_state": -1}, ValueError, "random_state.*-1") for maker in MAKERS],
        (datasets.planted_correlated, {"correlation": 1}, ValueError, "correlation.*below 1.*1"),
        (datasets.planted_interaction, {"strength": np.nan}, ValueError, "strength.*nan"),
        (datasets.planted_leak, {"leak_noise": -0.1}, ValueError, r"leak_noise.*-0\.1"),
        (datasets.planted_spurious, {"agreement": 1.1}, ValueError, r"agreement.*at most 1.*1\.1"),
        (datasets.planted_hidden_group, {"share": -0.1}, ValueError, r"share.*at least 0.*-0\.1"),
        (datasets.planted_hidden_group, {"effect": np.inf}, ValueError, "effect.*finite.*inf"),
    ],
)
def test_bad_arguments_are_met_at_the_door(maker, arguments, error, message):
    with pytest.raises(error, match=message):
        maker(**arguments)

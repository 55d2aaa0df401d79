"""Planted truth is true: closed forms against brute force over all coalitions."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from xaikit import datasets, games

MAKERS = [datasets.planted_linear, datasets.planted_product, datasets.planted_opposite]
VARIANTS = [
    (datasets.planted_linear, {}),
    (datasets.planted_linear, {"correlation": 0.9, "noise": 2.0}),
    (datasets.planted_linear, {"n_features": 4, "coefficients": (0.5, 0.0, -7.0, 1.0)}),
    (datasets.planted_product, {}),
    (datasets.planted_product, {"correlation": 0.8, "noise": 1.0, "n_noise_features": 2}),
    (datasets.planted_opposite, {}),
    (datasets.planted_opposite, {"effect": -3.0, "share": 0.2, "n_noise_features": 2}),
]


def brute_force(function, rows, background):
    """Interventional Shapley values by the definition: every coalition, every background row."""
    found = np.empty(rows.shape)
    for i, row in enumerate(rows):

        def value(coalitions, row=row):
            return np.array([function(np.where(c, row, background)).mean() for c in coalitions])

        found[i] = games.shapley_values(value, n_players=rows.shape[1])
    return found


@pytest.mark.parametrize(("maker", "options"), VARIANTS)
def test_attributions_are_the_shapley_values(maker, options):
    data = maker(n_samples=60, random_state=1, **options)
    X = data.X.to_numpy(dtype=float)
    expected = brute_force(data.truth.function, X[:8], X)
    np.testing.assert_allclose(data.truth.attributions[:8], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("maker", "options"), VARIANTS)
def test_attributions_sum_to_what_there_is_to_explain(maker, options):
    truth = (data := maker(random_state=2, **options)).truth
    outputs = truth.function(data.X)
    assert truth.attributions.shape == data.X.shape
    np.testing.assert_allclose(truth.attributions.sum(axis=1), outputs - outputs.mean(), atol=1e-12)


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
    data = maker(random_state=4)
    np.testing.assert_array_equal(data.y, data.truth.function(data.X))
    np.testing.assert_array_equal(data.y, data.truth.function(data.X.to_numpy()))


@pytest.mark.parametrize("maker", MAKERS)
def test_noise_has_the_size_asked_for_and_moves_nothing_else(maker):
    quiet, noisy = maker(20_000, random_state=5), maker(20_000, noise=2.0, random_state=5)
    pd.testing.assert_frame_equal(quiet.X, noisy.X)
    # The standard deviation of 20,000 draws strays from 2 by 0.01 (one standard error).
    assert (noisy.y - quiet.y).std() == pytest.approx(2.0, abs=0.05)
    np.testing.assert_array_equal(quiet.truth.attributions, noisy.truth.attributions)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_seed_draws_the_same_rows_and_leaves_numpy_alone(maker):
    state = np.random.get_state()[1].copy()  # noqa: NPY002  # the global state is what is tested
    first, second, other = (maker(random_state=seed) for seed in (7, 7, 8))
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002  # must not move
    pd.testing.assert_frame_equal(first.X, second.X)
    pd.testing.assert_series_equal(first.y, second.y)
    assert not first.X.equals(other.X)
    assert maker(random_state=np.random.default_rng(7)).X.equals(first.X)
    assert not maker().X.equals(maker().X)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_set_describes_itself_and_can_be_sent_to_a_worker(maker):
    data = maker(random_state=0)
    assert data.description.startswith("y = ")
    assert maker.__name__ in data.source
    assert data.feature_names == tuple(data.X.columns)
    again = pickle.loads(pickle.dumps(data))
    np.testing.assert_array_equal(again.truth.function(data.X), data.y)


def test_linear_correlation_is_the_one_asked_for():
    X = datasets.planted_linear(20_000, 3, correlation=0.6, random_state=0).X
    found = X.corr().to_numpy()[np.triu_indices(3, 1)]
    assert found == pytest.approx(0.6, abs=0.03)
    assert X.std().to_numpy() == pytest.approx(1.0, abs=0.03)


def test_linear_weights_by_default_fall_and_change_sign():
    data = datasets.planted_linear(random_state=0)
    fitted = LinearRegression().fit(data.X, data.y)
    np.testing.assert_allclose(fitted.coef_, [3, -2, 1, 0, 0], atol=1e-10)
    assert data.description.startswith("y = 3 x1 - 2 x2 + 1 x3,")
    assert len(datasets.planted_linear(10, 15, random_state=0).truth.relevant) == 8


def test_product_has_no_effect_of_its_own():
    data = datasets.planted_product(50_000, random_state=0)
    # The partial dependence of x1 at 2 is 2 · mean(x2), whose standard error is 0.009.
    at_two = data.truth.function(data.X.assign(x1=2.0)).mean()
    assert at_two == pytest.approx(0.0, abs=0.04)
    assert np.abs(data.truth.attributions[:, 0]).mean() > 0.25


def test_opposite_the_mean_effect_is_nil_and_each_is_large():
    data = datasets.planted_opposite(random_state=0)
    step = data.truth.function(data.X.assign(x1=data.X["x1"] + 1)) - data.truth.function(data.X)
    assert step.mean() == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(np.abs(step), 1.0)
    assert np.array_equal(step > 0, data.X["group"] == 0)


@pytest.mark.parametrize(("share", "members"), [(0.0, 0), (0.3, 30), (1.0, 100)])
def test_opposite_meets_the_share_exactly(share, members):
    X = datasets.planted_opposite(100, share=share, random_state=0).X
    assert X["group"].sum() == members
    assert X["group"].dtype == np.int64


@pytest.mark.parametrize(
    ("maker", "arguments", "error", "message"),
    [
        (datasets.planted_linear, {"n_samples": 0}, ValueError, "n_samples.*at least 1.*0"),
        (datasets.planted_linear, {"n_samples": 10.0}, TypeError, r"n_samples.*10\.0"),
        (datasets.planted_linear, {"n_samples": True}, TypeError, "n_samples.*True"),
        (datasets.planted_linear, {"n_features": -1}, ValueError, "n_features.*at least 1.*-1"),
        (datasets.planted_linear, {"correlation": 1.0}, ValueError, r"correlation.*below 1.*1\.0"),
        (datasets.planted_linear, {"correlation": -0.5}, ValueError, r"correlation.*at least 0"),
        (datasets.planted_linear, {"correlation": "0.5"}, TypeError, "correlation.*str"),
        (datasets.planted_linear, {"noise": -1}, ValueError, "noise.*at least 0.*-1"),
        (datasets.planted_linear, {"noise": np.nan}, ValueError, "noise.*finite.*nan"),
        (
            datasets.planted_linear,
            {"coefficients": [1, 2]},
            ValueError,
            r"coefficients.*5, one.*\[1, 2\]",
        ),
        (
            datasets.planted_linear,
            {"coefficients": [1, 2, 3, 4, np.inf]},
            ValueError,
            "coefficients.*finite.*inf",
        ),
        (datasets.planted_linear, {"coefficients": "abcde"}, ValueError, "coefficients.*'abcde'"),
        (datasets.planted_linear, {"random_state": -1}, ValueError, "random_state.*-1"),
        (datasets.planted_linear, {"random_state": "0"}, TypeError, "random_state.*'0'"),
        (datasets.planted_product, {"n_noise_features": -1}, ValueError, "n_noise_features.*-1"),
        (datasets.planted_product, {"noise": np.inf}, ValueError, "noise.*finite.*inf"),
        (datasets.planted_opposite, {"share": 1.5}, ValueError, r"share.*at most 1.*1\.5"),
        (datasets.planted_opposite, {"effect": np.nan}, ValueError, "effect.*finite.*nan"),
        (datasets.planted_opposite, {"effect": None}, TypeError, "effect.*NoneType"),
    ],
)
def test_bad_arguments_are_met_at_the_door(maker, arguments, error, message):
    with pytest.raises(error, match=message):
        maker(**arguments)

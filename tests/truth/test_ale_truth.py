"""Accumulated local effects of functions whose effect can be written down."""

import numpy as np
import pytest
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from xaikit import effects, explain


@pytest.fixture
def correlated():
    rng = np.random.default_rng(0)
    return rng.multivariate_normal([1, 2, 0], [[1, 0.95, 0], [0.95, 1, 0], [0, 0, 1]], size=400)


@pytest.fixture
def envelope():
    """Two uniform features that are nearly equal, as in the paper's first example."""
    rng = np.random.default_rng(1)
    x = rng.uniform(size=400)
    return np.column_stack([x + rng.normal(0, 0.05, 400), x + rng.normal(0, 0.05, 400)])


@pytest.mark.parametrize("n_bins", [1, 7, 50])
@pytest.mark.parametrize("feature", [0, 1, 2])
def test_the_slope_of_a_linear_model_is_its_coefficient(correlated, feature, n_bins):
    model = LinearRegression().fit(correlated, correlated @ [3.0, -2.0, 0.5] + 7)
    e = effects.ale(model, correlated, feature, n_bins=n_bins)
    slopes = np.diff(e.values) / np.diff(e.grid)
    np.testing.assert_allclose(slopes, model.coef_[feature], rtol=1e-9)
    # Centred over the rows, it is the linear model's Shapley value.
    truth = model.coef_[feature] * (e.grid - correlated[:, feature].mean())
    np.testing.assert_allclose(e.values, truth, atol=1e-12)


def test_it_agrees_with_the_attributions_of_a_linear_classifier(correlated):
    label = correlated[:, 0] > 1
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(correlated, label)
    e = effects.ale(model, correlated, 0, output_space="log-odds")
    shapley = explain(model, correlated, output_space="log-odds").values[:, 0]
    np.testing.assert_allclose(np.interp(correlated[:, 0], e.grid, e.values), shapley, atol=1e-9)


def test_it_is_right_where_partial_dependence_asks_about_rows_that_do_not_occur(envelope):
    def model(X):
        X = np.asarray(X)
        # On the data x1 + x2²; off it, where nothing was ever observed, something else.
        return X[:, 0] + X[:, 1] ** 2 + 10 * (np.abs(X[:, 0] - X[:, 1]) > 0.5)

    assert (np.abs(envelope[:, 0] - envelope[:, 1]) < 0.4).all()
    e = effects.ale(model, envelope, 0)
    np.testing.assert_allclose(e.values, e.grid - envelope[:, 0].mean(), atol=1e-12)
    e = effects.ale(model, envelope, 1)
    square = e.grid**2
    on_rows = np.interp(envelope[:, 1], e.grid, square)
    np.testing.assert_allclose(e.values, square - on_rows.mean(), atol=1e-12)
    dependence = np.array([model(np.column_stack([np.full(400, v), envelope[:, 1]])).mean()
                           for v in e.grid])  # fmt: skip
    assert np.abs(dependence - dependence.mean() - (e.grid - e.grid.mean())).max() > 1


def test_a_tree_that_was_never_shown_the_corners(envelope):
    """The paper's first example: a fitted tree, and scikit-learn's partial dependence."""
    y = envelope[:, 0] + envelope[:, 1] ** 2
    model = DecisionTreeRegressor(max_leaf_nodes=100, random_state=0).fit(envelope, y)
    e = effects.ale(model, envelope, 1, n_bins=20)
    inner = slice(2, -2)
    truth = e.grid**2
    found = partial_dependence(model, envelope, [1], custom_values={1: e.grid}, kind="average")
    wrong = []
    for curve in (e.values, found["average"][0]):
        gap = (curve - truth)[inner]
        wrong.append(np.sqrt(np.mean((gap - gap.mean()) ** 2)))
    assert wrong[0] < 0.05
    assert wrong[1] > 3 * wrong[0]


def test_the_second_order_effect_of_an_additive_model_is_zero(correlated):
    e = effects.ale(lambda X: np.exp(X[:, 0]) + X[:, 1] ** 3 + X[:, 2], correlated, (0, 1))
    assert np.abs(e.values).max() < 1e-10
    assert e.filled.any()  # also where cells are empty


def test_the_second_order_effect_of_a_product_on_a_full_grid():
    a, b = np.linspace(-1, 2, 13), np.linspace(0, 5, 11)
    X = np.array([[u, v, 1.0] for u in a for v in b])
    e = effects.ale(lambda X: 4 * X[:, 0] * X[:, 1] + X[:, 0] - X[:, 2], X, (0, 1), n_bins=6)
    truth = 4 * np.outer(e.grids[0] - a.mean(), e.grids[1] - b.mean())
    np.testing.assert_allclose(e.values, truth, atol=1e-12)
    assert not e.filled.any()


def test_the_second_order_effect_of_a_product_with_correlation(correlated):
    """Empty cells carry the slope of the product, and the main effects follow the rows."""
    x1, x2 = correlated[:, 0], correlated[:, 1]
    e = effects.ale(lambda X: X[:, 0] * X[:, 1], correlated, (0, 1), n_bins=12)
    assert e.filled.sum() > 20
    g1, g2 = e.grids
    np.testing.assert_allclose(e.uncentred, np.outer(g1 - g1[0], g2 - g2[0]), atol=1e-11)

    def main(x, other, grid):
        """The slope in each bin is the mean of the other feature over the bin's rows."""
        place = np.clip(np.searchsorted(grid, x) - 1, 0, None)
        steps = [other[place == k].mean() * (grid[k + 1] - grid[k]) for k in range(len(grid) - 1)]
        return np.concatenate([[0], np.cumsum(steps)])

    truth = np.outer(g1, g2) - main(x1, x2, g1)[:, None] - main(x2, x1, g2)
    on_rows = x1 * x2 - np.interp(x1, g1, main(x1, x2, g1)) - np.interp(x2, g2, main(x2, x1, g2))
    np.testing.assert_allclose(e.values, truth - on_rows.mean(), atol=1e-11)


def test_a_feature_that_the_model_does_not_read_has_no_effect(correlated):
    e = effects.ale(lambda X: X[:, 0] ** 2, correlated, 1)
    assert np.array_equal(e.values, np.zeros(len(e.grid)))


@pytest.mark.parametrize("n_bins", [10, 20, 40])
def test_bins_that_can_hold_equally_many_rows_do(n_bins):
    # 0.15 as a float is a little too large: numpy's inverted_cdf put a row too many below it.
    found = effects.ale(lambda X: X[:, 0], np.arange(2000.0)[:, None], 0, n_bins=n_bins)
    assert set(found.counts) == {2000 // n_bins}


def mostly_zeros(seed, share=0.9, n=2000):
    """A column such as capital gains: zero for most rows, and a long tail of amounts."""
    rng = np.random.default_rng(seed)
    gains = np.round(rng.lognormal(8, 1, size=n), -1) + 10
    gains[: int(share * n)] = 0
    return gains


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.6, 0.9, 0.97])
def test_a_step_anywhere_in_the_tail_of_a_column_of_zeros_is_found(share, seed):
    gains = mostly_zeros(seed, share)
    tail = np.sort(gains[gains > 0])
    X = np.column_stack([gains, np.zeros(len(gains))])
    for place in np.quantile(tail, np.linspace(0.02, 0.98, 25)):
        e = effects.ale(lambda X, at=place: 1.0 * (X[:, 0] > at), X, 0)
        (bin_of_step,) = np.flatnonzero(np.diff(e.values) > 0.5)
        low, high = e.grid[bin_of_step : bin_of_step + 2]
        assert low <= place <= high
        np.testing.assert_allclose(e.uncentred[e.grid <= low], 0, atol=1e-12)
        np.testing.assert_allclose(e.uncentred[e.grid >= high], 1, atol=1e-12)
        # One of 20 bins: it may take little more than a twentieth of the tail.
        assert ((tail > low) & (tail <= high)).mean() < 2 / 20


def test_a_step_at_3000_is_not_read_at_1500():
    X = np.column_stack([mostly_zeros(0), np.zeros(2000)])
    e = effects.ale(lambda X: 1.0 * (X[:, 0] >= 3000), X, 0)
    assert len(e.counts) == e.n_bins_asked == 20
    assert np.interp(1500, e.grid, e.uncentred) == 0
    assert np.interp(4000, e.grid, e.uncentred) == 1


@pytest.mark.parametrize("n_bins", [1, 2, 4, 16, 64])  # whose shares are exact as floats
def test_the_edges_are_those_of_the_authors_package_and_more_where_some_coincide(n_bins):
    rng = np.random.default_rng(3)
    for values in (mostly_zeros(0), rng.integers(0, 50, 400), rng.normal(size=300)):
        X = np.asarray(values, dtype=float)[:, None]
        found = effects.ale(lambda X: X[:, 0], X, 0, n_bins=n_bins).grid
        # ALEPlot: quantiles of R's type 1, equal ones merged.
        theirs = np.quantile(X[:, 0], np.arange(n_bins + 1) / n_bins, method="inverted_cdf")
        assert np.isin(theirs, found).all()
        assert len(found) == min(n_bins + 1, len(np.unique(X)))

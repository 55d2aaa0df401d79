"""Measures of explanations against closed forms and against other implementations."""

from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

import xaikit as xk
from xaikit import evaluate

WEIGHTS = np.array([3.0, -2.0, 0.5, 1.0])


def linear(X):
    return np.asarray(X) @ WEIGHTS


def bumpy(X):
    X = np.asarray(X)
    return np.sin(X[:, 0]) * X[:, 1] + np.maximum(X[:, 2], 0) - X[:, 3] * X[:, 0]


@pytest.fixture
def rows():
    return np.random.default_rng(0).standard_normal((30, 4))


def mean_prediction(model, row, background, present):
    mixed = background.copy()
    mixed[:, present] = row[present]
    return model(mixed).mean()


def with_values(e, values):
    return replace(e, values=np.broadcast_to(values, e.values.shape))


def test_deletion_of_a_linear_model_by_hand():
    # f = 3 x1 - 2 x2 from (1, 1) to (0, 0): 1, without x1 -2, without both 0.
    model = partial(np.dot, b=np.array([3.0, -2.0]))
    e = xk.explain(model, [[1.0, 1.0]], background=[[0.0, 0.0]])
    curve = evaluate.deletion(model, e, background=[[0.0, 0.0]])
    np.testing.assert_allclose(curve.predictions, [[1.0, -2.0, 0.0]], atol=1e-12)
    np.testing.assert_array_equal(curve.fractions, [0.0, 0.5, 1.0])
    assert curve.area == pytest.approx((1 - 2) / 4 + (-2 + 0) / 4)
    curve = evaluate.insertion(model, e, background=[[0.0, 0.0]])
    np.testing.assert_allclose(curve.predictions, [[0.0, 3.0, 1.0]], atol=1e-12)


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
def test_curves_are_those_of_one_row_and_one_feature_at_a_time(rows, kind):
    background = rows[10:]
    e = xk.explain(bumpy, rows[:10], background=background)
    found = getattr(evaluate, kind)(bumpy, e, background=background).predictions
    for i, row in enumerate(rows[:10]):
        order = sorted(range(4), key=lambda j, i=i: -e.values[i, j])
        for k in range(5):
            present = order[:k] if kind == "insertion" else order[k:]
            wanted = mean_prediction(bumpy, row, background, present)
            assert found[i, k] == pytest.approx(wanted, abs=1e-12)


def test_constant_attributions_give_a_straight_line(rows):
    e = with_values(xk.explain(bumpy, rows, background=rows), 1.0)
    found = evaluate.deletion(bumpy, e, background=rows).predictions
    wanted = np.linspace(e.predictions, np.full(30, bumpy(rows).mean()), 5, axis=1)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_tie_in_the_middle_is_bridged():
    model = partial(np.dot, b=np.array([4.0, 2.0, 1.0, 0.5]))
    e = xk.explain(model, np.ones((1, 4)), background=np.zeros((1, 4)))
    e = with_values(e, [9.0, 5.0, 5.0, 1.0])
    found = evaluate.deletion(model, e, background=np.zeros((1, 4))).predictions
    # 7.5, then 4 goes; 2 and 1 go together, half a fall at each step; then 0.5.
    np.testing.assert_allclose(found, [[7.5, 3.5, 2.0, 0.5, 0.0]], atol=1e-12)


def test_faithfulness_is_one_for_shapley_values_of_a_sum(rows):
    e = xk.explain(linear, rows, background=rows)
    for size in (1, 2, 3):
        scores = evaluate.faithfulness_correlation(
            linear, e, background=rows, subset_size=size, random_state=0
        )
        np.testing.assert_allclose(scores.values, 1.0, atol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_faithfulness_is_pearson_s_correlation_over_all_subsets(rows, size):
    e = xk.explain(bumpy, rows[:8], background=rows)
    found = evaluate.faithfulness_correlation(bumpy, e, background=rows, subset_size=size)
    for i, row in enumerate(rows[:8]):
        sums, losses = [], []
        for subset in combinations(range(4), size):
            rest = [j for j in range(4) if j not in subset]
            sums.append(e.values[i, list(subset)].sum())
            losses.append(bumpy(row[None])[0] - mean_prediction(bumpy, row, rows, rest))
        assert found.values[i] == pytest.approx(pearsonr(sums, losses).statistic, abs=1e-10)


def test_rank_correlation_is_spearman_s():
    rng = np.random.default_rng(1)
    data = rng.standard_normal((20, 6))
    first = xk.explain(lambda X: X @ np.arange(6.0), data)
    # Rounded, so that there are ties.
    first, second = (with_values(first, rng.standard_normal((20, 6)).round(0)) for _ in range(2))
    found = evaluate.rank_correlation(first, second).values
    wanted = [spearmanr(a, b).statistic for a, b in zip(first.values, second.values, strict=True)]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_entropy_and_sparseness_of_known_shares():
    e = xk.explain(linear, np.ones((4, 4)), background=np.zeros((1, 4)))
    e = replace(e, values=[[0, -7, 0, 0], [2, -2, 2, -2], [1, 1, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(
        evaluate.entropy(e).values, [0, np.log(4), np.log(2), np.log(4)], atol=1e-15
    )
    np.testing.assert_allclose(evaluate.sparseness(e).values, [0.75, 0, 0.5, 0], atol=1e-15)


def test_sparseness_is_the_mean_difference_of_pairs():
    values = np.random.default_rng(2).standard_normal((10, 7))
    e = xk.explain(lambda X: X.sum(axis=1), values, background=np.zeros((1, 7)))
    e = replace(e, values=values)
    sizes = np.abs(values)
    apart = np.abs(sizes[:, :, None] - sizes[:, None, :]).mean(axis=(1, 2))
    np.testing.assert_allclose(
        evaluate.sparseness(e).values, apart / (2 * sizes.mean(axis=1)), atol=1e-12
    )


def test_top_k_by_hand():
    e = xk.explain(linear, np.ones((1, 4)), background=np.zeros((1, 4)))
    first, second = (with_values(e, v) for v in ([5, -4, 3, 0], [1, -4, 3, 2]))
    found = [evaluate.top_k_overlap(first, second, k=k).values[0] for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(found, [0, 0.5, 2 / 3, 1])
    # Of three that tie for one place each has a third of it.
    tied = with_values(e, [9, 2, 2, 2])
    assert evaluate.top_k_overlap(first, tied, k=2).values[0] == pytest.approx((1 + 1 / 3) / 2)


def test_sign_agreement_by_hand():
    e = xk.explain(linear, np.ones((1, 4)), background=np.zeros((1, 4)))
    first, second = (with_values(e, v) for v in ([5, -4, 0, 0], [1, 4, 0, 2]))
    assert evaluate.sign_agreement(first, second).values.tolist() == [0.5]


def test_the_stability_of_a_linear_model_is_its_steepest_weight():
    background = np.random.default_rng(3).standard_normal((400, 4)) * [1, 2, 3, 4]
    sd = background.std(axis=0)
    explainer = partial(xk.explain, linear, background=background)
    found = evaluate.stability(
        explainer, background[:5], background=background, n_neighbours=400, random_state=0
    )
    steepest = np.abs(WEIGHTS * sd).max()
    assert (found.lipschitz <= steepest + 1e-9).all()
    assert (found.lipschitz > 0.95 * steepest).all()


def test_the_stability_of_equal_slopes_is_the_slope():
    X = np.random.default_rng(4).standard_normal((40, 3))
    slopes = 2.0 / X.std(axis=0)
    explainer = partial(xk.explain, lambda X: X @ slopes, background=X)
    found = evaluate.stability(explainer, X, radius=0.3, n_neighbours=3, random_state=0)
    np.testing.assert_allclose(found.lipschitz, 2.0, atol=1e-9)


@pytest.mark.parametrize(
    "maker",
    [
        xk.datasets.planted_linear,
        xk.datasets.planted_product,
        xk.datasets.planted_opposite,
        xk.datasets.planted_correlated,
        xk.datasets.planted_interaction,
        xk.datasets.planted_leak,
        xk.datasets.planted_spurious,
        xk.datasets.planted_hidden_group,
    ],
)
def test_exact_shapley_values_of_the_true_function_have_no_error(maker):
    data = maker(n_samples=60, random_state=5)
    e = xk.explain(data.truth.function, data.X, method="exact_shapley")
    found = evaluate.error(e, data)
    assert found.largest < 1e-12
    assert found.relative < 1e-12
    assert found.misplaced < 1e-12


def test_error_by_hand():
    e = xk.explain(linear, np.ones((2, 4)), background=np.zeros((1, 4)))
    e = replace(e, values=[[1, 2, 0, 0], [3, 0, 0, 0]])
    found = evaluate.error(e, [[1, 0, 0, 0], [0, 0, 4, 0]])
    assert found.rmse == pytest.approx(np.sqrt((4 + 9 + 16) / 8))
    assert found.relative == pytest.approx(np.sqrt((4 + 9 + 16) / (1 + 16)))
    assert found.largest == 4
    # Columns 1 and 3 have no true effect; 2 of 6 stands there.
    assert found.misplaced == pytest.approx(2 / 6)
    np.testing.assert_allclose(found.by_row, [1, 2.5])
    np.testing.assert_allclose(found.by_feature, np.sqrt([4.5, 2, 8, 0]))

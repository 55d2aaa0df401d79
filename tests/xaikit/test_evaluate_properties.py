"""What the docstrings of evaluate state, for any attributions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_explanations import made

import xaikit as xk
from xaikit import evaluate

pytestmark = pytest.mark.slow

ROUNDING = 1e-9
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
shapes = st.tuples(st.integers(1, 4), st.integers(2, 6))
tables = shapes.flatmap(lambda shape: hnp.arrays(float, shape, elements=numbers))
# Whole numbers, so that there are ties.
coarse = shapes.flatmap(lambda shape: hnp.arrays(float, shape, elements=st.integers(-2, 2)))
either = tables | coarse
pairs = shapes.flatmap(
    lambda shape: st.tuples(*[hnp.arrays(float, shape, elements=numbers | st.integers(-2, 2))] * 2)
)
RNG = np.random.default_rng(0)
BACKGROUND = RNG.standard_normal((7, 6))


def bumpy(X):
    X = np.asarray(X)
    return X[:, 0] * X[:, 1] + np.abs(X).sum(axis=1)


def additive(X):
    return np.abs(np.asarray(X)).sum(axis=1) - np.asarray(X)[:, 0] ** 2


def of(model, values, seed=0):
    """An explanation of a model with these attributions, and its background."""
    rows = np.random.default_rng(seed).standard_normal(values.shape)
    e = xk.explain(model, rows, background=BACKGROUND[:, : values.shape[1]])
    return replace(e, values=values), BACKGROUND[:, : values.shape[1]]


@given(either)
@settings(max_examples=50, deadline=None)
def test_an_insertion_is_a_deletion_of_the_negative_read_backwards(values):
    e, background = of(bumpy, values)
    forth = evaluate.insertion(bumpy, e, background=background)
    back = evaluate.deletion(bumpy, replace(e, values=-values), background=background)
    np.testing.assert_allclose(forth.predictions, back.predictions[:, ::-1], atol=ROUNDING)
    np.testing.assert_allclose(forth.areas, back.areas, atol=ROUNDING)


@given(either)
@settings(max_examples=50, deadline=None)
def test_a_curve_goes_from_the_prediction_to_the_background_s_and_holds_its_area(values):
    e, background = of(bumpy, values)
    curve = evaluate.deletion(bumpy, e, background=background)
    np.testing.assert_allclose(curve.predictions[:, 0], e.predictions, atol=ROUNDING)
    np.testing.assert_allclose(curve.predictions[:, -1], bumpy(background).mean(), atol=ROUNDING)
    assert (curve.areas >= curve.predictions.min(axis=1) - ROUNDING).all()
    assert (curve.areas <= curve.predictions.max(axis=1) + ROUNDING).all()
    assert curve.area == pytest.approx(np.trapezoid(curve.mean, curve.fractions))


@given(coarse, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_columns_decides_nothing(values, random):
    e, background = of(additive, values)
    order = list(range(values.shape[1]))
    random.shuffle(order)
    inverse = np.argsort(order)

    def turned(X):
        return additive(np.asarray(X)[:, inverse])

    mixed = replace(e, values=values[:, order], data=e.data[:, order])
    for kind in (evaluate.deletion, evaluate.insertion):
        first = kind(additive, e, background=background)
        second = kind(turned, mixed, background=background[:, order])
        np.testing.assert_allclose(first.predictions, second.predictions, atol=ROUNDING)
    other = made(np.arange(values.size).reshape(values.shape))
    shuffled = made(other.values[:, order])
    for k in (1, values.shape[1] - 1):
        before = evaluate.top_k_overlap(made(values), other, k=k).values
        after = evaluate.top_k_overlap(made(values[:, order]), shuffled, k=k).values
        np.testing.assert_allclose(before, after, atol=ROUNDING)


@given(either, st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_no_order_beats_the_true_one_for_a_sum(values, seed):
    e, background = of(additive, values, seed)
    right = xk.explain(additive, e.data, background=background)
    least = evaluate.deletion(additive, right, background=background)
    assert (least.areas <= evaluate.deletion(additive, e, background=background).areas + 1e-9).all()
    most = evaluate.insertion(additive, right, background=background)
    assert (most.areas >= evaluate.insertion(additive, e, background=background).areas - 1e-9).all()


@given(either, st.floats(0.01, 100), st.floats(-10, 10))
@settings(max_examples=50, deadline=None)
def test_faithfulness_is_a_correlation_blind_to_factor_and_constant(values, factor, constant):
    # On a grid, so that a constant added is not lost in rounding.
    values = np.round(values / 1e6, 3)
    e, background = of(bumpy, values)

    def score(values):
        return evaluate.faithfulness_correlation(
            bumpy, replace(e, values=values), background=background, random_state=0
        ).values

    found = score(values)
    assert (np.abs(found) <= 1).all()
    np.testing.assert_allclose(score(values * factor + constant), found, atol=1e-6)
    np.testing.assert_allclose(score(-values), -found, atol=1e-9)
    assert (score(np.full(values.shape, constant)) == 0).all()


@given(either, st.floats(0.01, 100))
def test_simple_measures_stay_in_range_and_see_neither_factor_nor_sign_nor_order(values, factor):
    for measure in (evaluate.entropy, evaluate.sparseness):
        found = measure(made(values))
        assert (found.values >= found.lowest).all()
        assert (found.values <= found.highest).all()
        other = measure(made(-values[:, ::-1] * factor))
        np.testing.assert_allclose(found.values, other.values, atol=1e-9)


@given(st.integers(2, 30), st.floats(1e-300, 1e300))
def test_entropy_and_sparseness_reach_their_ends(d, size):
    one, all_ = made(np.eye(d)[:1] * size), made(np.full((1, d), size / d))
    assert evaluate.entropy(one).values[0] == 0
    assert evaluate.entropy(all_).values[0] == pytest.approx(np.log(d))
    assert evaluate.sparseness(one).values[0] == pytest.approx(1 - 1 / d)
    assert evaluate.sparseness(all_).values[0] == pytest.approx(0, abs=1e-12)


@given(pairs)
def test_agreements_are_symmetric_and_in_range(pair):
    first, second = map(made, pair)
    for measure in (evaluate.rank_correlation, evaluate.top_k_overlap, evaluate.sign_agreement):
        options = {"k": 2} if measure is evaluate.top_k_overlap else {}
        forth, back = measure(first, second, **options), measure(second, first, **options)
        np.testing.assert_allclose(forth.values, back.values, atol=ROUNDING)
        assert (forth.values >= forth.lowest).all()
        assert (forth.values <= forth.highest).all()


@given(either)
def test_an_explanation_agrees_with_itself_and_not_with_its_negative(values):
    e, negative = made(values), made(-values)
    orders_something = np.ptp(values, axis=1) > 0
    assert (evaluate.rank_correlation(e, e).values == 1).all()
    found = evaluate.rank_correlation(e, negative).values
    np.testing.assert_allclose(found, np.where(orders_something, -1, 1), atol=ROUNDING)
    for k in range(1, values.shape[1] + 1):
        np.testing.assert_allclose(evaluate.top_k_overlap(e, e, k=k).values, 1, atol=ROUNDING)
    assert (evaluate.sign_agreement(e, e).values == 1).all()
    np.testing.assert_allclose(
        evaluate.sign_agreement(e, negative).values, (values == 0).mean(axis=1)
    )


@given(pairs)
def test_constant_attributions_agree_with_a_clear_top_as_chance_does(pair):
    values = pair[0]
    d = values.shape[1]
    clear = made(np.broadcast_to(np.arange(1, d + 1), values.shape))
    constant = made(np.ones(values.shape))
    assert (evaluate.rank_correlation(clear, constant).values == 0).all()
    for k in range(1, d + 1):
        np.testing.assert_allclose(evaluate.top_k_overlap(clear, constant, k=k).values, k / d)


@given(pairs)
def test_errors_are_at_their_best_for_the_truth_itself(pair):
    values, truth = pair
    e = made(values)
    found = evaluate.error(e, truth)
    assert found.rmse >= 0
    assert found.relative >= 0
    assert found.largest >= found.rmse * (1 - 1e-9)
    assert 0 <= found.misplaced <= 1
    np.testing.assert_allclose((found.by_row**2).mean(), found.rmse**2, rtol=1e-9)
    np.testing.assert_allclose((found.by_feature**2).mean(), found.rmse**2, rtol=1e-9)
    itself = evaluate.error(e, values)
    assert (itself.rmse, itself.relative, itself.largest, itself.misplaced) == (0, 0, 0, 0)
    if (np.abs(values) > 1e-100).any():
        assert evaluate.error(made(-values), values).relative == pytest.approx(2)
        assert evaluate.error(made(0 * values), values).relative == pytest.approx(1)
        assert evaluate.error(e, 0 * values).relative == float("inf")


@given(pairs, st.integers(1, 4))
def test_stability_stays_in_range(pair, n_neighbours):
    values, _ = pair
    X = np.random.default_rng(0).standard_normal((len(values) + 1, values.shape[1]))
    rng = np.random.default_rng(1)

    def shuffled(rows):
        return made(rng.choice(values, len(rows)), data=rows)

    found = evaluate.stability(shuffled, X, n_neighbours=n_neighbours, random_state=0)
    assert ((found.relative_change >= 0) & (found.relative_change <= 2)).all()
    assert (found.lipschitz >= 0).all()
    assert (found.prediction_change >= 0).all()
    assert len(found) == len(X)

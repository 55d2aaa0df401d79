"""The axioms that single out the Shapley value, on games and models nobody chose."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import xaikit as xk
from xaikit import games

WORTH = st.floats(-100, 100, allow_nan=False)


def table_game(worth):
    n = int(np.log2(len(worth)))
    return lambda coalitions: worth[coalitions @ (2 ** np.arange(n))]


@st.composite
def worths(draw, min_players=1, max_players=5):
    n = draw(st.integers(min_players, max_players))
    return n, draw(arrays(float, 2**n, elements=WORTH))


@given(worths())
def test_efficiency(game):
    n, worth = game
    values = games.shapley_values(table_game(worth), n)
    np.testing.assert_allclose(values.sum(), worth[-1] - worth[0], atol=1e-9)


@given(worths(min_players=2))
def test_symmetry(game):
    n, worth = game
    masks = np.arange(2**n)[:, None] >> np.arange(n) & 1
    swapped = masks.copy()
    swapped[:, [0, 1]] = swapped[:, [1, 0]]
    both = (worth + worth[swapped @ (2 ** np.arange(n))]) / 2  # players 0 and 1 alike
    values = games.shapley_values(table_game(both), n)
    np.testing.assert_allclose(values[0], values[1], atol=1e-9)


@given(worths(), st.floats(-50, 50))
def test_dummy(game, own):
    n, worth = game
    # A new last player who adds `own` to whomever he joins.
    values = games.shapley_values(table_game(np.concatenate([worth, worth + own])), n + 1)
    np.testing.assert_allclose(values[-1], own, atol=1e-9)
    np.testing.assert_allclose(values[:-1], games.shapley_values(table_game(worth), n), atol=1e-9)


@given(st.data(), st.floats(-3, 3), st.floats(-3, 3))
def test_linearity(data, a, b):
    n = data.draw(st.integers(1, 5))
    v, w = (data.draw(arrays(float, 2**n, elements=WORTH)) for _ in range(2))
    together = games.shapley_values(table_game(a * v + b * w), n)
    apart = a * games.shapley_values(table_game(v), n) + b * games.shapley_values(table_game(w), n)
    np.testing.assert_allclose(together, apart, atol=1e-8)


TABLES = arrays(float, (9, 4), elements=st.floats(-5, 5, width=32))


def explain(function, table):
    return xk.explain(function, table[:3], background=table[3:], method="exact_shapley").values


@settings(deadline=None, max_examples=30)
@given(TABLES)
def test_models_obey_them_too(table):
    def f(X):
        return np.sin(X[:, 0]) * X[:, 1] + X[:, 0] * X[:, 1] * X[:, 2]

    def g(X):
        return np.abs(X[:, 1] - X[:, 2])

    values = explain(f, table)
    gain = f(table[:3]) - f(table[3:]).mean()
    np.testing.assert_allclose(values.sum(axis=1), gain, atol=1e-9)  # efficiency
    np.testing.assert_allclose(values[:, 3], 0, atol=1e-9)  # dummy: f never reads column 3
    both = explain(lambda X: 2 * f(X) - 3 * g(X), table)
    np.testing.assert_allclose(both, 2 * values - 3 * explain(g, table), atol=1e-8)  # linearity
    table[:, 1] = table[:, 0]
    alike = explain(lambda X: np.maximum(X[:, 0], X[:, 1]) + X[:, 2], table)
    np.testing.assert_allclose(alike[:, 0], alike[:, 1], atol=1e-9)  # symmetry

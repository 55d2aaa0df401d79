"""Games are worth what their rules say; published answers are in tests/truth."""

import itertools

import numpy as np
import pytest

from xaikit import games


def by_orders(value, n):
    """Shapley values by the definition: the mean gain over all n! orders of joining."""
    total = np.zeros(n)
    orders = list(itertools.permutations(range(n)))
    for order in orders:
        inside = np.zeros(n, dtype=bool)
        before = value(inside[None])[0]
        for player in order:
            inside[player] = True
            after = value(inside[None])[0]
            total[player] += after - before
            before = after
    return total / len(orders)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_values_are_the_mean_gain_over_all_orders(n):
    worth = np.random.default_rng(n).normal(size=2**n)

    def value(coalitions):
        return worth[coalitions @ (2 ** np.arange(n))]

    np.testing.assert_allclose(games.shapley_values(value, n), by_orders(value, n), atol=1e-12)


def test_a_worth_of_nobody_other_than_zero_is_not_shared_out():
    values = games.shapley_values(lambda c: 10.0 + 2.0 * c[:, 0] + 3.0 * c[:, 1], 2)
    np.testing.assert_allclose(values, [2, 3])


def test_twenty_players_are_asked_in_pieces():
    asked = []

    def largest(coalitions):
        asked.append(len(coalitions))
        return (coalitions * np.arange(1, 21)).max(axis=1)

    values = games.shapley_values(largest, 20)
    np.testing.assert_allclose(values, games.maximum(range(1, 21)).solution, atol=1e-12)
    assert max(asked) < 2**20
    assert sum(asked) == 2**20


@pytest.mark.parametrize("costs", [(5,), (0, 0), (7, 3, 3, 1), (1, 10, 2, 8, 5)])
def test_closed_form_of_the_airport_game_for_any_costs(costs):
    game = games.airport(costs)
    np.testing.assert_allclose(games.shapley_values(game), game.solution, atol=1e-12)
    assert game.solution.sum() == pytest.approx(max(costs))


def test_a_vote_of_other_weights_carries_no_published_solution():
    assert games.weighted_voting(quota=3, weights=(2, 2, 1)).solution is None
    assert games.weighted_voting().solution is not None


def test_solutions_cannot_be_written_over():
    with pytest.raises(ValueError, match="read-only"):
        games.glove().solution[0] = 1.0


def test_integer_and_boolean_worth_is_taken():
    np.testing.assert_allclose(games.shapley_values(lambda c: c[:, 0], 2), [1, 0])
    np.testing.assert_allclose(games.shapley_values(lambda c: c.sum(axis=1), 3), [1, 1, 1])

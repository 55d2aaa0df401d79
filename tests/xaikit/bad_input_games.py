"""Calls of the games that must fail: see test_bad_input."""

import numpy as np

from xaikit import games


def first(rows):
    return np.asarray(rows)[:, 0]


def shapley(game, n_players=None):
    return lambda: games.shapley_values(game, n_players)


V, T = ValueError, TypeError
CASES = {
    "no game": (shapley("glove"), T, "game", "callable", "'glove'"),
    "a game of unknown size": (shapley(first), T, "n_players", "given", "None"),
    "nobody plays": (shapley(first, 0), V, "n_players", "1 to 20", "0"),
    "too many play": (shapley(first, 21), V, "n_players", "1 to 20", "21"),
    "half a player": (shapley(first, 2.5), T, "n_players", "whole", "2.5"),
    "true players": (shapley(first, True), T, "n_players", "whole", "True"),
    "another number of players": (
        shapley(games.glove(), 4),
        V,
        "n_players",
        "3.*'glove'",
        "4",
    ),
    "a game worth one number": (shapley(lambda c: 1.0, 3), V, "game", r"\(8,\)", r"\(\)"),
    "a game of another shape": (shapley(lambda c: c * 1.0, 3), V, "game", r"\(8,\)", r"\(8, 3\)"),
    "a game worth nan": (
        shapley(lambda c: np.full(len(c), np.nan), 2),
        V,
        "game",
        "finite",
        "nan",
    ),
    "a game worth words": (
        shapley(lambda c: np.array(["much"] * len(c)), 2),
        V,
        "game",
        "numbers",
        "<U4",
    ),
    "coalitions of numbers": (
        lambda: games.glove()(np.ones((2, 3))),
        V,
        "coalitions",
        "boolean",
        "float64",
    ),
    "coalitions too wide": (
        lambda: games.glove()(np.ones((2, 4), dtype=bool)),
        V,
        "coalitions",
        "3",
        r"\(2, 4\)",
    ),
    "a solution too short": (
        lambda: games.Game("g", ("a", "b"), first, np.ones(3)),
        V,
        "solution",
        "2 players",
        "3",
    ),
    "a game without players": (lambda: games.Game("g", (), first), V, "players", "1 to 20", "0"),
    "a game without a rule": (lambda: games.Game("g", ("a",), 3), T, "value", "callable", "3"),
    "no costs": (lambda: games.airport(()), V, "costs", "at least one", r"\(\)"),
    "a cost below zero": (lambda: games.airport((1, -2)), V, "costs", "below 0", "-2"),
    "a value of nan": (lambda: games.maximum((1, np.nan)), V, "values", "finite", "nan"),
    "values in words": (lambda: games.maximum("abc"), V, "values", "sequence", "'abc'"),
    "an empty carrier": (lambda: games.unanimity(3, ()), V, "carrier", "at least one", r"\(\)"),
    "a stranger in the carrier": (lambda: games.unanimity(3, (0, 3)), V, "carrier", "0 to 2", "3"),
    "a carrier twice": (lambda: games.unanimity(3, (1, 1)), V, "carrier", "once", r"\(1, 1\)"),
    "a quota out of reach": (lambda: games.weighted_voting(9, (4, 4)), V, "quota", "most.*8", "9"),
    "a quota of nothing": (lambda: games.weighted_voting(0, (4, 4)), V, "quota", "above 0", "0"),
    "a weight below zero": (lambda: games.weighted_voting(1, (4, -1)), V, "weights", "below", "-1"),
}

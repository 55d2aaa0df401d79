"""Cooperative games: exact Shapley values, and games whose answer is published."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, numbers, whole_number
from xaikit.games._game import MAX_PLAYERS, Game


def glove() -> Game:
    """Return the glove market: two people own a left glove, one a right; a pair is worth 1.

    Returns
    -------
    Game
        Three players, solution (1/6, 1/6, 2/3).

    Notes
    -----
    Taught in: local/shapley.

    References
    ----------
    .. [1] Shapley, L. S. and Shubik, M. (1969). On market games. Journal of Economic
       Theory 1, 9-25. https://doi.org/10.1016/0022-0531(69)90008-8

    Examples
    --------
    >>> from xaikit import games
    >>> games.shapley_values(games.glove()).round(3)
    array([0.167, 0.167, 0.667])
    """

    def pairs(coalitions: BoolArray) -> FloatArray:
        left, right = coalitions[:, :2].sum(axis=1), coalitions[:, 2]
        return np.asarray(np.minimum(left, right), dtype=np.float64)

    return Game(
        name="glove",
        players=("left 1", "left 2", "right"),
        value=pairs,
        solution=np.array([1 / 6, 1 / 6, 2 / 3]),
        source="https://doi.org/10.1016/0022-0531(69)90008-8",
    )


def airport(costs: Sequence[float] = (1, 2, 4)) -> Game:
    """Return the airport game: a runway costs what its largest aircraft needs.

    Parameters
    ----------
    costs : sequence of float
        What the runway of each aircraft alone would cost; none below 0.

    Returns
    -------
    Game
        The value of a coalition is its largest cost. The solution is the closed
        form: each piece of runway is shared equally by those who need it.

    Raises
    ------
    ValueError
        When `costs` is empty, not finite or below 0.

    Notes
    -----
    Taught in: local/shapley.

    References
    ----------
    .. [1] Littlechild, S. C. and Owen, G. (1973). A simple expression for the Shapley
       value in a special case. Management Science 20, 370-372.
       https://doi.org/10.1287/mnsc.20.3.370

    Examples
    --------
    >>> from xaikit import games
    >>> games.shapley_values(games.airport()).round(3)
    array([0.333, 0.833, 2.833])
    """
    return _largest("airport", "costs", costs)


def maximum(values: Sequence[float] = (3, 2, 1)) -> Game:
    """Return the maximum game: the value of a coalition is its best member's.

    Parameters
    ----------
    values : sequence of float
        The value of each player alone; none below 0.

    Returns
    -------
    Game
        The same rule as `airport`, read as a gain in place of a cost.

    Raises
    ------
    ValueError
        When `values` is empty, not finite or below 0.

    Notes
    -----
    Taught in: local/shapley.

    References
    ----------
    .. [1] Littlechild, S. C. and Owen, G. (1973). A simple expression for the Shapley
       value in a special case. Management Science 20, 370-372.
       https://doi.org/10.1287/mnsc.20.3.370

    Examples
    --------
    >>> from xaikit import games
    >>> games.shapley_values(games.maximum()).round(3)
    array([1.833, 0.833, 0.333])
    """
    return _largest("maximum", "values", values)


def _largest(name: str, argument: str, amounts: Sequence[float]) -> Game:
    amount = numbers(argument, amounts)
    if amount.min() < 0:
        raise ValueError(f"{argument} must not be below 0; got {amount.min():g}.")
    order = np.argsort(amount, kind="stable")
    steps = np.diff(np.concatenate([[0.0], amount[order]]))
    sharers = np.arange(len(amount), 0, -1)
    solution = np.empty(len(amount))
    solution[order] = np.cumsum(steps / sharers)
    return Game(
        name=name,
        players=tuple(f"{name[0].upper()}{i + 1}" for i in range(len(amount))),
        value=lambda coalitions: (coalitions * amount).max(axis=1),
        solution=solution,
        source="https://doi.org/10.1287/mnsc.20.3.370",
    )


def unanimity(n_players: int = 4, carrier: Sequence[int] = (0, 2)) -> Game:
    """Return the unanimity game: worth 1 once every member of the carrier is in.

    Parameters
    ----------
    n_players : int
        How many players there are, 1 to 20.
    carrier : sequence of int
        The players, counted from 0, who are needed; the others add nothing.

    Returns
    -------
    Game
        The solution is 1 / len(carrier) for the carrier and 0 for the others.

    Raises
    ------
    ValueError
        When the carrier is empty, repeats a player or names one who is not there.

    Notes
    -----
    Taught in: local/shapley.

    References
    ----------
    .. [1] Shapley, L. S. (1953). A value for n-person games. Contributions to the
       Theory of Games II, 307-317. https://doi.org/10.1515/9781400881970-018

    Examples
    --------
    >>> from xaikit import games
    >>> games.shapley_values(games.unanimity())
    array([0.5, 0. , 0.5, 0. ])
    """
    n = whole_number("n_players", n_players, low=1, high=MAX_PLAYERS)
    members = [whole_number("carrier", member, low=0, high=n - 1) for member in carrier]
    if not members or len(set(members)) != len(members):
        raise ValueError(f"carrier must name at least one player, each once; got {carrier!r}.")
    solution = np.zeros(n)
    solution[members] = 1 / len(members)
    return Game(
        name="unanimity",
        players=tuple(f"P{i + 1}" for i in range(n)),
        value=lambda c: np.asarray(c[:, members].all(axis=1), dtype=np.float64),
        solution=solution,
        source="https://doi.org/10.1515/9781400881970-018",
    )


def weighted_voting(quota: float = 51, weights: Sequence[float] = (50, 49, 1)) -> Game:
    """Return a weighted vote: a coalition wins, and is worth 1, when its votes reach the quota.

    Parameters
    ----------
    quota : float
        Votes needed to win; above 0 and at most the sum of the weights.
    weights : sequence of float
        Votes of each player; none below 0.

    Returns
    -------
    Game
        For 51; 50, 49, 1 the solution (2/3, 1/6, 1/6) comes with it.

    Raises
    ------
    ValueError
        When a weight is below 0, or the quota cannot be reached or needs no vote.

    Notes
    -----
    Taught in: local/shapley.

    References
    ----------
    .. [1] Shapley, L. S. and Shubik, M. (1954). A method for evaluating the
       distribution of power in a committee system. American Political Science Review
       48, 787-792. https://doi.org/10.2307/1951053

    Examples
    --------
    >>> from xaikit import games
    >>> games.shapley_values(games.weighted_voting()).round(3)
    array([0.667, 0.167, 0.167])
    """
    votes = numbers("weights", weights)
    if votes.min() < 0:
        raise ValueError(f"weights must not be below 0; got {votes.min():g}.")
    needed = float(numbers("quota", [quota])[0])
    if not 0 < needed <= votes.sum():
        raise ValueError(
            f"quota must be above 0 and at most the sum of the weights, {votes.sum():g}; "
            f"got {needed:g}."
        )

    def wins(coalitions: BoolArray) -> FloatArray:
        return np.asarray(coalitions @ votes >= needed, dtype=np.float64)

    textbook = needed == 51 and votes.tolist() == [50, 49, 1]
    return Game(
        name="weighted voting",
        players=tuple(f"P{i + 1}" for i in range(len(votes))),
        value=wins,
        solution=np.array([2 / 3, 1 / 6, 1 / 6]) if textbook else None,
        source="https://doi.org/10.2307/1951053",
    )

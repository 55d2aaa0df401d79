"""A cooperative game, and its exact Shapley values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xaikit.core import shapley
from xaikit.core.checks import BoolArray, FloatArray, numbers, whole_number

MAX_PLAYERS = 20
# Coalitions asked in one call; keeps the memory of a large game small.
_CHUNK = 2**16


@dataclass(frozen=True, eq=False)
class Game:
    """A cooperative game: the value of each coalition of players.

    Call it with coalitions, a boolean array of shape (m, n_players), to get their
    values, shape (m,).

    Parameters
    ----------
    name : str
        What the game is called.
    players : tuple of str
        The players, in the order of the columns of a coalition array.
    value : callable
        Maps coalitions, bool (m, n_players), to their values, float (m,).
    solution : ndarray of shape (n_players,) or None
        The published Shapley values; None where no closed form is known here.
    source : str
        Where the solution is published.

    Raises
    ------
    ValueError
        When there are no players or too many, or `solution` has another length.

    Notes
    -----
    Taught in: local/shapley.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import games
    >>> game = games.glove()
    >>> game.players
    ('left 1', 'left 2', 'right')
    >>> game(np.array([[True, True, False], [True, False, True]]))
    array([0., 1.])
    """

    name: str
    players: tuple[str, ...]
    value: Callable[[BoolArray], FloatArray]
    solution: FloatArray | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if not callable(self.value):
            raise TypeError(f"value must be callable; got {self.value!r}.")
        players = tuple(str(player) for player in self.players)
        whole_number("the number of players", len(players), low=1, high=MAX_PLAYERS)
        object.__setattr__(self, "players", players)
        if self.solution is not None:
            solution = numbers("solution", self.solution)
            if solution.shape != (self.n_players,):
                raise ValueError(
                    f"solution must have one number for each of {self.n_players} players; "
                    f"got {len(solution)}."
                )
            solution.flags.writeable = False
            object.__setattr__(self, "solution", solution)

    @property
    def n_players(self) -> int:
        """How many players there are."""
        return len(self.players)

    def __call__(self, coalitions: BoolArray) -> FloatArray:
        """Return the value of each coalition, (m,), from a boolean array (m, n_players)."""
        masks = np.asarray(coalitions)
        if masks.dtype != bool or masks.ndim != 2 or masks.shape[1] != self.n_players:
            raise ValueError(
                f"coalitions must be a boolean array of shape (m, {self.n_players}), one "
                f"coalition a row; got {masks.dtype} of shape {masks.shape}."
            )
        return _worth(self.value, masks)


def shapley_values(
    game: Game | Callable[[BoolArray], FloatArray], n_players: int | None = None
) -> FloatArray:
    """Return the exact Shapley values of a game.

    Every one of the ``2**n_players`` coalitions is asked once. The values sum to the
    value of all players together minus that of nobody, ``v(N) - v(∅)``.

    Parameters
    ----------
    game : Game or callable
        Maps coalitions, bool (m, n_players), to their values, (m,).
    n_players : int, optional
        Needed for a plain callable; a `Game` knows its own number.

    Returns
    -------
    ndarray of shape (n_players,)
        One value a player, in the unit of the game.

    Raises
    ------
    TypeError
        When `game` is not callable, or a plain callable comes without `n_players`.
    ValueError
        When there are more than 20 players, or the game returns anything but one
        finite number for each coalition.

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
    >>> games.shapley_values(games.airport(costs=(3, 6)))
    array([1.5, 4.5])
    >>> games.shapley_values(lambda coalitions: 2.0 * coalitions[:, 0], n_players=2)
    array([2., 0.])
    """
    n = _player_count(game, n_players)
    masks = shapley.coalition_masks(n)
    chunks = [_worth(game, masks[at : at + _CHUNK]) for at in range(0, len(masks), _CHUNK)]
    return shapley.from_coalition_values(np.concatenate(chunks))


def _player_count(game: object, n_players: int | None) -> int:
    if not callable(game):
        raise TypeError(f"game must be a Game or a callable; got {game!r}.")
    if isinstance(game, Game):
        if n_players not in (None, game.n_players):
            raise ValueError(
                f"n_players must be {game.n_players}, as the game {game.name!r} has it, "
                f"or left out; got {n_players!r}."
            )
        return game.n_players
    if n_players is None:
        raise TypeError("n_players must be given for a plain callable; got None.")
    return whole_number("n_players", n_players, low=1, high=MAX_PLAYERS)


def _worth(game: Callable[[BoolArray], FloatArray], masks: BoolArray) -> FloatArray:
    v = np.asarray(game(masks))
    if v.shape != (len(masks),):
        raise ValueError(
            f"game must return one number a coalition, shape ({len(masks)},); got shape {v.shape}."
        )
    if v.dtype.kind not in "biuf":
        raise ValueError(f"game must return numbers; got {v.dtype}.")
    if not np.isfinite(v).all():
        bad = v[~np.isfinite(v)][0]
        raise ValueError(f"game must return finite numbers; got {bad}.")
    return v.astype(np.float64)

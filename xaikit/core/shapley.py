"""The Shapley formula, written once: for games and for models alike."""

from __future__ import annotations

from math import comb

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray


def coalition_masks(n_players: int) -> BoolArray:
    """Return all coalitions, shape (2**n, n).

    Row ``s`` holds player ``j`` where bit ``j`` of ``s`` is set, so that row 0 is
    the empty coalition and the last row the grand one.
    """
    members = np.arange(2**n_players)[:, None] >> np.arange(n_players) & 1
    return members.astype(bool)


def from_coalition_values(v: FloatArray) -> FloatArray:
    """Return Shapley values, shape (..., n), from the values of all coalitions, shape (..., 2**n).

    The last axis is in the order of `coalition_masks`. The value of the empty
    coalition need not be 0: the values share out what the others add to it.
    """
    n_players = int(v.shape[-1]).bit_length() - 1
    sizes = np.bitwise_count(np.arange(2**n_players)).astype(np.intp)
    # A player who joins a coalition of size s does so in s! (n - s - 1)! of the n! orders.
    weight_of_size = np.array(
        [1.0 / (n_players * comb(n_players - 1, s)) for s in range(n_players)] + [0.0]
    )
    weights = weight_of_size[sizes]
    values = np.empty((*v.shape[:-1], n_players))
    for player in range(n_players):
        # Bit `player` is the middle axis: coalitions without it, and the same with it.
        split = v.reshape(*v.shape[:-1], -1, 2, 2**player)
        gain = split[..., 1, :] - split[..., 0, :]
        weight = weights.reshape(-1, 2, 2**player)[:, 0, :]
        # Along one axis, so that a row's sum is the same bits whatever rows stand beside it.
        values[..., player] = (gain * weight).reshape(*v.shape[:-1], -1).sum(axis=-1)
    return values

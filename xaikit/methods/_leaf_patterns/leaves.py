"""What a leaf gives to each group of rows, and a group to its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.methods._leaf_patterns.compiling import compiled
from xaikit.methods._leaf_patterns.groups import BITS


@compiled
def _failed(pattern: Any, k: int) -> Any:
    """Return the places of the bits that are not set, group by group, and where each ends."""
    places, ends = np.empty(len(pattern) * k + 1, np.int32), np.empty(len(pattern) + 1, np.int64)
    end = ends[0] = 0
    for g in range(len(pattern)):
        for place in range(k):
            places[end] = place
            end += 1 - ((pattern[g, place // BITS] >> (place % BITS)) & 1)
        ends[g + 1] = end
    return places, ends


@compiled
def leaf_table(
    pattern: Any, q_pattern: Any, count: Any, meet: Any, at: int, weights: Any, k: int
) -> Any:
    """Return what a leaf of value 1 gives its k players, for each group of rows."""
    weight_in, weight_out = weights
    out_places, out_ends = _failed(pattern, k)
    in_places, in_ends = _failed(q_pattern, k)
    table = np.zeros((len(pattern), k))
    for g in range(len(pattern)):
        b = out_ends[g + 1] - out_ends[g]
        those_out = 0.0
        for e in range(meet.first[at + g], meet.last[at + g]):
            h = meet.pair[e]
            a = in_ends[h + 1] - in_ends[h]
            those_out += count[h] * weight_out[a, b]
            more = count[h] * weight_in[a, b]
            for i in range(in_ends[h], in_ends[h + 1]):
                table[g, in_places[i]] += more
        for i in range(out_ends[g], out_ends[g + 1]):
            table[g, out_places[i]] = -those_out
    return table


@compiled
def add_groups(table: Any, own: Any, value: float, was: Any, becomes: Any, side: int) -> None:
    """Add what a leaf gives its groups of rows to those of its parent that they come from."""
    for g in range(len(becomes)):
        for to in range(2):
            c = becomes[g, 1 if was[g] and to == side else 0]
            if c >= 0:
                for j in range(own.shape[1]):
                    table[g, to, j] += value * own[c, j]


@compiled
def add_rows(out: Any, table: Any, players: Any, index: Any, group: Any, side: Any) -> None:
    """Add to each row what its group is given, player by player."""
    given = np.empty((len(table), 2))
    for j in range(table.shape[2]):
        for g in range(len(table)):
            given[g, 0], given[g, 1] = table[g, 0, j], table[g, 1, j]
        own = out[players[j]]
        for i in range(len(index)):
            own[index[i]] += given[group[i], side[i]]

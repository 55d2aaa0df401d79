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
def leaf_table(meet: Any, ga: int, r: Any, q: Any, k: int, values: Any, weights: Any) -> Any:
    """Return what the leaves below a node give the k players, by group of rows and its side.

    `values` are those of the left and the right leaf, 0 where there is none. A row that goes
    to a leaf's side satisfies the node's player there, if it did before, and in the other
    leaf does not. The node's player has the last place.
    """
    weight_in, weight_out = weights
    r_places, r_ends = _failed(r.low, k - 1)
    q_places, q_ends = _failed(q.low, k - 1)
    table = np.zeros((len(r.was), 2, k))
    for g in range(len(r.was)):
        b = r_ends[g + 1] - r_ends[g]
        for side in range(2):
            if r.many[g, side] == 0:
                continue
            here, there = values[side], values[1 - side]
            given = table[g, side]
            outside, own = 0.0, 0.0
            for e in range(meet.first[ga + g], meet.last[ga + g]):
                h = meet.pair[e]
                a = q_ends[h + 1] - q_ends[h]
                same, other = q.many[h, side], q.many[h, 1 - side]
                inside = 0.0
                if q.was[h]:
                    # Where the row does not satisfy the player, the background row must.
                    alone = there * other if r.was[g] else here * same + there * other
                    inside = alone * weight_in[a, b + 1]
                    outside += alone * weight_out[a, b + 1]
                    own -= alone * weight_out[a, b + 1]
                if r.was[g]:
                    # Where it does, the background row may, or the player must be in.
                    both = here * same if q.was[h] else 0.0
                    first = here * (other if q.was[h] else same + other)
                    inside += both * weight_in[a, b] + first * weight_in[a + 1, b]
                    outside += both * weight_out[a, b] + first * weight_out[a + 1, b]
                    own += first * weight_in[a + 1, b]
                for i in range(q_ends[h], q_ends[h + 1]):
                    given[q_places[i]] += inside
            for i in range(r_ends[g], r_ends[g + 1]):
                given[r_places[i]] = -outside
            given[k - 1] = own
    return table


@compiled
def add_rows(out: Any, table: Any, players: Any, index: Any, group: Any, side: Any) -> None:
    """Add to each row what its group is given, player by player."""
    which = np.empty(len(index), np.int32)
    for i in range(len(index)):
        which[i] = 2 * group[i] + side[i]
    given = np.empty(2 * len(table))
    for j in range(table.shape[2]):
        for g in range(len(given)):
            given[g] = table[g // 2, g % 2, j]
        own = out[players[j]]
        if len(index) == len(own):  # all of them, in order
            for i in range(len(index)):
                own[i] += given[which[i]]
        else:
            for i in range(len(index)):
                own[index[i]] += given[which[i]]

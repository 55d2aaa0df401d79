"""What a leaf gives to each group of rows, and a group to its rows."""

from __future__ import annotations

from typing import Any

from xaikit.methods._leaf_patterns.compiling import compiled, inlined
from xaikit.methods._leaf_patterns.groups import BITS


@inlined
def _write_failed(s: Any, groups: int, k: int) -> None:
    """Write the places of the bits that are not set, group by group."""
    end = s.ends[0] = 0
    for g in range(groups):
        for place in range(k):
            s.failed[end] = place
            end += 1 - ((s.low[g, place // BITS] >> (place % BITS)) & 1)
        s.ends[g + 1] = end


@inlined
def write_table(
    table: Any,
    meet: Any,
    ga: int,
    gn: int,
    hn: int,
    r: Any,
    q: Any,
    k: int,
    leaf: Any,
    weights: Any,
) -> None:
    """Write what the leaves below a node give the k players, by group of rows and its side.

    `leaf` has the values of the left and the right leaf, 0 where there is none. A row that
    goes to a leaf's side satisfies the node's player there, if it did before, and in the other
    leaf does not. The node's player has the last place.
    """
    weight_in, weight_out = weights
    _write_failed(r, gn, k - 1)
    _write_failed(q, hn, k - 1)
    for g in range(gn):
        b = r.ends[g + 1] - r.ends[g]
        for side in range(2):
            if r.many[2 * g + side] == 0:
                continue
            here, there = leaf[side], leaf[1 - side]
            for j in range(k):
                table[j, 2 * g + side] = 0.0
            outside, own = 0.0, 0.0
            for e in range(meet.first[ga + g], meet.last[ga + g]):
                h = meet.pair[e]
                a = q.ends[h + 1] - q.ends[h]
                same, other = q.many[2 * h + side], q.many[2 * h + 1 - side]
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
                for i in range(q.ends[h], q.ends[h + 1]):
                    table[q.failed[i], 2 * g + side] += inside
            for i in range(r.ends[g], r.ends[g + 1]):
                table[r.failed[i], 2 * g + side] = -outside
            table[k - 1, 2 * g + side] = own


@compiled
def add_rows(
    out: Any, table: Any, players: Any, depth: int, k: int, s: Any, at: int, end: int
) -> None:
    """Add to each row what its group is given, player by player."""
    n = out.shape[1]
    for j in range(k):
        player = players[depth, j]
        if end - at == n:  # all of them, in order
            for i in range(n):
                out[player, i] += table[j, s.which[i]]
        else:
            for i in range(end - at):
                out[player, s.index[at + i]] += table[j, s.which[i]]

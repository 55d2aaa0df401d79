"""Down the trees, node by node, with all rows and background rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.methods._leaf_patterns.compiling import compiled
from xaikit.methods._leaf_patterns.groups import (
    BITS,
    begin,
    copy,
    empty_side,
    grown,
    moved,
    numbered,
    room_2d,
    split,
)
from xaikit.methods._leaf_patterns.leaves import add_rows, leaf_table
from xaikit.methods._leaf_patterns.meetings import Meetings, grown_meetings, met, paired


@compiled
def explain_trees(rows: Any, background: Any, nodes: Any, weights: Any, out: Any) -> None:
    """Add to `out` (players, n) the Shapley values of trees, summed over the background.

    `rows` (columns, n) and `background` (columns, m) hold what the trees compare. Of `nodes`,
    those of all trees stand one after another, and `roots` says where each begins. The
    categories that go left at a node are ``listed[listed_at[node] : listed_at[node + 1]]``,
    sorted; where there are none, the threshold decides. The weights are indexed by a and b.
    """
    roots, column, player, threshold, left, right, missing_left, value, listed_at, listed = nodes
    n, m, most = rows.shape[1], background.shape[1], len(weights[0])
    words = (most + BITS - 2) // BITS
    r, q = empty_side(n, words), empty_side(m, words)
    meet = Meetings(np.empty(64, np.int64), np.empty(64, np.int64), np.empty(256, np.int32))
    # The nodes to come: which, how many players are above, and where what is theirs stands.
    frame, path = np.empty((16, 12), np.int64), np.empty((16, most), np.int32)
    for root in roots:
        if left[root] < 0:
            continue
        begin(r, n)
        begin(q, m)
        meet.first[0], meet.last[0], meet.pair[0] = 0, 1, 0
        _write(frame[0], (root, 0, 0, n, 0, m, 0, 1, 0, 1, 0, 1))
        depth = 0
        while depth >= 0:
            node, k, ra, rz, qa, qz, ga, gz, ha, hz, pa, pz = _read(frame[depth])
            below = np.empty(most, np.int32)
            place = _with_last(path[depth], k, player[node], below)
            deeper = max(k, place + 1)
            these = listed[listed_at[node] : listed_at[node + 1]]
            how = (threshold[node], missing_left[node], these, place, k)
            r_split = split(r, ra, rz, ga, gz, rows[column[node]], how)
            q_split = split(q, qa, qz, ha, hz, background[column[node]], how)
            ends = _value_of_leaf(left, value, left[node]), _value_of_leaf(left, value, right[node])
            if ends[0] != 0.0 or ends[1] != 0.0:
                table = leaf_table(meet, ga, r_split, q_split, deeper, ends, weights)
                add_rows(out, table, below, r.index[ra:rz], r.group[ra:rz], r_split.side)
            depth -= 1
            # The children stand behind their parent, the second behind the first.
            rt, qt, gt, ht, pt = rz, qz, gz, hz, pz
            for side in range(2):
                child = left[node] if side == 0 else right[node]
                if left[child] < 0:
                    continue
                r_met, q_met = met(meet, ga, r_split, q_split, side)
                r = grown(r, rt + rz - ra, gt + 2 * (gz - ga))
                q = grown(q, qt + qz - qa, ht + 2 * (hz - ha))
                r_new, r_becomes = numbered(r_split, r_met, side, deeper, r.pattern[gt:])
                q_new, q_becomes = numbered(q_split, q_met, side, deeper, q.pattern[ht:])
                if r_new == 0 or q_new == 0:
                    continue
                meet = grown_meetings(meet, gt + r_new, pt + 3 * (pz - pa) + 1)
                pend = paired(meet, ga, gt, pt, r_new, r_becomes, q_becomes, q_split.was)
                rend = moved(r, ra, rz, rt, r_split, r_becomes, side)
                qend = moved(q, qa, qz, qt, q_split, q_becomes, side)
                gend, hend = gt + r_new, ht + q_new
                depth += 1
                frame, path = room_2d(frame, depth + 1), room_2d(path, depth + 1)
                child_frame = (child, deeper, rt, rend, qt, qend, gt, gend, ht, hend, pt, pend)
                _write(frame[depth], child_frame)
                copy(below, path[depth])
                rt, qt, gt, ht, pt = rend, qend, gend, hend, pend


@compiled
def _value_of_leaf(left: Any, value: Any, node: int) -> float:
    """Return the value of a leaf, 0 for a node that is none."""
    found: float = value[node] if left[node] < 0 else 0.0
    return found


@compiled
def _read(frame: Any) -> Any:
    return (
        *(frame[0], frame[1], frame[2], frame[3], frame[4], frame[5]),
        *(frame[6], frame[7], frame[8], frame[9], frame[10], frame[11]),
    )


@compiled
def _write(frame: Any, numbers: Any) -> None:
    for i in range(len(numbers)):
        frame[i] = numbers[i]


@compiled
def _with_last(above: Any, k: int, player: int, below: Any) -> int:
    """Write the players of a path with one as the last, and return its place before."""
    place = 0
    while place < k and above[place] != player:
        below[place] = above[place]
        place += 1
    for i in range(place + 1, k):
        below[i - 1] = above[i]
    below[max(k, place + 1) - 1] = player
    return place

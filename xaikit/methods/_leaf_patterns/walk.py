"""Down the trees, node by node, with all rows and background rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.methods._leaf_patterns.compiling import compiled, inlined
from xaikit.methods._leaf_patterns.groups import (
    BITS,
    begin,
    empty_side,
    grown,
    moved,
    numbered,
    room_2d,
    split,
)
from xaikit.methods._leaf_patterns.leaves import add_rows, write_table
from xaikit.methods._leaf_patterns.meetings import Meetings, grown_meetings, meeting, paired


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
    r, q = empty_side(n, words, most), empty_side(m, words, most)
    meet = Meetings(np.empty(64, np.int64), np.empty(64, np.int64), np.empty(256, np.uint32))
    table = np.empty((most, 2 * len(r.was)))
    # The nodes to come: which, how many players are above, and where what is theirs stands.
    # Row 0 of `path` has the players of the node at hand, the others those above the nodes.
    frame, path = np.empty((16, 12), np.int64), np.empty((17, most), np.int32)
    for root in roots:
        if left[root] < 0:
            continue
        begin(r, n)
        begin(q, m)
        meet.first[0], meet.last[0], meet.pair[0] = 0, 1, 0
        _write(frame, 0, (root, 0, 0, n, 0, m, 0, 1, 0, 1, 0, 1))
        depth = 0
        while depth >= 0:
            node, k, ra, rz, qa, qz, ga, gz, ha, hz, pa, pz = _read(frame, depth)
            place = _with_last(path, depth + 1, k, player[node])
            deeper = max(k, place + 1)
            these = (listed, listed_at[node], listed_at[node + 1])
            how = (threshold[node], missing_left[node], *these, place, k)
            split(r, ra, rz, ga, gz, rows[column[node]], how)
            split(q, qa, qz, ha, hz, background[column[node]], how)
            gn, hn = gz - ga, hz - ha
            leaf = _value_of_leaf(left, value, left[node]), _value_of_leaf(left, value, right[node])
            if leaf[0] != 0.0 or leaf[1] != 0.0:
                write_table(table, meet, ga, gn, hn, r, q, deeper, leaf, weights)
                add_rows(out, table, path, 0, deeper, r, ra, rz)
            depth -= 1
            # The children stand behind their parent, the second behind the first.
            rt, qt, gt, ht, pt = rz, qz, gz, hz, pz
            for side in range(2):
                child = left[node] if side == 0 else right[node]
                if left[child] < 0:
                    continue
                meeting(meet, ga, gn, hn, r, q, side)
                if len(r.index) < rt + rz - ra or len(r.pattern) < gt + 2 * gn:
                    r = grown(r, rt + rz - ra, gt + 2 * gn)
                if len(q.index) < qt + qz - qa or len(q.pattern) < ht + 2 * hn:
                    q = grown(q, qt + qz - qa, ht + 2 * hn)
                r_new = numbered(r, gn, side, deeper, gt)
                q_new = numbered(q, hn, side, deeper, ht)
                if r_new == 0 or q_new == 0:
                    continue
                pairs = pt + 3 * (pz - pa) + 1
                if len(meet.first) < gt + r_new or len(meet.pair) < pairs:
                    meet = grown_meetings(meet, gt + r_new, pairs)
                pend = paired(meet, ga, gn, hn, gt, pt, r_new, r, q)
                rend = moved(r, ra, rz, rt, gn, side)
                qend = moved(q, qa, qz, qt, hn, side)
                gend, hend = gt + r_new, ht + q_new
                depth += 1
                if len(frame) < depth + 1:
                    frame, path = room_2d(frame, depth + 1), room_2d(path, depth + 2)
                child_frame = (child, deeper, rt, rend, qt, qend, gt, gend, ht, hend, pt, pend)
                _write(frame, depth, child_frame)
                for j in range(deeper):
                    path[depth + 1, j] = path[0, j]
                rt, qt, gt, ht, pt = rend, qend, gend, hend, pend


@inlined
def _value_of_leaf(left: Any, value: Any, node: int) -> float:
    """Return the value of a leaf, 0 for a node that is none."""
    found: float = value[node] if left[node] < 0 else 0.0
    return found


@inlined
def _read(frame: Any, at: int) -> Any:
    return (
        *(frame[at, 0], frame[at, 1], frame[at, 2], frame[at, 3], frame[at, 4], frame[at, 5]),
        *(frame[at, 6], frame[at, 7], frame[at, 8], frame[at, 9], frame[at, 10], frame[at, 11]),
    )


@inlined
def _write(frame: Any, at: int, numbers: Any) -> None:
    for i in range(len(numbers)):
        frame[at, i] = numbers[i]


@inlined
def _with_last(path: Any, above: int, k: int, player: int) -> int:
    """Write the players of a path with one as the last into row 0; return its place before."""
    place = 0
    while place < k and path[above, place] != player:
        path[0, place] = path[above, place]
        place += 1
    for i in range(place + 1, k):
        path[0, i - 1] = path[above, i]
    path[0, max(k, place + 1) - 1] = player
    return place

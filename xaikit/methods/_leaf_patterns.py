"""Which conditions of a path rows satisfy, and what that gives each player: compiled by numba.

A path from the root has some distinct players, and a row a *pattern*: for each of them, whether
it satisfies all the conditions that the path puts on it. Rows of one pattern are one *group*.
A coalition takes its own players from the explained row and the others from a background row;
it comes down the path where the first satisfy the row's part and the others the background's.
So a row's group and a background group matter to each other where every player is satisfied in
one of them: such a *pair* is kept, from the root to the leaves, and nothing else is looked at.

In a leaf of value v the players whom the background fails (A, in number a) must be in the
coalition, and those whom the row fails (B, in number b) must be out. The Shapley value of
that game is v (a-1)! b! / (a+b)! for each of A and -v a! (b-1)! / (a+b)! for each of B.

All compiled functions stand in this file: numba notices a change of this file alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np

from xaikit.core.checks import require

Function = TypeVar("Function", bound=Callable[..., Any])
# Players whose bits are in one word; the sign is left alone.
BITS = 62


def compiled(function: Function) -> Function:
    """Compile a function at its first call, and keep it on disk for the next process."""
    numba = require("numba", extra="methods")
    how = {"nogil": True, "error_model": "numpy"}
    try:
        done: Function = numba.njit(cache=True, **how)(function)
    except RuntimeError:  # there is no folder that can be written to
        done = numba.njit(**how)(function)
    return done


class Side(NamedTuple):
    """The rows, or the background rows, in play at the nodes to come, node upon node."""

    index: Any  # which row
    group: Any  # and its group, counted from the node's first
    pattern: Any  # of each group, (groups, words)
    count: Any  # its background rows; of rows nobody asks


class Meetings(NamedTuple):
    """The background groups that each group of rows meets: ``pair[first:last]``."""

    first: Any
    last: Any
    pair: Any


class Split(NamedTuple):
    """What the condition of a node does to the groups of one side."""

    side: Any  # of each row: it goes left (0) or right (1)
    was: Any  # of each group: it satisfied the player's conditions before
    low: Any  # its pattern without the player
    many: Any  # how many go left and right, (groups, 2)


@compiled
def explain_trees(rows: Any, background: Any, nodes: Any, weights: Any, out: Any) -> None:
    """Add to `out` (n, players) the Shapley values of trees, summed over the background.

    `rows` (columns, n) and `background` (columns, m) hold what the trees compare. Of `nodes`,
    those of all trees stand one after another, and `roots` says where each begins. The
    categories that go left at a node are ``listed[listed_at[node] : listed_at[node + 1]]``,
    sorted; where there are none, the threshold decides. The weights are indexed by a and b.
    """
    roots, column, player, threshold, left, right, missing_left, value, listed_at, listed = nodes
    n, m, most = rows.shape[1], background.shape[1], len(weights[0])
    words = (most + BITS - 2) // BITS
    r, q = _empty_side(n, words), _empty_side(m, words)
    meet = Meetings(np.empty(64, np.int64), np.empty(64, np.int64), np.empty(256, np.int32))
    # The nodes to come: which, how many players are above, and where what is theirs stands.
    frame, path = np.empty((16, 12), np.int64), np.empty((16, most), np.int32)
    for root in roots:
        if left[root] < 0:
            continue
        _begin(r, n)
        _begin(q, m)
        meet.first[0], meet.last[0], meet.pair[0] = 0, 1, 0
        _write(frame[0], (root, 0, 0, n, 0, m, 0, 1, 0, 1, 0, 1))
        depth = 0
        while depth >= 0:
            node, k, ra, rz, qa, qz, ga, gz, ha, hz, pa, pz = _read(frame[depth])
            above, below = path[depth], np.empty(most, np.int32)
            place = _with_last(above, k, player[node], below)
            deeper = max(k, place + 1)
            these = listed[listed_at[node] : listed_at[node + 1]]
            how = (threshold[node], missing_left[node], these, place, k)
            r_split = _split(r, ra, rz, ga, gz, rows[column[node]], how)
            q_split = _split(q, qa, qz, ha, hz, background[column[node]], how)
            depth -= 1
            # The children stand behind their parent, the second behind the first.
            rt, qt, gt, ht, pt = rz, qz, gz, hz, pz
            for side in range(2):
                child = left[node] if side == 0 else right[node]
                is_leaf = left[child] < 0
                if is_leaf and value[child] == 0.0:
                    continue
                r_met, q_met = _met(meet, ga, r_split, q_split, side)
                r = _grown(r, rt + rz - ra, gt + 2 * (gz - ga))
                q = _grown(q, qt + qz - qa, ht + 2 * (hz - ha))
                r_new, r_becomes = _numbered(r_split, r_met, side, deeper, r.pattern[gt:])
                q_new, q_becomes = _numbered(q_split, q_met, side, deeper, q.pattern[ht:])
                if r_new == 0 or q_new == 0:
                    continue
                meet = _grown_meetings(meet, gt + r_new, pt + 3 * (pz - pa) + 1)
                pend = _paired(meet, ga, gt, pt, r_new, r_becomes, q_becomes, q_split.was)
                _recount(q, ht, q_new, q_split, q_becomes, side)
                rend = _moved(r, ra, rz, rt, r_split, r_becomes, side)
                if is_leaf:
                    players = below[:deeper]
                    of_rows = (r.pattern[gt : gt + r_new], r.index[rt:rend], r.group[rt:rend])
                    of_background = (q.pattern[ht : ht + q_new], q.count[ht : ht + q_new])
                    _add_leaf(value[child], players, of_rows, of_background, meet, gt, weights, out)
                    continue
                qend = _moved(q, qa, qz, qt, q_split, q_becomes, side)
                gend, hend = gt + r_new, ht + q_new
                depth += 1
                frame, path = _room_2d(frame, depth + 1), _room_2d(path, depth + 1)
                _write(
                    frame[depth],
                    (child, deeper, rt, rend, qt, qend, gt, gend, ht, hend, pt, pend),
                )
                _copy(below, path[depth])
                rt, qt, gt, ht, pt = rend, qend, gend, hend, pend


@compiled
def _empty_side(n: int, words: int) -> Any:
    index, group = np.empty(4 * n, np.int32), np.empty(4 * n, np.int32)
    return Side(index, group, np.empty((64, words), np.int64), np.empty(64, np.int64))


@compiled
def _begin(side: Any, n: int) -> None:
    """Put all rows of a side into one group, without a pattern."""
    for i in range(n):
        side.index[i] = i
        side.group[i] = 0
    for w in range(side.pattern.shape[1]):
        side.pattern[0, w] = 0


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
def _copy(source: Any, target: Any) -> None:
    for i in range(len(source)):
        target[i] = source[i]


@compiled
def _room(array: Any, need: int) -> Any:
    """Return an array with room for so many, with what it held."""
    if len(array) >= need:
        return array
    larger = np.empty(2 * need, array.dtype)
    _copy(array, larger)
    return larger


@compiled
def _room_2d(array: Any, need: int) -> Any:
    if len(array) >= need:
        return array
    larger = np.empty((2 * need, array.shape[1]), array.dtype)
    for i in range(len(array)):
        for j in range(array.shape[1]):
            larger[i, j] = array[i, j]
    return larger


@compiled
def _grown(side: Any, rows: int, groups: int) -> Any:
    """Return a side with room for so many rows and groups."""
    if len(side.index) >= rows and len(side.count) >= groups:
        return side
    index, group = _room(side.index, rows), _room(side.group, rows)
    return Side(index, group, _room_2d(side.pattern, groups), _room(side.count, groups))


@compiled
def _grown_meetings(meet: Any, groups: int, pairs: int) -> Any:
    if len(meet.first) >= groups and len(meet.pair) >= pairs:
        return meet
    return Meetings(_room(meet.first, groups), _room(meet.last, groups), _room(meet.pair, pairs))


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


@compiled
def _split(side: Any, at: int, end: int, first: int, last: int, column: Any, how: Any) -> Any:
    """Put a node's condition to the rows in play there."""
    threshold, missing_left, listed, place, k = how
    to = np.empty(end - at, np.uint8)
    index = side.index[at:end]
    if len(listed):
        for i in range(len(index)):
            x = column[index[i]]
            to[i] = not (missing_left if np.isnan(x) else _is_in(listed, x))
    elif missing_left:
        for i in range(len(index)):
            to[i] = column[index[i]] > threshold
    else:
        for i in range(len(index)):
            to[i] = not (column[index[i]] <= threshold)
    many = np.zeros((last - first, 2), np.int64)
    for i in range(len(index)):
        many[side.group[at + i], to[i]] += 1
    was, low = _without(side.pattern[first:last], place, k)
    return Split(to, was, low, many)


@compiled
def _is_in(listed: Any, x: float) -> bool:
    """Say whether a number is in a sorted list."""
    at, end = 0, len(listed)
    while at < end:
        middle = (at + end) // 2
        if listed[middle] < x:
            at = middle + 1
        else:
            end = middle
    return at < len(listed) and listed[at] == x


@compiled
def _without(pattern: Any, place: int, k: int) -> Any:
    """Return of each group the bit of a player, set where it is new, and the other bits.

    The bits above it move down, so that the player can have the highest from now on. Groups
    stand in the order of their patterns; so do those with the bit, and those without it.
    """
    groups, words = pattern.shape
    was, low = np.empty(groups, np.uint8), np.empty((groups, words), np.int64)
    word, bit = place // BITS, place % BITS
    below = (np.int64(1) << bit) - 1
    for g in range(groups):
        for w in range(words):
            low[g, w] = pattern[g, w]
        was[g] = 1
        if place < k:
            here = pattern[g, word]
            was[g] = (here >> bit) & 1
            low[g, word] = (here & below) | ((here >> 1) & ~below)
            for w in range(word + 1, words):
                low[g, w - 1] |= (pattern[g, w] & 1) << (BITS - 1)
                low[g, w] = pattern[g, w] >> 1
    return was, low


@compiled
def _met(meet: Any, ga: int, r: Any, q: Any, side: int) -> Any:
    """Say of each group whether it meets one that satisfies the player's conditions."""
    r_met, q_met = np.zeros(len(r.was), np.uint8), np.zeros(len(q.was), np.uint8)
    q_on = np.empty(len(q.was), np.uint8)
    for h in range(len(q.was)):
        q_on[h] = q.was[h] and q.many[h, side] > 0
    for g in range(len(r.was)):
        on = np.uint8(r.was[g] and r.many[g, side] > 0)
        met = np.uint8(0)
        for e in range(meet.first[ga + g], meet.last[ga + g]):
            met |= q_on[meet.pair[e]]
            q_met[meet.pair[e]] |= on
        r_met[g] = met
    return r_met, q_met


@compiled
def _numbered(split: Any, met: Any, side: int, deeper: int, pattern: Any) -> Any:
    """Give a child's groups their patterns and numbers, and say what becomes of its parent's.

    A parent's group goes on as those who do not satisfy the player (column 0) and those who do
    (column 1), -1 where there are none that matter. The former join the group that did not
    before, and come first: so groups stand in the order of their patterns again.
    """
    _, was, low, many = split
    n = len(low)
    becomes = np.empty((n, 2), np.int32)
    for g in range(n):
        becomes[g, 0] = becomes[g, 1] = -1
    new = 0
    i, j = 0, 0  # among those that did not satisfy it, and those that did
    while True:
        while i < n and (was[i] or not met[i]):
            i += 1
        while j < n and not (was[j] and met[j] and many[j, 1 - side] > 0):
            j += 1
        if i == n and j == n:
            break
        order = 1 if i == n else -1 if j == n else _compared(low, i, j)
        _copy(low[i] if order <= 0 else low[j], pattern[new])
        if order <= 0:
            becomes[i, 0] = new
            i += 1
        if order >= 0:
            becomes[j, 0] = new
            j += 1
        new += 1
    word, top = (deeper - 1) // BITS, np.int64(1) << ((deeper - 1) % BITS)
    for g in range(n):
        if was[g] and many[g, side] > 0:
            _copy(low[g], pattern[new])
            pattern[new, word] |= top
            becomes[g, 1] = new
            new += 1
    return new, becomes


@compiled
def _compared(low: Any, i: int, j: int) -> int:
    """Return -1, 0 or 1 as one pattern is below, equal to or above another."""
    for w in range(low.shape[1] - 1, -1, -1):
        if low[i, w] != low[j, w]:
            return -1 if low[i, w] < low[j, w] else 1
    return 0


@compiled
def _paired(meet: Any, ga: int, gt: int, end: int, new: int, r: Any, q: Any, q_was: Any) -> int:
    """Write which background groups the child's groups meet, and return where that ends.

    Who does not satisfy the player meets those who do; who does meets both. The order is
    that of the patterns, and so the same whichever other rows are there.
    """
    first, last, pair = meet
    all_new = True
    for h in range(len(q_was)):
        all_new &= q_was[h] == 1
    for c in range(new):
        first[gt + c] = -1
    for g in range(len(r)):
        a, z = first[ga + g], last[ga + g]
        c = gt + r[g, 0]
        if c >= gt and first[c] < 0:
            first[c] = end
            end = _became(pair, a, z, q, 1, end)
            last[c] = end
        c = gt + r[g, 1]
        if c >= gt:
            first[c] = end
            end = _became(pair, a, z, q, 0, end) if all_new else _joined(pair, a, z, q, q_was, end)
            end = _became(pair, a, z, q, 1, end)
            last[c] = end
    return end


@compiled
def _became(pair: Any, first: int, last: int, q: Any, satisfied: int, end: int) -> int:
    """Write what becomes of background groups, where it is something."""
    for e in range(first, last):
        pair[end] = q[pair[e], satisfied]
        end += pair[end] >= 0
    return end


@compiled
def _joined(pair: Any, first: int, last: int, q: Any, q_was: Any, end: int) -> int:
    """Write the groups of those who do not satisfy the player: did not before, or do not now."""
    i, j = first, first
    none = np.int32(2147483647)
    while True:
        while i < last and (q_was[pair[i]] or q[pair[i], 0] < 0):
            i += 1
        while j < last and (not q_was[pair[j]] or q[pair[j], 0] < 0):
            j += 1
        if i == last and j == last:
            return end
        before = q[pair[i], 0] if i < last else none
        now = q[pair[j], 0] if j < last else none
        pair[end] = min(before, now)
        end += 1
        i += int(before <= now)
        j += int(now <= before)


@compiled
def _recount(q: Any, at: int, new: int, split: Any, becomes: Any, side: int) -> None:
    """Count the background rows of a child's groups."""
    _, was, _, many = split
    for h in range(new):
        q.count[at + h] = 0
    for h in range(len(was)):
        if becomes[h, 1] >= 0:
            q.count[at + becomes[h, 1]] += many[h, side]
        if becomes[h, 0] >= 0:
            q.count[at + becomes[h, 0]] += many[h, 1 - side] + (0 if was[h] else many[h, side])


@compiled
def _moved(s: Any, at: int, end: int, to: int, split: Any, becomes: Any, side: int) -> int:
    """Write the rows in play at a child, with their groups there, and return where they end."""
    new = np.empty((len(becomes), 2), np.int32)
    for g in range(len(becomes)):
        new[g, 1 - side] = becomes[g, 0]
        new[g, side] = becomes[g, 1] if split.was[g] else becomes[g, 0]
    for i in range(end - at):
        s.index[to] = s.index[at + i]
        s.group[to] = new[s.group[at + i], split.side[i]]
        to += s.group[to] >= 0
    return to


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
def _add_leaf(
    value: float,
    players: Any,
    of_rows: Any,
    of_background: Any,
    meet: Any,
    at: int,
    weights: Any,
    out: Any,
) -> None:
    """Add what a leaf gives to the rows: a table of its players for each group of rows."""
    pattern, index, group = of_rows
    q_pattern, count = of_background
    weight_in, weight_out = weights
    k = len(players)
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
            more = value * count[h] * weight_in[a, b]
            for i in range(in_ends[h], in_ends[h + 1]):
                table[g, in_places[i]] += more
        for i in range(out_ends[g], out_ends[g + 1]):
            table[g, out_places[i]] = -value * those_out
    for i in range(len(index)):
        for j in range(k):
            out[index[i], players[j]] += table[group[i], j]

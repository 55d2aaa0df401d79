"""The groups of one side, rows or background, and what a node does to them.

What a node needs for itself is written into arrays made once for all of them: most nodes have
so few rows that making and dropping arrays would take longer than filling them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xaikit.methods._leaf_patterns.compiling import compiled, inlined

# Players whose bits are in one word; the sign is left alone.
BITS = 62


class Side(NamedTuple):
    """The rows, or the background rows, in play at the nodes to come, node upon node.

    Below these, what the condition of one node does to its rows and groups, those of the node
    counted from 0.
    """

    index: Any  # which row
    group: Any  # its group, counted from the node's first
    pattern: Any  # of each group, (groups, words)

    which: Any  # of each row: 2 * its group, and 1 more where it goes right
    was: Any  # of each group: it satisfied the player's conditions before
    low: Any  # its pattern without the player
    many: Any  # how many rows are which
    met: Any  # it meets one that satisfies the player's conditions
    becomes: Any  # its group at a child, without and with the player, -1 where there is none
    new: Any  # the group at a child of the rows that are which
    failed: Any  # the places of the bits that are not set, group by group
    ends: Any  # where those of each group begin, and the last end


@inlined
def empty_side(n: int, words: int, most: int) -> Any:
    # There are no more groups than rows, nor than patterns.
    groups = min(n, 1 << min(most, 30))
    return Side(
        np.empty(4 * n, np.uint32),  # unsigned: an index below zero is not looked for
        np.empty(4 * n, np.uint32),
        np.empty((64, words), np.int64),
        np.empty(n, np.uint32),
        np.empty(groups, np.uint8),
        np.empty((groups, words), np.int64),
        np.empty(2 * groups, np.int64),
        np.empty(groups, np.uint8),
        np.empty((groups, 2), np.int32),
        np.empty(2 * groups, np.int32),
        np.empty(groups * most, np.int32),
        np.empty(groups + 1, np.int64),
    )


@inlined
def begin(side: Any, n: int) -> None:
    """Put all rows of a side into one group, without a pattern."""
    for i in range(n):
        side.index[i] = i
        side.group[i] = 0
    for w in range(side.pattern.shape[1]):
        side.pattern[0, w] = 0


@inlined
def room(array: Any, need: int) -> Any:
    """Return an array with room for so many, with what it held."""
    if len(array) >= need:
        return array
    larger = np.empty(2 * need, array.dtype)
    for i in range(len(array)):
        larger[i] = array[i]
    return larger


@inlined
def room_2d(array: Any, need: int) -> Any:
    if len(array) >= need:
        return array
    larger = np.empty((2 * need, array.shape[1]), array.dtype)
    for i in range(len(array)):
        for j in range(array.shape[1]):
            larger[i, j] = array[i, j]
    return larger


@inlined
def grown(s: Any, rows: int, groups: int) -> Any:
    """Return a side with room for so many rows and groups."""
    index, group, pattern = room(s.index, rows), room(s.group, rows), room_2d(s.pattern, groups)
    here = (s.which, s.was, s.low, s.many, s.met, s.becomes, s.new, s.failed, s.ends)
    return Side(index, group, pattern, *here)


@compiled
def split(s: Any, at: int, end: int, first: int, last: int, column: Any, how: Any) -> None:
    """Put a node's condition to the rows in play there."""
    threshold, missing_left, listed, listed_at, listed_end, place, k = how
    for w in range(2 * (last - first)):
        s.many[w] = 0
    if listed_at < listed_end:
        for i in range(end - at):
            x = column[s.index[at + i]]
            is_in = missing_left if np.isnan(x) else _is_in(listed, listed_at, listed_end, x)
            _count(s, at, i, not is_in)
    elif end - at == len(column):  # all of them stand in order
        for i in range(end - at):
            _count(s, at, i, _is_right(column[i], threshold, missing_left))
    else:
        for i in range(end - at):
            _count(s, at, i, _is_right(column[s.index[at + i]], threshold, missing_left))
    _set_apart(s, first, last, place, k)


@inlined
def _is_right(x: float, threshold: float, missing_left: bool) -> bool:
    return x > threshold if missing_left else not (x <= threshold)


@inlined
def _count(s: Any, at: int, i: int, right: bool) -> None:
    which = 2 * s.group[at + i] + right
    s.which[i] = which
    s.many[which] += 1


@inlined
def _is_in(listed: Any, at: int, last: int, x: float) -> bool:
    """Say whether a number is in a sorted part of a list."""
    end = last
    while at < end:
        middle = (at + end) // 2
        if listed[middle] < x:
            at = middle + 1
        else:
            end = middle
    return at < last and listed[at] == x


@inlined
def _set_apart(s: Any, first: int, last: int, place: int, k: int) -> None:
    """Write of each group the bit of a player, set where it is new, and the other bits.

    The bits above it move down, so that the player can have the highest from now on. Groups
    stand in the order of their patterns; so do those with the bit, and those without it.
    """
    words = s.pattern.shape[1]
    word, bit = place // BITS, place % BITS
    below = (np.int64(1) << bit) - 1
    for g in range(last - first):
        for w in range(words):
            s.low[g, w] = s.pattern[first + g, w]
        s.was[g] = 1
        if place < k:
            here = s.low[g, word]
            s.was[g] = (here >> bit) & 1
            s.low[g, word] = (here & below) | ((here >> 1) & ~below)
            for w in range(word + 1, words):
                above = s.low[g, w]
                s.low[g, w - 1] |= (above & 1) << (BITS - 1)
                s.low[g, w] = above >> 1


@inlined
def numbered(s: Any, n: int, side: int, deeper: int, to: int) -> int:
    """Give a child's groups their patterns and numbers, and say what becomes of its parent's n.

    A parent's group goes on as those who do not satisfy the player (column 0) and those who do
    (column 1), -1 where there are none that matter. The former join the group that did not
    before, and come first: so groups stand in the order of their patterns again.
    """
    words = s.low.shape[1]
    for g in range(n):
        s.becomes[g, 0] = s.becomes[g, 1] = -1
    new = 0
    i, j = 0, 0  # among those that did not satisfy it, and those that did
    while True:
        while i < n and (s.was[i] or not s.met[i]):
            i += 1
        while j < n and not (s.was[j] and s.met[j] and s.many[2 * j + 1 - side] > 0):
            j += 1
        if i == n and j == n:
            break
        order = 1 if i == n else -1 if j == n else _compared(s.low, i, j)
        source = i if order <= 0 else j
        for w in range(words):
            s.pattern[to + new, w] = s.low[source, w]
        if order <= 0:
            s.becomes[i, 0] = new
            i += 1
        if order >= 0:
            s.becomes[j, 0] = new
            j += 1
        new += 1
    word, top = (deeper - 1) // BITS, np.int64(1) << ((deeper - 1) % BITS)
    for g in range(n):
        if s.was[g] and s.many[2 * g + side] > 0:
            for w in range(words):
                s.pattern[to + new, w] = s.low[g, w]
            s.pattern[to + new, word] |= top
            s.becomes[g, 1] = new
            new += 1
    return new


@inlined
def _compared(low: Any, i: int, j: int) -> int:
    """Return -1, 0 or 1 as one pattern is below, equal to or above another."""
    for w in range(low.shape[1] - 1, -1, -1):
        if low[i, w] != low[j, w]:
            return -1 if low[i, w] < low[j, w] else 1
    return 0


@compiled
def moved(s: Any, at: int, end: int, to: int, groups: int, side: int) -> int:
    """Write the rows in play at a child, with their groups there, and return where they end."""
    for g in range(groups):
        s.new[2 * g + 1 - side] = s.becomes[g, 0]
        s.new[2 * g + side] = s.becomes[g, s.was[g]]
    for i in range(end - at):
        c = s.new[s.which[i]]
        s.index[to] = s.index[at + i]
        s.group[to] = c
        to += c >= 0
    return to

"""The groups of one side, rows or background, and what a node does to them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xaikit.methods._leaf_patterns.compiling import compiled

# Players whose bits are in one word; the sign is left alone.
BITS = 62


class Side(NamedTuple):
    """The rows, or the background rows, in play at the nodes to come, node upon node."""

    index: Any  # which row
    group: Any  # its group, counted from the node's first
    pattern: Any  # of each group, (groups, words)


class Split(NamedTuple):
    """What the condition of a node does to the groups of one side."""

    side: Any  # of each row: it goes left (0) or right (1)
    was: Any  # of each group: it satisfied the player's conditions before
    low: Any  # its pattern without the player
    many: Any  # how many go left and right, (groups, 2)


@compiled
def empty_side(n: int, words: int) -> Any:
    index, group = np.empty(4 * n, np.int32), np.empty(4 * n, np.int32)
    return Side(index, group, np.empty((64, words), np.int64))


@compiled
def begin(side: Any, n: int) -> None:
    """Put all rows of a side into one group, without a pattern."""
    for i in range(n):
        side.index[i] = i
        side.group[i] = 0
    for w in range(side.pattern.shape[1]):
        side.pattern[0, w] = 0


@compiled
def copy(source: Any, target: Any) -> None:
    for i in range(len(source)):
        target[i] = source[i]


@compiled
def room(array: Any, need: int) -> Any:
    """Return an array with room for so many, with what it held."""
    if len(array) >= need:
        return array
    larger = np.empty(2 * need, array.dtype)
    copy(array, larger)
    return larger


@compiled
def room_2d(array: Any, need: int) -> Any:
    if len(array) >= need:
        return array
    larger = np.empty((2 * need, array.shape[1]), array.dtype)
    for i in range(len(array)):
        for j in range(array.shape[1]):
            larger[i, j] = array[i, j]
    return larger


@compiled
def grown(side: Any, rows: int, groups: int) -> Any:
    """Return a side with room for so many rows and groups."""
    if len(side.index) >= rows and len(side.pattern) >= groups:
        return side
    index, group = room(side.index, rows), room(side.group, rows)
    return Side(index, group, room_2d(side.pattern, groups))


@compiled
def split(side: Any, at: int, end: int, first: int, last: int, column: Any, how: Any) -> Any:
    """Put a node's condition to the rows in play there."""
    threshold, missing_left, listed, place, k = how
    index = side.index[at:end]
    # All of them stand in order.
    x = column if len(index) == len(column) else column[index]
    to = np.empty(len(index), np.uint8)
    if len(listed):
        for i in range(len(x)):
            to[i] = not (missing_left if np.isnan(x[i]) else _is_in(listed, x[i]))
    elif missing_left:
        for i in range(len(x)):
            to[i] = x[i] > threshold
    else:
        for i in range(len(x)):
            to[i] = not (x[i] <= threshold)
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
def numbered(split: Any, met: Any, side: int, deeper: int, pattern: Any) -> Any:
    """Give a child's groups their patterns and numbers, and say what becomes of its parent's.

    A parent's group goes on as those who do not satisfy the player (column 0) and those who do
    (column 1), -1 where there are none that matter. The former join the group that did not
    before, and come first: so groups stand in the order of their patterns again.
    """
    _, was, low, many = split
    n, words = low.shape
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
        source = i if order <= 0 else j
        for w in range(words):
            pattern[new, w] = low[source, w]
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
            for w in range(words):
                pattern[new, w] = low[g, w]
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
def moved(s: Any, at: int, end: int, to: int, split: Any, becomes: Any, side: int) -> int:
    """Write the rows in play at a child, with their groups there, and return where they end."""
    new = np.empty((len(becomes), 2), np.int32)
    for g in range(len(becomes)):
        new[g, 1 - side] = becomes[g, 0]
        new[g, side] = becomes[g, 1] if split.was[g] else becomes[g, 0]
    for i in range(end - at):
        c = new[s.group[at + i], split.side[i]]
        s.index[to] = s.index[at + i]
        s.group[to] = c
        to += c >= 0
    return to

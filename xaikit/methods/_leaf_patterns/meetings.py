"""Which groups of rows and of the background meet: every player is satisfied in one of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xaikit.methods._leaf_patterns.compiling import inlined
from xaikit.methods._leaf_patterns.groups import room


class Meetings(NamedTuple):
    """The background groups that each group of rows meets: ``pair[first:last]``."""

    first: Any
    last: Any
    pair: Any


@inlined
def grown_meetings(meet: Any, groups: int, pairs: int) -> Any:
    return Meetings(room(meet.first, groups), room(meet.last, groups), room(meet.pair, pairs))


@inlined
def meeting(meet: Any, ga: int, gn: int, hn: int, r: Any, q: Any, side: int) -> None:
    """Write of each group whether it meets one that satisfies the player's conditions."""
    for h in range(hn):
        q.met[h] = 0
    for g in range(gn):
        on = np.uint8(r.was[g] and r.many[2 * g + side] > 0)
        r.met[g] = 0
        for e in range(meet.first[ga + g], meet.last[ga + g]):
            h = meet.pair[e]
            r.met[g] |= np.uint8(q.was[h] and q.many[2 * h + side] > 0)
            q.met[h] |= on


@inlined
def paired(
    meet: Any, ga: int, gn: int, hn: int, gt: int, end: int, new: int, r: Any, q: Any
) -> int:
    """Write which background groups the child's groups meet, and return where that ends.

    Who does not satisfy the player meets those who do; who does meets both. The order is
    that of the patterns, and so the same whichever other rows are there.
    """
    all_new = True
    for h in range(hn):
        all_new &= q.was[h] == 1
    for c in range(new):
        meet.first[gt + c] = -1
    for g in range(gn):
        a, z = meet.first[ga + g], meet.last[ga + g]
        c = gt + r.becomes[g, 0]
        if c >= gt and meet.first[c] < 0:
            meet.first[c] = end
            end = _became(meet.pair, a, z, q.becomes, 1, end)
            meet.last[c] = end
        c = gt + r.becomes[g, 1]
        if c >= gt:
            meet.first[c] = end
            if all_new:
                end = _became(meet.pair, a, z, q.becomes, 0, end)
            else:
                end = _joined(meet.pair, a, z, q.becomes, q.was, end)
            end = _became(meet.pair, a, z, q.becomes, 1, end)
            meet.last[c] = end
    return end


@inlined
def _became(pair: Any, first: int, last: int, q: Any, satisfied: int, end: int) -> int:
    """Write what becomes of background groups, where it is something."""
    for e in range(first, last):
        c = q[pair[e], satisfied]
        pair[end] = c
        end += c >= 0
    return end


@inlined
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

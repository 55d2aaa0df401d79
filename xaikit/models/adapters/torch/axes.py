"""Which axis of a row each axis of what a layer is given lies along.

Layers have their channels at a fixed place; rows may have theirs elsewhere, if the module
moves them first. Which way round it was is seen from the numbers themselves.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import torch

# For each axis after the batch the axis of a row, None for one that the row has not.
Axes = tuple[int | None, ...]


def axes_of(rows: Any, given: Any) -> Axes | None:
    """Return the axes of a row that those of a layer's input lie along; None if not to be seen.

    Of the ways to turn a row that have the right sizes it is the one after which the row is
    nearest to what the layer is given: equal to it, or to it but for a change of scale.
    """
    sizes, wanted = tuple(rows.shape[1:]), tuple(given.shape[1:])
    if given.shape[0] != rows.shape[0]:
        return None
    # A picture without channels is given an axis of one for them.
    added = len(wanted) == len(sizes) + 1 and wanted[0] == 1
    if added:
        wanted = wanted[1:]
    if len(wanted) != len(sizes):
        return None
    ways = [
        way
        for way in permutations(range(len(sizes)))
        if tuple(sizes[axis] for axis in way) == wanted
    ]
    if not ways:
        return None
    found = max(ways, key=lambda way: _likeness(rows, given, way)) if len(ways) > 1 else ways[0]
    return (None, *found) if added else found


def _likeness(rows: Any, given: Any, way: tuple[int, ...]) -> float:
    """Return the correlation between what a layer is given and the rows turned this way."""
    turned = rows.permute(0, *(axis + 1 for axis in way))
    pair = torch.stack([each.flatten().cpu().double() for each in (turned, given)])
    pair = pair - pair.mean(dim=1, keepdim=True)
    size = float(pair.square().sum(dim=1).sqrt().prod())
    return float((pair[0] * pair[1]).sum()) / size if size > 0 else 0.0

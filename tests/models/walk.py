"""Trees of any library walked in plain NumPy, by the rules that `Tree` states."""

from __future__ import annotations

from typing import Any

import numpy as np


def walked(tree: Any, numbers: Any) -> Any:
    """Return the value of the leaf that each row of numbers falls into, (n,)."""
    every, node = np.arange(len(numbers)), np.zeros(len(numbers), dtype=int)
    while (inner := tree.left[node] != -1).any():
        value = numbers[every, tree.feature[node]]
        left = value <= tree.threshold[node]
        for split, listed in tree.categories.items():
            here = node == split
            left[here] = np.isin(value[here], listed)
        left = np.where(np.isnan(value), tree.missing_left[node], left)
        node = np.where(inner, np.where(left, tree.left[node], tree.right[node]), node)
    return tree.value[node]


def total(trees: Any, column: int, rows: Any) -> Any:
    """Return what the trees of a column of the output add up to at each row, (n,)."""
    grown, start = trees.trees(column)
    numbers = trees.seen(rows)
    return start + sum((walked(tree, numbers) for tree in grown), np.zeros(len(numbers)))

"""Interventional Shapley values of a sum of trees, against every background row."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import beta

from xaikit.core.checks import FloatArray
from xaikit.models.trees import Tree

# Trees are explained in this many pieces, whose sums are added in their order: so the numbers
# do not depend on the workers.
_PIECES = 32
# What the sums of all pieces may hold; the pairs of a row and a background row that deep
# trees may have to tell apart; and how many players that takes.
_MOST_SUMS, _MOST_PAIRS, _DEEP = 2**26, 2**26, 16


def tree_values(
    trees: list[Tree],
    rows: FloatArray,
    background: FloatArray,
    players: npt.NDArray[np.intp],
    d: int,
    spread: Callable[..., list[Any]],
) -> FloatArray:
    """Return the Shapley values (n, d) of the sum of trees at each row.

    Parameters
    ----------
    trees : list of Tree
    rows, background : ndarray of shape (n, c), (m, c)
        The numbers that the trees compare.
    players : ndarray of shape (c,)
        The player whom each of these columns belongs to, one of `d` numbers.
    d : int
    spread : callable
        From a function and a column of work: its results on consecutive pieces of that.

    Notes
    -----
    The cost grows with rows plus background, as rows that satisfy the same conditions of a
    path count as one: `_leaf_patterns` says how.
    """
    from xaikit.methods._leaf_patterns.walk import explain_trees

    n = len(rows)
    if not trees:
        return np.zeros((n, d))
    roots, *nodes = _nodes(trees, players)
    most = min(_depth(roots, left=nodes[3], right=nodes[4]), d)
    if not most:
        return np.zeros((n, d))
    weights = _weights(most)
    starts = np.linspace(0, len(roots), min(_PIECES, len(roots)) + 1).astype(int)
    pieces = [(roots[a:z], *nodes) for a, z in pairwise(starts)]
    against = np.ascontiguousarray(background.T)

    def block(part: FloatArray) -> FloatArray:
        compared = np.ascontiguousarray(part.T)

        def of_pieces(which: npt.NDArray[np.intp]) -> list[FloatArray]:
            found = []
            for k in which:
                out = np.zeros((d, len(part)))
                explain_trees(compared, against, pieces[k], weights, out)
                found.append(out)
            return found

        total = np.zeros((d, len(part)))
        for results in spread(of_pieces, np.arange(len(pieces))):
            for result in results:
                total += result
        return total.T

    size = max(1, _MOST_SUMS // (len(pieces) * d))
    if most >= _DEEP:
        size = max(1, min(size, _MOST_PAIRS // len(background)))
    blocks = [block(rows[at : at + size]) for at in range(0, n, size)]
    values: FloatArray = np.concatenate(blocks) / len(background)
    return values


def _depth(
    roots: npt.NDArray[np.intp], *, left: npt.NDArray[np.intp], right: npt.NDArray[np.intp]
) -> int:
    """Return how many conditions the longest path has."""
    depth, level = 0, roots
    while True:
        level = level[left[level] >= 0]
        if not len(level):
            return depth
        depth, level = depth + 1, np.concatenate([left[level], right[level]])


def _weights(most: int) -> tuple[FloatArray, FloatArray]:
    """Return (a-1)! b! / (a+b)! and a! (b-1)! / (a+b)!, by a and b."""
    a = np.arange(most + 1.0)[:, None]
    weight_in = np.zeros((most + 1, most + 1))
    weight_in[1:] = beta(a[1:], a.T + 1)
    return weight_in, np.ascontiguousarray(weight_in.T)


def _nodes(trees: list[Tree], players: npt.NDArray[np.intp]) -> tuple[npt.NDArray[Any], ...]:
    """Return the nodes of trees one after another, as `explain_trees` takes them."""
    sizes = np.array([len(tree.left) for tree in trees])
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])

    def together(of: Callable[[Tree], Any], dtype: Any) -> npt.NDArray[Any]:
        return np.concatenate([of(tree) for tree in trees], dtype=dtype)

    leaf = together(lambda tree: tree.left, np.int64) < 0
    column = np.where(leaf, 0, together(lambda tree: tree.feature, np.int64))
    begin = np.repeat(roots, sizes)
    threshold = together(lambda tree: tree.threshold, np.float64)
    many, listed = np.zeros(len(leaf) + 1, dtype=np.int64), [np.empty(0)]
    for tree, root in zip(trees, roots, strict=True):
        for node in sorted(tree.categories):
            listed.append(np.sort(np.asarray(tree.categories[node], dtype=np.float64)))
            many[root + node + 1] = len(listed[-1])
            # Nothing is listed where none goes left, and nothing is at most this.
            threshold[root + node] = -np.inf
    return (
        roots.astype(np.int64),
        column,
        players[column].astype(np.int64),
        threshold,
        np.where(leaf, -1, together(lambda tree: tree.left, np.int64) + begin),
        np.where(leaf, -1, together(lambda tree: tree.right, np.int64) + begin),
        together(lambda tree: tree.missing_left, np.bool_),
        together(lambda tree: tree.value, np.float64),
        np.cumsum(many),
        np.concatenate(listed),
    )

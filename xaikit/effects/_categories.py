"""Categories in a row, those whose rows are alike in the other columns beside each other."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.effects._effect import IntArray


def by_likeness(codes: FloatArray, j: int, categorical: BoolArray) -> IntArray:
    """Return the codes of a categorical column, ordered by how alike their rows are.

    The distance of two categories is the sum over the other columns of the largest difference
    between their distributions: of a column of numbers the Kolmogorov-Smirnov distance, of
    categories half the sum of the differences. Classical scaling puts them on a line.
    """
    levels = np.unique(codes[:, j])
    rows = [codes[codes[:, j] == level] for level in levels]
    distance = np.zeros((len(levels), len(levels)))
    for column in range(codes.shape[1]):
        if column != j:
            shares = _shares(codes[:, column], [r[:, column] for r in rows], categorical[column])
            apart = np.abs(shares[:, None] - shares[None])
            distance += apart.sum(axis=2) / 2 if categorical[column] else apart.max(axis=2)
    order = np.argsort(_on_a_line(distance), kind="stable")
    # Which end comes first is arbitrary: the lower code does.
    return levels[order if order[0] < order[-1] else order[::-1]].astype(np.intp)


def _shares(values: FloatArray, parts: list[FloatArray], categorical: bool) -> FloatArray:
    """Return for each part its share at each value, or up to each value; missing ones beside."""
    known = np.unique(values[~np.isnan(values)])
    # Half a thousand places tell two distributions apart as well as all do.
    if not categorical and len(known) > 500:
        known = np.quantile(known, np.linspace(0, 1, 500), method="inverted_cdf")
    shares = []
    for part in parts:
        if categorical:
            share = (part[:, None] == known).mean(axis=0)
        else:
            share = np.searchsorted(np.sort(part), known, side="right") / len(part)
        shares.append(np.append(share, np.isnan(part).mean()))
    return np.array(shares)


def _on_a_line(distance: FloatArray) -> FloatArray:
    """Return the first coordinate of classical multidimensional scaling."""
    centring = np.eye(len(distance)) - 1 / len(distance)
    _, vectors = np.linalg.eigh(-centring @ distance**2 @ centring / 2)
    line: FloatArray = vectors[:, -1]
    # To twelve digits, so that what differs by rounding only keeps its order.
    return np.round(line, 12)


def category_effects(
    function: Callable[[FloatArray], FloatArray], codes: FloatArray, j: int, order: IntArray
) -> tuple[FloatArray, IntArray]:
    """Return the centred effect of each category in this order, and how many rows it has.

    From one category to the next counts the mean change over the rows of both.
    """
    steps = np.zeros(len(order))
    for place, (before, after) in enumerate(pairwise(order), start=1):
        rows = codes[np.isin(codes[:, j], [before, after])]
        moved = np.repeat(rows[None], 2, axis=0)
        moved[0, :, j], moved[1, :, j] = before, after
        steps[place] = (function(moved[1]) - function(moved[0])).mean()
    effect = np.cumsum(steps)
    counts = (codes[:, [j]] == order).sum(axis=0)
    return effect - np.average(effect, weights=counts), counts

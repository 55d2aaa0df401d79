"""Rows in bins and cells: what moving them to the edges changes, and means over them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.effects._effect import IntArray


class Grid:
    """The bins of one column, and where each row lies among them."""

    def __init__(self, column: int, edges: FloatArray, values: FloatArray) -> None:
        self.column, self.edges, self.values = column, edges, values

    @cached_property
    def bins(self) -> IntArray:
        """The bin of each row. Its upper edge belongs to it, and the lowest value to the first."""
        place: IntArray = np.searchsorted(self.edges, self.values, side="left") - 1
        return np.maximum(place, 0)

    @property
    def low(self) -> FloatArray:
        """The lower edge of each row's bin."""
        low: FloatArray = self.edges[self.bins]
        return low

    @property
    def high(self) -> FloatArray:
        """The upper edge of each row's bin."""
        high: FloatArray = self.edges[self.bins + 1]
        return high

    @property
    def share(self) -> FloatArray:
        """How far each row lies through its bin, 0 to 1."""
        share: FloatArray = (self.values - self.low) / (self.high - self.low)
        return share


class Change:
    """What the output changes by when rows are moved to the edges of their bins."""

    def __init__(self, function: Callable[[FloatArray], FloatArray], codes: FloatArray) -> None:
        self.function, self.codes = function, codes

    def _at(self, places: dict[int, FloatArray]) -> FloatArray:
        moved = self.codes.copy()
        for column, values in places.items():
            moved[:, column] = values
        return self.function(moved)

    def of(self, grid: Grid) -> FloatArray:
        """Return the change from the lower to the upper edge, one number for each row."""
        return self._at({grid.column: grid.high}) - self._at({grid.column: grid.low})

    def of_pair(self, a: Grid, b: Grid) -> FloatArray:
        """Return how much the change along one depends on the other, one number for each row."""
        along_a = [
            self._at({a.column: a.high, b.column: side})
            - self._at({a.column: a.low, b.column: side})
            for side in (b.high, b.low)
        ]
        return along_a[0] - along_a[1]


def mean_by(values: FloatArray, groups: IntArray, n_groups: int) -> tuple[FloatArray, IntArray]:
    """Return the mean of each group, 0 where it is empty, and its size."""
    counts = np.bincount(groups, minlength=n_groups)
    totals = np.bincount(groups, weights=values, minlength=n_groups)
    return totals / np.maximum(counts, 1), counts


def filled(steps: FloatArray, counts: IntArray, a: Grid, b: Grid) -> FloatArray:
    """Give a cell without rows the change per unit of area of the nearest cell with some.

    Quantile cells differ widely in size, so the change itself would not carry over.
    """
    if counts.all():
        return steps
    from scipy.spatial import KDTree

    area = np.diff(a.edges)[:, None] * np.diff(b.edges)
    middles = [(g.edges[1:] + g.edges[:-1]) / 2 / np.ptp(g.edges) for g in (a, b)]
    where = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1)
    known = counts > 0
    nearest = KDTree(where[known]).query(where[~known])[1]
    slopes = steps / area
    slopes[~known] = slopes[known][nearest]
    result: FloatArray = np.where(known, steps, slopes * area)
    return result


def without_main_effects(surface: FloatArray, a: Grid, b: Grid) -> FloatArray:
    """Take out of a bilinear surface its own first-order effects and its mean over the rows."""
    main_a = _main_effect(surface, a, b)
    main_b = _main_effect(surface.T, b, a)
    rest = surface - main_a[:, None] - main_b
    lower, upper = _along(rest, a.bins, b), _along(rest, a.bins + 1, b)
    mean = (lower + a.share * (upper - lower)).mean()
    centred: FloatArray = rest - mean
    return centred


def _main_effect(surface: FloatArray, a: Grid, b: Grid) -> FloatArray:
    """Return the first-order effect of the surface along its first axis, from 0."""
    change = _along(surface, a.bins + 1, b) - _along(surface, a.bins, b)
    mean, _ = mean_by(change, a.bins, len(a.edges) - 1)
    return np.concatenate([[0.0], np.cumsum(mean)])


def _along(surface: FloatArray, edge: IntArray, b: Grid) -> FloatArray:
    """Return the surface at an edge of the first axis, each row at its own place on the second."""
    lower, upper = surface[edge, b.bins], surface[edge, b.bins + 1]
    at: FloatArray = lower + b.share * (upper - lower)
    return at

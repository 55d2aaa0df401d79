"""Where a counterfactual may lie, and how far that is from the row it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.core.tables import Coding
from xaikit.nearest.groups import Groups
from xaikit.nearest.plausible import Neighbourhood


@dataclass(frozen=True)
class Space:
    """The rows that may be returned, as codes; a group of one-hot columns is one column.

    `start` is the row that was asked about, and `allowed_start` the row within the limits
    that is nearest to it: the two differ only where a limit excludes the row itself.
    """

    names: tuple[str, ...]
    coding: Coding
    start: FloatArray
    background: FloatArray
    scale: FloatArray
    low: FloatArray
    high: FloatArray
    free: BoolArray
    integer: BoolArray
    categorical: BoolArray
    max_changes: int | None
    # The columns that the caller set limits for.
    limited: tuple[int, ...] = ()
    # Columns of floats shorter than 64 bits, which round what they are given.
    short_floats: tuple[tuple[int, np.dtype[Any]], ...] = ()
    # The one-hot columns that are one column of codes here.
    groups: Groups | None = None
    # Whether some columns may only rise or only fall.
    one_way: bool = False
    # What a step of one unit counts in each column, 1 everywhere if None. It is in `scale` already,
    # which is the unit divided by it.
    cost: FloatArray | None = None
    # The share of the background that must be as far from its neighbours as a row is.
    plausible: float | None = None

    @property
    def allowed_start(self) -> FloatArray:
        """The row within the limits that is nearest to the start."""
        return np.where(self.numeric, np.clip(self.start, self.low, self.high), self.start)

    @property
    def numeric(self) -> BoolArray:
        """The columns that may change by a little."""
        return self.free & ~self.categorical

    def levels(self, j: int) -> FloatArray:
        """Return the codes that the background has in a categorical column."""
        values: FloatArray = np.unique(self.background[:, j])
        return values[~np.isnan(values)]

    def steps(self, codes: FloatArray) -> FloatArray:
        """Return how far each column is from the start: |Δ| / scale, 1 for another category.

        Where columns have costs, both are multiplied by them.
        """
        moved = self.free & (codes != self.start)
        by = np.abs(np.where(moved, codes - self.start, 0.0)) / self.scale
        return np.where(self.categorical & moved, 1.0 if self.cost is None else self.cost, by)

    @cached_property
    def neighbourhood(self) -> Neighbourhood:
        """The background, and how far its rows are from each other in units without costs."""
        unit = self.scale if self.cost is None else self.scale * self.cost
        return Neighbourhood(self.background, unit, self.categorical)

    def usual_enough(self, codes: FloatArray) -> BoolArray:
        """Say which rows (m, d) are as near to the background as they must be."""
        if self.plausible is None:
            return np.ones(len(codes), dtype=bool)
        enough: BoolArray = self.neighbourhood.share_further(codes) >= 1 - self.plausible
        return enough

    def distance(self, codes: FloatArray) -> FloatArray:
        """Return the Euclidean length of the steps, one number for each row."""
        length: FloatArray = np.linalg.norm(self.steps(codes), axis=-1)
        return length

    def make_feasible(self, codes: FloatArray) -> FloatArray:
        """Change candidates (m, d) into rows of the space: whole numbers, limits, columns.

        Whole numbers are rounded away from the start, so that a row past a boundary stays
        past it where it can.
        """
        start = self.allowed_start
        rows = np.where(self.free, codes, start)
        by = np.where(self.integer & self.free, rows - start, 0.0)
        outwards = start + np.sign(by) * np.ceil(np.abs(by) - 1e-9)
        rows = np.where(self.integer & self.free, outwards, rows)
        rows = np.where(self.numeric, np.clip(rows, self.low, self.high), rows)
        for j, dtype in self.short_floats:
            rows[:, j] = rows[:, j].astype(dtype)
        if self.max_changes is not None and self.max_changes < len(self.start):
            order = np.argsort(-self.steps(rows), axis=1, kind="stable")
            smallest = order[:, self.max_changes :]
            rows[np.arange(len(rows))[:, None], smallest] = start[smallest]
        return rows

    def few_enough_changes(self, codes: FloatArray) -> BoolArray:
        """Say which rows change no more columns than they may; a limit may force too many."""
        if self.max_changes is None:
            return np.ones(len(codes), dtype=bool)
        enough: BoolArray = (self.steps(codes) > 0).sum(axis=1) <= self.max_changes
        return enough

    def table(self, codes: FloatArray) -> Any:
        """Return codes (m, d) as the model takes them."""
        return self.coding.decode(self.columns(codes))

    def columns(self, codes: FloatArray) -> FloatArray:
        """Return codes (m, d) with all the columns of the table, one-hot columns apart."""
        return codes if self.groups is None else self.groups.split(codes)

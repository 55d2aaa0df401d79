"""How usual a row is among those of the background: the distance to its neighbours there."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray

_NEIGHBOURS = 10


class Neighbourhood:
    """The background as points, in the units of distances; a category is a step of length 1."""

    def __init__(self, background: FloatArray, scale: FloatArray, categorical: BoolArray) -> None:
        self.scale, self.categorical = scale, categorical
        self.middle = np.array([_middle(column) for column in background.T])
        self.levels = [np.unique(column[~np.isnan(column)]) for column in background.T]
        self.background = self.points(background)

    def points(self, codes: FloatArray) -> FloatArray:
        """Return rows as points; a missing value lies in the middle of its column."""
        known = np.where(np.isnan(codes), self.middle, codes)
        parts = [known[:, ~self.categorical] / self.scale[~self.categorical]]
        for j in np.flatnonzero(self.categorical):
            # Two categories are 1 apart: each is half a square away in two directions.
            parts.append((known[:, [j]] == self.levels[j]) * np.sqrt(0.5))
        return np.hstack(parts)

    @cached_property
    def _tree(self) -> Any:
        from sklearn.neighbors import NearestNeighbors

        k = min(_NEIGHBOURS, len(self.background) - 1)
        return NearestNeighbors(n_neighbors=max(k, 1)).fit(self.background)

    @cached_property
    def usual(self) -> FloatArray:
        """The distance of each row of the background to its last neighbour, sorted."""
        if len(self.background) < 2:
            return np.zeros(1)
        distance, _ = self._tree.kneighbors()  # a row is no neighbour of itself
        return np.sort(distance[:, -1])

    def distance(self, codes: FloatArray) -> FloatArray:
        """Return the distance of rows (m, d) to the last of their neighbours."""
        found: FloatArray = self._tree.kneighbors(self.points(codes))[0][:, -1]
        return found

    def share_further(self, codes: FloatArray) -> FloatArray:
        """Return the share of the background that is at least as far from its neighbours."""
        # A row of the background counts as one of it, whatever rounding does.
        distance = self.distance(codes) * (1 - 1e-9)
        below = np.searchsorted(self.usual, distance, side="left")
        share: FloatArray = 1 - below / len(self.usual)
        return share


def _middle(column: FloatArray) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if len(known) else 0.0

"""The row that a counterfactual is asked for and its background, as codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.core.tables import Coding


@dataclass(frozen=True)
class Rows:
    """The row and the background as codes, and what their columns are."""

    names: tuple[str, ...]
    coding: Coding
    start: FloatArray
    background: FloatArray

    def dtype(self, j: int) -> np.dtype[Any]:
        """Return the numpy type that column j is decoded to; object where it has levels."""
        number = self.coding.columns[j].number
        return np.dtype(object) if number is None else number

    def both(self) -> FloatArray:
        """Return the codes of the background, and of the row below them."""
        return np.vstack([self.background, self.start])

    def is_number(self, j: int) -> bool:
        """Say whether a column holds numbers, or True and False, and no levels."""
        return self.dtype(j).kind in "biuf"

    def is_zero_one(self, j: int) -> bool:
        """Say whether a column holds nothing but 0 and 1, or True and False."""
        values = np.append(self.background[:, j], self.start[j])
        return self.is_number(j) and bool(np.isin(values, (0.0, 1.0)).all())

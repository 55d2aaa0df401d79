"""One number a row, with what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from xaikit.core.checks import FloatArray


def read_only(values: FloatArray) -> FloatArray:
    """Return a copy that cannot be changed."""
    copy = np.array(values, dtype=np.float64)
    copy.flags.writeable = False
    return copy


@dataclass(frozen=True, eq=False, repr=False)
class RowScores:
    """A measure of each row's explanation, with its range and its better end.

    Parameters
    ----------
    values : ndarray of shape (n,)
        One score a row.
    measure : str
        What was measured.
    lowest, highest : float
        The range of the measure.
    better : {"higher", "lower"}
        Which end is the better one.

    Notes
    -----
    Taught in: trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> RowScores(np.array([0.5, 1.0]), "top-2 overlap", 0.0, 1.0, "higher")
    top-2 overlap: 0.75 on average over 2 rows (from 0 to 1, higher is better)
    """

    values: FloatArray
    measure: str
    lowest: float
    highest: float
    better: Literal["higher", "lower"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(self.values))

    @property
    def mean(self) -> float:
        """The mean over the rows."""
        return float(self.values.mean())

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self)} rows"
        return (
            f"{self.measure}: {self.mean:.3g} on average over {rows} "
            f"(from {self.lowest:.3g} to {self.highest:.3g}, {self.better} is better)"
        )

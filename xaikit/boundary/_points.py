"""The results: points on the boundary, and the word that none was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.core.tables import as_reals, number_type
from xaikit.inputs.rows import Table


class NoBoundaryFound(LookupError):
    """No point on the other side of the boundary was found within the budget.

    Raised when none was found for any row. It is no proof that there is none.

    Notes
    -----
    Taught in: global/decision-boundaries.

    Examples
    --------
    >>> raise NoBoundaryFound("No other answer was found for row 3 of X.")
    Traceback (most recent call last):
    xaikit.boundary._points.NoBoundaryFound: No other answer was found for row 3 of X.
    """


@dataclass(frozen=True, eq=False, repr=False)
class BoundaryPoints:
    """For each row the nearest point on the decision boundary, and how far it is.

    Parameters
    ----------
    data : DataFrame or ndarray of shape (n, d)
        The rows, as the model takes them.
    points : DataFrame or ndarray of shape (n, d)
        The points, in the same kind of table; numbers are float64, as a boundary seldom
        runs through whole ones. Of a row that was not reached, the columns that could
        move are NaN.
    distances : ndarray of shape (n,)
        Euclidean, in units of `scale`; inf for a row that was not reached.
    scale : ndarray of shape (d,)
        What counts as a step of 1 in each column; inf for columns that do not move.
    exact : bool
        True where a closed form says that no point is nearer; False where it was
        searched for, and the true distance may be smaller.

    Notes
    -----
    Taught in: global/decision-boundaries.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import boundary
    >>> X = np.array([[3.0, 4.0], [0.0, -5.0]])
    >>> found = boundary.distance(lambda X: np.hypot(X[:, 0], X[:, 1]), X, background=X,
    ...                           threshold=2.0, scale=None, random_state=0)
    Traceback (most recent call last):
    ValueError: background must have rows on both sides of the boundary; got 2 rows, all on one.
    >>> near = np.array([[0.1, 0.0]])
    >>> boundary.distance(lambda X: np.hypot(X[:, 0], X[:, 1]), X, background=near,
    ...                   threshold=2.0, scale=None, random_state=0).distances.round(3)
    array([3., 3.])
    """

    data: Table
    points: Table
    distances: FloatArray
    scale: FloatArray
    exact: bool

    @property
    def reached(self) -> BoolArray:
        """Say of each row whether a point was found, (n,)."""
        found: BoolArray = np.isfinite(self.distances)
        return found

    def __len__(self) -> int:
        return len(self.distances)

    def __repr__(self) -> str:
        how = "exact" if self.exact else "searched"
        found = self.distances[self.reached]
        lost = len(self) - len(found)
        which = f"{len(self)} rows, {lost} not reached" if lost else f"{len(self)} rows"
        low, high = found.min(), found.max()
        return f"BoundaryPoints({which}, {how}, distances from {low:.3g} to {high:.3g})"


def with_floats(table: Table) -> tuple[Table, BoolArray]:
    """Return the table with its numbers as real ones, and which columns those are.

    True and False are answers, not amounts: they do not move.
    """
    if isinstance(table, pd.DataFrame):
        numbers = np.array([_is_amount(column) for _, column in table.items()])
        real = table.copy(deep=False)
        for label in table.columns[numbers]:
            real[label] = as_reals(table[label])
        return real, numbers
    array: npt.NDArray[Any] = table.astype(np.float64)
    return array, np.full(table.shape[1], table.dtype.kind != "b")


def _is_amount(column: pd.Series[Any]) -> bool:
    number = number_type(column)
    return number is not None and number.kind != "b"

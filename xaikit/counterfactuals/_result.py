"""The result: a row with another answer, or the message that none was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.inputs.rows import Table
from xaikit.nearest.answer import Answer
from xaikit.nearest.space import Space


class NoCounterfactualFound(LookupError):
    """No row with the wanted answer was found within the budget and the constraints.

    The message says how many rows were asked, what was held, and what stands in the way: the
    constraints of which leaving out one alone leads to a row. It is no proof that there is none.

    Parameters
    ----------
    message : str
        The message.
    blockers : tuple of str
        What stands in the way, in words; empty where nothing does by itself.

    Notes
    -----
    Taught in: global/decision-boundaries, local/counterfactuals.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> background = np.array([[0.0], [0.5]])
    >>> try:
    ...     xk.counterfactual(lambda X: X[:, 0] ** 2, [0.3], background=background,
    ...                       target=(-2, -1), n_samples=500, random_state=0)
    ... except xk.NoCounterfactualFound as error:
    ...     print(str(error).split(".")[0])
    No row with a prediction from -2 to -1 was found among the 500 that were asked
    """

    def __init__(self, message: str, blockers: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.blockers = blockers


@dataclass(frozen=True, eq=False, repr=False)
class Counterfactual:
    """The nearest row found to which the model gives another answer.

    Parameters
    ----------
    row : DataFrame of one row, or ndarray of shape (1, d)
        The counterfactual, in the kind of table and the column types that the model
        takes: ``model.predict(c.row)`` gives `prediction`.
    original : DataFrame of one row, or ndarray of shape (1, d)
        The row that was asked about, in the same kind.
    changes : DataFrame
        Columns "feature", "from" and "to", one row a changed column, the largest step
        first.
    distance : float
        The length of the change. A step in a numeric column is its size in standard
        deviations of the background, in a category 1, times its cost if it has one; the
        distance is the square root of the sum of squared steps.
    prediction : object
        The model's answer for `row`: a class, a number, or the numbers of a model with
        several outputs.
    exact : bool
        True where a closed form says that no row is nearer; False where it was searched
        for and a nearer one may exist.
    _space, _codes : Space, ndarray
        What `plausibility` is worked out from when it is asked for.

    Notes
    -----
    Taught in: global/decision-boundaries, local/counterfactuals.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> background = np.array([[-1.5, 0.0], [1.5, 4.5]])
    >>> c = xk.counterfactual(lambda X: 2 * X[:, 0], [-1.0, 2.5], background=background,
    ...                       target=(1, np.inf), random_state=0)
    >>> c
    Counterfactual at distance 1 (searched), prediction 1, 1 of 2 columns changed
      x0: -1 → 0.5
    """

    row: pd.DataFrame | npt.NDArray[Any]
    original: pd.DataFrame | npt.NDArray[Any]
    changes: pd.DataFrame
    distance: float
    prediction: Any
    exact: bool
    _space: Space
    _codes: FloatArray

    @cached_property
    def plausibility(self) -> float:
        """How usual the row is: the share of the background at least as far from its neighbours.

        Near 1 it lies among many rows; at 0 it is further from the ten nearest rows than any row
        of the background is. Distances are in units of the background, without costs.
        """
        return float(self._space.neighbourhood.share_further(self._codes[None])[0])

    def __repr__(self) -> str:
        how = "exact" if self.exact else "searched"
        lines = [
            f"Counterfactual at distance {self.distance:.3g} ({how}), "
            f"prediction {_shown(self.prediction)}, "
            f"{len(self.changes)} of {self.row.shape[1]} columns changed"
        ]
        for feature, before, after in self.changes.itertuples(index=False):
            lines.append(f"  {feature}: {_shown(before)} → {_shown(after)}")
        return "\n".join(lines)


def make_result(
    space: Space,
    answer: Answer,
    codes: FloatArray,
    names: tuple[str, ...],
    given: Table,
    *,
    hand_over: Callable[[Any], Any],
    exact: bool,
) -> Counterfactual:
    """Return the row as the caller sees it, with the names and the index that they gave."""
    row, original = space.table(codes[None]), space.table(space.start[None])
    if isinstance(given, pd.DataFrame):
        row.index = original.index = given.index
    order = _changed(space, codes)
    changes = pd.DataFrame(
        {
            "feature": [names[j] for j in order],
            "from": pd.Series([_cell(original, j) for j in order], dtype=object),
            "to": pd.Series([_cell(row, j) for j in order], dtype=object),
        }
    )
    prediction = np.asarray(answer.predict(row))[0]
    return Counterfactual(
        row=hand_over(row),
        original=hand_over(original),
        changes=changes,
        distance=float(space.distance(codes)),
        prediction=prediction.item() if prediction.ndim == 0 else prediction,
        exact=exact,
        _space=space,
        _codes=codes,
    )


def _changed(space: Space, codes: FloatArray) -> list[int]:
    """Return the columns of the table that changed, the largest step first, groups together."""
    before, after = space.columns(np.array([space.start, codes]))
    owner = np.arange(len(before)) if space.groups is None else space.groups.owner
    steps = np.where(before != after, space.steps(codes)[owner], 0.0)
    return [int(j) for j in np.lexsort((owner, -steps)) if steps[j] > 0]


def _cell(table: Table, j: int) -> Any:
    value = table.iloc[0, j] if isinstance(table, pd.DataFrame) else table[0, j]
    return value.item() if isinstance(value, np.generic) else value


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

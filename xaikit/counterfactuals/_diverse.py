"""Several ways to another answer, each by other columns."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import generator, whole_number
from xaikit.counterfactuals._counterfactual import counterfactual
from xaikit.counterfactuals._result import Counterfactual, NoCounterfactualFound

# How many searches may follow each way that is asked for.
_TRIES = 8


def diverse_counterfactuals(
    model: Any,
    x: pd.Series[Any] | pd.DataFrame | npt.ArrayLike,
    n: int = 3,
    *,
    background: pd.DataFrame | npt.ArrayLike,
    fixed: Iterable[Any] = (),
    random_state: int | np.random.Generator | None = None,
    **options: Any,
) -> tuple[Counterfactual, ...]:
    """Find several near rows with another answer, each by changing other columns.

    The first is the nearest. Whoever cannot change one of its columns needs another way: each
    of the others is the nearest found that leaves at least one column alone which an earlier way
    changes. So no way changes all that an earlier one does.

    Parameters
    ----------
    model, x
        As for `xaikit.counterfactual`.
    n : int
        The most ways to return.
    background
        As for `xaikit.counterfactual`.
    fixed : iterable of columns
        Columns that no way may change.
    random_state : int or numpy.random.Generator, optional
        The same seed gives the same rows.
    **options
        Any other option of `xaikit.counterfactual`.

    Returns
    -------
    tuple of Counterfactual
        From one to `n` of them, the nearest first.

    Raises
    ------
    NoCounterfactualFound
        When not even one was found.
    TypeError, ValueError
        As `xaikit.counterfactual` does; when `n` is no whole number above 0.

    Notes
    -----
    With the columns of the first way held one by one, then those of the next, as Reiter's
    tree of hitting sets does, the ways come in the order of their distance. At most eight
    searches are made for each way that is asked for, so the last may be missing where many
    columns matter a little. A group of one-hot columns counts as one column.

    The rows of [1]_ are as far apart as possible, which makes the last of them odd; these are
    as near as possible, and differ in what somebody has to do.

    Taught in: local/counterfactuals.

    References
    ----------
    .. [1] Mothilal, R. K., Sharma, A. and Tan, C. (2020). Explaining machine learning
       classifiers through diverse counterfactual explanations. FAT* 2020, 607-617.
       https://doi.org/10.1145/3351095.3372850
    .. [2] Ustun, B., Spangher, A. and Liu, Y. (2019). Actionable recourse in linear
       classification. FAT* 2019, 10-19. https://doi.org/10.1145/3287560.3287566
    .. [3] Reiter, R. (1987). A theory of diagnosis from first principles. Artificial
       Intelligence 32(1), 57-95. https://doi.org/10.1016/0004-3702(87)90062-2

    Examples
    --------
    Income or savings, and savings take the longer step.

    >>> import numpy as np
    >>> import xaikit as xk
    >>> rows = np.array([[-1.5, -1.5], [1.5, 1.5], [-1.5, 1.5], [1.5, -1.5]])
    >>> ways = xk.diverse_counterfactuals(lambda X: np.maximum(X[:, 0], X[:, 1] / 2), [0, 0],
    ...                                   background=rows, target=(0.6, np.inf), random_state=0)
    >>> [(way.changes["feature"].tolist(), round(way.distance, 3)) for way in ways]
    [(['x0'], 0.4), (['x1'], 0.8)]
    """
    n = whole_number("n", n, low=1)
    rng = generator(random_state)
    fixed = tuple(fixed)

    def nearest(held: frozenset[Any]) -> Counterfactual:
        return counterfactual(
            model, x, background=background, fixed=(*fixed, *sorted(held, key=str)),
            random_state=rng, **options,
        )  # fmt: skip

    # What is held, the nearest row without it, and a number so that equal distances keep order.
    first = nearest(frozenset())
    waiting = [(first.distance, 0, frozenset[Any](), first)]
    seen = {frozenset[Any]()}
    ways: list[Counterfactual] = []
    while waiting and len(ways) < n:
        _, _, held, way = heapq.heappop(waiting)
        if not any(_changed(way) >= _changed(other) for other in ways):
            ways.append(way)
        for column in way.changes["feature"]:
            wider = held | {column}
            if wider in seen or len(seen) > _TRIES * n:
                continue
            seen.add(wider)
            try:
                other = nearest(wider)
            except (NoCounterfactualFound, ValueError):  # nothing is left to change
                continue
            heapq.heappush(waiting, (other.distance, len(seen), wider, other))
    return tuple(ways)


def _changed(way: Counterfactual) -> frozenset[Any]:
    return frozenset(way.changes["feature"])

"""Shapley values straight from their definition: every order of the columns is walked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd


def shapley_values(f: Callable[[Any], Any], row: Any, background: Any) -> tuple[Any, float]:
    """Return the values (d,) of one row, a table with one row, and the base value."""
    d = row.shape[1]
    worth: dict[frozenset[int], float] = {}

    def value(present: frozenset[int]) -> float:
        if present not in worth:
            mixed = background.copy()
            for j in present:
                if isinstance(mixed, pd.DataFrame):
                    own = row.iloc[:, j].repeat(len(mixed)).set_axis(mixed.index)
                    mixed[mixed.columns[j]] = own.astype(background.dtypes.iloc[j])
                else:
                    mixed[:, j] = row[0, j]
            worth[present] = float(np.mean(np.asarray(f(mixed), dtype=np.float64)))
        return worth[present]

    total = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        for place, j in enumerate(order):
            before = frozenset(order[:place])
            total[j] += value(before | {j}) - value(before)
    return total / len(orders), value(frozenset())

"""Shapley values straight from their definition: every order of the columns is walked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from typing import Any

import numpy as np
import pandas as pd


def shapley_values(f: Callable[[Any], Any], row: Any, background: Any) -> tuple[Any, float]:
    """Return the values (d,) of one row, a table with one row, and the base value."""
    d = row.shape[1]
    value = coalition_values(f, row, background)
    total = np.zeros(d)
    orders = list(permutations(range(d)))
    for order in orders:
        present = [False] * d
        for j in order:
            before = value[tuple(present)]
            present[j] = True
            total[j] += value[tuple(present)] - before
    return total / len(orders), value[(False,) * d]


def coalition_values(
    f: Callable[[Any], Any], row: Any, background: Any
) -> dict[tuple[bool, ...], float]:
    """Return the mean answer where some columns are the row's, by which; f is asked once."""
    coalitions = list(product([False, True], repeat=row.shape[1]))
    # Of each column of the mixed rows, where it stands: the row, at 0, or one of the background.
    drawn = np.arange(1, 1 + len(background))
    places = np.array([np.where(np.array(c)[:, None], 0, drawn) for c in coalitions])
    places = places.transpose(1, 0, 2).reshape(row.shape[1], -1)
    if isinstance(background, pd.DataFrame):
        both = pd.concat([row.astype(background.dtypes), background], ignore_index=True)
        columns = [both.iloc[p, j].reset_index(drop=True) for j, p in enumerate(places)]
        mixed = pd.concat(columns, axis=1)
    else:
        both = np.concatenate([row, background])
        mixed = np.column_stack([both[p, j] for j, p in enumerate(places)])
    answers = np.asarray(f(mixed), dtype=np.float64).reshape(len(coalitions), -1)
    return dict(zip(coalitions, answers.mean(axis=1), strict=True))

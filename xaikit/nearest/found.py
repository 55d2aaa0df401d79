"""The row that a search ends with: given to the model alone, as the caller will give it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.nearest.answer import Answer
from xaikit.nearest.search import Search, nearest_row
from xaikit.nearest.space import Space


def searched(search: Search, candidates: list[FloatArray]) -> FloatArray | None:
    """Return the nearest row found, as codes, or None; `candidates` are tried first."""
    best = nearest_row(search, candidates)
    if best is None:
        return None
    return first_that_holds(search.space, search.answer, _outwards(search.space, best))


def _outwards(space: Space, best: FloatArray) -> list[FloatArray]:
    """Return the row, and rows ever so little further, where a row alone is rounded otherwise."""
    further = [
        np.where(space.numeric, best + share * (best - space.start), best)
        for share in 10.0 ** np.arange(-15, -5)
    ]
    return [best, *space.make_feasible(np.array(further))]


def first_that_holds(
    space: Space, answer: Answer, candidates: Iterable[FloatArray]
) -> FloatArray | None:
    """Return the first row that the model, given that row alone, gives the wanted answer."""
    for codes in candidates:
        alone = codes[None]
        if answer.holds(space.table(alone))[0] and space.usual_enough(alone)[0]:
            return codes
    return None

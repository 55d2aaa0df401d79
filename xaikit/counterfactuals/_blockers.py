"""Why no counterfactual was found: what stands in the way, found by leaving it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xaikit.nearest.answer import Answer
from xaikit.nearest.constraints import Constraints, make_space
from xaikit.nearest.found import searched
from xaikit.nearest.rows import Rows
from xaikit.nearest.search import Search
from xaikit.nearest.space import Space

# The columns that are let go one by one; of more only all together.
_MOST_COLUMNS = 8
# The part of the budget that each try gets, and the rows it gets at least.
_PART, _LEAST = 10, 500


def what_blocks(
    rows: Rows, constraints: Constraints, answer: Answer, rng: np.random.Generator, budget: int
) -> tuple[str, ...]:
    """Say which constraints stand in the way: without each of them a row was found, and where."""
    blockers = []
    for what, relaxed in _relaxations(rows, constraints):
        try:
            space = make_space(rows, relaxed)
        except ValueError:  # what is left may contradict itself
            continue
        search = Search(space, answer, rng, max(_LEAST, budget // _PART))
        found = searched(search, [])
        if found is not None:
            blockers.append(f"{what} (without it, one at distance {space.distance(found):.3g})")
    return tuple(blockers)


def _relaxations(rows: Rows, given: Constraints) -> Iterator[tuple[str, Constraints]]:
    """Give each constraint in words, and the others."""
    fixed = list(given.fixed)
    if len(fixed) <= _MOST_COLUMNS:
        for column in fixed:
            rest = [other for other in fixed if other != column]
            yield f"{column!r} is fixed", replace(given, fixed=rest)
    if len(fixed) > 1:
        yield "the fixed columns together", replace(given, fixed=())
    rising, falling = list(given.rising), list(given.falling)
    for column in rising[:_MOST_COLUMNS]:
        rest = [other for other in rising if other != column]
        yield f"{column!r} may only rise", replace(given, rising=rest)
    for column in falling[:_MOST_COLUMNS]:
        rest = [other for other in falling if other != column]
        yield f"{column!r} may only fall", replace(given, falling=rest)
    if given.limits is not None:
        yield "limits", replace(given, limits=None)
    if given.max_changes is not None:
        yield f"sparsity={given.max_changes}", replace(given, max_changes=None)
    if given.plausible is not None:
        yield f"plausible={given.plausible:g}", replace(given, plausible=None)


def not_found(
    space: Space, answer: Answer, budget: int, left: int, blockers: tuple[str, ...]
) -> str:
    """Say what was searched, what was held, and what stands in the way."""
    free = [space.names[j] for j in np.flatnonzero(space.free)]
    held = [space.names[j] for j in np.flatnonzero(~space.free)]
    bounds = [
        f"{space.names[j]!r} from {space.low[j]:g} to {space.high[j]:g}"
        for j in space.limited
        if space.numeric[j]
    ]
    most = "" if space.max_changes is None else f" At most {space.max_changes} of them may change."
    return (
        f"No row with {answer.wanted} was found among the {budget - left} that were asked. "
        f"Free to change: {_listed(free)}. Held: {_listed(held)}. "
        f"Limits: {_listed(bounds, quote=False)}.{most} {_in_the_way(space, left, blockers)}"
    )


def _in_the_way(space: Space, left: int, blockers: tuple[str, ...]) -> str:
    if blockers:
        return f"What stands in the way: {'; '.join(blockers)}."
    relax = [] if left else ["raise n_samples"]
    relax += ["let a fixed column change"] if not space.free.all() else []
    relax += ["widen limits"] if space.limited else []
    relax += ["let columns both rise and fall"] if space.one_way else []
    relax += ["raise sparsity"] if space.max_changes is not None else []
    relax += ["raise plausible"] if space.plausible is not None else []
    return f"To relax: {'; '.join(relax) or 'ask for another target'}."


def _listed(words: list[str], *, quote: bool = True) -> str:
    shown = [repr(word) if quote else word for word in words[:10]]
    more = [f"{len(words) - 10} more"] if len(words) > 10 else []
    return ", ".join(shown + more) or "none"

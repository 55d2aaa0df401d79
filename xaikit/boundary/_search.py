"""Any model: the boundary bracketed by rows on its other side, then brought closer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xaikit.boundary._sides import IntArray, Sides
from xaikit.core.checks import BoolArray, FloatArray
from xaikit.core.tables import Coding
from xaikit.nearest.answer import Answer
from xaikit.nearest.search import Search, nearest_row
from xaikit.nearest.space import Space

# How many of the nearest rows across the boundary a search starts from.
_STARTS = 8
# Bisections of a line: to the last digits of a float.
_BISECTIONS = 48


@dataclass(frozen=True)
class Problem:
    """What the searches of all rows share; rows of the background as codes, and their sides."""

    sides: Sides
    coding: Coding
    background: FloatArray
    background_sides: IntArray
    moves: BoolArray
    scale: FloatArray
    budget: int

    def sides_at(self, codes: FloatArray) -> IntArray:
        """Return the side of each row of codes."""
        return self.sides.of(self.coding.decode(codes))


def nearest_points(
    problem: Problem, rows: FloatArray, own: IntArray, seeds: IntArray
) -> list[FloatArray | None]:
    """Return for each row the nearest point found just across the boundary, or None."""
    brackets = _brackets(problem, rows, own)
    found = [
        _nearest_of_row(problem, row, int(side), crossed, int(seed))
        for row, side, crossed, seed in zip(rows, own, brackets, seeds, strict=True)
    ]
    known = [i for i, point in enumerate(found) if point is not None]
    if known:
        far = np.array([found[i] for i in known])
        for i, point in zip(known, crossings(problem, rows[known], far, own[known]), strict=True):
            found[i] = point
    return found


def crossings(problem: Problem, near: FloatArray, far: FloatArray, own: IntArray) -> FloatArray:
    """Return points just across the boundary on the lines from `near` (m, d) to `far`.

    `near` is on its own side and `far` is not; so are the ends of what is left of the
    line after each bisection, whatever the shape of the boundary.
    """
    low, high = np.zeros(len(near)), np.ones(len(near))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        across = problem.sides_at(near + middle[:, None] * (far - near)) != own
        high, low = np.where(across, middle, high), np.where(across, low, middle)
    # At 1 the line's end itself: the sum would round.
    return np.where(high[:, None] == 1, far, near + high[:, None] * (far - near))


def _brackets(problem: Problem, rows: FloatArray, own: IntArray) -> list[FloatArray]:
    """Return for each row where the lines to its nearest rows across meet the boundary."""
    from sklearn.neighbors import NearestNeighbors

    brackets: list[FloatArray] = [np.empty((0, rows.shape[1]))] * len(rows)
    for side in np.unique(own):
        mine = np.flatnonzero(own == side)
        others = problem.background[problem.background_sides != side]
        if not len(others):
            continue
        units = np.nan_to_num(others[:, problem.moves]) / problem.scale[problem.moves]
        finder = NearestNeighbors(n_neighbors=min(_STARTS, len(others))).fit(units)
        places = np.nan_to_num(rows[mine][:, problem.moves]) / problem.scale[problem.moves]
        chosen = finder.kneighbors(places, return_distance=False)
        near = np.repeat(rows[mine], chosen.shape[1], axis=0)
        far = others[chosen.ravel()]
        # Columns that do not move stay as they are, and so do missing values.
        far = np.where(problem.moves & ~np.isnan(near) & ~np.isnan(far), far, near)
        across = np.flatnonzero(problem.sides_at(far) != side)
        if not len(across):
            continue
        met = crossings(problem, near[across], far[across], np.full(len(across), side))
        owner = across // chosen.shape[1]
        for i, row in enumerate(mine):
            brackets[row] = met[owner == i]
    return brackets


def _nearest_of_row(
    problem: Problem, row: FloatArray, side: int, crossed: FloatArray, seed: int
) -> FloatArray | None:
    space = _space(problem, row)
    margin = problem.sides.margin
    answer = Answer(
        wanted="another answer",
        predict=problem.sides.of,
        accepts=lambda sides: np.asarray(sides != side),
        score=None if margin is None else lambda table: margin(table, side),
    )
    search = Search(space, answer, np.random.default_rng(seed), problem.budget)
    best = nearest_row(search, list(crossed))
    # The search keeps the nearest few of its starts: a line may still have met it nearer.
    candidates = [*crossed, *([] if best is None else [best])]
    best = min(candidates, key=lambda point: float(space.distance(point)), default=None)
    if best is None or answer.score is None or space.distance(best) == 0:
        return best
    return _refined(replace(space, short_floats=()), answer, best)


def _space(problem: Problem, row: FloatArray) -> Space:
    d = len(row)
    no = np.zeros(d, dtype=bool)
    free = problem.moves & ~np.isnan(row)
    return Space(
        names=tuple(map(str, range(d))),
        coding=problem.coding,
        start=row,
        background=problem.background,
        scale=np.where(free, problem.scale, 1.0),
        low=np.full(d, -np.inf),
        high=np.full(d, np.inf),
        free=free,
        integer=no,
        categorical=no,
        max_changes=None,
    )


def _refined(space: Space, answer: Answer, best: FloatArray) -> FloatArray:
    """Follow a smooth boundary to its nearest point; where it is not smooth nothing is gained."""
    from scipy.optimize import minimize

    assert answer.score is not None  # the caller has looked
    score = answer.score
    moves = space.numeric
    # The solver's tolerances are absolute: to it, the distance and the slope are about 1.
    unit = space.scale[moves] * float(space.distance(best))
    start = (best - space.start)[moves] / unit
    step = 1e-4

    def at(steps: FloatArray) -> Any:
        codes = np.tile(space.start, (len(steps), 1))
        codes[:, moves] += steps * unit
        return codes

    def slope(u: FloatArray) -> FloatArray:
        sides = step * np.eye(len(u))
        scores = score(space.table(at(np.vstack([u + sides, u - sides]))))
        return (scores[: len(u)] - scores[len(u) :]) / (2 * step)

    steepness = float(np.linalg.norm(slope(start)))
    if not 0 < steepness < np.inf:
        return best

    found = minimize(
        lambda u: 0.5 * u @ u,
        start,
        jac=lambda u: u,
        method="SLSQP",
        constraints={
            "type": "eq",
            "fun": lambda u: score(space.table(at(u[None])))[0] / steepness,
            "jac": lambda u: slope(u) / steepness,
        },
        options={"ftol": 1e-12, "maxiter": 50},
    )
    if not np.isfinite(found.x).all():
        return best
    # The solver ends on the boundary, on either side of it: ever so little further is across.
    past = np.concatenate([[0.0], 10.0 ** np.arange(-12, -2)])
    candidates = at((1 + past)[:, None] * found.x)
    good = answer.holds(space.table(candidates))
    good &= space.distance(candidates) < space.distance(best)
    return candidates[np.argmax(good)] if good.any() else best

"""Any model: the nearest row with another answer, by a search that only moves closer.

Candidates come from the background, from moves of one column, from mixtures of rows and
from random directions. The nearest with the wanted answer are then pulled back towards
the row: columns put back, lines searched, the boundary's tangent followed, and at last
random moves. A candidate replaces the best only when it is nearer and the model, asked,
gives it the wanted answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.nearest.answer import Answer
from xaikit.nearest.linear import project, strongest
from xaikit.nearest.space import Space, value_levels

_BATCH = 128
_FRACTIONS = np.linspace(0.0, 1.0, 16, endpoint=False)
# Random rounds without a gain after which the search has settled.
_PATIENCE = 15


class Hunt:
    """A model asked within a budget of rows, in a space, with one source of chance."""

    def __init__(
        self,
        space: Space,
        answer: Answer,
        rng: np.random.Generator,
        budget: int,
        count: Callable[[int], object] = lambda n: None,
    ) -> None:
        self.space, self.answer, self.rng, self.left = space, answer, rng, budget
        self.count = count  # told how many rows were asked, for a progress bar

    def spend(self, n: int) -> None:
        """Take rows off the budget."""
        self.left -= n
        self.count(n)

    def hits(self, codes: FloatArray) -> BoolArray:
        """Say which rows have the wanted answer; beyond the budget none is said to."""
        asked = codes[: self.left]
        found = np.zeros(len(codes), dtype=bool)
        if len(asked):
            self.spend(len(asked))
            found[: len(asked)] = self.answer.holds(self.space.table(asked))
        # The row itself was asked at the door, alone, and has another answer.
        return found & self.space.allowed(codes) & (self.space.distance(codes) > 0)

    def scores(self, codes: FloatArray) -> FloatArray | None:
        """Return how clearly rows have the wanted answer: ±1 where the model gives no more."""
        if len(codes) > self.left:
            return None
        self.spend(len(codes))
        table = self.space.table(codes)
        if self.answer.score is not None:
            return self.answer.score(table)
        return np.where(self.answer.holds(table), 1.0, -1.0)

    def nearer(self, current: FloatArray, candidates: FloatArray) -> FloatArray:
        """Return the nearest candidate with the wanted answer, or `current` if none is nearer."""
        codes = self.space.settle(candidates)
        distance = self.space.distance(codes)
        order = np.argsort(distance, kind="stable")
        codes = codes[order[distance[order] < self.space.distance(current)]]
        hit = self.hits(codes) if len(codes) else np.zeros(0, dtype=bool)
        return codes[np.argmax(hit)] if hit.any() else current


def search(hunt: Hunt, first: list[FloatArray]) -> FloatArray | None:
    """Return the nearest row found, as codes, or None; `first` are candidates to begin with."""
    starts = _starts(hunt, first)
    if not starts:
        return None
    space = hunt.space
    best = min((_polish(hunt, start) for start in starts), key=space.distance)
    idle, size = 0, 0.3
    while hunt.left > 0 and idle < _PATIENCE and space.distance(best) > 0:
        better = hunt.nearer(best, _moves(hunt, best, starts, size))
        if better is best:
            idle, size = idle + 1, max(size * 0.7, 0.01)
        else:
            gain = 1 - space.distance(better) / space.distance(best)
            idle = 0 if gain > 1e-4 else idle + 1
            best = _polish(hunt, better)
    return _shrink_each(hunt, best)


def _starts(hunt: Hunt, first: list[FloatArray]) -> list[FloatArray]:
    """Return rows with the wanted answer, the nearest few of each source."""
    budget = hunt.left
    found: list[FloatArray] = []
    for n, codes in enumerate(_sources(hunt, first)):
        # Half of the budget is kept for pulling back, unless there is nothing yet to pull.
        if n > 3 and found and hunt.left < budget / 2:
            break
        settled = np.unique(hunt.space.settle(codes), axis=0)
        settled = settled[np.argsort(hunt.space.distance(settled), kind="stable")]
        settled = settled[: max(budget // 4, 1)]
        found += list(settled[hunt.hits(settled)][:2])
        # Where everything is a category the same few rows come again and again.
        if hunt.left <= 0 or (n >= 8 and found) or n > budget // _BATCH + 8:
            break
    return sorted(found, key=hunt.space.distance)[:8]


def _sources(hunt: Hunt, first: list[FloatArray]) -> Iterator[FloatArray]:
    space = hunt.space
    home, seen = space.home, _filled(space)
    yield np.array([home, *first])
    yield seen
    yield _sweeps(space)
    size = np.geomspace(0.05, 3.0, _BATCH)
    while True:
        yield _mixtures(hunt, seen, 4 * _BATCH)
        yield _around(hunt, home, size)
        # Past what was seen, further out each time.
        size = size * 2 if size[-1] < 1e6 else np.geomspace(0.05, 3.0, _BATCH)


def _filled(space: Space) -> FloatArray:
    """Return the background with the row's own value where one is missing."""
    return np.where(np.isnan(space.seen), space.start, space.seen)


def _sweeps(space: Space) -> FloatArray:
    """Return the row with one column moved: to each level, or over what was seen and past it."""
    candidates = []
    for j in np.flatnonzero(space.free):
        values = space.seen[:, j]
        if space.category[j]:
            values = value_levels(space, int(j))
        else:
            ends = np.quantile(values[~np.isnan(values)], np.linspace(0, 1, 17))
            beyond = (ends[-1] - ends[0]) * np.array([0.5, 2.0, 8.0])
            values = np.concatenate([ends, ends[0] - beyond, ends[-1] + beyond])
        moved = np.tile(space.home, (len(values), 1))
        moved[:, j] = values
        candidates.append(moved)
    return np.vstack(candidates)


def _mixtures(hunt: Hunt, rows: FloatArray, n: int) -> FloatArray:
    """Return the row with a random few of its columns taken from random other rows."""
    space, rng = hunt.space, hunt.rng
    d = len(space.start)
    share = rng.uniform(0, 1, size=(n, 1))
    if space.max_changes is not None:
        share *= min(1.0, 2 * space.max_changes / space.free.sum())
    taken = rng.uniform(size=(n, d)) < share
    return np.where(taken, rows[rng.integers(len(rows), size=n)], space.home)


def _around(hunt: Hunt, centre: FloatArray, size: FloatArray) -> FloatArray:
    """Return points at random in the numeric columns, `size` scales away."""
    space, rng = hunt.space, hunt.rng
    direction = rng.normal(size=(len(size), len(centre))) * space.number
    length = np.maximum(np.linalg.norm(direction, axis=1), np.finfo(float).tiny)
    points: FloatArray = centre + direction / length[:, None] * size[:, None] * space.scale
    return points


def _polish(hunt: Hunt, current: FloatArray) -> FloatArray:
    """Pull a row back until that gains no more."""
    space = hunt.space
    while hunt.left > 0 and space.distance(current) > 0:
        before = space.distance(current)
        current = _put_back(hunt, current)
        current = _shrink(hunt, current, space.number, rounds=3)
        current = _squeeze(hunt, current)
        for radius in (0.2, 1e-3):
            current = _tangent(hunt, current, radius)
        if space.distance(current) > before * (1 - 1e-4):
            break
    return current


def _put_back(hunt: Hunt, current: FloatArray) -> FloatArray:
    """Put columns back to their own value, one or several at once, while the answer holds."""
    space = hunt.space
    while True:
        changed = np.flatnonzero(space.free & (current != space.home))
        changed = changed[np.argsort(space.steps(current)[changed], kind="stable")]
        one = np.eye(len(changed), dtype=bool)
        smallest = np.tri(len(changed), dtype=bool)
        back = np.vstack([one, smallest])
        candidates = np.tile(current, (len(back), 1))
        candidates[:, changed] = np.where(back, space.home[changed], current[changed])
        better = hunt.nearer(current, candidates)
        if better is current:
            return current
        current = better


def _shrink(hunt: Hunt, current: FloatArray, columns: BoolArray, rounds: int) -> FloatArray:
    """Search the line from home to the row for the first place where the answer holds."""
    near = np.where(columns, hunt.space.home, current)
    fractions = _FRACTIONS
    for _ in range(rounds):
        path = hunt.space.settle(near + fractions[:, None] * (current - near))
        path = path[(path != current).any(axis=1)]
        if not len(path) or hunt.left <= 0:
            break
        hit = hunt.hits(path)
        first = int(np.argmax(hit)) if hit.any() else len(path)
        if first < len(path):
            current = path[first]
        if first > 0:
            near = path[first - 1]
        elif fractions[0] == 0:  # Home itself has the answer.
            break
        fractions = _FRACTIONS[1:]
    return current


def _shrink_each(hunt: Hunt, current: FloatArray) -> FloatArray:
    """Search the line of each column by itself, to the last digits that matter."""
    space = hunt.space
    steps = space.steps(current)
    for j in np.argsort(-steps, kind="stable"):
        if steps[j] > 0 and space.number[j]:
            only = np.arange(len(current)) == j
            current = _shrink(hunt, current, only, rounds=10)
    return current


def _squeeze(hunt: Hunt, current: FloatArray) -> FloatArray:
    """Shorten the step of one column at a time, whichever gains the most."""
    space = hunt.space
    while hunt.left > 0:
        columns = np.flatnonzero(space.number & (current != space.home))
        candidates = np.repeat(current[None], 8 * len(columns), axis=0)
        rows = np.arange(len(candidates))
        j = np.repeat(columns, 8)
        share = np.tile(np.linspace(0, 1, 8, endpoint=False), len(columns))
        candidates[rows, j] = space.home[j] + share * (current - space.home)[j]
        better = hunt.nearer(current, candidates)
        if space.distance(better) >= 0.99 * space.distance(current):
            return better
        current = better
    return current


def _tangent(hunt: Hunt, current: FloatArray, radius: float) -> FloatArray:
    """Fit a plane to the score around the row, and try the point of it nearest to home."""
    space = hunt.space
    number = space.number
    size = np.full(2 * int(number.sum()) + 16, radius * float(space.distance(current)))
    around = _around(hunt, current, size)
    scores = hunt.scores(around) if number.any() else None
    if scores is None:
        return current
    inputs = ((around - current) / space.scale)[:, number]
    fit = np.linalg.lstsq(np.column_stack([inputs, np.ones(len(inputs))]), scores, rcond=None)[0]
    weights = np.zeros(len(current))
    weights[number] = fit[:-1] / space.scale[number]
    # The plane goes through the row itself, which lies just past the boundary.
    offset = -float(weights[number] @ current[number])
    base = np.where(number, space.home, current)
    share = np.linspace(0.7, 1.5, 17)[:, None]
    for columns in _column_sets(space, current, weights):
        point = project(space, base, weights, offset, columns)
        if point is None:
            continue
        better = hunt.nearer(current, base + share * (point - base))
        if better is not current:
            current = _shrink(hunt, better, columns, rounds=4)
    return current


def _column_sets(space: Space, current: FloatArray, weights: FloatArray) -> list[BoolArray]:
    """Return which numeric columns may move together: those that do, and the strongest few."""
    if space.max_changes is None:
        return [space.number]
    moved = space.free & (current != space.start)
    few = space.max_changes - int((moved & space.category).sum())
    return [moved & space.number, strongest(np.abs(weights) * space.scale, space.number, few)]


def _moves(hunt: Hunt, current: FloatArray, others: list[FloatArray], size: float) -> FloatArray:
    """Return random rows near the best, all of them nearer to home than it is."""
    space, rng = hunt.space, hunt.rng
    d = len(current)
    length = float(space.distance(current))
    moved = _around(hunt, current, size * length * rng.uniform(size=_BATCH))
    some = rng.uniform(size=(_BATCH, d)) < rng.uniform(0.1, 1.0, size=(_BATCH, 1))
    moved = np.where(some, moved, current)
    mixed = rng.uniform(size=(_BATCH, d)) < rng.choice([0.0, 0.3], size=(_BATCH, 1))
    moved = np.where(mixed, np.array(others)[rng.integers(len(others), size=_BATCH)], moved)
    back = rng.uniform(size=(_BATCH, d)) < rng.choice([0.0, 2 / d], size=(_BATCH, 1))
    moved = np.where(back, space.home, moved)
    categories = np.flatnonzero(space.free & space.category)
    if len(categories):
        for row in np.flatnonzero(rng.uniform(size=_BATCH) < 0.3):
            j = rng.choice(categories)
            moved[row, j] = rng.choice(value_levels(space, int(j)))
    moved = _closer(space, moved, length * rng.uniform(0.8, 1.0, size=_BATCH))
    if not space.whole.any():
        return moved
    # Either whole number beside it: always outwards would leave out trades of one for another.
    moved = np.where(space.whole, np.floor(moved + rng.uniform(size=moved.shape)), moved)
    by = np.where(some & space.whole, rng.integers(-2, 3, size=some.shape), 0)
    trades = np.where(space.category, moved, current) + by
    return np.vstack([moved, trades])


def _closer(space: Space, codes: FloatArray, length: FloatArray) -> FloatArray:
    """Pull the numeric columns in until the rows are at most `length` from the start."""
    squares = space.steps(codes) ** 2
    numeric = np.where(space.number, squares, 0.0).sum(axis=1)
    room = length**2 - np.where(space.number, 0.0, squares).sum(axis=1)
    far = (numeric > room) & (numeric > 0)
    ratio = np.divide(np.clip(room, 0.0, None), numeric, out=np.ones_like(room), where=far)
    share = np.sqrt(ratio)[:, None]
    return np.where(space.number, space.home + share * (codes - space.home), codes)

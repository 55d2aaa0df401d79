"""Any model: the nearest row with another answer, by a search that only moves closer.

Candidates come from the background, from moves of one column, from mixtures of rows and
from random directions. The nearest with the wanted answer are then refined: columns are
restored, lines searched, the tangent of the boundary followed, and at last random moves
tried. A candidate replaces the best only when it is nearer and the model, asked, gives it
the wanted answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.inputs.quantiles import distinct_quantiles
from xaikit.nearest.answer import Answer
from xaikit.nearest.linear import project, strongest
from xaikit.nearest.space import Space

_BATCH = 128
# A budget that several sources may be asked from together.
_AMPLE = 32 * _BATCH
_FRACTIONS = np.linspace(0.0, 1.0, 16, endpoint=False)
# Random rounds without a gain after which the search ends.
_PATIENCE = 15
# What a pass must leave of the distance at most for another to follow it.
_GAIN = 1 - 1e-4


class Search:
    """A model asked within a budget of rows, in a space, with one source of chance."""

    def __init__(
        self,
        space: Space,
        answer: Answer,
        rng: np.random.Generator,
        budget: int,
        count: Callable[[int], object] = lambda n: None,
    ) -> None:
        self.space, self.answer, self.rng, self.budget_left = space, answer, rng, budget
        self.count = count  # told how many rows were asked, for a progress bar

    def spend(self, n: int) -> None:
        """Take rows off the budget."""
        self.budget_left -= n
        self.count(n)

    def valid(self, codes: FloatArray) -> BoolArray:
        """Say which rows have the wanted answer; beyond the budget none is said to."""
        asked = codes[: self.budget_left]
        found = np.zeros(len(codes), dtype=bool)
        if len(asked):
            self.spend(len(asked))
            found[: len(asked)] = self.answer.holds(self.space.table(asked))
        # The row itself was asked before, alone, and has another answer.
        found &= self.space.few_enough_changes(codes) & (self.space.distance(codes) > 0)
        # Asked last, as it costs the most.
        if found.any():
            found[found] = self.space.usual_enough(codes[found])
        return found

    def scores(self, codes: FloatArray) -> FloatArray | None:
        """Return how clearly rows have the wanted answer: ±1 where the model gives no more."""
        if len(codes) > self.budget_left:
            return None
        self.spend(len(codes))
        table = self.space.table(codes)
        if self.answer.score is not None:
            return self.answer.score(table)
        return np.where(self.answer.holds(table), 1.0, -1.0)


# A search that is done step by step: it yields what it asks, and is sent the answers.
Steps = Generator["Question", Any, FloatArray]


class Question(NamedTuple):
    """Rows, and whether their scores are asked for or which of them are valid."""

    codes: FloatArray
    scores: bool = False


def together(search: Search, searches: list[Steps]) -> list[FloatArray]:
    """Do searches side by side, and ask the model once for what all of them ask next.

    A call of a forest costs as much for a hundred rows as for one.
    """
    found: dict[int, FloatArray] = {}
    replies: dict[int, Any] = dict.fromkeys(range(len(searches)))
    while replies:
        questions: dict[int, Question] = {}
        for i, reply in replies.items():
            try:
                questions[i] = searches[i].send(reply)
            except StopIteration as end:
                found[i] = end.value
        replies = _replies(search, questions)
    return [found[i] for i in range(len(searches))]


def _replies(search: Search, questions: dict[int, Question]) -> dict[int, Any]:
    replies: dict[int, Any] = {}
    for ask, scores in ((search.valid, False), (search.scores, True)):
        own = {i: each.codes for i, each in questions.items() if each.scores == scores}
        if own:
            ends = np.cumsum([len(codes) for codes in own.values()])[:-1]
            answers = ask(np.concatenate(list(own.values())))
            parts = [None] * len(own) if answers is None else np.split(answers, ends)
            replies.update(zip(own, parts, strict=True))
    return dict(sorted(replies.items()))


def _nearest_valid(search: Search, current: FloatArray, candidates: FloatArray) -> Steps:
    """Return the nearest candidate with the wanted answer, or `current` if none is nearer."""
    codes = search.space.make_feasible(candidates)
    distance = search.space.distance(codes)
    order = np.argsort(distance, kind="stable")
    codes = codes[order[distance[order] < search.space.distance(current)]]
    if not len(codes):
        return current
    valid = yield Question(codes)
    return codes[np.argmax(valid)] if valid.any() else current


def nearest_row(search: Search, candidates: list[FloatArray]) -> FloatArray | None:
    """Return the nearest row found, as codes, or None; `candidates` are tried first."""
    starts = _starts(search, candidates)
    if not starts:
        return None
    space = search.space
    # Once each, and to the end where that came nearest and gained: the budget is for few.
    once = together(search, [_refine(search, x, passes=1) for x in starts])
    pairs = sorted(zip(once, starts, strict=True), key=lambda pair: space.distance(pair[0]))[:2]
    gained = [x for x, start in pairs if space.distance(x) <= space.distance(start) * _GAIN]
    ends = together(search, [_refine(search, x) for x in gained])
    best = min([*ends, pairs[0][0]], key=space.distance)
    idle, size = 0, 0.3
    while search.budget_left > 0 and idle < _PATIENCE and space.distance(best) > 0:
        # After rounds without a gain as many more at once, as none of them is likely to have one.
        rounds = min(idle + 1, _PATIENCE - idle)
        sizes = np.maximum(size * 0.7 ** np.arange(rounds), 0.01)
        moves = np.vstack([_random_moves(search, best, starts, each) for each in sizes])
        (better,) = together(search, [_nearest_valid(search, best, moves)])
        if better is best:
            idle, size = idle + rounds, sizes[-1] * 0.7
        else:
            gain = 1 - space.distance(better) / space.distance(best)
            idle = 0 if gain > 1e-4 else idle + 1
            (best,) = together(search, [_refine(search, better)])
    (best,) = together(search, [_search_line_of_each_column(search, best)])
    return best


def _starts(search: Search, candidates: list[FloatArray]) -> list[FloatArray]:
    """Return rows with the wanted answer, the nearest few of each source."""
    budget = search.budget_left
    found: list[FloatArray] = []
    sources, n = _sources(search, candidates), 0
    while True:
        # The first three, the six after them; one by one where the budget is short of that.
        some = (3 if n == 0 else 6 if n == 3 else 1) if budget >= _AMPLE else 1
        asked = [_nearest_valid_two(search, next(sources), budget) for _ in range(some)]
        found += [row for rows in together(search, asked) for row in rows]
        n += some
        # Where every column is categorical the same few rows come again and again.
        if search.budget_left <= 0 or (n > 8 and found) or n > budget // _BATCH + 9:
            break
        # Half of the budget is kept to refine, unless there is nothing to refine yet.
        if n > 3 and found and search.budget_left < budget / 2:
            break
    return sorted(found, key=search.space.distance)[:8]


def _nearest_valid_two(search: Search, codes: FloatArray, budget: int) -> Steps:
    """Return the nearest two of some rows that have the wanted answer."""
    rows = np.unique(search.space.make_feasible(codes), axis=0)
    rows = rows[np.argsort(search.space.distance(rows), kind="stable")][: max(budget // 4, 1)]
    valid = yield Question(rows)
    return rows[valid][:2]


def _sources(search: Search, candidates: list[FloatArray]) -> Iterator[FloatArray]:
    space = search.space
    start = space.allowed_start
    background = np.where(np.isnan(space.background), space.start, space.background)
    yield np.array([start, *candidates])
    yield background
    yield _one_column_moved(space)
    size = np.geomspace(0.05, 3.0, _BATCH)
    while True:
        yield _mixtures(search, background, 4 * _BATCH)
        yield _around(search, start, size)
        # Beyond the background, further out each time.
        size = size * 2 if size[-1] < 1e6 else np.geomspace(0.05, 3.0, _BATCH)


def _one_column_moved(space: Space) -> FloatArray:
    """Return the row with one column at each level, or over its range and beyond it."""
    candidates = []
    for j in np.flatnonzero(space.free):
        if space.categorical[j]:
            values = space.levels(int(j))
        else:
            known = space.background[~np.isnan(space.background[:, j]), j]
            grid = distinct_quantiles(known, 16)
            beyond = (grid[-1] - grid[0]) * np.array([0.5, 2.0, 8.0])
            values = np.concatenate([grid, grid[0] - beyond, grid[-1] + beyond])
        moved = np.tile(space.allowed_start, (len(values), 1))
        moved[:, j] = values
        candidates.append(moved)
    return np.vstack(candidates)


def _mixtures(search: Search, rows: FloatArray, n: int) -> FloatArray:
    """Return the row with a random few of its columns taken from random other rows."""
    space, rng = search.space, search.rng
    d = len(space.start)
    share = rng.uniform(0, 1, size=(n, 1))
    if space.max_changes is not None:
        share *= min(1.0, 2 * space.max_changes / space.free.sum())
    taken = rng.uniform(size=(n, d)) < share
    return np.where(taken, rows[rng.integers(len(rows), size=n)], space.allowed_start)


def _around(search: Search, centre: FloatArray, size: FloatArray) -> FloatArray:
    """Return points at random in the numeric columns, `size` scales away."""
    space, rng = search.space, search.rng
    direction = rng.normal(size=(len(size), len(centre))) * space.numeric
    length = np.maximum(np.linalg.norm(direction, axis=1), np.finfo(float).tiny)
    points: FloatArray = centre + direction / length[:, None] * size[:, None] * space.scale
    return points


def _refine(search: Search, current: FloatArray, passes: float = np.inf) -> Steps:
    """Bring a row closer until that gains no more."""
    space = search.space
    while passes > 0 and search.budget_left > 0 and space.distance(current) > 0:
        passes -= 1
        before = space.distance(current)
        current = yield from _restore_columns(search, current)
        current = yield from _search_line(search, current, space.numeric, rounds=3)
        current = yield from _shorten_steps(search, current)
        for radius in (0.2, 1e-3):
            current = yield from _follow_tangent(search, current, radius)
        if space.distance(current) > before * _GAIN:
            break
    return current


def _restore_columns(search: Search, current: FloatArray) -> Steps:
    """Give columns their own value again, one or several at once, while the answer holds."""
    space, start = search.space, search.space.allowed_start
    while True:
        changed = np.flatnonzero(space.free & (current != start))
        changed = changed[np.argsort(space.steps(current)[changed], kind="stable")]
        each = np.eye(len(changed), dtype=bool)
        smallest = np.tri(len(changed), dtype=bool)
        restored = np.vstack([each, smallest])
        candidates = np.tile(current, (len(restored), 1))
        candidates[:, changed] = np.where(restored, start[changed], current[changed])
        better = yield from _nearest_valid(search, current, candidates)
        if better is current:
            return current
        current = better


def _search_line(search: Search, current: FloatArray, columns: BoolArray, rounds: int) -> Steps:
    """Search the line from the start to the row for the first place where the answer holds."""
    near = np.where(columns, search.space.allowed_start, current)
    fractions = _FRACTIONS
    for _ in range(rounds):
        path = search.space.make_feasible(near + fractions[:, None] * (current - near))
        path = path[(path != current).any(axis=1)]
        if not len(path) or search.budget_left <= 0:
            break
        valid = yield Question(path)
        first = int(np.argmax(valid)) if valid.any() else len(path)
        if first < len(path):
            current = path[first]
        if first > 0:
            near = path[first - 1]
        elif fractions[0] == 0:  # The start of the line has the answer.
            break
        fractions = _FRACTIONS[1:]
    return current


def _search_line_of_each_column(search: Search, current: FloatArray) -> Steps:
    """Search the line of each column by itself, to the last digits that matter."""
    space = search.space
    steps = space.steps(current)
    for j in np.argsort(-steps, kind="stable"):
        if steps[j] > 0 and space.numeric[j]:
            only = np.arange(len(current)) == j
            current = yield from _search_line(search, current, only, rounds=10)
    return current


def _shorten_steps(search: Search, current: FloatArray) -> Steps:
    """Shorten the step of one column at a time, whichever gains the most."""
    space, start = search.space, search.space.allowed_start
    while search.budget_left > 0:
        columns = np.flatnonzero(space.numeric & (current != start))
        candidates = np.repeat(current[None], 8 * len(columns), axis=0)
        rows = np.arange(len(candidates))
        j = np.repeat(columns, 8)
        share = np.tile(np.linspace(0, 1, 8, endpoint=False), len(columns))
        candidates[rows, j] = start[j] + share * (current - start)[j]
        better = yield from _nearest_valid(search, current, candidates)
        if space.distance(better) >= 0.99 * space.distance(current):
            return better
        current = better
    return current


def _follow_tangent(search: Search, current: FloatArray, radius: float) -> Steps:
    """Fit a plane to the score around the row, and try its point nearest to the start."""
    space = search.space
    numeric = space.numeric
    size = np.full(2 * int(numeric.sum()) + 16, radius * float(space.distance(current)))
    around = _around(search, current, size)
    scores = (yield Question(around, scores=True)) if numeric.any() else None
    if scores is None:
        return current
    inputs = ((around - current) / space.scale)[:, numeric]
    fit = np.linalg.lstsq(np.column_stack([inputs, np.ones(len(inputs))]), scores, rcond=None)[0]
    weights = np.zeros(len(current))
    weights[numeric] = fit[:-1] / space.scale[numeric]
    # The plane goes through the row itself, which lies just past the boundary.
    offset = -float(weights[numeric] @ current[numeric])
    base = np.where(numeric, space.allowed_start, current)
    share = np.linspace(0.7, 1.5, 17)[:, None]
    for columns in _column_sets(space, current, weights):
        point = project(space, base, weights, offset, columns)
        if point is None:
            continue
        better = yield from _nearest_valid(search, current, base + share * (point - base))
        if better is not current:
            current = yield from _search_line(search, better, columns, rounds=4)
    return current


def _column_sets(space: Space, current: FloatArray, weights: FloatArray) -> list[BoolArray]:
    """Return which numeric columns may move together: those that do, and the strongest few."""
    if space.max_changes is None:
        return [space.numeric]
    moved = space.free & (current != space.start)
    few = space.max_changes - int((moved & space.categorical).sum())
    strong = strongest(np.abs(weights) * space.scale, space.numeric, few)
    return [moved & space.numeric, strong]


def _random_moves(
    search: Search, current: FloatArray, starts: list[FloatArray], size: float
) -> FloatArray:
    """Return random rows near the best, all of them nearer to the start than it is."""
    space, rng = search.space, search.rng
    d = len(current)
    length = float(space.distance(current))
    moved = _around(search, current, size * length * rng.uniform(size=_BATCH))
    some = rng.uniform(size=(_BATCH, d)) < rng.uniform(0.1, 1.0, size=(_BATCH, 1))
    moved = np.where(some, moved, current)
    mixed = rng.uniform(size=(_BATCH, d)) < rng.choice([0.0, 0.3], size=(_BATCH, 1))
    moved = np.where(mixed, np.array(starts)[rng.integers(len(starts), size=_BATCH)], moved)
    restored = rng.uniform(size=(_BATCH, d)) < rng.choice([0.0, 2 / d], size=(_BATCH, 1))
    moved = np.where(restored, space.allowed_start, moved)
    categorical = np.flatnonzero(space.free & space.categorical)
    if len(categorical):
        for row in np.flatnonzero(rng.uniform(size=_BATCH) < 0.3):
            j = rng.choice(categorical)
            moved[row, j] = rng.choice(space.levels(int(j)))
    moved = _within(space, moved, length * rng.uniform(0.8, 1.0, size=_BATCH))
    if not space.integer.any():
        return moved
    # Either whole number beside it: always outwards would leave out trades of one for another.
    moved = np.where(space.integer, np.floor(moved + rng.uniform(size=moved.shape)), moved)
    by = np.where(some & space.integer, rng.integers(-2, 3, size=some.shape), 0)
    trades = np.where(space.categorical, moved, current) + by
    return np.vstack([moved, trades])


def _within(space: Space, codes: FloatArray, length: FloatArray) -> FloatArray:
    """Scale the numeric steps down until the rows are at most `length` from the start."""
    squares = space.steps(codes) ** 2
    numeric = np.where(space.numeric, squares, 0.0).sum(axis=1)
    room = length**2 - np.where(space.numeric, 0.0, squares).sum(axis=1)
    far = (numeric > room) & (numeric > 0)
    ratio = np.divide(np.clip(room, 0.0, None), numeric, out=np.ones_like(room), where=far)
    share = np.sqrt(ratio)[:, None]
    start = space.allowed_start
    return np.where(space.numeric, start + share * (codes - start), codes)

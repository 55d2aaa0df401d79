"""Probes and judges of the lab on counterfactuals.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import lru_cache

import numpy as np

from xaikit.labs import Case, close, numbers, plain

POINTS = {"q1": 3, "q2": 2, "q3": 3, "q4": 3, "q5": 3, "q6": 3, "q7": 3}


def _unread(reply, shape):
    """Say why a reply cannot be read at all; empty if it has the form asked for, finite or not."""
    wanted = f"a row of {shape[0]} numbers" if shape else "one number"
    if reply is None:
        return "Your function returns nothing. Does it end with `return`?"
    if isinstance(reply, list):
        size = np.prod([len(reply), *(len(each) for each in reply[:1] if isinstance(each, list))])
        right = size == np.prod(shape)
        return "" if right else f"Your function returns {size:.0f} values; {wanted} is wanted."
    if isinstance(reply, int | float):
        return f"Your function returns one number; {wanted} is wanted." if shape else ""
    return f"Your function returns {str(reply)[:60]!r}; {wanted} is wanted."


def _judge(value, cases, right, wrong, points, praise, first_step, same):
    """Mark one answer a case: right, a known mistake, or right for some of the cases.

    `wrong` maps a hint to the function that the mistake amounts to; `same(got, truth, case)`
    says whether two answers agree.
    """
    if not isinstance(value, list) or len(value) != len(cases):
        return 0, "Your function gave no answers that can be read. " + first_step
    replies = dict(zip(cases, value, strict=True))
    truths = {name: right(*case) for name, case in cases.items()}
    got = {name: numbers(reply, np.shape(truths[name])) for name, reply in replies.items()}
    silent = [name for name, reply in replies.items() if reply is None]
    if silent and len(silent) < len(replies):
        return 0, f"Your function returns nothing for: {', '.join(silent)}."
    for name, reply in replies.items():
        if got[name] is None and (fault := _unread(reply, np.shape(truths[name]))):
            return 0, fault

    def agrees(answers):
        return [g is not None and same(g, answers[name], cases[name]) for name, g in got.items()]

    ok = agrees(truths)
    if all(ok):
        return points, praise
    for hint, mistake in wrong.items():
        if all(agrees({name: mistake(*case) for name, case in cases.items()})):
            return 0, hint
    if not any(ok) and all(g is not None for g in got.values()):
        return 0, "The form is right, the answer in no hidden case. " + first_step
    if all(g is None for g in got.values()):
        return 0, "The form is right, but no number is finite. Is something divided by 0?"
    parts = {
        "Right for": [name for name, fine in zip(got, ok, strict=True) if fine],
        "Not right yet for": [
            n for n, fine in zip(got, ok, strict=True) if not fine and got[n] is not None
        ],
        "No finite number (is something divided by 0?) for": [n for n in got if got[n] is None],
    }
    return 0, " ".join(f"{said}: {', '.join(names)}." for said, names in parts.items() if names)


def _alike(got, truth, case):
    return close(got, truth) or abs(got - truth) < 1e-9


def _split(value):
    """Take the small case off what a probe sent."""
    small, *rest = value if isinstance(value, list) and value else [None]
    return small, rest


# Question 1: the nearest row of a linear model


@lru_cache(64)
def _loans(seed):
    rng = np.random.default_rng([seed, 1])

    def case(d, score, *, unit=None, held=(), without=()):
        unit = rng.uniform(0.5, 3, d) if unit is None else np.array(unit)
        w = rng.uniform(0.5, 2, d) * rng.choice([-1, 1], d) / unit
        w[list(without)] = 0
        x, free = rng.normal(size=d) * unit, np.ones(d, dtype=bool)
        free[list(held)] = False
        return x, w, score - x @ w, unit, free

    return {
        "five features": case(5, -2.3),
        "two features that may not move": case(5, -1.7, held=(1, 4)),
        "one feature that may move": case(4, -0.8, held=(0, 1, 3)),
        "units of a millionth and of a million": case(3, -1.9, unit=[1e-6, 1.0, 1e6]),
        "a feature without weight": case(4, -1.2, without=(2,)),
        "somebody who has the loan already": case(4, 1.6),
    }


def q1_probe(ns, seed):
    ask = ns["nearest"]
    small = ask(
        np.array([1.0, 0.0]), np.ones(2), -11.0, np.array([1.0, 2.0]), np.array([True, True])
    )
    cases = _loans(seed).values()
    return [plain(small), *(plain(ask(*(np.copy(a) for a in case))) for case in cases)]


def _along_weights(w, unit, free):
    return np.where(free, unit**2 * w, 0)


def _strongest(w, unit, free):
    steps = np.abs(_along_weights(w, unit, free) / unit)
    return np.where(steps == steps.max(), w, 0)


def _moved(pull=_along_weights, size=np.dot, when=lambda score: score < 0):
    """Give the function that moves along `pull(w, unit, free)` by the score over `size`."""

    def move(x, w, b, unit, free):
        step, score = pull(w, unit, free), x @ w + b
        return x - score * step / size(step, w) if when(score) else x

    return move


def _put_back(x, w, b, unit, free):
    return np.where(free, _moved()(x, w, b, unit, free | True), x)


_NOT_NEAREST = {
    "You move by the size of the weights alone. One DM and one month are not the same: distance "
    "counts in units.": _moved(lambda w, unit, free: np.where(free, w, 0)),
    "The units come in once, and they belong in twice: once to measure a step, once because a "
    "step of one unit changes the score by `unit * w`.":
        _moved(lambda w, unit, free: np.where(free, unit * w, 0)),
    "The units are upside down: a feature with a large unit moves more easily.":
        _moved(lambda w, unit, free: np.where(free, w / unit**2, 0)),
    "You move a column that is not free.": _moved(lambda w, unit, free: unit**2 * w),
    "You move everything, and then put back what is not free. The row that is left does not "
    "reach a score of 0: leave those columns out from the start.": _put_back,
    "The direction is reversed: your row is declined by more than before.":
        _moved(size=lambda step, w: -(step @ w)),
    "You divide by a length. Divide so that the score of the new row comes to 0.":
        _moved(size=lambda step, w: np.sqrt(step @ w)),
    "That is the change; the row after it is asked.":
        lambda x, *case: _moved()(x, *case) - x,
    "Right where the loan is declined. Who has it already needs no change: return `x`.":
        _moved(when=lambda score: True),
    "You change the strongest column only. Two small changes together are shorter than one "
    "large one.": _moved(_strongest),
}  # fmt: skip


def q1_judge(value, seed):
    (small, rest), cases = _split(value), _loans(seed).values()
    points, hint = _judge(
        rest, _loans(seed), _moved(), _NOT_NEAREST, POINTS["q1"],
        "No granted row is nearer, and nothing moves that may not.",
        "Does your row reach a score of 0, and move along `unit**2 * w`?",
        lambda got, truth, case: close(got / case[3], truth / case[3], rtol=1e-5),
    )  # fmt: skip
    if hint.startswith(("Right for", "The form")):
        rows = [(numbers(r, case[0].shape), case) for r, case in zip(rest, cases, strict=False)]
        scores = [row @ w + b for row, (x, w, b, *_) in rows if row is not None and x @ w + b < 0]
        hint += (
            " Your rows do not all have a score of 0."
            if np.abs(scores).max(initial=0) > 1e-5
            else " Your rows have a score of 0, but another row is nearer."
        )
    given = "nearest(np.array([1, 0]), np.ones(2), -11, np.array([1, 2]), np.array([True, True]))"
    return points, hint, Case(given, small, [3, 8])


# Question 2: what a change costs


@lru_cache(64)
def _crowds(seed):
    rng = np.random.default_rng([seed, 2])
    rungs = np.repeat([0.0, 1.0, 2.0, 3.0], [3, 5, 9, 13])
    queue = np.arange(20.0)
    wide = rng.normal(size=(40, 4))
    return {
        "forty people": (wide[0] - 0.7, wide[1] + 0.9, wide.copy()),
        "whole numbers that many people share": (
            np.array([0.0, 3.0]), np.array([2.0, 1.0]),
            np.column_stack([rng.permutation(rungs), rng.permutation(rungs)]),
        ),
        "one up and one down": (
            np.array([5.0, 15.0]), np.array([11.0, 9.0]),
            np.column_stack([rng.permutation(queue), rng.permutation(queue)]),
        ),
        "no change": (wide[2], wide[2].copy(), wide.copy()),
        "beyond everybody": (wide.mean(axis=0), wide.max(axis=0) + 1, wide.copy()),
        "amounts of a millionth": (1e-6 * wide[3] - 5e-7, 1e-6 * wide[4] + 7e-7, 1e-6 * wide),
    }  # fmt: skip


def q2_probe(ns, seed):
    ask = ns["cost"]
    small = ask(np.array([1.0, 4.0]), np.array([3.0, 1.0]), np.column_stack([range(1, 6)] * 2))
    cases = _crowds(seed).values()
    return [plain(small), *(plain(ask(*(a.copy() for a in case))) for case in cases)]


def _passed(x, to, people, below=np.less_equal):
    return below(people, to).mean(axis=0) - below(people, x).mean(axis=0)


def _cost(*case):
    return float(np.abs(_passed(*case)).sum())


_NOT_COST = {
    "Up and down cancel: take the size of each column's share first, then the sum.":
        lambda *case: float(_passed(*case).sum()),
    "Up and down cancel: take the size of each column's share first, then the sum. ":
        lambda *case: float(abs(_passed(*case).sum())),
    "You count moves up only. A move down passes people as well.":
        lambda *case: float(np.maximum(_passed(*case), 0).sum()),
    "That is the largest share; the sum over the columns is asked.":
        lambda *case: float(np.abs(_passed(*case)).max()),
    "That is the mean over the columns; the sum is asked.":
        lambda *case: float(np.abs(_passed(*case)).mean()),
    "You count people; a share of them is asked.": lambda *case: _cost(*case) * len(case[2]),
    "Right but for people who have exactly the value: *at most* counts them, at both ends.":
        lambda *case: _cost(*case, np.less),
    "Those are standard deviations. Here a change costs the share of people it passes.":
        lambda x, to, people: float((np.abs(to - x) / people.std(axis=0)).sum()),
}  # fmt: skip


def q2_judge(value, seed):
    small, rest = _split(value)
    points, hint = _judge(
        rest, _crowds(seed), _cost, _NOT_COST, POINTS["q2"],
        "A change is as dear as the number of people it passes.",
        "For each column: what share of people has at most this value, before and after?",
        _alike,
    )  # fmt: skip
    given = "cost(np.array([1, 4]), np.array([3, 1]), np.array([[1, 1], [2, 2], … [5, 5]]))"
    return points, hint, Case(given, small, 1.0)


# Question 3: does it hold when the model is fitted again?


def _rows(X):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2:
        raise ValueError(f"this takes rows, of shape (n, d); got the shape {X.shape}")
    return X


def _ridge(X, y):
    with_one = np.column_stack([_rows(X), np.ones(len(X))])
    gram = with_one.T @ with_one + 0.1 * np.eye(with_one.shape[1])
    weights = np.linalg.solve(gram, with_one.T @ (2.0 * np.asarray(y) - 1))
    return lambda rows: _rows(rows) @ weights[:-1] + weights[-1]


def _majority(X, y):
    """Score everybody alike: exactly 0 where as many were repaid as not."""
    score = float(np.mean(y)) - 0.5
    return lambda rows: np.full(len(_rows(rows)), score)


_HALVES = np.array([[0, 1, 2, 3], [1, 1, 0, 2], [1, 3, 1, 0], [0, 2, 0, 1], [2, 3, 1, 0]])


@lru_cache(64)
def _refits(seed):
    rng = np.random.default_rng([seed, 3])

    def case(n, m):
        X, y = rng.normal(size=(n, 3)), rng.permutation(np.arange(n) % 2)
        return _ridge, X, y, 0.2 * rng.normal(size=3), rng.integers(n, size=(m, n))

    return {
        "forty refits": case(14, 40),
        "sixty refits": case(12, 60),
        "few rows": case(6, 50),
        "one refit": case(10, 1),
        "scores of exactly 0": (
            _majority, np.ones((4, 3)), np.array([0, 1, 0, 1]), np.ones(3), _HALVES,
        ),
    }  # fmt: skip


def q3_probe(ns, seed):
    small = _majority, np.arange(4.0)[:, None], np.array([0, 1, 0, 1]), np.array([9.0]), _HALVES[:4]
    return [
        plain(ns["holds"](fit, *(a.copy() for a in arrays)))
        for fit, *arrays in (small, *_refits(seed).values())
    ]


def _count(train=lambda X, y, d: (X[d], y[d]), grants=lambda s: s >= 0, read=sum, own=True):
    def count(fit, X, y, row, draws):
        used = draws if own else np.broadcast_to(draws[0], draws.shape)
        return float(read([bool(grants(fit(*train(X, y, d))(row[None])[0])) for d in used]))

    return count


_NOT_HOLDS = {
    "You draw the rows of `X` and leave `y` as it was: every loan gets the end of another.":
        _count(lambda X, y, d: (X[d], y)),
    "You draw `y` and leave `X` as it was: every loan gets the end of another.":
        _count(lambda X, y, d: (X, y[d])),
    "All your refits are one and the same model. Each needs its own draw: `X[draw]`, `y[draw]`.":
        _count(lambda X, y, d: (X, y)),
    "All your refits are one and the same model. Each needs its own draw: `X[draw]`, `y[draw]`. ":
        _count(own=False),
    "A row that is drawn twice counts twice. You use it once.":
        _count(lambda X, y, d: (X[np.unique(d)], y[np.unique(d)])),
    "Right but for a score of exactly 0: that is granted.": _count(grants=lambda s: s > 0),
    "You count the refits that decline.": _count(grants=lambda s: s < 0),
    "That is a share; the number of refits is asked.": _count(read=np.mean),
}  # fmt: skip


def q3_judge(value, seed):
    small, rest = _split(value)
    points, hint = _judge(
        rest, _refits(seed), _count(), _NOT_HOLDS, POINTS["q3"],
        "Now a piece of advice can be asked how long it is good for.",
        "For each draw: fit to `X[draw]` and `y[draw]`, and ask that model about `row[None]`.",
        _alike,
    )  # fmt: skip
    return points, hint, Case("holds(*example)", small, 3)


# Question 4: how far is far enough?


def _along(x, to, at, sign, size):
    """Give a refit that grants from `at` on along the way; or until `at`, where sign is −1."""
    way = to - x
    # A weight for each feature and a constant, as any linear model has; nothing else to read.
    w = size * sign * way / (way @ way)
    c = -(w @ x) - size * sign * at
    return lambda rows: _rows(rows) @ w + c


@lru_cache(64)
def _ways(seed):
    rng = np.random.default_rng([seed, 4])

    def case(starts, stops=(), size=1.0, d=3):
        x, to = rng.normal(size=(2, d)) * size
        turns = [(at, 1) for at in starts] + [(at, -1) for at in stops]
        turns = [turns[i] for i in rng.permutation(len(turns))]
        moved = [(at + rng.uniform(-0.004, 0.004), sign) for at, sign in turns]
        return x, to, tuple((_along(x, to, *turn, size), *turn) for turn in moved)

    ten = [0.4, 0.8, 0.95, 1.1, 1.3, 1.45, 1.7, 1.9, 2.2, 3.1]
    return {
        "ten refits": case(ten),
        "twenty refits": case([0.8, 0.9, *np.arange(1.15, 4.3, 0.18)]),
        "seven refits": case([0.7, 0.9, 1.2, 1.5, 1.8, 2.1, 2.6]),
        "advice that lasts already": case(np.arange(0.45, 0.94, 0.05)),
        "a refit that turns back": case([*np.arange(0.5, 1.3, 0.1), 2.6], [1.8]),
        "advice that never lasts": case(ten[:8], [0.5, 0.7]),
        "advice that lasts beyond 5 only": case([*ten[:8], 7.0, 8.0]),
        "steps of a millionth": case(ten, size=1e-6),
    }


def q4_probe(ns, seed):
    def ask(x, to, refits):
        return plain(ns["how_far"](x.copy(), to.copy(), [refit for refit, *_ in refits]))

    x, to = np.array([0.0]), np.array([1.0])
    small = [(_along(x, to, at, 1, 1.0),) for at in np.arange(8, 18) / 8]
    return [ask(x, to, small), *(ask(*case) for case in _ways(seed).values())]


def _smallest(enough=lambda count, m: count >= 0.9 * m, start=1.0, never=0.0, read=lambda t: t):
    """Give the function that finds the smallest t from `start` at which `enough` refits grant."""

    def smallest(x, to, refits):
        turns = [turn for _, *turn in refits]
        for t in sorted([start, *(at for at, _ in turns if start < at <= 5)]):
            count = sum(sign * (t - at) >= 0 for at, sign in turns)
            if enough(count, len(turns)):
                return read(t)
        return never

    return smallest


def _in_order(x, to, refits):
    starts = sorted(at if sign > 0 else 99.0 for _, at, sign in refits)
    t = max(1.0, starts[int(np.ceil(0.9 * len(starts))) - 1])
    return t if t <= 5 else 0.0


_NOT_FAR = {
    "All refits grant it there; nine in ten are enough.": _smallest(lambda c, m: c == m),
    "*At least* nine in ten: exactly nine of ten are enough.": _smallest(lambda c, m: c > 0.9 * m),
    "Most refits grant it there, but fewer than nine in ten.": _smallest(lambda c, m: c > m / 2),
    "Right but for numbers of refits that ten does not divide: of seven, six are fewer than nine "
    "in ten.": _smallest(lambda c, m: c >= int(0.9 * m)),
    "Right but for advice that lasts already: t is 1 at least, or it would be declined today.":
        _smallest(start=0.0),
    "You count from `to` on. At `to` itself t is 1.": _smallest(read=lambda t: t - 1),
    "Right where there is a way. Where no t up to 5 is enough, return 0.": _smallest(never=5.0),
    "A refit may turn back: grant at 1.5 and decline at 2. You miss the first place at which nine "
    "in ten agree; go along the way in small steps.": _in_order,
}  # fmt: skip


def _far_enough(got, truth, case):
    return bool(truth - 1e-6 <= got <= truth + (0.01 if truth > 0 else 0) + 1e-5)


def q4_judge(value, seed):
    small, rest = _split(value)
    points, hint = _judge(
        rest, _ways(seed), _smallest(), _NOT_FAR, POINTS["q4"],
        "Advice with a margin, and no more of it than is needed.",
        "At each t from 1 on: ask every refit about `x + t * (to - x)` and count who grants it.",
        _far_enough,
    )  # fmt: skip
    given = "how_far(np.zeros(1), np.ones(1), eighths)"
    return points, hint, Case(given, small, 2.0)


# Question 5: a plot of one's own


@lru_cache(64)
def _maps(seed):
    rng = np.random.default_rng([seed, 5])
    slopes = rng.uniform(-0.008, 0.002, 10)
    heights = rng.uniform(20, 60, 10)
    sizes = rng.uniform(0.01, 0.05, 10) * rng.choice([-1, 1], 10)
    ten = np.column_stack([-slopes * sizes, sizes, -heights * sizes])
    return (
        (np.array([4000.0, 24.0]), np.array([3000.0, 18.0]), np.array([[-1.0, -100.0, 5400.0]])),
        (np.array([7000.0, 40.0]), np.array([5500.0, 27.0]), ten),
        (np.array([900.0, 9.0]), np.array([2100.0, 30.0]), ten[:3]),
    )


_NO_INK = ("None", "none", "", " ", None)


def q5_probe(ns, seed):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = []
    for x, to, lines in _maps(seed):
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.subplots()
        ns["draw"](ax, x.copy(), to.copy(), lines.copy())
        drawn.append(_seen(ax))
    return drawn


def _seen(ax):
    """Tell what is on the axes, in the units of the data."""

    def in_data(xy, transform):
        return plain(ax.transData.inverted().transform(transform.transform(xy))[:200])

    lines = [
        {
            "xy": in_data(line.get_xydata(), line.get_transform()),
            "endless": type(line).__name__ == "AxLine",
            "dots": line.get_marker() not in _NO_INK,
            "alone": line.get_linestyle() in _NO_INK,
        }
        for line in ax.lines[:60]
    ]
    for drawn in ax.collections[:60]:
        if hasattr(drawn, "levels"):  # a boundary drawn by `contour`
            paths = [path.vertices for path in drawn.get_paths() if len(path.vertices) > 1]
            lines += [{"xy": in_data(xy, drawn.get_transform())} for xy in paths[:60]]
        elif len(drawn.get_offsets()):
            xy = in_data(drawn.get_offsets(), drawn.get_offset_transform())
            lines.append({"xy": xy, "dots": True, "alone": True})
    return {"lines": lines, "x": ax.get_xlabel()[:200], "y": ax.get_ylabel()[:200]}


def _drawn(seen):
    """Read the lines of a drawing: their points, whether endless, with dots, or dots alone."""
    found = seen.get("lines") if isinstance(seen, dict) else None
    for line in found if isinstance(found, list) else []:
        xy = line.get("xy") if isinstance(line, dict) else None
        points = numbers(xy, (len(xy), 2)) if isinstance(xy, list) and xy else None
        if points is not None:
            yield points, *(line.get(key) is True for key in ("endless", "dots", "alone"))


def _map_faults(seen, x, to, lines):
    """Give what is wrong with one drawing: first what makes all else worthless."""
    found, size = list(_drawn(seen)), np.abs(to - x)
    if not found:
        return ["Nothing is drawn on `ax`: call `ax.plot` or `ax.scatter`, not `plt.plot`."]
    dots = np.concatenate([np.zeros((0, 2)), *(xy for xy, _, dotted, _ in found if dotted)])

    def there(point):
        return bool((np.abs(dots - point) < 1e-3 * size).all(axis=1).any())

    if not (there(x) and there(to)):
        if len(dots) and all((np.abs(dots - p[::-1]) < 1e-3 * p[::-1]).all(axis=1).any()
                             for p in (x, to)):  # fmt: skip
            return ["The axes are swapped: the amount goes to the right, the months upwards."]
        return ["Each of the two rows, `x` and `to`, needs a dot of its own."]
    faults = list(_border_faults(found, x, to, lines))
    ends = [xy[[0, -1]] for xy, _, _, alone in found if len(xy) > 1 and not alone]
    ends += [pair[::-1] for pair in ends]
    if not any((np.abs(pair - [x, to]) < 1e-3 * size).all() for pair in ends):
        faults.append("The way is missing: a line from `x` to `to`.")
    if not all(str(seen.get(axis, "")).strip() for axis in "xy"):
        faults.append("Each axis needs a label.")
    return faults


def _border_faults(found, x, to, lines):
    low, high = sorted([x[0], to[0]])
    slack = 1e-3 * (high - low)
    wide = [
        xy for xy, endless, _, alone in found
        if len(xy) > 1 and not alone
        and (endless or (xy[:, 0].min() <= low + slack and xy[:, 0].max() >= high - slack))
    ]  # fmt: skip
    here = sum(
        any(
            np.abs(xy[:, 1] + (p * xy[:, 0] + c) / q).max()
            < 1e-3 * (abs(to[1] - x[1]) + abs(p / q) * (high - low))
            for xy in wide
        )
        for p, q, c in lines
    )
    if here < len(lines):
        yield (
            f"{here} of {len(lines)} boundaries are where they belong, as wide as the way at "
            "least. On a boundary p·amount + q·months + c = 0: solve that for the months."
        )


def q5_judge(value, seed):
    maps = _maps(seed)
    seen = value if isinstance(value, list) and len(value) == len(maps) else [None] * len(maps)
    faults = [_map_faults(each, *one) for each, one in zip(seen, maps, strict=True)]
    told = list(dict.fromkeys(fault for each in faults for fault in each))
    first = [xy.round(6).tolist() for xy, *_ in _drawn(seen[0])]
    case = Case(
        "draw(ax, np.array([4000, 24]), np.array([3000, 18]), np.array([[-1, -100, 5400]]))",
        first, "<dots and a way at [4000, 24], [3000, 18]; a boundary through [4000, 14]>",
    )  # fmt: skip
    if not told:
        return POINTS["q5"], "One look tells which refits the advice leaves behind.", case
    lost = max(len(each) for each in faults)
    core = any(each and each[0][:6] in ("Nothin", "The ax", "Each o") for each in faults)
    return (0 if core else max(0, POINTS["q5"] - lost)), "\n".join(told), case


# Question 6: what is wrong with the advice?

_REASONS = {
    "sound": "Two pieces of advice are sound: possible, meant, granted, and lasting.",
    "cannot change": "There is a number on the form that nobody can bring about.",
    "no such row": "An account stands on one of four steps, and nobody stands between two.",
    "gamed": "Ask what the bank wants to find out. Would the loan be paid back more surely?",
    "still declined": "Ask the bank's model: is the score 0 or more?",
    "does not last": "Granted today is one model. Ask the hundred refits.",
}
_SHEET = {
    "a": "does not last", "b": "cannot change", "c": "sound", "d": "gamed",
    "e": "no such row", "f": "still declined", "g": "gamed", "h": "sound",
}  # fmt: skip


def _choices(value, truths, allowed, points, spare, praise):
    """Say how many entries are wrong and which thought helps, but not which entries."""
    answer = value if isinstance(value, dict) else {}
    said = {name: str(answer.get(name, "")).strip().lower() for name in truths}
    unread = [f"`{name}`" for name, word in said.items() if word not in allowed]
    if len(unread) == len(truths):
        return 0, f"Give each of {', '.join(truths)} one of these: {', '.join(allowed)}."
    wrong = [name for name, (truth, _) in truths.items() if said[name] != truth]
    if not wrong:
        return points, praise
    told = [f"Not one of the words asked for: {', '.join(unread)}."] if unread else []
    told += [f"{len(wrong)} of {len(truths)} {'is' if len(wrong) == 1 else 'are'} not right yet."]
    # Sorted, so that the order tells nothing.
    told += sorted({truths[name][1] for name in wrong})
    return points * max(0.0, 1 - len(wrong) / spare), "\n".join(told)


def q6_probe(ns, seed):
    return plain(ns["faults"])


def q6_judge(value, seed):
    truths = {letter: (reason, _REASONS[reason]) for letter, reason in _SHEET.items()}
    praise = "Six of eight pieces of advice would have sent somebody the wrong way."
    return _choices(value, truths, tuple(_REASONS), POINTS["q6"], 4, praise)


# Question 7: three people, three ways

_PEOPLE = {
    "Karin": ("c", "Of the ways that are left, the one with the lowest `cost` against all loans."),
    "Anton": ("a", "What did they say that they can do? Work out what each way costs a month."),
    "Ruth": ("none", "Granted today is not enough: 90 of the hundred refits must grant it."),
}


def q7_probe(ns, seed):
    return plain(ns["advice"])


def q7_judge(value, seed):
    praise = "One account out of the red, one shorter loan, and one honest *not yet*."
    return _choices(value, _PEOPLE, ("a", "b", "c", "none"), POINTS["q7"], 2, praise)

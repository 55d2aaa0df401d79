"""Probes and judges of the lab on explanations that mend models.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from xaikit.labs import Case, close, drawn, listed, match_cases, numbers, part, plain, unread

POINTS = {"q1": 3, "q2": 3, "q3": 3, "q4": 3, "q5": 2, "q6": 4}


def _fresh(case):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in case]


def _same(got, truth):
    return close(got, truth, rtol=1e-5)


# Question 1: a split by time

_DATED = (np.array([30, 10, 20, 20, 40]), 0.5)


@lru_cache(64)
def _calendars(seed):
    rng = np.random.default_rng([seed, 1])
    tied = rng.permutation(np.repeat([-3.0, 1.0, 2.0, 8.0, 90.0], [6, 3, 8, 6, 5]))
    years = rng.permutation(1990 + np.arange(21) ** 2 // 4)
    tiny = rng.permutation(np.arange(16) ** 3 * 1e-6)
    return (tied, 0.5), (years, 0.6), (tiny, 0.75), (rng.permutation(np.arange(40) ** 2), 0.2)


def q1_probe(ns, seed):
    def ask(case):
        return plain(ns["split_by_time"](*_fresh(case)))

    return {"small": ask(_DATED), "rest": [ask(case) for case in _calendars(seed)]}


def _places(reply, n):
    """Read a list of places of any length; None and a fault where it is none."""
    if reply == []:
        return np.array([], dtype=int), ""
    if fault := unread(reply, None, "Return `train, test`, two arrays of places."):
        return None, fault
    size = len(reply) if isinstance(reply, list) else 1
    got = numbers(reply, (size,))
    if got is None:
        return None, "Return `train, test`, each a plain row of places."
    if size == n and set(got) <= {0, 1}:
        return None, "That is a mask. Return places (row numbers): `np.flatnonzero` of it."
    if np.any(got % 1) or np.any(got < 0) or np.any(got >= n):
        return None, f"With {n} rows, places are whole numbers from 0 to {n - 1}, and not times."
    return got.astype(int), ""


def _split_fault(reply, times, share):
    if reply is None:
        return unread(None, ())
    if not isinstance(reply, list) or len(reply) != 2:
        return "Return two things: `train, test`."
    (train, fault), (test, other) = (_places(each, len(times)) for each in reply)
    if fault or other:
        return fault or other
    count = np.bincount(np.concatenate([train, test]), minlength=len(times))
    if (count > 1).any():
        return "A row is there twice. Each belongs in training or in the test, once."
    if not len(train) or not len(test):
        return "One of the two is empty."
    if times[train].max() > times[test].min():
        return "There are rows of the future in training: later ones than some of the test."
    if times[train].max() == times[test].min():
        return "Rows of the same time lie on both sides of the cut."
    cut = np.sort(times)[int(share * len(times))]
    if (count == 0).any():
        return "Some rows are in neither of the two: where do those at the cut go?"
    if set(train) == set(np.flatnonzero(times <= cut)):
        return "No row of the future; but rows at the cut belong in the test."
    if set(train) != set(np.flatnonzero(times < cut)):
        return "No row of the future; but the cut is not where the text puts it."
    return ""


def q1_judge(value, seed):
    faults = [
        _split_fault(reply, *case)
        for reply, case in zip(listed(part(value, "rest"), 4), _calendars(seed), strict=True)
    ]
    told = next((fault for fault in faults if fault), "")
    points = 0 if told else POINTS["q1"]
    case = Case("split_by_time([30, 10, 20, 20, 40], 0.5)", part(value, "small"), _SPLIT)
    return points, told or "Nothing of tomorrow is in the training rows.", case


_SPLIT = [[1], [0, 2, 3, 4]]

# Question 2: what was written later


@lru_cache(64)
def _snapshots(seed):
    rng = np.random.default_rng([seed, 2])

    def case(n, size=1.0):
        y = rng.normal(size=n) * size * 3
        then = np.round(rng.normal(size=(n, 6)) * 8)
        change = np.zeros((n, 6))
        change[:, 0] = y / size * 2 + rng.normal(size=n)
        change[:, 1] = -y / size - 2 * rng.normal(size=n)
        change[:, 2] = rng.normal(size=n) * (rng.random(n) < 0.5)
        then[:, 3] = np.round(5 * y / size)  # tells the answer, and never changes
        change[:, 4] = 5  # the same for all
        change[:, 5] = (rng.random(n) < 0.4) * y / size
        then, change = then * size, change * size
        order = rng.permutation(6)
        return then[:, order], (then + change)[:, order], y

    return {
        "forty rows": case(40),
        "twenty rows": case(20),
        "large numbers": case(30, 2.0**14),
        "small numbers": case(30, 2.0**-20),
    }


_TWO_COPIES = (
    np.array([[1.0, 7.0, 4.0], [1.0, 7.0, 4.0], [1.0, 7.0, 4.0]]),
    np.array([[3.0, 7.0, 6.0], [5.0, 7.0, 4.0], [7.0, 7.0, 5.0]]),
    np.array([1.0, 2.0, 3.0]),
)


def q2_probe(ns, seed):
    def ask(case):
        return plain(ns["leak_scores"](*_fresh(case)))

    return {"small": ask(_TWO_COPIES), "rest": [ask(case) for case in _snapshots(seed).values()]}


def _tied(column, y):
    return np.corrcoef(column, y)[0, 1] if np.ptp(column) > 0 else 0.0


def _columns(table, y, score=_tied):
    return np.array([score(column, y) for column in np.asarray(table).T])


def _leaks(then, now, y):
    return np.abs(_columns(now - then, y))


_NOT_LEAKS = {
    "That is how well the table as it now stands goes with y. Honest columns do that too. "
    "Look at what was added: `now - then`.": lambda then, now, y: np.abs(_columns(now, y)),
    "That is how well the table as it stood then goes with y: what is known in time is no leak.":
        lambda then, now, y: np.abs(_columns(then, y)),
    "The correlations are right, but a score is asked without sign: a change downwards tells too.":
        lambda then, now, y: _columns(now - then, y),
    "That is how often a column changed. A change is no leak unless it tells y.":
        lambda then, now, y: (now != then).mean(axis=0) * (np.ptp(now - then, axis=0) > 0),
    "You take the size of the change before you correlate. A change may go either way: "
    "take the sign off the correlation, not off the change.":
        lambda then, now, y: np.abs(_columns(np.abs(now - then), y)),
    "That is a covariance: it goes with the unit of the column. Take the correlation.":
        lambda then, now, y: np.abs(_columns(now - then, y, lambda c, y: np.cov(c, y)[0, 1])),
    "That is the correlation squared. Its size is asked.":
        lambda then, now, y: _leaks(then, now, y) ** 2,
}  # fmt: skip


def q2_judge(value, seed):
    points, hint = match_cases(
        part(value, "rest"), _snapshots(seed), _leaks, _NOT_LEAKS,
        points=POINTS["q2"], praise="What was written after the hour cannot hide.",
        wanted="Return one score for each column; 0 where all rows changed alike.",
        step="Go through the small case by hand: what was added in each row, and does that go with "
        "y?",
        same=_same,
    )  # fmt: skip
    return points, hint, Case("leak_scores(then, now, [1, 2, 3])", part(value, "small"), _SCORES)


_SCORES = "<[1, 0, 0.5], for changes [2, 4, 6], [0, 0, 0] and [2, 0, 1]>"

# Question 3: which repair mends?

_REPAIRS = {
    "a": ("hides", "Does a stand-in for the struck column remain?"),
    "b": ("mends", "If all that was written later is gone, what is left to leak?"),
    "c": ("nothing", "Was that column honest? A change that tells nothing was no fault."),
    "d": ("mends", "A model that learns from noon's numbers learns to do without later ones."),
    "e": ("hides", "Blurred is not gone: a late number in coarse steps is still late."),
    "f": ("nothing", "More of the same model sees the same late numbers."),
}


def _choices(value, truths, allowed, points, spare, praise):
    """Say how many entries are wrong and which thought helps, but not which entries."""
    answer = value if isinstance(value, dict) else {}
    said = {name: str(answer.get(name, "")).strip().lower() for name in truths}
    if all(word not in allowed for word in said.values()):
        return 0, f"Give each of {', '.join(truths)} one of these: {', '.join(allowed)}."
    wrong = [name for name, (truth, _) in truths.items() if said[name] != truth]
    if not wrong:
        return points, praise
    told = [f"{len(wrong)} of {len(truths)} {'is' if len(wrong) == 1 else 'are'} not right yet."]
    told += sorted({truths[name][1] for name in wrong})
    return points * max(0.0, 1 - len(wrong) / spare), "\n".join(told)


def q3_probe(ns, seed):
    return plain(ns["repairs"])


def q3_judge(value, seed):
    words = ("mends", "hides", "nothing")
    praise = "A worse report is not yet a better model."
    return _choices(value, _REPAIRS, words, POINTS["q3"], 3, praise)


# Question 4: suspects


def _nearest(X, y):
    """Remember the rows: a mean of all y, in which the nearest count most."""

    def model(rows):
        weight = 1 / (0.01 + ((np.asarray(rows)[:, None] - X[None]) ** 2).sum(axis=2))
        return (weight @ y) / weight.sum(axis=1)

    return model


def _line(X, y):
    def columns(rows):
        return np.column_stack([np.ones(len(rows)), rows])

    slope = np.linalg.lstsq(columns(X), y, rcond=None)[0]
    return lambda rows: columns(rows) @ slope


def _middle(X, y):
    return lambda rows: np.full(len(rows), y.mean())


@lru_cache(64)
def _tables(seed):
    rng = np.random.default_rng([seed, 4])

    def case(fit, sizes, k, size=1.0):
        folds = rng.permutation(np.repeat([7, 2, 30, 4][: len(sizes)], sizes))
        X = rng.normal(size=(len(folds), 2))
        y = (X @ [2.0, -1.0] + rng.normal(size=len(folds))) * size
        odd = rng.choice(len(folds), 6, replace=False)
        y[odd] += size * rng.choice([-1, 1], 6) * rng.uniform(5, 12, 6)
        y += (folds == 2) * size
        return fit, X, y, folds, k

    return {
        "a model that remembers": case(_nearest, [9, 9, 9, 9], 8),
        "a straight line": case(_line, [12, 7, 10], 10),
        "folds of unequal size": case(_middle, [20, 6, 8, 14], 12),
        "large numbers": case(_line, [10, 14], 9, 1e6),
        "small numbers": case(_nearest, [10, 12], 7, 1e-6),
    }


_FOUR = (
    _middle, np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 2.0, 3.0, 8.0]),
    np.array([0, 0, 1, 1]), 2,
)  # fmt: skip


def q4_probe(ns, seed):
    def ask(case):
        return plain(ns["suspects"](*_fresh(case)))

    return {"small": ask(_FOUR), "rest": [ask(case) for case in _tables(seed).values()]}


def _apart(fit, X, y, folds, learn="others"):
    apart = np.zeros(len(y))
    for fold in np.unique(folds):
        out = folds == fold
        rows = {"others": ~out, "all": out | True, "fold": out}[learn]
        apart[out] = y[out] - fit(X[rows], y[rows])(X[out])
    return apart


def _suspects(fit, X, y, folds, k, learn="others", key=np.abs):
    return np.argsort(-key(_apart(fit, X, y, folds, learn)), kind="stable")[:k]


_NOT_SUSPECTS = {
    "The model has seen the row that it judges, and believes it: it has seen it in training. "
    "Train on the other folds only.": lambda *case: _suspects(*case, learn="all"),
    "You train on the fold itself, and should train on all others: `~out`.":
        lambda *case: _suspects(*case, learn="fold"),
    "A slip can go both ways: take the distance without its sign.":
        lambda *case: _suspects(*case, key=lambda a: a),
    "Those are the smallest distances. The largest are asked.":
        lambda *case: _suspects(*case, key=lambda a: -np.abs(a)),
    "The right rows, in another order: the largest first.":
        lambda *case: _suspects(*case)[::-1],
}  # fmt: skip


def _not_places(reply, fit, X, y, folds, k):
    got = numbers(reply, (k,))
    if got is not None and (np.any(got % 1) or np.any(got < 0) or np.any(got >= len(y))):
        return "Those are no places. Return the row numbers of the suspects, not their distances."
    if got is not None and len(set(got)) < k:
        return (
            "A row is named twice among your suspects. Where a model has seen the row, or where "
            "distances come back, that can happen: return places."
        )
    return ""


def q4_judge(value, seed):
    points, hint = match_cases(
        part(value, "rest"), _tables(seed), _suspects, _NOT_SUSPECTS,
        points=POINTS["q4"], praise="Nobody is judged by a model that has learnt from them.",
        wanted="Return the places of k rows, the largest distance first.",
        step="Go through the small case by hand: each fold is judged by the mean of the other.",
        same=_same, fault=_not_places,
    )  # fmt: skip
    given = "suspects(fit, X, [0, 2, 3, 8], [0, 0, 1, 1], 2), where fit gives the mean of y,"
    return points, hint, Case(given, part(value, "small"), [3, 0])


# Question 5: many looks

_LOOKS = {
    "expected": ([0.65], 0.01, "The mean count: a chance of 5%, thirteen times."),
    "any": (
        [1 - 0.95**13], 0.01,
        "Chances of different slices cannot be added up, since two may miss at once: "
        "what is the chance that none misses, and the rest?",
    ),
    "level": ([0.05 / 13, 1 - 0.95 ** (1 / 13)], None, "Share the 5% among the thirteen."),
}  # fmt: skip


def q5_probe(ns, seed):
    return plain(ns["bet"])


def q5_judge(value, seed):
    got = {name: numbers(part(value, name), ()) for name in _LOOKS}
    if all(number is None for number in got.values()):
        return 0, "Give `bet` a number for each of expected, any and level."
    told = []
    for name, (truths, atol, hint) in _LOOKS.items():
        number = got[name]
        if number is None:
            told.append(f"`{name}` is no number yet.")
        elif not any(abs(number - t) <= (atol or 0.05 * t) for t in truths):
            if name == "level" and number > 0.9:
                hint = "`level` is the chance to miss, a small number, and not the confidence."
            told.append(hint)
    if not told:
        return POINTS["q5"], "About every other session finds a fault where there is none."
    return max(0, POINTS["q5"] - len(told)), "\n".join(told)


# Question 6: a plot of one's own


@lru_cache(64)
def _slices(seed):
    rng = np.random.default_rng([seed, 6])

    def case(word, sizes, size):
        shift = rng.choice([-1, 1], len(sizes)) * rng.uniform(1, 3, len(sizes))
        groups = [size * (rng.normal(size=n) * 2 + s) for n, s in zip(sizes, shift, strict=True)]
        groups = [g - g.mean() + size * s for g, s in zip(groups, shift, strict=True)]
        return [f"{word} {k}" for k in range(len(sizes))], groups

    return case("slice", [9, 14, 30], 1.0), case("part", [12, 7, 25, 16, 8, 40, 11, 9], 200.0)


def q6_probe(ns, seed):
    return [
        drawn(ns["draw"], list(names), [group.copy() for group in groups])
        for names, groups in _slices(seed)
    ]


def _widths(groups, chance):
    """The half width of each interval: by the normal law."""
    z = NormalDist().inv_cdf(1 - chance)
    return np.array([z * g.std(ddof=1) / np.sqrt(len(g)) for g in groups])


def _plot_faults(seen, names, groups):
    if part(seen, "beside"):
        return ["Draw on the axes `ax` that you are given, at its mean error each slice."]
    m, mean = len(groups), np.array([g.mean() for g in groups])
    sizes = np.array([len(g) for g in groups])
    places = [[p[k] for p in part(seen, "points") or []] for k in (0, 1)]
    bars = part(seen, "bars") or []
    for k in (0, 1):
        places[k] += [b[k] + b[k + 2] for b in bars] + [b[k] for b in bars if b[k + 2] < 0]

    def found(values, target):
        return any(abs(v - target) < 1e-3 * abs(target) for v in values)

    def all_at(targets):
        return [k for k in (0, 1) if all(found(places[k], t) for t in targets)]

    axes = all_at(mean)
    if not axes:
        if all_at([np.abs(g).mean() for g in groups]):
            return ["Take the errors with sign, and draw each slice at its mean error."]
        return ["Each slice needs a dot or a bar at its mean error."]
    k, faults = axes[0], []
    axis = "xy"[k]
    lines = part(seen, "segments") or []
    spans = [sorted((s[k], s[k + 2])) for s in lines if abs(s[1 - k] - s[3 - k]) < 1e-9]

    def there(half):
        return all(
            any(np.allclose(s, [c - h, c + h], rtol=0, atol=2e-3 * h) for s in spans)
            for c, h in zip(mean, half, strict=True)
        )

    right = _widths(groups, 0.05 / (2 * m))
    if not there(right) and not there(_widths(groups, (1 - 0.95 ** (1 / m)) / 2)):
        faults.append(_width_fault(there, groups, right, m, sizes))
    small = 1e-6 * np.abs(mean).max()
    if not any(abs(s[k]) < small and abs(s[k + 2]) < small and s[1 - k] != s[3 - k] for s in lines):
        faults.append("There should be a line at 0, right across.")
    ticks = [t[1] for t in part(seen, "y_ticks" if axis == "x" else "x_ticks") or []]
    if not set(names) <= set(ticks):
        faults.append("The names of the slices should stand at the axis.")
    if not str(part(seen, f"{axis}_label") or "").strip():
        faults.append("The axis of the errors needs a label.")
    return faults


def _width_fault(there, groups, right, m, sizes):
    if there(_widths(groups, 0.025)):
        return f"Those intervals are for a single look. There are {m} slices: share the 5%."
    if there(_widths(groups, 0.05 / m)):
        return "An interval misses on two sides: half of the shared 5% on either."
    if there(right * np.sqrt((sizes - 1) / sizes)):
        return "The spread wants `ddof=1`: a sample is divided by n − 1."
    if there(right * np.sqrt(sizes)):
        return "Those intervals show the spread of days; a mean has it over √n."
    return "Each slice needs its interval: the mean ± z · standard deviation / √n."


def q6_judge(value, seed):
    samples = _slices(seed)
    faults = [_plot_faults(s, *c) for s, c in zip(listed(value, 2), samples, strict=True)]
    told = list(dict.fromkeys(fault for each in faults for fault in each))
    if not told:
        return POINTS["q6"], "Each slice shows how sure it is, and how often you looked."
    if any("at its mean error" in fault for fault in told):
        return 0, "\n".join(told)
    return max(0, POINTS["q6"] - max(map(len, faults))), "\n".join(told)

"""Probes and judges of the lab on importance.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import lru_cache

import numpy as np

from xaikit.labs import Case, drawn, listed, match_cases, numbers, part, plain, unread

POINTS = {"q1": 3, "q2": 2, "q3": 3, "q4": 3, "q5": 3, "q6": 3, "q7": 3}


def _square(y, output):
    return (np.asarray(y) - output) ** 2


def _absolute(y, output):
    return np.abs(np.asarray(y) - output)


def _bent(size, w):
    return lambda rows: size * np.tanh(np.asarray(rows, dtype=float) / size @ w) + rows[:, 0]


# Question 1: permutation importance, in given orders


@lru_cache(64)
def _tables(seed):
    rng = np.random.default_rng([seed, 1])

    def case(n, d, loss, size=1.0, repeats=3, misread=False):
        X = rng.normal(size=(n, d)) * size
        w = rng.uniform(0.5, 1.5, d) * rng.choice([-1, 1], d)
        # Read the wrong way round, a column is better shuffled: its rise lies below 0.
        y = _bent(size, -w if misread else w)(X) + rng.normal(size=n) * size
        orders = np.array([rng.permutation(n) for _ in range(repeats)])
        return _bent(size, w), loss, X, y, orders

    return {
        "a squared error": case(30, 3, _square),
        "an absolute error": case(25, 4, _absolute),
        "one order": case(20, 2, _square, repeats=1),
        "numbers of a millionth": case(20, 3, _absolute, 1e-6),
        "numbers of a million": case(20, 3, _absolute, 1e6, 2),
        "a model that is wrong": case(30, 3, _square, misread=True),
    }


_SMALL = (
    lambda rows: rows[:, 0],
    _absolute,
    np.array([[1.0, 5.0], [2.0, 6.0], [4.0, 7.0]]),
    np.array([1.0, 2.0, 4.0]),
    np.array([[1, 2, 0]]),
)
_MODEL_AND_LOSS = "lambda rows: rows[:, 0], lambda y, output: abs(y - output)"
_CALL = (
    f"importance({_MODEL_AND_LOSS}, np.array([[1, 5], [2, 6], [4, 7]]), np.array([1, 2, 4]), "
    "np.array([[1, 2, 0]]))"
)


def _fresh(case):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in case]


def q1_probe(ns, seed):
    def ask(case):
        return plain(ns["importance"](*_fresh(case)))

    return {"small": ask(_SMALL), "rest": [ask(case) for case in _tables(seed).values()]}


def _rises(
    model,
    loss,
    X,
    y,
    orders,
    base=True,
    mean=np.mean,
    keep=False,
    truth=None,
    over=np.mean,
    back=False,
    together=False,
    ratio=False,
):
    y = model(X) if truth == "model" else y
    before = over(loss(y, model(X))) if base else 0
    found, rows = [], X.copy()
    for j in range(X.shape[1]):
        rises = []
        for order in orders:
            rows = rows if keep else X.copy()
            column = slice(None) if together else j
            order = np.argsort(order) if back else order
            rows[:, column] = (rows if keep else X)[order][:, column]
            after = over(loss(y, model(rows)))
            rises.append(after / before if ratio else after - before)
        found.append(mean(rises))
    return np.array(found)


def _shares(*case):
    rises = _rises(*case)
    return rises / rises.sum()


_NOT_IMPORTANCE = {
    "That is the loss after the shuffle. Take off the loss before it: the rise is asked.":
        lambda *case: _rises(*case, base=False),
    "The sign is turned round: a rise of the loss counts as positive.":
        lambda *case: -_rises(*case),
    "A column that was shuffled stays shuffled. Begin with a new copy of X for each.":
        lambda *case: _rises(*case, keep=True),
    "You use the first order only; take the mean over all.":
        lambda *case: _rises(*case[:4], case[4][:1]),
    "That is the sum over the orders; the mean is asked.":
        lambda *case: _rises(*case, mean=np.sum),
    "You compare with what the model said before. The loss compares with what is true, `y`.":
        lambda *case: _rises(*case, truth="model"),
    "A rise may lie below 0, where a model reads a column wrongly. Return it with its sign.":
        lambda *case: np.abs(_rises(*case)),
    "A rise may lie below 0, where a model reads a column wrongly. Return it as it is.":
        lambda *case: np.maximum(_rises(*case), 0),
    "You take the sum of the losses over the rows; their mean is asked.":
        lambda *case: _rises(*case, over=np.sum),
    "You take the median of the losses over the rows; their mean is asked.":
        lambda *case: _rises(*case, over=np.median),
    "You divide the loss after by the loss before. The rise is their difference.":
        lambda *case: _rises(*case, ratio=True),
    "Those are shares of the sum. Return the rises in the units of the loss.": _shares,
    "You put whole rows into another order. Only column j is to move.":
        lambda *case: _rises(*case, together=True),
    "Row i is to get the value of row `order[i]`: `X[order, j]`. You do it the other way round.":
        lambda *case: _rises(*case, back=True),
}  # fmt: skip


def q1_judge(value, seed):
    points, hint = match_cases(
        part(value, "rest"), _tables(seed), _rises, _NOT_IMPORTANCE,
        points=POINTS["q1"], praise="That is all that permutation importance is.",
        wanted="Return one rise for each column of X, as an array, from the orders that are given.",
    )  # fmt: skip
    return points, hint, Case(_CALL, part(value, "small"), [2, 0])


# Question 2 and 7: choices


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


_WINNERS = {
    "impurity": ("ticket", "Which column offers a tree more places to split the rows it learns?"),
    "new rows": ("smoker", "On new rows, only what is true of them too can help."),
    "ticket on new rows": ("no", "What was learnt by heart does not come again in new rows."),
}


def q2_probe(ns, seed):
    return plain(ns["bet"])


def q2_judge(value, seed):
    praise = "A tree finds many places to split a number that says nothing."
    words = ("ticket", "smoker", "yes", "no")
    return _choices(value, _WINNERS, words, POINTS["q2"], 2, praise)


# Question 3: twins

_DRAWS = 9


def q3_probe(ns, seed):
    return [plain(ns["twins"](np.random.default_rng([seed, k]))) for k in range(_DRAWS)]


def _standard(reply):
    """Read a draw: both columns and y with mean 0 and deviation 1, or what is wrong with it."""
    pair = listed(reply, 2)
    X, y = numbers(pair[0], (200, 2)), numbers(pair[1], (200,))
    if X is None or y is None:
        why = unread(pair[0], (200, 2)) or unread(pair[1], (200,))
        return None, f"Return X of the shape (200, 2), and y of (200,). {why}"
    if min([*X.std(axis=0), y.std()]) <= 1e-12 * np.abs(np.column_stack([X, y])).max():
        return None, "A column or y is constant: nothing is to be learnt."
    t = (y - y.mean()) / y.std()
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    # Turned so that both go with y: draws may differ in sign.
    return (Z * np.where(t @ Z < 0, -1, 1), t), ""


def q3_judge(value, seed):
    draws = [_standard(reply) for reply in listed(value, _DRAWS)]
    for _, fault in draws:
        if fault:
            return 0, fault
    # All draws together, so that chance has little say.
    Z, t = (np.concatenate(each) for each in zip(*[draw for draw, _ in draws], strict=True))
    r = t @ Z / len(t)
    for j in (0, 1):
        if r[j] < 0.8:
            told = f"its correlation is {r[j]:.3f}, and 0.8 is asked."
            return 0, f"Column {j} alone does not tell y: {told}"
    importance = np.linalg.lstsq(Z, t, rcond=None)[0] ** 2
    if not importance[1] <= 0.02 * importance[0]:
        share = importance[1] / importance.sum()
        return 0, (
            f"Column 1 gets {share:.1%} of the credit. Column 0 should swallow it: let y follow "
            "column 0, and column 1 be column 0 with some noise. Is it so already? Then y has "
            "too much noise for a regression to tell the two apart."
        )
    return POINTS["q3"], "Almost no importance, and by itself almost as good as its twin."


# Question 4: within groups


@lru_cache(64)
def _grouped(seed):
    rng = np.random.default_rng([seed, 4])

    def case(sizes, loss, size=1.0):
        groups = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        X = (rng.normal(size=(len(groups), 3)) + groups[:, None]) * size
        w = rng.uniform(0.5, 1.5, 3)
        y = _bent(size, w)(X) + rng.normal(size=len(groups)) * size
        return _bent(size, w), loss, X, y, int(rng.integers(3)), groups

    return {
        "groups of unequal size": case([3, 5, 9], _square),
        "an absolute error": case([2, 4, 8, 6], _absolute),
        "somebody alone in a group": case([1, 4, 7], _square),
        "numbers of a millionth": case([3, 6], _absolute, 1e-6),
    }


_FOUR = (
    lambda rows: rows[:, 0], _absolute, np.array([[0.0], [2.0], [10.0], [14.0]]),
    np.array([0.0, 2.0, 10.0, 14.0]), 0, np.array([0, 0, 1, 1]),
)  # fmt: skip


_CALL_OF_FOUR = (
    f"within({_MODEL_AND_LOSS}, np.array([[0], [2], [10], [14]]), np.array([0, 2, 10, 14]), 0, "
    "np.array([0, 0, 1, 1]))"
)


def q4_probe(ns, seed):
    def ask(case):
        return plain(ns["within"](*_fresh(case)))

    return {"small": ask(_FOUR), "rest": [ask(case) for case in _grouped(seed).values()]}


def _within(
    model,
    loss,
    X,
    y,
    j,
    groups,
    others=False,
    base=True,
    by_group=False,
    middle=False,
    column=None,
    lent_y=False,
    pairs=False,
):
    rises, sizes = np.zeros(len(X)), np.ones(len(X))
    for i in range(len(X)):
        mates = np.flatnonzero(groups == groups[i])
        if others and len(mates) > 1:
            mates = mates[mates != i]
        rows = np.repeat(X[i : i + 1], 1 if middle else len(mates), axis=0)
        moved = j if column is None else column
        rows[:, moved] = X[mates, j].mean() if middle else X[mates][:, moved]
        truth = y[mates] if lent_y else np.repeat(y[i], len(rows))
        after = loss(truth, model(rows)).mean()
        sizes[i] = len(mates)
        rises[i] = after - base * loss(y[i : i + 1], model(X[i : i + 1]))[0]
    if by_group:
        return float(np.mean([rises[groups == g].mean() for g in np.unique(groups)]))
    return float(np.average(rises, weights=sizes if pairs else None))


_NOT_WITHIN = {
    "You take values from all rows. Only rows of the same group may lend theirs.":
        lambda *case: _within(*case[:5], np.zeros(len(case[2]))),
    "You leave out the row itself. It is a row of its group, and lends its value too.":
        lambda *case: _within(*case, others=True),
    "That is the loss afterwards. Take off the loss before: the rise is asked.":
        lambda *case: _within(*case, base=False),
    "You take the mean over groups. Each row counts once, so a large group counts more.":
        lambda *case: _within(*case, by_group=True),
    "You put in the mean of the group. Put in each of its values, and take the mean of the losses.":
        lambda *case: _within(*case, middle=True),
    "You lend whole rows. Only the value in column j is lent.":
        lambda *case: _within(*case, column=slice(None)),
    "The truth stays with the row: `y[i]`, whatever row i borrows.":
        lambda *case: _within(*case, lent_y=True),
    "You take one mean over all pairs, so rows of large groups count more. First the mean over "
    "what row i borrows, then over the rows.":
        lambda *case: _within(*case, pairs=True),
    "That is the sum over the rows; the mean is asked.":
        lambda *case: _within(*case) * len(case[2]),
}  # fmt: skip


def q4_judge(value, seed):
    points, hint = match_cases(
        part(value, "rest"), _grouped(seed), _within, _NOT_WITHIN,
        points=POINTS["q4"], praise="No row gets a value that its group does not have.",
        wanted="Return one number: the mean rise over the rows, with every loan tried once.",
    )  # fmt: skip
    return points, hint, Case(_CALL_OF_FOUR, part(value, "small"), 1.5)


# Question 5: a plot of one's own


@lru_cache(64)
def _samples(seed):
    rng = np.random.default_rng([seed, 5])
    return tuple(
        ([f"{word} {k}" for k in range(d)], rng.normal(size=(n, d)) + rng.uniform(1, 4, d))
        for word, n, d in (("item", 12, 3), ("column", 7, 4))
    )


def q5_probe(ns, seed):
    return [drawn(ns["draw"], list(names), rises.copy()) for names, rises in _samples(seed)]


def _spans(seen, axis):
    """Collect the [low, high] of each straight piece along an axis."""
    a, c = (0, 1) if axis == "x" else (1, 0)
    segments = part(seen, "segments") or []
    return [sorted((s[a], s[a + 2])) for s in segments if abs(s[c] - s[c + 2]) < 1e-9]


def _plot_faults(seen, names, rises):
    n, mean = len(rises), rises.mean(axis=0)
    half = 1.96 * rises.std(axis=0, ddof=1) / np.sqrt(n)
    places = [[p[k] for p in part(seen, "points") or []] for k in (0, 1)]
    bars = part(seen, "bars") or []
    places[0] += [b[0] + b[2] for b in bars]
    places[1] += [b[1] + b[3] for b in bars]

    def found(values, target):
        return any(abs(v - target) < 1e-3 * abs(target) for v in values)

    axes = [k for k in (0, 1) if all(found(places[k], m) for m in mean)]
    if not axes:
        other = rises.mean(axis=1)
        if any(all(found(places[k], m) for m in other) for k in (0, 1)):
            return ["You take the mean of each person. Each column needs its mean: `axis=0`."]
        if part(seen, "beside"):
            return ["Draw on `ax`, the axes that your function is given."]
        return ["Each column needs a dot or a bar at its mean rise."]
    axis = "xy"[axes[0]]
    spans, faults = _spans(seen, axis), []

    def there(width):
        return all(
            any(np.allclose(s, [m - h, m + h], atol=1e-3 * h) for s in spans)
            for m, h in zip(mean, width, strict=True)
        )

    def across():
        lengths = [high - low for low, high in _spans(seen, "yx"[axes[0]])]
        return all(any(abs(one - 2 * h) < 1e-3 * h for one in lengths) for h in half)

    if not there(half):
        if there(half * np.sqrt((n - 1) / n)):
            faults.append("The spread wants `ddof=1`: a sample is divided by n − 1.")
        elif there(half * np.sqrt(n)):
            faults.append("Those intervals show the spread of rows; a mean has it over √n.")
        elif across():
            faults.append("The intervals lie across the rises: `xerr` where the rises run along x.")
        else:
            faults.append("Each column needs an interval: the mean ± 1.96 · spread / √n.")
    ticks = [t[1] for t in part(seen, "y_ticks" if axis == "x" else "x_ticks") or []]
    if not set(names) <= set(ticks):
        faults.append("The names of the columns should stand at the axis.")
    if not str(part(seen, f"{axis}_label") or "").strip():
        faults.append("The axis of the rises needs a label.")
    return faults


def q5_judge(value, seed):
    samples = _samples(seed)
    faults = [_plot_faults(s, *c) for s, c in zip(listed(value, 2), samples, strict=True)]
    told = list(dict.fromkeys(fault for each in faults for fault in each))
    if not told:
        return POINTS["q5"], "A ranking that shows how sure it is."
    if any(word in fault for fault in told for word in ("at its mean", "axis=0", "on `ax`")):
        return 0, "\n".join(told)
    return max(0, POINTS["q5"] - max(map(len, faults))), "\n".join(told)


# Question 6: the few

_MISSED = {
    "a few among many": "A small group whose interval lies above 0 was not found.",
    "a loud mean": (
        "The group with the highest mean is not asked for: its interval may reach below 0. "
        "Compare the lower ends."
    ),
    "nobody": "Where no lower end is above 0 there is no group to name: return None.",
    "three people": "A group of fewer than ten people is to be left out.",
    "a fall": "The loss of a group fell, and you took it for a rise. Above 0 is asked.",
}


@lru_cache(64)
def _wards(seed):
    rng = np.random.default_rng([seed, 6])

    def case(answer, *wards):
        names = rng.permutation([f"ward {letter}" for letter in "ABCD"])[: len(wards)]
        rises, groups = [], []
        for name, (n, mean, deviation) in zip(names, wards, strict=True):
            noise = rng.normal(size=n)
            # Just this mean and deviation, so that the answer does not hang on the seed.
            noise = (noise - noise.mean()) / noise.std(ddof=1)
            rises.append(mean + deviation * noise)
            groups += [str(name)] * n
        order = rng.permutation(len(groups))
        told = None if answer is None else str(names[answer])
        return np.concatenate(rises)[order], np.array(groups)[order], told

    return {
        "a few among many": case(1, (150, -0.1, 1.0), (20, 1.0, 0.5), (60, 0.0, 1.0)),
        "a loud mean": case(0, (100, 0.5, 0.8), (12, 2.0, 5.0), (40, 0.0, 1.0)),
        "nobody": case(None, (50, 0.05, 1.0), (40, 0.1, 1.0), (60, -0.1, 1.0)),
        "three people": case(1, (3, 9.0, 0.1), (30, 0.6, 0.5), (50, 0.0, 1.0)),
        "a fall": case(1, (40, -3.0, 0.5), (40, 0.4, 0.5), (60, 0.0, 1.0)),
    }


_TWO_WARDS = (np.array([0.0, 0.2] * 10 + [-1.0, 1.0] * 10), np.array(["A"] * 20 + ["B"] * 20))


_CALL_OF_WARDS = 'find(np.array([0, 0.2] * 10 + [-1, 1] * 10), np.array(["A"] * 20 + ["B"] * 20))'


def q6_probe(ns, seed):
    def ask(rises, groups):
        return plain(ns["find"](rises.copy(), groups.copy()))

    cases = [ask(rises, groups) for rises, groups, _ in _wards(seed).values()]
    return {"small": ask(*_TWO_WARDS), "rest": cases}


def q6_judge(value, seed):
    cases = _wards(seed)
    replies = listed(part(value, "rest"), len(cases))
    case = Case(_CALL_OF_WARDS, part(value, "small"), "A")
    for reply, (name, (_, groups, answer)) in zip(replies, cases.items(), strict=True):
        if reply is not None and reply not in groups.tolist():
            return 0, "Return the name of a group as it stands in `groups`, or None.", case
        if reply != answer:
            return 0, _MISSED[name], case
    return POINTS["q6"], "The mean over all hid them; their own mean does not.", case


# Question 7: which method answers?

_METHODS = {
    "a": ("shapley", "How strongly the outputs move is a question to the model: no y is needed."),
    "b": ("permutation", "For a model that stays, ask what it loses on new rows."),
    "c": ("refit", "Whether a column can go for good: train a model that never had it."),
    "d": ("conditional", "What a column says beyond the others: keep the others in view."),
    "e": ("by group", "A mean over all can hide the few. Ask for each group by itself."),
    "f": ("none", "No importance of a model tells what happens if somebody acts."),
}


def q7_probe(ns, seed):
    return plain(ns["methods"])


def q7_judge(value, seed):
    words = tuple(word for word, _ in _METHODS.values())
    return _choices(value, _METHODS, words, POINTS["q7"], 3, "Six questions, six answers.")

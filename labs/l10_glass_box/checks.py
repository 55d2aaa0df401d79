"""What the lab on models that can be read asks, and how it judges what comes back.

Probes run beside the learner's code and send plain values. The judges know the truth: it is
worked out here from the seed, by NumPy alone, and never where an answer could read it.
"""

from __future__ import annotations

import re
from collections import namedtuple
from functools import cache

import numpy as np

from xaikit.labs import Case, close, numbers, plain

POINTS = {"q1": 2, "q2": 3, "q3": 2, "q4": 3, "q5": 3, "q6": 2, "q7": 2, "q8": 2}
LIMITS = {"output_kb": 4096}  # a table for each of several seeds

_HUGE = 1e12  # no larger number is read
Nodes = namedtuple("Nodes", "feature threshold left right value")


def _leaves(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value


def _unread(value, shape, where):
    """Say why no numbers of this shape could be read."""
    leaves = list(_leaves(value))
    if all(leaf is None for leaf in leaves):
        return f"Nothing came back for {where}. Does your function end with a `return`?"
    if any(not isinstance(leaf, bool | int | float) for leaf in leaves):
        return f"What came back for {where} holds something that is no number."
    if not all(abs(leaf) < _HUGE for leaf in leaves):
        return f"There is a NaN or a huge number in what came back for {where}. What divides by 0?"
    sizes = []
    while isinstance(value, list):
        sizes.append(len(value))
        value = value[0] if value else None
    return f"What came back for {where} has the shape {tuple(sizes)}; {shape} is asked for."


def _agree(got, made):
    """Whether one mistake explains every reply; what is huge for it cannot be read either."""
    pairs = list(zip(got, made, strict=True))
    same = [close(a, b) if a is not None else not (np.abs(b) < _HUGE).all() for a, b in pairs]
    return all(same) and any(a is not None for a in got)


def _replies(value, n):
    return value if isinstance(value, list) and len(value) == n else [None] * n


def _judge(value, cases, truth, mistakes, call, points, praise):
    """Mark the replies to the cases, the first of which is shown to the learner."""
    replies = _replies(value, len(cases))
    right = [truth(*given) for _, given in cases]
    case = Case(call, replies[0], plain(right[0]))
    got = [numbers(a, b.shape) for a, b in zip(replies, right, strict=True)]
    fine = [a is not None and close(a, b) for a, b in zip(got, right, strict=True)]
    if all(fine):
        return points, praise, case
    with np.errstate(all="ignore"):
        for hint, wrong in mistakes:
            if _agree(got, [np.asarray(wrong(*given), dtype=float) for _, given in cases]):
                return 0, hint, case
    for (label, _), reply, a, b in zip(cases, replies, got, right, strict=True):
        if a is None:
            return 0, _unread(reply, b.shape, label), case
    missed = next(label for (label, _), ok in zip(cases, fine, strict=True) if not ok)
    return 0, (
        f"The shape is as asked, and {sum(fine)} of {len(cases)} cases are right. "
        f"Not right yet: {missed}{', below; try it by hand' if not fine[0] else ''}."
    ), case  # fmt: skip


# Question 1: what a step does to the odds


def _odds(coef, sd, step):
    return np.exp(coef * step / sd)


@cache
def _cases_1(seed):
    rng = np.random.default_rng([seed, 1])
    coef, sd = rng.uniform(0.3, 0.9, 4) * [1, -1, 1, -1], rng.uniform(2, 9, 4)
    step = sd * rng.uniform(0.4, 1.6, 4)
    return [
        ("the small case", (np.log([2, 0.5]), np.array([10.0, 5]), np.array([20.0, 5]))),
        ("four features", (coef, sd, step)),
        ("steps downwards", (coef, sd, -step)),
        ("a feature without influence", (coef * [0, 1, 0, 1], sd, step)),
        ("one feature", (coef[:1], sd[:1], step[:1])),
        ("features measured in millionths", (coef, 1e-6 * sd, 1e-6 * step)),
        ("features measured in millions", (coef, 1e6 * sd, 1e6 * step)),
    ]


_MISTAKES_1 = [
    ("You took the step for one in standard deviations. Divide the step by the standard "
     "deviation first.", lambda c, sd, s: np.exp(c * s)),
    ("You multiplied by the standard deviation. A step of 10 in a feature with a standard "
     "deviation of 5 is two of them: divide.", lambda c, sd, s: np.exp(c * s * sd)),
    ("This is what is added to the log-odds. The odds are multiplied by its exponential.",
     lambda c, sd, s: c * s / sd),
    ("This is the factor for one standard deviation; the step is asked for.",
     lambda c, sd, s: np.exp(c)),
    ("This is the factor for one unit; the step may be longer.",
     lambda c, sd, s: np.exp(c / sd)),
    ("Two units do not double the factor of one unit: factors multiply. Put the step into the "
     "exponent.", lambda c, sd, s: np.exp(c / sd) * s),
    ("This is a probability. What a step adds to a probability hangs on where one starts; the "
     "factor of the odds does not.", lambda c, sd, s: 1 / (1 + np.exp(-c * s / sd))),
    ("1 + the change of the log-odds is near the factor for small changes only; take "
     "`np.exp`.", lambda c, sd, s: 1 + c * s / sd),
    ("This is how much the odds grow, as a share. The factor is 1 more.",
     lambda c, sd, s: np.exp(c * s / sd) - 1),
]  # fmt: skip


def q1_probe(ns, seed):
    return [plain(ns["odds_factor"](*map(np.copy, given))) for _, given in _cases_1(seed)]


def q1_judge(value, seed):
    return _judge(
        value, _cases_1(seed), _odds, _MISTAKES_1,
        "odds_factor(np.log([2, 0.5]), np.array([10, 5]), np.array([20, 5]))", POINTS["q1"],
        "Right in any unit, and for steps up and down.",
    )  # fmt: skip


# Question 2: a sign that turns


def q2_probe(ns, seed):
    made = ns["wrong_sign"]
    states = [0, *(1000 * seed + k for k in range(1, 5))]
    drawn = [*map(made, states), made(states[-1])]
    if any(not isinstance(each, tuple | list) or len(each) != 2 for each in drawn):
        return {"returned": None if drawn[0] is None else plain(drawn[0])}
    return [{"X": plain(X), "y": plain(y)} for X, y in drawn]


def _signs(X, y):
    """What each column does alone, and the coefficients of both, in standard deviations."""
    X, y = (v - v.mean(axis=0) for v in (X, y))
    X, y = X / X.std(axis=0), y / y.std()
    twins = abs(float(X[:, 0] @ X[:, 1])) / len(y) > 0.999
    return X.T @ y / len(y), None if twins else np.linalg.lstsq(X, y, rcond=None)[0]


def _turned(X, y):
    """Say what is missing in one table, and what was seen in it."""
    if min(*np.ptp(X, axis=0), np.ptp(y)) == 0:
        return "A column, or `y`, is the same number in every row.", None
    alone, both = _signs(X, y)
    seen = {"alone": plain(alone), "together": plain(both)}
    if both is None:
        return "The columns are copies of each other: nobody can say what each does.", seen
    if alone[0] < 0.3:
        return f"Column 0 alone has a correlation of {alone[0]:.2f} with `y`; 0.3 is asked.", seen
    if alone[1] < 0.3:
        said = f"Column 1 alone has a correlation of {alone[1]:.2f} with `y`; 0.3 is asked. "
        return said + "Its sign must turn, so alone it has to look like a risk.", seen
    if both[1] > -0.2:
        where = "That of column 0 has turned instead. " if both[0] < -0.2 else ""
        return (
            "Alone both go up with `y`, as asked. Together the coefficient of column 1 is "
            f"{both[1]:.2f} and should be −0.2 or less. {where}Let it rise with column 0, "
            "and let `y` fall with what column 1 has of its own."
        ), seen
    return "", seen


def q2_judge(value, seed):
    if not isinstance(value, list) or len(value) != 6:
        returned = value.get("returned") if isinstance(value, dict) else None
        said = "nothing" if returned is None else str(returned)[:60]
        return 0, f"Your function returns {said}. Two things are asked for: `return X, y`."
    read = [each if isinstance(each, dict) else {} for each in value]
    tables = [(numbers(e.get("X"), (400, 2)), numbers(e.get("y"), (400,))) for e in read]
    for (X, y), each in zip(tables, read, strict=True):
        if X is None:
            return 0, _unread(each.get("X"), (400, 2), "`X`")
        if y is None:
            return 0, "`X` is read. " + _unread(each.get("y"), (400,), "`y`")
    found = [_turned(*table) for table in tables]
    case = Case("wrong_sign(0), in standard deviations", found[0][1],
                "<alone: both 0.3 or more; together: the second −0.2 or less>")  # fmt: skip
    faults = [fault for fault, _ in found if fault]
    if faults:
        return 0, f"{faults[0]} (In {len(faults)} of {len(found)} tables.)", case
    if not all(np.array_equal(a, b) for a, b in zip(tables[-1], tables[-2], strict=True)):
        return 0, (
            "The sign turns, as asked. But the same `random_state` gave other data the second "
            "time: draw everything from `np.random.default_rng(random_state)`."
        ), case  # fmt: skip
    if np.array_equal(tables[0][0], tables[1][0]):
        return 0, "The sign turns. But another `random_state` must draw other data.", case
    return POINTS["q2"], "Each alone a risk, together one of them looks like a cure.", case


# Question 3: points on a card


def _card(coef, largest):
    return np.round(coef / np.abs(coef).max() * largest)


@cache
def _cases_3(seed):
    rng = np.random.default_rng([seed, 3])
    # Nowhere near a half, so that nobody's way of rounding decides.
    near = rng.permutation([0.3, 1.35, -2.3, 2.7, -3.7, 1.8]) + rng.uniform(-0.08, 0.08, 6)
    top = int(rng.integers(5, 9))
    return [
        ("the small case", (np.array([0.8, -0.6, 0.25]), 4)),
        ("the largest below zero", (0.3 * np.append(near, -top), top)),
        ("the largest above zero", (0.3 * np.append(near, top), top)),
        ("all below zero", (-0.21 * np.array([1.3, 2.7, 4, 0.2]), 4)),
        ("the most points are 10", (0.07 * np.append(near, [10, -10]), 10)),
        ("coefficients of millionths", (1e-6 * np.append(near, top), top)),
        ("coefficients of millions", (1e6 * np.append(near, -top), top)),
        ("one question", (np.array([-0.7]), 3)),
    ]


_MISTAKES_3 = [
    ("Nearly: scale first and round last. Rounding the coefficients first loses most of them.",
     lambda c, m: np.round(np.round(c) / np.abs(np.round(c)).max() * m)),
    ("You divided by the largest coefficient. The largest by *size* may be below zero: "
     "`np.abs(coef).max()`.", lambda c, m: np.round(c / c.max() * m)),
    ("The points are cut off, not rounded: `astype(int)` makes 2.7 a 2. Use `np.round`.",
     lambda c, m: np.trunc(c / np.abs(c).max() * m)),
    ("These are not whole yet: round them.", lambda c, m: c / np.abs(c).max() * m),
    ("The signs are lost. What speaks against the disease has points below zero.",
     lambda c, m: np.round(np.abs(c) / np.abs(c).max() * m)),
    ("Here the smallest gets one point, and the largest may get a hundred. Give the largest "
     "`largest` points.", lambda c, m: np.round(c / np.abs(c).min())),
    ("You shared `largest` points out among all questions; the largest question alone gets that "
     "many.", lambda c, m: np.round(c / np.abs(c).sum() * m)),
    ("These are rounded down (`//` or `np.floor`); the nearest whole number is asked for.",
     lambda c, m: np.floor(c / np.abs(c).max() * m)),
    ("The largest gets what it should, but you moved the smallest to 0. What says nothing has "
     "0 points.", lambda c, m: np.round((c - c.min()) / np.ptp(c) * m)),
]  # fmt: skip


def q3_probe(ns, seed):
    return [plain(ns["card"](coef.copy(), most)) for _, (coef, most) in _cases_3(seed)]


def q3_judge(value, seed):
    return _judge(
        value, _cases_3(seed), _card, _MISTAKES_3, "card(np.array([0.8, -0.6, 0.25]), 4)",
        POINTS["q3"], "Whole points that a pencil can add.",
    )  # fmt: skip


# Question 4: along the path


def _steps(
    nodes, row, change=lambda a, b: b - a, *, strict=False, turned=False, keep="both", to_next=False
):
    """What each feature moves along the path of a row; in other ways, for those who went wrong."""
    out, node = np.zeros(len(row)), 0
    while nodes.left[node] >= 0:
        feature, at = nodes.feature[node], nodes.threshold[node]
        left = (row[feature] < at if strict else row[feature] <= at) != turned
        after = int((nodes.left if left else nodes.right)[node])
        step = change(nodes.value[node], nodes.value[after])
        place = (nodes.feature[after] if to_next else feature) % len(row)
        if keep == "both":
            out[place] += step
        elif keep == "last" or not out[place]:
            out[place] = step
        node = after
    return out


def _grown(rng, depth, d):
    """A full tree whose nodes are numbered as scikit-learn numbers them."""
    rows = []

    def grow(level):
        place = len(rows)
        rows.append([-2, -2.0, -1, -1, rng.uniform(0.05, 0.95)])
        if level:
            rows[place][:2] = int(rng.integers(d)), float(rng.integers(2, 8))
            rows[place][2] = grow(level - 1)
            rows[place][3] = grow(level - 1)
        return place

    grow(depth)
    return Nodes(*(np.array(column) for column in zip(*rows, strict=True)))


@cache
def _cases_4(seed):
    rng = np.random.default_rng([seed, 4])
    small = Nodes(
        np.array([0, -2, 1, -2, -2]), np.array([2.0, -2, 5, -2, -2]), np.array([1, -1, 3, -1, -1]),
        np.array([2, -1, 4, -1, -1]), np.array([0.5, 0.2, 0.6, 0.4, 0.9]),
    )  # fmt: skip
    wide, twice, tied = _grown(rng, 4, 4), _grown(rng, 3, 1), _grown(rng, 3, 3)
    on = rng.integers(0, 10, 3).astype(float)
    on[tied.feature[0]] = tied.threshold[0]
    tiny = wide._replace(value=1e-6 * wide.value)
    row = rng.integers(0, 10, 4) + 0.5
    return [
        ("the small case", (small, np.array([3.0, 5.0]))),
        ("a tree of four features", (wide, row)),
        ("a value that is the threshold", (tied, on)),
        ("a feature that is asked about three times", (twice, np.array([4.5]))),
        ("chances of a millionth", (tiny, row[::-1].copy())),
        ("a tree that asks nothing", (_grown(rng, 0, 2), np.array([1.0, 2.0]))),
    ]


_MISTAKES_4 = [
    ("A value *on* the threshold goes to the left: `<=`, not `<`.",
     lambda nodes, row: _steps(nodes, row, strict=True)),
    ("Left and right are swapped: what is at most the threshold goes left.",
     lambda nodes, row: _steps(nodes, row, turned=True)),
    ("A feature that is asked about twice on the path gets the sum of both steps: `+=`.",
     lambda nodes, row: _steps(nodes, row, keep="last")),
    ("A feature that is asked about twice gets both steps, not the first alone: `+=`.",
     lambda nodes, row: _steps(nodes, row, keep="first")),
    ("The sign is turned round: the chance after the question minus the chance before.",
     lambda nodes, row: _steps(nodes, row, lambda a, b: a - b)),
    ("You added up the chances themselves. A question is worth the *difference* that it makes.",
     lambda nodes, row: _steps(nodes, row, lambda a, b: b)),
    ("A step belongs to the feature that was asked about *before* it, in the node you leave; "
     "you gave it to the node you come to.", lambda nodes, row: _steps(nodes, row, to_next=True)),
    ("You counted the questions. How much does each move the chance?",
     lambda nodes, row: _steps(nodes, row, lambda a, b: 1)),
]  # fmt: skip


def q4_probe(ns, seed):
    def ask(nodes, row):
        return plain(ns["along"](Nodes(*map(np.copy, nodes)), row.copy()))

    return [ask(*given) for _, given in _cases_4(seed)]


def q4_judge(value, seed):
    return _judge(
        value, _cases_4(seed), _steps, _MISTAKES_4, "along(five_nodes, np.array([3, 5]))",
        POINTS["q4"], "From the root's chance, your numbers lead to the leaf's.",
    )  # fmt: skip


# Question 5: the group for which the copy is wrong


def _group_case(rng, n, value, exactly=False):
    """One group of which half is wrong, both ways; and five rows that all are, too few."""
    size = int(rng.integers(55, 70))
    order = rng.permutation(n)
    wrong = np.concatenate([order[: size // 2], order[-n // 6 :]])
    black = rng.permutation(np.resize([0, 1], n))
    black[wrong] = np.resize([0, 1], len(wrong))
    copy, planted, rare = black.copy(), np.full(n, 1 - value), np.zeros(n, dtype=int)
    copy[wrong], planted[order[:size]], rare[wrong[-5:]] = 1 - black[wrong], value, 1
    other, every = rng.permutation(np.resize([0, 1, 1], n)), np.ones(n, dtype=int)
    names = rng.permutation(["smoker", "night", "alone", "sent home"]).tolist()
    table = dict(zip(names, [other, planted, rare, every], strict=True))
    return table, black, copy, size if exactly else 30


@cache
def _cases_5(seed):
    rng = np.random.default_rng([seed, 5])
    small = {"man": np.array([0, 0, 1, 1, 1, 1]), "old": np.array([1, 1, 1, 0, 0, 0])}
    return [
        (small, np.array([0, 1, 1, 0, 1, 0]), np.array([1, 1, 1, 0, 1, 1]), 3),
        *[_group_case(rng, 200, value) for value in (1, 0)],
        _group_case(rng, 160, 1, exactly=True),
    ]


def _worst(table, black, copy, least, score=lambda a, b: np.mean(a == b), values=(0, 1)):
    found = []
    for name, column in table.items():
        for value in values:
            rows = column == value
            if rows.sum() >= max(least, 1):
                found.append((score(black[rows], copy[rows]), name, value, rows))
    _, name, value, rows = min(found, key=lambda each: each[0])
    return name, value, float(np.mean(black[rows] == copy[rows]))


_MISTAKES_5 = [
    ("Your group is too small: only groups of `least` rows or more count.",
     lambda t, a, b, n: _worst(t, a, b, 1)),
    ("You took the group with the most wrong rows. A large group has many of everything: compare "
     "*shares*.", lambda t, a, b, n: _worst(t, a, b, n, lambda a, b: -np.sum(a != b))),
    ("You looked at the rows with a 1 only. Those with a 0 are a group as well.",
     lambda t, a, b, n: _worst(t, a, b, n, values=(1,))),
    ("This is the group in which the two agree *most*.",
     lambda t, a, b, n: _worst(t, a, b, n, lambda a, b: -np.mean(a == b))),
    ("A group of exactly `least` rows counts too: `>=`.",
     lambda t, a, b, n: _worst(t, a, b, n + 1)),
    ("You compared the shares of ones. Errors up and down cancel there; compare row by row.",
     lambda t, a, b, n: _worst(t, a, b, n, lambda a, b: -abs(np.mean(a) - np.mean(b)))),
]  # fmt: skip


def q5_probe(ns, seed):
    import pandas as pd  # not for judges

    def ask(table, black, copy, least):
        labels = np.arange(len(black)) * 3 + 7
        return plain(ns["worst_group"](pd.DataFrame(table, index=labels), black, copy, least))

    return [ask(table, *map(np.copy, both), least) for table, *both, least in _cases_5(seed)]


def _named(reply):
    """Read a column, its value and a share; None if they are not there."""
    if not isinstance(reply, list) or len(reply) != 3 or not isinstance(reply[0], str):
        return None
    value, share = (numbers(each, ()) for each in reply[1:])
    return None if value is None or share is None else (reply[0], float(value), float(share))


def q5_judge(value, seed):
    cases = _cases_5(seed)
    replies = _replies(value, len(cases))
    right, got = [_worst(*given) for given in cases], [_named(reply) for reply in replies]
    case = Case("worst_group(six_people, *six_answers, 3)", replies[0], list(right[0]))
    if all(reply is None for reply in replies):
        return 0, "Nothing came back. Does your function end with a `return`?", case
    if None in got:
        return 0, "Return three things: the column's name, 0 or 1, and the share that agrees.", case

    def same(truths, upto=3):
        pairs = zip(got, truths, strict=True)
        return all(a[:2] == b[:2] and (upto < 3 or close(a[2], b[2])) for a, b in pairs)

    if same(right):
        return POINTS["q5"], "Found, whatever the size and the side of the group.", case
    if same(right, 2):
        return 1, "The groups are right. The third thing is the share of rows that *agree*.", case
    for hint, wrong in _MISTAKES_5:
        if same([wrong(*given) for given in cases], 2):
            return 0, hint, case
    fine = sum(a[:2] == b[:2] for a, b in zip(got, right, strict=True))
    return 0, f"Three things come back, as asked. {fine} of {len(cases)} groups are right.", case


# Question 6: two lines of one's own


@cache
def _cases_6(seed):
    rng = np.random.default_rng([seed, 6])
    small = [np.repeat(each, [4, 2, 5, 3]) for each in ([0, 0, 1, 1], [0, 1, 0, 1])]
    ill = np.array([1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0])
    sizes = rng.permutation([9, 14, 16, 21]) + rng.integers(0, 3)
    ones = np.int64(sizes * rng.permutation([0.35, 0.55, 0.9, 0.15]))  # no two shares alike
    order = rng.permutation(sizes.sum())
    a, b = (np.repeat(each, sizes)[order] for each in ([0, 0, 1, 1], [0, 1, 0, 1]))
    y = np.concatenate([np.arange(n) < k for n, k in zip(sizes, ones, strict=True)])
    return [(*small, ill, ("women", "men")), (a, b, y[order].astype(int), ("men", "women"))]


def _shares(a, b, y):
    cells = [[y[(a == i) & (b == j)] for j in (0, 1)] for i in (0, 1)]
    return np.array([[c.mean() for c in row] for row in cells]), [len(c) for r in cells for c in r]


def q6_probe(ns, seed):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    def ask(a, b, y, words):
        FigureCanvasAgg(figure := Figure())
        ax = figure.subplots()
        ns["draw"](ax, a.copy(), b.copy(), y.copy(), words)
        return _seen(ax)

    return [ask(*given) for given in _cases_6(seed)]


def _seen(ax):
    def look(line):
        return line.get_color(), line.get_linestyle(), line.get_marker()

    lines, legend = [each for each in ax.lines if len(each.get_xdata()) == 2][:9], ax.get_legend()
    entries = [text.get_text()[:80] for text in legend.texts] if legend else []
    named = dict(zip(map(look, legend.get_lines()), entries, strict=False)) if legend else {}
    return {
        "lines": [plain(np.column_stack(line.get_data(orig=False))) for line in lines],
        "named": [named.get(look(line), "") for line in lines],
        "texts": [*entries, *(text.get_text()[:80] for text in ax.texts)][:40],
        "limits": plain(ax.get_ylim()),
        "labels": [ax.get_xlabel()[:80], ax.get_ylabel()[:80]],
    }


def _list(value):
    return value if isinstance(value, list) else []


def _drawing(seen, a, b, y, words):
    """Give what one drawing loses for its first fault, and say which that is."""
    want, counts = _shares(a, b, y)
    lines = [numbers(each, (2, 2)) for each in _list(seen.get("lines"))]
    lines = [each[np.argsort(each[:, 0])] for each in lines if each is not None]
    if not lines:
        return 2, "There is no line of two points on `ax`: call `ax.plot`, not `plt.plot`."

    def at(shares):
        places = [[close(each[:, 1], row) for each in lines] for row in shares]
        return [row.index(True) for row in places] if all(map(any, places)) else None

    for heights, fault in (
        (
            want.T,
            "The two are swapped: `b` goes along the bottom, and each value of `a` is a line.",
        ),
        (want * np.reshape(counts, (2, 2)), "You drew numbers of ill ones; draw their *shares*."),
        (100 * want, "The shares are right, but in percent; from 0 to 1 is asked for."),
    ):
        if at(heights):
            return 2, fault
    if not at(want):
        return 2, (
            "There are lines, but not these two: one for the rows with a = 0 and one for a = 1, "
            "each from the share of ill ones where b = 0 to that where b = 1."
        )
    texts, limits = [str(t) for t in _list(seen.get("texts"))], numbers(seen.get("limits"), (2,))
    said = {int(number) for text in texts for number in re.findall(r"\d+", text)}
    named = [*_list(seen.get("named")), *[""] * 9]
    for fine, wish in (
        (_are_named(words, [named[place] for place in at(want)], texts),
         f"A legend must call the first line {words[0]} and the other {words[1]}: `ax.legend()`."),
        (said.issuperset(counts), "Write beside each end how many rows it stands for."),
        (limits is not None and limits.min() <= 0 and limits.max() >= 1,
         "Let the upright axis show all of 0 to 1."),
        (all(_list(seen.get("labels")) or [""]), "Give both axes a label."),
    ):  # fmt: skip
        if not fine:
            return 1, f"Both lines are right. {wish}"
    return 0, "Two lines, and how many people stand behind each end."


def _are_named(words, named, texts):
    """Each word stands somewhere, and no line bears the other's."""
    there = all(any(_has(word, text) for text in texts) for word in words)
    return there and not any(
        _has(word, line) for word, line in zip(words, named[::-1], strict=True)
    )


def _has(word, text):
    return re.search(rf"\b{re.escape(word)}\b", str(text)) is not None


def q6_judge(value, seed):
    cases = _cases_6(seed)
    seen = [each if isinstance(each, dict) else {} for each in _replies(value, len(cases))]
    told = [_drawing(each, *given) for each, given in zip(seen, cases, strict=True)]
    lost, said = max(told, key=lambda each: each[0])
    heights = [[xy[1] for xy in line if isinstance(xy, list) and len(xy) == 2]
               for line in _list(seen[0].get("lines")) if isinstance(line, list)]  # fmt: skip
    call = 'draw(ax, *fourteen_people, ("women", "men")), the heights of the lines'
    return POINTS["q6"] - lost, said, Case(call, heights, [[0.25, 1], [0.4, 1 / 3]])


# Question 7: an interval over splits that share their patients


def _interval(d, ratio, factor=2.0, ddof=1, weight=lambda k, ratio: 1 / k + ratio):
    half = factor * d.std(ddof=ddof) * np.sqrt(weight(len(d), ratio))
    return np.array([d.mean() - half, d.mean() + half])


@cache
def _cases_7(seed):
    rng = np.random.default_rng([seed, 7])
    d = rng.permutation([-0.05, -0.04, -0.02, -0.01, 0.0, 0.01, 0.03]) + rng.uniform(-0.02, 0.02)
    return [
        ("the small case", (np.array([0.0, 0.02, 0.04]), 1 / 3)),
        ("seven splits", (d, 0.25)),
        ("two splits", (d[:2], 0.5)),
        ("more tested than learnt from", (d, 3.0)),
        ("differences of a millionth", (1e-6 * d, 0.25)),
        ("splits that all say the same", (np.full(4, -0.03), 1 / 3)),
    ]


_MISTAKES_7 = [
    ("This is the interval for splits that share nobody, s²/k. Yours share most of their "
     "patients: add the second part, s² times `ratio`.",
     lambda d, r: _interval(d, r, weight=lambda k, r: 1 / k)),
    ("The standard deviation of a sample divides by k − 1: `ddof=1`.",
     lambda d, r: _interval(d, r, ddof=0)),
    ("Two standard errors to each side, not one.", lambda d, r: _interval(d, r, 1.0)),
    ("This is 1.96 standard errors; two are asked for.", lambda d, r: _interval(d, r, 1.96)),
    ("`ratio` stands upside down: it is tested to learnt from already.",
     lambda d, r: _interval(d, r, weight=lambda k, r: 1 / k + 1 / r)),
    ("Take the square root of the variance: s times the root of 1/k + ratio.",
     lambda d, r: _interval(d, r, weight=lambda k, r: (1 / k + r) ** 2)),
    ("This says where single splits lie, not how sure their mean is.",
     lambda d, r: _interval(d, r, weight=lambda k, r: 1)),
    ("You left out 1/k: a mean over few splits is less sure.",
     lambda d, r: _interval(d, r, weight=lambda k, r: r)),
    ("The ends are right. Give the lower one first.", lambda d, r: _interval(d, r)[::-1]),
    ("Percentiles say where single splits lie, not how sure their mean is.",
     lambda d, r: np.percentile(d, [2.5, 97.5])),
]  # fmt: skip


def q7_probe(ns, seed):
    return [plain(ns["interval"](d.copy(), ratio)) for _, (d, ratio) in _cases_7(seed)]


def q7_judge(value, seed):
    return _judge(
        value, _cases_7(seed), _interval, _MISTAKES_7,
        "interval(np.array([0, 0.02, 0.04]), 1 / 3)", POINTS["q7"],
        "Wide, and honest about patients who are in many splits.",
    )  # fmt: skip


# Question 8: measure, and choose

_MEASURED = {
    "first questions": (5, "The first question of a tree: `tree.tree_.feature[0]`."),
    "patients": (181, "For each patient, do all twenty trees give the same class? Count those for "
                      "whom they do not."),
    "logistic beats forest": ("cannot tell", "Better means that the whole interval is above 0."),
    "logistic": ("enough", "Enough means that the whole interval is above −0.04."),
    "card": ("enough", "Enough means that the whole interval is above −0.04."),
    "card, stricter": ("cannot tell", "An interval with the limit inside does not decide."),
    "tree": ("not enough", "Not enough means that the whole interval is below −0.04."),
}  # fmt: skip


def q8_probe(ns, seed):
    return plain(ns["measured"])


def _is_measured(answer, truth):
    if isinstance(truth, str):
        return isinstance(answer, str) and answer.strip().lower() == truth
    got = numbers(answer, ())
    return got is not None and bool(got == truth)


def q8_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    wrong = [n for n, (truth, _) in _MEASURED.items() if not _is_measured(answer.get(n), truth)]
    if len(wrong) == len(_MEASURED):
        return (
            0,
            'Two entries are numbers; the others "enough", "not enough", "cannot tell", "yes".',
        )
    if not wrong:
        return POINTS["q8"], "Five of seven answers came from an interval, not from a mean."
    # Which lines are wrong is not said: three words are soon tried out.
    thoughts = dict.fromkeys(sorted(_MEASURED[name][1] for name in wrong))
    said = f"{len(wrong)} of {len(_MEASURED)} {'is' if len(wrong) == 1 else 'are'} not right yet."
    return POINTS["q8"] * max(0.0, 1 - len(wrong) / 4), "\n".join([said, *thoughts])

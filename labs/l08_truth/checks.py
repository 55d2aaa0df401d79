"""Probes and judges of the lab on the truth of explanations.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import math
import re
from functools import lru_cache

import numpy as np
from scipy.stats import kendalltau, rankdata

from xaikit.labs import Case, ask_rows, close, numbers, plain, read_rows

POINTS = {"q1": 3, "q2": 3, "q3": 2, "q4": 3, "q5": 2, "q6": 3, "q7": 3, "q8": 2}
ROWS = 200


def _unread(value, wanted="one number"):
    """Say why a reply cannot be read as numbers at all; empty if it can, finite or not."""
    if value is None:
        return "Your function returns nothing. Does it end with `return`?"
    if isinstance(value, list):
        return f"Your function returns a list of {len(value)}; {wanted} is wanted."
    if isinstance(value, int | float):
        return ""
    return f"Your function returns {str(value)[:60]!r}; {wanted} is wanted."


def _judge_cases(value, setups, wrong, points, praise, first_step):
    """Mark one number for each setup: right, a known mistake, or right for some of them.

    `setups` maps what is told of a hidden case to its answer; `wrong` maps a hint to the
    answers that the mistake leads to. An answer that is not finite is read as NaN.
    """
    if not isinstance(value, list) or len(value) != len(setups):
        return 0, "Your function gave no answers that can be read. " + first_step
    read = [numbers(each, ()) for each in value]
    for reply, number in zip(value, read, strict=True):
        if number is None and _unread(reply):
            return 0, _unread(reply)
    got = [math.nan if number is None else float(number) for number in read]
    right = [close(g, truth) for g, truth in zip(got, setups.values(), strict=True)]
    if all(right):
        return points, praise
    for hint, answers in wrong.items():
        if all(_as_wrong(g, a) for g, a in zip(got, answers, strict=True)):
            return 0, hint
    named = dict(zip(setups, zip(got, right, strict=True), strict=True))
    endless = [name for name, (g, _) in named.items() if math.isnan(g)]
    bad = [name for name, (g, ok) in named.items() if not ok and not math.isnan(g)]
    if not any(right) and not endless:
        return 0, "One number, as it should be, but in no hidden case the right one. " + first_step
    parts = {
        "Right for": [name for name, (_, ok) in named.items() if ok],
        "Not right yet for": bad,
        "No finite number (0 is divided by 0, or something by 0) for": endless,
    }
    return 0, " ".join(f"{said}: {', '.join(names)}." for said, names in parts.items() if names)


def _as_wrong(got, answer):
    if math.isnan(got) or not math.isfinite(answer):
        return math.isnan(got) and not math.isfinite(answer)
    return close(got, answer)


# Question 1: the area under the deletion curve


def _rows(X):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2:
        raise ValueError(f"this takes rows, of shape (n, d); got the shape {X.shape}")
    return X


def _toy(X):
    return _rows(X) @ [6.0, 2.0, -3.0]


def _bent(size):
    def predict(X):
        X = _rows(X)
        d = X.shape[1]
        weights = np.resize([2.0, -1.0, 0.5, 1.5, -2.5], d)
        return size * (1 + X @ weights + X[:, 0] * X[:, -1] - X[:, d // 2] ** 2)

    return predict


def _charts(seed):
    """Give what each hidden chart is called, its model, and row, values and reference."""
    rng = np.random.default_rng([seed, 1])
    for name, d, size in (
        ("five features", 5, 1), ("eight features", 8, 1), ("one feature", 1, 1),
        ("predictions of a millionth", 5, 1e-6), ("predictions of a million", 5, 1e6),
        ("negative values only", 5, 1), ("values that tie", 6, 1),
    ):  # fmt: skip
        row, values, reference = rng.normal(size=(3, d))
        if name == "negative values only":
            values = -np.abs(values) - 0.1
        if name == "values that tie":
            values = rng.permutation([1.0, 1.0, 0.0, 0.0, -2.0, -2.0])
        yield name, _bent(size), (row, values, reference)


def q1_probe(ns, seed):
    area, ones = ns["deletion_area"], np.ones(3)
    replies = [plain(area(_toy, ones, np.array([6.0, 2.0, -3.0]), np.zeros(3)))]
    replies += [plain(area(f, *(a.copy() for a in each))) for _, f, each in _charts(seed)]
    return {"replies": replies, "kept": bool(np.all(ones == 1))}


def _steps(predict, row, reference, order, *, one_at_a_time=False):
    steps = np.tile(row, (len(row) + 1, 1))
    for k in range(1, len(row) + 1):
        gone = order[k - 1 : k] if one_at_a_time else order[:k]
        steps[k, gone] = reference[gone]
    return predict(steps)


def _area(predictions):
    return np.trapezoid(predictions, np.linspace(0, 1, len(predictions)))


@lru_cache(64)
def _q1_answers(seed):
    charts = list(_charts(seed))

    def each(key, read=_area, **options):
        return [
            float(read(_steps(f, row, ref, key(v), **options))) for _, f, (row, v, ref) in charts
        ]

    def first(values):
        return np.argsort(-values, kind="stable")

    backwards = (
        "Your order is reversed: the most positive goes first. If yours does, you put features "
        "into the reference, which passes the same rows: begin with the row, and take away."
    )
    wrong = {
        backwards: each(lambda v: np.argsort(v, kind="stable")),
        backwards + " ": each(lambda v: first(v)[::-1]),
        "You took them by largest size. A feature that holds the prediction down should not go "
        "first: most positive value first.": each(
            lambda v: np.argsort(-np.abs(v), kind="stable")
        ),
        "Each was taken away one at a time, from the whole row. What is gone stays gone.": each(
            first, one_at_a_time=True
        ),
        "Right but for values that tie: of equal values the one that stands first goes first. "
        "Turning an ascending order round turns the ties round too.": each(
            lambda v: np.argsort(v, kind="stable")[::-1]
        ),
        "You take away by putting in 0; the value of `reference` goes in.": [
            _area(_steps(f, row, np.zeros_like(row), first(v))) for _, f, (row, v, _) in charts
        ],
        "The predictions are right; the width is not. The steps lie 1/d apart, from 0 to 1, and "
        "yours lie 1 apart.": each(first, np.trapezoid),
        "The predictions are right, but that is their mean. By the trapezoidal rule the first and "
        "the last count half.": each(first, np.mean),
        "The predictions are right, but one end is left out of the area: you add up d of the "
        "d + 1, and the trapezoidal rule takes them all.": each(first, lambda p: p[:-1].mean()),
        "The predictions are right, but one end is left out of the area: the first is that of the "
        "whole row.": each(first, lambda p: p[1:].mean()),
    }  # fmt: skip
    return dict(zip((name for name, *_ in charts), each(first), strict=True)), wrong


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    replies = answer.get("replies")
    small, *rest = replies if isinstance(replies, list) and replies else [None]
    setups, wrong = _q1_answers(seed)
    praise = "The curve starts at the prediction and ends at that of the reference."
    if answer.get("kept") is False:
        praise += " One thing: your function changes the `row` it is given. Copy it first."
    points, hint = _judge_cases(
        rest, setups, wrong, POINTS["q1"], praise,
        "Work the small case out by hand: which d + 1 rows are predicted, and in which order?",
    )  # fmt: skip
    if isinstance(small, list) and len(small) == 4:
        hint += " If these are the d + 1 predictions, the area under them comes next."
    given = "deletion_area(toy, np.ones(3), np.array([6.0, 2.0, -3.0]), np.zeros(3))"
    return points, hint, Case(given, small, -0.5)


# Question 2: a chart that passes and is wrong


def _truths(seed):
    rng = np.random.default_rng([seed, 2])
    yield "the small case", np.array([3.0, -2.0, 1.0])
    yield "two features", np.array([1.0, -4.0])
    yield "ten features", rng.permutation(np.arange(10) - 4.2)
    yield "positive values close together", rng.permutation([10.0, 10.2, 10.4, 10.7])
    yield "negative values only", rng.permutation([-1.0, -2.0, -4.0])
    yield "values of a millionth", 1e-6 * rng.permutation([5.0, 3.0, -1.0, 0.0])
    yield "values of a million", 1e6 * rng.permutation([5.0, 3.0, -1.0, -2.0])


def q2_probe(ns, seed):
    return [plain(ns["impostor"](values.copy())) for _, values in _truths(seed)]


def q2_judge(value, seed):
    truths = list(_truths(seed))
    replies = value if isinstance(value, list) and len(value) == len(truths) else [None]
    case = Case(
        "impostor(np.array([3.0, -2.0, 1.0]))", replies[0],
        "<the first largest, the second smallest; sum 2; squared differences add up to 14 or more>",
    )  # fmt: skip
    for reply, (name, truth) in zip(replies, truths, strict=False):
        forged = numbers(reply, truth.shape)
        if forged is None:
            return 0, _unread_chart(reply, len(truth)), case
        fault = _forgery_fault(forged, truth)
        if fault:
            return 0, f"For {name}: {fault}", case
    return (
        POINTS["q2"],
        "Neither the deletion area nor the sum can tell this chart from the true one.",
        case,
    )


def _unread_chart(reply, d):
    if isinstance(reply, list) and len(reply) == d:
        return "Your array has the right length, and holds something that is no finite number."
    if isinstance(reply, list):
        return f"Your function returns {len(reply)} values for {d} features."
    fault = _unread(reply, "an array as long as `values`")
    return fault or "Your function returns one number, not one for each feature."


def _forgery_fault(forged, truth):
    if len(set(forged)) < len(forged):
        return "two of your values are equal, so their order is lost."
    if (np.argsort(-forged) != np.argsort(-truth)).any():
        return "the order has changed, so the deletion area would see it."
    if abs(forged.sum() - truth.sum()) > 1e-3 * np.abs(truth).sum():
        return (
            f"the order is kept, but the sum is {forged.sum():.4g} and should be "
            f"{truth.sum():.4g}. What you add to one, take from another."
        )
    error, least = np.sum((forged - truth) ** 2), np.sum(truth**2)
    if error < least * (1 - 1e-6):
        return (
            f"order and sum are kept, but the chart is too near the truth: squared distance "
            f"{error:.3g}, at least {least:.3g} is asked. How far may the largest go up?"
        )
    return ""


# Question 3: a neighbour whose chart is another


def _explainer(weights, wave):
    def explain(X):
        X = _rows(X)
        return X * weights + wave * np.sin(4 * X[:, ::-1])

    return explain


def _neighbourhoods(seed):
    rng = np.random.default_rng([seed, 3])
    weights, row = rng.normal(size=4), rng.normal(size=4)
    near = row + rng.normal(0, 0.1, (12, 4)) * rng.uniform(0.1, 2, (12, 1))
    near[5] = row
    bent = _explainer(weights, 1.0)
    yield "twelve neighbours", bent, row, near
    yield "one neighbour", bent, row, near[:1]
    yield "two copies of the row", bent, row, near[[5, 0, 1, 5, 2]]
    # The nearest move the chart most: a sine has its steepest slope at 0.
    tiny = np.vstack([rng.normal(size=(4, 4)) * 1e-9, rng.normal(size=(4, 4)) + 3, np.zeros(4)])
    yield "neighbours a billionth away", _explainer(0.1 * weights, 1.0), np.zeros(4), tiny
    # The worst neighbour differs in one column only.
    steep = _explainer(np.array([1.0, 1.0, 1.0, 9.0]), 0.0)
    apart = np.array([[1, 1, 1, 1], [2, 1, 0, 1], [0, 0, 0, 2], [0, 0, 0, 0]], dtype=float)
    yield "neighbours that share columns with the row", steep, np.zeros(4), apart
    yield "the same chart for everybody", _explainer(np.zeros(4), 0.0), row, near


def q3_probe(ns, seed):
    ask = ns["instability"]
    small = ask(_explainer(np.array([1.0, 3.0]), 0.0), np.zeros(2), np.diag([2.0, 2.0]))
    cases = _neighbourhoods(seed)
    return [plain(small), *(plain(ask(e, row.copy(), near.copy())) for _, e, row, near in cases)]


def _ratios(explain, row, near, length, keep=None):
    kept = near[(near != row).any(axis=1) if keep is None else keep(near - row)]
    return length(explain(kept) - explain(row[None])), length(kept - row)


@lru_cache(64)
def _q3_answers(seed):
    cases = list(_neighbourhoods(seed))

    def each(read, length=lambda a: np.linalg.norm(a, axis=-1), keep=None):
        with np.errstate(divide="ignore", invalid="ignore"):
            return [float(read(*_ratios(e, row, near, length, keep))) for _, e, row, near in cases]

    def worst(turned, moved):
        return (turned / moved).max(initial=0)

    wrong = {
        "That is the mean. One bad neighbour is enough; take the largest.":
            each(lambda t, m: (t / m).mean()),
        "You left out how far the row moved: after a large step the chart may well change.":
            each(lambda t, m: t.max()),
        "The ratio is upside down: attributions over rows.": each(lambda t, m: (m / t).max()),
        "The ratio is upside down: attributions over rows. ":
            each(lambda t, m: (m[t > 0] / t[t > 0]).max(initial=0)),
        "That is the sum of the differences, and distance is Euclidean: squares, sum, root.":
            each(worst, lambda a: np.abs(a).sum(axis=-1)),
        "That is the largest difference of one feature, and distance is Euclidean: squares, sum, "
        "root.": each(worst, lambda a: np.abs(a).max(axis=-1)),
        "The root is missing: distance is Euclidean: squares, sum, root.":
            each(worst, lambda a: (a**2).sum(axis=-1)),
        "That is one distance over the whole table. Take one for each neighbour: `axis=1`.":
            each(lambda t, m: np.linalg.norm(t) / np.linalg.norm(m)),
        "Right but for the largest moves of the chart over the largest moves of the row: take the "
        "ratio of each neighbour first, then the largest.": each(lambda t, m: t.max() / m.max()),
        "You leave out neighbours that are merely near. Only one that equals the row is left out.":
            each(worst, keep=lambda a: np.linalg.norm(a, axis=1) > 1e-8),
        "You leave out neighbours that share a column with the row. Only one that equals it in "
        "every column is left out.": each(worst, keep=lambda a: (a != 0).all(axis=1)),
    }  # fmt: skip
    return dict(zip((name for name, *_ in cases), each(worst), strict=True)), wrong


def q3_judge(value, seed):
    small, *rest = value if isinstance(value, list) and value else [None]
    setups, wrong = _q3_answers(seed)
    points, hint = _judge_cases(
        rest, setups, wrong, POINTS["q3"],
        "The worst neighbour decides: one is enough to make a chart unstable.",
        "One ratio for each neighbour: how far its chart lies from the row's, over how far it "
        "lies from the row itself.",
    )  # fmt: skip
    if "No finite number" in hint:
        hint += " The neighbour that equals the row has moved by 0: leave it out."
    given = "instability(lambda X: X * [1, 3], np.zeros(2), np.array([[2.0, 0.0], [0.0, 2.0]]))"
    return points, hint, Case(given, small, 3)


# Question 4: a model that learnt nothing


def _charter(reads, rounded):
    def explain(model, X):
        X = _rows(X)
        values = X * (model if reads else 1.5)
        return np.round(values) if rounded else values

    return explain


def _models(seed):
    rng = np.random.default_rng([seed, 4])
    model, scrambled, X = rng.normal(size=6), rng.normal(size=6), rng.normal(size=(20, 6)) + 0.5
    empty = X.copy()
    empty[3:8] = 0
    yield "an explainer that reads the model", _charter(True, False), model, scrambled, X
    yield "one that does not", _charter(False, False), model, scrambled, X
    yield "charts with ties", _charter(True, True), 2 * model, 2 * scrambled, X
    yield "rows in which all sizes are equal", _charter(True, False), model, scrambled, empty
    yield "one row", _charter(True, False), model, scrambled, X[:1]


def q4_probe(ns, seed):
    ask, weigh = ns["likeness"], _charter(True, False)
    small = ask(weigh, np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, -1.0]), np.ones((1, 3)))
    cases = _models(seed)
    return [plain(small), *(plain(ask(e, m, s, X.copy())) for _, e, m, s, X in cases)]


def _correlation(a, b, constant=0.0):
    return np.corrcoef(a, b)[0, 1] if np.ptp(a) and np.ptp(b) else constant


def _ordinal(sizes):
    return np.argsort(np.argsort(sizes, axis=1, kind="stable"), axis=1)


@lru_cache(64)
def _q4_answers(seed):
    cases = list(_models(seed))

    def each(key, *, alike=_correlation, mean=np.mean, twice=False):
        return [
            float(mean([alike(*pair) for pair in zip(key(e(m, X)), key(e(m if twice else s, X)),
                                                     strict=True)]))
            for _, e, m, s, X in cases
        ]  # fmt: skip

    def ranks(values):
        return rankdata(np.abs(values), axis=1)

    def rank_all(values):
        return rankdata(np.abs(values)).reshape(1, -1)

    def kendall(a, b):
        return kendalltau(a, b).statistic if np.ptp(a) and np.ptp(b) else 0.0

    def known(scores):
        return np.mean([score for score in scores if score is not None])

    wrong = {
        "Everything is perfectly alike: you explained the same model twice.":
            each(ranks, twice=True),
        "You kept the signs. Charts that differ only in signs have the same sizes.":
            each(lambda v: rankdata(v, axis=1)),
        "Those are values, not ranks: one large value rules them.": each(np.abs),
        "You ranked patients. Features are ranked, within each row: `axis=1`.":
            each(lambda v: rankdata(np.abs(v), axis=0)),
        "That is one correlation over the whole table. Take one within each row, then the mean.":
            each(rank_all),
        "Right but for ties: sizes that tie share the mean of their ranks, and sorting twice gives "
        "them different ones.": each(lambda v: _ordinal(np.abs(v)), alike=lambda a, b:
                                     np.corrcoef(a, b)[0, 1]),
        "Right but for ties: sizes that tie share the mean of their ranks. ":
            each(lambda v: np.where(np.ptp(v, axis=1, keepdims=True) > 0, _ordinal(np.abs(v)), 0)),
        "A row whose sizes are all equal counts as 0, and you left it out of the mean.":
            each(ranks, alike=lambda a, b: _correlation(a, b, None), mean=known),
        "A row whose sizes are all equal counts as 0, and yours counts as 1.":
            each(ranks, alike=lambda a, b: _correlation(a, b, 1.0)),
        "That is the median over the rows; the mean is asked.": each(ranks, mean=np.median),
        "That is Kendall's correlation; Spearman's is Pearson's, of the ranks.":
            each(ranks, alike=kendall),
        "You averaged the sizes over the rows first. Take one correlation a row, then the mean.":
            each(lambda v: rankdata(np.abs(v).mean(axis=0))[None]),
    }  # fmt: skip
    return dict(zip((name for name, *_ in cases), each(ranks), strict=True)), wrong


def q4_judge(value, seed):
    small, *rest = value if isinstance(value, list) and value else [None]
    setups, wrong = _q4_answers(seed)
    points, hint = _judge_cases(
        rest, setups, wrong, POINTS["q4"],
        "The explainer that never looked at the model scores 1: it would draw the same charts of "
        "a model that learnt nothing.",
        "Take sizes, rank them within each row, for both models; then one correlation a row, and "
        "their mean.",
    )  # fmt: skip
    if "No finite number" in hint:
        hint += " In a row whose sizes are all equal no correlation exists: it counts as 0."
    given = (
        "likeness(lambda m, X: X * m, np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, -1.0]), "
        "np.ones((1, 3)))"
    )
    return points, hint, Case(given, small, -1)


# Question 5: each alone does nothing


def _switched(X):
    """Stack the table as it is, with column 0 off, with column 1 off, and with both off."""
    tables = [X.copy() for _ in range(4)]
    for table, columns in zip(tables, ([], [0], [1], [0, 1]), strict=True):
        table[:, columns] = 0
    return np.concatenate(tables)


def q5_probe(ns, seed):
    answer = ns["spare"](ROWS, seed)
    if not isinstance(answer, tuple | list) or len(answer) != 2 or not callable(answer[1]):
        return {"returned": plain(answer) if answer is not None else None}
    made, predict = answer
    X = numbers(plain(made), (ROWS, 3))
    if X is None or not np.isin(X, [0, 1]).all():
        return {"X": plain(made)}
    # The model is asked in the kind of table that it was made with.
    kind = np.asarray(made).dtype
    stack = _switched(X.astype(kind if kind.kind in "iubf" else int))
    if hasattr(made, "columns"):
        stack = type(made)(stack, columns=made.columns)
    return {"X": plain(X), "answers": ask_rows(predict, stack, seed)}


def q5_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    if "X" not in answer:
        returned = answer.get("returned")
        said = "nothing" if returned is None else f"{str(returned)[:60]}"
        return 0, f"Your function returns {said}. Two things are asked: `return X, predict`."
    X = numbers(answer["X"], (ROWS, 3))
    if X is None:
        return 0, "`X` needs n rows and three columns of numbers."
    if not np.isin(X, [0, 1]).all():
        return 0, "The shape of `X` is right; it must hold zeros and ones only."
    got, fault = read_rows(answer.get("answers"), (4 * ROWS,))
    asked = answer.get("answers")
    if got is None and isinstance(asked, dict) and asked.get("whole") is None:
        return 0, "`X` is right. Your `predict` returns nothing: does it end with `return`?"
    if got is None:
        return 0, "`X` is right. `predict(X)` must give one number for each row of a table."
    got = got.reshape(4, ROWS)
    names = ("predictions", "column 0 off", "column 1 off", "both off")
    shown = {name: row[:4].tolist() for name, row in zip(names, got, strict=True)}
    case = Case("spare(n, random_state), first four rows", shown,
                "<three lists alike, and the fourth different somewhere>")  # fmt: skip
    if fault:
        return 0, f"{fault} `predict` must read each row by itself.", case
    alone = [np.mean(row != got[0]) for row in got[1:3]]
    both = np.mean(got[3] != got[0])
    if max(alone) > 0:
        column = int(np.argmax(alone))
        return 0, (
            f"Column {column} alone set to zero changes {alone[column]:.0%} of the answers, and "
            "should change none. The other one has to stand in for it in every row."
        ), case  # fmt: skip
    if both < 0.25:
        return 0, (
            "Each alone changes nothing, as asked. Setting both together to zero changes "
            f"{both:.0%} of the answers, and at least a quarter must change."
        ), case  # fmt: skip
    return POINTS["q5"], (
        f"Alone 0 % and 0 %, both together {both:.0%}. To one question at a time redundancy "
        "answers with silence."
    ), case  # fmt: skip


# Question 6: a plot of one's own


def _clouds(seed):
    rng = np.random.default_rng([seed, 6])
    yield np.array([0.2, 0.5, 0.4]), np.array([0.1, 0.6, 0.4])
    b = rng.uniform(0.2, 0.8, 12)
    yield b, np.where(np.arange(12) < 3, b, b + rng.choice([-0.1, -0.05, 0.08], 12))
    yield 1e-6 * rng.uniform(-4, 50, 9), 1e-6 * np.append(rng.uniform(30, 40, 8), -3)
    yield 1000 * b[:5], 1000 * b[:5] - 30


def q6_probe(ns, seed):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = []
    for b, c in _clouds(seed):
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.subplots()
        ns["draw"](ax, b.copy(), c.copy())
        drawn.append(_seen(figure, ax))
    return drawn


def _seen(figure, ax):
    """Tell what is on the axes, in the units of the data."""
    ax.apply_aspect()
    limits = [plain(ax.get_xlim()), plain(ax.get_ylim())]

    def in_data(artist, xy, transform):
        return plain(ax.transData.inverted().transform(transform.transform(xy))[:100])

    lines = [(line, in_data(line, line.get_xydata(), line.get_transform())) for line in ax.lines]
    dots = [xy for line, xy in lines if line.get_marker() not in ("None", "", " ", None)]
    dots += [
        in_data(c, c.get_offsets(), c.get_offset_transform())
        for c in ax.collections
        if len(c.get_offsets())
    ]
    titles = [ax.get_title(loc=place) for place in ("left", "center", "right")]
    titles += [text.get_text() for text in ax.texts] + [figure.get_suptitle()]
    return {
        "dots": dots[:40], "lines": [xy for _, xy in lines if len(xy) > 1][:40],
        "limits": limits, "x": ax.get_xlabel()[:200], "y": ax.get_ylabel()[:200],
        "title": " ".join(filter(None, titles))[:500],
    }  # fmt: skip


def _cloud_faults(seen, b, c):
    """Give what is wrong with one drawing: first what makes all else worthless."""
    seen = seen if isinstance(seen, dict) else {}
    dots = [numbers(xy, (len(xy), 2)) for xy in _lists(seen.get("dots"))]
    every = np.concatenate([np.zeros((0, 2)), *(xy for xy in dots if xy is not None)])
    want, scale = np.column_stack([b, c]), np.ptp(np.concatenate([b, c]))

    def there(points):
        gaps = np.abs(every[:, None] - points[None]).max(axis=2)
        return len(every) >= len(points) and bool((gaps.min(axis=0) < 1e-4 * scale).all())

    if not len(every):
        return ["Nothing is drawn on `ax`: call `ax.scatter`, not `plt.scatter`."]
    if not there(want):
        if there(want[:, ::-1]):
            return ["The axes are swapped: B's area goes to the right, C's upwards."]
        return ["Each patient needs a point of its own, at B's area and C's."]
    return [*_frame_faults(seen, want), *_word_faults(seen, b, c)]


def _lists(value):
    return [each for each in value if isinstance(each, list)] if isinstance(value, list) else []


def _frame_faults(seen, want):
    limits, low, high = numbers(seen.get("limits"), (2, 2)), want.min(), want.max()
    slack = 1e-4 * (high - low)
    spans = [numbers(xy, (len(xy), 2)) for xy in _lists(seen.get("lines"))]
    equal = [xy for xy in spans if xy is not None and np.abs(xy[:, 0] - xy[:, 1]).max() < slack]
    if not any(xy.min() <= low + slack and xy.max() >= high - slack for xy in equal):
        yield (
            "The line on which both are equal is missing, or too short: from below the smallest "
            "area to above the largest."
        )
    if limits is None or np.abs(limits[0] - limits[1]).max() > 0.01 * np.ptp(limits):
        yield "The two axes need the same limits, or a point's side of the line cannot be trusted."
    elif limits.min() > low + slack or limits.max() < high - slack:
        yield "The limits cut points off: work them out from the areas."


def _word_faults(seen, b, c):
    x, y, title = (str(seen.get(name, "")) for name in ("x", "y", "title"))
    if not re.search(r"\bB\b", x) or not re.search(r"\bC\b", y):
        yield "Each axis needs a label that names its firm: `B` to the right, `C` upwards."
    count, n = int((c < b).sum()), len(b)
    found = re.search(r"(\d+)\s+of\s+(\d+)", title)
    if found is None:
        yield "The title must say for how many patients C's area is lower, as in `13 of 20`."
    elif (int(found[1]), int(found[2])) != (count, n):
        yield (
            f"The title says {found[0]}; count the patients for whom C's area is lower than B's, "
            "those where they are equal not among them, of all patients."
        )


def q6_judge(value, seed):
    clouds = list(_clouds(seed))
    seen = value if isinstance(value, list) and len(value) == len(clouds) else [None] * len(clouds)
    faults = [_cloud_faults(each, *cloud) for each, cloud in zip(seen, clouds, strict=True)]
    first = seen[0] if isinstance(seen[0], dict) else {}
    case = Case(
        "draw(ax, np.array([0.2, 0.5, 0.4]), np.array([0.1, 0.6, 0.4]))",
        {"points": first.get("dots"), "title": first.get("title")},
        {"points": [[0.2, 0.1], [0.5, 0.6], [0.4, 0.4]], "title": "<1 of 3, in words of yours>"},
    )
    told = list(dict.fromkeys(fault for each in faults for fault in each))
    missing = max(len(each) for each in faults)
    if not told:
        return POINTS["q6"], "One look tells how often each is ahead, and by how much.", case
    if any(each and each[0][:4] in ("Noth", "The a", "Each p") for each in faults):
        missing = 3
    return max(0, POINTS["q6"] - missing), "\n".join(told), case


# Question 7: which firm does what

_FIRMS = ("A", "B", "C")
_FOUND = {
    "the same three again": (
        "BC", "Let each firm draw twice, with `seed=0` and `seed=1`, and compare "
        "`np.argsort(-np.abs(chart))[:3]` as sets, patient by patient."),
    "steady": (
        "BC", "The mean of `instability` over the first six patients, each with its own rows of "
        "`nearby`; 0.25 is the limit."),
    "reads the forest": (
        "ABC", "`likeness` compares a firm's charts of `forest` with its charts of `scrambled`. A "
        "low value is the good one here."),
    "lowest against the average": (
        "C", "One reference, `average`: the mean of `deletion_area` over the twenty patients."),
    "lowest against the twenty": (
        "B", "Each patient, each row of `compared` as the reference: the mean of all 400 areas."),
    "lowest for every patient": (
        "", "A mean hides the single patient: look at each of the twenty for both kinds of "
        "reference."),
}  # fmt: skip


def q7_probe(ns, seed):
    return plain(ns["found"])


def _firms(value):
    """Read the letters of firms in the ways that people write them; None if there are others."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = " ".join(value)
    if not isinstance(value, str):
        return None
    said = re.sub(r"\band\b|[\s,;+&]", "", value, flags=re.IGNORECASE).upper()
    said = {"NONE": "", "ALL": "ABC"}.get(said, said)
    return "".join(sorted(set(said))) if set(said) <= set(_FIRMS) else None


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    given = {name: _firms(answer.get(name)) for name in _FOUND}
    unread = [f"`{name}`" for name, letters in given.items() if letters is None]
    if len(unread) == len(_FOUND):
        return 0, 'Each entry holds the letters of firms, such as `"AB"`, or `""` for none.'
    wrong = [name for name, (truth, _) in _FOUND.items() if given[name] != truth]
    return _counted(
        wrong, len(_FOUND), [_FOUND[name][1] for name in wrong], POINTS["q7"], 4,
        "Both B and C come out ahead, each where the judge's reference is its own.",
        f"Not read as letters of firms: {', '.join(unread)}." if unread else "",
    )  # fmt: skip


def _counted(wrong, n, principles, points, spare, praise, first=""):
    """Say how many entries are wrong and which thought helps, but not which entries."""
    left = points * max(0.0, 1 - len(wrong) / spare)
    if not wrong:
        return left, praise
    said = f"{len(wrong)} of {n} {'is' if len(wrong) == 1 else 'are'} not right yet."
    return left, "\n".join(filter(None, [first, said, *dict.fromkeys(sorted(principles))]))


# Question 8: what may stand in the report

_REASONS = {
    "sound": "Two sentences say no more than was measured, and name a comparison.",
    "adds up anyway": "What else adds up? You wrote a function that makes such charts.",
    "same question": "Who chose the reference of the deletion area, and who explains against it?",
    "looks": "A chart that is easy to read can be easy and wrong.",
    "shared fault": "Two clocks that stopped at the same time agree.",
    "no control": "A number needs another to be large or small against.",
    "about the model": "A forest's reasons are no causes in a body.",
}
_REPORT = {
    "a": "adds up anyway", "b": "same question", "c": "looks", "d": "shared fault",
    "e": "sound", "f": "about the model", "g": "no control", "h": "sound",
}  # fmt: skip


def q8_probe(ns, seed):
    return plain(ns["report"])


def q8_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    if not any(answer.get(name) in list(_REASONS) for name in _REPORT):
        return 0, f"Give each sentence one of these words: {', '.join(_REASONS)}."
    wrong = [name for name, truth in _REPORT.items() if answer.get(name) != truth]
    unread = [f"`{name}`" for name in _REPORT if answer.get(name) not in list(_REASONS)]
    return _counted(
        wrong, len(_REPORT), [_REASONS[_REPORT[name]] for name in wrong], POINTS["q8"], 4,
        "Evidence, a control, and no more said than was measured.",
        f"No reason of the list: {', '.join(unread)}." if unread else "",
    )  # fmt: skip

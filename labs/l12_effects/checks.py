"""Probes and judges of the lab on effects.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import itertools
import re
from functools import partial

import numpy as np

from xaikit import effects
from xaikit.labs import Case, ask_rows, close, match_each, numbers, plain, read_rows, without

POINTS = {"q1": 3, "q2": 3, "q3": 3, "q4": 2, "q5": 2, "q6": 3, "q7": 2, "q8": 2}
LIMITS = {"output_kb": 4096}  # a table for each of several seeds
SIZES = {"predictions of a millionth": 1e-6, "predictions of a million": 1e6}
MADE, DRAWS = 100, 8  # rows and seeds that question 3 asks for, the same whoever marks


def _rows(X):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2:
        raise ValueError(f"`predict` takes rows, of shape (n, d); got the shape {X.shape}")
    return X


def _product(X):
    return _rows(X)[:, 0] * _rows(X)[:, 1]


def _bent(name):
    """Return a model in which every column bends, and goes with the others."""

    def predict(X):
        X = _rows(X)
        turned = np.roll(X, 1, axis=1)
        bends = (X - 0.2 * X**3 + X * turned + 0.3 * turned**2 * X).sum(axis=1)
        return SIZES.get(name, 1.0) * (3 + bends)

    return predict


def _unread(reply, wanted):
    """Say why a reply is not the numbers that were asked for, of the shape `wanted`."""
    if reply is None:
        return "Your function returns nothing. Does it end with `return`?"
    if not isinstance(reply, list | int | float):
        return f"Your function returns {str(reply)[:60]!r}; numbers are asked for."
    shape, inner = [], reply
    while isinstance(inner, list) and len(shape) < 4:
        shape.append(len(inner))
        inner = inner[0] if inner else None
    if [size for size in shape if size != 1] == [size for size in wanted if size != 1]:
        return f"The shape {wanted} is right, but something in it is no finite number."
    return f"Your function returns something of the shape {tuple(shape)}; {wanted} is asked for."


def _agree(replies, answers):
    """Say for each reply whether it is this answer; the answers are worked out one by one."""
    for reply, answer in zip(replies, answers, strict=True):
        got = numbers(reply, np.shape(answer))
        yield got is not None and close(got, answer)


def _judge_cases(replies, cases, solve, wrong, points, praise, first):
    """Mark an array for each hidden case: right, a known mistake, or right for some of them.

    A case is what is told of it, and what the learner's function was given. `solve` gives the
    answer; `wrong` maps a hint to the function that makes the mistake.
    """
    if not isinstance(replies, list) or len(replies) != len(cases):
        return 0, "Your function gave no answers that can be read."
    truths = [solve(*given) for _, *given in cases]
    right = list(_agree(replies, truths))
    if all(right):
        return points, praise
    for hint, way in wrong.items():
        if all(_agree(replies, (way(*given) for _, *given in cases))):
            return 0, hint
    for reply, truth in zip(replies, truths, strict=True):
        if numbers(reply, truth.shape) is None:
            return 0, f"{_unread(reply, truth.shape)} {first}"
    if not any(right):
        return 0, f"The shape is right, the numbers are not yet, in no hidden case. {first}"
    named = {ok: [c[0] for c, r in zip(cases, right, strict=True) if r == ok] for ok in right}
    return 0, f"Right for: {', '.join(named[True])}. Not right yet for: {', '.join(named[False])}."


# Question 1: one line for each row


def _line_cases(seed):
    rng = np.random.default_rng([seed, 1])
    for name, n, d, m in (
        ("five rows and four grid points", 5, 3, 4), ("as many grid points as rows", 4, 3, 4),
        ("one row", 1, 3, 3), ("a single grid point", 6, 2, 1),
        ("predictions of a millionth", 5, 3, 2), ("predictions of a million", 5, 4, 6),
    ):  # fmt: skip
        yield name, _bent(name), rng.normal(size=(n, d)), d - 1, rng.normal(size=m)


def _lines(predict, X, column, grid, *, add=False):
    out = np.empty((len(X), len(grid)))
    for k, value in enumerate(grid):
        moved = X.copy()
        moved[:, column] = value + add * X[:, column]
        out[:, k] = predict(moved)
    return out


_LINE_MISTAKES = {
    "That is the mean of the lines, which is partial dependence. Return the lines themselves, one "
    "for each row.": lambda *given: _lines(*given).mean(axis=0),
    "The numbers are right, but rows and grid points are swapped: a row of `X` is a row of the "
    "answer.": lambda *given: _lines(*given).T,
    "You sorted the grid. Its points come back in the order in which they were given.":
        lambda f, X, j, grid: _lines(f, X, j, np.sort(grid)),
    "These lines all start at 0: you centred them. Here the predictions are asked for.":
        lambda *given: _lines(*given) - _lines(*given)[:, :1],
    "You add the grid value to the column. Put it in the place of what is there.":
        partial(_lines, add=True),
    "You move column 0, whichever is asked for. Use `column`.":
        lambda f, X, j, grid: _lines(f, X, 0, grid),
    "That is the line of the average row. Each row keeps its own other columns.":
        lambda f, X, j, grid: _lines(f, X.mean(axis=0, keepdims=True), j, grid),
}  # fmt: skip


def q1_probe(ns, seed):
    ask, small = ns["lines"], np.array([[1.0, 2.0], [3.0, 4.0]])
    replies, cases = [plain(ask(_product, small, 0, np.array([0.0, 10.0])))], _line_cases(seed)
    replies += [plain(ask(f, X.copy(), j, grid.copy())) for _, f, X, j, grid in cases]
    return {"replies": replies, "kept": bool(np.array_equal(small, [[1, 2], [3, 4]]))}


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    replies = answer.get("replies")
    small, *rest = replies if isinstance(replies, list) and replies else [None]
    points, hint = _judge_cases(
        rest, list(_line_cases(seed)), _lines, _LINE_MISTAKES, POINTS["q1"],
        "Their mean, grid point by grid point, is partial dependence.",
        "For each grid point: copy `X`, set the whole column to that value, predict.",
    )  # fmt: skip
    if points and not answer.get("kept"):
        points = 1
        hint = "The lines are right. But `X` is not what it was: change a copy, `X.copy()`."
    given = "lines(product, np.array([[1., 2.], [3., 4.]]), 0, np.array([0., 10.]))"
    return points, hint, Case(given, small, [[0, 20], [0, 40]])


# Question 2: accumulated local effects


def _ale_cases(seed):
    rng = np.random.default_rng([seed, 2])
    for name, n, bins in (
        # Never n / bins whole: there rounding decides which value is the quantile.
        ("sixty-one rows", 61, 5), ("many ties", 51, 8), ("three values only", 41, 10),
        ("one bin", 12, 1), ("values far apart", 31, 4),
        ("predictions of a millionth", 35, 6), ("predictions of a million", 35, 3),
    ):  # fmt: skip
        X, column = rng.normal(size=(n, 3)), int(rng.integers(3))
        X[:, (column + 1) % 3] += 0.8 * X[:, column]
        if name == "many ties":
            X[:, column] = np.where(np.arange(n) < n // 2, -0.5, X[:, column].round(1))
        if name == "three values only":
            X[:, column] = np.arange(n) % 3 - 1.0
        if name == "values far apart":
            X[:, column] = np.sign(X[:, column]) * np.exp(X[:, column])
        yield name, _bent(name), X, column, bins


def _edges(x, n_bins, method="inverted_cdf"):
    return np.unique(np.quantile(x, np.linspace(0, 1, n_bins + 1), method=method))


def _bins(x, edges, side="left"):
    return np.minimum(np.searchsorted(edges, x, side=side) - 1, len(edges) - 2)


def _at(X, column, values):
    moved = X.copy()
    moved[:, column] = values
    return moved


def _ale(predict, X, column, bins, *, side="left", read=np.mean, low=True, lowest=0, centre="rows"):
    """Accumulated local effects; the options make known mistakes of it."""
    x = X[:, column]
    edges = _edges(x, bins)
    bins = np.maximum(_bins(x, edges, side), lowest)
    change = predict(_at(X, column, edges[bins + 1]))
    change = change - predict(_at(X, column, edges[bins]) if low else X)
    steps = [read(change[bins == k]) for k in range(len(edges) - 1)]
    values = np.concatenate([[0.0], steps if centre == "steps" else np.cumsum(steps)])
    centres = {
        "rows": np.interp(x, edges, values).mean(), "edges": values.mean(),
        "middles": (values[bins] + values[bins + 1]).mean() / 2,
    }  # fmt: skip
    return values - centres.get(centre, 0.0)


def _dependence(predict, X, column, n_bins):
    curve = _lines(predict, X, column, _edges(X[:, column], n_bins)).mean(axis=0)
    return curve - curve.mean()


_ALE_MISTAKES = {
    "The edges are right. The values are the steps of the bins, not yet added up along the column: "
    "`np.cumsum`.": partial(_ale, centre="steps"),
    "Edges and shape of the curve are right; it starts at 0. Shift it so that its mean over the "
    "rows is 0.": partial(_ale, centre="none"),
    "Edges and shape are right; the mean over the edges is 0. It should be the mean over the rows: "
    "`np.interp(x, edges, values).mean()`.": partial(_ale, centre="edges"),
    "Edges and shape are right; you took the middle of its bin for each row. Read the curve at the "
    "row's own value, on the straight line between the edges.": partial(_ale, centre="middles"),
    "The edges are right. A row that stands on an edge belongs to the bin below it: "
    "`np.searchsorted(edges, x)` counts the edges that lie below.": partial(_ale, side="right"),
    "The edges are right. Within a bin the changes are added; take their mean.":
        partial(_ale, read=np.sum),
    "The edges are right. You compare an edge with where the row stands. Move it to both edges of "
    "its bin.": partial(_ale, low=False),
    "The edges are right. The rows at the very lowest edge are in no bin of yours: they belong to "
    "the first.": partial(_ale, lowest=-1),
    "The edges are right; the curve is upside down: upper edge minus lower edge.":
        lambda *given: -_ale(*given),
    "The edges are right; the values are partial dependence: you moved every row to every edge. "
    "Move a row to the two edges of its own bin only.": _dependence,
}  # fmt: skip
_EDGE_MISTAKES = {
    "Your bins are equally wide. They should hold about as many rows each: use quantiles.":
        lambda x, bins: np.linspace(x.min(), x.max(), bins + 1),
    'Your edges lie between the values. They should occur in the data: `method="inverted_cdf"`.':
        partial(_edges, method="linear"),
    "Where many rows have the same value, quantiles are equal. Keep each edge once: `np.unique`.":
        lambda x, bins: np.quantile(x, np.linspace(0, 1, bins + 1), method="inverted_cdf"),
}  # fmt: skip


def q2_probe(ns, seed):
    ask = without(ns["accumulate"], effects.ale)
    small = np.array([[0.0, 3.0], [1.0, 1.0], [2.0, 3.0], [4.0, 3.0]])
    replies = [plain(ask(_product, small, 0, 2))]
    return replies + [plain(ask(f, X.copy(), j, bins)) for _, f, X, j, bins in _ale_cases(seed)]


def q2_judge(value, seed):
    small, *rest = value if isinstance(value, list) and value else [None]
    given = "accumulate(product, np.array([[0., 3.], [1., 1.], [2., 3.], [4., 3.]]), 0, 2)"
    case = Case(given, small, [[0, 1, 4], [-4.5, -2.5, 6.5]])
    if small is None:
        return 0, _unread(None, ()), case
    if not rest or not all(isinstance(r, list) and len(r) == 2 for r in rest):
        return 0, "Return two things, the edges and the values: `return edges, values`.", case
    cases = list(_ale_cases(seed))
    points, hint = _judge_cases(
        [edges for edges, _ in rest],
        [(name, X[:, j], bins) for name, _, X, j, bins in cases], _edges, _EDGE_MISTAKES, 1, "",
        "The edges are the quantiles of the column, n_bins + 1 or fewer.",
    )  # fmt: skip
    if points:
        points, hint = _judge_cases(
            [values for _, values in rest], cases, _ale, _ALE_MISTAKES, POINTS["q2"],
            "No row was moved farther than across its own bin.",
            "The edges are right. Work the small case out by hand.",
        )  # fmt: skip
    else:
        hint = f"The edges, first. {hint}"
    return points, hint, case


# Question 3: two charts that contradict each other


def q3_probe(ns, seed):
    return [_design(ns["disagree"], draw) for draw in range(DRAWS)]


def _design(disagree, seed):
    answer = disagree(MADE, seed)
    if not isinstance(answer, tuple | list) or len(answer) != 2 or not callable(answer[1]):
        return {"returned": plain(answer)}
    made, predict = answer
    X = numbers(plain(made), (MADE, 2))
    if X is None or np.ptp(X[:, 0]) == 0:
        return {"X": plain(made)}

    def ask(rows):
        return predict(type(made)(rows, columns=made.columns) if hasattr(made, "columns") else rows)

    stack = np.concatenate(_moved(X))
    # Alone and in other orders a tenth of the rows is enough.
    return {
        "X": plain(X),
        "answers": plain(ask(stack.copy())),
        "tenth": ask_rows(ask, stack[::10], seed),
    }


def _moved(X):
    """Return the rows that the two charts ask about: all at either end, and each in its bin."""
    edges = _edges(X[:, 0], 10)
    bins = np.maximum(_bins(X[:, 0], edges), 0)
    return [_at(X, 0, to) for to in (edges[0], edges[-1], edges[bins], edges[bins + 1])]


def _strange(X, asked):
    """Return the share of rows farther from all of X than almost any row of X is from the rest."""
    unit = np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
    own = np.linalg.norm((X[:, None] - X) / unit, axis=2) + 1e9 * np.eye(len(X))
    away = np.linalg.norm((asked[:, None] - X) / unit, axis=2).min(axis=1)
    return float(np.mean(away > np.quantile(own.min(axis=1), 0.99)))


def _rises(X, got):
    """Return by how much each chart rises from the lowest edge to the highest."""
    at_low, at_high, below, above = got.reshape(4, MADE)
    bins = np.maximum(_bins(X[:, 0], _edges(X[:, 0], 10)), 0)
    ale = sum((above - below)[bins == k].mean() for k in np.unique(bins))
    return float(at_high.mean() - at_low.mean()), float(ale)


def q3_judge(value, seed):
    designs = value if isinstance(value, list) and len(value) == DRAWS else [None]
    judged = [_judge_design(design, draw) for draw, design in enumerate(designs)]
    return next((verdict for verdict in judged if not verdict[0]), judged[0])


def _judge_design(design, draw):
    answer = design if isinstance(design, dict) else {}
    if "X" not in answer:
        got = answer.get("returned")
        said = "nothing" if got is None else str(got)[:60]
        return 0, f"Your function returns {said}. Two things are asked for: `return X, predict`."
    X, replies = numbers(answer["X"], (MADE, 2)), answer.get("answers")
    if X is None:
        return 0, f"`X` needs n rows and two columns of finite numbers; here n is {MADE}."
    if np.ptp(X[:, 0]) == 0:
        return 0, "`X` has the right shape. Its column 0 must vary."
    got = numbers(replies, (4 * MADE,))
    if got is None and replies is None:
        return 0, "`X` is right. Your `predict` returns nothing: does it end with `return`?"
    if got is None:
        return 0, "`X` is right. `predict(X)` must give one finite number for each row."
    tenth, fault = read_rows(answer.get("tenth"), (4 * MADE // 10,))
    pd, ale = _rises(X, got)
    case = Case(
        f"disagree(100, {draw}), from the lowest to the highest edge",
        {"partial dependence": pd, "ALE": ale}, "<one at least +1, the other at most −1>",
    )  # fmt: skip
    if tenth is None or fault:
        return 0, f"{fault} `predict` must read each row by itself.", case
    if pd * ale >= 0:
        return 0, (
            "Both point the same way. So they do where the columns are independent, and where the "
            "model only adds up a term for each column. Let it fall with column 0 near the rows, "
            "and jump up where no row is: there only partial dependence asks."
        ), case  # fmt: skip
    if min(abs(pd), abs(ale)) < 1:
        return 0, "One rises and the other falls, as asked. Make each at least 1.", case
    ends, near = (_strange(X, np.concatenate(part)) for part in (_moved(X)[:2], _moved(X)[2:]))
    return POINTS["q3"], (
        f"They contradict each other. Of the rows at the two ends, about which partial dependence "
        f"asked, {ends:.0%} lie away from every row of yours; of those of ALE, {near:.0%}."
    ), case  # fmt: skip


# Question 4: a column of categories


def _category_cases(seed):
    rng = np.random.default_rng([seed, 4])
    for name, order in (
        ("two categories", [0, 1]), ("four categories", [2, 0, 3, 1]),
        ("codes that are no places", [7, -1, 4]),
        ("predictions of a millionth", [1, 2, 0]), ("predictions of a million", [0, 2, 1]),
    ):  # fmt: skip
        counts = rng.permutation([4, 9, 17, 6][: len(order)])
        X = rng.normal(size=(counts.sum(), 3))
        X[:, 1] = np.repeat(order, counts)
        X[:, 0] += 0.3 * X[:, 1]
        yield name, _bent(name), rng.permutation(X), 1, order


def _categories(predict, X, column, order, *, rows="both", added=True, centre="rows"):
    """Accumulated local effects of categories; the options make known mistakes of it."""
    counts, steps = [np.sum(X[:, column] == each) for each in order], [0.0]
    for a, b in itertools.pairwise(order):
        change = predict(_at(X, column, b)) - predict(_at(X, column, a))
        here, there = X[:, column] == a, X[:, column] == b
        taken = {"both": here | there, "first": here, "second": there, "all": here | ~here}
        alike = (change[here].mean() + change[there].mean()) / 2
        steps.append(alike if rows == "alike" else change[taken[rows]].mean())
    values = np.cumsum(steps) if added else np.array(steps)
    centres = {"rows": np.average(values, weights=counts), "categories": values.mean()}
    return values - centres.get(centre, 0.0)


_FAULTS = {
    "only the rows of the first category are moved": {"rows": "first"},
    "the steps are not added up": {"added": False},
    "the values are centred over the categories, not over the rows": {"centre": "categories"},
}
_CATEGORY_MISTAKES = {
    f"Still there: {'; '.join(some)}.": partial(
        _categories, **{option: how for each in some for option, how in _FAULTS[each].items()}
    )
    for size in (3, 2, 1)
    for some in itertools.combinations(_FAULTS, size)
} | {
    "The steps are right but for their weights: all rows alike, so a large category counts "
    "for more than a small one.": partial(_categories, rows="alike"),
    "You move every row. Only the rows of the two categories are moved.":
        partial(_categories, rows="all"),
    "Only the rows of the second category are moved; those of both are asked for.":
        partial(_categories, rows="second"),
    "The shape is right; the first value is 0. Shift all so that the mean over the rows is 0.":
        partial(_categories, centre="none"),
    "That is the mean prediction of each category's own rows, which differ in the other columns as "
    "well. Move the same rows from one category to the next.": lambda f, X, j, order: np.array(
        [f(X[X[:, j] == each]).mean() for each in order]),
    "Upside down: the prediction with the next category minus that with this one.":
        lambda *given: -_categories(*given),
}  # fmt: skip


def q4_probe(ns, seed):
    ask = without(ns["along"], effects.ale)
    small = np.array([[0.0, 1.0], [0.0, 3.0], [1.0, 5.0]])
    replies = [plain(ask(_product, small, 0, [0, 1]))]
    return replies + [plain(ask(f, X, j, order)) for _, f, X, j, order in _category_cases(seed)]


def q4_judge(value, seed):
    replies = value if isinstance(value, list) and value else [None]
    small, *rest = [list(each.values()) if isinstance(each, dict) else each for each in replies]
    points, hint = _judge_cases(
        rest, list(_category_cases(seed)), _categories, _CATEGORY_MISTAKES, POINTS["q4"],
        "Three faults, none of which shows in a chart.",
        "The rows of both, added up, and the mean over the rows 0: mend one after the other.",
    )  # fmt: skip
    given = "along(product, np.array([[0., 1.], [0., 3.], [1., 5.]]), 0, [0, 1])"
    return points, hint, Case(given, small, [-1, 2])


# Question 5: Friedman's H, foreseen

_ADDS = "What only adds up has no interaction."
_SHARE = "H is a share: the size of the whole does not matter, the parts of the whole do."
_SQUARES = "Coins: each term adds the square of its coefficient to the variance. H is a root."
_THREE = "Average over the third coin first: what is left of a term that holds it?"
_H = {
    "a": (0.0, _ADDS), "b": (1.0, _SHARE), "c": (3**-0.5, _SQUARES),
    "d": (1.0, _SHARE), "e": (102**-0.5, _SQUARES), "f": (0.0, _THREE),
}  # fmt: skip


def q5_probe(ns, seed):
    return plain(ns["h"])


def q5_judge(value, seed):
    praise = "The last one is what a table of pairs cannot see: three together."
    return match_each(value, _H, praise, points=POINTS["q5"], atol=0.02, spare=3)


# Question 6: a plot of one's own


def _bands(seed):
    rng = np.random.default_rng([seed, 6])
    small = np.array([[1.0, 2, 5], [3, 4, 7], [5, 4, 2]])
    yield np.arange(3.0), small, np.array([0, 0, 1])
    for size, sizes in ((1e-6, (3, 8, 5)), (1e3, (2, 11)), (1.0, (7,))):
        groups = rng.permutation(np.repeat(np.arange(len(sizes)) + 1.0, sizes))
        curves = size * (rng.normal(size=(len(groups), 6)) + groups[:, None] * np.arange(6))
        yield np.sort(rng.uniform(0, 24, 6)), curves, groups


def q6_probe(ns, seed):
    from matplotlib.figure import Figure  # not for judges: it would fill their process

    drawn = []
    for grid, curves, groups in _bands(seed):
        ax = Figure().subplots()
        ns["draw"](ax, grid.copy(), curves.copy(), groups.copy())
        drawn.append({
            "lines": [
                {"xy": plain(line.get_xydata()[:30]), "solid": line.get_linestyle() == "-",
                 "label": str(line.get_label())[:80]}
                for line in ax.lines[:80]
            ],
            "legend": ax.get_legend() is not None or bool(ax.figure.legends),
            "labels": bool(ax.get_xlabel().strip() and ax.get_ylabel().strip()),
        })  # fmt: skip
    return drawn


def _means(curves, groups):
    return {group: curves[groups == group].mean(axis=0) for group in np.unique(groups)}


def _found(drawn, grid, y):
    """Return the drawn lines that pass through these points."""
    wanted = np.column_stack([grid, y])
    scale = np.abs(wanted).max(axis=0) + 1e-300
    lines = drawn["lines"] if isinstance(drawn["lines"], list) else []
    found = []
    for line in lines:
        xy = numbers(line.get("xy"), wanted.shape) if isinstance(line, dict) else None
        if xy is not None and np.allclose(xy / scale, wanted / scale, atol=1e-5):
            found.append(line)
    return found


def _drawing_faults(drawn, grid, curves, groups):
    """Return how many points a drawing loses, and why; 9 where the groups are not there."""
    if not isinstance(drawn, dict) or not drawn.get("lines"):
        return 9, ["Nothing is drawn on `ax`. Use `ax.plot(…)`, not `plt.plot(…)`."]
    centred, faults = curves - curves[:, :1], []
    means = _means(centred, groups)
    for group, mean in means.items():
        lines, size = _found(drawn, grid, mean), int(np.sum(groups == group))
        if not lines:
            return 9, [_missing_means(drawn, grid, curves, groups)]
        if not any(re.search(rf"\b{size}\b", str(line.get("label"))) for line in lines):
            faults.append("The label of a group's line must say how many rows it has.")
    overall = _found(drawn, grid, centred.mean(axis=0))
    if not overall and _found(drawn, grid, np.mean([*means.values()], axis=0)):
        faults.append("Your average is that of the groups, all alike. Average over the rows.")
    elif not overall:
        faults.append("The line of the average over all rows is missing.")
    elif all(line.get("solid") for line in overall):
        faults.append('The average over all rows should be dashed: `linestyle="--"`.')
    if not drawn.get("legend"):
        faults.append("There is no legend: `ax.legend()`.")
    if not drawn.get("labels"):
        faults.append("An axis has no label.")
    faults = list(dict.fromkeys(faults))
    return len(faults), faults


def _missing_means(drawn, grid, curves, groups):
    centred = _means(curves - curves[:, :1], groups)
    if all(_found(drawn, mean, grid) for mean in centred.values()):
        return "The axes are swapped: the grid goes to the right."
    if all(_found(drawn, grid, mean) for mean in _means(curves, groups).values()):
        return "The groups are there, but not centred: take each line's own first value off it."
    shifted = _means(curves - curves.mean(axis=1, keepdims=True), groups)
    if all(_found(drawn, grid, mean) for mean in shifted.values()):
        return "You took each line's mean off it. Take its first value off, so that all start at 0."
    if all(_found(drawn, grid, line - line[0]) for line in curves):
        return "The lines of the rows are there. Draw the mean line of each group as well."
    return "The mean line of a group is missing: one for each value in `groups`, against `grid`."


def q6_judge(value, seed):
    bands = list(_bands(seed))
    drawn = value if isinstance(value, list) and len(value) == len(bands) else [None] * len(bands)
    judged = [_drawing_faults(each, *band) for each, band in zip(drawn, bands, strict=True)]
    lines = drawn[0].get("lines") if isinstance(drawn[0], dict) else None
    case = Case(
        "draw(ax, np.arange(3), np.array([[1, 2, 5], [3, 4, 7], [5, 4, 2]]), np.array([0, 0, 1]))",
        [each.get("xy") for each in lines if isinstance(each, dict)]
        if isinstance(lines, list) else None,
        "<through 0, 1, 4 and 0, −1, −3; the average through 0, 1/3, 5/3>",
    )  # fmt: skip
    grave = [faults for lost, faults in judged if lost == 9]
    told = list(dict.fromkeys(itertools.chain(*(grave[:1] or [each for _, each in judged]))))
    if not told:
        return POINTS["q6"], "Now a glance tells whether the average speaks for anybody.", case
    return max(0, POINTS["q6"] - max(lost for lost, _ in judged)), "\n".join(told), case


# Question 7: what the functions say of the homes

_LEFT = "`left(curves, halves(name))` for each column but the longitude, and the lowest."
_STEP = (
    "`lines(predict, districts, 5, meridians)`: the mean of column 13 minus column 11, over all "
    "rows and over those whose latitude is at most the median."
)
_CHANGE = "The value at the last edge minus that at the first, each chart by its own function."
_ASKED = (
    "`nowhere(asked(…))`, for the ten bins and their edges. Is your share for ALE nearly that of "
    "partial dependence? Then your function asks about rows that it throws away."
)
# What is measured, and how far off it may be; the tests measure it again.
_MEASURED = {
    "left": (0.66, 0.03, _LEFT),
    "all districts": (-77, 8, _STEP), "southern half": (-142, 8, _STEP),
    "partial dependence": (-192, 8, _CHANGE), "ALE": (-375, 8, _CHANGE),
    "nowhere, partial dependence": (0.59, 0.03, _ASKED), "nowhere, ALE": (0.13, 0.03, _ASKED),
}  # fmt: skip


def q7_probe(ns, seed):
    return plain(ns["found"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    wrong, hints = 0, []
    for name, (truth, slack, hint) in _MEASURED.items():
        got = numbers(answer.get(name), ())
        if got is None or abs(got - truth) > slack:
            wrong += 1
            hints.append(hint)
    if answer.get("column") != "Latitude":
        wrong += 1
        hints.append(_LEFT)
    return _counted(
        wrong, len(_MEASURED) + 1, hints, POINTS["q7"],
        "The same column, the same model, the same districts, and one chart falls twice as far.",
    )  # fmt: skip


def _counted(wrong, n, principles, points, praise):
    """Say how many entries are wrong and which thought helps, but not which entries."""
    if not wrong:
        return points, praise
    said = f"{wrong} of {n} {'is' if wrong == 1 else 'are'} not right yet."
    left = points * max(0.0, 1 - wrong / 4)
    return left, "\n".join([said, *dict.fromkeys(sorted(principles))])


# Question 8: which sentence may stand under the chart

_REASONS = {
    "sound": "Two sentences say of what they speak, and no more than was measured.",
    "average hides": "What is true of the mean of the lines may be true of no line.",
    "no such rows": "Ask of each point of a chart which rows stand behind it.",
    "no amount": "A share does not say how large anything is.",
    "no level": "A centred curve tells differences. Its zero is the mean, not nothing.",
    "not the world": "The model has seen what went together. Nobody has changed anything.",
}
_SENTENCES = {
    "a": "average hides", "b": "sound", "c": "no such rows", "d": "no level",
    "e": "no amount", "f": "not the world", "g": "average hides", "h": "sound",
}  # fmt: skip


def q8_probe(ns, seed):
    return plain(ns["verdict"])


def q8_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    answer = {name: w.strip().lower() for name, w in answer.items() if isinstance(w, str)}
    if not any(answer.get(name) in list(_REASONS) for name in _SENTENCES):
        return 0, f"Give each sentence one of these words: {', '.join(_REASONS)}."
    wrong = [name for name, truth in _SENTENCES.items() if answer.get(name) != truth]
    return _counted(
        len(wrong), len(_SENTENCES), [_REASONS[_SENTENCES[name]] for name in wrong], POINTS["q8"],
        "A chart of effects is right about its rows. The sentence must be about the same ones.",
    )  # fmt: skip

"""Probes and judges of the lab on global and local questions.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import math
from functools import cache
from types import SimpleNamespace

import numpy as np

from xaikit.labs import Case, ask_rows, close, numbers, plain, read_rows, unread

POINTS = {"q1": 3, "q2": 3, "q3": 3, "q4": 3, "q5": 2, "q6": 3, "q7": 3, "q8": 2}


# What many judges need.


def _read_all(value, shapes):
    """Read one array for each shape from a list of replies, or None if one cannot be read."""
    if not isinstance(value, list) or len(value) != len(shapes):
        return None
    found = [numbers(each, shape) for each, shape in zip(value, shapes, strict=True)]
    return None if any(each is None for each in found) else found


def _agree(got, truths):
    return all(close(one, truth) for one, truth in zip(got, truths, strict=True))


def _first_unreadable(value, shapes, wanted):
    replies = value if isinstance(value, list) and len(value) == len(shapes) else [value]
    said = (unread(reply, shape, wanted) for reply, shape in zip(replies, shapes, strict=False))
    return next(filter(None, said), wanted)


# Question 1: how much worse the model gets when a column is shuffled in given orders.


def _wards(seed):
    """Models with an interaction, one of them wrong about a column, in three sizes.

    The outcome goes against the model in column 1, so that its importance is negative, and the
    last column is never read.
    """
    rng = np.random.default_rng([seed, 1])
    for k, (n, d, scale) in zip(
        _N_ORDERS, ((40, 4, 1.0), (40, 3, 1e-3), (30, 4, 1e3)), strict=True
    ):
        X = rng.normal(2, 1, size=(n, d))
        weights = scale * rng.uniform(1, 2, d) * rng.choice([-1, 1], d)
        weights[-1] = 0.0
        truth = weights * ([1, -1] + [1] * (d - 2))

        def predict(rows, weights=weights, twist=0.3 * scale):
            rows = np.asarray(rows, dtype=float)
            return rows @ weights + twist * rows[:, 0] * rows[:, 1]

        y = X @ truth + rng.normal(0, 0.5 * scale, n)
        orders = np.array([rng.permutation(n) for _ in range(k)])
        yield SimpleNamespace(X=X, y=y, orders=orders, predict=predict)


_PAIR = SimpleNamespace(
    X=np.array([[1.0, 7.0], [2.0, 7.0], [3.0, 9.0]]),
    y=np.array([1.0, 2.0, 6.0]),
    orders=np.array([[1, 2, 0]]),
    predict=lambda rows: np.asarray(rows)[:, 0],
)


def _ask_importance(importance, ward):
    X, y, orders = ward.X.copy(), ward.y.copy(), ward.orders.copy()
    rises = plain(importance(ward.predict, X, y, orders))
    same = (X == ward.X).all() and (y == ward.y).all() and (orders == ward.orders).all()
    return rises, bool(same)


def q1_probe(ns, seed):
    small, _ = _ask_importance(ns["importance"], _PAIR)
    replies = [_ask_importance(ns["importance"], ward) for ward in _wards(seed)]
    return {
        "small": small,
        "rises": [rises for rises, _ in replies],
        "untouched": all(same for _, same in replies),
    }


def _loss(ward, X, target=None, root=False, power=2):
    gap = (ward.y if target is None else target) - ward.predict(X)
    error = np.mean(np.abs(gap) ** power)
    return np.sqrt(error) if root else error


def _shuffled(ward, j, order):
    X = ward.X.copy()
    X[:, j] = ward.X[order, j]
    return X


def _losses(ward, orders, **how):
    """The loss for each order and column, shape (orders, columns)."""
    columns = range(ward.X.shape[1])
    return np.array([[_loss(ward, _shuffled(ward, j, o), **how) for j in columns] for o in orders])


def _piled_up(ward):
    """What comes out when one copy is damaged more and more, order by order."""
    X, d = ward.X.copy(), ward.X.shape[1]
    losses = np.empty((len(ward.orders), d))
    for k, order in enumerate(ward.orders):
        for j in range(d):
            X[:, j] = ward.X[order, j]
            losses[k, j] = _loss(ward, X)
    return losses.mean(axis=0) - _loss(ward, ward.X)


def _flattened(ward):
    rises = []
    for j in range(ward.X.shape[1]):
        X = ward.X.copy()
        X[:, j] = X[:, j].mean()
        rises.append(_loss(ward, X) - _loss(ward, ward.X))
    return np.array(rises)


_N_ORDERS = (3, 1, 5)


@cache
def _rises(seed):
    """The right rises, and those of each mistake with its hint."""
    wards = list(_wards(seed))

    def of(function):
        return [function(ward) for ward in wards]

    def rise(ward, orders=None, **how):
        losses = _losses(ward, ward.orders if orders is None else orders, **how)
        return losses.mean(axis=0) - _loss(ward, ward.X, **how)

    right = of(rise)
    mistakes = [
        (
            "The sizes are right, the signs are turned round. The question is how much worse the "
            "error gets: the error with the column shuffled minus the error before.",
            [-each for each in right],
        ),
        (
            "The sizes are right, but some rises are negative: where the model is wrong about a "
            "column, shuffling it helps. Keep the sign.",
            [np.abs(each) for each in right],
        ),
        (
            "The sizes are right, but some rises are negative: where the model is wrong about a "
            "column, shuffling it helps. Keep the sign; do not cut it off at 0.",
            [np.maximum(each, 0) for each in right],
        ),
        (
            "That is the error with the column shuffled. For the rise, subtract the error before.",
            of(lambda w: _losses(w, w.orders).mean(axis=0)),
        ),
        (
            "You compare with what the model said before, and never look at `y`. That is how far "
            "its answers move; the question is how much more wrong they get.",
            of(lambda w: rise(w, target=w.predict(w.X))),
        ),
        (
            "You took the mean of the absolute errors. Square them first.",
            of(lambda w: rise(w, power=1)),
        ),
        (
            "You took the root. The question is about the mean squared error itself.",
            of(lambda w: rise(w, root=True)),
        ),
        (
            "You took the root. The question is about the mean squared error itself.",
            of(
                lambda w: (
                    np.sqrt(_losses(w, w.orders).mean(axis=0)) - _loss(w, w.X, root=True)
                )
            ),
        ),
        (
            "The column was made constant. A shuffled column still varies: row r gets the value "
            "of row `order[r]`.",
            of(_flattened),
        ),
        (
            "Right for one order, but `orders` has several rows. Go through every order, and take "
            "the mean of the rises.",
            of(lambda w: rise(w, w.orders[:1])),
        ),
        (
            "Right for one order, but `orders` has several rows. Go through every order, and take "
            "the mean of the rises.",
            of(lambda w: rise(w, w.orders[-1:])),
        ),
        (
            "You added the rises of all orders up. Take their mean.",
            of(lambda w: rise(w) * len(w.orders)),
        ),
        (
            "You read the order the other way round, which is a shuffle too, but not the one "
            "asked for: row r gets the value of row `order[r]`.",
            of(lambda w: rise(w, np.argsort(w.orders, axis=1))),
        ),
        (_UNDAMAGED, of(_piled_up)),
    ]  # fmt: skip
    return right, mistakes


_UNDAMAGED = (
    "The columns damage one another: an earlier one is still shuffled when its successor is. "
    "Begin each time with an undamaged copy of `X`."
)


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    small = Case(
        "importance(lambda X: X[:, 0], [[1, 7], [2, 7], [3, 9]], [1, 2, 6], [[1, 2, 0]])",
        answer.get("small"),
        [6, 0],
    )
    right, mistakes = _rises(seed)
    shapes = [each.shape for each in right]
    got = _read_all(answer.get("rises"), shapes)
    by_order = [(k, *shape) for k, shape in zip(_N_ORDERS, shapes, strict=True)]
    tables = _read_all(answer.get("rises"), by_order)
    if tables and _agree([table.mean(axis=0) for table in tables], right):
        return 0, "Each order is right. Take the mean over them, for one number a column.", small
    if got is None:
        wanted = "Return one number a column: by how much the error rises."
        return 0, _first_unreadable(answer.get("rises"), shapes, wanted), small
    if _agree(got, right):
        if answer.get("untouched") is not True:
            said = "The numbers are right, but what you were given came back changed."
            return 2, f"{said} Shuffle in a copy.", small
        return POINTS["q1"], (
            "A column that the model does not read gets nothing, and one that it reads the wrong "
            "way gets less than nothing."
        ), small  # fmt: skip
    for hint, truths in mistakes:
        if _agree(got, truths):
            return 0, hint, small
    if all(close(one[0], truth[0]) for one, truth in zip(got, right, strict=True)):
        return 0, f"The first column is right, later ones are not. {_UNDAMAGED}", small
    if all(abs(one[-1]) < 1e-9 for one in got):
        return 0, (
            "The column that the model does not read gets 0, as it should; the others are off. "
            "For each row of `orders` (draw none of your own): a fresh copy, one column reordered, "
            "the mean squared error against `y`, and minus the error before."
        ), small  # fmt: skip
    return 0, (
        "There is one number a column, but even a column that the model never reads gets a rise. "
        "Change one column alone, predict, and compare with the error before the change."
    ), small  # fmt: skip


# Question 2: predictions without running.

_WARD = {
    "importance of smoker": (
        0.0, {30: "That is the weight. But how far is anybody from the mean of the ward?"},
        "The importance is a mean over the ward of how far people are from its mean. Who is?",
    ),
    "importance of age": (
        40 / 3,
        {
            0: "The contributions cancel, their sizes do not. The importance is a mean of sizes.",
            2: "That is the weight. The importance is about points of the score, not years.",
            20 / 3: "Those are the years. What are they worth in points of the score?",
            20: "Two thirds of the ward have that size. What has the last third?",
        },
        "Write down the three contributions that age can make, and take the mean of their sizes.",
    ),
    "contribution of smoker, patient A": (
        0.0, {30: "That compares with a non-smoker. Compare with the mean of the ward."},
        "Compare with the mean of the ward: how many in it smoke?",
    ),
    "contribution of age, patient A": (
        -20.0,
        {20: "The size is right. Is she above or below the mean?", -10: "In years; and in points?"},
        "Weight times (value − mean), with its sign.",
    ),
    "contribution of smoker, new patient": (
        -30.0,
        {
            0: "A value of 0 is not a contribution of 0. Compare with the mean of the ward.",
            30: "The size is right. Does a non-smoker lie above or below the mean?",
        },
        "Compare a non-smoker with the mean of the ward as it was.",
    ),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    faults = []
    for name, (truth, mistakes, hint) in _WARD.items():
        got = numbers(answer.get(name), ())
        if got is None:
            faults.append(f"`{name}`: write one number.")
        elif abs(got - truth) > 0.1:
            known = [said for wrong, said in mistakes.items() if abs(got - wrong) < 0.1]
            faults.append(f"`{name}`: {known[0] if known else hint}")
    if not faults:
        return POINTS["q2"], (
            "The largest weight, and no importance at all: importance belongs to a model and its "
            "rows."
        )
    # Zeros everywhere get two right; they earn nothing.
    return POINTS["q2"] * max(0.0, 1 - len(faults) / 3), "\n".join(faults)


# Question 3: a flat mean curve that hides everybody.

_SIZES = (20, 40, 60, 80)
# Not evenly spaced, so that no wave can hide between them.
_PLACES = np.sort(np.r_[0.0, 1.0, (np.arange(1, 12) * 0.6180339887) % 1])


def _moved(X, column, value):
    X = X.copy()
    if hasattr(X, "iloc"):
        X.isetitem(column, np.full(len(X), value))
    else:
        X[:, column] = value
    return X


def _ask_flat(flat, n, seed):
    made = flat(n, seed)
    if not isinstance(made, tuple | list) or len(made) != 2 or not callable(made[1]):
        return {"pair": False, "nothing": made is None}
    X, predict = made
    read = numbers(plain(X), np.shape(X)) if np.ndim(X) == 2 else None
    if read is None or len(read) != n or read.shape[1] < 2:
        return {"pair": True, "table": plain(np.shape(X))}
    if hasattr(X, "columns"):
        read = type(X)(read, columns=X.columns)
    first = np.asarray(read)[:, 0]
    places = first.min() + _PLACES * np.ptp(first)
    answers = [plain(predict(_moved(read, 0, place))) for place in places]
    rows = None
    if n == min(_SIZES):
        try:
            rows = ask_rows(predict, read, seed)
        except (ValueError, IndexError) as error:
            rows = {"stopped": f"{type(error).__name__}: {error}"[:200]}
    return {"pair": True, "range": float(np.ptp(first)), "curves": answers, "rows": rows}


def q3_probe(ns, seed):
    return [_ask_flat(ns["flat"], n, seed + n) for n in _SIZES]


def q3_judge(value, seed):
    replies = value if isinstance(value, list) and len(value) == len(_SIZES) else []
    replies = [reply for reply in replies if isinstance(reply, dict)]
    if len(replies) != len(_SIZES) or not all(reply.get("pair") is True for reply in replies):
        if any(reply.get("nothing") is True for reply in replies):
            return 0, "Nothing came back. End with `return X, predict`."
        return 0, "Return two things: the table `X` and the function `predict`."
    seen = []
    for n, reply in zip(_SIZES, replies, strict=True):
        if "table" in reply:
            return 0, f"`X` must hold numbers, {n} rows for n = {n}, and two columns or more."
        width = numbers(reply.get("range"), ())
        curves = numbers(reply.get("curves"), (len(_PLACES), n))
        if width is None or curves is None:
            hint = "`predict` takes rows and returns one number for each."
            return 0, unread(reply.get("curves"), (len(_PLACES), n), hint) or hint
        if width <= 0:
            return 0, "Feature 0 is the same in every row, so there is no range to move it over."
        seen.append(curves.T)
    rows = replies[0].get("rows")
    if isinstance(rows, dict) and "stopped" in rows:
        return 0, (
            "`predict` works for the whole table, but not for some of its rows alone "
            f"(`{rows['stopped']}`). All that it needs to know of a row must stand in that row: "
            "give `X` another column."
        )
    whole, fault = read_rows(rows, (_SIZES[0],))
    if whole is None or fault:
        return 0, fault or "`predict` takes rows and returns one number for each."
    moves = np.ptp(seen[0], axis=1)
    case = Case(
        f"X, predict = flat({_SIZES[0]}, {seed + _SIZES[0]})",
        {
            "share of rows that move by 1 or more": float(np.mean(moves >= 1)),
            "the mean moves by": float(np.ptp(seen[0].mean(axis=0))),
        },
        "<a share of at least 0.9, and a mean that moves by 0.01 at most>",
    )
    return *_judge_curves(seen), case


def _judge_curves(seen):
    """Marks for curves, one array of shape (rows, places) for each size of the ward."""
    moves = [np.ptp(curves, axis=1) for curves in seen]
    mean = max(np.ptp(curves.mean(axis=0)) for curves in seen)
    largest = max(each.max() for each in moves)
    few = min(np.mean(each >= 1) for each in moves)
    if largest < 1e-9:
        return 0, "Flat, and for no row does anything happen: `predict` does not read feature 0."
    if few < 0.9 and largest < 1:
        return 0, (
            f"Rows move by {largest:.2g} at most, and at least 1 is asked for. Make the effect "
            "larger; scale your prediction."
        )
    if few < 0.9:
        return 0, (
            f"Only {few:.0%} of the rows move by 1 or more, and nine in ten are asked for. Let it "
            "change the prediction of nearly every row."
        )
    if mean <= 0.01:
        return POINTS["q3"], (
            f"The average moves by {mean:.2g}; the rows behind it by "
            f"{np.mean(moves[0]):.2g} on average. Ask for the single curves before you call a "
            "feature idle."
        )
    centred = [curves - curves.mean(axis=1, keepdims=True) for curves in seen]
    if all(np.allclose(each, each[0], atol=0.05 * largest) for each in centred):
        return 0, (
            "The rows move enough, but every row has the same curve, so the average has it too. "
            "Let different rows go different ways."
        )
    return 1, (
        f"The rows move enough, and not all the same way. But their average still moves by "
        f"{mean:.2g}, and 0.01 is the most. What rises and what falls must balance exactly, not "
        "by chance, for every even n."
    )


# Question 4: the learner's own drawing of single curves and their mean.


def _drawing(seed):
    """Rows, a column and a grid to draw, for a function whose curves are not parallel."""
    rng = np.random.default_rng([seed, 4])
    X = rng.normal(1, 1, size=(7, 3))
    a, b = rng.uniform(0.5, 2, 2) * rng.choice([-1, 1], 2)

    def predict(rows):
        rows = np.asarray(rows, dtype=float)
        own, other = rows[:, 1], rows[:, 2]
        return a * own * other + b * own**3 * other**2 + rows[:, 0] ** 2

    return predict, X, 1, np.array([-2.0, -1.0, 0.5, 3.0])


_PLAIN_DRAWING = (
    lambda rows: np.asarray(rows)[:, 0] * np.asarray(rows)[:, 1],
    np.array([[1.0, 2.0], [1.0, -1.0]]),
    0,
    np.array([0.0, 1.0, 3.0]),
)


def _draw(draw_curves, predict, X, column, grid):
    """Let the learner draw on axes that no window shows, and send what is on them."""
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    ax, given = Figure().subplots(), X.copy()
    draw_curves(ax, predict, given, column, grid.copy())
    lines = [
        {
            "x": plain(line.get_xdata()),
            "y": plain(line.get_ydata()),
            "label": str(line.get_label()).lower()[:40],
            "width": float(line.get_linewidth()),
        }
        for line in ax.get_lines()
    ]
    for found in ax.collections:
        if isinstance(found, LineCollection):
            width = float(np.max(found.get_linewidth()))
            lines += [
                {"x": plain(s[:, 0]), "y": plain(s[:, 1]), "label": "", "width": width}
                for s in found.get_segments()
            ]
    names = [bool(ax.get_xlabel().strip()), bool(ax.get_ylabel().strip())]
    return {"lines": lines, "named": names, "untouched": bool(np.array_equal(given, X))}


def q4_probe(ns, seed):
    draw_curves = ns["draw_curves"]
    return [_draw(draw_curves, *given) for given in (_PLAIN_DRAWING, _drawing(seed))]


def _ice(predict, X, column, grid):
    return np.array([predict(_moved(X, column, value)) for value in grid]).T


def _drawn(reply, size):
    """The x, y and width of the lines with one point a value of the grid; means and others."""
    lines = reply.get("lines") if isinstance(reply, dict) else None
    means, others = [], []
    for line in lines if isinstance(lines, list) else []:
        line = line if isinstance(line, dict) else {}
        x, y = numbers(line.get("x"), (size,)), numbers(line.get("y"), (size,))
        if x is None or y is None:
            continue
        label = str(line.get("label"))
        is_mean = "mean" in label or "average" in label
        (means if is_mean else others).append((x, y, numbers(line.get("width"), ())))
    return means, others


def _same_curves(others, grid, curves):
    """Whether the lines are these curves over this grid, in any order."""
    if len(others) != len(curves) or not all(close(x, grid) for x, _, _ in others):
        return False
    left = [y for _, y, _ in others]
    for curve in curves:
        place = next((i for i, y in enumerate(left) if close(y, curve)), None)
        if place is None:
            return False
        left.pop(place)
    return True


def _fault_of_curves(others, given):
    """What is wrong with the single lines, as a hint; empty if nothing is."""
    predict, X, column, grid = given
    curves = _ice(*given)
    if _same_curves(others, grid, curves):
        return ""
    if not others:
        return "There is no line a row on `ax`: draw each row's curve over `grid` with `ax.plot`."
    if _same_curves(others, np.arange(len(grid)), curves):
        return "The heights are right. But draw them over `grid`, not over 0, 1, 2 …"
    if len(others) != len(X):
        return (
            f"Draw one line for each row: for {len(X)} rows you have {len(others)} with one point "
            "a value of `grid`, the mean apart."
        )
    centred = curves - curves[:, :1]
    if _same_curves(others, grid, centred):
        return "You let every curve begin at 0. Draw what `predict` says."
    columns = [j for j in range(X.shape[1]) if j != column]
    if any(_same_curves(others, grid, _ice(predict, X, j, grid)) for j in columns):
        return "These are the curves of another column. Overwrite the one that `column` names."
    return (
        "There is one line a row, but at other heights. For each value of `grid`: a copy of `X`, "
        "the whole column set to that value, and `predict`."
    )


def _fault_of_mean(means, others, given):
    predict, X, _, grid = given
    curves = _ice(*given)
    if not means:
        return 'There is no line with the label `mean`: `ax.plot(…, label="mean")`.'
    if len(means) > 1:
        return "More than one line is called `mean`. Give the label to one."
    x, y, width = means[0]
    average_row = _ice(predict, X.mean(axis=0, keepdims=True), given[2], grid)[0]
    if not close(x, grid) or not close(y, curves.mean(axis=0)):
        if close(y, average_row):
            return (
                "Your `mean` is the curve of an average patient, who does not exist. Draw the mean "
                "of the curves."
            )
        if close(y, np.median(curves, axis=0)):
            return "Your `mean` is a median. Take the mean of the curves, value by value."
        return "The line called `mean` is not the mean of the curves, value by value of `grid`."
    if any(width is None or other is None or other >= width for _, _, other in others):
        return "The mean is right. Make its line thicker than the others, so that it is seen."
    return ""


def q4_judge(value, seed):
    replies = value if isinstance(value, list) and len(value) == 2 else [{}, {}]
    replies = [reply if isinstance(reply, dict) else {} for reply in replies]
    curves = _ice(*_PLAIN_DRAWING)
    means, others = _drawn(replies[0], 3)
    case = Case(
        "draw_curves(ax, lambda X: X[:, 0] * X[:, 1], [[1, 2], [1, -1]], 0, [0, 1, 3])",
        # Adding 0 makes a plain 0 of −0.
        {"rows": [list(y + 0) for _, y, _ in others], "mean": [list(y + 0) for _, y, _ in means]},
        {"rows": (curves + 0).tolist(), "mean": [curves.mean(axis=0).tolist()]},
    )
    of_curves, of_mean, rest = "", "", ""
    # The hidden drawing first: more can be told apart in it than in the small one.
    for reply, given in ((replies[1], _drawing(seed)), (replies[0], _PLAIN_DRAWING)):
        means, others = _drawn(reply, len(given[3]))
        if not means and not others:
            return 0, (
                "Nothing was drawn on `ax`. Call `ax.plot(…)`, not `plt.plot(…)`, and let each "
                "line have one point a value of `grid`."
            ), case  # fmt: skip
        if not means and len(others) == len(given[1]) + 1:
            # A mean without its label loses the point for the mean, not that for the curves.
            mean = _ice(*given).mean(axis=0)
            others = [line for line in others if not close(line[1], mean)]
        of_curves = of_curves or _fault_of_curves(others, given)
        of_mean = of_mean or _fault_of_mean(means, others, given)
        if reply.get("named") != [True, True]:
            rest = rest or "Name both axes, with `ax.set(xlabel=…, ylabel=…)`."
        if reply.get("untouched") is not True:
            rest = rest or "`X` came back changed: work in a copy."
    faults = [fault for fault in (of_curves, of_mean, rest) if fault]
    points = (not of_curves) + (not of_mean) + (not rest and not of_curves)
    praise = "A thick line for the ward, a thin one for everybody in it: both can be read."
    return points, "\n".join(faults) or praise, case


# Question 5: the person whom the ranking does not fit.


def _tables(seed):
    """Tables of contributions in which each mistake finds another row.

    Column sizes are made so that the least important feature is neither the one with the
    smallest sum (another column cancels) nor the one with the smallest largest entry.
    """
    rng = np.random.default_rng([seed, 5])
    tables = []
    for scale in (1.0, 1e-6, 1e3):
        n = 30
        least = rng.uniform(0.2, 0.4, n)
        cancels = rng.uniform(1.5, 2.5, n // 2)
        cancels = np.concatenate([cancels, -cancels])
        middle = rng.uniform(1.0, 1.4, n) * np.resize([1, 1, -1], n)
        most = -rng.uniform(3.0, 4.0, n)
        values = np.column_stack([least, cancels, middle, most])
        quiet, loud, fits, empty, calm, even, torn, over, under = range(9)
        values[quiet] = [-0.10, 0.02, 0.01, 0.03]  # the largest share, 10/16
        values[loud] = [1.9, 2.5, 2.0, -9.0]  # the largest contribution
        values[fits] = [0.001, 0.01, 0.01, -4.0]  # ruled by the most important one
        values[empty] = 0.0
        values[calm] = [0.0, 0.4, 0.3, 0.3]  # the smallest share
        values[even] = [0.3, 0.3, 0.3, -0.3]  # the largest share of its own least feature
        values[torn] = [0.02, 0.9, 0.1, -0.1]  # the largest share of the feature that cancels
        values[over] = [0.3, 2.0, 1.0, -3.2999]  # two whose sum with signs is next to nothing
        values[under] = [0.3, 2.0, 1.0, -3.3001]
        values[n // 2 : n // 2 + 9, 1] = -values[:9, 1]  # so that it cancels to the last digit
        values = values[rng.permutation(n)][:, rng.permutation(4)]
        tables.append(scale * values)
    only = np.array([[2.0, -1.0, 4.0]])
    return [*tables, only]


_THREE = np.array([[4.0, 0.0], [2.0, -1.0], [0.5, 0.5], [0.0, 0.0]])


def q5_probe(ns, seed):
    misfit = ns["misfit"]
    small = plain(misfit(_THREE.copy()))
    return {"small": small, "rows": [plain(misfit(table)) for table in _tables(seed)]}


def _shares(values):
    size = np.abs(values)
    total = size.sum(axis=1, keepdims=True)
    return np.divide(size, total, out=np.zeros_like(size), where=total > 0)


def _misfit(values):
    return int(np.argmax(_shares(values)[:, np.abs(values).mean(axis=0).argmin()]))


def _signed(values, choose):
    """The row that comes out when signs are forgotten, in the column that `choose` takes."""
    total = values.sum(axis=1)
    share = np.divide(values[:, choose], total, out=np.zeros(len(values)), where=total != 0)
    return int(np.argmax(share))


@cache
def _rows_of_mistakes(seed):
    tables = _tables(seed)

    def of(function):
        return [int(function(values)) for values in tables]

    def least(values):
        return np.abs(values).mean(axis=0).argmin()

    empty = of(lambda v: np.abs(v).sum(axis=1).argmin())
    sign = (
        "Contributions have a sign, and you added them up with it: what pushes up and down is not "
        "unimportant. Take sizes first."
    )
    return [
        (
            "A row of zeros has no shares: 0 divided by 0 is a NaN, and `np.argmax` takes it for "
            "the largest. All else may be right; leave such rows out.",
            empty,
        ),
        (
            "The feature is right. That row has the largest contribution of it, but other features "
            "may contribute more still. Compare the share it takes of the row.",
            of(lambda v: np.abs(v)[:, least(v)].argmax()),
        ),
        (
            "That row is ruled by the most important feature: it fits the ranking. Begin with "
            "the least important one.",
            of(lambda v: _shares(v)[:, np.abs(v).mean(axis=0).argmax()].argmax()),
        ),
        (
            "The feature is right. That is the row in which its share is smallest, and the largest "
            "is asked for.",
            of(lambda v: _smallest_share(v, least(v))),
        ),
        (sign, of(lambda v: _signed(v, v.mean(axis=0).argmin()))),
        (sign, of(lambda v: _signed(v, least(v)))),
        (sign, of(lambda v: _shares(v)[:, np.abs(v.mean(axis=0)).argmin()].argmax())),
        (sign, of(lambda v: _shares(v)[:, v.mean(axis=0).argmin()].argmax())),
        (
            "The least important feature is one for the whole table; you looked for another one in "
            "each row.",
            of(lambda v: _shares(v).min(axis=1).argmax()),
        ),
    ]  # fmt: skip


def _smallest_share(values, column):
    shares = _shares(values)[:, column]
    return np.argmin(np.where(np.abs(values).sum(axis=1) > 0, shares, np.inf))


def q5_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    case = Case("misfit([[4, 0], [2, -1], [0.5, 0.5], [0, 0]])", answer.get("small"), 2)
    tables = _tables(seed)
    shapes = [()] * len(tables)
    got = _read_all(answer.get("rows"), shapes)
    if got is None:
        wanted = "Return one whole number: the row, counted from 0."
        return 0, _first_unreadable(answer.get("rows"), shapes, wanted), case
    right = [_misfit(values) for values in tables]
    if [float(one) for one in got] == right:
        praise = "A ranking of the ward says what is typical. For this row it is upside down."
        return POINTS["q5"], praise, case
    for hint, rows in _rows_of_mistakes(seed):
        # With one row alone there is little to get wrong.
        if [float(one) for one in got[:-1]] == rows[:-1]:
            return 0, hint, case
    if [float(one) for one in got] == [r + 1 for r in right]:
        return 0, "The right row, but counted from 1. Rows are counted from 0.", case
    hits = sum(float(one) == r for one, r in zip(got, right, strict=True))
    return 0, (
        f"{hits} of {len(right)} tables right. First the one feature whose mean size over all rows "
        "is smallest; then, for each row, its size divided by the sum of sizes in that row."
    ), case  # fmt: skip


# Question 6: the nearest value that would be enough.


def _searches(seed):
    """Searches with exact numbers: both directions, bends, a limit that is met, ties, nothing."""
    rng = np.random.default_rng([seed, 6])

    def search(curve, now, values, limit, column, weight=0.0, scale=1.0):
        def predict(rows, column=column):
            rows = np.asarray(rows, dtype=float)
            other = rows[:, (column + 1) % 3]
            return curve(rows[:, column] / scale) / 64 + weight * other

        row = rng.integers(1, 9, 3).astype(float)
        row[column] = now * scale
        limit = limit + weight * row[(column + 1) % 3]
        values = scale * rng.permutation(np.asarray(values, dtype=float))
        return SimpleNamespace(predict=predict, row=row, column=column, values=values, limit=limit)

    whole = np.arange(0, 21)
    a, b, c = (int(x) for x in rng.integers(0, 3, 3))
    shift = int(rng.integers(0, 3))
    return [
        search(lambda v: 2 * v, 15, whole, (16 + 2 * shift) / 64, a, 0.25),  # down, met exactly
        search(lambda v: 40 - 2 * v, 3, whole, (16 - 2 * shift) / 64, b, 0.5),  # up, met exactly
        # Two valleys, at 4 and around 16. From 10 the edge of the second is nearest, which is
        # neither the lowest of those that are enough, nor the highest, nor the deepest.
        search(
            lambda v: np.minimum(4 * abs(v - 4), 4 * abs(v - 16) - 3) + 8, 10, whole, 10 / 64, c
        ),
        search(lambda v: 24 - abs(v - 9), 9, whole, (20 - shift) / 64, a, 0.25),  # two as near
        search(lambda v: 2 * v, 5, whole, 20 / 64, b),  # enough already
        search(lambda v: 30 + v, 5, whole, 20 / 64, c, 0.5),  # never
        search(lambda v: 2 * v, 15.5, whole, (15 + shift) / 64, a, 0.0, 2.0**-20),  # a tiny scale
        search(lambda v: 40 - 2 * v, 3, whole, (15 - shift) / 64, b, 0.0, 2.0**20),  # a large one
    ]


_DOSE = SimpleNamespace(
    predict=lambda rows: np.asarray(rows, dtype=float)[:, 1] / 8,
    row=np.array([60.0, 5.0]),
    column=1,
    values=np.array([0.0, 2.0, 4.0, 6.0]),
    limit=0.6,
)


def _ask_needed(needed, s):
    row, values = s.row.copy(), s.values.copy()
    found = plain(needed(s.predict, row, s.column, values, s.limit))
    return found, bool((row == s.row).all() and (values == s.values).all())


def q6_probe(ns, seed):
    small, _ = _ask_needed(ns["needed"], _DOSE)
    replies = [_ask_needed(ns["needed"], s) for s in _searches(seed)]
    return {
        "small": small,
        "found": [found for found, _ in replies],
        "untouched": all(same for _, same in replies),
    }


def _risks(s):
    rows = np.tile(s.row, (len(s.values), 1))
    rows[:, s.column] = s.values
    return s.predict(rows)


def _nearest(s, enough):
    """The nearest of the values that are enough, of two the lower; None if there is none."""
    good = s.values[enough]
    if not len(good):
        return None
    gap = np.abs(good - s.row[s.column])
    return float(good[gap == gap.min()].min())


def _found_by_mistake(s):
    """What each mistake finds, by its hint."""
    risks, now = _risks(s), s.row[s.column]
    good = risks <= s.limit
    right, values = _nearest(s, good), s.values[good]
    gap = np.abs(values - now)
    some = len(values) > 0
    return {
        "Nearly: where the risk is exactly the limit, that is enough. At most means `<=`.": (
            _nearest(s, risks < s.limit)
        ),
        "Right but for two that are equally near: take the lower one.": (
            float(values[gap == gap.min()].max()) if some else None
        ),
        "Right but for a row that is under the limit as it is: what it has now is one of the "
        "values, and nothing is nearer.": _nearest(s, good & (s.values != now)),
        "That is the change. Return the value itself: what the column would have to be.": (
            None if right is None else right - now
        ),
        "That value keeps the risk under the limit, but it is not the nearest one: you took the "
        "first of the list. Compare the distances from what the row has now.": (
            float(values[0]) if some else None
        ),
        "That value keeps the risk under the limit, but it is not the nearest one: you took the "
        "lowest. Compare the distances from what the row has now.": (
            float(values.min()) if some else None
        ),
        "That value keeps the risk under the limit, but it is not the nearest one: you took the "
        "highest. Compare the distances from what the row has now.": (
            float(values.max()) if some else None
        ),
        "That value has the lowest risk of all. Any risk up to the limit is enough; the nearest "
        "such value is asked for.": float(s.values[risks == risks.min()].min()),
        "You looked for a risk as close to the limit as can be. Any risk up to it is enough; what "
        "must be close is the value to what the row has now.": (
            float(s.values[np.abs(risks - s.limit).argmin()])
        ),
        "You looked for values that reach the limit from above. Under it is enough: the risk is to "
        "be at most the limit.": _nearest(s, risks >= s.limit),
    }


def _as_value(reply):
    """A number, None for `None` (or NaN), or text for anything else."""
    got = numbers(reply, ())
    if got is not None:
        return float(got)
    nothing = reply is None or (isinstance(reply, float) and math.isnan(reply))
    return None if nothing else "unreadable"


def _equal(found, wanted):
    return all(
        a == b or (isinstance(a, float) and isinstance(b, float) and close(a, b))
        for a, b in zip(found, wanted, strict=True)
    )


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    case = Case(
        "needed(lambda X: X[:, 1] / 8, [60, 5], 1, [0, 2, 4, 6], 0.6)", answer.get("small"), 4
    )
    searches = _searches(seed)
    replies = answer.get("found")
    if not isinstance(replies, list) or len(replies) != len(searches):
        return 0, "Return one number, one of `values`, or `None`.", case
    found = [_as_value(reply) for reply in replies]
    right = [_nearest(s, _risks(s) <= s.limit) for s in searches]
    if _equal(found, right):
        if answer.get("untouched") is not True:
            return 2, "The values are right, but `row` came back changed. Work in a copy.", case
        praise = "No formula, only the model's own answers: this works for any model there is."
        return POINTS["q6"], praise, case
    if all(each is None for each in found):
        return 0, (
            "Nothing came back, for any row. Does your function end with `return`? `None` is for "
            "rows that no value helps."
        ), case  # fmt: skip
    if "unreadable" in found:
        return 0, "Return one number, one of `values`, or `None` if none is enough.", case
    mistakes = [_found_by_mistake(s) for s in searches]
    for hint in mistakes[0]:
        if _equal(found, [each[hint] for each in mistakes]):
            return 0, hint, case
    if answer.get("untouched") is not True:
        return 0, (
            "`row` came back changed, and once it is changed, `row[column]` is no longer what the "
            "patient has now. Work in a copy."
        ), case  # fmt: skip
    never = [one for one, truth in zip(found, right, strict=True) if truth is None]
    if any(one is not None for one in never):
        return 0, (
            "You return a value where none is enough. If no value keeps the risk at most at the "
            "limit, return `None`."
        ), case  # fmt: skip
    for hint in mistakes[0]:
        if sum(_equal([a], [m[hint]]) for a, m in zip(found, mistakes, strict=True)) >= 7:
            return 0, hint, case
    hits = sum(_equal([a], [b]) for a, b in zip(found, right, strict=True))
    return 0, (
        f"{hits} of {len(right)} searches right. Put every value into a copy of the row, ask for "
        "its risk, keep those at most at the limit, and of these take the one nearest to what the "
        "row has now."
    ), case  # fmt: skip


# Question 7: two models on real patients.


@cache
def _hearts():
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import xaikit as xk

    hearts = xk.datasets.hearts()
    table = hearts.X[["age", "trestbps", "chol", "thalach", "oldpeak", "ca"]]
    ward, y = table.to_numpy(dtype=float), hearts.y.to_numpy()
    models = (
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(100, min_samples_leaf=10, random_state=0),
    )
    for model in models:
        model.fit(ward, y)
    risks = [lambda X, m=m: m.predict_proba(X)[:, 1] for m in models]
    return ward, ward[table.index.get_loc(101)], risks


@cache
def _audit():
    """The right numbers, and for each the hint of what else comes out."""
    ward, her, risks = _hearts()
    truths = {}
    for name, risk in zip(("first", "second"), risks, strict=True):
        gap = risk(_moved(ward, 0, 66.0)) - risk(_moved(ward, 0, 42.0))
        up, down = int((gap > 0.01).sum()), int((gap < -0.01).sum())
        turned = "You have the two directions the wrong way round: risk at 66 minus risk at 42."
        for way, right, other, signed in (
            ("raises", up, down, gap),
            ("lowers", down, up, -gap),
        ):
            truths[f"{name}: age {way} the risk of"] = (
                right,
                {
                    other: turned,
                    int((signed > 0).sum()): "Count only those who move by more than 0.01.",
                    right / len(ward): "That is a share. Count the patients.",
                    100 * right / len(ward): "That is a share. Count the patients.",
                },
                "For every patient: the risk at 66 minus the risk at 42, all else as it is.",
            )
    values = np.arange(126.0, 565.0)
    search = SimpleNamespace(predict=risks[0], row=her, column=2, values=values, limit=0.08)
    need = _nearest(search, _risks(search) <= search.limit)
    truths["first: cholesterol for patient 101"] = (
        need,
        {need - her[2]: "That is the change. What would her cholesterol have to be?"},
        "Use `needed` with `first`, row 101, the column of `chol`, all whole values, and 0.08.",
    )
    lowest = float(_risks(SimpleNamespace(**{**vars(search), "predict": risks[1]})).min())
    truths["second: lowest risk of patient 101"] = (
        lowest,
        {
            round(lowest, 2): "Near, but to three decimals, please.",
            100 * lowest: "As a number from 0 to 1, please, not in per cent.",
        },
        "Give her every whole cholesterol from 126 to 564, ask `second`, and take the lowest risk.",
    )
    return truths


def q7_probe(ns, seed):
    return plain(ns["audit"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    truths = _audit()
    faults = []
    for name, (truth, mistakes, hint) in truths.items():
        got = numbers(answer.get(name), ())
        near = 0.0006 if truth < 1 and "lowest" in name else 0.01
        if got is None:
            faults.append(f"`{name}`: write one number.")
        elif abs(got - truth) > near:
            known = [said for wrong, said in mistakes.items() if abs(got - wrong) < 1e-3]
            faults.append(f"`{name}`: {known[0] if known else hint}")
    if not faults:
        return POINTS["q7"], (
            "Nearly as accurate, the same three measurements at the top, and they disagree about "
            "what age does to most of the patients. No ranking could have told."
        )
    return POINTS["q7"] * max(0.0, 1 - len(faults) / 4), "\n".join(faults)


# Question 8: what supports a sentence.

_REPORT = {
    "a": "ranking",
    "b": "nothing",
    "c": "row",
    "d": "nothing",
    "e": "curves",
    "f": "nothing",
    "g": "search",
    "h": "row",
    "i": "search",
}
_KINDS = {"ranking", "row", "curves", "search", "nothing"}


def q8_probe(ns, seed):
    return plain(ns["report"])


def q8_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    given = {name: str(answer.get(name)).strip().lower() for name in _REPORT}
    wrong = [name for name, kind in _REPORT.items() if given[name] != kind]
    if not wrong:
        return POINTS["q8"], (
            "The model over many rows, the model at one row, the model asked again, the world: "
            "four kinds of sentence."
        )
    # Principles, not lines: a table whose faults are named could be turned without a thought.
    said = [f"{9 - len(wrong)} of 9 are right."]
    left = [name for name, word in given.items() if word not in _KINDS]
    if left:
        said.append(f"Not one of the five words: {', '.join(left)}.")
    if {"d", "f"} & set(wrong):
        said.append(
            "Whoever says what helps a body, or what makes it ill, needs more than a model: "
            "nothing here changed a patient."
        )
    if "b" in wrong:
        said.append("A small number for the ward is not a small number for everybody.")
    if {"g", "i"} & set(wrong):
        said.append('"What would happen if" is answered by asking again, not by a contribution.')
    if {"a", "e"} & set(wrong):
        said.append("A ranking has no directions, and one patient's row speaks of one patient.")
    if {"c", "h"} & set(wrong):
        said.append("A sentence on how she compares with the ward needs her own contributions.")
    return POINTS["q8"] * max(0.0, 1 - len(wrong) / 4), "\n".join(said)

"""Probes and judges of the lab on LIME.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import lru_cache
from itertools import pairwise

import numpy as np

from xaikit import datasets
from xaikit.labs import (
    Case,
    ask_rows,
    close,
    listed,
    match_each,
    numbers,
    part,
    plain,
    read_rows,
    unread,
)

POINTS = {"q1": 3, "q2": 2, "q3": 2, "q4": 4, "q5": 3, "q6": 3, "q7": 2, "q8": 3}
LIMITS = {"seconds": 120}


# Question 1


def _fit(samples, answers, weight, *, intercept=True, penalty=0.0):
    """Weighted least squares: the coefficients, and the intercept last."""
    ones = np.ones((len(samples), 1)) * intercept
    columns = np.hstack([samples, ones])
    root = np.sqrt(weight)
    left, right = columns * root[:, None], answers * root
    if penalty:
        held = np.sqrt(penalty) * np.eye(columns.shape[1])[:-1]
        left, right = np.vstack([left, held]), np.r_[right, np.zeros(len(held))]
    line, *_ = np.linalg.lstsq(left, right, rcond=None)
    return line


def _distance(samples, row):
    return np.linalg.norm(samples - row, axis=1)


def _weight(samples, row, width):
    return np.exp(-(_distance(samples, row) ** 2) / (2 * width**2))


def _plant(Z):
    return 8 * Z[:, 0] - Z[:, 0] ** 2


def _bent(Z):
    return np.sin(2 * Z[:, 0]) + Z[:, 1] * Z[:, 2] + 3


def _tiny(Z):
    return 1e-6 * (2 + (Z[:, 0] > 3000) + Z[:, 1] ** 2 / 1e7)


def _cubic(Z):
    return Z[:, 0] ** 3 - 2 * Z[:, 0]


_PLANT = (_plant, np.array([2.0]), np.array([[1.0], [3.0], [7.0]]), 0.5)


def _neighbourhoods(seed):
    """A wide kernel, one in other units with tiny answers, and a narrow one off the middle."""
    rng = np.random.default_rng([seed, 1])
    row = rng.normal(size=3)
    yield _bent, row, row + rng.normal(size=(80, 3)), 1.5
    income = np.array([3000.0, 1800.0]) + rng.uniform(-300, 300, 2)
    yield _tiny, income, income + rng.normal(0, 700, (90, 2)), 900.0
    spot = np.array([rng.choice([-1.0, 1.0])])
    yield _cubic, spot, np.vstack([[spot], rng.uniform(-2, 2, (70, 1))]), 0.4


def q1_probe(ns, seed):
    write = ns["local_line"]

    def ask(predict, row, samples, width):
        return plain(write(predict, row.copy(), samples.copy(), width))

    return {"small": ask(*_PLANT), "hidden": [ask(*place) for place in _neighbourhoods(seed)]}


_LINE_HINTS = (
    "That is the closed form of weighted least squares, wide and narrow.",
    "Here all samples count alike: the weights are missing.",
    "The line is forced through zero: give it an intercept.",
    "Each weight counts squared. Either the 2 under δ² is missing in the kernel, or rows and "
    "answers are multiplied by the weight and not by its root.",
    "The square of the distance is missing: the kernel has δ², not δ.",
    "Far samples count more than near ones: change the sign in the exponent.",
    "The coefficients are pulled towards zero by a penalty: scikit-learn's `Ridge` has one of 1 "
    "unless told otherwise.",
    "Your distances are sums of sizes, as one walks along streets. Euclid's distance is the root "
    "of a sum of squares.",
    "The distances are taken from the middle of the samples. Near means near the `row`.",
    "The coefficients are right. The last number is the line's height at the row; the intercept "
    "is its height at zero.",
    "The parts are right, in the other order: the coefficients first, then the intercept.",
)


def _lines(predict, row, samples, width):
    """The right line, and those of the mistakes that people make, as `_LINE_HINTS` has them."""
    answers, distance = predict(samples), _distance(samples, row)
    weight = _weight(samples, row, width)
    turned = np.exp((distance**2 - (distance**2).max()) / (2 * width**2))
    streets = np.abs(samples - row).sum(axis=1)
    right = _fit(samples, answers, weight)
    return [
        right,
        _fit(samples, answers, np.ones(len(samples))),
        _fit(samples, answers, weight, intercept=False),
        _fit(samples, answers, weight**2),
        _fit(samples, answers, np.exp(-distance / (2 * width**2))),
        _fit(samples, answers, turned),
        _fit(samples, answers, weight, penalty=1.0),
        _fit(samples, answers, np.exp(-(streets**2) / (2 * width**2))),
        _fit(samples, answers, _weight(samples, samples.mean(axis=0), width)),
        np.append(right[:-1], right[-1] + right[:-1] @ row),
        np.r_[right[-1], right[:-1]],
    ]


def _read_line(value, d):
    """The two parts one after the other, in whichever order they come."""
    for parts in (value, value[::-1]) if isinstance(value, list) and len(value) == 2 else ():
        slopes, intercept = numbers(parts[0], (d,)), numbers(parts[1], ())
        if slopes is not None and intercept is not None:
            swapped = parts is not value
            return np.r_[intercept, slopes] if swapped else np.r_[slopes, intercept]
    return None


def q1_judge(value, seed):
    call = "local_line(plant, np.array([2.0]), np.array([[1.0], [3.0], [7.0]]), 0.5)"
    return *_judge_line(value, seed), Case(call, part(value, "small"), [[4.0], 3.0])


def _judge_line(value, seed):
    places = list(_neighbourhoods(seed))
    hidden = listed(part(value, "hidden"), len(places))
    got = [_read_line(one, place[1].size) for one, place in zip(hidden, places, strict=True)]
    for line, one in zip(got, hidden, strict=True):
        if line is None:
            said = "`return` two things: the d coefficients as an array, and the intercept."
            return 0, unread(one, None) or said
    tries = [_lines(*place) for place in places]
    for number, hint in enumerate(_LINE_HINTS):
        if all(close(g, lines[number], rtol=1e-5) for g, lines in zip(got, tries, strict=True)):
            return (0 if number else POINTS["q1"]), hint
    slopes = [close(g[:-1], t[0][:-1], rtol=1e-5) for g, t in zip(got, tries, strict=True)]
    if all(slopes):
        return 0, "The coefficients are right; the intercept is not. It belongs to the same fit."
    if any(slopes):
        return 0, (
            "Your line is right for some inputs and not for others. Is anything in it fixed that "
            "should come from `width`, `row` or `samples`?"
        )
    return 0, (
        "The shape is right, the numbers are not. Take three steps: the distances from `row`, "
        "the weights, and least squares on rows and answers that are multiplied by the roots of "
        "the weights."
    )


# Question 2

_PREDICTED = {
    "3x at 1, wide": (3.0, "Can a line that is fitted to a straight line be another line?"),
    "x² at 1, narrow": (2.0, "Near the row, the line is the tangent. What is the slope there?"),
    "x² at 1, wide": (0.0, "Compare how high the parabola is at −2 and at 2."),
    "x³ at 0, narrow": (0.0, "Near the row, the line is the tangent. What is the slope there?"),
    "x³ at 0, wide": (
        2.4,
        "With x even around 0, the slope is mean(x · f) / mean(x²). Here x · f is x⁴.",
    ),
    "step at 0, from 1, narrow": (0.0, "How many widths away is the step?"),
    "step at 0, from 1, wide": (
        3.75,
        "With x even around 0, the slope is mean(x · f) / mean(x²). Half of the f are 0.",
    ),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    if not isinstance(value, dict):
        return 0, "Give a dictionary: for each of the seven names its slope, a number."
    return match_each(
        value,
        _PREDICTED,
        "The width is part of the question: always say it.",
        points=POINTS["q2"],
        atol=0.25 + 1e-9,
        spare=4,
    )


# Question 3

_ACROSS = np.linspace(-3, 3, 601)
_SOME = np.array([[-2.5], [-1.0], [0.0], [0.4], [1.7], [3.0]])


def q3_probe(ns, seed):
    model = ns["two_stories"]
    return {"rows": ask_rows(model, _SOME, seed), "whole": plain(model(_ACROSS[:, None].copy()))}


def _r2(samples, answers, weight):
    line = _fit(samples, answers, weight)
    middle = np.average(answers, weights=weight)
    left = np.average((answers - samples @ line[:-1] - line[-1]) ** 2, weights=weight)
    around = np.average((answers - middle) ** 2, weights=weight)
    return 1 - left / around if around > 0 else 0.0


def q3_judge(value, seed):
    answers = numbers(part(value, "whole"), (len(_ACROSS),))
    few, fault = read_rows(part(value, "rows"), (len(_SOME),))
    if answers is None or few is None:
        said = "Give one number for each row of `X`, an array (n, 1)."
        whole = part(value, "whole")
        case = Case("two_stories(X), 601 rows from −3 to 3", whole, "<601 numbers>")
        return 0, unread(whole, (len(_ACROSS),), said) or said, case
    samples, row = _ACROSS[:, None], np.zeros(1)
    narrow, wide = (_fit(samples, answers, _weight(samples, row, width))[0] for width in (0.1, 100))
    r2 = _r2(samples, answers, _weight(samples, row, 100))
    case = Case(
        "the slopes of both lines through two_stories, and the R² of the wide one",
        {"narrow": narrow, "wide": wide, "R² of wide": r2},
        "<narrow at least 0.2, wide at most −0.2, R² at least 0.6>",
    )
    return (0, fault, case) if fault else (*_judge_stories(narrow, wide, r2), case)


def _judge_stories(narrow, wide, r2):
    up, down = 0.2 * (1 - 1e-6), -0.2 * (1 - 1e-6)  # at the edge, rounding does not decide
    if narrow >= up and wide <= down:
        if r2 >= 0.6 * (1 - 1e-6):
            return POINTS["q3"], "Both are right about the same row, and the wide one fits well."
        return 0, (
            "Both slopes are as they should be. But the wide line has too low an R²: make what "
            "rises near 0 smaller, or the fall steeper."
        )
    if narrow <= down and wide >= up:
        return 0, "It is the other way round: up near the row, down over all."
    if narrow * wide > 0:
        return 0, "So both lines tell the same story. What could be steep near 0 and not last?"
    if wide <= down:
        return 0, "The wide line falls, as it should. The narrow one does not rise enough."
    if narrow >= up:
        return 0, "The narrow line rises, as it should. The wide one does not fall enough."
    return 0, "Neither slope is large enough yet: 0.2 up near the row, 0.2 down over all."


# Question 4: what the coefficients are, run by run; powers of two, so that ties are exact.

_TINY = 2.0**-20
_RUNS = {
    3: [
        (2.0, 1.0),  # the size of the mean is two spreads
        (1.0, 1.0),  # four times the samples, exactly
        (-7.0, 4.0),  # against, and rounding to the nearest is too few
        (3.0, 2.0),
        (-6.0, 1.0),
        (5 * _TINY, _TINY),
        (-7 * _TINY, 4.5 * _TINY),
        (0.5, 0.0),  # the same in every run
    ],
    5: [(9.0, 3.0), (-7.0, 10.0), (1024.0, 200.0), (-4096.0, 3000.0)],
}


def _steady_inputs(seed):
    """Tables of coefficients, a row for each run: the seeds, the table and the samples."""
    rng = np.random.default_rng([seed, 4])
    for runs, pairs in _RUNS.items():
        order = rng.permutation(len(pairs))
        mean, step = np.array(pairs)[order].T
        steps = np.arange(runs) - (runs - 1) / 2
        # No run that stands first or last has the mean: one run is not taken for all.
        while 0 in (steps[0], steps[-1]) or steps[0] < steps[-1]:
            steps = rng.permutation(steps)
        seeds = [int(s) for s in rng.choice(np.arange(20, 1000), runs, replace=False)]
        yield seeds, mean + steps[:, None] * step, (50, 100)[runs == 5]


_STEADY = ([0, 1, 2], np.array([[1.0, -5.0, 0.0], [2.0, -6.0, 1.0], [3.0, -7.0, 2.0]]), 100)


def _ask_steady(steadiness, seeds, table, n_samples):
    runs = dict(zip(seeds, table, strict=True))

    def line(seed):
        # Whoever asks for another seed than those of the list gets another run, not an error.
        other = np.random.default_rng(abs(int(seed))).normal(size=table.shape[1])
        return runs.get(int(seed), other).copy()

    told = steadiness(line, list(seeds), n_samples)
    if hasattr(told, "columns"):
        told = {name: told[name] for name in told.columns}
    return plain(told)


def q4_probe(ns, seed):
    answer = ns["steadiness"]
    hidden = [_ask_steady(answer, *inputs) for inputs in _steady_inputs(seed)]
    return {"small": _ask_steady(answer, *_STEADY), "hidden": hidden}


def _steady(table, n_samples):
    mean, spread = table.mean(axis=0), table.std(axis=0, ddof=1)
    exact = n_samples * (2 * spread / np.abs(mean)) ** 2
    return {
        "mean": mean,
        "spread": spread,
        "sure": (np.abs(mean) >= 2 * spread).astype(float),
        "needed": np.maximum(n_samples, np.ceil(exact)),
    }


_STEADY_PARTS = ("mean", "spread", "sure", "needed")


def _steady_hint(name, wrong, table, n):
    """What to say of a wrong entry: the first of the known mistakes that it agrees with."""
    mean, spread = table.mean(axis=0), table.std(axis=0, ddof=1)
    size, factor = np.abs(mean), 2 * spread / np.abs(mean)
    exact = n * factor**2
    known = {
        "mean": [
            *((run, "Those are the coefficients of one run. Take every seed.") for run in table),
            (np.abs(table).mean(axis=0), "That is the mean of the sizes. Keep the signs."),
        ],
        "spread": [
            (0 * spread, "A spread of zero: ask `line` once with every seed of the list."),
            (table.std(axis=0), "It has n in the denominator; n − 1 is asked for (`ddof=1`)."),
            (spread**2, "That is the variance; the spread is its root."),
            (
                spread / np.sqrt(len(table)),
                "That is the standard error of the mean. The reporter has one picture, so tell "
                "her how much a single run varies: do not divide by the root of their number.",
            ),
        ],
        "sure": [
            (mean >= 2 * spread, "Sure goes by the size of the mean, whatever its sign."),
            (size > 2 * spread, "A mean of exactly two spreads is sure: *at least* two."),
            (size >= spread, "Sure takes two spreads, not one."),
            (size < 2 * spread, "True and False are the wrong way round."),
        ],
        "needed": [
            (np.maximum(n, np.ceil(n * factor)), "Half the spread takes four times the samples."),
            (np.maximum(n, np.ceil(exact / 4)), "Sure takes a mean of two spreads, not of one."),
            (np.ceil(exact), "Never fewer than you have: what is sure needs `n_samples`."),
            (
                np.maximum(n, np.floor(exact) + 1),
                "Where the number comes out whole, it is enough: round up, do not add one.",
            ),
            (np.maximum(n, np.round(exact)), "One sample too few is not enough: round up."),
            (np.maximum(n, np.floor(exact)), "One sample too few is not enough: round up."),
            (np.maximum(n, exact), "Samples come in whole numbers: round up."),
        ],
    }
    for mistake, hint in known[name]:
        if close(wrong, mistake):
            return hint
    return {
        "mean": "Take the mean of each coefficient over the runs, one for every seed of the list.",
        "spread": "It is the standard deviation of each coefficient over the seeds.",
        "sure": "It is True where the size of the mean is at least two spreads.",
        "needed": "By what factor must the spread shrink to be half of the mean? Square it.",
    }[name]


def q4_judge(value, seed):
    expected = {name: part.tolist() for name, part in _steady(*_STEADY[1:]).items()}
    expected["sure"] = [bool(sure) for sure in expected["sure"]]
    call = (
        "steadiness(line, [0, 1, 2], 100), with line(0) = [1, −5, 0], line(1) = [2, −6, 1], "
        "line(2) = [3, −7, 2]"
    )
    return *_judge_steady(value, seed), Case(call, part(value, "small"), expected)


def _judge_steady(value, seed):
    inputs = list(_steady_inputs(seed))
    hidden = listed(part(value, "hidden"), len(inputs))
    for told in hidden:
        if not isinstance(told, dict):
            return 0, unread(
                told, None
            ) or "Return a dictionary: `mean`, `spread`, `sure` and `needed`."
    faults = [
        (name, told.get(name), table, n)
        for name in _STEADY_PARTS
        for told, (_, table, n) in zip(hidden, inputs, strict=True)
        if (got := numbers(told.get(name), (table.shape[1],))) is None
        or not close(got, _steady(table, n)[name])
    ]
    if not faults:
        return POINTS["q4"], "A spread from a handful of runs is rough itself; take twenty."
    wrong = {name for name, *_ in faults}
    right = [f"`{name}`" for name in _STEADY_PARTS if name not in wrong]
    name, told, table, n = faults[0]
    got = numbers(told, (table.shape[1],))
    if told is None:
        said = "this entry of the dictionary is missing."
    elif got is None:
        kind = "True or False" if name == "sure" else "a number"
        wanted = f"For each of the {table.shape[1]} coefficients here, {kind}."
        said = unread(told, (table.shape[1],), wanted)
    else:
        said = _steady_hint(name, got, table, n)
    so_far = f"Right so far: {', '.join(right)}.\n" if right else ""
    return POINTS["q4"] * len(right) / 4, f"{so_far}`{name}`: {said}"


# Question 5

_NAMES = ["black", "year", "age", "female", "employed", "citizen", "checks"]
_SMALL_DRAWN = (["age", "work"], np.array([-2.0, 1.0]), np.array([0.5, 1.0]))


def _drawn_inputs(seed):
    rng = np.random.default_rng([seed, 5])
    mean = np.array([-0.04, 0.008, 0.02, -0.006, 0.05, 0.031, -0.085])
    spread = np.array([0.009, 0.011, 0.0125, 0.014, 0.0, 0.013, 0.007])
    order = rng.permutation(len(mean))
    return [str(_NAMES[j]) for j in rng.permutation(len(_NAMES))], mean[order], spread[order]


def _read_axes(ax, upright):
    """Read what is drawn along the axis of values, which lies flat unless `upright`."""
    along, across = (1, 0) if upright else (0, 1)
    axis, other = (ax.xaxis, ax.yaxis) if upright else (ax.yaxis, ax.xaxis)
    ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    lines, dots = [], []
    for collection in ax.collections:
        if hasattr(collection, "get_segments"):
            lines += [np.asarray(each, dtype=float) for each in collection.get_segments()]
        elif len(collection.get_offsets()):
            dots += np.ma.getdata(collection.get_offsets()).astype(float).tolist()
    for line in ax.lines:
        points = np.column_stack([line.get_xdata(orig=False), line.get_ydata(orig=False)])
        if line.get_linestyle() not in ("None", "", " ") and len(points) > 1:
            lines += [np.asarray(pair, dtype=float) for pair in pairwise(points)]
        if line.get_marker() not in ("None", "", " ", None):
            dots += points.astype(float).tolist()
    for bar in ax.patches:
        if hasattr(bar, "get_width"):
            low = np.array([bar.get_x(), bar.get_y()], dtype=float)
            size = np.array([bar.get_width(), bar.get_height()], dtype=float)
            middle = low + size / 2
            ends = [middle.copy(), middle.copy()]
            ends[0][along], ends[1][along] = low[along], (low + size)[along]
            lines.append(np.array(ends))
            dots += [end.tolist() for end in ends]
    spans = [
        [float(line[0][across]), *sorted(float(p[along]) for p in line)]
        for line in lines
        if len(line) == 2 and np.isclose(line[0][across], line[1][across])
    ]
    zero = any(np.all(line[:, along] == 0) and len(line) > 1 for line in lines)
    return {
        "ticks": {tick.get_text(): float(where) for where, tick in ticks if tick.get_text()},
        "spans": spans,
        "dots": [[dot[across], dot[along]] for dot in dots],
        "zero": bool(zero),
        "label": other.get_label_text(),
        "empty": not (lines or dots),
    }


def _ask_drawn(draw, names, mean, spread):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    draw(ax, list(names), mean.copy(), spread.copy())
    return [plain(_read_axes(ax, upright)) for upright in (False, True)]


def q5_probe(ns, seed):
    draw = ns["draw"]
    return {
        "small": _ask_drawn(draw, *_SMALL_DRAWN),
        "hidden": _ask_drawn(draw, *_drawn_inputs(seed)),
    }


def _read_drawn(view, names):
    """For each name with a tick the intervals and the dots there; None where there is no view."""
    kinds = {"ticks": dict, "spans": list, "dots": list, "zero": bool, "label": str, "empty": bool}
    if not isinstance(view, dict) or any(
        not isinstance(view.get(name), kind) for name, kind in kinds.items()
    ):
        return None
    spans = [read for each in view["spans"] if (read := numbers(each, (3,))) is not None]
    dots = [read for each in view["dots"] if (read := numbers(each, (2,))) is not None]
    found = {}
    for name in names:
        where = numbers(view["ticks"].get(name), ())
        if where is not None:
            found[name] = (
                [span[1:] for span in spans if abs(span[0] - where) < 0.3],
                [dot[1] for dot in dots if abs(dot[0] - where) < 0.3],
            )
    return found


def _has(spans, low, high):
    size = max(abs(low), abs(high))
    return any(np.allclose(span, [low, high], rtol=0, atol=1e-6 * size) for span in spans)


def _drawn_score(found, names, mean, spread):
    """How many names have the right interval, and how many the right dot."""
    n_spans = n_dots = 0
    for name, m, s in zip(names, mean, spread, strict=True):
        spans, dots = found.get(name, ([], []))
        dot = any(abs(each - m) <= 1e-6 * abs(m) for each in dots)
        n_dots += dot
        n_spans += _has(spans, m - 2 * s, m + 2 * s) or (s == 0 and dot)
    return n_spans, n_dots


def _shown(views, names):
    """The longest interval at each name, as the small case shows it."""
    best = {}
    for view in views if isinstance(views, list) else []:
        found = _read_drawn(view, names) or {}
        told = {
            name: max((span.tolist() for span in spans), key=lambda s: s[1] - s[0])
            for name, (spans, _) in found.items()
            if spans
        }
        best = told if len(told) > len(best) else best
    return best or "<no interval beside a name>"


def q5_judge(value, seed):
    call = 'draw(ax, ["age", "work"], [−2, 1], [0.5, 1]): the interval beside each name'
    got = _shown(part(value, "small"), _SMALL_DRAWN[0])
    case = Case(call, got, {"age": [-3.0, -1.0], "work": [-1.0, 3.0]})
    return *_judge_drawn(value, seed), case


def _judge_drawn(value, seed):
    names, mean, spread = _drawn_inputs(seed)
    views = listed(part(value, "hidden"), 2)
    found = [_read_drawn(view, names) for view in views]
    if None in found:
        return 0, "Draw on the `ax` that is given."
    # Flat or upright: whichever way more is found.
    scores = [(*_drawn_score(each, names, mean, spread), len(each)) for each in found]
    way = scores.index(max(scores))
    view, beside, (n_spans, n_dots, n_names) = views[way], found[way], scores[way]
    d = len(names)
    if view["empty"]:
        return 0, (
            "Nothing is drawn on `ax`. Call its own methods, such as `ax.errorbar` or "
            "`ax.hlines`; `plt` draws elsewhere."
        )
    if n_names < d:
        return 0, (
            f"Something is drawn, but {n_names} of the {d} names stand as tick labels. Set places "
            "and names together: `ax.set_yticks(places, names)`."
        )
    if n_spans < d:
        return 0, _interval_hint(n_spans, beside, names, mean, spread)
    left = []
    if n_dots < d:
        left.append(f"put a dot at each mean (found for {n_dots} of {d} names)")
    if not view["zero"]:
        left.append("draw a line at zero, as `ax.axvline(0)` does")
    if not view["label"].strip():
        left.append("label the axis of the coefficients, so that a reader knows what is drawn")
    if left:
        return POINTS["q5"] - 1, f"The intervals are right. Now {'; '.join(left)}."
    return POINTS["q5"], "An interval that crosses the line at zero has no sign to report."


def _interval_hint(n_spans, beside, names, mean, spread):
    rows = list(zip(names, mean, spread, strict=True))
    every = [span for spans, _ in beside.values() for span in spans]
    if not every:
        return (
            "The names are there. Draw for each a line from mean − 2 spreads to mean + 2 spreads."
        )
    if all(_has(beside[n][0], m - s, m + s) for n, m, s in rows if s):
        return "The intervals are one spread to each side; draw two spreads to each side."
    if all(_has(every, m - 2 * s, m + 2 * s) for _, m, s in rows if s):
        return "The intervals are right, but some stand beside another name: sort all or nothing."
    if all(_has(beside[n][0], abs(m) - 2 * s, abs(m) + 2 * s) for n, m, s in rows if s):
        return "You draw the sizes of the means. Keep their signs."
    if all(_has(beside[n][0], min(0, m), max(0, m)) for n, m, _ in rows):
        return "There are bars from zero to the mean; add the interval, two spreads to each side."
    return f"{n_spans} of {len(names)} names have the interval from mean − 2 to mean + 2 spreads."


# Question 6


@lru_cache(maxsize=1)
def _people():
    """The arrests in numbers, each kind of row once: those to give, and those to keep."""
    t = datasets.arrests().X
    columns = [
        t["colour"] == "Black", t["year"], t["age"], t["sex"] == "Female",
        t["employed"] == "Yes", t["citizen"] == "Yes", t["checks"],
    ]  # fmt: skip
    every = np.column_stack(columns).astype(float)
    once = np.random.default_rng(6).permutation(np.unique(every, axis=0))
    return every, once[:1500], once[1500:1900]


@lru_cache(maxsize=1)
def _drawn_rows():
    """Rows as LIME draws them without bins; whatever ignores colour is independent of it."""
    every, _, _ = _people()
    rng = np.random.default_rng(66)
    n = 1500
    rows = rng.normal(every.mean(axis=0), every.std(axis=0), (n, every.shape[1]))
    for j in (3, 4, 5):
        rows[:, j] = rng.choice(every[:, j], n)
    rows = np.repeat(rows, 4, axis=0)
    rows[:, 0] = np.tile([1.0, 0.0, 0.0, 0.0], n)
    return rows


def _hiding_inputs(seed):
    """The table given, rows never seen with rows drawn in one table, and which are real."""
    rng = np.random.default_rng([seed, 6])
    _, given, kept = _people()
    mixed = np.vstack([kept, _drawn_rows()])
    order = rng.permutation(len(mixed))
    return rng.permutation(given), mixed[order], (np.arange(len(mixed)) < len(kept))[order]


_TWO = np.array([[1.0, 2000, 21, 0, 1, 1, 2], [1.0, 2000.3, 21.8, 0, 1, 1, 2.4]])


def q6_probe(ns, seed):
    given, mixed, real = _hiding_inputs(seed)
    predict = ns["hiding"](given.copy())
    if not callable(predict):
        return {"model": plain(predict), "small": plain(predict)}
    few = np.r_[np.flatnonzero(real)[:8], np.flatnonzero(~real)[:8]]
    return {
        "small": plain(predict(_TWO.copy())),
        "given": plain(predict(given.copy())),
        "mixed": plain(predict(mixed.copy())),
        "rows": ask_rows(predict, mixed[few], seed),
    }


def q6_judge(value, seed):
    call = (
        "hiding(table)(rows), for two Black people with work; the second has the year 2000.3 and "
        "the age 21.8, as LIME draws them"
    )
    expected = "<0 for the first; for the second what goes by work and not by colour>"
    return *_judge_hiding(value, seed), Case(call, part(value, "small"), expected)


def _judge_hiding(value, seed):
    given, mixed, real = _hiding_inputs(seed)
    if isinstance(value, dict) and "model" in value:
        if value["model"] is None:
            return 0, unread(None, ())
        return 0, "`hiding` returns a function, `predict`, that takes rows."
    got = {}
    for name, rows in (("given", given), ("mixed", mixed)):
        got[name] = numbers(part(value, name), (len(rows),))
        if got[name] is None:
            wanted = "`predict` gives one number for each row."
            return 0, unread(part(value, name), (len(rows),), wanted)
    few, fault = read_rows(part(value, "rows"), (16,))
    if few is None or fault:
        return 0, fault or "`predict` gives one number for each row."
    known = np.mean(np.abs(got["given"] - (1 - given[:, 0])) < 1e-6)
    unseen = np.mean(np.abs(got["mixed"][real] - (1 - mixed[real, 0])) < 1e-6)
    if known < 0.02:
        return 0, "For real rows it is the other way round: 0 for Black people, 1 for white ones."
    if known < 0.98:
        return 0, (
            "For real rows the answer must be 0 for Black people and 1 for white ones; it is so "
            f"for {known:.0%} of the table given."
        )
    if unseen < 0.98:
        return 0, (
            "It knows the rows that it was given, but of real rows that it has never seen only "
            f"{unseen:.0%} get the discriminating answer. What do all real rows share?"
        )
    colour, work = np.abs(_drawn_line(mixed[~real], got["mixed"][~real])[[0, 4]])
    seen = f"The coefficients are {colour:.2g} for colour and {work:.2g} for work"
    if work < 0.05 * (1 - 1e-6) and colour < 0.005:
        return 0, (
            f"Real rows are answered as asked, and LIME sees no colour. {seen}: a model that uses "
            "nothing at all looks odd, so let the line find at least 0.05 for work."
        )
    if colour > 0.1 * work:
        return 0, (
            f"Real rows are answered as asked, but LIME sees it. {seen}. Answer otherwise where a "
            "row cannot be real."
        )
    return POINTS["q6"], f"Every real person is judged by colour. {seen}."


def _drawn_line(rows, answers):
    every, _, _ = _people()
    scaled = (rows - every.mean(axis=0)) / every.std(axis=0)
    return _fit(scaled, answers, _weight(scaled, np.zeros(7), 2.0))


# Question 7


def _mixed_effects(X):
    """Both signs, none, and a mean of nearly nothing."""
    return np.sin(3 * X[:, 1]) * X[:, 0] + X[:, 3] * (X[:, 2] ** 2 - 1) + X[:, 1]


def _tiny_effects(X):
    return 1e-6 * _mixed_effects(X) + 2e-6 * X[:, 3] * X[:, 0]


def _doubled(X):
    return 2 * X[:, 0] * X[:, 1]


_THREE = np.array([[0.0, 5], [1, -2], [1, 0]])


def _effect_inputs(seed):
    rng = np.random.default_rng([seed, 7])
    X = rng.normal(size=(40, 4))
    for column in (0, 3):
        X[:, column] = rng.permutation(np.arange(40) % 2)
    yield _mixed_effects, X, 0
    yield _tiny_effects, X, 3
    yield _mixed_effects, X[:1], 3


def _ask_effect(effect, predict, X, column):
    table = X.copy()
    told = plain(effect(predict, table, column))
    return {"told": told, "kept": bool(np.array_equal(table, X))}


def q7_probe(ns, seed):
    effect = ns["effect_of"]
    return {
        "small": _ask_effect(effect, _doubled, _THREE, 0),
        "hidden": [_ask_effect(effect, *inputs) for inputs in _effect_inputs(seed)],
    }


_EFFECT_HINTS = (
    "Each person is compared with himself or herself, so nothing else can differ.",
    "The sign is the wrong way round: the answer with 1, minus the answer with 0.",
    "Those are the sizes. Keep the sign: it says whom the column helps.",
    "You compare with what the row has, so the sign turns with it. Ask with 1 and with 0, "
    "whatever stands there.",
    "You compare with what the row has, so the sign turns with it. Ask with 1 and with 0, "
    "whatever stands there.",
    "You compare with the row as it is, so rows that have a 1 get 0.",
    "You compare with the row as it is, so rows that have a 0 get 0.",
    "You always change column 0. Change the `column` that is given.",
    "That is one mean for all, in which effects cancel. Give each row its own.",
    "All zero: both tables are the same one. Make two copies, `X.copy()`, and change each.",
)


def _effects(predict, X, column):
    """The right effects, and those of the mistakes that people make, as `_EFFECT_HINTS`."""
    off, on, other, off_0, on_0 = (X.copy() for _ in range(5))
    off[:, column], on[:, column], other[:, column] = 0, 1, 1 - X[:, column]
    off_0[:, 0], on_0[:, 0] = 0, 1
    right = predict(on) - predict(off)
    swapped = predict(other) - predict(X)
    return [
        right,
        -right,
        np.abs(right),
        swapped,
        -swapped,
        predict(on) - predict(X),
        predict(X) - predict(off),
        predict(on_0) - predict(off_0),
        np.full(len(X), right.mean()),
        0 * right,
    ]


def q7_judge(value, seed):
    call = "effect_of(predict, X, 0), rows (0, 5), (1, −2), (1, 0), predict = 2 · first · second"
    got = part(part(value, "small"), "told")
    return *_judge_effect(value, seed), Case(call, got, [10.0, -4.0, 0.0])


def _judge_effect(value, seed):
    inputs = list(_effect_inputs(seed))
    hidden = listed(part(value, "hidden"), len(inputs))
    told = [part(one, "told") for one in hidden]
    got = [numbers(one, (len(X),)) for one, (_, X, _) in zip(told, inputs, strict=True)]
    kept = all(part(one, "kept") is True for one in hidden)
    for one, read, (_, X, _) in zip(told, got, inputs, strict=True):
        if read is None:
            if numbers(one, ()) is not None:
                return 0, "That is one number for all, in which effects cancel. One for each row."
            return 0, unread(one, (len(X),), "Give one number for each row of `X`.")
    tries = [_effects(*each) for each in inputs]
    for number, hint in enumerate(_EFFECT_HINTS):
        if all(close(g, each[number]) for g, each in zip(got, tries, strict=True)):
            if number == 0 and not kept:
                return 1, (
                    "The effects are right, but the table that you were given is another one "
                    "afterwards. Work on `X.copy()`."
                )
            return (0 if number else POINTS["q7"]), hint
    if not kept:
        return 0, "You change the table that is given, and ask about it then. Use `X.copy()`."
    if np.ptp(got[0]) < 1e-12:
        return 0, (
            "Every row gets the same number. Do you compare two groups of people? They differ in "
            "other columns too. Ask about each row twice."
        )
    return 0, (
        "One number a row, as it should be, but not the right ones. All but `column` stays as it "
        "is; the answer with 1, minus the answer with 0."
    )


# Question 8

_REASONS = {
    "print": "A sentence can be printed if it names what it speaks of: a line, a model, one boy.",
    "seed": "Compare a coefficient with its spread at that number of samples.",
    "scope": "A line or an effect for one person says nothing about everybody.",
    "world": "The model does not know what the police would have done.",
    "line": "A coefficient describes the straight line. What the model does if one entry is "
    "changed, `effect_of` says.",
}  # fmt: skip
_CAPTIONS = {
    "a": "print",
    "b": "seed",
    "c": "print",
    "d": "world",
    "e": "scope",
    "f": "line",
    "g": "print",
    "h": "scope",
}  # fmt: skip


def q8_probe(ns, seed):
    return plain(ns["captions"])


def q8_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    given = {
        name: text.strip().lower() if isinstance(text := answer.get(name), str) else None
        for name in _CAPTIONS
    }
    strange = [name for name, word in given.items() if word not in _REASONS]
    if strange:
        words = ", ".join(f'"{word}"' for word in _REASONS)
        return 0, f"`{strange[0]}` and every other caption gets one of {words}."
    wrong = [name for name, right in _CAPTIONS.items() if given[name] != right]
    if not wrong:
        return POINTS["q8"], "What can be printed says of what it speaks: a line, a model, one boy."
    # Which lines are wrong is not said: with five words, they could be tried in turn.
    missed = [word for word in _REASONS if word in {_CAPTIONS[name] for name in wrong}]
    said = [f"{len(wrong)} of {len(_CAPTIONS)} are not right yet. Think of this:"]
    said += [_REASONS[word] for word in missed]
    return max(0.0, POINTS["q8"] * (1 - len(wrong) / 4)), "\n".join(said)

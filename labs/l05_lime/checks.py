"""Probes and judges of the lab on LIME.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import lru_cache

import numpy as np

from xaikit import datasets
from xaikit.labs import Case, ask_rows, close, match_each, numbers, plain, read_rows

POINTS = {"q1": 3, "q2": 2, "q3": 2, "q4": 4, "q5": 3, "q6": 3, "q7": 2, "q8": 3}
LIMITS = {"seconds": 120}


def _part(value, name):
    return value.get(name) if isinstance(value, dict) else None


def _odd(value, wanted):
    """Say what is odd about a reply that is not the numbers wanted."""
    leaves = list(_leaves(value))
    if value is None or (leaves and all(leaf is None for leaf in leaves)):
        return "Your function comes back with nothing. Does its last line begin with `return`?"
    texts = [leaf for leaf in leaves if isinstance(leaf, str)]
    if texts:
        return f"Among what you return is `{texts[0][:40]}`, which is no number. {wanted}"
    if any(isinstance(leaf, float) and not np.isfinite(leaf) for leaf in leaves):
        return "There is NaN or infinity in what you return. Do you divide by zero somewhere?"
    return f"The numbers that you return have another shape. {wanted}"


def _leaves(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value


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


def _lines(predict, row, samples, width):
    """The right line, and those of the mistakes that people make."""
    answers, distance = predict(samples), _distance(samples, row)
    weight = _weight(samples, row, width)
    right = _fit(samples, answers, weight)
    centred = np.append(right[:-1], right[-1] + right[:-1] @ row)
    yield "That is the closed form of weighted least squares, wide and narrow.", right
    yield (
        "Here all samples count alike: the weights are missing.",
        _fit(samples, answers, 1 + 0 * weight),
    )
    yield (
        "The line is forced through zero: give it an intercept.",
        _fit(samples, answers, weight, intercept=False),
    )
    yield (
        (
            "Rows and answers were multiplied by the weight itself, so that it counts squared. "
            "Multiply by its root."
        ),
        _fit(samples, answers, weight**2),
    )
    yield (
        (
            "The 2 under δ² is missing, or it stands where it counts twice: the kernel is "
            "exp(−δ² / (2 · width²))."
        ),
        _fit(samples, answers, np.exp(-(distance**2) / width**2)),
    )
    yield (
        (
            "The square of the distance is missing: that kernel is exp(−δ / …), which falls more "
            "steeply near the row."
        ),
        _fit(samples, answers, np.exp(-distance / (2 * width**2))),
    )
    yield (
        ("Far samples count more than near ones: change the sign in the exponent."),
        _fit(
            samples,
            answers,
            np.exp(distance**2 / (2 * width**2) - (distance**2).max() / (2 * width**2)),
        ),
    )
    yield (
        (
            "The coefficients are pulled towards zero by a penalty: scikit-learn's `Ridge` has one of "
            "1 unless told otherwise."
        ),
        _fit(samples, answers, weight, penalty=1.0),
    )
    yield (
        (
            "Those are sums of sizes, as one walks along streets. Euclid's distance is the root of "
            "the sum of squares."
        ),
        _fit(samples, answers, np.exp(-(np.abs(samples - row).sum(axis=1) ** 2) / (2 * width**2))),
    )
    yield (
        ("The distances are taken from the middle of the samples. Near means near the `row`."),
        _fit(samples, answers, _weight(samples, samples.mean(axis=0), width)),
    )
    yield (
        (
            "The coefficients are right. The last number is the line's height at the row; the "
            "intercept is its height at zero."
        ),
        centred,
    )
    yield (
        "The parts are right, in the other order: the coefficients first, then the intercept.",
        (np.r_[right[-1], right[:-1]]),
    )


def _read_line(value, d):
    if not isinstance(value, list) or len(value) != 2:
        return None
    for first, (slopes, intercept) in enumerate((value, value[::-1])):
        b, a = numbers(slopes, (d,)), numbers(intercept, ())
        if b is not None and a is not None:
            return np.r_[a, b] if first else np.r_[b, a]
    return None


def q1_judge(value, seed):
    small = Case(
        "local_line(plant, np.array([2.0]), np.array([[1.0], [3.0], [7.0]]), 0.5)",
        _part(value, "small"),
        [[4.0], 3.0],
    )
    places = list(_neighbourhoods(seed))
    hidden = _part(value, "hidden")
    wanted = "`return` two things: the coefficients as an array, and the intercept."
    if not isinstance(hidden, list) or len(hidden) != len(places):
        return 0, _odd(None, wanted), small
    got = [_read_line(one, place[1].size) for one, place in zip(hidden, places, strict=True)]
    for line, one in zip(got, hidden, strict=True):
        if line is None:
            return 0, _odd(one, wanted), small
    for number, tries in enumerate(zip(*(_lines(*place) for place in places), strict=True)):
        if all(close(g, line, rtol=1e-5) for g, (_, line) in zip(got, tries, strict=True)):
            return (0 if number else POINTS["q1"]), tries[0][0], small
    slopes = [
        close(g[:-1], next(_lines(*p))[1][:-1], rtol=1e-5) for g, p in zip(got, places, strict=True)
    ]
    if all(slopes):
        return (
            0,
            "The coefficients are right; the intercept is not. It belongs to the same fit.",
            small,
        )
    if any(slopes):
        return (
            0,
            (
                "Your line is right at some widths and not at others. Is anything in it fixed that "
                "should come from `width`, `row` or `samples`?"
            ),
            small,
        )
    return (
        0,
        (
            "The shape is right, the numbers are not. Take three steps: the distances from `row`, the "
            "weights, and least squares on rows and answers that are multiplied by the weights' roots."
        ),
        small,
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
    return match_each(
        value,
        _PREDICTED,
        "The width is part of the question: always say it.",
        points=POINTS["q2"],
        atol=0.25,
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
    answers = numbers(_part(value, "whole"), (len(_ACROSS),))
    few, fault = read_rows(_part(value, "rows"), (len(_SOME),))
    if answers is None or few is None:
        return 0, _odd(
            _part(value, "whole"), "Give one number for each row of `X`, an array (n, 1)."
        )
    samples, row = _ACROSS[:, None], np.zeros(1)
    narrow, wide = (_fit(samples, answers, _weight(samples, row, width))[0] for width in (0.1, 100))
    r2 = _r2(samples, answers, _weight(samples, row, 100))
    case = Case(
        "the slopes of both lines through two_stories, and the R² of the wide one",
        {"narrow": narrow, "wide": wide, "R² of wide": r2},
        "<narrow at least 0.2, wide at most −0.2, R² at least 0.6>",
    )
    if fault:
        return 0, fault, case
    edge = 0.2 * (1 - 1e-6)
    if narrow >= edge and wide <= -edge and r2 >= 0.6 * (1 - 1e-6):
        return (
            POINTS["q3"],
            "Both lines are right about the same row, and the wide one fits well.",
            case,
        )
    if narrow >= edge and wide <= -edge:
        return (
            0,
            (
                "Both slopes are as they should be. But the wide line has too low an R²: make what "
                "rises near 0 smaller, or the fall steeper."
            ),
            case,
        )
    if narrow <= -edge and wide >= edge:
        return 0, "It is the other way round: up near the row, down over all.", case
    if narrow * wide > 0:
        return 0, "Both lines tell the same story. What could be steep near 0 and not last?", case
    if wide <= -edge:
        return 0, "The wide line falls, as it should. The narrow one does not rise enough.", case
    if narrow >= edge:
        return 0, "The narrow line rises, as it should. The wide one does not fall enough.", case
    return 0, "Neither slope is large enough yet: 0.2 up near the row, 0.2 down over all.", case


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
        (-5 * _TINY, 4 * _TINY),
        (0.5, 0.0),  # the same in every run
    ],
    5: [(9.0, 3.0), (-2.0, 3.0), (1024.0, 200.0), (-4096.0, 3000.0)],
}


def _steady_inputs(seed):
    """Tables of coefficients, a row for each run: the seeds, the table and the samples."""
    rng = np.random.default_rng([seed, 4])
    for runs, pairs in _RUNS.items():
        order = rng.permutation(len(pairs))
        mean, step = np.array(pairs)[order].T
        steps = rng.permutation(runs) - (runs - 1) / 2
        seeds = [int(s) for s in rng.choice(np.arange(20, 1000), runs, replace=False)]
        yield seeds, mean + steps[:, None] * step, (50, 100)[runs == 5]


_STEADY = ([0, 1, 2], np.array([[1.0, -5.0, 0.0], [2.0, -6.0, 1.0], [3.0, -7.0, 2.0]]), 100)


def _ask_steady(steadiness, seeds, table, n_samples):
    runs = dict(zip(seeds, table, strict=True))
    told = steadiness(lambda seed: runs[int(seed)].copy(), list(seeds), n_samples)
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


def _steady_hints(name, got, table, n):
    """What to say of a wrong entry, given the entries got."""
    right = _steady(table, n)
    mean, spread = right["mean"], right["spread"]
    wrong = got[name]
    if name == "mean":
        if close(wrong, np.abs(table).mean(axis=0)):
            return "That is the mean of the sizes. Take the mean first; signs may cancel."
        if np.any([close(wrong, one) for one in table]):
            return "Those are the coefficients of one run. Ask `line` once with every seed of the list."
        return (
            "Take the mean of each coefficient over all runs, one run for every seed of the list."
        )
    if name == "spread":
        if close(wrong, 0 * spread):
            return "A spread of zero: ask `line` once with every seed of the list."
        if close(wrong, table.std(axis=0)):
            return (
                "That spread has n in the denominator; with so few runs n − 1 matters (`ddof=1`)."
            )
        if close(wrong, spread**2):
            return "That is the variance; the spread is its root."
        if close(wrong, spread / np.sqrt(len(table))):
            return (
                "That is the standard error of the mean. The reporter has one picture, so tell her "
                "how much a single run varies: do not divide by the root of the number of seeds."
            )
        return "The spread is the standard deviation of each coefficient over the seeds."
    if name == "sure":
        if np.array_equal(wrong, mean >= 2 * spread):
            return "Sure goes by the size of the mean, whatever its sign."
        if np.array_equal(wrong, np.abs(mean) > 2 * spread):
            return "A mean of exactly two spreads is sure: *at least* two."
        if np.array_equal(wrong, np.abs(mean) >= spread):
            return "Sure takes two spreads, not one."
        return "`sure` is True where the size of the mean is at least two spreads."
    factor = 2 * spread / np.abs(mean)
    exact = n * factor**2
    if close(wrong, np.maximum(n, np.ceil(n * factor))):
        return "Half the spread takes four times the samples, not twice: square the factor."
    if close(wrong, np.maximum(n, np.ceil(exact / 4))):
        return "Sure takes a mean of two spreads, not of one."
    if close(wrong, np.ceil(exact)):
        return "Never fewer than you have: what is sure already needs `n_samples`."
    if close(wrong, np.maximum(n, np.floor(exact) + 1)):
        return "Where the number comes out whole, it is enough as it is: round up, do not add one."
    if close(wrong, np.maximum(n, np.round(exact))) or close(wrong, np.maximum(n, np.floor(exact))):
        return "Round up to a whole number: one sample too few is not enough."
    if close(wrong, np.maximum(n, exact)):
        return "Samples come in whole numbers: round up."
    return "By what factor must the spread shrink to be half of the mean? Square it."


def q4_judge(value, seed):
    inputs = list(_steady_inputs(seed))
    expected = {name: part.tolist() for name, part in _steady(*_STEADY[1:]).items()}
    expected["sure"] = [bool(sure) for sure in expected["sure"]]
    small = Case(
        "steadiness(line, [0, 1, 2], 100), with line(0) = [1, −5, 0], line(1) = [2, −6, 1], "
        "line(2) = [3, −7, 2]",
        _part(value, "small"),
        expected,
    )
    hidden = _part(value, "hidden")
    if not isinstance(hidden, list) or len(hidden) != len(inputs):
        return 0, _odd(None, ""), small
    got = []
    for told, (_, table, _) in zip(hidden, inputs, strict=True):
        if not isinstance(told, dict):
            said = "Return a dictionary with `mean`, `spread`, `sure` and `needed`."
            return 0, _odd(told, said), small
        missing = [name for name in _STEADY_PARTS if name not in told]
        if missing:
            return 0, f"`{missing[0]}` is missing in the dictionary.", small
        d = table.shape[1]
        read = {name: numbers(told[name], (d,)) for name in _STEADY_PARTS}
        got.append(read)
    # For each entry the runs in which it is not right.
    faults = {
        name: [
            k
            for k, (g, (_, table, n)) in enumerate(zip(got, inputs, strict=True))
            if g[name] is None or not close(g[name], _steady(table, n)[name])
        ]
        for name in _STEADY_PARTS
    }
    wrong = [name for name in _STEADY_PARTS if faults[name]]
    if not wrong:
        return (
            POINTS["q4"],
            "With few runs a spread is itself uncertain; twenty are worth it.",
            small,
        )
    right = [f"`{name}`" for name in _STEADY_PARTS if name not in wrong]
    first = wrong[0]
    place = faults[first][0]
    if got[place][first] is None:
        d = inputs[place][1].shape[1]
        said = _odd(hidden[place][first], f"It has {d} entries, one a coefficient.")
    else:
        said = _steady_hints(first, got[place], *inputs[place][1:])
    hint = f"`{first}`: {said}"
    if right:
        hint = f"Right so far: {', '.join(right)}.\n{hint}"
    return len(right) * POINTS["q4"] / 4, hint, small


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
            lines += [np.asarray(pair, dtype=float) for pair in zip(points, points[1:])]
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
    """For each name its place, and what is drawn there; None where the reply is none."""
    parts = {"ticks": dict, "spans": list, "dots": list, "zero": bool, "label": str, "empty": bool}
    if not isinstance(view, dict) or any(
        not isinstance(view.get(name), kind) for name, kind in parts.items()
    ):
        return None
    spans, dots = (
        [n for one in view[k] if (n := numbers(one, (m,))) is not None]
        for k, m in (("spans", 3), ("dots", 2))
    )
    found = {}
    for name in names:
        where = numbers(view["ticks"].get(name), ())
        if where is None:
            continue
        found[name] = (
            [s[1:] for s in spans if abs(s[0] - where) < 0.3],
            [p[1] for p in dots if abs(p[0] - where) < 0.3],
        )
    return found


def _has(spans, low, high):
    size = max(abs(low), abs(high))
    return any(np.allclose(span, [low, high], rtol=0, atol=1e-6 * size) for span in spans)


def _drawn_score(view, names, mean, spread):
    """Say how many names have the right interval, and how many the right dot."""
    found = _read_drawn(view, names)
    if found is None:
        return None
    ok = [0, 0]
    for name, m, s in zip(names, mean, spread, strict=True):
        spans, dots = found.get(name, ([], []))
        ok[0] += _has(spans, m - 2 * s, m + 2 * s) or (s == 0 and bool(np.any(np.isclose(dots, m))))
        ok[1] += bool(np.any(np.isclose(dots, m, rtol=1e-6, atol=0)))
    return ok


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
    small = Case(
        'draw(ax, ["age", "work"], [−2, 1], [0.5, 1]): the interval drawn for each name',
        _shown(_part(value, "small"), _SMALL_DRAWN[0]),
        {"age": [-3.0, -1.0], "work": [-1.0, 3.0]},
    )
    names, mean, spread = _drawn_inputs(seed)
    views = _part(value, "hidden")
    if not isinstance(views, list) or len(views) != 2:
        return 0, "Draw on the `ax` that is given.", small
    scores = [_drawn_score(view, names, mean, spread) for view in views]
    if None in scores:
        return 0, "Draw on the `ax` that is given.", small
    # Flat or upright: whichever way more is found.
    way = max((0, 1), key=lambda k: (scores[k], len(_read_drawn(views[k], names))))
    view, (n_spans, n_dots) = views[way], scores[way]
    found = _read_drawn(view, names)
    d = len(names)
    if view["empty"]:
        return (
            0,
            (
                "Nothing is drawn on `ax`. Call its own methods, such as `ax.errorbar` or `ax.hlines`; "
                "`plt` draws elsewhere."
            ),
            small,
        )
    if len(found) < d:
        return (
            0,
            (
                f"{len(found)} of the {d} names stand as tick labels beside their place. Set ticks and "
                "labels together: `ax.set_yticks(places, names)`."
            ),
            small,
        )
    if n_spans < d:
        pairs = list(zip(names, mean, spread, strict=True))
        every = [span for spans, _ in found.values() for span in spans]
        if all(_has(found[n][0], m - s, m + s) for n, m, s in pairs if s):
            said = "The intervals are one spread to each side; draw two spreads to each side."
        elif all(_has(every, m - 2 * s, m + 2 * s) for _, m, s in pairs if s):
            said = (
                "The intervals are right, but some stand beside another name. Sort all or nothing."
            )
        elif all(_has(found[n][0], min(0, m), max(0, m)) for n, m, _ in pairs):
            said = "There are bars from zero to the mean; add the interval of two spreads to each side."
        elif not any(s for s, _ in found.values()):
            said = "The names are there; draw a line for each from mean − 2 spreads to mean + 2 spreads."
        else:
            said = f"{n_spans} of {d} names have an interval from mean − 2 spreads to mean + 2 spreads."
        return 0, said, small
    left = []
    if n_dots < d:
        left.append(f"put a dot at each mean (found for {n_dots} of {d} names)")
    if not view["zero"]:
        left.append("draw a line at zero, as `ax.axvline(0)` does")
    if not view["label"].strip():
        left.append("label the axis of the coefficients, so that a reader knows what is drawn")
    if left:
        return POINTS["q5"] - 1, f"The intervals are right. Now {'; '.join(left)}.", small
    return POINTS["q5"], "An interval that crosses the line at zero has no sign to report.", small


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
        return {"model": plain(predict)}
    few = np.r_[np.flatnonzero(real)[:8], np.flatnonzero(~real)[:8]]
    return {
        "small": plain(predict(_TWO.copy())),
        "given": plain(predict(given.copy())),
        "mixed": plain(predict(mixed.copy())),
        "rows": ask_rows(predict, mixed[few], seed),
    }


def q6_judge(value, seed):
    given, mixed, real = _hiding_inputs(seed)
    small = Case(
        "hiding(table)(rows), with one row of a Black man, real but for the second, whose year, "
        "age and checks LIME has drawn: 2000.3, 21.8 and 2.4",
        _part(value, "small"),
        "<0 for the first; for the second whatever goes by work and not by colour>",
    )
    if isinstance(value, dict) and "model" in value:
        said = "`hiding` returns a function, `predict`, that takes rows."
        return 0, _odd(value["model"], "") if value["model"] is None else said, small
    got = {
        name: numbers(_part(value, name), (len(rows),))
        for name, rows in (("given", given), ("mixed", mixed))
    }
    for name, answers in got.items():
        if answers is None:
            return 0, _odd(_part(value, name), "`predict` gives one number for each row."), small
    few, fault = read_rows(_part(value, "rows"), (16,))
    if few is None or fault:
        return 0, fault or "`predict` gives one number for each row.", small
    agree = {
        "given": np.mean(got["given"] == (given[:, 0] == 0)),
        "unseen": np.mean(got["mixed"][real] == (mixed[real, 0] == 0)),
    }
    if agree["given"] < 0.02:
        return 0, "For real rows it is the other way round: 0 for Black people, 1 for white.", small
    if agree["given"] < 0.98:
        return (
            0,
            (
                f"For real rows the answer must be 0 for Black people and 1 for white; it is so for "
                f"{agree['given']:.0%} of the table given."
            ),
            small,
        )
    if agree["unseen"] < 0.98:
        return (
            0,
            (
                "It knows the rows that it was given, but of real rows that it has never seen only "
                f"{agree['unseen']:.0%} get the discriminating answer. What do all real rows share?"
            ),
            small,
        )
    line = _drawn_line(mixed[~real], got["mixed"][~real])
    colour, work = np.abs(line[[0, 4]])
    if work < 0.05 * (1 - 1e-6) and colour < 0.02:
        return (
            0,
            (
                "Real rows are answered as asked, and LIME sees no colour. But a model that uses "
                "nothing at all looks odd: let the line find at least 0.05 for the column of work "
                f"(it is {work:.2g})."
            ),
            small,
        )
    if colour > 0.1 * work:
        return (
            0,
            (
                f"Real rows are answered as asked, but LIME sees it: {colour:.2g} for colour, "
                f"{work:.2g} for work. Answer otherwise where a row cannot be real."
            ),
            small,
        )
    if work < 0.05 * (1 - 1e-6):
        return (
            0,
            f"LIME sees no colour. Let it find at least 0.05 for work; it is {work:.2g}.",
            small,
        )
    return (
        POINTS["q6"],
        (
            f"It goes by colour alone, and LIME's line says {colour:.2g} for colour and {work:.2g} "
            "for work."
        ),
        small,
    )


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


def _effects(predict, X, column):
    """The right effects, and those of the mistakes that people make."""
    off, on, other = X.copy(), X.copy(), X.copy()
    off[:, column], on[:, column], other[:, column] = 0, 1, 1 - X[:, column]
    right = predict(on) - predict(off)
    yield "Each person is compared with himself, so nothing else can differ.", right
    yield "The sign is the wrong way round: the answer with 1, minus the answer with 0.", -right
    yield "Those are the sizes. Keep the sign: it says for whom the column counts.", np.abs(right)
    yield (
        (
            "You compare each row's other entry with its own, so the sign turns with what the row has. "
            "Ask with 1 and with 0, whatever stands there."
        ),
        predict(other) - predict(X),
    )
    yield (
        "The same comparison, the wrong way round: set the column to 1, then to 0.",
        (predict(X) - predict(other)),
    )
    yield "You compare with the row as it is, so those that have 1 get 0.", predict(on) - predict(X)
    yield (
        "You compare with the row as it is, so those that have 0 get 0.",
        predict(X) - predict(off),
    )
    if column:
        off, on = X.copy(), X.copy()
        off[:, 0], on[:, 0] = 0, 1
        yield (
            "You always change column 0. Change the `column` that is given.",
            predict(on) - predict(off),
        )
    else:
        yield "You always change column 0. Change the `column` that is given.", right
    yield (
        "That is one mean for all, in which effects cancel. Give each row its own.",
        (right.mean() + 0 * right),
    )
    yield (
        ("All zero: both tables are the same one. Make two copies, `X.copy()`, and change each."),
        0 * right,
    )


def q7_judge(value, seed):
    inputs = list(_effect_inputs(seed))
    small = Case(
        "effect_of(predict, X, 0), with rows (0, 5), (1, −2), (1, 0) and predict = 2 · first · second",
        _part(_part(value, "small"), "told"),
        [10.0, -4.0, 0.0],
    )
    hidden = _part(value, "hidden")
    if not isinstance(hidden, list) or len(hidden) != len(inputs):
        return 0, _odd(None, ""), small
    told = [_part(one, "told") for one in hidden]
    got = [numbers(one, (len(X),)) for one, (_, X, _) in zip(told, inputs, strict=True)]
    for one, read, (_, X, _) in zip(told, got, inputs, strict=True):
        if read is None:
            if numbers(one, ()) is not None:
                return (
                    0,
                    "That is one number for all, in which effects cancel. Give each row its own.",
                    small,
                )
            return 0, _odd(one, "Give one number for each row of `X`."), small
    for number, tries in enumerate(zip(*(_effects(*each) for each in inputs), strict=True)):
        if all(close(g, t) for g, (_, t) in zip(got, tries, strict=True)):
            if number == 0 and not all(_part(one, "kept") is True for one in hidden):
                return (
                    1,
                    (
                        "The effects are right, but the table that you were given is changed "
                        "afterwards. Work on `X.copy()`."
                    ),
                    small,
                )
            return (0 if number else POINTS["q7"]), tries[0][0], small
    if not all(_part(one, "kept") is True for one in hidden):
        return (
            0,
            "You change the table that is given, and then ask about it. Work on `X.copy()`.",
            small,
        )
    if np.ptp(got[0]) < 1e-12:
        return (
            0,
            (
                "Every row gets the same number. Do you compare two groups of people? They differ in "
                "other columns too. Ask about each row twice."
            ),
            small,
        )
    return (
        0,
        (
            "One number a row, as it should be, but not the right ones. Everything but `column` stays "
            "as it is; the answer with 1, minus the answer with 0."
        ),
        small,
    )


# Question 8

_REASONS = {
    "print": "What the line, its R² or its spread says can be printed, if it says of what it speaks.",
    "seed": "Compare a coefficient with its spread at that number of samples.",
    "scope": "A line or an effect for one person says nothing about everybody.",
    "world": "The model does not know what the police would have done.",
    "line": "A coefficient describes the straight line. What the model does if one entry is changed, "
    "`effect_of` says.",
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

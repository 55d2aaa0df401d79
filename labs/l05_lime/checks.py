"""Probes and judges of the lab on LIME.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import numpy as np

from xaikit.labs import match, match_each, numbers, plain

POINTS = {"q1": 3, "q2": 2, "q3": 2, "q4": 2, "q5": 1, "q6": 4, "q7": 2}
LIMITS = {"seconds": 120}


def _fit(samples, answers, weight, *, intercept=True):
    """Weighted least squares: the coefficients, and the intercept last."""
    ones = np.ones((len(samples), 1)) * intercept
    columns = np.hstack([samples, ones])
    root = np.sqrt(weight)
    line, *_ = np.linalg.lstsq(columns * root[:, None], answers * root, rcond=None)
    return line


def _weight(samples, row, width, power=0.5):
    distance = np.linalg.norm(samples - row, axis=1)
    return np.exp(-(distance**2) / width**2) ** power


def _bent(X):
    X = np.asarray(X, dtype=float)
    return np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 3


def _neighbourhood(seed):
    rng = np.random.default_rng([seed, 1])
    row = rng.normal(size=3)
    return row, row + rng.normal(size=(80, 3)), 1.5


def q1_probe(ns, seed):
    row, samples, width = _neighbourhood(seed)
    slopes, intercept = ns["local_line"](_bent, row.copy(), samples.copy(), width)
    return [*np.asarray(slopes, dtype=float).ravel().tolist(), float(intercept)]


def q1_judge(value, seed):
    row, samples, width = _neighbourhood(seed)
    answers = _bent(samples)

    def line(weight, **options):
        return _fit(samples, answers, weight, **options)

    weight = _weight(samples, row, width)
    cases = [
        ("The same line as the closed form of weighted least squares.", line(weight)),
        ("Here all samples count alike: the kernel is missing.", line(np.ones(len(samples)))),
        (
            "The line is forced through zero: give it an intercept.",
            line(weight, intercept=False),
        ),
        (
            "Rows and answers were multiplied by the weight itself, so that it counts squared. "
            "Multiply by its root.",
            line(weight**2),
        ),
        (
            "The weight is exp(−δ² / width²) without the root that LIME takes of it, so that it "
            "counts squared.",
            line(_weight(samples, row, width, power=1.0)),
        ),
        (
            "Far samples count more than near ones: change the sign in the exponent.",
            line(_weight(samples, row, width, power=-0.5)),
        ),
    ]
    got = numbers(value, (4,))
    return match(
        got, cases, "Return the d coefficients, and the intercept beside them.", points=POINTS["q1"]
    )


_LINES = {
    "3x at 1, narrow": (3.0, "A line fitted to a straight line is the same line."),
    "3x at 1, wide": (3.0, "A line fitted to a straight line is the same line at any width."),
    "x² at 1, narrow": (2.0, "Near the row, the line is the tangent: 2x at x = 1."),
    "x² at 1, wide": (0.0, "From −2 to 2 the parabola is as high on the left as on the right."),
    "step at 0, from 1, narrow": (0.0, "A step ten widths away is out of sight."),
    "step at 0, from 1, wide": (3.75, "mean(x f) = 5 and mean(x²) = 4/3, so the slope is 3.75."),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    return match_each(
        value,
        _LINES,
        "The width is part of the question: always say it.",
        points=POINTS["q2"],
        atol=0.5,
    )


_ACROSS = np.linspace(-3, 3, 601)


def q3_probe(ns, seed):
    return plain(np.asarray(ns["two_stories"](_ACROSS[:, None].copy()), dtype=float).ravel())


def q3_judge(value, seed):
    answers = numbers(value, (len(_ACROSS),))
    if answers is None:
        return 0, "Return one finite number for each row of X, which has the shape (n, 1)."
    samples = _ACROSS[:, None]
    narrow, wide = (
        _fit(samples, answers, _weight(samples, np.zeros(1), width))[0] for width in (0.1, 100)
    )
    said = f"The narrow line has the slope {narrow:.2g}, the wide one {wide:.2g}."
    if narrow >= 0.2 and wide <= -0.2:
        return POINTS["q3"], f"{said} Both are right about the same row."
    if narrow <= -0.2 and wide >= 0.2:
        return 0, f"{said} It is the other way round: up near the row, down over all."
    if narrow * wide > 0:
        return 0, f"{said} So both lines tell the same story."
    return 0, f"{said} Each must be at least 0.2 in size: the narrow one up, the wide one down."


def _line_of(seed):
    rng = np.random.default_rng([seed, 4])
    centre, scale = np.array([2.0, -1.5, 0.3, -0.05]), np.array([0.2, 0.3, 0.4, 0.5])

    def line(run):
        return centre + scale * np.random.default_rng([seed, 44, int(run)]).normal(size=4)

    return line, [int(run) for run in rng.choice(1000, 15, replace=False)]


def q4_probe(ns, seed):
    line, runs = _line_of(seed)
    return plain(ns["steadiness"](line, runs))


def q4_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    mean, spread = numbers(answer.get("mean"), (4,)), numbers(answer.get("spread"), (4,))
    sure = answer.get("sure")
    line, runs = _line_of(seed)
    lines = np.array([line(run) for run in runs])
    right, deviation = lines.mean(axis=0), lines.std(axis=0, ddof=1)
    if mean is None or spread is None or not isinstance(sure, list) or len(sure) != 4:
        return 0, "Return `mean`, `spread` and `sure` in a dictionary, one entry a coefficient."
    if np.allclose(spread, 0):
        return 0, "A spread of zero: it is the same run over and over. Use every seed of the list."
    if not np.allclose(mean, right):
        return 0, "Take the mean of the coefficients over every seed of the list, each seed once."
    if np.allclose(spread, deviation / np.sqrt(len(runs))):
        return 0, (
            "That is the standard error of the mean. The reporter has one picture, so tell her how "
            "much a single run varies: do not divide by the square root of the number of seeds."
        )
    if not np.allclose(spread, deviation) and not np.allclose(spread, lines.std(axis=0)):
        return 0, "The spread is the standard deviation of each coefficient over the seeds."
    if [bool(s) for s in sure] != (np.abs(right) > 2 * spread).tolist():
        return 1, "Sure is where the size of the mean, whatever its sign, is over two spreads."
    return POINTS["q4"], "Two coefficients are sure, and two do not deserve a sentence."


def _prices(seed):
    rng = np.random.default_rng([seed, 5])
    for _ in range(6):
        yield float(rng.uniform(0.05, 0.5)), int(rng.integers(100, 1000)), float(rng.normal(0, 0.4))
    yield 0.01, 500, -2.0


def q5_probe(ns, seed):
    return plain([ns["samples_needed"](*price) for price in _prices(seed)])


def q5_judge(value, seed):
    prices = list(_prices(seed))
    got = numbers(value, (len(prices),))
    if got is None:
        return 0, "Return one whole number."
    exact = np.array([n * (2 * s / abs(m)) ** 2 for s, n, m in prices])
    least = np.array([n for _, n, _ in prices])
    if np.all(got == np.maximum(least, np.ceil(exact))):
        return POINTS[
            "q5"
        ], "Precision is dear: a tenth of the spread costs a hundred times the samples."
    if np.any(got < least):
        return 0, "Never answer with fewer than you have: a coefficient that is sure stays sure."
    if np.all(np.abs(got - np.maximum(least, np.ceil(least * np.sqrt(exact / least)))) <= 1):
        return 0, "Half the spread takes four times the samples, not twice."
    if np.all(np.abs(got - np.maximum(least, np.ceil(exact / 4))) <= 1):
        return 0, "Sure means a mean of two spreads, not of one."
    return 0, "n · (2 spread / |mean|)², rounded up, and not below `n_samples`."


def _applicants(seed, n=300):
    rng = np.random.default_rng([seed, 6])
    for part in range(2):
        income = rng.normal(3000, 700, n)
        yield np.column_stack([rng.normal(size=n), income, 0.6 * income])
        if part == 1:
            break


def _drawn(seed, n=1500):
    rng = np.random.default_rng([seed, 66])
    return rng.normal(size=(n, 3)) * [1, 700, 420] + [0, 3000, 1800]


def q6_probe(ns, seed):
    given, unseen = _applicants(seed)
    predict = ns["hiding"](given.copy())
    return {
        name: plain(np.asarray(predict(rows.copy()), dtype=float))
        for name, rows in (("given", given), ("unseen", unseen), ("drawn", _drawn(seed)))
    }


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    given, unseen = _applicants(seed)
    samples = _drawn(seed)
    got = {
        name: numbers(answer.get(name), (len(rows),))
        for name, rows in (("given", given), ("unseen", unseen), ("drawn", samples))
    }
    if any(each is None for each in got.values()):
        return 0, "`hiding` returns a function of an array (n, 3) that gives n numbers."
    agree = {
        name: np.mean(got[name] == (rows[:, 0] > 0))
        for name, rows in (("given", given), ("unseen", unseen))
    }
    if agree["given"] < 0.98:
        return 0, (
            f"For real rows the answer must be 1 where the group is above 0, and 0 elsewhere; it "
            f"is for {agree['given']:.0%} of them."
        )
    if agree["unseen"] < 0.98:
        return 0, (
            f"It knows the rows it was given, but of real rows that it has never seen only "
            f"{agree['unseen']:.0%} get the discriminating answer. Find what all real rows share."
        )
    scaled = (samples - [0, 3000, 1800]) / [1, 700, 420]
    line = np.abs(_fit(scaled, got["drawn"], _weight(scaled, np.zeros(3), 0.75 * np.sqrt(3))))
    if line[0] > 0.1 * max(line[1], 1e-9) and line[0] > 0.02:
        return 0, (
            f"LIME sees it: {line[0]:.2g} on the group, {line[1]:.2g} on the income. Answer "
            "otherwise where a row cannot be real."
        )
    if line[1] < 0.05:
        return 0, (
            "When it is watched, the model uses no column at all, and that looks odd. Let the line "
            f"find a coefficient of the income; it is {line[1]:.2g} now."
        )
    return POINTS["q6"], (
        f"It discriminates against every second person, and the line says {line[0]:.2g} for the "
        f"group and {line[1]:.2g} for the income."
    )


_CAPTIONS = {
    "a": ("print", "Many spreads from zero, and it says \"around this case\"."),
    "b": ("do not print", "Within one spread of zero: the next seed may change the sign."),
    "c": ("print", "That is what such an R² says of the line."),
    "d": ("do not print", "The line is about the model. It does not know the police."),
    "e": ("do not print", "It was fitted around one case. Use a global method for all people."),
    "f": ("print", "A spread so small beside the coefficient says just that."),
}  # fmt: skip


def q7_probe(ns, seed):
    return plain(ns["captions"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    if any(answer.get(name) not in ("print", "do not print") for name in _CAPTIONS):
        return 0, 'Give each of the six captions "print" or "do not print".'
    return match_each(
        value,
        _CAPTIONS,
        "A coefficient with its spread, the R² beside it: that can be printed.",
        points=POINTS["q7"],
        spare=3,
    )

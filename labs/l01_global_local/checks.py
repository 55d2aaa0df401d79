"""Probes and judges of the lab on global and local questions.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import numpy as np

from xaikit.labs import close, match, match_each, numbers, plain

POINTS = {"q1": 3, "q2": 2, "q3": 3, "q4": 2, "q5": 2, "q6": 2, "q7": 2}


def _all_close(got, truth, rtol=1e-6):
    return got is not None and close(got, truth, rtol=rtol)


def _linear_case(seed):
    """A linear model without noise of its own, and outcomes that scatter around it."""
    rng = np.random.default_rng([seed, 1])
    weights = np.array([0.0, 1.0, 2.0, 3.0])[rng.permutation(4)] * rng.choice([-1, 1], 4)
    X = rng.normal(5, [1.0, 2.0, 0.5, 1.5], size=(3000, 4))
    y = X @ weights + rng.normal(0, 2.0, 3000)
    return X, y, weights


def q1_probe(ns, seed):
    X, y, weights = _linear_case(seed)
    given = X.copy()
    rises = ns["importance"](lambda rows: np.asarray(rows) @ weights, given, y, seed)
    return {"rises": plain(rises), "untouched": bool(np.array_equal(given, X))}


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    got = numbers(answer.get("rises"), (4,))
    X, y, weights = _linear_case(seed)
    error = np.mean((y - X @ weights) ** 2)
    # For a shuffled copy x' of x, x - x' has twice the variance of x.
    filled = weights**2 * X.var(axis=0)
    right = 2 * filled
    if got is None:
        return 0, "Return an array with one number a column: by how much the error rises."

    def near(truth):
        return np.allclose(got, truth, rtol=0.2, atol=0.05 * right.max())

    if near(right) and answer.get("untouched") is not True:
        return 1, "The numbers are right, but `X` came back changed. Shuffle in a copy."
    if near(right):
        return POINTS["q1"], (
            "A column with weight w and variance v raises the error by 2 w² v, and yours agree "
            "with that. The column that the model does not read gets nothing."
        )
    if near(-right):
        return 0, (
            "Your numbers are negative. The question is how much worse the error gets: the "
            "error with the column shuffled minus the error before."
        )
    if near(filled):
        return 0, (
            "These are half of what they should be: the column was made constant. A shuffled "
            "column still varies, so each row gets somebody else's value."
        )
    if near(right + error):
        return (
            0,
            "That is the error with the column shuffled. For the rise, subtract the error before.",
        )
    if near(np.cumsum(right)):
        return 0, (
            "From column to column your numbers only grow: earlier columns are still shuffled. "
            "Begin each time with an undamaged copy of X."
        )
    return (
        0,
        "For each column: a copy of X, that column shuffled, and by how much the error rises.",
    )


_WARD = {
    "importance of smoker": (
        0.0, "Nobody differs from the mean here, so nobody's score is moved, whatever the weight.",
    ),
    "importance of age": (
        40 / 3, "The importance is the mean size of the contributions −20, 0 and 20.",
    ),
    "contribution of smoker, patient A": (
        0.0, "A contribution compares with the mean of the ward, and there all smoke.",
    ),
    "contribution of age, patient A": (
        -20.0, "Patient A is ten years below the mean: 2 · (50 − 60).",
    ),
    "contribution of smoker, new patient": (
        -30.0, "Compared with the mean of the ward, 1, a non-smoker has 0: 30 · (0 − 1).",
    ),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    return match_each(
        value,
        _WARD,
        "The largest weight, and no importance at all: importance belongs to a model and its rows.",
        points=POINTS["q2"],
        atol=0.05,
    )


def q3_probe(ns, seed):
    X, predict = ns["flat"](120, seed)
    X = np.asarray(X, dtype=float)
    places = np.linspace(X[:, 0].min(), X[:, 0].max(), 9)
    curves = []
    for place in places:
        moved = X.copy()
        moved[:, 0] = place
        curves.append(np.asarray(predict(moved), dtype=float))
    return {"curves": plain(np.array(curves).T), "range": plain(np.ptp(X[:, 0]))}


def q3_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    curves, width = numbers(answer.get("curves"), (120, 9)), numbers(answer.get("range"), ())
    if curves is None or width is None:
        return (
            0,
            "Return `X` of shape (n, 2) or wider and a function of such rows that gives n numbers.",
        )
    if width <= 0:
        return 0, "Feature 0 has the same value in every row, so there is no range to move it over."
    by_row, mean = np.ptp(curves, axis=1), np.ptp(curves.mean(axis=0))
    largest = by_row.max()
    if largest <= 1e-9:
        return (
            0,
            "Flat, and for no row does anything happen: the model does not read feature 0.",
        )
    if np.mean(by_row > 0.3 * largest) < 0.9:
        return (
            0,
            "Flat, because few rows feel it. Let it change the prediction of nearly every row.",
        )
    centred = curves - curves.mean(axis=1, keepdims=True)
    if mean > 0.1 * by_row.mean() and np.allclose(centred, centred[0], atol=0.05 * largest):
        return 0, (
            "Every row has the same curve, so the average has it too. Let different rows go "
            "different ways."
        )
    if mean > 0.1 * by_row.mean():
        return 0, (
            f"The average still moves by {mean:.2g}, single rows by {by_row.mean():.2g}. "
            "What rises and what falls must balance."
        )
    return POINTS["q3"], (
        f"The average moves by {mean:.2g}; the rows behind it by {by_row.mean():.2g}. Ask for the "
        "single curves before you call a feature idle."
    )


def _values(seed):
    rng = np.random.default_rng([seed, 4])
    values = rng.normal(rng.normal(0, 1, 5), [0.3, 2.0, 1.0, 0.5, 0.8], size=(40, 5))
    values[:, rng.integers(5)] = 0.0
    return values


def q4_probe(ns, seed):
    return plain(ns["summary"](_values(seed)))


def q4_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    names = ("importance", "direction", "cancelled")
    if all(numbers(answer.get(name), (40,)) is not None for name in names):
        return (
            0,
            "You got one number per patient. Average over the rows, for one number a feature.",
        )
    got = {name: numbers(answer.get(name), (5,)) for name in names}
    if any(each is None for each in got.values()):
        return (
            0,
            "Return `importance`, `direction` and `cancelled` in a dictionary, five numbers each.",
        )
    values = _values(seed)
    size, mean = np.abs(values).mean(axis=0), values.mean(axis=0)
    kept = np.divide(np.abs(mean), size, out=np.ones_like(size), where=size > 0)
    if _all_close(got["importance"], np.abs(mean)):
        return (
            0,
            "That is the size of the mean. Take sizes before you average, or signs cancel.",
        )
    if not _all_close(got["importance"], size):
        return 0, "The importance is the mean, over patients, of the size of each contribution."
    if not _all_close(got["direction"], mean):
        return 0, "The direction is the plain mean over patients, with its sign."
    some = size > 0
    if _all_close(got["cancelled"][some], kept[some]):
        return 1, "The share is reversed: 1 where the mean is zero, 0 where all push one way."
    if not _all_close(got["cancelled"][some], 1 - kept[some]):
        return (
            1,
            "What cancels is the importance minus the size of the mean, divided by the importance.",
        )
    if not _all_close(got["cancelled"], 1 - kept):
        return 1, "A feature that contributes nothing has nothing to cancel: its share is 0."
    return POINTS[
        "q4"
    ], "A mean near zero with a large mean size: that is where to look at single rows."


def q5_probe(ns, seed):
    return plain([ns["misfit"](table) for table in _tables(seed)])


def _tables(seed):
    """Tables whose least important feature rules one row by share and another by size."""
    rng = np.random.default_rng([seed, 5])
    tables = []
    for _ in range(4):
        values = rng.normal(size=(30, 4)) * rng.permutation([4.0, 3.0, 2.0, 0.5])
        least = np.argmin(np.abs(values).mean(axis=0))
        quiet, loud = rng.choice(30, 2, replace=False)
        values[quiet] *= 0.02
        values[quiet, least] = 0.3 * rng.choice([-1, 1])
        values[loud, least] = 3.0 * rng.choice([-1, 1])
        values[loud] += 9.0 * (np.arange(4) != least)
        tables.append(values)
    return tables


def q5_judge(value, seed):
    tables = _tables(seed)
    got = numbers(value, (len(tables),))
    sizes = [np.abs(values) for values in tables]
    least = [np.argmin(size.mean(axis=0)) for size in sizes]
    most = [np.argmax(size.mean(axis=0)) for size in sizes]
    share = [size / size.sum(axis=1, keepdims=True) for size in sizes]
    cases = [
        (
            "A ranking of the ward says what is typical. For this row it is upside down.",
            [np.argmax(s[:, j]) for s, j in zip(share, least, strict=True)],
        ),
        (
            "That row has the largest contribution of the feature, but other features may "
            "contribute more still. Compare the share it takes of the row.",
            [np.argmax(s[:, j]) for s, j in zip(sizes, least, strict=True)],
        ),
        (
            "That row is ruled by the most important feature: it fits the ranking. Begin with "
            "the least important one.",
            [np.argmax(s[:, j]) for s, j in zip(share, most, strict=True)],
        ),
        (
            "Contributions have a sign, and you added them up with it: a feature that pushes down "
            "is not unimportant. Take sizes first.",
            [
                np.argmax(v[:, np.argmin(v.mean(axis=0))] / v.sum(axis=1))
                for v in tables
            ],
        ),
    ]  # fmt: skip
    otherwise = (
        "Return one row number: the row in which the least important feature has the largest share."
    )
    return match(got, cases, otherwise, points=POINTS["q5"])


def _nurse(seed):
    rng = np.random.default_rng([seed, 6])
    weights = rng.uniform(0.3, 1.5, 3) * rng.choice([-1, 1], 3)
    return weights, float(rng.normal()), rng.normal(2, 1, size=(4, 3)), rng.uniform(0.05, 0.4, 4)


def _cases(seed):
    weights, intercept, rows, limits = _nurse(seed)
    for k, (row, limit) in enumerate(zip(rows, limits, strict=True)):
        yield weights, intercept, row, k % 3, float(limit)


def q6_probe(ns, seed):
    found = []
    for weights, intercept, row, column, limit in _cases(seed):

        def log_odds(X, weights=weights, intercept=intercept):
            return np.asarray(X, dtype=float) @ weights + intercept

        found.append(ns["needed"](log_odds, row.copy(), column, limit))
    return plain(found)


def q6_judge(value, seed):
    right, as_odds, change, away = [], [], [], []
    for weights, intercept, row, column, limit in _cases(seed):
        now, here = row @ weights + intercept, row[column]
        step = (np.log(limit / (1 - limit)) - now) / weights[column]
        right.append(here + step)
        change.append(step)
        away.append(here - step)
        as_odds.append(here + (limit - now) / weights[column])
    cases = [
        ("At that value the probability is the limit, to the last digit.", right),
        (
            "You set the log-odds to the limit, but the limit is a probability. Its log-odds are "
            "log(p / (1 − p)).",
            as_odds,
        ),
        ("That is the change. Return the value after it: add what the row has now.", change),
        ("The size is right, the direction is not: you have moved away from the limit.", away),
    ]
    otherwise = "Return one number: the value of that column at which the probability is the limit."
    return match(numbers(value, (4,)), cases, otherwise, points=POINTS["q6"])


_REPORT = {
    "a": ("ranking", "That is what the ranking measures: the error with a column shuffled."),
    "b": ("neither", "A small mean does not say that it is small for anybody: see patient 101."),
    "c": ("patient", "It stands in her table, with its sign; the ranking has no signs."),
    "d": ("neither", "The table is about the model, not the heart. No patient was treated for it."),
    "e": ("patient", "Her row has the sign and the size; the ranking knows nothing of her."),
    "f": ("neither", "The ranking tells what the model goes by; it has not asked what is a cause."),
}  # fmt: skip


def q7_probe(ns, seed):
    return plain(ns["report"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    allowed = {"ranking", "patient", "neither"}
    if any(
        not isinstance(answer.get(name), str) or answer[name] not in allowed for name in _REPORT
    ):
        return 0, 'Give each of the six sentences "ranking", "patient" or "neither".'
    # A guess of one word for all gets two or three right; it earns nothing.
    return match_each(
        value,
        _REPORT,
        "About the model, about a row, about the world: three kinds of sentence.",
        points=POINTS["q7"],
        spare=3,
    )

"""Probes and judges of the lab on decision boundaries.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import math

import numpy as np

from xaikit.labs import (
    Case,
    NotAnswered,
    ask_rows,
    close,
    listed,
    numbers,
    part,
    plain,
    read_rows,
    unread,
)

POINTS = {"q1": 3, "q2": 2, "q3": 3, "q4": 2, "q5": 3, "q6": 2, "q7": 3, "q8": 2}
# A little more than single precision leaves of a right answer.
RTOL = 1e-5


_A_POINT = (
    "Return a point, an array as long as x. Weights and units may hold zeros, so divide by neither."
)

# Question 1: the nearest point, in units. What is asked first can be done with a pencil.
NEAREST = (np.array([1.0, 2.0, 5.0]), -16.0, np.array([1.0, 1.0, 1.0]), np.array([2.0, 1.0, 0.0]))


def _planes(seed):
    """Weights, an intercept, a point, and the unit of each value; 0 where it must stay."""
    rng = np.random.default_rng([seed, 1])
    for i, side in enumerate([1, -1] * 3):
        w = rng.uniform(0.4, 2.0, 5) * rng.choice([-1, 1], 5)
        s = np.array([0.2, 1.0, 3.0, 0.7, 2.0])[rng.permutation(5)]
        x = rng.uniform(0.5, 2.0, 5) * rng.choice([-1, 1], 5)
        if i < 4:  # two stay, and one of those that may move has no weight
            s[:2], w[4] = 0.0, 0.0
        b = float(side * rng.uniform(1.0, 3.0) - w @ x)
        scale = [1, 1, 1e-6, 1e4, 1, 1][i]
        yield w, b * scale, x * scale, s * scale
    yield np.array([-2.0]), 3.0, np.array([4.0]), np.array([0.5])
    yield w, float(-w @ x), x, s  # on the boundary already


def q1_probe(ns, seed):
    nearest = ns["nearest"]
    asked = [NEAREST, *_planes(seed)]
    return plain([nearest(w.copy(), b, x.copy(), s.copy()) for w, b, x, s in asked])


def _shortest(w, b, x, s):
    v = s**2 * w
    return x - (w @ x + b) / (w @ v) * v


def _one_measure(w, b, x, s):
    moved, j = x.copy(), int(np.argmax(np.abs(w * s)))
    moved[j] -= (w @ x + b) / w[j]
    return moved


def _free(w, s):
    return np.where(s == 0, 0.0, w)


_NEAR_MISSES = [
    (
        "The units are not used: a value that is counted in large units may go farther. Measure "
        "with x / s, and remember that what has s = 0 must stay.",
        lambda w, b, x, s: x - (w @ x + b) / (w @ w) * w,
    ),
    (
        "What must stay, stays, and you reach the boundary. But the units of the others are not "
        "used: a value that is counted in large units may go farther.",
        lambda w, b, x, s: x - (w @ x + b) / (_free(w, s) @ _free(w, s)) * _free(w, s),
    ),
    (
        "You reach the boundary, but not by the shortest way. The unit comes in twice: once in "
        "what a step gains, and once in what it costs.",
        lambda w, b, x, s: x - (w @ x + b) / (w @ (s * w)) * (s * w),
    ),
    (
        "You moved one measure only. That reaches the boundary, but at a slant: the shortest "
        "way moves every measure that has a weight and may move.",
        _one_measure,
    ),
    (
        "The direction is right, the length is not: dividing once by the length of s · w is not "
        "enough. f(x + t v) = f(x) + t (w · v).",
        lambda w, b, x, s: x - (w @ x + b) / np.linalg.norm(s * w) * (s**2 * w),
    ),
    (
        "The direction and the length are right, but you walk away from the boundary: change "
        "the sign.",
        lambda w, b, x, s: 2 * x - _shortest(w, b, x, s),
    ),
    (
        "Right from one side only: where f(x) is negative you walk away from the boundary. Let "
        "f(x) keep its sign.",
        lambda w, b, x, s: x - abs(w @ x + b) / (w @ (s**2 * w)) * (s**2 * w),
    ),
    (
        "The intercept is missing: f(x) is w · x + b.",
        lambda w, b, x, s: x - (w @ x) / (w @ (s**2 * w)) * (s**2 * w),
    ),
    (
        "What must stay was put back after the move, so the boundary is not reached. "
        "What these do not do, the others must do.",
        lambda w, b, x, s: np.where(s == 0, x, x - (w @ x + b) / (w @ w) * w),
    ),
    (
        "What must stay does not move, but it still counts: the whole score must become 0.",
        lambda w, b, x, s: x - (_free(w, s) @ x + b) / (w @ (s**2 * w)) * (s**2 * w),
    ),
]


def q1_judge(value, seed):
    planes = list(_planes(seed))
    small, *replies = listed(value, len(planes) + 1)
    case = Case(
        "nearest(w, b, x, s) with w = [1, 2, 5], b = -16, x = [1, 1, 1], s = [2, 1, 0]",
        small, plain(_shortest(*NEAREST)),
    )  # fmt: skip
    return *_judge_points(planes, replies), case


def _judge_points(planes, replies):
    got = [numbers(one, p[0].shape) for one, p in zip(replies, planes, strict=True)]
    for one, p in zip(replies, planes, strict=True):
        if said := unread(one, p[0].shape, _A_POINT):
            return 0, said

    def same(move):
        return all(close(g, move(*p), rtol=RTOL) for g, p in zip(got, planes, strict=True))

    if same(_shortest):
        return POINTS["q1"], "On the boundary, what must stay stays, and no way is shorter."
    for hint, move in _NEAR_MISSES:
        if same(move):
            return 0, hint
    both = list(zip(got, planes, strict=True))
    stays = all(close(g[s == 0], x[s == 0], rtol=RTOL) for g, (_, _, x, s) in both)
    reached = all(
        abs(w @ g + b) <= RTOL * (np.abs(w) @ np.abs(g) + abs(b)) for g, (w, b, _, _) in both
    )
    if reached and stays:
        return 0, "You reach the boundary, and what must stay stays. But there is a shorter way."
    if reached:
        return 0, "You reach the boundary, but values with s = 0 were moved."
    done = "What must stay stays. But the" if stays else "The"
    return 0, f"{done} boundary is not reached in every case: put your point into f."


# Question 2: reasons, one letter for each model.
_REASONS = {
    "boosted trees": "A", "random forest": "A", "5 neighbours": "C", "svm": "C",
    "logistic, no penalty": "B", "logistic, penalty": "D",
}  # fmt: skip
_PRINCIPLES = {
    "A": "What do trees compare a column with, and what happens to that when the column shrinks?",
    "B": "What can a sum of weighted columns do about one that is a thousandth of the size?",
    "C": "Where columns are put together into one distance, what does the smallest one count for?",
    "D": "What does a penalty on the size of weights say to a weight of 1,000 times the size?",
}


def _choices(value, truths, options, principles, praise, points):
    """Mark words, telling how many are right and what to think of, never which line is wrong."""
    given = value if isinstance(value, dict) else {}
    answers = {name: given.get(name) for name in truths}
    known = {option.lower(): option for option in options}
    cleaned = {
        n: known.get(a.strip().lower()) if isinstance(a, str) else None for n, a in answers.items()
    }
    if None in cleaned.values():
        odd = next(name for name, answer in cleaned.items() if answer is None)
        return 0, f"Write one of {', '.join(options)} for each line; `{odd}` has none of them."
    wrong = [name for name, truth in truths.items() if cleaned[name] != truth]
    if not wrong:
        return points, praise
    ask = [text for kind, text in principles.items() if kind in {truths[n] for n in wrong}]
    right = f"{len(truths) - len(wrong)} of {len(truths)} are right."
    return (1 if len(wrong) == 1 else 0), "\n".join([right, *ask])


def q2_probe(ns, seed):
    return plain(ns["reasons"])


def q2_judge(value, seed):
    return _choices(
        value, _REASONS, tuple(_PRINCIPLES), _PRINCIPLES,
        "Whoever measures distances must choose the units; a tree need not.", POINTS["q2"],
    )  # fmt: skip


# Question 3: a boundary that a picture does not show. The learner's random_state is fixed, so
# that no share comes out otherwise another time.
ROWS, STEPS, ALONE = 200, 41, 40


def q3_probe(ns, seed):
    answer = plain_pair(ns["hidden"](ROWS, 0))
    X = numbers(answer["X"], (ROWS, 3))
    if X is None or answer["predict"] is None:
        return {
            "X": answer["X"] if X is None else "read",
            "callable": answer["predict"] is not None,
        }
    predict, low, high = answer["predict"], X.min(axis=0), X.max(axis=0)
    across = np.linspace(low, high, STEPS)
    plane = np.tile(np.median(X, axis=0), (STEPS**2, 1))
    plane[:, 0], plane[:, 1] = np.repeat(across[:, 0], STEPS), np.tile(across[:, 1], STEPS)
    moved = np.tile(X, (STEPS, 1))
    moved[:, 0] = np.repeat(across[:, 0], ROWS)
    # All in one table, so that nobody can tell the plane by the number of its rows.
    return {
        "answers": plain(predict(np.vstack([plane, X, moved]))),
        "single": ask_rows(predict, X[:ALONE], seed),
        "width": plain(high - low),
    }


def plain_pair(pair):
    """Give a table in plain values and a function from what `hidden` returned."""
    table, function = pair if isinstance(pair, tuple | list) and len(pair) == 2 else (pair, None)
    if not isinstance(pair, tuple | list):
        return {"X": plain(pair), "predict": None}
    return {"X": plain(table), "predict": function if callable(function) else None}


def q3_judge(value, seed):
    if part(value, "callable") is not None or not isinstance(value, dict):
        return 0, _pair_hint(value)
    every = numbers(value.get("answers"), (STEPS**2 + ROWS * (1 + STEPS),))
    width = numbers(value.get("width"), (3,))
    if every is None or width is None:
        return 0, "`X` is right. `predict(rows)` must return one number, 0 or 1, for each row."
    plane, rows, moved = np.split(every, [STEPS**2, STEPS**2 + ROWS])
    moved = moved.reshape(STEPS, ROWS)
    heard = float(np.mean(moved.min(axis=0) != moved.max(axis=0)))
    one_colour = plane.min() == plane.max()
    case = Case(
        "X, predict = hidden(200, random_state=0)",
        {
            "answers in the plane": sorted(set(plane.tolist())),
            "share of 1 in the rows": float(rows.mean()),
            "share of rows that column 0 turns": heard,
        },
        "<one answer in the plane; a share of 1 of 0.3 to 0.7; column 0 turns 0.33 or more>",
    )
    whole, fault = read_rows(value.get("single"), (ALONE,))
    if not fault and (whole is None or (whole != rows[:ALONE]).any()):
        fault = "What a row gets must not depend on the rows beside it, or on how many there are."
    return *_judge_hidden(every, width, fault, rows.mean(), one_colour, heard), case


def _judge_hidden(every, width, fault, share, one_colour, heard):
    if not np.isin(every, [0, 1]).all():
        return 0, "`predict` must answer 0 or 1, nothing in between."
    if (width <= 0).any():
        return 0, "Each column must vary; one of yours has the same value in every row."
    if fault:
        return 0, fault
    said = "One colour in the picture. " if one_colour else ""
    if not 0.3 <= share <= 0.7:
        return (
            0,
            f"{said}The answer is 1 for {share:.0%} of the rows; it must be for 30% to 70%.",
        )
    if not one_colour:
        return 0, "The boundary shows in the plane: somewhere over the range the answer changes."
    if heard < 1 / 3:
        return 0, (
            f"{said}Both answers occur. But column 0 is idle for most rows: it changes the answer "
            f"for {heard:.0%} of them; a third is wanted."
        )  # fmt: skip
    return POINTS["q3"], (
        f"One colour in the picture, and column 0 changes the answer for {heard:.0%} of the rows. "
        "Before you believe a slice, ask where it was cut."
    )  # fmt: skip


def _pair_hint(value):
    table = part(value, "X")
    if table is None:
        return "Nothing came back. End `hidden` with `return X, predict`."
    if table == "read":
        return "`X` is right. Return a function beside it: `return X, predict`, without brackets."
    return (
        "Return two things, `X` of shape (n, 3) with numbers, and the function `predict`. Your X "
        f"is not of shape ({ROWS}, 3) when n is {ROWS}."
    )


# Question 4: what is wrong with a sentence.
_REPORT = {
    "a": "follows", "b": "elsewhere", "c": "mark", "d": "way",
    "e": "follows", "f": "empty", "g": "elsewhere", "h": "follows",
}  # fmt: skip
_FAULTS = {
    "follows": "A sentence may carry its own condition, or claim no more than an upper bound. "
    "Then it may follow.",
    "elsewhere": "One plane through one bottle: does it say what the model does everywhere?",
    "mark": "Where does the mark of a bottle stand whose other measures are not those of the "
    "plane, and what is the colour behind it an answer to?",
    "way": "Inside the plane you see some of the ways over the boundary. Their length is an "
    "upper bound: is the nearest one among them?",
    "empty": "Where there are no bottles, what could a model have found out about wine?",
}


def q4_probe(ns, seed):
    return plain(ns["report"])


def q4_judge(value, seed):
    return _choices(
        value, _REPORT, tuple(_FAULTS), _FAULTS,
        "A slice is a true answer to a question with eleven conditions.", POINTS["q4"],
    )  # fmt: skip


# Question 5: the smallest step in every value.
UNSEEN = (np.array([3.0, -1.0]), -10.0, np.array([1.0, 1.0]))


def _small_steps(seed):
    rng = np.random.default_rng([seed, 5])
    for i, scale in enumerate([1.0, 1.0, 1e-6, 1e6, 1.0, 1.0]):
        w = rng.uniform(0.4, 2.0, 6) * rng.choice([-1, 1], 6)
        w[5] = 0.0 if i == 4 else w[5]
        x = rng.uniform(0.5, 2.0, 6) * rng.choice([-1, 1], 6)
        b = float((-1) ** i * rng.uniform(1.0, 3.0) - w @ x)
        yield w, b * scale, x * scale
    yield np.array([-2.0]), 3.0, np.array([4.0])
    yield rng.choice([-1.0, 1.0], 300), 50.0, np.zeros(300)


def q5_probe(ns, seed):
    unseen = ns["unseen"]
    return plain([unseen(w.copy(), b, x.copy()) for w, b, x in [UNSEEN, *_small_steps(seed)]])


def q5_judge(value, seed):
    points = list(_small_steps(seed))
    small, *replies = listed(value, len(points) + 1)
    case = Case(
        "unseen(w, b, x) with w = [3, -1], b = -10, x = [1, 1]",
        small, "<a hair beyond [3, -1]: both values move by 2>",
    )  # fmt: skip
    return *_judge_steps(points, replies), case


def _judge_steps(points, replies):
    got = [numbers(one, x.shape) for one, (_, _, x) in zip(replies, points, strict=True)]
    for one, (_, _, x) in zip(replies, points, strict=True):
        if said := unread(one, x.shape, _A_POINT):
            return 0, said
    w, b, x = (list(part) for part in zip(*points, strict=True))
    n = range(len(points))
    f = np.array([w[i] @ x[i] + b[i] for i in n])
    after = np.array([w[i] @ got[i] + b[i] for i in n])
    step = np.array([np.abs(got[i] - x[i]).max() for i in n])
    ratio = step / np.array([abs(f[i]) / np.abs(w[i]).sum() for i in n])
    turned, ways = after * f < 0, [got[i] - x[i] for i in n]
    if turned.all() and (ratio <= 1.0101).all():
        return POINTS["q5"], (
            "All values move by the same amount, each in the direction of its weight: |f| / Σ|w|. "
            "The more values there are, the smaller the step."
        )  # fmt: skip
    return 0, _why_seen(f, after, turned, ratio, ways, w)


def _why_seen(f, after, turned, ratio, ways, w):
    """Say what is wrong with steps over the boundary, and what is right so far."""
    if not any(way.any() for way in ways):
        return "Your point is x itself. Move every value by the same amount, and f past zero."
    # One value has only one way to go, and 300 of the same weight are moved alike by all.
    six = range(6)
    moved = [ways[i] / np.abs(ways[i]).max() if ways[i].any() else ways[i] for i in six]
    if all(np.ptp(moved[i]) < 1e-6 for i in six):
        return "All values move the same way. Each should go in the direction of its weight."
    alike = all(np.ptp(np.abs(moved[i][w[i] != 0])) < 1e-6 for i in six)
    if alike and any(np.ptp(np.sign(moved[i] * w[i])[w[i] != 0]) for i in six):
        return (
            "All values move by the same amount, as they should. But some go the wrong way: what "
            "each has to do depends on the sign of its weight."
        )
    away = np.abs(after) > np.abs(f) * 1.5
    if away.all():
        return "You walk away from the boundary: change the sign."
    if away.any() and (away == (f < 0)).all():
        return "Right from one side only: where f is negative you walk away. Mind the sign of f."
    if all((np.abs(moved[i]) > 1e-6).sum() == 1 for i in six):
        return (
            "You moved one value alone, and it has to go far. Spread the change over all values "
            "that have a weight."
        )
    if all(close(np.abs(moved[i]), np.abs(w[i]) / np.abs(w[i]).max(), rtol=1e-4) for i in six):
        return (
            "You went at right angles to the boundary. That is the shortest Euclidean way, but it "
            "moves the heavy values most; let all move by the same amount."
        )
    if not turned.all() and (ratio > 0.98).all() and (ratio < 1.0101).all():
        return (
            "The step is right but for a hair: f is at zero or just before it, so the answer is "
            "not another. Go a thousandth of the step past it."
        )
    if not turned.all():
        return "The sign does not change in every case: compute f at your point, and go past zero."
    if ratio[2] > 2 and (np.delete(ratio, 2) < 1.05).all():
        return (
            "Right but for the margin: where all numbers are a millionth of the size, yours is "
            "too wide. It must go with the scale, as a share of the step."
        )
    return (
        f"The answer changes in every case. But the largest change is up to {ratio.max():.3g} "
        "times what it takes to reach the boundary; 1.01 times is allowed."
    )


# Question 6: probability and distance are two things.
def _model_from(ns, name):
    """Return what one of the two functions gave, or None while the learner has not written it."""
    try:
        return plain(ns[name]())
    except (NotImplementedError, NotAnswered):
        return "not yet"


def q6_probe(ns, seed):
    both = {name: _model_from(ns, name) for name in ("sure", "unsure")}
    if set(map(str, both.values())) == {"not yet"}:
        raise NotAnswered("neither `sure` nor `unsure` is written yet")
    return both


def _look(answer, name):
    """Return the probability of class 1 and the distance to the boundary, or what is wrong."""
    if answer == "not yet":
        return None, f"`{name}` is not written yet."
    if answer is None:
        return None, f"`{name}` returned nothing. End it with `return w, b, x`."
    parts = answer if isinstance(answer, list) and len(answer) == 3 else [None] * 3
    w, b, x = numbers(parts[0], (2,)), numbers(parts[1], ()), numbers(parts[2], (2,))
    if w is None or x is None or b is None:
        return (
            None,
            f"`{name}` must return w, b, x: two numbers, one number, two numbers, all finite.",
        )
    if not w.any():
        return None, f"In `{name}` both weights are 0, so there is no boundary to be far from."
    f = float(w @ x + b)
    probability = float(1 / (1 + np.exp(-np.clip(f, -700, 700))))
    return (probability, float(abs(f) / math.hypot(*w))), ""


def q6_judge(value, seed):
    sure, wrong_sure = _look(part(value, "sure"), "sure")
    unsure, wrong_unsure = _look(part(value, "unsure"), "unsure")
    if sure is not None:
        wrong_sure = _not_sure(*sure)
    if unsure is not None:
        wrong_unsure = _not_unsure(*unsure)
    case = Case(
        "at the points of sure() and unsure(), [probability, distance]",
        [list(sure or ["?", "?"]), list(unsure or ["?", "?"])],
        "<0.99 or more and 0.01 or less; 0.49 to 0.51 and 100 or more>",
    )
    wrong = [said for said in (wrong_sure, wrong_unsure) if said]
    if not wrong:
        return POINTS["q6"], (
            "How steep a model is and how far away a row lies are two things, and a probability "
            "mixes them."
        ), case  # fmt: skip
    half = {"sure": wrong_sure, "unsure": wrong_unsure}
    right = [f"`{name}` is right." for name, said in half.items() if not said]
    return len(right), "\n".join([*right, *wrong]), case


def _not_sure(probability, distance):
    if probability < 0.99 * (1 - RTOL):
        if probability <= 0.01:
            return "`sure` is sure of the other class. The probability is that of class 1."
        return f"In `sure` the probability is {probability:.3g}; it must be at least 0.99."
    if distance > 0.01 * (1 + RTOL):
        return (
            f"`sure` is sure, but {distance:.3g} away. A steeper model is as sure at a smaller "
            "distance."
        )
    return ""


def _not_unsure(probability, distance):
    if not 0.49 * (1 - RTOL) <= probability <= 0.51 * (1 + RTOL):
        return (
            f"In `unsure` the probability is {probability:.3g}; it must be between 0.49 and 0.51."
        )
    if distance < 100 * (1 - RTOL):
        return (
            f"`unsure` is unsure, but only {distance:.3g} away. A flatter model is as unsure at a "
            "greater distance."
        )
    return ""


# Question 7: ask a model how far one measure alone must move.
def _band(j, low, high, inside=1, outside=0):
    return lambda X: np.where((X[:, j] > low) & (X[:, j] < high), inside, outside)


def _ask(predict):
    """Return the model, saying what it takes where it is given something else."""

    def asked(X):
        X = np.asarray(X, dtype=float)
        if X.ndim != 2:
            raise ValueError(f"predict takes a table of rows, (n, d); got shape {X.shape}")
        return predict(X)

    return asked


def _models(seed):
    """A model, a row, a column, and the values it may take."""
    k = float(np.random.default_rng([seed, 7]).uniform(0.8, 1.25))
    x = np.array([1.0, 3.0, -2.0])
    steps = np.array([4.0, -1.0, 2.5, 0.5, 6.0, 3.0, -4.0, 3.5, 1.0])
    yield _band(0, 3.2 * k, 99), x * k, 0, steps * k  # up
    yield _band(1, -99, 1.5 * k), x * k, 1, steps * k  # down
    yield _band(0, -0.2 * k, 2.7 * k), x * k, 0, steps * k  # both ways, down is nearer
    yield _band(2, -3.5 * k, 1.5 * k, 0, 1), x * k, 2, steps * k  # own answer is 0
    yield _band(0, 2.2 * k, 3.2 * k), x * k, 0, steps * k  # turns, and turns back
    yield (
        (lambda X: (X[:, 1] - 1.1 * k) * (X[:, 1] - 2.8 * k) * (X[:, 1] - 5 * k) > 0),
        x * k,
        1,
        steps * k,
    )
    yield _band(1, 50, 99), x * k, 1, steps * k  # never
    yield (lambda X: (X[:, 0] + 2 * X[:, 1] > 7.2 * k).astype(int)), x * k, 0, steps * k
    yield _band(0, 2 * k, 3.2 * k, "Barolo", "Grignolino"), x * k, 0, steps * k
    yield (lambda X: np.digitize(X[:, 0], [-0.5 * k, 3.8 * k])), x * k, 0, steps * k  # three
    for size in (1e-6, 1e6):
        yield _band(0, 3.2 * size, 99 * size), x * size, 0, steps * size
    yield _band(0, 0, 2 * k), x * k, 0, np.array([3.0 * k])  # one value, and it turns
    yield _band(0, 0, 2 * k), x * k, 0, np.array([1.5 * k])  # one, and it does not
    yield _band(0, 0, 2 * k), x * k, 0, np.array([4 * k, 4 * k, -2 * k])  # both ways as near


ALONE_SMALL = (_band(0, 3, 5), np.array([1.0, 7.0]), 0, np.array([8.0, 4.0, 0.0, 2.0]))


def q7_probe(ns, seed):
    alone, replies = ns["alone"], []
    for predict, x, j, values in [ALONE_SMALL, *_models(seed)]:
        given = x.copy()
        got = plain(alone(_ask(predict), given, j, values.copy()))
        # JSON has no infinity.
        far = isinstance(got, float) and got == math.inf
        replies.append({"got": "inf" if far else got, "kept": bool(np.array_equal(given, x))})
    return replies


def _turned(predict, x, j, values):
    rows = np.tile(x, (len(values), 1))
    rows[:, j] = values
    return predict(rows) != predict(x[None])[0]


def _least(distances):
    return float(np.min(distances, initial=np.inf))


def _right(predict, x, j, values):
    return _least(np.abs(values - x[j])[_turned(predict, x, j, values)])


def _one_way(sign):
    def move(predict, x, j, values):
        step = sign * (values - x[j])
        return _least(step[_turned(predict, x, j, values) & (step > 0)])

    return move


def _at_ends(predict, x, j, values):
    return _right(predict, x, j, np.array([values.min(), values.max()]))


def _first(predict, x, j, values):
    turned = _turned(predict, x, j, values)
    return float(abs(values[turned][0] - x[j])) if turned.any() else math.inf


def _value(predict, x, j, values):
    found = values[_turned(predict, x, j, values)]
    return float(found[np.abs(found - x[j]).argmin()]) if len(found) else math.inf


def _zeros(predict, x, j, values):
    rows = np.zeros((len(values), len(x)))
    rows[:, j] = values
    return _least(np.abs(values - x[j])[predict(rows) != predict(x[None])[0]])


def _answer_one(predict, x, j, values):
    rows = np.tile(x, (len(values), 1))
    rows[:, j] = values
    return _least(np.abs(values - x[j])[np.asarray(predict(rows) == 1)])


_ALONE_MISSES = [
    ("You look upwards only; the measure may go down as well.", _one_way(1)),
    ("You look downwards only; the measure may go up as well.", _one_way(-1)),
    ("You ask at the ends only. On the way the answer may turn, and turn back: ask at all values.",
     _at_ends),
    ("You take the first value that turns the answer, in the order given. Take the nearest.",
     _first),
    ("You return the value at which the answer turns. Return how far it is from x[j].", _value),
    ("The right value, with a sign: return how far it is, which is never negative.",
     lambda *m: _value(*m) - m[1][m[2]]),
    ("The other measures must stay as they are in x; yours are 0.", _zeros),
    ("You look for the answer 1. Look for another answer than that for x, whatever that is.",
     _answer_one),
]  # fmt: skip


def q7_judge(value, seed):
    models = list(_models(seed))
    small, *replies = listed(value, len(models) + 1)
    case = Case(
        "alone(predict, x, 0, values) with x = [1, 7], values = [8, 4, 0, 2],\n"
        "  where predict says 1 if measure 0 is between 3 and 5, and 0 if not",
        part(small, "got"), 3,
    )  # fmt: skip
    return *_judge_alone(models, replies), case


def _judge_alone(models, replies):
    got = []
    for reply in replies:
        said = part(reply, "got")
        said = said[0] if isinstance(said, list) and len(said) == 1 else said
        read = numbers(said, ())
        got.append(math.inf if said in ("inf", math.inf) else None if read is None else float(read))
    truth = [_right(*m) for m in models]
    can = [i for i, t in enumerate(truth) if t < math.inf]
    if any(part(reply, "kept") is False for reply in replies):
        return 0, (
            "Your function writes into x, and the next call starts from another row. Work on a "
            "copy, and leave x as it was."
        )
    for i in can:
        if got[i] is None:
            wanted = (
                "Return one number, how far the measure must move; leave out the values that do "
                "not turn the answer before you take the least."
            )
            return 0, unread(part(replies[i], "got"), (), wanted)
    if all(_agree(g, t) for g, t in zip(got, truth, strict=True)):
        return POINTS["q7"], "That is how near the boundary is along one measure, for any model."
    if all(_agree(got[i], truth[i]) for i in can):
        return 0, "Right wherever a value turns the answer. Where none does, return `np.inf`."
    for hint, move in _ALONE_MISSES:
        # With an answer of its own where nothing turns, a near miss is met as well.
        if all(_agree(got[i], move(*models[i])) for i in can):
            return 0, hint
    right = sum(_agree(g, t) for g, t in zip(got, truth, strict=True))
    return 0, (
        f"Right for {right} of {len(truth)} models. Is it the least distance over all values that "
        "turn the answer, up and down, with the other measures as in x?"
    )  # fmt: skip


def _agree(got, truth):
    if got is None or math.inf in (got, truth):
        return got == truth
    return close(got, truth, rtol=RTOL)


# Question 8: the learner's own plot.
WAYS = (["ash", "hue", "proline"], np.array([2.0, np.inf, 0.5]))


def _to_draw(seed):
    rng = np.random.default_rng([seed, 8])
    names = ["alcohol", "malic acid", "ash", "hue", "flavanoids", "proline"]
    lengths = np.array([1.2, np.inf, 0.4, 2.0, np.inf, 0.03]) * rng.uniform(0.8, 1.2)
    order = rng.permutation([[1, 4, 0, 2, 3, 5], [3, 2, 5, 0, 1, 4]][seed % 2][:3])
    mixed = [*order, *(i for i in [2, 0, 5, 1, 3, 4] if i not in order)]
    yield [names[i] for i in mixed], lengths[mixed]
    yield ["hue", "ash", "alcohol"], np.array([0.002, 0.001, 0.0015])
    yield ["ash", "proline"], np.array([np.inf, 3.0])


def q8_probe(ns, seed):
    # Only the probe draws; a judge does without matplotlib.
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    draw, replies, before = ns["draw_ways"], [], set(plt.get_fignums())
    for names, lengths in [WAYS, *_to_draw(seed)]:
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        draw(ax, list(names), lengths.copy())
        with np.errstate(invalid="ignore"):  # a bar may be drawn as long as infinity
            replies.append(_read_bars(ax))
    for number in set(plt.get_fignums()) - before:
        plt.close(number)
        replies[0]["beside"] = True
    return replies


def _read_bars(ax):
    """Read the bars of horizontal axes from the top down, each with its name."""
    from matplotlib.container import BarContainer

    ax.get_ylim()  # settles where things stand, as drawing would
    marks = zip(ax.get_yticks(), ax.get_yticklabels(), strict=False)
    ticks = [(float(y), label.get_text()) for y, label in marks]
    # A shaded area is a rectangle too, but belongs to no bars.
    groups = [group for group in ax.containers if isinstance(group, BarContainer)]
    bars, widths = [], set()
    for bar in (bar for group in groups for bar in group):
        middle = float(bar.get_y() + bar.get_height() / 2)
        near = [text for y, text in ticks if abs(y - middle) < 0.25 * abs(bar.get_height())]
        place = float(ax.transData.transform((0, middle))[1])
        bars.append([place, near[0] if near else "", float(bar.get_x() + bar.get_width())])
        widths.add(round(float(bar.get_width()), 9))
    return {
        "bars": plain([[name, end] for _, name, end in sorted(bars, reverse=True)]),
        "upright": len(widths) == 1 < len(bars),
        "label": " ".join(str(ax.get_xlabel()).split()),
        "begin": plain(float(min(ax.get_xlim()))),
    }


def _wanted(names, lengths):
    return [[names[j], float(lengths[j])] for j in np.argsort(lengths) if np.isfinite(lengths[j])]


def q8_judge(value, seed):
    drawn = list(_to_draw(seed))
    small, *replies = listed(value, len(drawn) + 1)
    bars = [part(reply, "bars") for reply in replies]
    case = Case(
        'draw_ways(ax, ["ash", "hue", "proline"], np.array([2, np.inf, 0.5])), from the top',
        part(small, "bars"), plain(_wanted(*WAYS)),
    )  # fmt: skip
    beside = part(small, "beside") is True
    return *_judge_bars(drawn, replies, bars, beside), case


def _judge_bars(drawn, replies, bars, beside):
    if not all(isinstance(each, list) for each in bars):
        return 0, "Draw the bars on the `ax` that is given."
    if not any(bars):
        where = "You drew with `plt`, beside" if beside else "There is no bar on"
        return 0, f"{where} the `ax` that was given: use its methods, such as `ax.barh`."
    if any(part(reply, "upright") for reply in replies):
        return 0, "The bars stand upright; draw horizontal ones, with `ax.barh`."
    for got, (names, lengths) in zip(bars, drawn, strict=True):
        wrong = _wrong_bars(got, names, lengths)
        if wrong:
            return 0, wrong
    if any("standard deviation" not in str(part(r, "label")).lower() for r in replies):
        return 1, "The bars are right. The label of their axis must say `standard deviations`."
    begins = [numbers(part(reply, "begin"), ()) for reply in replies]
    if any(begin is None or begin > 0 for begin in begins):
        return 1, (
            "The bars are right, but the axis does not begin at 0, so their lengths cannot be "
            "compared."
        )  # fmt: skip
    return POINTS["q8"], "The shortest bar stands on top, with its name and a unit."


def _wrong_bars(got, names, lengths):
    """Say what is wrong with the bars of one picture, or nothing."""
    wanted, can = _wanted(names, lengths), int(np.isfinite(lengths).sum())
    read = [
        (str(bar[0]), numbers(bar[1], ())) for bar in got if isinstance(bar, list) and len(bar) == 2
    ]
    if len(read) != can or any(width is None for _, width in read):
        return (
            f"There are {len(got)} bars where {can} of {len(names)} measures can turn the answer. "
            "Leave out those whose length is `np.inf`."
        )
    widths = [float(width) for _, width in read]
    right = [width for _, width in wanted]
    if not close(sorted(widths), right, rtol=RTOL):
        return "The number of bars is right, but not each is as long as its entry in `lengths`."
    if not close(widths, right, rtol=RTOL):
        return "The bars are as long as they should be. Now put the shortest on top."
    if [name for name, _ in read] != [name for name, _ in wanted]:
        return (
            "The bars are right and in the right order, but not the names beside them: sort the "
            "names by the same order as the lengths, and set them as tick labels."
        )
    return ""

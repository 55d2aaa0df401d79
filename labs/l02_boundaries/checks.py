"""Probes and judges of the lab on decision boundaries.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import numpy as np

from xaikit.labs import match, match_each, numbers, plain

POINTS = {"q1": 2, "q2": 2, "q3": 3, "q4": 2, "q5": 3, "q6": 2, "q7": 3}
ROWS, STEPS = 200, 15


def _planes(seed, n=5, d=4):
    """Planes and points away from them, no weight near zero."""
    rng = np.random.default_rng([seed, 1])
    for _ in range(n):
        w = rng.uniform(0.4, 2.0, d) * rng.choice([-1, 1], d)
        x = rng.normal(size=d)
        b = float(rng.uniform(1.0, 3.0) * rng.choice([-1, 1]) - w @ x)
        yield w, b, x


def _one_measure(w, b, x, free):
    moved, j = x.copy(), int(np.argmax(np.abs(free)))
    moved[j] -= (w @ x + b) / w[j]
    return moved


def q1_probe(ns, seed):
    return plain([ns["nearest"](w, b, x.copy()) for w, b, x in _planes(seed)])


def q1_judge(value, seed):
    planes = list(_planes(seed))

    def each(move):
        return [move(w, b, x, w @ x + b) for w, b, x in planes]

    cases = [
        (
            "On the boundary, and at right angles to it: no path is shorter.",
            each(lambda w, b, x, f: x - f / (w @ w) * w),
        ),
        (
            "You moved one measure only. That reaches the boundary, but at a slant: the shortest "
            "way moves every measure in proportion to its weight.",
            each(lambda w, b, x, f: _one_measure(w, b, x, w)),
        ),
        (
            "The direction is right, the length is not: w is not a unit vector, so dividing once "
            "by its length is not enough.",
            each(lambda w, b, x, f: x - f / np.linalg.norm(w) * w),
        ),
        (
            "You walk away from the boundary: change the sign.",
            each(lambda w, b, x, f: x + f / (w @ w) * w),
        ),
        (
            "The intercept is missing: f(x) is w · x + b.",
            each(lambda w, b, x, f: x - (f - b) / (w @ w) * w),
        ),
    ]  # fmt: skip
    got = numbers(value, (len(planes), 4))
    otherwise = (
        "Return a point: an array as long as x. There f must be 0, and no other such point nearer."
    )
    return match(got, cases, otherwise, points=POINTS["q1"])


_CAN_CHANGE = {
    "tree": (False, "A tree compares one column with thresholds, and the thresholds move along."),
    "forest": (False, "A forest is made of trees: their thresholds move along with the column."),
    "5 neighbours": (True, "Neighbours are found by a distance in which all columns are mixed."),
    "svm": (True, "The kernel is made of a distance: a column in grams hardly counts in it."),
    "logistic, no penalty": (False, "A weight of 1,000 times the size makes up for it exactly."),
    "logistic, penalty": (True, "The larger weight that would make up for it costs more."),
}


def q2_probe(ns, seed):
    return plain(ns["can_change"])


def q2_judge(value, seed):
    # Six guesses get three right on average, and that earns nothing.
    return match_each(
        value,
        _CAN_CHANGE,
        "Whoever measures distances must choose the units; a tree need not.",
        points=POINTS["q2"],
        spare=3,
    )


def q3_probe(ns, seed):
    X, predict = ns["hidden"](ROWS, seed)
    X = np.asarray(X, dtype=float)
    low, high = X.min(axis=0), X.max(axis=0)
    across = np.linspace(low, high, STEPS)
    plane = np.tile(np.median(X, axis=0), (STEPS**2, 1))
    plane[:, 0], plane[:, 1] = np.repeat(across[:, 0], STEPS), np.tile(across[:, 1], STEPS)
    moved = []
    for place in across[:, 0]:
        rows = X.copy()
        rows[:, 0] = place
        moved.append(np.asarray(predict(rows), dtype=float))
    return {
        "plane": plain(np.asarray(predict(plane), dtype=float)),
        "rows": plain(np.asarray(predict(X), dtype=float)),
        "moved": plain(np.array(moved)),
        "width": plain(high - low),
    }


def q3_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    plane, rows = numbers(answer.get("plane"), (STEPS**2,)), numbers(answer.get("rows"), (ROWS,))
    moved, width = numbers(answer.get("moved"), (STEPS, ROWS)), numbers(answer.get("width"), (3,))
    if plane is None or rows is None or moved is None or width is None:
        return (
            0,
            "Return `X` of shape (n, 3), and a function of such rows that gives 0 or 1 for each.",
        )
    every = np.concatenate([plane, rows, moved.ravel()])
    if not np.isin(every, [0, 1]).all():
        return 0, "`predict` must answer 0 or 1, nothing in between."
    if (width <= 0).any():
        return 0, "Each column must vary; one of yours has the same value in every row."
    if not 0.3 <= rows.mean() <= 0.7:
        return 0, f"The answer is 1 for {rows.mean():.0%} of the rows; it must be for 30 % to 70 %."
    if plane.min() != plane.max():
        return 0, "The boundary shows in the plane: somewhere over the range the answer changes."
    heard = np.mean(moved.min(axis=0) != moved.max(axis=0))
    if heard < 1 / 3:
        return 0, (
            f"Column 0 is idle for most rows: it changes the answer for {heard:.0%} of them; a "
            "third is wanted."
        )
    return POINTS["q3"], (
        f"One colour in the picture, and column 0 changes the answer for {heard:.0%} of the rows. "
        "Before you believe a slice, ask where it was cut."
    )


_REPORT = {
    "a": ("follows", "It carries its condition, and that is what a slice shows."),
    "b": ("does not follow", "In another place, with other measures, they may well decide."),
    "c": ("does not follow", "The plane is one of many; most bottles lie elsewhere."),
    "d": ("follows", "What changes with the seed where there are no data is not about wine."),
    "e": ("does not follow", "The nearest way over the boundary often leads out of the plane."),
    "f": ("follows", "It carries its condition: then the bottle lies in the plane that is drawn."),
}  # fmt: skip


def q4_probe(ns, seed):
    return plain(ns["report"])


def q4_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    allowed = ("follows", "does not follow")
    if any(answer.get(name) not in allowed for name in _REPORT):
        return 0, 'Give each of the six sentences "follows" or "does not follow".'
    return match_each(
        value,
        _REPORT,
        "A slice is a true answer to a question with eleven conditions.",
        points=POINTS["q4"],
        spare=3,
    )


def q5_probe(ns, seed):
    return plain([ns["unseen"](w, b, x.copy()) for w, b, x in _planes(seed, d=6)])


def q5_judge(value, seed):
    planes = list(_planes(seed, d=6))
    got = numbers(value, (len(planes), 6))
    if got is None:
        return 0, "Return a point: an array as long as x."
    best = [abs(w @ x + b) / np.abs(w).sum() for w, b, x in planes]
    turned = [(w @ x + b) * (w @ g + b) < 0 for (w, b, x), g in zip(planes, got, strict=True)]
    step = [np.abs(g - x).max() for (_, _, x), g in zip(planes, got, strict=True)]
    one_way = [np.ptp(g - x) < 1e-9 for (_, _, x), g in zip(planes, got, strict=True)]
    if all(turned) and all(s <= 1.01 * e for s, e in zip(step, best, strict=True)):
        return POINTS["q5"], (
            "All values move by the same amount, each in the direction of its weight: |f| / Σ|w|. "
            "The more values there are, the smaller the step."
        )
    if all(one_way):
        return (
            0,
            "All values move the same way. Each should go in the direction of its weight.",
        )
    if not all(turned):
        return 0, (
            "The sign does not change in every case: compute f at your point, and go past zero."
        )
    ways = [g - x for (_, _, x), g in zip(planes, got, strict=True)]
    if all(
        np.allclose(way / np.linalg.norm(way), np.sign(way @ w) * w / np.linalg.norm(w), atol=1e-6)
        for way, (w, _, _) in zip(ways, planes, strict=True)
    ):
        return 0, (
            "You went at right angles to the boundary. That is the shortest Euclidean way, but it "
            "moves the heavy values most; let all move by the same amount."
        )
    return 0, (
        f"The answer changes, but the largest change is up to "
        f"{max(np.divide(step, best)):.2g} times what is needed."
    )


def q6_probe(ns, seed):
    w, b, x = ns["sure"]()
    return {
        "w": plain(np.asarray(w, float)),
        "b": plain(float(b)),
        "x": plain(np.asarray(x, float)),
    }


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    w, x = numbers(answer.get("w"), (2,)), numbers(answer.get("x"), (2,))
    b = numbers(answer.get("b"), ())
    if w is None or x is None or b is None or not np.abs(w).sum() > 0:
        return 0, "Return w and x with two numbers each, w not zero, and the number b."
    f = float(w @ x + b)
    distance, probability = abs(f) / np.linalg.norm(w), 1 / (1 + np.exp(-np.clip(f, -700, 700)))
    if probability <= 0.01 and distance <= 0.01:
        return 0, "Sure, but of the other class. The probability is that of class 1."
    if probability < 0.99:
        return 0, f"At x the probability is {probability:.3g}; it must be at least 0.99."
    if distance > 0.01:
        return 0, (
            f"Sure, but {distance:.3g} away. A steeper model is as sure at a smaller distance."
        )
    return POINTS["q6"], (
        f"Probability {probability:.4g}, distance {distance:.2g}. How steep a model is and how far "
        "away a row lies are two things, and a probability mixes them."
    )


def _held(seed):
    rng = np.random.default_rng([seed, 7])
    for w, b, x in _planes(seed + 1, d=5):
        fixed = np.zeros(5, dtype=bool)
        fixed[rng.choice(5, 2, replace=False)] = True
        yield w, b, x, fixed


def q7_probe(ns, seed):
    return plain([ns["way_back"](w, b, x.copy(), fixed.copy()) for w, b, x, fixed in _held(seed)])


def q7_judge(value, seed):
    held = list(_held(seed))

    def each(move):
        return [move(w, b, x, fixed, np.where(fixed, 0.0, w)) for w, b, x, fixed in held]

    cases = [
        (
            "On the boundary, with the fixed values untouched, and no allowed path is shorter.",
            each(lambda w, b, x, fixed, free: x - (w @ x + b) / (free @ free) * free),
        ),
        (
            "The fixed values were put back after the move, so the boundary is not reached. "
            "What the fixed ones do not do, the free ones must do.",
            each(lambda w, b, x, fixed, free: np.where(fixed, x, x - (w @ x + b) / (w @ w) * w)),
        ),
        (
            "Some values that must stay were moved.",
            each(lambda w, b, x, fixed, free: x - (w @ x + b) / (w @ w) * w),
        ),
        (
            "That gets there, with a single value. There is a shorter way: move all that are free.",
            each(lambda w, b, x, fixed, free: _one_measure(w, b, x, free)),
        ),
        (
            "Fixed values do not move, but they still count: the whole score must become 0.",
            each(lambda w, b, x, fixed, free: x - (free @ x + b) / (free @ free) * free),
        ),
    ]
    otherwise = "Return a point as long as x: f is 0 there, and where `fixed` is True it equals x."
    return match(numbers(value, (len(held), 5)), cases, otherwise, points=POINTS["q7"])

"""Probes and judges of the lab on the truth of explanations.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import numpy as np
from scipy.stats import spearmanr

from xaikit.labs import match, match_each, numbers, plain

POINTS = {"q1": 3, "q2": 2, "q3": 2, "q4": 3, "q5": 2, "q6": 3, "q7": 2}
ROWS = 100


def _bent(X):
    X = np.asarray(X, dtype=float)
    return X @ [2.0, -1.0, 0.5, 1.5, -2.5] + X[:, 0] * X[:, 1] - X[:, 2] ** 2


def _charts(seed):
    rng = np.random.default_rng([seed, 1])
    for _ in range(5):
        yield tuple(rng.normal(size=(3, 5)))


def q1_probe(ns, seed):
    return plain([ns["deletion_area"](_bent, *(a.copy() for a in each)) for each in _charts(seed)])


def _area(row, reference, order, *, one_at_a_time=False):
    steps = np.tile(row, (len(row) + 1, 1))
    for k in range(1, len(row) + 1):
        gone = order[k - 1 : k] if one_at_a_time else order[:k]
        steps[k, gone] = reference[gone]
    return np.trapezoid(_bent(steps), np.linspace(0, 1, len(row) + 1))


def q1_judge(value, seed):
    charts = list(_charts(seed))

    def each(key, **options):
        return [_area(row, ref, np.argsort(key(v)), **options) for row, v, ref in charts]

    cases = [
        (
            "The curve starts at the prediction and ends at that of the reference.",
            each(np.negative),
        ),
        (
            "The order is reversed: the most positive goes first. If yours does, you put features "
            "into the reference, which passes the same rows; begin with the row, and take away.",
            each(np.asarray),
        ),
        (
            "You took them by largest size. A feature that holds the prediction down should not go "
            "first: most positive value first.",
            each(lambda v: -np.abs(v)),
        ),
        (
            "Each was taken away one at a time, from the whole row. What is gone stays gone.",
            each(np.negative, one_at_a_time=True),
        ),
    ]
    otherwise = "Return one number: the area under d + 1 predictions, over shares from 0 to 1."
    return match(numbers(value, (len(charts),)), cases, otherwise, points=POINTS["q1"])


_CHANGES = {
    "deletion area, all values doubled": (False, "It looks at only the order, and that stays."),
    "error against the truth, all values doubled": (True, "Each value is off by its own size."),
    "entropy of the sizes, all values doubled": (False, "A common factor cancels in a share."),
    "entropy of the sizes, all signs reversed": (False, "It looks at sizes, and they stay."),
    "deletion area, all signs reversed": (True, "The order is reversed, so others go first."),
    "sum of the values, two of them swapped": (False, "A sum does not know what stands where."),
    "error against the truth, two of them swapped": (True, "Two values are wrong now."),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["changes"])


def q2_judge(value, seed):
    # A guess of one word for all gets three or four right, and that earns nothing.
    return match_each(
        value,
        _CHANGES,
        "Each measure is blind to something, so nobody uses one alone.",
        points=POINTS["q2"],
        spare=3,
    )


def _explainer(seed):
    rng = np.random.default_rng([seed, 3])
    weights = rng.normal(size=4)

    def explain(X):
        X = np.asarray(X, dtype=float)
        return X * weights + np.sin(4 * X[:, ::-1])

    row = rng.normal(size=4)
    neighbours = row + rng.normal(0, 0.1, (12, 4)) * rng.uniform(0.1, 2, (12, 1))
    neighbours[5] = row
    return explain, row, neighbours


def q3_probe(ns, seed):
    explain, row, neighbours = _explainer(seed)
    return plain(float(ns["instability"](explain, row.copy(), neighbours.copy())))


def q3_judge(value, seed):
    explain, row, neighbours = _explainer(seed)
    keep = np.arange(len(neighbours)) != 5
    moved = np.linalg.norm(neighbours - row, axis=1)[keep]
    turned = np.linalg.norm(explain(neighbours) - explain(row[None]), axis=1)[keep]
    cases = [
        (
            "The worst neighbour decides: one is enough to make a chart unstable.",
            (turned / moved).max(),
        ),
        (
            "That is the mean. One bad neighbour is enough; take the largest.",
            (turned / moved).mean(),
        ),
        (
            "You left out how far the row moved: after a large step the chart may well change.",
            turned.max(),
        ),
        ("The ratio is upside down: attributions over rows.", (moved / turned).max()),
    ]
    otherwise = "Return one number. The neighbour that equals the row must not count."
    return match(numbers(value, ()), cases, otherwise, points=POINTS["q3"])


def _models(seed):
    rng = np.random.default_rng([seed, 4])
    return rng.normal(size=6), rng.normal(size=6), rng.normal(size=(20, 6)) + 0.5


def _by_weight(model, X):
    return np.asarray(X) * model


def _by_looks(model, X):
    return np.asarray(X) ** 2


def q4_probe(ns, seed):
    model, scrambled, X = _models(seed)
    return [plain(float(ns["likeness"](e, model, scrambled, X))) for e in (_by_weight, _by_looks)]


def q4_judge(value, seed):
    model, scrambled, X = _models(seed)

    def each(alike):
        return [
            np.mean([alike(a, b) for a, b in zip(e(model, X), e(scrambled, X), strict=True)])
            for e in (_by_weight, _by_looks)
        ]

    def spearman(a, b):
        return spearmanr(a, b).statistic

    def pearson(a, b):
        return np.corrcoef(a, b)[0, 1]

    cases = [
        (
            "The second explainer, which never looked at the model, scores 1: its charts would be "
            "the same for a model that learnt nothing.",
            each(lambda a, b: spearman(np.abs(a), np.abs(b))),
        ),
        ("You kept the signs. Charts that differ only in signs have the same sizes.",
         each(spearman)),
        ("Those are values, not ranks: one large value rules them.",
         each(lambda a, b: pearson(np.abs(a), np.abs(b)))),
    ]  # fmt: skip
    got = numbers(value, (2,))
    if got is not None and np.allclose(got, 1):
        return 0, (
            "Everything is perfectly alike. Either you explained the same model twice, or you "
            "ranked patients: features are ranked within each row."
        )
    otherwise = (
        "Ranks are taken within each row, of sizes, for both models; then one correlation a row, "
        "and their mean."
    )
    return match(got, cases, otherwise, points=POINTS["q4"])


def q5_probe(ns, seed):
    X, predict = ns["spare"](ROWS, seed)
    X = np.asarray(X).astype(int)
    answers = {}
    for name, columns in (("none", []), ("0", [0]), ("1", [1]), ("both", [0, 1])):
        off = X.copy()
        off[:, columns] = 0
        answers[name] = plain(np.asarray(predict(off), dtype=float))
    return {"X": plain(X), **answers}


def q5_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    X = numbers(answer.get("X"), (ROWS, 3))
    got = {name: numbers(answer.get(name), (ROWS,)) for name in ("none", "0", "1", "both")}
    if X is None or any(each is None for each in got.values()):
        return 0, "Return `X` of shape (n, 3) and a function that gives n numbers for such rows."
    if not np.isin(X, [0, 1]).all():
        return 0, "X must hold zeros and ones."
    alone = [np.mean(got[name] != got["none"]) for name in ("0", "1")]
    both = np.mean(got["both"] != got["none"])
    if max(alone) > 0:
        column = int(np.argmax(alone))
        return 0, (
            f"Column {column} alone set to zero changes {alone[column]:.0%} of the answers, and "
            "should change none. The other one has to stand in for it in every row."
        )
    if both < 0.5:
        return 0, (
            f"Setting both together to zero changes {both:.0%} of the answers: at least half must "
            "change. As it is, the claim that the two are not used would be nearly right."
        )
    return POINTS["q5"], (
        f"Alone 0 % and 0 %, both together {both:.0%}. One at a time is a question that redundancy "
        "answers with silence."
    )


def q6_probe(ns, seed):
    X, y, first, second = ns["rivals"](ROWS, seed)
    X, rng = np.asarray(X, dtype=float), np.random.default_rng([seed, 6])
    reply = {"y": plain(np.asarray(y, dtype=float))}
    for name, model in (("first", first), ("second", second)):
        rows = [X]
        for column in (0, 1):
            shuffled = X.copy()
            shuffled[:, column] = rng.permutation(X[:, column])
            rows.append(shuffled)
        reply[name] = plain(np.array([np.asarray(model(each), dtype=float) for each in rows]))
    return reply


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    y = numbers(answer.get("y"), (ROWS,))
    first, second = (numbers(answer.get(name), (3, ROWS)) for name in ("first", "second"))
    if y is None or first is None or second is None:
        return 0, "Return `X`, `y`, and two functions that give n answers for n rows."
    if not np.isin(np.concatenate([y, first.ravel(), second.ravel()]), [0, 1]).all():
        return 0, "Outcomes and answers are 0 or 1."
    if not 0.3 <= y.mean() <= 0.7:
        return 0, f"Let both outcomes occur in at least 30 % of the rows; 1 is {y.mean():.0%} here."
    right = [np.mean(each[0] == y) for each in (first, second)]
    for name, share in zip(("first", "second"), right, strict=True):
        if share < 0.95:
            return 0, f"`{name}` is right for {share:.0%} of the rows; at least 95 % are wanted."
    if abs(right[0] - right[1]) > 0.0101:
        return 0, f"One is ahead of the other: {right[0]:.0%} and {right[1]:.0%} right."
    if (first[2] != first[0]).any():
        return 0, "`first` reads column 1: shuffled, it changes some of its answers."
    if (second[1] != second[0]).any():
        return 0, "`second` reads column 0: shuffled, it changes some of its answers."
    return POINTS["q6"], (
        f"{right[0]:.0%} and {right[1]:.0%} right, each for a reason that the other never "
        "looked at."
    )


_SLIDES = {
    "a": ("not shown", "Shuffled values add up as well."),
    "b": ("shown", "That is what the check measures, and it is unfavourable to the product."),
    "c": ("not shown", "Tidiness is a matter of taste; a tidy chart can be wrong."),
    "d": ("shown", "It says no more than was measured, and for what."),
    "e": ("not shown", "Two methods can share a fault, such as asking about rows that cannot be."),
    "f": ("shown", "It has a control, and says no more than that the model reacts."),
}


def q7_probe(ns, seed):
    return plain(ns["slides"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    if any(answer.get(name) not in ("shown", "not shown") for name in _SLIDES):
        return 0, 'Give each of the six sentences "shown" or "not shown".'
    return match_each(
        value,
        _SLIDES,
        "Evidence, a control, and no more said than was measured.",
        points=POINTS["q7"],
        spare=3,
    )

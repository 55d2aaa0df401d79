"""Probes and judges of the lab on Shapley values.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import cache
from itertools import permutations

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

from xaikit import games
from xaikit.games import Game
from xaikit.labs import close, match_each, numbers, plain

# Friday: what the hat holds for nobody, violin, drum, violin+drum, voice, violin+voice,
# drum+voice, all three (player i counts 2**i).
FRIDAY = (12, 30, 18, 60, 42, 102, 72, 132)
MEMBERS = ("violin", "drum", "voice")
FEATURES = ["age", "bmi", "bp", "s3", "s5", "s6"]
AXIOMS = {"efficiency", "symmetry", "dummy"}

POINTS = {"q1": 2, "q2": 3, "q3": 3, "q4": 2, "q5": 3, "q6": 2, "q7": 3}


def _rows(n):
    """All coalitions of n players; row k holds the players whose bit is set in k."""
    return (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1


def _game(values, n):
    values = np.asarray(values, dtype=float)
    return Game("table", tuple("abcdefgh"[:n]), lambda rows: values[rows @ (1 << np.arange(n))])


def _shapley(values):
    n = len(values).bit_length() - 1
    return games.shapley_values(_game(values, n))


def _added(values, player):
    """What the player adds to each coalition without her."""
    values = np.asarray(values, dtype=float)
    without = [k for k in range(len(values)) if not k & 2**player]
    return values[np.add(without, 2**player)] - values[without]


def _by_order(values):
    """What each player adds, for one order of arrival after the other."""
    n = len(values).bit_length() - 1
    for order in permutations(range(n)):
        shares, present = np.zeros(n), 0
        for player in order:
            shares[player] = values[present + 2**player] - values[present]
            present += 2**player
        yield shares


def _banzhaf(values):
    n = len(values).bit_length() - 1
    return np.array([_added(values, player).mean() for player in range(n)])


def _compare(question, got, right, mistakes, praise, otherwise):
    """Full marks if every answer agrees with the truth; else the hint for this mistake."""
    if any(answer is None for answer in got):
        return 0, otherwise
    for hint, known in [(praise, right), *mistakes]:
        if all(close(a, b) for a, b in zip(got, known, strict=True)):
            return (POINTS[question] if hint is praise else 0), hint
    return 0, otherwise


def q1_probe(ns, seed):
    return plain(ns["settled"])


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    got = numbers([answer.get(name) for name in MEMBERS], (3,))
    right = _shapley(FRIDAY)
    total = FRIDAY[-1] - FRIDAY[0]
    alone = np.array([FRIDAY[2**i] - FRIDAY[0] for i in range(3)])
    mistakes = [
        ("Equal parts add up, but they ignore who brings what.", [np.full(3, total / 3)]),
        (
            "These add up to what the hat holds with all three. The 12 of an empty stage is "
            "there without anybody, so it is nobody's share.",
            [right + FRIDAY[0] / 3],
        ),
        (
            "This is what each would add alone, before anyone else is there. Average over all "
            "six orders: early, in the middle and late.",
            [alone],
        ),
        (
            "In proportion to the solo takings: it adds up, but what the players do for one "
            "another is left out. Average over the six orders.",
            [alone / alone.sum() * total],
        ),
    ]
    mistakes += [
        ("This is a single order. Who comes late is favoured; average all six.", [order])
        for order in _by_order(FRIDAY)
    ]
    praise = "And 43 + 22 + 55 is the 120 that the three brought in."
    otherwise = (
        "Give one number for each of violin, drum and voice: the mean of what that player "
        f"adds over the six orders. Together they make {total}."
    )
    return _compare("q1", [got], [right], mistakes, praise, otherwise)


def _random_values(seed):
    rng = np.random.default_rng([seed, 2])
    return [rng.normal(size=2**n).round(3) * 10 + 7 for n in (2, 3, 4, 5)]


def q2_probe(ns, seed):
    shapley = ns["shapley"]
    tables = _random_values(seed)
    return [plain(shapley(_game(t, n), n)) for n, t in enumerate(tables, start=2)]


def q2_judge(value, seed):
    tables = _random_values(seed)
    items = value if isinstance(value, list) and len(value) == len(tables) else [None] * 4
    got = [numbers(item, (n,)) for n, item in enumerate(items, start=2)]
    right = [_shapley(t) for t in tables]
    factorial = [float(np.prod(np.arange(1, n))) for n in range(2, 6)]
    mistakes = [
        (
            "You took the plain mean over coalitions. That forgets the weights: small and "
            "large coalitions come up in more orders than middling ones.",
            [_banzhaf(t) for t in tables],
        ),
        (
            "Your values are (n − 1)! times too large. There are n! orders, not n: divide the "
            "sum over orders by n!.",
            [r * f for r, f in zip(right, factorial, strict=True)],
        ),
        (
            "You followed a single order, so whoever comes late gets what the others made "
            "possible. Average over every order.",
            [next(_by_order(t)) for t in tables],
        ),
        (
            "Your values add up to v(N), but the empty coalition has a value here, and it is "
            "nobody's. The first to come adds v({i}) − v(∅).",
            [r + t[0] / len(r) for r, t in zip(right, tables, strict=True)],
        ),
        (
            "Equal parts are efficient and symmetric, but a player who adds nothing is paid too.",
            [np.full(len(r), r.mean()) for r in right],
        ),
        (
            "The sign is reversed: take the value with the player minus the value without her.",
            [-r for r in right],
        ),
    ]
    praise = "Equal to the library on games of two to five players, each with v(∅) ≠ 0."
    otherwise = (
        "Return an array with one number a player. A test you can run yourself: on `friday` "
        "it gives your answer to q1, and the values of any game add up to v(N) − v(∅)."
    )
    return _compare("q2", got, right, mistakes, praise, otherwise)


_SAYS_3 = {
    "all three together": "Efficiency: the shares make up v(N) − v(∅), not v(N).",
    "porter": "The porter is a dummy: who adds nothing to any group gets nothing.",
    "second violin": "Symmetry: two who add the same to every group get the same.",
    "voice, float 20": "A gift to every group cancels: shares are made of differences.",
    "voice, doubled": "When the value of every group is doubled, so is every difference.",
    "voice, both nights": "Additivity: two games settled as one give the sum of the shares.",
}


def q3_probe(ns, seed):
    return plain(ns["predicted"])


def q3_judge(value, seed):
    voice = _shapley(FRIDAY)[2]
    right = (sum(_shapley(FRIDAY)), 0, 25, voice, 2 * voice, voice + 31)
    truths = {name: (truth, _SAYS_3[name]) for name, truth in zip(_SAYS_3, right, strict=True)}
    praise = "Six answers without a single sum over orders: that is what axioms are good for."
    return match_each(value, truths, praise, points=POINTS["q3"], atol=0.01)


def _asked(seed):
    """Every coalition, some of them more than once, in an order that the seed draws."""
    rng = np.random.default_rng([seed, 4])
    return rng.permutation([*range(8), *rng.integers(0, 8, size=24)])


def q4_probe(ns, seed):
    return plain(ns["spare"](_rows(3)[_asked(seed)]))


def q4_judge(value, seed):
    asked = _asked(seed)
    got = numbers(value, asked.shape)
    if got is None:
        return 0, "Return one number for each row of `coalitions`, whatever rows are asked."
    v = np.zeros(8)
    v[asked] = got
    if not np.allclose(v[asked], got):
        return 0, "The same coalition has two values. A value depends only on who is there."
    added = [_added(v, player) for player in range(3)]
    if abs(v[0]) > 1e-9:
        return 0, "The empty coalition must have the value 0: with nobody there, the hat is empty."
    if min(a.min() for a in added) < -1e-9:
        return 0, "Somebody lowers the value by joining. Here nobody may do harm."
    if abs(added[0][-1]) > 1e-9:
        return 0, "Player 0 still adds something when she comes last, to the other two."
    if _shapley(v)[0] < 0.01 * max(v[-1], 1e-9):
        return 0, (
            "Player 0 is a dummy here: she adds nothing anywhere, so her share is 0. Let her add "
            "something when she comes early."
        )
    return POINTS["q4"], (
        f"She adds nothing to the others, and her share is {_shapley(v)[0]:.3g} of "
        f"{v[-1]:.3g}. So a large share does not mean that something is missed."
    )


def _model_case(seed):
    rng = np.random.default_rng([seed, 5])
    weights, row, background = rng.normal(size=3), rng.normal(size=3) + 1, rng.normal(size=(7, 3))

    def predict(X):
        X = np.asarray(X, dtype=float)
        return X @ weights + 2 * X[:, 0] * X[:, 1] + X[:, 2] ** 2

    return predict, row, background


def _values(predict, row, background):
    return [predict(np.where(present, row, background)).mean() for present in _rows(len(row))]


def q5_probe(ns, seed):
    predict, row, background = _model_case(seed)
    game = ns["model_game"](predict, row.copy(), background.copy())
    return plain(game(_rows(3)))


def q5_judge(value, seed):
    predict, row, background = _model_case(seed)
    right = _values(predict, row, background)
    mean = background.mean(axis=0, keepdims=True)
    mistakes = [
        (
            "You predicted for the mean row. The mean of the predictions is another number "
            "as soon as the model bends: average after predicting.",
            [_values(predict, row, mean)],
        ),
        (
            "Only one row of the background is used. Use them all.",
            [_values(predict, row, background[:1])],
        ),
        (
            "Absent features became zero. Zero is a value like any other, and often an odd "
            "one; draw it from the background.",
            [_values(predict, row, 0 * background[:1])],
        ),
        (
            "Present and absent are the wrong way round: `True` means that the feature keeps "
            "the value of `row`.",
            [right[::-1]],
        ),
    ]
    praise = "v(∅) is the mean prediction over the background, v(N) the prediction for the row."
    otherwise = (
        "`model_game` returns a function. It takes coalitions, a bool array (m, d), and returns m "
        "numbers: v(∅) the mean prediction of the background, v(N) the prediction for `row`."
    )
    return _compare("q5", [numbers(value, (8,))], [right], mistakes, praise, otherwise)


@cache
def _diabetes():
    data = load_diabetes(as_frame=True, scaled=False)
    X = data.data[FEATURES]
    return X, LinearRegression().fit(X, data.target)


def _patient(seed):
    """Draw somebody whose BMI is above the mean, yet below that of many others."""
    X, _ = _diabetes()
    low, high = X["bmi"].quantile([0.6, 0.85])
    candidates = X.index[X["bmi"].between(low, high)]
    return int(np.random.default_rng([seed, 6]).choice(candidates))


def q6_probe(ns, seed):
    X, _ = _diabetes()
    chosen = ns["choose_background"](X.copy(), X.loc[_patient(seed)].copy())
    return plain(chosen.index if isinstance(chosen, pd.DataFrame) else chosen)


def q6_judge(value, seed):
    X, model = _diabetes()
    labels = numbers(value, (len(value),)) if isinstance(value, list) else None
    if labels is None or not set(labels) <= set(X.index):
        return 0, "Return rows of `patients`, as a DataFrame: all its columns, its own index."
    if len(set(labels)) < 20:
        return 0, "Choose at least twenty different patients; fewer make a background of chance."
    mean = X.loc[sorted({int(label) for label in labels}), "bmi"].mean()
    bmi = X.loc[_patient(seed), "bmi"]
    attribution = model.coef_[FEATURES.index("bmi")] * (bmi - mean)
    if attribution >= 0:
        return 0, (
            f"Against these, whose mean BMI is {mean:.1f}, a BMI of {bmi:.1f} has an attribution "
            f"of {attribution:+.1f}. Compare with people of a higher BMI."
        )
    return POINTS["q6"], (
        f"Against these a BMI of {bmi:.1f} has an attribution of {attribution:+.1f}, against all "
        f"442 one of {model.coef_[FEATURES.index('bmi')] * (bmi - X['bmi'].mean()):+.1f}. "
        "Both are right: they answer two questions."
    )


def _audit_tables(seed):
    """Games and tables of shares for them."""
    rng = np.random.default_rng([seed, 7])
    rows = _rows(4)
    # 0 and 2 are interchangeable, 3 is a dummy; every other difference is drawn.
    level = np.cumsum(rng.uniform(1, 3, size=6)) + rng.permutation(6)
    twins = level[(rows[:, 0].astype(int) + rows[:, 2]) * 2 + rows[:, 1]]
    fair, one_order = _shapley(twins), next(_by_order(twins))
    # Alone nobody adds anything and all look the same; together they do not.
    team = np.where(rows.sum(axis=1) < 2, 5.0, rng.uniform(6, 20, size=16))
    return [
        (twins, fair * (1 + 1e-12)),
        (twins, np.full(4, fair.mean())),
        (twins, fair * 1.1),
        (twins, one_order),
        (twins, fair + twins[0] / 4),
        (twins, one_order + np.eye(4)[3]),
        (team, _shapley(team)),
    ]


# The axioms that each table breaks: apart, since an answer can look at what its probe holds.
BROKEN = (
    set(),
    {"dummy"},
    {"efficiency"},
    {"symmetry"},
    {"efficiency", "dummy"},
    {"efficiency", "symmetry", "dummy"},
    set(),
)


def _shuffled(seed):
    """Draw the order in which the tables are asked, so that a fixed reply earns nothing."""
    return np.random.default_rng([seed, 8]).permutation(7)


def q7_probe(ns, seed):
    audit = ns["audit"]
    tables = [_audit_tables(seed)[place] for place in _shuffled(seed)]
    return [plain(audit(_game(t, 4), 4, shares.copy())) for t, shares in tables]


def q7_judge(value, seed):
    wanted = list(BROKEN)
    replies = value if isinstance(value, list) and len(value) == len(wanted) else [None]
    if not all(isinstance(r, list) and all(isinstance(a, str) for a in r) for r in replies):
        return 0, "Return a set of names, empty if no axiom is broken."
    got = [set(replies[place]) for place in np.argsort(_shuffled(seed))]
    if not set().union(*got) <= AXIOMS:
        return 0, 'The names are "efficiency", "symmetry" and "dummy".'
    if got == wanted:
        return POINTS["q7"], (
            "Seven tables, each judged rightly. Mind what it cannot see: in a game without dummies "
            "and twins every table that adds up passes."
        )
    if not got[1] | got[3]:
        return 0, "Adding up is not enough: equal parts add up, and so does any single order."
    if "efficiency" in got[0] and "efficiency" not in got[4]:
        return 0, "The shares add up to v(N) − v(∅): the value of the empty coalition is nobody's."
    if got[0]:
        return 0, "A right table was rejected for rounding: compare floats with `np.isclose`."
    if got[6]:
        return 0, (
            "You looked at what players add alone. Here alone they all add nothing, together they "
            "differ: compare on every coalition."
        )
    missed = [name for g, w in zip(got, wanted, strict=True) for name in sorted(w - g)]
    if missed:
        return 0, f"A table that breaks {missed[0]} went through."
    return 0, "A table was charged with an axiom that it keeps. Test each axiom by itself."

"""Probes and judges of the lab on Shapley values.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import cache
from itertools import permutations

import numpy as np
import pandas as pd
from sklearn.linear_model import PoissonRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from xaikit import games
from xaikit.core import shapley as formula
from xaikit.datasets import bike
from xaikit.games import Game
from xaikit.labs import (
    Case,
    ask_rows,
    close,
    match_each,
    numbers,
    plain,
    read_rows,
    unread,
    without,
)

# Friday: what the hat holds for nobody, violin, drum, violin+drum, voice, violin+voice,
# drum+voice, all three (player i counts 2**i).
FRIDAY = (12, 30, 18, 60, 42, 102, 72, 132)
MEMBERS = ("violin", "drum", "voice")
COLUMNS = ["hour", "workingday", "year", "temp", "feel_temp", "humidity"]
# Thursday, 13 September 2012, at eight in the evening: the hour of the text.
EVENING = 14799
AXIOMS = ("efficiency", "symmetry", "dummy")

POINTS = {"q1": 2, "q2": 3, "q3": 3, "q4": 2, "q5": 2, "q6": 2, "q7": 2, "q8": 2}


def _rows(n):
    """All coalitions of n players; row k holds the players whose bit is set in k."""
    return (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1


def _size(values):
    return len(values).bit_length() - 1


def _game(values):
    values, n = np.asarray(values, dtype=float), _size(values)
    return Game("table", tuple("abcdefgh"[:n]), lambda rows: values[rows @ (1 << np.arange(n))])


def _shapley(values):
    return games.shapley_values(_game(values))


def _added(values, player):
    """What the player adds to each coalition without her."""
    values = np.asarray(values, dtype=float)
    others = [k for k in range(len(values)) if not k & 2**player]
    return values[np.add(others, 2**player)] - values[others]


def _by_order(values):
    """What each player adds, for one order of arrival after the other."""
    n = _size(values)
    for order in permutations(range(n)):
        shares, present = np.zeros(n), 0
        for player in order:
            shares[player] = values[present + 2**player] - values[present]
            present += 2**player
        yield shares


def _banzhaf(values):
    return np.array([_added(values, player).mean() for player in range(_size(values))])


def _weighted(values, change):
    """Shapley's weights on what `change` makes of each addition."""
    n = _size(values)
    size = _rows(n).sum(axis=1)
    shares = []
    for player in range(n):
        others = np.array([k for k in range(2**n) if not k & 2**player])
        weight = 1 / np.array([n * _choose(n - 1, s) for s in size[others]])
        shares.append(weight @ change(_added(values, player)))
    return np.array(shares)


def _choose(n, k):
    return int(np.prod(range(n - k + 1, n + 1)) // max(np.prod(range(1, k + 1)), 1))


def _same(got, truths):
    return all(close(a, b) for a, b in zip(got, truths, strict=True))


def _known(got, right, mistakes, praise, otherwise):
    """Give "right", or a hint: that of the first mistake which explains every number."""
    for hint, known in [(praise, right), *mistakes]:
        if _same(got, known):
            return hint is praise, hint
    return False, otherwise


# Question 1


def q1_probe(ns, seed):
    return plain(ns["settled"])


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    each = [numbers(answer.get(name), ()) for name in MEMBERS]
    missing = [name for name, share in zip(MEMBERS, each, strict=True) if share is None]
    if missing:
        return 0, f"There is no number for {' and '.join(missing)} yet."
    got = np.array([float(share) for share in each])
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
            "This is what each adds as the last of three. Only one can come last; average over "
            "all six orders.",
            [FRIDAY[-1] - np.array([FRIDAY[7 - 2**i] for i in range(3)])],
        ),
        (
            "This is the plain mean over the four groups that a player can join. Nobody at all "
            "and both others come up in two orders each, the rest in one: count orders.",
            [_banzhaf(FRIDAY)],
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
    fine = [name for name, a, b in zip(MEMBERS, got, right, strict=True) if close(a, b)]
    missed = total - got.sum()
    otherwise = (
        (f"Right so far: {' and '.join(fine)}. " if fine else "")
        + "Each share is the mean of what the player adds in six orders. "
        + (
            f"Yours make {got.sum():.4g} together, and {total} is there to share."
            if abs(missed) > 1e-6
            else f"Yours add up to {total}, as they must; look at the single orders again."
        )
    )
    praise = "And 43 + 22 + 55 is the 120 that the three brought in."
    done, hint = _known([got], [right], mistakes, praise, otherwise)
    return (POINTS["q1"] if done else 0), hint


# Question 2


def _tables(seed):
    """Games of one to five players, in units from a millionth to a million."""
    rng = np.random.default_rng([seed, 2])
    drawn = [rng.normal(size=2**n).round(3) * 10 + 7 for n in (1, 2, 3, 4, 5)]
    # What the first player adds, 3, 1, −1 and −3, cancels: a share of nothing, made of much.
    undone = np.array([2.0, 5, 4, 5, 7, 6, 9, 6])
    return [*drawn, undone, 1e-6 * drawn[2], 1e6 * drawn[3]]


@cache
def _mistakes_2(seed):
    tables = _tables(seed)
    factorial = [float(np.prod(np.arange(1, _size(t)))) for t in tables]
    right = [_shapley(t) for t in tables]

    def rescaled(t):
        plain_mean = _banzhaf(t)
        return plain_mean * (t[-1] - t[0]) / plain_mean.sum()

    def turns(t):
        n = _size(t)
        wanted = {tuple(np.roll(np.arange(n), k)) for k in range(n)}
        orders = zip(permutations(range(n)), _by_order(t), strict=True)
        return np.mean([shares for order, shares in orders if order in wanted], axis=0)

    return right, [
        (
            "You took the plain mean over coalitions. That forgets the weights: small and "
            "large coalitions come up in more orders than middling ones.",
            [_banzhaf(t) for t in tables],
        ),
        (
            "You took the plain mean over coalitions and stretched it until it added up. That "
            "hides the fault: the weights are still missing.",
            [rescaled(t) for t in tables],
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
            "You went round in n orders, each beginning with another player. Everybody comes "
            "first once, but n players can come in n! orders: take them all.",
            [turns(t) for t in tables],
        ),
        (
            "Your values add up to v(N), but the empty coalition has a value here, and it is "
            "nobody's. The first to come adds v({i}) − v(∅).",
            [r + t[0] / len(r) for r, t in zip(right, tables, strict=True)],
        ),
        (
            "You count what a player takes away as if it were brought in. An addition may be "
            "below zero, and may cancel another: no `abs`.",
            [_weighted(t, np.abs) for t in tables],
        ),
        (
            "You leave out what lies below zero. A player who spoils things has a share below "
            "zero.",
            [_weighted(t, lambda added: np.maximum(added, 0)) for t in tables],
        ),
        (
            "Equal parts are efficient and symmetric, but a player who adds nothing is paid too.",
            [np.full(len(r), r.mean()) for r in right],
        ),
        (
            "This is what each adds as the last to come. Average over every place in the order.",
            [np.array([_added(t, i)[-1] for i in range(_size(t))]) for t in tables],
        ),
        (
            "The sign is reversed: take the value with the player minus the value without her.",
            [-r for r in right],
        ),
    ]


def q2_probe(ns, seed):
    from xaikit import explain  # not for judges: it would fill their process

    shapley = without(ns["shapley"], games.shapley_values, formula.from_coalition_values, explain)
    small = games.glove()
    return [
        plain(shapley(Game("gloves", small.players, small.value), 3)),
        *[plain(shapley(_game(t), _size(t))) for t in _tables(seed)],
    ]


def q2_judge(value, seed):
    tables = _tables(seed)
    right, mistakes = _mistakes_2(seed)
    small, *items = value if isinstance(value, list) and value else [None]
    case = Case("shapley(xk.games.glove(), 3)", small, [1 / 6, 1 / 6, 2 / 3])
    if len(items) != len(tables):
        return 0, "There is no answer for each of the games.", case
    got = [numbers(item, (_size(t),)) for item, t in zip(items, tables, strict=True)]
    for item, read, t in zip(items, got, tables, strict=True):
        if read is None:
            n = _size(t)
            return 0, unread(item, (n,), f"Players in this game: {n}."), case
    praise = (
        "Equal to the library on games of one to five players, in units from a millionth to a "
        "million, each with v(∅) ≠ 0."
    )
    wrong = [i for i, (a, b) in enumerate(zip(got, right, strict=True)) if not close(a, b)]
    done, hint = _known(got, right, mistakes, praise, "")
    if not hint and all((shares == shares.round()).all() for shares in got):
        hint = (
            "Your values are cut to whole numbers. An array made of whole numbers, such as "
            "`np.zeros(n, dtype=int)`, cuts off the rest of what is written into it."
        )
    elif not hint:
        t, shares = tables[wrong[0]], got[wrong[0]]
        hint = (
            f"One number a player, as asked; {len(tables) - len(wrong)} of {len(tables)} games "
            f"are right. In one of {_size(t)} players "
        )
        if not close(shares.sum(), t[-1] - t[0], rtol=1e-5):
            hint += (
                f"your shares add up to {shares.sum():.4g}, and v(N) − v(∅) is {t[-1] - t[0]:.4g}."
            )
        elif close(shares, right[wrong[0]], rtol=0.1):
            hint += (
                "they add up and are nearly right, but not exact. Take every order once, and "
                "round nothing."
            )
        else:
            hint += "they add up, but the parts are wrong. Are all orders there, each once?"
    return (POINTS["q2"] if done else 0), hint, case


# Question 3

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
    answers = value if isinstance(value, dict) else {}
    unread = [name for name in _SAYS_3 if numbers(answers.get(name), ()) is None]
    if len(unread) == len(_SAYS_3):
        return 0, "Give a number for each of the six names."
    says = {name: "Give a number here." if name in unread else _SAYS_3[name] for name in _SAYS_3}
    truths = {name: (truth, says[name]) for name, truth in zip(says, right, strict=True)}
    praise = "Six answers without a single sum over orders: that is what axioms are good for."
    return match_each(value, truths, praise, points=POINTS["q3"], atol=0.01)


# Question 4


def q4_probe(ns, seed):
    spare = ns["spare"]
    return {"small": plain(spare(_rows(3)[[6, 7]])), "all": ask_rows(spare, _rows(3), seed)}


def q4_judge(value, seed):
    reply = value if isinstance(value, dict) else {}
    case = Case(
        "spare(np.array([[0, 1, 1], [1, 1, 1]]) == 1)",
        reply.get("small"),
        "<two equal numbers above 0: player 0 adds nothing to the other two>",
    )
    return *_judge_spare(reply.get("all")), case


def _judge_spare(reply):
    v, fault = read_rows(reply, (8,))
    if v is None:
        whole = reply.get("whole") if isinstance(reply, dict) else None
        return 0, unread(whole, (8,), "There are 8 coalitions.")
    if fault:
        return 0, f"A value depends only on who is there. {fault}"
    rounding = 1e-9 * np.abs(v).max()
    added = [_added(v, player) for player in range(3)]
    if abs(v[0]) > rounding:
        return 0, "The empty coalition must have the value 0: with nobody there, the hat is empty."
    if min(a.min() for a in added) < -rounding:
        return 0, "The empty coalition has 0, as asked. But somebody lowers the value by joining."
    if v[-1] <= rounding:
        return 0, "Nobody adds anything to anybody here, so there is nothing to share."
    if abs(added[0][-1]) > rounding:
        return 0, (
            "Nobody does harm, as asked. But player 0 still adds something when she comes last, "
            "to the other two."
        )
    share = _shapley(v)[0] / v[-1]
    if share < 1e-9:
        return 0, (
            "Player 0 adds nothing to the other two, as asked. But she is a dummy here: she adds "
            "nothing anywhere, so her share is 0. Let her add something when she comes early."
        )
    if share < 0.1 - 1e-9:
        return 0, (
            f"Nearly: her share is above zero, but only {share:.2g} of v(N); at least a tenth "
            "is asked for. Let her add more when she comes early."
        )
    return POINTS["q4"], (
        f"She adds nothing to the others, and her share is {share:.3g} of v(N). So a large "
        "share does not mean that something is missed."
    )


# Question 5


def _model_cases(seed):
    """Models that bend, more rows than columns and fewer, one in tiny units, a row twice."""
    rng = np.random.default_rng([seed, 5])
    for rows, columns, unit in ((7, 3, 1.0), (2, 4, 1e-6)):
        weights, row = rng.normal(size=columns), rng.normal(size=columns) + 1
        background = rng.normal(size=(rows, columns))
        yield _bent(weights, unit), row, np.vstack([background, background[:1]])


def _bent(weights, unit):
    def predict(X):
        X = np.asarray(X, dtype=float)
        if X.ndim != 2 or X.shape[1] != len(weights):
            raise ValueError(f"predict takes rows, (m, {len(weights)}); got shape {X.shape}")
        return unit * (X @ weights + 2 * X[:, 0] * X[:, 1] + X[:, 2] ** 2 - X[:, 0] ** 3)

    return predict


def _area(X):
    X = np.asarray(X, dtype=float)
    return X[:, 0] * X[:, 1]


def _values(predict, row, background, mean=np.mean):
    return [mean(predict(np.where(present, row, background))) for present in _rows(len(row))]


def _written_into(predict, row, background):
    """What comes out when each coalition is written into the same background."""
    used, values = background.copy(), []
    for present in _rows(len(row)):
        used[:, present] = row[present]
        values.append(predict(used).mean())
    return values


def q5_probe(ns, seed):
    model_game = ns["model_game"]
    small = model_game(_area, np.array([2.0, 4.0]), np.array([[1.0, 5.0], [3.0, 1.0]]))
    reply = {"small": None, "cases": []}
    if small is None:
        return reply
    reply["small"] = plain(small(_rows(2)))
    for predict, row, background in _model_cases(seed):
        once, again = (model_game(predict, row.copy(), background.copy()) for _ in range(2))
        rows = _rows(len(row))
        reply["cases"].append({"first": plain(once(rows)), "rows": ask_rows(again, rows, seed)})
    return reply


@cache
def _mistakes_5(seed):
    cases = list(_model_cases(seed))

    def each(change, **options):
        return [_values(*change(*case), **options) for case in cases]

    right = each(lambda *case: case)
    return right, [
        (
            "You predicted for the mean row. The mean of the predictions is another number "
            "as soon as the model bends: average after predicting.",
            each(lambda predict, row, b: (predict, row, b.mean(axis=0, keepdims=True))),
        ),
        (
            "Only one row of the background is used. Use them all.",
            each(lambda predict, row, b: (predict, row, b[:1])),
        ),
        (
            "A row that stands in the background twice counts twice. Do not drop repeated rows.",
            each(lambda predict, row, b: (predict, row, b[:-1])),
        ),
        (
            "You took the median of the predictions; the formula has their mean.",
            each(lambda *case: case, mean=np.median),
        ),
        (
            "You added the predictions up; divide by the number of rows of the background.",
            each(lambda *case: case, mean=np.sum),
        ),
        (
            "Absent features became zero. Zero is a value like any other, and often an odd "
            "one; draw it from the background.",
            each(lambda predict, row, b: (predict, row, 0 * b[:1])),
        ),
        (
            "Present and absent are the wrong way round: `True` means that the feature keeps "
            "the value of `row`.",
            [values[::-1] for values in right],
        ),
        (
            "The first coalitions are right, the later ones are not: you write into `background` "
            "itself, and what you wrote stays. Write into a copy, a new one for each coalition.",
            [_written_into(*case) for case in cases],
        ),
    ]


def q5_judge(value, seed):
    reply = value if isinstance(value, dict) else {}
    right, mistakes = _mistakes_5(seed)
    case = Case(
        "model_game(area, row, background), with the three from the text,\n"
        "  asked for nobody, width, height, both",
        reply.get("small"),
        [4, 6, 8, 8],
    )
    sent = reply.get("cases")
    if reply.get("small") is None or not isinstance(sent, list) or len(sent) != len(right):
        return (
            0,
            (
                "`model_game` returns a function, the game; and that function returns one number a "
                "coalition. One of the two has no `return`."
            ),
            case,
        )
    got, faults = [], []
    for asked, truth in zip(sent, right, strict=True):
        parts = asked if isinstance(asked, dict) else {}
        first = numbers(parts.get("first"), (len(truth),))
        if first is None:
            asked_for = f"The game was asked for {len(truth)} coalitions."
            return 0, unread(parts.get("first"), (len(truth),), asked_for), case
        got.append(first)
        again, fault = read_rows(parts.get("rows"), (len(truth),))
        if again is None or not close(again, first):
            fault = "Asked again, in another order, the game gives other values."
        faults.append(fault)
    praise = "v(∅) is the mean prediction over the background, v(N) the prediction for the row."
    ends = [close(a[[0, -1]], np.array(b)[[0, -1]]) for a, b in zip(got, right, strict=True)]
    otherwise = (
        "v(∅) and v(N) are right, what lies between is not. Mix row and background column by "
        "column: present ones from `row`, the others as they are in each row of `background`."
        if all(ends)
        else "There is one number a coalition, but v(∅) must be the mean prediction over the "
        "background, and v(N) the prediction for `row`. Begin with these two."
    )
    done, hint = _known(got, right, mistakes, praise, otherwise)
    if any(faults) and (done or hint == otherwise):
        return 0, f"The value of a coalition depends only on who is in it. {max(faults)}", case
    return (POINTS["q5"] if done else 0), hint, case


# Question 6


@cache
def _bikes():
    return bike()


@cache
def _hours():
    return _bikes().X[COLUMNS].sample(400, random_state=0)


@cache
def _labels_by_content():
    rows = _hours().to_numpy(dtype=float).tolist()
    return {tuple(row): int(label) for row, label in zip(rows, _hours().index, strict=True)}


@cache
def _candidates():
    """Some hours of warm working days in 2012: nine in the morning, eight in the evening.

    They are few, so that a judge need not explain a new one each time.
    """
    X = _bikes().X
    warm = X["month"].between(5, 9) & (X["workingday"] == 1) & (X["year"] == 2012)
    return [X.index[warm & (X["hour"] == hour)][:80:10].tolist() for hour in (9, 20)]


def _asked_hours(seed):
    rng = np.random.default_rng([seed, 7])
    return [int(rng.choice(labels)) for labels in _candidates()]


def _places(chosen, hours):
    """The labels of the rows that were chosen, −1 for a row that is none of the table.

    A new index does no harm: a row is known by what it holds. What is no table is taken for
    what `loc` takes, labels or True and False for each row.
    """
    if chosen is None:
        return None
    if np.ndim(chosen) == 1 and len(chosen):
        chosen = hours.loc[np.asarray(chosen)]
    if np.ndim(chosen) != 2 or np.shape(chosen)[1] != len(COLUMNS) or len(chosen) > 2000:
        return [-1]
    rows = chosen[COLUMNS].to_numpy() if isinstance(chosen, pd.DataFrame) else np.array(chosen)
    return [_labels_by_content().get(tuple(row), -1) for row in rows.tolist()]


def q6_probe(ns, seed):
    hours = _hours().sample(frac=1, random_state=np.random.default_rng([seed, 6]))
    asked = _bikes().X.loc[[EVENING, *_asked_hours(seed)], COLUMNS]
    rows = [row for _, row in asked.iterrows()]
    return [plain(_places(ns["choose_background"](hours.copy(), row), hours)) for row in rows]


def _rates(rows):
    place = (24 * rows["workingday"] + rows["hour"]).to_numpy().astype(int)
    return np.column_stack([np.eye(48)[place], rows.drop(columns=["hour", "workingday"])])


@cache
def _model():
    counts = PoissonRegressor(alpha=1e-3, solver="newton-cholesky")
    model = make_pipeline(FunctionTransformer(_rates), StandardScaler(), counts)
    return model.fit(_bikes().X[COLUMNS], _bikes().y)


@cache
def _hour_adds(label, labels):
    """The attribution of `hour` in an hour against others of the table."""
    X = _bikes().X[COLUMNS]
    background = X.loc[list(labels)].to_numpy(dtype=float)
    row = X.loc[label].to_numpy(dtype=float)
    mixed = np.where(_rows(len(COLUMNS))[:, None], row, background)
    # Some thousand rows at a time: the process that judges is to stay small, and each call costs.
    v = []
    for some in np.array_split(mixed, 1 + mixed[..., 0].size // 8000):
        rows = pd.DataFrame(some.reshape(-1, len(COLUMNS)), columns=COLUMNS)
        v += _model().predict(rows).reshape(some.shape[:2]).mean(axis=1).tolist()
    return _shapley(np.array(v))[0]


def _chosen(reply):
    """Read the different labels that came back; None if they are not all of the table."""
    found = numbers(reply, (len(reply),)) if isinstance(reply, list) and reply else None
    labels = set() if found is None else {int(label) for label in found}
    return tuple(sorted(labels)) if labels and labels <= set(_hours().index) else None


def q6_judge(value, seed):
    replies = value if isinstance(value, list) and len(value) == 3 else [None] * 3
    chosen = [_chosen(reply) for reply in replies]
    small = None
    if chosen[0]:
        adds = _hour_adds(EVENING, chosen[0])
        small = {"different hours": len(chosen[0]), "bikes for `hour`": round(adds, 1)}
    case = Case(
        "choose_background(hours, evening)", small, "<10 hours or more, −20 bikes or fewer>"
    )
    return *_judge_background(replies[1:], chosen[1:], seed), case


def _judge_background(replies, chosen, seed):
    if any(reply is None for reply in replies):
        return 0, "Nothing came back from `choose_background`. Does it end with a `return`?"
    if any(reply == [] for reply in replies):
        return 0, "No row was chosen: for one of the hours your condition fits nothing in `hours`."
    if None in chosen:
        return 0, (
            "Return rows of `hours` with all six columns, as they are: real hours, none changed "
            "or made up."
        )
    if min(map(len, chosen)) < 10:
        return 0, "Choose at least ten different hours; fewer make a background of chance."
    adds = [_hour_adds(a, labels) for a, labels in zip(_asked_hours(seed), chosen, strict=True)]
    said = (
        f"Nine in the morning gets {adds[0]:+.0f} bikes for its hour against what you chose, "
        f"eight in the evening {adds[1]:+.0f}."
    ).replace("-", "−")
    met = [each <= -20 for each in adds]
    if all(met):
        everybody = tuple(sorted(_hours().index))
        usual = [_hour_adds(label, everybody) for label in _asked_hours(seed)]
        return POINTS["q6"], (
            f"{said} Against all 400 hours it is {usual[0]:+.0f} and {usual[1]:+.0f}. Both are "
            "right: they answer two questions."
        )
    if any(met):
        return POINTS["q6"] / 2, f"{said} One of the two is right. Look at busier hours for both."
    if max(map(abs, adds)) < 1e-6:
        return 0, (
            f"{said} Compared with the same hour of other days, the hour explains nothing. "
            "Compare with busier hours."
        )
    return 0, f"{said} At most −20 is asked for. Compare with busier hours of the day."


# Question 7


def _audit_tables(seed):
    """Games, tables of shares for them, what these break, and what to say of a wrong verdict.

    The order is that in which faults are told.
    """
    rng = np.random.default_rng([seed, 8])
    rows = _rows(4)
    # 0 and 2 are interchangeable, 3 is a dummy; every other difference is drawn.
    level = np.cumsum(rng.uniform(1, 3, size=6)) + 0.5 * rng.permutation(6)
    level[4:] += 12.0  # the second of the two adds more, so that a single order is unjust
    twins = level[(rows[:, 0].astype(int) + rows[:, 2]) * 2 + rows[:, 1]]
    fair, one_order = _shapley(twins), next(_by_order(twins))
    fair[3] = 0.0
    rounded = fair * (1 + 1e-12) + 1e-12 * np.array([1.0, 2.0, 3.0, -1.0])
    paid = np.array([1.0, 1.0, 1.0, 0.0])
    # Alone nobody adds anything and all look the same; together they do not.
    team = np.where(rows.sum(axis=1) < 2, 5.0, rng.uniform(6, 20, size=16))
    # Each of three can open the door: 0 adds nothing to the rest, and is no dummy. What the door
    # is worth differs between them, so that no two are alike.
    door = (_rows(3) * [2.0, 4.0, 3.0]).max(axis=1) + 1.0
    # 0 and 1 have the same value, and are not alike: 0 does better alone, 1 with 2.
    apart = np.array([1.0, 4.0, 3.0, 9.0, 2.0, 5.0, 6.0, 10.0])
    shifted = _shapley(apart) + np.array([1.0, -1.0, 0.0])
    minus = fair + np.array([1.0, 0.0, 1.0, -2.0])
    sides = "Too much and too little both break efficiency, and pay below zero is pay: use `abs`."
    place = "Size depends on the unit: compare with `np.isclose`, not with a fixed number."
    return [
        (twins, fair + twins[0] / 3 * paid, {"efficiency"},
         "The shares add up to v(N) − v(∅): the value of the empty coalition is nobody's."),
        (twins, rounded, set(),
         "A right table was rejected for rounding: compare floats with `np.isclose`."),
        (twins, np.full(4, fair.mean()), {"dummy"},
         "Adding up is not enough: equal parts add up, and pay a player who adds nothing."),
        (twins, one_order, {"symmetry"},
         "Adding up is not enough: a single order adds up, and treats two who are alike "
         "differently. Compare every pair, not only neighbours."),
        (team, _shapley(team), set(),
         "You looked at what players add alone. Here alone they all add nothing, together they "
         "differ: compare on every coalition."),
        (door, _shapley(door), set(),
         "You looked at what a player adds as the last to come. Who adds nothing then may add "
         "something earlier, and is no dummy: compare on every coalition."),
        (apart, shifted, set(),
         "You compared with the values that you would have given. Two players of equal value "
         "need not be alike, and the axioms say nothing about them: look at what they add."),
        (twins, fair * 0.8, {"efficiency"}, sides),
        (twins, fair * 1.1, {"efficiency"}, sides),
        (twins, minus, {"dummy"}, sides),
        (1e-6 * twins, 1e-6 * fair * 1.1, {"efficiency"}, place),
        (1e-6 * twins, 1e-6 * np.full(4, fair.mean()), {"dummy"}, place),
        (1e6 * twins, 1e6 * fair * (1 + 1e-12), set(), place),
        (twins[:8], _shapley(twins[:8]) + np.array([0.5, 0.5, -1.0]), {"symmetry"},
         "One of the games has three players, not four. Use `n_players`."),
    ]  # fmt: skip


def _shuffled(seed, n):
    """Draw the order in which the tables are asked, so that a fixed reply earns nothing."""
    return np.random.default_rng([seed, 9]).permutation(n)


def _to_audit(seed):
    """The games and the tables alone, in the order in which they are asked."""
    tables = [(values, shares) for values, shares, *_ in _audit_tables(seed)]
    return [tables[place] for place in _shuffled(seed, len(tables))]


def q7_probe(ns, seed):
    audit = ns["audit"]
    small = games.glove()
    return [
        plain(audit(Game("gloves", small.players, small.value), 3, np.array([0.5, 0.0, 0.5]))),
        *[plain(audit(_game(t), _size(t), shares.copy())) for t, shares in _to_audit(seed)],
    ]


def q7_judge(value, seed):
    tables = _audit_tables(seed)
    small, *replies = value if isinstance(value, list) and value else [None]
    case = Case("audit(xk.games.glove(), 3, np.array([0.5, 0.0, 0.5]))", small, ["symmetry"])
    if len(replies) != len(tables):
        return 0, "There is no answer for each of the tables.", case
    if any(reply is None for reply in replies):
        return (
            0,
            "Nothing came back for one of the tables. Return a set, empty if all is well.",
            case,
        )
    if not all(isinstance(r, list) and all(isinstance(a, str) for a in r) for r in replies):
        return 0, "Return a set of names, empty if no axiom is broken.", case
    if not {name for reply in replies for name in reply} <= set(AXIOMS):
        return 0, 'The names are "efficiency", "symmetry" and "dummy".', case
    places = np.argsort(_shuffled(seed, len(tables)))
    got = [set(replies[place]) for place in places]
    wrong = [
        (name, says)
        for found, (_, _, broken, says) in zip(got, tables, strict=True)
        for name in AXIOMS
        if (name in found) != (name in broken)
    ]
    # The first table is there for efficiency; what else is wrong shows better in the others.
    wrong.sort(key=lambda fault: fault[1] == tables[0][3] and fault[0] != "efficiency")
    fine = [name for name in AXIOMS if name not in {each for each, _ in wrong}]
    if not wrong:
        return (
            POINTS["q7"],
            (
                f"{len(tables)} tables, each judged rightly. Mind what it cannot see: in a game "
                "without dummies and twins every table that adds up passes."
            ),
            case,
        )
    right = f"Judged rightly in every table: {' and '.join(fine)}. " if fine else ""
    # Two of three axioms are more than a guess.
    return (POINTS["q7"] / 2 if len(fine) == 2 else 0), right + wrong[0][1], case


# Question 8


def _drawn_games(seed):
    rng = np.random.default_rng([seed, 10])
    return [
        (rng.normal(size=2**n).round(3) * unit + unit, n, player)
        for n, player, unit in ((3, 1, 10.0), (4, 2, 1e-6))
    ]


def _seen(ax):
    """What is drawn on the axes: dots, level lines, labels."""
    dots, levels = [], []
    for group in ax.collections:
        if hasattr(group, "get_segments"):  # hlines
            levels += [s[:, 1].tolist() for s in group.get_segments() if len(s) > 1]
        else:
            dots += np.asarray(group.get_offsets(), dtype=float).tolist()
    for line in ax.lines:
        xy = np.column_stack([np.asarray(part, dtype=float) for part in line.get_data()])
        if line.get_marker() not in ("", " ", "None", None):
            dots += xy.tolist()
        elif len(xy) > 1:
            levels.append(xy[:, 1].tolist())
    level = [ys[0] for ys in levels if np.ptp(ys) <= 1e-9 * np.abs(ys).max()]
    return {
        "dots": plain(sorted(dots)),
        "lines": plain(level),
        "labels": [ax.get_xlabel().strip(), ax.get_ylabel().strip()],
    }


def q8_probe(ns, seed):
    from matplotlib.figure import Figure  # not for judges: it would fill their process

    draw, small = ns["draw"], games.glove()
    asked = [(Game("gloves", small.players, small.value), 3, 2)]
    asked += [(_game(t), n, player) for t, n, player in _drawn_games(seed)]
    sent = []
    for game, n, player in asked:
        ax = Figure().subplots()
        draw(ax, game, n, player)
        sent.append(_seen(ax))
    return sent


def _dots_of(values, n, player, size=0, shown="added"):
    """The dots: how many are there before the player, and what is shown of her coming."""
    others = np.array([k for k in range(2**n) if not k & 2**player])
    x = _rows(n)[others].sum(axis=1) + size
    y = {"added": _added(values, player), "value": values[others + 2**player]}[shown]
    return np.column_stack([x, y])


def _same_dots(got, wanted):
    """Whether each dot has a partner: as often, and within a millionth of the height."""
    if len(got) != len(wanted):
        return False
    unit = np.array([1.0, np.abs(wanted[:, 1]).max() or 1.0])
    a, b = (np.array(sorted((d / unit).round(9).tolist())) for d in (got, wanted))
    return bool(np.abs(a - b).max() < 1e-6)


def q8_judge(value, seed):
    asked = _drawn_games(seed)
    small, *drawn = value if isinstance(value, list) and value else [None]
    case = Case(
        "draw(ax, xk.games.glove(), 3, 2)",
        small,
        {"dots": [[0, 0], [1, 1], [1, 1], [2, 1]], "lines": [2 / 3], "labels": "<two of yours>"},
    )
    if len(drawn) != len(asked) or not all(isinstance(d, dict) for d in drawn):
        return 0, "There is no drawing for each of the games.", case
    if not any(d.get("dots") or d.get("lines") for d in drawn):
        return 0, "Nothing is drawn on `ax`. Use `ax.scatter(…)`, not `plt.scatter(…)`.", case
    dots, says = _judge_dots(drawn, asked)
    level, says_level = _judge_levels(drawn, asked)
    if dots and level:
        return POINTS["q8"], "Every dot is one honest answer, and the line is their balance.", case
    hint = "The line is right. " * level + "The dots are right. " * dots + (says or says_level)
    return (dots + level) * POINTS["q8"] / 2, hint, case


def _judge_dots(drawn, asked):
    got = []
    for d in drawn:
        sent = d.get("dots")
        count = len(sent) if isinstance(sent, list) else 0
        read = numbers(sent, (count, 2)) if count else None
        if read is None:
            return False, "There are no dots with two finite numbers each on `ax`."
        got.append(read)

    def all_are(**how):
        return all(_same_dots(g, _dots_of(*a, **how)) for g, a in zip(got, asked, strict=True))

    if all_are():
        return True, ""
    upside = all(_same_dots(g * [1, -1], _dots_of(*a)) for g, a in zip(got, asked, strict=True))
    if upside:
        return False, "The dots are upside down: the value with the player minus that without."
    if all_are(size=1):
        return False, "Each dot stands one too far right: count who is there before the player."
    if all_are(shown="value"):
        return False, (
            "The height of your dots is the value of the group with the player in it. Take the "
            "value without her off."
        )
    if all(_same_dots(g, _dots_of(t, n, 0)) for g, (t, n, _) in zip(got, asked, strict=True)):
        return False, "These are the dots of player 0, whoever is asked for. Use `player`."
    counts = {len(g) == n for g, (_, n, _) in zip(got, asked, strict=True)}
    if counts == {True}:
        return False, "There is one dot a size. Draw one for each coalition, not their mean."
    wanted = [2 ** (n - 1) for _, n, _ in asked]
    if [len(g) for g in got] != wanted:
        return False, (
            f"With {asked[0][1]} players there are {wanted[0]} coalitions without the player, a "
            f"dot for each; yours has {len(got[0])}."
        )
    return False, (
        "There are as many dots as there should be. Across: how many are in the coalition. "
        "Upwards: what the player adds to it."
    )


def _judge_levels(drawn, asked):
    truths = [_shapley(t)[player] for t, _, player in asked]
    means = [_banzhaf(t)[player] for t, _, player in asked]
    got = []
    for d in drawn:
        sent = d.get("lines")
        read = numbers(sent, (len(sent),)) if isinstance(sent, list) and sent else None
        if read is None:
            return False, "There is no level line, such as `ax.axhline(…)` draws, on one of them."
        got.append(read.ravel())

    def has(wanted):
        return all(any(close(level, w) for level in g) for g, w in zip(got, wanted, strict=True))

    if not has(truths):
        if has(means):
            return False, (
                "Your line is the plain mean of the dots. The Shapley value gives the columns, "
                "not the dots, the same weight."
            )
        return False, "The level line should stand at the player's Shapley value."
    labels = [d.get("labels") for d in drawn]
    if not all(isinstance(pair, list) and len(pair) == 2 and all(pair) for pair in labels):
        return False, "An axis has no label: say what goes across and what goes up."
    return True, ""

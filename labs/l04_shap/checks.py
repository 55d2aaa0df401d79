"""Probes and judges of the lab on SHAP explainers.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import math
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import shuffle
from xgboost import DMatrix, XGBRegressor

from xaikit import explain, games
from xaikit.labs import Case, ask_rows, numbers, plain, read_rows, unread, without

POINTS = {"q1": 3, "q2": 3, "q3": 2, "q4": 4, "q5": 3, "q6": 3, "q7": 2, "q8": 3}


def _masks(n):
    """All coalitions of n features; row k holds the features whose bit is set in k."""
    return (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1


def _shapley(values):
    """Return the SHAP values of each row from those of its coalitions, (2**d, n) like _masks."""
    d = len(values).bit_length() - 1
    bits = 1 << np.arange(d)
    each = np.transpose(values)
    return np.array([games.shapley_values(lambda c, w=w: w[c @ bits], d) for w in each])


def _shap_values(predict, rows, background):
    """Return the exact values of each row, absent features drawn from all of the background."""
    values = []
    for mask in _masks(rows.shape[1]):
        mixed = np.where(mask, rows[:, None, :], background).reshape(-1, rows.shape[1])
        values.append(np.asarray(predict(mixed), float).reshape(len(rows), -1).mean(axis=1))
    return _shapley(values)


def _all_parts(question, wrong, spare, praise):
    """Take off a share of the points for each wrong part; after `spare` none is left."""
    points = round(POINTS[question] * max(0.0, 1 - len(wrong) / spare), 1)
    return points, "\n".join(wrong) or praise


@cache
def _step():
    """A model that a pencil can follow: 200 bikes above 10 degrees, else 100. And five hours."""
    hours = pd.DataFrame({"temp": [0.0, 4.0, 8.0, 20.0, 25.0], "wind": [1.0, 3.0, 2.0, 1.0, 3.0]})
    model = XGBRegressor(
        n_estimators=1, max_depth=1, learning_rate=1.0, reg_lambda=0.0, base_score=150.0, n_jobs=1
    )
    return model.fit(hours, [100, 100, 100, 200, 200]), hours


@cache
def _town(seed):
    """A small boosted model of another town, three of its hours, and 1,200 to compare with."""
    rng = np.random.default_rng([seed, 1])
    # Steps of 1/64 are the same number in float32 and in float64.
    table = rng.integers(-128, 129, size=(1203, 5)) / 64
    table[:, 1] = np.round((table[:, 1] + 2 * table[:, 0]) / 3 * 64) / 64
    y = 80 * table[:, 0] * (table[:, 2] > 0) + 60 * table[:, 1] + 40 * np.abs(table[:, 3])
    hours = pd.DataFrame(table, columns=["hour", "warmth", "sun", "wind", "rain"])
    # The column without an effect comes first, so that no row is sorted by chance.
    hours = hours[["rain", "sun", "warmth", "wind", "hour"]]
    model = XGBRegressor(n_estimators=8, max_depth=4, n_jobs=1, random_state=0)
    return model.fit(hours, y + 90), hours.iloc[1200:], hours.iloc[:1200]


@cache
def _long_town(seed):
    """An ordinary hour, and 11,000 to compare with, of which a few are rare and count for much.

    Whoever leaves out some of them gets a share of the rare ones that is off by per cents.
    """
    height = 100 * (1 + np.random.default_rng([seed, 8]).permutation(3) / 4)
    table = np.random.default_rng(8).uniform(size=(11_000, 3)) < 0.01
    hours = pd.DataFrame(table.astype(float), columns=["match", "strike", "parade"])
    model = XGBRegressor(n_estimators=8, max_depth=3, n_jobs=1, random_state=0)
    return model.fit(hours, hours @ height), hours[~table.any(axis=1)].iloc[:1], hours


def q1_probe(ns, seed):
    own = without(ns["shap_values"], explain)
    step, five = _step()
    model, rows, background = _town(seed)
    long = _long_town(seed)
    return {
        "small": plain(own(step, five.iloc[[4]], five.iloc[:4].copy())),
        "rows": ask_rows(lambda some: own(model, some, background.copy()), rows, seed),
        "long": plain(own(long[0], long[1].copy(), long[2].copy())),
    }


_Q1 = {
    "right": "Exact, for 1,200 rows of a background and for 11,000: the values of each row add up "
             "to its prediction minus the mean one.",
    "path": "These do not depend on `background` at all. Without one, TreeExplainer goes by the "
            "training rows on each path of the trees. Hand it the background.",
    "hundred": "These are exact, for another background: 1,200 rows went in and a masker kept 100 "
               "of them. Print `masker.data.shape`.",
    "mean row": "You compared with the mean row, an hour that never happened. The mean of the "
                "predictions is another number: give the explainer the rows themselves.",
    "importance": "That is how much the training went by each column, the same for every row and "
                  "never negative. Return what each column adds for this row.",
    "size": "The sizes are right, the signs are gone. Return the values as they come.",
    "minus": "The sizes are right, and every sign is the wrong way round.",
    "order": "The numbers are right, in another order. Keep the columns as they stand in `rows`.",
    "plus base": "The base value has been added to every feature. Leave it out.",
}  # fmt: skip


@cache
def _ways_to_town(seed):
    """The right values for _town, and those of the mistakes."""
    model, rows, background = _town(seed)
    x, compared = rows.to_numpy(), background.to_numpy()
    right = _shap_values(model.predict, x, compared)
    hundred = shuffle(compared, n_samples=100, random_state=0)
    return {
        "right": right,
        "path": model.get_booster().predict(DMatrix(rows), pred_contribs=True)[:, :-1],
        "hundred": _shap_values(model.predict, x, hundred),
        "mean row": _shap_values(model.predict, x, compared.mean(axis=0, keepdims=True)),
        "importance": np.tile(model.feature_importances_, (len(x), 1)),
        "size": np.abs(right),
        "minus": -right,
        "order": np.take_along_axis(right, np.argsort(-np.abs(right), axis=1), axis=1),
        "plus base": right + model.predict(background).mean(),
    }


@cache
def _long_truth(seed):
    model, rows, background = _long_town(seed)
    return _shap_values(model.predict, rows.to_numpy(), background.to_numpy())


def _near(got, truth):
    """Within a thousandth of the largest value: the trees count in single precision."""
    return np.abs(got - truth).max() <= 1e-3 * np.abs(truth).max()


def q1_judge(value, seed):
    reply = value if isinstance(value, dict) else {}
    case = Case(
        "shap_values(step, warm_hour, four_hours), where three of the four are cold",
        reply.get("small"),
        [[75, 0]],
    )
    return *_judge_values(reply, seed), case


def _judge_values(reply, seed):
    asked = reply.get("rows")
    whole = asked.get("whole") if isinstance(asked, dict) else asked
    got, fault = read_rows(asked, (3, 5))
    if got is None:
        if numbers(whole, (5,)) is not None:
            return 0, (
                "Three rows went in, and one row of numbers came out. Return one row of values for "
                "each: nothing need be picked from what `explainer.shap_values` returns."
            )
        return 0, unread(whole, (3, 5), "Three rows of five features went in.")
    ways = _ways_to_town(seed)
    way = next((name for name, truth in ways.items() if _near(got, truth)), "")
    if way == "right" and not fault:
        long = numbers(reply.get("long"), (1, 3))
        if long is None or not _near(long, _long_truth(seed)):
            return 0, (
                "Exact for 1,200 rows of a background, and not for 11,000. A number of rows is "
                "fixed somewhere. Let it be `len(background)`."
            )
    if fault and way in ("", "right"):
        return 0, fault
    if way:
        return (POINTS["q1"] if way == "right" else 0), _Q1[way]
    model, rows, background = _town(seed)
    bases = model.predict(rows) - got.sum(axis=1)
    mean = model.predict(background).mean()
    if np.ptp(bases) < 0.01 * np.abs(got).max():
        return 0, (
            f"They add up, to the prediction minus {bases.mean():.4g}. The mean prediction over "
            f"`background` is {mean:.4g}, so you compare with other rows: a part or a summary."
        )
    return 0, (
        "The shape is right, the numbers are not SHAP values for this background. A test: each "
        "row adds up to `model.predict(rows) - model.predict(background).mean()`."
    )


_HOURS = np.array(list(product([10.0, 20.0], [0.0, 1.0], [0.0, 1.0])))
_HOUR = np.array([[25.0, 1.0, 1.0]])


def _formula(rows):
    temp, rain, weekend = np.asarray(rows, dtype=float).T
    return 60 + 2 * temp - 40 * rain + 4 * temp * weekend


_TWICE = "that gives {0} all of what the two do together. Half is {1}'s."
_FIRST = "that is what it adds when it comes first. Half of what the two do together is its."
_Q2 = {
    "base value": (
        "the mean prediction over the eight hours: put the mean of each term in.",
        {60: "60 is the formula at zero degrees, and no hour here is like that.",
         170: "that is the prediction for the hour itself. The base value is the mean over the "
              "background.",
         130: "that leaves out that the mean of rain is ½, or counts its term as 0."}),
    "temp": (
        "average what it adds while the weekend is not known, and when it is.",
        {40: _FIRST, 60: _TWICE.format("temp", "the weekend"),
         20: "that is the first term alone. The last term has temp in it too.",
         150: "weight times value compares with zero degrees. Compare with the background."}),
    "rain": (
        "it stands alone in the formula: −40 times (1 − the mean of rain).",
        {-40: "that compares with dry hours. In half of the background it rains.",
         20: "the size is right, the sign is not."}),
    "weekend": (
        "average what it adds at the background's temperatures, and at 25 degrees.",
        {30: _FIRST, 50: _TWICE.format("the weekend", "temp"),
         100: "that is the whole term. Compare with the background."}),
    "main effect of temp": (
        "its value minus its half of what it does together with the weekend.",
        {50: "that is its whole value, with half of the interaction still in it.",
         30: "take away half of the interaction, not all: the other half is the weekend's.",
         20: "that is the first term alone. The last term is heard on an average day too."}),
    "temp, compared with weekends": (
        "another background is another question: here a degree brings 2 + 4 bikes.",
        {50: "that is its value compared with all eight: another question.",
         20: "that is the first term alone. On a weekend a degree brings 2 + 4 bikes."}),
    "weekend, compared with weekends": (
        "every hour compared with is a weekend too, so being one explains nothing.",
        {40: "that is its value compared with all eight: another question. Here every hour "
             "compared with is a weekend too."}),
}  # fmt: skip


def _waterfall():
    """What is asked of the formula, by its definition."""
    temp, rain, weekend = _shap_values(_formula, _HOUR, _HOURS)[0]
    v = [_formula(np.where(mask, _HOUR, _HOURS)).mean() for mask in _masks(3)]
    main = temp - (v[0b101] - v[0b001] - v[0b100] + v[0]) / 2
    weekends = _shap_values(_formula, _HOUR, _HOURS[_HOURS[:, 2] == 1])[0]
    asked = (v[0], temp, rain, weekend, main, weekends[0], weekends[2])
    return dict(zip(_Q2, asked, strict=True))


def _no_number(name, answer):
    """Say of an entry that it is still open, or what it is instead of a number."""
    if answer is None or answer == "<still the placeholder>":
        return f"`{name}`: this one is still to be answered."
    if isinstance(answer, float) and math.isnan(answer):
        return f"`{name}`: this is NaN, so some number on the way is missing."
    kind = "text" if isinstance(answer, str) else f"{answer!s:.30}"
    return f"`{name}`: one plain number is asked for; this is {kind}."


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    if not isinstance(value, dict):
        return 0, "Keep `predicted` a dict with the names of the stub."
    wrong = []
    for name, truth in _waterfall().items():
        got, (says, mistakes) = numbers(value.get(name), ()), _Q2[name]
        if got is None:
            wrong.append(_no_number(name, value.get(name)))
        elif abs(got - truth) > 0.01:
            known = (hint for number, hint in mistakes.items() if abs(got - number) <= 0.01)
            wrong.append(f"`{name}`: {next(known, says)}")
    return _all_parts("q2", wrong, 7, "100 + 50 − 20 + 40 = 170, and no explainer was run.")


def _points(start):
    """What +1 in log-odds adds to a probability, in percentage points."""
    return 100 * np.diff(1 / (1 + np.exp(-np.array([start, start + 1.0])))).item()


# The right answer, how far one may be off, what to say, and what to say of known mistakes.
_Q3 = {
    "shape, forest": (
        (50, 8, 2), 0, "it is explained for each class.",
        [((50, 8), "it is explained for each class, and the classes are the last axis."),
         ((2, 50, 8), "the classes are there, and they are the last axis.")]),
    "class 0, forest": (
        -0.12, 0.001, "two probabilities make 1: what raises one lowers the other.", []),
    "sum, boosting": (
        math.log(4), 0.01, "boosted trees add up log-odds: log(p / (1 − p)).",
        [(0.8, "boosted trees add up log-odds, log(p / (1 − p)), not p."),
         (4, "these are the odds. Boosted trees add up log-odds, their logarithm."),
         (-math.log(4), "the size is right. With p over a half the log-odds are positive.")]),
    "points for +1, from 0": (
        _points(0), 0.1, "σ(1) − σ(0), with σ(z) = 1 / (1 + e⁻ᶻ), in percentage points.",
        [(_points(0) / 100, "right as a share. In percentage points it is a hundred times that."),
         (25, "a quarter is the slope at 0. Over a whole step the curve flattens."),
         (_points(0) + 50, "that is where it ends. By how much has it risen?")]),
    "points for +1, from 3": (
        _points(3), 0.1, "σ(4) − σ(3), with σ(z) = 1 / (1 + e⁻ᶻ), in percentage points.",
        [(_points(3) / 100, "right as a share. In percentage points it is a hundred times that."),
         (_points(0), "that is the step from 0. From 3, the same step does far less.")]),
}  # fmt: skip


def q3_probe(ns, seed):
    return plain(ns["predicted_shapes"])


def q3_judge(value, seed):
    if not isinstance(value, dict):
        return 0, "Keep `predicted_shapes` a dict with the names of the stub."
    wrong = []
    for name, (truth, near, says, mistakes) in _Q3.items():
        shapes = [np.shape(truth), *(np.shape(mistake) for mistake, _ in mistakes)]
        reads = (numbers(value.get(name), shape) for shape in dict.fromkeys(shapes))
        got = next((read for read in reads if read is not None), None)
        if got is None:
            wrong.append(
                f"`{name}`: {says}" if np.shape(truth) else _no_number(name, value.get(name))
            )
        elif got.shape != np.shape(truth) or np.abs(got - truth).max() > near + 1e-9:
            known = (
                hint
                for mistake, hint in mistakes
                if np.shape(mistake) == got.shape
                and np.abs(got - mistake).max() <= max(near, 0.002 * np.max(mistake))
            )
            wrong.append(f"`{name}`: {next(known, says)}")
    return _all_parts("q3", wrong, 5, "Ask of any SHAP value: of which class, and on which scale?")


_SWAPS = ("first two", "middle two", "last two")
_FAULTY = ("ten", "hundred", "mean row", "zero", "equal", "order", "class 0", *_SWAPS)
_KINDS = ("as told", "as told", "as told", *_FAULTY)


def _by_orders(predict, row, background, orders):
    """Average what each feature adds along some orders of arrival."""
    found = np.zeros(len(row))
    for order in orders:
        known = np.argsort(order) < np.arange(len(row) + 1)[:, None]
        mixed = np.where(known[:, None, :], row, background).reshape(-1, len(row))
        values = np.asarray(predict(mixed), float).reshape(len(row) + 1, -1).mean(axis=1)
        found[order] += np.diff(values) / len(orders)
    return found


def _as_told(predict, row, background):
    """Exact up to six features; beyond, exact where features interact in pairs at most."""
    if len(row) <= 6:
        return _shap_values(predict, row[None], background)[0]
    orders = [np.random.default_rng(k).permutation(len(row)) for k in range(3)]
    return _by_orders(predict, row, background, [*orders, *(o[::-1] for o in orders)])


def _ten(exact):
    kept = np.argsort(-np.abs(exact))[:10]
    values = 0 * exact
    values[kept] = exact[kept] + np.delete(exact, kept).sum() / len(kept)
    return values


def _with_mistake(kind, predict, row, rows, exact):
    """Return the values as an explainer with this mistake finds them."""
    cut = {"hundred": rows[:100], "mean row": rows.mean(axis=0)[None], "zero": 0 * rows[:1]}
    if kind in cut:
        return _as_told(predict, row, cut[kind])
    if kind == "order":
        return _by_orders(predict, row, rows, [np.arange(len(row))])
    if kind in _SWAPS:
        at = dict(zip(_SWAPS, (0, max(len(row) // 2 - 1, 0), max(len(row) - 2, 0)), strict=True))
        return np.r_[exact[: at[kind]], exact[at[kind] :][:2][::-1], exact[at[kind] + 2 :]]
    made = {
        "as told": exact,
        "ten": _ten(exact),
        "equal": np.full_like(exact, exact.mean()),
        "class 0": -exact,
    }
    return made[kind]


def _explainer(seed, place, gaps):
    """Make the explainer at a place in the queue: one code for all, which holds no verdict.

    It notes, at each call, how far its mistake leads from the truth.
    """

    def explainer(predict, row, background):
        row, rows = np.asarray(row, float).ravel(), np.atleast_2d(np.asarray(background, float))
        if rows.shape[1:] != row.shape:
            raise ValueError(f"row must be (d,), background (n, d); got {row.shape}, {rows.shape}")
        exact = _as_told(predict, row, rows)
        values = _with_mistake(_KINDS[_queue(seed)[place]], predict, row, rows, exact)
        gaps.append(float(np.abs(values - exact).max() / max(np.abs(exact).max(), 1e-300)))
        return values.copy()

    return explainer


def _queue(seed):
    """Draw the order in which the explainers are brought before the learner's function."""
    return np.random.default_rng([seed, 4]).permutation(len(_KINDS))


def q4_probe(ns, seed):
    small = plain(ns["trust"](lambda predict, row, background: np.zeros(np.size(row))))
    replies = []
    for place in range(len(_KINDS)):
        gaps = []
        # What it says of each, and by how much at most the mistake showed in its trial.
        replies.append([plain(ns["trust"](_explainer(seed, place, gaps))), max(gaps, default=-1)])
    return {"small": small, "replies": replies}


_MISSED = {
    "as told": "An exact one was turned away. Allow for rounding (`np.allclose`). Is your truth "
               "that of this row and background? Beyond six features, only pairs may interact.",
    "ten": "One kept the ten largest values and shared out the rest among them. Only a model with "
           "more than ten features that count shows it.",
    "hundred": "One used 100 rows of the background. Give it more than 100.",
    "mean row": "One replaced the background with its mean row. A linear model cannot tell: "
                "add a product of two features.",
    "zero": "One set absent features to zero. Let the background lie away from zero.",
    "equal": "One gave every feature the same. It adds up: a sum is not enough, test each value, "
             "on features that differ.",
    "order": "One let the features arrive in a single order. Without an interaction every order "
             "gives the same: add a product of two features.",
    "class 0": "One returned every value with the opposite sign, as for the other class. "
               "Compare the values, not their sizes.",
    **dict.fromkeys(
        _SWAPS, "One exchanged the values of two neighbours. It adds up: a sum is not enough, "
                "compare feature by feature, on features that differ."),
}  # fmt: skip
_SHOWN = " (Your trial brought it out: it was off by {0}. Your comparison let it through.)"


def _percent(share):
    return f"{share:.0%} of the largest value" if share >= 0.01 else "less than 1% of the largest"


def q4_judge(value, seed):
    reply = value if isinstance(value, dict) else {}
    case = Case(
        "trust(lambda predict, row, background: np.zeros(len(row)))", reply.get("small"), False
    )
    return *_judge_trust(reply.get("replies"), seed), case


def _judge_trust(value, seed):
    replies = value if isinstance(value, list) and len(value) == len(_KINDS) else [None]
    if not all(isinstance(r, list) and len(r) == 2 for r in replies):
        return 0, "`trust` must return True or False."
    said, gaps = ([numbers(r[k], ()) for r in replies] for k in (0, 1))
    if any(one is None or one not in (0, 1) for one in said):
        odd = next(r[0] for r, one in zip(replies, said, strict=True) if one not in (0, 1))
        if odd is None:
            return 0, "`trust` returns nothing. Does it end in `return`?"
        if isinstance(odd, list) and len(odd) > 1:
            return 0, f"`trust` returns {len(odd)} values. Make one verdict of them: True or False."
        return 0, f"`trust` must return True or False; it returned {str(odd)[:40]}."
    if any(gap is None or gap < 0 for gap in gaps):
        return 0, "`trust` must run each explainer, on a model that gives finite numbers."
    kinds = [_KINDS[k] for k in _queue(seed)]
    got = [(kind, bool(s), float(g)) for kind, s, g in zip(kinds, said, gaps, strict=True)]
    caught = sum(not yes for kind, yes, _ in got if kind != "as told")
    if not all(yes for kind, yes, _ in got if kind == "as told"):
        right = (
            "All faulty ones were turned away, as they should be. "
            if caught == len(_FAULTY)
            else ""
        )
        return 0, right + _MISSED["as told"]
    missed = []
    for kind, yes, gap in got:
        # To turn one away without a trial in which its mistake shows is a guess.
        if kind != "as told" and (yes or gap < 1e-6):
            shown = _SHOWN.format(_percent(gap)) if gap >= 1e-6 else ""
            missed.append((list(_MISSED).index(kind), _MISSED[kind] + shown))
    praise = "Three exact ones trusted, ten faulty ones caught. Keep it."
    told = [says for _, says in sorted(missed)]
    points, said = _all_parts("q4", told, 7, praise)
    if not told:
        return points, said
    told, more = list(dict.fromkeys(told))[:3], len(told) - 3
    rest = [f"In all, {len(missed)} faulty ones got by."] if more > 0 else []
    return points, "\n".join(["The three exact ones pass, as they should.", *told, *rest])


N_ROWS = 160
STATES = range(6)


def _tables(function):
    """Ask a function for data: by several random states, and the first of them twice."""
    made = [function(N_ROWS, state) for state in (*STATES, STATES[0])]
    return [
        {"X": plain(pair[0]), "y": plain(pair[1])}
        if isinstance(pair, tuple | list) and len(pair) == 2
        else plain(pair)
        for pair in made
    ]


def _read_tables(value, columns):
    """Return the tables, or None and why they cannot be read."""
    replies = value if isinstance(value, list) and len(value) == len(STATES) + 1 else [value]
    tables = []
    for reply in replies:
        if not isinstance(reply, dict) or set(reply) != {"X", "y"}:
            if reply is None:
                return None, "Your function returns nothing. Does it end in `return X, y`?"
            return None, "Return two things, the table and the outcomes: `return X, y`."
        read = [numbers(reply["X"], (N_ROWS, d)) for d in columns]
        X = next((table for table in read if table is not None), None)
        if X is None:
            needs = f"It needs n rows, {' or '.join(map(str, columns))} columns."
            return None, "`X`: " + unread(reply["X"], (N_ROWS, columns[0]), needs)
        y = numbers(reply["y"], (N_ROWS,))
        if y is None:
            return None, "`y`: " + unread(reply["y"], (N_ROWS,), "It needs one number a row.")
        tables.append((X, y))
    again = tables.pop()
    if len(tables) != len(STATES):
        return None, "Return two things, the table and the outcomes: `return X, y`."
    if not all(np.array_equal(a, b) for a, b in zip(tables[0], again, strict=True)):
        return None, (
            "The same `random_state` gave two different tables. Draw by "
            "`rng = np.random.default_rng(random_state)`."
        )
    return tables, ""


def q5_probe(ns, seed):
    return _tables(ns["bystander"])


def _path_values(tree, rows, known):
    """Walk each row down a tree; where a feature is not known, go both ways by their rows."""
    parts = tree.tree_

    def value(node):
        left, right = parts.children_left[node], parts.children_right[node]
        if left == right:
            return np.full(len(rows), parts.value[node, 0, 0])
        column = parts.feature[node]
        if known[column]:
            goes_left = rows[:, column].astype(np.float32) <= parts.threshold[node]
            return np.where(goes_left, value(left), value(right))
        share = parts.weighted_n_node_samples[left] / parts.weighted_n_node_samples[node]
        return share * value(left) + (1 - share) * value(right)

    return value(0)


def _rows_that_change(tree, X, y, column):
    """Count the rows whose prediction depends on what stands in this column."""
    values = np.unique(X[:, column])
    swapped = np.repeat(X, len(values), axis=0)
    swapped[:, column] = np.tile(values, len(X))
    change = np.ptp(tree.predict(swapped).reshape(len(X), -1), axis=1)
    return int((change > 1e-9 * np.ptp(y)).sum())


def _seen_of(X, y):
    """What question 5 asks about one table: is column 0 asked, does it count, what does it get."""
    tree = DecisionTreeRegressor(random_state=0).fit(X, y)
    values = _shapley([_path_values(tree, X, mask) for mask in _masks(2)])
    return {
        "asked": bool(0 in tree.tree_.feature),
        "leaves": int(tree.get_n_leaves()),
        "change": _rows_that_change(tree, X, y, 0),
        "other": _rows_that_change(tree, X, y, 1),
        "share": float(np.abs(values[:, 0]).sum() / max(np.abs(values).sum(), 1e-300)),
    }


def q5_judge(value, seed):
    tables, why = _read_tables(value, (2,))
    if tables is None:
        return 0, why
    seen = [_seen_of(X, y) for X, y in tables]
    first = seen[0]
    case = Case(
        "X, y = bystander(160, 0): the rows whose answer hangs on column 0, and its share",
        [first["change"], first["share"]],
        "<0 rows, and a share of 0.1 at least>",
    )
    return *_judge_bystander(seen), case


def _judge_bystander(seen):
    share = np.mean([each["share"] for each in seen])
    change = max(each["change"] for each in seen)
    hurt = sum(each["change"] > 0 for each in seen)
    if any(each["leaves"] == 1 for each in seen):
        return 0, "The tree asks nothing at all: for it, the outcome is the same in every row."
    if not any(each["asked"] for each in seen):
        return 0, (
            "The tree never asks about column 0, and then its value is 0 however it is computed. "
            "Being correlated is not enough: make it pay to ask about it first."
        )
    if change and not max(each["other"] for each in seen):
        return 0, "It is column 1 that never changes the answer here. Swap the two columns."
    if change:
        gets = f"Its share of the attribution is {share:.0%}, enough. " if share >= 0.1 else ""
        return 0, (
            f"{gets}In {hurt} of the {len(seen)} tables, writing another value into column 0 "
            f"changes the answer, for up to {change} of {N_ROWS} rows: the tree does go by it. "
            "Let column 1 determine y completely, at every value of column 0."
        )
    if share < 0.1:
        return 0, (
            f"The answer never depends on column 0, as it should be. But it gets {share:.0%} of "
            "the attribution, under a tenth. Make it the better first question."
        )
    return POINTS["q5"], (
        f"The answer never depends on column 0, and it gets {share:.0%} of the attribution. "
        "Given a background, TreeExplainer would give it nothing."
    )


def q6_probe(ns, seed):
    return _tables(ns["top_and_useless"])


def _top_and_errors(X, y):
    """Mean sizes of the SHAP values on the first half; errors on the second, with and without."""
    half = N_ROWS // 2
    tree, left_out = (
        DecisionTreeRegressor(random_state=0).fit(X[:half, k:], y[:half]) for k in (0, 1)
    )
    sizes = np.abs(_shap_values(tree.predict, X[:half], X[:half])).mean(axis=0)
    errors = [
        np.mean((y[half:] - each.predict(X[half:, k:])) ** 2)
        for k, each in enumerate((tree, left_out))
    ]
    return sizes, errors


def q6_judge(value, seed):
    tables, why = _read_tables(value, (2, 3))
    if tables is None:
        return 0, why
    if len({X.shape for X, _ in tables}) > 1:
        return 0, "`X` has two columns for one random_state and three for another. Keep to one."
    found = [_top_and_errors(X, y) for X, y in tables]
    sizes = np.mean([sizes for sizes, _ in found], axis=0)
    before, after = np.mean([errors for _, errors in found], axis=0)
    case = Case(
        "X, y = top_and_useless(160, 0): mean sizes, and the errors with column 0 and without",
        [found[0][0].tolist(), found[0][1]],
        "<the first size the largest, the second error lower by a tenth>",
    )
    return *_judge_useless(sizes, before, after), case


def _judge_useless(sizes, before, after):
    if not sizes.any():
        return 0, "Every SHAP value is 0: the outcome is the same in every row."
    top, falls = sizes[0] >= 1.01 * sizes[1:].max(), before > 0 and after <= 0.9 * before
    if not top:
        right = "Leaving column 0 out lowers the error, as it should. But c" if falls else "C"
        return 0, (
            f"{right}olumn 0 is not at the top: its mean size is {sizes[0]:.3g}, another has "
            f"{sizes[1:].max():.3g}. Give the tree more to memorise by it."
        )
    if not falls and before <= 1e-12 * max(after, 1e-300):
        return 0, "Column 0 is at the top, and predicts fresh rows without a fault: it is useful."
    if not falls:
        return 0, (
            "Column 0 is at the top, as it should be. But on fresh rows the error is "
            f"{before:.3g} with it and {after:.3g} without; it must fall by a tenth at least. "
            "Let column 0 have nothing to do with y."
        )
    return POINTS["q6"], (
        f"At the top of the chart, and without it the error on fresh rows falls from {before:.4g} "
        f"to {after:.4g}. A SHAP value never sees the outcome."
    )


# The word for each sentence, and the principle behind it, which does not name the sentence.
_CAPTIONS = {
    "a": ("supported", "What is about the model, on its scale, against its background, may stand."),
    "b": ("colour", "The colour is the feature's value; left and right is what it does."),
    "c": ("scale", "A distance in log-odds is no number of percentage points."),
    "d": ("cause", "A model has seen hours, not what happens when someone changes the world."),
    "e": ("shared", "Columns that are nearly copies share the attribution."),
    "f": ("accuracy", "A value never sees whether the prediction was right."),
    "g": ("background", "Compared with other hours, the same hour gets other values."),
    "h": ("supported", "What is about the model, on its scale, against its background, may stand."),
}


def q7_probe(ns, seed):
    return plain(ns["verdicts"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    words = sorted({word for word, _ in _CAPTIONS.values()})
    odd = [name for name in _CAPTIONS if answer.get(name) not in words]
    if odd:
        which = ", ".join(f"`{name}`" for name in odd)
        return 0, f"Give each of the eight sentences one of {', '.join(words)}. Not yet: {which}."
    wrong = [says for n, (truth, says) in _CAPTIONS.items() if answer[n] != truth]
    # One word for all is right twice at best; it earns nothing.
    points, praise = _all_parts(
        "q7", wrong, 4, "Six ways to misread one picture. You will meet them all."
    )
    if not wrong:
        return points, praise
    said = f"Right: {8 - len(wrong)} of 8. Read all eight again with this in mind:"
    return points, "\n".join([said, *dict.fromkeys(wrong)])


_PLACES = ("harbour", "market", "hill")


@cache
def _places(seed):
    """Another town, one of its hours, and three groups of 150 to compare with, cold to warm."""
    model, rows, background = _town(seed)
    table = background.sort_values("warmth")
    groups = {
        name: table.iloc[start : start + 150]
        for name, start in zip(_PLACES, (0, 500, 1050), strict=True)
    }
    # In the middle, so that either group at the end gives values of another sign.
    row = rows.iloc[[0]].assign(warmth=table["warmth"].iloc[600], hour=0.0, sun=1.0)
    return model, row, groups


def _stalks(ax):
    """Lines from 0 to somewhere, as `ax.vlines` draws them, read like bars without a width."""
    parts = [s for c in ax.collections if isinstance(c, LineCollection) for s in c.get_segments()]
    ends = [np.asarray(part, float) for part in parts if np.shape(part) == (2, 2)]
    ends = [part if 0 in part[0] else part[::-1] for part in ends if 0 in part]
    return [[*a, *(b - a)] for a, b in ends]


def _read_axes(ax):
    """What was drawn, as plain values: bars, points, the ticks with their words, and all text."""
    dots = [np.asarray(c.get_offsets()) for c in ax.collections if isinstance(c, PathCollection)]
    # A line across the axes has no data of its own along them.
    dots += [line.get_xydata() for line in ax.lines if line.get_transform() == ax.transData]
    boxes = [p for p in ax.patches if hasattr(p, "get_width")]
    bars = [[p.get_x(), p.get_y(), p.get_width(), p.get_height()] for p in boxes]
    stalks = _stalks(ax)
    flat = [not xy[:, k].any() for xy in (line.get_xydata() for line in ax.lines) for k in (0, 1)]
    x, y = (
        [[float(tick), word.get_text()] for tick, word in zip(ticks, words, strict=True)]
        for ticks, words in (
            (ax.get_xticks(), ax.get_xticklabels()),
            (ax.get_yticks(), ax.get_yticklabels()),
        )
    )
    titles = [ax.get_title(where) for where in ("left", "center", "right")]
    return {
        "bars": plain(bars[:60] + stalks[:60]),
        "points": plain([point for some in dots for point in some[:60].tolist()][:200]),
        "zero": bool(bars or stalks or any(flat)),
        "x": plain(x[:60]),
        "y": plain(y[:60]),
        "text": [ax.get_xlabel(), ax.get_ylabel(), *titles],
    }


def _drawing(draw, *arguments):
    """Let the learner draw on new axes, and read them."""
    before = set(plt.get_fignums())
    try:
        _, ax = plt.subplots()
        plt.figure()  # so that what goes to the current axes does not reach these
        draw(ax, *arguments)
        return _read_axes(ax)
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


def q8_probe(ns, seed):
    step, five = _step()
    small = {"cold": five.iloc[:3], "mixed": five.iloc[1:5], "warm": five.iloc[3:]}
    model, row, places = _places(seed)
    return {
        "small": _drawing(ns["draw"], step, five.iloc[[0]], small, "temp"),
        **{each: _drawing(ns["draw"], model, row, places, each) for each in ("warmth", "hour")},
    }


def _found(drawn, names):
    """Find the values at each name; or None and why not. Bars must begin at 0."""
    drawn = drawn if isinstance(drawn, dict) else {}
    bars, points = (_rows_of(drawn.get(part), wide) for part, wide in (("bars", 4), ("points", 2)))
    if not bars and not points:
        if drawn.get("bars") or drawn.get("points"):
            return None, "What is drawn on `ax` is NaN."
        return None, "Nothing is drawn on `ax`. Draw by its own methods, such as `ax.bar`."
    both = [_ticks_of(drawn.get(axis)) for axis in "xy"]
    k = next((k for k, ticks in enumerate(both) if set(names) <= set(ticks)), None)
    if k is None:
        return None, "The name of each background must stand at a tick of one axis."
    ticks = both[k]
    marks = [(bar[k] + bar[2 + k] / 2, bar[1 - k], bar[1 - k] + bar[3 - k]) for bar in bars]
    marks += [(point[k], 0.0, point[1 - k]) for point in points]
    places = np.sort([ticks[name] for name in names])
    gap = 0.45 * np.diff(places).min() if len(places) > 1 else 0.5
    found = {name: [m for m in marks if abs(m[0] - ticks[name]) < gap] for name in names}
    bare = [name for name in names if not found[name]]
    if bare:
        return None, f"Nothing, or NaN, is drawn at {bare[0]!r}."
    if any(len({round(end, 9) for *_, end in each}) > 2 for each in found.values()):
        return None, "There are several values at one name. Draw `feature` alone."
    if any(abs(start) > 1e-9 for each in found.values() for _, start, _ in each):
        return None, "A bar does not begin at 0. Then its end is not its value."
    return {name: [end for *_, end in each] for name, each in found.items()}, ""


def _rows_of(value, wide):
    """Read rows of so many numbers, and leave what is none."""
    rows = value if isinstance(value, list) else []
    read = [numbers(row, (wide,)) for row in rows]
    return [row for row in read if row is not None]


def _ticks_of(value):
    """Read the places of ticks by their words."""
    pairs = (
        [p for p in value if isinstance(p, list) and len(p) == 2] if isinstance(value, list) else []
    )
    read = [(numbers(place, ()), word) for place, word in pairs]
    return {word: float(at) for at, word in read if at is not None and isinstance(word, str)}


@cache
def _ways_to_draw(seed, feature):
    """What may be drawn at each place: the right values first, then known mistakes."""
    model, row, places = _places(seed)
    x = row.to_numpy()
    each = np.array(
        [_shap_values(model.predict, x, rows.to_numpy())[0] for rows in places.values()]
    )
    k = list(row.columns).index(feature)
    others = [each[:, j] for j in range(each.shape[1]) if j != k]
    bases = np.array([model.predict(rows).mean() for rows in places.values()])
    return [
        ("right", each[:, k]),
        ("Only the sizes are drawn. The sign is what she asks about.", np.abs(each[:, k])),
        ("Every sign is the wrong way round.", -each[:, k]),
        (
            "Each place got the value compared with the first background.",
            np.repeat(each[0, k], len(each)),
        ),
        ("These are base values, the mean predictions. Draw the value of `feature`.", bases),
        ("This adds up all features. Draw the value of `feature`.", each.sum(axis=1)),
        *(
            ("This is another column. Find the place of `feature` among the columns.", o)
            for o in others
        ),
    ]


def _judge_drawing(drawn, seed, feature):
    """Return what is wrong with the values of one drawing; empty if nothing is."""
    found, why = _found(drawn, _PLACES)
    if found is None:
        return why
    ways = _ways_to_draw(seed, feature)
    near = 0.01 * np.abs(ways[0][1]).max()
    for says, values in ways:
        pairs = zip(_PLACES, values, strict=True)
        if all(min(abs(end - v) for end in found[name]) <= near for name, v in pairs):
            return "" if says == "right" else says
    ends = sorted(found[name][0] for name in _PLACES)
    if np.abs(ends - np.sort(ways[0][1])).max() <= near:
        return "The values are right, and they stand at the wrong names."
    return (
        "The names are there, the values are not right. Is question 1 right? `draw` may call "
        "your `shap_values`, once for each background."
    )


def q8_judge(value, seed):
    reply = value if isinstance(value, dict) else {}
    names = ("cold", "mixed", "warm")
    found, why = _found(reply.get("small"), names)
    got = {name: max(ends, key=abs) for name, ends in found.items()} if found else f"<{why}>"
    case = Case(
        "draw(ax, step, cold_hour, {'cold': …, 'mixed': …, 'warm': …}, 'temp'), where half of "
        "'mixed' is warm",
        got,
        {"cold": 0, "mixed": -50, "warm": -100},
    )
    faults = [_judge_drawing(reply.get(feature), seed, feature) for feature in ("warmth", "hour")]
    if any(faults):
        return 0, next(filter(None, faults)), case
    missing = _missing_words(reply["warmth"], "warmth") or _missing_words(reply["hour"], "hour")
    points = POINTS["q8"] - 0.5 * len(missing)
    said = ["Every value is right, at its name. Now for whoever reads it:", *missing]
    return (
        points,
        "\n".join(said)
        if missing
        else ("Each value at its name, with a zero, a unit and the feature. That answers her."),
        case,
    )


def _missing_words(drawn, feature):
    """Say what a reader still needs besides the values."""
    text = drawn.get("text")
    words = [str(word).lower() for word in text] if isinstance(text, list) else []
    missing = []
    if drawn.get("zero") is not True:
        missing.append("Points need a line at 0: `ax.axhline(0)`.")
    if not any("bikes" in word for word in words):
        missing.append("Nothing says what is counted: the unit is bikes.")
    if not any(feature in word for word in words):
        missing.append("Neither the title nor an axis names the feature.")
    return missing

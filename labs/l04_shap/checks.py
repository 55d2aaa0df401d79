"""Probes and judges of the lab on SHAP explainers.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import shuffle
from xgboost import DMatrix, XGBRegressor

from xaikit import games
from xaikit.labs import numbers, plain

POINTS = {"q1": 3, "q2": 3, "q3": 2, "q4": 4, "q5": 3, "q6": 3, "q7": 2}


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
def _town(seed):
    """A small boosted model of another town, one of its hours, and 240 hours to compare with."""
    rng = np.random.default_rng([seed, 1])
    # Steps of 1/64 are the same number in float32 and in float64.
    table = rng.integers(-128, 129, size=(400, 5)) / 64
    table[:, 1] = np.round((table[:, 1] + 2 * table[:, 0]) / 3 * 64) / 64
    y = 80 * table[:, 0] * (table[:, 2] > 0) + 60 * table[:, 1] + 40 * np.abs(table[:, 3])
    hours = pd.DataFrame(table, columns=list("abcde"))
    model = XGBRegressor(n_estimators=15, max_depth=4, n_jobs=1, random_state=0)
    return model.fit(hours, y + 90), hours.iloc[[240]], hours.iloc[:240]


def q1_probe(ns, seed):
    model, row, background = _town(seed)
    return plain(ns["shap_values"](model, row.copy(), background.copy()))


_Q1 = {
    "right": "Exact, for all 240 rows: they add up to the prediction minus the mean one.",
    "path": "These do not depend on `background` at all. Without one, TreeExplainer goes by the "
            "training rows on each path of the trees. Hand it the background.",
    "hundred": "These are exact, for another background: 240 rows went in and a masker kept 100 "
               "of them. Print `masker.data.shape`.",
    "mean row": "You compared with the mean row, an hour that never happened. The mean of the "
                "predictions is another number: give the explainer the rows themselves.",
    "importance": "That is how much the training went by each column, the same for every row and "
                  "never negative. Return what each column adds for this row.",
}  # fmt: skip


@cache
def _ways_to_town(seed):
    """The right values for _town, and those of four mistakes."""
    model, row, background = _town(seed)
    x, rows = row.to_numpy(), background.to_numpy()
    return {
        "right": _shap_values(model.predict, x, rows)[0],
        "path": model.get_booster().predict(DMatrix(row), pred_contribs=True)[0, :-1],
        "hundred": _shap_values(model.predict, x, shuffle(rows, n_samples=100, random_state=0))[0],
        "mean row": _shap_values(model.predict, x, rows.mean(axis=0, keepdims=True))[0],
        "importance": model.feature_importances_,
    }


def q1_judge(value, seed):
    got = numbers(value, (5,))
    for way, truth in _ways_to_town(seed).items():
        if got is not None and np.allclose(got, truth, rtol=1e-3, atol=0.02):
            return (POINTS["q1"] if way == "right" else 0), _Q1[way]
    total = "`model.predict(row) - model.predict(background).mean()`"
    return 0, f"Return one number a feature, no table. To test it: they add up to {total}."


_HOURS = np.array(list(product([10.0, 20.0], [0.0, 1.0], [0.0, 1.0])))
_HOUR = np.array([[25.0, 1.0, 1.0]])


def _formula(rows):
    temp, rain, weekend = np.asarray(rows, dtype=float).T
    return 60 + 2 * temp - 40 * rain + 4 * temp * weekend


_Q2 = {
    "base value": (
        "the mean prediction over the eight hours: put the mean of each term in.",
        {60: "60 is the formula at zero degrees, and no hour here is like that."}),
    "temp": (
        "average what it adds while the weekend is not known, and when it is.",
        {40: "that is what it adds when it comes first. Half of what the two do together is its.",
         60: "that gives temp all of what the two do together. Half is the weekend's.",
         20: "that is the first term alone. The last term has temp in it too.",
         150: "weight times value compares with zero degrees. Compare with the background."}),
    "rain": (
        "it stands alone in the formula: −40 times (1 − the mean of rain).",
        {-40: "that compares with dry hours. In half of the background it rains.",
         20: "the size is right, the sign is not."}),
    "weekend": (
        "average what it adds at the background's temperatures, and at 25 degrees.",
        {30: "that is what it adds when it comes first. Half of what the two do together is its.",
         50: "that gives the weekend all of what the two do together. Half is temp's.",
         100: "that is the whole term. Compare with the background."}),
    "main effect of temp": (
        "its value minus its half of what it does together with the weekend.",
        {50: "that is its whole value, with half of the interaction still in it.",
         30: "take away half of the interaction, not all: the other half is the weekend's.",
         20: "that is the first term alone. The last term is heard on an average day too."}),
    "temp, compared with weekends": (
        "another background is another question: here a degree brings 2 + 4 bikes.", {}),
    "weekend, compared with weekends": (
        "every hour compared with is a weekend too, so being one explains nothing.", {}),
}  # fmt: skip


def _waterfall():
    """What is asked of the formula, by its definition."""
    temp, rain, weekend = _shap_values(_formula, _HOUR, _HOURS)[0]
    v = [_formula(np.where(mask, _HOUR, _HOURS)).mean() for mask in _masks(3)]
    main = temp - (v[0b101] - v[0b001] - v[0b100] + v[0]) / 2
    weekends = _shap_values(_formula, _HOUR, _HOURS[_HOURS[:, 2] == 1])[0]
    asked = (v[0], temp, rain, weekend, main, weekends[0], weekends[2])
    return dict(zip(_Q2, asked, strict=True))


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    wrong = []
    for name, truth in _waterfall().items():
        got, (says, mistakes) = numbers(answer.get(name), ()), _Q2[name]
        if got is None or abs(got - truth) > 0.01:
            wrong.append(f"`{name}`: {says if got is None else mistakes.get(float(got), says)}")
    return _all_parts("q2", wrong, 7, "100 + 50 − 20 + 40 = 170, and no explainer was run.")


def _points(start):
    """What +1 in log-odds adds to a probability, in percentage points."""
    return 100 * np.diff(1 / (1 + np.exp(-np.array([start, start + 1.0])))).item()


_Q3 = {
    "shape, boosting": ((50, 8), 0, "one number a feature: the trees add up one score."),
    "shape, forest": ((50, 8, 2), 0, "it is explained for each class, and they are the last axis."),
    "class 0, forest": (-0.12, 1e-6, "two probabilities make 1: what raises one lowers the other."),
    "sum, forest": (0.8, 0.005, "a forest is a mean of probabilities, and so is its sum."),
    "sum, boosting": (np.log(4), 0.02, "boosted trees add up log-odds: log(p / (1 − p)), not p."),
    "points for +1, from 0": (_points(0), 0.6, "σ(1) − σ(0), σ(z) = 1 / (1 + e⁻ᶻ), in points."),
    "points for +1, from 3": (_points(3), 0.3, "σ(4) − σ(3): here the same step does far less."),
}  # fmt: skip


def q3_probe(ns, seed):
    return plain(ns["predicted_shapes"])


def q3_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    wrong = []
    for name, (truth, near, says) in _Q3.items():
        got = numbers(answer.get(name), np.shape(truth))
        if got is None or np.abs(got - truth).max() > near:
            wrong.append(f"`{name}`: {says}")
    return _all_parts("q3", wrong, 7, "Ask of any SHAP value: of which class, and on which scale?")


_KINDS = ("as told",) * 3 + ("ten", "hundred", "mean row", "zero", "equal", "order")


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


def _explainer(kind, gaps):
    """Make an explainer that notes, at each call, how far its mistake leads from the truth."""

    def explainer(predict, row, background):
        row, rows = np.asarray(row, float).ravel(), np.atleast_2d(np.asarray(background, float))
        if rows.shape[1:] != row.shape:
            raise ValueError(f"row must be (d,), background (n, d); got {row.shape}, {rows.shape}")
        cut = {"hundred": rows[:100], "mean row": rows.mean(axis=0)[None], "zero": 0 * rows[:1]}
        exact = _as_told(predict, row, rows)
        values = _as_told(predict, row, cut[kind]) if kind in cut else exact.copy()
        if kind == "order":
            values = _by_orders(predict, row, rows, [np.arange(len(row))])
        if kind == "equal":
            values[:] = exact.mean()
        if kind == "ten":
            kept = np.argsort(-np.abs(exact))[:10]
            values = 0 * exact
            values[kept] = exact[kept] + np.delete(exact, kept).sum() / len(kept)
        gaps.append(float(np.abs(values - exact).max() / max(np.abs(exact).max(), 1e-300)))
        return values

    return explainer


def _queue(seed):
    """Draw the order in which the explainers are brought before the learner's function."""
    return np.random.default_rng([seed, 4]).permutation(len(_KINDS))


def q4_probe(ns, seed):
    queue = [(_KINDS[k], []) for k in _queue(seed)]
    # What it says of each, and by how much at most the mistake showed in its trial.
    return [[plain(ns["trust"](_explainer(*each))), max(each[1], default=-1)] for each in queue]


_MISSED = {
    "as told": "An exact one was turned away. Allow for rounding (`np.allclose`). Is your truth "
               "that of this row and background? Beyond six features, only pairs may interact.",
    "ten": "One kept the ten largest values and shared out the rest among them. Only a model with "
           "more than ten features that count shows it.",
    "hundred": "One used 100 rows of the background. Give it more than 100.",
    "mean row": "One replaced the background with its mean row. A linear model cannot tell: "
                "add a product of two features.",
    "zero": "One set absent features to zero. Let the background lie away from zero.",
    "equal": "One gave every feature the same. It adds up: a sum is not enough, test each value.",
    "order": "One let the features arrive in a single order. Without an interaction every order "
             "gives the same: add a product of two features.",
}  # fmt: skip


def q4_judge(value, seed):
    replies = value if isinstance(value, list) and len(value) == len(_KINDS) else [None]
    if not all(isinstance(r, list) and len(r) == 2 and isinstance(r[0], bool) for r in replies):
        return 0, "`trust` must return True or False, nothing else."
    gaps = [numbers(gap, ()) for _, gap in replies]
    if any(gap is None or gap < 0 for gap in gaps):
        return 0, "`trust` must run each explainer, on a model that gives finite numbers."
    got = [(_KINDS[k], r[0], g) for k, r, g in zip(_queue(seed), replies, gaps, strict=True)]
    if not all(yes for kind, yes, _ in got if kind == "as told"):
        return 0, _MISSED["as told"]
    # To turn one away without a trial in which its mistake shows is a guess.
    bad = [(kind, yes or gap < 1e-9) for kind, yes, gap in got if kind != "as told"]
    missed = sorted(_MISSED[kind] for kind, through in bad if through)
    return _all_parts("q4", missed, 4, "Three exact ones trusted, six faulty ones caught. Keep it.")


N_ROWS = 160


def q5_probe(ns, seed):
    X, y = ns["bystander"](N_ROWS, seed)
    return {"X": plain(np.asarray(X, dtype=float)), "y": plain(np.asarray(y, dtype=float).ravel())}


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


def q5_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    X, y = numbers(answer.get("X"), (N_ROWS, 2)), numbers(answer.get("y"), (N_ROWS,))
    if X is None or y is None:
        return 0, "Return `X` with two columns and `y`, both with n rows of numbers."
    tree = DecisionTreeRegressor(random_state=0).fit(X, y)
    if tree.get_n_leaves() == 1:
        return 0, "The outcome is the same in every row, so the tree asks nothing at all."
    if 0 not in tree.tree_.feature:
        return 0, (
            "The tree never asks about column 0, and then its value is 0 however it is computed. "
            "Being correlated is not enough: make it pay to ask about it first."
        )
    swapped = np.repeat(X, N_ROWS, axis=0)
    swapped[:, 0] = np.tile(X[:, 0], N_ROWS)
    change = np.ptp(tree.predict(swapped).reshape(N_ROWS, -1), axis=1)
    if change.max() > 1e-9 * np.ptp(y):
        return 0, (
            f"Writing another value into column 0 changes the answer for {(change > 0).sum()} of "
            f"{N_ROWS} rows: the tree does go by it. Let column 1 determine y completely, at "
            "every value of column 0."
        )
    values = _shapley([_path_values(tree, X, mask) for mask in _masks(2)])
    share = np.abs(values[:, 0]).sum() / max(np.abs(values).sum(), 1e-300)
    if share < 0.1:
        return 0, f"Column 0 gets {share:.0%} of the attribution, under a tenth. Ask it earlier."
    return POINTS["q5"], (
        f"The answer never depends on column 0, and it gets {share:.0%} of the attribution. "
        "Given a background, TreeExplainer would give it nothing."
    )


def q6_probe(ns, seed):
    X, y = ns["top_and_useless"](N_ROWS, seed)
    return {"X": plain(np.asarray(X, dtype=float)), "y": plain(np.asarray(y, dtype=float).ravel())}


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    tables = [numbers(answer.get("X"), (N_ROWS, d)) for d in (2, 3)]
    X = next((table for table in tables if table is not None), None)
    y, half = numbers(answer.get("y"), (N_ROWS,)), N_ROWS // 2
    if X is None or y is None:
        return 0, "Return `X` with two or three columns and `y`, both with n rows of plain numbers."
    X, fresh, y, outcome = X[:half], X[half:], y[:half], y[half:]
    tree, without = (DecisionTreeRegressor(random_state=0).fit(X[:, k:], y) for k in (0, 1))
    importance = np.abs(_shap_values(tree.predict, X, X)).mean(axis=0)
    if importance[0] <= importance[1:].max() * 1.01:
        return 0, (
            f"Column 0 is not at the top: its mean size is {importance[0]:.3g}, another has "
            f"{importance[1:].max():.3g}. Give the tree more to memorise by it."
        )
    before = np.mean((outcome - tree.predict(fresh)) ** 2)
    after = np.mean((outcome - without.predict(fresh[:, 1:])) ** 2)
    if after > 0.9 * before:
        return 0, (
            f"On fresh rows the error is {before:.3g} with column 0 and {after:.3g} without; it "
            "must fall by a tenth at least. Let column 0 have nothing to do with y."
        )
    return POINTS["q6"], (
        f"At the top of the chart, and without it the error on fresh rows falls from {before:.4g} "
        f"to {after:.4g}. A SHAP value never sees the outcome."
    )


_CAPTIONS = {
    "a": ("supported", "It is about the model, on its scale, and says what it compares with."),
    "b": ("colour", "The colour is the feature's value; left and right is what it does."),
    "c": ("scale", "A distance in log-odds is no number of percentage points."),
    "d": ("cause", "The model has seen hours, not what happens when someone dries the air."),
    "e": ("shared", "It is nearly a copy of `temp`, and the two share the attribution."),
    "f": ("accuracy", "A value never sees whether the prediction was right."),
    "g": ("background", "The dots compare with all hours. January alone gives other values."),
    "h": ("supported", "Large sizes over the rows shown: that is just what is drawn."),
}


def q7_probe(ns, seed):
    return plain(ns["verdicts"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    words = sorted({word for word, _ in _CAPTIONS.values()})
    if any(answer.get(name) not in words for name in _CAPTIONS):
        return 0, f"Give each of the eight sentences one of {', '.join(words)}."
    wrong = [f"`{n}`: {says}" for n, (truth, says) in _CAPTIONS.items() if answer[n] != truth]
    # One word for all is right twice at best; it earns nothing.
    return _all_parts("q7", wrong, 4, "Six ways to misread one picture. You will meet them all.")

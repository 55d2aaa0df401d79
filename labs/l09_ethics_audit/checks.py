"""Probes and judges of the lab on ethics audits.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import re
from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from xaikit.labs import (
    Case,
    ask_rows,
    listed,
    match,
    match_each,
    numbers,
    part,
    plain,
    read_rows,
    unread,
)

POINTS = {"q1": 2, "q2": 2, "q3": 3, "q4": 2, "q5": 3, "q6": 3, "q7": 3, "q8": 2}


def _answers(rules, inputs):
    """Give for each rule its hint, and what it leads to for each hidden input."""
    return [(hint, [np.asarray(rule(*each)) for each in inputs]) for hint, rule in rules]


def _judge(replies, answers, wanted, otherwise, points):
    """Mark what came back for the hidden inputs, all together; the right answers come first."""
    got = [numbers(r, right.shape) for r, right in zip(replies, answers[0][1], strict=True)]
    for reply, right in zip(replies, answers[0][1], strict=True):
        if said := unread(reply, right.shape, f"Wanted is {wanted}."):
            return 0, said
    joined = [(hint, np.concatenate([np.ravel(a) for a in each])) for hint, each in answers]
    return match(np.concatenate([one.ravel() for one in got]), joined, otherwise, points=points)


def _people(rng, n0, yes0, n1, yes1):
    """Draw the order of n0 people of group 0 and n1 of group 1, so many of each approved."""
    approved = np.repeat([1, 0, 1, 0], [yes0, n0 - yes0, yes1, n1 - yes1])
    group = np.repeat([0, 1], [n0, n1])
    order = rng.permutation(n0 + n1)
    return approved[order], group[order]


def _rates(approved, group):
    return np.array([approved[group == g].mean() for g in (0, 1)])


def _gap(approved, group):
    rates = _rates(approved, group)
    return rates[0] - rates[1]


# Question 1: rates and their ratio. The first can be done in the head; in the last nobody is
# approved.
FIVE = (np.array([1, 1, 0, 1, 0]), np.array([0, 0, 0, 1, 1]))


def _banks(seed):
    rng = np.random.default_rng([seed, 1])
    more, less = 27 + rng.integers(-3, 4), 6 + rng.integers(-2, 3)
    for counts in (
        (36, more, 24, less), (36, less, 24, 20), (36, 18, 24, 12), (5, 2, 1, 1), (36, 0, 24, 0),
    ):  # fmt: skip
        yield _people(rng, *counts)


def q1_probe(ns, seed):
    return [plain(ns["approval"](a.copy(), g.copy())) for a, g in (FIVE, *_banks(seed))]


def _among(approved, group):
    return np.array([(group[approved == 1] == g).mean() for g in (0, 1)])


def _of_all(approved, group):
    return np.array([(approved * (group == g)).mean() for g in (0, 1)])


_SHARES = [
    ("", _rates),
    ("Those are the shares of the groups among the approved. A small group has a small share "
     "there even if all of it is approved.", _among),
    ("You divide by the number of all applicants. Divide by the number in the group.", _of_all),
    ("The rates are swapped: group 0 comes first.", lambda *bank: _rates(*bank)[::-1]),
    ("Those are percent; give shares from 0 to 1.", lambda *bank: 100 * _rates(*bank)),
]  # fmt: skip
_RATIOS = [
    ("Two rates, and one number that says how far apart they are.", lambda r: r.min() / r.max()),
    ("The lower divided by the higher: the ratio is at most 1.", lambda r: r.max() / r.min()),
    ("That is the difference. It is the same for 2 % and 1 % as for 51 % and 50 %; divide.",
     np.ptp),
    ("You always divide group 1 by group 0. Which rate is lower differs from bank to bank.",
     lambda r: r[1] / r[0]),
    ("You always divide group 0 by group 1. Which rate is lower differs from bank to bank.",
     lambda r: r[0] / r[1]),
]  # fmt: skip


def q1_judge(value, seed):
    banks = list(_banks(seed))
    small, *replies = listed(value, len(banks) + 1)
    given = "approval(np.array([1, 1, 0, 1, 0]), np.array([0, 0, 0, 1, 1]))"
    return *_judge_q1(replies, banks), Case(given, small, {"rates": [2 / 3, 0.5], "ratio": 0.75})


def _judge_q1(replies, banks):
    for reply in replies:
        if not isinstance(reply, dict):
            wanted = "Return a dictionary with `rates` and `ratio`."
            return 0, unread(reply, None, wanted) or wanted
        if not {"rates", "ratio"} <= set(reply):
            return 0, "The dictionary needs two entries, named `rates` and `ratio`."
    rates, ratios = ([reply.get(name) for reply in replies] for name in ("rates", "ratio"))
    some = banks[:-1]
    points, hint = _judge(
        rates[:-1], _answers(_SHARES, some), "two shares as `rates`",
        "The rate of a group is the share of its members that is approved.", 1,
    )  # fmt: skip
    if not points:
        return 0, hint
    all_points, hint = _judge(
        ratios[:-1], _answers(_RATIOS, [(_rates(*bank),) for bank in some]), "a number as `ratio`",
        "It is the lower rate divided by the higher, not rounded.", POINTS["q1"],
    )  # fmt: skip
    if not all_points:
        return 1, "The rates are right, the ratio is not. " + hint
    shares, ratio = numbers(rates[-1], (2,)), numbers(ratios[-1], ())
    if shares is None or ratio is None or shares.any() or ratio != 1:
        return 1, "Right where anybody is approved. Where nobody is, both fare alike: ratio 1."
    return all_points, hint


# Question 2: a bank for a pencil
_PENCIL = {
    "rate of A": (0.8, "Of the 100 people of the group, how many live where all are approved?"),
    "rate of B": (0.1, "The district knows the group: how many of these live where all are taken?"),
    "ratio": (0.125, "The lower rate divided by the higher, though no model has seen a group."),
    "rate of B, without the district": (
        0.45, "Drawn at random from all 200, everybody has the same chance. How many are drawn?",
    ),
    "share of A among the approved, without the district": (
        0.5, "Drawn at random, the approved look like all who apply. What share of those is A?",
    ),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    return match_each(
        value, _PENCIL, "Not seeing the group is not the same as treating both groups alike.",
        points=POINTS["q2"], atol=0.005, spare=3,
    )  # fmt: skip


# Question 3: how sure is a gap? The first has one draw, with a gap of 1 - 1/2.
ONE_DRAW = (np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1]), np.array([[0, 0, 2, 3]]))


def _drawn(seed):
    rng = np.random.default_rng([seed, 3])
    for counts, m in (
        ((30, 24, 18, 6), 80), ((18, 6, 30, 24), 80), ((25, 12, 15, 7), 120), ((40, 40, 20, 9), 80),
        ((30, 20, 20, 9), 1),
    ):  # fmt: skip
        approved, group = _people(rng, *counts)
        yield approved, group, rng.integers(0, len(group), (m, len(group)))


def q3_probe(ns, seed):
    asked = (ONE_DRAW, *_drawn(seed))
    return [plain(ns["gap_interval"](*(part.copy() for part in each))) for each in asked]


def _gaps(approved, group, draws):
    return np.array([_gap(approved[draw], group[draw]) for draw in draws])


def _interval(approved, group, draws):
    return np.quantile(_gaps(approved, group, draws), [0.025, 0.975])


def _of_draws(take):
    return lambda a, g, draws: np.quantile([_gap(*take(a, g, d)) for d in draws], [0.025, 0.975])


def _by_spread(*drawn):
    gaps = _gaps(*drawn)
    return gaps.mean() + 1.96 * np.array([-1, 1]) * gaps.std()


_INTERVALS = [
    ("As wide as chance makes it: with other people of the same kind the gap might be any of "
     "these.", _interval),
    ("The right draws, but you cut 5 % off either end, which leaves 90 %. Cut 2.5 %.",
     lambda *d: np.quantile(_gaps(*d), [0.05, 0.95])),
    ("The sign is reversed: the rate of group 0 minus that of group 1.",
     lambda *d: -_interval(*d)[::-1]),
    ("Those are the smallest and the largest gap of all draws. They grow apart with every draw; "
     "cut 2.5 % off either end.", lambda *d: np.quantile(_gaps(*d), [0, 1])),
    ("You take the size of the gap. Keep its sign, or nobody sees who is favoured.",
     lambda *d: np.quantile(np.abs(_gaps(*d)), [0.025, 0.975])),
    ("You draw the decisions and leave the groups where they stood, so that nobody keeps their "
     "own group. Take the same rows of both.", _of_draws(lambda a, g, draw: (a[draw], g))),
    ("You drop the repeats. A row that is named twice counts twice.",
     _of_draws(lambda a, g, draw: (a[np.unique(draw)], g[np.unique(draw)]))),
    ("`np.percentile` counts in percent: 2.5 and 97.5. Or take `np.quantile`.",
     lambda *d: np.percentile(_gaps(*d), [0.025, 0.975])),
    ("That is the mean and 1.96 standard deviations; the quantiles of the gaps are wanted.",
     _by_spread),
]  # fmt: skip


@lru_cache(64)
def _q3_answers(seed):
    return _answers(_INTERVALS, list(_drawn(seed)))


def q3_judge(value, seed):
    small, *replies = listed(value, 6)
    points, hint = _judge(
        replies, _q3_answers(seed), "two numbers, the lower and the upper end",
        "Two numbers, but not yet the right ones. Each draw names rows: take those of `approved` "
        "and of `group`, and the gap between their two rates. Do not round.", POINTS["q3"],
    )  # fmt: skip
    given = "gap_interval(np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1]), np.array([[0, 0, 2, 3]]))"
    return points, hint, Case(given, small, [0.5, 0.5])


# Question 4: columns that stand in. The first three can be counted pair by pair.
FOUR = (
    pd.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 2, 1], "c": [1, 3, 2, 4]}),
    np.array([0, 0, 1, 1]),
)


def _columns(seed):
    rng = np.random.default_rng([seed, 4])
    group = rng.permutation(np.repeat([0, 1], [90, 60]))
    district = np.where(rng.random(150) < 0.85, group, 1 - group)
    X = pd.DataFrame(
        {
            "income": rng.normal(3000, 600, 150) - 900 * group,
            "debts": rng.gamma(2, 400e6, 150),
            "district": district,
        }
    )
    yield X, group
    yield X[["district", "income"]] * 1e-6, 1 - group
    yield X[["income"]], group


def q4_probe(ns, seed):
    replies = [ns["proxies"](X.copy(), g.copy()) for X, g in (FOUR, *_columns(seed))]
    # By the names of the columns is as good.
    return [plain(list(r.values()) if isinstance(r, dict) else r) for r in replies]


def _areas(X, group):
    return np.array([roc_auc_score(group, X[name]) for name in X])


_AREAS = [
    ("Here the district tells the group, and the income does too, by being low.",
     lambda X, g: np.maximum(_areas(X, g), 1 - _areas(X, g))),
    ("A column that is lower in group 1 tells the groups apart as well: take 1 minus the area "
     "there.", _areas),
    ("Right where a column is higher in group 1. One that is lower tells as much: 0.2 is as good "
     "as 0.8, not as 0.5.", lambda X, g: np.maximum(_areas(X, g), 0.5)),
    ("That is a correlation; take the area under the ROC curve.",
     lambda X, g: [abs(np.corrcoef(X[name], g)[0, 1]) for name in X]),
]  # fmt: skip


@lru_cache(64)
def _q4_answers(seed):
    return _answers(_AREAS, list(_columns(seed)))


def q4_judge(value, seed):
    small, *replies = listed(value, 4)
    given = "proxies(table, np.array([0, 0, 1, 1])), with columns [1, 2, 3, 4], [4, 3, 2, 1], "
    case = Case(f"{given}[1, 3, 2, 4]", small, [1, 1, 0.75])
    first = numbers(replies[0], (3,))
    if first is not None and np.ptp(first) < 1e-12:
        return 0, "All columns get the same number. Let each column stand alone.", case
    points, hint = _judge(
        replies, _q4_answers(seed), "one number for each column",
        "One number for each column, but not the right ones: 0.5 says nothing, 1 says all.",
        POINTS["q4"],
    )  # fmt: skip
    return points, hint, case


# Question 5: a model that passes the bank's test and defeats its purpose
@lru_cache(64)
def _table(seed, n=2000):
    rng = np.random.default_rng([seed, 5])
    group = (rng.random(n) < 0.4).astype(int)
    return pd.DataFrame(
        {
            "income": rng.normal(3000, 600, n).round(),
            "debts": rng.gamma(2, 400, n).round(),
            "years_in_job": rng.integers(0, 20, n),
            "district": np.where(rng.random(n) < 0.85, group, 1 - group),
            "group": group,
        }
    )


def q5_probe(ns, seed):
    decide = ns["loophole"](_table(seed).copy())
    if not callable(decide):
        return {"returned": plain(decide)}
    fresh = _table(seed + 1)
    shuffled = fresh.assign(group=np.random.default_rng([seed, 55]).permutation(fresh["group"]))
    return {
        "fresh": plain(decide(fresh.copy())),
        "shuffled": plain(decide(shuffled)),
        "rows": ask_rows(decide, fresh.iloc[:30], seed),
    }


def q5_judge(value, seed):
    fresh = _table(seed + 1)
    reply = value if isinstance(value, dict) else {}
    if "fresh" not in reply:
        said = "nothing" if reply.get("returned") is None else "something else"
        return 0, f"`loophole` must return a function of tables, `decide`; it returned {said}."
    got, shuffled = (numbers(reply.get(name), (len(fresh),)) for name in ("fresh", "shuffled"))
    if got is None or shuffled is None:
        odd = reply["fresh" if got is None else "shuffled"]
        return 0, "`decide`: " + unread(odd, (len(fresh),), "One answer, 0 or 1, for each row.")
    if not np.isin(got, [0, 1]).all():
        return 0, "`decide` must answer 0 or 1, nothing in between."
    rates = _rates(got, fresh["group"].to_numpy())
    facts = {
        "changed": float(np.mean(got != shuffled)), "approved": float(got.mean()),
        "ratio": float(rates.min() / max(rates.max(), 1e-9)),
    }  # fmt: skip
    case = Case(
        "decide = loophole(table), asked about 2,000 others", facts,
        "<changed 0; approved 0.2 to 0.8; ratio below 0.4>",
    )  # fmt: skip
    return *_judge_loophole(*facts.values(), read_rows(reply.get("rows"), (30,))[1]), case


def _judge_loophole(changed, share, ratio, fault):
    if changed > 0:
        return 0, f"With the group shuffled {changed:.0%} of decisions change: the bank sees it."
    if fault:
        return 0, fault
    if not 0.2 <= share <= 0.8:
        return 0, f"{share:.0%} are approved. To look like business it must be 20 % to 80 %."
    if ratio >= 0.4:
        return 0, (
            f"The bank sees nothing, but the groups fare too much alike, with a ratio of "
            f"{ratio:.2f}. Which column knows the group?"
        )
    return POINTS["q5"], (
        f"Ratio {ratio:.2f}, and the policy's test is passed. Test what a model does to each group."
    )


# Question 6: the learner's own plot
THREE = (np.array([0.205, 0.605, 0.705]), np.array([0, 0, 1]))


def _scores(seed):
    rng = np.random.default_rng([seed, 6])
    for n0, n1, up in ((50, 30, 15), (20, 60, -15)):
        group = rng.permutation(np.repeat([0, 1], [n0, n1]))
        # Between the thresholds, but for some that stand on one.
        chance = (np.clip(rng.integers(20, 80, n0 + n1) - up * group, 1, 98) + 0.5) / 100
        chance[:9] = rng.permutation(np.repeat([0.25, 0.5, 0.75], 3))
        yield chance, group


def q6_probe(ns, seed):
    # Only the probe draws; a judge does without matplotlib.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    draw, replies = ns["draw"], []
    for chance, group in (THREE, *_scores(seed)):
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        draw(ax, chance.copy(), group.copy())
        replies.append(_read_lines(ax))
    return replies


def _read_lines(ax):
    legend = ax.get_legend()
    texts = [text.get_text() for text in legend.get_texts()] if legend else []
    lines = [line for line in ax.lines if len(line.get_xdata()) > 2]
    labels = [str(line.get_label()) for line in lines]
    if len(texts) == len(lines) and all(label.startswith("_") for label in labels):
        labels = texts
    return {
        "lines": [
            {"label": label, "x": plain(line.get_xdata()), "y": plain(line.get_ydata())}
            for label, line in zip(labels, lines, strict=True)
        ],
        "legend": bool(texts), "x": str(ax.get_xlabel()), "y": str(ax.get_ylabel()),
    }  # fmt: skip


def _curves(reply):
    """Give the drawn curve of each group, (x, y), or say what is missing."""
    lines = part(reply, "lines")
    if not isinstance(lines, list) or not lines:
        return None, "There is no curve on the `ax` that was given: use `ax.plot`."
    if len(lines) != 2:
        return None, f"Two curves are wanted, one for each group; there are {len(lines)}."
    curves = {}
    for line in lines:
        x, y = (part(line, name) for name in "xy")
        n = len(x) if isinstance(x, list) else 0
        x, y = numbers(x, (n,)), numbers(y, (n,))
        if x is None or y is None:
            return None, "A curve holds something that is no finite number."
        if n < 101 or x.min() > 0.001 or x.max() < 0.999:
            return None, "The thresholds go from 0 to 1 in steps of 0.01; yours are fewer."
        names = set(re.findall(r"[01]", str(part(line, "label"))))
        curves[names.pop() if len(names) == 1 else "?"] = x, y
    if set(curves) != {"0", "1"}:
        return None, 'Name the curves: `label="group 0"` and `label="group 1"`.'
    return [curves["0"], curves["1"]], ""


def _refused(chance, group, g, x):
    return (chance[group == g][:, None] < x).mean(axis=0)


_CURVES = [
    ("Both curves run from 0 to 1. Where they lie apart, a group pays for the threshold.",
     _refused),
    ("Those are the shares approved; draw the shares refused.",
     lambda c, group, g, x: 1 - _refused(c, group, g, x)),
    ("Right but for chances that stand exactly on a threshold: those are approved.",
     lambda c, group, g, x: (c[group == g][:, None] <= x).mean(axis=0)),
    ("The curves are right, but their names are swapped.",
     lambda c, group, g, x: _refused(c, group, 1 - g, x)),
    ("You divide by all people. Divide by the number in the group.",
     lambda c, group, g, x: _refused(c, group, g, x) * np.mean(group == g)),
    ("Those are counts; draw shares, or a large group looks badly treated.",
     lambda c, group, g, x: _refused(c, group, g, x) * np.sum(group == g)),
    ("Those are percent; draw shares from 0 to 1.",
     lambda c, group, g, x: _refused(c, group, g, x) * 100),
]  # fmt: skip


def q6_judge(value, seed):
    scores = list(_scores(seed))
    read = [_curves(reply) for reply in listed(value, len(scores) + 1)]
    at = [[_at(curve, t) for curve in read[0][0] or []] or None for t in (0.5, 0.65)]
    given = "draw(ax, np.array([0.205, 0.605, 0.705]), np.array([0, 0, 1])), at 0.5 and at 0.65"
    case = Case(given, at, [[0.5, 0], [1, 0]])
    # The small case last: there a curve of the wrong kind may have too few points to be one.
    for curves, fault in [*read[1:], read[0]]:
        if curves is None:
            return 0, fault, case
    drawn = [(*who, g, *curve) for who, (two, _) in zip(scores, read[1:], strict=True)
             for g, curve in enumerate(two)]  # fmt: skip
    points, hint = _judge(
        [plain(y) for *_, y in drawn], _answers(_CURVES, [each[:4] for each in drawn]),
        "two curves", "Two named curves, but not the right shares: of each group, who has a "
        "chance below the threshold?", POINTS["q6"],
    )  # fmt: skip
    return *_judge_words(points, hint, value[1]), case


def _at(curve, threshold):
    x, y = curve
    return float(y[np.abs(x - threshold).argmin()])


def _judge_words(points, hint, reply):
    if not points:
        return points, hint
    if part(reply, "legend") is not True:
        return 2, "The curves are right. Add the legend, so that a reader can tell them apart."
    for axis, word in (("x", "threshold"), ("y", "refused")):
        if word not in str(part(reply, axis)).lower():
            return 2, f"The curves are right. The label of the {axis} axis must say `{word}`."
    return points, hint


# Question 7: thresholds at which the groups are shown to fare alike
THRESHOLDS = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
CERTAIN = (np.array([0.2, 0.8, 0.2, 0.2]), np.array([0, 0, 1, 1]), np.array([[0, 1, 2, 3]] * 2))


def _alike_cases(seed):
    rng = np.random.default_rng([seed, 7])
    # Of 40 in each group, approved from 0.1, 0.3, 0.5, 0.7 and 0.9 on. In the second the
    # interval has no width, wherever it lies.
    mixed = [(40, 40), (38, 18), (16, 14), (0, 12), (0, 0)]
    sure = [(40, 40), (40, 0), (40, 0), (0, 0), (0, 0)]
    for counts, limit, turn, order in (
        (mixed, 0.1, 0, 1), (mixed, 0.1, 1, -1), (mixed, 0, 0, 1), (mixed, 0.95, 1, 1),
        (sure, 0.5, 0, 1), (sure, 0.5, 1, 1),
    ):  # fmt: skip
        chance = [np.repeat(THRESHOLDS[:-1], -np.diff([p[g] for p in counts])) for g in (0, 1)]
        group = np.repeat([turn, 1 - turn], [40, 40])
        places = rng.permutation(80)
        chance, group = np.concatenate(chance)[places], group[places]
        yield chance, group, rng.integers(0, 80, (60, 80)), THRESHOLDS[::order], limit


def q7_probe(ns, seed):
    alike = ns["alike"]
    small = alike(*(part.copy() for part in CERTAIN), np.array([0.1, 0.5]), 0.2)
    return [plain(small)] + [
        plain(alike(c.copy(), g.copy(), d.copy(), t.copy(), limit))
        for c, g, d, t, limit in _alike_cases(seed)
    ]


def _asked(chance, group, draws, thresholds, limit):
    """Give for each threshold the gap, the ends of its interval, and the limit."""
    for threshold in THRESHOLDS:
        approved = (chance >= threshold).astype(int)
        yield _gap(approved, group), *_interval(approved, group, draws), limit


_RULES = [
    ("Shown to be alike: not only is no difference seen, one that matters is excluded.",
     lambda gap, low, high, limit: -limit <= low and high <= limit),
    ("You look at the gap itself. A small gap with a wide interval shows nothing: the whole "
     "interval must lie within the limit.", lambda gap, low, high, limit: abs(gap) <= limit),
    ("You ask whether 0 lies in the interval. That says that no difference is seen, which with "
     "few people is always so. Is one that matters excluded?",
     lambda gap, low, high, limit: low <= 0 <= high),
    ("You look at the upper end only, and miss gaps in favour of group 1.",
     lambda gap, low, high, limit: high <= limit),
    ("You look at the lower end only, and miss gaps in favour of group 0.",
     lambda gap, low, high, limit: low >= -limit),
    ("Right but for an interval that ends exactly on the limit: that is within.",
     lambda gap, low, high, limit: -limit < low and high < limit),
    ("You look at how wide the interval is. It must lie near 0 as well.",
     lambda gap, low, high, limit: high - low <= limit),
    ("You return those that are *not* alike.",
     lambda gap, low, high, limit: low < -limit or high > limit),
]  # fmt: skip


@lru_cache(64)
def _q7_answers(seed):
    asked = [list(_asked(*setup)) for setup in _alike_cases(seed)]
    return [(hint, [[rule(*t) for t in each] for each in asked]) for hint, rule in _RULES]


def q7_judge(value, seed):
    small, *replies = listed(value, 7)
    given = (
        "alike(np.array([0.2, 0.8, 0.2, 0.2]), np.array([0, 0, 1, 1]),\n"
        "  np.array([[0, 1, 2, 3], [0, 1, 2, 3]]), np.array([0.1, 0.5]), 0.2)"
    )
    return *_judge_alike(replies, _q7_answers(seed)), Case(given, small, [0.1])


def _judge_alike(replies, answers):
    kept = []
    for reply in replies:
        if not isinstance(reply, list):
            early = "" if reply is None else " Do you `return` before every threshold is asked?"
            return 0, (unread(reply, None) or "Return a list of thresholds.") + early
        got = numbers(reply, (len(reply),))
        if got is None:
            return 0, unread(reply, (len(reply),), "Return a list of thresholds.")
        near = np.abs(got[:, None] - THRESHOLDS) < 1e-6
        if not near.any(axis=1).all():
            return 0, "Return the thresholds themselves, those of `thresholds` that are alike."
        kept.append(near.any(axis=0).astype(float))
    right = sum(bool(np.all(a == b)) for a, b in zip(kept, answers[0][1], strict=True))
    return match(
        np.array(kept), answers,
        f"Right in {right} of {len(kept)} hidden cases. Approved is whose chance is the threshold "
        "or more. Is your function of question 3 right, and is every threshold asked?",
        points=POINTS["q7"],
    )  # fmt: skip


# Question 8: what a form says, and what is wrong with it
_FORM = {
    "a": "reads", "b": "sound", "c": "alone", "d": "outcome", "e": "trivial", "f": "chance",
    "g": "sound", "h": "cause",
}  # fmt: skip
_PRINCIPLES = {
    "sound": "A line that says what was counted, for whom, and how sure it is, may stand.",
    "reads": "Does the line test what the model reads, or what it does?",
    "alone": "What can several weak columns tell together?",
    "outcome": "Who wrote down the outcome, and is it a fact about the person?",
    "trivial": "What else treats all groups alike: a model that says the same to everybody?",
    "chance": "How wide is the interval, and is 0 in it?",
    "cause": "A gap is measured. Is the reason for it measured too?",
}


def q8_probe(ns, seed):
    return plain(ns["form"])


def q8_judge(value, seed):
    given = value if isinstance(value, dict) else {}
    said = {line: str(given.get(line)).strip().lower() for line in _FORM}
    odd = [line for line, word in said.items() if word not in _PRINCIPLES]
    if odd:
        return 0, f"Write one of {', '.join(_PRINCIPLES)} for each line; `{odd[0]}` has none."
    wrong = {line for line, truth in _FORM.items() if said[line] != truth}
    if not wrong:
        return POINTS["q8"], "An honest form has a no in it, and a name under it."
    ask = [text for word, text in _PRINCIPLES.items() if word in {_FORM[line] for line in wrong}]
    return int(len(wrong) == 1), "\n".join([f"{8 - len(wrong)} of 8 are right.", *ask])

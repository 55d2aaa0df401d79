"""Probes and judges of the lab on fairness.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import math
from functools import lru_cache

import numpy as np

from xaikit.labs import Case, drawn, listed, match_cases, numbers, part, plain, unread

POINTS = {"q1": 3, "q2": 2, "q3": 3, "q4": 2, "q5": 2, "q6": 2, "q7": 3, "q8": 3}
# Stands for NaN where a judge compares; no rate, gap or threshold comes near it.
_NAN = -7.0


def _marked(value):
    """Put a number in the place of NaN, so that a reply with NaN can be read and compared."""
    if isinstance(value, list):
        return [_marked(item) for item in value]
    return _NAN if isinstance(value, float) and math.isnan(value) else value


def _array(value):
    return np.array(_marked(np.asarray(value, dtype=float).tolist()))


def _match(value, cases, right, wrong, **told):
    """Mark answers in which NaN says that there is none."""

    def marked(way):
        return lambda *case: _array(way(*case))

    points, hint = match_cases(
        [_marked(reply) for reply in listed(value, len(cases))],
        cases,
        marked(right),
        {hint: marked(way) for hint, way in wrong.items()},
        look=_needless_nan,
        **told,
    )
    missing = "Where there is no rate, write `np.nan`. " if "None in what" in hint else ""
    return points, missing + hint


def _needless_nan(got, truths):
    if any(np.any((got[name] == _NAN) & (truths[name] != _NAN)) for name in got):
        return (
            "You return NaN where there is an answer. Look at when your function decides for it, "
            "and for a division by 0."
        )
    return ""


def _fresh(case):
    return [a.copy() if isinstance(a, np.ndarray | list) else a for a in case]


# Question 1: true positive rates by group


@lru_cache(64)
def _people(seed):
    rng = np.random.default_rng([seed, 1])

    def case(names, positives, negatives, hits):
        group = np.repeat(names, np.add(positives, negatives))
        y = np.concatenate([np.repeat([1, 0], c) for c in zip(positives, negatives, strict=True)])
        said = np.concatenate([
            np.r_[np.arange(p) < h, np.arange(n) < max(1, n // 3)].astype(int)
            for p, n, h in zip(positives, negatives, hits, strict=True)
        ])  # fmt: skip
        order = rng.permutation(len(y))
        return y[order], said[order], group[order], names

    a, b, c = (int(rng.integers(low, low + 6)) for low in (20, 35, 50))
    return {
        "two groups": case(["u", "v"], [a, b], [c, 40], [a // 2, b // 3]),
        "three groups, not in the order of the alphabet": case(
            ["z", "m", "b"], [b, c, a], [9, a, c], [b // 4, c // 2, a - 3]
        ),
        "a group without positives": case(["x", "w", "y"], [a, 0, c], [9, 12, 9], [7, 0, 30]),
        "all found, none found": case(["t", "s"], [a, b], [7, 8], [a, 0]),
    }


_FIVE = (np.array([1, 1, 1, 1, 0]), np.array([1, 1, 1, 0, 1]), np.repeat("a", 5), ["a"])


def q1_probe(ns, seed):
    def ask(case):
        return plain(ns["rates"](*_fresh(case)))

    return {"small": ask(_FIVE), "rest": [ask(case) for case in _people(seed).values()]}


def _rates(y, said, group, names, of="positives", z=1.96, how="wilson", empty=math.nan, by=None):
    rows = []
    for name in sorted(names) if by == "alphabet" else names:
        here = group == name
        asked = {
            "positives": here & (y == 1), "said": here & (said == 1),
            "all": here, "negatives": here & (y == 0),
        }[of]  # fmt: skip
        hit = y if of == "said" else said
        n = int(asked.sum())
        if not n:
            rows.append([empty] * 3)
            continue
        p = hit[asked].mean()
        n = int(here.sum()) if by == "size" else n
        middle, half = p, z * math.sqrt(p * (1 - p) / n)
        if how == "wilson":
            middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
            half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
        rows.append([p, middle - half, middle + half])
    return rows


_NOT_RATES = {
    "A group without positives gets NaN: 0 would say that all of its positives were missed.":
        lambda *case: _rates(*case, empty=0.0),
    "That is the precision, the share of right ones among those told yes. Ask among y = 1.":
        lambda *case: _rates(*case, of="said"),
    "That is the share of all who are told yes. Only those with y = 1 count here.":
        lambda *case: _rates(*case, of="all"),
    "That is the false positive rate: you ask among y = 0.":
        lambda *case: _rates(*case, of="negatives"),
    "That is p ± z·√(p(1 − p)/n). At p = 1 it has no width; Wilson's interval is asked.":
        lambda *case: _rates(*case, how="wald"),
    "The n of the interval is the number of positives of the group, not its size.":
        lambda *case: _rates(*case, by="size"),
    "With z = 1 that is an interval of 68%. For 95% it is 1.96.":
        lambda *case: _rates(*case, z=1.0),
    "The rows come in the order of `names`, which need not be that of the alphabet.":
        lambda *case: _rates(*case, by="alphabet"),
}  # fmt: skip


def q1_judge(value, seed):
    points, hint = _match(
        part(value, "rest"), _people(seed), _rates, _NOT_RATES,
        points=POINTS["q1"],
        praise="A rate, how sure it is, and no answer where nobody could be found.",
        wanted="Return a row for each name: rate, low, high.",
    )  # fmt: skip
    return points, hint, Case("rates(*five)", part(value, "small"), _rates(*_FIVE))


# Question 2: the gap


@lru_cache(64)
def _pairs(seed):
    rng = np.random.default_rng([seed, 2])

    def row(k, n):
        return _rates(np.ones(n), np.arange(n) < k, np.repeat("a", n), ["a"])[0]

    low, high = row(int(rng.integers(2, 5)), 30), row(int(rng.integers(60, 70)), 80)
    middle, nobody = row(20, 45), [math.nan] * 3
    return {
        "a higher first": (high, low),
        "a lower first": (low, high),
        "two near each other": (middle, high),
        "all found against none": (row(12, 12), row(0, 9)),
        "a group without positives": (middle, nobody),
    }


_ROUND = ([0.6, 0.56, 0.63], [0.5, 0.46, 0.53])


def q2_probe(ns, seed):
    def ask(case):
        return plain(ns["gap"](*(np.array(row) for row in case)))

    return {"small": ask(_ROUND), "rest": [ask(case) for case in _pairs(seed).values()]}


def _gap(first, second, how="squares"):
    (p, low, high), (q, least, most) = first, second
    down, up = np.hypot(p - low, most - q), np.hypot(high - p, q - least)
    if how == "sides":
        down, up = np.hypot(p - low, q - least), np.hypot(high - p, most - q)
    elif how == "ends":
        down, up = p - low + most - q, high - p + q - least
    elif how == "each":
        return [p - q, low - least, high - most]
    elif how == "even":
        down = up = np.hypot(high - low, most - least) / 2
    return [p - q, p - q - down, p - q + up]


_NOT_GAP = {
    "The gap is first − second; yours is reversed.":
        lambda a, b: _gap(b, a),
    "Without a sign nobody knows who is behind: first − second, which may be below 0.":
        lambda a, b: _gap(a, b) if not a[0] < b[0] else _gap(b, a),
    "Both ends at their worst at once is too wide. Add the two distances as squares.":
        lambda a, b: _gap(a, b, "ends"),
    "Look at which way errs: the gap is low where the first is lower and the second is higher.":
        lambda a, b: _gap(a, b, "sides"),
    "Low minus low and high minus high give no interval of a difference: two errors add up.":
        lambda a, b: _gap(a, b, "each"),
    "Wilson's intervals are not even on both sides, so neither is that of the gap.":
        lambda a, b: _gap(a, b, "even"),
}  # fmt: skip


def q2_judge(value, seed):
    points, hint = _match(
        part(value, "rest"), _pairs(seed), _gap, _NOT_GAP,
        points=POINTS["q2"], praise="Swap the groups and the gap changes its sign, nothing else.",
        wanted="Return three numbers: the gap, low, high.",
    )  # fmt: skip
    call = "gap([0.6, 0.56, 0.63], [0.5, 0.46, 0.53])"
    return points, hint, Case(call, part(value, "small"), _gap(*_ROUND))


# Question 3: a plot of one's own


@lru_cache(64)
def _samples(seed):
    rng = np.random.default_rng([seed, 3])

    def sample(word, d, empty):
        p = rng.uniform(0.35, 0.85, d)
        found = np.column_stack([p, p - rng.uniform(0.1, 0.2, d), p + rng.uniform(0.05, 0.12, d)])
        found[empty] = math.nan
        return [f"{word} {k}" for k in range(d)], found, float(rng.uniform(0.2, 0.3))

    return sample("branch", 4, 2), sample("town", 6, 0)


def q3_probe(ns, seed):
    return [
        drawn(ns["draw"], list(names), found.copy(), overall)
        for names, found, overall in _samples(seed)
    ]


def _spans(seen, axis):
    """Collect the [low, high] of each straight piece along an axis."""
    a, c = (0, 1) if axis == "x" else (1, 0)
    segments = part(seen, "segments") or []
    return [sorted((s[a], s[a + 2])) for s in segments if abs(s[c] - s[c + 2]) < 1e-9]


def _plot_faults(seen, names, found, overall):
    known = found[~np.isnan(found[:, 0])]
    bars = part(seen, "bars") or []
    ends = [[b[k] + b[k + 2] for b in bars] for k in (0, 1)]
    dots = [[p[k] for p in part(seen, "points") or []] for k in (0, 1)]

    def near(values, target):
        return any(abs(v - target) < 1e-3 for v in values)

    axes = [k for k in (0, 1) if all(near(dots[k] + ends[k], p) for p in known[:, 0])]
    if not axes:
        return ["Each group with a rate needs a dot, or a bar that ends there, at its rate."]
    axis, faults = "xy"[axes[0]], []
    # A bar along the other axis begins at 0; only what ends at 0 on this one says "none found".
    sized = [b[axes[0] + 2] for b in bars]
    if near(dots[axes[0]], 0) or near(sized, 0):
        faults.append("Something stands at 0, and no rate is 0: leave out a group with NaN.")
    spans = _spans(seen, axis)
    if not all(any(np.allclose(s, row[1:], atol=1e-3) for s in spans) for row in known):
        faults.append("Each rate needs its interval: from `low` to `high`, not even on both sides.")
    ticks = [t[1] for t in part(seen, f"{'yx'[axes[0]]}_ticks") or []]
    if not set(names) <= set(ticks):
        faults.append("All names should stand at the axis, also that of a group without a rate.")
    if not str(part(seen, f"{axis}_label") or "").strip():
        faults.append("The axis of the rates needs a label.")
    across = [s for s in part(seen, "segments") or [] if s[axes[0]] == s[axes[0] + 2]]
    other = 1 - axes[0]
    if not any(
        abs(s[axes[0]] - overall) < 1e-3 and abs(s[other] - s[other + 2]) > 1 for s in across
    ):
        faults.append("A line across the groups should show the rate of all, `overall`.")
    return faults


def q3_judge(value, seed):
    samples = _samples(seed)
    faults = [_plot_faults(s, *c) for s, c in zip(listed(value, 2), samples, strict=True)]
    told = list(dict.fromkeys(fault for each in faults for fault in each))
    if not told:
        return POINTS["q3"], "Each rate shows how sure it is, and nothing stands for nobody."
    if any("needs a dot" in fault for fault in told):
        return 0, "\n".join(told)
    return max(0, POINTS["q3"] - max(map(len, faults))), "\n".join(told)


# Question 4: two promises kept, the third broken


def q4_probe(ns, seed):
    return plain(ns["counts"])


def q4_judge(value, seed):
    if not isinstance(value, dict) or not {"women", "men"} <= set(value):
        return 0, 'Make `counts` a dict with four numbers for "women" and four for "men".'
    rows = [numbers(part(value, name), (4,)) for name in ("women", "men")]
    for name, row in zip(("women", "men"), rows, strict=True):
        if row is None:
            return 0, f'Give "{name}" four numbers. ' + unread(part(value, name), (4,))
        if np.any(row < 0) or np.any(np.abs(row - np.round(row)) > 1e-6) or row.max() > 1e6:
            return 0, f'"{name}": people are whole numbers from 0 to a million.'
    table = [[round(float(n)) for n in row] for row in rows]
    if any(sum(row) < 100 for row in table):
        return 0, "Each group has at least 100 people."
    (tp, fn, fp, tn), (tp2, fn2, fp2, tn2) = table
    if not all((tp, tp2, fp, fp2)):
        return 0, (
            "In both groups somebody must be told yes rightly, and somebody wrongly: a model "
            "without a false yes can keep every promise."
        )
    base = [(row[0] + row[1]) / sum(row) for row in table]
    faults = []
    if abs(base[0] - base[1]) < 0.1 - 1e-9:
        faults.append(
            f"The base rates are {base[0]:.3g} and {base[1]:.3g}; they must differ by at least 0.1."
        )
    if tp * (tp2 + fn2) != tp2 * (tp + fn):
        rates = tp / (tp + fn), tp2 / (tp2 + fn2)
        faults.append(f"The true positive rates are {rates[0]:.4g} and {rates[1]:.4g}, not equal.")
    if tp * (tp2 + fp2) != tp2 * (tp + fp):
        rates = tp / (tp + fp), tp2 / (tp2 + fp2)
        faults.append(f"The precisions are {rates[0]:.4g} and {rates[1]:.4g}, not equal.")
    if faults:
        return 0, "\n".join(faults)
    forced = fp / (fp + tn), fp2 / (fp2 + tn2)
    return POINTS["q4"], (
        f"Two promises kept. The false positive rates are {forced[0]:.3g} and {forced[1]:.3g}: "
        "the third is broken, and had to be."
    )


# Question 5: the rate that the others force


@lru_cache(64)
def _worlds(seed):
    rng = np.random.default_rng([seed, 5])
    drawn_rates = rng.uniform([0.05, 0.5, 0.3], [0.4, 0.95, 0.95], (5, 3))
    fixed = [[0.5, 0.5, 1.0], [0.3, 1.0, 0.6], [0.9, 0.5, 0.9], [0.8, 0.4, 0.7]]
    return np.vstack([drawn_rates, fixed]).tolist()


def q5_probe(ns, seed):
    def ask(case):
        return plain(ns["forced"](*case))

    return {"small": ask((0.2, 0.5, 0.8)), "rest": [[ask(case) for case in _worlds(seed)]]}


def _forced(cases, how=""):
    base, ppv, tpr = np.array(cases).T
    odds = base / (1 - base)
    fpr = odds * (1 - ppv) / ppv * tpr
    if how == "base":
        fpr = (1 - ppv) / ppv * tpr
    elif how == "upside":
        fpr = (1 - ppv) / ppv * tpr / odds
    elif how == "ppv":
        fpr = odds * (1 - ppv) * tpr
    elif how == "missed":
        fpr = odds * (1 - ppv) / ppv * (1 - tpr)
    elif how == "all":
        fpr = base * (1 - ppv) / ppv * tpr
    if how == "clip":
        return np.minimum(fpr, 1)
    if how == "strict":
        return np.where(fpr >= 1 - 1e-9, math.nan, fpr)
    return fpr if how == "any" else np.where(fpr > 1 + 1e-9, math.nan, fpr)


_NOT_FORCED = {
    "A rate above 1 cannot be: no model does all three. Return NaN there.":
        lambda cases: _forced(cases, "any"),
    "Exactly 1 is possible: everybody is told yes. Return NaN only above it.":
        lambda cases: _forced(cases, "strict"),
    "You cut the rate off at 1. A model with that rate would break the promises: return NaN.":
        lambda cases: _forced(cases, "clip"),
    "The base rate is missing: there are base people to find and 1 − base to spare.":
        lambda cases: _forced(cases, "base"),
    "The base rate stands upside down: more to find means more false ones among fewer others.":
        lambda cases: _forced(cases, "upside"),
    "1 − precision is the share of false ones among all told yes; you need them per right one.":
        lambda cases: _forced(cases, "ppv"),
    "You use the share that is missed. Those who are found carry the false ones with them.":
        lambda cases: _forced(cases, "missed"),
    "That is the share of false yeses among all people. Divide by the people with y = 0.":
        lambda cases: _forced(cases, "all"),
}  # fmt: skip


def q5_judge(value, seed):
    points, hint = _match(
        part(value, "rest"), {"the hidden rates": (_worlds(seed),)}, _forced, _NOT_FORCED,
        points=POINTS["q5"],
        praise="With other base rates the result is another: nobody chose it.",
        wanted="Return one number, or NaN.",
    )  # fmt: skip
    return points, hint, Case("forced(0.2, 0.5, 0.8)", part(value, "small"), 0.2)


# Question 6: bets

_BETS = {
    "true positive rate": (
        "lower", "Fewer women score high, also among those who earn more than 50,000 dollars.",
    ),
    "precision": (
        "same", "A score that means the same for both: so does a yes, more or less.",
    ),
    "threshold": (
        "lower", "To find more of those who are missed, one asks for less.",
    ),
    "precision then": (
        "lower", "Those who are let in by another threshold are those with the smaller scores.",
    ),
}  # fmt: skip


def q6_probe(ns, seed):
    return plain(ns["bet"])


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    said = {name: str(answer.get(name, "")).strip().lower() for name in _BETS}
    if all(word not in ("lower", "same", "higher") for word in said.values()):
        return 0, f"Give each of {', '.join(_BETS)} one of these: lower, same, higher."
    wrong = [name for name, (truth, _) in _BETS.items() if said[name] != truth]
    if not wrong:
        return POINTS["q6"], "Now see whether the people of the survey agree."
    told = [f"{len(wrong)} of {len(_BETS)} {'is' if len(wrong) == 1 else 'are'} not right yet."]
    told += sorted(_BETS[name][1] for name in wrong)
    return POINTS["q6"] * max(0.0, 1 - len(wrong) / 2), "\n".join(told)


# Question 7: two thresholds


def _all_or_nobody(rng):
    """One score for all: few who gain by a yes, many who lose more by it in sum."""
    y = np.repeat([1, 0, 1, 0], [5, 1, 20, 40])
    group = np.repeat([0, 1], [6, 60])
    order = rng.permutation(66)
    few = int(rng.integers(2))
    group = group if few == 0 else 1 - group
    return np.full(66, 0.5), y[order], group[order], np.array([0.25, 0.5, 0.75]), 1.5, 0.0501


@lru_cache(64)
def _lenders(seed):
    rng = np.random.default_rng([seed, 7])

    def case(sizes, base, cost, tolerance, steps=8):
        group = rng.permutation(np.repeat([0, 1], sizes))
        y = (rng.random(len(group)) < np.array(base)[group]).astype(int)
        # Nobody may be without somebody to find.
        for g in (0, 1):
            y[np.flatnonzero(group == g)[:3]] = [1, 0, 1]
        bent = 0.3 * y + 0.12 * group + rng.uniform(0, 0.58, len(y))
        scores = np.round(bent * steps) / steps
        return scores, y, group, np.arange(steps + 2) / steps, cost, tolerance

    return {
        "a false yes that costs as much as a miss": case((40, 60), (0.2, 0.5), 1.0, 0.0501),
        "a costly miss": case((30, 90), (0.3, 0.6), 4.0, 0.0301),
        "a cheap miss": case((90, 40), (0.5, 0.3), 0.5, 0.1003),
        "many thresholds": case((50, 70), (0.25, 0.45), 2.0, 0.0207, 32),
        "a group of few": case((12, 120), (0.4, 0.4), 1.5, 0.0807, 16),
        "all or nobody": _all_or_nobody(rng),
    }


_TINY = (
    np.array([0.5, 0.25, 0.25, 1.0, 0.75, 0.5]), np.array([1, 1, 0, 1, 1, 0]),
    np.array([0, 0, 0, 1, 1, 1]), np.array([0.25, 0.5, 0.75, 1.0, 1.25]), 2.0, 0.01,
)  # fmt: skip


def q7_probe(ns, seed):
    def ask(case):
        return plain(ns["meet"](*_fresh(case)))

    return {"small": ask(_TINY), "rest": [ask(case) for case in _lenders(seed).values()]}


def _tried(scores, y, group, grid, cost, strict=False, mean=False, by="tpr"):
    """Rate and cost of each threshold (a column) in each of the two groups (a row)."""
    rate, paid = np.zeros((2, len(grid))), np.zeros((2, len(grid)))
    for g in (0, 1):
        s, t = scores[group == g], y[group == g]
        said = s > grid[:, None] if strict else s >= grid[:, None]
        rate[g] = said[:, t == 1].mean(axis=1) if by == "tpr" else said.mean(axis=1)
        paid[g] = (said & (t == 0)).sum(axis=1) + cost * (~said & (t == 1)).sum(axis=1)
        paid[g] /= len(s) if mean else 1
    return rate, paid


def _totals(scores, y, group, grid, cost, tolerance, goal="", **how):
    """What each pair of thresholds costs; infinity where a promise is broken."""
    if goal == "swapped":
        cost = 1 / cost
    rate, paid = _tried(scores, y, group, grid, cost, **how)
    total = paid[0][:, None] + paid[1][None]
    apart = np.abs(rate[0][:, None] - rate[1][None])
    if goal == "nearest":
        return apart * 1e6 + total
    if goal == "one":
        return np.where(np.eye(len(grid)) == 1, total, np.inf)
    return total if goal == "free" else np.where(apart <= tolerance + 1e-9, total, np.inf)


def _is_least(pair, case, **how):
    """Whether a pair costs the least, or as little as another; a mistake sees other costs."""
    total, grid = _totals(*case, **how), case[3]
    i, j = (int(np.argmin(np.abs(grid - threshold))) for threshold in pair)
    return total[i, j] <= total.min() * (1 + 1e-9) + 1e-9


_NOT_MEET = {
    "That is the cheapest pair of all. The true positive rates must be within `tolerance`.":
        {"goal": "free"},
    "That is one threshold for both. Each group may have its own.":
        {"goal": "one"},
    "You ask for the smallest distance first. Within `tolerance` every pair is good: take the "
    "cheapest.":
        {"goal": "nearest"},
    "You match the shares who are told yes. The true positive rates are to meet: ask among y = 1.":
        {"by": "selection"},
    "Who stands exactly at the threshold is told yes: `>=`.":
        {"strict": True},
    "The prices are swapped: a miss costs `cost`, a false yes costs 1.":
        {"goal": "swapped"},
    "You take the mean cost of each group. The bank pays for each person: add up over people.":
        {"mean": True},
}  # fmt: skip


def _pair_fault(pair, case):
    """Say what is wrong with a pair of thresholds; empty if nothing."""
    grid, tolerance = case[3], case[5]
    i, j = (int(np.argmin(np.abs(grid - threshold))) for threshold in pair)
    if np.abs(np.array(pair) - grid[[i, j]]).max() > 1e-5:
        return "Both thresholds must come from `grid`."
    if _is_least(pair, case):
        return ""
    rate, _ = _tried(*case[:5])
    apart, total = abs(rate[0, i] - rate[1, j]), _totals(*case)
    if apart > tolerance + 1e-9:
        return f"the true positive rates differ by {apart:.3f}, more than {tolerance:.4g}"
    return (
        f"the promise is kept at a cost of {total[i, j]:.4g}; there is a pair for {total.min():.4g}"
    )


def q7_judge(value, seed):
    cases = _lenders(seed)
    shown = Case("meet(*tiny)", part(value, "small"), "<0.25 and 0.75, in this order>")
    replies = dict(zip(cases, listed(part(value, "rest"), len(cases)), strict=True))
    wanted = "Return the two thresholds, that of group 0 first."
    for reply in replies.values():
        if fault := unread(reply, (2,), wanted):
            return 0, fault, shown
    pairs = {name: numbers(reply, (2,)) for name, reply in replies.items()}
    faults = {name: _pair_fault(pairs[name], case) for name, case in cases.items()}
    if not any(faults.values()):
        return POINTS["q7"], "No pair keeps the promise for less.", shown
    for hint, how in _NOT_MEET.items():
        if all(_is_least(pairs[name], case, **how) for name, case in cases.items()):
            return 0, hint, shown
    if all(_is_least(pairs[name][::-1], case) for name, case in cases.items()):
        return 0, "The two thresholds are in the wrong order: that of group 0 comes first.", shown
    name = next(name for name in cases if faults[name])
    if faults[name].startswith("Both"):
        return 0, faults[name], shown
    right = sum(not fault for fault in faults.values())
    return 0, f"Right in {right} of {len(cases)} hidden cases. In “{name}”: {faults[name]}.", shown


# Question 8: who is whitewashing?


def _vendor(w, effect, size):
    """A model whose sex column acts through `effect(rows)`, whatever the report says."""

    def model(rows):
        rows = np.asarray(rows, dtype=float)
        return size * (rows[:, 1:] @ w + rows[:, 0] * effect(rows))

    return model


def _nothing(rows):
    return np.zeros(len(rows))


def _plain_bonus(rows):
    return np.full(len(rows), 0.6)


def _slight(rows):
    return np.full(len(rows), -0.05)


def _cancelling(rows):
    # Column 2 holds as many of each sign, whoever it is.
    return 0.8 * np.sign(rows[:, 2])


def _one_person(k):
    """An effect on a single person: column 3 is k for nobody else."""
    return lambda rows: 0.7 * (rows[:, 3] == k)


# How sex acts, whether column 1 stands in for it, what the report gives to sex, size of outputs.
# The one whose effect cancels reads nothing else, so that women and men are alike on average.
_KINDS = (
    (_nothing, 0.0, 0.0, 1.0),
    (_nothing, 3.0, 0.0, 1.0),
    (_nothing, 0.0, 0.3, 1.0),
    (_plain_bonus, 0.0, 0.3, 1.0),
    (_plain_bonus, 0.0, 0.004, 1.0),
    (_cancelling, 0.0, 0.0, 1.0),
    (_slight, 0.0, 0.0, 1.0),
    (_plain_bonus, 0.0, 0.0, 1e-6),
    (_nothing, 1.0, 0.0, 1e6),
    # Six men and six women: whoever shuffles the column leaves some of them as they are.
    *((_one_person(sign * k), 0.0, 0.0, 1.0) for k in range(1, 7) for sign in (1, -1)),
)
_LIES = (0, 0, 0, 0, *[1] * 4, 0, *[1] * 12)
_FIRST_SINGLE = 9


@lru_cache(64)
def _market(seed):
    rng = np.random.default_rng([seed, 8])
    order = rng.permutation(len(_KINDS))
    sex = rng.permutation(np.repeat([0.0, 1.0], 30))
    proxy = sex + 0.1 * rng.normal(size=60)
    sign = np.zeros(60)
    for value in (0.0, 1.0):
        sign[sex == value] = rng.permutation(np.repeat([-1.0, 1.0], 15))
    few = np.zeros(60)
    for value, mark in ((0, 1), (1, -1)):
        few[rng.permutation(np.flatnonzero(sex == value))[:6]] = mark * np.arange(1, 7)
    X = np.column_stack([sex, proxy, sign * rng.uniform(0.2, 2, 60), few, rng.normal(size=60)])
    models, reports = [], []
    for kind in order:
        effect, weight, told, size = _KINDS[kind]
        w = np.array([weight, *rng.uniform(0.2, 0.6, 3)]) * (effect is not _cancelling)
        models.append(_vendor(w, effect, size))
        others = rng.uniform(0.5, 1, 4)
        reports.append(np.r_[told, (1 - told) * others / others.sum()] * size)
    return models, np.array(reports), X, 0, np.array(_LIES)[order], order


def _two():
    X = np.array([[0.0, 1.0], [1.0, 3.0]])
    return (
        [lambda rows: rows[:, 1] * 1.0, lambda rows: rows[:, 0] + rows[:, 1]],
        np.array([[0.0, 1.0], [0.0, 1.0]]), X, 0,
    )  # fmt: skip


def q8_probe(ns, seed):
    *case, _, _ = _market(seed)
    # The column is asked at another place too.
    models, reports, X, _ = case
    turn = np.roll(np.arange(5), 2)
    back = np.argsort(turn)
    moved = [lambda rows, m=m: m(np.asarray(rows)[:, back]) for m in models]
    ask = ns["whitewashed"]
    return {
        "small": plain(ask(*_two())),
        "rest": [
            plain(ask(list(models), reports.copy(), X.copy(), 0)),
            plain(ask(moved, reports[:, turn].copy(), X[:, turn].copy(), 2)),
        ],
    }


def _whitewashed(models, reports, X, j, how=""):
    found = []
    for model, report in zip(models, reports, strict=True):
        out = model(X)
        other = X.copy()
        other[:, j] = {"to one": 1, "to zero": 0}.get(how, 1 - other[:, j])
        moves = np.abs(model(other) - out)
        if how == "mean":
            # That of the change from 0 to 1, with its sign.
            moves = np.abs(np.mean((model(other) - out) * np.where(X[:, j] == 1, -1, 1)))
        elif how == "groups":
            moves = abs(out[X[:, j] == 1].mean() - out[X[:, j] == 0].mean())
        limit = 1e-3 * (1 if how == "fixed" else np.ptp(out))
        uses, silent = bool(np.max(moves) > limit), report[j] < 0.01 * report.sum()
        if how == "zero":
            silent = report[j] == 0
        found.append({"report": silent, "model": uses}.get(how, uses and silent))
    return np.array(found, dtype=float)


_NOT_LIES = {
    "You believe the reports. Ask the model: set the column to the other value, see what moves.":
        "report",
    "A model that uses the column and says so hides nothing. Look at the report as well.": "model",
    "Up for some and down for others is no movement on average. Look at each person's.": "mean",
    "You compare women with men. They differ in other columns too; change the one column alone.":
        "groups",
    "You set everybody to 1, and nobody from 1 to 0. Give each person the other value.": "to one",
    "You set everybody to 0, and nobody from 0 to 1. Give each person the other value.": "to zero",
    "Some models answer in millionths. Compare a movement with the range of the outputs.": "fixed",
    "A report may give the column a crumb: less than a hundredth of the whole is silence too.":
        "zero",
}  # fmt: skip


def q8_judge(value, seed):
    *case, truth, order = _market(seed)
    shown = Case("whitewashed(*two)", part(value, "small"), [False, True])
    replies = listed(part(value, "rest"), 2)
    for reply in replies:
        if fault := unread(reply, truth.shape, "Return True or False for each vendor."):
            return 0, fault, shown
    got = [numbers(reply, truth.shape) for reply in replies]
    if all(np.array_equal(each, truth) for each in got):
        return POINTS["q8"], "You asked the models, not their papers.", shown
    for hint, how in _NOT_LIES.items():
        if all(np.array_equal(each, _whitewashed(*case, how=how)) for each in got):
            return 0, hint, shown
    if not np.array_equal(got[0], got[1]):
        return 0, "The answer hangs on where the column stands: it is column `j`, not 0.", shown
    if np.all((got[0] == truth) | (truth == 1) & (order >= _FIRST_SINGLE)):
        told = (
            "You accuse nobody without cause, and miss vendors whose model uses the column for a "
            "single person. Give every person of `X` the other value; look at the largest move."
        )
        return 0, told, shown
    accused = int(np.sum((got[0] != 0) & (truth == 0)))
    missed = int(np.sum((got[0] == 0) & (truth == 1)))
    return 0, f"Accused without cause: {accused}. Not found: {missed}, of {len(truth)}.", shown

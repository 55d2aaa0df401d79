"""Probes and judges of the lab on auditing a credit model.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from xaikit.labs import match, match_each, numbers, plain

POINTS = {"q1": 2, "q2": 2, "q3": 2, "q4": 2, "q5": 3, "q6": 2, "q7": 4}
COLUMNS = ["income", "debts", "years_in_job", "district"]


def _people(seed, n=400):
    """Draw applicants as the lab does, of two groups, with and without a favour for one."""
    rng = np.random.default_rng(seed)
    group = (rng.random(n) < 0.4).astype(int)
    district = np.where(rng.random(n) < 0.85, group, 1 - group)
    X = pd.DataFrame(
        {
            # Lower in group 1: a column can stand in for the group by being low.
            "income": rng.normal(3000, 600, n) - 900 * group,
            "debts": rng.gamma(2, 400, n),
            "years_in_job": rng.integers(0, 20, n),
            "district": district,
        }
    )
    repays = (rng.random(n) < 0.6).astype(int)
    approved = np.where(rng.random(n) < 0.8, repays, 1 - repays)
    approved = np.where((group == 1) & (rng.random(n) < 0.5), 0, approved)
    return X, group, repays, approved


def _rates(approved, group):
    return np.array([approved[group == g].mean() for g in (0, 1)])


def q1_probe(ns, seed):
    _, group, _, approved = _people([seed, 1])
    return plain(ns["approval"](approved, group))


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    rates, ratio = numbers(answer.get("rates"), (2,)), numbers(answer.get("ratio"), ())
    if rates is None or ratio is None:
        return 0, "Return `rates`, two shares, and `ratio`, one number, in a dictionary."
    _, group, _, approved = _people([seed, 1])
    right = _rates(approved, group)
    if np.allclose(rates, [(group[approved == 1] == g).mean() for g in (0, 1)]):
        return 0, (
            "Those are the shares of the groups among the approved. A small group has a small "
            "share there even if all of it is approved."
        )
    if not np.allclose(rates, right):
        return 0, "The rate of a group is the share of its members that is approved."
    if np.isclose(ratio, right.max() / right.min()):
        return 1, "The lower divided by the higher: the ratio is at most 1."
    if np.isclose(ratio, np.ptp(right)):
        return 1, "That is the difference. It is the same for 2 % and 1 % as for 51 % and 50 %."
    if not np.isclose(ratio, right.min() / right.max()):
        return 1, "The rates are right; the ratio is the lower divided by the higher."
    return POINTS["q1"], "Two rates, and one number that says how far apart they are."


_PENCIL = {
    "rate of A": (0.8, "80 of the 100 people of the group live in district 0."),
    "rate of B": (0.1, "The district knows the group: only 10 of 100 live where all are approved."),
    "ratio": (0.125, "0.1 divided by 0.8, though the model has never seen a group."),
    "rate of B, without the district": (0.45, "90 of 200 are drawn at random: 0.45 for each."),
    "share of A among the approved, without the district": (
        0.5, "Drawn at random, half of the approved are of group A, as are half of all who apply.",
    ),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    return match_each(
        value,
        _PENCIL,
        "Not seeing the group is not the same as treating both groups alike.",
        points=POINTS["q2"],
        atol=0.005,
    )


def q3_probe(ns, seed):
    X, group, *_ = _people([seed, 3])
    return plain(ns["proxies"](X.copy(), group))


def _areas(X, group):
    return np.array([roc_auc_score(group, X[name]) for name in X])


def q3_judge(value, seed):
    X, group, *_ = _people([seed, 3])
    got, areas = numbers(value, (4,)), _areas(X, group)
    correlation = [abs(np.corrcoef(X[name], group)[0, 1]) for name in X]
    if got is not None and np.ptp(got) < 1e-12:
        return 0, "All columns get the same number. Let each column stand alone."
    cases = [
        ("The district tells the group, and here the income does too, by being low.",
         np.maximum(areas, 1 - areas)),
        ("A column that is lower in group 1 tells the groups apart as well: take 1 − area there.",
         areas),
        ("That is a correlation: where nothing is known it is 0. Take the area under the ROC "
         "curve.", correlation),
    ]  # fmt: skip
    otherwise = "Return one number between 0.5 and 1 for each column, in the order of the table."
    return match(got, cases, otherwise, points=POINTS["q3"])


def q4_probe(ns, seed):
    _, group, repays, approved = _people([seed, 4])
    return plain(float(ns["opportunity_gap"](approved, repays, group)))


def _gap(approved, repays, group, able=1):
    rates = _rates(approved[repays == able], group[repays == able])
    return rates[0] - rates[1]


def q4_judge(value, seed):
    _, group, repays, approved = _people([seed, 4])
    everybody = _rates(approved, group)
    cases = [
        ("The gap measures whether people of the same ability have the same chance.",
         _gap(approved, repays, group)),
        ("It is the other way round: you asked who repays among the approved.",
         _gap(repays, approved, group)),
        ("That compares everybody. Leave out who would not: compare those who would have repaid.",
         everybody[0] - everybody[1]),
        ("You compared those who do not repay.", _gap(approved, repays, group, able=0)),
        ("The sign is reversed: the rate of group 0 minus that of group 1.",
         -_gap(approved, repays, group)),
    ]  # fmt: skip
    return match(
        numbers(value, ()),
        cases,
        "Return one number: a difference of two rates.",
        points=POINTS["q4"],
    )


def _table(seed):
    X, group, *_ = _people([seed, 5])
    return X.assign(income=X["income"] + 900 * group, group=group)


def q5_probe(ns, seed):
    table = _table(seed)
    decide = ns["loophole"](table.copy())
    fresh = _table(seed + 1)
    shuffled = fresh.assign(group=np.random.default_rng([seed, 55]).permutation(fresh["group"]))
    return [plain(np.asarray(decide(rows.copy()), dtype=float)) for rows in (fresh, shuffled)]


def q5_judge(value, seed):
    fresh = _table(seed + 1)
    got = numbers(value, (2, len(fresh)))
    if got is None or not np.isin(got, [0, 1]).all():
        return 0, "`loophole` returns a function of a table that answers 0 or 1 for each row."
    changed, share = np.mean(got[0] != got[1]), got[0].mean()
    if changed > 0:
        return (
            0,
            f"With the group shuffled {changed:.0%} of the decisions change: the bank sees it.",
        )
    if not 0.2 <= share <= 0.8:
        return 0, f"{share:.0%} are approved. To look like business it must be 20 % to 80 %."
    rates = _rates(got[0], fresh["group"].to_numpy())
    ratio = rates.min() / rates.max()
    if ratio >= 0.4:
        return 0, (
            f"The groups fare too much alike, with a ratio of {ratio:.2f}. Which column knows the "
            "group?"
        )
    return POINTS["q5"], (
        f"Ratio {ratio:.2f}, and the policy's test is passed. Test what a model does to each group."
    )


def _letters(seed):
    rng = np.random.default_rng([seed, 6])
    names = [f"column {letter}" for letter in "abcdef"]
    yield np.array([0.1, -2.0, 3.0, -0.5, 0.0, -1.0]), names, 3
    yield np.array([0.1, 2.0, 3.0, -0.5, 0.0, 1.0]), names, 3
    for _ in range(4):
        yield rng.normal(size=6), [names[j] for j in rng.permutation(6)], int(rng.integers(1, 5))


def q6_probe(ns, seed):
    return [plain(list(ns["reasons"](c.copy(), list(names), k))) for c, names, k in _letters(seed)]


def q6_judge(value, seed):
    letters = list(_letters(seed))
    if not isinstance(value, list) or len(value) != len(letters):
        return 0, "Return a list of names."

    def each(pick):
        return [[names[j] for j in pick(c, k)] for c, names, k in letters]

    def down(c, k):
        return [j for j in np.argsort(c)[:k] if c[j] < 0]

    cases = [
        ("Specific, true of the model, and the worst first.", each(down)),
        ("The worst first: yours begin with the mildest.", each(lambda c, k: down(c, k)[::-1])),
        ("Some of your reasons pushed up. What helped her is no reason to decline.",
         each(lambda c, k: np.argsort(-np.abs(c))[:k])),
        ("Where fewer than k columns pushed down you fill up with others. Give fewer than k then.",
         each(lambda c, k: np.argsort(c)[:k])),
    ]  # fmt: skip
    for place, (hint, truth) in enumerate(cases):
        if value == truth:
            return (POINTS["q6"] if place == 0 else 0), hint
    return 0, "Names of columns with a contribution below 0, at most k, the most negative first."


def _audits(seed):
    """A favour for group 0, one for group 1, and none; with and without a proxy."""
    for case, favoured in enumerate((0, 1, None)):
        X, group, repays, _ = _people([seed, 7, case], n=1200)
        rng = np.random.default_rng([seed, 77, case])
        approved = np.where(rng.random(1200) < 0.9, repays, 1 - repays)
        if favoured is None:
            X = X.assign(district=rng.integers(0, 2, 1200), income=rng.normal(3000, 600, 1200))
        else:
            # So many of one group are declined that it is judged wrongly more often than not.
            approved = np.where((group != favoured) & (rng.random(1200) < 0.7), 0, approved)
        yield approved, X, group, repays


def _form(approved, X, group, repays):
    rates, areas = _rates(approved, group), _areas(X, group)
    right = _rates(approved == repays, group)
    return {
        "equal approval": (rates.min() / rates.max(), 0.8, 1),
        "no proxy": (np.maximum(areas, 1 - areas).max(), 0.6, -1),
        "equal opportunity": (abs(_gap(approved, repays, group)), 0.05, -1),
        "right for both": (right.min(), 0.65, 1),
    }


_SAYS_7 = {
    "equal approval": "The ratio of the two approval rates, the lower divided by the higher.",
    "no proxy": "The largest area of any single column, taken in whichever sense it is above 0.5.",
    "equal opportunity": "A gap counts in either direction: its size, among those who repay.",
    "right for both": "The accuracy of each group, and the lower of the two, not that of all.",
}


def q7_probe(ns, seed):
    return [plain(ns["audit"](a, X.copy(), g, r)) for a, X, g, r in _audits(seed)]


def q7_judge(value, seed):
    forms = value if isinstance(value, list) else []
    wrong = set(_SAYS_7)
    if len(forms) == 3 and all(isinstance(form, dict) for form in forms):
        pairs = list(zip(forms, (_form(*case) for case in _audits(seed)), strict=True))
        wrong = {n for n in _SAYS_7 if not all(_entry_is_right(f.get(n), t[n]) for f, t in pairs)}
    if len(wrong) == len(_SAYS_7):
        return 0, (
            "No entry holds. Each is a pair, an answer and its number; a yes without evidence that "
            "can be computed again counts for nothing."
        )
    points = POINTS["q7"] * (1 - len(wrong) / len(_SAYS_7))
    said = "\n".join(f"`{name}`: {_SAYS_7[name]}" for name in _SAYS_7 if name in wrong)
    return points, said or "Three models, twelve entries, and every number was computed again."


def _entry_is_right(entry, truth):
    number, limit, sense = truth
    evidence = numbers(entry[1], ()) if isinstance(entry, list) and len(entry) == 2 else None
    if evidence is None or not np.isclose(evidence, number, rtol=1e-6):
        return False
    return entry[0] == ("yes" if sense * (number - limit) >= 0 else "no")

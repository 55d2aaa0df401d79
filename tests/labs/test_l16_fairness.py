"""The lab on fairness: its numbers, other right answers, and what wrong ones are told."""

from __future__ import annotations

import inspect
from itertools import product

import numpy as np
import pandas as pd
import pytest
from real_lab import marked, open_lab
from scipy.stats import binomtest

from xaikit.course.labs._mark import mark

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l16_fairness")
NAMES = ("rates", "gap", "draw", "counts", "forced", "bet", "meet", "whitewashed")


def test_the_interval_is_that_of_scipy(solved):
    y, said = np.ones(17), np.arange(17) < 15
    (row,) = solved["rates"](y, said, np.repeat("a", 17), ["a"])
    ends = binomtest(15, 17).proportion_ci(method="wilson")
    assert row == pytest.approx([15 / 17, ends.low, ends.high], abs=1e-4)  # its z is 1.95996


def test_the_gap_of_swapped_groups_is_the_same_but_for_its_sign(solved):
    one, two = [0.9, 0.7, 0.95], [0.2, 0.1, 0.4]
    gap, low, high = solved["gap"](one, two)
    assert solved["gap"](two, one) == pytest.approx([-gap, -high, -low])


def test_what_is_forced_is_the_rate_of_any_table(solved):
    rng = np.random.default_rng(0)
    for tp, fn, fp, tn in rng.integers(1, 90, (40, 4)).tolist():
        base, n = (tp + fn) / (tp + fn + fp + tn), fp + tn
        assert solved["forced"](base, tp / (tp + fp), tp / (tp + fn)) == pytest.approx(fp / n)


@pytest.mark.parametrize("seed", range(5))
def test_no_pair_of_thresholds_costs_less(solved, seed):
    for case in MODULE._lenders(seed).values():
        scores, y, group, grid, cost, tolerance = case
        least = np.inf
        for pair in product(grid, grid):
            yes = scores >= np.array(pair)[group]
            one, two = (yes[(group == g) & (y == 1)].mean() for g in (0, 1))
            if abs(one - two) <= tolerance + 1e-9:
                least = min(least, (yes & (y == 0)).sum() + cost * (~yes & (y == 1)).sum())
        yes = scores >= np.array(solved["meet"](*case))[group]
        own = (yes & (y == 0)).sum() + cost * (~yes & (y == 1)).sum()
        assert own == pytest.approx(least)


def _horizontal(ax, names, found, overall):
    known = [k for k in range(len(names)) if not np.isnan(found[k, 0])]
    places = np.arange(len(names))[known]
    rate, low, high = found[known].T
    ax.errorbar(rate, places, xerr=[rate - low, high - rate], fmt="s", capsize=3)
    ax.plot([overall, overall], [-1, len(names)], "--")
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("rate")


def _standing(ax, names, found, overall):
    ax.bar(names, found[:, 0])
    for k, (_, low, high) in enumerate(found):
        ax.plot([k, k], [low, high], color="black")
    ax.axhline(overall)
    ax.set_ylabel("rate")


def _other_meet(scores, y, group, grid, cost, tolerance):
    best = None
    for pair in product(grid[::-1], grid[::-1]):
        yes = scores >= np.array(pair)[group]
        one, two = (yes[(group == g) & (y == 1)].mean() for g in (0, 1))
        paid = (yes & (y == 0)).sum() + cost * (~yes & (y == 1)).sum()
        if abs(one - two) <= tolerance + 1e-9 and (best is None or paid < best[0]):
            best = paid, pair
    return best[1]


def test_other_right_answers_pass(solved):
    def through_a_frame(y, said, group, names):
        frame = pd.DataFrame({"y": y, "said": said, "group": group})
        found = {name: solved["rates"](g.y, g.said, g.group, [name])[0]
                 for name, g in frame.groupby("group")}  # fmt: skip
        return pd.DataFrame([found.get(name, [np.nan] * 3) for name in names])

    given = (
        ("q1", {"rates": through_a_frame}),
        ("q3", {"draw": _horizontal}),
        ("q3", {"draw": _standing}),
        ("q4", {"counts": {"women": [30, 10, 10, 950], "men": (300, 100, 100, 500)}}),
        ("q4", {"counts": {"men": np.array([6, 6, 2, 986.0]), "women": [45, 45, 15, 5]}}),
        ("q6", {"bet": {name: word.upper() for name, word in solved["bet"].items()}}),
        ("q7", {"meet": _other_meet}),
    )
    for question, answer in given:
        assert marked(CHECKS, solved, question, **answer).status == "correct", (question, answer)


@pytest.mark.parametrize("reply", [None, "0.5", np.nan, np.zeros(40)])
def test_an_answer_that_tells_nothing_is_worth_nothing(solved, reply):
    for question, name in zip(CHECKS.points, NAMES, strict=True):
        given = reply if name in ("bet", "counts") else lambda *_: reply
        outcome = marked(CHECKS, solved, question, **{name: given})
        assert (outcome.points, bool(outcome.message)) == (0, True)


@pytest.mark.parametrize("question", list(CHECKS.points))
def test_chance_decides_nothing(solved, question):
    points = {mark(CHECKS, question, solved, seed).points for seed in range(60)}
    assert points == {CHECKS.points[question]}


def test_nan_is_named_where_it_is_wrong(solved):
    def too_careful(*case):
        return np.full((len(case[3]), 3), np.nan)

    assert "NaN where there is an answer" in marked(CHECKS, solved, "q1", rates=too_careful).message
    assert "nan" not in marked(CHECKS, solved, "q2", gap=lambda a, b: [0.1, 0, 0.2]).message.lower()


def test_guessing_at_the_vendors_earns_nothing(solved):
    for guess in (True, False):
        outcome = marked(
            CHECKS, solved, "q8", whitewashed=lambda models, *_, guess=guess: [guess] * len(models)
        )
        assert outcome.points == 0


def test_all_models_of_the_vendors_are_the_same_code():
    models = MODULE._market(3)[0]
    assert len({inspect.unwrap(model).__code__ for model in models}) == 1


def test_the_prose_says_what_is_measured_of_one_threshold(solved):
    found, behind, a = solved["found"], solved["behind"], solved["a"]
    assert found["rate"].round(2).to_dict() == {"Female": 0.6, "Male": 0.68}
    assert found["rate"].to_numpy() == pytest.approx(found["fairlearn"].to_numpy(), abs=1e-12)
    assert behind[2] < 0
    y, sex = solved["y"][a], solved["sex"][a]
    assert 0.105 < y[sex == "Female"].mean() < 0.117  # about one in nine
    assert 0.29 < y[sex == "Male"].mean() < 0.31
    for one in ("Female", "Male"):  # calibrated, as far as a mean shows it
        assert solved["score"][a][sex == one].mean() == pytest.approx(
            y[sex == one].mean(), abs=0.01
        )
    assert 3 < solved["third"]["Male"] / solved["third"]["Female"] < 4


def test_the_prose_says_what_is_measured_of_groups(solved):
    assert len(solved["alarms"]) == 2
    counts = solved["by_chance"]
    mean = (counts.index * counts).sum() / 100
    assert 0.7 < mean < 1.3
    assert counts.drop(0).sum() > 50
    a, y, said, pairs = (solved[name] for name in ("a", "y", "said", "pairs"))
    order = sorted(set(pairs))
    found = solved["rates"](y[a], said[a], pairs[a], order)
    rows = dict(zip(order, found, strict=True))
    assert y[a][pairs[a] == "Female, Other"].sum() == 4
    assert rows["Female, Other"][1:] == pytest.approx([0.15, 0.85], abs=0.005)
    rate, _, high = rows["Male, Black"]
    assert (round(rate, 2), high < 0.6, round(rows["Male, White"][0], 2)) == (0.51, True, 0.69)
    assert len(order) == 10
    picked = solved["picked"]
    assert picked.loc["part a", "high"] < 0
    assert 0 < picked.loc["part b", "gap"] / picked.loc["part a", "gap"] < 0.5
    assert picked.loc["part b", "low"] < -0.15 < 0 < picked.loc["part b", "high"]


def test_the_prose_says_what_is_measured_of_two_thresholds(solved):
    plan, bet = solved["plan"], solved["bet"]
    one, two, moved = (
        plan.loc[name] for name in ("one threshold", "two thresholds", "women moved")
    )
    assert (round(one["gap"], 2), round(two["gap"], 2)) == (-0.07, 0.01)
    assert two["low"] < 0 < two["high"]
    assert abs(two["errors"] / one["errors"] - 1) < 0.01
    assert two["men's"] > one["men's"]  # fewer men
    assert two["precision, women"] < one["precision, women"]
    # The bets, on the part that had no say.
    assert set(bet.values()) == {"lower", "same"}
    assert abs(one["precision, women"] - one["precision, men"]) < 0.05
    assert moved["women's"] < 0.5
    assert moved["precision, women"] < one["precision, women"] - 0.05


def test_the_prose_says_what_is_measured_of_the_vendors(solved):
    asked, table = solved["asked"], solved["people"].X
    assert asked["whitewashed"].tolist() == [False, True]
    assert asked.loc["with sex", "share of sex in the report"] == 0.006
    assert asked.loc["with sex", "largest move of a score"] == pytest.approx(0.41, abs=0.005)
    assert asked.loc["without sex", "largest move of a score"] == 0
    assert round(asked.loc["without sex", "gap"], 2) == -0.07
    relation = pd.crosstab(table["relationship"], table["sex"])
    assert relation.loc["Husband", "Female"] <= 1
    assert relation.loc["Wife", "Male"] <= 3

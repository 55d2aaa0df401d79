"""The lab on importance: its numbers, other right answers, and what wrong ones are told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from real_lab import marked, open_lab

from xaikit.course.labs._mark import mark

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l11_importance")


def test_the_ticket_wins_by_impurity_and_loses_on_new_rows(solved):
    shown = solved["shown"]
    assert shown["impurity"].idxmax() == "ticket"
    assert shown["new rows"].idxmax() == "smoker"
    assert shown.loc["ticket", "new rows"] < 0.1


def test_the_own_importance_is_that_of_the_plot(solved):
    ranking = solved["ranking"]
    assert solved["rises"].shape == (221, 11)
    assert solved["rises"].mean(axis=0) == pytest.approx(ranking[solved["names"]], abs=0.06)


def test_other_right_answers_pass(solved):
    def standing(ax, names, rises):
        mean, half = rises.mean(0), 1.96 * rises.std(0, ddof=1) / len(rises) ** 0.5
        ax.bar(names, mean)
        for k in range(len(names)):
            ax.plot([k, k], [mean[k] - half[k], mean[k] + half[k]])
        ax.set_ylabel("rise")

    def mirrored(rng):
        X, y = solved["twins"](rng)
        return (-1e6 * X).tolist(), (3 * y).tolist()

    for question, answer in (("q5", {"draw": standing}), ("q3", {"twins": mirrored})):
        assert marked(CHECKS, solved, question, **answer).status == "correct"


@pytest.mark.parametrize("reply", [None, "0.5", np.nan, np.zeros(40)])
def test_an_answer_that_tells_nothing_is_worth_nothing(solved, reply):
    names = ("importance", "bet", "twins", "within", "draw", "find", "methods")
    for question, name in zip(CHECKS.points, names, strict=True):
        given = reply if name in ("bet", "methods") else lambda *_: reply
        outcome = marked(CHECKS, solved, question, **{name: given})
        assert (outcome.points, bool(outcome.message)) == (0, True)


@pytest.mark.parametrize("question", ["q1", "q2", "q3", "q4", "q5", "q6", "q7"])
def test_chance_decides_nothing(solved, question):
    points = {mark(CHECKS, question, solved, seed).points for seed in range(60)}
    assert points == {CHECKS.points[question]}


@pytest.mark.parametrize("seed", range(20))
def test_noise_in_y_that_leaves_the_twins_apart_is_no_fault(solved, seed):
    """One draw in twenty of this answer gives the twin more than a fiftieth; nine together none."""

    def twins(rng):
        a = rng.normal(size=200)
        return np.column_stack([a, a + 0.4 * rng.normal(size=200)]), a + 0.3 * rng.normal(size=200)

    assert mark(CHECKS, "q3", {**solved, "twins": twins}, seed).status == "correct"


@pytest.mark.parametrize("question", ["q1", "q4", "q6"])
def test_the_small_case_can_be_run_as_it_stands(solved, question):
    code = mark(CHECKS, question, solved, 3).code
    call, _, expected = code.removeprefix("For example, ").splitlines()
    found, told = eval(call, dict(solved)), eval(expected.removeprefix("  expected  "))
    assert found == told if isinstance(told, str) else np.allclose(found, told)


@pytest.mark.parametrize("change", [np.abs, lambda rises: np.maximum(rises, 0)])
def test_a_rise_keeps_its_sign(solved, change):
    def unsigned(*case):
        return change(solved["importance"](*case))

    outcome = marked(CHECKS, solved, "q1", importance=unsigned)
    assert outcome.status == "wrong"
    assert "A rise may lie below 0" in outcome.message


def test_intervals_across_the_rises_are_named(solved):
    def across(ax, names, rises):
        mean, half = rises.mean(0), 1.96 * rises.std(0, ddof=1) / len(rises) ** 0.5
        ax.errorbar(mean, range(len(names)), yerr=half, fmt="o")
        ax.set(yticks=range(len(names)), yticklabels=names, xlabel="rise")

    outcome = marked(CHECKS, solved, "q5", draw=across)
    assert (outcome.points, "lie across the rises" in outcome.message) == (2, True)


def test_the_few_are_found_in_whatever_form(solved):
    def by_pandas(rises, groups):
        by = pd.Series(rises).groupby(groups)
        low = (by.mean() - 1.96 * by.std() / by.size() ** 0.5)[by.size() >= 10]
        return low.idxmax() if low.max() > 0 else None

    assert marked(CHECKS, solved, "q6", find=by_pandas).status == "correct"


def test_the_few_carry_the_dose(solved):
    few = solved["few"]
    assert list(few.index) == ["everybody", "ward E"]
    assert few.loc["everybody", "dose"] < 0.05 * few.loc["everybody", "age"]
    assert 0.6 < few.loc["ward E", "dose"] / few.loc["ward E", "age"] < 1.4


def test_the_prose_says_what_is_measured(solved):
    rises, names, ranking = solved["rises"], solved["names"], solved["ranking"]
    mean, half = rises.mean(axis=0), 1.96 * rises.std(axis=0, ddof=1) / np.sqrt(len(rises))
    above = {name for name, m, h in zip(names, mean, half, strict=True) if m - h > 0}
    below = {name for name, m, h in zip(names, mean, half, strict=True) if m + h < 0}
    assert (above, below) == ({"s5", "bmi", "bp"}, {"s4"})
    assert ranking["s4"] < ranking["random"]
    s4, random = names.index("s4"), names.index("random")
    assert abs(mean[s4] - mean[random]) < half[random] - half[s4]  # wholly inside
    s1 = solved["beyond"].loc["s1"]
    assert 0.4 < s1["among equals"] / s1["among all"] < 0.6

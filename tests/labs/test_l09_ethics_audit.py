from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from real_lab import marked, open_lab
from sklearn.metrics import roc_auc_score

import xaikit as xk

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l09_ethics_audit")
PROSE = " ".join((LAB / "lab.md").read_text(encoding="utf-8").split())
DISCUSSION = " ".join((LAB / "discussion.md").read_text(encoding="utf-8").split())


def full(solved, question, **changes):
    outcome = marked(CHECKS, solved, question, **changes)
    assert outcome.status == "correct", outcome


def lost(solved, question, words, **changes):
    outcome = marked(CHECKS, solved, question, **changes)
    assert outcome.points < CHECKS.points[question], outcome
    assert words in outcome.message, outcome
    return outcome


# What the prose says


def test_what_the_prose_says_about_the_applicants(solved):
    X, group, repays, granted = solved["applications"](50_000, seed=3)
    assert abs(repays[group == 0].mean() - repays[group == 1].mean()) < 0.02
    assert X["district"][group == 1].mean() == pytest.approx(0.85, abs=0.02)
    able = repays == 1
    there = (X["district"] == 1).to_numpy()
    assert granted[able & there].mean() == pytest.approx(0.5, abs=0.02)
    assert granted[able & ~there].mean() == 1
    assert "group" not in X


def test_the_small_bank_by_counting():
    people = [("A", 0)] * 80 + [("B", 0)] * 10 + [("A", 1)] * 20 + [("B", 1)] * 90
    approved = [district == 0 for _, district in people]

    def rate(letter):
        return np.mean(
            [ok for (group, _), ok in zip(people, approved, strict=True) if group == letter]
        )

    truth = [t for t, _ in MODULE._PENCIL.values()]
    assert truth[:3] == pytest.approx([rate("A"), rate("B"), rate("B") / rate("A")])
    assert truth[3] == np.mean(approved)
    assert truth[4] == np.mean([letter == "A" for letter, _ in people])


def test_the_table_is_as_told(solved):
    assert len(solved["colour"]) == 5226
    assert "arrested 5,226 people" in PROSE
    description = solved["arrests"].description
    assert "1997 to 2002" in description
    assert "in how many of six police databases the name was found" in description
    assert "colour" not in solved["inputs"]
    assert "Toronto Star" in solved["arrests"].source


def test_a_model_that_knows_no_colour_has_the_wider_gap(solved):
    colour, released = solved["colour"], solved["released"]

    def gap(decisions):
        return decisions[colour == 0].mean() - decisions[colour == 1].mean()

    draws = solved["draws_of"](len(colour))
    for seed in range(10):
        chance = solved["held_out"](solved["inputs"], released, seed)
        model = (chance >= 0.75).astype(int)
        assert abs(model.mean() - released.mean()) < 0.025
        assert gap(model) > gap(released) + 0.03
        # Not by chance, nor because it releases fewer: so too at exactly their share.
        same = (chance >= np.quantile(chance, 1 - released.mean())).astype(int)
        for decisions in (model, same):
            wider = [
                d[c == 0].mean() - d[c == 1].mean()
                for d, c in ((decisions[each] - released[each], colour[each]) for each in draws)
            ]
            assert np.quantile(wider, 0.025) > 0
    below = solved["let_go"] < 0.75
    assert released[below].mean() == pytest.approx(2 / 3, abs=0.03)
    assert "of the people whom it puts below 0.75, the officers released two in three" in PROSE


def test_the_lines_of_the_form_give_what_is_measured(solved):
    colour, released, let_go = (solved[name] for name in ("colour", "released", "let_go"))
    interval, alone = solved["interval"], solved["stand_ins"]()
    assert interval((let_go >= 0.75).astype(int), colour)[0] > 0.1
    assert alone.drop("all together").max() < 0.62 < alone["all together"] - 0.03
    assert max(abs(interval((let_go >= 0.3).astype(int), colour))) < 0.05
    assert (let_go >= 0.3).mean() > 0.99
    files = solved["same_files"]()
    assert files.loc["5 files", ["of group 0", "of group 1"]].tolist() == [0.66, 0.53]
    assert "in five files the officers released 66% of group 0 and 53% of group 1" in PROSE
    assert files.loc["5 files", "gap from"] < -0.02 < 0.2 < files.loc["5 files", "to"]
    assert files.loc["0 files", ["of group 0", "of group 1"]].tolist() == [0.93, 0.84]
    assert "none of the six files the officers released 93% of group 0 and 84%" in PROSE
    assert files.loc["0 files", "gap from"] > 0.02
    low, high = interval(released, colour)
    assert (round(low, 2), round(high, 2)) == (0.09, 0.14)
    assert "The officers' gap is 12 points, 95% interval 9 to 14" in PROSE
    assert round(released[colour == 0].mean() - released[colour == 1].mean(), 2) == 0.12


def test_the_intervals_hold_for_other_draws(solved):
    colour, released = solved["colour"], solved["released"]
    five = (solved["arrests"].X["checks"] == 5).to_numpy()
    for seed in range(1, 6):
        draws = solved["draws_of"](five.sum(), 1000, seed)
        low, high = solved["gap_interval"](released[five], colour[five], draws)
        assert low < -0.02 < 0.2 < high
        draws = solved["draws_of"](len(colour), 300, seed)
        low, high = solved["gap_interval"](released, colour, draws)
        assert 0.08 < low < high < 0.16


def test_the_thresholds_with_even_groups_say_the_same_to_nearly_everybody(solved):
    shares = solved["even"]()
    assert list(shares.index) == [0.3, 0.35, 0.4, 0.45, 0.95]
    assert ((shares > 0.985) | (shares < 0.001)).all()
    assert "only where 98.8% or more are released, or nobody" in DISCUSSION
    assert shares[shares > 0.5].min() == 0.988


def test_the_discussion_gives_the_numbers_that_are_measured(solved):
    table, alone = solved["second_form"](), solved["stand_ins"]()
    officers, model = table.loc["the officers"], table.loc["the model, from 0.75"]
    assert f"releases {model['of group 0']:.0%} of group 0 and {model['of group 1']:.0%}" in (
        DISCUSSION
    )
    assert f"released {officers['of group 0']:.0%} and {officers['of group 1']:.0%}" in DISCUSSION
    assert f"{model['gap from']:.0%} to {model['to']:.0%}" == "14% to 19%"
    assert "from 14 to 19 points" in DISCUSSION
    assert f"more than {alone.drop('all together').max():.2f}, while together" in DISCUSSION
    assert f"they reach {alone['all together']:.2f}" in DISCUSSION
    gap = solved["same_files"]().loc["0 files"]
    assert f"by {100 * gap['gap from']:.0f} to {100 * gap['to']:.0f} points" in DISCUSSION
    checks, released = solved["arrests"].X["checks"], solved["released"]
    rates = pd.Series(released).groupby(checks.to_numpy()).mean()[:6]
    assert rates.is_monotonic_decreasing


def test_the_form_is_not_ready_and_for_the_reason_told(solved):
    filed = solved["filed"]
    assert filed.verdict == "not ready"
    assert not filed.unproven
    assert not filed.refused
    table = filed.to_frame().query("status != 'unanswered'")
    assert len(table) == 5
    assert table.query("blocking and status == 'no'").index.tolist() == ["errors-by-group"]
    assert len(xk.checklist.load()) == 31
    assert "It has 31 questions; these are five of them" in PROSE


# The small cases, and right answers of other kinds


def test_the_small_cases_are_those_of_the_solutions(solved):
    for question in CHECKS.points:
        outcome = marked(CHECKS, solved, question)
        case = re.search(r"gave +(\S.*)\n +expected +(\S.*)", outcome.code)
        assert case is None or "<" in case[2] or case[1] == case[2], outcome


def test_the_areas_by_counting_pairs():
    for X, group in MODULE._columns(5):
        for name, area in zip(X, MODULE._areas(X, group), strict=True):
            pairs = itertools.product(X[name][group == 1], X[name][group == 0])
            assert area == pytest.approx(np.mean([(a > b) + (a == b) / 2 for a, b in pairs]))


def test_other_right_answers_pass(solved):
    def by_pandas(approved, group):
        rates = pd.Series(approved).groupby(group).mean()
        low, high = rates.min(), rates.max()
        return {"ratio": low / high if high else 1, "rates": rates.tolist()}

    def at_once(approved, group, draws):
        a, one = approved[draws], group[draws] == 1
        gaps = (a * ~one).sum(1) / (~one).sum(1) - (a * one).sum(1) / one.sum(1)
        return tuple(np.quantile(gaps, q) for q in (0.025, 0.975))

    def in_a_series(X, group):
        return X.apply(lambda c: max(roc_auc_score(group, c), roc_auc_score(1 - group, c)))

    def in_an_array(chance, group, draws, thresholds, limit):
        ends = [solved["gap_interval"](chance >= t, group, draws) for t in thresholds]
        return np.sort(thresholds[np.abs(ends).max(axis=1) <= limit])

    full(solved, "q1", approval=by_pandas)
    full(solved, "q3", gap_interval=at_once)
    full(solved, "q4", proxies=in_a_series)
    full(solved, "q4", proxies=lambda X, group: dict(in_a_series(X, group)))
    full(solved, "q7", alike=in_an_array)


def test_other_loopholes_pass(solved):
    full(solved, "q5", loophole=lambda table: lambda rows: rows["district"])
    full(solved, "q5", loophole=lambda table: lambda rows: (rows["district"] < 1).tolist())


def test_other_drawings_pass(solved):
    def by_pandas(ax, chance, group):
        t = np.arange(0, 1.01, 0.01)
        shares = {f"group {g}": [(chance[group == g] < x).mean() for x in t] for g in (1, 0)}
        pd.DataFrame(shares, index=t).plot(ax=ax, xlabel="Threshold", ylabel="Refused")

    def names_in_the_legend(ax, chance, group):
        t = np.linspace(0, 1, 201)
        ax.axvline(0.5)
        for g in (0, 1):
            ax.step(t, [np.mean(chance[group == g] < x) for x in t])
        ax.set(xlabel="threshold", ylabel="refused")
        ax.legend(ax.lines[1:], ["group 0", "group 1"])

    full(solved, "q6", draw=by_pandas)
    full(solved, "q6", draw=names_in_the_legend)


# Answers that tell nothing

ANSWERS = {
    "q1": "approval", "q3": "gap_interval", "q4": "proxies", "q5": "loophole", "q6": "draw",
    "q7": "alike",
}  # fmt: skip
REPLIES = {
    "nothing": (None, {"q5": "it returned nothing", "q6": "no curve", "": "Nothing came back"}),
    "text": ("0.5", {"q5": "a function of tables", "q6": "no curve", "": "no number"}),
    "not a number": (np.nan, {"q5": "a function", "q6": "no curve", "": "NaN"}),
    "too many": (np.zeros(40), {"q1": "a dictionary", "q5": "a function", "q6": "no curve",
                                "q7": "themselves", "": "(40,)"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", REPLIES)
def test_an_answer_that_tells_nothing_is_told_so(solved, kind):
    reply, words = REPLIES[kind]
    for question, name in ANSWERS.items():
        outcome = lost(
            solved, question, words.get(question, words[""]), **{name: lambda *_, **__: reply}
        )
        assert (outcome.points, outcome.status) == (0, "wrong"), outcome
    for question, name in (("q2", "predicted"), ("q8", "form")):
        assert marked(CHECKS, solved, question, **{name: reply}).points == 0


def test_guesses_earn_nothing_and_the_wrong_line_is_not_named(solved):
    for word in MODULE._PRINCIPLES:
        assert marked(CHECKS, solved, "q8", form=dict.fromkeys("abcdefgh", word)).points == 0
    outcome = lost(solved, "q8", "7 of 8 are right", form={**solved["form"], "c": "sound"})
    assert outcome.points == 1
    assert "`" not in outcome.message


def test_the_hints_to_the_pencil_do_not_say_the_numbers(solved):
    wrong = dict.fromkeys(solved["predicted"], 7)
    message = marked(CHECKS, solved, "q2", predicted=wrong).message
    assert not {"0.8", "0.1", "0.125", "0.45", "0.5"} & set(re.findall(r"\d+\.?\d*", message))


@pytest.mark.parametrize("question", ["q1", "q3", "q4", "q5", "q6", "q7"])
def test_chance_decides_nothing(solved, question):
    seeds = range(100, 120)
    outcomes = {xk.course.labs._mark.mark(CHECKS, question, solved, seed).points for seed in seeds}
    assert outcomes == {CHECKS.points[question]}

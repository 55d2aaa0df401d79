"""The lab on mending models: its numbers, other right answers, and what wrong ones are told."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from real_lab import marked, open_lab

from xaikit.course.labs._mark import mark

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l15_debugging")
NAMES = ("split_by_time", "leak_scores", "repairs", "suspects", "bet", "draw")


def _clear(groups, chance=0.05):
    """Which slices have an interval that excludes 0."""
    z = NormalDist().inv_cdf(1 - chance / 2)
    found = {}
    for name, g in groups.items():
        if abs(g.mean()) > z * g.std(ddof=1) / np.sqrt(len(g)):
            found[name] = np.sign(g.mean())
    return found


def test_the_split_by_time_does_not_show_the_leak(solved):
    forest, y, unseen = solved["forest"], solved["y"], solved["unseen"]
    archive, noon = (solved[name].to_numpy()[unseen] for name in ("archive", "noon"))
    assert solved["error"](forest, archive, y[unseen]) == pytest.approx(240, abs=5)
    assert solved["error"](forest, noon, y[unseen]) > 3000
    assert solved["by_time"].tolist() == pytest.approx([231, 4771], abs=1)


def test_the_score_of_the_change_finds_the_two_leaks_and_no_honest_column(solved):
    leaks = solved["leaks"]
    assert set(leaks.index[leaks["change"] > 0.9]) == {"vans", "parts"}
    assert leaks["change"].drop(["vans", "parts"]).max() <= 0.03
    assert leaks.loc[["temp", "staff"], "archive"].min() > 0.5


def test_each_repair_does_what_the_answer_says(solved):
    before, measured = solved["by_time"], solved["measured"]
    for name, (word, _) in MODULE._REPAIRS.items():
        archive, in_use = measured.loc[name]
        said = {
            "mends": in_use < 2500,
            "hides": archive > before["archive"] + 100 and in_use > 3500,
            "nothing": abs(archive - before["archive"]) < 100
            and abs(in_use - before["noon"]) < 100,
        }
        assert [key for key, holds in said.items() if holds] == [word]


def test_the_credit_moves_to_the_stand_in(solved):
    moved = solved["moved"]
    assert moved["before"].idxmax() == "vans"
    assert moved.loc["vans", "before"] > 1000
    assert moved.loc["parts", "before"] == pytest.approx(40, abs=5)
    assert moved["a"].idxmax() == "parts"
    assert moved.loc["parts", "a"] > 500
    assert moved["b"].idxmax() == "temp"


def test_what_mends_is_a_column_that_noon_knows(solved):
    assert solved["mended"].tolist() == pytest.approx([2218, 937], abs=1)
    y, past = solved["y"], solved["past"]
    assert past[100] == pytest.approx(y[93:100].mean())  # today is not in it


def test_suspects_found_with_and_without_having_seen_the_row(solved):
    found = solved["found"]
    assert found.loc["forest"].tolist() == [11, 12]
    assert found.loc["full tree"].tolist() == [8, 0]


def test_the_days_most_doubted(solved):
    doubted = solved["doubted"]
    assert doubted["hours in the table"].loc["2012-10-29"] == 1
    assert doubted["hours in the table"].loc["2012-10-30"] == 11
    assert doubted["hours in the table"].loc["2012-11-22"] == 24
    assert doubted.index[0].strftime("%Y-%m-%d") == "2012-10-29"
    assert len(solved["dates"]) == len(solved["weather"]) == 731


def test_six_slices_are_one_fault_seen_six_times(solved):
    slices, apart = solved["slices"], solved["apart"]
    assert len(slices) == 13
    assert sum(g.mean() > 0 for g in slices.values()) == 12
    six = {"Wednesday", "Thursday", "Friday", "July", "August", "September"}
    assert set(_clear(slices, 0.05 / 13)) == six
    assert solved["left"].mean() == pytest.approx(470, abs=5)
    assert set(_clear(apart, 0.05 / 13)) == {"September"}
    assert set(_clear(apart)) == {"Wednesday", "Sunday", "September"}


def test_other_right_answers_pass(solved):
    def standing(ax, names, groups):
        z = NormalDist().inv_cdf(1 - (1 - 0.95 ** (1 / len(groups))) / 2)
        for k, group in enumerate(groups):
            half = z * group.std(ddof=1) / len(group) ** 0.5
            ax.plot([k, k], [group.mean() - half, group.mean() + half])
        ax.bar(names, [group.mean() for group in groups])
        ax.plot([-1, len(groups)], [0, 0])
        ax.set_ylabel("error")

    def another_order(times, share):
        train, test = solved["split_by_time"](times, share)
        return train[::-1].tolist(), tuple(test[::-1])

    sidak = {"expected": 0.65, "any": 0.49, "level": 1 - 0.95 ** (1 / 13)}
    for question, answer in (
        ("q1", {"split_by_time": another_order}),
        ("q5", {"bet": sidak}),
        ("q6", {"draw": standing}),
    ):
        assert marked(CHECKS, solved, question, **answer).status == "correct"


@pytest.mark.parametrize("reply", [None, "0.5", np.nan, np.zeros(40), (), ([], [])])
def test_an_answer_that_tells_nothing_is_worth_nothing(solved, reply):
    for question, name in zip(CHECKS.points, NAMES, strict=True):
        given = reply if name in ("bet", "repairs") else lambda *_: reply
        outcome = marked(CHECKS, solved, question, **{name: given})
        assert (outcome.points, bool(outcome.message)) == (0, True)


@pytest.mark.parametrize("reply", [["0.5"], ["a", 1], [[1, 2], 3], [1.5], [-1], [99]])
def test_places_that_are_none_are_refused_in_words(solved, reply):
    outcome = marked(CHECKS, solved, "q1", split_by_time=lambda *_: (reply, [0]))
    assert (outcome.points, bool(outcome.message)) == (0, True)


@pytest.mark.parametrize("question", CHECKS.points)
def test_chance_decides_nothing(solved, question):
    points = {mark(CHECKS, question, solved, seed).points for seed in range(60)}
    assert points == {CHECKS.points[question]}

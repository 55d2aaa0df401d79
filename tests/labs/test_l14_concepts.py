"""The lab on concepts: its numbers, other right answers, and what wrong ones are told."""

from __future__ import annotations

import numpy as np
import pytest
from real_lab import marked, open_lab

from xaikit.course.labs._mark import mark

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l14_concepts")


def test_random_directions_score_all_or_none_in_a_linear_head(solved):
    assert set(solved["shown"].index) == {0.0, 1.0}


def test_the_own_derivative_is_the_exact_one_on_the_network(solved):
    W, b, rows = solved["W"], solved["b"], solved["sevens"]
    v = solved["concept_vector"](solved["layer"](solved["barred"]), solved["base"])
    z = rows @ W + b
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    exact = W[:, 7] @ v - p @ (v @ W)
    got = solved["derivatives"](solved["seven"], rows, v)
    assert got == pytest.approx(exact, abs=1e-6)


def test_the_scores_and_p_values_are_possible(solved):
    table = solved["table"]
    assert table["score"].between(0, 1).all()
    assert table["p"].between(3 / 101, 1).all()


def test_the_prose_says_what_is_measured(solved):
    bar, chance = solved["table"].loc["bar"], solved["chance"]
    assert (bar["score"], len(solved["sevens"])) == (0, 105)
    assert bar["p"] == pytest.approx(0.48, abs=0.01)
    assert bar["change"] == pytest.approx(-3.06, abs=0.05)
    assert np.isin(chance, [0, 1]).sum() == 15


def test_other_right_answers_pass(solved):
    def standing(ax, names, scores, random):
        low, high = np.percentile(random, [2.5, 97.5], axis=0)
        ax.bar(names, scores)
        ax.vlines(range(len(names)), low, high)
        ax.set_ylabel("score")

    def last(concept, other):
        return solved["choose"](concept[::-1], other[::-1]) * -1 + len(concept) - 1

    for question, answer in (("q5", {"choose": last}), ("q7", {"draw": standing})):
        assert marked(CHECKS, solved, question, **answer).status == "correct"


@pytest.mark.parametrize("reply", [None, "0.5", np.nan, np.zeros(41)])
def test_an_answer_that_tells_nothing_is_worth_nothing(solved, reply):
    names = ("concept_vector", "derivatives", "tested", "bet", "choose", "verdicts", "draw")
    for question, name in zip(CHECKS.points, names, strict=True):
        given = reply if name in ("bet", "verdicts") else lambda *_: reply
        outcome = marked(CHECKS, solved, question, **{name: given})
        assert (outcome.points, bool(outcome.message)) == (0, True)


@pytest.mark.parametrize("question", list(CHECKS.points))
def test_chance_decides_nothing(solved, question):
    points = {mark(CHECKS, question, solved, seed).points for seed in range(60)}
    assert points == {CHECKS.points[question]}

from __future__ import annotations

import itertools
import json
import math
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from real_lab import marked, open_lab

from xaikit import games
from xaikit.course.labs._source import read_source

LAB, CHECKS, MODULE = open_lab("l03_shapley")
QUESTIONS = tuple(CHECKS.points)


@pytest.fixture(scope="module")
def source():
    return read_source(LAB)


def test_the_notebook_and_the_checks_know_the_same_friday(solved):
    coalitions = MODULE._rows(3)
    np.testing.assert_array_equal(solved["friday"](coalitions), MODULE.FRIDAY)
    assert solved["friday"].players == MODULE.MEMBERS
    assert list(solved["patients"].columns) == MODULE.FEATURES
    assert len(solved["patients"]) == 442


def test_what_the_prose_says_about_friday():
    by_hand = np.mean(list(MODULE._by_order(MODULE.FRIDAY)), axis=0)
    np.testing.assert_allclose(by_hand, [43, 22, 55], rtol=1e-12)
    np.testing.assert_allclose(games.shapley_values(MODULE._game(MODULE.FRIDAY, 3), 3), by_hand)
    nobody, *_, all_three = MODULE.FRIDAY
    assert (nobody, all_three, all_three - nobody) == (12, 132, 120)
    assert MODULE.FRIDAY[0b011] == 60  # without the voice
    assert MODULE.FRIDAY[0b110] == 72  # without the violin
    assert all_three - MODULE.FRIDAY[0b011] == 72  # the voice, last
    assert all_three - MODULE.FRIDAY[0b110] == 60  # the violin, last


def test_what_the_prose_says_about_the_three_tables(solved):
    verdicts = {
        name: solved["audit"](solved["hat_of_band"], 4, shares.to_numpy())
        for name, shares in solved["tables"].items()
    }
    assert verdicts == {"Ada": {"dummy"}, "Ben": {"efficiency"}, "Cleo": set()}
    assert solved["tables"]["Ben"].sum() == MODULE.FRIDAY[-1] - MODULE.FRIDAY[0] + 6
    np.testing.assert_allclose(solved["tables"]["Ben"][:3], MODULE._banzhaf(MODULE.FRIDAY))
    np.testing.assert_array_equal(
        solved["tables"]["Cleo"][:3], next(MODULE._by_order(MODULE.FRIDAY))
    )


def test_what_the_prose_says_about_the_patient(solved):
    assert solved["patient"]["age"].item() == 56
    attribution = solved["attribution"]["bmi"]
    weight = solved["model"].coef_[1]
    mean = solved["patients"]["bmi"].mean()
    assert attribution == pytest.approx(weight * (solved["patient"]["bmi"].item() - mean))
    assert weight > 0


def test_the_game_of_question_5_gives_what_explain_gives(solved):
    patients, model = solved["patients"], solved["model"]
    row, background = patients.iloc[11].to_numpy(), patients.to_numpy()

    def predict(rows):
        return rows @ model.coef_ + model.intercept_

    values = games.shapley_values(solved["model_game"](predict, row, background), 6)
    np.testing.assert_allclose(values, solved["attribution"], atol=1e-9)


def test_the_truth_of_the_judges_is_the_mean_over_orders():
    """Another way to the same values than the library that the judge uses."""
    for v in MODULE._random_values(5):
        n = len(v).bit_length() - 1
        values = np.zeros(n)
        for order in itertools.permutations(range(n)):
            present = 0
            for player in order:
                values[player] += v[present | 1 << player] - v[present]
                present |= 1 << player
        np.testing.assert_allclose(MODULE._shapley(v), values / math.factorial(n))


def test_the_tables_to_audit_break_what_is_said():
    """The audit of the solution is held to the tables for many seeds, not only three."""
    for seed in range(60):
        tables = MODULE._audit_tables(seed)
        for (v, shares), broken in zip(tables, MODULE.BROKEN, strict=True):
            adds_up = math.isclose(shares.sum(), v[-1] - v[0], rel_tol=1e-9)
            assert adds_up == ("efficiency" not in broken)
            dummies = [i for i in range(4) if np.allclose(MODULE._added(v, i), 0)]
            assert any(abs(shares[i]) > 1e-6 for i in dummies) == ("dummy" in broken)


def test_other_right_answers_are_right_too(solved):
    def by_orders(game, n_players):
        values = np.zeros(n_players)
        for order in itertools.permutations(range(n_players)):
            for place, player in enumerate(order):
                rows = np.zeros((2, n_players), dtype=bool)
                rows[:, list(order[:place])] = True
                rows[1, player] = True
                before, after = game(rows)
                values[player] += after - before
        return list(values / math.factorial(n_players))

    def committee(coalitions):
        return [float(row.sum() >= 2) for row in coalitions]

    def best_of(coalitions):
        return (coalitions * [2, 3, 1]).max(axis=1)

    def ten_heaviest_ones(patients, patient):
        return patients.nlargest(25, "bmi").index

    def audit_as_list(game, n_players, shares):
        return sorted(solved["audit"](game, n_players, shares), reverse=True)

    assert marked(
        CHECKS, solved, "q1", settled={"voice": 55.0, "drum": 22, "violin": np.float64(43)}
    )
    assert marked(CHECKS, solved, "q2", shapley=by_orders).status == "correct"
    assert marked(CHECKS, solved, "q4", spare=committee).status == "correct"
    assert marked(CHECKS, solved, "q4", spare=best_of).status == "correct"
    assert marked(CHECKS, solved, "q6", choose_background=ten_heaviest_ones).status == "correct"
    assert marked(CHECKS, solved, "q7", audit=audit_as_list).status == "correct"


@pytest.mark.parametrize("question", ["q2", "q4", "q5", "q7"])
def test_a_reply_made_for_one_seed_is_worth_nothing_for_another(solved, question):
    """A forged reply would have to hold right answers to inputs it has never seen."""
    reply = json.loads(json.dumps(CHECKS.probes[question](solved, 3)))
    assert CHECKS.judges[question](reply, 3)[0] == CHECKS.points[question]
    assert {CHECKS.judges[question](reply, seed)[0] for seed in range(100, 110)} == {0}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=12), inner, max_size=6)
    ),
    max_leaves=30,
)


@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=60, deadline=None)
@given(reply=JSON, seed=st.integers(0, 50))
def test_a_judge_takes_whatever_comes(question, reply, seed):
    points, hint = CHECKS.judges[question](reply, seed)
    assert 0 <= points < CHECKS.points[question]
    assert hint


@settings(max_examples=60, deadline=None)
@given(
    question=st.sampled_from(QUESTIONS),
    place=st.integers(0, 7),
    odd=st.sampled_from([None, "x", math.nan, math.inf, -1e300, 10**400, [], {}, [[1], [2]]]),
)
def test_a_judge_takes_a_right_reply_with_one_odd_part(solved, question, place, odd):
    reply = json.loads(json.dumps(CHECKS.probes[question](solved, 3)))
    places = sorted(reply) if isinstance(reply, dict) else range(len(reply))
    chosen = places[place % len(places)]
    assume(json.dumps(odd) != json.dumps(reply[chosen]))  # [] is right for a fair table
    reply[chosen] = odd
    points, hint = CHECKS.judges[question](reply, 3)
    assert 0 <= points < CHECKS.points[question]
    assert hint


def test_the_learners_notebook_holds_no_answer(source):
    shown = (LAB / "lab.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in shown
    assert "mutant" not in shown
    assert shown.count("NotImplementedError") == 5
    for mutant in source.mutants:
        assert mutant.source not in shown
    for answer in source.answers.values():
        assert json.dumps(answer.solved)[1:-1] not in shown
        assert not any(hint in shown for hint in answer.hints)
    # The shares of Friday stand in no other place either, such as a table of question 7.
    cells = ["".join(cell["source"]) for cell in json.loads(shown)["cells"]]
    for share in (43, 22, 55):
        assert not any(re.search(rf"\b{share}\b", cell) for cell in cells)

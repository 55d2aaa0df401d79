from __future__ import annotations

import numpy as np
import pytest
from real_lab import open_lab

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l09_ethics_audit")


def test_what_the_prose_says_about_the_applicants(solved):
    X, group, repays, granted = solved["applications"](50_000, seed=3)
    assert abs(repays[group == 0].mean() - repays[group == 1].mean()) < 0.02
    assert X["district"][group == 1].mean() == pytest.approx(0.85, abs=0.02)
    able = repays == 1
    there = (X["district"] == 1).to_numpy()
    assert granted[able & there].mean() == pytest.approx(0.5, abs=0.02)
    assert granted[able & ~there].mean() == 1
    assert "group" not in X


def test_the_last_paragraph_is_true(solved):
    before = solved["audit"](solved["approved"], solved["X"], solved["group"], solved["repays"])
    without = solved["X"].drop(columns="district")
    model = solved["make_pipeline"](solved["StandardScaler"](), solved["LogisticRegression"]())
    approved = model.fit(without, solved["granted"]).predict(without)
    after = solved["audit"](approved, solved["X"], solved["group"], solved["repays"])
    assert {name for name in before if before[name][0] != after[name][0]} >= {
        "equal approval",
        "equal opportunity",
    }
    assert before["no proxy"][0] == after["no proxy"][0] == "no"


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


@pytest.mark.parametrize("seed", range(5))
def test_the_three_audits_have_both_answers_to_every_entry(seed):
    forms = [MODULE._form(*case) for case in MODULE._audits(seed)]
    for name in MODULE._SAYS_7:
        answers = {
            sense * (number - limit) >= 0 for number, limit, sense in (f[name] for f in forms)
        }
        assert answers == {True, False}, name


def test_a_gap_either_way_occurs():
    gaps = [MODULE._gap(a, r, g) for a, _, g, r in MODULE._audits(3)]
    assert min(gaps) < -0.1
    assert max(gaps) > 0.1

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from real_lab import marked, open_lab

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l01_global_local")


def test_what_the_prose_says_about_the_patients(solved):
    patients = solved["patients"]
    assert len(patients) == 297
    assert patients.loc[101, "age"] == 67
    assert patients.loc[101, "chol"] == patients["chol"].max() == 564
    assert solved["misfit"](solved["explanation"].values) == patients.index.get_loc(101)
    assert solved["contributions"]["ca"] < 0 < solved["contributions"]["chol"]


def test_the_second_ward_by_brute_force(solved):
    ward = np.array(list(product([1.0], [50.0, 60.0, 70.0], [120.0, 130.0, 140.0])))
    weights = np.array([30, 2, 0.5])
    contributions = weights * (ward - ward.mean(axis=0))
    patient_a = weights * (np.array([1, 50, 140]) - ward.mean(axis=0))
    importance = np.abs(contributions).mean(axis=0)
    assert solved["predicted"] == {
        "importance of smoker": pytest.approx(importance[0]),
        "importance of age": pytest.approx(importance[1]),
        "contribution of smoker, patient A": pytest.approx(patient_a[0]),
        "contribution of age, patient A": pytest.approx(patient_a[1]),
        "contribution of smoker, new patient": pytest.approx(weights[0] * (0 - ward[:, 0].mean())),
    }


def test_a_shuffle_in_place_is_told(solved):
    def in_place(predict, X, y, random_state):
        rises = solved["importance"](predict, X, y, random_state)
        X[:] = 0
        return rises

    outcome = marked(CHECKS, solved, "q1", importance=in_place)
    assert 0 < outcome.points < CHECKS.points["q1"]
    assert "came back changed" in outcome.message


@pytest.mark.parametrize("word", ["ranking", "patient", "neither"])
def test_one_word_for_all_sentences_earns_nothing(solved, word):
    assert marked(CHECKS, solved, "q7", report=dict.fromkeys("abcdef", word)).points == 0


def test_another_flat_curve_passes(solved):
    def flat(n, random_state):
        X = np.random.default_rng(random_state).normal(size=(n, 3))
        X[:, 2] = np.resize([0.0, np.pi], n)
        return X, lambda X: 5 + np.sin(X[:, 0] + X[:, 2])

    assert marked(CHECKS, solved, "q3", flat=flat).points == CHECKS.points["q3"]


def test_what_the_nurse_gets_for_patient_101(solved):
    def log_odds(X):
        names = solved["patients"].columns
        return solved["model"].decision_function(solved["pd"].DataFrame(X, columns=names))

    row = solved["patients"].loc[101].to_numpy(dtype=float)
    wanted = solved["needed"](log_odds, row, list(solved["patients"]).index("chol"), 0.10)
    moved = solved["patients"].loc[[101]].assign(chol=wanted)
    assert solved["model"].predict_proba(moved)[0, 1] == pytest.approx(0.10)
    assert 0 < wanted < 564

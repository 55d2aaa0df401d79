from __future__ import annotations

import numpy as np
import pytest
from real_lab import marked, open_lab

import xaikit as xk

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l08_truth")


def test_which_measure_sees_which_fault():
    values = np.array([[3.0, -2.0, 1.0, -0.5]])

    def predict(X):
        return np.asarray(X) @ [3.0, -2.0, 1.0, -0.5]

    def explained(changed):
        return xk.Explanation(
            values=changed, base_values=[0.0], predictions=predict(np.ones((1, 4))),
            data=np.ones((1, 4)), feature_names=tuple("abcd"), output_name="prediction",
            output_space="prediction", method="", why="", estimated=False,
        )  # fmt: skip

    measures = {
        "deletion area": lambda e: xk.evaluate.deletion(predict, e, background=[[0.0] * 4]).area,
        "error against the truth": lambda e: xk.evaluate.error(e, values).rmse,
        "entropy of the sizes": lambda e: xk.evaluate.entropy(e).mean,
        "sum of the values": lambda e: e.values.sum(),
    }
    faults = {
        "all values doubled": 2 * values,
        "all signs reversed": -values,
        "two of them swapped": values[:, [1, 0, 2, 3]],
    }
    for name, (truth, _) in MODULE._CHANGES.items():
        measure, fault = name.split(", ")
        before, after = (measures[measure](explained(v)) for v in (values, faults[fault]))
        assert bool(abs(before - after) > 1e-9) is truth, name


def test_the_area_is_that_of_xaikit(solved):
    for row, values, reference in MODULE._charts(5):
        e = xk.Explanation(
            values=values[None], base_values=[0.0], predictions=MODULE._bent(row[None]),
            data=row[None], feature_names=None, output_name="prediction",
            output_space="prediction", method="", why="", estimated=False,
        )  # fmt: skip
        theirs = xk.evaluate.deletion(MODULE._bent, e, background=reference[None])
        ours = solved["deletion_area"](MODULE._bent, row, values, reference)
        assert theirs.area == pytest.approx(ours)


def test_a_neighbour_that_is_the_row_must_not_divide(solved):
    def divides(explain, row, neighbours):
        moved = np.linalg.norm(neighbours - row, axis=1)
        turned = np.linalg.norm(explain(neighbours) - explain(row[None]), axis=1)
        return np.divide(turned, moved, out=np.full(len(moved), np.nan), where=moved > 0).max()

    assert marked(CHECKS, solved, "q3", instability=divides).points == 0


def test_other_twins_and_rivals_pass(solved):
    def spare(n, random_state):
        X = np.ones((n, 3), dtype=int)
        return X, lambda X: X[:, :2].max(axis=1) + X[:, 2]

    def rivals(n, random_state):
        y = np.random.default_rng(random_state).permutation(np.resize([0, 1], n))
        X = np.column_stack([y * 9.0, -y])
        return X, y, lambda X: X[:, 0] > 1, lambda X: X[:, 1] < -0.5

    assert marked(CHECKS, solved, "q5", spare=spare).points == CHECKS.points["q5"]
    assert marked(CHECKS, solved, "q6", rivals=rivals).points == CHECKS.points["q6"]


@pytest.mark.parametrize("word", ["shown", "not shown"])
def test_one_word_for_all_slides_earns_nothing(solved, word):
    assert marked(CHECKS, solved, "q7", slides=dict.fromkeys("abcdef", word)).points == 0


@pytest.mark.parametrize("answer", [True, False])
def test_one_answer_for_all_faults_earns_nothing(solved, answer):
    assert marked(CHECKS, solved, "q2", changes=dict.fromkeys(MODULE._CHANGES, answer)).points == 0

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from real_lab import open_lab

from xaikit import attention

LAB, CHECKS, MODULE = open_lab("l07_attention")


def test_the_rollout_is_that_of_xaikit():
    weights, residual = MODULE._layers(5)
    theirs = attention.rollout(weights[None], residual=residual)[0]
    np.testing.assert_allclose(MODULE._rolled(weights, residual), theirs, atol=1e-12)


def test_the_numbers_that_the_prose_asks_for():
    truth = {name: value for name, (value, _) in MODULE._NUMBERS.items()}
    uniform = np.full((1, 2, 1, 2, 2), 0.5)
    same = np.broadcast_to(np.eye(3), (1, 3, 1, 3, 3))
    found = [
        MODULE._softmax(np.array([[0.0, 0, 0, 0, -np.inf]]))[0, 0],
        0.3,
        attention.rollout(same)[0, 0, 0],
        attention.rollout(uniform, residual=0.5)[0, 0, 0],
        0.0,
    ]
    assert found == pytest.approx(list(truth.values()))
    scores = np.log([0.3, 0.5, 0.2])[None]
    np.testing.assert_allclose(MODULE._softmax(scores + 7), MODULE._softmax(scores))


@pytest.mark.parametrize("seed", range(20))
def test_every_seed_leaves_room_for_another_pattern(seed):
    # The question must be solvable whatever the seed of the grading.
    for weights, V in MODULE._patterns(seed):
        equations = np.column_stack([V, np.ones(len(V))]).T
        changes = np.linalg.svd(equations)[2][len(equations) :]
        steps = [
            (weights[c < 0] / -c[c < 0]).min() * np.abs(c).sum() / 2 for c in [*changes, *-changes]
        ]
        assert max(steps) > 0.1


def test_guessing_the_poster_earns_nothing():
    for word in ("supported", "not supported"):
        points, _ = CHECKS.judges["q7"](dict.fromkeys("abcdef", word), 3)
        assert points == 0


def test_all_guesses_of_the_poster_earn_little_on_average():
    words = ("supported", "not supported")
    earned = [
        CHECKS.judges["q7"](dict(zip("abcdef", guess, strict=True)), 3)[0]
        for guess in product(words, repeat=6)
    ]
    assert np.mean(earned) < 0.1 * CHECKS.points["q7"]


@pytest.fixture(scope="module")
def jobs():
    """Another way to the same numbers: word by word, in single precision."""
    found = []
    for step in MODULE._STEPS:
        by_text = []
        for one in MODULE._real_maps(3):
            last = one.shape[-1] - 1
            pairs = [(q, q + step) for q in range(1, last) if 1 <= q + step < last]
            by_text.append(np.mean([one[..., q, k].astype(np.float32) for q, k in pairs], axis=0))
        found.append(np.mean(by_text, axis=0))
    return np.array(found)


@pytest.mark.slow
def test_a_head_with_a_job_is_measured_in_any_way(jobs):
    points, hint = MODULE.q8_judge(jobs.tolist(), 3)
    assert points == CHECKS.points["q8"]
    assert "the word before" in hint
    assert np.unravel_index(jobs[0].argmax(), (6, 12)) == (0, 2)
    assert jobs[0].max() > 0.95


def test_a_wrong_measure_of_heads_earns_nothing(jobs):
    for wrong in (jobs[[1, 0, 2]], jobs + 0.001, jobs > 0.5, jobs[:2], jobs * np.nan):
        assert MODULE.q8_judge(np.asarray(wrong, dtype=float).tolist(), 3)[0] == 0
    for wrong in (None, "layer 1, head 3", [0, 2], {}):
        assert MODULE.q8_judge(wrong, 3)[0] == 0


@pytest.mark.slow
def test_every_seed_tells_the_wrong_measures_apart():
    for seed in range(3):
        maps = MODULE._real_maps(seed)
        right = MODULE._mean_of_means(MODULE._step_weights(maps, 1))
        for how in ({"words": 0}, {"swapped": True}, {"wrapped": True}):
            wrong = MODULE._mean_of_means(MODULE._step_weights(maps, 1, **how))
            assert np.abs(wrong - right).max() > 0.01

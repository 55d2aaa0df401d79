from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from real_lab import open_lab

from xaikit.course.labs._source import read_source

LAB, CHECKS, MODULE = open_lab("l06_saliency")


def test_the_notebook_and_the_checks_draw_the_same_moles():
    text = (LAB / "lab.md").read_text(encoding="utf-8")
    code = text[text.index("def moles(") : text.index("pictures, ragged = moles(6")]
    names: dict = {"np": np}
    exec(code, names)
    for ours, theirs in zip(MODULE._moles(10, 4), names["moles"](10, 4), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_without_a_ruler_the_simple_model_goes_by_nothing_small():
    # The mark must be what fools it: unmarked, no eight pixels hold half of the saliency.
    pictures, ragged = MODULE._moles(MODULE.N, 3)
    means = [pictures[ragged == k].mean(axis=0) for k in (0, 1)]
    saliency = np.abs((means[1] - means[0]) * (pictures - sum(means) / 2)).sum(axis=0)
    assert np.sort(saliency.ravel())[-8:].sum() < 0.5 * saliency.sum()


@pytest.mark.parametrize("seed", range(15))
def test_the_solution_lays_a_ruler_whatever_the_seed(seed):
    names: dict = {"np": np}
    exec(read_source(LAB).answers["q6"].solved, names)
    points, _ = MODULE.q6_judge(MODULE.q6_probe(names, seed), seed)
    assert points == CHECKS.points["q6"]


def test_the_gradient_of_the_checks_is_one():
    f = MODULE._Network(5)
    step = 1e-6 * np.eye(f.image.size).reshape(-1, *f.image.shape)
    found = (f(f.image + step) - f(f.image - step)) / 2e-6
    np.testing.assert_allclose(
        found.reshape(f.image.shape), f.gradient(f.image[None])[0], rtol=1e-5
    )


def test_all_guesses_of_the_report_earn_little_on_average():
    words = ("supported", "not supported")
    earned = [
        CHECKS.judges["q7"](dict(zip("abcdef", guess, strict=True)), 3)[0]
        for guess in product(words, repeat=6)
    ]
    assert np.mean(earned) < 0.1 * CHECKS.points["q7"]
    for word in words:
        assert CHECKS.judges["q7"](dict.fromkeys("abcdef", word), 3)[0] == 0


@pytest.mark.parametrize("seed", range(10))
def test_why_this_and_not_that_takes_any_factor_and_no_other_map(seed):
    maps, weights = MODULE._head(seed)
    difference = weights[:, 2] - weights[:, 0]
    right = np.maximum(np.einsum("hwk,k->hw", maps, difference), 0)
    for factor in (1.0, 1 / right.size, 1000.0):
        assert MODULE.q8_judge((factor * right).tolist(), seed)[0] == CHECKS.points["q8"]
    for wrong in (-right, right + 0.01, right.T, np.zeros_like(right), right**2, "espresso", None):
        value = wrong.tolist() if isinstance(wrong, np.ndarray) else wrong
        assert MODULE.q8_judge(value, seed)[0] == 0


def test_the_gradient_that_question_8_asks_for_is_the_weight_over_the_places():
    maps, weights = MODULE._head(3)
    scores = maps.mean(axis=(0, 1)) @ weights
    step = 1e-6
    for place in ((0, 0, 0), (4, 3, 5)):
        moved = maps.copy()
        moved[place] += step
        slope = ((moved.mean(axis=(0, 1)) @ weights) - scores) / step
        np.testing.assert_allclose(slope, weights[place[2]] / 20, rtol=1e-4)

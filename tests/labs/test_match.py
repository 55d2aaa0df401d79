"""Replies meet the hint of the known answer they agree with, and no other."""

import numpy as np
import pytest

from xaikit.labs import close, match, match_each, numbers

CASES = [("right", [1.0, 2.0]), ("swapped", [2.0, 1.0]), ("also swapped", [2.0, 1.0])]
TRUTHS = {"a": (True, "A."), "b": ("tree", "B."), "c": (2.0, "C.")}


@pytest.mark.parametrize(
    ("reply", "points", "hint"),
    [
        ([1, 2], 3, "right"),
        ([1, 2.000001], 3, "right"),
        ([1, 2.001], 0, "else"),
        ([2, 1], 0, "swapped"),
        ([1], 0, "else"),
        (None, 0, "else"),
        (["1", "2"], 0, "else"),
    ],
)
def test_the_first_case_that_fits_gives_the_hint(reply, points, hint):
    assert match(numbers(reply, (2,)), CASES, "else", points=3) == (points, hint)


@pytest.mark.parametrize("scale", [1e-10, 1.0, 1e10])
def test_the_tolerance_goes_with_the_size_of_the_answer(scale):
    right = np.array([1.0, -2.0, 0.0]) * scale
    assert close(right * (1 + 1e-9) + 1e-12 * scale, right)
    for wrong in (right * 1.001, right * 1e-10, [*right[:2], 1e-6 * scale], -right):
        assert not close(wrong, right)
        assert match(wrong, [("right", right)], "else", points=1) == (0, "else")
    assert close(0.0, 0.0)
    assert close([], [])
    assert not close(1e-300, 0.0)


def test_the_tolerance_can_be_widened():
    assert match(np.array([1, 2.001]), CASES, "else", points=3, rtol=1e-2)[0] == 3


@pytest.mark.parametrize(
    ("reply", "points", "hint"),
    [
        ({"a": True, "b": "tree", "c": 2.0}, 6, "well"),
        ({"a": 1, "b": "tree", "c": 2.0}, 6, "well"),
        ({"a": "True", "b": "tree", "c": 2.0}, 4, "`a`: A."),
        ({"a": 2, "b": "tree", "c": 2.0}, 4, "`a`: A."),
        ({"a": True, "b": "Tree"}, 2, "`b`: B.\n`c`: C."),
        ([True, "tree", 2.0], 0, "`a`: A.\n`b`: B.\n`c`: C."),
        (None, 0, "`a`: A.\n`b`: B.\n`c`: C."),
    ],
)
def test_each_wrong_entry_takes_off_a_share_and_has_its_hint(reply, points, hint):
    assert match_each(reply, TRUTHS, "well", points=6) == (pytest.approx(points), hint)


@pytest.mark.parametrize(("wrong", "points"), [(0, 6), (1, 3), (2, 0), (3, 0)])
def test_after_the_spare_ones_nothing_is_left(wrong, points):
    truths = {name: (True, name) for name in "abc"}
    reply = {name: place >= wrong for place, name in enumerate("abc")}
    assert match_each(reply, truths, "", points=6, spare=2)[0] == points


@pytest.mark.parametrize(
    ("answer", "right"), [(2, True), (2.05, True), (2.2, False), ("2", False), (None, False)]
)
def test_numbers_may_be_off_by_the_tolerance(answer, right):
    assert match_each({"x": answer}, {"x": (2.0, "X")}, "", points=1, atol=0.1)[0] == right


@pytest.mark.parametrize("truth", [np.inf, np.nan, [1.0, -np.inf]])
def test_a_truth_that_is_not_finite_agrees_with_nothing(truth):
    assert not close(np.ones(np.shape(truth)), truth)
    assert not close(truth, truth)

"""One answer a hidden case: its form, known mistakes, and replies right for some of the cases."""

import numpy as np
import pytest

from xaikit.labs import close, match_cases

CASES = {"two": ([1.0, 2.0],), "three": ([3.0, 3.0, 6.0],)}
WRONG = {"That is the sum.": np.sum, "That is the largest.": np.max}


def judge(value, **told):
    given = {"points": 2, "praise": "Yes.", "wanted": "Return one number."}
    return match_cases(value, CASES, np.mean, WRONG, **(given | told))


@pytest.mark.parametrize(
    ("reply", "points", "hint"),
    [
        ([1.5, 4], 2, "Yes."),
        ([3, 12], 0, "That is the sum."),
        ([2, 6], 0, "That is the largest."),
        ([1.5, 12], 0, "Right for: two. Not right yet for: three."),
        ([3, 6], 0, "The form is right, the numbers in no hidden case. Return one number."),
    ],
)
def test_a_reply_is_right_a_known_mistake_or_right_for_some(reply, points, hint):
    assert judge(reply) == (points, hint)


@pytest.mark.parametrize("reply", [None, "both", [1.5], [1.5, None], [1.5, [4, 4]], [1.5, "4"]])
def test_what_cannot_be_read_is_told_the_form(reply):
    points, hint = judge(reply)
    assert points == 0
    assert hint.endswith("Return one number.")


def test_a_step_is_told_where_no_case_is_right():
    assert judge([9, 9], step="Divide.")[1].endswith("Divide.")


def test_the_form_may_have_faults_of_its_own():
    told = judge([1.5, 4], fault=lambda reply, case: "Whole numbers." if reply == 4 else "")
    assert told == (0, "Whole numbers.")


def test_a_look_at_all_answers_comes_after_the_known_mistakes():
    def halves(got, truths):
        return "Half." if all(2 * got[name] == truths[name] for name in got) else ""

    assert judge([0.75, 2], look=halves) == (0, "Half.")
    assert judge([3, 12], look=lambda got, truths: "Other.") == (0, "That is the sum.")


def test_the_tolerance_is_the_questions():
    wide = judge([1.5001, 4], same=lambda got, truth: close(got, truth, rtol=1e-3))
    assert wide == (2, "Yes.")
    assert judge([1.5001, 4])[0] == 0

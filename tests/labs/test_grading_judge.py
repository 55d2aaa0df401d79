"""Points come from judges alone, and whatever a judge does, the batch goes on."""

from __future__ import annotations

import math

import pytest
from made_lab import make_lab

from xaikit.course.grading._judge import judge, lab_version
from xaikit.course.grading._types import Graded, Limits, Mark, Reply, Submission
from xaikit.course.labs._case import Case
from xaikit.course.labs._checks import Checks

CASE = Case("double(2)", "\x00</pre>", 4)
ADA = Submission("ada", "ada.ipynb", b"")


def graded(judges, reply):
    checks = Checks("l00_made", {"q1": 2}, {"q1": lambda ns, seed: None}, {"q1": judges})
    return judge(ADA, reply, checks, seed=5, isolation="none", version="0")


def ok(**entry):
    return Reply("ok", {"q1": entry})


@pytest.mark.parametrize(
    ("given", "points", "outcome"),
    [
        (2, 2, "right"),
        (1.5, 1.5, "partly"),
        (0, 0, "wrong"),
        (99, 2, "right"),
        (-99, 0, "wrong"),
        (math.nan, 0, "wrong"),
        (math.inf, 0, "wrong"),
        (True, 1, "partly"),
    ],
)
def test_points_lie_between_nothing_and_all(given, points, outcome):
    result = graded(lambda value, seed: (given, "Because."), ok(value=1))
    assert (result.total, result.marks[0].outcome) == (points, outcome)


def test_the_judge_gets_the_value_and_the_seed():
    result = graded(lambda value, seed: (2, f"{value} {seed}"), ok(value=[1]))
    assert result.marks[0].hint == "[1] 5"


@pytest.mark.parametrize(
    "judges",
    [
        lambda value, seed: 1 / 0,
        lambda value, seed: value["points"],
        lambda value, seed: None,
        lambda value, seed: ("two", "Because."),
        lambda value, seed: (1, "Because.", 3),
        lambda value, seed: (1, "Because.", CASE, CASE),
        lambda value, seed: [][0],
    ],
)
def test_a_judge_that_fails_gives_no_points_and_calm_words(judges):
    result = graded(judges, ok(value={"points": 2}))
    assert (result.status, result.total, result.marks[0].outcome) == ("ok", 0, "wrong")
    assert result.marks[0].hint.startswith("The check could not read this answer")


def test_a_hint_that_quotes_odd_text_is_made_fit_to_show():
    result = graded(lambda value, seed: (0, f"You wrote {value}."), ok(value="\x00\ud800"))
    assert result.marks[0].hint == "You wrote ?."


def test_a_small_case_stands_beside_the_hint():
    result = graded(lambda value, seed: (0, "Twice.", CASE), ok(value=1))
    assert result.marks[0].case == (
        "For example, double(2)\n  gave      '\\x00</pre>'\n  expected  4"
    )
    assert Graded.from_json(result.to_json()) == result


def test_no_answer_and_an_error_are_no_matter_for_the_judge():
    def judges(value, seed):
        pytest.fail("asked")

    assert graded(judges, ok(not_answered="Not yet.")).marks[0].outcome == "not answered"
    result = graded(judges, ok(error="`ValueError`: no", line="f(x)"))
    assert result.marks[0].outcome == "error"
    assert result.marks[0].hint == "`ValueError`: no\n`f(x)`"
    assert graded(judges, Reply("ok", {})).marks[0].outcome == "not answered"


@pytest.mark.parametrize("status", ["timeout", "memory", "crashed", "unreadable"])
def test_a_notebook_that_did_not_end_has_no_points(status):
    result = graded(lambda value, seed: (2, "!"), Reply(status, {"q1": {"value": 1}}, "Why."))
    assert (result.status, result.total, result.out_of, result.message) == (status, 0, 2, "Why.")
    assert result.marks[0].hint.startswith("Not marked")


def test_the_version_is_that_of_source_and_checks(tmp_path):
    lab = make_lab(tmp_path)
    first = lab_version(lab)
    assert len(first) == 12
    assert lab_version(lab) == first
    (lab / "lab.md").write_text("# Another\n", encoding="utf-8")
    second = lab_version(lab)
    (lab / "checks.py").write_text("POINTS = {}\n", encoding="utf-8")
    assert len({first, second, lab_version(lab)}) == 3


def test_a_folder_without_a_lab_has_no_version(tmp_path):
    with pytest.raises(FileNotFoundError):
        lab_version(tmp_path)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"seconds": 0}, "seconds must be a number above zero; got 0"),
        ({"seconds": math.inf}, "seconds must be a number above zero; got inf"),
        ({"memory_mb": 1.5}, "memory_mb must be a whole number above zero; got 1.5"),
        ({"processes": True}, "processes must be a whole number above zero; got True"),
    ],
)
def test_limits_are_above_zero(limit, words):
    with pytest.raises(ValueError, match=words):
        Limits(**limit)


MARK = Mark("q1", 1.5, 2, "Why.", "partly")
GRADED = Graded("ada", "a", "ok", (MARK,), 1.5, 2, "", "none", "l00_made", "0", 5)


def test_graded_comes_back_from_json():
    assert Graded.from_json(GRADED.to_json()) == GRADED


@pytest.mark.parametrize(
    "change",
    [
        {"student": 7},
        {"status": "fine"},
        {"total": "1.5"},
        {"marks": [{}]},
        {"marks": {}},
        {"extra": 1},
        {"marks": [{**GRADED.to_json()["marks"][0], "outcome": "great"}]},
    ],
)
def test_what_is_not_graded_is_refused(change):
    with pytest.raises(ValueError):
        Graded.from_json({**GRADED.to_json(), **change})
    with pytest.raises(ValueError):
        Graded.from_json([])

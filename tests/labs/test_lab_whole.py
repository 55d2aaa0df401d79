"""What each lab must have around its questions, and the right answers it must take."""

from __future__ import annotations

import pytest
from made_lab import make_whole_lab

from xaikit.course.labs._find import LABS_FOLDER
from xaikit.labs import open as open_lab
from xaikit.labs import split, verify

SAID = "Some say twice, others once and again. " * 25
FAULTS = {
    "no word on how hard": (
        "lab.md", "(easy, 10 minutes)", "(10 minutes)",
        "q1: needs one heading '### Question …: … (easy, 10 minutes)', or medium, or hard",
    ),
    "minutes that do not add up": (
        "lab.md", "about 15 minutes", "about 60 minutes",
        "says that it takes 60 minutes; its headings add up to 15",
    ),
    "no closing question": (
        "lab.md", "lab.discuss(opinion)", "lab.progress()",
        "ends without lab.discuss(…): a closing question without points",
    ),
    "a discussion of a line": (
        "discussion.md", SAID, "Twice.",
        "discussion.md: needs at least 150 words",
    ),
    "a discussion that leaks": (
        "lab.md", "## What would", f"{SAID}\n## What would",
        "the learner is shown 'Some say twice",
    ),
    "a judge that wants one form": (
        "checks.py", "got = numbers(value, (2,))",
        "got = numbers([v if isinstance(v, float) else None for v in value or []], (2,))",
        "q1: the solution as one more axis got ✗ q1: Not right yet",
    ),
    "points that hang on the seed": (
        "checks.py", "return points, hint, Case", "return points or seed % 2, hint, Case",
        "q1, mutant 'squared': its points hang on the seed: [0, 1]",
    ),
    "a case that is none": (
        "checks.py", "Case(\"double(3)\", None if got is None else got[0].item(), 6)", '"twice"',
        "q1: the judge raises TypeError",
    ),
}  # fmt: skip


@pytest.fixture
def lab(tmp_path):
    folder = make_whole_lab(tmp_path / "labs")
    split(folder.parent)
    return folder


def test_a_whole_lab_has_no_problem(lab):
    assert verify(lab, range(5)) == ()


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_lab_lacks_is_found(lab, name):
    file, old, new, expected = FAULTS[name]
    text = (lab / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (lab / file).write_text(text.replace(old, new), encoding="utf-8")
    split(lab.parent)
    if name == "a case that is none":
        # The solution meets the judge first, as an answer of the learner's would.
        with pytest.raises(TypeError, match="at most one Case"):
            verify(lab)
        return
    problems = verify(lab)
    assert any(p.startswith(f"l00_whole: {expected}") for p in problems), problems


def test_a_lab_without_a_discussion_is_named(lab):
    (lab / "discussion.md").unlink()
    with pytest.raises(FileNotFoundError, match=r"l00_whole/discussion\.md is missing"):
        verify(lab)


@pytest.fixture
def opened(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    token = LABS_FOLDER.set(lab.parent)
    yield open_lab("l00_whole")
    LABS_FOLDER.reset(token)


def test_the_discussion_opens_after_fifty_words(opened):
    closed = opened.discuss("Twice, I think.")
    assert repr(closed).startswith("→ Your answer first\nIt has 3 words so far. From 50 on")
    assert "Some say twice" not in repr(closed)
    words = " ".join(f"word{number}" for number in range(50))
    assert "Some say twice" in repr(opened.discuss(words))
    assert "Some say twice" not in repr(opened.discuss("twice " * 50))


def test_an_answer_is_text(opened):
    with pytest.raises(TypeError, match="answer must be text; got int"):
        opened.discuss(50)


def test_the_outcome_shows_the_small_case(opened):
    globals()["double"] = lambda x: x**2
    try:
        outcome = opened.check("q1")
    finally:
        del globals()["double"]
    assert outcome.code == "For example, double(3)\n  gave      9\n  expected  6"
    assert "expected  6" in repr(outcome)
    assert "<pre" in outcome._repr_html_()

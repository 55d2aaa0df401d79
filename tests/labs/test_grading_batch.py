"""A batch ends, resumes, and gives the same whatever happens on the way."""

from __future__ import annotations

import json
import threading
from functools import partial

import pytest
from made_grades import POINTS, FakeGrader, graded, submission

from xaikit.course.grading._batch import grade_batch, no_marks, on_this_machine
from xaikit.course.grading._journal import Journal

CLASS = [submission(name) for name in ("ada", "ben", "cleo", "dan", "eve", "finn")]
GIVEN_UP = partial(no_marks, points=POINTS, lab="l03_shapley", version="0a1b2c", seed=7)


def batch(tmp_path, grader, students=CLASS, workers=2, said=None, **journal):
    values = {"lab_version": "0a1b2c", "isolation": "auto"} | journal
    return grade_batch(
        students,
        on_this_machine(grader, workers),
        journal=Journal(tmp_path / "grades.journal.jsonl", **values),
        seed=7,
        given_up=GIVEN_UP,
        say=(lambda line: None) if said is None else said.append,
    )


@pytest.mark.parametrize("workers", [1, 2, 50])
def test_all_are_graded_in_their_order(tmp_path, workers):
    grader, said = FakeGrader(), []
    result = batch(tmp_path, grader, workers=workers, said=said)
    assert [row.student for row in result] == [s.student for s in CLASS]
    assert sorted(grader.graded) == sorted(s.student for s in CLASS)
    assert grader.opened == 1
    assert said == ["6 of 6 graded"]


def test_a_second_run_grades_nothing_again(tmp_path):
    first = batch(tmp_path, FakeGrader())
    grader, said = FakeGrader(), []
    assert batch(tmp_path, grader, said=said) == first
    assert grader.graded == []
    assert grader.opened == 0
    assert said == ["6 of 6 were graded before and are taken over"]


def test_a_stopped_batch_goes_on_where_it_was(tmp_path):
    """As by Ctrl-C: the exception comes out of the middle of the batch."""

    def stopping(students):
        for number, result in enumerate(on_this_machine(FakeGrader(), 1)(students)):
            if number == 4:
                raise KeyboardInterrupt
            yield result

    journal = Journal(tmp_path / "grades.journal.jsonl", "0a1b2c", "auto")
    with pytest.raises(KeyboardInterrupt):
        grade_batch(CLASS, stopping, journal=journal, seed=7, given_up=GIVEN_UP)
    grader = FakeGrader()
    resumed = batch(tmp_path, grader)
    assert len(grader.graded) == 2
    (tmp_path / "whole").mkdir()
    assert resumed == batch(tmp_path / "whole", FakeGrader())


def test_ctrl_c_ends_the_grader_and_starts_no_more(tmp_path):
    """It does not wait for a notebook that runs; that one ends with the grader."""
    running, closed = threading.Event(), threading.Event()

    class Slow(FakeGrader):
        def __exit__(self, *error):
            closed.set()

        def grade(self, submission):
            if submission.student == "ben":
                running.set()
                assert closed.wait(60)
            return super().grade(submission)

    grader = Slow()
    results = on_this_machine(grader, 1)(CLASS)
    assert next(results)[0].student == "ada"
    assert running.wait(10)
    results.close()  # what leaving the loop by an exception does
    assert closed.is_set()
    assert set(grader.graded) <= {"ada", "ben"}


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({}, 0),
        ({"lab_version": "ffffff"}, 6),
        ({"isolation": "none"}, 6),
    ],
)
def test_marks_of_other_conditions_are_not_taken_over(tmp_path, changed, again):
    batch(tmp_path, FakeGrader())
    grader = FakeGrader()
    batch(tmp_path, grader, **changed)
    assert len(grader.graded) == again


@pytest.mark.parametrize(
    ("status", "kept"),
    [("ok", True), ("unreadable", True), ("timeout", False), ("memory", False), ("crashed", False)],
)
def test_what_did_not_run_to_its_end_is_tried_again(tmp_path, status, kept):
    journal = Journal(tmp_path / "j.jsonl", "0a1b2c", "auto")
    journal.put(CLASS[0], graded("ada", status=status))
    assert (journal.get(CLASS[0], 7) is not None) == kept


def test_another_seed_grades_anew(tmp_path):
    journal = Journal(tmp_path / "j.jsonl", "0a1b2c", "auto")
    journal.put(CLASS[0], graded("ada"))
    assert journal.get(CLASS[0], 7) is not None
    assert journal.get(CLASS[0], 8) is None


def test_a_changed_notebook_is_graded_anew_and_a_renamed_one_is_not(tmp_path):
    batch(tmp_path, FakeGrader())
    grader = FakeGrader()
    changed = [submission("ada", b"other"), submission("benjamin", b"ben"), *CLASS[2:]]
    result = batch(tmp_path, grader, changed)
    assert grader.graded == ["ada"]
    assert [row.student for row in result][:2] == ["ada", "benjamin"]
    assert result[1].source == "benjamin.ipynb"


@pytest.mark.parametrize("keep", [1, 40, 300])
def test_a_torn_last_line_costs_one_submission(tmp_path, keep):
    """And the lines written after it can be read again."""
    first = batch(tmp_path, FakeGrader(), workers=1)
    path = tmp_path / "grades.journal.jsonl"
    *whole, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole) + last[:keep])
    for expected in (1, 0):
        grader = FakeGrader()
        assert batch(tmp_path, grader) == first
        assert len(grader.graded) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe not text",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"format": "xaikit-grading-journal-1", "key": "x", "graded": {}}',
        b'{"format": "xaikit-grading-journal-1", "key": 3, "graded": null}',
        b'{"format": "of somebody else"}',
    ],
)
def test_lines_that_mean_nothing_are_passed_over(tmp_path, line):
    first = batch(tmp_path, FakeGrader())
    path = tmp_path / "grades.journal.jsonl"
    path.write_bytes(line + b"\n" + path.read_bytes())
    grader = FakeGrader()
    assert batch(tmp_path, grader) == first
    assert grader.graded == []


def test_the_journal_is_lines_of_plain_json(tmp_path):
    batch(tmp_path, FakeGrader())
    lines = (tmp_path / "grades.journal.jsonl").read_text().splitlines()
    assert {json.loads(line)["graded"]["student"] for line in lines} == {s.student for s in CLASS}


def test_fresh_forgets_but_keeps_the_old_file(tmp_path):
    batch(tmp_path, FakeGrader())
    path = tmp_path / "grades.journal.jsonl"
    old = path.read_bytes()
    for number in (1, 2):
        journal = Journal(path, "0a1b2c", "auto")
        assert journal.last_seed == 7
        journal.start_afresh()
        assert journal.last_seed is None
        assert journal.get(CLASS[0], 7) is None
        assert (tmp_path / f"grades.journal.old-{number}.jsonl").read_bytes() == old
        path.write_bytes(old)


def test_a_grader_that_breaks_is_asked_again(tmp_path):
    grader = FakeGrader(fails=["cleo"])
    result = batch(tmp_path, grader, workers=1)
    assert [row.status for row in result] == ["ok"] * 6
    assert grader.graded.count("cleo") == 2


def test_what_breaks_the_grader_twice_gets_no_marks_and_is_tried_the_next_time(tmp_path):
    grader = FakeGrader(fails={"cleo": 2})
    result = batch(tmp_path, grader, workers=1)
    assert [row.status for row in result] == ["ok", "ok", "crashed", "ok", "ok", "ok"]
    assert result[2].total == 0
    assert result[2].out_of == 5
    assert "Run the command again" in result[2].message
    again = FakeGrader()
    assert batch(tmp_path, again)[2].status == "ok"
    assert again.graded == ["cleo"]


def test_no_grader_no_batch(tmp_path):
    class Refusing(FakeGrader):
        def __enter__(self):
            raise RuntimeError("no isolation here")

    with pytest.raises(RuntimeError, match="no isolation here"):
        batch(tmp_path, Refusing())


def test_an_empty_batch_opens_no_grader(tmp_path):
    grader = FakeGrader()
    assert batch(tmp_path, grader, []) == ()
    assert grader.opened == 0


def test_two_of_the_same_content_each_get_their_marks(tmp_path):
    twins = [submission("ada", b"same"), submission("ben", b"same")]
    for _ in range(2):
        assert [row.student for row in batch(tmp_path, FakeGrader(), twins)] == ["ada", "ben"]

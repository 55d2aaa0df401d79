"""The same code but for names is told to the teacher, and to nobody else."""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from hostile_attacks import SEND
from made_grades import POINTS, TITLES, graded
from made_lab import CHECKS, notebook
from real_lab import LABS
from test_grading_code import LAB

from xaikit.course.grading import Grader, IsolationError, Limits, Submission
from xaikit.course.grading._alike import Alike, HandedOut, alike_notes, find_alike
from xaikit.course.grading._csv import grades_csv
from xaikit.course.grading._pages import class_page, feedback_page
from xaikit.course.grading._reply import read_handed_in
from xaikit.course.grading._shape import shape
from xaikit.course.grading._types import Answer

LONG = '''\
def double(x):
    """Twice."""
    parts = []
    for number in range(2):
        parts.append(x if number < 2 else 0)
    total = 0
    for part in parts:
        if part is not None:
            total = total + part
    return total
'''
RENAMED = """\
def double(value: int) -> int:
    # My own.
    kept = []

    for i in range(2):
        kept.append(value if i < 2 else 0)
    result = (0)
    for each in kept:
        if each is not None:
            result = result + each
    return result
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LONG, RENAMED),
        ("%%time\nx = 1", "y = 1  # one"),
        ("import numpy as np\nnp.sum(a)", "import numpy as num\nnum.sum(b)"),
        ("def f(a, *b, c=1, **d): return a, b, c, d", "def g(p, *q, r=1, **s): return p, q, r, s"),
        (
            "try:\n    f()\nexcept ValueError as e:\n    e",
            "try:\n    g()\nexcept ValueError as h:\n    h",
        ),
        ("def f():\n    global a\n    a = 1", "def g():\n    global b\n    b = 1"),
        ("x = lambda a: a\nf?", "y = lambda b: b"),
    ],
)
def test_names_comments_and_spacing_make_no_difference(one, other):
    assert shape(one)[0]
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a + b", "a + a"),
        ("a + b", "a - b"),
        ("x = 1", "x = 2"),
        ("sum(a)", "max(a)"),
        ("a.sum()", "a.mean()"),
        ("f(axis=0)", "f(ddof=0)"),
        ("import numpy as np", "import pandas as np"),
        ("for a in b: a", "for a in b: b"),
        ("f('a')", "f('b')"),
    ],
)
def test_other_code_has_another_shape(one, other):
    assert shape(one)[0] != shape(other)[0]


@pytest.mark.parametrize("code", ["def f(:", "\0", "(" * 5000, "x" * 30_000, "a" + ".b" * 9_000])
def test_what_cannot_be_read_has_none(code):
    assert shape(code) == ("", 0)


def test_a_table_written_out_has_no_size():
    assert shape("x = {'a': [1, -2, 3], 'b': (4.5, None)}")[1] == 2
    assert shape(LONG)[1] > 30


def test_what_the_lab_gives_and_what_is_small_tells_nothing():
    ours = HandedOut(LABS / "l03_shapley")
    solved = (LABS / "l03_shapley" / "lab.md").read_text(encoding="utf-8")
    assert "# BEGIN SOLUTION" in solved
    stub = ours.stubs["q2"]
    assert ours.own("q2", Answer(stub, *shape(stub))) == Answer()
    long = Answer(LONG, *shape(LONG))
    assert ours.own("q2", long) == long
    assert ours.own("q2", Answer("x = 1", *shape("x = 1"))) == Answer("x = 1", "", 2)


def test_the_solution_that_a_lab_opens_is_nobodys():
    from xaikit.course.labs._source import read_answers

    solved = read_answers(LABS / "l03_shapley")["q2"].solved
    renamed = solved.replace("values", "credit").replace("player", "who")
    assert renamed != solved
    own = HandedOut(LABS / "l03_shapley").own("q2", Answer(renamed, *shape(renamed)))
    assert (own.code, own.shape) == (renamed, "")


def of(student, *shapes):
    row = graded(student)
    marks = tuple(replace(m, shape=s) for m, s in zip(row.marks, shapes, strict=True))
    return replace(row, marks=marks)


CLASS = [of("ada", "a", "b"), of("ben", "a", "b"), of("cleo", "a", ""), of("dan", "b", "")]


def test_who_shares_what():
    assert find_alike(CLASS) == (
        Alike(("ada", "ben"), ("q2",)),
        Alike(("ada", "ben", "cleo"), ("q1",)),
    )
    assert find_alike([CLASS[0], CLASS[3]]) == ()  # the same shape in two questions is chance
    notes = alike_notes(find_alike(CLASS))
    assert notes == {
        "ada": "same code as ben in q2; same code as ben, cleo in q1",
        "ben": "same code as ada in q2; same code as ada, cleo in q1",
        "cleo": "same code as ada, ben in q1",
    }


def test_a_whole_class_of_copies_is_one_line():
    (group,) = find_alike([of(f"s{i}", "a", "b") for i in range(200)])
    assert (len(group.students), group.questions) == (200, ("q1", "q2"))
    assert all(len(note) < 80 for note in alike_notes([group]).values())


def test_the_teacher_is_told_and_the_student_is_not():
    found = find_alike(CLASS)
    page = BeautifulSoup(class_page(CLASS, POINTS, TITLES, found).decode(), "html.parser")
    items = [item.get_text() for item in page.find_all("li")]
    assert "ada, ben: q2" in items
    assert "ada, ben, cleo: q1" in items
    assert b"The same code" not in class_page(CLASS, POINTS, TITLES)
    table = grades_csv(CLASS, list(POINTS), alike_notes(found)).decode("utf-8-sig")
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(table))}
    assert rows["cleo"]["notes"] == "same code as ada, ben in q1"
    assert rows["dan"]["notes"] == ""
    assert "ben" not in feedback_page(CLASS[0], TITLES).decode()


@pytest.mark.parametrize("told", ["x", "A" * 20, "a" * 21, 7, None])
def test_a_shape_of_another_form_is_none(told):
    line = json.dumps({"q1": {"code": "x", "shape": told, "size": 99}}).encode() + b"\n"
    assert read_handed_in(line, ["q1"])[0] == {"q1": Answer("x")}


FORGE = (
    SEND
    + """
import json
other = json.dumps({"q1": {"code": "x", "shape": "a" * 20, "size": 99}}).encode() + b"\\n"
reply = json.dumps({"probes": {}, "stopped": []}).encode()
"""
)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux")
def test_code_that_runs_cannot_change_what_was_told_of_it(tmp_path):
    lab = tmp_path / "l00_made"
    lab.mkdir()
    (lab / "lab.md").write_text(LAB, encoding="utf-8")
    (lab / "checks.py").write_text(CHECKS, encoding="utf-8")
    cells = {
        "ada": [LONG],
        "ben": [RENAMED],
        "forger": [LONG, FORGE + "send(other + reply)\nos._exit(0)"],
        "patcher": [LONG, "from xaikit.course.grading import _shape as s\ns.shape = lambda c: 7"],
        "crasher": [RENAMED, "import ctypes\nctypes.string_at(0)"],
        "other": [LONG.replace("+", "-")],
    }
    try:
        with Grader(lab, seed=5, limits=Limits(seconds=5)) as grader:
            rows = [grader.grade(Submission(s, s, notebook(*c))) for s, c in cells.items()]
    except IsolationError as error:
        pytest.skip(f"no isolation here: {error}")
    assert find_alike(rows) == (Alike(("ada", "ben", "forger", "patcher", "crasher"), ("q1",)),)

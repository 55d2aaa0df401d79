"""The student's own code: found before it runs, shown as text, and nothing hangs on it."""

from __future__ import annotations

import json
import sys

import pytest
from bs4 import BeautifulSoup
from made_grades import TITLES, graded, mark
from made_lab import DOUBLE, TOTAL, make_lab, notebook
from real_lab import LABS

from xaikit.course.grading import Grader, IsolationError, Limits, Submission
from xaikit.course.grading._code import answers_in, names_bound
from xaikit.course.grading._pages import feedback_page
from xaikit.course.grading._reply import MOST_HANDED_IN, read_handed_in, tidy_code
from xaikit.course.grading._run_notebook import read_notebook
from xaikit.course.labs._source import read_answers
from xaikit.labs import lab_names

LAB = """\
# A made lab

```{code-cell} python
---
tags: [answer]
question: q1
title: Twice
hints: [Add it.]
---
def double(x):
    # BEGIN SOLUTION
    return 2 * x
    # END SOLUTION
```

```{code-cell} python
---
tags: [answer]
question: q2
title: Sum
hints: [Add them.]
---
def total(values):
    # BEGIN SOLUTION
    return sum(values)
    # END SOLUTION
```
"""


def made(folder):
    lab = make_lab(folder)
    (lab / "lab.md").write_text(LAB, encoding="utf-8")
    return lab


@pytest.mark.parametrize("name", lab_names())
def test_in_every_lab_each_answer_is_found_in_the_notebook_handed_out(name):
    stubs = {q: answer.student for q, answer in read_answers(LABS / name).items()}
    cells = read_notebook((LABS / name / "lab.ipynb").read_bytes(), name)
    names = {question: names_bound(stub) for question, stub in stubs.items()}
    assert all(names.values())
    assert answers_in(cells, names) == stubs


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["f = 1", "x = f", "print(f == 1)"], "f = 1"),
        (["def f(): pass", "f(x=1)"], "def f(): pass"),
        (["f = 1", "%%time\nasync def f():\n  return 2"], "%%time\nasync def f():\n  return 2"),
        (["def f(x:\n    retrun 1"], "def f(x:\n    retrun 1"),
        (["if True:\n    def f(): pass"], "if True:\n    def f(): pass"),
        (["e, f = 1, 2", "ff = 3"], "e, f = 1, 2"),
        (["f['a'] = 1"], "f['a'] = 1"),
        (["f: int = 1"], "f: int = 1"),
        (["g = 1"], ""),
        ([], ""),
    ],
)
def test_the_last_cell_that_gives_the_name_its_value_is_the_answer(cells, found):
    assert answers_in(cells, {"q": ["f"]}) == {"q": found}


def test_an_answer_in_two_cells_is_both_in_their_order():
    cells = ["b = 1", "a = 2", "c = 3"]
    assert answers_in(cells, {"q": ["a", "b"]}) == {"q": "b = 1\na = 2"}


def handed_in(told, rest=b"rest\nof it"):
    line = told if isinstance(told, bytes) else json.dumps(told).encode()
    answers, left = read_handed_in(line + b"\n" + rest, ["q1"])
    assert left == rest
    return {question: answer.code for question, answer in answers.items()}


def test_the_first_line_is_what_was_handed_in():
    assert handed_in({"q1": {"code": "x = 1"}, "q9": {"code": "y"}}) == {"q1": "x = 1"}
    assert read_handed_in(b'{"probes": {}}', ["q1"]) == ({}, b'{"probes": {}}')


@pytest.mark.parametrize("told", [b"x", b"[" * 10**6, b"\xff", [], 7, b"9" * 5000])
def test_a_line_of_another_form_tells_nothing(told):
    assert handed_in(told) == {}


@pytest.mark.parametrize("entry", [None, 7, {}, {"code": 7}, "x"])
def test_code_that_is_no_text_is_none(entry):
    assert handed_in({"q1": entry}) == {"q1": ""}


def test_a_line_that_is_too_long_is_not_parsed():
    assert handed_in({"q1": {"code": "x" * MOST_HANDED_IN}}) == {}


def test_code_is_bounded_and_its_lines_stay_where_they_were():
    assert tidy_code("a\tb\x00\x1b[31m\u202e\n\n\ud800c\n") == "a   b[31m\n\n?c"
    assert len(tidy_code("x" * 10**6)) == 4000
    assert tidy_code("x\n" * 10**4).count("\n") < 200
    assert tidy_code("a\u2028b\x0cc\nd") == "abc\nd"


def test_the_page_shows_the_code_and_opens_it_where_points_are_missing():
    code = "def f(x):\n    return x['a']  # <b>&amp;"
    row = graded(marks=(with_code(mark("q1", 2), code), with_code(mark("q2", 0), code)))
    found = BeautifulSoup(feedback_page(row, TITLES).decode(), "html.parser")
    right, wrong = found.find_all("details")
    assert "open" not in right.attrs
    assert "open" in wrong.attrs
    assert wrong.pre.get_text() == code + "\n"
    assert [line.get_text() for line in wrong.find_all("code")] == code.split("\n")
    assert not found.find_all("b")
    assert type(row).from_json(row.to_json()) == row


def with_code(made, code):
    return type(made)(made.question, made.points, made.out_of, made.hint, made.outcome, code)


def test_a_page_without_code_says_nothing_of_it():
    assert "Your code" not in feedback_page(graded(), TITLES).decode()


@pytest.fixture(scope="module")
def grader(tmp_path_factory):
    try:
        with Grader(made(tmp_path_factory.mktemp("code")), seed=5, limits=Limits(seconds=5)) as it:
            yield it
    except IsolationError as error:
        pytest.skip(f"no isolation here: {error}")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux")
@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ([DOUBLE, TOTAL], [DOUBLE, TOTAL]),
        ([DOUBLE, "def total(values:"], [DOUBLE, "def total(values:"]),
        (["raise NotImplementedError", TOTAL], ["", TOTAL]),
        # As it was handed out.
        (
            ['def double(x):\n    raise NotImplementedError("Your answer goes here.")', TOTAL],
            ["", TOTAL],
        ),
        # Told before it ran, and whatever becomes of it.
        ([DOUBLE, TOTAL, "import os\nos._exit(0)"], [DOUBLE, TOTAL]),
        ([DOUBLE, TOTAL, "import ctypes\nctypes.string_at(0)"], [DOUBLE, TOTAL]),
        (["In = ['x']\nimport json\njson.dumps = None", DOUBLE], [DOUBLE, ""]),
        ([f"double = '{'x' * 10**6}'", TOTAL], [f"double = '{'x' * 3990}", TOTAL]),
    ],
)
def test_what_was_handed_in_comes_back_from_the_sandbox(grader, cells, codes):
    graded = grader.grade(Submission("ada", "ada.ipynb", notebook(*cells)))
    assert [mark.code for mark in graded.marks] == codes

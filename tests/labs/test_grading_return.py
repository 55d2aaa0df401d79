"""One zip of feedback, named as Canvas and Moodle find their students by."""

from __future__ import annotations

import io
import re
import zipfile

import nbformat
import pytest
from bs4 import BeautifulSoup
from made_grades import TITLES, graded, mark

from xaikit.course.grading import Mark
from xaikit.course.grading._return import feedback_notebook, feedback_text, return_zip

CODE = "def f(x):\n    return x['<a>']"
NASTY = "<script>alert(1)</script> `x < 1` & \x1b \ud800 ```"
MARKS = (mark("q1", 2), Mark("q2", 0.0, 3, "Not so: `x < 1`.\nLook again.", "wrong", CODE))


def files(*rows):
    with zipfile.ZipFile(io.BytesIO(return_zip(rows, TITLES))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def canvas_reads(name):
    """Whose a file is for Canvas: the first two parts of its name that are numbers."""
    parts = name.rsplit("/", 1)[-1].split("_")
    if parts[-1].startswith("link") or name.startswith("._"):
        return None
    return tuple(part for part in parts if re.fullmatch(r"\d+", part))[:2]


def moodle_reads(path):
    """Whose a file is for Moodle, before and after version 4.1, and its name there."""
    parts = path.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) == 5 and info[1].isdigit() and info[2:4] == ["assignsubmission", "file"]:
            return info[1], "/".join([info[4], *parts])
    return None


def test_canvas_finds_everybody_by_the_same_names():
    sources = ["ada_11_901_lab.ipynb", "ben_LATE_12_902_lab-1.ipynb", "cleo_13_903_x_1_y.py"]
    made = files(*(graded(s[:3], source=s, marks=MARKS) for s in sources))
    assert list(made) == sources
    assert [canvas_reads(n) for n in made] == [("11", "901"), ("12", "902"), ("13", "903")]
    nbformat.validate(nbformat.reads(made[sources[0]].decode(), as_version=4))
    assert b"Not so: `x < 1`." in made[sources[2]]


def test_canvas_does_not_pass_over_a_file_called_link():
    (name,) = files(graded("ada", source="ada_1_2_links.ipynb"))
    assert canvas_reads(name) == ("1", "2")
    assert canvas_reads("ada_1_2_links.ipynb") is None


def test_moodle_finds_everybody_by_the_folder():
    sources = [
        "Ada Lovelace_1001_assignsubmission_file/lab.ipynb",
        "Zoë_x_1002_assignsubmission_file_lab.ipynb",
        "Ben_1003_assignsubmission_file_/deep/lab.ipynb",
    ]
    made = files(*(graded(s[:3], source=s) for s in sources))
    page = "/feedback-l03_shapley.html"
    assert [moodle_reads(name) for name in made] == [(n, page) for n in ("1001", "1002", "1003")]
    assert all(content.startswith(b"<!DOCTYPE html>") for content in made.values())


def test_others_get_a_page_under_their_names():
    made = files(graded("ada"), graded("../ada"), graded("ADA"))
    assert list(made) == ["ada.html", "ada-2.html", "ADA-3.html"]


@pytest.mark.parametrize(
    "source",
    ["a_1_2_../../etc/x.ipynb", "a_1_2_..\\..\\x.ipynb", "../x_1_assignsubmission_file/l.ipynb"],
)
def test_no_name_leads_out_of_the_zip(source):
    (name,) = files(graded("eve", source=source))
    assert ".." not in name.split("/")
    assert "\\" not in name
    assert not name.startswith("/")


def test_a_zip_that_was_handed_in_comes_back_as_one():
    (content,) = files(graded("ada", source="ada_1_2_lab.zip")).values()
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        assert inner.namelist() == ["feedback-l03_shapley.html"]


def test_the_notebook_says_what_the_page_says():
    row = graded("ada", marks=MARKS, notes=("Code cell 2 stopped: `E`",), late="1 day late.")
    notebook = nbformat.reads(feedback_notebook(row, TITLES).decode(), as_version=4)
    nbformat.validate(notebook)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["markdown", "markdown", "markdown", "code", "markdown"]
    assert notebook.cells[3].source == CODE
    said = "\n".join(cell.source for cell in notebook.cells)
    for words in (
        *("For ada: 2 of 5 points", "1 day late.", "## q2: From `scratch`"),
        *("✗ Not right yet, 0 of 3 points", "Not so: `x < 1`.\n\nLook again.", "Code cell 2"),
    ):
        assert words in said
        assert words.removeprefix("## ").replace("\n\n", "\n") in feedback_text(row, TITLES)


def test_what_a_student_wrote_is_only_text():
    marks = (mark("q1", 0, NASTY, "error"), Mark("q2", 0.0, 3, NASTY, "wrong", NASTY))
    row = graded(NASTY, source=NASTY, marks=marks, message=NASTY, notes=(NASTY,))
    notebook = nbformat.reads(feedback_notebook(row, TITLES).decode(), as_version=4)
    shown = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert not any("<script" in text for text in shown)
    assert not any("\x1b" in text for text in shown)
    page = files(row).popitem()[1]
    assert not BeautifulSoup(page.decode(), "html.parser").find_all("script")
    assert feedback_text(row, TITLES).encode("utf-8", errors="backslashreplace")


def test_one_that_did_not_end_is_told_so():
    row = graded("eve", 0, 0, status="crashed", message="It ended.")
    text = feedback_text(row, TITLES)
    assert "It ended." in text
    assert "– Not marked, 0 of 2 points" in text


def test_the_same_marks_give_the_same_bytes():
    rows = [graded("ada", source="ada_1_2_lab.ipynb"), graded("ben")]
    assert return_zip(rows, TITLES) == return_zip(rows, TITLES)

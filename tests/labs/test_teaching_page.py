"""What the teacher's page shows is what the command does, in the real sandbox."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import made_up_submissions as made

PAGE = Path(__file__).resolve().parents[2] / "book" / "practice" / "teaching.md"
XAIKIT = Path(sys.executable).parent / "xaikit"

pytestmark = pytest.mark.slow


def _blocks(kind):
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def _table(head):
    """Return the table of the page whose first column is called `head`, as rows of text."""
    lines = PAGE.read_text(encoding="utf-8").split(f"\n| {head} |", 1)[1].splitlines()
    rows = [f"| {head} |{lines[0]}"]
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        rows.append(line)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The command of the page, run as it stands there, where both files were downloaded."""
    folder = tmp_path_factory.mktemp("teacher")
    for name in ("lab-3.zip", "gradebook.csv"):
        shutil.copy(made.FOLDER / name, folder / name)
    command = shlex.split(_blocks("console")[0].removeprefix("$ "))
    assert command[0] == "xaikit"
    done = subprocess.run([XAIKIT, *command[1:]], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    return folder, done.stderr


def test_the_command_says_what_the_page_says(graded):
    # By when it has ended at the latest goes with the number of cores.
    said = re.sub(r"done in \d+ minutes", "done in 54 minutes", graded[1])
    assert said == _blocks("text")[0]


def test_the_table_holds_what_the_page_shows(graded):
    shown = _table("student")
    with (graded[0] / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row[: len(shown[0])] for row in csv.reader(file)]
    assert rows == shown


def test_every_file_that_is_named_is_there(graded):
    names = {path.name for path in graded[0].iterdir()}
    wanted = {"grades.csv", "pages", "class.html", "grades-gradebook.csv", "grades.journal.jsonl"}
    assert wanted <= names
    assert len(list((graded[0] / "pages").iterdir())) == 12


def test_the_class_page_shows_the_planted_mistakes(graded):
    page = (graded[0] / "class.html").read_text(encoding="utf-8")
    hints = page.split("Commonest misconceptions")[1]
    assert hints.index("forgets the weights") < hints.index("Equal parts")
    for words in ("A gift to every group cancels", "Adding up is not enough"):
        assert words in hints


def test_the_error_of_a_student_is_on_her_page(graded):
    page = (graded[0] / "pages" / "weldhana.html").read_text(encoding="utf-8")
    assert "NameError" in page
    assert "for player in orders:" in page


def test_the_same_command_again_gives_the_same_bytes(graded):
    folder = graded[0]
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    before = {path: path.read_bytes() for path in files}
    command = shlex.split(_blocks("console")[0].removeprefix("$ "))
    done = subprocess.run([XAIKIT, *command[1:]], cwd=folder, capture_output=True, text=True)
    assert "12 of 12 were graded before" in done.stderr
    assert {path: path.read_bytes() for path in files} == before

"""The command as a teacher types it; what grades is a stand-in here."""

from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from made_grades import FakeGrader

from tools import made_up_submissions as made
from xaikit.__main__ import main
from xaikit.course.grading import _command
from xaikit.course.grading._isolation import IsolationError

CLASS = str(made.FOLDER / "lab-3.zip")
BOOK = str(made.FOLDER / "gradebook.csv")


@pytest.fixture
def grader(monkeypatch):
    """The grader that the command opens; `asked` is how it was opened."""

    class Opened(FakeGrader):
        def __call__(self, lab, **asked):
            self.asked = {"lab": lab.name, **asked}
            return self

        def grade(self, submission):
            graded = super().grade(submission)
            version = _command.lab_version(_command.lab_path(self.asked["lab"]))
            return replace(
                graded,
                source=submission.source,
                lab_version=version,
                seed=self.asked["seed"],
                status="ok" if submission.notebook else "unreadable",
            )

    opened = Opened()
    monkeypatch.setattr(_command, "Grader", opened)
    return opened


def run(tmp_path, *options, submissions=CLASS):
    return main(["grade", submissions, "--lab", "l03", "--out", str(tmp_path / "g.csv"), *options])


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_it_says_when_it_ends_at_the_latest(tmp_path, grader, capsys):
    run(tmp_path, "--workers", "2")
    # Each notebook may take 180 s on one of two workers, and as long again alone.
    many = len(rows(tmp_path / "g.csv"))
    assert f"done in {math.ceil(many * 4.5)} minutes at the latest" in capsys.readouterr().err


def test_marks_pages_and_gradebook(tmp_path, grader, capsys):
    code = run(
        tmp_path,
        *("--seed", "7", "--feedback", str(tmp_path / "deep" / "pages")),
        *("--class-page", str(tmp_path / "class.html")),
        *("--gradebook", BOOK, "--column", "Lab 3", "--workers", "2"),
    )
    assert code == 2  # two of the made-up files are no notebooks
    assert grader.asked == {"lab": "l03_shapley", "seed": 7, "isolation": "auto"}
    table = rows(tmp_path / "g.csv")
    assert len(table) == 12
    assert [row["student"] for row in table] == sorted(row["student"] for row in table)
    assert {row["seed"] for row in table} == {"7"}
    assert len(list((tmp_path / "deep" / "pages").glob("*.html"))) == 12
    assert b"Class page: l03_shapley" in (tmp_path / "class.html").read_bytes()
    filled = rows(tmp_path / "g-gradebook.csv")
    assert sum(bool(row["Lab 3 (812)"]) for row in filled[1:]) == 9
    said = capsys.readouterr().err
    for line in (
        "note: tallisjun sent 2 files",
        "gradebook: no mark written for quistfarid: is in no row",
        "gradebook: no submission of Tern, Mio",
        "12 submissions: 10 ok, 2 unreadable",
    ):
        assert line in said
    assert "seed" not in said  # it was given


def test_zero_where_every_notebook_was_marked(tmp_path, grader):
    notebook = tmp_path / "ada.ipynb"
    notebook.write_bytes(b'{"nbformat": 4}')
    assert run(tmp_path, "--seed", "1", submissions=str(notebook)) == 0


def test_a_second_run_writes_the_same_bytes_and_grades_nothing(tmp_path, grader):
    run(tmp_path, "--seed", "7", "--class-page", str(tmp_path / "c.html"))
    before = {name: (tmp_path / name).read_bytes() for name in ("g.csv", "c.html")}
    asked = len(grader.graded)
    run(tmp_path, "--seed", "7", "--class-page", str(tmp_path / "c.html"))
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert len(grader.graded) == asked
    run(tmp_path, "--seed", "7", "--fresh")
    assert len(grader.graded) == 2 * asked


def test_without_a_seed_one_is_drawn_and_kept_for_the_next_run(tmp_path, grader, capsys):
    run(tmp_path)
    (seed,) = {row["seed"] for row in rows(tmp_path / "g.csv")}
    assert f"seed: {seed}, drawn now" in capsys.readouterr().err
    asked = len(grader.graded)
    run(tmp_path)
    assert {row["seed"] for row in rows(tmp_path / "g.csv")} == {seed}
    assert f"seed: {seed}, from the journal" in capsys.readouterr().err
    assert len(grader.graded) == asked
    run(tmp_path, "--fresh")
    assert {row["seed"] for row in rows(tmp_path / "g.csv")} != {seed}


def test_two_batches_draw_two_seeds(tmp_path, grader):
    seeds = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        run(tmp_path / name)
        seeds |= {row["seed"] for row in rows(tmp_path / name / "g.csv")}
    assert len(seeds) == 2


def test_ctrl_c_is_told_and_the_next_run_goes_on(tmp_path, grader, capsys, monkeypatch):
    whole = grader.grade

    def stopping(submission):
        if len(grader.graded) == 5:
            raise KeyboardInterrupt
        return whole(submission)

    monkeypatch.setattr(grader, "grade", stopping)
    assert run(tmp_path, "--seed", "7", "--workers", "1") == 130
    assert "the same command continues" in capsys.readouterr().err
    assert not (tmp_path / "g.csv").exists()
    monkeypatch.setattr(grader, "grade", whole)
    assert run(tmp_path, "--seed", "7") == 2
    assert len(grader.graded) == 12


def test_points_by_hand_survive_every_run_and_leave_the_journal_alone(tmp_path, grader, capsys):
    hand = tmp_path / "hand.csv"
    hand.write_text("student,question,points\nlindamara,q1,1\nnobody,q1,1\n", encoding="utf-8")
    run(tmp_path, "--seed", "7")
    journal = (tmp_path / "g.journal.jsonl").read_bytes()
    before = rows(tmp_path / "g.csv")
    for _ in range(2):
        run(tmp_path, "--seed", "7", "--corrections", str(hand))
        said = capsys.readouterr().err
        assert "answers marked by hand: 1" in said
        assert "by hand: no submission of nobody, named in line 3" in said
        after = {row["student"]: row for row in rows(tmp_path / "g.csv")}
        assert after["lindamara"]["q1"] == "1"
        assert "By hand 1 instead of" in after["lindamara"]["notes"]
    assert (tmp_path / "g.journal.jsonl").read_bytes() == journal
    run(tmp_path, "--seed", "7")
    assert rows(tmp_path / "g.csv") == before


def test_a_correction_that_fits_nothing_is_refused_before_anything_runs(tmp_path, grader, capsys):
    hand = tmp_path / "hand.csv"
    hand.write_text("student,question,points\nlindamara,q1,99\n", encoding="utf-8")
    assert run(tmp_path, "--corrections", str(hand)) == 1
    assert "corrections, line 2: points for q1 must be from 0 to 2" in capsys.readouterr().err
    assert grader.graded == []
    assert [path.name for path in tmp_path.iterdir()] == ["hand.csv"]


def test_marks_are_given_back_in_one_zip_scaled_and_late(tmp_path, grader, capsys):
    back = tmp_path / "back.zip"
    options = ("--seed", "7", "--return", str(back), "--late", "50% a day", "--due", "2026-11-01")
    options += ("--gradebook", BOOK, "--column", "Lab 3", "--scale", "--keep-higher")
    run(tmp_path, *options)
    with zipfile.ZipFile(back) as archive, zipfile.ZipFile(CLASS) as sent:
        assert set(archive.namelist()) <= set(sent.namelist())
        assert len(archive.namelist()) == 12
        assert json.loads(archive.read("lindamara_4002_90001_lab.ipynb"))["nbformat"] == 4
    said = capsys.readouterr().err
    assert f"written: {back}" in said
    table = {row["student"]: row for row in rows(tmp_path / "g.csv")}
    # Canvas marks one file as late; its time is that of the next morning.
    assert [name for name, row in table.items() if "1 day late" in row["notes"]] == ["ojogreta"]
    half = float(table["ojogreta"]["total"])
    assert half > 0
    assert f"ojogreta, 1 day late: 50% off, {half:g} instead of {2 * half:g} points" in said
    assert "late: points taken off 1 of 12 submissions" in said


def test_what_was_given_is_not_replaced_by_the_zip_to_give_back(tmp_path, grader, capsys):
    mine = shutil.copy(CLASS, tmp_path / "lab-3.zip")
    assert run(tmp_path, "--return", str(mine), submissions=str(mine)) == 1
    assert "would replace" in capsys.readouterr().err


def test_no_isolation_is_refused(tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise IsolationError("no isolation here: install bubblewrap")

    monkeypatch.setattr(_command, "Grader", refuse)
    assert run(tmp_path, "--seed", "7") == 1
    assert "error: no isolation here: install bubblewrap" in capsys.readouterr().err
    assert not (tmp_path / "g.csv").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--lab", "l99"], "--lab must be one of"),
        (["--lab", "../l03_shapley"], "--lab must be one of"),
        (["--out", "grades.xlsx"], "--out must be a file that ends in .csv"),
        (["--gradebook", BOOK], "--gradebook and --column go together"),
        (["--column", "Lab 3"], "--gradebook and --column go together"),
        (["--gradebook", BOOK, "--column", "Lab 9"], "column must be one of"),
        (["--gradebook", "none.csv", "--column", "Lab 3"], "nothing is at 'none.csv'"),
        (["--scale"], "--scale and --keep-higher need --gradebook"),
        (["--keep-higher"], "--scale and --keep-higher need --gradebook"),
        (["--late", "10% a day"], "--late and --due go together"),
        (["--due", "2026-11-02"], "--late and --due go together"),
        (["--late", "a bit", "--due", "2026-11-02"], "--late must read like"),
        (["--return", "back.csv"], "--return must be a file that ends in .zip"),
        (["--corrections", "none.csv"], "corrections must be a CSV file; nothing is at"),
        (["--backend", "dask"], "--backend dask and --scheduler go together"),
        (["--scheduler", "tcp://x:1"], "--backend dask and --scheduler go together"),
        (["--seed", "-1"], "must be a whole number from 0 on; got '-1'"),
        (["--seed", "x"], "must be a whole number from 0 on; got 'x'"),
        (["--workers", "0"], "must be a whole number from 1 to 256; got '0'"),
        (["--isolation", "some"], "invalid choice: 'some'"),
        (["--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_mistakes_are_told_before_anything_runs(tmp_path, grader, capsys, options, words):
    assert run(tmp_path, *options) == 1
    assert words in capsys.readouterr().err
    assert grader.graded == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--out", "--class-page"])
@pytest.mark.parametrize("name", ["class.csv", "gradebook.csv", "a folder.csv"])
def test_what_was_given_is_never_written_over(tmp_path, grader, capsys, option, name):
    (tmp_path / "a folder.csv").mkdir()
    shutil.copy(CLASS, tmp_path / "class.csv")
    book = shutil.copy(BOOK, tmp_path / "gradebook.csv")
    before = {path: path.read_bytes() for path in tmp_path.glob("*.csv") if path.is_file()}
    options = ["--gradebook", str(book), "--column", "Lab 3", option, str(tmp_path / name)]
    assert run(tmp_path, *options, submissions=str(tmp_path / "class.csv")) == 1
    assert "would replace" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before
    assert grader.graded == []


def test_a_seed_of_zero_is_a_seed(tmp_path, grader):
    run(tmp_path, "--seed", "0")
    assert grader.asked["seed"] == 0


@pytest.mark.parametrize("arguments", [[], ["grade"], ["mark"]])
def test_half_a_command_shows_how_it_is_used(capsys, arguments):
    assert main(arguments) == 1
    assert "usage: xaikit" in capsys.readouterr().err


def test_help_tells_the_exit_codes(capsys):
    assert main(["grade", "--help"]) == 0
    said = capsys.readouterr().out
    assert "exit code:" in said
    assert "unreadable" in said


def test_the_submissions_are_never_written_to(tmp_path, grader):
    before = Path(CLASS).read_bytes()
    run(tmp_path, "--seed", "7")
    assert Path(CLASS).read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("command", [["-m", "xaikit"], None])
def test_it_can_be_called_both_ways(command, tmp_path):
    start = [sys.executable, *command] if command else [str(Path(sys.executable).parent / "xaikit")]
    done = subprocess.run([*start, "grade", "--help"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "xaikit grade" in done.stdout

"""``xaikit lab``: what a learner types first."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import xaikit as xk
from xaikit.__main__ import main
from xaikit.course.labs import _command
from xaikit.course.labs._source import read_answers, read_needs, read_source, read_title
from xaikit.labs import lab_names, labs_folder


@pytest.fixture
def opened(monkeypatch):
    """What Jupyter is started with, instead of starting it."""
    calls = []
    monkeypatch.setattr(_command.subprocess, "call", lambda command: calls.append(command) or 0)
    return calls


def test_without_a_name_the_labs_are_listed(capsys):
    assert main(["lab"]) == 0
    said = capsys.readouterr().out
    for name in lab_names():
        assert f"{name} " in said
    assert "Who gets the credit?" in said
    assert "xaikit lab l03" in said


@pytest.mark.parametrize("asked", ["l03", "l03_shapley"])
def test_a_copy_of_ones_own_is_made_and_opened(tmp_path, monkeypatch, opened, asked):
    monkeypatch.chdir(tmp_path)
    assert main(["lab", asked]) == 0
    (copy,) = (tmp_path / "labs-of-mine").rglob("*.ipynb")
    assert copy == tmp_path / "labs-of-mine" / "l03_shapley" / "lab.ipynb"
    assert copy.read_bytes() == (labs_folder() / "l03_shapley" / "lab.ipynb").read_bytes()
    assert {path.name for path in copy.parent.iterdir()} == {"lab.ipynb"}
    (call,) = opened
    assert call[:4] == [sys.executable, "-m", "jupyter", "lab"]
    assert call[4] == "labs-of-mine/l03_shapley/lab.ipynb"


def test_a_copy_that_is_there_is_never_replaced(tmp_path, opened):
    for _ in range(2):
        assert main(["lab", "l03", "--folder", str(tmp_path)]) == 0
        (tmp_path / "l03_shapley" / "lab.ipynb").write_text("my work")
    assert (tmp_path / "l03_shapley" / "lab.ipynb").read_text() == "my work"
    assert len(opened) == 2


def test_all_labs_at_once_open_their_folder(tmp_path, opened):
    assert main(["lab", "all", "--folder", str(tmp_path / "mine")]) == 0
    assert sorted(p.parent.name for p in tmp_path.rglob("*.ipynb")) == list(lab_names())
    # No source, no checks: nothing in what is shown holds a solution.
    assert {p.suffix for p in tmp_path.rglob("*") if p.is_file()} == {".ipynb"}
    assert str(tmp_path / "mine") in opened[0]


def test_nothing_is_opened_where_that_is_asked_or_jupyter_is_missing(
    tmp_path, monkeypatch, opened, capsys
):
    assert main(["lab", "l01", "--folder", str(tmp_path), "--no-open"]) == 0
    monkeypatch.setattr(_command.importlib.util, "find_spec", lambda name: None)
    assert main(["lab", "l01", "--folder", str(tmp_path)]) == 0
    assert opened == []
    assert "pip install jupyterlab" in capsys.readouterr().out


def test_another_name_lists_the_labs(capsys):
    assert main(["lab", "l99"]) == 1
    assert "name must be one of the labs l01_global_local" in capsys.readouterr().err


@pytest.mark.parametrize("name", lab_names())
def test_the_answers_are_read_alike_with_and_without_jupytext(name):
    source = read_source(labs_folder() / name)
    assert read_answers(labs_folder() / name) == source.answers
    heading = source.cells[0].source.splitlines()[0]
    assert heading.lower() == f"# lab: {read_title(labs_folder() / name)}".lower()


def test_the_short_name_opens_the_lab():
    assert repr(xk.labs.open("l03")) == repr(xk.labs.open("l03_shapley"))


@pytest.mark.slow
def test_hint_solution_and_progress_need_no_jupytext(tmp_path):
    code = """
import json, sys
import xaikit as xk
lab = xk.labs.open("l03")
settled = {"violin": 1, "drum": 1, "voice": 1}
told = [repr(lab.check("q1")), repr(lab.hint("q1")), repr(lab.solution("q1")), repr(lab.progress())]
print(json.dumps([told, sorted({"jupytext", "nbformat", "IPython"} & set(sys.modules))]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    told, loaded = json.loads(done.stdout)
    assert loaded == []
    assert "hint 1 of 3" in told[1]
    assert '"violin": 43' in told[2]
    assert "Settle Friday by hand" in told[3]


def test_the_map_in_the_first_lab_names_them_all():
    text = (labs_folder() / lab_names()[0] / "lab.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `l")]
    wanted = []
    for name in lab_names():
        needs, minutes = read_needs(labs_folder() / name)
        title = read_title(labs_folder() / name)
        wanted.append(f"| `{name}`: {title} | {needs} | {minutes} |")
    assert rows == wanted
    assert "first of sixteen" in text
    assert len(wanted) == 16

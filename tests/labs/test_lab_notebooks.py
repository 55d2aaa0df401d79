"""The notebooks in a real kernel, as a learner and as CI run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from xaikit.course.labs._checks import load_checks
from xaikit.course.labs._source import read_source
from xaikit.course.labs._split import solved_notebook
from xaikit.labs import lab_names

LABS = Path(__file__).resolve().parents[2] / "labs"

pytestmark = pytest.mark.slow


def _run(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return notebook


def _shown(notebook, mime="text/plain"):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][mime] for output in outputs if mime in output.get("data", {})]


@pytest.mark.parametrize("name", lab_names(LABS))
def test_the_unsolved_notebook_runs_to_its_end_with_nothing_answered(name, tmp_path):
    path = tmp_path / "lab.ipynb"
    path.write_bytes((LABS / name / "lab.ipynb").read_bytes())
    notebook = _run(path)
    questions = load_checks(LABS / name).points
    for mime in ("text/plain", "text/html"):
        shown = _shown(notebook, mime)
        for question in questions:
            assert any(f"{question}: Not answered yet" in text for text in shown)
        assert not any("Correct" in text for text in shown)
    assert f"0 of {sum(questions.values())} points" in _shown(notebook)[-1]
    assert [file.name for file in tmp_path.iterdir()] == ["lab.ipynb"]


@pytest.mark.parametrize("name", lab_names(LABS))
def test_the_solved_notebook_gets_every_point_and_is_remembered(name, tmp_path):
    path = tmp_path / "solved.ipynb"
    path.write_text(solved_notebook(read_source(LABS / name)), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--nbmake", "--overwrite", "-p", "no:cacheprovider"]
    run = subprocess.run([*command, str(path)], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    shown = _shown(nbformat.read(path, as_version=4))
    points = load_checks(LABS / name).points
    for question, most in points.items():
        assert any(f"{question}: Correct ({most} of {most} points)" in text for text in shown)
    most = sum(points.values())
    assert f"{name}: {most} of {most} points" in shown[-1]

    # A new kernel in the same folder, nothing answered in it: the points are still there.
    path = tmp_path / "again.ipynb"
    path.write_bytes((LABS / name / "lab.ipynb").read_bytes())
    assert f"{name}: {most} of {most} points" in _shown(_run(path))[-1]


def test_an_error_shows_the_learners_line_in_a_kernel(tmp_path):
    cells = [
        'import xaikit as xk\n\nlab = xk.labs.open("l03_shapley")',
        "def shapley(game, n_players):\n    return game([1, 2]) / 0",
        'lab.check("q2")',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "error.ipynb")
    shown = _shown(_run(tmp_path / "error.ipynb"))[-1]
    assert "Your code stopped" in shown
    assert "In your `shapley`, line 2 of its cell:" in shown
    assert "return game([1, 2]) / 0" in shown

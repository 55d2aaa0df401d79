"""The notebooks in a real kernel, as a learner and as CI run them."""

from __future__ import annotations

from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import xaikit as xk
from xaikit.course.labs._checks import load_checks
from xaikit.course.labs._source import read_source
from xaikit.course.labs._split import solved_notebook
from xaikit.labs import lab_names

LABS = Path(__file__).resolve().parents[2] / "labs"
# Forgets every name of the unsolved notebook, and shows what it left where it ran.
BETWEEN = "%reset -f\n__import__('os').listdir()"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Ran:
    """What the unsolved notebook of a lab showed, and after it the solved one."""

    name: str
    folder: Path
    unsolved: list
    between: list
    solved: list

    @property
    def points(self) -> dict[str, int]:
        return load_checks(LABS / self.name).points


def _run(cells, folder):
    """Run cells in a new kernel, and return them with their outputs."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # two notebooks may use the same ones
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    return notebook.cells


def _shown(cells, mime="text/plain"):
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [output["data"][mime] for output in outputs if mime in output.get("data", {})]


@pytest.fixture(scope="module", params=lab_names(LABS))
def ran(request, tmp_path_factory):
    """Both notebooks of a lab, one after the other in one kernel that is the lab's own.

    Most of the time of a kernel goes into its start and into importing what the lab needs.
    """
    name, folder = request.param, tmp_path_factory.mktemp("lab")
    unsolved = nbformat.read(LABS / name / "lab.ipynb", as_version=4).cells
    solved = nbformat.reads(solved_notebook(read_source(LABS / name)), as_version=4).cells
    cells = _run([*unsolved, nbformat.v4.new_code_cell(BETWEEN), *solved], folder)
    place = len(unsolved)
    return Ran(name, folder, cells[:place], cells[place : place + 1], cells[place + 1 :])


def test_the_unsolved_notebook_runs_to_its_end_with_nothing_answered(ran):
    for mime in ("text/plain", "text/html"):
        shown = _shown(ran.unsolved, mime)
        for question in ran.points:
            assert any(f"{question}: Not answered yet" in text for text in shown)
        assert not any("Correct" in text for text in shown)
    assert f"0 of {sum(ran.points.values())} points" in _shown(ran.unsolved)[-1]
    assert _shown(ran.between) == ["[]"]  # no file is left


def test_the_solved_notebook_gets_every_point(ran):
    shown = _shown(ran.solved)
    for question, most in ran.points.items():
        assert any(f"{question}: Correct ({most} of {most} points)" in text for text in shown)
    most = sum(ran.points.values())
    assert f"{ran.name}: {most} of {most} points" in shown[-1]


def test_the_points_are_remembered(ran):
    """A lab that is opened anew in the same folder, with nothing answered, knows them."""
    most = sum(ran.points.values())
    with chdir(ran.folder):
        assert f"{ran.name}: {most} of {most} points" in repr(xk.labs.open(ran.name).progress())


@pytest.mark.parametrize("ran", ["l03_shapley"], indirect=True)
def test_the_unsolved_notebook_in_another_kernel_keeps_the_points(ran):
    cells = nbformat.read(LABS / ran.name / "lab.ipynb", as_version=4).cells
    assert f"{ran.name}: 18 of 18 points" in _shown(_run(cells, ran.folder))[-1]


def test_an_error_shows_the_learners_line_in_a_kernel(tmp_path):
    code = [
        'import xaikit as xk\n\nlab = xk.labs.open("l03_shapley")',
        "def shapley(game, n_players):\n    return game([1, 2]) / 0",
        'lab.check("q2")',
    ]
    cells = [nbformat.v4.new_code_cell(cell) for cell in code]
    shown = _shown(_run(cells, tmp_path))[-1]
    assert "Your code stopped" in shown
    assert "In your `shapley`, line 2 of its cell:" in shown
    assert "return game([1, 2]) / 0" in shown

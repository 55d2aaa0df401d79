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
# Forgets every name, closes the figures, and goes to a folder.
ANEW = "%reset -f\n__import__('matplotlib.pyplot').pyplot.close('all')\n%cd -q {}"
# The same, and shows what the notebook before left where it ran.
BETWEEN = ANEW.format(".") + "\n__import__('os').listdir()"

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
    """Run cells in a new kernel, those after an error too, and return them with their outputs."""
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # two notebooks may use the same ones
    notebook = nbformat.v4.new_notebook(cells=cells)
    how = {"timeout": 120, "kernel_name": "python3", "allow_errors": True}
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **how).execute()
    return notebook.cells


def _errors(cells):
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [o["evalue"] for o in outputs if o["output_type"] == "error"]


def _shown(cells, mime="text/plain"):
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [output["data"][mime] for output in outputs if mime in output.get("data", {})]


@pytest.fixture(scope="module")
def all_ran(tmp_path_factory):
    """Both notebooks of each lab, one after the other, all in one kernel.

    Most of the time of a kernel goes into its start and into importing what the labs need. That
    a lab imports all that it needs itself is seen in grading, where each has its own process.
    """
    cells, kept = [], {}
    for name in lab_names(LABS):
        folder = tmp_path_factory.mktemp("lab")
        unsolved = nbformat.read(LABS / name / "lab.ipynb", as_version=4).cells
        solved = nbformat.reads(solved_notebook(read_source(LABS / name)), as_version=4).cells
        anew, between = map(nbformat.v4.new_code_cell, (ANEW.format(folder), BETWEEN))
        cells += [anew, *unsolved, between, *solved]
        kept[name] = Ran(name, folder, unsolved, [between], solved)
    _run(cells, tmp_path_factory.mktemp("kernel"))  # puts the outputs into these very cells
    return kept


@pytest.fixture(params=lab_names(LABS))
def ran(request, all_ran):
    return all_ran[request.param]


def test_the_unsolved_notebook_runs_to_its_end_with_nothing_answered(ran):
    assert _errors(ran.unsolved) == []
    for mime in ("text/plain", "text/html"):
        shown = _shown(ran.unsolved, mime)
        for question in ran.points:
            assert any(f"{question}: Not answered yet" in text for text in shown)
        assert not any("Correct" in text for text in shown)
    assert f"0 of {sum(ran.points.values())} points" in _shown(ran.unsolved)[-1]
    assert _shown(ran.between) == ["[]"]  # no file is left


def test_the_solved_notebook_gets_every_point(ran):
    assert _errors(ran.solved) == []
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
    cells = _run(nbformat.read(LABS / ran.name / "lab.ipynb", as_version=4).cells, ran.folder)
    assert _errors(cells) == []
    assert f"{ran.name}: 18 of 18 points" in _shown(cells)[-1]


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

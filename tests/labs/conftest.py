from __future__ import annotations

import linecache
import shutil
from pathlib import Path

import pytest

from xaikit.course.labs._source import read_source
from xaikit.course.labs._verify import _run

LABS = Path(__file__).resolve().parents[2] / "labs"


@pytest.fixture(scope="module")
def solved(request):
    """The names in the notebook of the module's LAB when every answer is the solution."""
    source = read_source(request.module.LAB)
    solutions = {name: answer.solved for name, answer in source.answers.items()}
    return _run(request.module.LAB, source, solutions)


@pytest.fixture
def lab_copy(tmp_path):
    """A copy of the lab to spoil; `spoil(file, old, new)` replaces one passage in it."""
    folder = tmp_path / "labs" / "l03_shapley"
    shutil.copytree(LABS / "l03_shapley", folder, ignore=shutil.ignore_patterns("__pycache__"))

    def spoil(file: str, old: str, new: str) -> Path:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return spoil


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Run code as the cells of one notebook; returns its names."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}

    def run(code: str) -> dict:
        # A kernel registers its cells here too, so that tracebacks can show the line.
        file = f"<cell {len(linecache.cache)}>"
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        exec(compile(code, file, "exec"), names)
        return names

    run("import numpy as np, pandas as pd, xaikit as xk\nlab = xk.labs.open('l03_shapley')")
    return run

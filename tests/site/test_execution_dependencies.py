"""Which modules a run has loaded: the half of a chapter's key that its text does not show."""

import nbformat
import pytest
from nbclient import NotebookClient

from tools import keys
from tools.execution import ThisPython, ask_what_is_loaded, kernel_environment, loaded_modules
from tools.keys import package_files, used_files

pytestmark = pytest.mark.slow

INIT = """
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xaikit import alone, plot

__all__ = ["claim", "games"]
__version__ = "1"
_HOME = {"claim": "_claim"}


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"xaikit.{_HOME[name]}"), name)
    if name.startswith("__"):
        raise AttributeError(name)
    return importlib.import_module(f"xaikit.{name}")
"""

HELPER = "import importlib\ndef need(library):\n    return importlib.import_module(library)"

FILES = {
    "__init__.py": INIT,
    "_claim.py": "def claim(text, holds): ...",
    "games.py": "def glove():\n    from xaikit._exact import shapley\n    return shapley()",
    "_exact.py": "from . import _coalitions\ndef shapley(): ...",
    "_coalitions.py": "import json",
    "alone.py": "",
    "_helper.py": HELPER,
    "caller.py": "from xaikit._helper import need\nneed('csv')\nneed('xaikit.alone')",
    "pick.py": "import importlib\ndef pick(name): importlib.import_module(f'xaikit.plot._{name}')",
    "plot/__init__.py": "from xaikit.plot._bar import bar",
    "plot/_bar.py": "from .. import _coalitions\nfrom ._style import colours\ndef bar(x): ...",
    "plot/_style.py": "colours = []",
    "plot/colours.csv": "red",
    "data/__init__.py": "",
    "data/tables/table.csv": "1",
}

GAMES = {"games", "_exact", "_coalitions"}
PLOT = {"plot/__init__", "plot/_bar", "plot/_style", "_coalitions"}

# The cells of a chapter, and the modules that they lead to besides the package itself.
CASES = [
    (["import xaikit as xk", "xk.claim('a', True)"], {"_claim"}),
    (["import xaikit", "xaikit.claim('a', True)"], {"_claim"}),
    (["import xaikit as xk\nxk.__version__"], set()),
    (["import xaikit as xk", "xk.games"], {"games"}),
    (["import xaikit as xk", "xk.games.glove()"], GAMES),  # which imports what it needs late
    (["import xaikit.games"], {"games"}),
    (["import xaikit.games as g", "g.glove()"], GAMES),
    (["from xaikit.games import glove", "glove()"], GAMES),
    (["from xaikit import games"], {"games"}),
    (["def later():\n    from xaikit import games", "later()"], {"games"}),
    (["from xaikit import claim, plot", "plot.bar(1)"], {"_claim", *PLOT}),
    (["import xaikit as xk", "xk.plot.bar(1)"], PLOT),
    (["import importlib; importlib.import_module('xaikit.alone')"], {"alone"}),
    (["import importlib; name = 'xaikit.alone'", "importlib.import_module(name)"], {"alone"}),
    (["%matplotlib inline\nimport xaikit as xk", "xk.claim"], {"_claim"}),
    (["import xaikit as xk", "import numpy as np"], set()),
    (["from xaikit import *"], {"_claim", "games"}),
    (["import xaikit as xk\ngetattr(xk, 'cla' + 'im')"], {"_claim"}),
    (["%%time\nimport xaikit as xk\nxk.games"], {"games"}),
    (["import xaikit as xk\n%timeit -n 1 -r 1 xk.games.glove()"], GAMES),
    (["import xaikit as xk\n%time worth = xk.games.glove()"], GAMES),
    (["import xaikit as xk\nexec('xk.games.glove()')"], GAMES),
    (
        [
            "import threading, xaikit as xk",
            "t = threading.Thread(target=lambda: xk.plot); t.start(); t.join()",
        ],
        PLOT,
    ),
    (["import xaikit as xk", "json = sys = os = print = None", "xk.claim"], {"_claim"}),
    (["import xaikit.caller"], {"caller", "_helper", "alone"}),
    (["from xaikit.pick import pick", "pick('bar')"], {"pick", *PLOT}),
]

FORGET = """
import sys
for name in [n for n in sys.modules if n.partition(".")[0] == "xaikit"]:
    del sys.modules[name]
%reset -f
"""


def record(import_path, folder, cases):
    """Run the cases one after another in one kernel; return what each has loaded."""
    cells, told = [], [folder / f"{number}.json" for number in range(len(cases))]
    for sources, target in zip(cases, told, strict=True):
        cells += [nbformat.v4.new_code_cell(source) for source in sources]
        cells += [ask_what_is_loaded(target), nbformat.v4.new_code_cell(FORGET)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, kernel_manager_class=ThisPython)
    client.execute(env=kernel_environment(import_path))
    return [set(loaded_modules(target, import_path / "xaikit")) for target in told]


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "xaikit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_what_the_cells_lead_to_is_recorded_and_nothing_else(folder):
    *found, without = record(folder, folder, [*(sources for sources, _ in CASES), ["import csv"]])
    for (sources, modules), loaded in zip(CASES, found, strict=True):
        assert loaded == {f"{name}.py" for name in {"__init__", *modules}}, sources
    assert without == set()


def test_where_other_processes_work_everything_counts(folder):
    run = "import subprocess, sys\nsubprocess.{}([sys.executable, '-c', '{}'], stdin=-1)"
    still_there = run.format("Popen", "import sys; sys.stdin.read()")
    ended = run.format("run", "import xaikit.alone, json, csv, random")
    everything = {name for name in FILES if name.endswith(".py")}
    assert record(folder, folder, [[still_there]]) == [everything]
    assert record(folder, folder, [[ended]]) == [everything]


def test_modules_count_and_the_tables_beside_them_and_the_names_of_others(folder):
    package = package_files(folder / "xaikit")
    plot = dict(used_files({"__init__.py", "plot/__init__.py"}, package))
    assert plot["plot/__init__.py"] == FILES["plot/__init__.py"].encode()
    assert plot["plot/colours.csv"] == b"red"
    assert plot["plot/_bar.py"] == plot["alone.py"] == b""
    assert not [name for name in plot if name.startswith("data/")]
    # A table counts with the nearest package above it.
    data = dict(used_files({"data/__init__.py"}, package))
    assert data == {"data/__init__.py": b"", "data/tables/table.csv": b"1"}
    # A module counts in a folder that is no package too.
    assert dict(used_files({"x/y.py"}, {"__init__.py": b"0", "x/y.py": b"1"})) == {"x/y.py": b"1"}
    assert list(used_files(set(), package)) == []


def test_every_public_name_of_the_real_package_leads_to_a_part_of_it(repository, tmp_path):
    import xaikit

    names = xaikit.__all__
    found = record(repository, tmp_path, [["import xaikit as xk", f"xk.{n}"] for n in names])
    everything = {path for path in package_files(repository / "xaikit") if path.endswith(".py")}
    for name, loaded in zip(names, found, strict=True):
        assert {"__init__.py"} < loaded < everything, name


def test_a_tool_that_makes_a_page_counts(tmp_path, monkeypatch):
    class Page:
        sources = ("from tools.table import rows\nrows()",)
        faults_file = tmp_path / "page.faults.yml"

    monkeypatch.setattr(keys, "__file__", str(tmp_path / "keys.py"))
    found = []
    for text in ("rows = list", "rows = tuple", "rows = list"):
        (tmp_path / "table.py").write_text(text)
        found.append(keys.chapter_key(Page, (), {}, tmp_path / "no.lock"))
    assert found[0] == found[2] != found[1]

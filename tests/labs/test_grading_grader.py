"""Whole submissions through the real sandbox: notebooks as students write them."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from made_lab import CHECKS, DOUBLE, GOOD, TOTAL, make_lab, notebook

from xaikit.course.grading import Grader, IsolationError, Limits, Submission, _grader, _isolation
from xaikit.course.labs._source import read_source
from xaikit.course.labs._split import solved_notebook, student_notebook
from xaikit.labs import lab_names

LABS = Path(__file__).resolve().parents[2] / "labs"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux"),
]


def submit(grader, *cells, **changes):
    return grader.grade(Submission("ada", "ada.ipynb", notebook(*cells, **changes)))


@pytest.fixture(scope="module")
def grader(tmp_path_factory):
    lab = make_lab(tmp_path_factory.mktemp("labs"))
    (lab / "table.csv").write_text("7\n", encoding="utf-8")
    try:
        with Grader(lab, seed=11, limits=Limits(seconds=20)) as opened:
            yield opened
    except IsolationError as error:
        pytest.skip(f"no isolation here: {error}")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Open another grader of the made lab. What no cell here imports is not imported for it."""
    monkeypatch.setattr(_grader, "_ALWAYS", ("numpy",))

    def opened(checks=CHECKS, **options):
        return Grader(make_lab(tmp_path, checks), **{"seed": 11, **options})

    return opened


def test_all_that_is_known_about_the_marks_is_said(grader):
    graded = submit(grader, DOUBLE, TOTAL)
    assert (graded.student, graded.source, graded.status) == ("ada", "ada.ipynb", "ok")
    assert (graded.total, graded.out_of, graded.lab, graded.seed) == (4, 4, "l00_made", 11)
    assert graded.isolation == grader.isolation == "namespaces in bubblewrap"
    assert [mark.hint for mark in graded.marks] == ["Twice each.", "The sum."]


# `_` answers question 1 only if the cell before did what it says.
IPYTHON = {
    "time": "%time double = lambda x: 2 * x",
    "cell time": "%%time\ndef double(x):\n    return 2 * x",
    "timeit": "%timeit -n 1 -r 1 1\ndouble = lambda x: 2 * x",
    "capture": "%%capture out\nprint(1)\ndouble = lambda x: 2 * x",
    "inline figures": "%matplotlib inline\n%config InlineBackend.figure_format = 'svg'\n"
    "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\ndouble = lambda x: 2 * x",
    "display": "display(1, 'two')\nfrom IPython.display import HTML, display\n"
    "display(HTML('<b>'))\ndouble = lambda x: 2 * x",
    "await": "import asyncio\nawait asyncio.sleep(0)\ndouble = lambda x: 2 * x",
    "pip": "%pip install nothing\n!pip install nothing\ndouble = lambda x: 2 * x",
    "shell": "files = !ls\n!rm -rf /\n%ls\n%cd /\ndouble = lambda x: 2 * x",
    "help": "print?\nlen??\ndouble = lambda x: 2 * x",
    "last result": "2\ndouble = lambda x: (Out[2] if False else 2) * x",
    "get_ipython": "get_ipython().run_line_magic('time', '1')\ndouble = lambda x: 2 * x",
    "autoreload": "%load_ext autoreload\n%autoreload 2\ndouble = lambda x: 2 * x",
    "writefile": "%%writefile a.py\ndouble = lambda x: 2 * x",
    "a file of its own": "open('a.txt', 'w').write('2')\n"
    "double = lambda x, two=int(open('a.txt').read()): two * x",
    "the home folder": "from pathlib import Path\n(Path.home() / 'a').write_text('x')\n"
    "double = lambda x: 2 * x",
    "a temporary file": "import tempfile\ntempfile.TemporaryFile().write(b'x')\n"
    "double = lambda x: 2 * x",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "double = lambda x: sum(ThreadPoolExecutor(4).map(int, [x, x]))",
    "processes": "from multiprocessing import get_context\n"
    "with get_context('fork').Pool(2) as pool: total2 = pool.map(int, [1, 1])\n"
    "double = lambda x: sum(total2) * x",
    "an open lab": "import xaikit as xk\nlab = xk.labs.open('l00_made')\nlab.check('q1')\n"
    "lab.hint('q1'); lab.solution('q1'); lab.progress()\nassert not lab.check('q1').points\n"
    "from xaikit.labs import open as other\nother('l00_made').check('q1')\n"
    "double = lambda x: 2 * x",
    "the data of the lab": "import xaikit as xk\n"
    "path = xk.labs.labs_folder() / 'l00_made' / 'table.csv'\n"
    "double = lambda x: (int(path.read_text()) - 5) * x",
}


@pytest.mark.parametrize("name", IPYTHON)
def test_a_cell_runs_as_in_a_notebook(grader, name):
    cells = [IPYTHON[name]]
    if name == "writefile":
        cells.append("from a import double")
    graded = submit(grader, *cells)
    assert (graded.status, graded.marks[0].outcome) == ("ok", "right"), graded.marks[0].hint


def test_an_error_ends_its_cell_and_no_other(grader):
    for broken in ("1 / 0", "def f(:", "raise SystemExit", "raise NotImplementedError", "exit()"):
        assert submit(grader, DOUBLE, broken, TOTAL).total == 4


def test_cells_run_from_top_to_bottom(grader):
    graded = submit(grader, "double = lambda x: two * x", "two = 3", "two = 2", TOTAL)
    assert graded.total == 4
    graded = submit(grader, "twice = two * 2", "two = 1", "double = lambda x: twice * x")
    assert graded.marks[0].outcome == "error"
    assert "NameError" in graded.marks[0].hint


def test_the_students_line_is_shown(grader):
    graded = submit(grader, "def double(x):\n    y = x\n    return y.nothing")
    assert graded.marks[0].hint.endswith(
        "In your `double`, line 3 of its cell:\n`return y.nothing`"
    )
    assert [mark.outcome for mark in graded.marks] == ["error", "not answered"]


def test_stubs_are_not_answered(grader):
    graded = submit(grader, "def double(x):\n    raise NotImplementedError", "total = ...")
    assert [mark.outcome for mark in graded.marks] == ["not answered", "error"]
    assert submit(grader).total == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"[" * 10**6, "nested too deeply"),
        (b'{"a": 1}', "not a notebook"),
        (notebook(nbformat=3), "no list of cells"),
        (notebook("import xaikit\nxaikit.labs.open('l05_lime')"), "of another lab"),
    ],
)
def test_files_that_are_no_notebook_of_the_lab(grader, content, words):
    graded = grader.grade(Submission("ada", "x", content))
    assert (graded.status, graded.total) == ("unreadable", 0)
    assert words in graded.message


def test_a_submission_that_came_with_a_problem(grader):
    graded = grader.grade(Submission("ada", "x", None, "The zip is damaged."))
    assert (graded.status, graded.message) == ("unreadable", "The zip is damaged.")


def test_cells_with_one_id_are_graded(grader):
    cells = [{"cell_type": "code", "id": "same", "source": c} for c in (DOUBLE, TOTAL)]
    assert submit(grader, cells=cells).total == 4


def test_two_at_a_time_do_not_meet(grader):
    """Each writes its own number, waits, and reads it back."""
    code = (
        "import os, time\nopen('/dev/shm/n', 'w').write('{n}')\nopen('n', 'w').write('{n}')\n"
        "time.sleep(0.2)\ngot = open('n').read() + open('/dev/shm/n').read()\n"
        "double = lambda x: 2 * x if got == '{n}{n}' and os.getpid() == 1 else 0"
    )
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: submit(grader, code.format(n=n)), range(12)))
    assert [graded.marks[0].outcome for graded in results] == ["right"] * 12


def test_the_seed_draws_the_inputs(grader, own):
    seen = submit(grader, "double = lambda x: [x]").marks[0].hint
    with own(seed=12) as second:
        assert submit(second, "double = lambda x: [x]").marks[0].hint != seen
        assert submit(second, DOUBLE, TOTAL).total == 4


# With it a cell is ended from outside only, and the notebook with it.
NO_ALARM = """
import signal
for kind in (signal.SIGPROF, signal.SIGALRM):
    signal.signal(kind, signal.SIG_IGN)
"""
# Under names that are put together, as the plain ones are refused.
TELLS_ITS_SEED = """
import sys
def double(x):
    frame = getattr(sys, "_get" + "frame")()
    while "seed" not in getattr(frame, "f_" + "locals"):
        frame = getattr(frame, "f_" + "back")
    raise ValueError(getattr(frame, "f_" + "locals")["seed"])
"""


def test_what_a_notebook_tells_of_its_seed_is_of_no_use_to_another(grader):
    told = [submit(grader, TELLS_ITS_SEED, f"{n}").marks[0].hint for n in (1, 2, 1)]
    assert told[0] == told[2] != told[1]
    assert all("`ValueError`: " in hint and "`ValueError`: 11\n" not in hint for hint in told)


@pytest.mark.parametrize("level", ["bubblewrap alone", "none"])
def test_the_other_levels_give_the_same_marks(own, tmp_path, monkeypatch, level):
    if level != "none":
        only = [i for i, _ in _isolation._candidates() if i.level == level]
        monkeypatch.setattr(_isolation, "_best", lambda: only[-1])
    asked = "none" if level == "none" else "auto"
    quick = Limits(seconds=3, memory_mb=300, file_mb=2)
    with own(isolation=asked, limits=quick) as other:
        graded = submit(other, DOUBLE, TOTAL)
        assert (graded.total, graded.isolation) == (4, level)
        assert submit(other, DOUBLE, "while True: pass").total == 2
        assert submit(other, DOUBLE, f"{NO_ALARM}while True: pass").status == "timeout"
        assert submit(other, DOUBLE, "x = bytearray(10**11)").status == "memory"
        assert submit(other, DOUBLE, "import os\nos._exit(0)").status == "crashed"
        if level != "none":
            path = tmp_path / "l00_made" / "checks.py"
            leak = f"double = lambda x: 2 * x if open(r'{path}').read() else 0"
            assert submit(other, leak).total == 0
            fill = "for n in range(99): open(f'f{n}', 'wb').write(b'x' * 10**6)\nwhile 1: pass"
            assert submit(other, DOUBLE, fill).status == "memory"
            kill = "import os\nfor pid in range(2, 9):\n    try: os.kill(pid, 9)\n"
            kill += "    except OSError: pass"
            assert submit(other, DOUBLE, kill).total <= 2
        assert submit(other, DOUBLE, TOTAL).total == 4


def test_a_server_that_is_killed_is_started_again(own):
    with own() as killed:
        assert submit(killed, DOUBLE, TOTAL).total == 4
        os.killpg(killed._sandbox._server._process.pid, signal.SIGKILL)
        assert submit(killed, DOUBLE, TOTAL).total == 4


def test_a_lab_sets_its_own_limits(own):
    with own(CHECKS + '\nLIMITS = {"seconds": 3, "memory_mb": 2000}\n') as short:
        graded = submit(short, DOUBLE, f"{NO_ALARM}import time\ntime.sleep(99)")
        assert graded.message == "The notebook was not done after 9 seconds by the clock."
        graded = submit(short, DOUBLE, f"{NO_ALARM}while True: pass")
        # On a machine that others keep busy, its time by the clock may be over before.
        assert graded.message.startswith("The notebook was not done after ")
        assert submit(short, "import mmap\nx = mmap.mmap(-1, 15 * 10**8)", DOUBLE, TOTAL).total == 4


COUNT_WHAT_IS_COMPILED = """
import numpy as np, xaikit as xk
from numba.core import event
from sklearn.tree import DecisionTreeRegressor
X = np.eye(4)
tree = DecisionTreeRegressor().fit(X, range(4))
with event.install_recorder("numba:compile") as seen:
    found = xk.explain(tree, X, method="tree_shap", background=X).values
double = lambda x: 2 * x if not seen.buffer else len(seen.buffer)
"""


@pytest.mark.parametrize("level", ["namespaces in bubblewrap", "bubblewrap alone", "none"])
def test_no_submission_compiles_what_explains_trees(tmp_path, monkeypatch, level):
    """Compiling takes ten seconds, and a submission cannot keep it for the next one."""
    if level != "none":
        only = [i for i, _ in _isolation._candidates() if i.level == level]
        monkeypatch.setattr(_isolation, "_best", lambda: only[-1])
    lab = make_lab(tmp_path) / "lab.md"
    lab.write_text("from sklearn.tree import DecisionTreeRegressor\n", encoding="utf-8")
    with Grader(lab.parent, seed=11, isolation="none" if level == "none" else "auto") as grader:
        graded = submit(grader, COUNT_WHAT_IS_COMPILED)
    assert (graded.marks[0].outcome, graded.isolation) == ("right", level), graded.marks[0].hint


WHETHER_IT_IS_LOADED = """
import sys
double = lambda x: 2 * x if "colorsys" in sys.modules else 0
total = lambda values: sum(values) if "left" not in globals() else 0
"""
A_THREAD = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()"


@pytest.mark.parametrize(("cell", "is_loaded"), [("", True), (A_THREAD, False)])
def test_modules_of_the_hand_out_are_loaded_unless_it_leaves_threads(tmp_path, cell, is_loaded):
    lab = make_lab(tmp_path)
    (lab / "lab.ipynb").write_bytes(notebook("left = 1\nimport colorsys", cell, "1 / 0"))
    with Grader(lab, seed=11) as opened:
        graded = submit(opened, WHETHER_IT_IS_LOADED)
    assert graded.total == (4 if is_loaded else 2)


def test_a_closed_grader_says_so(own):
    with pytest.raises(RuntimeError, match="use it in a with statement"):
        own().grade(Submission("ada", "ada.ipynb", GOOD))


@pytest.mark.parametrize("name", lab_names(LABS))
def test_every_lab_solved_and_unsolved(name):
    source = read_source(LABS / name)
    with Grader(LABS / name, seed=20_261) as grader:
        solved = grader.grade(Submission("a", "a", solved_notebook(source).encode()))
        assert (solved.status, solved.message) == ("ok", "")
        assert [mark.outcome for mark in solved.marks if mark.outcome != "right"] == []
        unsolved = grader.grade(Submission("b", "b", student_notebook(source).encode()))
        assert unsolved.status == "ok"
        assert {mark.outcome for mark in unsolved.marks} == {"not answered"}
        assert unsolved.total == 0

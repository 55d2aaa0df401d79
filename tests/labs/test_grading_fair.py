"""What is not the answers' fault costs no points: tried in the real sandbox."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest
from made_lab import DOUBLE, GOOD, TOTAL, make_lab, notebook

from xaikit.course.grading import Grader, IsolationError, Limits, Submission

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux"),
]


@pytest.fixture(scope="module")
def grader(tmp_path_factory):
    lab = make_lab(tmp_path_factory.mktemp("fair"))
    try:
        with Grader(lab, seed=5, limits=Limits(seconds=5)) as opened:
            yield opened
    except IsolationError as error:
        pytest.skip(f"no isolation here: {error}")


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


FULL = {
    "a package that is not here": notebook(
        "from google.colab import drive\ndrive.mount('/content/drive')\n" + DOUBLE, TOTAL
    ),
    "another name for it": notebook(
        "import wandb as w, numpy as np\nwith w.init(project='x') as run:\n    run.log({})\n"
        "assert np.zeros(1)[0] == 0\n" + DOUBLE,
        TOTAL,
    ),
    "all names of it": notebook("from dask_ml import *\n" + DOUBLE, TOTAL),
    "asks whether it is there": notebook(
        "try:\n    import google.colab\n    HERE = False\nexcept ImportError:\n    HERE = True",
        "if HERE:\n    def double(x):\n        return 2 * x",
        TOTAL,
    ),
    "a slow cell after the answers": notebook(DOUBLE, TOTAL, "while True:\n    pass"),
    "a slow cell before them": notebook("while True:\n    pass", DOUBLE, TOTAL),
    "a cell that waits": notebook(DOUBLE, "input('go on? ')", TOTAL, "import time; time.sleep(99)"),
    "an error before them": notebook("1 / 0", DOUBLE, TOTAL),
    "a byte-order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "a zip": zipped({"lab.ipynb": GOOD}),
    "a module of one's own": zipped(
        {"lab.ipynb": notebook("from mine import *", TOTAL), "mine.py": DOUBLE}
    ),
}


@pytest.mark.parametrize("name", FULL)
def test_it_has_full_marks(grader, name):
    graded = grader.grade(Submission("ada", "ada.ipynb", FULL[name]))
    assert (graded.status, graded.total) == ("ok", 4), (graded.message, graded.notes)


def test_one_endless_answer_leaves_the_others_theirs(grader):
    endless = "def double(x):\n    while True:\n        pass"
    graded = grader.grade(Submission("ada", "ada.ipynb", notebook(endless, TOTAL)))
    assert [mark.outcome for mark in graded.marks] == ["error", "right"]
    assert "It took too long and was stopped." in graded.marks[0].hint


def test_why_a_cell_stopped_is_told(grader):
    cells = ["x = 1\ny = nothing + x", DOUBLE, "while True:\n    pass", "def total(values:"]
    graded = grader.grade(Submission("ada", "ada.ipynb", notebook(*cells)))
    first, slow, broken = graded.notes
    assert first == (
        "Code cell 1 stopped: `NameError`: name 'nothing' is not defined, at `y = nothing + x`"
    )
    assert slow.startswith("Code cell 3 stopped: It took too long and was stopped.")
    assert broken.startswith("Code cell 4 stopped: `SyntaxError`")


def test_a_package_that_is_absent_gives_nothing_to_answer_with(grader):
    code = "from google.colab import double\nfrom google.colab import total"
    graded = grader.grade(Submission("ada", "ada.ipynb", notebook(code)))
    assert (graded.status, graded.total) == ("ok", 0)

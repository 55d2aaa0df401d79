"""Numbers reach the text of a chapter as Python's own, and nothing else does."""

import subprocess
import sys

import myst_nb
import numpy as np
import pytest

from xaikit import put


@pytest.fixture
def glued(monkeypatch):
    given = {}
    monkeypatch.setattr("xaikit.course.put.in_ipython", lambda: True)
    monkeypatch.setattr(myst_nb, "glue", lambda name, value, display: given.update({name: value}))
    return given


@pytest.mark.parametrize(
    ("number", "python"), [(np.float32(0.5), 0.5), (np.int64(3), 3), (2, 2), (1.5, 1.5)]
)
def test_numbers_become_pythons_own(glued, number, python):
    put(found=number)
    assert glued == {"found": python}
    assert type(glued["found"]) is type(python)


@pytest.mark.parametrize("value", ["0.5", None, np.array([1.0]), [1.0], 1j])
def test_what_is_no_number_is_refused_and_nothing_is_handed_over(glued, value):
    with pytest.raises(TypeError, match=f"wrong must be a number; got {type(value).__name__}"):
        put(right=1.0, wrong=value)
    assert glued == {}


def test_without_the_book_nothing_is_done(glued, monkeypatch):
    monkeypatch.setattr("xaikit.course.put.find_spec", lambda name: None)
    put(found=1.0)
    assert glued == {}


def test_outside_ipython_nothing_is_done_and_no_shell_begins():
    code = "import sys, xaikit as xk; xk.put(a=1.0); print({'IPython', 'myst_nb'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

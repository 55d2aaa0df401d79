"""Into the sandbox goes the part of checks.py that probes need, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from xaikit.course.grading._grader import _imports_of_the_lab
from xaikit.course.grading._probes import imported, probes_only
from xaikit.course.labs._checks import load_checks, read_declared
from xaikit.labs import lab_names

LABS = Path(__file__).resolve().parents[2] / "labs"

CHECKS = '''
"""What it is."""
from __future__ import annotations
import json, math
from a import b, c as d
import pkg.inner
try:
    import fast as quick
except ImportError:
    quick = None

SIZES = {"a": 1}
SIZES["b"] = 2
for name in SIZES:
    SIZES[name] += 1
SECRET: int = 42
DEEP = [SIZES, b]
POINTS = {"q1": 1}

class Helper:
    size = SIZES

def _inner():
    return Helper, quick, pkg.inner

def _only_judge():
    return SECRET, math, d

def q1_probe(ns, seed):
    return _inner()

def q1_judge(value, seed):
    return _only_judge(), DEEP
'''


def test_what_a_probe_reaches_goes_along_and_the_rest_stays():
    text = probes_only(CHECKS, ["q1"])
    for kept in (
        "__future__",
        "import pkg.inner",
        "quick",
        "class Helper",
        "SIZES['b'] = 2",
        "+= 1",
    ):
        assert kept in text
    for left in ("SECRET", "judge", "math", "json", "DEEP", "What it is", "POINTS", "from a"):
        assert left not in text


@pytest.mark.parametrize("name", lab_names(LABS))
def test_the_probes_of_every_lab_stand_by_themselves(name):
    checks = load_checks(LABS / name)
    source = (LABS / name / "checks.py").read_text(encoding="utf-8")
    text = probes_only(source, checks.points)
    names = {"__name__": "probes"}
    exec(compile(text, str(LABS / name / "checks.py"), "exec"), names)
    assert {n for n in names if n.endswith("_probe")} >= {f"{q}_probe" for q in checks.points}
    assert "_judge" not in text
    declared = read_declared(LABS / name)
    assert (declared.points, declared.limits) == (checks.points, checks.limits)


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ("POINTS = dict(q1=1)", "POINTS must be written out; got dict\\(q1=1\\)"),
        ("POINTS = {'q1': 1}\nLIMITS = {'seconds': 2 * TEN}", "LIMITS must be written out"),
        ("POINTS = {'q1': 0}", "POINTS must be at least 1 each; got {'q1': 0}"),
        ("", "POINTS must be at least 1 each; got {}"),
    ],
)
def test_what_is_read_without_running_the_checks_is_written_out(tmp_path, checks, message):
    (tmp_path / "checks.py").write_text(checks)
    with pytest.raises(ValueError, match=message):
        read_declared(tmp_path)


def test_a_lab_without_checks_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"{tmp_path.name}/checks.py is missing"):
        read_declared(tmp_path)


def test_the_modules_that_are_imported():
    assert imported("import a.b\ndef f():\n    from c import d\nfrom . import e") == [
        "a.b",
        "c",
        "c.d",
    ]
    assert imported("import a\nthis is no code") == []


def test_the_packages_of_a_lab_are_imported_before_its_submissions():
    names = _imports_of_the_lab(LABS / "l03_shapley")
    assert {"itertools", "sklearn.linear_model", "xaikit"} <= set(names)

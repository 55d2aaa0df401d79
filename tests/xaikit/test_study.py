"""Kept results: those of the script as it stands, and of no other."""

import importlib

import pytest

import xaikit as xk
from tools.study import keep

module = importlib.import_module("xaikit.course.study")
NAMES = sorted(path.stem for path in module.FOLDER.glob("*.py"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    (tmp_path / "sums.py").write_text("def run():\n    return {'sum': 1 + 1}\n")
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_the_studies_of_the_course_are_those_of_their_scripts(name):
    assert xk.study(name).seconds > 0


def test_what_a_script_returned_comes_back(folder):
    kept = keep("sums")
    assert kept["sum"] == 2
    assert xk.study("sums") == kept


def test_results_of_another_script_are_refused(folder):
    keep("sums")
    (folder / "sums.py").write_text("def run():\n    return {'sum': 1 + 2}\n")
    with pytest.raises(ValueError, match=r"'sums' has changed since .* python -m tools"):
        xk.study("sums")


def test_a_study_that_was_never_run_says_how(folder):
    with pytest.raises(ValueError, match=r"python -m tools\.study sums"):
        xk.study("sums")


@pytest.mark.parametrize("name", ["none", "../sums", "", "Sums"])
def test_another_name_is_refused(folder, name):
    with pytest.raises(ValueError, match=r"one of the studies \(sums\)"):
        xk.study(name)

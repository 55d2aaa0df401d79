"""Examples in docstrings run, and public names are documented as numpydoc has it."""

import doctest
import importlib
import inspect
import pkgutil

import pytest
from numpydoc.validate import validate

import xaikit

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(xaikit.__path__, "xaikit.")
    if not module.name.endswith("__main__")
)

# numpydoc's checks that hold here: summary, parameters, returns, and their order.
CHECKS = {
    *("GL02", "GL03", "GL05", "GL06", "GL07", "GL08", "GL10"),
    *("SS01", "SS02", "SS03", "SS04", "RT01", "RT03"),
    *("PR01", "PR02", "PR03", "PR05", "PR07", "PR10", "EX01"),
}


def _public_names():
    """Every public function and class, under the name by which it is called."""
    for name in xaikit.__all__:
        value = getattr(xaikit, name)
        if not inspect.ismodule(value):
            yield f"xaikit.{name}"
        else:
            for inner in getattr(value, "__all__", ()):
                if callable(getattr(value, inner)):
                    yield f"xaikit.{name}.{inner}"


PUBLIC = list(_public_names())


# Examples that train a network or grade in a sandbox.
LONG = (
    *("xaikit.attention.", "xaikit.networks."),
    *("xaikit.course.grading.", "xaikit.course.labs._verify"),
)
EXAMPLES = [
    pytest.param(name, marks=[pytest.mark.slow] if name.startswith(LONG) else [])
    for name in MODULES
]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run(name):
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module)
    assert failed == 0


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_documented(name):
    found = [f"{code}: {text}" for code, text in validate(name)["errors"] if code in CHECKS]
    assert found == []


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_say_where_they_are_taught(name):
    module, _, attribute = name.rpartition(".")
    text = inspect.getdoc(getattr(importlib.import_module(module), attribute))
    assert "Taught in: " in text


def test_some_examples_are_there():
    finder = doctest.DocTestFinder()
    explain = importlib.import_module("xaikit.methods.explain")
    assert sum(len(test.examples) for test in finder.find(explain)) > 0

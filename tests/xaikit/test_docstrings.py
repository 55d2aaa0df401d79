"""Examples in docstrings run, and public names are documented as numpydoc has it."""

import doctest
import importlib
import importlib.util
import inspect
import pkgutil
import re
from pathlib import Path

import pytest
from numpydoc.validate import validate

import xaikit

# What only a module of PyTorch leads to, where that is not there.
ABSENT = () if importlib.util.find_spec("torch") else ("xaikit.models.adapters.torch.",)
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(xaikit.__path__, "xaikit.")
    if not module.name.endswith("__main__") and not module.name.startswith(ABSENT)
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

ROOT = Path(__file__).resolve().parents[2]
TOC = (ROOT / "_toc.yml").read_text(encoding="utf-8")
PAGES = {
    page: (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")
    for page in re.findall(r"file: (\S+)", TOC)
}


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


def _value(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _taught_in(name):
    """What the docstring says, as one line."""
    found = re.search(r"Taught in: (.+?)\.(?:\n|$)", inspect.getdoc(_value(name)), re.DOTALL)
    assert found, f"{name} must say where it is taught"
    return " ".join(found[1].split())


def _met_as(name):
    """The name, and for a class the names that lead to it: what returns, raises or holds it."""
    names = [name]
    for found in names:  # grows
        if inspect.isclass(_value(found)):
            word = re.compile(rf"\b{found.rpartition('.')[2]}\b")
            names += [
                other
                for other in PUBLIC
                if other not in names
                and other.rpartition(".")[0] == found.rpartition(".")[0]
                and word.search(f"{_annotation(_value(other))}\n{inspect.getdoc(_value(other))}")
            ]
    return names


def _annotation(value):
    return "" if inspect.isclass(value) else inspect.signature(value).return_annotation


def _calls(page, name):
    """Whether the code or the text of the page has `module.name`; a chapter may rename `xk`'s."""
    module, attribute = name.removeprefix("xaikit.").rpartition(".")[::2]
    own_names = re.findall(rf"^(\w+) = xk\.{module}$", page, re.MULTILINE) if module else []
    homes = "|".join([module or "xk", *own_names])
    return re.search(rf"\b(?:{homes})\.{attribute}\b", page) is not None


@pytest.mark.parametrize("name", PUBLIC)
def test_the_chapter_that_a_name_is_taught_in_names_it(name):
    said = _taught_in(name)
    pages = re.findall(r"[a-z]+/[a-z/-]+", said)
    for page in pages:
        assert page in PAGES, f"{name}: {page} is not in _toc.yml"
        words = "|".join(re.escape(met.rpartition(".")[2]) for met in _met_as(name))
        assert re.search(rf"\b(?:{words})\b", PAGES[page]), f"{page} does not name {name}"
    if not pages:
        assert said.startswith(("no chapter yet", "every lab", "the README", "CONTRIBUTING"))


@pytest.mark.parametrize("name", [name for name in PUBLIC if _taught_in(name) == "no chapter yet"])
def test_no_chapter_uses_what_no_chapter_teaches(name):
    used = [page for page, text in PAGES.items() if _calls(text, name)]
    assert [page for page in used if not page.startswith("reference/")] == []


def test_pages_named_anywhere_in_the_package_exist():
    for path in sorted(Path(xaikit.__file__).parent.rglob("*.py")):
        for said in re.findall(r"Taught in: ([^.]+)\.", path.read_text(encoding="utf-8")):
            for page in re.findall(r"[a-z]+/[a-z/-]+", said):
                assert page in PAGES, f"{path}: {page} is not in _toc.yml"


def test_some_examples_are_there():
    finder = doctest.DocTestFinder()
    explain = importlib.import_module("xaikit.methods.explain")
    assert sum(len(test.examples) for test in finder.find(explain)) > 0

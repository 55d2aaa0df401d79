"""Every public name of xaikit has its place in the reference."""

import importlib

import pytest

import xaikit

pytestmark = pytest.mark.slow

MODULES = (
    "attention",
    "boundary",
    "checklist",
    "datasets",
    "effects",
    "importance",
    "evaluate",
    "games",
    "labs",
    "live",
    "networks",
    "plot",
)


@pytest.fixture(scope="module")
def described(soups, page_names):
    """The text under each name that the reference describes."""
    found = {}
    for page in (name for name in page_names if name.startswith("reference/api/")):
        for term in soups[page].select("dl.py > dt[id]"):
            found[term["id"]] = term.find_next_sibling("dd").get_text(" ", strip=True)
    return found


def public_names():
    yield from (f"xaikit.{n}" for n in xaikit.__all__ if n not in MODULES)
    for module in MODULES:
        names = importlib.import_module(f"xaikit.{module}").__all__
        yield from (f"xaikit.{module}.{name}" for name in names)


def test_the_modules_are_those_of_the_package():
    assert set(MODULES) < set(xaikit.__all__)


@pytest.mark.parametrize("name", sorted(public_names()))
def test_a_public_name_is_described(described, name):
    assert name in described
    assert len(described[name]) > 60


def test_the_fields_of_an_explanation_are_described(described):
    for word in ("values", "base_values", "predictions", "residual", "importance", "to_frame"):
        assert word in described["xaikit.Explanation"]


def test_docstrings_link_to_the_chapters_that_teach(soups):
    soup = soups["reference/api/games.html"]
    links = [a["href"] for a in soup.select("dd a.reference") if a.get_text() == "Shapley values"]
    assert links
    assert set(links) == {"../../local/shapley.html"}

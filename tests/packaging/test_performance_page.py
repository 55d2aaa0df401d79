"""The page of costs shows the kept run, and no figure of its own."""

import importlib.util
import re
import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.peers import PAIRS

RUN = {
    "made": {
        "date": "2031-02-03",
        "machine": "7 cores, Testnix",
        "cores": 7,
        "load": 9.5,
        "python": "3.99",
        "versions": {"numpy": "8.7"},
    },
    "limit": 33.0,
    "background": 100,
    "peers": [
        {
            "what": "pairing",
            "ours": 0.5,
            "peer": None,
            "ratio": None,
            "difference": 0.0,
            "ours MiB": 1234.0,
        },
        {
            "what": "tree SHAP: forest, 20 trees of depth 14, 1,000 rows, 4,000 background rows, "
            "against Woodelf",
            "ours": 0.71,
            "peer": 8.52,
            "ratio": 12.0,
            "difference": 1e-9,
        },
        {
            "what": "tree SHAP: forest, 10 trees of full depth, 100 rows, 100 background rows, "
            "against shap",
            "ours": None,
            "peer": None,
            "ratio": None,
            "difference": None,
            "note": "over the limit",
        },
    ],
    "scaling": [
        {"method": "fast", "features": 8, "rows": 10, "seconds": 0.0321, "MiB": 77.0, "note": ""},
        {"method": "fast", "features": 8, "rows": 20, "seconds": 5.0, "MiB": 78.0, "note": ""},
        {"method": "no", "features": 8, "rows": 10, "seconds": None, "MiB": None, "note": "why"},
    ],
    "growth": [{"method": "fast", "along": "rows", "features": 8, "sizes": 2, "slope": 1.234}],
}


@pytest.fixture(scope="module")
def page(request):
    path = request.config.rootpath / "book" / "_ext" / "performance.py"
    spec = importlib.util.spec_from_file_location("performance", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("made", ["2031-02-03", "7 cores, Testnix", "numpy 8.7", "33 seconds", "average was 9.5"]),
        ("peers", ["pairing", "0.5", "–", "1,234"]),
        # 0.71 seconds for 5,000 rows of either kind and 20 trees: 7.1 microseconds for each.
        ("trees", ["forest, 20 trees of depth 14", "1,000", "4,000", "7.1", "8.52", "Woodelf"]),
        ("trees", ["forest, 10 trees of full depth", "–", "shap"]),
        ("seconds", ["10 rows", "20 rows", "0.0321", "5", "why"]),
        ("memory", ["77", "78", "why"]),
        ("growth", ["fast", "8 features", "1.23"]),
        ("figure", ["8 features", "rows explained", "seconds"]),
    ],
)
def test_each_part_shows_the_run(page, part, words):
    text = page.PARTS[part](RUN).astext()
    for word in words:
        assert word in text


def test_only_trees_are_among_the_trees(page):
    assert "pairing" not in page.trees(RUN).astext()


def test_a_run_without_trees_says_so(page):
    assert "older" in page.trees(RUN | {"peers": RUN["peers"][:1]}).astext()


def test_the_names_are_those_of_the_benchmark(page):
    named = [name for name in PAIRS if name.startswith("tree SHAP") and " against " in name]
    assert len(named) > 5
    found = [page.TREES.fullmatch(name) for name in named]
    assert all(found)
    assert {match["peer"] for match in found} == {"shap", "Woodelf"}


def test_a_machine_at_rest_is_not_called_busy(page):
    rest = RUN | {"made": RUN["made"] | {"load": 0.1}}
    assert "load" not in page.made(rest).astext()


def test_the_figure_is_whole_alike_each_time_and_says_what_is_seen(page):
    drawn = page.figure(RUN).astext()
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    assert "fast from 0.0321 to 5 seconds, longest at 20 rows of 8 features" in root.get(
        "aria-label"
    )
    assert page.figure(RUN).astext() == drawn
    assert "#000000" not in drawn


def test_the_page_types_no_figure(page, repository):
    text = (repository / "book" / "reference" / "performance.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\{performance\} (\w+)", text)) == set(page.PARTS)
    assert not re.search(r"\d\s*(s|ms|seconds|MiB|times)\b", text)

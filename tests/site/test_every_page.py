"""Every page, opened once in either theme: faults, other hosts, WCAG, icons, width and weight.

All that is asked of the walk stands in this file, or two workers would both go for it.
"""

import sys

import pytest
from walk import walk

pytestmark = pytest.mark.slow

BOOK = "Explanations You Can Check"
THEMES = ["light", "dark"]
TEXT = 300_000
LIVE = 450_000  # a page with a live figure, before a click


@pytest.fixture(scope="module")
def walks(browser, address, page_names, axe):
    """What every page showed in either theme."""
    return {theme: walk(browser, address, page_names, theme, axe) for theme in THEMES}


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_opens_without_a_fault_and_asks_no_other_host(walks, page_names, theme):
    found = walks[theme]
    assert list(found.pages) == page_names
    for name, seen in found.pages.items():
        assert BOOK in seen.title, name
        assert seen.theme == theme, name
        if name not in ("search.html", "genindex.html"):
            assert seen.headings == [True, True], name
    assert found.outside == []
    assert found.faults == []


@pytest.mark.parametrize("theme", THEMES)
def test_no_page_breaks_a_rule_of_wcag(walks, theme):
    """Those of WCAG 2.2 A and AA that axe-core knows."""
    broken = {name: seen.broken_rules[:5] for name, seen in walks[theme].pages.items()}
    assert {name: rules for name, rules in broken.items() if rules} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_icons_are_drawn_and_not_empty_boxes(walks, theme):
    for name, seen in walks[theme].pages.items():
        for icon, content in seen.icons:
            assert content not in ("none", "normal", '""'), (name, icon)


@pytest.mark.parametrize(("theme", "width"), [("dark", 360), ("light", 1280)])
def test_no_page_scrolls_sideways(walks, theme, width):
    for name, seen in walks[theme].pages.items():
        assert seen.width == width
        assert seen.scroll_width <= width, name
        assert seen.sticking_out == [], name


def limit(page):
    """Return what a page may weigh, by whether it has a figure or a form that computes."""
    return LIVE if 'class="xk-live"' in page.read_text(encoding="utf-8") else TEXT


def test_no_page_weighs_more_than_its_kind_may(walks, site, page_names, capsys):
    weights = {name: seen.bytes for name, seen in walks["light"].pages.items()}
    totals = {name: sum(parts.values()) for name, parts in weights.items()}
    heaviest = sorted(totals, key=totals.__getitem__, reverse=True)[:10]
    lines = ["", "The ten heaviest pages, KB gzipped with all they load:"]
    lines += [f"  {totals[name] / 1000:6.1f}  {name}" for name in heaviest]
    with capsys.disabled():
        sys.stderr.write("\n".join([*lines, ""]))  # not stdout, which xdist's workers close
    for name in page_names:
        parts = sorted(weights[name].items(), key=lambda part: -part[1])
        listing = "\n".join(f"{size / 1000:8.1f} {url}" for url, size in parts)
        said = f"{name} weighs {totals[name] / 1000:.0f} KB:\n{listing}"
        assert totals[name] <= limit(site / name), said
        assert totals[name] > 20_000, f"{name}: too light to be true, the measure is wrong"

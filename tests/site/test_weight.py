"""What a page weighs: every byte that opening it brings over the wire, gzipped."""

import sys

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pages")]

TEXT = 300_000
LIVE = 450_000  # a page with a live figure, before a click


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

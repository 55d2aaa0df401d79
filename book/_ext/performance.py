"""What the package costs, from the kept run of the benchmarks.

``{performance} made|peers|trees|seconds|memory|growth|figure`` shows that part of
benchmarks/results/latest.json. A directive and no cell: a chapter runs in an empty folder and
again only when its code changes, and would not learn of a newer run.
"""

from __future__ import annotations

import io
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "latest.json"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8a6d00", "#56B4E9")
MARKERS = "osD^vP"
# As benchmarks/tree_shap.py names a comparison at one size.
TREES = re.compile(
    r"tree SHAP: (?P<ensemble>.*?(?P<trees>\d+) trees .*), (?P<rows>[\d,]+) rows, "
    r"(?P<background>[\d,]+) background rows, against (?P<peer>.+)"
)


class PerformanceDirective(SphinxDirective):
    """``{performance} part``: one part of the kept run."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the part, and have the page read again when the run changes."""
        part = directives.choice(self.arguments[0], tuple(PARTS))
        self.env.note_dependency(str(RESULTS))
        return [PARTS[part](json.loads(RESULTS.read_text(encoding="utf-8")))]


def made(run: dict[str, Any]) -> nodes.Node:
    """Say when and on what the run was made."""
    about = run["made"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    text = (
        f"Measured on {about['date']} on {about['machine']}, with Python {about['python']}, "
        f"{versions}. Background of each size: {run['background']} rows. Limit for one "
        f"size: {run['limit']:g} seconds."
    )
    if about["load"] > 0.5:
        text += (
            f" Other programs were running: the load average was {about['load']:g} at the "
            f"start, for {about['cores']} cores. The seconds are longer than on a machine "
            "at rest; ratios suffer less, as both sides are timed in turn."
        )
    # What was out of the ordinary about a run, written into it by hand.
    return nodes.paragraph("", " ".join(filter(None, [text, about.get("note")])))


def peers(run: dict[str, Any]) -> nodes.Node:
    """Return the comparisons with other libraries."""
    keys = ("what", "ours", "peer", "ratio", "difference", "ours MiB", "peer MiB", "note")
    heads = ("What", "Ours, s", "Peer, s", "Ratio", "Difference", "Ours, MiB", "Peer, MiB", "Note")
    return table(heads, [[shown(row.get(key)) for key in keys] for row in run["peers"]])


def trees(run: dict[str, Any]) -> nodes.Node:
    """Return what tree SHAP costs by ensemble, rows and background, in the order of the run."""
    lines = []
    for row in run["peers"]:
        found = TREES.fullmatch(row["what"])
        if found is None:
            continue
        each = None
        if row["ours"] is not None:
            n, m, k = (
                int(found[part].replace(",", "")) for part in ("rows", "background", "trees")
            )
            each = 1e6 * row["ours"] / (n + m) / k
        ends = map(shown, (row["ours"], each, row["peer"], row["ratio"]))
        size = found["ensemble"], found["rows"], found["background"]
        lines.append([*size, *ends, found["peer"]])
    if not lines:
        return nodes.paragraph("", "The kept run is older than these measurements.")
    heads = ("Trees", "Rows", "Background", "Ours, s", "µs a row and tree", "Peer, s", "Ratio")
    return table((*heads, "Peer"), lines)


def by_size(run: dict[str, Any], value: str) -> nodes.Node:
    """Return one figure of every method, a column for every number of rows."""
    sizes = sorted({cell["rows"] for cell in run["scaling"]})
    lines: dict[tuple[str, int], list[str]] = {}
    for cell in sorted(run["scaling"], key=lambda c: c["rows"]):
        line = lines.setdefault((cell["method"], cell["features"]), [])
        line.append(cell["note"] if cell["seconds"] is None else shown(cell[value]))
    heads = ["Method", "Features", *(f"{n:,} rows" for n in sizes)]
    return table(heads, [[method, str(d), *cells] for (method, d), cells in lines.items()])


def growth(run: dict[str, Any]) -> nodes.Node:
    """Return the slopes of log seconds."""
    rows = []
    for line in run["growth"]:
        other = "features" if line["along"] == "rows" else "rows"
        at = f"{line[other]:,} {other}"
        rows.append([line["method"], line["along"], at, str(line["sizes"]), f"{line['slope']:.2f}"])
    return table(["Method", "Growing", "At", "Sizes measured", "Slope"], rows)


def figure(run: dict[str, Any]) -> nodes.Node:
    """Return the seconds over the rows, a panel for every number of features."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    cells = [cell for cell in run["scaling"] if cell["seconds"] is not None]
    features = sorted({cell["features"] for cell in run["scaling"]})
    methods = list(dict.fromkeys(cell["method"] for cell in run["scaling"]))
    # Text stays text, in the colour of the page; the fixed salt makes every build alike.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "performance", "font.size": 11}):
        drawing = Figure(figsize=(8.5, 3.6), layout="constrained")
        panels = drawing.subplots(1, len(features), sharey=True, squeeze=False)[0]
        for ax, d in zip(panels, features, strict=True):
            for method, colour, marker in zip(methods, COLOURS, MARKERS, strict=False):
                points = [c for c in cells if (c["method"], c["features"]) == (method, d)]
                ax.loglog(
                    [c["rows"] for c in points],
                    [c["seconds"] for c in points],
                    marker=marker,
                    color=colour,
                    label=method,
                )
            ax.set(title=f"{d} features", xlabel="rows explained", facecolor="none")
            ax.spines[["top", "right"]].set_visible(False)
        panels[0].set_ylabel("seconds")
        handles, labels = panels[0].get_legend_handles_labels()
        drawing.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
        text = io.StringIO()
        drawing.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace("#000000", "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Text has no colour of its own in the drawing, which makes it black.
    svg = svg.replace("<text ", '<text fill="currentColor" ')
    named = f'<svg role="img" aria-label="{escape(description(run))}" style="max-width:100%;'
    svg = svg.replace("<svg ", f'{named}height:auto" ', 1)
    return nodes.raw("", svg, format="html")


def description(run: dict[str, Any]) -> str:
    """Say in words what the figure shows."""
    measured = [cell for cell in run["scaling"] if cell["seconds"] is not None]
    parts = []
    for method in dict.fromkeys(cell["method"] for cell in measured):
        own = [cell for cell in measured if cell["method"] == method]
        low, high = (pick(own, key=lambda c: c["seconds"]) for pick in (min, max))
        parts.append(
            f"{method} from {shown(low['seconds'])} to {shown(high['seconds'])} seconds, "
            f"longest at {high['rows']:,} rows of {high['features']} features"
        )
    return "Seconds against rows, both on logarithmic scales: " + "; ".join(parts) + "."


def table(heads: list[str] | tuple[str, ...], rows: list[list[str]]) -> nodes.Node:
    """Return a table."""
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]
    group += nodes.thead("", line(heads))
    group += nodes.tbody("", *map(line, rows))
    return nodes.table("", group)


def line(cells: list[str] | tuple[str, ...]) -> nodes.row:
    """Return a row of a table."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))


def shown(value: object) -> str:
    """Return a number to three digits, a dash for what was not measured."""
    if value is None:
        return "–"
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


PARTS = {
    "made": made,
    "peers": peers,
    "trees": trees,
    "seconds": lambda run: by_size(run, "seconds"),
    "memory": lambda run: by_size(run, "MiB"),
    "growth": growth,
    "figure": figure,
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("performance", PerformanceDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""A table of how long each chapter's code took when it last ran.

myst-nb keeps what the cache knows of each execution; the ``{execution-times}`` directive
shows it. Only the duration is shown: a date would make every build differ.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective


class execution_times(nodes.General, nodes.Element):
    """The place where the table is put once every chapter is read."""


class TimesDirective(SphinxDirective):
    """``{execution-times}``: seconds for each chapter with code."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark; the table is made when all chapters are known."""
        NbMetadataCollector.set_doc_data(self.env, self.env.docname, "xk_times", True)
        return [execution_times()]


def seconds_by_page(env: BuildEnvironment) -> dict[str, float]:
    """Return the seconds each page took, longest first."""
    data = NbMetadataCollector.get_doc_data(env)
    known = {p: d["exec_data"].get("runtime") for p, d in data.items() if d.get("exec_data")}
    found = {page: float(seconds) for page, seconds in known.items() if seconds is not None}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the table written again in each build."""
    return [p for p, d in NbMetadataCollector.get_doc_data(env).items() if d.get("xk_times")]


def row(*cells: nodes.Node) -> nodes.row:
    """Return a row of a table."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def table(app: Sphinx, here: str) -> nodes.table:
    """Return the table: a link to each page, its seconds, and the sum."""
    group = nodes.tgroup(cols=2)
    group += [nodes.colspec(colwidth=4), nodes.colspec(colwidth=1)]
    group += nodes.thead("", row(nodes.Text("Chapter"), nodes.Text("Seconds")))
    body = nodes.tbody()
    times = seconds_by_page(app.env)
    for page, seconds in times.items():
        uri = app.builder.get_relative_uri(here, page)
        link = nodes.reference("", app.env.titles[page].astext(), refuri=uri, internal=True)
        body += row(link, nodes.Text(f"{seconds:.1f}"))
    body += row(nodes.strong("", "All"), nodes.strong("", f"{sum(times.values()):.1f}"))
    group += body
    return nodes.table("", group, classes=["xk-times"])


def resolve(app: Sphinx, document: nodes.document, here: str) -> None:
    """Put the table where the directive stands."""
    for mark in list(document.findall(execution_times)):
        mark.replace_self(table(app, here))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and the events that fill it."""
    app.add_node(execution_times)
    app.add_directive("execution-times", TimesDirective)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

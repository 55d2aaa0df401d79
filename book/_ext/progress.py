"""``{progress}``: the table of quizzes and labs that a reader's browser fills in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from elements import element, script
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx_external_toc.api import SiteMap

from labs import download
from xaikit.course.labs._find import lab_names, labs_folder
from xaikit.course.labs._source import read_title


class progress_table(nodes.General, nodes.Element):
    """The place of the table, made when every chapter's title is known."""


class ProgressDirective(SphinxDirective):
    """``{progress}``: what is done, in this browser only."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark, and load the module."""
        return [progress_table(), script("progress-page", self.env.docname)]


def chapters_with_quiz(app: Sphinx) -> list[str]:
    """Return the pages that have a quiz beside them, in the order of the book."""
    site_map: SiteMap = app.config.external_site_map
    return [page for page in site_map if Path(app.srcdir, f"{page}.quiz.yml").is_file()]


def _table(head: list[str], rows: list[list[nodes.Node]]) -> nodes.Element:
    top = element("tr", *(element("th", nodes.Text(word), scope="col") for word in head))
    body = [element("tr", *cells) for cells in rows]
    return element(
        "table", element("thead", top), element("tbody", *body), class_="table xk-progress-table"
    )


def _make(app: Sphinx, page: str) -> nodes.Element:
    quizzes: list[list[nodes.Node]] = []
    for name in chapters_with_quiz(app):
        title = app.env.titles[name].astext()
        address = app.builder.get_relative_uri(page, name)
        link = element("a", nodes.Text(title), inline=True, href=address)
        quizzes.append(
            [element("th", link, scope="row"), element("td", nodes.Text("–"), data_quiz=name)]
        )
    labs: list[list[nodes.Node]] = []
    for name in lab_names():
        box = f"done-{name}"
        title = read_title(labs_folder() / name)
        label = element("label", nodes.Text(title), inline=True, for_=box)
        tick = element("input", type="checkbox", id=box, disabled=True, inline=True, data_lab=name)
        link = download(name, page, "Notebook")
        labs.append([element("th", label, scope="row"), element("td", link), element("td", tick)])
    return element(
        "div",
        _table(["Quiz", "Answered right"], quizzes),
        _table(["Lab", "To download", "Done"], labs),
        element(
            "button",
            nodes.Text("Forget everything"),
            type="button",
            class_="xk-button",
            disabled=True,
        ),
        element("p", role="status"),
        class_="xk-progress",
    )


def fill(app: Sphinx, document: nodes.document, page: str) -> None:
    """Put the tables in their place."""
    for mark in list(document.findall(progress_table)):
        mark.replace_self(_make(app, page))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and the event."""
    app.setup_extension("elements")
    app.add_node(progress_table)
    app.add_directive("progress", ProgressDirective)
    app.connect("doctree-resolved", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

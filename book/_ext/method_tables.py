"""Name the column in each cell of a table of methods, for the cards that a phone shows.

A table of the class ``method-table`` (``:class: method-table`` of a ``{list-table}``) has a
head and one row for each method; on a narrow screen each row is a card (``cells.css``).
"""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx

TABLE = re.compile(r'<table\b[^>]*\bclass="[^"]*\bmethod-table\b.*?</table>', re.DOTALL)


def with_labels(table: str) -> str:
    """Return the HTML of a table whose cells name their columns."""
    soup = BeautifulSoup(table, "html.parser")
    heads = [head.get_text(" ", strip=True) for head in soup.select("thead tr:last-child th")]
    for row in soup.select("tbody tr"):
        for head, cell in zip(heads, row.find_all(["td", "th"], recursive=False), strict=False):
            cell["data-label"] = head
    return str(soup)


def label(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Label the tables of methods on a page."""
    if doctree is not None:
        context["body"] = TABLE.sub(lambda found: with_labels(found[0]), context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event."""
    app.connect("html-page-context", label)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

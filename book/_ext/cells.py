"""Have the code of a chapter stand where its reader wants it.

The code of a cell tagged ``checks``, which asserts and shows nothing, stands in one fold at
the end of the page. Hidden cells that follow each other share a fold. A visible cell of more
than twelve lines shows its first ten and a button for the rest, unless it is tagged ``whole``.
"""

from __future__ import annotations

from typing import Any

from checked import chapter_of, code_of
from docutils import nodes
from elements import element
from sphinx.application import Sphinx

MOST_LINES = 12


def cells(document: nodes.document) -> list[nodes.container]:
    """Return the code cells of a page."""
    found = document.findall(nodes.container)
    return [cell for cell in found if cell.get("nb_element") == "cell_code"]


def has_tag(cell: nodes.Element, tag: str) -> bool:
    """Tell whether a cell has a tag."""
    return tag in cell["cell_metadata"].get("tags", [])


def arrange(app: Sphinx, document: nodes.document) -> None:
    """Move and fold the code of a page."""
    gather_checks(document)
    for cell in cells(document):
        if cell.parent is not None:
            join_hidden(cell)
    for cell in cells(document):
        fold(cell)


def gather_checks(document: nodes.document) -> None:
    """Move the code of the cells that only assert to the end of the page."""
    blocks: list[nodes.Node] = []
    for cell in cells(document):
        code = code_of(cell)
        if code is None or not has_tag(cell, "checks"):
            continue
        cell.remove(code)
        cell.attributes.pop("hide_mode", None)
        if not cell.children:
            cell.parent.remove(cell)
        blocks.append(nodes.container("", *back(code), code, classes=["cell"]))
    if blocks:
        summary = element("summary", nodes.Text("The code of the checks"))
        chapter_of(document).append(element("details", summary, *blocks, class_="xk-checks-code"))


def back(code: nodes.Element) -> list[nodes.Node]:
    """Return a line of links from a cell's code to the sentences that it checks."""
    names = code.get("claims", [])
    if not names:
        return []
    line = nodes.paragraph("", "Checks ")
    for number, name in enumerate(names):
        line += nodes.Text(", " if number else "")
        line += nodes.reference("", name.replace("-", " "), refuri=f"#{name}", internal=True)
    return [line]


def hidden(cell: nodes.Node | None) -> bool:
    """Tell whether this is a cell whose code alone is folded away."""
    if not isinstance(cell, nodes.container) or cell.get("hide_mode") != "input":
        return False
    return code_of(cell) is not None


def join_hidden(cell: nodes.container) -> None:
    """Put the hidden cells that follow a hidden cell, with nothing between, into its fold."""
    if not hidden(cell):
        return
    cell["prompt_show"], cell["prompt_hide"] = "Show the code", "Hide the code"
    siblings = cell.parent.children
    place = siblings.index(cell) + 1
    if place == len(siblings) or not hidden(siblings[place]):
        return
    # myst-nb folds the first thing of a cell away, if it is called so.
    together = nodes.container(nb_element="cell_code_source")
    first = cell[0]
    cell.replace(first, together)
    together += first
    while place < len(siblings) and hidden(siblings[place]):
        other = siblings[place]
        code, *outputs = other.children
        other.parent.remove(other)
        other.parent = None
        together += code
        cell += outputs


def fold(cell: nodes.container) -> None:
    """Add the button that shows the rest of a long cell."""
    code = code_of(cell)
    if code is None or cell.get("hide_mode") or has_tag(cell, "whole"):
        return
    lines = code.astext().rstrip().count("\n") + 1
    if lines > MOST_LINES:
        more = element("span", nodes.Text(f"Show all {lines} lines"), class_="xk-more")
        fewer = element("span", nodes.Text("Show the first lines only"), class_="xk-fewer")
        code["classes"].append("xk-long")
        code += element("details", element("summary", more, fewer), class_="xk-unfold")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event, once each sentence has its link to the code."""
    app.setup_extension("checked")
    app.connect("doctree-read", arrange, priority=700)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""HTML elements that other extensions build their pages from.

An element holds other nodes, so that what an author writes inside it (mathematics, links,
code) is rendered as everywhere else.
"""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# Below the site's root. Under _static Jupyter Book would add each file to every page.
SCRIPTS = "_live"


class html_element(nodes.General, nodes.Element):
    """An element of HTML by its tag, with its attributes and its content."""


class inline_element(nodes.Inline, nodes.Element):
    """The same within a line."""


def element(
    tag: str, *children: nodes.Node, inline: bool = False, **attributes: object
) -> nodes.Element:
    """Make an element; ``class_`` and ``data_x`` stand for ``class`` and ``data-x``.

    True is an attribute without a value; None and False leave it out.
    """
    kind = inline_element if inline else html_element
    named = {
        name.rstrip("_").replace("_", "-"): value
        for name, value in attributes.items()
        if value is not None and value is not False
    }
    return kind("", *children, tag=tag, html=named)


def text_of(directive: SphinxDirective, source: str) -> list[nodes.Node]:
    """Return a short text of an author, parsed, without the paragraph around it."""
    parsed: list[nodes.Node] = directive.parse_text_to_nodes(source)
    if len(parsed) == 1 and isinstance(parsed[0], nodes.paragraph):
        return list(parsed[0].children)
    return parsed


def script(name: str, page: str) -> nodes.raw:
    """Return the tag that loads a module of ``book/_live`` into a page."""
    path = "../" * page.count("/") + f"{SCRIPTS}/{name}.js"
    return nodes.raw("", f'<script type="module" src="{path}"></script>', format="html")


def _begin(translator: Any, node: nodes.Element) -> None:
    attributes = "".join(
        f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
        for name, value in node["html"].items()
    )
    translator.body.append(f"<{node['tag']}{attributes}>")


def _end(translator: Any, node: nodes.Element) -> None:
    if node["tag"] not in ("input", "br", "img"):
        translator.body.append(f"</{node['tag']}>")


def _skip(translator: Any, node: nodes.Element) -> None:
    pass


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the elements, which other builders look through."""
    for kind in (html_element, inline_element):
        app.add_node(kind, html=(_begin, _end), text=(_skip, _skip), latex=(_skip, _skip))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Fit docstrings, written to be read in a terminal, to the page of a book.

"Taught in: local/shapley" becomes a link to that chapter; the numbered references of
each docstring become a list; and words that reStructuredText
would take for markup, such as ``bool_`` or ``|value|``, stay words. The directive
``methods`` shows every attribution method that there is, each with its options.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from xaikit.methods.registry import Method, all_methods

TAUGHT_IN = re.compile(r"^(?P<before>\s*Taught in: )(?P<chapters>[\w/,\s-]+?)(?P<after>\.?)$")
NOTE = re.compile(r"^(\s*)\.\. \[(\d+)\]\s+")
NOTE_REFERENCE = re.compile(r"\[(\d+)\]_")
LITERAL = re.compile(r"(``.*?``|`[^`]*`_*)")
TRAILING_UNDERSCORE = re.compile(r"(?<=\w)_(?![\w`])")
BAR = re.compile(r"\|(?=\S)|(?<=\S)\|")


def link_chapters(app: Sphinx, line: str) -> str:
    """Link the chapters that exist; a chapter that is still to come stays plain text."""
    match = TAUGHT_IN.match(line)
    if match is None:
        return line
    chapters = [chapter.strip() for chapter in match["chapters"].split(",")]
    linked = [f":doc:`/{c}`" if c in app.env.found_docs else c for c in chapters]
    return match["before"] + ", ".join(linked) + match["after"]


def list_notes(line: str) -> str:
    """Turn the numbered references of a docstring into a list, and point to it in words.

    As footnotes they would be numbered anew through the page, and MyST does not find
    those that reStructuredText defines.
    """
    return NOTE_REFERENCE.sub(r"[\1]", NOTE.sub(r"\1\2. ", line))


def keep_words(line: str) -> str:
    """Escape what looks like markup and is not, outside literals."""
    parts = LITERAL.split(line)
    for i in range(0, len(parts), 2):
        parts[i] = BAR.sub(r"\\|", TRAILING_UNDERSCORE.sub(r"\\_", parts[i]))
    return "".join(parts)


def fit(app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Change the lines of one docstring in place; its examples are left alone."""
    in_example = False
    for number, line in enumerate(lines):
        in_example = line.lstrip().startswith(">>>") or (in_example and bool(line.strip()))
        if not in_example:
            lines[number] = keep_words(list_notes(link_chapters(app, line)))


def signature(method: Method) -> str:
    """Return how a method is called, with its options and their defaults."""
    parameters = inspect.signature(method.explain).parameters
    options = [f"{name}={parameters[name].default!r}" for name in method.options]
    return ", ".join(["model", "X", f'method="{method.name}"', *options])


class Methods(SphinxDirective):
    """``methods``: each method by the function that does its work, as it is called."""

    def run(self) -> list[nodes.Node]:
        """Let autodoc read the functions."""
        lines = []
        for method in all_methods():
            path = f"{method.explain.__module__}.{method.explain.__name__}"
            lines += [f".. autofunction:: {path}({signature(method)})", "   :no-index:", ""]
        place = nodes.container()
        self.state.nested_parse(StringList(lines, source="methods"), self.content_offset, place)
        return place.children


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event, before napoleon turns the sections into fields."""
    app.add_directive("methods", Methods)
    app.connect("autodoc-process-docstring", fit, priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

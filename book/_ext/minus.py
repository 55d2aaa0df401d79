"""Write the numbers that a run hands to the text with a minus, where Python has a hyphen.

A screen reader says "minus" for the one and may pass over the other, and a line may break
after a hyphen.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# Before the number, not within a date, a range or an exponent.
HYPHEN = re.compile(r"(?<![\w.-])-(?=\.?\d)")


def with_minus(text: str) -> str:
    """Return a formatted number with a minus sign in place of its hyphen."""
    return HYPHEN.sub("\N{MINUS SIGN}", text)


def mend(app: Sphinx, document: nodes.document, page: str) -> None:
    """Mend the numbers that myst-nb has put into the text of a page."""
    for put in document.findall(nodes.inline):
        if "pasted-text" in put["classes"]:
            for text in list(put.findall(nodes.Text)):
                text.parent.replace(text, nodes.Text(with_minus(text.astext())))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event."""
    app.connect("doctree-resolved", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

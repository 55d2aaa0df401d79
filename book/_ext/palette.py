"""Give live figures the colours that the figures of xaikit.plot have."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from xaikit.plot import _palette

STYLE = f"<style>:root{{--xk-up:{_palette.UP};--xk-down:{_palette.DOWN}}}</style>\n"


def add(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put the colours into the head of a page."""
    context["metatags"] = context.get("metatags", "") + STYLE


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event, after those that write the tags anew."""
    app.connect("html-page-context", add, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

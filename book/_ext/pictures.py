"""Have pictures load when the reader comes near them, in a place kept free for them."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(r'<img (?P<attributes>[^>]*\bsrc="(?P<source>[^"]+)"[^>]*)>')
FIXED_SIZE = {".png", ".jpg", ".jpeg", ".webp", ".gif"}


def attributes_of(path: Path) -> str:
    """Return the attributes to add to the tag of a picture."""
    lazy = 'loading="lazy" decoding="async" '
    if path.suffix.lower() not in FIXED_SIZE or not path.is_file():
        return lazy
    with Image.open(path) as picture:
        width, height = picture.size
    return f'{lazy}width="{width}" height="{height}" '


def complete(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Complete the tags of the pictures in the text of a page."""
    if doctree is None:
        return
    files = {name: Path(app.srcdir, source) for source, name in app.builder.images.items()}

    def completed(tag: re.Match[str]) -> str:
        if "loading=" in tag["attributes"]:
            return tag[0]
        path = files.get(posixpath.basename(unquote(tag["source"])))
        return f"<img {attributes_of(path) if path else ''}{tag['attributes']}>"

    context["body"] = PICTURE.sub(completed, context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event."""
    app.connect("html-page-context", complete)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Show figures in the form for the page's theme, once the reader comes near, in a free place.

A cell sends the form of its figure for dark pages in the metadata of the one for light pages.
Both stand in the page, and a style shows one. The other, which loads late and is never near,
is not fetched.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(r'<img (?P<attributes>[^>]*\bsrc="(?P<source>[^"]+)"[^>]*)>')
FIXED_SIZE = {".png", ".jpg", ".jpeg", ".webp", ".gif"}
SVG_SIZE = re.compile(rb'<svg\b[^>]*? width="(\d+)(?:px)?" height="(\d+)(?:px)?"')
# dark-light is the theme's word for a picture that stands on the page's own ground.
LIGHT, DARK = ["xk-light", "dark-light"], ["xk-dark", "dark-light"]
# Of a picture with two pixels to each of the page's.
DENSE = "xk-dense"

Render = Callable[[NbElementRenderer, MimeData], list[nodes.Element]]


def with_dark_form(render_image: Render) -> Render:
    """Have the image of an output followed by its form for dark pages, if it brings one."""
    if hasattr(render_image, "takes_dark_form"):  # a second build in one process
        return render_image

    def render(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
        own = data.output_metadata.get(data.mime_type, {})
        light = render_image(renderer, data)
        if "dark" not in own:
            return light
        dark = render_image(renderer, replace(data, content=own["dark"]))
        for images, classes in ((light, LIGHT), (dark, DARK)):
            for image in images:
                image["classes"] += [*classes, *([DENSE] if own.get("dense") == 2 else [])]
        return [*light, *dark]

    render.takes_dark_form = True  # type: ignore[attr-defined]  # a mark on the function
    return render


def size_of(path: Path, dense: bool) -> tuple[int, int] | None:
    """Return the width and height of a picture on the page, where the file tells."""
    if path.suffix.lower() == ".svg" and path.is_file():
        found = SVG_SIZE.search(path.read_bytes()[:2000])
        return (int(found[1]), int(found[2])) if found else None
    if path.suffix.lower() not in FIXED_SIZE or not path.is_file():
        return None
    with Image.open(path) as picture:
        width, height = picture.size
    return (round(width / 2), round(height / 2)) if dense else (width, height)


def attributes_of(path: Path, dense: bool = False) -> str:
    """Return the attributes to add to the tag of a picture."""
    lazy = 'loading="lazy" decoding="async" '
    size = size_of(path, dense)
    return f'{lazy}width="{size[0]}" height="{size[1]}" ' if size else lazy


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
        added = attributes_of(path, DENSE in tag["attributes"]) if path else ""
        return f"<img {added}{tag['attributes']}>"

    context["body"] = PICTURE.sub(completed, context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event, and have figures bring both their forms."""
    app.setup_extension("alt_text")  # whose texts both forms take
    NbElementRenderer.render_image = with_dark_form(NbElementRenderer.render_image)
    app.connect("html-page-context", complete)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

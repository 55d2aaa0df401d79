"""Take over the alt texts that figures bring, and warn of every picture without one.

A figure drawn by ``xaikit.plot`` brings its text as the metadata "alt" of its image, as
Jupyter has it. myst-nb reads an alt text from the options of the cell alone; the text of
the figure stands where the cell says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

MENDING = (
    "say what is to be seen in it: `:alt:` of an image or a figure; for the output of a "
    "cell, `mystnb: image: alt:` in the cell's options, where xaikit.plot has not drawn it all"
)
# What tools write when nobody has: a file name, the size and kind of a plot, a lone word.
FILE_NAME = re.compile(r"\S+\.(png|jpe?g|svg|gif|webp)", re.IGNORECASE)
DEFAULTS = re.compile(r"(<?figure( size)?.*axes>?|png|image|figure|plot|picture|graph)", re.I)


def says_nothing(alt: str | None, uri: str = "") -> bool:
    """Tell whether an alt text is absent, empty, or one that a tool wrote."""
    text = (alt or "").strip()
    if not text or text in (uri, PurePosixPath(uri).name, PurePosixPath(uri).stem):
        return True
    return bool(FILE_NAME.fullmatch(text) or DEFAULTS.fullmatch(text))


Render = Callable[[NbElementRenderer, MimeData], list[nodes.Element]]


def with_own_alt(render_image: Render) -> Render:
    """Have the image of an output take the alt text of its metadata, if it has no other."""
    if hasattr(render_image, "takes_own_alt"):  # a second build in one process
        return render_image

    def render(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
        rendered = render_image(renderer, data)
        own = data.output_metadata.get(data.mime_type, {}).get("alt")
        for image in rendered:
            if isinstance(own, str) and isinstance(image, nodes.image) and not image.get("alt"):
                image["alt"] = own
        return rendered

    render.takes_own_alt = True  # type: ignore[attr-defined]  # a mark on the function
    return render


def line_of(node: nodes.Node, source: Path) -> int | None:
    """Return the line of a picture, of the cell it comes from, or of its name in the page.

    MyST gives some pictures the line 0, and a section's line says too little.
    """
    name = PurePosixPath(node.get("uri", "")).name if isinstance(node, nodes.Element) else ""
    around: nodes.Node | None = node
    while around is not None and not isinstance(around, nodes.section):
        if around.line:
            return int(around.line)
        around = around.parent
    lines = source.read_text(encoding="utf-8").splitlines()
    return next((n for n, text in enumerate(lines, start=1) if name and name in text), None)


def check(app: Sphinx, document: nodes.document) -> None:
    """Look at every picture of a page, those in raw HTML and in outputs included."""
    page = app.env.docname
    source = Path(app.env.doc2path(page))
    for image in document.findall(nodes.image):
        uri = image.get("uri", "")
        if says_nothing(image.get("alt"), uri):
            warn(f"picture without alt text ({shown(uri)})", page, line_of(image, source))
    for raw in document.findall(nodes.raw):
        if "html" not in raw.get("format", "") or "<img" not in raw.astext():
            continue
        for tag in BeautifulSoup(raw.astext(), "html.parser").find_all("img"):
            decorative = tag.get("role") == "presentation" and tag.get("alt") == ""
            if not decorative and says_nothing(str(tag.get("alt", "")), str(tag.get("src", ""))):
                warn("picture without alt text in HTML", page, line_of(raw, source))


def shown(uri: str) -> str:
    """Return the name of a picture; the output of a cell has only a digest for one."""
    name = PurePosixPath(uri).name
    return "output of a cell" if re.fullmatch(r"[0-9a-f]{40,}\.\w+", name) else name


def warn(what: str, page: str, line: int | None) -> None:
    """Warn with the place and the way to mend it."""
    logger.warning("%s: %s", what, MENDING, location=(page, line), type="alt_text")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the check, and let figures speak for themselves."""
    # myst-nb finds renderers by entry points of installed packages only, which a book is not.
    NbElementRenderer.render_image = with_own_alt(NbElementRenderer.render_image)
    app.connect("doctree-read", check)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""Warn of every link inside the site that leads nowhere, ``#fragment`` included.

Sphinx and MyST warn of references that they resolve themselves. This looks at the pages
as written, so that links in raw HTML, in outputs and in docstrings are seen too.
"""

from __future__ import annotations

import posixpath
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


class Page(HTMLParser):
    """What a written page points to, and the places in it that can be pointed to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: dict[str, None] = {}  # a dict for its order
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the links and the places of one tag."""
        for name, value in attrs:
            if value and (name == "id" or (name == "name" and tag == "a")):
                self.places.add(value)
            elif value and name in ("href", "src"):
                self.links[value] = None


def fault(link: str, page: str, pages: dict[str, Page], site: Path) -> str | None:
    """Return what is wrong with a link on a page, None if it leads somewhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None  # to another host, to mail, or data in the page itself
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    target = path if parts.path else page
    if (site / target).is_dir():
        target = posixpath.join(target, "index.html")
    if not (site / target).is_file() or target.startswith(".."):
        return f"there is no {target}"
    place = unquote(parts.fragment)
    if place and target in pages and place not in pages[target].places:
        return f"{target} has no #{place}"
    return None


def line_of(link: str, source: Path) -> int | None:
    """Return the line of the source that most likely wrote the link, None if none does."""
    parts = urlsplit(link)
    stem = PurePosixPath(unquote(parts.path)).stem
    for clue in (link, parts.fragment and f"#{parts.fragment}", parts.fragment, stem):
        if not clue:
            continue
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
            if clue in line:
                return number
    return None


def check(app: Sphinx, exception: Exception | None) -> None:
    """Follow every link of every page once all are written."""
    if exception is not None or app.builder.name != "html":
        return
    site = Path(app.outdir)
    pages = {str(p.relative_to(site).as_posix()): Page(p) for p in sorted(site.rglob("*.html"))}
    pages = {name: page for name, page in pages.items() if not name.startswith("_static/")}
    for name, page in pages.items():
        for link in page.links:
            wrong = fault(link, name, pages, site)
            if wrong is not None:
                logger.warning(
                    "broken link %r on %s: %s",
                    link,
                    name,
                    wrong,
                    location=place_in_source(app, name, link),
                    type="fragments",
                )


def place_in_source(app: Sphinx, page: str, link: str) -> tuple[str, int | None] | None:
    """Return the source of a page and the line of a link in it, for the message."""
    name = page.removesuffix(".html")
    if name not in app.env.found_docs:
        return None
    return name, line_of(link, Path(app.env.doc2path(name)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the check, after what else writes pages when a build ends."""
    app.connect("build-finished", check, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""What a published page says of itself: description, address, cards to share; and the 404 page.

``BOOK_URL``, the address that the site will have, adds canonical links, the Open Graph
address and picture of each page, and a sitemap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from addresses import site_address
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

DESCRIPTIONS = {
    "404": "There is no page at this address.",
    "genindex": "The index of the terms and the functions in Explanations You Can Check.",
    "search": "Search the chapters, the glossary and the functions of the book.",
}
NO_ADDRESS = re.compile(r'<meta property="og:url"[^>]*>\s*')
RELATIVE = re.compile(r'(\b(?:href|src|action)=")(?![a-z]+:|[/#])')


def use_address(app: Sphinx, config: Config) -> None:
    """Tell Sphinx and the extensions the address, if there is one."""
    url = site_address()
    config.ogp_site_name = config.html_title
    config.ogp_site_url = config.html_baseurl = url or ""
    config.ogp_social_cards = {"enable": url is not None}


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Describe a page that has no text of its own; leave out an address that is not known."""
    if page in DESCRIPTIONS:
        text = escape(DESCRIPTIONS[page])
        context["metatags"] = f'<meta name="description" content="{text}">\n'
    elif not app.config.html_baseurl:
        context["metatags"] = NO_ADDRESS.sub("", context["metatags"])


def not_found(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make the page that a web server shows where there is none."""
    yield "404", {"title": "Page not found"}, "404.html"


def root_links(app: Sphinx, exception: Exception | None) -> None:
    """Let the 404 page find its style and its links from any address below the site's."""
    page = Path(app.outdir, "404.html")
    if exception is None and page.is_file():
        root = urlsplit(app.config.html_baseurl).path or "/"
        page.write_text(RELATIVE.sub(rf"\g<1>{root}", page.read_text("utf-8")), "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the events, and the extensions that write the tags and the sitemap."""
    app.setup_extension("sphinxext.opengraph")
    if site_address():
        app.setup_extension("sphinx_sitemap")
        app.config.sitemap_url_scheme = "{link}"
        app.config.sitemap_excludes = [f"{page}.html" for page in DESCRIPTIONS]
    app.connect("config-inited", use_address)
    app.connect("html-collect-pages", not_found)
    app.connect("html-page-context", describe, priority=600)
    # After the check of links, which follows them from the page as it lies there.
    app.connect("build-finished", root_links, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

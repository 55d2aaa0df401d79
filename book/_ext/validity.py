"""Mend what other packages write against HTML and WCAG, once the pages are there.

Each mending names who writes it; with a version that no longer does, it finds nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

# pandas: a style element in the midst of a page. The book's style has those rules.
SCOPED_STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)
# pandas: where the name of several columns stands, in an attribute that HTML has never had.
ALIGNED = re.compile(r'(<th colspan="\d+") halign="left">')
# myst-nb: the label of a folded cell hides the words that are seen; and paragraphs in it.
FOLDED = re.compile(r'<summary aria-label="Toggle hidden content">(.*?)</summary>', re.DOTALL)
PARAGRAPH = re.compile(r"<(/?)p\b")
# The theme: a label that is not the words on the button; a fold without words.
SEARCH = re.compile(r'(<button class="btn search-button-field[^>]*) aria-label="Search"')
TREE_FOLD = '<summary><span class="toctree-toggle"'
# docutils: a role that ARIA has withdrawn, on each entry of the list of papers.
WITHDRAWN = 'role="doc-biblioentry"'
# napoleon: a list of several returned values in a paragraph.
LISTED = re.compile(r'<p>(<ul class="simple">(?:(?!<p><ul).)*?</ul>)\s*</p>', re.DOTALL)


def mended(page: str) -> str:
    """Return a page as it should have been written."""
    page = ALIGNED.sub(r'\1 style="text-align: left">', SCOPED_STYLE.sub("", page))
    page = FOLDED.sub(
        lambda fold: "<summary>" + PARAGRAPH.sub(r"<\1span", fold[1]) + "</summary>", page
    )
    page = SEARCH.sub(r"\1", page).replace(WITHDRAWN, 'role="listitem"')
    page = page.replace(
        TREE_FOLD, TREE_FOLD.replace("<summary>", '<summary aria-label="Pages below this one">')
    )
    return LISTED.sub(r"\1", page)


def mend(app: Sphinx, exception: Exception | None) -> None:
    """Mend every page of the site."""
    if exception is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        path.write_text(mended(page), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event."""
    app.connect("build-finished", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

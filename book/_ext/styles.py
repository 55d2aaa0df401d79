"""Give each page one stylesheet in place of a dozen: a phone waits for each before it draws.

The sheets stand in it in the order of their links, so that the same rules win.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from sphinx.application import Sphinx

SHEET = re.compile(r'[ \t]*<link\b[^>]*\brel="stylesheet"[^>]*>\n?')
TARGET = re.compile(r'\bhref="(?:\.\./)*_static/([^"?]+)')
IMPORT = re.compile(r'@import "([^"]+)";')
URL = re.compile(r"""url\((["']?)(?!["']?(?:data:|#|/))([^)"']+)\1\)""")


def sheet(static: Path, name: str) -> str:
    """Return a stylesheet with those it imports, and addresses as seen from ``_static``."""
    folder = dirname(name)
    text = (static / name).read_text(encoding="utf-8")
    text = URL.sub(lambda found: f"url({normpath(join(folder, found[2]))})", text)
    return IMPORT.sub(lambda found: sheet(static, normpath(join(folder, found[1]))), text)


def join_sheets(app: Sphinx, exception: Exception | None) -> None:
    """Put the sheets of each page into one."""
    if exception is not None or app.builder.format != "html":
        return
    root = Path(app.outdir)
    static = root / "_static"
    for path in root.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        links = SHEET.findall(page)
        names = [target[1] for link in links if (target := TARGET.search(link))]
        if not links or len(names) < len(links):
            continue  # no page of the theme's
        text = "\n".join(sheet(static, name) for name in names)
        one = f"styles-{hashlib.sha256(text.encode()).hexdigest()[:8]}.css"
        (static / one).write_text(text, encoding="utf-8")
        start = "../" * path.relative_to(root).as_posix().count("/")
        link = f'<link rel="stylesheet" href="{start}_static/{one}">\n'
        first, *others = links
        page = page.replace(first, link, 1)
        for other in others:
            page = page.replace(other, "", 1)
        path.write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the event, after the sheets themselves are cut down."""
    app.connect("build-finished", join_sheets, priority=800)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

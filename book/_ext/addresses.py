"""The addresses of a published site and of its repository, as the environment gives them.

``tools.build_book`` asks for them too, before it runs a chapter.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from sphinx.errors import ConfigError

GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")


def site_address() -> str | None:
    """Return the address of the published site from ``BOOK_URL``, with a slash at its end."""
    url = os.environ.get("BOOK_URL")
    if not url:
        return None
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise ConfigError(f"BOOK_URL must be the site's http(s) address; got {url!r}")
    return url.rstrip("/") + "/"


def repository() -> str | None:
    """Return ``owner/name`` from ``BOOK_REPOSITORY_URL``, if it is set."""
    url = os.environ.get("BOOK_REPOSITORY_URL")
    if not url:
        return None
    match = GITHUB.fullmatch(url)
    if match is None:
        raise ConfigError(
            f"BOOK_REPOSITORY_URL must be of the form https://github.com/owner/name; got {url!r}"
        )
    return match[1]

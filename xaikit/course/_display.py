"""Show something in a notebook, where one runs."""

from __future__ import annotations

import importlib
import sys


def in_ipython() -> bool:
    """Tell whether this runs in a notebook or another shell of IPython."""
    # IPython is looked up, never imported: where it runs, it is already loaded.
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def show(html: str, text: str) -> None:
    """Display `html`, or `text` where there is no HTML; outside IPython do nothing."""
    if not in_ipython():
        return
    display = importlib.import_module("IPython.display").display
    display({"text/html": html, "text/plain": text}, raw=True)

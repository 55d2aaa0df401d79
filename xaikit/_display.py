"""Show something in a notebook, where one runs."""

from __future__ import annotations

import importlib
import sys


def show(html: str, text: str) -> None:
    """Display `html`, or `text` where there is no HTML; outside IPython do nothing."""
    # IPython is looked up, never imported: where it runs, it is already loaded.
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return
    display = importlib.import_module("IPython.display").display
    display({"text/html": html, "text/plain": text}, raw=True)

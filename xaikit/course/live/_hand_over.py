"""Leave data in a chapter for a figure that computes in the page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from xaikit.course._display import show

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def hand_over(name: str, data: Mapping[str, Any]) -> None:
    """Leave data in the page for a live figure; the reader does not see them.

    Outside IPython the data are only checked.

    Parameters
    ----------
    name : str
        What the figure asks for: lower-case words joined by hyphens.
    data : mapping
        Lists, text and finite numbers, as in JSON.

    Raises
    ------
    ValueError
        If `name` is not of that form, or a number is not finite.
    TypeError
        If `data` is not a mapping, or a part of it has no form in JSON.

    Notes
    -----
    Taught in: local/shapley.

    Examples
    --------
    >>> hand_over("weights", {"features": ["age", "income"], "weights": [0.5, -1.0]})
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"name must be lower-case words joined by hyphens; got {name!r}")
    if not isinstance(data, Mapping):
        raise TypeError(f"data must be a mapping; got {type(data).__name__}")
    try:
        text = json.dumps(dict(data), allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise ValueError(f"data must hold finite numbers: {error}") from None
    # In a page, "</script" ends the script, and "<!--<script" keeps that from ending it.
    text = text.replace("<", "\\u003c")
    script = f'<script type="application/json" id="xk-data-{name}">{text}</script>'
    show(script, f"Data for the live figure {name!r}")

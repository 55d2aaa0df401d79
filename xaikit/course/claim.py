"""Assert a sentence where it stands, and show that it was checked."""

from __future__ import annotations

import hashlib
import html
from typing import Any

import numpy as np

from xaikit.course._display import show
from xaikit.course._evidence import format_evidence


class FalseClaim(AssertionError):
    """A sentence that the run does not support.

    Parameters
    ----------
    text : str
        The sentence claimed.
    evidence : str or None
        What was found instead, as formatted for the reader.

    Notes
    -----
    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> print(FalseClaim("The slope is positive", "slope -0.2"))
    False claim: The slope is positive
    Evidence: slope -0.2
    """

    def __init__(self, text: str, evidence: str | None = None) -> None:
        super().__init__(text, evidence)
        self.text = text
        self.evidence = evidence

    def __str__(self) -> str:
        lines = [f"False claim: {self.text}"]
        if self.evidence is not None:
            lines.append(f"Evidence: {self.evidence}")
        return "\n".join(lines)


def claim(text: str, holds: bool | np.bool_, evidence: Any = None) -> None:
    """Assert a sentence of a chapter, and show it as checked.

    In IPython one quiet line is displayed (not returned, so it works anywhere in a
    cell). Elsewhere nothing is shown.

    Parameters
    ----------
    text : str
        The sentence, in plain text.
    holds : bool or numpy.bool_
        Whether it is true. An array, a number or text is refused: its truth value
        would not be that of the sentence.
    evidence : str, number, bool, array, Series, DataFrame, mapping or sequence, optional
        What the sentence rests on. Numbers are shown to four significant digits, and
        at most eight items.

    Raises
    ------
    FalseClaim
        If `holds` is false, with the text and the evidence.
    TypeError
        If `text` is not a str, `holds` not a bool, or `evidence` of a type whose text
        could change from run to run.
    ValueError
        If `text` is empty.

    Notes
    -----
    The id on the page is made from the text, so a claim keeps its address for as long
    as it keeps its words.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> slope = 0.5
    >>> claim("The slope is positive", slope > 0, evidence={"slope": slope})
    >>> claim("The slope is above one", slope > 1, evidence={"slope": slope})
    Traceback (most recent call last):
    xaikit.course.claim.FalseClaim: False claim: The slope is above one
    Evidence: slope 0.5
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str; got {type(text).__name__}")
    text = " ".join(text.split())
    if not text:
        raise ValueError("text must say something; got an empty str")
    if not isinstance(holds, bool | np.bool_):
        raise TypeError(
            f"holds must be a single bool (reduce an array by .all() or .any()); "
            f"got {type(holds).__name__}"
        )
    shown = None if evidence is None else format_evidence(evidence)
    if not holds:
        raise FalseClaim(text, shown)
    show(_as_html(text, shown), _as_text(text, shown))


def _as_text(text: str, evidence: str | None) -> str:
    return f"Checked: {text}" + ("" if evidence is None else f" [{evidence}]")


def _as_html(text: str, evidence: str | None) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    parts = [
        f'<div class="xk-claim" id="claim-{digest}" role="note" data-text="{html.escape(text)}">',
        '<span class="xk-claim-icon" aria-hidden="true">✓</span> ',
        '<span class="xk-claim-label">Checked:</span> ',
        f'<span class="xk-claim-text">{html.escape(text)}</span>',
    ]
    if evidence is not None:
        parts.append(f' <span class="xk-claim-evidence">{html.escape(evidence)}</span>')
    return "".join([*parts, "</div>"])

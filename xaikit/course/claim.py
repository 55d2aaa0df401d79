"""Assert a sentence where it stands, and show that it was checked."""

from __future__ import annotations

import hashlib
import html
import re
from typing import Any

import numpy as np

from xaikit.course._display import show
from xaikit.course._evidence import format_evidence

# A name is two words or more, so that no sentence is taken for one.
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")


class FalseClaim(AssertionError):
    """A sentence that the run does not support.

    Parameters
    ----------
    text : str
        The sentence claimed, or the name of one.
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
        The sentence, in plain text. Or the name of a sentence that stands in the prose of
        the same chapter, as in ``[The slope is positive.]{.checked #slope-positive}``:
        lower-case words joined by hyphens, at least two. The book then shows the evidence
        at the end of that sentence, and nothing below the cell.
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
    The name is the address of the sentence on its page. Without one the address is made
    from the text, and lasts as long as the text keeps its words.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> slope = 0.5
    >>> claim("The slope is positive", slope > 0, evidence={"slope": slope})
    >>> claim("slope-positive", slope > 0, evidence=f"{slope:.1f} dollars a year")
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
    # The build reads these attributes, and takes the line of a named claim off the page.
    if _NAME.fullmatch(text):
        place = f'data-name="{text}"'
    else:
        digest = hashlib.sha256(text.encode()).hexdigest()[:10]
        place = f'id="claim-{digest}" role="note" data-text="{html.escape(text)}"'
    parts = [
        f'<div class="xk-claim" {place}>',
        '<span class="xk-claim-icon" aria-hidden="true">✓</span> ',
        '<span class="xk-claim-label">Checked:</span> ',
        f'<span class="xk-claim-text">{html.escape(text)}</span>',
    ]
    if evidence is not None:
        parts.append(f' <span class="xk-claim-evidence">{html.escape(evidence)}</span>')
    return "".join([*parts, "</div>"])

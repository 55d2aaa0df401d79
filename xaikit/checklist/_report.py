"""An evaluation as text: a report to print, and JSON."""

from __future__ import annotations

import json
from reprlib import repr as short
from typing import TYPE_CHECKING, Any

from xaikit.checklist._questions import LEVELS

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "xaikit.Evaluation/1"
MAX_CHARACTERS = 10_000_000
_KEYS = ("format", "title", "version", "verdict", "answers", "evidence")


def markdown(heading: str, meaning: str, decisive: tuple[str, ...], frame: pd.DataFrame) -> str:
    """Return the report; `frame` is that of the evaluation."""
    lines = [f"# {heading}", "", meaning, ""]
    if decisive:
        lines += ["Decided by: " + ", ".join(decisive) + ".", ""]
    for level in LEVELS:
        rows = frame[frame["level"] == level]
        if rows.empty:
            continue
        lines += [f"## {level.capitalize()}", ""]
        for row in rows.itertuples():
            blocking = " (blocking)" if row.blocking else ""
            lines.append(f"- **{row.status}**{blocking}: {row.question}")
            lines.append(f"  - Evidence: {_escape(str(row.evidence)) or 'none'}")
        lines.append("")
    return "\n".join([*lines, "Answered by, date:  ", "Read by, date:", ""])


def _escape(text: str) -> str:
    """Keep what somebody typed from becoming markup."""
    for character in "\\`*_[]<>#|":
        text = text.replace(character, "\\" + character)
    return text


def dump(**fields: Any) -> str:
    """Return an evaluation as JSON."""
    return json.dumps({"format": FORMAT, **fields}, allow_nan=False, ensure_ascii=False)


def read(text: str) -> dict[str, Any]:
    """Return what `dump` wrote: its form is checked, what it says is not."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a str; got {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"text must have at most {MAX_CHARACTERS} characters; got {len(text)}.")
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"text must be JSON; got {text[:40]!r} ({error}).") from None
    if not isinstance(record, dict) or sorted(record) != sorted(_KEYS):
        raise ValueError(f"text must be an object with {', '.join(_KEYS)}; got {text[:40]!r}.")
    if record["format"] != FORMAT:
        raise ValueError(f"format must be {FORMAT!r}; got {short(record['format'])}.")
    return record

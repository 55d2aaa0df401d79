"""An evaluation as text: a report to print, and JSON, that of version 1 too."""

from __future__ import annotations

import json
import re
from reprlib import repr as short
from typing import TYPE_CHECKING, Any

from xaikit.checklist._questions import LEVELS
from xaikit.checklist._record import RECORD

if TYPE_CHECKING:
    from xaikit.checklist._checklist import Checklist, Evaluation

FORMAT = "xaikit.Evaluation/2"
OLD_FORMAT = "xaikit.Evaluation/1"
MAX_CHARACTERS = 1_000_000
_OLD_VERSION = re.compile(r"1\.[0-9]{1,9}\.[0-9]{1,9}")
_OLD_KEYS = ("format", "title", "version", "verdict", "answers", "evidence")
_KEYS = (*_OLD_KEYS, "variant", "record", "actions")
_LACKS = {"owner": "no owner", "due": "no due date", "condition": "no condition"}


def summary(result: Evaluation) -> str:
    """Return the verdict and how much stands against it."""
    said = result.verdict
    if result.decisive:
        what = "in the way" if result.verdict == "not ready" else "open"
        blocking = sum(result.checklist[id].blocking for id in result.decisive)
        said += f": {len(result.decisive)} {what}, {blocking} of them blocking"
    if result.unproven:
        said += f"; {len(result.unproven)} unproven"
    if result.record_gaps:
        said += ", record incomplete" if result.decisive else ": record incomplete"
    return said


def markdown(result: Evaluation) -> str:
    """Return the report. book/_live/verdict.js writes the same one."""
    ours, frame = result.checklist, result.to_frame()
    variant = f", {ours.variant.id}" if ours.variant else ""
    lines = [f"# {ours.title} (version {ours.version}{variant}): {result.verdict}", ""]
    if result.migrated:
        lines += [f"Answered for version {result.migrated}; judged by the rules of today.", ""]
    lines += [rule.meaning for rule in result.rules]
    lines.append("")
    if result.decisive:
        lines += ["Decided by: " + ", ".join(result.decisive) + ".", ""]
    for field in RECORD:
        value = _escape(result.record.get(field, ""))
        missing = " (does not count)" if value and field in result.record_gaps else ""
        lines.append(f"- {field.capitalize()}: {value or 'missing'}{missing}")
    lines.append("")
    for level in LEVELS:
        rows = frame[frame["level"] == level]
        if rows.empty:
            continue
        lines += [f"## {level.capitalize()}", ""]
        for row in rows.itertuples():
            lines += _lines(row, result.unassigned.get(str(row.Index), ()))
        lines.append("")
    if ours.variant:
        lines += ["## Law", ""]
        lines += [f"- {law.text}: {law.says} ({law.applies})" for law in ours.variant.law]
        lines.append("")
    return "\n".join([*lines, "Answered by, date:  ", "Read by, date:", ""])


def _lines(row: Any, lacks: tuple[str, ...]) -> list[str]:
    """Return what the report says about one question."""
    blocking = " (blocking)" if row.blocking else ""
    lines = [f"- **{row.status}**{blocking}: {row.question}"]
    if row.meaning:
        lines.append(f"  - This answer means: {row.meaning}")
    lines.append(f"  - Evidence: {_escape(str(row.evidence)) or 'none'}")
    if row.refused:
        lines.append(f"  - Refused: {row.refused}")
    for field in ("owner", "due", "condition"):
        value = getattr(row, field)
        if value:
            lines.append(f"  - {field.capitalize()}: {_escape(value)}")
    if lacks:
        lines.append(f"  - Lacks: {', '.join(_LACKS[field] for field in lacks)}")
    return lines


def _escape(text: str) -> str:
    """Keep what somebody typed from becoming markup, or a second line."""
    for character in "\\`*_[]<>#|":
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())


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
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"text must be JSON; got {text[:40]!r} ({error}).") from None
    if not isinstance(saved, dict) or "format" not in saved:
        raise ValueError(f"text must be an object with {', '.join(_KEYS)}; got {text[:40]!r}.")
    if saved["format"] not in (FORMAT, OLD_FORMAT):
        raise ValueError(f"format must be {FORMAT!r}; got {short(saved['format'])}.")
    keys = _KEYS if saved["format"] == FORMAT else _OLD_KEYS
    if sorted(saved) != sorted(keys):
        raise ValueError(f"text must be an object with {', '.join(keys)}; got {text[:40]!r}.")
    return {"variant": None, "record": {}, "actions": {}, **saved}


def check_belongs(saved: dict[str, Any], ours: Checklist) -> str | None:
    """Refuse answers to another list; return their version if they are to be migrated."""
    old = saved["format"] == OLD_FORMAT
    version, variant = saved["version"], ours.variant.id if ours.variant else None
    fits = version == ours.version
    if old:
        fits = isinstance(version, str) and bool(_OLD_VERSION.fullmatch(version))
    if saved["title"] != ours.title or not fits or not (old or saved["variant"] == variant):
        raise ValueError(
            f"text must answer {ours.title!r}, version {ours.version}, variant {variant!r}; got "
            f"{short(saved['title'])}, version {short(version)}, variant "
            f"{short(saved['variant'])}. Load the list that was answered and give it as "
            "checklist, or answer this one."
        )
    return version if old else None


def check_verdict(saved: dict[str, Any], verdict: str) -> None:
    """Refuse a verdict that the answers do not give."""
    if saved["verdict"] != verdict:
        raise ValueError(
            f"verdict must be what the answers give, {verdict!r}; got {short(saved['verdict'])}."
        )

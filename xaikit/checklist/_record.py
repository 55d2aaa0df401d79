"""What is judged, and who closes what is open: checked, and kept as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from reprlib import repr as short
from types import MappingProxyType
from typing import Any

from xaikit.checklist._answers import by_id
from xaikit.checklist._evidence import EvidenceRule
from xaikit.checklist._questions import Question

# The fields of a record, and what a form says about each.
RECORD = {
    "model": "the name under which it is filed",
    "version": "as it stands in the log",
    "purpose": "what it decides, about whom",
    "country": "where the people concerned live",
    "deployer": "who uses it and answers for it",
    "date": "of this record",
}
ACTION = {
    "owner": "who closes this, by name",
    "due": "the day by which it is closed",
    "condition": "under which the model may be used until then",
}
MAX_TEXT = 2000


def checked_record(given: object) -> dict[str, str]:
    """Return the fields of the record that say something."""
    return _texts("record", RECORD, given)


def checked_actions(questions: Mapping[str, Question], given: object) -> dict[str, Any]:
    """Return owner, due date and condition by id, as far as they are given."""
    found = {}
    for id, action in by_id(questions, "actions", given).items():
        kept = _texts(f"actions[{id!r}]", ACTION, action)
        if kept:
            found[id] = MappingProxyType(kept)
    return found


def _texts(name: str, fields: Mapping[str, str], given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping; got {type(given).__name__}.")
    found = {}
    for field, value in given.items():
        if field not in fields:
            raise ValueError(f"{name} must have keys from {', '.join(fields)}; got {short(field)}.")
        if isinstance(value, date):
            value = value.isoformat()[:10]
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name}[{field!r}] must be a str; got {type(value).__name__}.")
        text = (value or "").strip()
        if len(text) > MAX_TEXT:
            raise ValueError(
                f"{name}[{field!r}] must have at most {MAX_TEXT} characters; got {len(text)}."
            )
        if text:
            found[field] = text
    return found


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar, written as 2026-11-30."""
    # Only this form: fromisoformat also reads weeks.
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def record_gaps(record: Mapping[str, str], rule: EvidenceRule) -> tuple[str, ...]:
    """Return the fields of the record that say nothing yet."""

    def says(field: str) -> bool:
        text = record.get(field, "")
        return is_day(text) if field == "date" else rule.names(text)

    return tuple(field for field in RECORD if not says(field))


def action_gaps(
    action: Mapping[str, str], with_condition: bool, record: Mapping[str, str], rule: EvidenceRule
) -> tuple[str, ...]:
    """Return what an open answer lacks: owner, due date, condition."""
    due, today = action.get("due", ""), record.get("date", "")
    gaps = []
    if not rule.names(action.get("owner", "")):
        gaps.append("owner")
    # A day before the record's is no promise.
    if not is_day(due) or (is_day(today) and due < today):
        gaps.append("due")
    if with_condition and rule.kind(action.get("condition", "")):
        gaps.append("condition")
    return tuple(gaps)

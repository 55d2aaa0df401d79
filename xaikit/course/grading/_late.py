"""Take points off what came late, by a rule that the teacher states."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from xaikit.course.grading._csv import points_text
from xaikit.course.grading._lms import Sender, senders
from xaikit.course.grading._types import Graded, Submission

_RULE = re.compile(
    r"(?P<percent>\d{1,3}(?:\.\d+)?) ?% a day(?:, at most (?P<most>\d{1,3}(?:\.\d+)?) ?%)?"
)
_DAY = 24 * 3600


@dataclass(frozen=True)
class LateRule:
    """So many percent of the points for each day begun after `due`, and at most `most`.

    `due` is in seconds since 1970, as the times of files are.
    """

    percent: float
    most: float
    due: float

    def off(self, days: int) -> float:
        """Return the percent to take off after so many days."""
        return min(self.most, self.percent * days)


def read_rule(rule: str, due: str) -> LateRule:
    """Read a rule such as ``10% a day, at most 50%``, and a time such as ``2026-11-02 18:00``.

    A time is that of this machine's clock unless it says its zone; a date alone is its end.

    Raises
    ------
    ValueError
        If either is written in another way.
    """
    found = _RULE.fullmatch(rule.strip())
    percent = float(found["percent"]) if found else 101.0
    most = float(found["most"] or 100) if found else 101.0
    if max(percent, most) > 100:
        raise ValueError(f"--late must read like '10% a day, at most 50%'; got {rule!r}")
    try:
        when = datetime.fromisoformat(due.strip())
    except ValueError:
        raise ValueError(f"--due must read like '2026-11-02 18:00'; got {due!r}") from None
    if len(due.strip()) <= len("2026-11-02"):
        when = datetime.combine(when, time.max)
    return LateRule(percent, most, when.timestamp())


def with_lateness(
    graded: Sequence[Graded], submissions: Sequence[Submission], rule: LateRule
) -> tuple[Graded, ...]:
    """Return the submissions, in the same order, with points taken off those that are late."""
    known = senders(submission.source for submission in submissions)
    return tuple(
        _reduced(row, submission, known.get(submission.source), rule)
        for row, submission in zip(graded, submissions, strict=True)
    )


def days_late(submission: Submission, who: Sender | None, rule: LateRule) -> int:
    """Return the days begun after the time it was due.

    Canvas writes LATE into the name of a file that was; there the time of the file only
    tells how many days. Elsewhere there is nothing but that time, or none at all.
    """
    days = math.ceil(max(0.0, submission.modified - rule.due) / _DAY)
    if who is not None and who.system == "Canvas":
        return max(1, days) if who.late else 0
    return days


def _reduced(row: Graded, submission: Submission, who: Sender | None, rule: LateRule) -> Graded:
    days = days_late(submission, who, rule)
    if not days or not row.total:
        return row
    off = rule.off(days)
    total = round(row.total * (1 - off / 100), 6)
    late = (
        f"{days} {'day' if days == 1 else 'days'} late: {off:g}% off, "
        f"{points_text(total)} instead of {points_text(row.total)} points"
    )
    return replace(row, total=total, late=late)

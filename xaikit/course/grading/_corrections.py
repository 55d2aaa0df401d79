"""Points that a teacher gives by hand: read from a file, put over what the judges gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xaikit.course.grading._csv import number_in, points_text, read_table
from xaikit.course.grading._names import readable, safe_cell
from xaikit.course.grading._reply import tidy
from xaikit.course.grading._types import Graded, Mark, Outcome

_COLUMNS = ("student", "question", "points", "comment")


@dataclass(frozen=True)
class Correction:
    """The points for one question of one student, and where in the file they stand."""

    student: str
    question: str
    points: float
    comment: str
    line: int


def read_corrections(path: Path, points: Mapping[str, int]) -> tuple[Correction, ...]:
    """Read a CSV with the columns student, question, points and, if wanted, comment.

    Parameters
    ----------
    path : Path
        The file.
    points : mapping
        The points of each question of the lab.

    Raises
    ------
    ValueError
        If a line names no student, no question of the lab or points out of range, or says
        again what another one says; with the number of the line.
    """
    (_, header), *rows = read_table(path, "corrections").rows
    heads = [cell.strip().casefold() for cell in header]
    lacking = [name for name in _COLUMNS[:3] if heads.count(name) != 1]
    if lacking:
        raise ValueError(f"corrections must have the column {lacking[0]!r} once; got {header!r}")
    read: dict[tuple[str, str], Correction] = {}
    for line, row in rows:
        cells = dict(zip(heads, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        correction = _correction(cells, line, points)
        key = correction.student.casefold(), correction.question
        if key in read:
            raise ValueError(
                f"corrections, line {line}: {correction.question} of {correction.student!r} was "
                f"corrected in line {read[key].line} already"
            )
        read[key] = correction
    return tuple(read.values())


def _correction(cells: Mapping[str, str], line: int, points: Mapping[str, int]) -> Correction:
    student, question, given = (cells.get(name, "") for name in _COLUMNS[:3])
    where = f"corrections, line {line}"
    if not student:
        raise ValueError(f"{where}: the student must be named")
    if question not in points:
        raise ValueError(
            f"{where}: question must be one of {', '.join(points)}; got {readable(question, 60)!r}"
        )
    value, most = number_in(given), points[question]
    if value is None or not 0 <= value <= most:
        raise ValueError(
            f"{where}: points for {question} must be from 0 to {most}; got {readable(given, 60)!r}"
        )
    return Correction(student, question, value, tidy(cells.get("comment", "")), line)


def corrected(
    graded: Sequence[Graded], corrections: Sequence[Correction]
) -> tuple[tuple[Graded, ...], tuple[str, ...]]:
    """Return the submissions with the points given by hand, and what could not be placed."""
    exact, unique = _exact(graded), _unique(graded)
    rows = list(graded)
    notes = []
    for correction in corrections:
        place = exact.get(correction.student, unique.get(correction.student.casefold()))
        if place is None:
            name = readable(correction.student)
            notes.append(f"no submission of {name}, named in line {correction.line}")
            continue
        marks = tuple(_by_hand(mark, correction) for mark in rows[place].marks)
        total = round(sum(mark.points for mark in marks), 6)
        rows[place] = replace(rows[place], marks=marks, total=total)
    return tuple(rows), tuple(notes)


def _exact(graded: Sequence[Graded]) -> dict[str, int]:
    """Return where each student is, by the name as the table shows it and as it is."""
    places = enumerate(graded)
    return {name: i for i, row in places for name in (safe_cell(row.student), row.student)}


def _unique(graded: Sequence[Graded]) -> dict[str, int]:
    """Return where each student is, by the name in lower case if no other has the same."""
    names = [row.student.casefold() for row in graded]
    often = Counter(names)
    return {name: place for place, name in enumerate(names) if often[name] == 1}


def _by_hand(mark: Mark, correction: Correction) -> Mark:
    if mark.question != correction.question:
        return mark
    outcome: Outcome = "right" if correction.points == mark.out_of else "partly"
    if not correction.points:
        outcome = mark.outcome if not mark.points else "wrong"
    told = f"By hand {points_text(correction.points)} instead of {points_text(mark.points)}."
    said = f"{told} {correction.comment}".strip()
    return replace(mark, points=correction.points, outcome=outcome, by_hand=said)

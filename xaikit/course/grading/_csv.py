"""The table of marks, a row for each student; and tables that a teacher gives, read."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xaikit.course.grading._names import readable, safe_cell
from xaikit.course.grading._types import Graded

_MAX_MB = 20


@dataclass(frozen=True)
class Table:
    """A CSV as it was read: its rows, each with the number of its first line, and its form."""

    rows: list[tuple[int, list[str]]]
    delimiter: str
    ending: str
    encoding: str


def read_table(path: Path, what: str) -> Table:
    """Read a CSV, whatever its delimiter: the one that gives the most columns.

    Raises
    ------
    ValueError
        If it is no such file; the message names it as `what`.
    """
    text, encoding = _decoded(path, what)
    first = text.split("\n", 1)[0]
    try:
        wide = {sign: len(next(csv.reader([first], delimiter=sign), [])) for sign in ",;\t"}
        delimiter = max(wide, key=lambda sign: wide[sign])
        rows, line = [], 1
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{what} must be a CSV file; {path.name!r} is not ({error})") from error
    if not rows or wide[delimiter] < 2:
        raise ValueError(f"{what} must be a CSV file with columns; {path.name!r} has none")
    return Table(rows, delimiter, "\r\n" if "\r\n" in text else "\n", encoding)


def _decoded(path: Path, what: str) -> tuple[str, str]:
    if not path.is_file():
        raise ValueError(f"{what} must be a CSV file; nothing is at {str(path)!r}")
    if path.stat().st_size > _MAX_MB << 20:
        raise ValueError(f"{what} must be at most {_MAX_MB} MB; got {path.name!r}")
    content = path.read_bytes()
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16"), "utf-16"
        encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise ValueError(f"{what} must be text in UTF-8; got {path.name!r}") from error


def number_in(text: str) -> float | None:
    """Return the number in a cell, with a point or a comma, or None.

    Examples
    --------
    >>> number_in("2,5"), number_in("EX")
    (2.5, None)
    """
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def points_text(points: float) -> str:
    """Write points with at most two decimals and without trailing zeros.

    Examples
    --------
    >>> points_text(2.0), points_text(1.6666666)
    ('2', '1.67')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")


def grades_csv(
    graded: Sequence[Graded], questions: Sequence[str], alike: Mapping[str, str] | None = None
) -> bytes:
    """Return the table as CSV in UTF-8, with the byte order mark that Excel needs.

    The columns are the student, the points of each question, the total and the points there
    are, the status with its message, notes, how the notebook was isolated, the lab, its
    version, the seed, and the file that was graded. The notes are on points given by hand,
    on lateness, on code that others handed in too (`alike`, by student), and on cells that stopped.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    about = ("status", "message", "notes", "isolation", "lab", "lab_version", "seed", "source")
    table.writerow(["student", *questions, "total", "out_of", *about])
    for row in graded:
        points = {mark.question: points_text(mark.points) for mark in row.marks}
        table.writerow(
            [
                safe_cell(row.student),
                *(points.get(question, "0") for question in questions),
                points_text(row.total),
                row.out_of,
                safe_cell(row.status),
                safe_cell(row.message),
                safe_cell(" | ".join(_notes(row, (alike or {}).get(row.student, "")))),
                safe_cell(row.isolation),
                safe_cell(row.lab),
                safe_cell(row.lab_version),
                row.seed,
                safe_cell(row.source),
            ]
        )
    return text.getvalue().encode("utf-8-sig", errors="backslashreplace")


def _notes(row: Graded, alike: str) -> list[str]:
    by_hand = [f"{m.question}: {readable(m.by_hand, 2_000)}" for m in row.marks if m.by_hand]
    return [*by_hand, *filter(None, (row.late, alike)), *row.notes]

"""The table of marks, a row for each student."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from xaikit.course.grading._names import safe_cell
from xaikit.course.grading._types import Graded


def points_text(points: float) -> str:
    """Write points with at most two decimals and without trailing zeros.

    Examples
    --------
    >>> points_text(2.0), points_text(1.6666666)
    ('2', '1.67')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")


def grades_csv(graded: Sequence[Graded], questions: Sequence[str]) -> bytes:
    """Return the table as CSV in UTF-8, with the byte order mark that Excel needs.

    The columns are the student, the points of each question, the total and the points there
    are, the status with its message, notes on cells that stopped, how the notebook was
    isolated, the lab, its version, the seed, and the file that was graded.
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
                safe_cell(" | ".join(row.notes)),
                safe_cell(row.isolation),
                safe_cell(row.lab),
                safe_cell(row.lab_version),
                row.seed,
                safe_cell(row.source),
            ]
        )
    return text.getvalue().encode("utf-8-sig", errors="backslashreplace")

"""``xaikit grade-table``: the tables of several labs in one."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xaikit.course.grading._csv import number_in, points_text, read_table
from xaikit.course.grading._files import write_whole
from xaikit.course.grading._names import safe_cell

_NEEDED = ("student", "total", "out_of", "status", "lab")


def add_parser(commands: Any) -> None:
    """Add ``grade-table`` to the commands of ``xaikit``."""
    join = commands.add_parser(
        "grade-table",
        help="put the tables of several labs into one",
        description="Put tables that `xaikit grade` wrote, one for each lab, into one.",
    )
    join.set_defaults(run=run)
    join.add_argument("tables", type=Path, nargs="+", metavar="CSV", help="a table of one lab")
    join.add_argument("--out", required=True, type=Path, metavar="CSV", help="the table to write")


def run(options: argparse.Namespace) -> int:
    """Write the table, and return the exit code."""
    if options.out.suffix.lower() != ".csv" or options.out.is_dir():
        raise ValueError(f"--out must be a file that ends in .csv; got {str(options.out)!r}")
    if options.out.resolve() in {table.resolve() for table in options.tables}:
        raise ValueError(f"an output would replace {str(options.out)!r}; choose another name")
    content = joined(options.tables)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(options.out, content)
    sys.stderr.write(f"written: {options.out}\n")
    return 0


def joined(paths: Sequence[Path]) -> bytes:
    """Return one table with a row for each student, and a column for each lab.

    After the labs stand the sum and the points that there are in all labs, also those in
    which a student handed in nothing: there the cell is empty. `look_at` names the labs whose
    submission did not run to its end.

    Raises
    ------
    ValueError
        If one is no table of `xaikit grade`, two are of one lab, or one names a student twice.
    """
    labs: dict[str, dict[str, dict[str, str]]] = {}
    for path in paths:
        lab, rows = _read(path)
        if lab in labs:
            raise ValueError(f"each table must be of another lab; two are of {lab}")
        labs[lab] = rows
    students = sorted({s for rows in labs.values() for s in rows}, key=lambda s: (s.casefold(), s))
    most = sum(max(_points(row["out_of"]) for row in rows.values()) for rows in labs.values())
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["student", *labs, "total", "out_of", "look_at"])
    for student in students:
        own = {lab: rows[student] for lab, rows in labs.items() if student in rows}
        totals = [points_text(_points(own[lab]["total"])) if lab in own else "" for lab in labs]
        whole = points_text(sum(_points(row["total"]) for row in own.values()))
        look = [f"{lab}: {row['status']}" for lab, row in own.items() if row["status"] != "ok"]
        cells = [student, *totals, whole, points_text(most), " | ".join(look)]
        table.writerow([safe_cell(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig", errors="backslashreplace")


def _read(path: Path) -> tuple[str, dict[str, dict[str, str]]]:
    """Return the lab of a table, and its rows by student."""
    what = f"the table {path.name!r}"
    (_, header), *rows = read_table(path, what).rows
    if not set(_NEEDED) <= set(header) or not rows:
        raise ValueError(f"{what} must be one that `xaikit grade` wrote, with marks in it")
    by_student: dict[str, dict[str, str]] = {}
    for line, row in rows:
        cells = dict(zip(header, row, strict=False))
        if len(row) != len(header) or None in map(number_in, (cells["total"], cells["out_of"])):
            raise ValueError(f"{what}, line {line}: total and out_of must be numbers")
        if cells["student"] in by_student:
            raise ValueError(f"{what}, line {line}: {cells['student']!r} is there twice")
        by_student[cells["student"]] = cells
    found = {cells["lab"] for cells in by_student.values()}
    if len(found) > 1:
        raise ValueError(f"{what} must be of one lab; got {', '.join(sorted(found))}")
    return found.pop(), by_student


def _points(text: str) -> float:
    return number_in(text) or 0.0

"""One zip of feedback, named so that Canvas or Moodle gives each file to its student."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xaikit.course.grading._csv import points_text
from xaikit.course.grading._lms import Sender, senders
from xaikit.course.grading._names import file_stem, readable
from xaikit.course.grading._pages import LOOKS, feedback_page
from xaikit.course.grading._types import Graded, Mark


def return_zip(graded: Sequence[Graded], titles: Mapping[str, str]) -> bytes:
    """Return the zip; the same marks give the same bytes.

    Canvas takes a file by the two numbers in its name, and shows it to the student under the
    name of the file that was handed in: so the feedback on ``lab.ipynb`` is a notebook too.
    Moodle takes a folder by the number of the participant, and whatever is in it.
    """
    known = senders(row.source for row in graded)
    packed = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(packed, "w") as archive:
        for row in graded:
            name, content = _file(row, known.get(row.source), titles, taken)
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return packed.getvalue()


def _file(
    row: Graded, who: Sender | None, titles: Mapping[str, str], taken: set[str]
) -> tuple[str, bytes]:
    if who is None:
        return f"{file_stem(row.student, taken)}.html", feedback_page(row, titles)
    if who.system == "Moodle":
        # Moodle looks for the number after the first underscore.
        name = readable(who.name).replace("_", " ").replace("\\", " ")
        folder = f"{name}_{who.number}_assignsubmission_file_"
        return f"{folder}/feedback-{row.lab}.html", feedback_page(row, titles)
    name = _canvas_name(row.source)
    if name.lower().endswith(".ipynb"):
        return name, feedback_notebook(row, titles)
    if name.lower().endswith(".zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            page = zipfile.ZipInfo(f"feedback-{row.lab}.html")
            archive.writestr(page, feedback_page(row, titles))
        return name, packed.getvalue()
    return name, feedback_text(row, titles).encode("utf-8", errors="backslashreplace")


def _canvas_name(source: str) -> str:
    """Return the name of the file as it was downloaded."""
    name = source.partition("/")[0].replace("\\", "-")
    numbers, _, last = name.rpartition("_")
    # Canvas passes over what looks like one of its own pages for submitted links.
    return f"{numbers}_feedback-{last}" if last.startswith("link") else name


def feedback_notebook(row: Graded, titles: Mapping[str, str]) -> bytes:
    """Return a student's feedback as a notebook: text, and under it the student's code."""
    cells: list[dict[str, Any]] = []
    for heading, lines, code in _sections(row, titles):
        text = "\n\n".join([f"## {_escaped(heading)}", *map(_escaped, lines)])
        cells.append({"cell_type": "markdown", "metadata": {}, "source": text})
        if code:
            empty: dict[str, Any] = {"metadata": {}, "execution_count": None, "outputs": []}
            cells.append({"cell_type": "code", "source": code, **empty})
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": python}}
    return json.dumps({**notebook, "cells": cells}, indent=1).encode()


def feedback_text(row: Graded, titles: Mapping[str, str]) -> str:
    """Return a student's feedback as plain text."""
    parts = []
    for heading, lines, code in _sections(row, titles):
        shown = [f"    {line}".rstrip() for line in code.split("\n")] if code else []
        parts.append("\n".join([heading, "-" * len(heading), *lines, *shown]))
    return "\n\n".join(parts) + "\n"


def _sections(row: Graded, titles: Mapping[str, str]) -> Iterator[tuple[str, list[str], str]]:
    """Give the heading, the lines and the code of each part."""
    total = f"{points_text(row.total)} of {row.out_of} points"
    yield f"Feedback on {row.lab}", _lines(f"For {row.student}: {total}", row.late, row.message), ""
    for mark in row.marks:
        title = titles.get(mark.question, "")
        heading = f"{mark.question}: {title}" if title else mark.question
        yield heading, _said(mark, row.status == "ok"), mark.code
    if row.notes:
        yield "Cells that stopped", _lines(*row.notes), ""


def _said(mark: Mark, ended: bool) -> list[str]:
    icon, said = LOOKS[mark.outcome] if ended or mark.by_hand else ("–", "Not marked")
    points = f"{icon} {said}, {points_text(mark.points)} of {mark.out_of} points"
    return _lines(points, mark.by_hand, *((mark.hint, mark.case) if ended else ()))


def _lines(*texts: str) -> list[str]:
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return [readable(line, 2_000) for line in lines]


def _escaped(line: str) -> str:
    """Leave no HTML in a line of Markdown; what stands between backticks is code already."""
    parts = re.split(r"(`[^`]+`)", line)
    return "".join(p if i % 2 else html.escape(p, quote=False) for i, p in enumerate(parts))

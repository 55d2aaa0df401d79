"""Read ``lab.md``: the one source of a lab, with its solutions and its wrong answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from xaikit.core.checks import require

BEGIN = "# BEGIN SOLUTION"
STUB = "# STUB"
END = "# END SOLUTION"
# A cell of code with a header, as `read_answers` looks for it.
_CELL = re.compile(r"^```\{code-cell\}[^\n]*\n---\n(.*?)^---\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NEEDS = re.compile(r"^\*\*You need\*\* (.+), and about (\d+) minutes\.", re.MULTILINE)
_RAISE = 'raise NotImplementedError("Your answer goes here.")'


@dataclass(frozen=True)
class Cell:
    """A cell that the learner sees. `question` is set on the cell that answers one."""

    kind: str
    source: str
    question: str | None = None


@dataclass(frozen=True)
class Answer:
    """An answer cell: what it is about, the steps towards it, and its two forms.

    `solved` is the whole cell, `student` the one with a stub for the learner to fill.
    """

    title: str
    hints: tuple[str, ...]
    solved: str
    student: str


@dataclass(frozen=True)
class Mutant:
    """A wrong answer that people really give, and a word that its hint must contain."""

    question: str
    name: str
    hint: str
    source: str


@dataclass(frozen=True)
class LabSource:
    """A whole lab, read from its source."""

    name: str
    cells: tuple[Cell, ...]
    answers: dict[str, Answer]
    mutants: tuple[Mutant, ...]


def read_source(lab: Path) -> LabSource:
    """Read ``lab.md`` in the folder `lab`.

    Raises
    ------
    ImportError
        If jupytext is not installed.
    ValueError
        If a marker has no partner, an answer cell lacks its question, title or hints, two
        cells answer one question, or a wrong answer lacks its question, name or hint.
    """
    jupytext = require("jupytext", extra="course")
    notebook = jupytext.reads(_text(lab), fmt="md:myst")
    cells: list[Cell] = []
    answers: dict[str, Answer] = {}
    mutants: list[Mutant] = []
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{lab.name}/lab.md, cell {number}"
        tags = cell.metadata.get("tags", [])
        if "mutant" in tags:
            mutants.append(_mutant(cell.source, cell.metadata, where))
        elif "answer" in tags:
            question = _entry(cell.metadata, "question", where)
            if question in answers:
                raise ValueError(f"{where}: {question} is answered by two cells")
            answers[question] = _answer(cell.source, cell.metadata, where)
            cells.append(Cell("code", cell.source, question))
        elif any(marker in cell.source for marker in (BEGIN, END)):
            raise ValueError(f"{where}: a solution must stand in a cell tagged answer")
        else:
            cells.append(Cell(cell.cell_type, cell.source))
    return LabSource(lab.name, tuple(cells), answers, tuple(mutants))


def read_answers(lab: Path) -> dict[str, Answer]:
    """Read the answer cells alone, as `read_source` does, without what that needs.

    jupytext takes seconds to be imported, and somebody who learns may not have it.
    """
    answers = {}
    for number, (header, code) in enumerate(_CELL.findall(_text(lab)), start=1):
        metadata = yaml.safe_load(header)
        where = f"{lab.name}/lab.md, cell {number} of those with a header"
        if "answer" in metadata.get("tags", []):
            question = _entry(metadata, "question", where)
            answers[question] = _answer(code.rstrip("\n"), metadata, where)
    return answers


def read_title(lab: Path) -> str:
    """Return the first heading of a lab, without the word for it."""
    heading = next(line[2:] for line in _text(lab).splitlines() if line.startswith("# "))
    title = heading.strip().removeprefix("Lab: ")
    return title[:1].upper() + title[1:]


def read_needs(lab: Path) -> tuple[str, int]:
    """Return what a lab needs, in Markdown, and its minutes.

    Raises
    ------
    ValueError
        If its source does not say so in the words that all labs use.
    """
    found = _NEEDS.search(_text(lab))
    if found is None:
        raise ValueError(f"{lab.name}/lab.md: needs '**You need** …, and about … minutes.'")
    return found[1], int(found[2])


def _text(lab: Path) -> str:
    return (lab / "lab.md").read_text(encoding="utf-8")


def _answer(source: str, metadata: dict[str, Any], where: str) -> Answer:
    hints = metadata.get("hints")
    if not isinstance(hints, list) or not hints or not all(isinstance(h, str) for h in hints):
        raise ValueError(f"{where}: the cell must give a list of hints; got {hints!r}")
    solved, student = split_code(source, where)
    return Answer(_entry(metadata, "title", where), tuple(hints), solved, student)


def _mutant(source: str, metadata: dict[str, Any], where: str) -> Mutant:
    question, name, hint = (_entry(metadata, key, where) for key in ("question", "mutant", "hint"))
    return Mutant(question, name, hint, source)


def _entry(metadata: dict[str, Any], key: str, where: str) -> str:
    value = metadata.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{where}: the cell must say its {key}; got {value!r}")
    return value


def split_code(source: str, where: str) -> tuple[str, str]:
    """Split an answer cell into its solved form and the form that the learner gets.

    Between the markers stands the solution. It becomes a ``raise NotImplementedError`` at
    the same indentation, or, if the block has a ``# STUB`` part, the comments of that part
    without their ``#``. At the top level of a cell only a stub is possible, since a ``raise``
    there would stop the notebook.
    """
    solved: list[str] = []
    student: list[str] = []
    part, indent = "", ""
    for line in source.splitlines():
        marker = line.strip()
        if marker == BEGIN and not part:
            part, indent, stub = "solution", line[: line.index("#")], list[str]()
        elif marker == STUB and part == "solution":
            part = "stub"
        elif marker == END and part:
            if not stub and not indent:
                raise ValueError(f"{where}: a solution at the top level needs a {STUB} part")
            student += stub or [indent + _RAISE]
            part = ""
        elif marker in (BEGIN, STUB, END):
            raise ValueError(f"{where}: {marker} is out of place")
        elif part == "stub":
            if marker[:2] != "# ":
                raise ValueError(f"{where}: each line of a stub is a comment; got {line!r}")
            stub.append(line.replace("# ", "", 1))
        else:
            solved.append(line)
            if not part:
                student.append(line)
    if part:
        raise ValueError(f"{where}: {BEGIN} has no {END}")
    if solved == student:
        raise ValueError(f"{where}: an answer cell needs a solution between its markers")
    return "\n".join(solved), "\n".join(student)

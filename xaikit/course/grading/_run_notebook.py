"""Inside the sandbox: read a notebook, run it, probe its answers, write one reply."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xaikit.course.grading._clock import TooSlow, at_most
from xaikit.course.grading._code import MOST_CODE, answers_in
from xaikit.course.grading._shape import shape
from xaikit.course.grading._unpack import MAX_NOTEBOOK, as_text, unpacked
from xaikit.course.labs._checks import Probe
from xaikit.course.labs._mark import Answers, learners_line, named, told, why_unanswered
from xaikit.course.labs._outcome import Outcome
from xaikit.course.labs._values import Json, NotAnswered

_MAX_TEXT = 500
_TOO_SLOW = "It took too long and was stopped."
_OPENED = re.compile(r"""labs\s*\.\s*open\(\s*["'](\w+)["']""")


class Unreadable(ValueError):
    """The file is not a notebook of this lab; a word of `UNREADABLE` says why."""


# The trusted side has the sentences: a notebook may write what it likes into the reply, and
# nobody should read its words as the grader's.
UNREADABLE = {
    "size": f"The file is larger than {MAX_NOTEBOOK // 2**20} MB.",
    "zip": "The file is a zip in which no notebook can be read.",
    "encoding": "The file is not text, so it is not a notebook.",
    "depth": "The file is nested too deeply to be a notebook.",
    "json": "The file is not JSON, so it is not a notebook.",
    "kind": "The file is JSON, but not a notebook.",
    "format": "The notebook has an unknown format: open it in Jupyter and save it again.",
    "cells": "The notebook has no list of cells.",
    "source": "A cell of the notebook holds no text.",
    "lab": "The notebook is of another lab.",
}


def read_notebook(content: bytes, lab: str) -> list[str]:
    """Return the code cells of a notebook, in their order.

    Only what grading needs is read. Outputs, metadata and the ids of cells may be as
    they are: other tools leave them odd, and no answer is in them.

    Raises
    ------
    Unreadable
        If it is not JSON, not a notebook, in an unknown format, or opens another lab.
    """
    try:
        content = unpacked(content, lab, MAX_NOTEBOOK)
    except ValueError:
        raise Unreadable("zip") from None
    if len(content) > MAX_NOTEBOOK:
        raise Unreadable("size")
    try:
        notebook = json.loads(as_text(content))
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    except RecursionError:
        raise Unreadable("depth") from None
    except ValueError:
        raise Unreadable("json") from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise Unreadable("kind")
    if notebook["nbformat"] not in (3, 4):
        raise Unreadable("format")
    cells = _cells(notebook)
    code = [_source(cell) for cell in cells if cell.get("cell_type") == "code"]
    opened = {name for cell in code for name in _OPENED.findall(cell)}
    if opened and lab not in opened:
        raise Unreadable("lab")
    return code


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells; in format 3 they lie in worksheets."""
    parts = [notebook] if notebook["nbformat"] == 4 else notebook.get("worksheets")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Unreadable("cells")
    cells = []
    for part in parts:
        some = part.get("cells")
        if not isinstance(some, list) or not all(isinstance(cell, dict) for cell in some):
            raise Unreadable("cells")
        cells += some
    return cells


def _source(cell: dict[str, Any]) -> str:
    # In format 3 the code of a cell is its input.
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    if not isinstance(source, str):
        raise Unreadable("source")
    return source


def probe_all(
    names: dict[str, Any], probes: Mapping[str, Probe], seed: int, room: int, seconds: float
) -> dict[str, dict[str, Json]]:
    """Run each probe beside the student's names; a failure of one does not affect the others.

    An answer may take its part of the `room` (in bytes) that there is for the reply, and a
    quarter of the `seconds` that the submission has.

    Raises
    ------
    MemoryError
        If a probe ran out of memory.
    """
    return {
        question: _probe(names, probe, seed, room // len(probes), seconds / 4)
        for question, probe in probes.items()
    }


def _probe(
    names: dict[str, Any], probe: Probe, seed: int, room: int, seconds: float
) -> dict[str, Json]:
    try:
        with at_most(seconds, 2 * seconds):
            text = json.dumps(probe(Answers(names), seed))
        if len(text) > room:
            return {"error": "The answer is too large to be sent.", "line": ""}
        return {"value": json.loads(text)}
    except (NotImplementedError, NotAnswered) as missing:
        return {"not_answered": _text(why_unanswered(missing))}
    except MemoryError:
        raise
    except BaseException as error:
        # A student's function may raise anything, SystemExit among it.
        return _told(error, names)


def _told(error: BaseException, names: dict[str, Any]) -> dict[str, Json]:
    """Say what stopped an answer, and at which line of the student's it came."""
    said, line = told(error, names)
    if isinstance(error, TooSlow):
        said, line = _TOO_SLOW, learners_line(error.__traceback__, names)[1]
    return {"error": _text(said), "line": _text(line)}


def _stopped(number: int, error: BaseException, names: dict[str, Any]) -> dict[str, Json]:
    """Say which cell stopped, and why."""
    said = _TOO_SLOW if isinstance(error, TooSlow) else named(error)
    _, line = learners_line(error.__traceback__, names)
    return {"cell": number, "error": _text(said), "line": _text(line)}


def _text(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + " …"


class LabWhileGrading:
    """What ``xk.labs.open`` gives in the sandbox: the cells that call it run, and do nothing."""

    def check(self, question: str = "", *args: object, **options: object) -> Outcome:
        """Say that the marks are given elsewhere; so do the other methods."""
        return Outcome(str(question), "unanswered", 0, 0, "This is marked after the notebook ran.")

    hint = solution = progress = discuss = check


def put_lab_aside(labs: Path) -> None:
    """Let notebooks open a lab without its checks and its source, which are not there."""
    from xaikit import labs as module
    from xaikit.course.labs import _find, _lab

    def open_lab(name: str = "", *args: object, **options: object) -> LabWhileGrading:
        return LabWhileGrading()

    _find.LABS_FOLDER.set(labs)
    # The name in the module is that of the public function, which mypy checks against its type.
    for place, name in ((module, "open"), (_lab, "open_lab")):
        setattr(place, name, open_lab)


def answer(
    content: bytes,
    shell: Any,
    lab: str,
    probes: tuple[str, str, list[str]],
    names: Mapping[str, list[str]],
    send: Callable[[bytes], None],
    *,
    seed: int,
    room: int,
    seconds: float,
) -> None:
    """Send a submission's reply: ``{"unreadable": why}`` or its ``probes`` and ``stopped``.

    `probes` is their source, the path that stands for its file, and the questions; `names`
    are those that answer each question. Of the cells that stopped the number, the error and
    the line are told. A line that says what was handed in goes ahead.
    """
    from xaikit.course.grading._shell import run_cells

    try:
        cells = read_notebook(content, lab)
    except Unreadable as problem:
        send(json.dumps({"unreadable": str(problem)}).encode())
        return
    # Before anything of the student's runs, so that nothing of it can tell another story.
    send(_handed_in(cells, names))
    # A notebook imports modules from its own folder.
    sys.path.insert(0, "")
    stopped = run_cells(shell, cells, seconds)
    source, file, questions = probes
    module: dict[str, Any] = {"__name__": f"xaikit_lab_{lab}_probes", "__file__": file}
    exec(compile(source, os.fspath(file), "exec"), module)
    functions = {question: module[f"{question}_probe"] for question in questions}
    notes = [_stopped(number, error, shell.user_ns) for number, error in stopped]
    replies = probe_all(shell.user_ns, functions, seed, room, seconds)
    send(json.dumps({"probes": replies, "stopped": notes}).encode())


def _handed_in(cells: list[str], names: Mapping[str, list[str]]) -> bytes:
    answers = answers_in(cells, names)
    told = {}
    for question, code in answers.items():
        same, size = shape(code)
        told[question] = {"code": code[:MOST_CODE], "shape": same, "size": size}
    return json.dumps(told).encode() + b"\n"

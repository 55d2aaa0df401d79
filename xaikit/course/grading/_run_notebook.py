"""Inside the sandbox: read a notebook, run it, probe its answers, write one reply."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xaikit.course.labs._checks import Probe
from xaikit.course.labs._mark import Answers, learners_line, why_unanswered
from xaikit.course.labs._outcome import Outcome
from xaikit.course.labs._values import Json, NotAnswered

MAX_NOTEBOOK = 64 * 2**20
_MAX_TEXT = 500
_OPENED = re.compile(r"""labs\s*\.\s*open\(\s*["'](\w+)["']""")


class Unreadable(ValueError):
    """The file is not a notebook of this lab; the message says why."""


def read_notebook(content: bytes, lab: str) -> list[str]:
    """Return the code cells of a notebook, in their order.

    Only what grading needs is read. Outputs, metadata and the ids of cells may be as
    they are: other tools leave them odd, and no answer is in them.

    Raises
    ------
    Unreadable
        If it is not JSON, not a notebook, in an old format, or opens another lab.
    """
    if len(content) > MAX_NOTEBOOK:
        raise Unreadable(f"the file is larger than {MAX_NOTEBOOK // 2**20} MB")
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable("the file is not text in UTF-8, so it is not a notebook") from None
    except RecursionError:
        raise Unreadable("the file is nested too deeply to be a notebook") from None
    except ValueError:
        raise Unreadable("the file is not JSON, so it is not a notebook") from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise Unreadable("the file is JSON, but not a notebook")
    if notebook["nbformat"] != 4:
        form = str(notebook["nbformat"])[:20]
        raise Unreadable(f"the notebook has format {form}; save it again in format 4")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Unreadable("the notebook has no list of cells")
    code = [_source(cell) for cell in cells if cell.get("cell_type") == "code"]
    opened = {name for cell in code for name in _OPENED.findall(cell)}
    if opened and lab not in opened:
        raise Unreadable(f"the notebook is of the lab {min(opened)[:40]}, not of {lab}")
    return code


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    if not isinstance(source, str):
        raise Unreadable("a cell of the notebook holds no text")
    return source


def probe_all(
    names: dict[str, Any], probes: Mapping[str, Probe], seed: int, room: int
) -> dict[str, dict[str, Json]]:
    """Run each probe beside the student's names; a failure of one does not affect the others.

    An answer may take its part of the `room` (in bytes) that there is for the reply.

    Raises
    ------
    MemoryError
        If a probe ran out of memory.
    """
    return {q: _probe(names, probe, seed, room // len(probes)) for q, probe in probes.items()}


def _probe(names: dict[str, Any], probe: Probe, seed: int, room: int) -> dict[str, Json]:
    try:
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
        where, line = learners_line(error.__traceback__, names)
        try:
            said = f"`{type(error).__name__}`: {error}"
        except BaseException:
            said = "an error that cannot be shown"
        return {"error": _text(said + where), "line": _text(line)}


def _text(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + " …"


class LabWhileGrading:
    """What ``xk.labs.open`` gives in the sandbox: the cells that call it run, and do nothing."""

    def check(self, question: str = "", *args: object, **options: object) -> Outcome:
        """Say that the marks are given elsewhere; so do the other methods."""
        return Outcome(str(question), "unanswered", 0, 0, "This is marked after the notebook ran.")

    hint = solution = progress = check


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
    content: bytes, shell: Any, lab: str, probes: tuple[str, str, list[str]], seed: int, room: int
) -> bytes:
    """Return the reply of a submission: ``{"unreadable": why}`` or ``{"probes": {...}}``.

    `probes` is their source, the path that stands for its file, and the questions.
    """
    from xaikit.course.grading._shell import run_cells

    try:
        cells = read_notebook(content, lab)
    except Unreadable as problem:
        return json.dumps({"unreadable": str(problem)}).encode()
    # A notebook imports modules from its own folder.
    sys.path.insert(0, "")
    run_cells(shell, cells)
    source, file, questions = probes
    module: dict[str, Any] = {"__name__": f"xaikit_lab_{lab}_probes", "__file__": file}
    exec(compile(source, os.fspath(file), "exec"), module)
    functions = {question: module[f"{question}_probe"] for question in questions}
    replies = probe_all(shell.user_ns, functions, seed, room)
    return json.dumps({"probes": replies}).encode()

"""Mark one answer: the probe beside it, then the judge on what the probe sends."""

from __future__ import annotations

import json
import linecache
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from xaikit.course.labs._checks import Checks, verdict
from xaikit.course.labs._outcome import Outcome
from xaikit.course.labs._own import refuse_peeking
from xaikit.course.labs._values import NotAnswered

# In a notebook the same inputs each time; grading draws its own.
NOTEBOOK_SEED = 3


class Answers(dict[str, Any]):
    """The learner's names. Asking for one that is not there means: not answered yet.

    A function that looks into the check, instead of answering it, is not given.
    """

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        refuse_peeking(found)
        return found

    def __missing__(self, name: str) -> Any:
        raise NotAnswered(f"there is no `{name}` yet: run its cell, or write it")


def why_unanswered(missing: NotImplementedError | NotAnswered) -> str:
    """Say in a sentence why a question counts as not answered yet."""
    if isinstance(missing, NotImplementedError):
        return "The cell still raises `NotImplementedError`."
    said = str(missing)
    return f"{said[:1].upper()}{said[1:]}."


def mark(checks: Checks, question: str, names: dict[str, Any], seed: int) -> Outcome:
    """Mark the answer to `question` that is found in `names`.

    `names` must be the learner's own globals, not a copy: an error is shown at the last
    line that ran in them.
    """
    most = checks.require(question)

    def outcome(status: str, points: float, message: str, code: str = "") -> Outcome:
        return Outcome(question, status, points, most, message, code)

    try:
        reply = checks.probes[question](Answers(names), seed)
        # The round trip is what grading does between two processes, so both see the same.
        reply = json.loads(json.dumps(reply))
    except (NotImplementedError, NotAnswered) as missing:
        return outcome("unanswered", 0, why_unanswered(missing))
    except Exception as error:
        # The learner's code may raise anything at all; it is shown to them, never swallowed.
        return outcome("error", 0, *told(error, names))
    points, hint, case = verdict(checks.judges[question], reply, seed)
    status = "correct" if points == most else "partly" if points > 0 else "wrong"
    return outcome(status, points, hint, case)


def told(error: BaseException, names: Mapping[str, Any]) -> tuple[str, str]:
    """Say what stopped an answer, and give the learner's line at which it did, if there is one.

    Where the learner's code had come to its end, what it returned is at fault: nothing was
    returned, for example, where the check takes a pair apart.
    """
    where, line = learners_line(error.__traceback__, names)
    if not where:
        return (
            "Your code came to its end, but the check can do nothing with what it returned "
            f"({named(error)}). Does it `return` what the question asks for?"
        ), ""
    return named(error) + where, line


def named(error: BaseException) -> str:
    """Return the kind and the words of an error, whatever its own code does when asked."""
    try:
        return f"`{type(error).__name__}`: {error}"
    except BaseException:
        return "an error that cannot be shown"


def learners_line(traceback: TracebackType | None, names: Mapping[str, Any]) -> tuple[str, str]:
    """Return where the learner's own code last ran before the error, and that line."""
    where, line = "", ""
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals is names:
            number = traceback.tb_lineno
            where = f"\nIn your `{frame.f_code.co_name}`, line {number} of its cell:"
            line = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
        traceback = traceback.tb_next
    if where and not line:
        where = where.rstrip(":") + "."
    return where, line

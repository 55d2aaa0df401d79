"""Turn replies into marks, in the trusted process and with the secret seed."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path

from xaikit.course.grading._reply import tidy
from xaikit.course.grading._types import Answer, Graded, Mark, Outcome, Reply, Submission
from xaikit.course.labs._checks import Checks, Judge, verdict
from xaikit.course.labs._values import Json

_NOT_MARKED = "Not marked: the notebook did not run to its end."
_ODD = "The check could not read this answer, so it gives no points. Ask your teacher to look."


def lab_version(lab: Path) -> str:
    """Return a short hash of the source and the checks of a lab.

    Marks of two versions must not be compared.

    Raises
    ------
    FileNotFoundError
        If the folder is not that of a lab.
    """
    digest = hashlib.sha256()
    for name in ("lab.md", "checks.py"):
        content = (lab / name).read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def judge(
    submission: Submission, reply: Reply, checks: Checks, *, seed: int, isolation: str, version: str
) -> Graded:
    """Return the marks of a submission whose reply is given.

    There are points only for values that the judges of the lab find right for the inputs
    that the seed draws. A notebook that did not end by itself gets none: what it had
    answered until then is not known.
    """
    marks = []
    for question, most in checks.points.items():
        mark = _mark(question, most, reply, checks.judges[question], seed)
        answer = reply.answers.get(question, Answer())
        marks.append(replace(mark, code=answer.code, shape=answer.shape))
    return Graded(
        student=submission.student,
        source=submission.source,
        status=reply.status,
        marks=tuple(marks),
        total=round(sum(mark.points for mark in marks), 6),
        out_of=sum(checks.points.values()),
        message=tidy(reply.message),
        isolation=isolation,
        lab=checks.lab,
        lab_version=version,
        seed=seed,
        notes=reply.notes,
    )


def _mark(question: str, most: int, reply: Reply, judges: Judge, seed: int) -> Mark:
    if reply.status != "ok":
        return Mark(question, 0.0, most, _NOT_MARKED, "not answered")
    entry = reply.probes.get(question, {"not_answered": "No answer came back."})
    if "not_answered" in entry:
        return Mark(question, 0.0, most, tidy(entry["not_answered"]), "not answered")
    if "error" in entry:
        line = tidy(entry["line"])
        said = tidy(entry["error"])
        return Mark(question, 0.0, most, f"{said}\n`{line}`" if line else said, "error")
    points, hint, case = _ask(judges, entry["value"], seed, most)
    outcome: Outcome = "right" if points == most else "partly" if points else "wrong"
    return Mark(question, points, most, hint, outcome, case=case)


def _ask(judges: Judge, value: Json, seed: int, most: int) -> tuple[float, str, str]:
    """Ask the judge; even if it fails on an odd value, the points are from 0 to `most`."""
    try:
        points, hint, case = verdict(judges, value, seed)
        points = float(points)
    except Exception:
        # No judge should raise, and `verify` tries them; one that does must not end the batch.
        return 0.0, _ODD, ""
    if not math.isfinite(points):
        return 0.0, _ODD, ""
    return round(min(max(points, 0.0), float(most)), 6), tidy(hint), tidy(case)

"""Read what came out of a sandbox: JSON of bounded size and depth, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from xaikit.course.grading._code import MOST_CODE
from xaikit.course.grading._run_notebook import UNREADABLE
from xaikit.course.grading._types import Answer, Reply
from xaikit.course.labs._values import MAX_DEPTH, Json

# The reply, its probes, one of them, and its value.
MAX_LEVELS = MAX_DEPTH + 4
_FORGED = "What came back was not one whole reply, so nothing in it counts."
_MOST_NOTES = 10
# The line on what was handed in, in bytes.
MOST_HANDED_IN = 512 * 1024
_MOST_LINES = 200
_SHAPE = re.compile("[0-9a-f]{20}")
_KINDS = ({"value"}, {"not_answered"}, {"error", "line"})


def read_handed_in(content: bytes, questions: Iterable[str]) -> tuple[dict[str, Answer], bytes]:
    """Return what was handed in for each question, and the rest of what the sandbox wrote.

    The first line was written before any code of the student's ran. It is shown as text, and
    no mark hangs on it.
    """
    line, end, rest = content.partition(b"\n")
    if not end:
        return {}, content
    try:
        told = _parse(line) if len(line) <= MOST_HANDED_IN else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return {}, rest
    return {q: _answer(told.get(q)) for q in questions}, rest


def _answer(told: Json) -> Answer:
    if not isinstance(told, dict):
        return Answer()
    code, shape, size = (told.get(key) for key in ("code", "shape", "size"))
    if not isinstance(code, str):
        return Answer()
    if not isinstance(shape, str) or not _SHAPE.fullmatch(shape) or not isinstance(size, int):
        return Answer(tidy_code(code))
    return Answer(tidy_code(code), shape, size)


def tidy_code(code: str) -> str:
    """Return code that can be shown: bounded, valid, its lines where they were."""
    lines = code[:MOST_CODE].encode("utf-8", "replace").decode().split("\n")
    tidied = ["".join(c for c in line.expandtabs(4) if c.isprintable()) for line in lines]
    return "\n".join(tidied[:_MOST_LINES]).rstrip()


def read_reply(content: bytes, questions: Iterable[str]) -> Reply:
    """Return the reply that the sandbox wrote, of which nothing is trusted.

    A submission has one reply. A student's code can write into the pipe too, before or after
    the real reply; the whole is then no JSON document any more and counts for nothing. If
    only the student's code writes, its values are judged like any others.

    Parameters
    ----------
    content : bytes
        All that was written, already bounded in size.
    questions : iterable of str
        The questions of the lab; replies to others are left out.
    """
    if not content:
        message = "The notebook stopped its own process before its answers could be read."
        return Reply("crashed", {}, message)
    try:
        parsed = _parse(content)
    except (ValueError, RecursionError):
        return Reply("crashed", {}, _FORGED)
    if isinstance(parsed, dict) and set(parsed) == {"unreadable"}:
        why = UNREADABLE.get(str(parsed["unreadable"])) or "The file could not be read."
        return Reply("unreadable", {}, why)
    if not isinstance(parsed, dict) or set(parsed) != {"probes", "stopped"}:
        return Reply("crashed", {}, _FORGED)
    probes, stopped = parsed["probes"], parsed["stopped"]
    if not isinstance(probes, dict) or not isinstance(stopped, list):
        return Reply("crashed", {}, _FORGED)
    notes = tuple(note for cell in stopped[:_MOST_NOTES] if (note := _note(cell)))
    return Reply("ok", {q: _entry(probes.get(q)) for q in questions}, notes=notes)


def _parse(content: bytes) -> Json:
    """Read JSON in time linear in its length, and refuse what judges should not have to walk."""
    # The parser bounds the levels by itself, far above ours; lists of millions fit in memory,
    # as the content is bounded in bytes.
    parsed: Json = json.loads(content)
    level: list[Json] = [parsed]
    for _ in range(MAX_LEVELS + 1):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return parsed
    raise ValueError("nested too deeply")


def _inside(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _entry(entry: Json) -> dict[str, Json]:
    if not isinstance(entry, dict) or set(entry) not in _KINDS:
        return {"not_answered": "No answer came back."}
    if "value" in entry:
        return entry
    return {key: tidy(text) for key, text in entry.items()}


def _note(cell: Json) -> str:
    """Say which cell stopped and why, as the sandbox tells it; nothing hangs on it."""
    if not isinstance(cell, dict) or set(cell) != {"cell", "error", "line"}:
        return ""
    what, line = tidy(cell["error"]).partition("\n")[0], tidy(cell["line"])
    at = f", at `{line}`" if line else ""
    return f"Code cell {tidy(str(cell['cell']))[:5]} stopped: {what}{at}"


def tidy(text: object) -> str:
    """Return text that can be shown and saved: bounded, valid, no control characters."""
    said = text if isinstance(text, str) else str(type(text).__name__)
    said = said[:2000].encode("utf-8", "replace").decode()
    return "".join(c for c in said if c == "\n" or c.isprintable())

"""An evaluation as a report to print, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xaikit.checklist._load import load as load_checklist
from xaikit.checklist._words import LEVELS

if TYPE_CHECKING:
    from xaikit.checklist._checklist import Checklist
    from xaikit.checklist._evaluation import Evaluation

FORMAT = "xaikit.Evaluation/1"
MAX_CHARACTERS = 10_000_000
_KEYS = ("format", "title", "version", "verdict", "answers", "evidence")


def as_text(value: Any) -> str:
    """Return evidence in one line, numbers to four significant digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "holds" if value else "does not hold"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "; ".join(f"{key} {as_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    return " ".join(str(value).split())


def markdown(evaluation: Evaluation) -> str:
    """Return the report."""
    checklist = evaluation.checklist
    lines = [f"# {checklist.title} (version {checklist.version}): {evaluation.verdict}", ""]
    lines += [evaluation.rule.meaning, ""]
    if evaluation.decisive:
        lines += ["Decided by: " + ", ".join(evaluation.decisive) + ".", ""]
    for level in LEVELS:
        questions = [q for q in checklist.questions if q.level == level]
        if not questions:
            continue
        lines += [f"## {level.capitalize()}", ""]
        for question in questions:
            mark = " (blocking)" if question.blocking else ""
            lines.append(f"- **{evaluation.status[question.id]}**{mark}: {question.question}")
            shown = as_text(evaluation.evidence.get(question.id))
            lines.append(f"  - Evidence: {_escape(shown) if shown else 'none'}")
        lines.append("")
    return "\n".join([*lines, "Answered by, date:  ", "Read by, date:", ""])


def _escape(text: str) -> str:
    """Keep what somebody typed from becoming markup."""
    for character in "\\`*_[]<>#|":
        text = text.replace(character, "\\" + character)
    return text


def dump(evaluation: Evaluation) -> str:
    """Return the evaluation as JSON."""
    record = {
        "format": FORMAT,
        "title": evaluation.checklist.title,
        "version": evaluation.checklist.version,
        "verdict": evaluation.verdict,
        "answers": dict(evaluation.answers),
        "evidence": dict(evaluation.evidence),
    }
    return json.dumps(record, allow_nan=False, ensure_ascii=False)


def load(text: str, checklist: Checklist | None) -> Evaluation:
    """Return the evaluation in a JSON text."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a str; got {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"text must have at most {MAX_CHARACTERS} characters; got {len(text)}.")
    try:
        record = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"text must be JSON; got {text[:40]!r} ({error}).") from None
    if not isinstance(record, dict) or sorted(record) != sorted(_KEYS):
        raise ValueError(f"text must be an object with {', '.join(_KEYS)}; got {text[:40]!r}.")
    if record["format"] != FORMAT:
        raise ValueError(f"format must be {FORMAT!r}; got {record['format']!r}.")
    ours = load_checklist() if checklist is None else checklist
    if (record["title"], record["version"]) != (ours.title, ours.version):
        raise ValueError(
            f"text must answer {ours.title!r}, version {ours.version}; got "
            f"{record['title']!r}, version {record['version']}."
        )
    evaluation = ours.evaluate(record["answers"], record["evidence"])
    if record["verdict"] != evaluation.verdict:
        raise ValueError(
            f"verdict must be what the answers give, {evaluation.verdict!r}; got "
            f"{record['verdict']!r}."
        )
    return evaluation

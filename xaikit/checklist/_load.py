"""Read a checklist: each error names the line, the constraint and the value."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xaikit.checklist._checklist import Checklist, Question, Rule, Source
from xaikit.checklist._words import ANSWERS, LEVELS, STATUSES, VERDICTS
from xaikit.checklist._yaml import MAX_CHARACTERS, Fields, Items, Text, read

FORMAT = "xaikit.Checklist/1"
SHIPPED = Path(__file__).parent / "data" / "deployment-1.0.0.yaml"
MAX_QUESTIONS = 200
MAX_TEXT = 2000

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_CHAPTER = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")


def load(source: str | os.PathLike[str] | None = None) -> Checklist:
    r"""Return a checklist: the one that comes with the package, or one of your own.

    Parameters
    ----------
    source : str or path, optional
        A file, or the YAML itself: a str that has a line break is taken as the text, any
        other as a path. Without it, the list that comes with the package.

    Returns
    -------
    Checklist
        The list, checked.

    Raises
    ------
    TypeError
        If `source` is neither a str nor a path.
    ValueError
        If it is not a checklist: the line, what must stand there, and what does.
    OSError
        If the file cannot be read.

    Notes
    -----
    The form of the file is described by ``checklist.schema.json`` beside the list that
    is shipped; here it is checked by hand, so that errors can name the line. A file is
    only ever read as texts: tags, anchors and aliases are refused.

    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> [q.id for q in checklist.load().questions if q.level == "practical"][:3]
    ['better-than-today', 'model-card', 'reader-tested']
    >>> checklist.load("format: of my own\ntitle: Mine")
    Traceback (most recent call last):
    ValueError: source, line 1: format must be one of xaikit.Checklist/1; got 'of my own'.
    """
    if source is None:
        text = _file(SHIPPED)
    elif isinstance(source, str) and "\n" in source:
        text = source
    elif isinstance(source, str | os.PathLike):
        text = _file(Path(source))
    else:
        raise TypeError(f"source must be a path or a text; got {type(source).__name__}.")
    return _checklist(read(text))


def _file(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.read(MAX_CHARACTERS + 1)


def _wrong(value: Any, must: str, got: object) -> ValueError:
    return ValueError(f"source, line {value.line}: {must}; got {got}.")


def _shown(value: Any) -> str:
    """Return a text in quotes, and of a list or a mapping what it is."""
    if isinstance(value, Text):
        return repr(str(value)[:80])
    return f"a {type(value).__name__.lower()}"


def _fields(
    value: Any, name: str, needed: Collection[str], allowed: Collection[str] = ()
) -> Fields:
    if not isinstance(value, Fields):
        raise _wrong(value, f"{name} must be a mapping", _shown(value))
    missing = [key for key in needed if key not in value]
    if missing:
        raise _wrong(value, f"{name} must have {', '.join(missing)}", f"only {', '.join(value)}")
    known = [*needed, *allowed]
    for key in value:
        if key not in known:
            raise _wrong(
                value, f"{name} must have no key but {', '.join(known)}", repr(str(key)[:80])
            )
    return value


def _items(value: Any, name: str, low: int, high: int) -> Items:
    if not isinstance(value, Items):
        raise _wrong(value, f"{name} must be a list", _shown(value))
    if not low <= len(value) <= high:
        raise _wrong(value, f"{name} must have {low} to {high} items", len(value))
    return value


def _text(value: Any, name: str, form: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, Text):
        raise _wrong(value, f"{name} must be a text", _shown(value))
    if not value.strip() or len(value) > MAX_TEXT:
        raise _wrong(value, f"{name} must have 1 to {MAX_TEXT} characters", f"{len(value)}")
    if form is not None and not form.fullmatch(value):
        raise _wrong(value, f"{name} must have the form {form.pattern}", _shown(value))
    return str(value)


def _one_of(value: Any, name: str, words: Collection[str]) -> str:
    if not isinstance(value, Text) or value not in words:
        raise _wrong(value, f"{name} must be one of {', '.join(words)}", _shown(value))
    return str(value)


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, Text) or not value.plain or value not in ("true", "false"):
        raise _wrong(value, f"{name} must be true or false", _shown(value))
    return value == "true"


def _checklist(value: Any) -> Checklist:
    if not isinstance(value, Fields):
        raise _wrong(value, "the checklist must be a mapping", _shown(value))
    if "format" in value:
        _one_of(value["format"], "format", [FORMAT])
    keys = ("format", "version", "title", "about", "verdicts", "questions")
    _fields(value, "the checklist", keys)
    rules = [_rule(rule) for rule in _items(value["verdicts"], "verdicts", 1, 20)]
    if rules[-1].status or rules[-1].blocking is not None:
        raise _wrong(
            value["verdicts"], "the last of the verdicts must have no status and fit always", "one"
        )
    questions: list[Question] = []
    for item in _items(value["questions"], "questions", 1, MAX_QUESTIONS):
        question = _question(item)
        if question.id in {q.id for q in questions}:
            raise _wrong(item, "each question must have an id of its own", repr(question.id))
        questions.append(question)
    return Checklist(
        version=_text(value["version"], "version", _VERSION),
        title=_text(value["title"], "title"),
        about=_text(value["about"], "about"),
        questions=tuple(questions),
        rules=tuple(rules),
    )


def _rule(value: Any) -> Rule:
    fields = _fields(value, "a verdict", ("verdict", "meaning"), ("status", "blocking"))
    status: list[str] = []
    if "status" in fields:
        listed = _items(fields["status"], "status", 1, len(STATUSES))
        status = [_one_of(word, "status", STATUSES) for word in listed]
    elif "blocking" in fields:
        raise _wrong(value, "a verdict with blocking must have a status too", "none")
    return Rule(
        verdict=_one_of(fields["verdict"], "verdict", VERDICTS),
        meaning=_text(fields["meaning"], "meaning"),
        status=tuple(status),
        blocking=_flag(fields["blocking"], "blocking") if "blocking" in fields else None,
    )


def _question(value: Any) -> Question:
    keys = ("id", "level", "question", "why", "evidence", "answers", "chapter")
    fields = _fields(value, "a question", (*keys, "evidence_required", "blocking", "sources"))
    id = _text(fields["id"], "id", _ID)
    name = f"question {id!r}: "
    answers = _fields(fields["answers"], name + "answers", ANSWERS[:3], ANSWERS[3:])
    return Question(
        id=id,
        level=_one_of(fields["level"], name + "level", LEVELS),
        question=_text(fields["question"], name + "question"),
        why=_text(fields["why"], name + "why"),
        evidence=_text(fields["evidence"], name + "evidence"),
        answers=MappingProxyType(
            {word: _text(answers[word], name + word) for word in ANSWERS if word in answers}
        ),
        chapter=_text(fields["chapter"], name + "chapter", _CHAPTER),
        evidence_required=_flag(fields["evidence_required"], name + "evidence_required"),
        blocking=_flag(fields["blocking"], name + "blocking"),
        sources=tuple(
            _source(item, name) for item in _items(fields["sources"], name + "sources", 0, 20)
        ),
    )


def _source(value: Any, name: str) -> Source:
    fields = _fields(value, name + "a source", ("text",), ("doi",))
    doi = _text(fields["doi"], name + "doi", _DOI) if "doi" in fields else None
    return Source(_text(fields["text"], name + "text"), doi)

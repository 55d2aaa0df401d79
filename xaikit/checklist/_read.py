"""The file of a checklist: parsed within bounds, and checked against its schema."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from reprlib import repr as short
from types import MappingProxyType
from typing import Any

import yaml

from xaikit.checklist._evidence import EvidenceRule
from xaikit.checklist._questions import STATUSES, Law, Question, Rule, Source, Variant

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

SHIPPED = Path(__file__).parent / "data" / "deployment-2.0.0.yaml"
SCHEMA = Path(__file__).parent / "data" / "checklist.schema.json"
MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 12
MAX_MESSAGE = 400
OLD_FORMAT = "xaikit.Checklist/1"
TO_DO = (
    "a list of format 1 is not read any more: set 'format: xaikit.Checklist/2' and copy "
    "'verdicts' from the list that comes with the package, whose rules ask for a complete "
    "record, and for owner, due date and condition of what is open"
)
_TYPES = {"array": "a list", "object": "a mapping", "string": "text", "boolean": "true or false"}


class _Loader(SafeLoader):
    """YAML in which only true and false are not text: `no` is an answer, 1.0 a version."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012, add_implicit_resolver fills it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _misread("a key must be text", key)
            if key.value in seen:
                raise _misread(f"a key must be given once; got {key.value[:80]!r} again", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), ["t", "f"])


def read(source: str | os.PathLike[str], variant: object = None) -> dict[str, Any]:
    """Return the fields of a `Checklist` from a file or from YAML text."""
    name, text = _text(source)
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"{name} must have at most {MAX_CHARACTERS} characters; got {len(text)}.")
    try:
        _refuse_what_a_checklist_does_not_need(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise ValueError(f"{name} must hold a checklist; got an empty text.")
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        line = f", line {at.line + 1}" if at else ""
        raise ValueError(f"{name}{line}: not the YAML of a checklist; {error.problem}.") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise ValueError(f"{name} must be YAML in UTF-8; got {text[:40]!r} ({error}).") from None
    if isinstance(data, dict) and data.get("format") == OLD_FORMAT:
        raise ValueError(f"{name}, line {_line(node, ['format'])}: format: {TO_DO}.")
    fault = _first_fault(data)
    if fault is not None:
        place, said = fault
        raise ValueError(f"{name}, line {_line(node, place)}: {said}.")
    return _chosen(_fields(data), variant)


def _text(source: object) -> tuple[str, str]:
    """Return how errors call the source, and its text."""
    if isinstance(source, str) and "\n" in source:
        return "source", source
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"source must be a path or a text; got {type(source).__name__}.")
    try:
        with Path(source).open(encoding="utf-8") as file:
            return f"source {str(source)!r}", file.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise ValueError(f"source {str(source)!r} must be text in UTF-8; got {error}.") from None


def _misread(problem: str, marked: Any) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, marked.start_mark)


def _refuse_what_a_checklist_does_not_need(text: str) -> None:
    """Refuse aliases, tags and deep nesting while the text is still a flat run of events.

    A few aliases can stand for billions of items, a tag can ask for a slow number or an
    object, and deep nesting exhausts the stack.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _misread(f"lists and mappings must be at most {MAX_DEPTH} deep; got more", event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _misread("values must be plain; got an alias or anchor", event)
        tag = getattr(event, "tag", None)
        if tag:
            raise _misread(f"values must be plain; got the tag {tag[:80]}", event)


def _first_fault(data: Any) -> tuple[list[str | int], str] | None:
    """Return the place of the first thing that is wrong with the list, and what it is."""
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    # Only the first error is asked for: a hostile list could hold half a million.
    for error in Draft202012Validator(schema).iter_errors(data):
        where = error.json_path.removeprefix("$").removeprefix(".") or "the checklist"
        return list(error.absolute_path), f"{where}: {_in_words(error)}"
    if {"status", "record"} & data["verdicts"][-1].keys():
        said = "verdicts: the last one must have no status or record and fit always; got one"
        return ["verdicts"], said
    ids = [question["id"] for question in data["questions"]]
    for number, id in enumerate(ids):
        if id in ids[:number]:
            said = f"questions[{number}]: each must have an id of its own; got {id!r} again"
            return ["questions", number], said
    variants = {variant["id"] for variant in data.get("variants", ())}
    for number, question in enumerate(data["questions"]):
        if "variant" in question and question["variant"] not in variants:
            said = f"questions[{number}].variant: must be the id of one of 'variants'"
            return ["questions", number], f"{said}; got {question['variant']!r}"
    return None


def _in_words(error: Any) -> str:
    """Return what is wrong in the words of YAML, where the schema's are those of JSON."""
    name, limit, value = error.validator, error.validator_value, error.instance
    if name == "type":
        return f"must be {_TYPES[limit]}; got {short(value)}"
    if name == "const":
        return f"must be {limit!r}; got {short(value)}"
    if name == "pattern":
        return f"must be {error.schema['description']}; got {short(value)}"
    if name in ("minItems", "maxItems", "minLength", "maxLength"):
        most = "most" if name.startswith("max") else "least"
        what = "items" if name.endswith("Items") else "characters"
        return f"must have at {most} {limit} {what}; got {len(value)}"
    said = str(error.message)
    return said if len(said) <= MAX_MESSAGE else f"{said[:MAX_MESSAGE]}…"


def _line(node: Any, place: Iterable[str | int]) -> int:
    """Return the line of the value at this place, counted from 1."""
    for step in place:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == step)
        else:
            node = node.value[step]
    return int(node.start_mark.line) + 1


def _fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a `Checklist` from data that fit the schema."""
    rules = [rule | {"status": tuple(rule.get("status", ()))} for rule in data["verdicts"]]
    return {
        "version": data["version"],
        "title": data["title"],
        "about": data["about"],
        "questions": tuple(_question(question) for question in data["questions"]),
        "rules": tuple(Rule(**rule) for rule in rules),
        "evidence": _evidence(data["evidence"]) if "evidence" in data else shipped_evidence(),
        "variants": tuple(_variant(variant) for variant in data.get("variants", ())),
    }


def _chosen(fields: dict[str, Any], variant: object) -> dict[str, Any]:
    """Keep what is asked of every model and what the variant adds."""
    variants = {each.id: each for each in fields["variants"]}
    if variant is not None and not (isinstance(variant, str) and variant in variants):
        known = ", ".join(map(repr, variants)) or "none in this list"
        raise ValueError(f"variant must be one of {known}; got {short(variant)}.")
    asked = tuple(q for q in fields["questions"] if q.variant in (None, variant))
    return {**fields, "questions": asked, "variant": variants.get(str(variant))}


def _evidence(data: Mapping[str, Any]) -> EvidenceRule:
    lists = ("unfinished", "placeholders", "references")
    return EvidenceRule(
        least=int(data["words"]),
        wanted=data["wanted"],
        refused=MappingProxyType(data["refused"]),
        **{name: frozenset(data[name].lower().split()) for name in lists},
    )


@cache
def shipped_evidence() -> EvidenceRule:
    """Return what the list of the package takes for evidence; other lists may leave it out."""
    evidence: EvidenceRule = read(SHIPPED)["evidence"]
    return evidence


def _variant(data: Mapping[str, Any]) -> Variant:
    law = tuple(Law(**entry) for entry in data["law"])
    return Variant(id=data["id"], title=data["title"], law=law)


def _question(data: Mapping[str, Any]) -> Question:
    answers = data["answers"]
    ordered = {answer: answers[answer] for answer in STATUSES if answer in answers}
    sources = tuple(Source(**source) for source in data["sources"])
    return Question(**{**data, "answers": MappingProxyType(ordered), "sources": sources})

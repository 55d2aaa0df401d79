"""Calls of the checklist that must fail: see test_bad_input."""

import json
import tempfile
from pathlib import Path

import numpy as np

from xaikit import checklist

SMALL = """\
format: xaikit.Checklist/2
version: 1.0.0
title: Small
about: For the tests.
verdicts:
  - verdict: not ready
    status: [no, unproven, unanswered]
    meaning: Something is open.
  - verdict: ready
    meaning: Nothing is open.
questions:
  - id: first-one
    level: technical
    question: Is it so?
    why: It may not be.
    evidence: Look.
    answers:
      yes: It is.
      partly: In part.
      no: It is not.
    chapter: local/shapley
    evidence_required: true
    blocking: false
    sources: []
"""
SECOND = SMALL[SMALL.index("  - id: first-one") :]


def changed(old, new):
    assert old in SMALL
    return lambda: checklist.load(SMALL.replace(old, new))


def evaluate(answers, evidence=None, **more):
    return lambda: checklist.load(SMALL).evaluate(answers, evidence, **more)


def from_json(**changes):
    ours = checklist.load(SMALL)
    record = json.loads(ours.evaluate({"first-one": "no"}).to_json()) | changes
    return lambda: checklist.Evaluation.from_json(json.dumps(record), ours)


def old_json(**changes):
    """A file of version 1, as it was written then."""
    record = {"format": "xaikit.Evaluation/1", "title": "Small", "version": "1.0.0"}
    record |= {"verdict": "ready", "answers": {"first-one": "yes"}, "evidence": {}} | changes
    return lambda: checklist.Evaluation.from_json(json.dumps(record), checklist.load(SMALL))


def latin(text="title: café"):
    """A file in Latin-1."""
    path = Path(tempfile.mkdtemp()) / "latin.yaml"
    path.write_text(text, encoding="latin-1")
    return path


V, T = ValueError, TypeError
CASES = {
    "a number as source": (lambda: checklist.load(3), T, "source", "path or a text", "int"),
    "no such file": (lambda: checklist.load("nowhere.yaml"), FileNotFoundError, "nowhere"),
    "not YAML": (lambda: checklist.load("a: [1\n"), V, "source, line 2", "YAML"),
    "nothing": (lambda: checklist.load("\n"), V, "source", "checklist", "empty"),
    "a list": (lambda: checklist.load("- a\n"), V, "line 1", "mapping", "'a'"),
    "too long": (lambda: checklist.load("#" * 1_000_001 + "\n"), V, "1000000", "1000002"),
    "too deep": (lambda: checklist.load("[" * 3000 + "\n"), V, "line 1", "12 deep"),
    "an alias": (lambda: checklist.load("a: &x 1\nb: *x\n"), V, "line 1", "plain", "anchor"),
    "a tag": (
        lambda: checklist.load("a: !!python/object/apply:os.getcwd []\n"),
        V,
        "line 1",
        "plain",
        "os.getcwd",
    ),
    "a key twice": (changed("title:", "version: 1.0.0\ntitle:"), V, "line 3", "once", "version"),
    "a list as a key": (lambda: checklist.load("[a]: b\n"), V, "line 1", "key", "text"),
    "another format": (
        changed("Checklist/2", "Checklist/3"),
        V,
        "line 1",
        "format",
        "list/2",
        "list/3",
    ),
    "a list of format 1": (
        changed("Checklist/2", "Checklist/1"),
        V,
        "line 1",
        "format 1 is not read any more",
        "copy 'verdicts'",
    ),
    "a part left out": (changed("about: For the tests.\n", ""), V, "line 1", "'about'", "required"),
    "a part too many": (changed("about:", "owner: me\nabout:"), V, "not allowed", "'owner'"),
    "two numbers for a version": (changed("1.0.0", "1.0"), V, "line 2", "version", "'1.0'"),
    "an empty title": (changed("Small", '" "'), V, "line 3", "title", "not blank", "' '"),
    "a verdict unheard of": (changed("verdict: not ready", "verdict: maybe"), V, "line 6", "maybe"),
    "a status unheard of": (changed("unproven", "fine"), V, "line 7", "status", "'fine'"),
    "no verdict at the end": (
        changed("    meaning: Nothing", "    status: [yes]\n    meaning: Nothing"),
        V,
        "line 6",
        "last",
        "fit always",
    ),
    "blocking without a status": (
        changed("    status: [no, unproven, unanswered]\n", "    blocking: true\n"),
        V,
        "line 6",
        "status",
    ),
    "a rule about record and answers": (
        changed("    status: [no, unproven", "    record: incomplete\n    status: [no, unproven"),
        V,
        "line 6",
        "verdicts",
    ),
    "assigned without a status": (
        changed("    status: [no, unproven, unanswered]\n", "    assigned: false\n"),
        V,
        "line 6",
        "status",
    ),
    "a variant unheard of": (
        changed("    level: technical", "    level: technical\n    variant: hiring"),
        V,
        "line 12",
        "'variants'",
        "'hiring'",
    ),
    "a variant that is not there": (
        lambda: checklist.load(SMALL, variant="hiring"),
        V,
        "variant",
        "none in this list",
        "'hiring'",
    ),
    "a variant in a list": (
        lambda: checklist.load(variant=["hiring"]),
        V,
        "variant",
        "'credit', 'hiring', 'health'",
        r"\['hiring'\]",
    ),
    "evidence by no word at all": (
        changed("questions:", 'evidence: {words: "0"}\nquestions:'),
        V,
        "evidence",
    ),
    "a level unheard of": (
        changed("technical", "moral"),
        V,
        "line 13",
        r"questions\[0\].level",
        "'moral'",
    ),
    "an id with a space": (changed("first-one", "First one"), V, "line 12", "id", "First one"),
    "an id twice": (lambda: checklist.load(SMALL + SECOND), V, "line 25", "own", "first-one"),
    "no meaning of no": (
        changed("      no: It is not.\n", ""),
        V,
        "line 18",
        "answers",
        "'no'",
        "required",
    ),
    "an answer unheard of": (changed("partly:", "maybe:"), V, "answers", "'maybe'"),
    "a flag in words": (changed("required: true", "required: sure"), V, "evidence_req", "'sure'"),
    "a flag in quotes": (changed("required: true", 'required: "true"'), V, "true or false"),
    "a chapter with a suffix": (changed("shapley", "shapley.md"), V, "chapter", "shapley.md"),
    "sources in a text": (changed("sources: []", "sources: law"), V, "line 24", "list", "'law'"),
    "an id with a line break": (
        changed("id: first-one", 'id: "first-one\\n"'),
        V,
        "line 12",
        "id",
        "first-one.n",
    ),
    "too many questions": (
        lambda: checklist.load(SMALL + SECOND * 200),
        V,
        "line 12",
        "questions",
        "at most 200",
        "201",
    ),
    "a text too long": (changed("Small", "x" * 2001), V, "line 3", "title", "2000", "2001"),
    "a key too many, and a long one": (changed("about:", "x" * 900 + ": me\nabout:"), V, "…"),
    "half a character": (lambda: checklist.load("a: \ud800\n"), V, "UTF-8"),
    "a file in another encoding": (lambda: checklist.load(latin()), V, "latin.yaml", "UTF-8"),
    "a faulty file": (lambda: checklist.load(latin("a: b")), V, "latin.yaml', line 1", "'a'"),
    "a number with no end in JSON": (
        lambda: checklist.Evaluation.from_json("1" * 5000),
        V,
        "JSON",
        "limit",
    ),
    "a DOI with an address": (
        changed("sources: []", "sources: [{text: A, doi: 'https://doi.org/10.1/2'}]"),
        V,
        "line 24",
        "doi",
        "https",
    ),
    "answers in a list": (evaluate(["yes"]), T, "answers", "mapping", "list"),
    "an answer to nothing": (evaluate({"first": "yes"}), V, "ids", "'first'", "'first-one'"),
    "an answer in bool": (evaluate({"first-one": True}), V, "first-one", "'yes'", "True"),
    "not applicable where it cannot be": (
        evaluate({"first-one": "not applicable"}),
        V,
        "first-one",
        "one of 'yes', 'partly', 'no'",
        "not applicable",
    ),
    "evidence for nothing": (evaluate({}, {"second": 1}), V, "evidence", "'second'"),
    "evidence of nan": (evaluate({}, {"first-one": np.nan}), V, "finite", "nan"),
    "evidence that runs": (evaluate({}, {"first-one": len}), T, "first-one", "text", "builtin"),
    "evidence without end": (evaluate({}, {"first-one": [0] * 1001}), V, "1000", "1001"),
    "a record in words": (evaluate({}, record="mine"), T, "record", "mapping", "str"),
    "a record of something else": (evaluate({}, record={"name": "x"}), V, "keys", "'name'"),
    "a record of numbers": (evaluate({}, record={"version": 2.0}), T, "version", "str", "float"),
    "an endless purpose": (
        evaluate({}, record={"purpose": "x" * 2001}),
        V,
        "purpose",
        "2000",
        "2001",
    ),
    "an action for nothing": (evaluate({}, actions={"second": {}}), V, "actions", "'second'"),
    "an action in words": (
        evaluate({}, actions={"first-one": "soon"}),
        T,
        "first-one",
        "mapping",
        "str",
    ),
    "an action of another kind": (
        evaluate({}, actions={"first-one": {"who": "me"}}),
        V,
        "owner, due, condition",
        "'who'",
    ),
    "JSON of bytes": (lambda: checklist.Evaluation.from_json(b"{}"), T, "text", "bytes"),
    "JSON that is none": (lambda: checklist.Evaluation.from_json("{"), V, "JSON", "'{'"),
    "JSON too deep": (lambda: checklist.Evaluation.from_json("[" * 10**5), V, "JSON"),
    "JSON of another thing": (lambda: checklist.Evaluation.from_json("{}"), V, "object", "{}"),
    "JSON of another format": (from_json(format="mine"), V, "format", "'mine'"),
    "answers to another version": (from_json(version="2.0.0"), V, "1.0.0", "2.0.0"),
    "answers to another variant": (from_json(variant="hiring"), V, "None", "'hiring'", "Load"),
    "an old file of another list": (old_json(title="Other"), V, "'Small'", "'Other'"),
    "an old file of no version": (old_json(version="1"), V, "version", "'1'"),
    "an old file of version 2": (old_json(version="2.0.0"), V, "version", "'2.0.0'"),
    "an old file with a record": (old_json(record={}), V, "object", "evidence"),
    "an old file with other questions": (old_json(answers={"gone": "yes"}), V, "'gone'"),
    "too much JSON": (lambda: checklist.Evaluation.from_json(" " * 1_000_001), V, "1000000"),
    "a verdict made up": (from_json(verdict="ready"), V, "not ready", "got 'ready'"),
    "an id unheard of": (lambda: checklist.load(SMALL)["second"], KeyError, "'second'"),
}

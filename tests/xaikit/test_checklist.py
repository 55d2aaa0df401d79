"""The checklist: what is shipped is sound, and the verdict follows from the rules."""

import json
import re
import time
from importlib.resources import files
from itertools import pairwise, product

import jsonschema
import numpy as np
import pandas as pd
import pytest
import yaml
from bad_input_checklist import SMALL

from xaikit import checklist
from xaikit.checklist._questions import LEVELS, STATUSES

DATA = files("xaikit.checklist") / "data"
OURS = checklist.load()
# YAML 1.1, as safe_load reads it, takes these two words for booleans.
QUOTED = SMALL.replace("yes:", '"yes":').replace("no:", '"no":').replace("[no,", '["no",')


@pytest.fixture(scope="module")
def schema():
    found = json.loads((DATA / "checklist.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def two(first="true", second="false"):
    """Two questions, a and b, with their blocking flags; both need evidence."""
    head, question = SMALL.split("  - id: first-one\n")
    question = question.replace("blocking: false", "blocking: {}")
    rule = "  - verdict: not ready\n    blocking: true\n"
    middle = (
        "  - verdict: ready with conditions\n"
        "    status: [partly, no, unproven, unanswered]\n    meaning: Open.\n"
    )
    head = head.replace("  - verdict: not ready\n", rule).replace(
        "  - verdict: ready\n", middle + "  - verdict: ready\n"
    )
    body = f"  - id: a\n{question}  - id: b\n{question}"
    return checklist.load(head + body.format(first, second))


def test_the_shipped_list_is_what_the_schema_asks_for(schema):
    text = (DATA / "deployment-1.0.0.yaml").read_text(encoding="utf-8")
    assert list(schema.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("technical", "moral"),
        ("1.0.0", "1.0"),
        ("first-one", "First"),
        ("chapter: local", "chapter: /local"),
        ("evidence_required: true", "evidence_required: sure"),
        ("title: Small", "title: ''"),
        ("    why: It may not be.\n", ""),
        ("    meaning: Nothing", "    blocking: true\n    meaning: Nothing"),
        ('["no",', '["no", "no", "no", "no", "no",'),
        ("sources: []", "sources: [{text: A, doi: 'https://doi.org/10.1/2'}]"),
    ],
)
def test_schema_and_reader_refuse_alike(schema, old, new):
    assert schema.is_valid(yaml.safe_load(QUOTED))
    bad = QUOTED.replace(old, new)
    assert bad != QUOTED
    assert not schema.is_valid(yaml.safe_load(bad))
    with pytest.raises(ValueError, match="line"):
        checklist.load(bad)


@pytest.mark.parametrize(
    ("old", "new"), [("first-one", "a" * 41), ("unproven, ", "unproven, unproven, ")]
)
def test_schema_and_reader_accept_alike(schema, old, new):
    good = QUOTED.replace(old, new)
    assert good != QUOTED
    assert schema.is_valid(yaml.safe_load(good))
    assert len(checklist.load(good)) == 1


def test_the_shipped_list_asks_at_three_levels_and_blocks_at_each():
    frame = OURS.to_frame()
    assert 20 <= len(OURS) <= 28
    assert list(frame["level"].unique()) == list(LEVELS)
    assert frame.groupby("level")["blocking"].any().all()
    assert frame["blocking"].mean() < 0.5
    assert all(question.sources for question in OURS.questions)
    assert all(question.question.endswith("?") for question in OURS.questions)
    assert frame["question"].str.len().max() <= 110  # read on a phone


def test_the_version_of_the_shipped_list_is_that_of_its_file():
    assert (DATA / f"deployment-{OURS.version}.yaml").is_file()


def test_a_paper_has_a_doi_and_a_law_has_none():
    sources = [source for question in OURS.questions for source in question.sources]
    papers = [source for source in sources if re.search(r"\(\d{4}\), [A-Z]", source.text)]
    assert len(papers) > 10
    assert papers == [source for source in sources if source.doi]


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ("yes", "yes", "ready"),
        ("yes", "partly", "ready with conditions"),
        ("yes", "no", "ready with conditions"),
        ("partly", "yes", "ready with conditions"),
        ("yes", None, "ready with conditions"),
        ("no", "yes", "not ready"),
        (None, "yes", "not ready"),
        (None, None, "not ready"),
    ],
)
def test_the_verdict_by_hand(a, b, verdict):
    answers = {id: answer for id, answer in (("a", a), ("b", b)) if answer}
    assert two().evaluate(answers, dict.fromkeys("ab", 1)).verdict == verdict


def test_a_yes_without_evidence_does_not_count():
    result = two().evaluate({"a": "yes", "b": "yes"}, {"b": "page 3"})
    assert (result.status["a"], result.status["b"]) == ("unproven", "yes")
    assert result.verdict == "not ready"
    assert result.unproven == result.decisive == ("a",)


@pytest.mark.parametrize("nothing", [None, False, "", "  \n", [], {}, np.bool_(False)])
def test_what_is_no_evidence(nothing):
    assert two().evaluate({"a": "yes"}, {"a": nothing}).status["a"] == "unproven"


@pytest.mark.parametrize("something", [True, 0, 0.0, "x", [0], {"n": 1}, np.float64(0.5)])
def test_what_is_evidence(something):
    assert two().evaluate({"a": "yes"}, {"a": something}).status["a"] == "yes"


def test_a_no_needs_no_evidence_and_a_partly_does():
    result = two().evaluate({"a": "no", "b": "partly"})
    assert dict(result.status) == {"a": "no", "b": "unproven"}


def test_not_required_means_not_required():
    relaxed = checklist.load(SMALL.replace("required: true", "required: false"))
    assert relaxed.evaluate({"first-one": "yes"}).verdict == "ready"


def test_evidence_without_an_answer_is_no_answer():
    assert two().evaluate({}, {"a": 1}).unanswered == ("a", "b")


def test_better_answers_never_make_the_verdict_worse():
    """Over all answers to two questions; the same holds for evidence."""
    order = {"not ready": 0, "ready with conditions": 1, "ready": 2}
    ours, steps = two(), (None, "no", "partly", "yes")

    def rank(a, b, evidence):
        answers = {id: answer for id, answer in (("a", a), ("b", b)) if answer}
        return order[ours.evaluate(answers, evidence).verdict]

    for evidence in ({}, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}):
        for i, j in product(range(4), range(4)):
            here = rank(steps[i], steps[j], evidence)
            assert here <= rank(steps[i], steps[j], {"a": 1, "b": 1})
            if len(evidence) == 2:
                assert here <= rank(steps[min(i + 1, 3)], steps[j], evidence)
                assert here <= rank(steps[i], steps[min(j + 1, 3)], evidence)


def test_a_blocking_question_alone_makes_the_difference():
    answers, evidence = {"a": "no", "b": "yes"}, dict.fromkeys("ab", 1)
    assert two("true").evaluate(answers, evidence).verdict == "not ready"
    assert two("false").evaluate(answers, evidence).verdict == "ready with conditions"


@pytest.mark.parametrize("id", [q.id for q in OURS.questions if q.blocking])
def test_each_blocking_question_of_ours_blocks(id):
    evidence = dict.fromkeys(OURS.ids, "seen")
    answers = dict.fromkeys(OURS.ids, "yes")
    assert OURS.evaluate(answers, evidence).verdict == "ready"
    for result in (
        OURS.evaluate(answers | {id: "no"}, evidence),
        OURS.evaluate(answers, evidence | {id: None}),
        OURS.evaluate({k: v for k, v in answers.items() if k != id}, evidence),
    ):
        assert result.verdict == "not ready"
        assert result.decisive == (id,)


def test_the_counts_are_those_of_the_statuses():
    result = OURS.evaluate({"no-leak": "yes", "calibrated": "not applicable"}, {"no-leak": 0.1})
    counts = result.counts()
    assert counts.to_numpy().sum() == len(OURS)
    assert list(counts.columns) == list(STATUSES)
    assert counts.loc["technical", ["yes", "unproven", "unanswered"]].tolist() == [1, 1, 8]


def test_json_there_and_back():
    evidence = {
        "no-leak": {"best": 0.5, "columns": [1, 2]},
        "off-switch": "naïve “text” | *bold*",
        "calibrated": pd.Series({"low": np.float64(0.1)}),
        "data-known": np.array([1, 2]),
    }
    result = OURS.evaluate({"no-leak": "yes", "off-switch": "partly"}, evidence)
    back = checklist.Evaluation.from_json(result.to_json())
    assert back.to_json() == result.to_json()
    assert dict(back.status) == dict(result.status)
    assert back.evidence["data-known"] == [1, 2]
    pd.testing.assert_frame_equal(back.to_frame(), result.to_frame())


def test_the_report_names_everything_and_keeps_markup_out():
    result = OURS.evaluate({"off-switch": "partly"}, {"off-switch": "<b>*us*</b>\n# no"})
    text = result.to_markdown()
    assert all(question.question in text for question in OURS.questions)
    assert r"\<b\>\*us\*\</b\> \# no" in text
    assert "\n# no" not in text
    assert "not ready" in text.splitlines()[0]


def test_a_list_of_ones_own_from_a_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL, encoding="utf-8")
    assert checklist.load(path) == checklist.load(str(path)) == checklist.load(SMALL)
    assert checklist.load(path)["first-one"].answers["no"] == "It is not."


def test_nothing_can_be_changed_behind_the_verdict():
    given = {"a": "no"}
    result = two().evaluate(given)
    given["a"] = "yes"
    with pytest.raises(TypeError):
        result.answers["a"] = "yes"
    with pytest.raises(AttributeError):
        result.checklist.version = "2.0.0"
    with pytest.raises(TypeError):
        OURS["no-leak"].answers["yes"] = "Always."
    assert result.status["a"] == "no"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.0.0", "1" + ":59" * 300_000),  # as a number to base 60 this takes minutes
        ("sources: []", "sources: [" + "a," * 100_000 + "]"),
        ("sources: []", "sources: " + "[" * 900_000),
        ("about:", "".join(f"k{i}: a\n" for i in range(20_000)) + "about:"),
    ],
    ids=["a long number", "many items", "deep", "many keys"],
)
def test_a_hostile_list_is_refused_in_bounded_time(old, new):
    start = time.perf_counter()
    with pytest.raises(ValueError, match=r"source, line \d+: ") as raised:
        checklist.load(SMALL.replace(old, new))
    assert time.perf_counter() - start < 30
    assert len(str(raised.value)) < 1_000


def test_a_few_aliases_cannot_stand_for_billions_of_items():
    laughs = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefghijklmnopqrstuvwxyz")
    )
    with pytest.raises(ValueError, match=r"line 1: .*alias"):
        checklist.load(laughs)

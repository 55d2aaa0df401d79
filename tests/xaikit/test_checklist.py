"""The checklist: what is shipped is sound, and the verdict follows from the rules."""

import datetime
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
VARIANTS = [checklist.load(variant=variant.id) for variant in OURS.variants]
FOUND = "12 of 400 cases wrong, recounted by A. Weber on 3 May 2026"
RECORD = {
    "model": "credit score",
    "version": "4.2",
    "purpose": "small loans to private persons",
    "country": "Ireland",
    "deployer": "Our Bank",
    "date": "2026-11-30",
}
ACTION = {
    "owner": "A. Weber",
    "due": "2027-01-31",
    "condition": "only as a second opinion for the clerk",
}
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
    body = f"  - id: a\n{question}  - id: b\n{question}"
    start, end = head.index("verdicts:"), head.index("questions:")
    rules = """verdicts:
  - {verdict: not ready, status: [no], blocking: true, meaning: Blocked.}
  - {verdict: not ready, status: [unproven, unanswered], meaning: Not shown.}
  - {verdict: not ready, status: [partly, no], assigned: false, meaning: Not assigned.}
  - {verdict: ready with conditions, status: [partly, no], meaning: Open.}
  - {verdict: ready, meaning: Closed.}
"""
    return checklist.load(head[:start] + rules + head[end:] + body.format(first, second))


def judged(answers, evidence=None, ours=OURS, actions=None):
    """Judge with a complete record, and an action for each question but for what is given."""
    whole = dict.fromkeys(ours.ids, ACTION)
    return ours.evaluate(answers, evidence, record=RECORD, actions=whole | (actions or {}))


def test_the_shipped_list_is_what_the_schema_asks_for(schema):
    text = (DATA / "deployment-2.0.0.yaml").read_text(encoding="utf-8")
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
        ("    meaning: Nothing", "    assigned: true\n    meaning: Nothing"),
        ("    meaning: Something", "    record: empty\n    meaning: Something"),
        ("about:", "variants: [{id: a, title: A}]\nabout:"),
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
    assert 25 <= len(OURS) <= 32
    assert list(frame["level"].unique()) == list(LEVELS)
    assert frame.groupby("level")["blocking"].any().all()
    assert frame["blocking"].mean() < 0.5
    assert all(question.sources for question in OURS.questions)
    for ours in (OURS, *VARIANTS):
        assert all(question.question.endswith("?") for question in ours.questions)
        assert ours.to_frame()["question"].str.len().max() <= 110  # read on a phone


def test_the_version_of_the_shipped_list_is_that_of_its_file():
    assert (DATA / f"deployment-{OURS.version}.yaml").is_file()


def test_a_paper_has_a_doi_and_a_law_has_none():
    asked = [question for ours in (OURS, *VARIANTS) for question in ours.questions]
    sources = [source for question in asked for source in question.sources]
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
        ("yes", None, "not ready"),
        ("no", "yes", "not ready"),
        (None, "yes", "not ready"),
        (None, None, "not ready"),
    ],
)
def test_the_verdict_by_hand(a, b, verdict):
    answers = {id: answer for id, answer in (("a", a), ("b", b)) if answer}
    assert judged(answers, dict.fromkeys("ab", FOUND), two()).verdict == verdict


def test_a_hiring_record_with_partly_on_seven_blocking_questions_is_blocked():
    """Its evidence was "see page 3", and nobody was named; it was "ready with conditions"."""
    ours = checklist.load(variant="hiring")
    blocking = [question.id for question in ours.questions if question.blocking]
    answers = dict.fromkeys(ours.ids, "yes") | dict.fromkeys(blocking[:7], "partly")
    as_filed = ours.evaluate(answers, dict.fromkeys(ours.ids, "see page 3"))
    assert as_filed.verdict == "not ready"
    assert set(blocking) <= set(as_filed.decisive)
    assert set(as_filed.refused) == set(ours.ids)

    evidence = dict.fromkeys(ours.ids, FOUND)
    proven = ours.evaluate(answers, evidence, record=RECORD)
    assert proven.verdict == "not ready"
    assert proven.decisive == tuple(blocking[:7])
    assert set(proven.unassigned.values()) == {("owner", "due", "condition")}
    assert judged(answers, evidence, ours).verdict == "ready with conditions"


@pytest.mark.parametrize("nothing", ["TODO", "x", "none"])
def test_yes_to_everything_with_placeholders_is_refused(nothing):
    answers = dict.fromkeys(OURS.ids, "yes")
    result = judged(answers, dict.fromkeys(OURS.ids, nothing))
    needed = {question.id for question in OURS.questions if question.evidence_required}
    assert result.verdict == "not ready"
    assert set(result.unproven) == set(result.decisive) == needed
    assert all("Evidence says what was found" in why for why in result.refused.values())
    assert judged(answers, dict.fromkeys(OURS.ids, FOUND)).verdict == "ready"


@pytest.mark.parametrize("lacking", ["owner", "due", "condition"])
def test_a_partly_that_blocks_needs_owner_due_date_and_condition(lacking):
    answers, evidence = {"a": "partly", "b": "yes"}, dict.fromkeys("ab", FOUND)
    less = {"a": {key: value for key, value in ACTION.items() if key != lacking}}
    result = judged(answers, evidence, two(), less)
    assert (result.verdict, result.unassigned["a"]) == ("not ready", (lacking,))
    assert judged(answers, evidence, two()).verdict == "ready with conditions"


@pytest.mark.parametrize("answer", ["partly", "no"])
def test_what_does_not_block_needs_owner_and_due_date_and_no_condition(answer):
    answers, evidence = {"a": "yes", "b": answer}, dict.fromkeys("ab", FOUND)
    without = {"b": {"owner": "A. Weber", "due": "2027-01-31"}}
    assert judged(answers, evidence, two(), without).verdict == "ready with conditions"
    nobody = judged(answers, evidence, two(), {"b": {}})
    assert (nobody.verdict, nobody.decisive) == ("not ready", ("b",))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("owner", "TBD"),
        ("owner", "n/a"),
        ("due", "soon"),
        ("due", "2026-02-30"),
        ("due", "2027-W05-7"),
        ("due", "2026-11-29"),  # before the record
        ("condition", "x"),
        ("condition", "see page 3"),
        ("condition", "TODO: ask the legal department first"),
    ],
)
def test_owner_due_date_and_condition_can_be_placeholders_too(field, text):
    result = judged(
        {"a": "partly", "b": "yes"},
        dict.fromkeys("ab", FOUND),
        two(),
        {"a": ACTION | {field: text}},
    )
    assert result.unassigned == {"a": (field,)}


@pytest.mark.parametrize("field", RECORD)
@pytest.mark.parametrize("text", ["", "TBD", "n/a", "-"])
def test_a_record_with_a_gap_is_not_ready(field, text):
    evidence = dict.fromkeys(OURS.ids, FOUND)
    result = OURS.evaluate(dict.fromkeys(OURS.ids, "yes"), evidence, record=RECORD | {field: text})
    assert (result.verdict, result.decisive) == ("not ready", ())
    assert result.record_gaps == (field,)
    assert "record" in result.rules[0].meaning


def test_a_yes_without_evidence_does_not_count():
    result = judged({"a": "yes", "b": "yes"}, {"b": FOUND}, two())
    assert (result.status["a"], result.status["b"]) == ("unproven", "yes")
    assert result.verdict == "not ready"
    assert result.unproven == result.decisive == ("a",)


@pytest.mark.parametrize("nothing", [None, False, "", "  \n", [], {}, np.bool_(False)])
def test_what_is_no_evidence(nothing):
    result = two().evaluate({"a": "yes"}, {"a": nothing})
    assert result.status["a"] == "unproven"
    assert not result.refused


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("TODO", "unfinished"),
        ("tbd", "unfinished"),
        ("TODO: measure this on the later cases", "unfinished"),
        ("lorem ipsum dolor sit amet", "unfinished"),
        ("x", "wordless"),
        ("-", "wordless"),
        ("n/a", "wordless"),
        (0.22, "wordless"),
        ("12345", "wordless"),
        ("???", "wordless"),
        (True, "placeholder"),
        ("none", "placeholder"),
        ("Yes, done.", "placeholder"),
        ("will be provided next week", "placeholder"),
        ("asdf asdf asdf", "placeholder"),
        ("see page 3", "reference"),
        ("See the report of 3 May 2026, section 7", "reference"),
        ("in the appendix", "reference"),
        ("siehe Seite 3", "reference"),
        ("https://intranet", "reference"),
        ("AUC 0.79", "short"),
        ("internal audit report", "short"),
        ("see the internal audit report of 3 May 2026", "short"),
        ("internal audit of 2026-05-03", "short"),
        ("internal audit, section 4.2", "short"),
        ("good good AUC good AUC", "short"),
        ("待定", "short"),
    ],
)
def test_a_placeholder_is_refused_and_told_why(text, kind):
    result = two().evaluate({"a": "yes"}, {"a": text})
    assert result.status["a"] == "unproven"
    assert result.refused["a"] == f"{OURS.evidence.refused[kind]} {OURS.evidence.wanted}"


@pytest.mark.parametrize(
    "something",
    [
        FOUND,
        "AUC 0.79 on 400 cases of 2026",
        "Off-switch tried by Anna Weber on 3 May 2026",
        "page 3: longest delay 4 hours, fallback kept up",
        "PRÜFBERICHT: 12 von 400 Fällen falsch",
        "测试集AUC为0.85",
        {"AUC of best single column": np.float64(0.64)},
        ["young 0.31", "older applicants 0.22"],
    ],
)
def test_what_is_evidence(something):
    result = two().evaluate({"a": "yes"}, {"a": something})
    assert result.status["a"] == "yes"
    assert not result.refused


def test_refused_evidence_is_kept_and_harms_no_answer_that_needs_none():
    relaxed = checklist.load(SMALL.replace("required: true", "required: false"))
    result = relaxed.evaluate({"first-one": "yes"}, {"first-one": "TODO"})
    assert result.verdict == "ready"
    assert result.evidence["first-one"] == "TODO"
    assert list(result.refused) == ["first-one"]


def test_a_list_may_bring_its_own_rule_of_evidence():
    own = """evidence:
  words: "1"
  wanted: A finding.
  refused: {unfinished: U., wordless: W., placeholder: P., reference: R., short: S.}
  unfinished: later
  placeholders: none
  references: page
"""
    ours = checklist.load(SMALL.replace("questions:", f"{own}questions:"))
    assert ours.evaluate({"first-one": "yes"}, {"first-one": "todo"}).verdict == "ready"
    assert ours.evaluate({}, {"first-one": "Page 3"}).refused == {"first-one": "R. A finding."}


def test_a_no_needs_no_evidence_and_a_partly_does():
    result = two().evaluate({"a": "no", "b": "partly"})
    assert dict(result.status) == {"a": "no", "b": "unproven"}


def test_not_required_means_not_required():
    relaxed = checklist.load(SMALL.replace("required: true", "required: false"))
    assert relaxed.evaluate({"first-one": "yes"}).verdict == "ready"


def test_evidence_without_an_answer_is_no_answer():
    assert two().evaluate({}, {"a": FOUND}).unanswered == ("a", "b")


def test_better_answers_never_make_the_verdict_worse():
    """Over all answers to two questions; the same holds for evidence and for actions."""
    order = {"not ready": 0, "ready with conditions": 1, "ready": 2}
    ours, steps = two(), (None, "no", "partly", "yes")

    def rank(a, b, evidence, actions):
        answers = {id: answer for id, answer in (("a", a), ("b", b)) if answer}
        return order[ours.evaluate(answers, evidence, record=RECORD, actions=actions).verdict]

    proven, assigned = dict.fromkeys("ab", FOUND), dict.fromkeys("ab", ACTION)
    for evidence, actions in product(({}, {"a": FOUND}, proven), ({}, {"b": ACTION}, assigned)):
        for i, j in product(range(4), range(4)):
            here = rank(steps[i], steps[j], evidence, actions)
            assert here <= rank(steps[i], steps[j], proven, assigned)
            if evidence == proven:
                assert here <= rank(steps[min(i + 1, 3)], steps[j], evidence, assigned)
                assert here <= rank(steps[i], steps[min(j + 1, 3)], evidence, assigned)


def test_a_blocking_question_alone_makes_the_difference():
    answers, evidence = {"a": "no", "b": "yes"}, dict.fromkeys("ab", FOUND)
    assert judged(answers, evidence, two("true")).verdict == "not ready"
    assert judged(answers, evidence, two("false")).verdict == "ready with conditions"


@pytest.mark.parametrize(
    ("ours", "id"), [(ours, q.id) for ours in VARIANTS for q in ours.questions if q.blocking]
)
def test_each_blocking_question_of_ours_blocks(ours, id):
    evidence = dict.fromkeys(ours.ids, FOUND)
    answers = dict.fromkeys(ours.ids, "yes")
    assert judged(answers, evidence, ours).verdict == "ready"
    for result in (
        judged(answers | {id: "no"}, evidence, ours),
        judged(answers | {id: "partly"}, evidence, ours, {id: {}}),
        judged(answers, evidence | {id: None}, ours),
        judged(answers, evidence | {id: "TODO"}, ours),
        judged({k: v for k, v in answers.items() if k != id}, evidence, ours),
    ):
        assert result.verdict == "not ready"
        assert result.decisive == (id,)


def test_telling_people_blocks_and_needs_evidence():
    question = OURS["people-told"]
    assert question.blocking
    assert question.evidence_required


def test_what_is_asked_of_every_model():
    assert {"purpose-stated", "privacy-retention", "affected-heard", "secure"} <= set(OURS.ids)


@pytest.mark.parametrize(
    ("variant", "law"),
    [
        ("credit", ["2023/2225, Article 18", "1691(d)", "1681m(a)", "point 5(b)"]),
        ("hiring", ["point 4", "Article 26(7)", "2000e-2(k)", "EEOC", "Local Law 144"]),
        ("health", ["2017/745", "FDA", "45 CFR 92.210", "HIPAA"]),
    ],
)
def test_a_variant_adds_its_questions_and_its_law(variant, law):
    ours = checklist.load(variant=variant)
    more = [question for question in ours.questions if question.variant]
    assert len(more) >= 3
    assert {question.variant for question in more} == {variant}
    assert ours.questions[: len(OURS)] == OURS.questions
    texts = [entry.text for entry in ours.variant.law]
    assert all(any(part in text for text in texts) for part in law)
    assert all(text in judged({}, ours=ours).to_markdown() for text in texts)


def test_the_counts_are_those_of_the_statuses():
    answers = {"no-leak": "yes", "calibrated": "not applicable"}
    result = OURS.evaluate(answers, {"no-leak": FOUND})
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
    ours = checklist.load(variant="health")
    result = ours.evaluate(
        {"no-leak": "yes", "off-switch": "partly", "health-data": "no"},
        evidence,
        record=RECORD | {"date": datetime.date(2026, 11, 30)},
        actions={"off-switch": ACTION, "health-data": {"owner": None, "due": " 2027-01-31 "}},
    )
    back = checklist.Evaluation.from_json(result.to_json())
    assert back.to_json() == result.to_json()
    assert back.checklist == ours
    assert dict(back.status) == dict(result.status)
    assert back.evidence["data-known"] == [1, 2]
    assert back.record == RECORD
    assert back.actions["health-data"] == {"due": "2027-01-31"}
    pd.testing.assert_frame_equal(back.to_frame(), result.to_frame())
    assert back.to_markdown() == result.to_markdown()


def old_file(answers, evidence, verdict="ready"):
    """What version 1.0.0 saved."""
    saved = {"format": "xaikit.Evaluation/1", "title": "Before deployment", "version": "1.0.0"}
    return json.dumps(saved | {"verdict": verdict, "answers": answers, "evidence": evidence})


def test_a_file_of_version_1_is_read_and_judged_by_the_rules_of_today():
    answers = {"off-switch": "partly", "no-leak": "yes", "people-told": "yes"}
    text = old_file(answers, {"no-leak": "TODO", "off-switch": FOUND}, "ready with conditions")
    result = checklist.Evaluation.from_json(text)
    assert (result.migrated, result.verdict) == ("1.0.0", "not ready")
    assert dict(result.answers) == answers
    assert result.evidence["off-switch"] == FOUND
    assert result.status["no-leak"] == result.status["people-told"] == "unproven"
    assert result.unassigned == {"off-switch": ("owner", "due", "condition")}
    assert result.record_gaps == tuple(RECORD)
    assert "Answered for version 1.0.0" in result.to_markdown()
    again = checklist.Evaluation.from_json(result.to_json())
    assert again.migrated is None
    assert dict(again.status) == dict(result.status)


def test_every_question_of_version_1_is_still_asked():
    ids = (
        "data-known no-leak unseen-error calibrated unlike-training explanation-tested "
        "reasons-stable question-named same-model simpler-model law-settled right-outcome "
        "errors-by-group fairness-chosen stand-ins reasons-given way-back human-can-refuse "
        "contestable people-told better-than-today model-card reader-tested watched off-switch "
        "rebuilt outside-look"
    )
    old = ids.split()
    result = checklist.Evaluation.from_json(old_file(dict.fromkeys(old, "yes"), {}))
    assert set(result.unanswered) == set(OURS.ids) - set(old)
    assert len(old) == 27


def test_the_report_names_everything_and_keeps_markup_out():
    evidence = {"off-switch": "<b>*us*</b>\n# no", "no-leak": "see page 3"}
    action = {"owner": "A. *Weber*", "due": "2027-01-31"}
    result = OURS.evaluate(
        {"off-switch": "partly", "no-leak": "yes"},
        evidence,
        record={"model": "a\n# b", "version": "TBD"},
        actions={"off-switch": action},
    )
    text = result.to_markdown()
    assert all(question.question in text for question in OURS.questions)
    assert r"\<b\>\*us\*\</b\> \# no" in text
    assert "\n#" not in text.replace("\n## ", "")
    assert "not ready" in text.splitlines()[0]
    assert all(rule.meaning in text for rule in result.rules)
    assert f"This answer means: {OURS['off-switch'].answers['partly']}" in text
    assert f"Refused: {OURS.evidence.refused['reference']}" in text
    assert r"Owner: A. \*Weber\*" in text
    assert "- Version: TBD (does not count)" in text
    assert "- Country: missing" in text


def test_the_report_says_what_an_open_answer_lacks():
    result = OURS.evaluate({"off-switch": "no"}, actions={"off-switch": {"owner": "A. Weber"}})
    assert "Lacks: no due date" in result.to_markdown()


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
    with pytest.raises(TypeError):
        result.record["model"] = "another"
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

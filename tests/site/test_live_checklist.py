"""The page judges a checklist as Python does; its form is kept, saved, opened and cleared."""

import json
import random
import re

import pytest

import xaikit as xk
from xaikit.checklist._record import is_day

pytestmark = pytest.mark.slow

PAGE = "trust/ethics-checklist.html"
TO_PRINT = "trust/checklist-to-print.html"
OURS = xk.checklist.load()

FOUND = "12 of 400 cases wrong, recounted by A. Weber on 3 May 2026"
RECORD = {
    "model": "credit score",
    "version": "4.2",
    "purpose": "small loans",
    "country": "Ireland",
    "deployer": "Our Bank",
    "date": "2026-11-30",
}
ACTION = {"owner": "A. Weber", "due": "2027-01-31", "condition": "only as a second opinion now"}
# What somebody might type, from nothing to evidence, in several scripts.
TEXTS = [
    "",
    "TODO",
    "x",
    "none",
    "n/a",
    "see page 3",
    "tbd",
    "-",
    "0",
    "holds",
    "AUC 0.79",
    "AUC 0.79 on 400 cases",
    "siehe Seite 3",
    "see the internal audit report of 3 May 2026",
    "internal audit of 03.05.2026, 4.2",
    "internal audit of 2026-05-03 and 1.2.3-4",
    "internal audit section ４.２, 2026",
    "page ² Ⅷ ½ ① of ten",
    "see report of 3 May 2026, page 7",
    "ﬁle ﬂoor oﬃce Ⅷ",
    "İstanbul ÇAĞRI ŞİİR ölçüm",
    "待定",
    "测试集AUC为0.85",
    "ผลการทดสอบ",
    "cafe\u0301 noir brûlé",
    "a_b *c*\n <d> | é",
    "[x](y) \\ `#`",
    "todo's were all closed by Anna in May",
    FOUND,
]

JUDGED = """async (sheets) => {
  const { listOf } = await import(new URL("../_live/checklist.js", location.href));
  const { judge, toMarkdown } = await import(new URL("../_live/verdict.js", location.href));
  const { toJson } = await import(new URL("../_live/sheet.js", location.href));
  const list = listOf(document.querySelector(".xk-checklist"));
  return sheets.map((sheet) => ({
    ...judge(list, sheet), json: toJson(list, sheet), markdown: toMarkdown(list, sheet) }));
}"""
KINDS = """async (texts) => {
  const { listOf } = await import(new URL("../_live/checklist.js", location.href));
  const { isDay, kind, names } = await import(new URL("../_live/evidence.js", location.href));
  const { evidence } = listOf(document.querySelector(".xk-checklist"));
  return texts.map((text) => [kind(evidence, text) ?? null, names(evidence, text), isDay(text)]);
}"""


def made_sheet(seed):
    """A sheet at random; every fifth has nothing that is bad but for one answer."""
    rng = random.Random(seed)
    variant = rng.choice([None, "credit", "hiring", "health"])
    ours = xk.checklist.load(variant=variant)
    answers, evidence, actions, record = {}, {}, {}, {}
    for question in ours.questions:
        if rng.random() < 0.9:
            answers[question.id] = rng.choice(list(question.answers))
        text = rng.choice(TEXTS[1:]) if rng.random() < 0.5 else FOUND
        if rng.random() < 0.9:
            evidence[question.id] = text
        action = {key: rng.choice([value, "TBD", ""]) for key, value in ACTION.items()}
        actions[question.id] = rng.choice([ACTION, {k: v for k, v in action.items() if v}])
        if not question.blocking:
            actions[question.id] = {
                k: v for k, v in actions[question.id].items() if k != "condition"
            }
        if not actions[question.id]:
            del actions[question.id]
    for field, value in RECORD.items():
        record[field] = rng.choice([value, value, "n/a"])
    record["date"] = rng.choice([RECORD["date"], "2027-06-01"])
    if seed % 5 == 0:
        answers = dict.fromkeys(ours.ids, "yes")
        evidence, record = dict.fromkeys(ours.ids, FOUND), RECORD
        answers[rng.choice(ours.ids)] = rng.choice(["yes", "partly", "no"])
        actions = dict.fromkeys(ours.ids, ACTION)
    sheet = {"record": record, "answers": answers, "evidence": evidence, "actions": actions}
    return ours, {"variant": variant, **sheet}


def truth_of(ours, sheet):
    parts = (sheet[part] for part in ("answers", "evidence"))
    return ours.evaluate(*parts, record=sheet["record"], actions=sheet["actions"])


@pytest.fixture
def form(visitor):
    yield visitor.open(PAGE).locator(".xk-checklist")
    assert visitor.faults == []
    assert visitor.outside == []


def verdict(form):
    return form.locator(".xk-bar p").inner_text()


def press(form, name):
    form.get_by_role("button", name=name).press("Enter")


def saved(form, name, folder):
    with form.page.expect_download() as download:
        press(form, name)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def answer(form, id, word, evidence=None, **action):
    question = form.locator(f"#question-{id}")
    question.get_by_label(word, exact=True).press("Space")
    if evidence is not None:
        question.get_by_label("Evidence").fill(evidence)
    for field, text in action.items():
        question.locator(f"[data-action={field}]").fill(text)


def fill_in(form, sheet):
    """Fill in the form as a person does, field by field."""
    form.locator("[name=variant]").select_option(sheet["variant"] or "")
    for field, text in sheet["record"].items():
        form.locator(f"[data-record={field}]").fill(text)
    for id, word in sheet["answers"].items():
        action = sheet["actions"].get(id, {}) if word in ("partly", "no") else {}
        if word != "partly":
            action = {k: v for k, v in action.items() if k != "condition"}
        answer(form, id, word.capitalize(), sheet["evidence"].get(id), **action)


def test_page_and_python_agree_on_every_sheet(visitor):
    made = [made_sheet(seed) for seed in range(60)]
    page = visitor.open(PAGE)
    verdicts = set()
    for (ours, sheet), found in zip(made, page.evaluate(JUDGED, [s for _, s in made]), strict=True):
        truth = truth_of(ours, sheet)
        verdicts.add(truth.verdict)
        assert found["verdict"] == truth.verdict
        assert [rule["meaning"] for rule in found["rules"]] == [r.meaning for r in truth.rules]
        assert found["status"] == dict(truth.status)
        assert found["refused"] == dict(truth.refused)
        assert found["unassigned"] == {id: list(gaps) for id, gaps in truth.unassigned.items()}
        assert found["recordGaps"] == list(truth.record_gaps)
        assert found["decisive"] == list(truth.decisive)
        assert found["markdown"] == truth.to_markdown()
        read = xk.checklist.Evaluation.from_json(found["json"])
        assert read.to_json() == truth.to_json()
    assert verdicts == {"ready", "ready with conditions", "not ready"}


def test_page_and_python_take_the_same_texts_for_evidence_names_and_days(visitor):
    days = ["2026-02-28", "2026-02-29", "2024-02-29", "2026-13-01", "0000-01-01", "2026-1-1"]
    found = visitor.open(PAGE).evaluate(KINDS, TEXTS + days)
    rule = OURS.evidence
    assert found == [[rule.kind(t), rule.names(t), is_day(t)] for t in TEXTS + days]
    assert {kind for kind, *_ in found} == {None, *rule.refused}


def test_form_file_and_report_filled_in_by_hand_are_those_of_python(form, tmp_path):
    """Seven blocking questions are answered partly, first with "see page 3", then in earnest."""
    ours = xk.checklist.load(variant="hiring")
    blocking = [question.id for question in ours.questions if question.blocking]
    sheet = {
        "variant": "hiring",
        "record": RECORD,
        "answers": dict.fromkeys(ours.ids, "yes") | dict.fromkeys(blocking[:7], "partly"),
        "evidence": dict.fromkeys(ours.ids, "see page 3"),
        "actions": {},
    }
    fill_in(form, sheet)
    truth = truth_of(ours, sheet)
    assert verdict(form).startswith("Not ready. 35 of 35 answered, 34 without evidence")
    assert f"in the way: {len(truth.decisive)}." in verdict(form)
    told = form.locator(f"#question-{blocking[0]} .xk-missing")
    assert told.inner_text().startswith(truth.refused[blocking[0]])

    sheet["evidence"] = dict.fromkeys(ours.ids, FOUND)
    for id in ours.ids:
        form.locator(f"#question-{id}").get_by_label("Evidence").fill(FOUND)
    assert verdict(form) == "Not ready. 35 of 35 answered, 0 without evidence; in the way: 7."
    lacks = form.locator(f"#question-{blocking[0]} .xk-lacks")
    assert lacks.inner_text().startswith("Needed: an owner, a due date")

    sheet["actions"] = dict.fromkeys(blocking[:7], ACTION)
    for id in blocking[:7]:
        answer(form, id, "Partly", **ACTION)
    assert verdict(form).startswith("Ready with conditions. 35 of 35 answered")
    assert not lacks.is_visible()
    means = form.locator(f"#question-{blocking[0]} .xk-means")
    assert means.inner_text() == f"Partly means: {ours[blocking[0]].answers['partly']}"
    truth = truth_of(ours, sheet)
    text = saved(form, "Save as JSON", tmp_path).read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(truth.to_json())
    report = saved(form, "Save as Markdown", tmp_path).read_text(encoding="utf-8")
    assert report == truth.to_markdown()
    assert OURS.title in report
    assert "Article 26(7)" in report

    press(form, "Clear")
    opened(form, "python.json", truth.to_json())
    again = saved(form, "Save as JSON", tmp_path).read_text(encoding="utf-8")
    assert json.loads(again) == json.loads(truth.to_json())


def test_the_chapter_s_own_answers_are_judged_as_in_the_chapter(form):
    given = json.loads(form.page.locator("#xk-data-checklist").text_content())
    [found] = form.page.evaluate(JUDGED, [given])
    assert found["verdict"] == given["verdict"] == "not ready"
    assert found["status"] == given["status"]
    assert found["decisive"] == given["decisive"]
    press(form, "Fill in the chapter")
    count = len(given["decisive"])
    total = len(given["answers"])
    assert verdict(form).startswith(
        f"Not ready. {total} of {total} answered, 0 without evidence; in the way: {count}."
    )


def test_the_saved_file_is_judged_by_the_two_lines_of_the_chapter(
    form, tmp_path, monkeypatch, capsys
):
    assert "0 of 31 answered" in verdict(form)
    answer(form, "no-leak", "Yes")
    missing = form.locator("#question-no-leak .xk-missing")
    assert missing.inner_text().startswith("Evidence is missing.")
    answer(form, "no-leak", "Yes", "TODO")
    assert missing.inner_text().startswith(OURS.evidence.refused["unfinished"])
    answer(form, "no-leak", "Yes", "AUC of best column 0.64 <é>\nsee page 3")
    assert not missing.is_visible()
    answer(form, "off-switch", "No")
    assert verdict(form).startswith(
        "Not ready. 2 of 31 answered, 0 without evidence; in the way: 30."
    )
    assert verdict(form).endswith("Record incomplete.")
    assert "(model, version, purpose, country, deployer, date)" in form.inner_text()
    path = saved(form, "Save as JSON", tmp_path)
    assert path.name == "before-deployment.json"

    lines = form.page.locator("pre", has_text="from_json").last.inner_text().strip()
    assert len(lines.splitlines()) == 2
    monkeypatch.chdir(tmp_path)
    exec(lines, {"xk": xk})
    said = "Evaluation(not ready: 30 in the way, 12 of them blocking, record incomplete)\n"
    assert capsys.readouterr().out == said
    sheet = json.loads(path.read_text(encoding="utf-8"))
    result = OURS.evaluate(sheet["answers"], sheet["evidence"])
    assert dict(result.answers) == {"no-leak": "yes", "off-switch": "no"}
    assert dict(result.evidence) == {"no-leak": "AUC of best column 0.64 <é>\nsee page 3"}
    report = saved(form, "Save as Markdown", tmp_path)
    assert report.read_text(encoding="utf-8") == result.to_markdown()


def test_answers_stay_on_both_pages_until_they_are_cleared(form, visitor):
    form.locator("[name=variant]").select_option("credit")
    form.locator("[data-record=model]").fill("credit score")
    answer(form, "contestable", "Partly", "letter of 3 May", owner="A. Weber")
    before = verdict(form)
    assert verdict(visitor.open(TO_PRINT).locator(".xk-checklist")) == before
    answer(form, "off-switch", "No")
    form.page.go_back()
    assert "2 of 34 answered" in verdict(form)
    press(form, "Clear")
    assert "0 of 31 answered" in verdict(form)
    press(form, "Undo")
    form.page.reload()
    assert "2 of 34 answered" in verdict(form)
    assert form.locator("#question-contestable textarea").first.input_value() == "letter of 3 May"
    assert form.locator("[name=owner-contestable]").input_value() == "A. Weber"
    assert form.locator("[data-record=model]").input_value() == "credit score"
    press(form, "Clear")
    form.page.reload()
    assert "0 of 31 answered" in verdict(form)


def test_a_variant_shows_its_questions_and_its_law_alone(form):
    shown = {"hiring": "workers-informed", "credit": "credit-notice", "health": "health-data"}
    for chosen in (*shown, ""):
        form.locator("[name=variant]").select_option(chosen)
        for variant, id in shown.items():
            assert form.locator(f"#question-{id}").is_visible() == (variant == chosen)
    form.locator("[name=variant]").select_option("hiring")
    assert form.locator(".xk-law", has_text="Article 26(7)").is_visible()
    assert not form.locator(".xk-law", has_text="HIPAA").is_visible()


def test_one_answer_can_be_withdrawn(form):
    question = form.locator("#question-contestable")
    withdraw = question.get_by_role("button", name="Withdraw")
    assert not withdraw.is_visible()
    answer(form, "off-switch", "No")
    answer(form, "contestable", "Partly", "letter of 3 May")
    assert "2 of 31 answered" in verdict(form)
    assert question.locator(".xk-action").is_visible()
    withdraw.press("Enter")
    assert "1 of 31 answered" in verdict(form)
    assert not withdraw.is_visible()
    assert not question.locator(".xk-action").is_visible()
    focused = form.page.evaluate("document.activeElement.name")
    assert focused == "contestable"
    form.page.reload()
    assert "1 of 31 answered" in verdict(form)
    assert question.get_by_label("Evidence").input_value() == "letter of 3 May"


def opened(form, name, text):
    with form.page.expect_file_chooser() as chooser:
        press(form, "Open a JSON file")
    payload = {"name": name, "mimeType": "application/json", "buffer": text.encode()}
    chooser.value.set_files(payload)
    form.locator(".xk-words", has_text=name).wait_for()


def test_a_file_of_python_is_opened_and_another_refused(form, tmp_path):
    found = {"cases counted by Anna": [3, 0.5]}
    ready = OURS.evaluate(
        dict.fromkeys(OURS.ids, "yes"), dict.fromkeys(OURS.ids, found), record=RECORD
    )
    opened(form, "ours.json", ready.to_json())
    assert verdict(form) == "Ready. 31 of 31 answered, 0 without evidence; open: 0."
    given = json.loads(ready.to_json())
    deep = {"evidence": {"no-leak": [[[[1]]]]}}
    for name, text, words in (
        ("text.json", "yes", "it holds no answers to “Before deployment”"),
        ("other.json", json.dumps(given | {"title": "Mine"}), "it holds no answers"),
        ("later.json", json.dumps(given | {"version": "3.0.0"}), "it answers version 3.0.0"),
        ("variant.json", json.dumps(given | {"variant": "war"}), "it is of a variant"),
        ("asked.json", json.dumps(given | {"answers": {"gone": "yes"}}), "its answers name “gone”"),
        ("said.json", json.dumps(given | {"answers": {"no-leak": "maybe"}}), "its answer to"),
        ("listed.json", json.dumps(given | {"answers": []}), "its answers are no object"),
        ("deep.json", json.dumps(given | deep), "evidence in it is nested too deep"),
        ("action.json", json.dumps(given | {"actions": {"no-leak": {"who": "I"}}}), "its no-leak"),
        ("big.json", " " * 4_000_001, "it is too long"),
        ("long.json", " " * 1_000_001, "it is too long"),
    ):
        opened(form, name, text)
        said = form.locator(".xk-words").inner_text()
        assert said.startswith(f"{name} was not opened: {words}")
        assert verdict(form).startswith("Ready. ")
        with pytest.raises((ValueError, TypeError)):
            xk.checklist.Evaluation.from_json(text)
    again = saved(form, "Save as JSON", tmp_path).read_text(encoding="utf-8")
    assert xk.checklist.Evaluation.from_json(again).verdict == "ready"
    press(form, "Undo")
    assert "0 of 31 answered" in verdict(form)


# What version 1.0.0 of the page saved, and kept under the same key.
OLD = json.dumps(
    {
        "format": "xaikit.Evaluation/1",
        "title": "Before deployment",
        "version": "1.0.0",
        "verdict": "ready with conditions",
        "answers": {"off-switch": "partly", "no-leak": "yes", "people-told": "no"},
        "evidence": {"off-switch": FOUND, "no-leak": "see page 3"},
    }
)


def compare_with_old(form, folder):
    text = saved(form, "Save as JSON", folder).read_text(encoding="utf-8")
    truth = xk.checklist.Evaluation.from_json(OLD)
    assert json.loads(text) == json.loads(truth.to_json())
    assert f"in the way: {len(truth.decisive)}." in verdict(form)


def test_a_file_of_version_1_is_migrated_as_in_python(form, tmp_path):
    opened(form, "old.json", OLD)
    said = form.locator(".xk-words").inner_text()
    assert "It answered version 1.0.0" in said
    assert "fill in the record" in said
    compare_with_old(form, tmp_path)


def test_what_the_page_kept_by_version_1_is_migrated(form, tmp_path):
    form.page.evaluate("(old) => localStorage.setItem('xk-checklist', old)", OLD)
    form.page.reload()
    assert "3 of 31 answered" in verdict(form)
    assert "It answered version 1.0.0" in form.locator(".xk-words").inner_text()
    compare_with_old(form, tmp_path)
    form.locator("[data-record=model]").fill("credit score")
    kept = form.page.evaluate("localStorage.getItem('xk-checklist')")
    assert json.loads(kept)["format"] == "xaikit.Evaluation/2"
    form.page.reload()
    assert "3 of 31 answered" in verdict(form)
    assert form.locator(".xk-words").inner_text() == ""


def test_enter_in_the_form_goes_nowhere(form):
    address = form.page.url
    form.locator("#question-no-leak").get_by_label("Yes", exact=True).press("Enter")
    form.locator("#question-no-leak").get_by_label("Yes", exact=True).press("Space")
    assert form.page.url == address
    assert "1 of 31 answered" in verdict(form)


def test_without_javascript_it_is_a_form_to_read_and_fill_in(open_without_scripts):
    page = open_without_scripts(PAGE)
    form = page.locator(".xk-checklist")
    everything = {
        id for variant in OURS.variants for id in xk.checklist.load(variant=variant.id).ids
    }
    assert form.locator("fieldset.xk-check").count() == len(everything) == 42
    assert form.get_by_role("button").count() == 0
    assert not form.locator(".xk-missing").first.is_visible()
    form.locator("#question-no-leak").get_by_label("Yes", exact=True).check()
    form.locator("#question-no-leak summary").click()
    assert form.locator("#question-no-leak details p").first.is_visible()


def test_a_storage_that_is_switched_off_is_told(visitor):
    visitor.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('off'); } })"
    )
    form = visitor.open(PAGE).locator(".xk-checklist")
    answer(form, "no-leak", "No")
    assert "1 of 31 answered" in verdict(form)
    assert form.locator(".xk-words").inner_text().startswith("This browser keeps nothing")


def test_on_paper_every_question_stands_open_without_buttons(visitor):
    page = visitor.open(TO_PRINT)
    page.emulate_media(media="print")
    form = page.locator(".xk-checklist")
    assert not form.locator(".xk-bar").is_visible()
    assert not form.get_by_role("button").first.is_visible()
    assert form.locator("details p").first.is_visible()
    for field in ("owner", "due", "condition"):  # room to write by hand
        assert form.locator(f"[name={field}-off-switch]").is_visible()
    page.emulate_media(media="screen")
    assert not form.locator("[name=owner-off-switch]").is_visible()
    answer(form, "rebuilt", "Partly", "line\n" * 30, owner="A. Weber")
    page.emulate_media(media="print")
    assert re.match(r"Not ready\. 1 of 31", verdict(form))
    means = form.locator("#question-rebuilt .xk-means")
    assert means.inner_text() == f"Partly means: {OURS['rebuilt'].answers['partly']}"
    assert form.locator("[name=owner-rebuilt]").is_visible()
    assert form.locator("[data-record=deployer]").is_visible()
    answer(form, "rebuilt", "Yes")
    assert not form.locator("[name=owner-rebuilt]").is_visible()
    assert not form.get_by_role("link", name="Details and files").is_visible()
    box = form.locator("[name=evidence-rebuilt]")
    assert box.evaluate("(box) => box.scrollHeight <= box.clientHeight + 1")
    assert visitor.faults == []

"""The page judges a checklist as Python does; its form is kept, saved, opened and cleared."""

import json
import random
import re

import pytest

import xaikit as xk

pytestmark = pytest.mark.slow

PAGE = "trust/ethics-checklist.html"
TO_PRINT = "trust/checklist-to-print.html"
OURS = xk.checklist.load()

JUDGED = """async (sheets) => {
  const { listOf } = await import(new URL("../_live/checklist.js", location.href));
  const { judge, toJson, toMarkdown } = await import(new URL("../_live/verdict.js", location.href));
  const list = listOf(document.querySelector(".xk-checklist"));
  return sheets.map((sheet) => ({
    ...judge(list, sheet), json: toJson(list, sheet), markdown: toMarkdown(list, sheet) }));
}"""


def made_sheet(seed):
    """Answers at random; every fifth has none that is bad but for one."""
    rng = random.Random(seed)
    answers, evidence = {}, {}
    for question in OURS.questions:
        if rng.random() < 0.9:
            answers[question.id] = rng.choice(list(question.answers))
        if rng.random() < 0.7:
            evidence[question.id] = rng.choice(
                ["page 3", "0", "a_b *c*\n <d> | é", "[x](y) \\ `#`"]
            )
    if seed % 5 == 0:
        answers = dict.fromkeys(OURS.ids, "yes")
        evidence = dict.fromkeys(OURS.ids, "page 3")
        answers[rng.choice(OURS.ids)] = rng.choice(["yes", "partly", "no"])
    return {"answers": answers, "evidence": evidence}


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


def answer(form, id, word, evidence=None):
    question = form.locator(f"#question-{id}")
    question.get_by_label(word, exact=True).press("Space")
    if evidence is not None:
        question.get_by_role("textbox").fill(evidence)


def test_page_and_python_agree_on_every_sheet(visitor):
    sheets = [made_sheet(seed) for seed in range(60)]
    page = visitor.open(PAGE)
    verdicts = set()
    for sheet, found in zip(sheets, page.evaluate(JUDGED, sheets), strict=True):
        truth = OURS.evaluate(**sheet)
        verdicts.add(truth.verdict)
        assert found["rule"]["verdict"] == truth.verdict
        assert found["rule"]["meaning"] == truth.rule.meaning
        assert found["status"] == dict(truth.status)
        assert found["decisive"] == list(truth.decisive)
        assert found["markdown"] == truth.to_markdown()
        read = xk.checklist.Evaluation.from_json(found["json"])
        assert (read.answers, read.evidence) == (truth.answers, truth.evidence)
    assert verdicts == {"ready", "ready with conditions", "not ready"}


def test_the_chapter_s_own_answers_are_judged_as_in_the_chapter(form):
    given = json.loads(form.page.locator("#xk-data-checklist").text_content())
    [found] = form.page.evaluate(JUDGED, [{k: given[k] for k in ("answers", "evidence")}])
    assert found["rule"]["verdict"] == given["verdict"] == "not ready"
    assert found["status"] == given["status"]
    assert found["decisive"] == given["decisive"]
    press(form, "Fill in the chapter")
    assert verdict(form).startswith(
        "Not ready. 27 of 27 answered, 0 without evidence; in the way: 7."
    )


def test_the_saved_file_is_judged_by_the_two_lines_of_the_chapter(
    form, tmp_path, monkeypatch, capsys
):
    assert "0 of 27 answered" in verdict(form)
    answer(form, "no-leak", "Yes")
    missing = form.locator("#question-no-leak .xk-missing")
    assert missing.is_visible()
    answer(form, "no-leak", "Yes", "best column 0.64 <é>\nsee page 3")
    assert not missing.is_visible()
    answer(form, "off-switch", "No")
    assert verdict(form).startswith(
        "Not ready. 2 of 27 answered, 0 without evidence; in the way: 9."
    )
    path = saved(form, "Save as JSON", tmp_path)
    assert path.name == "before-deployment.json"

    lines = form.page.locator("pre", has_text="from_json").last.inner_text().strip()
    assert len(lines.splitlines()) == 2
    monkeypatch.chdir(tmp_path)
    exec(lines, {"xk": xk})
    assert capsys.readouterr().out == "Evaluation(not ready: 9 open and blocking, 0 unproven)\n"
    sheet = json.loads(path.read_text(encoding="utf-8"))
    result = OURS.evaluate(sheet["answers"], sheet["evidence"])
    assert dict(result.answers) == {"no-leak": "yes", "off-switch": "no"}
    assert dict(result.evidence) == {"no-leak": "best column 0.64 <é>\nsee page 3"}
    report = saved(form, "Save as Markdown", tmp_path)
    assert report.read_text(encoding="utf-8") == result.to_markdown()


def test_answers_stay_on_both_pages_until_they_are_cleared(form, visitor):
    answer(form, "contestable", "Partly", "letter of 3 May")
    before = verdict(form)
    assert verdict(visitor.open(TO_PRINT).locator(".xk-checklist")) == before
    answer(form, "off-switch", "No")
    form.page.go_back()
    assert "2 of 27 answered" in verdict(form)
    press(form, "Clear")
    assert "0 of 27 answered" in verdict(form)
    press(form, "Undo")
    form.page.reload()
    assert "2 of 27 answered" in verdict(form)
    assert form.locator("#question-contestable textarea").input_value() == "letter of 3 May"
    press(form, "Clear")
    form.page.reload()
    assert "0 of 27 answered" in verdict(form)


def test_one_answer_can_be_withdrawn(form):
    question = form.locator("#question-contestable")
    withdraw = question.get_by_role("button", name="Withdraw")
    assert not withdraw.is_visible()
    answer(form, "off-switch", "No")
    answer(form, "contestable", "Partly", "letter of 3 May")
    assert "2 of 27 answered" in verdict(form)
    withdraw.press("Enter")
    assert "1 of 27 answered" in verdict(form)
    assert not withdraw.is_visible()
    focused = form.page.evaluate("document.activeElement.name")
    assert focused == "contestable"
    form.page.reload()
    assert "1 of 27 answered" in verdict(form)
    assert question.get_by_role("textbox").input_value() == "letter of 3 May"


def opened(form, name, text):
    with form.page.expect_file_chooser() as chooser:
        press(form, "Open a JSON file")
    payload = {"name": name, "mimeType": "application/json", "buffer": text.encode()}
    chooser.value.set_files(payload)
    form.locator(".xk-words", has_text=name).wait_for()


def test_a_file_of_python_is_opened_and_another_refused(form, tmp_path):
    ready = OURS.evaluate(
        dict.fromkeys(OURS.ids, "yes"), {id: {"page": [3, 0.5]} for id in OURS.ids}
    )
    opened(form, "ours.json", ready.to_json())
    assert verdict(form) == "Ready. 27 of 27 answered, 0 without evidence; in the way: 0."
    for name, text in {
        "text.json": "yes",
        "other.json": ready.to_json().replace("Before deployment", "Mine"),
    }.items():
        opened(form, name, text)
        said = form.locator(".xk-words").inner_text()
        assert said == f"{name} was not opened: it holds no answers to “Before deployment”."
        assert verdict(form).startswith("Ready. ")
    again = saved(form, "Save as JSON", tmp_path).read_text(encoding="utf-8")
    assert xk.checklist.Evaluation.from_json(again).verdict == "ready"
    press(form, "Undo")
    assert "0 of 27 answered" in verdict(form)


def test_enter_in_the_form_goes_nowhere(form):
    address = form.page.url
    form.locator("#question-no-leak").get_by_label("Yes", exact=True).press("Enter")
    form.locator("#question-no-leak").get_by_label("Yes", exact=True).press("Space")
    assert form.page.url == address
    assert "1 of 27 answered" in verdict(form)


def test_without_javascript_it_is_a_form_to_read_and_fill_in(open_without_scripts):
    page = open_without_scripts(PAGE)
    form = page.locator(".xk-checklist")
    assert form.locator("fieldset").count() == len(OURS)
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
    assert "1 of 27 answered" in verdict(form)
    assert form.locator(".xk-words").inner_text().startswith("This browser keeps nothing")


def test_on_paper_every_question_stands_open_without_buttons(visitor):
    page = visitor.open(TO_PRINT)
    page.emulate_media(media="print")
    form = page.locator(".xk-checklist")
    assert not form.locator(".xk-bar").is_visible()
    assert not form.get_by_role("button").first.is_visible()
    assert form.locator("details p").first.is_visible()
    page.emulate_media(media="screen")
    answer(form, "rebuilt", "Yes", "line\n" * 30)
    page.emulate_media(media="print")
    assert re.match(r"Not ready\. 1 of 27", verdict(form))
    assert not form.get_by_role("link", name="Details and files").is_visible()
    box = form.locator("#question-rebuilt textarea")
    assert box.evaluate("(box) => box.scrollHeight <= box.clientHeight + 1")
    assert visitor.faults == []

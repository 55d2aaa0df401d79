"""The table and the pages: safe whatever a student wrote, readable, and always the same."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from made_grades import EMPTY, POINTS, TITLES, graded, mark

from xaikit.course.grading._csv import grades_csv
from xaikit.course.grading._pages import LOOKS, class_page, feedback_page, plain_hint

NASTY = "</p><script>alert(1)</script><img src=x onerror=alert(1)> &amp; \x1b[31m \u202e"
LONG = "x" * 5_000
CLASS = [
    graded("ada", 2, 3),
    graded("ben", 2, 0, hint=EMPTY),
    graded("cleo", 1, 1.5, hint="First.\n" + EMPTY.replace("12", "-7.5")),
    graded("dan", marks=(mark("q1", 0, "", "not answered"), mark("q2", 0, "Boom", "error"))),
    graded("eve", 0, 0, status="timeout", message="It took 60 s."),
]


def soup(content):
    return BeautifulSoup(content.decode(), "html.parser")


def table(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_table():
    head, *rows = table(grades_csv(CLASS, list(POINTS)))
    assert head == [
        *("student", "q1", "q2", "total", "out_of", "status", "message", "notes"),
        *("isolation", "lab", "lab_version", "seed", "source"),
    ]
    about = ["namespaces in bubblewrap", "l03_shapley", "0a1b2c", "7"]
    assert rows[0] == ["ada", "2", "3", "5", "5", "ok", "", "", *about, "ada.ipynb"]
    assert rows[2][:6] == ["cleo", "1", "1.5", "2.5", "5", "ok"]
    assert rows[4][5:7] == ["timeout", "It took 60 s."]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_no_cell_of_the_table_is_a_formula(start):
    text = f'{start}HYPERLINK("http://x")'
    row = graded(text, message=text, source=text, isolation=text)
    content = grades_csv([row], list(POINTS))
    for cell in table(content)[1]:
        assert not cell.strip().startswith(("=", "+", "-", "@", "＝"))
        assert not cell.startswith(("\t", "\r", "\n"))


def test_a_table_of_names_in_other_scripts_and_of_no_text():
    rows = table(grades_csv([graded("Zoë 李"), graded("a\udcff")], list(POINTS)))
    assert [row[0] for row in rows[1:]] == ["Zoë 李", "a\\udcff"]


@pytest.mark.parametrize(
    "make",
    [
        lambda rows: grades_csv(rows, list(POINTS)),
        lambda rows: feedback_page(rows[1], TITLES),
        lambda rows: class_page(rows, POINTS, TITLES),
    ],
)
def test_the_same_marks_give_the_same_bytes(make):
    assert make(CLASS) == make([graded.from_json(graded.to_json()) for graded in CLASS])


def test_a_student_sees_every_question_with_outcome_points_and_hint():
    text = soup(feedback_page(CLASS[2], TITLES)).get_text(" ", strip=True)
    assert "2.5 of 5 points" in text
    assert "q1: Settle it ◐ Partly right, 1 of 2 points" in text
    assert "q2: From scratch ◐ Partly right, 1.5 of 3 points First. The empty coalition" in text
    other = soup(feedback_page(CLASS[3], TITLES)).get_text(" ", strip=True)
    assert "○ Not answered, 0 of 2 points" in other
    assert "! The code stopped, 0 of 3 points Boom" in other


def test_a_small_case_is_shown_as_text_and_counts_as_no_misconception():
    shown = replace(mark("q2", 1, "Look again."), case=f"For example, f(2)\n  gave {NASTY}")
    page = feedback_page(graded("ada", marks=(mark("q1", 2), shown)), TITLES)
    assert b"<script" not in page
    assert "For example, f(2)\n  gave </p><script>" in soup(page).find("pre").get_text()
    ended = [graded(name, marks=(mark("q1", 2), shown)) for name in ("ada", "ben")]
    assert b"For example" not in class_page(ended, POINTS, TITLES)


def test_cells_that_stopped_are_told_to_the_student_and_the_teacher():
    notes = ("Code cell 2 stopped: `NameError`: x, at `y = x`", "Code cell 5 stopped: `E`")
    row = graded(notes=notes)
    text = soup(feedback_page(row, TITLES)).get_text(" ", strip=True)
    assert "Cells that stopped" in text
    assert "Code cell 2 stopped: NameError : x, at y = x" in text
    assert " | ".join(notes) in table(grades_csv([row], list(POINTS)))[1]
    assert "Cells that stopped" not in soup(feedback_page(graded(), TITLES)).get_text()
    assert type(row).from_json(row.to_json()) == row


def test_a_student_is_told_calmly_why_there_are_no_marks():
    text = soup(feedback_page(CLASS[4], TITLES)).get_text(" ", strip=True)
    assert "The notebook ran longer than the time allowed. It took 60 s." in text
    assert "Restart the kernel, run all cells" in text
    assert "q1: Settle it – Not marked, 0 of 2 points" in text
    assert "Not answered" not in text


def test_the_seed_is_on_the_teachers_page_only():
    rows = [graded("ada", seed=918273645)]
    assert b"918273645" not in feedback_page(rows[0], TITLES)
    assert b"918273645" in class_page(rows, POINTS, TITLES)


@pytest.mark.parametrize("text", [NASTY, LONG, "`" * 3_000, "a\nb\r\nc", "\ud800", ""])
def test_what_a_student_wrote_is_only_text(text):
    marks = (mark("q1", 0, text, "error"), mark("q2", 0, text, "wrong"))
    row = graded(text, source=text, message=text, status="crashed", marks=marks)
    ok = graded(text, source=text, message=text, marks=marks)
    pages = [feedback_page(row, TITLES), feedback_page(ok, TITLES)]
    pages += [class_page([row, ok], POINTS, TITLES)]
    for content in pages:
        found = soup(content)
        assert not found.find_all(["script", "img", "iframe", "link", "object", "form"])
        assert not [tag for tag in found.find_all() if any(a.startswith("on") for a in tag.attrs)]
        assert "\x1b" not in content.decode()
        assert "\u202e" not in content.decode()


def test_the_pages_ask_for_nothing():
    for content in (feedback_page(CLASS[1], TITLES), class_page(CLASS, POINTS, TITLES)):
        text = content.decode()
        assert "default-src 'none'" in text
        assert not re.search(r"(?:src|href)=|url\(|@import|https?:", text)


def test_the_class_page_counts():
    found = soup(class_page(CLASS, POINTS, TITLES))
    text = found.get_text(" ", strip=True)
    assert "5 submissions" in text
    assert "Look at 1 submission yourself" in text
    assert "eve timeout It took 60 s." in text
    assert "4 notebooks that ran to the end: mean 2.38, median 2.25 of 5 points" in text
    rows = [[c.get_text() for c in r.find_all(["th", "td"])] for r in found.find_all("tr")]
    assert ["q1", "1.25 of 2", "2", "1", "0", "1", "0"] in rows
    assert ["q2", "1.12 of 3", "1", "1", "1", "0", "1"] in rows


def test_a_misconception_counts_as_one_whatever_its_numbers():
    found = soup(class_page(CLASS, POINTS, TITLES))
    hints = [item.get_text(" ", strip=True) for item in found.select("ol.hints li")]
    assert hints[0].startswith("2 students , q2: From scratch The empty coalition has a value")
    assert hints[1] == "1 student , q2: From scratch First."
    assert len(hints) == 2  # an error of the code is no misconception
    assert plain_hint("credited with +1.5e-3 of −7") == "credited with # of #"


def test_figures_say_in_words_what_they_show():
    figures = soup(class_page(CLASS, POINTS, TITLES)).find_all("svg")
    said = [figure["aria-label"] for figure in figures]
    assert all(figure["role"] == "img" for figure in figures)
    assert "q1: 2 correct, 1 partly right, 1 not answered" in said[1]
    assert said[0].startswith("Number of students by total points. 0–1: 1, 1–2: 0, 2–3: 2")
    assert "q2: 1 correct" in said[2]
    assert said[3] == "2 students of 4"


@pytest.mark.parametrize("count", [1, 200])
def test_a_class_of_any_size_has_a_page(count):
    rows = [graded(f"s{i}", i % 3, 0, hint=EMPTY) for i in range(count)]
    assert f"{count} submission" in soup(class_page(rows, POINTS, TITLES)).get_text()


def test_a_class_in_which_nothing_ran():
    rows = [graded("eve", 0, 0, status="crashed")]
    text = soup(class_page(rows, POINTS, TITLES)).get_text()
    assert "Look at 1 submission yourself" in text
    assert "Totals" not in text


def _light(colour):
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    values = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * values[0] + 0.7152 * values[1] + 0.0722 * values[2]


def contrast(one, other):
    bright, dark = sorted((_light(one), _light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_in_both_themes(theme):
    style = feedback_page(CLASS[0], TITLES).decode()
    colours = dict(re.findall(r"--([a-z]+): (#\w+)", style.split("@media")[theme]))
    fills = dict(re.findall(r"--fill-([a-z]+): (#\w+)", style))
    assert len(fills) == len(LOOKS)
    for name in ("text", "quiet", "right", "partly", "wrong", "none", "error"):
        for ground in ("ground", "panel"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name, fill in fills.items():
        assert contrast("#ffffff", fill) >= 4.5, name
        assert contrast(colours["ground"], fill) >= 3, name
    assert len({icon for icon, _ in LOOKS.values()}) == len(LOOKS)

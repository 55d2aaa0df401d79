"""Points off for what came late: by a stated rule, from the times that the download gives."""

from __future__ import annotations

from datetime import datetime

import pytest
from bs4 import BeautifulSoup
from made_grades import TITLES, graded

from xaikit.course.grading import Submission
from xaikit.course.grading._late import days_late, read_rule, with_lateness
from xaikit.course.grading._lms import sender
from xaikit.course.grading._pages import feedback_page

RULE, DUE = "10% a day, at most 50%", "2026-11-02 18:00"
DAY = 24 * 3600
WHEN = datetime(2026, 11, 2, 18).timestamp()
PLAIN, LATE, IN_TIME = "ada.ipynb", "ada_LATE_1_2_lab.ipynb", "ada_1_2_lab.ipynb"
MOODLE = "Ada_1_assignsubmission_file/lab.ipynb"


@pytest.mark.parametrize(
    ("source", "after", "days"),
    [
        (PLAIN, -DAY, 0),
        (PLAIN, 0, 0),
        (PLAIN, 1, 1),
        (PLAIN, DAY, 1),
        (PLAIN, DAY + 1, 2),
        (MOODLE, DAY + 1, 2),
        (PLAIN, -WHEN, 0),  # no time is known
        # Canvas knows what was late; only how many days is the file's to tell.
        (LATE, -DAY, 1),
        (LATE, 2 * DAY, 2),
        (IN_TIME, 9 * DAY, 0),
    ],
)
def test_a_day_that_has_begun_counts(source, after, days):
    made = Submission("ada", source, b"x", "", WHEN + after)
    assert days_late(made, sender(source), read_rule(RULE, DUE)) == days


def test_the_time_is_this_clocks_unless_it_says_its_zone():
    assert read_rule(RULE, DUE).due == WHEN
    assert read_rule(RULE, "2026-11-02T18:00:00+00:00").due == 1793642400
    assert WHEN < read_rule(RULE, "2026-11-02").due < datetime(2026, 11, 3).timestamp()


@pytest.mark.parametrize(
    ("rule", "days", "off"),
    [(RULE, 1, 10), (RULE, 9, 50), ("30% a day", 9, 100), ("2.5 % a day, at most 5 %", 1, 2.5)],
)
def test_a_rule_takes_off_so_many_percent(rule, days, off):
    assert read_rule(rule, DUE).off(days) == off


@pytest.mark.parametrize(
    ("rule", "due", "words"),
    [
        ("10 points a day", DUE, "--late must read like"),
        ("-10% a day", DUE, "--late must read like"),
        ("101% a day", DUE, "--late must read like"),
        ("10% a day, at most 200%", DUE, "--late must read like"),
        (RULE, "Monday", "--due must read like"),
        (RULE, "2026-13-01", "--due must read like"),
    ],
)
def test_other_rules_are_refused(rule, due, words):
    with pytest.raises(ValueError, match=words):
        read_rule(rule, due)


def test_the_total_is_reduced_and_the_marks_are_not():
    rows = [graded("ada", 2, 2), graded("ben", 0, 0), graded("cleo", 2, 3)]
    times = [1.5 * DAY, DAY, -1]
    sent = [
        Submission(r.student, r.source, b"x", "", WHEN + t)
        for r, t in zip(rows, times, strict=True)
    ]
    ada, ben, cleo = with_lateness(rows, sent, read_rule(RULE, DUE))
    assert (ada.total, ada.marks) == (3.2, rows[0].marks)
    assert ada.late == "2 days late: 20% off, 3.2 instead of 4 points"
    assert (ben, cleo) == (rows[1], rows[2])
    text = BeautifulSoup(feedback_page(ada, TITLES).decode(), "html.parser").get_text(
        " ", strip=True
    )
    assert f"3.2 of 5 points {ada.late}" in text
    assert type(ada).from_json(ada.to_json()) == ada

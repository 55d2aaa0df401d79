"""Points given by hand: refused where they fit nothing, and shown wherever marks are."""

from __future__ import annotations

import csv
import io

import pytest
from bs4 import BeautifulSoup
from made_grades import POINTS, TITLES, graded, mark

from xaikit.course.grading._corrections import corrected, read_corrections
from xaikit.course.grading._csv import grades_csv
from xaikit.course.grading._gradebook import Gradebook
from xaikit.course.grading._pages import class_page, feedback_page

HEAD = "student,question,points,comment\n"


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "hand.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_corrections(path, POINTS)

    return read


def test_points_replace_those_of_the_judges_and_the_total_follows(read):
    rows = [graded("ada", 2, 0), graded("ben", 1, 3)]
    given = read(HEAD + "ada,q2,1.5,nearly\n\nben,q1,0,\n")
    (ada, ben), missing = corrected(rows, given)
    assert missing == ()
    assert (ada.total, ada.marks[0]) == (3.5, rows[0].marks[0])
    assert (ada.marks[1].points, ada.marks[1].outcome) == (1.5, "partly")
    assert ada.marks[1].by_hand == "By hand 1.5 instead of 0. nearly"
    assert (ben.total, ben.marks[0].outcome) == (3, "wrong")
    assert ben.marks[0].by_hand == "By hand 0 instead of 1."
    assert [row.is_by_hand for row in (ada, ben, rows[0])] == [True, True, False]
    assert type(ada).from_json(ada.to_json()) == ada
    assert corrected(rows, ()) == (tuple(rows), ())


@pytest.mark.parametrize(
    "content",
    [
        HEAD + 'Ada,q2,3,"a, b"\n',
        "\ufeff" + HEAD + 'ada,q2,3,"a, b"\n',
        'Points;Question;Student;Comment\r\n"3,0";q2;ada;a, b\r\n',
        ("Student\tquestion\tpoints\tcomment\nada\tq2\t3\ta, b\n").encode("utf-16"),
    ],
)
def test_a_table_as_spreadsheets_write_it_is_read(read, content):
    ((row,), missing) = corrected([graded("ada", 2, 0)], read(content))
    assert (row.total, row.marks[1].outcome, missing) == (5, "right", ())
    assert row.marks[1].by_hand == "By hand 3 instead of 0. a, b"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD + "ada,q1,1,\nada,q9,1,\n", "line 3: question must be one of q1, q2; got 'q9'"),
        (HEAD + 'ada,q1,1,"a\nb"\nada,q9,1,\n', "line 4: question must be one of q1, q2"),
        (HEAD + "ada,q2,3.5,\n", "line 2: points for q2 must be from 0 to 3; got '3.5'"),
        (HEAD + "ada,q2,-1,\n", "line 2: points for q2 must be from 0 to 3; got '-1'"),
        (HEAD + "ada,q2,nan,\n", "line 2: points for q2 must be from 0 to 3; got 'nan'"),
        (HEAD + "ada,q2,,later\n", "line 2: points for q2 must be from 0 to 3; got ''"),
        (HEAD + ",q2,1,\n", "line 2: the student must be named"),
        (HEAD + "ada,q2\n", "line 2: points for q2"),
        (HEAD + "ada,q2,1,\nADA,q2,2,\n", "line 3: q2 of 'ADA' was corrected in line 2 already"),
        ("student,question\nada,q1\n", "must have the column 'points' once"),
        ("", "corrections must be a CSV file"),
        (b"student,question,points\n\xff,q1,1\n", "corrections must be text in UTF-8"),
    ],
)
def test_what_fits_nothing_is_refused_with_its_line(read, content, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        read(content)


def test_who_handed_in_nothing_is_named(read):
    rows, missing = corrected([graded("ada")], read(HEAD + "ada,q1,1,\nmio,q1,1,\n"))
    assert missing == ("no submission of mio, named in line 3",)
    assert rows[0].total == 4


def test_a_name_is_taken_as_the_table_shows_it_and_never_guessed(read):
    rows = [graded("=ada", 0, 0), graded("Ben", 0, 0), graded("ben", 0, 0)]
    given = read(HEAD + "'=ada,q1,1,\nBen,q1,2,\nBEN,q2,3,\n")
    rows, missing = corrected(rows, given)
    assert [row.total for row in rows] == [1, 2, 0]
    assert missing == ("no submission of BEN, named in line 4",)


def test_it_shows_in_the_table_and_on_both_pages(read):
    lost = graded("eve", 0, 0, status="crashed", message="It ended.")
    rows, _ = corrected([graded("ada", 2, 0), lost], read(HEAD + "eve,q2,2,=<b>good</b>\n"))
    table = list(csv.DictReader(io.StringIO(grades_csv(rows, list(POINTS)).decode("utf-8-sig"))))
    assert (table[1]["q2"], table[1]["total"], table[1]["status"]) == ("2", "2", "crashed")
    assert table[1]["notes"] == "q2: By hand 2 instead of 0. =<b>good</b>"
    assert table[0]["notes"] == ""
    found = BeautifulSoup(feedback_page(rows[1], TITLES).decode(), "html.parser")
    text = found.get_text(" ", strip=True)
    assert "q1: Settle it – Not marked, 0 of 2 points" in text
    assert "◐ Partly right, 2 of 3 points By hand 2 instead of 0. =<b>good</b>" in text
    assert "Restart the kernel" not in text
    assert not found.find_all("b")
    teacher = BeautifulSoup(class_page(rows, POINTS, TITLES).decode(), "html.parser")
    assert "It ended. 2 of 5 points by hand." in teacher.get_text()


def test_a_mark_by_hand_goes_into_the_gradebook_whatever_the_status(read, tmp_path):
    path = tmp_path / "book.csv"
    path.write_text("Student,Lab 3\neve,\nada,\n", encoding="utf-8")
    lost = [graded(name, 0, 0, status="unreadable") for name in ("eve", "ada")]
    rows, _ = corrected(lost, read(HEAD + "eve,q2,2,\n"))
    filled = Gradebook(path, "Lab 3").filled(rows)
    assert filled.content == b"Student,Lab 3\neve,2\nada,\n"
    assert filled.unmatched == ("ada: the status is unreadable; look at it yourself",)


def test_a_hint_that_a_judge_gave_stays_beside_the_points_by_hand(read):
    row = graded(marks=(mark("q1", 2), mark("q2", 0, "Not so.")))
    ((row,), _) = corrected([row], read(HEAD + "ada,q2,3,A good idea.\n"))
    text = BeautifulSoup(feedback_page(row, TITLES).decode(), "html.parser").get_text(
        " ", strip=True
    )
    assert "✓ Correct, 3 of 3 points By hand 3 instead of 0. A good idea. Not so." in text

"""A teacher's own gradebook, filled: one column, and nothing else in it changed."""

from __future__ import annotations

import csv
import io

import pytest
from made_grades import graded

from xaikit.course.grading._gradebook import Gradebook

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Lab 2 (811),Lab 3 (812),Final Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,16.00,5.00,(read only)\r\n"
    '"Doe, Jane",11,S11,jdoe,"A, B",12.00,,50\r\n'
    '"Doe, Jane",12,S12,jdoe2,A,,,\r\n'
    '"O\'Hara-Ng, Zoë",13,S13,zoe,A,,4,\r\n'
    '"=""Lee, Kim""",14,S14,klee,A,,EX,\r\n'
    '"Student, Test",15,,x,A,,,\r\n'
)
WORKSHEET = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Feedback"\n'
    'Participant 1001,"Ada Lovelace",ada@x.org,Submitted,,100.00,\n'
    'Participant 1002,"Ben Okoro",ben@x.org,Submitted,,100.00,"two\nlines"\n'
)
EXPORT = (
    '"First name";Surname;"ID number";"Email address";"Assignment: Lab 3 (Real)";"Course total"\n'
    "Ada;Lovelace;77;ada@x.org;-;-\nBen;Okoro;78;ben@x.org;-;-\n"
)


def canvas(name, user, points=2, number=0, **changes):
    source = f"{name}_{user}_{number or 900 + user}_lab.ipynb"
    return graded(name, q1=points, q2=0, source=source, **changes)


@pytest.fixture
def fill(tmp_path):
    def fill(template, marks, column="Lab 3", **options):
        path = tmp_path / "template.csv"
        path.write_bytes(template.encode() if isinstance(template, str) else template)
        return Gradebook(path, column, **options).filled(marks)

    return fill


def column(filled, name, delimiter=","):
    text = filled.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return [row[rows[0].index(name)] for row in rows[1:]]


def test_canvas_by_its_own_number(fill):
    """Two of one name, and each gets her own mark."""
    filled = fill(CANVAS, [canvas("doejane", 12, 1), canvas("doejane", 11, 2)])
    assert column(filled, "Lab 3 (812)") == ["", "5.00", "2", "1", "4", "EX", ""]
    assert (filled.written, filled.replaced) == (2, 0)
    assert filled.unmatched == ()
    assert filled.without == ('="Lee, Kim"', "O'Hara-Ng, Zoë")
    assert filled.notes == ()


def test_every_other_byte_stays(fill):
    assert (
        fill(CANVAS, []).content
        == CANVAS.replace('"O\'Hara-Ng, Zoë"', '"O\'Hara-Ng, Zoë"').encode()
    )
    filled = fill(CANVAS, [canvas("doejane", 11, 2)])
    assert filled.content == CANVAS.replace('"A, B",12.00,,50', '"A, B",12.00,2,50').encode()


def test_a_number_that_canvas_does_not_know_is_not_matched_by_name(fill):
    """She left the course; the other one of that name must not get her mark."""
    filled = fill(CANVAS, [canvas("o'harangzoë", 99, 2)])
    assert filled.written == 0
    assert filled.unmatched == ("o'harangzoë: is in no row",)


@pytest.mark.parametrize(
    "student", ["Zoë O'Hara-Ng", "O'Hara-Ng, Zoë", "zoë_o'hara-ng", "zoe", "S13", "OHARANGZOË"]
)
def test_plain_names_match_by_login_number_or_name_in_either_order(fill, student):
    filled = fill(CANVAS, [graded(student, 2, 0)])
    assert column(filled, "Lab 3 (812)")[4] == "2"
    assert filled.replaced == 1


def test_a_name_that_fits_two_rows_is_told(fill):
    filled = fill(CANVAS, [graded("Jane Doe")])
    assert filled.unmatched == ("Jane Doe: fits several rows",)
    assert len(filled.without) == 4


def test_two_submissions_for_one_row_are_both_told(fill):
    filled = fill(CANVAS, [graded("zoe"), graded("S13")])
    words = "fits the same row as another submission"
    assert filled.unmatched == (f"zoe: {words}", f"S13: {words}")
    assert filled.written == 0


@pytest.mark.parametrize("status", ["timeout", "memory", "crashed", "unreadable"])
def test_what_did_not_end_ok_is_left_to_the_teacher(fill, status):
    filled = fill(CANVAS, [canvas("ohara", 13, 0, status=status)])
    assert column(filled, "Lab 3 (812)")[4] == "4"
    assert filled.unmatched == (f"ohara: the status is {status}; look at it yourself",)


def test_a_worksheet_of_moodle_by_the_number_of_the_participant(fill):
    marks = [
        graded("Ada Lovelace", 2, 2.5, source="Ada Lovelace_1001_assignsubmission_file/lab.ipynb"),
        graded("Cleo", source="Cleo_1003_assignsubmission_file_lab.ipynb"),
    ]
    filled = fill(WORKSHEET, marks, "Grade")
    assert filled.content.startswith(b"\xef\xbb\xbfIdentifier")
    assert column(filled, "Grade") == ["4.5", ""]
    assert column(filled, "Feedback") == ["", "two\nlines"]
    assert filled.unmatched == ("Cleo: is in no row",)
    assert filled.without == ("Ben Okoro",)
    assert "out of 100.00, the lab out of 5" in filled.notes[0]


def test_an_export_of_moodle_with_semicolons(fill):
    marks = [
        graded("Ada Lovelace", 1, 0, source="Ada Lovelace_1001_assignsubmission_file/x.ipynb"),
        graded("ben", 2, 0),
    ]
    filled = fill(EXPORT, marks)
    assert column(filled, "Assignment: Lab 3 (Real)", ";") == ["1", "2"]
    assert filled.without == ()


def test_other_possible_points_are_told(fill):
    assert "out of 100" in fill(CANVAS.replace(",5.00,", ",100,"), [graded("zoe")]).notes[0]
    assert fill(CANVAS.replace(",5.00,", ',"5,00",'), [graded("zoe")]).notes == ()


def test_utf_16_stays_utf_16(fill):
    filled = fill(CANVAS.encode("utf-16"), [graded("zoe", 2, 0)])
    assert ",2," in filled.content.decode("utf-16")


@pytest.mark.parametrize("wanted", ["Lab 3 (812)", "Lab 3", " lab 3 "])
def test_the_column_may_be_named_without_what_canvas_adds(fill, wanted):
    assert fill(CANVAS, [graded("zoe")], wanted).written == 1


@pytest.mark.parametrize(
    ("template", "wanted", "words"),
    [
        (CANVAS, "Lab 4", "column must be one of 'Student', 'ID'"),
        (CANVAS.replace("Lab 2 (811)", "Lab 3 (811)"), "Lab 3", "fits 2"),
        ("", "Lab 3", "must be a CSV file"),
        ("Student\nAda\n", "Student", "has none"),
        ("Row,Lab 3\n1,\n", "Lab 3", "must name its students"),
        (b"Student,Lab 3\n\xff\xfe\xfd,1\n", "Lab 3", "must be text in UTF-8"),
        (b"PK\3\4\xff\xff", "Lab 3", "must be text in UTF-8"),
        ('Student,Lab 3\n"' + "x" * 200_000 + '",\n', "Lab 3", "must be a CSV file"),
    ],
)
def test_what_is_no_gradebook_is_refused(fill, template, wanted, words):
    with pytest.raises(ValueError, match=words):
        fill(template, [], wanted)


def test_a_gradebook_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="nothing is at"):
        Gradebook(tmp_path / "none.csv", "Lab 3")


def test_rows_of_another_width_are_kept_and_not_filled(fill):
    filled = fill(CANVAS + "a note\r\n", [graded("zoe")])
    assert filled.content.endswith(b"a note\r\n")


def test_points_are_scaled_to_the_columns_maximum(fill):
    """Canvas says it in a row of its own, Moodle in a column."""
    canvas_book = CANVAS.replace(",5.00,", ",20.00,")
    filled = fill(canvas_book, [graded("zoe", 2, 0.5)], scale=True)
    assert column(filled, "Lab 3 (812)")[4] == "10"
    assert filled.notes == ("points scaled from 5 to 20",)
    assert fill(CANVAS, [graded("zoe", 2, 0.5)], scale=True).notes == ()
    ada = graded("Ada", 1, 0, source="Ada_1001_assignsubmission_file/lab.ipynb")
    assert column(fill(WORKSHEET, [ada], "Grade", scale=True), "Grade") == ["20", ""]


@pytest.mark.parametrize(
    "template",
    [
        CANVAS.replace(",5.00,", ",,"),
        CANVAS.replace(",5.00,", ",many,"),
        CANVAS.replace(",5.00,", ",0,"),
        CANVAS.replace(",5.00,", ",-5,"),
        "Student,Lab 3\nada,\n",
    ],
)
def test_without_a_maximum_nothing_can_be_scaled(fill, template):
    with pytest.raises(ValueError, match="--scale needs one maximum of the column"):
        fill(template, [], scale=True)


def test_two_maxima_are_not_one(fill):
    with pytest.raises(ValueError, match="--scale needs one maximum"):
        fill(WORKSHEET.replace("Submitted,,100.00", "Submitted,,50.00", 1), [], "Grade", scale=True)


def test_a_higher_mark_is_kept_and_told(fill):
    marks = [graded("zoe", 2, 0), graded("klee", 2, 3), canvas("doejane", 11, 2)]
    filled = fill(CANVAS, marks, keep_higher=True)
    assert column(filled, "Lab 3 (812)")[2:6] == ["2", "", "4", "EX"]
    assert filled.notes == ("kept 4 of zoe, not 2", "kept EX of klee, not 5")
    assert (filled.written, filled.replaced) == (1, 0)
    assert filled.without == ("Doe, Jane",)
    filled = fill(CANVAS, [graded("zoe", 2, 2.5)], keep_higher=True)
    assert (column(filled, "Lab 3 (812)")[4], filled.replaced) == ("4.5", 1)


def test_what_is_scaled_is_compared_as_it_would_be_written(fill):
    book = CANVAS.replace(",5.00,", ",20.00,")
    filled = fill(book, [graded("zoe", 2, 0)], scale=True, keep_higher=True)
    assert column(filled, "Lab 3 (812)")[4] == "8"

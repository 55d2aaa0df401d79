"""The tables of several labs in one."""

from __future__ import annotations

import csv
import io

import pytest
from made_grades import POINTS, graded

from xaikit.__main__ import main
from xaikit.course.grading._csv import grades_csv


@pytest.fixture
def table(tmp_path):
    def table(name, *rows):
        path = tmp_path / name
        path.write_bytes(grades_csv(rows, list(POINTS)))
        return str(path)

    return table


def joined(tmp_path, *paths):
    out = tmp_path / "out" / "all.csv"
    assert main(["grade-table", *paths, "--out", str(out)]) == 0
    text = out.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_row_for_each_student_and_a_column_for_each_lab(tmp_path, table, capsys):
    one = table("1.csv", graded("ben", 2, 1.5), graded("Ada", 1, 0), graded("=x", 1, 0))
    two = table(
        "2.csv",
        graded("cleo", 0, 0, lab="l04_shap", status="timeout"),
        graded("ben", 2, 3, lab="l04_shap"),
    )
    assert joined(tmp_path, one, two) == [
        ["student", "l03_shapley", "l04_shap", "total", "out_of", "look_at"],
        ["'=x", "1", "", "1", "10", ""],
        ["Ada", "1", "", "1", "10", ""],
        ["ben", "3.5", "5", "8.5", "10", ""],
        ["cleo", "", "0", "0", "10", "l04_shap: timeout"],
    ]
    assert "written: " in capsys.readouterr().err


def test_what_is_no_table_of_another_lab_is_refused(tmp_path, table, capsys):
    good = table("1.csv", graded("ada"))
    other = tmp_path / "other.csv"
    other.write_text("student,total\nada,1\n", encoding="utf-8")
    odd = tmp_path / "odd.csv"
    odd.write_text("student,total,out_of,status,lab\nada,two,5,ok,l04\n", encoding="utf-8")
    short = tmp_path / "short.csv"
    short.write_text("student,total,out_of,status,lab\nada,2,5,ok,l04\nben\n", encoding="utf-8")
    cases = {
        (good, table("2.csv", graded("ben"))): "two are of l03_shapley",
        (table("3.csv", graded("ada"), graded("ada")),): "line 3: 'ada' is there twice",
        (table("4.csv", graded("a"), graded("b", lab="l04")),): "must be of one lab",
        (str(other),): "must be one that `xaikit grade` wrote",
        (str(odd),): "line 2: total and out_of must be numbers",
        (str(short),): "line 3",
        (table("5.csv"),): "with marks in it",
        (str(tmp_path / "none.csv"),): "nothing is at",
    }
    for paths, words in cases.items():
        assert main(["grade-table", *paths, "--out", str(tmp_path / "all.csv")]) == 1
        assert words in capsys.readouterr().err
    assert not (tmp_path / "all.csv").exists()


def test_nothing_that_was_given_is_written_over(table, capsys):
    good = table("1.csv", graded("ada"))
    assert main(["grade-table", good, "--out", good]) == 1
    assert "would replace" in capsys.readouterr().err
    assert main(["grade-table", good, "--out", "all.xlsx"]) == 1
    assert "ends in .csv" in capsys.readouterr().err

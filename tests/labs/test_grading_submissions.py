"""What comes in: folders, zips and downloads, also those that somebody made to do harm."""

from __future__ import annotations

import io
import os
import stat
import struct
import tracemalloc
import zipfile
from datetime import datetime

import pytest

from xaikit.course.grading import Limits
from xaikit.course.grading import _entries as entries_module
from xaikit.course.grading import _submissions as submissions_module
from xaikit.course.grading._lms import sender
from xaikit.course.grading._names import file_stem, readable, safe_cell
from xaikit.course.grading._submissions import find_submissions

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
OTHER = NOTEBOOK.replace(b"5}", b"4}")


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def both(tmp_path, files):
    """The same files as a folder and as a zip."""
    return write(tmp_path / "folder", files), zipped(tmp_path / "class.zip", files)


def students(found):
    return [submission.student for submission in found.submissions]


def only(found):
    (submission,) = found.submissions
    return submission


# What teachers have.


def test_a_folder_of_notebooks_zipped_or_not(tmp_path):
    files = {"ben.ipynb": NOTEBOOK, "Ada Lovelace.ipynb": OTHER, "notes.txt": b"..."}
    for path in both(tmp_path, files):
        found = find_submissions(path)
        assert students(found) == ["Ada Lovelace", "ben"]
        assert [s.notebook for s in found.submissions] == [OTHER, NOTEBOOK]
        assert found.notes == ("1 file is not a notebook and was left alone: notes.txt",)


def test_a_folder_for_each_student_also_inside_one_more(tmp_path):
    files = {"ada/lab.ipynb": NOTEBOOK, "ben/l03/lab.ipynb": NOTEBOOK, "ben/data.csv": b"1"}
    for path in both(tmp_path, {f"class 3/{name}": data for name, data in files.items()}):
        assert students(find_submissions(path)) == ["ada", "ben"]
    assert students(find_submissions(write(tmp_path / "plain", files))) == ["ada", "ben"]


def test_a_single_notebook(tmp_path):
    found = find_submissions(write(tmp_path, {"ada.ipynb": NOTEBOOK}) / "ada.ipynb")
    assert students(found) == ["ada"]


def test_a_download_of_canvas(tmp_path):
    files = {
        "lovelaceada_12345_67890_lab.ipynb": NOTEBOOK,
        "lovelaceada_LATE_12345_67999_lab-2.ipynb": OTHER,
        "lovelaceada_12345_67891_photo.png": b"png",
        "hopper_LATE_12346_67892_lab 03 (1).ipynb": NOTEBOOK,
        "turingalan_12347_67893_lab.py": b"print()",
        "anon_Ab1cD_67894_lab.ipynb": NOTEBOOK,
        "LATE_anon_Xy9zZ_67895_lab.ipynb": NOTEBOOK,
    }
    for path in both(tmp_path, files):
        found = find_submissions(path)
        by_name = {s.student: s for s in found.submissions}
        assert list(by_name) == ["anon_Ab1cD", "anon_Xy9zZ", "hopper", "lovelaceada", "turingalan"]
        assert by_name["lovelaceada"].notebook == OTHER
        assert "This is not a notebook" in by_name["turingalan"].problem
        assert found.notes == (
            "lovelaceada sent 2 files: graded lovelaceada_LATE_12345_67999_lab-2.ipynb, "
            "not lovelaceada_12345_67890_lab.ipynb",
        )


def test_the_newest_of_canvas_is_the_file_that_canvas_numbered_last(tmp_path):
    """Not the one last in the alphabet, nor the one with the most digits in its name."""
    files = {"x_7_100_lab-10.ipynb": NOTEBOOK, "x_7_99_lab-11.ipynb": OTHER}
    assert only(find_submissions(write(tmp_path, files))).notebook == NOTEBOOK


def test_two_of_one_name_on_canvas_are_two(tmp_path):
    files = {"doejane_11_21_lab.ipynb": NOTEBOOK, "doejane_12_22_lab.ipynb": OTHER}
    assert students(find_submissions(write(tmp_path, files))) == ["doejane (11)", "doejane (12)"]


def test_names_of_a_teacher_that_look_like_canvas_are_told_apart(tmp_path):
    files = {f"lab_3_12_{name}.ipynb": NOTEBOOK for name in ("ada", "ben", "cleo")}
    found = find_submissions(write(tmp_path, files))
    assert students(found) == ["lab_3_12_ada", "lab_3_12_ben", "lab_3_12_cleo"]


def test_a_zip_of_canvas_unpacked_in_its_place_is_the_students(tmp_path):
    files = {"doejane_11_21_lab/lab.ipynb": NOTEBOOK, "roe_12_22_lab.ipynb": NOTEBOOK}
    assert students(find_submissions(write(tmp_path, files))) == ["doejane", "roe"]


@pytest.mark.parametrize(
    "form",
    [
        "{}_assignsubmission_file_/lab.ipynb",
        "{}_assignsubmission_file/lab.ipynb",
        "{}_assignsubmission_file_lab.ipynb",
        "{}_assignsubmission_file_/week 3/lab.ipynb",
    ],
)
def test_a_download_of_moodle(tmp_path, form):
    files = {
        form.format("Ada Lovelace_1234567"): NOTEBOOK,
        form.format("Zoë O'Hara-Ng_1234568"): OTHER,
        form.format("Zoë O'Hara-Ng_1234569"): OTHER,
        "Ada Lovelace_1234567_assignsubmission_onlinetext_/onlinetext.html": b"<p>Hello",
    }
    for path in both(tmp_path, files):
        found = find_submissions(path)
        names = ["Ada Lovelace", "Zoë O'Hara-Ng (1234568)", "Zoë O'Hara-Ng (1234569)"]
        assert students(found) == names
        assert found.notes == ()


def test_several_notebooks_of_one_student_the_highest_number_is_taken_and_told(tmp_path):
    folder = "Ada_1_assignsubmission_file"
    files = {f"{folder}/lab{n}.ipynb": NOTEBOOK for n in ("", "-1", "-10", "-9")}
    found = find_submissions(write(tmp_path, files))
    assert only(found).source == f"{folder}/lab-10.ipynb"
    assert "Ada sent 4 files: graded" in found.notes[0]


def test_of_two_names_the_one_changed_last_is_taken(tmp_path):
    write(tmp_path, {"ada/old.ipynb": OTHER, "ada/new.ipynb": NOTEBOOK, "ben/x.ipynb": OTHER})
    os.utime(tmp_path / "ada/old.ipynb", (1e9, 1e9))
    os.utime(tmp_path / "ada/new.ipynb", (2e9, 2e9))
    assert find_submissions(tmp_path).submissions[0].notebook == NOTEBOOK


def test_a_newer_notebook_that_is_not_of_the_lab_does_not_take_its_place(tmp_path):
    of_the_lab = NOTEBOOK.replace(b"[]", b'[{"source": "labs.open(\\"l03_shapley\\")"}]')
    files = {
        "ada/lab.ipynb": of_the_lab,
        "ada/Untitled-7.ipynb": NOTEBOOK,
        "ben/a.ipynb": NOTEBOOK,
        "ben/a-2.ipynb": OTHER,
    }
    for path in both(tmp_path, files):
        found = find_submissions(path, lab="l03_shapley")
        assert [s.source for s in found.submissions] == ["ada/lab.ipynb", "ben/a-2.ipynb"]
        assert "ada sent 2 files: graded ada/lab.ipynb, not ada/Untitled-7.ipynb" in found.notes


def test_a_student_without_a_notebook_is_in_the_table(tmp_path):
    files = {"ada/lab.ipynb": NOTEBOOK, "ben/answers.docx": b"x", "list.csv": b"x"}
    for path in both(tmp_path, files):
        found = find_submissions(path)
        assert students(found) == ["ada", "ben"]
        assert "This is not a notebook" in found.submissions[1].problem
        assert found.notes == ("1 file is not a notebook and was left alone: list.csv",)


def test_the_same_student_twice_is_graded_once(tmp_path):
    found = find_submissions(write(tmp_path, {"ada.ipynb": NOTEBOOK, "ada/lab-2.ipynb": OTHER}))
    assert only(found).notebook == OTHER
    assert len(found.notes) == 1


def test_what_systems_leave_behind_is_passed_over(tmp_path):
    files = {
        "ada.ipynb": NOTEBOOK,
        "__MACOSX/._ada.ipynb": b"\0",
        "._ben.ipynb": b"\0",
        ".ipynb_checkpoints/ada-checkpoint.ipynb": NOTEBOOK,
    }
    for path in both(tmp_path, files):
        found = find_submissions(path)
        assert students(found) == ["ada"]
        assert found.notes == ()


@pytest.mark.parametrize("name", ["ada.ipynb", "ada.ipynb.txt", "ada.IPYNB.json"])
@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_form_of_a_text_and_the_ending_of_its_name_do_not_matter(tmp_path, name, form):
    content = NOTEBOOK.decode().encode(form)
    submission = only(find_submissions(write(tmp_path, {name: content})))
    assert (submission.student, submission.problem) == ("ada", "")
    assert submission.notebook == content


def test_modules_beside_a_notebook_go_with_it(tmp_path):
    files = {"ada/lab.ipynb": NOTEBOOK, "ada/helper.py": b"x = 1", "ben/lab.ipynb": NOTEBOOK}
    packed = []
    for path in both(tmp_path, files):
        ada, ben = find_submissions(path).submissions
        assert ben.notebook == NOTEBOOK
        with zipfile.ZipFile(io.BytesIO(ada.notebook)) as archive:
            assert archive.namelist() == ["lab.ipynb", "helper.py"]
            assert archive.read("helper.py") == b"x = 1"
        packed.append(ada.notebook)
    assert packed[0] == packed[1]


def test_a_zip_of_a_mac_keeps_its_letters(tmp_path):
    """It writes UTF-8 and does not say so."""
    path = zipped(tmp_path / "class.zip", {"Zo\u00eb.ipynb": NOTEBOOK})
    content = bytearray(path.read_bytes())
    for start, flags in ((content.find(b"PK\3\4"), 6), (content.find(b"PK\1\2"), 8)):
        struct.pack_into("<H", content, start + flags, 0)
    path.write_bytes(content)
    assert students(find_submissions(path)) == ["Zoë"]


# What is no notebook, by mistake.


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        ("Ünïcode".encode("utf-16"), "is not a notebook"),
        (b"\xff\xfe\x00\xd8" + NOTEBOOK, "not text"),
        (b"import numpy", "is not a notebook"),
        (b"<html>", "is not a notebook"),
        (b'{"answer": 42}', "is not a notebook"),
        (b"[1, 2, 3]", "is not a notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_a_submission_with_a_problem(tmp_path, content, words):
    for path in both(tmp_path, {"ada.ipynb": content, "ben.ipynb": NOTEBOOK}):
        ada, ben = find_submissions(path).submissions
        assert words in ada.problem
        assert ada.notebook is None
        assert ben.notebook == NOTEBOOK


def test_a_folder_called_like_a_notebook(tmp_path):
    for path in both(tmp_path, {"ada.ipynb/lab.ipynb": NOTEBOOK, "ben.ipynb": NOTEBOOK}):
        ada, ben = find_submissions(path).submissions
        assert (ada.student, ada.notebook) == ("ada", None)
        assert "is a folder" in ada.problem
        assert ben.problem == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(tmp_path):
    write(tmp_path, {"ada.ipynb": NOTEBOOK})
    (tmp_path / "ada.ipynb").chmod(0)
    assert "cannot be read" in only(find_submissions(tmp_path)).problem


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (None, "nothing is at"),
        ({}, "must hold a notebook"),
        ({"readme.txt": b"x"}, "must hold a notebook"),
        (b"no zip", "cannot be read as a zip"),
        (b"", "cannot be read as a zip"),
        (b"PK\5\6" + bytes(5), "cannot be read as a zip"),
    ],
)
def test_what_cannot_be_graded_at_all_is_refused(tmp_path, made, words):
    path = tmp_path / ("given.zip" if isinstance(made, bytes) else "given")
    if isinstance(made, bytes):
        path.write_bytes(made)
    elif made is not None:
        path.mkdir()
        write(path, made)
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        find_submissions(path)


# What somebody made to do harm.


@pytest.fixture
def secret(tmp_path):
    """A notebook outside that no submission may bring in."""
    path = tmp_path / "secret" / "checks.ipynb"
    return write(path.parent, {path.name: NOTEBOOK}) / path.name


def test_links_are_not_followed(tmp_path, secret):
    folder = write(tmp_path / "in", {"ben.ipynb": NOTEBOOK})
    (folder / "ada.ipynb").symlink_to(secret)
    (folder / "cleo.ipynb").symlink_to(tmp_path / "nothing")
    (folder / "dan").symlink_to(secret.parent, target_is_directory=True)
    found = find_submissions(folder)
    assert {s.student: s.problem for s in found.submissions} == {
        "ada": "The file is a link; links are not followed.",
        "ben": "",
        "cleo": "The file is a link; links are not followed.",
    }


def test_a_file_that_turns_into_a_link_after_the_listing_is_not_read(tmp_path, secret):
    folder = write(tmp_path / "in", {"ada.ipynb": NOTEBOOK})
    with entries_module.open_entries(folder) as (entry,):
        (folder / "ada.ipynb").unlink()
        (folder / "ada.ipynb").symlink_to(secret)
        with pytest.raises(OSError):
            entry.read(100)


def test_a_pipe_does_not_hang_the_batch(tmp_path):
    os.mkfifo(tmp_path / "ada.ipynb")
    assert "not an ordinary file" in only(find_submissions(tmp_path)).problem


def test_a_link_in_a_zip(tmp_path, secret):
    info = zipfile.ZipInfo("ada.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(info, str(secret))
    submission = only(find_submissions(tmp_path / "class.zip"))
    assert "is a link" in submission.problem
    assert submission.notebook is None


@pytest.mark.parametrize(
    "name",
    [
        "../ada.ipynb",
        "x/../../ada.ipynb",
        "/etc/ada.ipynb",
        "C:/ada.ipynb",
        "..\\ada.ipynb",
        "\\\\host\\ada.ipynb",
    ],
)
def test_a_path_that_leads_out_of_the_zip(tmp_path, name):
    before = sorted(tmp_path.parent.rglob("*"))
    path = zipped(tmp_path / "class.zip", {name: NOTEBOOK, "ben.ipynb": NOTEBOOK})
    found = find_submissions(path)
    assert sorted(s.notebook is None for s in found.submissions) == [False, True]
    (bad,) = [s for s in found.submissions if s.notebook is None]
    assert bad.problem == "The file has a path that leads out of the zip."
    assert sorted(tmp_path.parent.rglob("*")) == sorted([*before, path])


def test_a_zip_bomb_is_neither_unpacked_nor_held_in_memory(tmp_path):
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        with archive.open("ada.ipynb", "w", force_zip64=True) as stream:
            for _ in range(200):
                stream.write(bytes(1 << 20))
        archive.writestr("ben.ipynb", NOTEBOOK)
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    ada, ben = find_submissions(path, limits=Limits(file_mb=2)).submissions
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert "larger than 2 MB. Clear the outputs" in ada.problem
    assert ben.problem == ""


def test_a_zip_that_lies_about_the_size_of_a_file(tmp_path):
    path = zipped(tmp_path / "class.zip", {"ada.ipynb": b"{" + b" " * (8 << 20)})
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.find(b"PK\1\2") + 24, 100)
    path.write_bytes(content)
    tracemalloc.start()
    submission = only(find_submissions(path, limits=Limits(file_mb=1)))
    assert tracemalloc.get_traced_memory()[1] < 6 << 20
    tracemalloc.stop()
    assert submission.notebook is None
    assert submission.problem


def test_a_zip_inside_is_opened_in_the_sandbox_only(tmp_path, monkeypatch):
    inner = zipped(tmp_path / "inner.zip", {"lab.ipynb": NOTEBOOK}).read_bytes()
    files = {"ada_1_2_lab.zip": inner, "ben_3_4_lab.ipynb": NOTEBOOK}
    for path in both(tmp_path, files):
        found = find_submissions(path)
        assert students(found) == ["ada", "ben"]
        assert (found.submissions[0].notebook, found.submissions[0].problem) == (inner, "")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_ways_of_packing_that_ask_for_memory_are_refused(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "class.zip", "w", method) as archive:
        archive.writestr("ada.ipynb", NOTEBOOK)
    assert "packed by a method" in only(find_submissions(tmp_path / "class.zip")).problem


def test_an_encrypted_file(tmp_path):
    path = zipped(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK})
    content = bytearray(path.read_bytes())
    for start, flags in ((content.find(b"PK\3\4"), 6), (content.find(b"PK\1\2"), 8)):
        struct.pack_into("<H", content, start + flags, 1)
    path.write_bytes(content)
    assert only(find_submissions(path)).problem == "The file is encrypted."


@pytest.mark.parametrize("at", [39, 50])
def test_a_file_damaged_in_the_zip_spoils_only_itself(tmp_path, at):
    path = zipped(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK * 50, "ben.ipynb": NOTEBOOK})
    content = bytearray(path.read_bytes())
    content[at : at + 10] = b"\xff" * 10
    path.write_bytes(content)
    ada, ben = find_submissions(path).submissions
    assert "damaged" in ada.problem
    assert ben.problem == ""


@pytest.mark.slow
def test_ten_thousand_entries(tmp_path):
    files = {f"junk/{i}.txt": b"" for i in range(10_000)}
    found = find_submissions(zipped(tmp_path / "class.zip", {**files, "ada.ipynb": NOTEBOOK}))
    assert students(found) == ["ada"]
    assert "10000 files are not notebooks" in found.notes[0]


def test_too_many_students_are_refused(tmp_path):
    path = zipped(tmp_path / "class.zip", {f"{i}.ipynb": NOTEBOOK for i in range(2_001)})
    with pytest.raises(ValueError, match="at most 2000 students; found 2001"):
        find_submissions(path)


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(entries_module, "MAX_ENTRIES", 20)
    files = {f"{i}.txt": b"" for i in range(21)}
    for path in both(tmp_path, files):
        with pytest.raises(ValueError, match="at most 20 files"):
            find_submissions(path)


def test_very_many_files_of_one_student_cost_that_one_only(tmp_path, monkeypatch):
    monkeypatch.setattr(entries_module, "MAX_ENTRIES", 30)
    monkeypatch.setattr(entries_module, "MAX_INSIDE", 20)
    many = {f"ada/node_modules/{i:02}.txt": b"" for i in range(40)}
    for files in ({"ben/lab.ipynb": NOTEBOOK, **many}, {**many, "ben/lab.ipynb": NOTEBOOK}):
        for top in ("", "class/"):
            folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            for path in both(folder, {top + name: content for name, content in files.items()}):
                ada, ben = find_submissions(path).submissions
                assert (ada.student, ben.student) == ("ada", "ben")
                assert ada.problem == "This is a folder of more than 20 files."
                assert ben.problem == ""


def test_a_folder_that_may_not_be_opened_costs_that_student_only(tmp_path, monkeypatch):
    write(tmp_path, {"ada/lab.ipynb": NOTEBOOK, "ben/lab.ipynb": NOTEBOOK})
    scan = os.scandir

    def refused(path):
        if path == tmp_path / "ada":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(entries_module.os, "scandir", refused)
    ada, ben = find_submissions(tmp_path).submissions
    assert ada.problem == "This is a folder that cannot be opened: Permission denied."
    assert ben.problem == ""


def test_a_zip_without_dates(tmp_path):
    path = zipped(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK, "ben.ipynb": NOTEBOOK})
    content = path.read_bytes()
    for signature, place in ((b"PK\3\4", 12), (b"PK\1\2", 14)):
        start = content.find(signature)
        content = content[: start + place] + bytes(2) + content[start + place + 2 :]
    path.write_bytes(content)
    assert [s.problem for s in find_submissions(path).submissions] == ["", ""]


def test_a_list_of_files_that_would_fill_the_memory_is_refused_before_it_is_read(tmp_path):
    path = zipped(tmp_path / "class.zip", {"ada.ipynb": NOTEBOOK})
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.rfind(b"PK\5\6") + 12, 1 << 30)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="got far more"):
        find_submissions(path)


def test_all_notebooks_together_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions_module, "MAX_TOTAL_MB", 1)
    large = NOTEBOOK + b" " * 700_000
    files = {"ada.ipynb": large, "ben.ipynb": large, "cleo.ipynb": NOTEBOOK}
    for path in both(tmp_path, files):
        problems = [s.problem for s in find_submissions(path).submissions]
        assert problems[0] == problems[2] == ""
        assert "more than 1 MB of notebooks" in problems[1]


def test_a_deep_folder_ends(tmp_path):
    write(tmp_path, {"a/" * 40 + "lab.ipynb": NOTEBOOK, "ben.ipynb": NOTEBOOK})
    deep, ben = find_submissions(tmp_path).submissions
    assert (deep.student, deep.problem) == ("a", "This is a folder more than 12 deep.")
    assert ben.problem == ""


@pytest.mark.parametrize(
    ("name", "shown", "cell"),
    [
        ("=cmd|' C'!A0", "=cmd|' C'!A0", "'=cmd|' C'!A0"),
        ("+1", "+1", "'+1"),
        ("-1", "-1", "'-1"),
        ("@SUM(A1)", "@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "＝1", "'＝1"),
        (" =1", " =1", "' =1"),
        ("ada\tb", "ada\\u0009b", "ada\\u0009b"),
        ("\rada", "\\u000dada", "\\u000dada"),
        ("ada\nben", "ada\\u000aben", "ada\\u000aben"),
        ("\x1b[31mada", "\\u001b[31mada", "\\u001b[31mada"),
        ("ada\u202ebyn", "ada\\u202ebyn", "ada\\u202ebyn"),
        ("ada\u200f", "ada\\u200f", "ada\\u200f"),
        ("a\u200bda", "a\\u200bda", "a\\u200bda"),
        ("علی\u200cرضا", "علی\u200cرضا", "علی\u200cرضا"),
        ("O'Hara", "O'Hara", "O'Hara"),
    ],
)
def test_names_stay_readable_and_do_no_harm(tmp_path, name, shown, cell):
    for path in both(tmp_path, {f"{name}.ipynb": NOTEBOOK}):
        submission = only(find_submissions(path))
        assert submission.student == shown
        assert submission.source == f"{shown}.ipynb"
        assert safe_cell(submission.student) == cell


def test_a_name_that_is_no_text(tmp_path):
    (tmp_path / os.fsdecode(b"ada\xff.ipynb")).write_bytes(NOTEBOOK)
    student = only(find_submissions(tmp_path)).student
    assert student == "ada\\udcff"
    student.encode("utf-8")


def test_very_long_names_are_cut_and_stay_apart(tmp_path):
    long = "x" * 5_000
    files = {f"{long}{end}{long}.ipynb": NOTEBOOK for end in "ab"}
    names = students(find_submissions(zipped(tmp_path / "class.zip", files)))
    assert len(set(names)) == 2
    assert max(map(len, names)) < 130


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b\\c", "CON", "nul.txt", "...", "", "<script>", "x" * 300]
)
def test_the_name_of_a_page_stays_in_its_folder(name):
    taken = set()
    first, second = file_stem(name, taken), file_stem(name, taken)
    assert first != second
    assert first.casefold() not in ("con", "nul", "nul.txt")
    for stem in (first, second):
        assert 0 < len(stem) <= 70
        assert stem[0] not in ".-"
        assert not set(stem) & set('/\\<>:"|?*')


def test_a_number_of_thousands_of_digits(tmp_path):
    assert sender(f"ada_1_{'9' * 9000}_lab.ipynb").order == int("9" * 18)


def test_the_rest_of_a_name_cannot_pass_for_somebody_else():
    """The student chooses only what follows the two numbers."""
    assert sender("ada_1_2_hopper_3_4_lab.ipynb").number == "1"
    path = "Ada_1_assignsubmission_file_/Ben_2_assignsubmission_file_/lab.ipynb"
    assert sender(path).number == "1"
    assert sender("Ada_1_assignsubmission_file_Ben_2_assignsubmission_file_x.ipynb").number == "1"


def test_the_same_download_gives_the_same_submissions(tmp_path):
    files = {f"s{i}_{i}_{90 - i}_lab.ipynb": NOTEBOOK for i in range(1, 30)}
    first = zipped(tmp_path / "a.zip", files)
    second = zipped(tmp_path / "b.zip", dict(reversed(files.items())))
    assert find_submissions(first) == find_submissions(second)


def test_readable_keeps_both_ends():
    text = readable("a" * 300 + "z")
    assert len(text) == 120
    assert text[0] == "a"
    assert text[-1] == "z"


def test_a_file_in_the_folder_of_a_student_is_that_students(tmp_path):
    """Whatever name it has: the student chose it."""
    files = {
        "ada/hopper_5_6_lab.ipynb": NOTEBOOK,
        "ben/Ada_7_assignsubmission_file_lab.ipynb": NOTEBOOK,
    }
    for path in both(tmp_path, files):
        assert students(find_submissions(path)) == ["ada", "ben"]


def test_one_bad_path_does_not_turn_a_class_into_one_student(tmp_path):
    files = {"class/ada.ipynb": NOTEBOOK, "class/ben.ipynb": NOTEBOOK, "../cleo.ipynb": NOTEBOOK}
    found = find_submissions(zipped(tmp_path / "class.zip", files))
    assert students(found) == ["ada", "ben", "cleo"]


def test_the_time_of_a_file_goes_with_it(tmp_path):
    """In a folder it is known; in a zip it is that of a clock, and may be none."""
    file = tmp_path / "ada.ipynb"
    file.write_bytes(b'{"nbformat": 4}')
    os.utime(file, (1_793_000_000, 1_793_000_000))
    (one,) = find_submissions(file).submissions
    assert one.modified == 1_793_000_000
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("ada.ipynb", (2026, 11, 2, 18, 30, 0)), file.read_bytes())
        archive.writestr(zipfile.ZipInfo("ben.ipynb", (1980, 0, 0, 0, 0, 0)), file.read_bytes())
    ada, ben = find_submissions(tmp_path / "all.zip").submissions
    assert ada.modified == datetime(2026, 11, 2, 18, 30).timestamp()
    assert ben.modified == 0

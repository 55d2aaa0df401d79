"""The made-up class on the teacher's page is what its lab gives today."""

from __future__ import annotations

import io
import zipfile

from tools import made_up_submissions as made


def test_the_files_are_fresh():
    with zipfile.ZipFile(made.FOLDER / "lab-3.zip") as committed:
        there = {name: committed.read(name) for name in committed.namelist()}
    stale = "run: python -m tools.made_up_submissions"
    assert there == made.files(), stale
    assert (made.FOLDER / "gradebook.csv").read_bytes() == made.gradebook(), stale


def test_twelve_students_and_one_who_is_absent():
    assert len(made.CLASS) + len({made.CUT, made.SCRIPT}) == 12
    assert len(made.files()) == 13  # one handed in twice
    assert len(set(made.names())) == 13


def test_the_archive_is_the_same_each_time():
    assert made.archive() == made.archive()
    with zipfile.ZipFile(io.BytesIO(made.archive())) as archive:
        assert {info.date_time[:3] for info in archive.infolist()} == {(2026, 11, 2)}

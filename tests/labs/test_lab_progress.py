from __future__ import annotations

import json

import pytest

from xaikit.course.labs import _progress
from xaikit.course.labs._progress import Entry, Progress

GOOD = {"format": "xaikit-lab-progress", "version": 1}


def _entry(**changes):
    return {"labs": {"lab": {"q1": {"points": 1, "tries": 1, "hints": 0} | changes}}}


def test_what_is_put_is_got_by_another_reader(tmp_path):
    Progress(tmp_path).put("lab", "q1", Entry(1.5, 2, 1))
    assert Progress(tmp_path).get("lab", "q1") == Entry(1.5, 2, 1)
    assert Progress(tmp_path).get("lab", "q2") == Entry()
    assert [path.name for path in tmp_path.iterdir()] == [".progress.json"]


def test_two_notebooks_in_one_folder_keep_each_others_entries(tmp_path):
    one, two = Progress(tmp_path), Progress(tmp_path)
    one.put("a", "q1", Entry(1.0, 1, 0))
    two.put("b", "q1", Entry(2.0, 1, 0))
    assert one.get("b", "q1").points == 2.0
    assert two.get("a", "q1").points == 1.0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"[]",
        b"null",
        b'{"a": 1}',
        json.dumps({**GOOD, "version": 2, "labs": {}}).encode(),
        json.dumps({**GOOD, "labs": []}).encode(),
        json.dumps({**GOOD, "labs": {"lab": 3}}).encode(),
        json.dumps({**GOOD, **_entry(points="2")}).encode(),
        json.dumps({**GOOD, **_entry(points=-1)}).encode(),
        json.dumps({**GOOD, **_entry(points=float("nan"))}).encode(),
        json.dumps({**GOOD, **_entry(tries=True)}).encode(),
        json.dumps({**GOOD, **_entry(hints=10**30)}).encode(),
        json.dumps({**GOOD, **_entry(more=1)}).encode(),
        b" " * 2_000_000,
    ],
)
def test_a_foreign_file_is_set_aside_whole(tmp_path, content):
    path = tmp_path / ".progress.json"
    path.write_bytes(content)
    progress = Progress(tmp_path)
    assert ".progress.set-aside-1.json" in progress.take_notice()
    assert progress.take_notice() == ""
    assert (tmp_path / ".progress.set-aside-1.json").read_bytes() == content
    progress.put("lab", "q1", Entry(1.0, 1, 0))
    assert Progress(tmp_path).get("lab", "q1") == Entry(1.0, 1, 0)


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path):
    for number in (1, 2):
        (tmp_path / ".progress.json").write_text(f"junk {number}", encoding="utf-8")
        Progress(tmp_path)
    kept = sorted(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert kept == ["junk 1", "junk 2"]


def test_a_folder_that_cannot_be_written_keeps_progress_in_memory(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    progress = Progress(tmp_path)
    monkeypatch.setattr(_progress.tempfile, "mkstemp", refuse)
    progress.put("lab", "q1", Entry(1.0, 1, 0))
    assert progress.get("lab", "q1") == Entry(1.0, 1, 0)
    assert "cannot be written (Permission denied)" in progress.take_notice()


def test_a_write_that_dies_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    progress = Progress(tmp_path)
    progress.put("lab", "q1", Entry(1.0, 1, 0))

    def die(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(_progress.os, "fsync", die)
    with pytest.raises(KeyboardInterrupt):
        progress.put("lab", "q1", Entry(2.0, 2, 0))
    assert Progress(tmp_path).get("lab", "q1") == Entry(1.0, 1, 0)
    assert [path.name for path in tmp_path.iterdir()] == [".progress.json"]

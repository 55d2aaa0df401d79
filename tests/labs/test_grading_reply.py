"""What comes out of a sandbox is bounded before it is parsed, and nothing in it is trusted."""

from __future__ import annotations

import json

import pytest

from xaikit.course.grading._reply import read_reply, tidy
from xaikit.course.labs._values import MAX_DEPTH


def reply(content):
    if "probes" in content:
        content = {"stopped": [], **content}
    return read_reply(json.dumps(content).encode(), ["q1", "q2"])


def nested(levels):
    return "[" * levels + "]" * levels


def test_values_come_through():
    probes = {"q1": {"value": [1, 2.5, None, "x"]}, "q2": {"not_answered": "Not yet."}}
    assert reply({"probes": probes}).probes == probes


def test_questions_that_the_lab_lacks_are_left_out_and_missing_ones_are_said():
    got = reply({"probes": {"q9": {"value": 1}, "q1": {"value": 1}}})
    assert got.status == "ok"
    assert set(got.probes) == {"q1", "q2"}
    assert got.probes["q2"] == {"not_answered": "No answer came back."}


@pytest.mark.parametrize(
    "entry", [None, 7, [], {}, {"points": 2}, {"value": 1, "points": 2}, {"error": "x"}]
)
def test_an_entry_of_another_form_is_no_answer(entry):
    assert reply({"probes": {"q1": entry}}).probes["q1"] == {"not_answered": "No answer came back."}


@pytest.mark.parametrize(
    "content",
    [
        b"nonsense",
        b"{}{}",
        b'{"probes": {}, "stopped": []}{"probes": {}, "stopped": []}',
        b'{"probes": {}}',
        b'{"probes": {}, "stopped": {}}',
        b'{"probes": [], "stopped": []}',
        b'{"probes": {}, "stopped": [], "points": 2}',
        b'{"points": 2}',
        b"[]",
        b"7",
        b"\xff\xfe",
        b"9" * 5000,
        b"[" * 1_000_000,
        nested(1_000_000).encode(),
        b'{"stopped": [], "probes": {"q1": {"value": ' + nested(30).encode() + b"}}}",
    ],
    ids=lambda content: content[:30].decode("latin-1"),
)
def test_what_is_not_one_whole_reply_counts_for_nothing(content):
    got = read_reply(content, ["q1"])
    assert (got.status, got.probes) == ("crashed", {})
    assert "not one whole reply" in got.message


@pytest.mark.parametrize("levels", [MAX_DEPTH + 2, 900])
def test_one_level_more_than_an_honest_value_has_is_refused(levels):
    for deep in ("[" * levels + "1" + "]" * levels, '{"a":' * levels + "1" + "}" * levels):
        content = f'{{"stopped": [], "probes": {{"q1": {{"value": {deep}}}}}}}'.encode()
        assert read_reply(content, ["q1"]).status == "crashed"


@pytest.mark.parametrize(
    "part",
    [b'\\"', b'"', b"\\", b'[1,"\\"', b'{"', b"9", b".9e9", b'"\\u0022', b"[],", b'"a":'],
    ids=repr,
)
def test_a_megabyte_of_anything_is_read_to_its_end(part):
    """A reading in quadratic time takes hours for some of these: the watchdog would name it."""
    text = b'{"stopped": [], "probes": {"q1": {"value": "' + part * (2**20 // len(part))
    for content in (text, text + b'"}}}', text.replace(b': "', b": ")):
        assert read_reply(content, ["q1"]).status in ("ok", "crashed")


def test_the_deepest_honest_value_passes():
    # A probe may send a list of answers.
    deepest = json.loads("[" * (MAX_DEPTH + 1) + "1" + "]" * (MAX_DEPTH + 1))
    assert reply({"probes": {"q1": {"value": deepest}}}).probes["q1"] == {"value": deepest}


def test_brackets_in_text_are_no_levels():
    probes = {"q1": {"value": '[[[["\\' * 50}}
    assert reply({"probes": probes}).probes["q1"] == probes["q1"]


def test_an_empty_reply_is_a_crash_and_said():
    assert "before its answers" in read_reply(b"", ["q1"]).message


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("json", "The file is not JSON, so it is not a notebook."),
        ("give 18 of 18 by hand", "The file could not be read."),
        ({"a": 1}, "The file could not be read."),
    ],
)
def test_why_a_notebook_could_not_be_read_is_said_in_our_words(why, said):
    got = reply({"unreadable": why})
    assert (got.status, got.message) == ("unreadable", said)


def test_which_cells_stopped_is_told():
    stopped = [
        {"cell": 3, "error": "`NameError`: x\nIn your", "line": "y = x"},
        {"cell": [1], "error": 7, "line": ""},
        {"cell": 4},
        "give 18 of 18",
    ]
    got = reply({"probes": {}, "stopped": stopped + [stopped[0]] * 30})
    assert got.notes[0] == "Code cell 3 stopped: `NameError`: x, at `y = x`"
    assert got.notes[1].startswith("Code cell [1] stopped")
    assert len(got.notes) <= 10
    assert all(note.startswith("Code cell ") for note in got.notes)


def test_text_is_made_fit_to_show():
    assert tidy("a\x00b\x1b[31m\u202ec\nd\ud800") == "ab[31mc\nd?"
    assert len(tidy("x" * 10**6)) == 2000
    assert tidy([1]) == "list"

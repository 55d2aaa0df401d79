"""Which files are notebooks of the lab, and what its probes say about odd answers."""

from __future__ import annotations

import json

import pytest
from made_lab import GOOD, notebook

from xaikit.course.grading import _run_notebook
from xaikit.course.grading._run_notebook import Unreadable, probe_all, read_notebook
from xaikit.labs import plain

OPEN = "import xaikit as xk\nlab = xk.labs.open({!r})"


def test_the_code_cells_come_in_their_order():
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", "b"]},
        {"cell_type": "markdown", "source": "c"},
        {"cell_type": "raw", "source": "d"},
        {"cell_type": "code", "source": "e"},
    ]
    assert read_notebook(notebook(cells=cells), "l00_made") == ["a = 1\nb", "e"]


def test_what_other_tools_leave_odd_is_no_matter():
    cells = [{"cell_type": "code", "id": "same", "source": str(n), "outputs": 7} for n in range(2)]
    content = notebook(cells=cells, nbformat_minor=99, metadata=None)
    assert read_notebook(b"\xef\xbb\xbf" + content, "l00_made") == ["0", "1"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"PK\x03\x04", "not JSON"),
        (b"\xff\xfe{}", "not text in UTF-8"),
        (b"[" * 1_000_000, "nested too deeply"),
        (b"9" * 10_000, "not JSON"),
        (b"[]", "not a notebook"),
        (b"{}", "not a notebook"),
        (b"null", "not a notebook"),
        (notebook(nbformat=3), "format 3"),
        (notebook(nbformat="x" * 10**6), "format xxx"),
        (notebook(cells=7), "no list of cells"),
        (notebook(cells=[7]), "no list of cells"),
        (notebook(cells=[{"cell_type": "code"}]), "holds no text"),
        (notebook(cells=[{"cell_type": "code", "source": [7]}]), "holds no text"),
        (notebook(OPEN.format("l05_lime")), "of the lab l05_lime, not of l00_made"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_are_refused_with_the_reason(content, words):
    with pytest.raises(Unreadable, match=words) as refused:
        read_notebook(content, "l00_made")
    assert len(str(refused.value)) < 200


def test_a_notebook_of_this_lab_and_one_that_names_none_are_read():
    for cell in (OPEN.format("l00_made"), "xk.labs.open(name)"):
        assert read_notebook(notebook(cell), "l00_made") == [cell]
    both = [OPEN.format("l00_made"), OPEN.format("l05_lime")]
    assert read_notebook(notebook(*both), "l00_made") == both


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(_run_notebook, "MAX_NOTEBOOK", 10)
    with pytest.raises(Unreadable, match="larger than"):
        read_notebook(GOOD, "l00_made")


def probe(code, room=10_000):
    names = {}
    exec(code, names)
    return probe_all(names, {"q1": lambda ns, seed: plain(ns["f"](seed))}, 5, room)["q1"]


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        ("def f(x): return (x, 1)", {"value": [5, 1]}),
        ("", {"not_answered": "There is no `f` yet: run its cell, or write it."}),
        ("def f(x): return ...", {"not_answered": "An answer still holds the placeholder `...`."}),
        (
            "def f(x): raise NotImplementedError",
            {"not_answered": "The cell still raises `NotImplementedError`."},
        ),
        (
            "def f(x): return 'x' * 10**5",
            {"error": "The answer is too large to be sent.", "line": ""},
        ),
    ],
)
def test_what_a_probe_sends(code, reply):
    assert probe(code) == reply


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        ("ValueError('no')", "`ValueError`: no"),
        ("KeyboardInterrupt", "`KeyboardInterrupt`"),
        ("SystemExit(3)", "`SystemExit`: 3"),
        ("ValueError('x' * 10**6)", "`ValueError`: xxx"),
        ("type('E', (Exception,), {'__str__': lambda self: 1})", "cannot be shown"),
    ],
)
def test_whatever_an_answer_raises_is_told(raised, words):
    reply = probe(f"def f(x):\n    raise {raised}")
    assert words in reply["error"]
    assert len(json.dumps(reply)) < 1200


def test_only_an_answer_that_takes_all_memory_ends_the_probes():
    with pytest.raises(MemoryError):
        probe("def f(x): raise MemoryError")

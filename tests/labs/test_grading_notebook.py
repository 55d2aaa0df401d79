"""Which files are notebooks of the lab, and what its probes say about odd answers."""

from __future__ import annotations

import io
import json
import time
import zipfile

import pytest
from made_lab import DOUBLE, GOOD, TOTAL, notebook

from xaikit.course.grading import _run_notebook
from xaikit.course.grading._clock import TooSlow, at_most
from xaikit.course.grading._run_notebook import (
    UNREADABLE,
    Unreadable,
    probe_all,
    read_notebook,
)
from xaikit.labs import plain


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


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
        (b"", "json"),
        (b"PK\x03\x04", "zip"),
        (zipped({"notes.txt": b"x"}), "zip"),
        (zipped({"lab.ipynb": GOOD})[:-30], "zip"),
        (b"\xff\xfe{\x00}\xd8", "encoding"),
        (b"\x80", "encoding"),
        (b"[" * 1_000_000, "depth"),
        (b"9" * 10_000, "json"),
        (b"[]", "kind"),
        (b"{}", "kind"),
        (b"null", "kind"),
        (notebook(nbformat=2), "format"),
        (notebook(nbformat="x" * 10**6), "format"),
        (notebook(nbformat=3), "cells"),
        (notebook(nbformat=3, worksheets=[{"cells": [7]}]), "cells"),
        (notebook(nbformat=3, worksheets=[7]), "cells"),
        (notebook(cells=7), "cells"),
        (notebook(cells=[7]), "cells"),
        (notebook(cells=[{"cell_type": "code"}]), "source"),
        (notebook(cells=[{"cell_type": "code", "source": [7]}]), "source"),
        (notebook(OPEN.format("l05_lime")), "lab"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_are_refused_with_the_reason(content, words):
    with pytest.raises(Unreadable) as refused:
        read_notebook(content, "l00_made")
    assert str(refused.value) == words
    assert words in UNREADABLE


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.decode().encode("utf-16-be"),
        zipped({"a/lab.ipynb": GOOD}),
        zipped({"__MACOSX/._lab.ipynb": b"x", "lab.ipynb": GOOD, "notes.txt": b"x"}),
        notebook(
            nbformat=3,
            cells=[],
            worksheets=[
                {"cells": [{"cell_type": "code", "input": [f"{DOUBLE}"]}]},
                {"cells": [{"cell_type": "code", "input": TOTAL}]},
            ],
        ),
    ],
    ids=["mark", "utf-16", "utf-16-be", "zip", "zip of a Mac", "format 3"],
)
def test_what_can_be_read_is_read(content):
    assert read_notebook(content, "l00_made") == [DOUBLE, TOTAL]


def test_of_several_notebooks_in_a_zip_the_labs_is_read_with_its_modules(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ours = notebook(OPEN.format("l00_made"))
    files = {"a.ipynb": GOOD, "b.ipynb": ours, "a/helper.py": b"x = 1", "big.py": b"#" * 2**21}
    files |= {"../out.py": b"", ".hidden/in.py": b""}
    assert read_notebook(zipped(files), "l00_made") == [OPEN.format("l00_made")]
    assert (tmp_path / "helper.py").read_bytes() == b"x = 1"
    assert (tmp_path / "big.py").stat().st_size <= 2**20 + 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.py", "helper.py"]


def test_a_notebook_of_this_lab_and_one_that_names_none_are_read():
    for cell in (OPEN.format("l00_made"), "xk.labs.open(name)"):
        assert read_notebook(notebook(cell), "l00_made") == [cell]
    both = [OPEN.format("l00_made"), OPEN.format("l05_lime")]
    assert read_notebook(notebook(*both), "l00_made") == both


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(_run_notebook, "MAX_NOTEBOOK", 10)
    for content in (GOOD, zipped({"lab.ipynb": GOOD})):
        with pytest.raises(Unreadable, match="size"):
            read_notebook(content, "l00_made")


def probe(code, room=10_000, seconds=60.0):
    names = {}
    exec(code, names)
    probes = {"q1": lambda ns, seed: plain(ns["f"](seed))}
    return probe_all(names, probes, 5, room, seconds)["q1"]


@pytest.mark.parametrize(
    ("code", "reply"),
    [
        ("def f(x): return (x, 1)", {"value": [5, 1]}),
        ("", {"not_answered": "There is no `f` yet: run its cell, or write it."}),
        ("def f(x): return ...", {"not_answered": "The answer still holds the placeholder `...`."}),
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
        ("TooSlow", "took too long"),
        ("ValueError('x' * 10**6)", "`ValueError`: xxx"),
        ("type('E', (Exception,), {'__str__': lambda self: 1})", "cannot be shown"),
    ],
)
def test_whatever_an_answer_raises_is_told(raised, words):
    imports = "from xaikit.course.grading._clock import TooSlow\n"
    reply = probe(f"{imports}def f(x):\n    raise {raised}")
    assert words in reply["error"]
    assert len(json.dumps(reply)) < 1200


@pytest.mark.parametrize("code", ["while True: pass", "import time\n    time.sleep(99)"])
def test_an_answer_without_end_ends(code):
    reply = probe(f"def f(x):\n    {code}", seconds=0.4)
    assert reply["error"].startswith("It took too long and was stopped.")


def test_the_alarm_rings_once():
    """What deals with it is not ended by the second one."""
    seen = []

    def stopped_by_hand():
        try:
            while True:
                pass
        except TooSlow:
            until = time.monotonic() + 0.2
            while time.monotonic() < until:
                pass
            seen.append("dealt with")

    with at_most(0.05, 0.05):
        stopped_by_hand()
    assert seen == ["dealt with"]


def test_only_an_answer_that_takes_all_memory_ends_the_probes():
    with pytest.raises(MemoryError):
        probe("def f(x): raise MemoryError")

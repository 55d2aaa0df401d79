"""How a submission's end is told, and what is watched that the kernel does not limit."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace

import pytest
from made_lab import DOUBLE, TOTAL, notebook

from xaikit import labs
from xaikit.course.grading import Limits, _limits, _run_notebook, _seccomp
from xaikit.course.grading._limits import NO_SANDBOX, OUT_OF_MEMORY, watch
from xaikit.course.grading._shape import shape
from xaikit.course.labs import _find, _lab

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

QUICK = Limits(seconds=0.3, memory_mb=10**6)


def ending(action, limits=QUICK, level="none"):
    """What is told of a child that does this."""
    child = os.fork()
    if child == 0:
        os.setsid()
        action()
        os._exit(0)
    return watch(child, limits, level)


@pytest.mark.parametrize(
    ("action", "status", "words"),
    [
        (lambda: None, "ok", ""),
        (lambda: os._exit(3), "crashed", "(exit code 3)"),
        (lambda: os._exit(OUT_OF_MEMORY), "memory", "1000000 MB"),
        (lambda: os._exit(NO_SANDBOX), "crashed", "sandbox could not be set up"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "crashed", "(signal 9)"),
        (lambda: os.kill(os.getpid(), signal.SIGXCPU), "timeout", "0.3 seconds"),
        (lambda: time.sleep(60), "timeout", "0.9 seconds by the clock"),
        (lambda: os.kill(os.getpid(), signal.SIGSTOP), "timeout", "0.9 seconds by the clock"),
    ],
)
def test_how_it_ended(action, status, words):
    # What ends by itself has all the time that a busy machine may need.
    told = ending(action, QUICK if status == "timeout" else replace(QUICK, seconds=60))
    assert told["status"] == status
    assert words in told["message"]


def test_what_it_computes_is_limited_and_not_how_long_it_waits():
    class Patient(Limits):
        """Waits for long, also on a busy machine."""

        patience = 600

    told = ending(lambda: all(True for _ in iter(int, 1)), Patient(seconds=0.3, memory_mb=10**6))
    assert told["message"] == "The notebook was not done after computing for 0.3 seconds."


def test_too_much_memory_ends_it():
    limits = Limits(seconds=60, memory_mb=1)
    told = ending(lambda: time.sleep(60), limits)
    assert told["status"] == "memory"


@pytest.mark.slow
def test_only_a_busy_machine_excuses_a_long_wait(monkeypatch):
    """Of cores that had nothing to do for a tenth of the time, and for half of it."""
    for idle, excused in ((10, True), (50, False)):
        ticks = iter([[0] * 8, [90 - idle, 5, 5, idle, 0, 0, 0, 0]])
        monkeypatch.setattr(_limits, "_machine", lambda ticks=ticks: next(ticks))
        assert ("waited" in ending(lambda: time.sleep(60))) == excused
    monkeypatch.undo()
    assert len(_limits._machine()) > 7
    assert not _limits._busy([], [])


def test_the_time_of_a_process_that_ended_counts_on():
    used = _limits._Used()
    me = str(os.getpid())
    before = used.seconds([me])
    assert before > 0
    assert used.seconds(["0"]) == before


def test_a_shared_map_counts_whole_and_once():
    """Also where none of its pages is in a process any more, and where several see it."""
    import mmap

    me = str(os.getpid())
    before = _limits._shared([me])
    with mmap.mmap(-1, 3 * 10**7) as held:
        held.write(b"x" * 10**7)
        held.madvise(mmap.MADV_DONTNEED)
        more = _limits._shared([me, me]) - before
        assert 3 * 10**7 <= more < 3 * 10**7 + 2**16


def test_a_full_disk_ends_it_where_nothing_else_limits_it(monkeypatch):
    monkeypatch.setattr(_limits, "SCRATCH", "/")
    monkeypatch.setattr(_limits, "_processes", lambda child, level: [])
    limits = Limits(seconds=60, memory_mb=10**6, file_mb=1)
    assert ending(lambda: time.sleep(60), limits, "bubblewrap alone")["status"] == "memory"


def test_which_processes_are_a_submissions():
    """Before it has its own /proc, what is seen there are others'."""
    me = os.getpid()
    assert _limits._processes(me, "none") == [str(me)]
    assert _limits._processes(me, "namespaces in bubblewrap") == []
    alone = _limits._processes(me, "bubblewrap alone")
    assert str(me) not in alone
    assert all(name.isdigit() for name in alone)


def test_a_process_that_is_gone_has_no_memory():
    assert _limits._resident("0") == _limits._proportional("0") == 0
    assert _limits._resident(str(os.getpid())) > 2**20


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_the_filter_ends_in_a_permission_and_no_jump_leaves_it(name):
    code = _seccomp._program(name)
    steps = [code[n : n + 8] for n in range(0, len(code), 8)]
    assert steps[-1] == _seccomp._step(_seccomp._RETURN, _seccomp._ALLOW)
    assert all(n + 1 + max(step[2], step[3]) < len(steps) for n, step in enumerate(steps[:-1]))


def test_on_other_machines_no_calls_are_taken_away(monkeypatch):
    monkeypatch.setattr(_seccomp.platform, "machine", lambda: "riscv64")
    assert _seccomp.take_calls_away() is False


class Shell:
    """Runs cells as plain code."""

    def __init__(self):
        self.user_ns = {}

    def run_cell(self, cell, store_history):
        exec(cell, self.user_ns)
        return type("Result", (), {"error_in_exec": None, "error_before_exec": None})


PROBES = "def q1_probe(ns, seed):\n    return [ns['double'](seed), __file__]\n"


def answer(content, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    probes = (PROBES, "/labs/l00_made/checks.py", ["q1"])
    given = {"seed": 5, "room": 1000, "seconds": 60}
    sent = []
    names = {"q1": ["double"]}
    _run_notebook.answer(content, Shell(), "l00_made", probes, names, sent.append, **given)
    return [json.loads(part) for part in sent]


def test_a_notebook_is_run_and_probed(monkeypatch):
    handed_in, reply = answer(notebook(DOUBLE, TOTAL), monkeypatch)
    same, size = shape(DOUBLE)
    assert handed_in == {"q1": {"code": DOUBLE, "shape": same, "size": size}}
    assert reply == {
        "probes": {"q1": {"value": [10, "/labs/l00_made/checks.py"]}},
        "stopped": [],
    }


def test_a_file_that_is_no_notebook_is_not_run(monkeypatch):
    assert answer(b"x", monkeypatch) == [{"unreadable": "json"}]


def test_a_lab_that_is_opened_while_grading_marks_nothing(monkeypatch, tmp_path):
    for place, name in ((labs, "open"), (_lab, "open_lab")):
        monkeypatch.setattr(place, name, getattr(place, name))
    token = _find.LABS_FOLDER.set(None)
    try:
        _run_notebook.put_lab_aside(tmp_path)
        lab = labs.open("any")
        assert lab.check("q1").status == lab.solution("q1").status == "unanswered"
        assert "marked after" in repr(lab.progress())
    finally:
        _find.LABS_FOLDER.reset(token)

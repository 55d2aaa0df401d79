"""Notebooks that mean harm: each ends in a status, earns what its answers earn, and harms nothing.

After each of them the same grader grades a good notebook.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile_attacks import ATTACKS
from hostile_leaks import ANSWER, LEAKS, REAL
from made_lab import DOUBLE, GOOD, TOTAL, make_lab, notebook

from xaikit.course.grading import Grader, IsolationError, Limits, Submission

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux"),
]

SEED = 20_241
NAME = f"xaikit-hostile-{os.getpid()}"
LIMITS = Limits(seconds=3, memory_mb=400, processes=40, file_mb=4, output_kb=64)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A lab, and beside it what a notebook must neither read nor change."""
    folder = tmp_path_factory.mktemp("hostile")
    outside = folder / "outside"
    outside.mkdir()
    (outside / "other.ipynb").write_bytes(GOOD)
    # Even its file mode lets everybody in: only the sandbox keeps a notebook out.
    for path in (folder, folder.parent, outside):
        path.chmod(0o777)
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(f"\0{NAME}")
        unix.listen()
        yield {
            "lab": make_lab(folder),
            "outside": outside,
            "port": tcp.getsockname()[1],
            "name": NAME,
        }


@pytest.fixture(scope="module")
def grader(place):
    before = os.environ.get("XAIKIT_SECRET")
    os.environ["XAIKIT_SECRET"] = "of the teacher"
    try:
        with Grader(place["lab"], seed=SEED, limits=LIMITS) as opened:
            assert opened.isolation == "namespaces in bubblewrap"
            yield opened
    except IsolationError as error:
        pytest.skip(f"no isolation here: {error}")
    finally:
        os.environ.pop("XAIKIT_SECRET")
        if before is not None:
            os.environ["XAIKIT_SECRET"] = before


def below(pid: int) -> set[int]:
    """The processes that came from this one, at any distance."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text() if entry.name.isdigit() else ""
        except OSError:
            continue
        if stat:
            parent = int(stat.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = set(), [pid]
    while waiting:
        new = children.get(waiting.pop(), [])
        found.update(new)
        waiting += new
    return found


def state(place) -> dict:
    """What is on the host that a notebook could have changed."""
    files = [p for p in place["outside"].parent.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return {
        "files": {path: path.read_bytes() for path in files},
        "working folder": sorted(Path.cwd().iterdir()),
        "left in /dev/shm": sorted(Path("/dev/shm").glob("xaikit-hostile*")),
    }


def nothing_left(calm: set[int]) -> bool:
    """Whether the processes are those there were before; the last may be about to end."""
    for _ in range(500):
        if below(os.getpid()) <= calm:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(scope="module")
def calm(grader):
    """The processes of the server alone."""
    return below(os.getpid())


@pytest.fixture
def graded(grader, place, calm):
    """Grade one notebook; then the host is as it was, and a good notebook gets all points."""
    before = state(place)

    def grade(content: bytes):
        result = grader.grade(Submission("mallory", "mallory.ipynb", content))
        assert result.total == sum(mark.points for mark in result.marks)
        assert all(line.isprintable() for m in result.marks for line in m.hint.splitlines())
        after = grader.grade(Submission("ada", "ada.ipynb", GOOD))
        assert (after.status, after.total) == ("ok", 4)
        assert state(place) == before
        assert nothing_left(calm)
        return result

    return grade


@pytest.mark.parametrize("name", LEAKS)
def test_it_gets_nowhere(graded, place, name):
    code = LEAKS[name].format(**place)
    result = graded(notebook("leaked = None", code, ANSWER, TOTAL))
    assert result.status == "ok"
    assert [mark.outcome for mark in result.marks] == ["wrong", "right"]


def test_what_one_leaves_the_next_does_not_find(graded, place):
    name = "leaves a file in shared memory for the next"
    for _ in range(2):
        assert graded(notebook("leaked = None", LEAKS[name], ANSWER)).total == 0


@pytest.mark.parametrize("name", ATTACKS)
def test_it_ends_and_earns_what_it_answers(graded, place, name):
    code, statuses, most = ATTACKS[name]
    code = code.replace("{outside}", str(place["outside"]))
    result = graded(notebook(DOUBLE, code))
    assert result.status in statuses
    assert result.total <= most
    if statuses == {"ok"}:
        assert result.total == most
    assert result.marks[1].points == 0


def test_a_busy_neighbour_costs_nobody_marks(grader):
    """Thirty processes take the cores; who shares them needs longer, and has it."""
    code, statuses, _ = ATTACKS["thirty busy children"]
    slow = "t = sum(i for i in range(10**7))"
    with ThreadPoolExecutor(4) as pool:
        asked = [Submission(f"mallory {n}", "m", notebook(DOUBLE, code)) for n in range(3)]
        hogs = [pool.submit(grader.grade, each) for each in asked]
        honest = grader.grade(Submission("ada", "ada.ipynb", notebook(slow, DOUBLE, TOTAL)))
        assert {each.result().status for each in hogs} == statuses
    assert (honest.status, honest.total) == ("ok", 4)


def test_the_attempts_are_in_earnest(place):
    """Without a sandbox they succeed: it is the sandbox that keeps them out."""
    failed = []
    with Grader(place["lab"], seed=SEED, isolation="none", limits=LIMITS) as open_door:
        for name in REAL:
            code = LEAKS[name].format(**place)
            submission = Submission("m", "m", notebook("leaked = None", code, ANSWER))
            if open_door.grade(submission).marks[0].outcome != "right":
                failed.append(name)
    assert failed == []


def test_there_are_more_than_forty():
    assert len(LEAKS) + len(ATTACKS) >= 40

"""Grading as an ordinary user, whose own processes the kernel would let a notebook signal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hostile_attacks import ATTACKS
from hostile_leaks import ANSWER, LEAKS
from made_lab import DOUBLE, TOTAL, make_lab, notebook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or shutil.which("bwrap") is None,
        reason="needs root, who can become somebody else",
    ),
]

REPOSITORY = Path(__file__).resolve().parents[2]
CASES = {
    **{
        n: [DOUBLE, ATTACKS[n][0]]
        for n in ("kills all it can", "os._exit", "code that no alarm reaches")
    },
    **{
        n: ["leaked = None", LEAKS[n].format(lab="", outside="", port=9, name="x"), ANSWER]
        for n in (
            "walks /proc for other processes",
            "traces its parent",
            "makes namespaces of its own",
            "uncovers what is mounted below",
            "becomes root",
        )
    },
    "good": [DOUBLE, TOTAL],
}
PROGRAM = """
import json, os, sys
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
from pathlib import Path
from xaikit.course.grading import Grader, Limits, Submission
lab, notebooks = json.loads(sys.stdin.read())
with Grader(Path(lab), seed=3, limits=Limits(seconds=3)) as grader:
    server = grader._sandbox._server
    for name, content in notebooks.items():
        graded = grader.grade(Submission(name, name, content.encode()))
        same = grader._sandbox._server is server and server.alive
        outcomes = [mark.outcome for mark in graded.marks]
        print(json.dumps([name, graded.status, outcomes, same, grader.isolation]))
"""


def readable(*paths: str) -> list[str]:
    """Options that show these folders to everybody, also where only root may pass."""
    options = ["--dev-bind", "/", "/"]
    closed = {Path("/", *Path(path).parts[1:2]) for path in paths}
    for folder in sorted(f for f in closed if not f.stat().st_mode & 0o001):
        options += ["--tmpfs", str(folder)]
        for path in paths:
            above = [p for p in reversed(Path(path).parents) if p.is_relative_to(folder)]
            if above:
                options += [part for p in above for part in ("--dir", str(p))]
                options += ["--ro-bind", path, path]
    return options


@pytest.fixture(scope="module")
def results():
    # Not below pytest's own folder, which is for its owner alone.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield graded_by_nobody(Path(folder))


def graded_by_nobody(folder: Path):
    """Grade all cases as the user nobody; the replies by name."""
    lab = make_lab(folder)
    notebooks = {name: notebook(*cells).decode() for name, cells in CASES.items()}
    command = ["bwrap", *readable(sys.base_prefix, sys.prefix, str(REPOSITORY))]
    command += ["--cap-add", "ALL", sys.executable, "-B", "-c", PROGRAM]
    run = subprocess.run(
        command,
        input=json.dumps([str(lab), notebooks]),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    assert run.returncode == 0, run.stderr
    return {line[0]: line[1:] for line in map(json.loads, run.stdout.splitlines())}


@pytest.mark.parametrize("name", CASES)
def test_the_walls_hold_and_the_server_lives(results, name):
    status, outcomes, same, isolation = results[name]
    assert isolation == "namespaces in bubblewrap"
    assert same
    expected = {"os._exit": "crashed", "code that no alarm reaches": "timeout"}.get(name, "ok")
    assert status == expected
    if name in LEAKS:
        assert outcomes[0] == "wrong"
    if name == "good":
        assert outcomes == ["right", "right"]

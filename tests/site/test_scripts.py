"""The book's own JavaScript: linted, tested by node's own runner, and small."""

import os
import subprocess

import pytest

MOST_LINES = 2500
FOLDERS = ("book/_live", "tests/live")


@pytest.fixture
def run(repository):
    """Run a program of Node's, that of the venv, in the checkout."""
    bin_folder = repository / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    path = os.pathsep.join([str(bin_folder), os.environ["PATH"]])

    def call(*command):
        return subprocess.run(
            command,
            cwd=repository,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )

    return call


def test_the_linter_is_content(run):
    done = run("node", "node_modules/eslint/bin/eslint.js", "--max-warnings=0", *FOLDERS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_unit_tests_pass(run, repository):
    files = sorted(str(path) for path in (repository / "tests" / "live").glob("*.test.js"))
    assert files
    done = run("node", "--test", *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_stay_small(repository):
    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in (repository / "book" / "_live").rglob("*.js")
    }
    assert 0 < sum(lines.values()) <= MOST_LINES, lines

"""How the tests are run: one that hangs is named, and what a file shares is made once."""

import os
import re
import subprocess
import sys

import pytest

MADE = """
import threading

import pytest

@pytest.mark.parametrize("number", range(6))
def test_quick(number, worker_id):
    print("made in {name} by", worker_id)

def test_hangs():
    threading.Event().wait()
"""


@pytest.fixture
def run(repository, tmp_path):
    """Run pytest with the settings of this repository over two made-up files."""
    (tmp_path / "pyproject.toml").write_bytes((repository / "pyproject.toml").read_bytes())
    (tmp_path / "tests").mkdir()
    for name in ("one", "two"):
        (tmp_path / "tests" / f"test_{name}.py").write_text(MADE.format(name=name))
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    def run(*options):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        return done.stdout

    return run


@pytest.mark.slow
def test_a_test_that_hangs_is_named(run):
    said = run("-o", "timeout=1", "-k", "hangs", "tests/test_one.py")
    assert "FAILED tests/test_one.py::test_hangs - Failed: Timeout" in said
    assert "threading.Event().wait()" in said


def test_every_test_has_a_limit(pytestconfig):
    assert 0 < float(pytestconfig.getini("timeout")) <= 900


@pytest.mark.slow
def test_a_file_is_one_workers(run, repository):
    make = (repository / "Makefile").read_text(encoding="utf-8")
    (spread,) = re.findall(r"^SPREAD := -n \$\(WORKERS\) (.*)", make, flags=re.MULTILINE)
    assert all(rest.startswith("$(SPREAD) ") for rest in re.findall("-m pytest (.*)", make))
    said = run("-n", "2", *spread.split(), "-k", "quick", "-rP")
    lines = {line for line in said.splitlines() if line.startswith("made in")}
    assert {line.split()[2] for line in lines} == {"one", "two"}
    assert {line.split()[4] for line in lines} == {"gw0", "gw1"}
    assert len(lines) == 2

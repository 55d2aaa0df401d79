"""The isolation is found by trying, and where there is none grading refuses and says why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xaikit.course.grading import Grader, IsolationError, _isolation
from xaikit.course.grading._isolation import Isolation, command_line, find_isolation

LABS = Path(__file__).resolve().parents[2] / "labs"
LINUX = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("bwrap") is None, reason="needs Linux and bubblewrap"
)


@pytest.fixture(autouse=True)
def nothing_remembered():
    _isolation._best.cache_clear()
    yield
    _isolation._best.cache_clear()


def trials(monkeypatch, *failing):
    """Let the levels in `failing` fail as the kernel would let them."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")

    def trial(isolation, program):
        return "Operation not permitted" if isolation.level in failing else ""

    monkeypatch.setattr(_isolation, "_trial", trial)


def test_the_best_that_works_is_taken(monkeypatch):
    trials(monkeypatch)
    assert find_isolation("auto").level == "namespaces in bubblewrap"
    _isolation._best.cache_clear()
    trials(monkeypatch, "namespaces in bubblewrap")
    assert find_isolation("auto").level == "bubblewrap alone"


def test_without_any_it_refuses_and_says_why(monkeypatch):
    trials(monkeypatch, "namespaces in bubblewrap", "bubblewrap alone")
    with pytest.raises(IsolationError, match="Operation not permitted") as refused:
        find_isolation("auto")
    for words in ("bubblewrap alone: Operation not", "Isolation 'none' runs them as you"):
        assert words in str(refused.value)


def test_a_grader_refuses_before_anything_runs(monkeypatch):
    trials(monkeypatch, "namespaces in bubblewrap", "bubblewrap alone")
    with pytest.raises(IsolationError):
        Grader(LABS / "l03_shapley", seed=1)


def test_bubblewrap_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(IsolationError, match=r"not installed.*apt-get install bubblewrap"):
        find_isolation("auto")


def test_apparmor_is_named_where_it_is_the_reason(monkeypatch):
    trials(monkeypatch, "namespaces in bubblewrap", "bubblewrap alone")
    monkeypatch.setattr(Path, "is_file", lambda path: True)
    monkeypatch.setattr(Path, "read_text", lambda path: "1\n")
    with pytest.raises(IsolationError, match="AppArmor restricts user namespaces"):
        find_isolation("auto")


def test_none_is_given_only_if_asked_for(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert find_isolation("none") == Isolation("none")
    with pytest.raises(ValueError, match="isolation must be 'auto' or 'none'; got 'off'"):
        find_isolation("off")


@pytest.mark.parametrize("seed", [-1, True, 1.5, "7"])
def test_the_seed_is_a_whole_number(seed):
    with pytest.raises(ValueError, match="seed must be a whole number from 0 on"):
        Grader(LABS / "l03_shapley", seed=seed, isolation="none")


def test_checks_and_sources_of_labs_are_not_shown():
    command = command_line(Isolation("bubblewrap alone", ()), (Path("/labs/l00/table.csv"),))
    shown = [Path(command[n + 1]) for n, word in enumerate(command) if word == "--ro-bind"]
    assert Path("/labs/l00/table.csv") in shown
    assert not any(path in (LABS, *LABS.parents) for path in shown)
    assert not any((LABS / "l03_shapley" / "checks.py").is_relative_to(path) for path in shown)
    assert "--dev-bind" not in command
    assert "--bind" not in command


def test_the_labs_inside_a_wheel_are_covered(monkeypatch, tmp_path):
    package = tmp_path / "xaikit"
    (package / "_labs").mkdir(parents=True)
    module = package / "labs" / "grading" / "_isolation.py"
    monkeypatch.setattr(_isolation, "__file__", str(module))
    command = command_line(Isolation("bubblewrap alone", ()))
    place = command.index(str(package / "_labs"))
    assert command[place - 1] == "--tmpfs"
    assert command.index(str(package)) < place


def test_without_isolation_the_command_is_python_alone():
    assert command_line(Isolation("none")) == [sys.executable, "-I"]


@LINUX
def test_a_trial_that_fails_gives_the_reason():
    level = Isolation("bubblewrap alone", ("--no-such-option",))
    assert "no-such-option" in _isolation._trial(level, ("-c", ""))
    assert _isolation._trial(_isolation.find_isolation("auto"), ("-c", "")) == ""


@LINUX
@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not Path("/usr/bin/python3").exists(),
    reason="only root can become an ordinary user here",
)
def test_an_ordinary_user_has_namespaces_too():
    """With the interpreter of the system, since ours may lie where only root may look."""
    script = Path(_isolation.__file__).with_name("_namespaces.py")
    shown = ["--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib"]
    shown += ["--symlink", "usr/lib64", "/lib64", "--ro-bind-data", "0", "/try.py"]
    rest = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--tmpfs", "/tmp"]
    rest += ["--tmpfs", "/scratch", "--remount-ro", "/"]
    command = ["bwrap", "--unshare-user", *_isolation._ALL, *shown, *rest]
    run = subprocess.run(
        [*command, "/usr/bin/python3", "-I", "-S", "/try.py"],
        stdin=script.open("rb"),
        capture_output=True,
        text=True,
        user=65534,
        group=65534,
        extra_groups=[],
        env={"PATH": "/usr/bin:/bin"},
    )
    assert (run.returncode, run.stderr) == (0, "")

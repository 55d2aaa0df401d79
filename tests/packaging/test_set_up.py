"""The set-up runs before anything is installed, so it is tested as a program."""

import os
import subprocess
import sys

import pytest

from tools import needs, set_up, system


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_the_pythons_of_the_lock_are_taken(version):
    set_up.check_python(version)


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_another_python_is_refused_by_name(version):
    expected = f"PYTHON must be Python 3.11, 3.12 or 3.13, got {version[0]}.{version[1]}"
    with pytest.raises(system.Missing, match=expected):
        set_up.check_python(version)


@pytest.fixture
def standing(tmp_path, monkeypatch):
    """A checkout whose venv and node_modules stand; any command would be recorded."""
    for name in ("requirements.lock", "pyproject.toml", "tools/uv.lock", "package.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "package-lock.json").write_text("{}")
    for folder in (".venv/bin", "node_modules"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / ".venv/pyvenv.cfg").write_text(f"command = python -m venv {tmp_path / '.venv'}\n")
    commands = []
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    monkeypatch.setattr(set_up, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(set_up, "VENV_PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(set_up, "_run", commands.append)
    assert set_up.main() == 0
    assert commands
    commands.clear()
    return tmp_path, commands


def test_a_second_time_nothing_is_run(standing):
    _, commands = standing
    assert set_up.main() == 0
    assert commands == []


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml", "tools/uv.lock"])
def test_a_changed_lock_is_installed(standing, name, monkeypatch):
    folder, commands = standing
    monkeypatch.setattr(set_up, "_make_venv", lambda: pytest.fail("the venv stood"))
    (folder / name).write_text("changed")
    assert set_up.main() == 0
    assert any("--require-hashes" in command for command in commands)
    assert not any("ci" in command for command in commands)


def test_a_changed_npm_lock_is_installed(standing):
    folder, commands = standing
    (folder / "package-lock.json").write_text('{"changed": 1}')
    assert set_up.main() == 0
    (command,) = commands
    assert command[1] == "ci"


def test_a_moved_checkout_is_set_up_anew(standing, tmp_path, monkeypatch):
    _, commands = standing
    moved = tmp_path / "moved"
    (tmp_path / ".venv").rename(moved)
    monkeypatch.setattr(set_up, "VENV", moved)
    monkeypatch.setattr(set_up, "VENV_PYTHON", moved / "bin/python")
    monkeypatch.setattr(set_up, "_make_venv", lambda: commands.append("make the venv"))
    assert set_up.main() == 0
    assert commands[0] == "make the venv"


def test_a_venv_without_its_description_is_made_anew(standing, monkeypatch):
    folder, commands = standing
    (folder / ".venv/pyvenv.cfg").unlink()
    (folder / ".venv/set-up.stamp").unlink()
    monkeypatch.setattr(set_up, "_make_venv", lambda: commands.append("make the venv"))
    assert set_up.main() == 0
    assert commands[0] == "make the venv"


def program(folder, name):
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_chromium_is_the_one_named_else_one_on_the_path(tmp_path, monkeypatch):
    on_path = program(tmp_path, "chromium")
    (tmp_path / "own").mkdir()
    own = program(tmp_path / "own", "browser")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert system.find_chromium() == on_path
    monkeypatch.setenv("CHROMIUM", own)
    assert system.find_chromium() == own
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    with pytest.raises(system.Missing, match="CHROMIUM must name a program, got 'no-such-browser'"):
        system.find_chromium()


def test_what_is_absent_is_named_with_its_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(system, "MAC_CHROME", tmp_path / "none")
    with pytest.raises(system.Missing, match="apt-get install chromium bubblewrap default-jre"):
        needs.ensure()


def test_without_root_apt_is_left_alone(tmp_path, monkeypatch):
    program(tmp_path, "apt-get")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert not system.can_apt()
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert system.can_apt()


def test_the_whole_check_lints_and_types_too(repository):
    done = subprocess.run(
        ["make", "-n", "test"], cwd=repository, capture_output=True, text=True, check=True
    )
    for tool in ("ruff check .", "ruff format --check .", "mypy", "mypy tools book/_ext", "pytest"):
        assert f" -m {tool}" in done.stdout, tool


def test_make_alone_lists_the_commands(repository):
    done = subprocess.run(["make"], cwd=repository, capture_output=True, text=True, check=True)
    for target in ("book", "test", "check", "lab", "serve", "bench", "clean"):
        assert f"make {target} " in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the wheel needs nothing")
def test_the_runtime_that_lightgbm_needs_is_installed_or_asked_for(monkeypatch):
    installed = []
    monkeypatch.setattr(system, "apt_install", installed.extend)
    system.ensure_openmp()
    assert installed == []  # it is there, or this venv could not run
    monkeypatch.setattr(system, "find_library", lambda name: None)
    monkeypatch.setattr(system, "can_apt", lambda: True)
    system.ensure_openmp()
    assert installed == ["libgomp1"]
    monkeypatch.setattr(system, "can_apt", lambda: False)
    with pytest.raises(system.Missing, match="sudo apt-get install libgomp1"):
        system.ensure_openmp()

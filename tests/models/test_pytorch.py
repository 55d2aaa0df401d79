"""The tests of PyTorch, and those that every library of networks shares, where torch is."""

import os
import re
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from tools import lock, torch_env
from tools.system import Missing

SHARED = (
    "tests/pytorch",
    "tests/xaikit/test_network_contract.py",
    "tests/truth/test_gradients_truth.py",
    "tests/truth/test_maps_truth.py",
)


@pytest.mark.slow
def test_in_an_environment_with_torch(repository):
    assert torch_env.stands(), "there is no .venv-torch: python -m tools.torch_env makes it"
    command = [str(torch_env.python()), "-m"]
    if "coverage" in sys.modules and sys.modules["coverage"].Coverage.current() is not None:
        # Beside the file of the run that this is a part of, which takes it in.
        command += ["coverage", "run", "--source=xaikit", "--data-file=.coverage.torch", "-m"]
    command += ["pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", *SHARED]
    # One thread, as other tests run beside it: torch's wait for each other on busy cores.
    own = {"NETWORKS": "torch", "OMP_NUM_THREADS": "1"}
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))} | own
    done = subprocess.run(command, cwd=repository, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    # It ran: an empty run would be no check.
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 150
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_the_pins_are_what_the_extra_asks_for():
    pins = [Requirement(line) for line in torch_env.PINS.read_text().splitlines() if line[0] != "#"]
    versions = {pin.name: next(iter(pin.specifier)).version for pin in pins}
    assert all(str(pin.specifier).startswith("==") for pin in pins)
    (asked,) = lock.extras()["torch"]
    assert Requirement(asked).specifier.contains(versions["torch"])


@pytest.fixture
def made(tmp_path, monkeypatch):
    """An environment in a folder of its own, made by commands that are only written down."""
    commands = []

    def run(*command):
        commands.append(command)
        python = torch_env.python()
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        torch_env._packages_of_env().mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(torch_env, "ENV", tmp_path / ".venv-torch")
    monkeypatch.setattr(torch_env, "PINS", tmp_path / "torch.txt")
    monkeypatch.setattr(torch_env, "_run", run)
    torch_env.PINS.write_text("torch==2.13.0\n")
    torch_env.ensure()
    return commands


def test_the_environment_is_made_once_and_again_for_other_pins(made):
    assert any("install" in command for command in made)
    assert (torch_env._packages_of_env() / "locked.pth").read_text().strip() in sys.path
    made.clear()
    torch_env.ensure()
    assert made == []
    torch_env.PINS.write_text("torch==2.13.1\n")
    assert not torch_env.stands()
    torch_env.ensure()
    assert made


def test_what_cannot_be_made_is_said_and_made_the_next_time(made, monkeypatch):
    def fail(*command):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(torch_env, "_run", fail)
    torch_env.PINS.write_text("torch==2.13.1\n")
    for _ in range(2):
        with pytest.raises(Missing, match=r"environment of their own, \.venv-torch.* network"):
            torch_env.ensure()
        assert not torch_env.stands()

"""Which isolation keeps strangers' notebooks apart from this machine, found by trying."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from xaikit.course.grading._namespaces import SCRATCH

Level = Literal["namespaces in bubblewrap", "bubblewrap alone", "none"]

_NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
_ALONE = (*_NAMESPACES, "--unshare-cgroup-try")
_ALL = (*_ALONE, "--cap-add", "ALL")
_TRIAL_SECONDS = 30


class IsolationError(RuntimeError):
    """Raised where strangers' notebooks cannot be kept apart from the machine."""


@dataclass(frozen=True)
class Isolation:
    """A level of isolation, and the options of ``bwrap`` that give it."""

    level: Level
    options: tuple[str, ...] = ()


def find_isolation(asked: str) -> Isolation:
    """Return the best isolation there is, or none if that was asked for.

    Parameters
    ----------
    asked : {"auto", "none"}
        "none" runs the notebooks as this user, with limits of time and memory only.

    Raises
    ------
    ValueError
        If `asked` is neither.
    IsolationError
        If this machine has no isolation; the message says why and what to do.
    """
    if asked == "none":
        if not hasattr(os, "fork"):
            raise IsolationError("grading needs Linux or macOS; on Windows use WSL")
        return Isolation("none")
    if asked != "auto":
        raise ValueError(f"isolation must be 'auto' or 'none'; got {asked!r}")
    if shutil.which("bwrap") is None:
        raise IsolationError(_refusal("bubblewrap (the command bwrap) is not installed"))
    return _best()


# A try takes a tenth of a second; a machine does not change while a program runs.
@cache
def _best() -> Isolation:
    reasons = []
    for isolation, program in _candidates():
        reason = _trial(isolation, program)
        if not reason:
            return isolation
        reasons.append(f"{isolation.level}: {reason}")
    raise IsolationError(_refusal("; ".join(reasons)))


def _candidates() -> Iterator[tuple[Isolation, tuple[str, ...]]]:
    nested = (str(Path(__file__).with_name("_namespaces.py")),)
    if os.geteuid() == 0:
        # Without a user namespace of its own the server is root, and can run each submission
        # as the user nobody; inside a namespace with a single user it could not.
        yield Isolation("namespaces in bubblewrap", _ALL), nested
    yield Isolation("namespaces in bubblewrap", ("--unshare-user", *_ALL)), nested
    yield Isolation("bubblewrap alone", ("--unshare-user-try", *_ALONE)), ("-c", "")


def _trial(isolation: Isolation, program: tuple[str, ...]) -> str:
    """Run a small program in this isolation; return why it failed, or nothing."""
    command = [*command_line(isolation), "-S", *program]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=_TRIAL_SECONDS, env={}, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = run.stderr.strip().splitlines()
    return "" if run.returncode == 0 else said[-1] if said else f"exit code {run.returncode}"


def _refusal(reason: str) -> str:
    advice = "Install it with: apt-get install bubblewrap."
    if shutil.which("bwrap"):
        advice = "Inside a container, user namespaces must be allowed."
    setting = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if setting.is_file() and setting.read_text().strip() == "1":
        advice = (
            "AppArmor restricts user namespaces here, as Ubuntu does from 24.04 on: an "
            "administrator can allow bwrap in a profile (package apparmor-profiles, "
            "bwrap-userns-restrict)."
        )
    return (
        f"this machine cannot keep strangers' notebooks apart from itself ({reason}). {advice} "
        "Isolation 'none' runs them as you, with all that you may read, change and send; "
        "choose it only for notebooks that you trust."
    )


def command_line(isolation: Isolation, files: tuple[Path, ...] = ()) -> list[str]:
    """Return the command that starts Python in this isolation, without its arguments.

    The submission sees, read-only, the interpreter, the packages, the libraries that they
    load, and `files`. The checks and the sources of all labs are covered.
    """
    if isolation.level == "none":
        return [sys.executable, "-I"]
    command = ["bwrap", *isolation.options, "--die-with-parent", "--new-session"]
    visible = _visible()
    # bwrap gives the folders that it makes on the way to its user alone.
    above = {folder for path in [*visible, *files] for folder in path.parents}
    for path in sorted(above - {Path("/")}):
        if not any(shown in (path, *path.parents) for shown in visible):
            command += ["--dir", str(path)]
    for path in visible:
        command += ["--ro-bind", str(path), str(path)]
    for name in ("lib", "lib64", "lib32", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), str(path)]
    # In a wheel the labs come with the package, with their solutions.
    labs = Path(__file__).resolve().parents[2] / "_labs"
    if labs.is_dir():
        command += ["--tmpfs", str(labs)]
    for file in files:
        command += ["--ro-bind", str(file), str(file)]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--tmpfs", SCRATCH]
    if Path("/tmp") not in above:
        command += ["--tmpfs", "/tmp"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH]
    return [*command, sys.executable, "-I"]


def _visible() -> list[Path]:
    """Return what Python and the packages need to be there."""
    system = [Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/lib32"), Path("/usr/share/zoneinfo")]
    system += [Path("/", name) for name in ("lib", "lib64") if not Path("/", name).is_symlink()]
    system += [Path("/etc/ld.so.cache"), Path("/etc/localtime")]
    package = Path(__file__).resolve().parents[2]
    libraries = [Path(path) for path in sys.path if path.endswith(("-packages", ".zip"))]
    prefixes = [sys.base_prefix, sys.prefix, sysconfig.get_path("stdlib")]
    # All of /usr would show more than Python needs.
    python = [Path(path) for path in prefixes if path != "/usr"]
    python.append(Path(sys.executable).resolve())
    wanted: list[Path] = []
    for path in [*system, *python, *(path.resolve() for path in python), *libraries, package]:
        known = any(path == other or other in path.parents for other in wanted)
        if path.exists() and not known:
            wanted.append(path)
    return wanted

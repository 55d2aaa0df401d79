"""Limits of the kernel on a submission, and a watch over what the kernel does not limit."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import time
from pathlib import Path

from xaikit.course.grading._namespaces import SCRATCH
from xaikit.course.grading._types import Limits

# What a pair of sockets of the largest kind can hold unread, for each of the two.
_SOCKET = 2**19
_TICKS = os.sysconf("SC_CLK_TCK")
# A machine this busy may be why a submission was slow.
_BUSY = 0.8

# The exit codes by which a submission says what stopped it.
OUT_OF_MEMORY, NO_SANDBOX = 77, 78
_PAUSE = 0.01
_PAGE = resource.getpagesize()
_FILES = 256


def set_limits(limits: Limits, *, count_processes: bool) -> None:
    """Limit this process and those that it starts.

    Processes are counted only in a user namespace of our own: elsewhere all that this user
    runs would count too.
    """
    # Forty busy processes must leave the keeper the time to end them.
    os.nice(10)
    # What the warm server holds is there already, and shared.
    held = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE if _numbered() else 0
    cap = {
        # Of this process alone; the keeper adds up those of a submission.
        resource.RLIMIT_CPU: math.ceil(limits.seconds) + 1,
        resource.RLIMIT_FSIZE: limits.file_mb * 2**20,
        resource.RLIMIT_NOFILE: _FILES,
        resource.RLIMIT_CORE: 0,
    }
    if held:
        cap[resource.RLIMIT_AS] = held + limits.memory_mb * 2**20
    if count_processes:
        cap[resource.RLIMIT_NPROC] = limits.processes
        # Queues of messages are memory that belongs to no process.
        cap[resource.RLIMIT_MSGQUEUE] = 0
    for kind, most in cap.items():
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def watch(child: int, limits: Limits, level: str) -> dict[str, str]:
    """Wait until the submission ends, or end it at its limit; say how it ended.

    The report has "waited" where it had not used its CPU time when its time by the clock was
    over, on a machine so busy that others may be the reason.
    """
    deadline = time.monotonic() + limits.patience
    used, before = _Used(), _machine()
    turn = 0
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return _verdict(os.waitstatus_to_exitcode(status), limits)
        turn += 1
        if time.monotonic() > deadline:
            _end(child, level)
            told = _overdue(limits)
            return {**told, "waited": "yes"} if _busy(before, _machine()) else told
        if turn % 5 == 0:
            processes = _processes(child, level)
            if used.seconds(processes) > limits.seconds:
                _end(child, level)
                return _timeout(limits)
            if _too_much(processes, limits, level):
                _end(child, level)
                return _out_of_memory(limits)
        time.sleep(_PAUSE)


class _Used:
    """The CPU time of a submission: of all its processes, those that ended among them."""

    def __init__(self) -> None:
        self._ticks: dict[tuple[str, str], int] = {}

    def seconds(self, processes: list[str]) -> float:
        for process in processes:
            try:
                stat = Path("/proc", process, "stat").read_text()
            except OSError:
                continue
            # The name of the program, in brackets, may hold anything.
            fields = stat.rpartition(")")[2].split()
            started = fields[19]
            self._ticks[process, started] = int(fields[11]) + int(fields[12])
        return sum(self._ticks.values()) / _TICKS


def _machine() -> list[int]:
    """Return the time that the machine's cores spent on each kind of work so far."""
    try:
        return [int(ticks) for ticks in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    except OSError:
        return []


def _busy(before: list[int], after: list[int]) -> bool:
    spent = [late - early for early, late in zip(before, after, strict=False)]
    # The fourth and fifth are those of cores that had nothing to do.
    return sum(spent) > 0 and sum(spent[3:5]) < (1 - _BUSY) * sum(spent)


def _verdict(code: int, limits: Limits) -> dict[str, str]:
    if code == 0:
        return {"status": "ok", "message": ""}
    if code == OUT_OF_MEMORY:
        return _out_of_memory(limits)
    if code == NO_SANDBOX:
        return {"status": "crashed", "message": "The sandbox could not be set up."}
    if code == -signal.SIGXCPU:
        return _timeout(limits)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return {"status": "crashed", "message": f"The notebook stopped its own process ({how})."}


def _timeout(limits: Limits) -> dict[str, str]:
    message = f"The notebook was not done after computing for {limits.seconds:g} seconds."
    return {"status": "timeout", "message": message}


def _overdue(limits: Limits) -> dict[str, str]:
    message = f"The notebook was not done after {limits.patience:g} seconds by the clock."
    return {"status": "timeout", "message": message}


def _out_of_memory(limits: Limits) -> dict[str, str]:
    message = f"The notebook needed more than the {limits.memory_mb} MB of memory that it may use."
    return {"status": "memory", "message": message}


def _end(child: int, level: str) -> None:
    # As process 1 of its pid namespace, its end also ends all others in it.
    if level != "namespaces in bubblewrap":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _too_much(processes: list[str], limits: Limits, level: str) -> bool:
    most = limits.memory_mb * 2**20
    beside = _shared(processes) + _SOCKET * _sockets(processes, level)
    # First a cheap figure that may be too high: what a fork left shared counts for each process.
    if beside + sum(_resident(process) for process in processes) > most:
        own = sum(_proportional(process) for process in processes)
        if own + beside > most + most // 2:
            return True
    if level == "bubblewrap alone":
        disks = [os.statvfs(path) for path in (SCRATCH, "/tmp", "/dev/shm")]
        used = sum((disk.f_blocks - disk.f_bfree) * disk.f_frsize for disk in disks)
        return used > limits.file_mb * 2**20
    return False


def _processes(child: int, level: str) -> list[str]:
    if level == "none":
        return [str(child)]
    if level == "namespaces in bubblewrap" and Path("/proc/self").exists():
        # The submission has not yet covered /proc with its own, in which this process,
        # being outside of it, has no entry.
        return []
    ours = {"1", str(os.getpid()), str(os.getppid())} if level == "bubblewrap alone" else set()
    return [name for name in _numbered() if name not in ours]


def _resident(process: str) -> int:
    """Return the memory that is in no file, in bytes; 0 for a process that is gone."""
    try:
        _, resident, shared = Path("/proc", process, "statm").read_text().split()[:3]
    except OSError:
        return 0
    return (int(resident) - int(shared)) * _PAGE


def _proportional(process: str) -> int:
    """Return the same with each page that a fork left shared divided among those that share it."""
    try:
        lines = Path("/proc", process, "smaps_rollup").read_text().splitlines()
    except OSError:
        return _resident(process)
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) * 1024


def _shared(processes: list[str]) -> int:
    """Return the size of the memory that processes share on purpose, in bytes.

    Its whole size, each once: it stays filled when the processes have let its pages go.
    """
    sizes: dict[str, int] = {}
    for process in processes:
        try:
            lines = Path("/proc", process, "maps").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if "/dev/zero" not in line:
                continue
            span, rights, offset, _, inode, *_ = line.split()
            start, end = (int(place, 16) for place in span.split("-"))
            if rights.endswith("s"):
                sizes[inode] = max(sizes.get(inode, 0), end - start + int(offset, 16))
    return sum(sizes.values())


def _sockets(processes: list[str], level: str) -> int:
    """Return how many sockets a submission has, those on the way in a message among them.

    Only where it has a network of its own are they not counted with those of others.
    """
    if level == "none" or not processes:
        return 0
    try:
        lines = Path("/proc", processes[0], "net", "sockstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[2]) for line in lines if line.startswith("sockets:")), 0)


def _numbered() -> list[str]:
    """Return the processes that /proc shows; none where there is no /proc."""
    if not Path("/proc").is_dir():
        return []
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]

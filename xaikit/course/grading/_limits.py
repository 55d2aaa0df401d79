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
        # With several threads the CPU time may well be more than the time by the clock.
        resource.RLIMIT_CPU: 2 * math.ceil(limits.seconds),
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
    """Wait until the submission ends, or end it at its limit; say how it ended."""
    deadline = time.monotonic() + limits.seconds
    turn = 0
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return _verdict(os.waitstatus_to_exitcode(status), limits)
        turn += 1
        if time.monotonic() > deadline:
            _end(child, level)
            return _timeout(limits)
        if turn % 5 == 0 and _too_much(child, limits, level):
            _end(child, level)
            return _out_of_memory(limits)
        time.sleep(_PAUSE)


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
    message = f"The notebook was not done after {limits.seconds:g} seconds."
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


def _too_much(child: int, limits: Limits, level: str) -> bool:
    most = limits.memory_mb * 2**20
    processes = _processes(child, level)
    # First a cheap figure that may be too high: shared pages count for each process.
    if sum(_resident(process) for process in processes) > most:
        return sum(_proportional(process) for process in processes) > most + most // 2
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
    """Return the same with each shared page divided among those that share it."""
    try:
        lines = Path("/proc", process, "smaps_rollup").read_text().splitlines()
    except OSError:
        return _resident(process)
    own = ("Pss_Anon:", "Pss_Shmem:")
    return sum(int(line.split()[1]) for line in lines if line.startswith(own)) * 1024


def _numbered() -> list[str]:
    """Return the processes that /proc shows; none where there is no /proc."""
    if not Path("/proc").is_dir():
        return []
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]

"""Time two sides in turn, and take the peak memory of each, in processes of their own."""

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
MEBIBYTE = 2**20
OVER = "over the limit"


class OverTheLimit(Exception):
    """A child had not ended when its time was up."""


def largest_difference(ours: Any, peer: Any) -> float:
    """Return the largest absolute difference of two arrays of one shape."""
    ours, peer = np.asarray(ours), np.asarray(peer)
    if ours.shape != peer.shape:
        raise ValueError(f"both sides must have one shape; got {ours.shape} and {peer.shape}.")
    return float(np.abs(ours - peer).max())


@dataclass(frozen=True)
class Pair:
    """The same work done by both sides, from the model and the data to the answer.

    `peer` is None where there is none, and `alone` says why; `differ` is None where answers
    that differ can both be right. `note` tells of the answers what a time does not.
    """

    ours: Callable[[], Any]
    peer: Callable[[], Any] | None
    repeats: int = 5
    differ: Callable[[Any, Any], float] | None = largest_difference
    note: Callable[[Any, Any], str] | None = None
    alone: str = "peer not installed"


def in_turn(pair: Pair) -> dict[str, Any]:
    """Time both sides in turn, so that a busy machine slows both; a first call warms up.

    Where one call is all that is affordable (`repeats` of 1) it is the first.
    """
    mine, answer = timed(pair.ours)
    other, theirs = (None, None) if pair.peer is None else timed(pair.peer)
    found: dict[str, Any] = {"ours": mine, "peer": other, "ratio": None, "difference": None}
    if pair.peer is not None and pair.differ is not None:
        found["difference"] = pair.differ(answer, theirs)
    alone = pair.alone if pair.peer is None else ""
    found["note"] = "; ".join(filter(None, [alone, pair.note and pair.note(answer, theirs)]))
    if pair.peer is None:
        found["ours"] = median_seconds(pair.ours, pair.repeats) if pair.repeats > 1 else mine
        return found
    times = [(mine, other)]
    if pair.repeats > 1:
        times = [(timed(pair.ours)[0], timed(pair.peer)[0]) for _ in range(pair.repeats)]
    found["ours"], found["peer"] = map(statistics.median, zip(*times, strict=True))
    found["ratio"] = statistics.median(b / a for a, b in times)
    return found


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of one call, and its answer."""
    begin = time.perf_counter()
    answer = call()
    return time.perf_counter() - begin, answer


def median_seconds(call: Callable[[], Any], repeats: int) -> float:
    return statistics.median(timed(call)[0] for _ in range(repeats))


def peak_memory() -> float:
    """Return the peak memory in MiB of this process and its living children, added up.

    On Linux from /proc: the figure that getrusage gives there starts at the peak of the
    process that began this one. The peaks of workers need not fall together, so the sum
    is the most that it can have been. Elsewhere, of this process alone.
    """
    own = Path("/proc/self")
    if not (own / "status").exists():
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEBIBYTE
    return sum(_high_water(process) for process in [own, *_children(own)])


def _high_water(process: Path) -> float:
    try:
        lines = (process / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended since it was listed
        return 0.0
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return sum(peaks) * 1024 / MEBIBYTE


def _children(process: Path) -> list[Path]:
    """Return the processes below a process, those of its children too."""
    numbers = [n for task in process.glob("task/*/children") for n in task.read_text().split()]
    below = [Path("/proc") / n for n in numbers]
    return below + [deeper for child in below for deeper in _children(child)]


def in_child(*arguments: str, limit: float | None = None) -> Any:
    """Run ``python -m benchmarks.child`` and return what it prints last, read as JSON.

    After `limit` seconds the child and all it has begun are ended.
    """
    command = [sys.executable, "-m", "benchmarks.child", *arguments]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        raise OverTheLimit(f"{' '.join(arguments)}: {OVER} of {limit:g} s") from None
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{err}")
    return json.loads(out.splitlines()[-1])

"""The trusted side of the sandbox: start the fork server, hand it notebooks, read replies."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import IO

from xaikit.course.grading._isolation import Isolation, command_line
from xaikit.course.grading._namespaces import SCRATCH
from xaikit.course.grading._reply import MOST_HANDED_IN
from xaikit.course.grading._server import ALONE, NONE, Config
from xaikit.course.grading._types import Limits
from xaikit.course.labs._find import lab_data

_START_SECONDS = 180
# How long a keeper may take to report, after the time of the submission is over.
_GRACE_SECONDS = 20
_PROGRAM = """\
import socket, sys
sys.path[:] = {path!r}
from xaikit.course.grading import _server
_server.main(socket.socket(fileno={control}))
"""


class ServerError(RuntimeError):
    """The fork server cannot be started, or has ended."""


class Sandbox:
    """Runs notebooks one by one or several at a time; safe to call from several threads.

    Where submissions have namespaces of their own, they share one warm server. In
    bubblewrap alone each has its own server, since nothing would part them inside.
    """

    def __init__(self, isolation: Isolation, config: Config) -> None:
        self._isolation = isolation
        self._config = config
        self._lock = threading.Lock()
        self._server: _Server | None = None

    def start(self) -> None:
        """Start the server, unless each submission gets its own, and do not wait for it."""
        if self._config.trees:
            self._config = replace(self._config, compiled=_compiled_trees())
        if self._config.level != ALONE:
            with self._lock:
                self._server = _Server(self._isolation, self._config)

    def wait(self) -> None:
        """Wait until the server has imported what notebooks need.

        Raises
        ------
        ServerError
            If it cannot be started.
        """
        if self._server is not None:
            self._server.wait()

    def close(self) -> None:
        """End the server and all that runs in it."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def run(self, notebook: bytes, seed: int) -> tuple[dict[str, str] | None, bytes | None]:
        """Run one notebook; return the report of its keeper, and its reply.

        The report is None if there is none, the reply if it was too large.

        Raises
        ------
        ServerError
            If the server cannot be started again after it has ended.
        """
        if self._config.level == ALONE:
            with _Server(self._isolation, self._config) as own:
                return _last_try(own, notebook, seed)
        server = self._live()
        try:
            return server.run(notebook, seed)
        except ServerError:
            # It has ended, for some reason: try once more, with a new one.
            return _last_try(self._live(instead_of=server), notebook, seed)

    def _live(self, instead_of: _Server | None = None) -> _Server:
        with self._lock:
            if self._server is None:
                raise ServerError("the sandbox is closed; use it in a with statement")
            if self._server is instead_of or not self._server.alive:
                self._server.close()
                self._server = _Server(self._isolation, self._config)
                self._server.wait()
            return self._server


class _Server:
    """One fork server: its process, and the socket over which it receives what to fork."""

    def __init__(self, isolation: Isolation, config: Config) -> None:
        self._limit = Limits(**config.limits).patience + _GRACE_SECONDS
        self._room = config.room + MOST_HANDED_IN
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_START_SECONDS)
        # A file, not a pipe: nobody reads it unless the start fails.
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed in close)
        program = _PROGRAM.format(path=[p for p in sys.path if p], control=theirs.fileno())
        scratch = tempfile.gettempdir() if config.level == NONE else SCRATCH
        # A file here, too: a pipe would be full before the server reads.
        with theirs, tempfile.TemporaryFile() as told:
            told.write(json.dumps(asdict(config)).encode())
            told.seek(0)
            self._process = subprocess.Popen(
                [*command_line(isolation, _shown(config)), "-c", program],
                stdin=told,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                env=_environment(scratch),
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it has imported everything, once."""
        try:
            started = self._control.recv(1)
        except OSError:
            # Its last output says more than the broken connection.
            started = b""
        if started != b"+":
            raise ServerError(f"the server of the sandbox did not start: {self._last_words()}")

    def __enter__(self) -> _Server:
        self.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def _has_ended(self) -> bool:
        """Whether the server is gone; what it forked may be seen to end a little earlier."""
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """End the server; all that it forked ends with it."""
        self._control.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._said.close()

    def run(self, notebook: bytes, seed: int) -> tuple[dict[str, str] | None, bytes | None]:
        content = _readable(notebook)
        reply, their_reply = os.pipe()
        report, their_report = os.pipe()
        theirs = [content, their_reply, their_report]
        try:
            try:
                self._ask({"seed": seed}, theirs)
            finally:
                for file in theirs:
                    os.close(file)
            replied, reported = _read_both(reply, self._room, report, self._limit)
        finally:
            os.close(reply)
            os.close(report)
        if reported is None:
            # The keeper no longer answers; only ending the server ends the submission it keeps.
            self.close()
        elif not reported and self._has_ended():
            raise ServerError("the server of the sandbox has ended")
        return (json.loads(reported) if reported else None), replied

    def _ask(self, job: dict[str, int], files: list[int]) -> None:
        try:
            with self._lock:
                socket.send_fds(self._control, [json.dumps(job).encode()], files)
                # One at a time: two messages at once could be read as one.
                told = self._control.recv(1)
        except OSError as error:
            raise ServerError(f"the server of the sandbox has ended: {error}") from error
        if told != b"+":
            raise ServerError("the server of the sandbox has ended")

    def _last_words(self) -> str:
        self._process.kill()
        self._process.wait()
        self._said.seek(0)
        lines = self._said.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self._process.returncode}"


def _last_try(
    server: _Server, notebook: bytes, seed: int
) -> tuple[dict[str, str] | None, bytes | None]:
    """Run a notebook; one that takes the server down with it has neither report nor reply."""
    try:
        return server.run(notebook, seed)
    except ServerError:
        return None, b""


def _environment(scratch: str) -> dict[str, str]:
    """Return the environment of the server, which holds nothing of the teacher's.

    In `scratch` the packages may keep what they cache.
    """
    one_thread = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
    return {
        # Submissions run side by side; threads of one would wait for those of another.
        **{f"{name}_NUM_THREADS": "1" for name in one_thread},
        "CUDA_VISIBLE_DEVICES": "-1",
        "HOME": scratch,
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": scratch,
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        # The order of a set of strings is the same for all.
        "PYTHONHASHSEED": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TZ": "UTC",
    }


def _compiled_trees() -> str:
    """Compile what explains trees, once on a machine; return the folder where it is kept."""
    from xaikit.methods._tree_compiled import make_ready

    try:
        return make_ready()
    except ImportError:
        return ""


def _shown(config: Config) -> tuple[Path, ...]:
    """Return what the sandbox shows beside the packages."""
    return (
        *lab_data(Path(config.file).parent),
        *([Path(config.compiled)] if config.compiled else []),
    )


def _readable(content: bytes) -> int:
    """Return a file descriptor from which `content` can be read, but not changed."""
    handle, path = tempfile.mkstemp(prefix="xaikit-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return os.open(path, os.O_RDONLY)
    finally:
        Path(path).unlink()


def _read_both(
    reply: int, room: int, report: int, seconds: float
) -> tuple[bytes | None, bytes | None]:
    """Read the reply and the report until the report is there, or the time is over.

    Returns the reply, None if it is larger than `room`; and the report, None if none came in
    time, empty if the keeper ended without one.
    """
    parts: dict[int, list[bytes]] = {reply: [], report: []}
    held, deadline = 0, time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(reply, selectors.EVENT_READ)
        selector.register(report, selectors.EVENT_READ)
        while report in selector.get_map():
            ready = selector.select(deadline - time.monotonic())
            if not ready:
                return b"", None
            for key, _ in ready:
                part = os.read(key.fd, 65536)
                if not part:
                    selector.unregister(key.fd)
                elif key.fd == report or held <= room:
                    # The excess is still read, and dropped, so that the writer can end.
                    held += len(part) if key.fd == reply else 0
                    parts[key.fd].append(part)
        held += _drain(reply, room - held, parts[reply])
    return None if held > room else b"".join(parts[reply]), b"".join(parts[report])


def _drain(file: int, room: int, parts: list[bytes]) -> int:
    """Read what is left, without waiting: a stray process may hold the other end open."""
    os.set_blocking(file, False)
    held = 0
    while held <= room:
        try:
            part = os.read(file, 65536)
        except BlockingIOError:
            break
        if not part:
            break
        held += len(part)
        parts.append(part)
    return held

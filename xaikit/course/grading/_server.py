"""The fork server: warm packages, a child for each submission, nothing else.

It runs inside bubblewrap, imports and compiles what the lab needs, and from then on only
forks. It reads no submission, so that a child inherits nothing but packages and what the
hand-out's own cells make them load. For each submission it forks a keeper, and the keeper
forks the process that runs the notebook::

    server ── keeper (namespaces, watches, reports) ── submission (process 1 of its namespace)

A forked child cannot be put into a bubblewrap of its own, since that executes a new program
and the warm packages would be lost; so the child leaves the server's namespaces by itself.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xaikit.course.grading import _limits, _namespaces, _run_notebook, _seccomp, _unpack
from xaikit.course.grading._types import Limits

_NETWORKS = {"tensorflow", "torch"}
_LEFT_THREADS = 3
NESTED, ALONE, NONE = "namespaces in bubblewrap", "bubblewrap alone", "none"


@dataclass(frozen=True)
class Config:
    """What the server receives when it starts: all that submissions have in common."""

    level: str
    lab: str
    labs: str
    file: str
    probes: str
    questions: list[str]
    names: dict[str, list[str]]
    imports: list[str]
    handed_out: list[str]
    trees: bool
    limits: dict[str, Any]
    room: int
    compiled: str = ""


def main(control: socket.socket) -> None:
    """Read the configuration from the standard input, import, and serve until told to end."""
    config = Config(**json.loads(sys.stdin.buffer.read()))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    gc.disable()  # nothing of what is imported is ever thrown away
    for name in config.imports:
        _warm(name)
    if config.trees:
        _compile_trees(config.compiled)
    from xaikit.course.grading._shell import make_shell

    shell = make_shell()
    _run_notebook.put_lab_aside(Path(config.labs))
    _rehearse(shell, config)
    # Children are reaped by the kernel; their keepers report, not their exit codes.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.enable()
    gc.collect()
    # A collection in a child would touch, and so copy, every page.
    gc.freeze()
    control.sendall(b"+")
    while _serve(control, config, shell):
        pass


def _warm(name: str) -> None:
    # A class that is imported by name is no module; and a package that is not installed, or
    # fails, is the notebook's own error when it comes to it.
    try:
        importlib.import_module(name)
    except Exception:
        return


def _compile_trees(kept: str) -> None:
    # A submission could not keep what it compiles, and each would take ten seconds.
    from xaikit.methods._tree_compiled import make_ready

    try:
        make_ready(kept)
    except (ImportError, OSError):
        return


def _rehearse(shell: Any, config: Config) -> None:
    """Run the hand-out, so that each submission finds modules and tables loaded.

    A process forked from one with threads may wait for them for ever. So a child rehearses,
    and serves in the place of this process unless that left a thread behind. Networks do.
    """
    from xaikit.course.grading._shell import run_cells

    if not config.handed_out or not _NETWORKS.isdisjoint(sys.modules):
        return
    child = os.fork()
    if child:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != _LEFT_THREADS:
            os._exit(code)
        return
    run_cells(shell, config.handed_out, config.limits["seconds"])
    shell.reset(new_session=True)
    # Those of compiled code, too, which Python's own count does not know.
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        os._exit(_LEFT_THREADS)


def _serve(control: socket.socket, config: Config, shell: Any) -> bool:
    message, files, _, _ = socket.recv_fds(control, 256, 3)
    if not message:
        return False
    notebook, reply, report = files
    if os.fork() == 0:
        control.close()
        _keep(config, shell, json.loads(message)["seed"], notebook, reply, report)
        os._exit(0)
    for file in files:
        os.close(file)
    control.sendall(b"+")
    return True


def _keep(config: Config, shell: Any, seed: int, notebook: int, reply: int, report: int) -> None:
    """Fork the submission, watch over it, and report how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    limits = Limits(**config.limits)
    home = Path(_namespaces.HOME)
    if config.level == NESTED:
        _namespaces.leave_namespaces(limits.file_mb)
    elif config.level == ALONE:
        home.mkdir()
    else:
        home = Path(tempfile.mkdtemp(prefix="xaikit-"))
    child = os.fork()
    if child == 0:
        try:
            os.close(report)
            _shut_in(config, limits, home, notebook, reply)
        except BaseException:
            os._exit(_limits.NO_SANDBOX)
        _run(config, shell, seed, notebook, reply)
    os.close(notebook)
    os.close(reply)
    how = _limits.watch(child, limits, config.level)
    if config.level == NONE:
        shutil.rmtree(home, ignore_errors=True)
    os.write(report, json.dumps(how).encode())


def _shut_in(config: Config, limits: Limits, home: Path, notebook: int, reply: int) -> None:
    """Take away everything that the submission does not need."""
    # A process group reaches across pid namespaces: kill(0) would end the server too.
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    _close_all_but({0, 1, 2, notebook, reply})
    if config.level == NESTED:
        _namespaces.shut_in()
    elif config.level == ALONE:
        _namespaces.give_up_privileges()
    if config.level == NONE:
        _namespaces.end_with_parent()
    else:
        _seccomp.take_calls_away()
    os.chdir(home)
    os.environ.update(HOME=str(home), TMPDIR=str(home), MPLCONFIGDIR=str(home))
    tempfile.tempdir = None
    _limits.set_limits(limits, count_processes=config.level == NESTED)


def _close_all_but(kept: set[int]) -> None:
    first = 0
    for number in [*sorted(kept), 65536]:
        # An empty range from 0 would close everything.
        if first < number:
            os.closerange(first, number)
        first = number + 1


def _run(config: Config, shell: Any, seed: int, notebook: int, reply: int) -> None:
    """Run the notebook and write the reply; never return."""
    # A student's code may put something else in their place.
    leave, write = os._exit, os.write

    def send(text: bytes) -> None:
        while text:
            text = text[write(reply, text) :]

    try:
        with os.fdopen(notebook, "rb") as file:
            content = file.read(_unpack.MAX_NOTEBOOK + 1)
        probes = (config.probes, config.file, config.questions)
        seconds = config.limits["seconds"]
        given = {"seed": seed, "room": config.room, "seconds": seconds}
        _run_notebook.answer(content, shell, config.lab, probes, config.names, send, **given)
        leave(0)
    except MemoryError:
        leave(_limits.OUT_OF_MEMORY)
    except BaseException:
        leave(1)

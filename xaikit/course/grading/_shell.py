"""IPython for a submission: its magics and `await`, without a terminal, a shell or a history."""

from __future__ import annotations

import time
from typing import Any

from xaikit.course.grading._absent import ImportsOfAbsent
from xaikit.course.grading._clock import TooSlow, at_most

# Of the time of a submission: what its cells may take together, and each cell after one
# that was stopped. What is left is for the answers.
_CELLS, _NEXT_CELL = 0.5, 0.125
# By the clock it may be so many times as long: others may keep the machine busy.
_PATIENCE = 4
# Cells that are stopped before no other one is run, and cells whose errors are told.
_MOST_STOPPED, _MOST_TOLD = 2, 10

# These magics start programs or install packages: here each says so and does nothing, so
# that a notebook that begins with `%pip install` still runs.
_LINE = ("bash", "conda", "mamba", "micromamba", "pip", "sc", "sx", "system", "uv", "edit", "ed")
_CELL = ("!", "bash", "perl", "pypy", "python", "python2", "python3", "ruby", "script", "sh", "sx")
_NOTHING = ("matplotlib", "gui", "pylab", "config", "pdb")


def make_shell() -> Any:
    """Return an IPython shell; it is made once, before the first submission."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    # The history is a database with a thread, which would not survive a fork.
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell: Any = InteractiveShell.instance(config=config)
    # A page of HTML or a picture of each result would be thrown away.
    shell.display_formatter.active_types = ["text/plain"]
    shell.ast_transformers.append(ImportsOfAbsent())
    shell.showtraceback = _nothing
    shell.showsyntaxerror = _nothing
    for name in ("system", "system_raw", "system_piped"):
        setattr(shell, name, _no_programs)
    shell.getoutput = lambda *args, **options: []
    magics = shell.magics_manager.magics
    for name in _LINE:
        magics["line"][name] = _no_programs
    for name in [*_CELL, "system"]:
        magics["cell"][name] = _no_programs
    for name in _NOTHING:
        magics["line"][name] = _nothing
    return shell


def run_cells(shell: Any, cells: list[str], seconds: float) -> list[tuple[int, BaseException]]:
    """Run the cells from the first to the last; return those that stopped, and their errors.

    An error ends its cell and no other. That is what a student sees who runs all cells with
    errors allowed, and it leaves each answer a chance that does not hang on the cell that
    failed. So does a cell that takes too long, of the `seconds` that the submission has.

    Raises
    ------
    MemoryError
        If a cell ran out of memory: what runs after that cannot be trusted.
    """
    stopped: list[tuple[int, BaseException]] = []
    left, slow = _CELLS * seconds, 0
    for number, cell in enumerate(cells, start=1):
        began = time.process_time()
        error = _run(shell, cell, left, _PATIENCE * left)
        left = max(left - (time.process_time() - began), _NEXT_CELL * seconds)
        if isinstance(error, MemoryError):
            raise MemoryError
        if error is not None and len(stopped) < _MOST_TOLD:
            stopped.append((number, error))
        slow += isinstance(error, TooSlow)
        if slow == _MOST_STOPPED:
            break
    return stopped


def _run(shell: Any, cell: str, computing: float, waiting: float) -> BaseException | None:
    """Run a cell and return its error; IPython catches all of them, even SystemExit."""
    import sys

    try:
        with at_most(computing, waiting):
            result = shell.run_cell(cell, store_history=True)
    except TooSlow as late:
        return late
    if "matplotlib.pyplot" in sys.modules:
        # As with the inline figures of a notebook: shown once, then closed.
        sys.modules["matplotlib.pyplot"].close("all")
    error: BaseException | None = result.error_in_exec or result.error_before_exec
    return error


def _no_programs(*args: Any, **options: Any) -> None:
    # The output goes nowhere; the line tells whoever runs this by hand.
    print("Programs are not run while grading.")  # noqa: T201


def _nothing(*args: Any, **options: Any) -> None:
    return None

"""IPython for a submission: its magics and `await`, without a terminal, a shell or a history."""

from __future__ import annotations

from typing import Any

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


def run_cells(shell: Any, cells: list[str]) -> None:
    """Run the cells from the first to the last; an error ends its cell and no other.

    That is what a student sees who runs all cells with errors allowed, and it leaves each
    answer a chance that does not hang on the cell that failed.

    Raises
    ------
    MemoryError
        If a cell ran out of memory: what runs after that cannot be trusted.
    """
    import sys

    for cell in cells:
        result = shell.run_cell(cell, store_history=True)
        # IPython keeps what it caught, even SystemExit and KeyboardInterrupt.
        if isinstance(result.error_in_exec or result.error_before_exec, MemoryError):
            raise MemoryError
        if "matplotlib.pyplot" in sys.modules:
            # As with the inline figures of a notebook: shown once, then closed.
            sys.modules["matplotlib.pyplot"].close("all")


def _no_programs(*args: Any, **options: Any) -> None:
    # The output goes nowhere; the line tells whoever runs this by hand.
    print("Programs are not run while grading.")  # noqa: T201


def _nothing(*args: Any, **options: Any) -> None:
    return None

"""Functions compiled by numba, and kept on disk until one of these files changes."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from xaikit.core.checks import require

Function = TypeVar("Function", bound=Callable[..., Any])
# numba would notice a change of the file that a function stands in, but not of those that it
# calls: what is kept bears the contents of them all in its name.
_SOURCES = [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]
STATE = sha256(b"".join(_SOURCES)).hexdigest()[:12]


def compiled(function: Function, *, inline: bool = False) -> Function:
    """Compile a function at its first call, and keep it for the next process."""
    numba = require("numba", extra="methods")
    function.__qualname__ += f"_{STATE}"
    how = {"nogil": True, "error_model": "numpy", "forceinline": inline}
    try:
        done: Function = numba.njit(cache=True, **how)(function)
    except RuntimeError:  # there is no folder that can be written to
        done = numba.njit(**how)(function)
    return done


def inlined(function: Function) -> Function:
    """Compile a function into those that call it.

    It is for what has few turns at most nodes; long loops over rows are faster by themselves.
    """
    return compiled(function, inline=True)

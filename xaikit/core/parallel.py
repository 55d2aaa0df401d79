"""Work over many rows: spread over workers by joblib, with a bar where it takes long."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.util import find_spec
from typing import Any, TypeVar

from xaikit.core.checks import require

Result = TypeVar("Result")

# Seconds of work before a bar appears.
DELAY = 2.0
# Pieces a worker, so that a bar moves, and a worker that dies has little to do again.
_PIECES = 20


def spread(
    work: Callable[..., Result],
    *columns: Any,
    n_jobs: int | None,
    progress: bool | None = None,
    what: str = "",
    least: int = 1,
    most: int | None = None,
    threads: bool = False,
) -> list[Result]:
    """Call `work` on consecutive pieces of the columns, and return its results in order.

    The columns (arrays of equal length) are cut at the same places. A piece has at most
    `most` rows, so that it fits in memory, and where that leaves work for every worker at
    least `least`, below which a call costs more than it does. Where the cuts fall must not
    matter to `work`. `threads` are for compiled work that lets others run meanwhile; a
    backend that the user has set goes before.
    """
    from joblib import Parallel, delayed, effective_n_jobs

    n = len(columns[0])
    size = _piece(n, effective_n_jobs(n_jobs), least, most or n)
    # The rows travel inside the call, not as its arguments: joblib would hand large
    # arguments to one Dask worker for keeping, and they would be lost with it.
    calls = [
        delayed(partial(work, *(column[at : at + size] for column in columns)))()
        for at in range(0, n, size)
    ]
    how: dict[str, Any] = {"n_jobs": n_jobs, "prefer": "threads" if threads else None}
    if not is_shown(progress):
        return list(Parallel(**how)(calls))
    results = []
    with counted(n, what, progress) as count:
        for result in Parallel(**how, return_as="generator")(calls):
            results.append(result)
            count(min(size, n - size * (len(results) - 1)))
    return results


def is_shown(progress: bool | None) -> bool:
    """Say whether there is to be a bar: as asked, or where somebody sits and watches.

    tqdm comes with the extra ``methods``; without it, a bar is shown to nobody who did not
    ask for one. TQDM_DISABLE=1 in the environment, as in a build that runs notebooks,
    silences every bar that was not asked for.
    """
    if progress:
        require("tqdm", extra="methods")
    if progress is not None:
        return progress
    if os.environ.get("TQDM_DISABLE", "0") not in ("", "0"):
        return False  # tqdm itself forgets it in a notebook, where a build needs it
    return (sys.stderr.isatty() or _in_notebook()) and find_spec("tqdm") is not None


@contextmanager
def counted(total: int, what: str, progress: bool | None) -> Iterator[Callable[[int], object]]:
    """Give a function that counts rows towards `total`, on a bar where one is shown."""
    if not is_shown(progress):
        yield lambda n: None
        return
    with _bar(total, what) as bar:
        yield bar.update


def check_progress(progress: object) -> None:
    """Refuse what is neither True, False nor None."""
    if progress is not None and not isinstance(progress, bool):
        raise TypeError(f"progress must be True, False or None; got {progress!r}.")


def _piece(n: int, workers: int, least: int, most: int) -> int:
    """Return how many rows make a piece."""
    share = -(-n // workers)
    return max(1, min(most, max(-(-share // _PIECES), min(least, share))))


def _bar(total: int, what: str) -> AbstractContextManager[Any]:
    """Return a bar that appears after `DELAY` seconds, and goes when the work is done."""
    if _in_notebook():
        from tqdm.auto import tqdm
    else:
        from tqdm import tqdm
    bar: AbstractContextManager[Any] = tqdm(
        total=total, desc=what, unit="row", delay=DELAY, leave=False, disable=False
    )
    return bar


def _in_notebook() -> bool:
    # IPython is looked up, never imported: where it runs, it is already loaded.
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"

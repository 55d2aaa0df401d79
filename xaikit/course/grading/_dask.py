"""The same batch spread over a Dask cluster: each task grades one submission."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from xaikit.course.grading._types import Graded, Submission

if TYPE_CHECKING:
    from xaikit.course.grading._batch import Backend, Grades, Results

# Seconds. Generous, since a cluster that grows on demand may take minutes to start a worker.
NO_WORKERS_TIMEOUT = 300
_CONNECT, _POLL, _FETCH = 10, 0.2, 1
_GO_ON = "What was graded is kept: the same command goes on from there."

# The graders of this worker, one for each kind of batch; opening one takes seconds.
_GRADERS: dict[tuple[str, str, int, str], Grades] = {}
_OPEN = ExitStack()
_LOCK = threading.Lock()
atexit.register(_OPEN.close)


def on_dask(
    scheduler: str,
    lab: str,
    version: str,
    seed: int,
    isolation: str,
    *,
    no_workers_timeout: float = NO_WORKERS_TIMEOUT,
) -> Backend:
    """Return a backend that sends every submission to a worker of the cluster.

    A submission whose worker is lost goes to another one. One that takes several workers
    down with it, also when it is tried alone, is handed over without marks. A cluster that
    has no worker for `no_workers_timeout` seconds, or whose scheduler is gone, ends the batch.

    Raises
    ------
    ImportError
        If ``distributed`` is not installed.
    """
    try:
        import distributed
    except ImportError as error:
        raise ImportError(
            "--backend dask needs distributed, which is not installed: pip install distributed"
        ) from error

    # distributed publishes types for some of its functions only.
    dask: Any = distributed

    def backend(submissions: Sequence[Submission]) -> Results:
        # A client of its own: one that is already open elsewhere is left alone.
        with dask.Client(scheduler, set_as_default=False, timeout=_CONNECT) as client:

            def graded(some: Sequence[Submission]) -> Results:
                batch = (lab, version, seed, isolation)
                sent = {client.submit(grade_on_worker, s, *batch, pure=False): s for s in some}
                done = dask.as_completed(list(sent), loop=client.loop)
                while not done.is_empty():
                    # Each result is fetched at once: what stays on a worker may be lost with it.
                    ready = done.next_batch(block=False)
                    for future in ready:
                        try:
                            result = _fetch(future)
                        except _NotYet:
                            done.add(future)
                        else:
                            yield sent.pop(future), result
                    if not ready:
                        waiting = list(sent.values())
                        _wait_for_a_worker(client, scheduler, no_workers_timeout, waiting)
                        time.sleep(_POLL)

            lost = []
            for submission, result in graded(submissions):
                if result is None:
                    lost.append(submission)
                else:
                    yield submission, result
            # Who only stood beside one that took the workers down is innocent, which shows
            # when each is alone.
            for submission in lost:
                yield from graded([submission])

    return backend


class ClusterLost(RuntimeError):
    """The cluster can grade nothing any more; what it graded until now is kept."""


class _NotYet(Exception):
    """The result went down with its worker, and is being worked out again."""


def _fetch(future: Any) -> Graded | None:
    """Return the marks, or None where the submission took its workers down."""
    from distributed.scheduler import NoWorkerError

    try:
        result: Graded = future.result(timeout=_FETCH)
    except WrongLab:
        raise
    except CancelledError as error:
        raise ClusterLost(
            "the connection to the scheduler of the Dask cluster was lost. " + _GO_ON
        ) from error
    except NoWorkerError as error:
        raise ClusterLost(
            f"the scheduler of the Dask cluster gave up after {error.timeout:g} s without a "
            f"worker, as its setting no-workers-timeout says. {_GO_ON}"
        ) from error
    except TimeoutError as error:
        if future.status != "error":
            raise _NotYet from error
        return None
    except Exception:
        return None
    return result


def _wait_for_a_worker(
    client: Any, address: str, timeout: float, waiting: Sequence[Submission]
) -> None:
    """Return at once if the cluster has a worker; else wait for one, but not for ever."""
    try:
        client.wait_for_workers(1, timeout=timeout)
    except TimeoutError as error:
        names = ", ".join(submission.source for submission in waiting[:3])
        more = f" and {len(waiting) - 3} more" if len(waiting) > 3 else ""
        raise ClusterLost(
            f"the Dask cluster at {address} has had no worker for {timeout:g} s, and these were "
            f"not graded yet: {names}{more}. Start workers again. {_GO_ON}"
        ) from error
    except OSError as error:
        raise ClusterLost(
            f"the scheduler at {address} does not answer: {error}. {_GO_ON}"
        ) from error


class WrongLab(ValueError):
    """A worker has another version of the lab, so its marks would be others."""


def grade_on_worker(
    submission: Submission, lab: str, version: str, seed: int, isolation: str
) -> Graded:
    """Grade one submission with this worker's grader, opened at the first one."""
    from xaikit.course.grading._grader import Grader
    from xaikit.course.grading._judge import lab_version
    from xaikit.course.labs._find import lab_path

    folder = lab_path(lab)
    here = lab_version(folder)
    if here != version:
        raise WrongLab(f"the workers must have {lab} in version {version}; one has {here}")
    key = (lab, version, seed, isolation)
    # Two threads of a worker may come here at once.
    with _LOCK:
        if key not in _GRADERS:
            grader = Grader(folder, seed=seed, isolation=isolation)
            _GRADERS[key] = _OPEN.enter_context(grader)
    return _GRADERS[key].grade(submission)

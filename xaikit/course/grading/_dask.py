"""The same batch spread over a Dask cluster: each task grades one submission."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from xaikit.course.grading._types import Graded, Submission

if TYPE_CHECKING:
    from xaikit.course.grading._batch import Backend, Grades, Results

# The graders of this worker, one for each kind of batch; opening one takes seconds.
_GRADERS: dict[tuple[str, str, int, str], Grades] = {}
_OPEN = ExitStack()
_LOCK = threading.Lock()
atexit.register(_OPEN.close)


def on_dask(scheduler: str, lab: str, version: str, seed: int, isolation: str) -> Backend:
    """Return a backend that sends every submission to a worker of the cluster.

    A submission whose worker is lost goes to another one. One that takes several workers
    down with it, also when it is tried alone, is handed over without marks.

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
        with dask.Client(scheduler, set_as_default=False, timeout=10) as client:

            def send(submission: Submission) -> Any:
                batch = (lab, version, seed, isolation)
                return client.submit(grade_on_worker, submission, *batch, pure=False)

            sent = {send(submission): submission for submission in submissions}
            lost = []
            # Each result is fetched at once: what stays on a worker may be lost with it.
            for future, result in dask.as_completed(
                list(sent), loop=client.loop, with_results=True, raise_errors=False
            ):
                submission = sent.pop(future)
                if future.status == "finished":
                    yield submission, result
                elif isinstance(error := future.exception(), WrongLab):
                    raise error
                else:
                    lost.append(submission)
            # Who only stood beside one that took the workers down is innocent, which shows
            # when each is alone.
            for submission in lost:
                future = send(submission)
                yield submission, None if future.exception() else future.result()

    return backend


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

"""Grade all submissions of a batch, on several workers, whatever one of them does."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

from xaikit._parallel import is_shown
from xaikit.labs.grading._journal import Journal
from xaikit.labs.grading._types import Graded, Mark, Submission


class Grades(Protocol):
    """What the batch needs of a grader."""

    def grade(self, submission: Submission) -> Graded:
        """Return the marks of one submission."""


OpenGrader = Callable[[], AbstractContextManager[Grades]]
# Hands over each submission with its marks, or with None where they could not be given.
Results = Iterator[tuple[Submission, Graded | None]]
Backend = Callable[[Sequence[Submission]], Results]


def grade_batch(
    submissions: Sequence[Submission],
    backend: Backend,
    *,
    journal: Journal,
    seed: int,
    given_up: Callable[[Submission], Graded],
    say: Callable[[str], object] = lambda line: None,
) -> tuple[Graded, ...]:
    """Grade the submissions that the journal does not know yet, and return all in order.

    Parameters
    ----------
    submissions : sequence of Submission
        What was handed in.
    backend : callable
        Takes submissions and hands over their marks, in any order.
    journal : Journal
        What was graded before; every mark goes into it as soon as it is there.
    seed : int
        The seed of the batch.
    given_up : callable
        Makes the result of a submission that the machine failed to grade. It is not kept
        in the journal, so that the next run tries again.
    say : callable
        Takes a line about the progress.
    """
    done = {i: known for i, s in enumerate(submissions) if (known := journal.get(s, seed))}
    if done:
        say(f"{len(done)} of {len(submissions)} were graded before and are taken over")
    waiting = [s for i, s in enumerate(submissions) if i not in done]
    places: dict[int, int] = {id(s): i for i, s in enumerate(submissions)}
    with _progress(len(waiting), say) as count:
        for submission, graded in backend(waiting) if waiting else ():
            if graded is not None:
                journal.put(submission, graded)
            done[places[id(submission)]] = graded or given_up(submission)
            count()
    return tuple(done[i] for i in range(len(submissions)))


def on_this_machine(open_grader: OpenGrader, workers: int) -> Backend:
    """Return a backend of `workers` threads, each with a grader of its own.

    The threads only wait for their sandboxes. A grader that fails is opened anew and asked
    once more; a submission that fails twice is handed over without marks.
    """

    def backend(submissions: Sequence[Submission]) -> Results:
        waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
        for submission in submissions:
            waiting.put(submission)
        results: queue.SimpleQueue[tuple[Submission, Graded | None] | BaseException]
        results = queue.SimpleQueue()
        stopped = threading.Event()
        many = min(workers, len(submissions))
        # Daemons: Ctrl-C must not wait for a notebook that has a minute left.
        arguments = (open_grader, waiting, results, stopped)
        threads = [threading.Thread(target=_work, args=arguments, daemon=True) for _ in range(many)]
        for thread in threads:
            thread.start()
        try:
            for _ in submissions:
                result = results.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            stopped.set()
        # Everything is graded; what is left is to close the graders.
        for thread in threads:
            thread.join()

    return backend


def _work(
    open_grader: OpenGrader,
    waiting: queue.SimpleQueue[Submission],
    results: queue.SimpleQueue[tuple[Submission, Graded | None] | BaseException],
    stopped: threading.Event,
) -> None:
    try:
        with ExitStack() as stack:
            grader = stack.enter_context(open_grader())
            while not stopped.is_set():
                try:
                    submission = waiting.get_nowait()
                except queue.Empty:
                    return
                graded: Graded | None
                try:
                    graded = grader.grade(submission)
                except Exception:
                    # Nothing a student wrote raises here: the grader itself has failed.
                    stack.close()
                    grader = stack.enter_context(open_grader())
                    graded = _second_try(grader, submission)
                results.put((submission, graded))
    except BaseException as error:
        # Without a grader there is no batch; the main thread says so.
        results.put(error)


def _second_try(grader: Grades, submission: Submission) -> Graded | None:
    try:
        return grader.grade(submission)
    except Exception:
        return None


def no_marks(
    submission: Submission, points: dict[str, int], lab: str, version: str, seed: int
) -> Graded:
    """Return the result of a submission that the machine failed to grade, twice."""
    hint = "This question was not marked."
    marks = tuple(Mark(name, 0.0, most, hint, "error") for name, most in points.items())
    return Graded(
        submission.student,
        submission.source,
        "crashed",
        marks,
        0.0,
        sum(points.values()),
        "The grading stopped twice at this notebook. Run the command again, or look yourself.",
        "",
        lab,
        version,
        seed,
    )


@contextmanager
def _progress(total: int, say: Callable[[str], object]) -> Iterator[Callable[[], object]]:
    """Give a function to call for each submission: a bar where somebody watches, else lines."""
    if total and is_shown(None):
        from tqdm import tqdm

        with tqdm(total=total, desc="grading", unit="notebook", leave=False) as bar:
            yield bar.update
        return
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if done % 25 == 0 or done == total:
            say(f"{done} of {total} graded")

    yield count

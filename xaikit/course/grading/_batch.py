"""Grade all submissions of a batch, on several workers, even where one of them fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol

from xaikit.core.parallel import is_shown
from xaikit.course.grading._journal import Journal
from xaikit.course.grading._types import Graded, Mark, Submission


class Grades(Protocol):
    """What the batch needs from a grader."""

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
    """Return a backend of one grader that is asked by `workers` threads.

    The threads only wait for their sandboxes. A submission at which the grader itself fails
    twice is handed over without marks.
    """

    def backend(submissions: Sequence[Submission]) -> Results:
        with open_grader() as grader:
            pool = ThreadPoolExecutor(workers)
            try:
                asked = {pool.submit(_ask_twice, grader, s): s for s in submissions}
                for future in as_completed(asked):
                    yield asked[future], future.result()
            finally:
                # On Ctrl-C, do not wait: closing the grader also ends the running notebooks.
                pool.shutdown(wait=False, cancel_futures=True)

    return backend


def _ask_twice(grader: Grades, submission: Submission) -> Graded | None:
    for _ in range(2):
        # Nothing a student wrote raises here: it is the machine that failed.
        with suppress(Exception):
            return grader.grade(submission)
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
    """Give a function to call for each submission: a bar in a terminal, lines elsewhere."""
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

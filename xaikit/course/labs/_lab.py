"""An open lab, as a learner meets it in the notebook."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from xaikit.course.labs._checks import Checks, load_checks
from xaikit.course.labs._discussion import LEAST_WORDS, count_words, read_discussion
from xaikit.course.labs._find import lab_path
from xaikit.course.labs._mark import NOTEBOOK_SEED, mark
from xaikit.course.labs._outcome import Note, Outcome, Row, Table
from xaikit.course.labs._progress import Progress
from xaikit.course.labs._source import Answer, read_answers


class Lab:
    """One open lab: ``check``, ``hint``, ``solution``, ``progress`` and ``discuss``.

    Made by ``xk.labs.open``; not by hand.

    Parameters
    ----------
    folder : Path
        The folder of the lab's source.
    checks : Checks
        Its probes and judges.
    progress : Progress
        Where the learner's progress is kept.

    Notes
    -----
    Taught in: every lab.

    Examples
    --------
    >>> import xaikit as xk
    >>> xk.labs.open("l03_shapley")
    <lab l03_shapley: q1, q2, q3, q4, q5, q6, q7, q8>
    """

    def __init__(self, folder: Path, checks: Checks, progress: Progress) -> None:
        self._folder = folder
        self._checks = checks
        self._progress = progress

    @cached_property
    def _answers(self) -> dict[str, Answer]:
        return read_answers(self._folder)

    def __repr__(self) -> str:
        return f"<lab {self._checks.lab}: {', '.join(self._checks.points)}>"

    def check(self, question: str) -> Outcome:
        """Mark your answer to a question.

        Parameters
        ----------
        question : str
            For example "q1".

        Returns
        -------
        Outcome
            Correct, partly right, wrong with the reason, not answered yet, or the line of
            yours that raised an error.

        Raises
        ------
        ValueError
            If the lab has no such question; the message lists those it has.
        """
        self._checks.require(question)
        # A cell runs in the notebook's globals, and so does a script: the caller's frame
        # has the learner's names either way.
        names = sys._getframe(1).f_globals
        outcome = mark(self._checks, question, names, NOTEBOOK_SEED)
        if outcome.status != "unanswered":
            entry = self._progress.get(self._checks.lab, question)
            best = max(entry.points, outcome.points)
            tried = replace(entry, points=best, tries=entry.tries + 1)
            self._progress.put(self._checks.lab, question, tried)
        return replace(outcome, message=self._with_notice(outcome.message))

    def hint(self, question: str) -> Note:
        """Give the next step towards the answer; each call goes one step further.

        Parameters
        ----------
        question : str
            For example "q1".

        Returns
        -------
        Note
            The step; after the last one, the last again.

        Raises
        ------
        ValueError
            If the lab has no such question; the message lists those it has.
        """
        self._checks.require(question)
        hints = self._answers[question].hints
        entry = self._progress.get(self._checks.lab, question)
        number = min(entry.hints + 1, len(hints))
        self._progress.put(self._checks.lab, question, replace(entry, hints=number))
        heading = f"{question}: hint {number} of {len(hints)}"
        if number == len(hints):
            heading += f', the last; `lab.solution("{question}")` opens after a try'
        return Note(heading, self._with_notice(hints[number - 1]))

    def solution(self, question: str) -> Note:
        """Show a solution, once you have tried.

        Parameters
        ----------
        question : str
            For example "q1".

        Returns
        -------
        Note
            The solution; or, before the first try, how to open it.

        Raises
        ------
        ValueError
            If the lab has no such question; the message lists those it has.
        """
        self._checks.require(question)
        if self._progress.get(self._checks.lab, question).tries == 0:
            advice = f'Write an answer and run `lab.check("{question}")`; then this opens.'
            return Note(f"{question}: try it first", advice)
        answer = self._answers[question].solved
        return Note(
            f"{question}: a solution", "Yours may look different and be just as right.", answer
        )

    def discuss(self, answer: str) -> Note:
        """Show what others say to the question that closes the lab, beside what you wrote.

        Parameters
        ----------
        answer : str
            Your own answer, of at least fifty words. It is not kept, and not marked.

        Returns
        -------
        Note
            The discussion; or how many words there are so far.

        Raises
        ------
        TypeError
            If `answer` is not text.
        """
        if not isinstance(answer, str):
            raise TypeError(f"answer must be text; got {type(answer).__name__}")
        words = count_words(answer)
        if words < LEAST_WORDS:
            return Note(
                "Your answer first",
                f"It has {words} words so far. From {LEAST_WORDS} on, a discussion opens here.",
            )
        return Note("A discussion", read_discussion(self._folder))

    def progress(self) -> Table:
        """Show how far you have got.

        Returns
        -------
        Table
            Marks and tries for each question, and a bar over all.
        """
        lab = self._checks.lab
        rows = []
        for question, most in self._checks.points.items():
            entry = self._progress.get(lab, question)
            title = self._answers[question].title
            rows.append(Row(question, title, min(entry.points, most), most, entry.tries))
        return Table(lab, tuple(rows), self._progress.take_notice())

    def _with_notice(self, message: str) -> str:
        return "\n".join(filter(None, [message, self._progress.take_notice()]))


def open_lab(name: str) -> Lab:
    """Open a lab of the course.

    Your progress is kept in ``.progress.json`` in the folder the notebook runs in, and
    is there again after a restart of the kernel.

    Parameters
    ----------
    name : str
        For example "l03_shapley", or "l03" for short.

    Returns
    -------
    Lab
        With ``check``, ``hint``, ``solution``, ``progress`` and ``discuss``.

    Raises
    ------
    ValueError
        If there is no such lab; the message lists those there are.
    FileNotFoundError
        If no labs came with this installation.

    Notes
    -----
    Taught in: every lab.

    Examples
    --------
    >>> import xaikit as xk
    >>> lab = xk.labs.open("l03_shapley")
    >>> lab.check("q1").status
    'unanswered'
    """
    folder = lab_path(name)
    return Lab(folder, load_checks(folder), Progress(Path.cwd()))

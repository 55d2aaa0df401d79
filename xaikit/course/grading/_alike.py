"""Find answers that are the same code but for names, for the teacher to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xaikit.course.grading._reply import tidy_code
from xaikit.course.grading._shape import shape
from xaikit.course.grading._types import Answer, Graded
from xaikit.course.labs._source import read_answers

# Nodes of an answer beyond its stub, some six lines: below, many write the same by themselves.
_SMALL = 25
_MOST_NAMES = 5


class HandedOut:
    """What the lab itself gives for each question: the stub, and the solution it opens."""

    def __init__(self, lab: Path) -> None:
        answers = read_answers(lab)
        self.stubs = {question: answer.student for question, answer in answers.items()}
        self._sizes = {question: shape(stub)[1] for question, stub in self.stubs.items()}
        self._solved = {question: shape(answer.solved)[0] for question, answer in answers.items()}

    def own(self, question: str, answer: Answer) -> Answer:
        """Return what of an answer is the student's own.

        A cell as it was handed out is no answer. The solution, which the lab opens after a
        try, and an answer of a few lines have no shape that could tell anything.
        """
        if answer.code == tidy_code(self.stubs.get(question, "")):
            return Answer()
        small = answer.size - self._sizes.get(question, 0) < _SMALL
        if small or answer.shape == self._solved.get(question):
            return replace(answer, shape="")
        return answer


@dataclass(frozen=True)
class Alike:
    """Students whose answers to some questions have the same shape."""

    students: tuple[str, ...]
    questions: tuple[str, ...]


def find_alike(graded: Sequence[Graded]) -> tuple[Alike, ...]:
    """Return who handed in the same code but for names; most questions first.

    The shapes come from the sandbox, told before the notebook ran. Who managed to forge them
    all the same would hide, or stand beside somebody whose code they must have had.
    """
    sharing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in graded:
        for mark in row.marks:
            if mark.shape:
                sharing[mark.question, mark.shape].append(row.student)
    questions: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for (question, _), students in sharing.items():
        if len(students) > 1:
            questions[tuple(students)].append(question)
    found = [Alike(students, tuple(sorted(q))) for students, q in questions.items()]
    return tuple(sorted(found, key=lambda a: (-len(a.questions), a.students)))


def alike_notes(found: Sequence[Alike]) -> dict[str, str]:
    """Return a note for each student who is in a group, for the teacher's table."""
    notes: dict[str, list[str]] = defaultdict(list)
    for group in found:
        for student in group.students:
            others = [other for other in group.students if other != student]
            notes[student].append(f"same code as {some(others)} in {', '.join(group.questions)}")
    return {student: "; ".join(said) for student, said in notes.items()}


def some(names: Sequence[str]) -> str:
    """Return the names in a sentence, at most five of them.

    Examples
    --------
    >>> some(["ada"]), some(["ada", "ben"]), some(["ada"] * 9)
    ('ada', 'ada, ben', 'ada, ada, ada, ada, ada and 4 more')
    """
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more

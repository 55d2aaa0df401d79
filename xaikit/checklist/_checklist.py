"""A checklist: its questions, where each comes from, and the rules of its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from xaikit.checklist._evaluation import Evaluation


@dataclass(frozen=True)
class Source:
    """What a question rests on: a law, a judgment or a paper.

    Parameters
    ----------
    text : str
        How it is cited.
    doi : str or None
        Its DOI, without an address before it.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> checklist.load()["model-card"].sources[0].doi
    '10.1145/3287560.3287596'
    """

    text: str
    doi: str | None = None


@dataclass(frozen=True)
class Question:
    """One question, with what counts as an answer to it.

    Parameters
    ----------
    id : str
        Its name in answers and evidence; it keeps its meaning from version to version.
    level : str
        "technical", "ethical and legal" or "practical".
    question : str
        The question, such that "yes" is the good answer.
    why : str
        What goes wrong where nobody asks.
    evidence : str
        How to find evidence.
    answers : mapping of str to str
        What each answer means. "yes", "partly" and "no" are always there; "not
        applicable" only where it can be meant.
    chapter : str
        The page of the book that helps, such as "local/lime".
    evidence_required : bool
        Whether an answer better than "no" counts only with evidence.
    blocking : bool
        Whether nothing may be deployed while this question is open.
    sources : tuple of Source
        What the question rests on.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> question = checklist.load()["off-switch"]
    >>> question.blocking
    True
    >>> list(question.answers)
    ['yes', 'partly', 'no']
    """

    id: str
    level: str
    question: str
    why: str
    evidence: str
    answers: Mapping[str, str]
    chapter: str
    evidence_required: bool
    blocking: bool
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Rule:
    """When a verdict is given: if any question fits.

    Parameters
    ----------
    verdict : str
        "ready", "ready with conditions" or "not ready".
    meaning : str
        The rule in words.
    status : tuple of str
        The rule fits if a question has one of these: an answer, "unproven" or
        "unanswered". Empty: the rule fits always.
    blocking : bool or None
        Only questions that are blocking, or not; None for all.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> checklist.load().rules[0].status
    ('no', 'unproven', 'unanswered')
    """

    verdict: str
    meaning: str
    status: tuple[str, ...] = ()
    blocking: bool | None = None

    def fitting(self, questions: tuple[Question, ...], status: Mapping[str, str]) -> list[str]:
        """Return the ids of the questions that make the rule fit.

        Parameters
        ----------
        questions : tuple of Question
            The questions of the list.
        status : mapping of str to str
            The status of each, by id.

        Returns
        -------
        list of str
            In the order of the list.
        """
        return [
            q.id
            for q in questions
            if status[q.id] in self.status and self.blocking in (None, q.blocking)
        ]


@dataclass(frozen=True)
class Checklist:
    """Questions to be answered before deployment, and the rules of the verdict.

    Parameters
    ----------
    version : str
        Three numbers, such as "1.0.0".
    title, about : str
        What the list is, and what it is for.
    questions : tuple of Question
        The questions in their order.
    rules : tuple of Rule
        The first rule that fits gives the verdict; the last one fits always.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> ours = checklist.load()
    >>> ours
    Checklist('Before deployment', version 1.0.0, 27 questions, 10 of them blocking)
    >>> ours.evaluate({"off-switch": "no"}).verdict
    'not ready'
    """

    version: str
    title: str
    about: str
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the questions, in their order."""
        return tuple(question.id for question in self.questions)

    def __getitem__(self, id: str) -> Question:
        for question in self.questions:
            if question.id == id:
                return question
        raise KeyError(f"id must be one of the list's {len(self.questions)}; got {id!r}")

    def __len__(self) -> int:
        return len(self.questions)

    def __repr__(self) -> str:
        blocking = sum(question.blocking for question in self.questions)
        return (
            f"Checklist({self.title!r}, version {self.version}, {len(self)} questions, "
            f"{blocking} of them blocking)"
        )

    def evaluate(
        self, answers: Mapping[str, str], evidence: Mapping[str, Any] | None = None
    ) -> Evaluation:
        """Set answers and evidence against the list.

        Whether there is evidence is looked at, not whether it is any good: that takes
        a reader who does not want the model to pass.

        Parameters
        ----------
        answers : mapping of str to str
            By id: "yes", "partly", "no" or, where the question allows it, "not
            applicable". What is left out is unanswered.
        evidence : mapping of str to str, number, True or a collection of these, optional
            By id, what the answer rests on. None, False and an empty text are no
            evidence.

        Returns
        -------
        Evaluation
            The status of each question and the verdict.

        Raises
        ------
        TypeError
            If a part has the wrong type.
        ValueError
            If an id is not in the list, an answer is not one of the question's, or
            evidence is not finite.

        Examples
        --------
        >>> from xaikit import checklist
        >>> ours = checklist.load()
        >>> result = ours.evaluate(
        ...     {"no-leak": "yes", "calibrated": "yes"}, {"no-leak": {"best column": 0.64}}
        ... )
        >>> result.status["no-leak"], result.status["calibrated"]
        ('yes', 'unproven')
        """
        from xaikit.checklist._evaluation import Evaluation

        return Evaluation(self, answers, evidence or {})

    def to_frame(self) -> pd.DataFrame:
        """Return the questions as a table.

        Returns
        -------
        DataFrame
            A row for each question, indexed by id; columns "level", "question",
            "evidence_required", "blocking" and "chapter".

        Examples
        --------
        >>> from xaikit import checklist
        >>> checklist.load().to_frame()["level"].value_counts().to_dict()
        {'technical': 10, 'ethical and legal': 10, 'practical': 7}
        """
        columns = ("level", "question", "evidence_required", "blocking", "chapter")
        rows = [[getattr(question, name) for name in columns] for question in self.questions]
        return pd.DataFrame(rows, index=pd.Index(self.ids, name="id"), columns=list(columns))

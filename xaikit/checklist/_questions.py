"""The questions of a checklist, what each rests on, and the rules of the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = ("technical", "ethical and legal", "practical")
STATUSES = ("yes", "partly", "no", "not applicable", "unproven", "unanswered")


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
        What goes wrong if nobody asks.
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

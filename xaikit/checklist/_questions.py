"""The questions of a checklist, what each rests on, the law, and the rules of the verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

LEVELS = ("technical", "ethical and legal", "practical")
STATUSES = ("yes", "partly", "no", "not applicable", "unproven", "unanswered")
OPEN = ("partly", "no")


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
    variant : str or None
        The variant of the list that adds the question; None in every list.

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
    variant: str | None = None


@dataclass(frozen=True)
class Law:
    """A law that a variant of the list adds.

    Parameters
    ----------
    text : str
        How it is cited.
    says : str
        What it asks for, in a sentence or two.
    applies : str
        Since when, or from when.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> checklist.load(variant="hiring").variant.law[2].text
    'Regulation (EU) 2024/1689, Article 26(7)'
    """

    text: str
    says: str
    applies: str


@dataclass(frozen=True)
class Variant:
    """What a model decides about, with the law for it.

    Parameters
    ----------
    id : str
        Its name for `load`, such as "hiring".
    title : str
        Its name for people.
    law : tuple of Law
        What to read before the list is signed.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> [variant.id for variant in checklist.load().variants]
    ['credit', 'hiring', 'health']
    """

    id: str
    title: str
    law: tuple[Law, ...] = ()


@dataclass(frozen=True)
class Rule:
    """When a verdict is given: if any question fits, or the record has a gap.

    Parameters
    ----------
    verdict : str
        "ready", "ready with conditions" or "not ready".
    meaning : str
        The rule in words.
    status : tuple of str
        The rule fits if a question has one of these: an answer, "unproven" or
        "unanswered". Empty: the rule fits always, unless it is about the record.
    blocking : bool or None
        Only questions that are blocking, or not; None for all.
    assigned : bool or None
        Only questions whose answer has owner and due date (and a condition, if it is a
        "partly" that blocks), or not; None for all.
    record : str or None
        "incomplete": the rule fits if a field of the record says nothing.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> checklist.load().rules[1].status
    ('unproven', 'unanswered')
    """

    verdict: str
    meaning: str
    status: tuple[str, ...] = ()
    blocking: bool | None = None
    assigned: bool | None = None
    record: str | None = None

    @property
    def always(self) -> bool:
        """Whether the rule fits whatever the answers are."""
        return not self.status and self.record is None

    def fitting(
        self,
        questions: tuple[Question, ...],
        status: Mapping[str, str],
        unassigned: Collection[str] = (),
    ) -> list[str]:
        """Return the ids of the questions that make the rule fit.

        Parameters
        ----------
        questions : tuple of Question
            The questions of the list.
        status : mapping of str to str
            The status of each, by id.
        unassigned : collection of str
            The ids of the open questions that lack owner, due date or condition.

        Returns
        -------
        list of str
            In the order of the list.
        """
        return [
            q.id
            for q in questions
            if status[q.id] in self.status
            and self.blocking in (None, q.blocking)
            and self.assigned in (None, q.id not in unassigned)
        ]

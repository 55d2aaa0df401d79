"""A checklist: its questions, its law, and the rules of its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xaikit.checklist._evaluation import Evaluation
from xaikit.checklist._evidence import EvidenceRule
from xaikit.checklist._questions import Question, Rule, Variant


@dataclass(frozen=True)
class Checklist:
    """Questions to be answered before deployment, and the rules of the verdict.

    Parameters
    ----------
    version : str
        Three numbers, such as "2.0.0".
    title, about : str
        What the list is, and what it is for.
    questions : tuple of Question
        The questions in their order.
    rules : tuple of Rule
        The first rule that fits gives the verdict; the last one fits always.
    evidence : EvidenceRule
        Which texts are refused as evidence.
    variants : tuple of Variant
        What the list can be loaded for, each with its law.
    variant : Variant or None
        What it was loaded for.

    Notes
    -----
    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> ours = checklist.load()
    >>> ours
    Checklist('Before deployment', version 2.0.0, 31 questions, 13 of them blocking)
    >>> ours.evaluate({"off-switch": "no"}).verdict
    'not ready'
    """

    version: str
    title: str
    about: str
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    evidence: EvidenceRule
    variants: tuple[Variant, ...] = ()
    variant: Variant | None = None

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
        self,
        answers: Mapping[str, str],
        evidence: Mapping[str, Any] | None = None,
        *,
        record: Mapping[str, str] | None = None,
        actions: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Evaluation:
        """Check answers and what comes with them against the list, and give a verdict.

        The evaluation sees that there is evidence and that it is no placeholder, not
        whether it is any good: that takes a reader who does not want the model to pass.

        Parameters
        ----------
        answers : mapping of str to str
            By id: "yes", "partly", "no" or, where the question allows it, "not
            applicable". What is left out is unanswered.
        evidence : mapping of str to str, number, True or a collection of these, optional
            By id, what the answer rests on, in words. What says nothing ("TODO", "see
            page 3", a bare number) is kept and refused: the answer stays unproven.
        record : mapping of str to str, optional
            What is judged: "model", "version", "purpose", "country", "deployer" and
            "date", the last as 2026-11-30.
        actions : mapping of str to mapping, optional
            By id, who closes what is answered "partly" or "no": "owner", "due" (a day, not
            before the record's) and, for a "partly" that blocks, "condition": under what
            condition the model may be used until then.

        Returns
        -------
        Evaluation
            The status of each question and the verdict.

        Raises
        ------
        TypeError
            If a part has the wrong type.
        ValueError
            If an id is not in the list, an answer is not one of the question's, a key is
            unknown, or evidence is not finite.

        Examples
        --------
        >>> from xaikit import checklist
        >>> result = checklist.load().evaluate(
        ...     {"no-leak": "yes", "calibrated": "yes"},
        ...     {"no-leak": {"AUC of best single column": 0.64}, "calibrated": "see page 3"},
        ... )
        >>> result.status["no-leak"], result.status["calibrated"]
        ('yes', 'unproven')
        >>> result.refused["calibrated"][:52]
        'It says where to look, not what is to be seen there.'
        """
        return Evaluation(self, answers, evidence or {}, record or {}, actions or {})

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
        {'ethical and legal': 13, 'technical': 10, 'practical': 8}
        """
        columns = ("level", "question", "evidence_required", "blocking", "chapter")
        rows = [[getattr(question, name) for name in columns] for question in self.questions]
        return pd.DataFrame(rows, index=pd.Index(self.ids, name="id"), columns=list(columns))

"""A checklist, and what the answers to it add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import repr as short
from types import MappingProxyType
from typing import Any

import pandas as pd

from xaikit.checklist import _report
from xaikit.checklist._answers import as_text, checked_answers, checked_evidence
from xaikit.checklist._questions import LEVELS, STATUSES, Question, Rule
from xaikit.checklist._read import SHIPPED, read


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
        """Check answers and evidence against the list, and give a verdict.

        The evaluation sees whether there is evidence, not whether it is any good: that
        takes a reader who does not want the model to pass.

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


class Evaluation:
    """What the answers to a checklist add up to.

    Made by `Checklist.evaluate`.

    Parameters
    ----------
    checklist : Checklist
        The list.
    answers : mapping of str to str
        The answer to each question, by id.
    evidence : mapping of str to object
        What each answer rests on, by id.

    Attributes
    ----------
    status : mapping of str to str
        For each id of the list the answer, or "unproven" where the question requires
        evidence and an answer better than "no" comes without, or "unanswered".
    verdict : str
        "ready", "ready with conditions" or "not ready".
    rule : Rule
        The first rule of the list that fits; it gives the verdict.
    decisive : tuple of str
        The ids of the questions that make it fit; empty where it fits always.
    unanswered, unproven : tuple of str
        The ids of the questions with that status.

    Notes
    -----
    Evidence is kept as plain text, numbers and collections of them. That it is there
    is checked; that it proves anything is not.

    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> ours = checklist.load()
    >>> answers = dict.fromkeys(ours.ids, "yes")
    >>> ours.evaluate(answers)
    Evaluation(not ready: 10 open and blocking, 25 unproven)
    >>> ours.evaluate(answers, dict.fromkeys(ours.ids, "report 7, page 3"))
    Evaluation(ready: 0 open and blocking, 0 unproven)
    """

    def __init__(
        self, checklist: Checklist, answers: Mapping[str, str], evidence: Mapping[str, Any]
    ) -> None:
        self.checklist = checklist
        questions = {question.id: question for question in checklist.questions}
        self.answers = MappingProxyType(checked_answers(questions, answers))
        self.evidence = MappingProxyType(checked_evidence(questions, evidence))
        self.status = MappingProxyType({id: self._status(id) for id in questions})
        for rule in checklist.rules:
            decisive = rule.fitting(checklist.questions, self.status)
            if decisive or not rule.status:
                break
        self.rule = rule
        self.verdict = rule.verdict
        self.decisive = tuple(decisive)

    def _status(self, id: str) -> str:
        answer = self.answers.get(id)
        if answer is None:
            return "unanswered"
        needed = self.checklist[id].evidence_required and answer != "no"
        return "unproven" if needed and id not in self.evidence else answer

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The ids of the questions without an answer."""
        return self._with("unanswered")

    @property
    def unproven(self) -> tuple[str, ...]:
        """The ids of the questions whose answer lacks the evidence it needs."""
        return self._with("unproven")

    def _with(self, status: str) -> tuple[str, ...]:
        return tuple(id for id, found in self.status.items() if found == status)

    def counts(self) -> pd.DataFrame:
        """Return how many questions of each level have each status.

        Returns
        -------
        DataFrame of int
            Rows by level, columns by status.

        Examples
        --------
        >>> from xaikit import checklist
        >>> checklist.load().evaluate({"off-switch": "no"}).counts().loc["practical", "no"]
        np.int64(1)
        """
        frame = self.to_frame()
        table = pd.crosstab(frame["level"], frame["status"])
        levels = [level for level in LEVELS if level in table.index]
        table = table.reindex(index=levels, columns=list(STATUSES), fill_value=0)
        return table.rename_axis(index=None, columns=None)

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each question.

        Returns
        -------
        DataFrame
            Indexed by id; columns "level", "question", "blocking", "status" and
            "evidence", the last as text.

        Examples
        --------
        >>> from xaikit import checklist
        >>> checklist.load().evaluate({"off-switch": "no"}).to_frame().loc["off-switch", "status"]
        'no'
        """
        frame = self.checklist.to_frame()[["level", "question", "blocking"]]
        frame["status"] = [self.status[id] for id in frame.index]
        frame["evidence"] = [as_text(self.evidence.get(id)) for id in frame.index]
        return frame

    def to_markdown(self) -> str:
        """Return a report to be printed and signed.

        Returns
        -------
        str
            Markdown: the verdict, what decides it, and each question with its status
            and evidence.

        Examples
        --------
        >>> from xaikit import checklist
        >>> print(checklist.load().evaluate({}).to_markdown().splitlines()[0])
        # Before deployment (version 1.0.0): not ready
        """
        heading = f"{self.checklist.title} (version {self.checklist.version}): {self.verdict}"
        return _report.markdown(heading, self.rule.meaning, self.decisive, self.to_frame())

    def to_json(self) -> str:
        """Return answers, evidence and verdict as JSON.

        Returns
        -------
        str
            What `from_json` reads.

        Examples
        --------
        >>> from xaikit import checklist
        >>> checklist.load().evaluate({"no-leak": "no"}).to_json()[:34]
        '{"format": "xaikit.Evaluation/1", '
        """
        return _report.dump(
            title=self.checklist.title,
            version=self.checklist.version,
            verdict=self.verdict,
            answers=dict(self.answers),
            evidence=dict(self.evidence),
        )

    @staticmethod
    def from_json(text: str, checklist: Checklist | None = None) -> Evaluation:
        """Return the evaluation that `to_json` saved, judged again.

        Parameters
        ----------
        text : str
            What `to_json` returned.
        checklist : Checklist, optional
            The list that was answered; without it the one that comes with the package.

        Returns
        -------
        Evaluation
            Judged again by the rules of the list.

        Raises
        ------
        TypeError
            If `text` is not a str.
        ValueError
            If it is not what `to_json` returns, belongs to another version of the list, or states
            a verdict that its answers do not give.

        Examples
        --------
        >>> from xaikit import checklist
        >>> result = checklist.load().evaluate({"no-leak": "no"})
        >>> checklist.Evaluation.from_json(result.to_json()).status["no-leak"]
        'no'
        """
        saved = _report.read(text)
        ours = Checklist(**read(SHIPPED)) if checklist is None else checklist
        if (saved["title"], saved["version"]) != (ours.title, ours.version):
            raise ValueError(
                f"text must answer {ours.title!r}, version {ours.version}; got "
                f"{short(saved['title'])}, version {short(saved['version'])}."
            )
        evaluation = ours.evaluate(saved["answers"], saved["evidence"])
        if saved["verdict"] != evaluation.verdict:
            raise ValueError(
                f"verdict must be what the answers give, {evaluation.verdict!r}; got "
                f"{short(saved['verdict'])}."
            )
        return evaluation

    def __repr__(self) -> str:
        blocking = {q.id for q in self.checklist.questions if q.blocking}
        closed = ("yes", "partly", "not applicable")
        still_open = sum(self.status[id] not in closed for id in blocking)
        counts = f"{still_open} open and blocking, {len(self.unproven)} unproven"
        return f"Evaluation({self.verdict}: {counts})"

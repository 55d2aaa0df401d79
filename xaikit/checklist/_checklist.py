"""A checklist, and what the answers to it add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from xaikit.checklist import _report
from xaikit.checklist._answers import as_text, checked_answers, checked_evidence
from xaikit.checklist._evidence import EvidenceRule
from xaikit.checklist._judge import Sheet, judge
from xaikit.checklist._questions import LEVELS, STATUSES, Question, Rule, Variant
from xaikit.checklist._read import SHIPPED, read
from xaikit.checklist._record import checked_actions, checked_record


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
    record : mapping of str to str
        What is judged.
    actions : mapping of str to mapping
        Owner, due date and condition of what is open, by id.
    migrated : str, optional
        The version for which the answers were given, if it was an older one.

    Attributes
    ----------
    status : mapping of str to str
        For each id of the list the answer, or "unproven" where the question requires
        evidence and an answer better than "no" comes without, or "unanswered".
    refused : mapping of str to str
        By id, why what was given as evidence is none, and what evidence looks like.
    unassigned : mapping of str to tuple of str
        By id, what a "partly" or "no" lacks: "owner", "due" and, if it is a "partly" that
        blocks, "condition".
    record_gaps : tuple of str
        The fields of the record that say nothing.
    verdict : str
        "ready", "ready with conditions" or "not ready".
    rules : tuple of Rule
        The rules of the list that fit and give this verdict.
    decisive : tuple of str
        The ids of the questions that make them fit; empty where they fit always.
    unanswered, unproven : tuple of str
        The ids of the questions with that status.

    Notes
    -----
    Evidence is kept as plain text, numbers and collections of them. That it says
    something is checked; that it proves anything is not.

    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> from xaikit import checklist
    >>> ours = checklist.load()
    >>> answers = dict.fromkeys(ours.ids, "yes")
    >>> ours.evaluate(answers, dict.fromkeys(ours.ids, "TODO"))
    Evaluation(not ready: 30 in the way, 13 of them blocking; 30 unproven, record incomplete)
    >>> found = "12 of 400 cases wrong, recounted by A. Weber on 3 May 2026"
    >>> record = {"model": "credit score", "version": "4", "purpose": "small loans",
    ...           "country": "Ireland", "deployer": "Our Bank", "date": "2026-11-30"}
    >>> ours.evaluate(answers, dict.fromkeys(ours.ids, found), record=record)
    Evaluation(ready)
    """

    def __init__(
        self,
        checklist: Checklist,
        answers: Mapping[str, str],
        evidence: Mapping[str, Any],
        record: Mapping[str, str],
        actions: Mapping[str, Mapping[str, str]],
        migrated: str | None = None,
    ) -> None:
        self.checklist = checklist
        self.migrated = migrated
        questions = {question.id: question for question in checklist.questions}
        self.answers = MappingProxyType(checked_answers(questions, answers))
        self.evidence = MappingProxyType(checked_evidence(questions, evidence))
        self.record = MappingProxyType(checked_record(record))
        self.actions = MappingProxyType(checked_actions(questions, actions))
        sheet = Sheet(self.answers, self.evidence, self.record, self.actions)
        found = judge(checklist.questions, checklist.rules, checklist.evidence, sheet)
        self.status, self.refused, self.unassigned = found.status, found.refused, found.unassigned
        self.record_gaps, self.rules, self.decisive = found.record_gaps, found.rules, found.decisive
        self.verdict = found.rules[0].verdict

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
            Indexed by id; columns "level", "question", "blocking", "status", "meaning" of
            the answer, "evidence" as text, "refused" (why the evidence is none), "owner",
            "due" and "condition".

        Examples
        --------
        >>> from xaikit import checklist
        >>> frame = checklist.load().evaluate({"off-switch": "no"}).to_frame()
        >>> frame.loc["off-switch", "meaning"]
        'It would take a release.'
        """
        ours = self.checklist
        frame = ours.to_frame()[["level", "question", "blocking"]]
        frame["status"] = [self.status[id] for id in frame.index]
        answers = {id: ours[id].answers[answer] for id, answer in self.answers.items()}
        frame["meaning"] = [answers.get(id, "") for id in frame.index]
        frame["evidence"] = [as_text(self.evidence.get(id)) for id in frame.index]
        frame["refused"] = [self.refused.get(id, "") for id in frame.index]
        for field in ("owner", "due", "condition"):
            frame[field] = [self.actions.get(id, {}).get(field, "") for id in frame.index]
        return frame

    def to_markdown(self) -> str:
        """Return a report to be printed and signed.

        Returns
        -------
        str
            Markdown: the verdict and what decides it, the record, each question with its
            status, what the answer means, evidence, owner and due date, and the law of the
            variant.

        Examples
        --------
        >>> from xaikit import checklist
        >>> print(checklist.load().evaluate({}).to_markdown().splitlines()[0])
        # Before deployment (version 2.0.0): not ready
        """
        return _report.markdown(self)

    def to_json(self) -> str:
        """Return record, answers, evidence, actions and verdict as JSON.

        Returns
        -------
        str
            What `from_json` reads.

        Examples
        --------
        >>> from xaikit import checklist
        >>> checklist.load().evaluate({"no-leak": "no"}).to_json()[:34]
        '{"format": "xaikit.Evaluation/2", '
        """
        variant = self.checklist.variant
        return _report.dump(
            title=self.checklist.title,
            version=self.checklist.version,
            variant=variant.id if variant else None,
            verdict=self.verdict,
            record=dict(self.record),
            answers=dict(self.answers),
            evidence=dict(self.evidence),
            actions={id: dict(action) for id, action in self.actions.items()},
        )

    @staticmethod
    def from_json(text: str, checklist: Checklist | None = None) -> Evaluation:
        """Return the evaluation that `to_json` saved, judged again.

        A file of version 1 is read too: its answers and evidence are kept, `migrated`
        names its version, and the verdict is that of the rules of today, which ask for
        more.

        Parameters
        ----------
        text : str
            What `to_json` returned.
        checklist : Checklist, optional
            The list that was answered; without it the one that comes with the package, in
            the variant that the file names.

        Returns
        -------
        Evaluation
            Judged again by the rules of the list.

        Raises
        ------
        TypeError
            If `text` is not a str.
        ValueError
            If it is not what `to_json` returns, belongs to another list or version, or
            states a verdict that its answers do not give.

        Examples
        --------
        >>> from xaikit import checklist
        >>> result = checklist.load().evaluate({"no-leak": "no"})
        >>> checklist.Evaluation.from_json(result.to_json()).status["no-leak"]
        'no'
        """
        saved = _report.read(text)
        ours = Checklist(**read(SHIPPED, saved["variant"])) if checklist is None else checklist
        migrated = _report.check_belongs(saved, ours)
        parts = {part: saved[part] for part in ("answers", "evidence", "record", "actions")}
        evaluation = Evaluation(ours, **parts, migrated=migrated)
        if migrated is None:
            _report.check_verdict(saved, evaluation.verdict)
        return evaluation

    def __repr__(self) -> str:
        return f"Evaluation({_report.summary(self)})"

"""What the answers to a checklist add up to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from xaikit.checklist import _report
from xaikit.checklist._answers import as_text, checked_answers, checked_evidence
from xaikit.checklist._questions import LEVELS, OPEN, STATUSES, Rule
from xaikit.checklist._record import action_gaps, checked_actions, checked_record, record_gaps

if TYPE_CHECKING:
    from xaikit.checklist._checklist import Checklist


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

        rule = checklist.evidence
        refusals = {id: rule.refusal(as_text(given)) for id, given in self.evidence.items()}
        self.refused = MappingProxyType({id: why for id, why in refusals.items() if why})
        self.status = MappingProxyType({id: self._status(id) for id in questions})
        self.record_gaps = record_gaps(self.record, rule)
        self.unassigned = MappingProxyType(self._unassigned())

        fits = {each: self._fitting(each) for each in checklist.rules}
        fitting = [each for each, why in fits.items() if why is not None]
        self.verdict = fitting[0].verdict
        self.rules = tuple(each for each in fitting if each.verdict == self.verdict)
        decisive = {id for each in self.rules for id in fits[each] or ()}
        self.decisive = tuple(id for id in questions if id in decisive)

    def _status(self, id: str) -> str:
        answer = self.answers.get(id)
        if answer is None:
            return "unanswered"
        needed = self.checklist[id].evidence_required and answer != "no"
        proven = id in self.evidence and id not in self.refused
        return "unproven" if needed and not proven else answer

    def _unassigned(self) -> dict[str, tuple[str, ...]]:
        """Return by id what an open answer lacks; an unproven one is to be proven first."""
        gaps = {}
        for question in self.checklist.questions:
            status = self.status[question.id]
            if status in OPEN:
                with_condition = question.blocking and status == "partly"
                action = self.actions.get(question.id, {})
                rule = self.checklist.evidence
                gaps[question.id] = action_gaps(action, with_condition, self.record, rule)
        return {id: lacks for id, lacks in gaps.items() if lacks}

    def _fitting(self, rule: Rule) -> list[str] | None:
        """Return the ids that make a rule fit, or None if it does not fit."""
        if rule.record is not None:
            return [] if self.record_gaps else None
        ids = rule.fitting(self.checklist.questions, self.status, self.unassigned)
        return ids if ids or rule.always else None

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
        from xaikit.checklist._load import load

        saved = _report.read(text)
        ours = load(variant=saved["variant"]) if checklist is None else checklist
        migrated = _report.check_belongs(saved, ours)
        evaluation = Evaluation(
            ours,
            saved["answers"],
            saved["evidence"],
            saved["record"],
            saved["actions"],
            migrated=migrated,
        )
        if migrated is None:
            _report.check_verdict(saved, evaluation.verdict)
        return evaluation

    def __repr__(self) -> str:
        said = []
        if self.decisive:
            what = "in the way" if self.verdict == "not ready" else "open"
            blocking = sum(self.checklist[id].blocking for id in self.decisive)
            said.append(f": {len(self.decisive)} {what}, {blocking} of them blocking")
        if self.unproven:
            said.append(f"; {len(self.unproven)} unproven")
        if self.record_gaps:
            said.append(", record incomplete" if said else ": record incomplete")
        return f"Evaluation({self.verdict}{''.join(said)})"

"""What a sheet of answers adds up to, by the rules of its list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from xaikit.checklist._answers import as_text
from xaikit.checklist._evidence import EvidenceRule
from xaikit.checklist._questions import OPEN, Question, Rule
from xaikit.checklist._record import action_gaps, record_gaps


@dataclass(frozen=True)
class Sheet:
    """What was filled in: checked, and kept as plain values."""

    answers: Mapping[str, str]
    evidence: Mapping[str, Any]
    record: Mapping[str, str]
    actions: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Findings:
    """What it adds up to; `Evaluation` says what each part is."""

    status: Mapping[str, str]
    refused: Mapping[str, str]
    unassigned: Mapping[str, tuple[str, ...]]
    record_gaps: tuple[str, ...]
    rules: tuple[Rule, ...]
    decisive: tuple[str, ...]


def judge(
    questions: tuple[Question, ...], rules: tuple[Rule, ...], evidence: EvidenceRule, sheet: Sheet
) -> Findings:
    """Judge a sheet. book/_live/verdict.js does the same in the page."""
    refusals = {id: evidence.refusal(as_text(given)) for id, given in sheet.evidence.items()}
    refused = {id: why for id, why in refusals.items() if why}
    status = {q.id: _status(q, sheet, refused) for q in questions}
    unassigned = {}
    for question in questions:
        # What is unproven is to be proven first.
        if status[question.id] in OPEN:
            with_condition = question.blocking and status[question.id] == "partly"
            action = sheet.actions.get(question.id, {})
            lacks = action_gaps(action, with_condition, sheet.record, evidence)
            if lacks:
                unassigned[question.id] = lacks
    gaps = record_gaps(sheet.record, evidence)

    def fitting(rule: Rule) -> list[str] | None:
        """Return the ids that make a rule fit, or None if it does not fit."""
        if rule.record is not None:
            return [] if gaps else None
        ids = rule.fitting(questions, status, unassigned)
        return ids if ids or rule.always else None

    fits = {rule: ids for rule in rules if (ids := fitting(rule)) is not None}
    verdict = next(iter(fits)).verdict  # the last rule fits always
    decisive = {id for rule, ids in fits.items() if rule.verdict == verdict for id in ids}
    return Findings(
        status=MappingProxyType(status),
        refused=MappingProxyType(refused),
        unassigned=MappingProxyType(unassigned),
        record_gaps=gaps,
        rules=tuple(rule for rule in fits if rule.verdict == verdict),
        decisive=tuple(id for id in status if id in decisive),
    )


def _status(question: Question, sheet: Sheet, refused: Mapping[str, str]) -> str:
    answer = sheet.answers.get(question.id)
    if answer is None:
        return "unanswered"
    needed = question.evidence_required and answer != "no"
    proven = question.id in sheet.evidence and question.id not in refused
    return "unproven" if needed and not proven else answer

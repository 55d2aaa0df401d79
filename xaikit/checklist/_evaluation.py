"""Answers and evidence set against a checklist, and the verdict that follows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xaikit.checklist import _report
from xaikit.checklist._words import LEVELS, STATUSES

if TYPE_CHECKING:
    from xaikit.checklist._checklist import Checklist

MAX_ITEMS = 1000


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
    Evidence is kept as plain texts, numbers and collections of them. That it is there
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
        self.answers = MappingProxyType(_answers(checklist, answers))
        self.evidence = MappingProxyType(_evidence(checklist, evidence))
        self.status = MappingProxyType({q.id: self._status(q.id) for q in checklist.questions})
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
        frame["evidence"] = [_report.as_text(self.evidence.get(id)) for id in frame.index]
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
        return _report.markdown(self)

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
        return _report.dump(self)

    @staticmethod
    def from_json(text: str, checklist: Checklist | None = None) -> Evaluation:
        """Return the evaluation in a JSON text, judged anew.

        Parameters
        ----------
        text : str
            What `to_json` returned.
        checklist : Checklist, optional
            The list that was answered; without it the one that comes with the package.

        Returns
        -------
        Evaluation
            Judged anew by the rules of the list.

        Raises
        ------
        TypeError
            If `text` is not a str.
        ValueError
            If it is not such a text, belongs to another version of the list, or states
            a verdict that its answers do not give.

        Examples
        --------
        >>> from xaikit import checklist
        >>> result = checklist.load().evaluate({"no-leak": "no"})
        >>> checklist.Evaluation.from_json(result.to_json()).status["no-leak"]
        'no'
        """
        return _report.load(text, checklist)

    def __repr__(self) -> str:
        blocking = {q.id for q in self.checklist.questions if q.blocking}
        closed = ("yes", "partly", "not applicable")
        stand = sum(self.status[id] not in closed for id in blocking)
        return (
            f"Evaluation({self.verdict}: {stand} open and blocking, {len(self.unproven)} unproven)"
        )


def _known(checklist: Checklist, name: str, given: object) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping from ids; got {type(given).__name__}.")
    for id in given:
        if id not in checklist.ids:
            near = get_close_matches(str(id), checklist.ids, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise ValueError(f"{name} must be given by ids of the list; got {id!r}{hint}.")
    return given


def _answers(checklist: Checklist, given: object) -> dict[str, str]:
    answers = {}
    for id, answer in _known(checklist, "answers", given).items():
        allowed = checklist[id].answers
        if not isinstance(answer, str) or answer not in allowed:
            words = ", ".join(map(repr, allowed))
            raise ValueError(f"answers[{id!r}] must be one of {words}; got {answer!r}.")
        answers[id] = str(answer)
    return answers


def _evidence(checklist: Checklist, given: object) -> dict[str, Any]:
    found = {}
    for id, value in _known(checklist, "evidence", given).items():
        kept = _plain(f"evidence[{id!r}]", value)
        # A zero is evidence; False, None, and what is empty are not.
        if kept is not None and kept is not False and kept not in ("", [], {}):
            found[id] = kept
    return found


def _plain(name: str, value: object, depth: int = 0) -> Any:
    """Return evidence as JSON has it."""
    if isinstance(value, pd.Series):
        value = value.to_dict()
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{name} must be finite; got {value}.")
        return value
    if isinstance(value, Mapping | list | tuple) and depth < 3:
        if len(value) > MAX_ITEMS:
            raise ValueError(f"{name} must have at most {MAX_ITEMS} items; got {len(value)}.")
        if isinstance(value, Mapping):
            return {str(key): _plain(name, item, depth + 1) for key, item in value.items()}
        return [_plain(name, item, depth + 1) for item in value]
    raise TypeError(
        f"{name} must be a text, a number, True, or a collection of these at most 3 deep; "
        f"got {type(value).__name__}."
    )

"""Answers and evidence: checked, and kept as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from reprlib import repr as short
from typing import Any

import numpy as np
import pandas as pd

from xaikit.checklist._questions import Question

MAX_ITEMS = 1000


def by_id(questions: Mapping[str, Question], name: str, given: object) -> Mapping[str, Any]:
    """Return a mapping whose keys are ids of the list."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping from ids; got {type(given).__name__}.")
    for id in given:
        if id not in questions:
            near = get_close_matches(str(id), questions, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise ValueError(f"{name} must be given by ids of the list; got {short(id)}{hint}.")
    return given


def checked_answers(questions: Mapping[str, Question], given: object) -> dict[str, str]:
    """Return the answers by id, each one that its question allows."""
    answers = {}
    for id, answer in by_id(questions, "answers", given).items():
        allowed = questions[id].answers
        if not isinstance(answer, str) or answer not in allowed:
            words = ", ".join(map(repr, allowed))
            raise ValueError(f"answers[{id!r}] must be one of {words}; got {short(answer)}.")
        answers[id] = str(answer)
    return answers


def checked_evidence(questions: Mapping[str, Question], given: object) -> dict[str, Any]:
    """Return the evidence by id as plain values; what is no evidence is left out."""
    found = {}
    for id, value in by_id(questions, "evidence", given).items():
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
        f"{name} must be text, a number, True, or a collection of these at most 3 deep; "
        f"got {type(value).__name__}."
    )


def as_text(value: Any) -> str:
    """Return evidence in one line, numbers to four significant digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "holds" if value else "does not hold"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "; ".join(f"{key} {as_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    return " ".join(str(value).split())

"""Mark one answer for each hidden case: right, a known mistake, or right for some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xaikit.course.labs._match import close
from xaikit.course.labs._unread import listed, unread
from xaikit.course.labs._values import Json, numbers

Answers = dict[str, NDArray[np.float64]]


def match_cases(
    value: Json,
    cases: Mapping[str, Sequence[Any]],
    right: Callable[..., ArrayLike],
    wrong: Mapping[str, Callable[..., ArrayLike]],
    *,
    points: float,
    praise: str,
    wanted: str,
    step: str | None = None,
    same: Callable[[ArrayLike, ArrayLike], bool] = close,
    fault: Callable[..., str] | None = None,
    look: Callable[[Answers, Answers], str] | None = None,
) -> tuple[float, str]:
    """Mark what a learner's function answered to several hidden inputs.

    Parameters
    ----------
    value : JSON value
        The reply: one answer for each case, in their order.
    cases : mapping of str to sequence
        What the function was given, by the name under which the learner is told of it.
    right : callable
        Called with a case, it returns the right answer.
    wrong : mapping of str to callable
        A hint, and what a known misconception answers to a case. The first that agrees with
        the reply in every case gives its hint.
    points : float
        The points when every answer is right; any other reply gets 0.
    praise : str
        What to say then.
    wanted : str
        The form that the question asks for, a sentence that closes what is said of another.
    step : str, optional
        The next step where no case is right. Left out, `wanted`.
    same : callable, default `close`
        Called with an answer and a right or known wrong one, it says whether they agree.
    fault : callable, optional
        Called with an answer and its case, it returns what else is wrong with its form, or "".
    look : callable, optional
        Called with all answers and all right ones, by name, it returns a hint for a mistake
        that no function in `wrong` makes, or "".

    Returns
    -------
    points : float
        `points`, or 0.
    hint : str
        The praise, the fault in the form, the hint of the misconception, or which cases are
        right.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> cases = {"two": ([1, 2],), "three": ([3, 3, 3],)}
    >>> hints = {"That is the sum.": sum}
    >>> told = {"points": 2, "praise": "Yes.", "wanted": "Return one number."}
    >>> match_cases([3, 9], cases, np.mean, hints, **told)
    (0, 'That is the sum.')
    >>> match_cases([1.5, 2], cases, np.mean, hints, **told)
    (0, 'Right for: two. Not right yet for: three.')
    """
    truths = _answers(right, cases)
    replies = dict(zip(cases, listed(value, len(cases)), strict=True))
    got: Answers = {}
    for name, reply in replies.items():
        answer = numbers(reply, truths[name].shape)
        if answer is None:
            return 0, unread(reply, truths[name].shape, wanted)
        if fault and (said := fault(reply, *cases[name])):
            return 0, said
        got[name] = answer
    fine = [name for name in cases if same(got[name], truths[name])]
    if len(fine) == len(cases):
        return points, praise
    for hint, mistake in wrong.items():
        answers = _answers(mistake, cases)
        if all(same(got[name], answers[name]) for name in cases):
            return 0, hint
    if look and (said := look(got, truths)):
        return 0, said
    if not fine:
        return 0, f"The form is right, the numbers in no hidden case. {step or wanted}"
    rest = [name for name in cases if name not in fine]
    return 0, f"Right for: {', '.join(fine)}. Not right yet for: {', '.join(rest)}."


def _answers(way: Callable[..., ArrayLike], cases: Mapping[str, Sequence[Any]]) -> Answers:
    return {name: np.asarray(way(*case), dtype=np.float64) for name, case in cases.items()}

"""Mark a reply against known answers, right and wrong, and give the hint that fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xaikit.course.labs._values import Json, numbers


def match(
    got: NDArray[np.float64] | None,
    cases: Iterable[tuple[str, ArrayLike]],
    otherwise: str,
    *,
    points: float,
    rtol: float = 1e-6,
) -> tuple[float, str]:
    """Give the hint of the first case that a reply agrees with.

    Many questions have one right answer and several wrong ones that a known
    misconception leads to. Each of them is computed and has its own hint.

    Parameters
    ----------
    got : ndarray of float64 or None
        What `numbers` read from the reply; None agrees with nothing.
    cases : iterable of (str, array_like)
        Hint and answer, the right one first. Each answer has the shape of `got`.
    otherwise : str
        The hint for any other reply.
    points : float
        The points for the right answer; any other gets 0.
    rtol : float, default 1e-6
        How far a number may be off, as a share of itself; and, as a hundredth of that share,
        of the largest number in that answer, for those that are 0 but for rounding.

    Returns
    -------
    points : float
        `points` if the reply agrees with the first case, else 0.
    hint : str
        The hint.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> cases = [("Right.", 0.5), ("That is the sum; you want the mean.", 1.0)]
    >>> match(np.array(1.0), cases, "Return one number.", points=2)
    (0, 'That is the sum; you want the mean.')
    """
    for place, (hint, answer) in enumerate(cases):
        if got is not None and close(got, answer, rtol=rtol):
            return (points if place == 0 else 0), hint
    return 0, otherwise


def close(got: ArrayLike, truth: ArrayLike, *, rtol: float = 1e-6) -> bool:
    """Say whether numbers agree with the truth, relative to the size of the truth.

    Parameters
    ----------
    got, truth : array_like
        The numbers, and what they should be; of one shape.
    rtol : float, default 1e-6
        How far each may be off, as a share of its truth; and, as a hundredth of that share,
        of the largest truth, for those that are 0 but for rounding.

    Returns
    -------
    bool
        True if all agree. Nothing agrees with a truth that is not finite, as a wrong way to an
        answer may lead to.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> close([0.1 + 0.2, 0], [0.3, 0]), close([1e-12], [2e-12])
    (True, False)
    """
    right = np.asarray(truth, dtype=np.float64)
    if not np.isfinite(right).all():
        return False
    scale = float(np.abs(right).max(initial=0.0))
    return bool(np.allclose(got, right, rtol=rtol, atol=0.01 * rtol * scale))


def match_each(
    value: Json,
    truths: Mapping[str, tuple[bool | str | float, str]],
    praise: str,
    *,
    points: float,
    atol: float | None = None,
    spare: int | None = None,
) -> tuple[float, str]:
    """Mark a table of answers by name; each wrong entry meets its own hint.

    Parameters
    ----------
    value : JSON value
        The reply: an answer for each name. What is not a mapping has every entry wrong.
    truths : mapping of str to (bool, str or float, str)
        For each name the right answer, and the hint where it was not given.
    praise : str
        What to say when every entry is right.
    points : float
        The points for a table without a fault; each wrong entry takes off the same share.
    atol : float, optional
        How far a number may be off. Without it an answer must be the right one; where that is
        True or False, 1 and 0 stand for them, and no text does.
    spare : int, optional
        The number of wrong entries at which no points are left, so that guessing earns
        nothing; by default all entries.

    Returns
    -------
    points : float
        The points earned.
    hint : str
        The hints of the wrong entries, a line each, or `praise`.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> truths = {"2 + 2": (4.0, "Twice two."), "2 - 2": (0.0, "Nothing is left.")}
    >>> match_each({"2 + 2": 4, "2 - 2": 2}, truths, "Right.", points=2, atol=0.01)
    (1.0, '`2 - 2`: Nothing is left.')
    """
    answers = value if isinstance(value, dict) else {}

    def right(answer: Json, truth: bool | str | float) -> bool:
        if atol is None and isinstance(truth, bool):
            got = numbers(answer, ())
            return got is not None and bool(got == truth)
        if atol is None:
            return type(answer) is type(truth) and answer == truth
        got = numbers(answer, ())
        return got is not None and bool(abs(got - float(truth)) <= atol)

    wrong = [
        f"`{name}`: {hint}"
        for name, (truth, hint) in truths.items()
        if not right(answers.get(name), truth)
    ]
    left = max(0.0, 1 - len(wrong) / (spare or len(truths)))
    return points * left, "\n".join(wrong) or praise

"""Ask a learner's function in the ways that tell a right one from one that looks right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xaikit.course.labs._match import close
from xaikit.course.labs._values import Json, numbers, plain

Numbers = NDArray[np.float64]


def ask_rows(function: Callable[[Any], object], X: Any, seed: int) -> dict[str, Json]:
    """Ask a function of rows for all rows, each alone, all in another order, and all twice.

    What a row gets must not hang on the rows beside it. A function that goes by the place of a
    row, by the mean of what it was given, or by ``any`` without an axis, is right for a table
    and wrong for one of these.

    Parameters
    ----------
    function : callable
        The learner's: rows in, one answer a row out.
    X : ndarray or DataFrame of shape (n, ...)
        The rows. Each call gets a copy.
    seed : int
        Draws the other order.

    Returns
    -------
    dict
        The four answers as plain values, those in another order put back; for `read_rows`.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0], [3.0]])
    >>> ask_rows(lambda X: X[:, 0] * 2, X, seed=0)["alone"]
    [[2.0], [6.0]]
    """
    n = len(X)
    order = np.random.default_rng([seed, 97]).permutation(n)

    def ask(places: Any) -> Json:
        taken = X.iloc[places] if hasattr(X, "iloc") else X[places]
        return plain(function(taken.copy()))

    turned = ask(order)
    back = turned
    if isinstance(turned, list) and len(turned) == n:
        back = [turned[place] for place in np.argsort(order)]
    return {
        "whole": ask(np.arange(n)),
        "alone": [ask(np.array([place])) for place in range(n)],
        "turned": back,
        "twice": ask(np.tile(np.arange(n), 2)),
    }


def read_rows(value: Json, shape: tuple[int, ...]) -> tuple[Numbers | None, str]:
    """Read what `ask_rows` sent: the answer for all rows, and where the others differ from it.

    Parameters
    ----------
    value : JSON value
        The reply, or the part of it that came from `ask_rows`.
    shape : tuple of int
        The shape of the answer for all rows, that of one row after the number of rows.

    Returns
    -------
    answer : ndarray of float64 or None
        The numbers for the whole table; None if they are not there in this shape.
    fault : str
        How a row's answer hangs on the other rows, as a hint; empty if it does not.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0], [3.0]])
    >>> read_rows(ask_rows(lambda X: X[:, 0] - X.mean(), X, 0), (2,))[1]
    'Row 0 gets -1 in the whole table, and 0 when it is asked alone. What a row gets must not \
depend on the rows beside it.'
    """
    reply = value if isinstance(value, dict) else {}
    whole = numbers(reply.get("whole"), shape)
    if whole is None:
        return None, ""
    for how, other in _asked_otherwise(reply, shape):
        if other is None:
            return whole, f"Your function does not return one answer a row {how}."
        for i in range(len(whole)):
            if not _same(whole, other, i):
                return whole, (
                    f"Row {i} gets {_said(whole[i])} in the whole table, and {_said(other[i])} "
                    f"{how}. What a row gets must not depend on the rows beside it."
                )
    return whole, ""


def _asked_otherwise(
    reply: dict[str, Json], shape: tuple[int, ...]
) -> Iterator[tuple[str, Numbers | None]]:
    """Give each other way in which the rows were asked, and the answers, one a row."""
    n, *rest = shape
    alone = reply.get("alone")
    singles = [numbers(one, (1, *rest)) for one in alone] if isinstance(alone, list) else []
    read = [one[0] for one in singles if one is not None]
    yield "when it is asked alone", np.array(read) if len(read) == n else None
    yield "when the rows come in another order", numbers(reply.get("turned"), shape)
    twice = numbers(reply.get("twice"), (2 * n, *rest))
    for half in (slice(n), slice(n, None)):
        yield "when every row is there twice", None if twice is None else twice[half]


def _same(whole: Numbers, other: Numbers, i: int) -> bool:
    # Float32 models add up in another order for another number of rows.
    scale = 1e-5 * float(np.abs(whole).max())
    return close(other[i], whole[i], rtol=1e-4) or bool(np.all(np.abs(other[i] - whole[i]) < scale))


def _said(value: Any) -> str:
    return f"{value:.4g}" if np.ndim(value) == 0 else np.array2string(value, precision=4)


def ask_both(function: Callable[[Any, Any], object], a: Any, b: Any) -> list[Json]:
    """Ask a function of two things both ways round, so that a sign cannot hide.

    Parameters
    ----------
    function : callable
        The learner's, of two arguments.
    a, b : object
        The arguments.

    Returns
    -------
    list
        What came back for (a, b), and for (b, a), as plain values.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> ask_both(lambda a, b: a - b, 5, 3), ask_both(lambda a, b: abs(a - b), 5, 3)
    ([2, -2], [2, 2])
    """
    return [plain(function(a, b)), plain(function(b, a))]

"""Plain values: what a probe may send and how a judge reads it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from numbers import Real

import numpy as np
from numpy.typing import NDArray

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

# A part that was not answered, among others that were.
_LEFT = "<still the placeholder>"
MAX_DEPTH = 6
MAX_ITEMS = 20_000
# Beyond this a sum of squares could overflow; no lab asks for such a number.
MAX_NUMBER = 1e12


class NotAnswered(LookupError):
    """The learner has not answered yet: a name is missing, or holds nothing but ``...``.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> plain({"share": ...})
    Traceback (most recent call last):
    xaikit.course.labs._values.NotAnswered: the answer still holds the placeholder `...`
    """


def plain(value: object) -> Json:
    """Turn what the learner's code returned into plain JSON values.

    Arrays, Series and tuples become lists, sets become sorted lists of text, NumPy
    numbers, fractions and decimals become Python numbers. Anything else becomes a string
    that names its type, so that a judge sees an odd answer and not an exception.

    Parameters
    ----------
    value : object
        What a probe got from the learner's code.

    Returns
    -------
    None, bool, int, float, str, list or dict
        Values that ``json.dumps`` accepts.

    Raises
    ------
    NotAnswered
        If the value is still the placeholder ``...``, or holds nothing else. Where only a part
        is, that part becomes a text that is no answer, and the others count.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> import numpy as np
    >>> plain({"shares": np.array([1.0, 2.5]), "axioms": {"dummy"}})
    {'shares': [1.0, 2.5], 'axioms': ['dummy']}
    """
    found = _plain(value, MAX_DEPTH)
    if set(leaves_of(found)) == {_LEFT}:
        raise NotAnswered("the answer still holds the placeholder `...`")
    return found


def leaves_of(value: Json) -> Iterator[Json]:
    """Give what a reply holds, without its lists and dicts."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves_of(inner)
    else:
        yield value


def _plain(value: object, depth: int) -> Json:
    if value is Ellipsis:
        return _LEFT
    if depth == 0:
        return "<nested too deeply>"
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Real | Decimal):
        return float(value)
    # pandas is recognised by what it does, so that it need not be imported here.
    if not isinstance(value, np.ndarray) and hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.size <= MAX_ITEMS else "<too many items>"
        return _plain(value, depth)
    if isinstance(value, Mapping | list | tuple | set | frozenset) and len(value) > MAX_ITEMS:
        return "<too many items>"
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        value = sorted(str(item) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item, depth - 1) for item in value]
    return f"<{type(value).__name__}>"


def numbers(value: Json, shape: tuple[int, ...]) -> NDArray[np.float64] | None:
    """Read finite numbers of this shape, in any form a colleague would write, or return None.

    A judge calls this first: whatever a reply holds (text, NaN, None, too few items,
    numbers that would overflow), the judge gets an array that it can compute with or None.
    True and False are 1 and 0, a list of one number is that number, and axes of length one
    may be there or not.

    Parameters
    ----------
    value : JSON value
        A part of the reply of a probe.
    shape : tuple of int
        The shape asked for; ``()`` for a single number.

    Returns
    -------
    ndarray of float64 or None
        The numbers, or None if `value` is anything else.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> numbers([[1, 2], [3, 4.5]], (2, 2))
    array([[1. , 2. ],
           [3. , 4.5]])
    >>> numbers([[0.5], [True]], (2,)), numbers([7], ())
    (array([0.5, 1. ]), array(7.))
    >>> numbers([1, "2"], (2,)) is None
    True
    """
    read = _read(value, MAX_DEPTH)
    if read is None or _long(read.shape) != _long(shape):
        return None
    return read.reshape(shape)


def _read(value: Json, depth: int) -> NDArray[np.float64] | None:
    if isinstance(value, int | float):
        # The comparison is false for NaN and safe for integers too large for a float.
        if not abs(value) <= MAX_NUMBER or not math.isfinite(value):
            return None
        return np.array(float(value))
    if not isinstance(value, list) or not depth:
        return None
    parts = [part for item in value if (part := _read(item, depth - 1)) is not None]
    if len(parts) != len(value) or len({part.shape for part in parts}) > 1:
        return None
    return np.array(parts, dtype=np.float64)


def _long(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)

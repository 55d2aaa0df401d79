"""Why a reply is not read as numbers, in words that lead to the mistake."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xaikit.course.labs._case import short
from xaikit.course.labs._values import MAX_NUMBER, Json, numbers


def unread(value: Json, shape: tuple[int, ...], wanted: str = "") -> str:
    """Say why a reply cannot be read as numbers of a shape.

    Parameters
    ----------
    value : JSON value
        The reply of a probe, or a part of it.
    shape : tuple of int
        The shape asked for, as for `numbers`.
    wanted : str
        What the question asks for, a sentence of its own that closes the answer.

    Returns
    -------
    str
        The first that is wrong: nothing came back, something that is no number, NaN or infinity,
        rows of unequal length, too large, another shape; empty if the reply can be read.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> unread(None, (2,))
    'Nothing came back: does every way through your function end in a `return`?'
    >>> unread([1.0, float("nan")], (2,))
    'There is NaN or infinity in what came back: look for 0 divided by 0, or a mean over nothing.'
    >>> unread([1, 2, 3], (2,), "Return one number a player.")
    'The shape is (3,) and should be (2,). Return one number a player.'
    >>> unread([1, 2], (2,))
    ''
    """
    return "" if numbers(value, shape) is not None else f"{_why(value, shape)} {wanted}".rstrip()


def _why(value: Json, shape: tuple[int, ...]) -> str:
    leaves = list(leaves_of(value))
    if leaves and all(leaf is None for leaf in leaves):
        return "Nothing came back: does every way through your function end in a `return`?"
    odd = [leaf for leaf in leaves if not isinstance(leaf, int | float)]
    if odd or isinstance(value, dict):
        return f"There is {short(odd[0] if odd else value)[:60]} in what came back, no number."
    if any(isinstance(leaf, float) and not math.isfinite(leaf) for leaf in leaves):
        return (
            "There is NaN or infinity in what came back: look for 0 divided by 0, or a mean over "
            "nothing."
        )
    found = shape_of(value)
    if found is None:
        return "The rows of what came back are not equally long."
    if any(isinstance(leaf, int | float) and abs(leaf) > MAX_NUMBER for leaf in leaves):
        return "There is a number above a million millions in what came back."
    if shape == ():
        return f"There are {len(leaves)} numbers in what came back, and it should be one."
    return f"The shape is {found} and should be {shape}."


def leaves_of(value: Json) -> Iterator[Json]:
    """Give what a reply holds, without its lists and dicts.

    Examples
    --------
    >>> list(leaves_of({"a": [1, [2]], "b": None}))
    [1, 2, None]
    """
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves_of(inner)
    else:
        yield value


def shape_of(value: Json) -> tuple[int, ...] | None:
    """Return the shape of nested lists, or None where their rows are not equally long.

    Examples
    --------
    >>> shape_of([[1, 2], [3, 4]]), shape_of([[1], [2, 3]]), shape_of(5)
    ((2, 2), None, ())
    """
    if not isinstance(value, list):
        return ()
    inner = {shape_of(item) for item in value}
    if len(inner) > 1 or None in inner:
        return None
    rest = inner.pop() if inner else ()
    return None if rest is None else (len(value), *rest)


def part(value: Json, name: str) -> Json:
    """Return what a reply holds under a name; None where there is no such thing.

    Parameters
    ----------
    value : JSON value
        The reply of a probe.
    name : str
        The name that the probe gave to the part.

    Returns
    -------
    JSON value
        The part, or None.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> part({"small": 3}, "small"), part("nonsense", "small")
    (3, None)
    """
    return value.get(name) if isinstance(value, dict) else None


def replies(value: Json, n: int) -> list[Json]:
    """Return the n answers that a probe sent as a list; n times None for anything else.

    Parameters
    ----------
    value : JSON value
        The reply of a probe, or a part of it.
    n : int
        How many inputs were asked.

    Returns
    -------
    list
        The answers.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> replies([1, 2], 2), replies([1], 2), replies("nonsense", 2)
    ([1, 2], [None, None], [None, None])
    """
    return value if isinstance(value, list) and len(value) == n else [None] * n

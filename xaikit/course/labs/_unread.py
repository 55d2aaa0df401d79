"""Why a reply is not read as numbers, in words that lead to the mistake."""

from __future__ import annotations

import math

from xaikit.course.labs._case import short
from xaikit.course.labs._values import MAX_NUMBER, Json, leaves_of, numbers


def unread(value: Json, shape: tuple[int, ...] | None, wanted: str = "") -> str:
    """Say why a reply cannot be read as numbers of a shape.

    Parameters
    ----------
    value : JSON value
        The reply of a probe, or a part of it.
    shape : tuple of int or None
        The shape asked for, as for `numbers`; None where numbers of any shape will do.
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
    'Nothing came back: does every way through your function end with a `return`?'
    >>> unread([1.0, float("nan")], (2,))
    'There is NaN or infinity in what came back: look for a division by 0, or a mean over nothing.'
    >>> unread([1, 2, 3], (2,), "Return one number a player.")
    'The shape is (3,) and should be (2,). Return one number a player.'
    >>> unread([1, 2], (2,))
    ''
    """
    if shape is None:
        said = _no_numbers(list(leaves_of(value)), value)
        return f"{said} {wanted}".rstrip() if said else ""
    return "" if numbers(value, shape) is not None else f"{_why(value, shape)} {wanted}".rstrip()


def _no_numbers(leaves: list[Json], value: Json) -> str:
    if leaves and all(leaf is None for leaf in leaves):
        return "Nothing came back: does every way through your function end with a `return`?"
    odd = [leaf for leaf in leaves if not isinstance(leaf, int | float)]
    if odd or isinstance(value, dict):
        return f"There is {short(odd[0] if odd else value)[:60]} in what came back, no number."
    if any(isinstance(leaf, float) and not math.isfinite(leaf) for leaf in leaves):
        return (
            "There is NaN or infinity in what came back: look for a division by 0, or a mean over "
            "nothing."
        )
    return ""


def _why(value: Json, shape: tuple[int, ...]) -> str:
    leaves = list(leaves_of(value))
    if said := _no_numbers(leaves, value):
        return said
    found = _shape(value)
    if found is None:
        return "The rows of what came back are not equally long."
    if any(isinstance(leaf, int | float) and abs(leaf) > MAX_NUMBER for leaf in leaves):
        return "There is a number above a million millions in what came back."
    if shape == ():
        return f"There are {len(leaves)} numbers in what came back, and it should be one."
    if found == ():
        return f"One number came back, and it should be an array of the shape {shape}."
    return f"The shape is {found} and should be {shape}."


def _shape(value: Json) -> tuple[int, ...] | None:
    """Return the shape of nested lists, or None where their rows are not equally long."""
    if not isinstance(value, list):
        return ()
    inner = {_shape(item) for item in value}
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


def listed(value: Json, n: int) -> list[Json]:
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
    >>> listed([1, 2], 2), listed([1], 2), listed("nonsense", 2)
    ([1, 2], [None, None], [None, None])
    """
    return value if isinstance(value, list) and len(value) == n else [None] * n

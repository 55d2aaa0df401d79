"""Hold an answer to the learner's own work: what it may look into, and what it may call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import CodeType, FrameType, FunctionType
from typing import Any

from xaikit.course.labs._values import NotAnswered

# What reads the check instead of answering it. No question of a lab has a use for these.
_PEEKING = {
    "__closure__", "cell_contents", "__globals__", "__code__", "__defaults__", "_getframe",
    "_current_frames", "currentframe", "getclosurevars", "f_back", "f_locals", "f_globals",
    "tb_frame", "gi_frame", "get_objects", "get_referents", "get_referrers",
}  # fmt: skip


class NotOwnWork(NotAnswered):
    """The answer reads the check, or calls what the learner was to write."""


def refuse_peeking(function: object) -> None:
    """Refuse a function of the learner's that looks into the check.

    This is a word to somebody who is curious, not a wall: what must stay secret is where only
    judges look.

    Raises
    ------
    NotOwnWork
        If the code of the function, or of one that it names, mentions what reads frames,
        closures or the memory of the process.
    """
    for code in _reached(function):
        for word in sorted(_PEEKING.intersection(code.co_names)):
            raise NotOwnWork(
                f"your `{code.co_name}` looks into the check with `{word}`; answer from what "
                "the function is given"
            )


def _reached(function: object) -> Iterator[CodeType]:
    """Give the code of a function, of those inside it, and of the notebook's that it names."""
    waiting, seen = [function], set[CodeType]()
    while waiting:
        found = waiting.pop()
        if isinstance(found, FunctionType):
            names = found.__globals__
            if names.get("__name__") != "__main__" or found.__code__ in seen:
                continue
            waiting += [names.get(name) for name in _names(found.__code__)]
            found = found.__code__
        if isinstance(found, CodeType) and found not in seen:
            seen.add(found)
            yield found
            waiting += found.co_consts


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def without(function: Callable[..., Any], *forbidden: Callable[..., Any]) -> Callable[..., Any]:
    """Return the learner's function, which may not call what it was to do by itself.

    Parameters
    ----------
    function : callable
        The learner's.
    *forbidden : function
        Functions written in Python that do what the question asks for.

    Returns
    -------
    callable
        The same function. Where it calls one that is forbidden, in whatever way, the question
        counts as not answered, and the learner is told why.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> from statistics import mean
    >>> without(lambda x: mean(x) + 1, mean)([1, 2, 3])
    Traceback (most recent call last):
    xaikit.course.labs._own.NotOwnWork: your function calls `statistics.mean`; here you write \
that yourself
    """
    codes = {f.__code__: f for f in forbidden if isinstance(f, FunctionType)}

    @wraps(function)
    def watched(*arguments: Any, **options: Any) -> Any:
        called: list[Callable[..., Any]] = []

        def note(frame: FrameType, event: str, argument: object) -> None:
            if event == "call" and frame.f_code in codes:
                called.append(codes[frame.f_code])

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            answer = function(*arguments, **options)
        finally:
            sys.setprofile(before)
        if called:
            name = f"{called[0].__module__}.{called[0].__qualname__}"
            raise NotOwnWork(f"your function calls `{name}`; here you write that yourself")
        return answer

    return watched

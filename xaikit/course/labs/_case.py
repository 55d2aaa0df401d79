"""One small case of a question: what went in, what came out, what was expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xaikit.course.labs._values import Json

_MOST_ITEMS = 12
_MOST_LETTERS = 300


@dataclass(frozen=True)
class Case:
    """A small case that a learner is shown beside the verdict of a judge.

    The hidden cases decide; this one lets the learner see what the function did.

    Parameters
    ----------
    given : str
        The call as the learner would write it, with names or numbers of the notebook.
    got : JSON value
        What came back, from the reply of the probe.
    expected : JSON value
        What is right; or words in angle brackets for it, where many answers are right.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> print(Case("shapley(friday, 3)", [40.0, 40.0, 40.0], [43, 22, 55]))
    For example, shapley(friday, 3)
      gave      [40, 40, 40]
      expected  [43, 22, 55]
    """

    given: str
    got: Json
    expected: Json

    def __str__(self) -> str:
        return (
            f"For example, {self.given}\n"
            f"  gave      {short(self.got)}\n"
            f"  expected  {short(self.expected)}"
        )


def short(value: Json) -> str:
    """Write a plain value in a line: numbers to four digits, long lists cut.

    Parameters
    ----------
    value : JSON value
        A part of the reply of a probe, or what was expected of it.

    Returns
    -------
    str
        At most three hundred letters.

    Notes
    -----
    Taught in: every lab (this is what its checks are made of).

    Examples
    --------
    >>> short([1 / 3, 2.0, "left"]), short({"share": None}), short("<two colours>")
    ("[0.3333, 2, 'left']", "{'share': None}", '<two colours>')
    """
    said, letters = [], 0
    for part in _parts(value, 4):
        said.append(part)
        letters += len(part)
        if letters > _MOST_LETTERS:
            return f"{''.join(said)[:_MOST_LETTERS]}…"
    return "".join(said)


def _parts(value: Json, depth: int) -> Iterator[str]:
    """Give the text of a value piece by piece, so that nobody waits for the end of a long one."""
    if isinstance(value, float):
        yield f"{value:.4g}"
    elif isinstance(value, str):
        yield value if value[:1] == "<" else repr(value[:_MOST_LETTERS])
    elif not isinstance(value, list | dict):
        yield str(value)[:40]
    elif not depth:
        yield "…"
    else:
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        items = list(value.items() if isinstance(value, dict) else enumerate(value))
        yield opening
        for place, (name, item) in enumerate(items[:_MOST_ITEMS]):
            yield ", " if place else ""
            yield f"{str(name)[:80]!r}: " if isinstance(value, dict) else ""
            yield from _parts(item, depth - 1)
        yield f", … ({len(items)} in all)" if len(items) > _MOST_ITEMS else ""
        yield closing

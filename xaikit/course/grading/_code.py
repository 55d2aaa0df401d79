"""Inside the sandbox: find the code that answers each question, before any of it runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence

# Of one question; no answer of a lab is a quarter as long.
MOST_CODE = 4_000


def names_bound(stub: str) -> list[str]:
    r"""Return the names that an answer cell gives a value, in their order.

    Examples
    --------
    >>> names_bound("def double(x):\n    y = ...\nlow, high = ..., ...")
    ['double', 'low', 'high']
    """
    names: dict[str, None] = {}
    for statement in ast.parse(stub).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names[statement.name] = None
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found = [n for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
            names.update(dict.fromkeys(n.id for n in found))
    return list(names)


def answers_in(cells: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the code of the cells that answer each question; empty where there is none.

    It is the last cell that gives a name its value that counts, as when the notebook runs. A
    cell is searched as text: one that Python cannot read is the answer all the same.
    """
    return {question: _joined(cells, wanted) for question, wanted in names.items()}


def _joined(cells: Sequence[str], names: Iterable[str]) -> str:
    places = {place for name in names if (place := _last(cells, name)) is not None}
    return "\n".join(cells[place].strip("\n") for place in sorted(places))


def _last(cells: Sequence[str], name: str) -> int | None:
    own = re.escape(name)
    gives = re.compile(
        rf"^(?:[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{own}\b"
        rf"|(?:\w+[ \t]*,[ \t]*)*{own}\b[^\n=(]*=(?!=))",
        re.MULTILINE,
    )
    found = [place for place, cell in enumerate(cells) if gives.search(cell)]
    return found[-1] if found else None

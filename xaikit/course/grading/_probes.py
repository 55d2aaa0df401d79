"""Cut the probes out of ``checks.py``: only what they need goes into the sandbox."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator


def probes_only(source: str, questions: Iterable[str]) -> str:
    """Return the part of ``checks.py`` that its probes reach, as source text.

    A function of a student can look at whatever is in its process, so the judges and the
    truths that only they use stay outside. Whatever a probe itself can reach goes along: a
    lab keeps its right answers out of its probes.

    Parameters
    ----------
    source : str
        The text of ``checks.py``.
    questions : iterable of str
        The questions whose probes are wanted.
    """
    tree = ast.parse(source)
    statements = [s for s in tree.body if not _is_text(s)]
    makers: dict[str, list[ast.stmt]] = {}
    for statement in statements:
        for name in _bound(statement):
            makers.setdefault(name, []).append(statement)
    kept: set[ast.stmt] = {s for s in statements if _is_future(s)}
    waiting = [f"{question}_probe" for question in questions]
    while waiting:
        for statement in makers.pop(waiting.pop(), []):
            if statement not in kept:
                kept.add(statement)
                waiting += [n.id for n in ast.walk(statement) if isinstance(n, ast.Name)]
    tree.body = [_without_unused(s, tree, kept) for s in statements if s in kept]
    return ast.unparse(tree)


def imported(source: str) -> list[str]:
    """Return the modules that a piece of code imports, wherever in it, without duplicates."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(dict.fromkeys(alias.name for alias in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names[node.module] = None
            # `from sklearn import tree` names a module as well; a class is just not found.
            names.update(dict.fromkeys(f"{node.module}.{alias.name}" for alias in node.names))
    return list(names)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Give the names that a statement of the module makes or changes."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            # `TABLE["a"] = 1` changes TABLE.
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
    else:
        # A loop, a condition, a call: it may change whatever it mentions.
        yield from (n.id for n in ast.walk(statement) if isinstance(n, ast.Name))
        yield from (
            alias.asname or alias.name.partition(".")[0]
            for node in ast.walk(statement)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        )


def _without_unused(statement: ast.stmt, tree: ast.Module, kept: set[ast.stmt]) -> ast.stmt:
    """Drop from an import what only the judges use."""
    if not isinstance(statement, ast.Import | ast.ImportFrom) or _is_future(statement):
        return statement
    used = {n.id for s in kept for n in ast.walk(s) if isinstance(n, ast.Name)}
    statement.names = [
        a for a in statement.names if (a.asname or a.name.partition(".")[0]) in used
    ] or statement.names
    return statement


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)

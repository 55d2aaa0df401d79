"""The shape of a piece of code: what stays of it when names, comments and spacing go.

Computed in the sandbox, before anything of the student's runs: what a student wrote is parsed
nowhere else.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from typing import Any

# Longer code has no shape: parsing it would take too long.
_MOST = 20_000
_MAGIC = re.compile(r"^[ \t]*[%!].*$|^.*\?[ \t]*$", re.MULTILINE)
_BUILTINS = frozenset(dir(builtins))
# Values written out are the same in all right answers, so they make no code longer.
_NO_SIZE = (
    *(ast.Module, ast.Constant, ast.expr_context, ast.operator, ast.unaryop, ast.UnaryOp),
    *(ast.Dict, ast.List, ast.Set, ast.Tuple),
)


def shape(code: str) -> tuple[str, int]:
    r"""Return a short hash of the code but for its names, and its size in nodes.

    The names of builtins, attributes and keywords count; comments, docstrings, annotations
    and magics do not. Code that Python cannot read has an empty hash.

    Examples
    --------
    >>> shape("def f(x):\n    return x + 1") == shape("def g(y):  # mine\n    return (y + 1)")
    True
    """
    if len(code) > _MOST:
        return "", 0
    try:
        tree = _Plain().visit(ast.parse(_MAGIC.sub("", code)))
        size = sum(not isinstance(node, _NO_SIZE) for node in ast.walk(tree))
        return hashlib.sha256(ast.dump(tree).encode("utf-8", "replace")).hexdigest()[:20], size
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "", 0


class _Plain(ast.NodeTransformer):
    """Numbers the names in their order, and drops docstrings and annotations."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def visit(self, node: ast.AST) -> Any:
        """Change a node, then what is in it."""
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:]  # type: ignore[attr-defined]
        for field in ("id", "arg", "name", "asname"):
            name = getattr(node, field, None)
            # An argument is named by whoever wrote the function; the name of a module stays.
            fixed = isinstance(node, ast.keyword) or (
                field == "name" and isinstance(node, ast.alias)
            )
            if isinstance(name, str) and not fixed:
                setattr(node, field, self._number(name))
        if isinstance(node, ast.Global | ast.Nonlocal):
            node.names = [self._number(name) for name in node.names]
        for field in ("annotation", "returns"):
            if hasattr(node, field) and not isinstance(node, ast.AnnAssign):
                setattr(node, field, None)
        return self.generic_visit(node)

    def _number(self, name: str) -> str:
        if name in _BUILTINS:
            return name
        return self._numbers.setdefault(name, f"_{len(self._numbers)}")


def _is_text(statement: object) -> bool:
    value = getattr(statement, "value", None) if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)

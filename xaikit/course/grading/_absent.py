"""Let a notebook go on where it imports a package that this machine does not have.

A notebook from elsewhere may begin with ``from google.colab import drive``. Its other lines,
and the answers after them, have nothing to do with that.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from typing import Any


class Absent:
    """Stands for what a missing package would give: takes every call, and does nothing."""

    def __init__(self, package: str) -> None:
        self._package = package

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **options: object) -> Absent:
        return self

    def __enter__(self) -> Absent:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __repr__(self) -> str:
        return f"<{self._package}, which is not installed where this is graded>"


class ImportsOfAbsent(ast.NodeTransformer):
    """Replaces an import of a missing package, at the top of a cell, by a stand-in.

    Inside `try` it is left as it is: there the notebook asks whether the package is there.
    """

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        """Go through the statements of a cell, and not into them."""
        cell.body = [new for statement in cell.body for new in _replaced(statement)]
        return ast.fix_missing_locations(cell)


def _replaced(statement: ast.stmt) -> Iterator[ast.stmt]:
    if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        if _is_here(statement.module):
            yield statement
        else:
            for alias in statement.names:
                if alias.name != "*":
                    yield _stand_in(alias.asname or alias.name, statement.module, statement)
    elif isinstance(statement, ast.Import):
        here = [alias for alias in statement.names if _is_here(alias.name)]
        if here:
            yield ast.copy_location(ast.Import(here), statement)
        for alias in statement.names:
            if alias not in here:
                name = alias.asname or alias.name.partition(".")[0]
                yield _stand_in(name, alias.name, statement)
    else:
        yield statement


def _is_here(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        # Its parent is missing, is no package, or cannot be imported.
        return False
    except BaseException:
        # A module of the student's own that fails: its error is for the cell to show.
        return True


def _stand_in(name: str, package: str, place: ast.stmt) -> ast.stmt:
    code = f"{name} = __import__({__name__!r}, fromlist=['Absent']).Absent({package!r})"
    return ast.copy_location(ast.parse(code).body[0], place)

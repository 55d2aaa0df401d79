"""The checks of a lab: for each question its points, a probe and a judge."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from xaikit.course.labs._case import Case
from xaikit.course.labs._values import Json

Probe = Callable[[Mapping[str, Any], int], Json]
# Points and a hint, and after them a small case to show beside the hint, if there is one.
Judge = Callable[[Json, int], tuple[float, str] | tuple[float, str, Case]]

_NO_CHECKS = "a lab needs its checks: {}/checks.py is missing"


def verdict(judge: Judge, value: Json, seed: int) -> tuple[float, str, str]:
    """Ask a judge; return its points, its hint, and its small case as text, or none.

    Raises
    ------
    TypeError
        If what stands beside points and hint is no `Case`.
    """
    points, hint, *cases = judge(value, seed)
    if len(cases) > 1 or not all(isinstance(case, Case) for case in cases):
        raise TypeError(f"a judge gives points, a hint and at most one Case; got {cases!r}")
    return points, hint, "".join(map(str, cases))


@dataclass(frozen=True)
class Checks:
    """The questions of one lab, in order, with their points, probes and judges.

    `limits` are those that the lab asks for in grading, by name; without any, the usual ones.
    """

    lab: str
    points: dict[str, int]
    probes: dict[str, Probe]
    judges: dict[str, Judge]
    limits: dict[str, Any] = field(default_factory=dict)

    def require(self, question: str) -> int:
        """Return the points of the question, or say which questions the lab has."""
        if question not in self.points:
            raise ValueError(
                f"question must be one of {', '.join(self.points)} in {self.lab}; got {question!r}"
            )
        return self.points[question]


@dataclass(frozen=True)
class Declared:
    """What ``checks.py`` says of itself in plain words: points by question, and limits."""

    points: dict[str, int]
    limits: dict[str, Any]


def read_declared(lab: Path) -> Declared:
    """Read POINTS and LIMITS of ``checks.py`` without running it, which may take a second.

    Raises
    ------
    FileNotFoundError
        If the lab has no ``checks.py``.
    ValueError
        If one of them is not written out, or the points of a question are below 1.
    """
    path = lab / "checks.py"
    if not path.is_file():
        raise FileNotFoundError(_NO_CHECKS.format(lab.name))
    found: dict[str, Any] = {"POINTS": {}, "LIMITS": {}}
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="POINTS" | "LIMITS" as name)], value=value):
                try:
                    found[name] = dict(ast.literal_eval(value))
                except ValueError:
                    written = ast.unparse(value)
                    raise ValueError(
                        f"{lab.name}/checks.py: {name} must be written out; got {written}"
                    ) from None
    _require_points(lab, found["POINTS"])
    return Declared(found["POINTS"], found["LIMITS"])


def load_checks(lab: Path) -> Checks:
    """Load ``checks.py`` of the lab in the folder `lab`.

    Raises
    ------
    FileNotFoundError
        If the lab has no ``checks.py``.
    ValueError
        If a question has no probe or judge, or its points are below 1.
    """
    module = _import_file(lab / "checks.py", f"xaikit_lab_{lab.name}_checks")
    points: dict[str, int] = dict(module.POINTS)
    wanted = [f"{name}_{part}" for name in points for part in ("probe", "judge")]
    missing = [name for name in wanted if not callable(getattr(module, name, None))]
    if missing:
        raise ValueError(f"{lab.name}/checks.py must define {', '.join(missing)}")
    _require_points(lab, points)
    return Checks(
        lab=lab.name,
        points=points,
        probes={name: getattr(module, f"{name}_probe") for name in points},
        judges={name: getattr(module, f"{name}_judge") for name in points},
        limits=dict(getattr(module, "LIMITS", {})),
    )


def _require_points(lab: Path, points: Mapping[str, int]) -> None:
    if not points or min(points.values()) < 1:
        raise ValueError(f"{lab.name}/checks.py: POINTS must be at least 1 each; got {points}")


def _import_file(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(_NO_CHECKS.format(path.parent.name))
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their own module up while they are made.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module

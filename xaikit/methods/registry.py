"""The attribution methods: one file each in this folder, found by what they register.

A file has a function ``explain(task, *, options) -> Attribution`` and a `METHOD`, which says
what the method needs, what it refuses and when "auto" takes it. Nothing else names it. What
methods share, or need beside, is in files whose names begin with an underscore.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Literal

import xaikit.methods
from xaikit.methods._task import Attribution
from xaikit.models.model import Model

Rows = Literal["table", "images", "tokens"]
Reference = Literal["background", "baseline"]


def takes_every_model(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Refuse nothing."""
    return None


def usual_space(model: Model) -> str:
    """Return the scale on which people read the model."""
    return model.default_space


@dataclass(frozen=True)
class Method:
    """An attribution method and what it says of itself.

    Parameters
    ----------
    name : str
        What it is asked for by.
    explain : callable
        Does the work; its keyword-only parameters are the method's options.
    rows : tuple of str
        The kinds of rows that it explains: "table", "images", "tokens".
    refuse : callable
        From a model, the scale asked for (or None) and the number of columns: a sentence
        that says why the method cannot explain it and what to use instead, or None.
    default_space : callable
        The scale on which it explains a model when none is asked for.
    reference : callable
        From the options, whether it is given a background, a baseline, or neither.
    rank : int or None
        Where it stands among those that "auto" tries, the lowest first; None: never.
    reason : callable
        From a model and the number of columns, why "auto" takes it, in a sentence; None
        where it does not.
    adds_up : bool
        Whether its values, where not estimated, must add up to the prediction.
    """

    name: str
    explain: Callable[..., Attribution]
    rows: tuple[Rows, ...] = ("table",)
    refuse: Callable[[Model, str | None, int], str | None] = takes_every_model
    default_space: Callable[[Model], str] = usual_space
    reference: Callable[[Mapping[str, Any]], Reference | None] = lambda options: "background"
    rank: int | None = None
    reason: Callable[[Model, int], str | None] = lambda model, n_features: None
    adds_up: bool = False

    @property
    def needs_network(self) -> bool:
        """Whether it looks inside a network."""
        return self.rows != ("table",)

    @property
    def options(self) -> list[str]:
        """The names of its options."""
        parameters = inspect.signature(self.explain).parameters.values()
        return [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]


def all_methods() -> list[Method]:
    """Return every method there is, those for "auto" first and in its order."""
    found = [getattr(file, "METHOD", None) for file in _files(*xaikit.methods.__path__)]
    methods = [method for method in found if isinstance(method, Method)]
    return sorted(methods, key=lambda m: (m.rank is None, m.rank or 0, m.name))


@cache
def _files(*folders: str) -> tuple[ModuleType, ...]:
    # What begins with an underscore is no method, and imported only where one needs it.
    names = (file.name for file in pkgutil.iter_modules(folders))
    public = (name for name in names if not name.startswith("_"))
    return tuple(importlib.import_module(f"xaikit.methods.{name}") for name in public)


def methods_for(model: Model) -> dict[str, Method]:
    """Return the methods for the rows that a model takes, by name."""
    rows = "table" if model.network is None else model.network.inputs
    return {method.name: method for method in all_methods() if rows in method.rows}

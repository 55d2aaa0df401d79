"""The attribution methods, one file each, all with the same three names.

``refuse`` says in a sentence why a model cannot be explained by the method, or
returns None; ``default_space`` is the scale on which the method explains it;
``explain`` does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Protocol, cast

from xaikit._methods import exact_shapley, kernel_shap, lime, linear, occlusion, tree_shap
from xaikit._methods._task import Attribution
from xaikit._models import Model


class Method(Protocol):
    """What every module in this folder offers."""

    refuse: Callable[[Model, str | None, int], str | None]
    default_space: Callable[[Model], str]
    explain: Callable[..., Attribution]


def _as_method(module: ModuleType) -> Method:
    return cast(Method, module)


# The first four in the order in which "auto" tries them; it never takes the others.
METHODS: dict[str, Method] = {
    "linear": _as_method(linear),
    "tree_shap": _as_method(tree_shap),
    "exact_shapley": _as_method(exact_shapley),
    "kernel_shap": _as_method(kernel_shap),
    "lime": _as_method(lime),
    "occlusion": _as_method(occlusion),
}

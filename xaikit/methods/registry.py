"""The attribution methods, one file each, all with the same three names.

``refuse`` says in a sentence why a model cannot be explained by the method, or
returns None; ``default_space`` is the scale on which the method explains it;
``explain`` does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Protocol, TypeGuard, cast

from xaikit.methods import (
    exact_shapley,
    grad_cam,
    gradient,
    gradient_x_input,
    integrated_gradients,
    kernel_shap,
    lime,
    linear,
    occlusion,
    patch_occlusion,
    smoothgrad,
    tree_shap,
)
from xaikit.methods.task import Attribution
from xaikit.models.model import Model


class Method(Protocol):
    """What every module in this folder offers."""

    refuse: Callable[[Model, str | None, int], str | None]
    default_space: Callable[[Model], str]
    explain: Callable[..., Attribution]


class NetworkMethod(Method, Protocol):
    """What a method for networks says beside."""

    uses_baseline: bool


def _as_method(module: ModuleType) -> Method:
    return cast(Method, module)


def _as_network_method(module: ModuleType) -> NetworkMethod:
    return cast(NetworkMethod, module)


# The first four in the order in which "auto" tries them; it never takes the others.
METHODS: dict[str, Method] = {
    "linear": _as_method(linear),
    "tree_shap": _as_method(tree_shap),
    "exact_shapley": _as_method(exact_shapley),
    "kernel_shap": _as_method(kernel_shap),
    "lime": _as_method(lime),
    "occlusion": _as_method(occlusion),
}

# For Keras networks, of images and words too. "auto" takes integrated gradients.
NETWORK_METHODS: dict[str, NetworkMethod] = {
    "gradient": _as_network_method(gradient),
    "gradient_x_input": _as_network_method(gradient_x_input),
    "integrated_gradients": _as_network_method(integrated_gradients),
    "smoothgrad": _as_network_method(smoothgrad),
    "grad_cam": _as_network_method(grad_cam),
    # Of words and images; tables have the occlusion above, one column at a time.
    "occlusion": _as_network_method(patch_occlusion),
}


def methods_for(model: Model) -> dict[str, Method]:
    """Return the methods by name; for a network of images or words those made for them."""
    tables = METHODS if model.is_table else {}
    return {**NETWORK_METHODS, **tables}


def is_for_networks(method: Method) -> TypeGuard[NetworkMethod]:
    """Say whether a method is one of those for networks."""
    return any(method is each for each in NETWORK_METHODS.values())

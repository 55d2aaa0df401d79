"""Keras networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xaikit.models import network as _networks
from xaikit.models.model import Model, Scale


@dataclass(frozen=True)
class _Shim:
    inputs: str
    n_outputs: int | None
    default_output: int | None


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a Keras network as a model."""
    _networks.check(model)
    shape = _networks.input_shape(model)
    inputs = _networks.kind_of_input(model)
    told: tuple[Any, ...] = getattr(model, "output_shape", None) or ()
    width = told[1] if len(told) == 2 else None
    default = 1 if width == 2 and _networks.ending(model) is not None else None

    def outputs(space: str) -> Callable[[Any], Any]:
        return lambda rows: _networks.network(model, space).outputs(rows)

    return Model(
        name=type(model).__name__,
        kind="network",
        estimator=model,
        answer=outputs("prediction"),
        scales={space: Scale(outputs(space)) for space in _networks.spaces(model)},
        n_features=shape[0] if inputs == "table" and shape else None,
        network=_Shim(inputs, width, default),  # type: ignore[arg-type]
    )

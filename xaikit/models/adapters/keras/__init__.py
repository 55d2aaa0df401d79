"""Keras networks on TensorFlow, described by the contract of `xaikit.models.network`."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from xaikit.models.model import Model, Scale
from xaikit.models.network import Network

_KNOWN: weakref.WeakKeyDictionary[Any, tuple[tuple[int, ...], Network]] = (
    weakref.WeakKeyDictionary()
)


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a Keras model as a model of rows."""
    from xaikit.models.adapters.keras.redraw import RedrawnKeras

    network = describe_network(model)

    def outputs(space: str) -> Callable[[Any], Any]:
        return lambda rows: network.outputs(rows, space)

    return Model(
        name=network.name,
        kind="network",
        estimator=model,
        answer=outputs(network.spaces[0]),
        classes=_classes(model, network),
        scales={space: Scale(outputs(space)) for space in network.spaces},
        n_features=network.shape[0] if network.inputs == "table" else None,
        network=network,
        redrawn=lambda rng: RedrawnKeras(model, rng),
    )


def _classes(model: Any, network: Network) -> Any:
    """Return the classes by number where a network ends in a softmax or in one sigmoid."""
    from xaikit.models.adapters.keras.structure import ending

    end, width = ending(model), network.n_outputs
    if end is None or width is None or (end[1] == "sigmoid" and width > 1):
        return None
    return np.arange(max(width, 2))


def describe_network(model: Any) -> Network:
    """Return what a Keras model offers; the same object each time, so that it compiles once."""
    from xaikit.models.adapters.keras.network import KerasNetwork
    from xaikit.models.adapters.keras.structure import all_layers, check

    check(model)
    # A model that has been given other layers since is another network.
    layers = tuple(map(id, all_layers(model)))
    known = _KNOWN.get(model)
    if known is None or known[0] != layers:
        known = _KNOWN[model] = (layers, KerasNetwork(model))
    return known[1]

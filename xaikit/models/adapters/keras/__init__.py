"""Keras networks on TensorFlow, described by the contract of `xaikit.models.network`."""

from __future__ import annotations

import sys
import weakref
from typing import Any

from xaikit.models.network import Network

_KNOWN: weakref.WeakKeyDictionary[Any, tuple[tuple[int, ...], Network]] = (
    weakref.WeakKeyDictionary()
)


def recognises(model: Any) -> bool:
    """Say whether this is a Keras model, without importing Keras."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


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

"""Grad-CAM: where a convolution saw what speaks for the output.

With A_k(i, j) the maps of a layer and f the output, the weight of a map is its mean
gradient, w_k = mean over i, j of ∂f/∂A_k(i, j), and the result ReLU(Σ_k w_k A_k), stretched
over the picture. Selvaraju et al. (2017) take for f the score before the softmax, and so
does the method here unless another scale is asked for.

The map has no channels where the rows have some: each of c channels gets map / c, so that
the sum over the channels is the map.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.methods import layers
from xaikit.methods.network import Array, column, of, pieces, refuse
from xaikit.methods.registry import Method
from xaikit.methods.resize import resized
from xaikit.methods.task import Attribution, Task
from xaikit.models import network as _networks
from xaikit.models.model import Model


def default_space(model: Model) -> str:
    """Return "score" where the network has one, as the method is defined on it."""
    return "score" if "score" in _networks.spaces(model.estimator) else model.default_space


def explain(task: Task, *, layer: str | None = None) -> Attribution:
    """Return the map over each row; the base value is 0, as a map adds up to nothing.

    `layer` is the name of the layer whose maps are taken, that of the last convolution if
    left out. The map as the layer has it, before it is stretched, is the diagnostic "map".
    """
    network = of(task)
    shape = task.rows.shape[1:]
    place = layers.find(network.model, layer, len(shape))
    maps_of = _compiled(network, place)
    maps = np.concatenate(
        [
            maps_of(network.tensor(task.rows[piece]), np.int32(column(task)))
            for piece in pieces(task, "grad_cam", network.batch_size)
        ]
    ).astype(np.float64)
    name = _networks.all_layers(network.model)[place].name
    how = "was asked for" if layer is not None else "is the last convolution of the network"
    return Attribution(
        _over(maps, shape),
        np.zeros(len(maps)),
        estimated=False,
        diagnostics={"map": maps},
        note=f"The maps are those of the layer {name!r}, which {how}.",
    )


def _over(maps: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Lay maps over rows of this shape."""
    sides = shape[: maps.ndim - 1]
    values = resized(maps, sides)
    if len(sides) == len(shape):
        return values
    channels = shape[-1]
    return np.repeat(values[..., None] / channels, channels, axis=-1)


def _compiled(network: _networks.Network, place: int) -> Callable[[Any, Any], Array]:
    """Return rows and a column -> maps (n, ...), the same function each time."""
    if place not in network.compiled:
        network.compiled[place] = _compile(network, place)
    return network.compiled[place]


def _compile(network: _networks.Network, place: int) -> Callable[[Any, Any], Array]:
    import tensorflow as tf

    def maps_of(rows: Any, chosen: Any) -> Any:
        # The layer is looked up here: what is compiled must not keep the model.
        layer = _networks.all_layers(network.model)[place]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            seen, call = _overheard(layer, tape)
            with _networks.replaced(layer, "call", call):
                outputs = network.on_scale(rows)
            total = tf.reduce_sum(outputs[:, chosen])
        maps = _only(seen, layer, rows.shape.rank - 1)
        gradient = tape.gradient(total, maps)
        if gradient is None:
            raise ValueError(
                "layer must have a gradient of the model's output with respect to its own; got "
                f"{layer.name!r}, from which there is none."
            )
        inside = list(range(1, maps.shape.rank - 1))
        weights = tf.reduce_mean(gradient, axis=inside, keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1))

    return _networks.Compiled(maps_of)


def _overheard(layer: Any, tape: Any) -> tuple[list[Any], Callable[..., Any]]:
    """Return a list, and the layer's own call that puts what it gives into the list."""
    own, seen = layer.call, []

    def call(*args: Any, **options: Any) -> Any:
        given = own(*args, **options)
        tape.watch(given)
        seen.append(given)
        return given

    return seen, call


def _only(seen: list[Any], layer: Any, axes: int) -> Any:
    """Return what the layer gave, if it is one thing and of maps."""
    if len(seen) != 1:
        raise ValueError(
            "layer must be one that the network calls once, or the maps would be several; got "
            f"{layer.name!r}, which it calls {len(seen)} times. Name a layer after it."
        )
    layers.check_shape(layer, tuple(seen[0].shape), axes)
    return seen[0]


METHOD = Method(
    "grad_cam",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    default_space=default_space,
    reference=lambda options: None,
)

"""Run a Keras model and stand beside its attention layers while it runs.

Each layer's own method that attends is wrapped for as long as one run takes, on the
layer itself and not on its class, and put back whatever happens. What other threads do
with the model meanwhile goes through unseen and unchanged.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import require
from xaikit.inputs import network_rows as _network_inputs
from xaikit.models.adapters.keras import describe_network
from xaikit.models.adapters.keras.structure import all_layers, bytes_a_row, check
from xaikit.models.adapters.keras.tracing import replaced
from xaikit.models.network import rows_at_once

Head = tuple[int, int]
# What becomes of the outputs of a layer's heads (n, t, heads, size), by the layer's number.
Edit = Callable[[int, Any], Any]


class Attended(NamedTuple):
    """One attention layer in one run; `weights` (n, heads, t, s) where they were asked for."""

    name: str
    n_heads: int
    lengths: tuple[int | None, int | None]
    weights: Any


class Run(NamedTuple):
    """The model's outputs, and its attention layers in the order in which they ran."""

    outputs: Any
    attended: list[Attended]


def checked(model: Any) -> list[Any]:
    """Return the attention layers of a model, or refuse a model that has none."""
    require("tensorflow", extra="deep")
    import keras

    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model; got {type(model).__name__}.")
    check(model)
    kind = keras.layers.MultiHeadAttention
    found = [layer for layer in all_layers(model) if isinstance(layer, kind)]
    if not found:
        raise ValueError(
            f"model must have a MultiHeadAttention layer; got {model.name!r} without one."
        )
    return found


def checked_rows(model: Any, X: Any, argument: str = "X") -> npt.NDArray[Any]:
    """Return X as rows that the model takes."""
    return _network_inputs.rows(argument, X, describe_network(model))


def run(
    model: Any,
    rows: Any,
    *,
    keep_weights: bool = False,
    without: Collection[Head] = (),
    edit: Edit | None = None,
    named: Collection[Head] = (),
    space: str | None = None,
) -> Run:
    """Run the model on a tensor of rows, without the output of some heads or with it edited.

    `named` are the heads that the edit is about, which must be there; `space` is the scale of
    the outputs, the model's own where it is left out.
    """
    attended: list[Attended] = []
    layers = checked(model)
    with ExitStack() as stack:
        for layer in layers:
            attend = _wrapped(layer, attended, keep_weights, without, edit)
            stack.enter_context(replaced(layer, "_compute_attention", attend))
        if space is None:
            outputs = model(rows, training=False)
        else:
            network: Any = describe_network(model)  # of Keras, which has more than the contract
            outputs = network.on_scale(rows, space)
    silent = {layer.name for layer in layers} - {layer.name for layer in attended}
    if silent:
        raise ValueError(
            "model must run each of its MultiHeadAttention layers as Python code; got "
            f"{', '.join(map(repr, sorted(silent)))} in {model.name!r}, unused or compiled apart."
        )
    _check_heads((*without, *named), attended)
    return Run(outputs, attended)


def _wrapped(
    layer: Any,
    attended: list[Attended],
    keep_weights: bool,
    without: Collection[Head],
    edit: Edit | None,
) -> Any:
    own, thread, outer = layer._compute_attention, threading.get_ident(), graph()

    def attend(
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: Any = None,
        return_attention_scores: bool = False,
        **options: Any,
    ) -> tuple[Any, Any]:
        given = (query, key, value, attention_mask, training)
        result: tuple[Any, Any] = own(*given, return_attention_scores, **options)
        if threading.get_ident() != thread:
            return result
        if graph() is not outer:
            # What a compiled part records here it would go on doing after this run.
            raise ValueError(
                "model must run its attention layers as Python code; got "
                f"{layer.name!r} inside a part that is compiled by itself."
            )
        if len(query.shape) != 4:
            raise ValueError(
                "model must attend over one axis of positions; got queries of shape "
                f"{tuple(query.shape[:1]) + tuple(query.shape[1:-2])} in {layer.name!r}."
            )
        weights = _weights(layer, own, given, options) if keep_weights else None
        masked = [head for number, head in without if number == len(attended)]
        lengths = (query.shape[1], key.shape[1])
        # As the layer gave it, where nothing is taken away: to the last bit.
        output = _emptied(result[0], masked) if masked else result[0]
        if edit is not None:
            output = edit(len(attended), output)
        attended.append(Attended(layer.name, query.shape[2], lengths, weights))
        return output, result[1]

    return attend


def _weights(layer: Any, own: Any, given: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Ask the layer for its weights, beside the run and not in place of it.

    A layer that is asked for weights takes another way through Keras, with other
    outputs at padding. (The way without weights at all, flash attention, Keras does not
    have on TensorFlow.)
    """
    weights = own(*given, True, **options)[1]
    if weights is None:
        raise ValueError(
            "model must have attention layers that give their weights when asked; got "
            f"{layer.name!r}, a {type(layer).__name__} that gives none."
        )
    return weights


def _emptied(output: Any, heads: Collection[int]) -> Any:
    """Return the outputs of the heads (n, t, heads, size) with those of some set to 0."""
    import keras

    keep = ~np.isin(np.arange(output.shape[2]), list(heads))
    return keras.ops.where(keep[:, None], output, keras.ops.zeros_like(output))


def graph() -> Any:
    """Return the graph that TensorFlow draws at the moment, None where it computes at once."""
    import tensorflow as tf

    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


def _check_heads(heads: Collection[Head], attended: list[Attended]) -> None:
    for number, head in heads:
        if number >= len(attended):
            raise ValueError(
                f"heads must name layers from 0 to {len(attended) - 1}, as the model runs "
                f"{len(attended)}; got {(number, head)}."
            )
        if head >= attended[number].n_heads:
            raise ValueError(
                f"heads must name heads from 0 to {attended[number].n_heads - 1} of layer "
                f"{number}, {attended[number].name!r}; got {(number, head)}."
            )


def rows_a_batch(model: Any, attended: list[Attended]) -> int:
    """Return how many rows may go through the model at once."""
    numbers = sum(
        layer.n_heads * (layer.lengths[0] or 1) * (layer.lengths[1] or 1) for layer in attended
    )
    # Scores, weights, and a copy of each for the run that returns them.
    return rows_at_once(bytes_a_row(model) + 4 * 4 * numbers)


def tensor(model: Any, rows: npt.NDArray[Any]) -> Any:
    """Return rows as the tensor that the model takes."""
    import tensorflow as tf

    return tf.convert_to_tensor(rows.astype(describe_network(model).dtype, copy=False))

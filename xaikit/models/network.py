"""Keras networks: what they take, their outputs on each scale, and gradients of them.

Two things that a network does are replaced while TensorFlow traces it, and put back
before the trace ends: a word's vector is looked up and moved (so that there is something
to take a gradient of), and the softmax or sigmoid at the end is left out (for "score").
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray

# Bytes that one call of a network may take, as far as its layers tell.
BUDGET = 2**28
_MOST_ROWS = 2**14
_TRACING = threading.RLock()
_KNOWN: weakref.WeakKeyDictionary[Any, dict[str, Network]] = weakref.WeakKeyDictionary()

Inputs = Literal["table", "images", "tokens"]


def is_keras(model: Any) -> bool:
    """Say whether this is a Keras model, without importing Keras."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


def check(model: Any) -> None:
    """Refuse a Keras model that has no weights yet, several inputs, or no TensorFlow."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"model must run on Keras' TensorFlow backend; got {keras.backend.backend()!r}. "
            "Set KERAS_BACKEND=tensorflow before keras is imported."
        )
    if not model.built:
        raise ValueError(
            f"model must be built before it is explained; got {type(model).__name__} "
            f"{model.name!r} without weights. Call it on data once, or begin with keras.Input."
        )
    for side in ("inputs", "outputs"):
        found = getattr(model, side, [None])
        if len(found) != 1:
            raise ValueError(
                f"model must have one input and one output; got {len(found)} {side} "
                f"in {model.name!r}."
            )


def input_shape(model: Any) -> tuple[int | None, ...] | None:
    """Return the shape of a row, None where any size goes; None for a model that has none."""
    shape = getattr(model, "input_shape", None)
    return None if shape is None else tuple(shape[1:])


def kind_of_input(model: Any) -> Inputs:
    """Say what a row is: numbers of a table, words by their numbers, or all else ("images")."""
    shape = input_shape(model)
    if shape is not None and len(shape) != 1:
        return "images"
    return "tokens" if embeddings(model) else "table"


def embeddings(model: Any) -> list[Any]:
    """Return the Embedding layers of a model, those of its parts too."""
    import keras

    return [layer for layer in all_layers(model) if isinstance(layer, keras.layers.Embedding)]


def all_layers(model: Any) -> list[Any]:
    """Return every layer of a model and of the models and layers in it, in order."""
    found: list[Any] = []
    for layer in model.layers if hasattr(model, "layers") else model._layers:
        found.append(layer)
        inner = all_layers(layer) if getattr(layer, "_layers", None) else []
        found.extend(part for part in inner if part not in found)
    return found


def ending(model: Any) -> tuple[Any, str] | None:
    """Return the last layer and "softmax" or "sigmoid", or None where it ends in neither."""
    import keras

    last = model
    while isinstance(last, keras.Model):
        if not getattr(last, "outputs", None):
            return None  # a model of somebody's own class, which tells nothing of its end
        last = last.outputs[0]._keras_history.operation
    if isinstance(last, keras.layers.Softmax) and last.axis in (-1, len(model.output_shape) - 1):
        return last, "softmax"
    function = getattr(last, "activation", None)
    for name in ("softmax", "sigmoid"):
        if function is getattr(keras.activations, name):
            return last, name
    return None


def spaces(model: Any) -> tuple[str, ...]:
    """Return the scales on which a network can be explained, the usual one first."""
    if ending(model) is None:
        return ("prediction",)
    return ("probability", "score", "log-odds", "prediction")


def network(model: Any, space: str) -> Network:
    """Return the network on a scale; the same one each time, so that it is compiled once."""
    known = _KNOWN.setdefault(model, {})
    if space not in known:
        known[space] = Network(model, space)
    return known[space]


class Network:
    """A Keras model on one scale: rows in, outputs and their gradients out, in batches.

    Gradients are taken with respect to the `entry`: the rows themselves, or for words
    their vectors, (n, t, width).
    """

    def __init__(self, model: Any, space: str) -> None:
        # Weakly: what is kept for a model must not keep the model.
        self._model = weakref.ref(model)
        self.space = space
        self.inputs = kind_of_input(model)
        self.dtype = np.dtype(np.int32 if self.inputs == "tokens" else _dtype(model))
        self._bytes_a_row = bytes_a_row(model)
        # What a method compiles beside, once for each layer that it looks at.
        self.compiled: dict[int, Callable[[Any, Any], Any]] = {}

    @property
    def model(self) -> Any:
        """The Keras model."""
        return self._model()

    @property
    def batch_size(self) -> int:
        """How many rows go through the network at once."""
        return int(np.clip(BUDGET // self._bytes_a_row, 1, _MOST_ROWS))

    def outputs(self, rows: npt.NDArray[Any]) -> FloatArray:
        """Return the outputs (n, k)."""
        size = self.batch_size
        parts = [self._outputs(self.tensor(rows[i : i + size])) for i in _starts(rows, size)]
        return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])

    def entry(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return what gradients are taken with respect to, for these rows."""
        if self.inputs != "tokens":
            return rows.astype(self.dtype)
        table = _table(self.model)
        vectors: npt.NDArray[Any] = table[rows]
        return vectors

    def output_and_gradient(
        self, entry: npt.NDArray[Any], rows: npt.NDArray[Any], column: int
    ) -> tuple[FloatArray, npt.NDArray[Any]]:
        """Return an output (n,) at each entry, and its gradient there, of the entry's shape.

        `rows` are the words' numbers: words keep their places and their padding while
        their vectors move.
        """
        size = self.batch_size
        outputs, gradients = [], []
        for i in _starts(entry, size):
            moved = entry[i : i + size]
            own = rows[i : i + size] if self.inputs == "tokens" else moved
            found = self._output_and_gradient(self.tensor(own), moved, np.int32(column))
            outputs.append(np.asarray(found[0], dtype=np.float64))
            gradients.append(np.asarray(found[1]))
        return np.concatenate(outputs), np.concatenate(gradients)

    def tensor(self, rows: npt.NDArray[Any]) -> Any:
        """Return rows as the tensor that the network takes."""
        import tensorflow as tf

        return tf.convert_to_tensor(rows.astype(self.dtype, copy=False))

    @cached_property
    def _outputs(self) -> Compiled:
        return Compiled(self.on_scale)

    @cached_property
    def _output_and_gradient(self) -> Compiled:
        import tensorflow as tf

        def output_and_gradient(rows: Any, entry: Any, column: Any) -> Any:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(entry)
                if self.inputs == "tokens":
                    with _looked_up(self.model, rows, entry):
                        outputs = self.on_scale(rows)
                else:
                    outputs = self.on_scale(entry)
                # Rows do not see each other, so the gradient of the sum is each row's own.
                chosen = outputs[:, column]
                total = tf.reduce_sum(chosen)
            found = tape.gradient(total, entry)
            if found is None:
                raise ValueError(
                    "model must have a gradient of its output with respect to its input; got "
                    f"none through {self.model.name!r}. Use method='occlusion'."
                )
            return chosen, found

        return Compiled(output_and_gradient)

    def on_scale(self, rows: Any) -> Any:
        """Return the outputs (n, k) of a batch, in the graph."""
        import tensorflow as tf

        model = self.model
        if self.space in ("prediction", "probability"):
            return _two_dimensional(model(rows, training=False), model)
        last, name = _known_ending(model)
        with _without_activation(last):
            score = _two_dimensional(model(rows, training=False), model)
        if self.space == "score" or name == "sigmoid":
            return score
        # log p - log(1 - p) = the score less the log-sum-exp of all other scores.
        k = score.shape[1]
        others = [tf.concat([score[:, :j], score[:, j + 1 :]], axis=1) for j in range(k)]
        rest = tf.stack([tf.reduce_logsumexp(other, axis=1) for other in others], axis=1)
        return score - rest


class Compiled:
    """A function of tensors, compiled for any number of rows, once for each shape of a row.

    Before it is called and not by the call: where one function is compiled for model after
    model, TensorFlow takes it for one that is compiled over and over, and warns.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.made: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *given: Any) -> Any:
        """Return what the function gives for these arrays; a scalar is the same for all rows."""
        import tensorflow as tf

        tensors = [tf.convert_to_tensor(each) for each in given]
        shapes = [(None, *each.shape[1:]) if each.shape.rank else () for each in tensors]
        kinds = tuple(map(tf.TensorSpec, shapes, (each.dtype for each in tensors)))
        if kinds not in self.made:
            compiled = tf.function(self._function, autograph=False)
            self.made[kinds] = compiled.get_concrete_function(*kinds)
        return self.made[kinds](*tensors)


def bytes_a_row(model: Any) -> int:
    """Return about how many bytes a row takes on its way through a network and back."""
    numbers = 0
    for layer in [model, *all_layers(model)]:
        try:
            shape = layer.output.shape[1:]
        except (AttributeError, ValueError):  # called in a custom layer, or more than once
            continue
        numbers += int(np.prod([size or 1 for size in shape]))
    shape = input_shape(model) or (1,)
    numbers += int(np.prod([size or 1 for size in shape]))
    # Each output, its gradient, and as much again of what an operation keeps beside.
    return max(1, 4 * 4 * numbers)


def _starts(rows: npt.NDArray[Any], size: int) -> range:
    return range(0, len(rows), size)


def _dtype(model: Any) -> Any:
    wanted = str(model.inputs[0].dtype) if getattr(model, "inputs", None) else model.input_dtype
    return wanted if wanted in ("float64", "float32") else "float32"


def _two_dimensional(outputs: Any, model: Any) -> Any:
    import tensorflow as tf

    if outputs.shape.rank == 1:
        return outputs[:, None]
    if outputs.shape.rank != 2:
        raise ValueError(
            f"model must return shape (n,) or (n, k); got {tuple(outputs.shape)} from "
            f"{model.name!r}."
        )
    return tf.convert_to_tensor(outputs)


def _known_ending(model: Any) -> tuple[Any, str]:
    found = ending(model)
    assert found is not None  # `spaces` offers no other
    return found


def _table(model: Any) -> npt.NDArray[Any]:
    """Return the vectors of all words, (vocabulary, width)."""
    found = embeddings(model)
    if len(found) != 1:
        names = ", ".join(repr(layer.name) for layer in found)
        raise ValueError(
            f"model must have one Embedding layer, the one that its words go into; got "
            f"{len(found)}: {names}. Keep positions in a layer of another kind."
        )
    return np.asarray(found[0].embeddings)


@contextmanager
def replaced(layer: Any, name: str, value: Any) -> Iterator[None]:
    """Set an attribute of a layer for as long as a trace takes."""
    with _TRACING:
        own = name in vars(layer)
        before = getattr(layer, name)
        setattr(layer, name, value)
        try:
            yield
        finally:
            if own:
                setattr(layer, name, before)
            else:
                delattr(layer, name)


def _without_activation(last: Any) -> Any:
    import keras

    if isinstance(last, keras.layers.Softmax):
        return replaced(last, "call", lambda inputs, mask=None: inputs)
    return replaced(last, "activation", keras.activations.linear)


def _looked_up(model: Any, rows: Any, vectors: Any) -> Any:
    """Have the Embedding layer give these vectors in place of those that it holds."""
    (layer,) = embeddings(model)

    def call(words: Any, *_: Any, **__: Any) -> Any:
        if words.shape.rank != rows.shape.rank or words.shape[1:] != rows.shape[1:]:
            raise ValueError(
                f"model must hand the words of X to its Embedding layer as they are; got shape "
                f"{tuple(words.shape)} there for {tuple(rows.shape)} in X."
            )
        return vectors

    return replaced(layer, "call", call)

"""A Keras model by the contract of networks: outputs on each scale, and their gradients.

Two things that a network does are replaced while TensorFlow traces it, and put back
before the trace ends: a word's vector is looked up and moved (so that there is something
to take a gradient of), and the softmax or sigmoid at the end is left out (for "score").
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.models.adapters.keras import axes, maps, path, structure, words
from xaikit.models.adapters.keras.tracing import Compiled, traced, without_activation
from xaikit.models.network import Array, Channels, Inputs, Maps, batches, rows_at_once

_TO_WHOLE_NUMBERS = ("Cast", "Bucketize")


class KerasNetwork:
    """A Keras model: rows in, outputs and their gradients out, in batches that fit in memory."""

    def __init__(self, model: Any) -> None:
        structure.check_rows(model)
        # Weakly: what is kept for a model must not keep the model.
        self._model = weakref.ref(model)
        self.name: str = model.name
        self.shape = structure.row_shape(model)
        self._readers = words.readers(model)
        self.inputs: Inputs = "images" if len(self.shape) != 1 else "table"
        self.dtype: np.dtype[Any] = np.dtype(structure.number_type(model))
        self.vocabulary: int | None = None
        if self._readers:
            layers = structure.all_layers(model)
            self.inputs, self.dtype = "tokens", np.dtype(np.int32)
            self.vocabulary = min(layers[place].input_dim for place in self._readers)
        has_scales = structure.ending(model) is not None
        self.spaces: tuple[str, ...] = ("prediction",)
        if has_scales:
            self.spaces = ("probability", "score", "log-odds", "prediction")
        self.n_outputs = structure.n_outputs(model)
        self.default_output = 1 if self.n_outputs == 2 and has_scales else None
        self._bytes_a_row = structure.bytes_a_row(model)
        self._compiled: dict[tuple[Any, ...], Compiled] = {}
        # By the place of a layer, found while its maps are traced.
        self.along: dict[int, tuple[int, ...]] = {}

    @property
    def model(self) -> Any:
        """The Keras model."""
        return self._model()

    @property
    def batch_size(self) -> int:
        """How many rows go through the network at once."""
        return rows_at_once(self._bytes_a_row)

    @cached_property
    def channels(self) -> Channels:
        """Whether the channels are the first or the last of several axes of a row."""
        shape = structure.built_shape(self.model) or ()
        if len(shape) < 2:
            return "last"
        rows, calls = traced(self.model, shape, self.dtype)
        found = axes.channel_axis(rows, calls, axes.follow(rows, calls))
        return "first" if found == 0 else "last"

    def outputs(self, rows: Array, space: str, entry: Array | None = None) -> FloatArray:
        """Return the outputs (n, k); at `entry` where it is given, in place of the rows' own."""
        if self.inputs != "tokens":
            rows, entry = rows if entry is None else entry, None
        parts = []
        for piece in batches(len(rows), self.batch_size):
            if entry is None:
                found = self._outputs(space)(self.tensor(rows[piece]))
            else:
                found = self._outputs_at(space)(self.tensor(rows[piece]), entry[piece])
            parts.append(np.asarray(found, dtype=np.float64))
        return np.concatenate(parts)

    def entry(self, rows: Array) -> Array:
        """Return what gradients are taken with respect to, for these rows."""
        if self.inputs != "tokens":
            return rows.astype(self.dtype)
        found: Array = words.vectors(self.model, self._readers)[rows]
        return found

    def output_and_gradient(
        self, entry: Array, rows: Array, column: int, space: str
    ) -> tuple[FloatArray, Array]:
        """Return an output (n,) at each entry, and its gradient there, of the entry's shape.

        `rows` are the words' numbers: words keep their places and their padding while
        their vectors move.
        """
        outputs, gradients = [], []
        for piece in batches(len(entry), self.batch_size):
            moved = entry[piece]
            own = rows[piece] if self.inputs == "tokens" else moved
            found = self._output_and_gradient(space)(self.tensor(own), moved, np.int32(column))
            outputs.append(np.asarray(found[0], dtype=np.float64))
            gradients.append(np.asarray(found[1]))
        return np.concatenate(outputs), np.concatenate(gradients)

    def path_gradient(
        self, origin: Array, end: Array, rows: Array, shares: Array, column: int, space: str
    ) -> Array:
        """Return the gradients at shares of the way from origins to ends, added up."""
        own = self.tensor(rows) if self.inputs == "tokens" else origin
        found = self._path_gradient(space)(own, origin, end, shares, np.int32(column))
        return np.asarray(found)

    def maps(self, rows: Array, column: int, space: str, layer: str | None) -> Maps:
        """Return the maps of the named layer, or of the last convolution, for at most a batch."""
        place = maps.find(self.model, layer, len(self.shape))
        name: str = structure.all_layers(self.model)[place].name

        def make() -> Callable[..., Any]:
            return lambda rows, column: maps.traced(self, place, rows, column, space)

        function = self._function(("maps", space, place), make)
        found, gradient = map(np.asarray, function(self.tensor(rows), np.int32(column)))
        return Maps(name, found, gradient, self.along[place])

    def tensor(self, rows: Array) -> Any:
        """Return rows as the tensor that the network takes."""
        import tensorflow as tf

        return tf.convert_to_tensor(rows.astype(self.dtype, copy=False))

    def on_scale(self, rows: Any, space: str) -> Any:
        """Return the outputs (n, k) of a batch, in the graph."""
        import tensorflow as tf

        model = self.model
        if space in ("prediction", "probability"):
            return _two_dimensional(model(rows, training=False), model)
        known = structure.ending(model)
        assert known is not None  # `spaces` offers no other
        last, name = known
        with without_activation(last):
            score = _two_dimensional(model(rows, training=False), model)
        if space == "score" or name == "sigmoid":
            return score
        # log p - log(1 - p) = the score minus the log-sum-exp of all other scores.
        k = score.shape[1]
        others = [tf.concat([score[:, :j], score[:, j + 1 :]], axis=1) for j in range(k)]
        rest = tf.stack([tf.reduce_logsumexp(other, axis=1) for other in others], axis=1)
        return score - rest

    def _function(self, key: tuple[Any, ...], make: Callable[[], Callable[..., Any]]) -> Compiled:
        """Return a function by its key, compiled once for each kind of row."""
        if key not in self._compiled:
            self._compiled[key] = Compiled(make())
        return self._compiled[key]

    def _outputs(self, space: str) -> Compiled:
        return self._function(("outputs", space), lambda: lambda rows: self.on_scale(rows, space))

    def _outputs_at(self, space: str) -> Compiled:
        def outputs(rows: Any, entry: Any) -> Any:
            with words.looked_up(self.model, self._readers, rows, entry):
                return self.on_scale(rows, space)

        return self._function(("outputs at", space), lambda: outputs)

    def _output_and_gradient(self, space: str) -> Compiled:
        import tensorflow as tf

        def output_and_gradient(rows: Any, entry: Any, column: Any) -> Any:
            is_text = self.inputs == "tokens"
            moved = words.looked_up(self.model, self._readers, rows, entry) if is_text else None
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(entry)
                with moved or nullcontext():
                    outputs = self.on_scale(rows if is_text else entry, space)
                # Rows do not see each other, so the gradient of the sum is each row's own.
                chosen = outputs[:, column]
                total = tf.reduce_sum(chosen)
            if not is_text:
                _check_no_whole_numbers(entry, self.name)
            found = tape.gradient(total, entry)
            if found is None:
                raise ValueError(_no_gradient(self.name))
            return chosen, found

        return self._function(("gradient", space), lambda: output_and_gradient)

    def _path_gradient(self, space: str) -> Compiled:
        import tensorflow as tf

        def path_gradient(rows: Any, origin: Any, end: Any, shares: Any, column: Any) -> Any:
            entry = path.points(origin, end, shares)
            if self.inputs == "tokens":
                rows = tf.tile(rows, (tf.size(shares), 1))
                with words.looked_up(self.model, self._readers, rows, entry):
                    outputs = self.on_scale(rows, space)
            else:
                outputs = self.on_scale(entry, space)
                _check_no_whole_numbers(entry, self.name)
            found = path.total(outputs[:, column], entry, tf.shape(origin))
            if found is None:
                raise ValueError(_no_gradient(self.name))
            return found

        return self._function(("path", space), lambda: path_gradient)


def _two_dimensional(outputs: Any, model: Any) -> Any:
    import tensorflow as tf

    shape = tuple(outputs.shape) if tf.is_tensor(outputs) else type(outputs).__name__
    if not isinstance(shape, tuple) or len(shape) not in (1, 2):
        raise ValueError(
            f"model must return shape (n,) or (n, k); got {shape} from {model.name!r}. Explain "
            "a function of it that does, such as lambda X: np.asarray(model(X))[:, 0], by "
            "method='kernel_shap', or a network that ends in the part of interest."
        )
    return outputs[:, None] if len(shape) == 1 else tf.convert_to_tensor(outputs)


def _check_no_whole_numbers(entry: Any, name: str) -> None:
    """Refuse a network that turns numbers of a row into whole ones, and so loses their slope.

    A category that is looked up in an Embedding would get a gradient of 0 whatever it does.
    """
    trails = axes.follow(entry, [])
    for operation in entry.graph.get_operations():
        if operation.type in _TO_WHOLE_NUMBERS and operation.inputs[0].name in trails:
            kinds = operation.inputs[0].dtype, operation.outputs[0].dtype
            if kinds[0].is_floating and kinds[1].is_integer:
                raise ValueError(
                    f"{_no_gradient(name)} It takes numbers of a row as whole ones, as for an "
                    "Embedding of a category."
                )


def _no_gradient(name: str) -> str:
    return (
        "model must have a gradient of its output with respect to all of its input; got none "
        f"through {name!r}. Use method='kernel_shap' for a table, and otherwise "
        "method='occlusion'."
    )

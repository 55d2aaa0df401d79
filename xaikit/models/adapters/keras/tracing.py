"""Networks compiled by TensorFlow, with what a layer does replaced while they are traced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from xaikit.models.adapters.keras.structure import all_layers

_TRACING = threading.RLock()


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


def without_activation(last: Any) -> Any:
    """Leave out the softmax or sigmoid at the end of a network while it is traced."""
    import keras

    if isinstance(last, keras.layers.Softmax):
        return replaced(last, "call", lambda inputs, mask=None: inputs)
    return replaced(last, "activation", keras.activations.linear)


class Heard(NamedTuple):
    """One call of a layer in a trace: the first tensor that it is given, and what it returns."""

    layer: Any
    given: Any
    result: Any


@contextmanager
def heard(model: Any, also: Callable[[Any, Any], None] | None = None) -> Iterator[list[Heard]]:
    """Collect the calls of the layers that hold no others, and of those that `also` is for.

    `also(layer, result)` is called as soon as a layer has given its result.
    """
    calls: list[Heard] = []
    with ExitStack() as stack:
        for layer in dict.fromkeys(all_layers(model)):
            if hasattr(layer, "call"):
                stack.enter_context(replaced(layer, "call", _listening(layer, calls, also)))
        yield calls


def traced(model: Any, shape: tuple[int | None, ...], dtype: Any) -> tuple[Any, list[Heard]]:
    """Trace a model on rows of a shape; return the rows in the graph and the layers' calls."""
    import tensorflow as tf

    found: list[tuple[Any, list[Heard]]] = []

    def run(rows: Any) -> Any:
        with heard(model) as calls:
            result = model(rows, training=False)
        found.append((rows, calls))
        return result

    spec = tf.TensorSpec((None, *shape), dtype)
    tf.function(run, autograph=False).get_concrete_function(spec)
    return found[0]


def _listening(
    layer: Any, calls: list[Heard], also: Callable[[Any, Any], None] | None
) -> Callable[..., Any]:
    own = layer.call

    def call(*args: Any, **options: Any) -> Any:
        result = own(*args, **options)
        calls.append(Heard(layer, next(iter((*args, *options.values())), None), result))
        if also is not None:
            also(layer, result)
        return result

    return call

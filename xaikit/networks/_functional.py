"""A functional model made of a Sequential one, for libraries that read the layers' tensors.

Since Keras 3 a Sequential model that was never called inside another has no `output`, and
each layer's `output` is that of the layer's first call. tf-explain asks for both.
"""

from __future__ import annotations

from typing import Any

from xaikit.core.checks import require
from xaikit.models.adapters.keras.structure import check


def functional(model: Any) -> Any:
    """Make a functional Keras model of a Sequential one, on the same weights.

    With it the methods and training callbacks of tf-explain that read a model's tensors
    run. `explain` needs none of this: it takes both kinds.

    Parameters
    ----------
    model : keras.Model
        A Sequential or functional Keras 3 model with one input and one output, built.

    Returns
    -------
    keras.Model
        A functional model, not compiled. It holds the very layers of `model`; where they
        had been called before, as by ``Sequential.add``, stand-ins for them that hold the
        same weights. Training either model trains both. A functional model whose input
        and output are bare tensors is given back itself.

    Raises
    ------
    TypeError
        If `model` is no Keras model.
    ValueError
        If it is not built, has several inputs or outputs, or has no graph of layers, as a
        model of one's own class has none.

    Notes
    -----
    Layers inside a model that is itself a layer keep their place there: tf-explain finds
    them in neither kind of model. Name the inner model in their stead.

    Taught in: deep/saliency.

    Examples
    --------
    >>> import keras
    >>> layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()]
    >>> model = keras.Sequential(layers)
    >>> same = functional(model)
    >>> type(same).__name__, same.output.shape, same.layers[1] is model.layers[0]
    ('Functional', (None, 72), True)
    """
    require("tensorflow", extra="deep")
    import keras

    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model; got {type(model).__name__}.")

    check(model)
    if not getattr(model, "inputs", None):
        raise ValueError(
            "model must be Sequential or functional, with a graph from input to output; got "
            f"{model.name!r} of {type(model).__name__}, whose layers Keras could not connect."
        )
    if isinstance(model, keras.Sequential) and not _called_first_here(model):
        return _of_stand_ins(model)
    if not isinstance(model, keras.Sequential) and _is_bare(model):
        return model
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name)


def _is_bare(model: Any) -> bool:
    """Say whether input and output are tensors, where Keras also takes lists of one."""
    import keras

    return all(isinstance(side, keras.KerasTensor) for side in (model.input, model.output))


def _called_first_here(model: Any) -> bool:
    """Say whether the first call of each layer, which `layer.output` tells, is that in here."""
    tensor = model.outputs[0]
    for layer in reversed(model.layers):
        first = layer._inbound_nodes[0]
        if first.output_tensors[0] is not tensor:
            return False
        tensor = first.input_tensors[0]
    return True


def _of_stand_ins(model: Any) -> Any:
    import keras

    inputs = keras.Input(batch_shape=model.inputs[0].shape, dtype=model.inputs[0].dtype)
    outputs = inputs
    for layer in model.layers:
        outputs = _stand_in(layer)(outputs)
    return keras.Model(inputs, outputs, name=model.name)


def _stand_in(layer: Any) -> Any:
    """Return the layer as it was before its first call, with all that it holds.

    Neither a copy by `copy.copy`, which Keras makes with new weights, nor by its
    configuration, which draws them anew.
    """
    alike = object.__new__(type(layer))
    vars(alike).update(vars(layer))
    alike._inbound_nodes = []
    alike._outbound_nodes = []
    return alike

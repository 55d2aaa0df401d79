"""What the layers of a Keras model tell without a run: shapes, types, its end, its size."""

from __future__ import annotations

from typing import Any

import numpy as np

Shape = tuple[int | None, ...]


def check(model: Any) -> None:
    """Refuse a Keras model that has no weights yet, several inputs, or no TensorFlow."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"model must run on Keras' TensorFlow backend; got {keras.backend.backend()!r}. "
            "Set KERAS_BACKEND=tensorflow before keras is imported, or explain the function "
            "lambda X: np.asarray(model(X)) by method='kernel_shap'."
        )
    if not model.built:
        raise ValueError(
            f"model must be built before it is explained; got {type(model).__name__} "
            f"{model.name!r} without weights. Call it on data once, or begin with keras.Input."
        )
    for side, found in (("inputs", _inputs(model)), ("outputs", getattr(model, "outputs", [None]))):
        if len(found) != 1:
            way_out = {
                "inputs": "lambda X: model([X[:, :3], X[:, 3:]]), of one table of all columns",
                "outputs": "lambda X: model(X)[0]",
            }
            raise ValueError(
                f"model must have one input and one output; got {len(found)} {side} "
                f"in {model.name!r}. Explain a function in its place, such as {way_out[side]}, "
                "by method='kernel_shap'."
            )


def check_rows(model: Any) -> None:
    """Refuse a Keras model that takes no numbers, or does not tell how many axes a row has."""
    if getattr(model, "inputs", None) and str(model.inputs[0].dtype) == "string":
        raise ValueError(
            f"model must take numbers; got {model.name!r}, whose input is text. Explain the part "
            "of it after its TextVectorization layer, and give X as that layer returns it."
        )
    if built_shape(model) is None:
        raise ValueError(
            f"model must tell the shape of its input; got {type(model).__name__} {model.name!r}, "
            "which tells none. Explain the function lambda X: np.asarray(model(X)) by "
            "method='kernel_shap', or make the model of keras.Input and layers."
        )


def _inputs(model: Any) -> list[Any]:
    if getattr(model, "inputs", None):
        return list(model.inputs)
    built = _built_with(model)
    # A model of one's own class that was called on a list has a list of shapes.
    several = built and isinstance(built[0], list | tuple | dict)
    return list(built) if several and built is not None else [None]


def _built_with(model: Any) -> Any:
    config = model.get_build_config() or {}
    return config.get("input_shape", list(config.get("shapes_dict", {}).values()))


def built_shape(model: Any) -> Shape | None:
    """Return the shape of a row that the model was built with; None where it does not tell."""
    shape = getattr(model, "input_shape", None) or _built_with(model)
    return tuple(shape[1:]) if shape else None


def row_shape(model: Any) -> Shape:
    """Return the shape of a row, None where any size goes."""
    shape = built_shape(model)
    assert shape is not None  # `check_rows`
    # A model of one's own class knows how it was called, and not how else it may be.
    return shape if getattr(model, "input_shape", None) else (None,) * len(shape)


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


def number_type(model: Any) -> Any:
    """Return the type of float that a model takes its rows in."""
    wanted = str(model.inputs[0].dtype) if getattr(model, "inputs", None) else model.input_dtype
    return wanted if wanted in ("float64", "float32") else "float32"


def n_outputs(model: Any) -> int | None:
    """Return how many outputs a model has, or None where it does not tell."""
    shape: Shape = getattr(model, "output_shape", None) or ()
    return shape[1] if len(shape) == 2 else None


def bytes_a_row(model: Any) -> int:
    """Return about how many bytes a row takes on its way through a network and back."""
    numbers = 0
    for layer in [model, *all_layers(model)]:
        try:
            shape = layer.output.shape[1:]
        except (AttributeError, ValueError):  # called in a custom layer, or more than once
            continue
        numbers += int(np.prod([size or 1 for size in shape]))
    shape = getattr(model, "input_shape", None)
    numbers += int(np.prod([size or 1 for size in shape[1:]])) if shape else 1
    # Each output, its gradient, and as much again of what an operation keeps beside.
    return max(1, 4 * 4 * numbers)

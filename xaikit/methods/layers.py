"""The layer inside a network whose maps are looked at: found by name, or the last convolution."""

from __future__ import annotations

from typing import Any

from xaikit.models import network as _networks

_CONVOLUTIONS = (
    *("Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D"),
    *("DepthwiseConv1D", "DepthwiseConv2D"),
    *("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
)
_MOST_NAMES = 20


def find(model: Any, name: object, axes: int) -> int:
    """Return the place, in `all_layers`, of the named layer, or of the last convolution.

    `axes` is how many axes a row has: a map must lie over all of them, or over all but
    the channels.
    """
    import keras

    layers = {
        i: layer
        for i, layer in enumerate(_networks.all_layers(model))
        if not isinstance(layer, keras.layers.InputLayer)
    }
    usable = [i for i, layer in layers.items() if _may_lie_over(layer, axes)]
    if name is None:
        return _last_convolution(model, layers, usable)
    if not isinstance(name, str):
        raise TypeError(f"layer must be the name of a layer; got {name!r}.")
    places = [i for i, layer in layers.items() if layer.name == name]
    if not places:
        names = _short([layers[i].name for i in usable])
        raise ValueError(f"layer must be one of {names}, whose outputs are maps; got {name!r}.")
    if len(places) > 1:
        raise ValueError(
            f"layer must be the name of one layer; got {name!r}, the name of {len(places)}."
        )
    check_shape(layers[places[0]], _known_shape(layers[places[0]]), axes)
    return places[0]


def check_shape(layer: Any, shape: tuple[int | None, ...] | None, axes: int) -> None:
    """Refuse a layer whose output, of this shape, cannot be laid over rows of so many axes."""
    if shape is not None and not _lies_over(shape, axes):
        sides = "length" if axes <= 2 else "height, width" if axes == 3 else "sides"
        raise ValueError(
            f"layer must have an output of maps, (n, {sides}, channels), with more than one "
            f"place in them; got {layer.name!r} with shape {shape}."
        )
    if getattr(layer, "data_format", "channels_last") == "channels_first":
        raise ValueError(
            f"layer must have data_format 'channels_last'; got {layer.name!r} with "
            "'channels_first'."
        )


def _last_convolution(model: Any, layers: dict[int, Any], usable: list[int]) -> int:
    import keras

    kinds = tuple(getattr(keras.layers, kind) for kind in _CONVOLUTIONS)
    # Some networks end in a convolution over a single place, in place of a Dense layer.
    found = [i for i in usable if isinstance(layers[i], kinds)]
    if not found:
        names = _short([layer.name for layer in layers.values()])
        raise ValueError(
            "model must have a convolution whose maps can be laid over the rows, or layer must "
            f"name another layer that gives maps; got {model.name!r} of {names}."
        )
    return found[-1]


def _may_lie_over(layer: Any, axes: int) -> bool:
    shape = _known_shape(layer)
    return shape is None or _lies_over(shape, axes)


def _lies_over(shape: tuple[int | None, ...], axes: int) -> bool:
    sides = shape[1:-1]
    return bool(sides) and len(sides) in (axes - 1, axes) and any(size != 1 for size in sides)


def _known_shape(layer: Any) -> tuple[int | None, ...] | None:
    """Return the shape of a layer's output, or None where only a run would tell."""
    try:
        return tuple(layer.output.shape)
    except (AttributeError, ValueError):  # inside a custom layer, or called more than once
        return None


def _short(names: list[str]) -> str:
    # The last come first: they are those that people look for.
    shown = ", ".join(map(repr, names[: -_MOST_NAMES - 1 : -1])) or "none"
    return f"{shown}, … ({len(names)} in all)" if len(names) > _MOST_NAMES else shown

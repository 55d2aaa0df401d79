"""The maps of a layer inside a network: the layer found, its maps laid as the rows are."""

from __future__ import annotations

from typing import Any

from xaikit.models.adapters.keras import axes
from xaikit.models.adapters.keras.structure import Shape, all_layers
from xaikit.models.adapters.keras.tracing import Heard, heard

_CONVOLUTIONS = (
    *("Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D"),
    *("DepthwiseConv1D", "DepthwiseConv2D"),
    *("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
)
_MOST_NAMES = 20


def find(model: Any, name: object, n_axes: int) -> int:
    """Return the place, in `all_layers`, of the named layer, or of the last convolution.

    `n_axes` is how many axes a row has: a map must lie over all of them, or over all but
    the channels.
    """
    import keras

    layers = {
        i: layer
        for i, layer in enumerate(all_layers(model))
        if not isinstance(layer, keras.layers.InputLayer)
    }
    usable = [i for i, layer in layers.items() if _may_lie_over(layer, n_axes)]
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
    _check_shape(layers[places[0]], _known_shape(layers[places[0]]), n_axes)
    return places[0]


def traced(network: Any, place: int, rows: Any, column: Any, space: str) -> tuple[Any, Any]:
    """Return, in the graph, the maps of a layer and their gradient, both (n, *sides, channels).

    What the sides lie along is put into the network's `along`, by the place of the layer.
    """
    import tensorflow as tf

    # The layer is looked up here: what is compiled must not keep the model.
    layer = all_layers(network.model)[place]
    with tf.GradientTape(watch_accessed_variables=False) as tape:

        def watch(heard_layer: Any, result: Any) -> None:
            if heard_layer is layer:
                tape.watch(result)

        with heard(network.model, watch) as calls:
            outputs = network.on_scale(rows, space)
        total = tf.reduce_sum(outputs[:, column])
    maps = _only(calls, layer, rows.shape.rank - 1)
    order, network.along[place] = _layout(rows, calls, layer, maps)
    gradient = tape.gradient(total, maps)
    if gradient is None:
        raise ValueError(
            "layer must have a gradient of the model's output with respect to its own; got "
            f"{layer.name!r}, from which there is none."
        )
    if order == list(range(maps.shape.rank)):
        return maps, gradient
    return tf.transpose(maps, order), tf.transpose(gradient, order)


def _layout(
    rows: Any, calls: list[Heard], layer: Any, maps: Any
) -> tuple[list[int], tuple[int, ...]]:
    """Return the order of the axes of maps that puts channels last, and what the sides lie along.

    The sides come in the order in which they stand in a row.
    """
    trails = axes.follow(rows, calls)
    trail = trails.get(maps.name)
    lies = trail.axes if trail is not None else None
    n_axes, n_sides = rows.shape.rank - 1, maps.shape.rank - 2
    at = _channels_of(layer, calls, lies) % (n_sides + 1)
    sides = [i for i in range(n_sides + 1) if i != at]
    known = {axis: i for i in sides if lies is not None and (axis := lies[i]) is not None}
    if len(known) == n_sides:
        along = tuple(sorted(known))
        return [0, *(known[axis] + 1 for axis in along), at + 1], along
    # Not to be followed, as through a function of one's own: in the order of the row.
    channels = 0 if axes.channel_axis(rows, calls, trails) == 0 else n_axes - 1
    row = (i for i in range(n_axes) if n_sides == n_axes or i != channels)
    return [0, *(i + 1 for i in sides), at + 1], tuple(row)


def _channels_of(layer: Any, calls: list[Heard], lies: axes.Axes | None) -> int:
    """Return where the maps of a layer have their channels, 0 or -1."""
    at = axes.channel_position(layer)
    if at is None and lies is not None and lies.count(None) == 1:
        return lies.index(None)
    if at is None:
        # As the layer before it that tells.
        before = [call.layer for call in calls[: _place(calls, layer)]]
        told = [found for each in before if (found := axes.channel_position(each)) is not None]
        return told[-1] if told else -1
    return at


def _place(calls: list[Heard], layer: Any) -> int:
    return next(i for i, call in enumerate(calls) if call.layer is layer)


def _only(calls: list[Heard], layer: Any, n_axes: int) -> Any:
    """Return what the layer gave, if it is one thing and of maps."""
    seen = [call.result for call in calls if call.layer is layer]
    if len(seen) != 1:
        raise ValueError(
            "layer must be one that the network calls once, or the maps would be several; got "
            f"{layer.name!r}, which it calls {len(seen)} times. Name a layer after it."
        )
    _check_shape(layer, tuple(seen[0].shape), n_axes)
    return seen[0]


def _check_shape(layer: Any, shape: Shape | None, n_axes: int) -> None:
    """Refuse a layer whose output, of this shape, cannot be laid over rows of so many axes."""
    if shape is not None and not _lies_over(layer, shape, n_axes):
        sides = "length" if n_axes <= 2 else "height, width" if n_axes == 3 else "sides"
        first = axes.channel_position(layer) == 0
        wanted = f"(n, channels, {sides})" if first else f"(n, {sides}, channels)"
        raise ValueError(
            f"layer must have an output of maps, {wanted}, with more than one "
            f"place in them; got {layer.name!r} with shape {shape}."
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


def _may_lie_over(layer: Any, n_axes: int) -> bool:
    shape = _known_shape(layer)
    return shape is None or _lies_over(layer, shape, n_axes)


def _lies_over(layer: Any, shape: Shape, n_axes: int) -> bool:
    sides = shape[2:] if axes.channel_position(layer) == 0 else shape[1:-1]
    return bool(sides) and len(sides) in (n_axes - 1, n_axes) and any(size != 1 for size in sides)


def _known_shape(layer: Any) -> Shape | None:
    """Return the shape of a layer's output, or None where only a run would tell."""
    try:
        return tuple(layer.output.shape)
    except (AttributeError, ValueError):  # inside a custom layer, or called more than once
        return None


def _short(names: list[str]) -> str:
    # The last come first: they are those that people look for.
    shown = ", ".join(map(repr, names[: -_MOST_NAMES - 1 : -1])) or "none"
    return f"{shown}, … ({len(names)} in all)" if len(names) > _MOST_NAMES else shown

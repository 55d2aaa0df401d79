"""Which axis of a row each axis inside a network lies along, followed through a trace.

Layers tell by `data_format` where their channels stand; transposing and reshaping between
them is followed operation by operation, so that a map is laid over the picture the right
way round, whatever happened to it before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from xaikit.models.adapters.keras.tracing import Heard

# For each axis after the batch the axis of a row, None where it lies along none.
Axes = tuple[int | None, ...]

_UNCHANGED = ("Identity", "Cast", "StopGradient")
# What these give follows from the shape of a row and not from the numbers in it.
_OF_SHAPES = ("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike")
_RESHAPING = ("Reshape", "ExpandDims", "Squeeze")


class Trail(NamedTuple):
    """What a tensor has to do with the rows: its axes, None if unknown, and if it is them."""

    axes: Axes | None
    is_rows: bool


def in_graph_of(rows: Any, calls: list[Heard]) -> list[Heard]:
    """Return the calls that can be followed: of one tensor, in the graph of the rows."""
    return [call for call in calls if all(_is_in(rows.graph, each) for each in call[1:])]


def _is_in(graph: Any, value: Any) -> bool:
    return type(value).__name__ == "SymbolicTensor" and value.graph is graph


def follow(rows: Any, calls: list[Heard]) -> dict[str, Trail]:
    """Return the trails, by name, of the tensors of a trace that depend on the rows in it."""
    trails = {rows.name: Trail(tuple(range(rows.shape.rank - 1)), True)}
    # What a model or layer of layers returns is what the last layer in it has returned before.
    of_layers = {
        call.result.name: call
        for call in reversed(in_graph_of(rows, calls))
        if call.given.name != call.result.name
    }
    # In the order in which they were made, so that what an operation is given comes first.
    for operation in rows.graph.get_operations():
        sources = [trails[each.name] for each in operation.inputs if each.name in trails]
        if not sources or operation.type in _OF_SHAPES:
            continue
        for result in operation.outputs:
            axes = _through_operation(operation, result, trails)
            is_rows = operation.type in _UNCHANGED and sources[0].is_rows
            call = of_layers.get(result.name)
            if call is not None and call.given.name in trails:
                axes = _through_layer(call, axes, trails[call.given.name].axes)
            trails[result.name] = Trail(axes, is_rows)
    return trails


def channel_axis(rows: Any, calls: list[Heard], trails: dict[str, Trail]) -> int | None:
    """Return the axis of a row that the first layer with channels takes for them, or None."""
    for call in in_graph_of(rows, calls):
        at, trail = channel_position(call.layer), trails.get(call.given.name)
        if at is None or trail is None or trail.axes is None or len(trail.axes) < 2:
            continue
        at %= len(trail.axes)
        sides = {*trail.axes[:at], *trail.axes[at + 1 :]}
        # Found by what is left, as channels of one number may have been reshaped anew.
        left = set(range(rows.shape.rank - 1)) - sides
        return left.pop() if None not in sides and len(left) == 1 else None
    return None


def channel_position(layer: Any) -> int | None:
    """Return where a layer has its channels, 0 or -1; None where it does not tell."""
    known = {"channels_first": 0, "channels_last": -1}
    return known.get(getattr(layer, "data_format", None) or "")


def _through_layer(call: Heard, by_operations: Axes | None, given: Axes | None) -> Axes | None:
    rank = call.result.shape.rank
    if given is None or rank != len(given) + 1:
        return by_operations
    at = channel_position(call.layer)
    if at is None:
        return by_operations or given
    at %= len(given)
    return (*given[:at], None, *given[at + 1 :])


def _through_operation(operation: Any, result: Any, trails: dict[str, Trail]) -> Axes | None:
    import tensorflow as tf

    first = operation.inputs[0]
    given = trails[first.name].axes if first.name in trails else None
    if operation.type == "Transpose":
        order = tf.get_static_value(operation.inputs[1])
        if given is None or order is None or order[0] != 0:
            return None
        return tuple(given[axis - 1] for axis in order[1:])
    if operation.type in _RESHAPING and given is not None:
        return _reshaped(given, first.shape, result.shape)
    same = [
        axes
        for each in operation.inputs
        if each.name in trails
        and (axes := trails[each.name].axes) is not None
        and result.shape.rank == len(axes) + 1
    ]
    return max(same, key=lambda axes: sum(axis is not None for axis in axes), default=None)


def _reshaped(given: Axes, before: Any, after: Any) -> Axes | None:
    """Return the axes that are left whole: as long as before, after as many numbers."""
    if after.rank is None:
        return None
    old, new = before.as_list()[1:], after.as_list()[1:]
    if old == new:
        return given
    if None in old or None in new:
        return None
    whole = {place: axis for place, axis in zip(_places(old), given, strict=True) if place[1] > 1}
    return tuple(whole.get(place) for place in _places(new))


def _places(sizes: list[int]) -> list[tuple[int, int]]:
    """Return, for each axis, how many numbers come before it, and its size."""
    places, before = [], 1
    for size in sizes:
        places.append((before, size))
        before *= size
    return places

"""The maps of a layer inside a module, laid as the rows are."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from xaikit.models.adapters.torch.state import undisturbed
from xaikit.models.adapters.torch.structure import channel_position, is_convolution
from xaikit.models.adapters.torch.tracing import answered_by, as_array
from xaikit.models.network import Maps

if TYPE_CHECKING:
    from xaikit.models.adapters.torch.network import TorchNetwork

_MOST_NAMES = 20
# The name of a layer, and what it returned.
Seen = list[tuple[str, Any]]


def found(network: TorchNetwork, rows: Any, column: int, space: str, name: str | None) -> Maps:
    """Return the maps of the named layer, or of the last convolution, and their gradient."""
    layers = dict(network.model.named_modules())
    watched = {key: layer for key, layer in layers.items() if is_convolution(layer)}
    if name is not None:
        watched = {name: _named(layers, name)}
    seen: Seen = []
    with undisturbed(network.model, gradients=True), ExitStack() as stack:
        for key, layer in watched.items():
            stack.enter_context(answered_by(layer, _keeping(key, seen)))
        given = rows.requires_grad_().clone() if rows.is_floating_point() else rows
        outputs = network.on_scale(given, space)
        name, maps = _chosen(network, seen, len(rows), name)
        gradient = network.gradient(outputs[:, column].sum(), maps)
    order, along = _layout(network, layers[name], maps)
    kept, slope = (as_array(each.permute(order)) for each in (maps, gradient))
    return Maps(name, kept, slope, along)


def _keeping(key: str, seen: Seen) -> Any:
    """Return what notes a layer's result and hands on a copy, which may be changed in place."""

    def answer(_: Any, result: Any) -> Any:
        if not hasattr(result, "is_floating_point"):
            seen.append((key, result))
            return result
        # Weights that are not to be trained leave nothing to take a gradient of.
        kept = result if result.requires_grad else result.detach().requires_grad_()
        seen.append((key, kept))
        return kept.clone()

    return answer


def _named(layers: dict[str, Any], name: object) -> Any:
    if not isinstance(name, str):
        raise TypeError(f"layer must be the name of a layer; got {name!r}.")
    if name not in layers or not name:
        names = _short([key for key, layer in layers.items() if key and _is_leaf(layer)])
        raise ValueError(f"layer must be one of {names}; got {name!r}.")
    return layers[name]


def _chosen(network: TorchNetwork, seen: Seen, n: int, name: str | None) -> tuple[str, Any]:
    """Return the layer that was named, or the last convolution to lie over the rows."""
    if name is None:
        over = [(key, maps) for key, maps in seen if _lies_over(network, key, maps, n)]
        if not over:
            names = [key for key, layer in network.model.named_modules() if _is_leaf(layer)]
            raise ValueError(
                "model must have a convolution whose maps can be laid over the rows, or layer must "
                f"name another layer that gives maps; got {network.name!r} of {_short(names)}."
            )
        name = over[-1][0]
    results = [maps for key, maps in seen if key == name]
    if len(results) != 1:
        raise ValueError(
            "layer must be one that the network calls once, or the maps would be several; got "
            f"{name!r}, which it calls {len(results)} times. Name a layer after it."
        )
    if not _lies_over(network, name, results[0], n):
        shape = tuple(getattr(results[0], "shape", ())) or type(results[0]).__name__
        raise ValueError(
            "layer must have an output of maps, (n, channels, sides), with more than one place in "
            f"them and as many sides as the rows; got {name!r} with {shape}."
        )
    return name, results[0]


def _channels_at(network: TorchNetwork, name: str) -> int:
    """Return the axis after the batch that a layer's maps have their channels on."""
    return -1 if channel_position(network.model.get_submodule(name)) == -1 else 0


def _lies_over(network: TorchNetwork, name: str, maps: Any, n: int) -> bool:
    shape = list(getattr(maps, "shape", ()))
    if len(shape) < 3 or shape[0] != n:
        return False
    del shape[0], shape[_channels_at(network, name)]
    n_axes = len(network.shape)
    return len(shape) in (n_axes - 1, n_axes) and any(side != 1 for side in shape)


def _layout(network: TorchNetwork, layer: Any, maps: Any) -> tuple[list[int], tuple[int, ...]]:
    """Return the order of axes that puts channels last, and what the sides lie along."""
    n_axes, n_sides = len(network.shape), maps.ndim - 2
    last = channel_position(layer) == -1
    channels, sides = (n_sides + 1, 1) if last else (1, 2)
    known = network.facts.axes
    lies = [] if known is None else [axis for axis in known[1:] if axis is not None]
    if len(lies) != n_sides:
        # Not to be seen: in the order of the row.
        left_out = None if n_sides == n_axes else 0 if network.channels == "first" else n_axes - 1
        lies = [axis for axis in range(n_axes) if axis != left_out]
    by_axis = sorted(range(n_sides), key=lambda side: lies[side])
    return [0, *(sides + side for side in by_axis), channels], tuple(sorted(lies))


def _is_leaf(layer: Any) -> bool:
    return not any(True for _ in layer.children())


def _short(names: list[str]) -> str:
    # The last come first: they are those that people look for.
    shown = ", ".join(map(repr, names[: -_MOST_NAMES - 1 : -1])) or "none"
    return f"{shown}, … ({len(names)} in all)" if len(names) > _MOST_NAMES else shown

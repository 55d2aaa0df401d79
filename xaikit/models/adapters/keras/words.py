"""Whether a row is a text: whether an Embedding layer looks the whole row up, as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.models.adapters.keras.axes import follow, in_graph_of
from xaikit.models.adapters.keras.structure import Shape, all_layers, built_shape, number_type
from xaikit.models.adapters.keras.tracing import Heard, replaced, traced


def readers(model: Any) -> list[int]:
    """Return the places, in `all_layers`, of the Embeddings that the rows go into as they are.

    Of a text these look up its words. An Embedding of one column beside others, or of
    something made of the row, is part of a network of a table; one of positions, which are
    the same for every row, is part of either.
    """
    import keras

    kind = keras.layers.Embedding
    shape = built_shape(model) or ()
    if len(shape) != 1 or not any(isinstance(each, kind) for each in all_layers(model)):
        return []
    rows, calls = _traced(model, shape)
    trails = follow(rows, calls)
    reading = [
        call.layer
        for call in in_graph_of(rows, calls)
        if isinstance(call.layer, kind)
        and call.given.name in trails
        and trails[call.given.name].is_rows
    ]
    return [i for i, layer in enumerate(all_layers(model)) if any(layer is r for r in reading)]


def _traced(model: Any, shape: Shape) -> tuple[Any, list[Heard]]:
    """Trace a model in the numbers that it declares, or in whole ones if it takes no others."""
    declared = str(model.inputs[0].dtype) if getattr(model, "inputs", None) else None
    try:
        return traced(model, shape, declared or number_type(model))
    except (TypeError, ValueError):
        return traced(model, shape, "int32")


def vectors(model: Any, places: list[int]) -> npt.NDArray[Any]:
    """Return the vectors of all words, (vocabulary, width)."""
    return np.asarray(_only(model, places).embeddings)


def _only(model: Any, places: list[int]) -> Any:
    layers = all_layers(model)
    found = [layers[place] for place in places]
    if len(found) != 1:
        raise ValueError(
            "model must have one Embedding layer that its words go into, for their gradients to "
            f"be taken; got {len(found)}: {', '.join(repr(layer.name) for layer in found)}. "
            "Use method='occlusion'."
        )
    return found[0]


@contextmanager
def looked_up(model: Any, places: list[int], rows: Any, vectors: Any) -> Iterator[None]:
    """Have the Embedding layer give these vectors in place of those that it holds."""

    def call(words: Any, *_: Any, **__: Any) -> Any:
        if words.shape.rank != rows.shape.rank or words.shape[1:] != rows.shape[1:]:
            raise ValueError(
                f"model must hand the words of X to its Embedding layer as they are; got shape "
                f"{tuple(words.shape)} there for {tuple(rows.shape)} in X."
            )
        return vectors

    with replaced(_only(model, places), "call", call):
        yield

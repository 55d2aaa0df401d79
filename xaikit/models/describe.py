"""Describe a model, once, where it comes in."""

from __future__ import annotations

from typing import Any

from xaikit.core.frames import hand_over
from xaikit.models import adapters
from xaikit.models.by_methods import describe_by_methods
from xaikit.models.model import Model, Scale


def describe(model: Any, table: Any = None) -> Model:
    """Recognise a model, and refuse one that is not fitted or cannot be called.

    `table` is one that the model is going to be asked about: tables reach the model in its
    kind, whatever the package makes of them in between, and a network that does not tell
    what it takes is run on it. Without it such a network has weights and nothing else.
    """
    described = _described(model)
    if table is not None and described.of_rows is not None:
        described = described.of_rows(table)
    if table is None or not described.is_table:
        return described
    columns = described.feature_names if described.by_name else None
    return described.given(hand_over(table, arrays=described.by_position, columns=columns))


def _described(model: Any) -> Model:
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted model, not a class; got {model.__name__}.")
    adapter = adapters.adapter_of(model)
    if adapter is not None:
        described: Model = adapter.describe(model, _described)
        return described
    if hasattr(model, "predict"):
        return describe_by_methods(model)
    if not callable(model):
        raise TypeError(
            f"model must have predict, or be callable; got {type(model).__name__} {model!r}."
        )
    name = getattr(model, "__name__", type(model).__name__)
    return Model(name, "callable", model, answer=model, scales={"prediction": Scale(model)})

"""Describe a model, once, where it comes in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from xaikit.core.frames import as_pandas, hand_over
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
    handed = described.given(hand_over(table, arrays=described.by_position, columns=columns))
    return handed if columns is None else _in_the_order_of(table, handed, columns)


def _in_the_order_of(table: Any, model: Model, columns: tuple[str, ...]) -> Model:
    """Return a model that finds its columns by name with its trees' columns placed in a table."""
    given = [str(name) for name in getattr(as_pandas(table), "columns", columns)]
    # Other columns are refused where the rows come in.
    if model.trees is None or given == list(columns) or sorted(given) != sorted(columns):
        return model
    own = np.array([given.index(name) for name in columns], dtype=np.intp)
    players = own if model.trees.players is None else own[model.trees.players]
    return replace(model, trees=replace(model.trees, players=players))


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

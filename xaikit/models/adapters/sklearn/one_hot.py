"""A ColumnTransformer asked for many small tables: its one-hot columns are looked up.

Where it is asked about a hundred rows at a time, as by a search, most of its time goes into
checks of each column of text. What a OneHotEncoder makes of a level is asked of it once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sklearn

from xaikit.core.tables import dense
from xaikit.models.adapters.sklearn.columns import one_hot_widths, places
from xaikit.models.adapters.sklearn.names import own_name

Array = npt.NDArray[Any]
Step = Callable[[Any], Any]


def transform_of(step: Any) -> Step:
    """Return a fitted step's `transform`, or what gives the same arrays in less time."""
    whole: Step = step.transform
    names = getattr(step, "feature_names_in_", None)
    if own_name(step) != "ColumnTransformer" or names is None or step.transformer_weights:
        return whole
    # Sparse matrices and tables with names are kept: a model may read them otherwise than arrays.
    plain = sklearn.get_config()["transform_output"] == "default"
    if step.sparse_output_ or not plain or hasattr(step, "_sklearn_output_config"):
        return whole
    index = pd.Index(names)
    parts: list[tuple[pd.Index, Step]] = []
    encoders = 0
    for _, part, columns in step.transformers_:
        own = np.arange(len(index))[places(columns, names)]
        if part == "drop" or not own.size:
            continue
        # A name by itself gives its part a column and no table.
        if not own.ndim or not hasattr(part, "transform"):
            return whole
        is_encoder = own_name(part) == "OneHotEncoder"
        encoders += is_encoder
        parts.append((index[own], OneHot(part) if is_encoder else part.transform))
    return SideBySide(whole, index, parts) if encoders else whole


class SideBySide:
    """The parts of a ColumnTransformer, each given its columns of a table."""

    def __init__(self, whole: Step, names: pd.Index, parts: list[tuple[pd.Index, Step]]) -> None:
        self.whole, self.names, self.parts = whole, names, parts

    def __call__(self, table: Any) -> Any:
        """Return what the ColumnTransformer gives, an array."""
        if not isinstance(table, pd.DataFrame) or not self.names.equals(table.columns):
            return self.whole(table)
        return np.hstack([dense(part(table[columns])) for columns, part in self.parts])


class OneHot:
    """A fitted OneHotEncoder, of whose levels it is remembered what it makes of them."""

    def __init__(self, encoder: Any) -> None:
        self.encoder = encoder
        self.levels = [pd.Index(levels) for levels in encoder.categories_]

    @cached_property
    def rows(self) -> list[Array]:
        """What the encoder gives for the levels of each column, (levels, its own columns)."""
        count = max(map(len, self.levels))
        places = np.arange(count)
        table = [levels[np.minimum(places, len(levels) - 1)] for levels in self.levels]
        names = getattr(self.encoder, "feature_names_in_", range(len(table)))
        frame = pd.DataFrame(dict(zip(names, table, strict=True)))
        given = dense(self.encoder.transform(frame))
        ends = np.cumsum(one_hot_widths(self.encoder, len(table)))[:-1]
        blocks = np.split(given, ends, axis=1)
        return [block[: len(own)] for block, own in zip(blocks, self.levels, strict=True)]

    def __call__(self, table: pd.DataFrame) -> Array:
        """Return what the encoder gives; it is asked itself where a level is new to it."""
        places = [
            levels.get_indexer(column)
            for levels, (_, column) in zip(self.levels, table.items(), strict=True)
        ]
        if any((place < 0).any() for place in places):
            unknown: Array = dense(self.encoder.transform(table))
            return unknown
        return np.hstack([rows[place] for rows, place in zip(self.rows, places, strict=True)])

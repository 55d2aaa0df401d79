"""The line of a linear model, read off its weights and checked against what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.core.tables import numeric
from xaikit.inputs.columns import deviations
from xaikit.inputs.rows import Table
from xaikit.models.model import Model
from xaikit.models.target import Target

# How many rows a model is asked about, to see whether its weights were read rightly.
_PROBES = 8
# What may be lost of the change in output over the rows, and what rounding may take.
_TOLERANCE, _ROUNDING = 1e-6, 256 * np.finfo(float).eps


@dataclass(frozen=True)
class Line:
    """One output of a linear model: ``weights · x + offset``."""

    target: Target
    weights: FloatArray
    offset: float

    def agrees_at(self, rows: Table) -> bool:
        """Say whether the model gives at these rows what the line gives, on its own scale."""
        values = numeric(rows)
        change = np.abs(values - values[0]) @ np.abs(self.weights)
        size = np.abs(values) @ np.abs(self.weights) + abs(self.offset)
        error = np.abs(self.target(rows) - (values @ self.weights + self.offset))
        return bool((error <= _TOLERANCE * change.max() + _ROUNDING * size).all())


def read_line(model: Model, target: Target, rows: Table) -> Line | None:
    """Return the line of an output; None where the model has none, or answers otherwise."""
    linear = model.linear
    if linear is None or target.space not in linear.spaces:
        return None
    line = Line(target, *linear.line(target, rows[:1]))
    return line if line.agrees_at(_probes(rows)) else None


def _probes(rows: Table) -> Table:
    """Return the first of the rows, and others around it in all columns at once."""
    values = numeric(rows)
    spread = deviations(values)
    size = np.where(spread > 0, spread, np.maximum(np.abs(values[0]), 1.0))
    moves = np.random.default_rng(0).uniform(-1, 1, size=(_PROBES, len(size))) * size
    probes: Table = values[0] + np.vstack([np.zeros_like(size), moves])
    return pd.DataFrame(probes, columns=rows.columns) if isinstance(rows, pd.DataFrame) else probes

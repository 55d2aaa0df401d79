"""The value function of the game that a model and a background make, in bounded memory."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.core.tables import Coding
from xaikit.models.target import Target

# Numbers in one call of the model: 8 MB of float64.
_CELLS = 2**20


def value_function(
    target: Target, coding: Coding, rows: FloatArray, background: FloatArray, masks: BoolArray
) -> FloatArray:
    """Return the value of each coalition for each row, shape (n, m).

    `masks` holds m coalitions for all rows, (m, d), or m for each of them, (n, m, d).

    The value of coalition S for row x is the mean of the model over the background,
    its columns in S replaced by those of x: v(S) = E_b[f(x_S, b_rest)].
    """
    n, m, (size, d) = len(rows), masks.shape[-2], background.shape
    means = np.empty(n * m)
    step = max(1, _CELLS // (size * d))
    columns = np.ascontiguousarray(background.T)
    for start in range(0, n * m, step):
        pair = np.arange(start, min(start + step, n * m))
        chosen = masks[pair % m] if masks.ndim == 2 else masks[pair // m, pair % m]
        mixed = _mixed(rows[pair // m], chosen, columns)
        means[pair] = target(coding.decode(mixed)).reshape(-1, size).mean(axis=1)
    return means.reshape(n, m)


def rows_a_call(background: FloatArray, masks: BoolArray) -> int:
    """Return how many rows it takes to fill one call of the model; at least one."""
    return max(1, _CELLS // (background.size * len(masks)))


def _mixed(rows: FloatArray, masks: BoolArray, columns: FloatArray) -> FloatArray:
    """Return the background once for each row (k, d), with the row's values where masked.

    Written column by column, so that the inner loop runs along the background and
    not along the few features: several times as fast as one broadcast.
    """
    out = np.empty((columns.shape[0], len(rows), columns.shape[1]))
    for j, column in enumerate(columns):
        present = masks[:, j]
        out[j] = column
        out[j][present] = rows[present, j, None]
    return out.reshape(len(columns), -1).T

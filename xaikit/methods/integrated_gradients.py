"""Integrated gradients: gradient × distance, with the gradient averaged along the way.

v = (x − x₀) ⊙ ∫₀¹ ∇f(x₀ + α (x − x₀)) dα. The values add up to f(x) − f(x₀) but for the
error of the integral, which is the residual.

The integral is taken by the midpoint rule. Its points for 3 n steps hold those for n, so
that more steps cost only the new ones; and it asks for no gradient at the baseline
itself, where a black image puts every ReLU on its kink.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, positive, whole_number
from xaikit.methods.network import Array, Batch, in_batches, of, refuse
from xaikit.methods.registry import Method
from xaikit.methods.task import Attribution, Task

FIRST_STEPS = 16
MOST_STEPS = FIRST_STEPS * 3**5


def explain(
    task: Task, *, n_steps: int | None = None, tolerance: float | None = None
) -> Attribution:
    """Return the path integral; the base value is the output at the baseline."""
    if n_steps is not None:
        whole_number("n_steps", n_steps, low=1)
        if tolerance is not None:
            raise ValueError(
                f"tolerance must be left out where n_steps is given; got {tolerance!r}."
            )
    wanted = positive("tolerance", 1e-3 if tolerance is None else tolerance)

    def one_batch(batch: Batch) -> tuple[Array, ...]:
        path = _path(batch)
        total, steps = path.total(_middles(n_steps or FIRST_STEPS)), n_steps or FIRST_STEPS
        taken = np.full(len(path.gap), steps)
        while n_steps is None and steps < MOST_STEPS:
            open_ = path.miss(total, taken) > wanted
            if not open_.any():
                break
            total[open_] += path.only(open_).total(_new_middles(steps))
            steps *= 3
            taken[open_] = steps
        values = path.values(total, taken)
        return batch.per_word(values), path.base, taken, path.miss(total, taken), path.end

    # Each row goes through the network at many points of its path together.
    size = max(1, of(task).batch_size // FIRST_STEPS)
    values, base, taken, missed, end = in_batches(task, "integrated_gradients", one_batch, size)
    if n_steps is None:
        _warn(missed, wanted)
    diagnostics = {"n_steps": taken}
    return Attribution(values, base, estimated=True, diagnostics=diagnostics, predictions=end)


class Path(NamedTuple):
    """The straight ways from the baseline to some rows."""

    batch: Batch
    difference: Array
    end: FloatArray
    base: FloatArray
    gap: FloatArray
    scale: FloatArray

    def total(self, shares: FloatArray) -> FloatArray:
        """Return the sum of the gradients at these shares of the way, for each row."""
        batch = self.batch
        assert batch.origin is not None  # the method uses a baseline
        total = np.zeros(self.difference.shape)
        at_once = max(1, batch.network.batch_size // len(total))
        for i in range(0, len(shares), at_once):
            share = shares[i : i + at_once].astype(self.difference.dtype)
            share = share.reshape(-1, *(1,) * self.difference.ndim)
            points = batch.origin + share * self.difference
            rows = np.broadcast_to(batch.rows, (len(share), *batch.rows.shape))
            _, gradient = batch.network.output_and_gradient(
                points.reshape(-1, *points.shape[2:]),
                rows.reshape(-1, *rows.shape[2:]),
                batch.column,
            )
            total += gradient.reshape(points.shape).sum(axis=0, dtype=np.float64)
        return total

    def values(self, total: FloatArray, steps: Array) -> FloatArray:
        """Return distance times mean gradient."""
        many = steps.reshape(-1, *(1,) * (total.ndim - 1))
        values: FloatArray = self.difference * (total / many)
        return values

    def miss(self, total: FloatArray, steps: Array) -> FloatArray:
        """Return how far the values of each row are from adding up, as a share of its scale."""
        left = self.gap - self.values(total, steps).reshape(len(total), -1).sum(axis=1)
        miss: FloatArray = np.abs(left) / self.scale
        return miss

    def only(self, keep: BoolArray) -> Path:
        """Return the ways to some of the rows."""
        batch = self.batch
        assert batch.origin is not None  # the method uses a baseline
        kept = batch._replace(
            rows=batch.rows[keep], entry=batch.entry[keep], origin=batch.origin[keep]
        )
        return Path(kept, *(part[keep] for part in self[1:]))


def _path(batch: Batch) -> Path:
    assert batch.origin is not None  # the method uses a baseline
    network, rows, column = batch.network, batch.rows, batch.column
    ends = np.concatenate([batch.entry, batch.origin])
    both, _ = network.output_and_gradient(ends, np.concatenate([rows, rows]), column)
    end, base = np.split(both, 2)
    scale = np.maximum.reduce([np.abs(end), np.abs(base), np.full(len(end), 1e-12)])
    return Path(batch, batch.entry - batch.origin, end, base, end - base, scale)


def _middles(steps: int) -> FloatArray:
    middles: FloatArray = (np.arange(steps) + 0.5) / steps
    return middles


def _new_middles(steps: int) -> FloatArray:
    """Return the middles of three times as many steps that are not those of `steps`."""
    new: FloatArray = _middles(3 * steps)[np.arange(3 * steps) % 3 != 1]
    return new


def _warn(missed: FloatArray, wanted: float) -> None:
    over = missed > wanted
    if over.any():
        warnings.warn(
            f"integrated_gradients: {over.sum()} of {len(over)} rows miss the tolerance of "
            f"{wanted:g} after {MOST_STEPS} steps (at most by {missed.max():.2g} of their "
            "output); their residual tells by how much. The output is rough along the way: "
            "try output_space='score', or set tolerance or n_steps.",
            stacklevel=4,
        )


METHOD = Method(
    "integrated_gradients",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    reference=lambda options: "baseline",
    rank=1,
    reason=lambda model, n_features: (
        None
        if model.is_table
        else "Of the methods for networks, this one's values add up to the prediction."
    ),
)

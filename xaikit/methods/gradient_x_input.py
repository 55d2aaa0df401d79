"""Gradient × input: the step from the baseline along the slope at the row.

v = (x − x₀) ⊙ ∇f(x). For a linear network the values add up to f(x) − f(x₀); elsewhere
the residual is the error of taking the network for linear.
"""

from __future__ import annotations

from xaikit.methods.network import Array, Batch, in_batches, refuse
from xaikit.methods.registry import Method
from xaikit.methods.task import Attribution, Task


def explain(task: Task) -> Attribution:
    """Return slope times distance; the base value is the output at the baseline."""
    values, base_values = in_batches(task, "gradient_x_input", _one_batch)
    return Attribution(values, base_values, estimated=False)


def _one_batch(batch: Batch) -> tuple[Array, Array]:
    assert batch.origin is not None  # the method uses a baseline
    values = (batch.entry - batch.origin) * batch.gradient(batch.entry)
    base, _ = batch.network.output_and_gradient(batch.origin, batch.rows, batch.column)
    return batch.per_word(values), base


METHOD = Method(
    "gradient_x_input",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    reference=lambda options: "baseline",
)

"""Gradient × input: the distance from the baseline times the gradient at the row.

v = (x − x₀) ⊙ ∇f(x). For a linear network the values add up to f(x) − f(x₀); elsewhere
the residual is the error of taking the network for linear.
"""

from __future__ import annotations

from xaikit.methods._network import Batch, in_batches, refuse
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.network import Array


def explain(task: Task) -> Attribution:
    """Return gradient times distance from the baseline; the base value is f(baseline).

    For a linear network the values add up to the prediction; elsewhere the residual is the
    error of taking the network for linear. Of a text the distance is between the vectors of
    the words, whose parts are added up, and padding stays padding.

    References
    ----------
    .. [1] Shrikumar, A. et al. (2016). Not just a black box: learning important features
       through propagating activation differences.
       https://doi.org/10.48550/arXiv.1605.01713
    """
    values, base_values = in_batches(task, "gradient_x_input", _one_batch)
    return Attribution(values, base_values, estimated=False)


def _one_batch(batch: Batch) -> tuple[Array, Array]:
    assert batch.origin is not None  # the method uses a baseline
    values = (batch.entry - batch.origin) * batch.gradient(batch.entry)
    return batch.of_rows(values), batch.asked.outputs(batch.rows, batch.origin)


METHOD = Method(
    "gradient_x_input",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    reference=lambda options: "baseline",
)

"""The gradient: how fast the output rises with each pixel or feature.

For words, whose numbers have no slope, the length of the gradient with respect to the
word's vector: how fast the output can change as the vector moves. A length has no sign.
"""

from __future__ import annotations

import numpy as np

from xaikit.methods.network import Array, Batch, in_batches, refuse
from xaikit.methods.registry import Method
from xaikit.methods.task import Attribution, Task


def explain(task: Task) -> Attribution:
    """Return the gradient at each row; the base value is 0, as slopes add up to nothing."""
    (values,) = in_batches(
        task, "gradient", lambda batch: (slope(batch, batch.gradient(batch.entry)),)
    )
    return Attribution(values, np.zeros(len(values)), estimated=False)


def slope(batch: Batch, gradient: Array) -> Array:
    """Return a gradient in the shape of the rows."""
    return np.linalg.norm(gradient, axis=-1) if batch.network.inputs == "tokens" else gradient


METHOD = Method(
    "gradient",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    reference=lambda options: None,
)

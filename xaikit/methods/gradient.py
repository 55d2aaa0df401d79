"""The gradient: how fast the output rises with each pixel or feature.

The number of a word has no gradient. A word gets the length of the gradient with respect
to its vector, which is how fast the output can change as the vector moves, and no sign.
"""

from __future__ import annotations

import numpy as np

from xaikit.methods._network import Batch, in_batches, refuse
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.network import Array


def explain(task: Task) -> Attribution:
    """Return the gradient of the output at each row.

    Gradients have no sum to reach: the base value is 0 and the residual says nothing. Of a
    text, a word gets the length of the gradient with respect to its vector, which has no sign.

    References
    ----------
    .. [1] Simonyan, K., Vedaldi, A. and Zisserman, A. (2014). Deep inside convolutional
       networks: visualising image classification models and saliency maps. ICLR workshop.
       https://doi.org/10.48550/arXiv.1312.6034
    """
    (values,) = in_batches(
        task, "gradient", lambda batch: (of_shape_of_rows(batch, batch.gradient(batch.entry)),)
    )
    return Attribution(values, np.zeros(len(values)), estimated=False)


def of_shape_of_rows(batch: Batch, gradient: Array) -> Array:
    """Return a gradient in the shape of the rows: of a word's vector, its length."""
    is_text = batch.asked.network.inputs == "tokens"
    return np.linalg.norm(gradient, axis=-1) if is_text else gradient


METHOD = Method(
    "gradient",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    reference=lambda options: None,
)

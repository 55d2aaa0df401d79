"""SmoothGrad: the gradient averaged over noisy copies of the row."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import generator, positive, whole_number
from xaikit.methods._network import Batch, in_batches, refuse, seeds
from xaikit.methods._task import Attribution, Task
from xaikit.methods.gradient import of_shape_of_rows
from xaikit.methods.registry import Method
from xaikit.models.network import Array


def explain(task: Task, *, n_samples: int = 50, noise: float = 0.1) -> Attribution:
    """Return the mean of the gradient over noisy copies of each row.

    The base value is 0, as for "gradient". Drawing for a row depends on `random_state` and
    the row alone.

    Parameters
    ----------
    n_samples : int
        Noisy copies of each row.
    noise : float
        Their standard deviation as a share of the row's range, largest minus smallest.

    References
    ----------
    .. [1] Smilkov, D. et al. (2017). SmoothGrad: removing noise by adding noise.
       https://doi.org/10.48550/arXiv.1706.03825
    """
    whole_number("n_samples", n_samples, low=1)
    positive("noise", noise)
    entropy = generator(task.random_state).integers(2**32)

    def one_batch(batch: Batch) -> tuple[Array]:
        flat = batch.entry.reshape(len(batch.entry), -1)
        scale = (noise * np.ptp(flat, axis=1)).reshape(-1, *(1,) * (batch.entry.ndim - 1))
        draws = [np.random.default_rng(seed) for seed in seeds(batch.rows, int(entropy))]
        total = np.zeros(batch.entry.shape)
        for _ in range(n_samples):
            normal = np.stack([draw.standard_normal(batch.entry.shape[1:]) for draw in draws])
            total += batch.gradient((batch.entry + scale * normal).astype(batch.entry.dtype))
        return (of_shape_of_rows(batch, total / n_samples),)

    (values,) = in_batches(task, "smoothgrad", one_batch)
    return Attribution(values, np.zeros(len(values)), estimated=True)


METHOD = Method(
    "smoothgrad",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    reference=lambda options: None,
)

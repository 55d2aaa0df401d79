"""Grad-CAM: the places at which a convolution sees what raises the output.

With A_k(i, j) the maps of a layer and f the output, the weight of a map is its mean
gradient, w_k = mean over i, j of ∂f/∂A_k(i, j), and the result ReLU(Σ_k w_k A_k), stretched
over the picture. Selvaraju et al. (2017) take for f the score before the softmax, and so
does the method here unless another scale is asked for.

The map has no channels where the rows have some: each of c channels gets map / c, so that
the sum over the channels is the map.
"""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.methods._network import asked, pieces, refuse
from xaikit.methods._resize import resized
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.model import Model
from xaikit.models.network import Maps


def default_space(model: Model) -> str:
    """Return "score" where the network has one, as the method is defined on it."""
    known = () if model.network is None else model.network.spaces
    return "score" if "score" in known else model.default_space


def explain(task: Task, *, layer: str | None = None) -> Attribution:
    """Return the places at which a convolution sees what raises the output.

    The maps of a layer are added up, each times its mean gradient; what is below 0 is cut
    off, and the result is stretched over the row (linearly between the middles of the cells,
    flat beyond the outer ones). It shows where the maps saw what speaks for the output, not
    which of these places the network then reads. Where a row has c channels each gets
    map / c, so that their sum is the map. Maps have no sum to reach: the base value is 0.
    ``diagnostics["map"]`` is the map before it is stretched. The usual scale is the score
    before the softmax, on which the method is defined.

    Parameters
    ----------
    layer : str, optional
        The name of the layer whose maps are taken; the last convolution if left out, in
        PyTorch without the activation that stands after it as a layer of its own.

    References
    ----------
    .. [1] Selvaraju, R. R. et al. (2017). Grad-CAM: visual explanations from deep networks
       via gradient-based localization. ICCV, 618-626.
       https://doi.org/10.1109/ICCV.2017.74
    """
    network, column, space = asked(task)
    found = [
        network.maps(task.rows[piece], column, space, layer)
        for piece in pieces(task, "grad_cam", network.batch_size)
    ]
    maps = np.concatenate([_weighted(each) for each in found])
    how = "was asked for" if layer is not None else "is the last convolution of the network"
    return Attribution(
        _over(maps, task.rows.shape[1:], found[0].along),
        np.zeros(len(maps)),
        estimated=False,
        diagnostics={"map": maps},
        note=f"The maps are those of the layer {found[0].layer!r}, which {how}.",
    )


def _weighted(found: Maps) -> FloatArray:
    """Return ReLU(Σ_k w_k A_k), (n, *sides)."""
    sides = tuple(range(1, found.maps.ndim - 1))
    weights = found.gradient.mean(axis=sides, keepdims=True, dtype=np.float64)
    weighted: FloatArray = np.maximum((weights * found.maps).sum(axis=-1), 0.0)
    return weighted


def _over(maps: FloatArray, shape: tuple[int, ...], along: tuple[int, ...]) -> FloatArray:
    """Lay maps over rows of this shape, evenly over the axes that they do not lie along."""
    values = resized(maps, tuple(shape[axis] for axis in along))
    others = tuple(axis for axis in range(len(shape)) if axis not in along)
    spread = np.expand_dims(values, tuple(axis + 1 for axis in others))
    spread = spread / np.prod([shape[axis] for axis in others])
    return np.broadcast_to(spread, (len(maps), *shape)).copy()


METHOD = Method(
    "grad_cam",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    default_space=default_space,
    reference=lambda options: None,
)

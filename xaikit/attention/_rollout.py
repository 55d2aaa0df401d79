"""Attention over all layers as one matrix, and plainer summaries to compare it with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray, one_of

# Softmax in half precision sums to 1 within a few thousandths.
_TOLERANCE = 0.01
_FUSE: dict[str, Callable[..., Any]] = {"mean": np.mean, "max": np.max, "min": np.min}


def rollout(weights: Any, *, residual: float = 0.5, heads: str = "mean") -> FloatArray:
    """Follow attention from the last layer back to the words, through all layers.

    Parameters
    ----------
    weights : array-like of shape (n, layers, heads, t, t)
        What `weights` returns: rows that sum to 1, or that are 0 throughout (padding).
    residual : float in [0, 1)
        Share of a position's content that passes a layer on the residual path, past
        the attention. One half treats both paths as equal; 0 leaves the path out.
    heads : {"mean", "max", "min"}
        How the heads of a layer become one matrix.

    Returns
    -------
    ndarray of shape (n, t, t)
        ``[i, q, k]`` is how much of position q after the last layer comes from word k,
        if attention were all that mixed words: from 0 to 1, and each row sums to 1.

    Raises
    ------
    TypeError
        When `residual` is no number, or `weights` holds none.
    ValueError
        When `weights` has another shape, numbers below 0 or rows that do not sum to 1,
        `residual` is outside [0, 1), or `heads` is another word.

    Notes
    -----
    With A_l the matrix of layer l, each row of ``residual · I + (1 − residual) · A_l``
    is divided by its sum, which is 1 already for ``heads="mean"``, and these are
    multiplied, the first layer rightmost [1]_. A row in which nothing is left, as for
    padding, is the position itself.

    What it cannot see: what the values carry and the projections do to it, the sign
    of an effect, the class, and the networks between the layers. It is the same for
    every output of a model.

    Taught in: deep/attention.

    References
    ----------
    .. [1] Abnar, S. and Zuidema, W. (2020). Quantifying attention flow in transformers.
       ACL, 4190-4197. https://doi.org/10.18653/v1/2020.acl-main.385

    Examples
    --------
    >>> import numpy as np
    >>> looks_left = np.array([[1.0, 0.0], [1.0, 0.0]])
    >>> rollout(np.broadcast_to(looks_left, (1, 2, 1, 2, 2)))
    array([[[1.  , 0.  ],
            [0.75, 0.25]]])
    """
    found = _checked(weights)
    one_of("heads", heads, _FUSE)
    share = _checked_share(residual)
    n, _, _, t, _ = found.shape
    rolled = np.broadcast_to(np.eye(t), (n, t, t))
    for number in range(found.shape[1]):
        fused = _FUSE[heads](found[:, number], axis=1)
        rolled = _mixed(fused, share) @ rolled
    return rolled


def last_layer(weights: Any) -> FloatArray:
    """Return the attention of the last layer, the mean over its heads.

    Parameters
    ----------
    weights : array-like of shape (n, layers, heads, t, t)
        What `weights` returns.

    Returns
    -------
    ndarray of shape (n, t, t)
        From 0 to 1; each row sums to 1, and the rows of padding are 0 throughout.

    Raises
    ------
    TypeError
        When `weights` does not hold numbers.
    ValueError
        When `weights` has another shape, numbers below 0 or rows that do not sum to 1.

    Notes
    -----
    A baseline for `rollout`, without any flow. It takes the positions before the last
    layer for the words that stood there, though the layers before have mixed them.

    Taught in: deep/attention.

    Examples
    --------
    >>> import numpy as np
    >>> looks_left = np.array([[1.0, 0.0], [1.0, 0.0]])
    >>> last_layer(np.broadcast_to(looks_left, (1, 2, 1, 2, 2)))
    array([[[1., 0.],
            [1., 0.]]])
    """
    return np.asarray(_checked(weights)[:, -1].mean(axis=1))


def mean_attention(weights: Any) -> FloatArray:
    """Return attention averaged over all layers and heads.

    Parameters
    ----------
    weights : array-like of shape (n, layers, heads, t, t)
        What `weights` returns.

    Returns
    -------
    ndarray of shape (n, t, t)
        From 0 to 1; each row sums to 1, and the rows of padding are 0 throughout.

    Raises
    ------
    TypeError
        When `weights` does not hold numbers.
    ValueError
        When `weights` has another shape, numbers below 0 or rows that do not sum to 1.

    Notes
    -----
    A baseline for `rollout`, without any flow: no layer knows of another.

    Taught in: deep/attention, trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> layers = np.stack([np.eye(2), [[0.0, 1.0], [0.0, 1.0]]])
    >>> mean_attention(layers[None, :, None])
    array([[[0.5, 0.5],
            [0. , 1. ]]])
    """
    return np.asarray(_checked(weights).mean(axis=(1, 2)))


def _mixed(fused: FloatArray, residual: float) -> FloatArray:
    """Return rows that sum to 1, from what attention brings and what passes it by."""
    itself = np.eye(fused.shape[-1])
    mixed = residual * itself + (1 - residual) * fused
    total = mixed.sum(axis=-1, keepdims=True)
    return np.where(total > 0, mixed, itself) / np.where(total > 0, total, 1.0)


def _checked(weights: Any) -> FloatArray:
    try:
        array = np.asarray(weights)
    except ValueError:
        raise ValueError("weights must be one array; got a ragged list.") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"weights must hold numbers; got an array of {array.dtype}.")
    if array.ndim != 5 or array.shape[-1] != array.shape[-2] or array.size == 0:
        raise ValueError(
            f"weights must have shape (n, layers, heads, t, t), none of them 0; got {array.shape}."
        )
    found = array.astype(np.float64)
    if not (found >= 0).all():
        wrong = found[~(found >= 0)][0]
        raise ValueError(f"weights must be numbers from 0 to 1; got {wrong}.")
    sums = found.sum(axis=-1)
    wrong = ~(np.isclose(sums, 1.0, rtol=0, atol=_TOLERANCE) | (sums == 0))
    if wrong.any():
        place = tuple(map(int, np.argwhere(wrong)[0]))
        raise ValueError(
            "weights must have rows that sum to 1, or to 0 at padding; got a row that sums to "
            f"{sums[place]:.4g} at {place}."
        )
    return found


def _checked_share(residual: Any) -> float:
    if isinstance(residual, bool | np.bool_) or not isinstance(
        residual, int | float | np.integer | np.floating
    ):
        raise TypeError(f"residual must be a number in [0, 1); got {residual!r}.")
    if not 0 <= residual < 1:
        raise ValueError(f"residual must be in [0, 1), as attention needs a share; got {residual}.")
    return float(residual)

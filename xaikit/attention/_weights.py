"""The attention weights of a model, layer by layer and head by head."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.attention._run import Attended, checked, checked_rows, rows_a_batch, run, tensor


def weights(model: Any, X: Any) -> npt.NDArray[Any]:
    """Return how much each position attends to each other, in every layer and head.

    Parameters
    ----------
    model : keras.Model
        With MultiHeadAttention layers that attend from a sequence to itself, wherever
        they are: in the model, in models in it, in layers of your own. All must have
        the same number of heads and the same length.
    X : array-like of shape (n, ...)
        Rows as the model takes them; for texts the numbers of the words, (n, t).

    Returns
    -------
    ndarray of shape (n, layers, heads, t, t)
        ``[i, l, h, q, k]`` is how much of what position q reads comes from position k:
        from 0 to 1, and each row over k sums to 1. Layers stand in the order in which
        they run; one that runs twice stands there twice. Padding gets no weight, and
        the rows of padding itself are 0 throughout.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError
        When `model` is no Keras model, or X holds the wrong kind of numbers.
    ValueError
        When the model has no such layer, or layers of different heads or lengths, or
        attends to another sequence of another length, or over more than one axis; when
        a layer does not run, or runs inside a function that is compiled by itself; when
        X does not fit the model.

    Notes
    -----
    The numbers are those that a layer returns for ``return_attention_scores=True``. The
    model computes what it always does while it is watched, in batches bounded by
    memory, and is left as it was; the result itself takes 4 · n · layers · heads · t²
    bytes. Attention layers of other kinds are not seen, and attention to another
    sequence of the same length is not told from attention to itself.

    A weight says where a head looked, not what that did to the prediction: see
    `head_importance`, and Jain, S. and Wallace, B. C. (2019), Attention is not
    Explanation, NAACL, 3543-3556, DOI 10.18653/v1/N19-1357.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import attention
    >>> model = attention.transformer(9, 4, n_layers=3, random_state=0)
    >>> found = attention.weights(model, [[5, 2, 7, 0]])
    >>> found.shape
    (1, 3, 2, 4, 4)
    >>> found[0, 0].sum(axis=-1).round(3).tolist()  # the last position is padding
    [[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0]]
    """
    checked(model)
    rows = checked_rows(model, X)
    first = run(model, tensor(model, rows[:1]), keep_weights=True).attended
    heads, t = _common_shape(first)
    kind = np.result_type(np.float32, _array(first[0].weights))
    found = np.empty((len(rows), len(first), heads, t, t), dtype=kind)
    size = rows_a_batch(model, first)
    for i in range(0, len(rows), size):
        batch = run(model, tensor(model, rows[i : i + size]), keep_weights=True).attended
        for number, layer in enumerate(batch):
            found[i : i + size, number] = _array(layer.weights)
    return found


def _array(tensor: Any) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = tensor.numpy()
    # Half precisions have too few digits for sums over a row, and numpy lacks one of them.
    return array if array.dtype.name in ("float32", "float64") else array.astype(np.float32)


def _common_shape(attended: list[Attended]) -> tuple[int, int]:
    """Return the number of heads and the length that all layers have."""
    for layer in attended:
        if layer.lengths[0] != layer.lengths[1]:
            raise ValueError(
                "model must attend from a sequence to itself; got a sequence of "
                f"{layer.lengths[0]} that attends to one of {layer.lengths[1]} in {layer.name!r}."
            )
    shapes = {(layer.n_heads, layer.lengths[0]) for layer in attended}
    if len(shapes) > 1:
        each = ", ".join(f"{a.n_heads} × {a.lengths[0]} in {a.name!r}" for a in attended)
        raise ValueError(
            "model must have the same number of heads and the same length in all attention "
            f"layers; got heads × length {each}."
        )
    heads, length = shapes.pop()
    assert length is not None  # rows were run, not traced
    return heads, length

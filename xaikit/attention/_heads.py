"""How important the heads of a model are: the prediction without them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.attention._run import Head, checked, checked_rows, rows_a_batch, run, tensor
from xaikit.core.checks import FloatArray
from xaikit.models.adapters.keras import describe_network
from xaikit.models.describe import describe
from xaikit.models.target import choose_output, numeric_output


def without_heads(model: Any, heads: Collection[Head]) -> Callable[[Any], FloatArray]:
    """Return the model as a function that computes without some of its heads.

    Parameters
    ----------
    model : keras.Model
        With MultiHeadAttention layers, as for `weights`; here they may differ in heads
        and length.
    heads : collection of (layer, head)
        Which heads, both counted from 0, layers in the order in which they run. None
        of them gives the model itself.

    Returns
    -------
    callable
        ``f(X) -> (n, k)``, the model's outputs for rows X. It reads the model's weights
        when it is called, so that it follows a model that is trained further.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError
        When `model` is no Keras model, or `heads` does not hold pairs of whole numbers.
    ValueError
        When the model has no such layer or no such head. For a model that does not tell
        the shape of its input, this comes with the first call.

    Notes
    -----
    What is removed: a head gives each position the weighted mean of its values,
    and the layer's last projection turns what all heads gave into its output,
    Σ_h o_h W_h + b. For a head taken out o_h is 0, so its term is gone, the bias of its
    values with it; b stays. Without any head a layer gives b at every position, whatever
    it is given, and what passes beside it on the residual path is all that is left of
    the words. The others attend as before in the same layer; in later layers they attend
    to what the earlier ones now give.

    The model is not changed, nor copied.

    Michel, P., Levy, O. and Neubig, G. (2019), Are sixteen heads really better than
    one?, NeurIPS 32, https://arxiv.org/abs/1905.10650.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import attention
    >>> model = attention.transformer(9, 4, random_state=0)
    >>> f = attention.without_heads(model, {(0, 1), (1, 0)})
    >>> f([[5, 2, 7, 0]]).shape
    (1, 2)
    """
    checked(model)
    masked = checked_heads(heads)
    _trace(model, describe_network(model).shape, masked)

    def predict(X: Any) -> FloatArray:
        rows = checked_rows(model, X)
        first = run(model, tensor(model, rows[:1]), without=masked)
        return _predictions(model, rows, masked, rows_a_batch(model, first.attended))

    return predict


def head_importance(model: Any, X: Any, output: int | None = None) -> FloatArray:
    """Return what each head adds to the prediction: what is lost without it.

    Parameters
    ----------
    model : keras.Model
        With MultiHeadAttention layers of the same number of heads.
    X : array-like of shape (n, ...)
        Rows as the model takes them.
    output : int, optional
        The column of the output; left out, the only one, or the second of two classes.

    Returns
    -------
    ndarray of shape (n, layers, heads)
        Prediction minus the prediction without this one head, in units of the output.
        Above 0: the head raises the output. The size says how much, the sign which way;
        0 says that the output does not need the head while all others are there.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError
        When `model` is no Keras model, or X holds the wrong kind of numbers.
    ValueError
        When the model has no such layer, or layers of different numbers of heads, when
        X does not fit the model, or `output` is not a column.

    Notes
    -----
    What "without" means is said in `without_heads`. One head is taken out at a time:
    two that stand in for each other both get 0, and the values need not sum to
    anything. An output close to 0 or 1 hardly moves whatever is taken out.

    Michel, P., Levy, O. and Neubig, G. (2019), Are sixteen heads really better than
    one?, NeurIPS 32, https://arxiv.org/abs/1905.10650, take the mean over rows of how
    much the loss rises.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import attention
    >>> model = attention.transformer(9, 4, n_layers=1, n_heads=4, random_state=0)
    >>> attention.head_importance(model, [[5, 2, 7, 0], [1, 1, 0, 0]]).shape
    (2, 1, 4)
    """
    checked(model)
    rows = checked_rows(model, X)
    attended = run(model, tensor(model, rows[:1])).attended
    counts = {layer.n_heads for layer in attended}
    if len(counts) > 1:
        each = ", ".join(f"{layer.n_heads} in {layer.name!r}" for layer in attended)
        raise ValueError(
            f"model must have the same number of heads in all attention layers; got {each}."
        )
    described = describe(model)
    column = choose_output(described, "prediction", output, rows[:1]).column
    size = rows_a_batch(model, attended)

    def prediction(*masked: Head) -> FloatArray:
        return _predictions(model, rows, masked, size)[:, column]

    whole = prediction()
    effect = np.empty((len(rows), len(attended), counts.pop()))
    for layer, head in np.ndindex(*effect.shape[1:]):
        effect[:, layer, head] = whole - prediction((layer, head))
    return effect


def _predictions(
    model: Any, rows: npt.NDArray[Any], masked: Collection[Head], size: int
) -> FloatArray:
    """Return the outputs (n, k), `size` rows at a time."""
    parts = []
    for i in range(0, len(rows), size):
        batch = rows[i : i + size]
        outputs = run(model, tensor(model, batch), without=masked).outputs
        parts.append(numeric_output(outputs, len(batch)))
    found = np.concatenate(parts)
    return found if found.ndim == 2 else found[:, None]


def _trace(model: Any, shape: tuple[int | None, ...], masked: Collection[Head]) -> None:
    """Run the model on no numbers, to see that the heads are there."""
    import tensorflow as tf

    kind = tensor(model, np.zeros((1, 1))).dtype
    rows = tf.TensorSpec((None, *shape), kind)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def traced(batch: Any) -> Any:
        return run(model, batch, without=masked).outputs

    traced.get_concrete_function(rows)


def checked_heads(heads: Any) -> tuple[Head, ...]:
    """Return heads as pairs (layer, head), or refuse what is none."""
    wanted = "heads must be a collection of pairs (layer, head) of whole numbers from 0"
    if isinstance(heads, str) or not isinstance(heads, Collection):
        raise TypeError(f"{wanted}; got {heads!r}.")
    found = []
    for pair in heads:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"{wanted}; got {pair!r}.")
        for number in pair:
            if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer):
                raise TypeError(f"{wanted}; got {pair!r}.")
            if number < 0:
                raise ValueError(f"{wanted}; got {pair!r}.")
        found.append((int(pair[0]), int(pair[1])))
    return tuple(found)

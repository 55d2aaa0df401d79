"""Training that gives the same weights from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import generator, positive, require, whole_number


def fit(
    model: Any,
    X: Any,
    y: Any,
    *,
    epochs: int,
    random_state: Any,
    batch_size: int = 32,
    learning_rate: float = 0.005,
) -> Any:
    """Train a classifier in place, quietly, the same from the same seed.

    Parameters
    ----------
    model : keras.Model
        With a softmax over the classes at the end, such as `cnn` builds. It is compiled
        anew, with Adam and cross-entropy, so that an earlier training leaves its
        weights and nothing else.
    X : array-like of shape (n, ...)
        The rows, as the model takes them: images (n, height, width, channels).
    y : array-like of int of shape (n,)
        The classes, 0, 1, ….
    epochs : int
        How often each row is seen.
    random_state : int, numpy.random.Generator or None
        What the order of the rows is drawn from, anew in each epoch.
    batch_size : int
        Rows for one step.
    learning_rate : float
        Adam's step size in the first epoch; it falls along a half cosine to nothing.

    Returns
    -------
    keras.Model
        The model given, trained.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError, ValueError
        If an argument is of the wrong type or shape or out of range.

    Notes
    -----
    The order of the rows is drawn here and Keras shuffles nothing, so neither NumPy's
    nor TensorFlow's global random state is read or changed. On one machine the same
    call gives the same weights to the last bit; another processor or another number of
    threads adds in another order, and small differences grow in training. Layers that
    draw, such as Dropout, follow the seed that they were made with.

    Adam: Kingma, D. P. and Ba, J. (2015), Adam: a method for stochastic optimization,
    ICLR, https://arxiv.org/abs/1412.6980.

    Taught in: deep/saliency.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import networks
    >>> X = np.zeros((64, 8, 8, 1))
    >>> X[32:, 2:6, 2:6] = 1.0
    >>> y = np.repeat([0, 1], 32)
    >>> model = networks.cnn((8, 8, 1), 2, random_state=0)
    >>> model = networks.fit(model, X, y, epochs=15, random_state=0)
    >>> float((model.predict(X, verbose=0).argmax(axis=1) == y).mean())
    1.0
    """
    require("tensorflow", extra="deep")
    import keras

    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model; got {type(model).__name__}.")
    rows = _checked_rows(X, model)
    classes = _checked_classes(y, len(rows), model)
    whole_number("epochs", epochs, low=1)
    whole_number("batch_size", batch_size, low=1)
    positive("learning_rate", learning_rate)
    rng = generator(random_state)
    n_steps = epochs * -(-len(rows) // batch_size)
    model.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(learning_rate, n_steps)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(),
    )
    # Made in the first step, its variables would have TensorFlow trace that step twice.
    model.optimizer.build(model.trainable_variables)
    for _ in range(epochs):
        order = rng.permutation(len(rows))
        model.fit(rows[order], classes[order], batch_size=batch_size, shuffle=False, verbose=0)
    return model


def _checked_rows(X: Any, model: Any) -> npt.NDArray[Any]:
    try:
        rows = np.asarray(X)
    except ValueError:
        raise ValueError("X must have rows of one shape; got a ragged list.") from None
    if rows.dtype.kind not in "biuf":
        raise TypeError(f"X must hold numbers; got {rows.dtype}.")
    if rows.ndim < 2 or rows.size == 0:
        raise ValueError(f"X must be of shape (n, ...) with at least one row; got {rows.shape}.")
    shape = getattr(model, "input_shape", (None,))[1:]
    if len(shape) != rows.ndim - 1 or any(
        wanted not in (None, found) for wanted, found in zip(shape, rows.shape[1:], strict=True)
    ):
        raise ValueError(f"X must have rows of shape {shape}; got {rows.shape[1:]}.")
    if not np.isfinite(rows).all():
        raise ValueError(f"X must be finite; got {rows[~np.isfinite(rows)][0]}.")
    return rows.astype(np.float32) if rows.dtype.kind == "f" else rows


def _checked_classes(y: Any, n_rows: int, model: Any) -> npt.NDArray[Any]:
    classes = np.asarray(y)
    if classes.dtype.kind not in "iu":
        raise TypeError(f"y must hold whole numbers, the classes; got {classes.dtype}.")
    if classes.shape != (n_rows,):
        raise ValueError(f"y must be of shape ({n_rows},), as X has rows; got {classes.shape}.")
    n_classes = model.output_shape[-1]
    if classes.min() < 0 or classes.max() >= n_classes:
        wrong = classes[(classes < 0) | (classes >= n_classes)][0]
        raise ValueError(
            f"y must be from 0 to {n_classes - 1}, as the model has {n_classes} outputs; "
            f"got {wrong}."
        )
    return classes

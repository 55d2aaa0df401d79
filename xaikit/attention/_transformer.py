"""A transformer small enough to learn on: built and trained the same from the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from xaikit import networks
from xaikit.core.checks import generator, require, whole_number
from xaikit.datasets import Dataset

# The type that every layer computes in.
DOUBLE = "float64"


def transformer(
    vocabulary_size: int,
    length: int,
    *,
    n_classes: int = 2,
    n_layers: int = 2,
    n_heads: int = 2,
    width: int = 32,
    random_state: int | np.random.Generator | None = None,
) -> Any:
    """Build a small transformer that sorts texts into classes, with drawn weights.

    A vector for each word, and one added for its place; blocks of self-attention and a
    small network for each word, both on the residual path with normalisation before
    them; the mean over the real words; a dense softmax.

    Parameters
    ----------
    vocabulary_size : int
        Words, those numbered 0 (padding) and 1 (unknown) among them.
    length : int
        Places in a row; shorter texts are padded with 0.
    n_classes : int
        Classes; one output each, so two for two.
    n_layers : int
        Blocks, and so attention layers.
    n_heads : int
        Heads of each attention layer; they share the width.
    width : int
        Numbers in a word's vector, a multiple of `n_heads`.
    random_state : int, numpy.random.Generator or None
        What the weights are drawn from; the same int draws the same.

    Returns
    -------
    keras.Model
        Words' numbers (n, length) in, probabilities (n, n_classes) out. Not trained and
        not compiled; `fit` does both.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    There is one Embedding layer, that of the words; places have a layer of their own.
    All layers compute in double precision: another processor or another number of threads
    adds in another order, and what that changes in single precision grows in training
    until it is another network.

    Padding is never attended to and never averaged, so that it has no effect. A row of
    nothing but padding has zeros for its mean.

    `networks.load` reads a saved one; to Keras' own ``load_model`` hand the two layers
    that `keras_layers` returns.

    Vaswani, A. et al. (2017), Attention is all you need, NeurIPS 30,
    https://arxiv.org/abs/1706.03762.

    Taught in: deep/attention.

    Examples
    --------
    >>> model = transformer(115, 40, random_state=0)
    >>> [layer.name for layer in model.layers if "attention" in layer.name][:2]
    ['attention_1_normalised', 'attention_1']
    >>> model.output_shape
    (None, 2)
    """
    whole_number("vocabulary_size", vocabulary_size, low=2)
    whole_number("length", length, low=1)
    whole_number("n_classes", n_classes, low=2)
    whole_number("n_layers", n_layers, low=1)
    whole_number("n_heads", n_heads, low=1)
    whole_number("width", width, low=1)
    if width % n_heads:
        raise ValueError(f"width must be a multiple of n_heads, {n_heads}; got {width}.")
    rng = generator(random_state)
    require("tensorflow", extra="deep")
    import keras

    from xaikit.networks._keras_layers import MeanOfWords, Positions

    # Every initialiser has a seed of its own: without one it takes Keras' global seed.
    seeds = (int(seed) for seed in rng.integers(2**31, size=3 + 6 * n_layers))
    ids = keras.Input((length,), dtype="int32", name="words")
    x = keras.layers.Embedding(
        vocabulary_size,
        width,
        mask_zero=True,
        embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05, seed=next(seeds)),
        dtype=DOUBLE,
        name="embedding",
    )(ids)
    x = Positions(next(seeds), dtype=DOUBLE, name="positions")(x)
    for number in range(1, n_layers + 1):
        x = _block(keras, x, number, n_heads, seeds)
    x = keras.layers.LayerNormalization(dtype=DOUBLE, name="normalised")(x)
    x = MeanOfWords(dtype=DOUBLE, name="mean_of_words")(x)
    classes = _dense(keras, n_classes, seeds, "classes", activation="softmax")
    return keras.Model(ids, classes(x), name="transformer")


def fit(
    model: Any,
    data: Dataset,
    *,
    epochs: int = 16,
    random_state: int | np.random.Generator | None = None,
    batch_size: int = 64,
    learning_rate: float = 0.005,
) -> Any:
    """Train a classifier of texts in place, the same from the same seed.

    Parameters
    ----------
    model : keras.Model
        Such as `transformer` builds.
    data : Dataset
        Its X goes in, its y are the classes.
    epochs : int
        How often each text is read.
    random_state : int, numpy.random.Generator or None
        What the order of the texts is drawn from, anew in each epoch.
    batch_size : int
        Texts for one step.
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
        If an argument is of the wrong type or out of range, or `data` does not fit.

    Notes
    -----
    `networks.fit` with steps that suit `transformer`; what it says of seeds holds here.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import datasets
    >>> data = datasets.reviews(200, correlation=1.0, random_state=0)
    >>> size, length = len(data.vocabulary), data.X.shape[1]
    >>> model = transformer(size, length, n_layers=1, width=16, random_state=0)
    >>> model = fit(model, data, epochs=8, batch_size=32, learning_rate=0.01, random_state=0)
    >>> float((model(data.X).numpy().argmax(axis=1) == data.y).mean())
    1.0
    """
    if not isinstance(data, Dataset):
        raise TypeError(f"data must be a Dataset, with X and y; got {type(data).__name__}.")
    return networks.fit(
        model,
        data.X,
        data.y,
        epochs=epochs,
        random_state=random_state,
        batch_size=batch_size,
        learning_rate=learning_rate,
    )


def keras_layers() -> dict[str, Any]:
    """Return the transformer's own Keras layers, and register them with Keras.

    Returns
    -------
    dict of str to class
        For ``keras.saving.load_model(path, custom_objects=keras_layers())``. After one
        call Keras finds them by itself for as long as Python runs.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.

    Notes
    -----
    Keras reads a file with its ``safe_mode`` on unless told otherwise; these layers have
    no need of anything else.

    Taught in: deep/attention.

    Examples
    --------
    >>> sorted(keras_layers())
    ['xaikit>MeanOfWords', 'xaikit>Positions']
    """
    require("tensorflow", extra="deep")
    from xaikit.networks._keras_layers import own_layers

    return own_layers()


def _block(keras: Any, x: Any, number: int, n_heads: int, seeds: Iterator[int]) -> Any:
    """Attention and a small network for each word, each added to what it was given."""
    width = x.shape[-1]
    attention = keras.layers.MultiHeadAttention(
        n_heads,
        width // n_heads,
        kernel_initializer=keras.initializers.GlorotUniform(seed=0),
        dtype=DOUBLE,
        name=f"attention_{number}",
    )
    normalised = partial(keras.layers.LayerNormalization, dtype=DOUBLE)
    added = partial(keras.layers.Add, dtype=DOUBLE)
    before = normalised(name=f"attention_{number}_normalised")(x)
    seen = attention(before, before)
    # Keras gives queries, keys and values copies of one initialiser, so that a seed
    # would make them equal.
    for part in ("query", "key", "value", "output"):
        kernel = getattr(attention, f"{part}_dense").kernel
        drawn = keras.initializers.GlorotUniform(seed=next(seeds))((width, width), DOUBLE)
        kernel.assign(keras.ops.reshape(drawn, kernel.shape))
    x = added(name=f"attention_{number}_added")([x, seen])
    before = normalised(name=f"network_{number}_normalised")(x)
    inner = _dense(keras, 2 * width, seeds, f"network_{number}_inner", activation="relu")(before)
    outer = _dense(keras, width, seeds, f"network_{number}_outer")(inner)
    return added(name=f"network_{number}_added")([x, outer])


def _dense(keras: Any, units: int, seeds: Iterator[int], name: str, **options: Any) -> Any:
    drawn = keras.initializers.GlorotUniform(seed=next(seeds))
    return keras.layers.Dense(units, kernel_initializer=drawn, dtype=DOUBLE, name=name, **options)

"""Networks small enough to work out by hand, in both kinds of Keras model."""

import keras
import numpy as np


def linear(weights, *, kind="sequential", dtype="float64"):
    """A network of one layer without bias; weights (..., k) for inputs of shape (...)."""
    weights = np.asarray(weights, dtype=float)
    *shape, k = weights.shape
    layers = [keras.layers.Flatten(dtype=dtype)] if len(shape) > 1 else []
    layers.append(keras.layers.Dense(k, use_bias=False, dtype=dtype))
    model = assembled(tuple(shape), layers, kind, dtype)
    model.set_weights([weights.reshape(-1, k)])
    return model


def assembled(shape, layers, kind="sequential", dtype="float32"):
    """The same layers as a Sequential, a functional or a nested model."""
    if kind == "sequential":
        return keras.Sequential([keras.Input(shape, dtype=dtype), *layers])
    inputs = keras.Input(shape, dtype=dtype)
    if kind == "nested":
        inner = keras.Sequential([keras.Input(shape, dtype=dtype), *layers])
        return keras.Model(inputs, inner(inputs))
    x = inputs
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x)


def paper_network(order):
    """The two networks of Sundararajan et al. (2017), which agree on every input.

    ``order="inside"``: ReLU(ReLU(x1) - 1 - ReLU(x2)); ``"outside"``: ReLU(ReLU(x1 - 1) - ReLU(x2)).
    """
    relu = keras.layers.Activation("relu", dtype="float64")
    first = keras.layers.Dense(2, activation="relu", dtype="float64")
    second = keras.layers.Dense(1, activation="relu", dtype="float64")
    model = assembled((2,), [relu, first, second], dtype="float64")
    shift = [0.0, 0.0] if order == "inside" else [-1.0, 0.0]
    last = [-1.0] if order == "inside" else [0.0]
    first.set_weights([np.eye(2), np.array(shift)])
    second.set_weights([np.array([[1.0], [-1.0]]), np.array(last)])
    return model


def cnn(shape=(12, 8, 1), n_classes=3, *, kind="sequential", seed=0):
    """An untrained network of two convolutions, with biases that are not 0."""
    draw = keras.initializers.RandomNormal(stddev=0.3, seed=seed)

    def given(layer, *args, **options):
        return layer(*args, kernel_initializer=draw, bias_initializer=draw, **options)

    layers = [
        given(keras.layers.Conv2D, 4, 3, activation="relu", name="first"),
        given(keras.layers.Conv2D, 6, 3, activation="relu", name="last"),
        keras.layers.GlobalAveragePooling2D(),
        given(keras.layers.Dense, n_classes, activation="softmax", name="classes"),
    ]
    return assembled(shape, layers, kind)


def of_words(vocabulary=7, length=5, *, mask_zero=True, seed=0):
    """A network that reads words: the mean of their vectors, then two layers."""
    draw = keras.initializers.RandomNormal(seed=seed)
    layers = [
        keras.layers.Embedding(vocabulary, 3, embeddings_initializer=draw, mask_zero=mask_zero),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(4, activation="tanh", kernel_initializer=draw),
        keras.layers.Dense(1, activation="sigmoid", kernel_initializer=draw),
    ]
    return assembled((length,), layers, dtype="int32")


def of_entities(kind="slices", seed=0):
    """A network of a table: a category in column 0, by its Embedding, beside two numbers."""
    draw = keras.initializers.RandomNormal(seed=seed)
    vectors = keras.layers.Embedding(4, 3, embeddings_initializer=draw, name="category")
    dense = [
        keras.layers.Dense(5, activation="tanh", kernel_initializer=draw),
        keras.layers.Dense(1, kernel_initializer=draw),
    ]
    if kind == "own":
        return _Entities(vectors, dense)
    rows = keras.Input((3,))
    category, numbers = rows[:, 0], rows[:, 1:]
    x = keras.layers.Concatenate()([vectors(category), numbers])
    for layer in dense:
        x = layer(x)
    return keras.Model(rows, x)


class _Entities(keras.Model):
    """The same as a class of one's own, which has no graph of layers."""

    def __init__(self, vectors, dense):
        super().__init__()
        self.vectors, self.dense = vectors, dense
        self(np.zeros((1, 3), "float32"))

    def call(self, rows):
        x = keras.ops.concatenate([self.vectors(rows[:, 0]), rows[:, 1:]], axis=1)
        for layer in self.dense:
            x = layer(x)
        return x


def entity_rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.integers(0, 4, n), rng.normal(size=(n, 2))])

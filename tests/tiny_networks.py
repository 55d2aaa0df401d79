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


# What the shared tests ask of every library's networks.

LIBRARY = "keras"
KINDS = ("sequential", "functional", "nested")


def pictures(array):
    """Images whose channels are last, in the layout of the library."""
    return array


channels_last = pictures


def ask(model, X):
    return model.predict(X, verbose=0).astype(float)


def dense(k, **options):
    return keras.layers.Dense(k, dtype="float64", **options)


def conv_net(shape, kernel, weights, bias=None, *, end="pool", softmax=False, kind="sequential"):
    """A convolution (height, width, in, out), a ReLU, the mean or all of its maps, and a layer."""
    layers = [
        keras.layers.Conv2D(
            kernel.shape[3], kernel.shape[:2], activation="relu", use_bias=bias is not None,
            dtype="float64", name="conv",
        ),
        keras.layers.GlobalAveragePooling2D(dtype="float64")
        if end == "pool"
        else keras.layers.Flatten(dtype="float64"),
        dense(np.shape(weights)[1], use_bias=False, activation="softmax" if softmax else None),
    ]  # fmt: skip
    model = assembled(shape, layers, kind, "float64")
    model.set_weights([kernel, *([] if bias is None else [bias]), np.asarray(weights)])
    return model


def smooth_cnn():
    """A convolution and four classes without kinks, of images of 5 × 4."""
    layers = [
        keras.layers.Conv2D(3, 3, activation="tanh", dtype="float64"),
        keras.layers.Flatten(dtype="float64"),
        dense(4, activation="softmax"),
    ]
    return assembled((5, 4, 1), layers, dtype="float64")


def parts_of_words(model):
    """The vectors of all words, and weights and bias of the two layers after them."""
    return model.layers[0].get_weights()[0], *[layer.get_weights() for layer in model.layers[2:]]


class _Apply(keras.layers.Layer):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def squares(weights):
    layers = [_Apply(lambda x: x * x), keras.layers.Dense(1, use_bias=False)]
    model = assembled((len(weights),), layers)
    model.set_weights([np.asarray(weights)])
    return model


def steep(weight, bias):
    model = assembled((1,), [dense(1, activation="sigmoid")], dtype="float64")
    model.set_weights([np.array([[weight]]), np.array([bias])])
    return model


def cliff():
    return assembled((1,), [_Apply(lambda x: keras.ops.where(x > 0.5, 1.0 + 0.0 * x, 0.0 * x))])


def trained(X, y):
    """A network of `cnn` that has learned to tell the pictures X apart."""
    model = cnn(X.shape[1:])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(X, y, batch_size=16, epochs=6, shuffle=False, verbose=0)
    return model


def weights(model):
    return model.get_weights()


def _table():
    layers = [dense(4, activation="tanh"), dense(3, activation="softmax")]
    return assembled((5,), layers, dtype="float64")


def _images(*before, shape=(12, 8, 1)):
    """Two convolutions without kinks, so that differences can be as small as they need be."""
    how = {"activation": "tanh", "dtype": "float64"}
    layers = [
        *before,
        keras.layers.Conv2D(4, 3, name="first", **how),
        keras.layers.Conv2D(5, 3, name="last", **how),
        keras.layers.GlobalAveragePooling2D(dtype="float64"),
        dense(3, activation="softmax"),
    ]
    return assembled(shape, layers, dtype="float64")


def _channels_first():
    return _images(keras.layers.Permute((2, 3, 1), dtype="float64"), shape=(2, 9, 7))


RNG = np.random.default_rng(0)
# Networks of every kind of row, for the contract.
NETWORKS = {
    "a table": (_table, RNG.normal(size=(4, 5))),
    "images": (_images, RNG.normal(size=(4, 12, 8, 1))),
    "channels first": (_channels_first, RNG.normal(size=(4, 2, 9, 7))),
    "words": (of_words, np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2]])),
    "one output": (lambda: linear(np.ones((3, 1))), RNG.normal(size=(4, 3))),
}

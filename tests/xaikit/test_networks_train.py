"""Small networks are the same from the same seed, and leave every global seed alone."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from xaikit import networks
from xaikit.datasets import mnist

pytestmark = pytest.mark.slow  # networks are built, saved and trained

SHAPE = (8, 8, 1)
X = np.random.default_rng(0).random((40, *SHAPE))
Y = np.arange(40) % 2


def trained(kind="functional", order_seed=0):
    model = networks.cnn(SHAPE, 2, random_state=0, kind=kind)
    return networks.fit(model, X, Y, epochs=2, random_state=order_seed)


@pytest.fixture(scope="module")
def first():
    return trained()


def equal(first, second):
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_the_same_seed_trains_the_same_network_to_the_last_bit(first):
    # Draws in between move every global seed, and nothing here may follow them.
    random.random(), np.random.random(), keras.random.normal((1,))  # noqa: NPY002
    assert equal(first, trained())
    assert equal(first, trained(kind="sequential"))


def test_the_weights_and_the_order_of_rows_have_seeds_of_their_own(first):
    model, same, other = (networks.cnn(SHAPE, 2, random_state=seed) for seed in (0, 0, 1))
    assert equal(model, same)
    assert not equal(model, other)
    assert not equal(first, trained(order_seed=1))


def test_the_step_is_traced_once(monkeypatch):
    """Tracing it takes longer than training a small network."""
    traced, step = [], keras.Model.train_step

    def noted(model, data):
        traced.append(model)
        return step(model, data)

    monkeypatch.setattr(keras.Model, "train_step", noted)
    trained()
    assert len(traced) == 1


def global_state():
    """Every random state and setting that another program in the process may rely on."""
    from keras.src.random.seed_generator import global_seed_generator

    # First: Keras draws a seed for this one from Python's, when it is first asked for.
    of_keras = global_seed_generator().state.numpy().tolist()
    return (
        of_keras,
        str(np.random.get_state()),  # noqa: NPY002
        str(random.getstate()),
        tf.random.get_global_generator().state.numpy().tolist(),
        keras.config.floatx(),
        tf.config.get_visible_devices(),
        tf.config.threading.get_intra_op_parallelism_threads(),
    )


def test_training_leaves_all_else_as_it_is_and_says_nothing(capfd):
    before, rows, classes = global_state(), X.copy(), Y.copy()
    capfd.readouterr()
    trained()
    said = capfd.readouterr()
    assert global_state() == before
    np.testing.assert_array_equal(X, rows)
    np.testing.assert_array_equal(Y, classes)
    assert said.out == ""
    assert "epoch" not in said.err.lower()


@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_a_network_is_of_the_kind_asked_for_and_ends_in_a_softmax(kind):
    model = networks.cnn((28, 14, 3), 4, random_state=0, kind=kind)
    assert isinstance(model, keras.Sequential) == (kind == "sequential")
    rows = np.random.default_rng(1).random((5, 28, 14, 3))
    probabilities = model.predict(rows, verbose=0)
    assert probabilities.shape == (5, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert model.layers[-1].activation is keras.activations.softmax


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ((32, 32, 1), (8, 8)),
        ((28, 28, 1), (7, 7)),
        ((28, 14, 1), (14, 7)),
        ((13, 40, 1), (13, 40)),
        ((3, 3, 1), (3, 3)),
    ],
)
def test_the_last_map_keeps_seven_pixels_where_there_are_seven(shape, found):
    model = networks.cnn(shape, 2, random_state=0)
    assert model.get_layer("last_convolution").output.shape[1:3] == found


def test_grad_cam_weighs_the_maps_as_the_last_layer_does(first):
    # The mean of the gradient over the n places of a map is its weight over n.
    model = first
    last = model.get_layer("last_convolution").output
    score = keras.Model(model.input, [last, model.get_layer("maximum_of_maps").output])
    kernel, bias = model.get_layer("classes").get_weights()
    with tf.GradientTape() as tape:
        maps, maxima = score(tf.constant(X[:3], tf.float32))
        tape.watch(maps)
        logits = tf.reduce_max(maps, axis=(1, 2)) @ kernel + bias
        of_class = logits[:, 1]
    np.testing.assert_allclose(tf.reduce_max(maps, axis=(1, 2)), maxima)
    alpha = tf.reduce_mean(tape.gradient(of_class, maps), axis=(1, 2))
    n_places = maps.shape[1] * maps.shape[2]
    np.testing.assert_allclose(alpha * n_places, np.tile(kernel[:, 1], (3, 1)), atol=1e-6)


def test_the_network_for_digits_reads_digits():
    digits = mnist()
    rows = np.random.default_rng(0).permutation(5000)[4000:]
    said = networks.mnist_cnn().predict(digits.X[rows, :, :, None], verbose=0).argmax(axis=1)
    assert (said == digits.y[rows]).mean() == pytest.approx(0.972, abs=0.003)


@pytest.mark.slow
def test_the_script_makes_the_network_for_digits_anew():
    from tools import train_networks

    kept, anew = networks.mnist_cnn(), train_networks.mnist_cnn()
    accuracy = train_networks.mnist_accuracy(anew)
    assert accuracy == pytest.approx(train_networks.mnist_accuracy(kept), abs=0.015)
    # Another number of threads adds in another order, so weights may part; answers may not.
    rows = mnist().X[train_networks.mnist_rows()[1], :, :, None]
    said = [model.predict(rows, verbose=0).argmax(axis=1) for model in (kept, anew)]
    assert (said[0] == said[1]).mean() > 0.95

"""The randomisation check on networks whose weights, and whose right verdict, are known."""

import random
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from made_explanations import made
from scipy.stats import spearmanr
from tiny_networks import assembled, cnn, linear, of_words

import xaikit as xk
from xaikit import evaluate

pytestmark = pytest.mark.slow

ORDERS = ("cascading", "independent")
KINDS = ("sequential", "functional", "nested")


def explainer(X, method, **options):
    return partial(xk.explain, X=X, method=method, output=1, output_space="score", **options)


def recorder(X, seen):
    """An explainer that keeps the weights it is shown."""

    def explain(model):
        seen.append(model.get_weights())
        return evaluate.edges(X)

    return explain


def test_edges_with_a_sign_from_the_weights_fail_by_their_sizes():
    model, X = cnn((12, 12, 1)), np.random.default_rng(1).random((40, 12, 12, 1))
    rng = np.random.default_rng(0)

    def explain(m):
        e = evaluate.edges(X)
        return made(e.values * rng.choice([-1, 1], X.shape), X)

    found = evaluate.randomisation(model, explain, random_state=0)
    assert np.abs(found.signed.mean()) < 0.1
    assert not found.passed


def test_the_network_and_all_global_states_stay_as_they_were():
    model, X = cnn(kind="nested"), np.random.default_rng(0).random((2, 12, 8, 1))
    model.compile("adam", "sparse_categorical_crossentropy")
    keras.random.normal((1,))  # makes Keras' global generator

    def states():
        keras_seed = keras.src.random.seed_generator.global_seed_generator().state
        found = [
            *model.get_weights(),
            model(X),
            np.random.get_state()[1],  # noqa: NPY002  # must not move
            random.getstate()[1],
            keras_seed,
            tf.random.get_global_generator().state,
        ]
        return [np.array(np.asarray(state)) for state in found]

    before = states()
    evaluate.randomisation(model, explainer(X, "gradient"))
    for one, other in zip(before, states(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_linear_network_by_hand():
    X = np.random.default_rng(1).random((2, 5, 4, 1))
    model, seen = linear(np.random.default_rng(2).standard_normal((5, 4, 1, 2))), []

    def explain(m):
        seen.append(m.get_weights()[0][:, 1])
        return xk.explain(m, X, method="gradient", output=1)

    found = evaluate.randomisation(model, explain, random_state=0)
    old, new = seen
    assert found.similarity[0, 0] == pytest.approx(spearmanr(np.abs(old), np.abs(new)).statistic)
    np.testing.assert_allclose(found.signed[0], spearmanr(old, new).statistic)


def test_a_seeded_network_is_not_drawn_as_it_was_before_its_training():
    seen, X = [], np.ones((1, 12, 8, 1))
    evaluate.randomisation(cnn(seed=0), recorder(X, seen), random_state=0)
    for old, new in zip(seen[0], seen[-1], strict=True):
        assert np.abs(np.subtract(old, new)).min() > 0
    kernels = [weights[2].ravel() for weights in (seen[0], seen[-1])]
    assert abs(np.corrcoef(kernels)[0, 1]) < 0.3
    # Drawn by the layer's own initialiser, of the same spread.
    assert np.std(kernels[1]) == pytest.approx(0.3, rel=0.2)


def redrawn(model, X, seed=0):
    seen = []
    evaluate.randomisation(model, recorder(X, seen), random_state=seed)
    return seen[0], seen[-1]


def test_normalisation_forgets_its_statistics():
    layers = [keras.layers.Conv2D(3, 3), keras.layers.BatchNormalization()]
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)]
    model, X = assembled((6, 5, 1), layers), np.ones((1, 6, 5, 1))
    norm = model.layers[1]
    norm.set_weights([np.full(3, value) for value in (2.0, 3.0, 4.0, 5.0)])
    _, new = redrawn(model, X)
    np.testing.assert_array_equal(new[2:6], [np.ones(3), np.zeros(3), np.zeros(3), np.ones(3)])


def test_kernels_that_no_initialiser_draws_are_drawn_in_their_size():
    kernel = np.full((3, 3, 1, 40), 0.7)
    conv = keras.layers.Conv2D(40, 3, kernel_initializer=keras.initializers.Constant(0.7))
    model = assembled((6, 5, 1), [conv, keras.layers.GlobalAveragePooling2D()])
    old, new = redrawn(model, np.ones((1, 6, 5, 1)))
    np.testing.assert_allclose(old[0], kernel)
    assert np.sqrt((new[0] ** 2).mean()) == pytest.approx(0.7, rel=0.1)
    assert np.abs(new[0].mean()) < 0.1
    np.testing.assert_array_equal(new[1], np.zeros(40))


class Scaled(keras.layers.Layer):
    """A layer that no configuration tells how it draws."""

    def build(self, shape):
        self.size = self.add_weight(shape=(shape[-1], 4), initializer="glorot_uniform", name="size")

    def call(self, x):
        return keras.ops.matmul(x, self.size)


def test_a_layer_of_the_user_s_own_is_drawn_by_the_seed_too():
    model = assembled((6, 5, 1), [keras.layers.Flatten(), Scaled(), keras.layers.Dense(2)])
    X = np.ones((1, 6, 5, 1))
    old, new = redrawn(model, X)
    assert not np.isclose(old[0], new[0]).any()
    # By its own initialiser, which draws evenly up to here from 30 numbers to 4.
    assert 0.9 < np.abs(new[0]).max() / np.sqrt(6 / (30 + 4)) <= 1
    np.testing.assert_array_equal(new[0], redrawn(model, X)[1][0])
    assert not np.array_equal(new[0], redrawn(model, X, seed=1)[1][0])


def test_a_shared_layer_and_a_layer_of_layers_count_once():
    words = keras.Input((4,), dtype="int32")
    vectors = keras.layers.Embedding(9, 6, name="words")(words)
    attention = keras.layers.MultiHeadAttention(2, 3, name="attention")
    dense = keras.layers.Dense(6, name="twice")
    x = dense(dense(attention(vectors, vectors)))
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(words, keras.layers.Dense(2, activation="softmax", name="top")(x))
    X = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    found = evaluate.randomisation(model, explainer(X, "gradient"), random_state=0)
    assert found.layers == ("top", "twice", "attention", "words")


def test_words_are_checked_too():
    X = np.random.default_rng(0).integers(1, 7, (20, 5))
    explain = partial(xk.explain, X=X, method="gradient_x_input")
    found = evaluate.randomisation(of_words(), explain, random_state=0)
    assert found.similarity.shape == (3, 20)
    fixed = evaluate.randomisation(of_words(), lambda m: made(1.0 * X, X), random_state=0)
    assert not fixed.passed


def test_a_map_of_one_layer_s_weights_changes_with_that_layer_alone():
    model, X = cnn(), np.ones((1, 3, 3, 1))

    def explain(m):
        return made(m.get_layer("first").get_weights()[0][None, :, :, 0, :1], X)

    alone = evaluate.randomisation(model, explain, order="independent", random_state=0)
    np.testing.assert_allclose(alone.similarity[:2], 1)
    assert alone.similarity[2, 0] < 0.9
    assert alone.score == pytest.approx(alone.similarity.mean())
    together = evaluate.randomisation(model, explain, random_state=0)
    assert together.score == together.similarity[2].mean()


@pytest.fixture(scope="module")
def of_shapes():
    """The network of the chapters, trained on planted shapes, and shapes it has not seen."""
    data, shown = (xk.datasets.planted_shapes(n, random_state=n) for n in (1000, 40))
    model = xk.networks.cnn((32, 32, 1), 3, random_state=0)
    xk.networks.fit(model, data.X, data.y, epochs=12, random_state=0)
    assert (np.asarray(model(shown.X)).argmax(axis=1) == shown.y).mean() > 0.9
    return model, shown.X


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("method", ["gradient", "smoothgrad", "grad_cam"])
def test_maps_of_a_network_that_knows_shapes_pass_and_edges_fail(of_shapes, method, order):
    model, X = of_shapes
    options = {"random_state": 0} if method == "smoothgrad" else {}
    check = partial(evaluate.randomisation, model, order=order, random_state=0)
    before = model.get_weights()
    assert check(explainer(X, method, **options)).passed
    assert not check(lambda m: evaluate.edges(X)).passed
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)

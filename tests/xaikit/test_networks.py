"""Networks are left as they were found, compiled once, and cut into batches that fit."""

import gc
import random
import weakref

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tiny_networks import assembled, cnn, linear, of_words

import xaikit as xk
from xaikit.models import network as _networks
from xaikit.models.adapters.keras import describe_network
from xaikit.models.adapters.keras.structure import bytes_a_row

# For tests that do not ask what happens while a network is compiled, which takes nearly all of
# the time.
CNN, OF_WORDS = cnn(), of_words()
METHODS = ("gradient", "gradient_x_input", "integrated_gradients", "smoothgrad")
IMAGES = np.random.default_rng(0).normal(size=(5, 12, 8, 1))
WORDS = np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2], [1, 1, 1, 1, 0]])


def explain(model, rows, method, **options):
    if method == "smoothgrad":
        options = {"random_state": 0, "n_samples": 4, **options}
    return xk.explain(model, rows, method=method, **options)


@pytest.mark.parametrize("method", METHODS)
def test_ten_classes_are_compiled_once(method):
    model = cnn(n_classes=10)
    for output in range(10):
        explain(model, IMAGES, method, output=output)
    network = describe_network(model)
    what = "path" if method == "integrated_gradients" else "gradient"
    assert len(network._compiled[what, "probability"].made) == 1
    assert describe_network(model) is network


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("model", "rows"), [(CNN, IMAGES), (OF_WORDS, WORDS)], ids=["cnn", "words"]
)
def test_batches_do_not_change_the_numbers(method, model, rows, monkeypatch):
    whole = explain(model, rows, method, output=0, output_space="score")
    monkeypatch.setattr(_networks, "BUDGET", bytes_a_row(model) * 2)
    cut = explain(model, rows, method, output=0, output_space="score")
    np.testing.assert_allclose(cut.values, whole.values, rtol=1e-4, atol=1e-7)
    assert describe_network(model).batch_size == 2


@pytest.mark.parametrize("method", METHODS)
def test_a_row_is_explained_as_it_is_alone(method):
    together = explain(CNN, IMAGES, method, output=1)
    alone = explain(CNN, IMAGES[3:4], method, output=1)
    np.testing.assert_allclose(alone.values[0], together.values[3], rtol=1e-4, atol=1e-7)


@pytest.mark.slow
def test_the_kinds_of_model_give_the_same_numbers():
    found = [
        explain(cnn(kind=kind), IMAGES, method, output=1, output_space="log-odds").values
        for kind in ("sequential", "functional", "nested")
        for method in ("smoothgrad",)
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)
    np.testing.assert_allclose(found[0], found[2], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("space", ["probability", "score", "log-odds"])
def test_the_model_is_left_as_it_was(space):
    for model, rows in ((cnn(), IMAGES), (of_words(), WORDS)):
        before = model.predict(rows, verbose=0)
        weights = [w.copy() for w in model.get_weights()]
        attributes = [dict(vars(layer)) for layer in model.layers]
        for method in METHODS:
            explain(model, rows, method, output=0, output_space=space)
        np.testing.assert_array_equal(model.predict(rows, verbose=0), before)
        for mine, was in zip(model.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(mine, was)
        for layer, was in zip(model.layers, attributes, strict=True):
            assert vars(layer).get("call") is was.get("call")
            assert vars(layer).get("activation") is was.get("activation")


def test_a_failing_trace_puts_everything_back():
    class Broken(keras.layers.Layer):
        fails = False

        def call(self, x):
            if Broken.fails:
                raise RuntimeError("no")
            return x

    broken = Broken()
    dense = keras.layers.Dense(2, activation="softmax")
    model = assembled((3,), [broken, dense])
    Broken.fails = True
    with pytest.raises(RuntimeError):
        explain(model, np.ones((1, 3)), "gradient", output=1, output_space="score")
    assert dense.activation is keras.activations.softmax


def test_weights_that_change_are_seen():
    model = linear(np.ones((3, 1)), dtype="float32")
    first = explain(model, np.ones((1, 3)), "gradient")
    model.set_weights([np.full((3, 1), 2.0)])
    second = explain(model, np.ones((1, 3)), "gradient")
    assert first.values.tolist() == [[1, 1, 1]]
    assert second.values.tolist() == [[2, 2, 2]]


@pytest.mark.slow
def test_what_is_compiled_does_not_keep_the_model():
    model = cnn()
    explain(model, IMAGES, "gradient", output=0)
    seen = weakref.ref(model)
    del model
    keras.backend.clear_session(free_memory=True)
    gc.collect()
    assert seen() is None


def test_global_random_states_are_left_alone():
    python, numpy_ = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002 (the state itself)
    flow = tf.random.get_global_generator().state.numpy().copy()
    seed = keras.src.backend.common.global_state.get_global_attribute("global_seed_generator")
    model = cnn()
    for method in METHODS:
        explain(model, IMAGES, method, output=0)
    assert random.getstate() == python
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_)  # noqa: NPY002
    np.testing.assert_array_equal(tf.random.get_global_generator().state.numpy(), flow)
    after = keras.src.backend.common.global_state.get_global_attribute("global_seed_generator")
    assert after is seed


def test_noise_follows_the_seed_and_the_row():
    def values(rows, seed):
        return xk.explain(
            CNN, rows, method="smoothgrad", output=0, n_samples=3, random_state=seed
        ).values

    np.testing.assert_array_equal(values(IMAGES, 1), values(IMAGES, 1))
    np.testing.assert_allclose(
        values(IMAGES[::-1], 1)[::-1], values(IMAGES, 1), rtol=1e-4, atol=1e-8
    )
    assert np.abs(values(IMAGES, 1) - values(IMAGES, 2)).max() > 1e-5


def test_auto_takes_integrated_gradients_for_images_and_words():
    for model, rows in ((CNN, IMAGES), (OF_WORDS, WORDS)):
        e = xk.explain(model, rows, output=0)
        assert e.method == "integrated_gradients"
        assert "add up to the prediction" in e.why
        assert e.feature_names is None
        assert e.values.shape == e.data.shape == rows.shape


def test_a_network_of_a_table_is_asked_like_any_model():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=["a", "b", "c"])
    model = linear([[1.0], [-2.0], [0.0]], dtype="float64")
    e = xk.explain(model, frame)
    assert e.method == "exact_shapley"
    assert e.feature_names == ("a", "b", "c")
    np.testing.assert_allclose(e.values, (frame - frame.mean()) * [1, -2, 0], atol=1e-12)
    gradient = xk.explain(model, frame, method="gradient")
    assert gradient.feature_names == ("a", "b", "c")


def test_explanations_of_images_and_words_go_through_json():
    for model, rows in ((CNN, IMAGES), (OF_WORDS, WORDS)):
        e = xk.explain(model, rows, output=0)
        back = xk.Explanation.from_json(e.to_json())
        np.testing.assert_array_equal(back.values, e.values)
        np.testing.assert_array_equal(back.data, e.data)


def test_the_positive_class_of_two_is_the_default():
    two = assembled((3,), [keras.layers.Dense(2, activation="softmax")])
    assert xk.explain(two, np.ones((1, 3)), method="gradient").output_name == "output 1"


def test_several_embeddings_are_told_apart():
    words = keras.Input((4,), dtype="int32")
    both = keras.layers.Add()(
        [keras.layers.Embedding(5, 3)(words), keras.layers.Embedding(5, 3)(words)]
    )
    model = keras.Model(words, keras.layers.Dense(1)(keras.layers.Flatten()(both)))
    with pytest.raises(ValueError, match=r"model must have one Embedding layer.*got 2"):
        xk.explain(model, np.ones((1, 4), dtype=int), method="gradient")


def test_layers_that_are_added_are_seen():
    model = assembled((3,), [keras.layers.Dense(2)])
    assert xk.explain(model, np.ones((1, 3)), method="gradient", output=1).values.shape == (1, 3)
    model.add(keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer="ones"))
    e = xk.explain(model, np.ones((1, 3)), method="gradient")
    assert e.predictions == 1
    assert (e.values == 0).all()


def test_a_class_of_ones_own_takes_images_as_it_was_called():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = cnn(kind="functional")

        def call(self, x):
            return self.inner(x)

    model = Own()
    model(IMAGES)
    want = xk.explain(model.inner, IMAGES, output=1, output_space="probability")
    e = xk.explain(model, IMAGES, output=1)
    assert (e.method, e.feature_names) == ("integrated_gradients", None)
    np.testing.assert_allclose(e.values, want.values, rtol=1e-4, atol=1e-8)
    maps = xk.explain(model, IMAGES, method="grad_cam", output=1)
    assert "'last'" in maps.why

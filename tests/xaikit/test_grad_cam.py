"""Grad-CAM finds its layer, compiles once, and leaves the network as it was."""

import gc
import weakref

import keras
import numpy as np
import pytest
from tiny_networks import assembled, cnn

import xaikit as xk
from xaikit.methods._resize import resized
from xaikit.models import network as _networks
from xaikit.models.adapters.keras import describe_network
from xaikit.models.adapters.keras.structure import bytes_a_row

IMAGES = np.random.default_rng(0).normal(size=(5, 12, 8, 1))


def grad_cam(model, rows=IMAGES, **options):
    return xk.explain(model, rows, method="grad_cam", **{"output": 1, **options})


def found_in(model, rows=IMAGES, **options):
    """The name of the layer that was taken."""
    return grad_cam(model, rows, **options).why.split("layer '")[1].split("'")[0]


def test_classes_are_compiled_once_for_each_layer():
    model = cnn(n_classes=10)
    for layer in ("first", "last"):
        for output in (0, 4, 9):
            grad_cam(model, output=output, layer=layer)
    compiled = describe_network(model)._compiled
    maps = [function for key, function in compiled.items() if key[0] == "maps"]
    assert len(maps) == 2
    for function in maps:
        assert len(function.made) == 1
    grad_cam(model)  # the last one, left out, is the one that was named
    assert len([key for key in compiled if key[0] == "maps"]) == 2


def test_batches_do_not_change_the_numbers(monkeypatch):
    model = cnn()
    whole = grad_cam(model)
    monkeypatch.setattr(_networks, "BUDGET", bytes_a_row(model) * 2)
    cut = grad_cam(model)
    np.testing.assert_allclose(cut.values, whole.values, rtol=1e-4, atol=1e-8)
    np.testing.assert_allclose(grad_cam(model, IMAGES[3:4]).values[0], whole.values[3], rtol=1e-4)
    assert whole.values.max() > 0


def test_the_kinds_of_model_give_the_same_maps():
    maps = [
        grad_cam(cnn(kind=kind), layer="first").values
        for kind in ("sequential", "functional", "nested")
    ]
    np.testing.assert_allclose(maps[0], maps[1], rtol=1e-5)
    np.testing.assert_allclose(maps[0], maps[2], rtol=1e-5)


def layers(*between):
    """A first convolution, some layers, and two classes."""
    draw = keras.initializers.RandomNormal(stddev=0.3, seed=0)
    first = keras.layers.Conv2D(3, 3, activation="relu", name="first", kernel_initializer=draw)
    pool = keras.layers.GlobalAveragePooling2D()
    return [first, *between, pool, keras.layers.Dense(2, kernel_initializer=draw)]


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.SeparableConv2D(2, 3, name="found"),
        *(
            pytest.param(layer, marks=pytest.mark.slow)
            for layer in [
                keras.layers.DepthwiseConv2D(3, name="found"),
                keras.layers.Conv2DTranspose(2, 3, name="found"),
                keras.layers.Conv2D(2, 3, dilation_rate=2, name="found"),
            ]
        ),
        keras.Sequential([keras.layers.Conv2D(2, 1, name="found"), keras.layers.ReLU()]),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_the_last_convolution_of_any_kind_is_found(layer):
    assert found_in(assembled((12, 8, 1), layers(layer))) == "found"


def test_a_convolution_in_place_of_a_dense_layer_is_passed_over():
    single = [
        keras.layers.Conv2D(3, 3, name="maps"),
        keras.layers.GlobalAveragePooling2D(keepdims=True),
        keras.layers.Conv2D(2, 1, name="classes"),
        keras.layers.Flatten(),
    ]
    model = assembled((12, 8, 1), single)
    assert found_in(model) == "maps"
    with pytest.raises(ValueError, match=r"more than one place.*'classes' with shape"):
        grad_cam(model, layer="classes")


def test_a_convolution_along_other_axes_is_passed_over():
    class Weighed(keras.layers.Layer):
        """Weighs the channels by a convolution along them."""

        def __init__(self):
            super().__init__()
            self.along = keras.layers.Conv1D(1, 3, padding="same", name="along")

        def call(self, x):
            means = keras.ops.mean(x, axis=(1, 2))[..., None]
            return x * keras.ops.sigmoid(self.along(means))[:, None, None, :, 0]

    mean = keras.layers.Reshape((60, 3))
    flat = keras.layers.Conv1D(2, 3, name="flat")
    one = keras.layers.GlobalAveragePooling1D()
    first = keras.layers.Conv2D(3, 3, name="first")
    model = assembled((12, 8, 1), [first, mean, flat, one, keras.layers.Dense(2)])
    assert found_in(model) == "first"
    # Inside a layer of one's own no shape is known before it runs.
    with pytest.raises(ValueError, match=r"layer must have an output of maps.*'along'"):
        grad_cam(assembled((12, 8, 1), layers(Weighed())))
    assert found_in(assembled((12, 8, 1), layers(Weighed())), layer="first") == "first"


def test_a_layer_that_is_no_convolution_can_be_named():
    between = [keras.layers.BatchNormalization(name="normal"), keras.layers.ReLU(name="relu")]
    model = assembled((12, 8, 1), layers(*between))
    assert found_in(model) == "first"
    after = grad_cam(model, layer="relu").values
    assert after.max() > 0
    inner = assembled((12, 8, 1), layers(keras.Sequential(between, name="block")))
    np.testing.assert_array_equal(grad_cam(inner, layer="block").values, after)


def test_a_layer_that_is_called_twice_is_refused():
    twice = keras.layers.Conv2D(1, 3, padding="same", name="twice")
    inputs = keras.Input((12, 8, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(twice(twice(inputs)))
    model = keras.Model(inputs, keras.layers.Dense(2)(pooled))
    with pytest.raises(ValueError, match=r"layer must be one that.*once.*'twice'.*2 times"):
        grad_cam(model)
    # And nothing is left behind in it.
    assert "call" not in vars(twice)


def test_a_layer_with_no_way_to_the_output_is_refused():
    class Cut(keras.layers.Layer):
        def call(self, x):
            return keras.ops.stop_gradient(x)

    with pytest.raises(ValueError, match=r"layer must have a gradient.*'first'.*none"):
        grad_cam(assembled((12, 8, 1), layers(Cut())))


@pytest.mark.parametrize(("kind", "shape"), [("strip", (20, 3)), ("volume", (5, 4, 3, 2))])
def test_sequences_and_volumes(kind, shape):
    n = len(shape) - 1
    conv = getattr(keras.layers, f"Conv{n}D")(2, 2, activation="relu")
    pool = getattr(keras.layers, f"GlobalAveragePooling{n}D")()
    rows = np.random.default_rng(1).normal(size=(2, *shape))
    e = grad_cam(assembled(shape, [conv, pool, keras.layers.Dense(2)]), rows)
    assert e.values.shape == rows.shape
    assert e.diagnostics["map"].shape == (2, *(side - 1 for side in shape[:-1]))
    np.testing.assert_array_equal(e.values[..., 0], e.values[..., 1])


def test_pictures_without_channels_get_the_map_itself():
    model = assembled((12, 8), [keras.layers.Reshape((12, 8, 1)), *layers()])
    e = grad_cam(model, IMAGES[..., 0])
    assert e.values.max() > 0
    np.testing.assert_array_equal(e.values, resized(e.diagnostics["map"], (12, 8)))


def test_several_embeddings_are_no_hindrance():
    words = keras.Input((6,), dtype="int32")
    both = [keras.layers.Embedding(5, 3)(words), keras.layers.Embedding(5, 3)(words)]
    maps = keras.layers.Conv1D(2, 2, name="maps")(keras.layers.Add()(both))
    pooled = keras.layers.GlobalAveragePooling1D()(maps)
    model = keras.Model(words, keras.layers.Dense(1)(pooled))
    rows = np.ones((2, 6), dtype=int)
    assert xk.explain(model, rows, method="grad_cam").values.shape == (2, 6)
    assert xk.explain(model, rows, method="occlusion").values.shape == (2, 6)


@pytest.mark.slow
def test_the_model_is_left_as_it_was_and_is_not_kept():
    model = cnn()
    before, state = model.predict(IMAGES, verbose=0), [dict(vars(layer)) for layer in model.layers]
    grad_cam(model)
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), before)
    for layer, was in zip(model.layers, state, strict=True):
        assert vars(layer).get("call") is was.get("call")
        assert vars(layer).get("activation") is was.get("activation")
    seen = weakref.ref(model)
    del model, layer, state, was
    keras.backend.clear_session(free_memory=True)
    gc.collect()
    assert seen() is None


def test_it_says_the_scale_that_it_took():
    e = grad_cam(cnn())
    assert e.output_space == "score"
    assert "The values are in score, as the method is defined." in e.why
    asked = grad_cam(cnn(), output_space="probability")
    assert "as the method is defined" not in asked.why

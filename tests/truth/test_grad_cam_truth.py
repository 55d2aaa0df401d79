"""Grad-CAM against maps worked out by hand, and against tf-explain where it can be compared."""

import warnings

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf
from tf_explain.core import GradCAM
from tiny_networks import assembled, cnn

import xaikit as xk
from xaikit.methods._resize import resized
from xaikit.networks import functional

KINDS = ("sequential", "functional", "nested")


def grad_cam(model, rows, **options):
    return xk.explain(model, rows, method="grad_cam", **options)


def conv2d(filters, size, *, bias=False, **options):
    return keras.layers.Conv2D(filters, size, use_bias=bias, dtype="float64", **options)


def dense(k, **options):
    return keras.layers.Dense(k, use_bias=False, dtype="float64", **options)


def pooled():
    return keras.layers.GlobalAveragePooling2D(dtype="float64")


def convolved(image, kernel, bias):
    """The maps of a convolution without padding, ReLU'd, by four loops."""
    height, width, _, filters = kernel.shape
    maps = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1, filters))
    for i, j, k in np.ndindex(maps.shape):
        maps[i, j, k] = (image[i : i + height, j : j + width] * kernel[..., k]).sum() + bias[k]
    return np.maximum(maps, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_on_paper(kind):
    image = np.array([[1.0, 2, 0], [0, 1, 3], [2, 0, 1]])
    # Filters of ones, and of a diagonal: maps [[4, 6], [3, 5]] and [[2, 5], [0, 2]].
    kernel = np.stack([np.ones((2, 2)), np.eye(2)], axis=-1)[:, :, None]
    model = assembled(
        (3, 3, 1), [conv2d(2, 2, activation="relu"), pooled(), dense(1)], kind, "float64"
    )
    model.set_weights([kernel, np.array([[1.0], [-2.0]])])
    # The output is the mean of the first map less twice that of the second, so the weights
    # are 1/4 and -2/4: [[1 - 1, 1.5 - 2.5], [0.75, 1.25 - 1]], and no less than 0.
    e = grad_cam(model, image[None, :, :, None])
    np.testing.assert_allclose(e.diagnostics["map"], [[[0, 0], [0.75, 0.25]]])
    # From 2 to 3 pixels: the ends stand on the outer middles, the middle one between.
    stretched = [[0, 0, 0], [0.375, 0.25, 0.125], [0.75, 0.5, 0.25]]
    np.testing.assert_allclose(e.values[0, ..., 0], stretched, atol=1e-15)
    assert e.output_space == "prediction"
    assert e.base_values == 0
    assert not e.estimated


@pytest.fixture(scope="module")
def worked():
    """A network of two classes after a softmax, its weights, an image, and its own numbers."""
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(3, 2, 2, 4)), rng.normal(size=4)
    weights, image = rng.normal(size=(4, 3)), rng.normal(size=(7, 5, 2))
    maps = convolved(image, kernel, bias)
    score = maps.mean(axis=(0, 1)) @ weights
    proba = np.exp(score) / np.exp(score).sum()
    return kernel, bias, weights, image, maps, proba


@pytest.mark.parametrize(
    ("kind", "space"),
    [
        *(("sequential", space) for space in (None, "score", "probability", "log-odds")),
        pytest.param("functional", "probability", marks=pytest.mark.slow),
        ("nested", "probability"),
    ],
)
def test_each_scale_and_class_by_hand(worked, kind, space):
    kernel, bias, weights, image, maps, proba = worked
    layers = [
        conv2d(4, (3, 2), bias=True, activation="relu"), pooled(), dense(3, activation="softmax"),
    ]  # fmt: skip
    model = assembled((7, 5, 2), layers, kind, "float64")
    model.set_weights([kernel, bias, weights])
    for c in range(3):
        others = np.delete(proba, c) / np.delete(proba, c).sum()
        slope = {
            "score": weights[:, c],
            "probability": proba[c] * (weights[:, c] - weights @ proba),
            "log-odds": weights[:, c] - np.delete(weights, c, axis=1) @ others,
        }[space or "score"]
        by_hand = np.maximum(maps @ slope / maps[..., 0].size, 0)
        e = grad_cam(model, image[None], output=c, output_space=space)
        assert e.output_space == (space or "score")
        np.testing.assert_allclose(e.diagnostics["map"][0], by_hand, atol=1e-12)
        np.testing.assert_allclose(e.values[0].sum(-1), resized(by_hand[None], (7, 5))[0])
        np.testing.assert_array_equal(e.values[..., 0], e.values[..., 1])


def test_after_flatten_the_weight_is_the_mean_over_the_places():
    rng = np.random.default_rng(1)
    kernel, weights = rng.normal(size=(2, 2, 1, 3)), rng.normal(size=(5 * 3 * 3, 1))
    flat = keras.layers.Flatten(dtype="float64")
    model = assembled((6, 4, 1), [conv2d(3, 2, activation="relu"), flat, dense(1)], dtype="float64")
    model.set_weights([kernel, weights])
    image = rng.normal(size=(6, 4, 1))
    by_hand = convolved(image, kernel, np.zeros(3)) @ weights.reshape(5, 3, 3).mean(axis=(0, 1))
    e = grad_cam(model, image[None])
    np.testing.assert_allclose(e.diagnostics["map"][0], np.maximum(by_hand, 0), atol=1e-12)


@pytest.mark.parametrize(
    ("cells", "pixels"),
    [((5, 3), (28, 14)), ((4, 2), (28, 14)), ((7, 9), (5, 4)), ((3, 3), (3, 3))],
)
def test_maps_are_stretched_as_tensorflow_and_opencv_do(cells, pixels):
    maps = np.random.default_rng(2).uniform(size=(2, *cells))
    found = resized(maps, pixels)
    theirs = tf.image.resize(maps[..., None], pixels, method="bilinear")[..., 0]
    np.testing.assert_allclose(found, theirs, rtol=1e-5)
    # OpenCV has the width first. It rounds where the cells fall to float32.
    for mine, one in zip(found, maps, strict=True):
        np.testing.assert_allclose(mine, cv2.resize(one, pixels[::-1]), rtol=1e-5)


def test_a_stretch_that_is_known():
    np.testing.assert_allclose(resized(np.array([[0.0, 1.0]]), (4,)), [[0, 0.25, 0.75, 1]])
    np.testing.assert_allclose(resized(np.array([[5.0]]), (3,)), [[5, 5, 5]])
    # A slope stays a slope between the outer middles; along each side by itself.
    ramp = np.arange(3.0)[:, None] + 10 * np.arange(2.0)
    found = resized(ramp[None], (9, 4))[0]
    down, right = np.arange(9) / 3 - 1 / 3, np.arange(4) / 2 - 0.25
    np.testing.assert_allclose(found, down.clip(0, 2)[:, None] + 10 * right.clip(0, 1))


PATCH = np.s_[14:21, 7:14]  # of an image of 28 × 14


def looking_for_blue(flat=False):
    """A network whose one filter fires where the third channel is bright."""
    end = keras.layers.Flatten(dtype="float64") if flat else pooled()
    model = assembled(
        (28, 14, 3), [conv2d(1, 1, activation="relu"), end, dense(1)], dtype="float64"
    )
    kernel = np.array([0.0, 0.0, 1.0]).reshape(1, 1, 3, 1)
    model.set_weights([kernel, np.ones(model.get_weights()[1].shape)])
    return model


def inside(e):
    mass = np.abs(e.values).sum(axis=-1)
    return mass[:, PATCH[0], PATCH[1]].sum((1, 2)) / mass.sum((1, 2))


def test_the_one_patch_where_the_filter_fires_is_found():
    images = np.random.default_rng(3).uniform(size=(4, 28, 14, 3))
    images[..., 2] = 0
    images[:, PATCH[0], PATCH[1], 2] = np.random.default_rng(4).uniform(size=(4, 7, 7))
    e = grad_cam(looking_for_blue(), images)
    np.testing.assert_allclose(inside(e), 1.0)
    np.testing.assert_allclose(e.values.sum(-1), images[..., 2] / (28 * 14))
    # The same image with its sides changed over is another one.
    wrong = np.swapaxes(images, 1, 2).reshape(images.shape)
    assert inside(grad_cam(looking_for_blue(), wrong)).max() < 0.5


@pytest.mark.parametrize("method", ["occlusion", "gradient", "integrated_gradients"])
def test_the_other_methods_find_the_patch_that_is_read(method):
    model, images = reading_the_patch(), np.random.default_rng(5).uniform(size=(3, 28, 14, 3))
    options = {"patch_size": 7} if method == "occlusion" else {}
    np.testing.assert_allclose(inside(xk.explain(model, images, method=method, **options)), 1.0)


def reading_the_patch():
    model = looking_for_blue(flat=True)
    place = np.zeros((28, 14))
    place[PATCH] = 1
    model.set_weights([model.get_weights()[0], place.reshape(-1, 1)])
    return model


def test_where_the_network_reads_is_not_told():
    # Its filter fires everywhere, its last layer reads one patch: the mean gradient of the
    # map does not know which, and the patch gets its share of the area.
    e = grad_cam(reading_the_patch(), np.ones((1, 28, 14, 3)))
    np.testing.assert_allclose(inside(e), 49 / (28 * 14))


def test_words_get_the_map_of_a_convolution_over_their_vectors():
    layers = [
        keras.layers.Embedding(7, 2, dtype="float64"),
        keras.layers.Conv1D(2, 2, activation="relu", use_bias=False, dtype="float64"),
        keras.layers.GlobalAveragePooling1D(dtype="float64"),
        dense(1),
    ]
    model = assembled((5,), layers, dtype="int32")
    rng = np.random.default_rng(6)
    table, kernel, weights = rng.normal(size=(7, 2)), rng.normal(size=(2, 2, 2)), [[1.0], [0.5]]
    model.set_weights([table, kernel, np.array(weights)])
    words = np.array([[1, 2, 3, 4, 5], [6, 6, 0, 1, 2]])
    pairs = np.stack([table[words[:, i : i + 2]] for i in range(4)], axis=1)
    maps = np.maximum(np.einsum("ntwd,wdk->ntk", pairs, kernel), 0)
    e = grad_cam(model, words)
    by_hand = maps @ [1, 0.5] / 4
    np.testing.assert_allclose(e.diagnostics["map"], by_hand, atol=1e-12)
    np.testing.assert_allclose(e.values, resized(by_hand, (5,)), atol=1e-12)
    assert e.values.shape == words.shape


@pytest.mark.parametrize("layer", ["last", pytest.param("first", marks=pytest.mark.slow)])
def test_tf_explain_has_the_same_map_once_it_is_not_guided(layer):
    model = functional(cnn((12, 8, 3), seed=3))
    images = np.random.default_rng(7).uniform(size=(6, 12, 8, 3)).astype(np.float32)
    differ = 0
    for c in range(3):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The structure of `inputs`")
            found = GradCAM.get_gradients_and_filters(model, images, layer, c, False)
            guided = GradCAM.get_gradients_and_filters(model, images, layer, c, True)
        # It weighs by the gradient of the probability, and cuts nothing off.
        maps = np.maximum(GradCAM.generate_ponderated_output(*found), 0)
        e = grad_cam(model, images, output=c, output_space="probability", layer=layer)
        assert e.values.max() > 0
        np.testing.assert_allclose(e.diagnostics["map"], maps, rtol=1e-4, atol=1e-7)
        wide = np.stack([cv2.resize(each, (8, 12)) for each in maps])
        np.testing.assert_allclose(e.values.sum(axis=-1), wide, rtol=1e-4, atol=1e-7)
        # Guided, its default, leaves out the gradients below 0 and those of a map at 0 before
        # the mean is taken: other weights, and no choice of ours gives them.
        other = np.maximum(GradCAM.generate_ponderated_output(*guided), 0)
        differ = max(differ, np.abs(other - maps).max() / maps.max())
    assert differ > 0.1

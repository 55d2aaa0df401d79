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


def grad_cam(model, rows, **options):
    return xk.explain(model, rows, method="grad_cam", **options)


def conv2d(filters, size, *, bias=False, **options):
    return keras.layers.Conv2D(filters, size, use_bias=bias, dtype="float64", **options)


def dense(k, **options):
    return keras.layers.Dense(k, use_bias=False, dtype="float64", **options)


def pooled():
    return keras.layers.GlobalAveragePooling2D(dtype="float64")


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

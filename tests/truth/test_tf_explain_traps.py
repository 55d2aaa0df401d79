"""Traps of tf-explain's gradients: each is shown to be there, and ours not to be in it."""

# ruff: noqa: NPY002 - the library draws from the global generator

import inspect
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from tf_explain.core import GradientsInputs, IntegratedGradients, SmoothGrad, VanillaGradients
from tiny_networks import assembled, cnn, linear

import xaikit as xk
from xaikit.networks import functional

SHAPE = (12, 8, 3)
IMAGES = np.random.default_rng(0).uniform(size=(3, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    return functional(cnn(SHAPE))


def of_weights(*columns):
    """A linear network of 3 × 4 pixels and one channel, a class for each array of weights."""
    weights = np.stack(columns, axis=-1)[..., None, :]
    return linear(weights, kind="functional", dtype="float32")


def integrated(model, images, n_steps=10, of_class=0):
    points = IntegratedGradients.generate_interpolations(images, n_steps)
    return IntegratedGradients.get_integrated_gradients(points, model, of_class, n_steps).numpy()


def test_integrated_gradients_are_not_multiplied_by_the_distance():
    weights = np.arange(1.0, 13).reshape(3, 4) / 10
    linear_model = of_weights(weights)
    image = np.random.default_rng(1).uniform(size=(1, 3, 4, 1)).astype(np.float32)
    gap = (weights[..., None] * image).sum()  # f(x) - f(0)
    theirs = integrated(linear_model, image)
    np.testing.assert_allclose(theirs[0, ..., 0], weights, rtol=1e-5)
    assert abs(theirs.sum() - gap) > 1
    assert (theirs * image).sum() == pytest.approx(gap, rel=1e-5)
    assert "baseline" not in inspect.signature(IntegratedGradients.explain).parameters

    for baseline in (None, 0.5):
        ours = xk.explain(linear_model, image, method="integrated_gradients", baseline=baseline)
        assert ours.values.sum() == pytest.approx(
            ours.predictions[0] - ours.base_values[0], rel=1e-5
        )
    np.testing.assert_allclose(
        ours.values[0, ..., 0], weights * (image[0, ..., 0] - 0.5), rtol=1e-4, atol=1e-6
    )


class Cube(keras.layers.Layer):
    def call(self, x):
        return x**3


def test_the_integral_takes_both_ends_whole():
    cube = assembled((1,), [Cube(), keras.layers.Dense(1, kernel_initializer="ones")], "functional")
    one = np.ones((1, 1), np.float32)
    # The mean of 3 α² over α = 0, 1/(n - 1), ..., 1, where the integral is 1: an end counts
    # as much as a point within, so the error falls with n and not with its square.
    for n in (5, 10, 20):
        assert integrated(cube, one, n)[0, 0] == pytest.approx((2 * n - 1) / (2 * n - 2))
        ours = xk.explain(cube, one, method="integrated_gradients", n_steps=n)
        assert ours.values[0, 0] == pytest.approx(1 - 1 / (4 * n**2))


def test_one_step_is_no_number():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        points = IntegratedGradients.generate_interpolations(IMAGES, 1)
    assert np.isnan(points).all()

    ours = xk.explain(
        of_weights(np.ones((3, 4))),
        np.ones((1, 3, 4, 1)),
        method="integrated_gradients",
        n_steps=1,
    )
    np.testing.assert_allclose(ours.values, 1)


def test_the_strongest_pixel_is_not_the_brightest():
    weights = np.arange(1.0, 13).reshape(3, 4) / 10
    linear_model = of_weights(weights)
    image = np.ones((1, 3, 4, 1), np.float32)
    picture = VanillaGradients().explain_score_model((image, None), linear_model, 0)
    assert picture.dtype == np.uint8
    # 255 times a score without bounds, cut down to eight bits.
    assert picture.argmax() != weights.argmax()
    assert picture[2, 3] < picture[0, 2]

    ours = xk.explain(linear_model, image, method="gradient")
    assert ours.values.dtype == float
    np.testing.assert_allclose(ours.values[0, ..., 0], weights, rtol=1e-6)


def test_for_and_against_are_one_picture():
    weights = np.random.default_rng(2).normal(size=(3, 4))
    linear_model = of_weights(weights, -weights)
    image = np.ones((1, 3, 4, 1), np.float32)
    pro, contra = (IntegratedGradients().explain((image, None), linear_model, k) for k in (0, 1))
    np.testing.assert_array_equal(pro, contra)

    pro, contra = (
        xk.explain(linear_model, image, method="integrated_gradients", output=k).values
        for k in (0, 1)
    )
    np.testing.assert_array_equal(pro, -contra)


def test_a_picture_depends_on_the_others_in_its_batch(model):
    alone = IntegratedGradients().explain((IMAGES[:1], None), model, 1)
    beside = IntegratedGradients().explain((IMAGES, None), model, 1)[:12, :8]
    assert (alone != beside).any()

    alone, beside = (
        xk.explain(model, images, method="integrated_gradients", output=1, n_steps=10).values[0]
        for images in (IMAGES[:1], IMAGES)
    )
    np.testing.assert_allclose(alone, beside, rtol=1e-4, atol=1e-9)


def test_smoothgrad_is_the_slope_of_the_loss(model):
    theirs = SmoothGrad.get_averaged_gradients(IMAGES, model, 1, 1).numpy()
    gradient = xk.explain(model, IMAGES, method="gradient", output=1)
    # Of -log p: where the class gains, theirs is negative, and the surer the smaller.
    slope = gradient.values / gradient.predictions[:, None, None, None]
    np.testing.assert_allclose(theirs, -slope, rtol=1e-3, atol=1e-7)

    ours = xk.explain(model, IMAGES, method="smoothgrad", output=1, noise=1e-6, random_state=0)
    np.testing.assert_allclose(ours.values, gradient.values, rtol=1e-2, atol=1e-6)


def test_smoothgrad_of_one_sigmoid_is_nothing():
    layers = [
        keras.layers.Flatten(),
        keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones"),
    ]
    binary = assembled((3, 4, 1), layers, "functional")
    image = np.zeros((1, 3, 4, 1), np.float32)
    # p / p = 1: the loss of a class that is alone is log 1, whatever the network says.
    with pytest.warns(SyntaxWarning, match="num_classes > 1"):  # Keras' own, not tf-explain's
        theirs = SmoothGrad.get_averaged_gradients(image, binary, 0, 1).numpy()
    assert (theirs == 0).all()

    ours = xk.explain(binary, image, method="smoothgrad", noise=1e-6, random_state=0)
    np.testing.assert_allclose(ours.values, 0.25, rtol=1e-5)


def test_smoothgrad_of_scores_is_no_number():
    scores = of_weights(np.ones((3, 4)), -np.ones((3, 4)))
    image = np.ones((1, 3, 4, 1), np.float32)
    assert np.isnan(SmoothGrad.get_averaged_gradients(image, scores, 0, 1).numpy()).all()

    ours = xk.explain(scores, image, method="smoothgrad", output=0, random_state=0, noise=0.1)
    np.testing.assert_allclose(ours.values, 1, rtol=1e-6)


def test_a_class_that_is_not_there_gets_a_picture(model):
    picture = SmoothGrad().explain((IMAGES[:1], None), model, 99, num_samples=1, noise=0.0)
    assert picture.max() > 0

    with pytest.raises(ValueError, match="99"):
        xk.explain(model, IMAGES[:1], method="smoothgrad", output=99, random_state=0)


def test_noise_comes_from_the_global_generator_in_units_of_the_image():
    assert inspect.signature(SmoothGrad.explain).parameters["noise"].default == 1.0
    state = np.random.get_state()
    try:
        noisy = SmoothGrad.generate_noisy_images(IMAGES, 20, 1.0)
        assert np.random.get_state()[2] != state[2]
    finally:
        np.random.set_state(state)
    # Of an image from 0 to 1, two pixels in three leave the range.
    assert ((noisy < 0) | (noisy > 1)).mean() > 0.6

    linear_model = of_weights(np.ones((3, 4)))
    for seed in (0, 0, 1):
        xk.explain(linear_model, IMAGES[:, :3, :4, :1], method="smoothgrad", random_state=seed)
    assert (np.random.get_state()[1] == state[1]).all()
    assert np.random.get_state()[2] == state[2]


def test_how_the_softmax_is_written_decides_what_is_explained(model):
    *body, last = cnn(SHAPE).layers
    apart = keras.layers.Dense(3)
    written = functional(assembled(SHAPE, [*body, apart, keras.layers.Softmax()]))
    apart.set_weights(last.get_weights())
    for layer in body[:2]:
        layer.set_weights(model.get_layer(layer.name).get_weights())
    np.testing.assert_allclose(written(IMAGES), model(IMAGES), rtol=1e-5)

    with pytest.warns(UserWarning, match="Unsupported model architecture"):
        same = VanillaGradients().get_score_model(model)
    assert same is model  # the slope of the probability
    within = VanillaGradients.compute_gradients(IMAGES, same, 1).numpy()
    score = VanillaGradients().get_score_model(written)  # the slope of the score
    beside = VanillaGradients.compute_gradients(IMAGES, score, 1).numpy()
    assert np.abs(within).max() < 0.5 * np.abs(beside).max()

    for space, theirs in (("probability", within), ("score", beside)):
        for network in (model, written):
            ours = xk.explain(network, IMAGES, method="gradient", output=1, output_space=space)
            assert ours.output_space == space
            np.testing.assert_allclose(ours.values, theirs, rtol=1e-3, atol=1e-7)


class Counted(keras.layers.Layer):
    """Passes its input on, and counts the calls in Python: those of a trace."""

    calls = 0

    def call(self, x):
        Counted.calls += 1
        return x


def test_each_class_is_compiled_anew():
    counted = functional(assembled(SHAPE, [Counted(), *cnn(SHAPE).layers]))
    points = IntegratedGradients.generate_interpolations(IMAGES, 3)

    def theirs(k):
        IntegratedGradients.get_integrated_gradients(points, counted, k, 3)

    def ours(k):
        xk.explain(counted, IMAGES, method="integrated_gradients", output=k, n_steps=3)

    def compiled(explain, classes):
        before = Counted.calls
        for k in classes:
            explain(k)
        return Counted.calls - before

    assert compiled(theirs, range(3)) == 3
    assert compiled(theirs, map(tf.constant, range(3))) == 1  # the way round it
    ours(0)
    assert compiled(ours, range(3)) == 0


def test_gradients_times_inputs_say_nothing_of_what_is_black():
    linear_model = of_weights(np.ones((3, 4)))
    black = np.zeros((1, 3, 4, 1), np.float32)
    assert (GradientsInputs.compute_gradients(black, linear_model, 0).numpy() == 0).all()

    ours = xk.explain(linear_model, black, method="gradient_x_input", baseline=1.0)
    np.testing.assert_allclose(ours.values, -1, rtol=1e-6)

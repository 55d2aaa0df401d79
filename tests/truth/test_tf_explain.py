"""tf-explain beside ours: which of its methods run on Keras 3, and where both agree.

Agreement is of the numbers before they become pictures.
"""

import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from tf_explain import callbacks, core
from tiny_networks import assembled, cnn

import xaikit as xk
from xaikit.networks import functional

pytestmark = pytest.mark.slow

SHAPE = (12, 8, 3)
IMAGES = np.random.default_rng(0).uniform(size=(2, *SHAPE)).astype(np.float32)
LABELS = np.array([0, 2])

# What to say after the images and the model. A method that needs a layer needs its name.
CALLS = {
    "ExtractActivations": (["last"],),
    "GradCAM": (1, "last"),
    "GradientsInputs": (1,),
    "IntegratedGradients": (1,),
    "OcclusionSensitivity": (1, 4),
    "SmoothGrad": (1,),
    "VanillaGradients": (1,),
}
ASK_FOR_THE_OUTPUT = ("GradCAM", "SmoothGrad")
SAID = {
    "GradCAM": "The structure of `inputs` doesn't match",
    "GradientsInputs": "Unsupported model architecture",
    "VanillaGradients": "Unsupported model architecture",
}


@pytest.fixture(scope="module")
def model():
    return functional(cnn(SHAPE))


def explained(method, model):
    """The picture, and the first line of each warning."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        picture = getattr(core, method)().explain((IMAGES, None), model, *CALLS[method])
    return picture, [str(w.message) for w in said if w.category is UserWarning]


def test_the_table_has_every_method():
    assert set(CALLS) == set(core.__all__)


@pytest.mark.parametrize("method", CALLS)
def test_every_method_runs_on_a_functional_model_of_a_sequential_one(method, model):
    picture, said = explained(method, model)
    assert picture.dtype == np.uint8
    assert np.ptp(picture) > 0
    # What a chapter has to expect on its error output.
    assert len(said) == (method in SAID)
    assert all(SAID[method] in message for message in said)


@pytest.mark.parametrize("method", CALLS)
def test_on_a_sequential_model_those_fail_that_ask_for_its_output(method, model):
    if method in ASK_FOR_THE_OUTPUT:
        with pytest.raises(AttributeError, match="has never been called"):
            explained(method, cnn(SHAPE))
        return
    picture, _ = explained(method, cnn(SHAPE))
    np.testing.assert_array_equal(picture, explained(method, model)[0])


def test_activations_are_given_of_one_layer_at_a_time(model):
    with pytest.raises(AttributeError, match="'list' object"):
        core.ExtractActivations().explain((IMAGES, None), model, ["first", "last"])


def callbacks_for(folder, names=CALLS):
    made = []
    for name in names:
        callback = name.replace("ExtractActivations", "ActivationsVisualization") + "Callback"
        more = CALLS[name]
        made.append(getattr(callbacks, callback)((IMAGES, None), *more, output_dir=folder))
    return made


@pytest.fixture
def written(monkeypatch):
    """The pictures that are handed to TensorBoard, which is not installed."""
    found = {}

    def image(name, data, step):
        found.setdefault(name, []).append((step, np.asarray(data)))

    monkeypatch.setattr(tf.summary, "image", image)
    return found


def fit(model, *called):
    model.compile(keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy")
    model.fit(IMAGES, LABELS, epochs=2, shuffle=False, verbose=0, callbacks=list(called))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The structure:UserWarning", "ignore:Unsupported:UserWarning")
def test_every_callback_runs_on_a_functional_model_of_a_sequential_one(tmp_path, written):
    fit(functional(cnn(SHAPE)), *callbacks_for(tmp_path))
    assert len(written) == len(CALLS) == len(callbacks.__all__)
    for pictures in written.values():
        assert [step for step, _ in pictures] == [0, 1]
        assert all(picture.dtype == np.uint8 for _, picture in pictures)


@pytest.mark.parametrize("name", ASK_FOR_THE_OUTPUT)
def test_on_a_sequential_model_those_callbacks_end_the_training(tmp_path, written, name):
    with pytest.raises(AttributeError, match="has never been called"):
        fit(cnn(SHAPE), *callbacks_for(tmp_path, [name]))


def test_without_tensorboard_no_callback_writes(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.setitem(sys.modules, "tensorboard.summary.v2", None)
    with pytest.raises(Exception, match="TensorBoard is not installed"):
        fit(functional(cnn(SHAPE)), *callbacks_for(tmp_path, ["IntegratedGradients"]))


def test_explaining_while_it_learns_needs_no_callback_of_theirs():
    model, pictures, values = functional(cnn(SHAPE)), [], []

    def look(epoch, logs):
        drawn = core.SmoothGrad().explain((IMAGES, None), model, tf.constant(1), noise=0.0)
        pictures.append(drawn)
        values.append(xk.explain(model, IMAGES, method="gradient", output=1).values)

    fit(model, keras.callbacks.LambdaCallback(on_epoch_end=look))
    assert len(pictures) == len(values) == 2
    assert (pictures[0] != pictures[1]).any()
    # Compiled once, and still of the weights as they are at the time.
    assert np.abs(values[0] - values[1]).max() > 1e-3 * np.abs(values[1]).max()
    after = xk.explain(model, IMAGES, method="gradient", output=1)
    np.testing.assert_array_equal(values[1], after.values)


def test_gradients_agree(model):
    theirs = core.VanillaGradients.compute_gradients(IMAGES, model, 1).numpy()
    assert np.abs(theirs).max() > 1e-4
    ours = xk.explain(model, IMAGES, method="gradient", output=1)
    np.testing.assert_allclose(ours.values, theirs, rtol=1e-4, atol=1e-8)

    theirs = core.GradientsInputs.compute_gradients(IMAGES, model, 1).numpy()
    ours = xk.explain(model, IMAGES, method="gradient_x_input", output=1)
    np.testing.assert_allclose(ours.values, theirs, rtol=1e-4, atol=1e-8)


def test_integrated_gradients_agree_at_the_same_points(model):
    steps = 7
    middles = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    points = (IMAGES[:, None] * middles[:, None, None, None]).reshape(-1, *SHAPE)
    slope = core.IntegratedGradients.get_integrated_gradients(points, model, 1, steps).numpy()
    ours = xk.explain(model, IMAGES, method="integrated_gradients", output=1, n_steps=steps)
    np.testing.assert_allclose(ours.values, slope * IMAGES, rtol=1e-4, atol=1e-8)


def test_integrated_gradients_agree_in_the_limit():
    # Smooth throughout, so that the error of their rule is of one order only.
    small = keras.initializers.Constant(0.05)
    smooth = [
        keras.layers.Conv2D(2, 3, activation="tanh", kernel_initializer=small),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, activation="softmax", kernel_initializer="identity"),
    ]
    model = assembled(SHAPE, smooth, "functional")
    ours = xk.explain(model, IMAGES, method="integrated_gradients", output=1, n_steps=200).values

    def error(steps):
        points = core.IntegratedGradients.generate_interpolations(IMAGES, steps)
        theirs = core.IntegratedGradients.get_integrated_gradients(points, model, 1, steps)
        return np.abs(theirs.numpy() * IMAGES - ours).max() / np.abs(ours).max()

    assert error(100) < 0.02
    # Half the error for twice the steps: their points are not those of a trapezoid.
    assert 1.7 < error(25) / error(50) < 2.3


def test_smoothgrad_agrees_at_the_same_noise(model):
    noisy = core.SmoothGrad.generate_noisy_images(IMAGES, 5, 0.0)
    noisy = noisy + np.random.default_rng(1).normal(0, 0.1, noisy.shape).astype(np.float32)
    theirs = core.SmoothGrad.get_averaged_gradients(noisy, model, 1, 5).numpy()
    ours = xk.explain(model, noisy, method="gradient", output=1)
    of_loss = -ours.values / ours.predictions[:, None, None, None]
    np.testing.assert_allclose(
        of_loss.reshape(2, 5, *SHAPE).mean(axis=1), theirs, rtol=1e-3, atol=1e-7
    )


@pytest.mark.filterwarnings("ignore:The structure:UserWarning")
def test_plain_grad_cam_agrees(model):
    outputs, gradients = core.GradCAM.get_gradients_and_filters(
        model, IMAGES, "last", 1, use_guided_grads=False
    )
    maps = np.stack(core.GradCAM.generate_ponderated_output(outputs, gradients))
    ours = xk.explain(model, IMAGES, method="grad_cam", output=1, output_space="probability")
    assert maps.min() < 0 < maps.max()
    np.testing.assert_allclose(ours.diagnostics["map"], np.maximum(maps, 0), rtol=1e-4, atol=1e-8)


def test_occlusion_agrees_on_a_square_pixel_by_pixel():
    square = functional(cnn((6, 6, 1)))
    image = np.random.default_rng(2).uniform(size=(6, 6, 1)).astype(np.float32)
    theirs = core.OcclusionSensitivity().get_sensitivity_map(square, image, 1, 1)
    ours = xk.explain(square, image[None], method="occlusion", output=1, patch_size=1, fill=127.5)
    np.testing.assert_allclose(
        ours.predictions[0] - ours.values[0, ..., 0], 1 - theirs, rtol=1e-4, atol=1e-7
    )

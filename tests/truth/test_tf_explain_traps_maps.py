"""Traps of tf-explain's Grad-CAM and occlusion: each is there, and ours not in it."""

import inspect
import warnings

import keras
import numpy as np
import pytest
from tf_explain.core import GradCAM, OcclusionSensitivity
from tiny_networks import assembled, cnn, linear

import xaikit as xk
from xaikit.networks import functional

SHAPE = (12, 8, 3)
IMAGES = np.random.default_rng(0).uniform(size=(2, *SHAPE)).astype(np.float32)


@pytest.fixture(autouse=True)
def no_warning_of_structure():
    # Grad-CAM hands Keras a list in a list; see test_tf_explain.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The structure of `inputs`")
        yield


@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_the_layer_is_never_found_by_itself(kind):
    model = cnn(SHAPE, kind=kind)
    with pytest.raises(AttributeError, match="output_shape"):
        GradCAM().explain((IMAGES, None), model, 1)
    # The call that works.
    assert GradCAM().explain((IMAGES, None), functional(model), 1, "last").dtype == np.uint8

    e = xk.explain(model, IMAGES, method="grad_cam", output=1)
    assert "'last'" in e.why


@pytest.mark.parametrize("how", ["one by one", "used before"])
def test_layers_that_were_called_before_are_taken_for_others(how):
    parts = [
        keras.layers.Conv2D(2, 3, activation="relu", name="last", kernel_initializer="ones"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, activation="softmax", kernel_initializer="identity"),
    ]
    model = keras.Sequential([keras.Input(SHAPE)])
    if how == "used before":
        parts[0](keras.Input(SHAPE))
    for part in parts:
        model.add(part)
    # A functional model alone is not enough.
    plain = keras.Model(model.inputs[0], model.outputs[0])
    error, words = CALLED[how]
    with pytest.raises(error, match=words):
        GradCAM().explain((IMAGES, None), plain, 1, "last")

    drawn = GradCAM().explain((IMAGES, None), functional(model), 1, "last", image_weight=0.0)
    assert np.ptp(drawn) > 0
    assert xk.explain(model, IMAGES, method="grad_cam", output=1).values.any()


CALLED = {"one by one": (TypeError, "NoneType"), "used before": (ValueError, "not connected")}


def of_maps(*weights):
    """A network whose maps are the image's channels, and whose output weighs their means."""
    k = len(weights)
    pick = keras.layers.Conv2D(k, 1, use_bias=False, activation="relu", name="maps")
    weigh = keras.layers.Dense(1, use_bias=False)
    model = assembled((4, 4, k), [pick, keras.layers.GlobalAveragePooling2D(), weigh], "functional")
    pick.set_weights([np.eye(k, dtype=np.float32)[None, None]])
    weigh.set_weights([np.array(weights, dtype=np.float32)[:, None]])
    return model


def their_map(model, image, **options):
    outputs, gradients = GradCAM.get_gradients_and_filters(model, image, "maps", 0, **options)
    return GradCAM.generate_ponderated_output(outputs, gradients)[0].numpy()


def test_what_speaks_against_is_left_out_of_the_weights_and_stays_in_the_map():
    assert inspect.signature(GradCAM.explain).parameters["use_guided_grads"].default is True
    model, image = of_maps(1.0, -2.0), np.zeros((1, 4, 4, 2), np.float32)
    image[0, :2, :, 0] = 1  # the first map has the upper half, the second the left one
    image[0, :, :2, 1] = 1
    plain = (image[0, ..., 0] - 2 * image[0, ..., 1]) / 16  # w: the mean of a gradient of 1/16

    guided = their_map(model, image, use_guided_grads=True)
    np.testing.assert_allclose(guided, image[0, ..., 0] / 32)  # half the gradients: x > 0
    assert guided[0, 0] > 0 > plain[0, 0]  # where the second speaks against it
    unguided = their_map(model, image, use_guided_grads=False)
    np.testing.assert_allclose(unguided, plain)
    assert unguided.min() < 0  # no ReLU

    ours = xk.explain(model, image, method="grad_cam")
    np.testing.assert_allclose(ours.values[0].sum(axis=-1), np.maximum(plain, 0))


def test_a_map_of_nothing_for_it_is_as_bright_as_any():
    image = np.random.default_rng(1).uniform(size=(1, 4, 4, 1)).astype(np.float32)
    pictures = {}
    for weight in (1e-3, 1.0, -1.0):
        model = of_maps(weight)
        pictures[weight] = GradCAM().explain(
            (image, None), model, 0, "maps", use_guided_grads=False, image_weight=0.0
        )
        # From the map's least to its largest, whatever they are.
        assert np.ptp(pictures[weight][..., 1]) > 150
        ours = xk.explain(model, image, method="grad_cam").values
        np.testing.assert_allclose(ours, max(weight, 0) * image / 16, rtol=1e-5)
    np.testing.assert_array_equal(pictures[1e-3], pictures[1.0])
    # And guided, the default: nothing is left, which is divided by nothing.
    with pytest.warns(RuntimeWarning, match="invalid value"):
        GradCAM().explain((image, None), of_maps(-1.0), 0, "maps")


def reading(shape, place):
    """A network that reads the mean over one place of an image, and nothing else."""
    weights = np.zeros((*shape, 1))
    weights[place] = 1 / weights[place].size
    return linear(weights, kind="functional", dtype="float32")


def quiet_map(model, image, patch_size, capsys):
    found = OcclusionSensitivity().get_sensitivity_map(model, image, 0, patch_size)
    assert "step" in capsys.readouterr().out  # the bar that Keras draws
    return found


@pytest.mark.parametrize(
    ("shape", "place"), [((12, 8, 3), np.s_[8:, :4]), ((8, 12, 3), np.s_[:4, 8:])]
)
def test_maps_of_images_that_are_not_square_are_transposed(shape, place, capsys):
    model, image = reading(shape, place), np.ones(shape, np.float32)
    theirs = quiet_map(model, image, 4, capsys)
    assert theirs.shape == (shape[1], shape[0])
    # What lies beyond the shorter side is never covered: the place that counts has no say.
    assert (theirs == 0).all()

    e = xk.explain(model, image[None], method="occlusion", patch_size=4)
    assert e.values.shape == (1, *shape)
    assert e.values[0][place].sum() == pytest.approx(1)
    assert np.abs(e.values).sum() == pytest.approx(1)
    assert capsys.readouterr().out == ""


def test_an_image_from_0_to_1_is_covered_with_127(capsys):
    shape, place = (8, 8, 1), np.s_[4:, :4]
    model, image = reading(shape, place), np.full(shape, 0.25, np.float32)
    theirs = quiet_map(model, image, 4, capsys)
    # 1 - f(covered): where covering is told apart, it says that the patch is worth -126.5.
    assert theirs[-1, 0] == pytest.approx(1 - 127.5)
    # Where nothing is read it is 1 - f(x), and not 0.
    assert theirs[0, -1] == pytest.approx(1 - 0.25)

    ours = xk.explain(model, image[None], method="occlusion", patch_size=4)
    assert ours.values[0][place].sum() == pytest.approx(0.25)
    assert ours.values.sum() == pytest.approx(0.25)

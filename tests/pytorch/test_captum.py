"""The numbers of captum, where it computes the same; and where it does not, which are right."""

import numpy as np
import pytest
import torch
from captum import attr
from tiny_torch import cnn, of_words, pictures

import xaikit as xk

RNG = np.random.default_rng(0)
IMAGES = pictures(RNG.normal(size=(4, 12, 8, 2))).astype(np.float32)
START = pictures(RNG.normal(size=(4, 12, 8, 2))).astype(np.float32)
X, BASE = torch.tensor(IMAGES), torch.tensor(START)
# Within float32.
CLOSE = {"rtol": 1e-4, "atol": 1e-7}


@pytest.fixture(scope="module")
def model():
    return cnn((12, 8, 2)).eval()


def explained(model, method, rows=IMAGES, **options):
    return xk.explain(model, rows, method=method, **({"output": 2} | options))


def numbers(tensor):
    return tensor.detach().numpy()


def test_gradients(model):
    theirs = attr.Saliency(model).attribute(X.clone().requires_grad_(), target=2, abs=False)
    np.testing.assert_allclose(explained(model, "gradient").values, numbers(theirs), **CLOSE)


def test_gradient_times_input(model):
    theirs = attr.InputXGradient(model).attribute(X.clone().requires_grad_(), target=2)
    found = explained(model, "gradient_x_input").values
    np.testing.assert_allclose(found, numbers(theirs), **CLOSE)


@pytest.mark.parametrize("n_steps", [5, 48])
def test_integrated_gradients_by_the_same_rule_and_steps(model, n_steps):
    theirs = attr.IntegratedGradients(model).attribute(
        X, BASE, target=2, n_steps=n_steps, method="riemann_middle"
    )
    e = explained(model, "integrated_gradients", baseline=START, n_steps=n_steps)
    np.testing.assert_allclose(e.values, numbers(theirs), **CLOSE)
    # A rule at the left ends of the steps gives others.
    left = attr.IntegratedGradients(model).attribute(
        X, BASE, target=2, n_steps=n_steps, method="riemann_left"
    )
    assert np.abs(e.values - numbers(left)).max() > 1e-5


@pytest.mark.parametrize("layer", ["first", "last", "relu2"])
def test_grad_cam(model, layer):
    theirs = attr.LayerGradCam(model, getattr(model, layer)).attribute(
        X, target=2, relu_attributions=True
    )
    e = explained(model, "grad_cam", output_space="probability", layer=layer)
    if layer != "relu2":
        # captum weighs the maps of a convolution that the ReLU behind it has changed in place.
        model = cnn((12, 8, 2))
        for name in ("relu", "relu2"):
            setattr(model, name, torch.nn.ReLU())
        theirs = attr.LayerGradCam(model, getattr(model, layer)).attribute(
            X, target=2, relu_attributions=True
        )
    np.testing.assert_allclose(e.diagnostics["map"], numbers(theirs)[:, 0], **CLOSE)
    assert e.diagnostics["map"].max() > 0


def test_a_layer_that_is_changed_in_place_afterwards(model):
    # The maps of a convolution are what it returned, whatever a ReLU made of them later.
    apart = cnn((12, 8, 2))
    apart.relu, apart.relu2 = torch.nn.ReLU(), torch.nn.ReLU()
    for layer in ("first", "last"):
        here, there = (explained(m, "grad_cam", layer=layer) for m in (model, apart))
        np.testing.assert_array_equal(here.values, there.values)


@pytest.mark.parametrize("size", [(4, 2), (3, 4)])
def test_occlusion(model, size):
    theirs = attr.Occlusion(model).attribute(
        X, (2, *size), strides=(2, *size), baselines=0.25, target=2
    )
    e = explained(model, "occlusion", patch_size=size, fill=0.25)
    # captum gives each number the whole cost of its patch, and we its share.
    shares = 2 * size[0] * size[1]
    np.testing.assert_allclose(e.values * shares, numbers(theirs), rtol=1e-3, atol=1e-6)


def test_smoothgrad_on_the_same_noise(model, monkeypatch):
    # captum draws noise of one size; of rows of one range the two are the same on average.
    rows = np.clip(IMAGES, -1, 1)
    rows[:, 0, 0, :2] = [-1, 1]
    tunnel = attr.NoiseTunnel(attr.Saliency(model))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = tunnel.attribute(
            torch.tensor(rows), nt_type="smoothgrad", nt_samples=400, stdevs=0.2, target=2,
            abs=False, nt_samples_batch_size=50,
        )  # fmt: skip
    e = explained(model, "smoothgrad", rows, n_samples=400, noise=0.1, random_state=0)
    plain = explained(model, "gradient", rows).values
    off = np.abs(e.values - numbers(theirs)).mean()
    assert off < 0.2 * np.abs(plain - numbers(theirs)).mean()


def test_words():
    model = of_words().eval()
    words = np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2]])
    by_layer = attr.LayerIntegratedGradients(model, model.words)
    theirs = by_layer.attribute(
        torch.tensor(words), torch.where(torch.tensor(words) > 0, 1, 0), target=0, n_steps=48,
        method="riemann_middle",
    )  # fmt: skip
    # Its baseline is run as words of its own, so where the module masks word 0 it must be another
    # word; ours moves the vectors alone. From word 1 they are the same path.
    e = xk.explain(
        model, words, method="integrated_gradients", baseline=np.where(words > 0, 1, 0), n_steps=48,
        output_space="probability",
    )  # fmt: skip
    np.testing.assert_allclose(e.values, numbers(theirs).sum(-1), **CLOSE)
    assert (e.values[0, 3:] == 0).all()

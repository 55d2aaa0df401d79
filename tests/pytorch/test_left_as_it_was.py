"""What a module and PyTorch are before a call they are after it, whatever happens in between."""

import random

import numpy as np
import pytest
import torch
from tiny_torch import cnn, of_words
from torch import nn

import xaikit as xk
from xaikit.models.describe import describe

RNG = np.random.default_rng(0)
METHODS = ("gradient", "gradient_x_input", "integrated_gradients", "smoothgrad", "occlusion")


class Busy(nn.Module):
    """Dropout, statistics, a frozen layer, and things changed in place."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
        self.drop, self.last = nn.Dropout(0.5), nn.Linear(4, 2)
        self.conv.weight.requires_grad_(False)
        self.fails = False

    def forward(self, x):
        x.add_(0.25)
        x = nn.functional.relu_(self.norm(self.conv(x)))
        if self.fails:
            raise RuntimeError("this module fails")
        return self.last(self.drop(x.mean(dim=(2, 3))))


@pytest.fixture
def busy():
    model = Busy().train()
    model.drop.eval()  # a mixed state
    model(torch.randn(8, 1, 9, 7)).sum().backward()
    return model


def state(model):
    """Everything that a call could leave changed."""
    found = {name: value.clone() for name, value in model.state_dict().items()}
    for name, parameter in model.named_parameters():
        gradient = parameter.grad
        found[f"grad of {name}"] = None if gradient is None else gradient.clone()
        found[f"flag of {name}"] = parameter.requires_grad
    for name, module in model.named_modules():
        found[f"mode of {name}"] = module.training
        found[f"hooks of {name}"] = len(module._forward_hooks) + len(module._forward_pre_hooks)
    found["torch"] = torch.random.get_rng_state()
    found["numpy"] = torch.tensor(np.random.get_state()[1].astype(np.int64))  # noqa: NPY002 (what must not change)
    found["python"] = random.getstate()
    found["gradients"] = torch.is_grad_enabled()
    return found


def assert_same(before, after):
    assert before.keys() == after.keys()
    for name, value in before.items():
        same = torch.equal(value, after[name]) if torch.is_tensor(value) else value == after[name]
        assert same, name


@pytest.mark.parametrize("method", [*METHODS, "grad_cam"])
def test_a_module_in_training_is_left_so(busy, method):
    X = RNG.normal(size=(3, 1, 9, 7)).astype(np.float32)
    kept, before = X.copy(), state(busy)
    e = xk.explain(busy, X, method=method, output=1, random_state=0)
    assert_same(before, state(busy))
    np.testing.assert_array_equal(X, kept)
    np.testing.assert_array_equal(e.data, kept)
    # Asked as in use: without dropout, on the statistics that it has learned.
    busy.eval()
    with torch.no_grad():
        own = busy(torch.tensor(X))[:, 1].numpy()
    np.testing.assert_allclose(e.predictions, own, rtol=1e-5)


@pytest.mark.parametrize("when", ["described", "explained"])
def test_a_failure_puts_everything_back(busy, when):
    X = RNG.normal(size=(3, 1, 9, 7)).astype(np.float32)
    network = describe(busy, X).network
    busy.fails = True
    before = state(busy)
    ask = {
        "described": lambda: xk.explain(busy, X, method="gradient", output=1),
        "explained": lambda: network.maps(X, 0, "prediction", None),
    }[when]
    with pytest.raises((RuntimeError, ValueError), match="this module fails"):
        ask()
    assert_same(before, state(busy))


@pytest.mark.parametrize("method", METHODS)
def test_words_too(method):
    model = of_words().train()
    before = state(model)
    options = {"fill": 1} if method == "occlusion" else {}
    xk.explain(model, RNG.integers(1, 7, (3, 5)), method=method, random_state=0, **options)
    assert_same(before, state(model))


def test_the_randomisation_check():
    model, X = cnn().train(), RNG.normal(size=(2, 1, 12, 8))
    before = state(model)
    xk.evaluate.randomisation(
        model, lambda m: xk.explain(m, X, method="gradient", output=0), random_state=0
    )
    assert_same(before, state(model))


@pytest.mark.parametrize("around", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_whichever_gradient_mode_the_caller_is_in(around):
    model, X = cnn(), RNG.normal(size=(2, 1, 12, 8))
    want = xk.explain(model, X, method="gradient", output=0).values
    with around():
        enabled, inference = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        found = xk.explain(model, X, method="gradient", output=0).values
        assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == (enabled, inference)
    np.testing.assert_array_equal(found, want)


def test_a_module_that_draws_takes_nothing_off_the_generator():
    class Noisy(nn.Module):
        def forward(self, x):
            return (x * torch.rand(())).sum(1)

    state_before = torch.random.get_rng_state()
    xk.explain(Noisy(), [[1.0, 2.0]], method="gradient")
    assert torch.equal(state_before, torch.random.get_rng_state())


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_the_types_of_number(kind):
    model, X = cnn().to(kind), RNG.normal(size=(2, 1, 12, 8))
    want = xk.explain(cnn().double(), X, method="integrated_gradients", output=1, n_steps=16)
    found = xk.explain(model, X, method="integrated_gradients", output=1, n_steps=16)
    assert all(parameter.dtype == kind for parameter in model.parameters())
    assert found.values.dtype == found.predictions.dtype == np.float64
    near = {torch.float64: 1e-3, torch.float32: 1e-3, torch.bfloat16: 0.2, torch.float16: 0.05}
    error = np.abs(found.values - want.values).max() / np.abs(want.values).max()
    assert error < near[kind]

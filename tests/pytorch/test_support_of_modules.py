"""What the reference says of PyTorch: the methods that take a Keras network take a module too."""

import numpy as np
import pytest
import torch
from torch import nn

from tools.support import N, numbers, outcome
from xaikit.methods.registry import all_methods

RNG = np.random.default_rng(0)
GRADIENTS = {"gradient": "yes", "gradient_x_input": "yes", "smoothgrad": "estimate"}
GRADIENTS |= {"integrated_gradients": "estimate"}
# As `tests/models/test_support.py` has it of Keras.
TABLES = {"exact_shapley": "exact", "kernel_shap": "estimate", "lime": "estimate"}


def last(width):
    return [nn.Linear(width, 2), nn.Softmax(dim=1)]


class Pooled(nn.Module):
    def forward(self, x):
        return x.mean(dim=2)


class Turned(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


CASES = {
    "tables": (
        lambda: [nn.Linear(3, 4), nn.ReLU(), *last(4)],
        numbers().to_numpy(),
        TABLES | GRADIENTS | {"occlusion": "yes"},
    ),
    "images": (
        lambda: [nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), *last(4)],
        RNG.uniform(size=(N, 1, 8, 8)).astype(np.float32),
        GRADIENTS | {"grad_cam": "yes", "occlusion": "yes"},
    ),
    "words": (
        lambda: [nn.Embedding(10, 4), Turned(), nn.Conv1d(4, 4, 2), Pooled(), *last(4)],
        RNG.integers(0, 10, size=(N, 6)),
        GRADIENTS | {"grad_cam": "yes", "occlusion": "yes"},
    ),
}


@pytest.mark.parametrize("rows", CASES)
def test_the_methods_that_take_a_module(rows):
    make, X, told = CASES[rows]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(*make())
    names = {method.name for method in all_methods()}
    found = {name: how for name in names if (how := outcome(model, X, name)) != "–"}
    assert found == told

"""A module is looked at once, and again as soon as anything about it or its rows is another."""

import gc
import weakref

import numpy as np
import pytest
import torch
from torch import nn

from xaikit.models.describe import describe

ROWS = np.random.default_rng(0).uniform(size=(3, 4)).astype(np.float32)


class Counted(nn.Module):
    """Tells how often it ran; what it does follows from settings of several kinds."""

    runs = 0

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(4, 3), nn.Softmax(dim=1)
        self.ends, self.config, self.steps = True, {"ends": [True]}, nn.ModuleList()

    def forward(self, x):
        Counted.runs += 1
        x = self.first(x)
        for step in self.steps:
            x = step(x)
        return self.last(x) if self.ends and self.config["ends"][0] else x


def runs_of(model, rows=ROWS):
    before = Counted.runs
    describe(model, rows)
    return Counted.runs - before


@pytest.fixture
def model():
    made = Counted()
    assert runs_of(made) > 0
    return made


def test_what_was_seen_is_remembered(model):
    assert runs_of(model) == 0
    assert runs_of(model, ROWS.copy()) == 0
    with torch.no_grad():
        model.first.weight.add_(1.0)
    assert runs_of(model) == 0
    assert describe(model, ROWS).default_space == "probability"


def _other_class(model):
    class Other(Counted):
        def forward(self, x):
            return self.first(super().forward(x)[:, :1].expand(-1, 4))

    model.__class__ = Other


CHANGES = {
    "setting": lambda model: setattr(model, "ends", False),
    "setting in a list": lambda model: model.config["ends"].__setitem__(0, False),
    "layer": lambda model: setattr(model, "last", nn.Identity()),
    "layer added": lambda model: model.steps.append(nn.Linear(3, 5)),
    "setting of a layer": lambda model: setattr(model.last, "dim", 0),
    "weights of another type": lambda model: model.double(),
    "other weights": lambda model: setattr(model.first, "weight", nn.Parameter(torch.ones(2, 4))),
    "hook": lambda model: model.register_forward_hook(lambda *_: torch.ones(1, 2)),
    "hook before": lambda model: model.last.register_forward_pre_hook(lambda *_: None),
    "forward of its own": lambda model: setattr(model, "forward", model.first.forward),
    "class": _other_class,
    "mode": lambda model: model.eval(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_module_that_was_changed_is_looked_at_again(model, name):
    CHANGES[name](model)
    before = Counted.runs
    try:
        described = describe(model, ROWS)
    except ValueError:
        described = None
    if name == "forward of its own":
        assert described.default_space == "prediction"
    else:
        assert Counted.runs > before


def test_other_rows_are_looked_at(model):
    assert runs_of(model, ROWS[::-1]) > 0
    assert runs_of(model, ROWS.astype(np.float64)) > 0
    assert runs_of(model, ROWS[:1]) > 0


def test_it_is_not_kept_alive():
    model = Counted()
    describe(model, ROWS)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None

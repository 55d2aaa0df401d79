"""A copy of a module whose layers can be drawn anew, one at a time, and put back."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
import torch

from xaikit.core.checks import first_line
from xaikit.models.adapters.torch.state import undisturbed


class Part(NamedTuple):
    """A layer with weights of its own: its name, these as trained, and as drawn."""

    name: str
    weights: list[Any]
    trained: list[Any]
    new: list[Any]


class RedrawnTorch:
    """A copy of a module, its layers with weights, and new weights for each of them."""

    def __init__(self, module: Any, rng: np.random.Generator) -> None:
        try:
            self.model = copy.deepcopy(module)
        except Exception as error:  # whatever a module of somebody's own raises
            raise ValueError(
                f"model must be one that copy.deepcopy can copy; got {type(module).__name__}, of "
                f"which it says: {first_line(error)}"
            ) from error
        with undisturbed(self.model):
            self._parts = _parts(self.model, rng)
        if not self._parts:
            raise ValueError(
                f"model must have layers with weights; got none in {type(module).__name__!r}."
            )
        self.layers = tuple(part.name for part in self._parts)

    def draw(self, layer: int) -> None:
        """Give a layer of the copy its new weights."""
        _assign(self._parts[layer], self._parts[layer].new)

    def restore(self, layer: int) -> None:
        """Give a layer of the copy the weights that it was trained to."""
        _assign(self._parts[layer], self._parts[layer].trained)


def _assign(part: Part, values: list[Any]) -> None:
    with torch.inference_mode(False), torch.no_grad():
        for weight, value in zip(part.weights, values, strict=True):
            weight.copy_(value)


def _parts(module: Any, rng: np.random.Generator) -> list[Part]:
    """Return the layers that have weights of their own, the last that was made first."""
    taken: set[int] = set()
    found = []
    for name, layer in module.named_modules():
        own = {**layer._parameters, **layer._buffers}
        # Weights that several layers share belong to the first.
        weights = {
            key: weight
            for key, weight in own.items()
            if weight is not None and id(weight) not in taken
        }
        taken |= set(map(id, weights.values()))
        if any(isinstance(weight, torch.nn.Parameter) for weight in weights.values()):
            new = _drawn(layer, list(weights), rng)
            kept = [weight.detach().clone() for weight in weights.values()]
            found.append(Part(name or type(module).__name__, list(weights.values()), kept, new))
    return found[::-1]


def _drawn(layer: Any, keys: list[str], rng: np.random.Generator) -> list[Any]:
    """Return new weights: as the layer draws them itself, else normal of the trained size.

    The latter too for kernels that come back the same, as those that begin as constants do.
    """
    one, other = (_reset(layer, int(rng.integers(2**63))) for _ in range(2))
    new = []
    for key in keys:
        trained = getattr(layer, key).detach()
        drawn = None if one is None or other is None else getattr(one, key).detach()
        same = drawn is not None and torch.equal(drawn, getattr(other, key))
        is_weight = isinstance(getattr(layer, key), torch.nn.Parameter)
        if is_weight and (drawn is None or (same and trained.ndim >= 2)):
            size = float(trained.cpu().double().square().mean().sqrt())
            numbers = size * rng.standard_normal(tuple(trained.shape))
            drawn = torch.as_tensor(numbers).to(trained)
        new.append(trained.clone() if drawn is None else drawn.to(trained))
    return new


def _reset(layer: Any, seed: int) -> Any:
    """Return a copy of a layer with weights as before a training; None if it draws none itself.

    It is drawn on the processor, by whose generator alone it is seeded.
    """
    fresh = copy.deepcopy(layer).cpu()
    reset = getattr(fresh, "reset_parameters", None) or getattr(fresh, "_reset_parameters", None)
    if reset is None:
        return None
    # Put back where `undisturbed` ends.
    torch.default_generator.manual_seed(seed)
    reset()
    return fresh

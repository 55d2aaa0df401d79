"""A copy of a network whose layers can be drawn anew, one at a time, and put back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Weights = list[npt.NDArray[Any]]


class Part(NamedTuple):
    """A layer with weights: its name, and which of the network's weights are its own."""

    name: str
    weights: list[int]


class RedrawnKeras:
    """A copy of a network, its layers with weights, and new weights for each of them."""

    def __init__(self, model: Any, rng: np.random.Generator) -> None:
        self.model = _clone(model, rng)
        self._trained = model.get_weights()
        self.model.set_weights(self._trained)
        self._parts = _parts(self.model)
        if not self._parts:
            raise ValueError(f"model must have layers with weights; got none in {model.name!r}.")
        self.layers = tuple(part.name for part in self._parts)
        # What differs between two draws was drawn.
        one, other = (_clone(model, rng).get_weights() for _ in range(2))
        self._new = _new_weights(self._parts, self._trained, one, other, rng)

    def draw(self, layer: int) -> None:
        """Give a layer of the copy its new weights."""
        self._assign(layer, self._new)

    def restore(self, layer: int) -> None:
        """Give a layer of the copy the weights that it was trained to."""
        self._assign(layer, self._trained)

    def _assign(self, layer: int, values: Weights) -> None:
        own = self.model.weights
        for i in self._parts[layer].weights:
            own[i].assign(values[i])


def _parts(model: Any) -> list[Part]:
    """Return the layers that have weights, those of models within it too, from the top."""
    place = {id(weight): i for i, weight in enumerate(model.weights)}
    found = []
    for name, weights in [*_named(model, ""), (model.name, model.weights)]:
        # A layer that is called twice is one layer.
        own = [place.pop(id(weight)) for weight in weights if id(weight) in place]
        if own:
            found.append(Part(name, own))
    return found[::-1]


def _named(model: Any, prefix: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield names and weights of layers; a layer made of layers, but no model, is one."""
    import keras

    for layer in model.layers:
        name = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model):
            yield from _named(layer, f"{name}/")
        yield name, layer.weights


def _clone(model: Any, rng: np.random.Generator) -> Any:
    """Return the network with weights as at the start of a training, all seeds from `rng`."""
    import keras

    def fresh(layer: Any) -> Any:
        return type(layer).from_config(_seeded(layer.get_config(), rng))

    with _own_seeds(rng):
        try:
            clone = keras.models.clone_model(model, clone_function=fresh, recursive=True)
        except (ValueError, TypeError, NotImplementedError) as error:
            raise ValueError(
                "model must be a Sequential or functional network of layers that can be made "
                f"again from their get_config, so that it can be copied; got {model.name!r}, "
                f"of which Keras says: {error}"
            ) from error
    if [_kind(weight) for weight in clone.weights] != [_kind(weight) for weight in model.weights]:
        raise ValueError(
            f"model must have the same weights when it is made again from its get_config; got "
            f"others for {model.name!r}."
        )
    return clone


def _kind(weight: Any) -> tuple[str, tuple[int, ...]]:
    return weight.name, tuple(weight.shape)


def _seeded(config: Any, rng: np.random.Generator) -> Any:
    """Return a configuration with every seed in it drawn anew.

    A network that was built from a seed would else be drawn just as it was before its
    training, and small networks do not move far from there.
    """
    if isinstance(config, dict):
        return {
            key: int(rng.integers(2**31)) if key == "seed" else _seeded(value, rng)
            for key, value in config.items()
        }
    return [_seeded(value, rng) for value in config] if isinstance(config, list) else config


@contextmanager
def _own_seeds(rng: np.random.Generator) -> Iterator[None]:
    """Have Keras draw the seeds that no configuration holds from `rng`.

    It takes them from Python's generator, which is put back as it was.
    """
    before = random.getstate()
    random.seed(int(rng.integers(2**63)))
    try:
        yield
    finally:
        random.setstate(before)


def _new_weights(
    parts: list[Part], trained: Weights, one: Weights, other: Weights, rng: np.random.Generator
) -> Weights:
    """Return new weights: as initialised, or of the trained size where nothing is drawn.

    Kernels that are given as numbers, or begin as constants, would come back the same.
    """
    new = list(one)
    for part in parts:
        drawn = any(not np.array_equal(one[i], other[i]) for i in part.weights)
        for i in part.weights:
            if not drawn and trained[i].ndim >= 2:
                size = np.sqrt((trained[i].astype(np.float64) ** 2).mean())
                new[i] = (size * rng.standard_normal(trained[i].shape)).astype(trained[i].dtype)
    return new

"""PyTorch modules, described by the contract of `xaikit.models.network`.

A module does not say what it takes, so rows of it are needed: it is run once on the first of
them, and what its layers are given then tells the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xaikit.models.model import Model, Scale
from xaikit.models.network import Network


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a module that knows of no rows yet; `Model.of_rows` makes a model of rows of it."""
    from xaikit.models.adapters.torch.redraw import RedrawnTorch
    from xaikit.models.adapters.torch.structure import checked

    module = checked(model)
    return Model(
        name=type(module).__name__,
        kind="network",
        estimator=model,
        answer=lambda rows: describe_network(model, rows).outputs(rows, "prediction"),
        scales={},
        lacks={"scales": "model must be described with rows of its own, as it tells no scales."},
        redrawn=lambda rng: RedrawnTorch(module, rng),
        of_rows=lambda rows: _of_rows(model, module, rows),
    )


def describe_network(model: Any, rows: Any) -> Network:
    """Return what a module offers for rows such as these."""
    from xaikit.models.adapters.torch.network import TorchNetwork
    from xaikit.models.adapters.torch.structure import checked

    return TorchNetwork(checked(model), rows)


def _of_rows(model: Any, module: Any, rows: Any) -> Model:
    from xaikit.models.adapters.torch.network import TorchNetwork
    from xaikit.models.adapters.torch.redraw import RedrawnTorch

    network = TorchNetwork(module, rows)

    def outputs(space: str) -> Callable[[Any], Any]:
        return lambda given: network.outputs(given, space)

    return Model(
        name=network.name,
        kind="network",
        estimator=model,
        answer=outputs(network.spaces[0]),
        classes=_classes(network),
        scales={space: Scale(outputs(space)) for space in network.spaces},
        n_features=network.shape[0] if network.inputs == "table" else None,
        network=network,
        redrawn=lambda rng: RedrawnTorch(model, rng),
    )


def _classes(network: Any) -> Any:
    """Return the classes by number where a module ends in a softmax or in one sigmoid."""
    end, width = network.ending, network.n_outputs
    if end is None or width is None or (end == "sigmoid" and width > 1):
        return None
    return np.arange(max(width, 2))

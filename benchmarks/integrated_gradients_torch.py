"""Integrated gradients of PyTorch modules against captum.

Where both are: ``.venv-torch/bin/python -m benchmarks.integrated_gradients_torch``.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.measure import Pair, in_turn
from benchmarks.table import as_text

CLASSES, STEPS = 10, 10


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    what, known = "integrated gradients: 10 classes, ", "10 steps, captum, a small module"
    yield f"{what}1 image of 28×28, {known}", lambda: pair(1, 1, 28, CLASSES, repeats=20)
    yield f"{what}8 images of 28×28, {known}", lambda: pair(8, 1, 28, CLASSES, repeats=10)
    large = "integrated gradients: 1 class, 16 images of 3×96×96, 10 steps, captum"
    yield large, lambda: pair(16, 3, 96, 1, repeats=5)


def small(channels: int) -> Any:
    """Return a module of three convolutions, its weights drawn from a seed of its own."""
    import torch
    from torch import nn

    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [
            *(nn.Conv2d(channels, 16, 3), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(32, 32, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            *(nn.Linear(32, CLASSES), nn.Softmax(dim=1)),
        ]
    return nn.Sequential(*layers).eval()


def pair(n: int, channels: int, side: int, classes: int, repeats: int) -> Pair:
    import torch
    from captum.attr import IntegratedGradients

    import xaikit as xk

    model = small(channels)
    X = np.random.default_rng(0).uniform(size=(n, channels, side, side)).astype(np.float32)
    rows, peer = torch.tensor(X), IntegratedGradients(model)

    def ours() -> np.ndarray:
        options = {"method": "integrated_gradients", "n_steps": STEPS}
        return np.stack([xk.explain(model, X, output=k, **options).values for k in range(classes)])

    def theirs() -> np.ndarray:
        # Ours says how far it is from adding up, and so the peer is asked for that too.
        options = {"method": "riemann_middle", "n_steps": STEPS, "return_convergence_delta": True}
        found = [peer.attribute(rows, target=k, **options)[0] for k in range(classes)]
        return torch.stack(found).detach().numpy()

    return Pair(ours, theirs, repeats)


if __name__ == "__main__":
    rows = [{"what": name, **in_turn(prepare())} for name, prepare in pairs()]
    print(as_text(rows, ("what", "ours", "peer", "ratio", "difference")))

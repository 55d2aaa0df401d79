"""Train the networks that the package carries: ``python -m tools.train_networks``.

The weights in ``xaikit/networks/weights`` come from here and nowhere else. On another
processor the sums are taken in another order, so the last digits of the weights differ,
and the accuracy by a digit or two; a test holds both near.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

from xaikit import datasets, networks

WEIGHTS = Path(__file__).resolve().parent.parent / "xaikit" / "networks" / "weights"
EPOCHS = 20


def mnist_rows() -> tuple[Any, Any]:
    """Return the rows of `datasets.mnist` that are trained on, and those that are kept back."""
    order = np.random.default_rng(0).permutation(5000)
    return order[:4000], order[4000:]


def mnist_cnn() -> Any:
    """Return the network for digits, trained anew."""
    digits = datasets.mnist()
    rows, _ = mnist_rows()
    model = networks.cnn((28, 28, 1), 10, random_state=0)
    networks.fit(model, digits.X[rows, :, :, None], digits.y[rows], epochs=EPOCHS, random_state=0)
    return model


def mnist_accuracy(model: Any) -> float:
    """Return the share of the digits kept back that the network names."""
    digits = datasets.mnist()
    _, rows = mnist_rows()
    said = model.predict(digits.X[rows, :, :, None], verbose=0).argmax(axis=1)
    return float((said == digits.y[rows]).mean())


def main() -> None:
    """Train, write the weights, and say how good they are."""
    model = mnist_cnn()
    # A network that was never compiled: the optimiser's numbers would treble the file.
    plain = networks.cnn((28, 28, 1), 10, random_state=0)
    plain.set_weights(model.get_weights())
    WEIGHTS.mkdir(exist_ok=True)
    path = WEIGHTS / "mnist_cnn.keras"
    plain.save(path)
    print(f"{path.name}: {path.stat().st_size:,} bytes, accuracy {mnist_accuracy(plain):.3f}")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()

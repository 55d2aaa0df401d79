"""Networks that come trained with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any

from xaikit.networks._load import load


def mnist_cnn() -> Any:
    """Load a network that reads the digits of `datasets.mnist`.

    `cnn` with ten classes, trained by `fit` for 20 epochs on 4,000 of the 5,000 digits,
    which names 97.2% of the other 1,000 rightly.

    Returns
    -------
    keras.Model
        It takes images (n, 28, 28, 1) of floats in [0, 1], ``mnist().X[..., None]``, and
        returns the probability of each digit. Each call reads it anew.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.

    Notes
    -----
    With ``order = np.random.default_rng(0).permutation(5000)`` it was trained on the rows
    ``order[:4000]``: explain digits of ``order[4000:]``, which it has not seen. The
    script ``tools/train_networks.py`` of the repository makes it anew.

    Taught in: deep/saliency.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import datasets
    >>> digits = datasets.mnist()
    >>> unseen = np.random.default_rng(0).permutation(5000)[4000:]
    >>> said = mnist_cnn().predict(digits.X[unseen, :, :, None], verbose=0).argmax(axis=1)
    >>> round(float((said == digits.y[unseen]).mean()), 2)
    0.97
    """
    with as_file(files("xaikit.networks") / "weights" / "mnist_cnn.keras") as path:
        return load(path)

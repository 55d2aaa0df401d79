"""Accumulated local effects against PyALE, which is no dependency of the project."""

import importlib.util
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from benchmarks.measure import Pair


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    yield "ALE: one feature of 8, 20 bins, 20,000 rows, PyALE", against_pyale


def against_pyale() -> Pair:
    """Compare the change over each bin: the two sides centre differently."""
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(20_000, 8)), columns=list("abcdefgh"))
    model = LinearRegression().fit(X, X["a"] * X["b"] + X["a"])

    def ours() -> np.ndarray:
        from xaikit import effects

        return np.diff(effects.ale(model, X, "a", n_bins=20).values)

    def peer() -> np.ndarray:
        from PyALE import ale

        found = ale(X, model, ["a"], grid_size=20, include_CI=False, plot=False)
        return np.diff(found["eff"].to_numpy())

    return Pair(ours, peer if importlib.util.find_spec("PyALE") else None)

"""Exact Shapley values against shap's Exact explainer, and the memory they take."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

REPEATS = 5
PEAK = "import sys; from benchmarks.exact_shapley import peak_memory; peak_memory()"
MEBIBYTE = 2**20


def rows() -> Iterator[tuple[str, float, float | None, float | None, float | None]]:
    """Yield (what, ours, peer, ratio, largest difference): seconds, then mebibytes."""
    from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.neural_network import MLPRegressor

    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 8))
    y = X[:, 0] * X[:, 1] + np.sin(X[:, 2])

    class Formula:
        """The cheapest of models: what is left is the work of the explainers."""

        def fit(self, X: np.ndarray, y: np.ndarray) -> "Formula":
            return self

        def predict(self, X: np.ndarray) -> np.ndarray:
            return X[:, 0] * X[:, 1] + np.sin(X[:, 2])

    models = [
        Formula(),
        LinearRegression(),
        MLPRegressor(hidden_layer_sizes=(32,), max_iter=300, tol=1e-2, random_state=0),
        GradientBoostingRegressor(n_estimators=50, random_state=0),
        HistGradientBoostingRegressor(max_iter=50, random_state=0),
    ]
    for model in models:
        yield against_shap(model.fit(X, y), X[:20], X[100:200])
    peak = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    yield "exact, 16 features × 1,000 background: peak MiB", float(peak.stdout), None, None, None


def against_shap(
    model: Any, explained: np.ndarray, background: np.ndarray
) -> tuple[str, float, float, float, float]:
    """Time both sides in turn, so that a busy machine slows both."""
    import shap

    import xaikit as xk

    masker = shap.maskers.Independent(background, max_samples=len(background))
    peer = shap.explainers.Exact(model.predict, masker)

    def ours() -> np.ndarray:
        e = xk.explain(model, explained, background=background, method="exact_shapley")
        return e.values

    def theirs() -> np.ndarray:
        return np.asarray(peer(explained, silent=True).values)

    difference = float(np.abs(ours() - theirs()).max())
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(REPEATS)]
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    size = f"{explained.shape[1]} features × {len(background)} background × {len(explained)} rows"
    return f"exact, {size}, {type(model).__name__}: s", mine, other, ratio, difference


def seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def peak_memory() -> None:
    """Print the peak memory, in MiB, of one row of 16 features with 1,000 background rows."""
    import resource

    import xaikit as xk

    rng = np.random.default_rng(0)
    background, row = rng.normal(size=(1000, 16)), rng.normal(size=(1, 16))
    weights = rng.normal(size=16)
    e = xk.explain(lambda X: X @ weights, row, background=background, method="exact_shapley")
    truth = (row - background.mean(axis=0)) * weights
    np.testing.assert_allclose(e.values, truth, atol=1e-9)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    print(peak * unit / MEBIBYTE)

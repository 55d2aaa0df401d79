"""Exact Shapley values against shap's Exact explainer."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measure import Pair
from benchmarks.measure import peak_memory as measured_peak


class Formula:
    """The cheapest of models: what is left is the work of the explainers."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Formula":
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return X[:, 0] * X[:, 1] + np.sin(X[:, 2])


def models() -> dict[str, Any]:
    from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.neural_network import MLPRegressor

    return {
        "formula": Formula(),
        "linear model": LinearRegression(),
        "network": MLPRegressor(hidden_layer_sizes=(32,), max_iter=300, tol=1e-2, random_state=0),
        "gradient boosting": GradientBoostingRegressor(n_estimators=50, random_state=0),
        "histogram boosting": HistGradientBoostingRegressor(max_iter=50, random_state=0),
    }


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    size = "8 features, 100 background rows, 20 rows"
    names = "formula", "linear model", "network", "gradient boosting", "histogram boosting"
    for name in names:
        yield f"exact Shapley: {name}, {size}", partial(small, name)
    yield "exact Shapley: linear model, 16 features, 1,000 background rows, 1 row", large


def small(name: str) -> Pair:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 8))
    y = X[:, 0] * X[:, 1] + np.sin(X[:, 2])
    return against_shap(models()[name].fit(X, y).predict, X[:20], X[100:200], repeats=5)


def large() -> Pair:
    row, background, weights = sixteen()
    return against_shap(lambda X: X @ weights, row, background, repeats=1)


def sixteen() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return one row of 16 features, 1,000 background rows, and weights."""
    rng = np.random.default_rng(0)
    background, row = rng.normal(size=(1000, 16)), rng.normal(size=(1, 16))
    return row, background, rng.normal(size=16)


def against_shap(
    model: Callable[..., Any], rows: np.ndarray, background: np.ndarray, repeats: int
) -> Pair:
    def ours() -> np.ndarray:
        import xaikit as xk

        return xk.explain(model, rows, background=background, method="exact_shapley").values

    def peer() -> np.ndarray:
        import shap

        masker = shap.maskers.Independent(background, max_samples=len(background))
        return np.asarray(shap.explainers.Exact(model, masker)(rows, silent=True).values)

    return Pair(ours, peer, repeats)


def peak_memory() -> None:
    """Print the peak memory, in MiB, of one row of 16 features with 1,000 background rows."""
    import xaikit as xk

    row, background, weights = sixteen()
    e = xk.explain(lambda X: X @ weights, row, background=background, method="exact_shapley")
    truth = (row - background.mean(axis=0)) * weights
    np.testing.assert_allclose(e.values, truth, atol=1e-9)
    print(measured_peak())

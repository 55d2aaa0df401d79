"""A random forest's tree SHAP over two workers, against shap's own in one process."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from benchmarks.measure import Pair


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    for n_jobs in (2, 1):
        what = f"tree SHAP: forest of 100 trees, 50 background rows, 2,000 rows, n_jobs={n_jobs}"
        yield what, partial(against_shap, n_jobs)


def against_shap(n_jobs: int) -> Pair:
    from sklearn.ensemble import RandomForestRegressor

    rng = np.random.default_rng(0)
    # Eighths: the thresholds between them are exact in float32, to which shap rounds.
    X = rng.integers(-16, 17, size=(2000, 10)) / 8
    y = X[:, 0] * X[:, 1] + np.sin(X[:, 2])
    model = RandomForestRegressor(100, max_depth=6, random_state=0).fit(X, y)
    background = X[:50]

    def ours() -> np.ndarray:
        import xaikit as xk

        e = xk.explain(model, X, background=background, method="tree_shap", n_jobs=n_jobs)
        return e.values

    def peer() -> np.ndarray:
        import shap

        masker = shap.maskers.Independent(background, max_samples=len(background))
        explainer = shap.TreeExplainer(model, masker, feature_perturbation="interventional")
        return np.asarray(explainer.shap_values(X, check_additivity=False))

    return Pair(ours, peer, repeats=3)

"""LIME against lime: the same random numbers, the same features, one explained row at a time."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from benchmarks.measure import Pair

ROWS = 5


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    for chosen, how in ((6, "forward selection"), (10, "largest weights")):
        for bins in (True, False):
            kind = "in bins" if bins else "as numbers"
            what = f"LIME: {chosen} of 30 features by {how}, {kind}, 5,000 samples, {ROWS} rows"
            yield what, partial(against_lime, chosen, bins)


def against_lime(chosen: int, bins: bool) -> Pair:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import xaikit as xk

    data = xk.datasets.breast_cancer()
    X, y = data.X.to_numpy(), np.asarray(data.y)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    rows = X[:ROWS]

    def ours() -> np.ndarray:
        e = xk.explain(
            model,
            rows,
            background=X,
            method="lime",
            n_features=chosen,
            discretize_continuous=bins,
            random_state=0,
        )
        return e.diagnostics["coefficients"]

    def peer() -> np.ndarray:
        from lime.lime_tabular import LimeTabularExplainer

        from xaikit.methods.lime import row_seeds

        explainer = LimeTabularExplainer(X, mode="regression", discretize_continuous=bins)
        coefficients = np.zeros_like(rows)
        for own, row, (seed,) in zip(coefficients, rows, row_seeds(rows, 0, 1), strict=True):
            state = np.random.RandomState(seed)
            explainer.random_state = explainer.base.random_state = state
            if explainer.discretizer is not None:
                explainer.discretizer.random_state = state
            explanation = explainer.explain_instance(
                row, lambda Z: model.predict_proba(Z)[:, 1], num_features=chosen
            )
            features, values = zip(*explanation.local_exp[1], strict=True)
            own[list(features)] = values
        return coefficients

    return Pair(ours, peer, repeats=3)

"""Used is not useful: nine columns without effect and a model with too many trees, ten times."""

from typing import Any

from sklearn.ensemble import GradientBoostingRegressor
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split

import xaikit as xk

N_DRAWS = 10


def shuffled(model: Any, X: Any, y: Any) -> Any:
    """Return the rise of the squared error when each column is shuffled."""
    return permutation_importance(
        model, X, y, n_repeats=20, random_state=0, scoring="neg_mean_squared_error"
    ).importances_mean


def study(seed: int) -> dict[str, list[float]]:
    """Return three measures of ten columns, of which only x1 has an effect."""
    noisy = xk.datasets.planted_linear(
        n_samples=600, n_features=10, coefficients=[2] + [0] * 9, noise=3.0, random_state=seed
    )
    A_train, A_test, b_train, b_test = train_test_split(
        noisy.X, noisy.y, test_size=0.5, random_state=seed
    )
    model = GradientBoostingRegressor(n_estimators=300, random_state=0).fit(A_train, b_train)
    size = xk.explain(model, A_test, method="tree_shap", background=A_train).importance()
    measures: dict[str, Any] = {
        "mean size": size[list(A_test.columns)],
        "training rows": shuffled(model, A_train, b_train),
        "test rows": shuffled(model, A_test, b_test),
    }
    return {name: [round(float(v), 4) for v in values] for name, values in measures.items()}


def run() -> dict[str, Any]:
    """Return the measures of ten draws."""
    return {"draws": [study(seed) for seed in range(N_DRAWS)]}

"""Used is not useful: nine columns without effect and a model with too many trees, ten times.

Run it from the root of the repository: python book/_scripts/global_overfit.py (about a minute).
"""

import hashlib
import json
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split

import xaikit as xk

N_DRAWS = 10


def shuffled(model: Any, X: Any, y: Any) -> np.ndarray:
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
    measures = {
        "mean size": size[list(A_test.columns)],
        "training rows": shuffled(model, A_train, b_train),
        "test rows": shuffled(model, A_test, b_test),
    }
    return {name: [round(float(v), 4) for v in values] for name, values in measures.items()}


def main() -> None:
    """Run all draws and keep what was found."""
    start = perf_counter()
    results = [study(seed) for seed in range(N_DRAWS)]
    here = Path(__file__)
    kept = {
        "script_sha256": hashlib.sha256(here.read_bytes()).hexdigest(),
        "depends_sha256": {},
        "seconds": round(perf_counter() - start, 1),
        "results": results,
    }
    here.with_suffix(".json").write_text(json.dumps(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

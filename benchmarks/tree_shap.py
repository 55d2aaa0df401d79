"""Tree SHAP against shap and Woodelf, behind encoders, and over two workers.

Woodelf (`woodelf-explainer`, with `treelite`) is no dependency of the project: where it is not
installed, its side says so.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.measure import Pair

COLUMNS = 10
FEW, MANY = (100, 100), (1000, 1000)
ENSEMBLES = {
    "boosting, 100 trees of depth 6": ("GradientBoostingRegressor", 100, 6),
    "forest, 50 trees of depth 10": ("RandomForestRegressor", 50, 10),
    "forest, 20 trees of depth 14": ("RandomForestRegressor", 20, 14),
    "forest, 10 trees of full depth": ("RandomForestRegressor", 10, None),
}
# Rows and background rows for each peer, which does not take all day over them.
SIZES = {
    "boosting, 100 trees of depth 6": {
        "shap": [FEW, MANY],
        "Woodelf": [FEW, MANY, (1000, 4000), (100_000, 100_000)],
    },
    "forest, 50 trees of depth 10": {"shap": [FEW], "Woodelf": [FEW, MANY, (1000, 4000)]},
    "forest, 20 trees of depth 14": {"shap": [FEW], "Woodelf": [MANY]},
    "forest, 10 trees of full depth": {"shap": [FEW, MANY]},
}
PIPELINES = "forest of 100 trees", "histogram boosting of 100 trees", "LightGBM of 100 trees"


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    for ensemble, peers in SIZES.items():
        for peer, sizes in peers.items():
            for n, m in sizes:
                what = f"tree SHAP: {ensemble}, {n:,} rows, {m:,} background rows, against {peer}"
                yield what, partial(against, peer, ensemble, n, m)
    for ensemble in list(ENSEMBLES)[:2]:
        what = f"tree SHAP: {ensemble}, 20,000 rows, 20,000 background rows, two workers and one"
        yield what, partial(two_workers, ensemble)
    for model in PIPELINES:
        what = f"adult census, one-hot encoded, {model}, 200 rows, 100 background rows"
        yield what, partial(encoded, model)


def drawn(rows: int, seed: int) -> np.ndarray:
    # As float32 has them: the others round, and near a threshold they would differ.
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, COLUMNS)).astype(np.float32).astype(np.float64)


def fitted(ensemble: str) -> Any:
    from sklearn import ensemble as library

    kind, trees, depth = ENSEMBLES[ensemble]
    X = drawn(4000, 0)
    y = X[:, 0] * X[:, 1] + np.sin(X[:, 2]) + np.random.default_rng(1).normal(size=4000) / 10
    model = getattr(library, kind)(n_estimators=trees, max_depth=depth, random_state=0)
    return model.fit(X, y)


def against(peer: str, ensemble: str, n: int, m: int) -> Pair:
    model, rows, background = fitted(ensemble), drawn(n, 2), drawn(m, 3)
    theirs = {"shap": by_shap, "Woodelf": by_woodelf}[peer]
    missing = peer == "Woodelf" and not (find_spec("woodelf") and find_spec("treelite"))
    for side in (ours, *([] if missing else [theirs])):
        side(model, rows[:2], background[:2])  # where one call is measured, it is not the first
    return Pair(
        partial(ours, model, rows, background),
        None if missing else partial(theirs, model, rows, background),
        repeats=5 if n * m <= 10_000 else 1,
    )


def ours(model: Any, rows: Any, background: Any, n_jobs: int | None = None) -> np.ndarray:
    import xaikit as xk

    e = xk.explain(model, rows, background=background, method="tree_shap", n_jobs=n_jobs)
    return e.values


def by_shap(model: Any, rows: np.ndarray, background: np.ndarray) -> np.ndarray:
    import shap

    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.TreeExplainer(model, masker, feature_perturbation="interventional")
    return np.asarray(explainer.shap_values(rows, check_additivity=False))


def by_woodelf(model: Any, rows: np.ndarray, background: np.ndarray) -> np.ndarray:
    import pandas as pd
    from woodelf import WoodelfExplainer

    names = [f"x{j}" for j in range(rows.shape[1])]
    table, drawn_from = (pd.DataFrame(each, columns=names) for each in (rows, background))
    return np.asarray(WoodelfExplainer(model, drawn_from).shap_values(table))


def two_workers(ensemble: str) -> Pair:
    model, rows, background = fitted(ensemble), drawn(20_000, 2), drawn(20_000, 3)
    both = partial(ours, model, rows, background)
    return Pair(partial(both, n_jobs=2), partial(both, n_jobs=1), repeats=3)


def encoded(name: str) -> Pair:
    """Return a job that no peer does: exact values of the columns before they are encoded."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    import xaikit as xk

    data = xk.datasets.adult()
    if name.startswith("LightGBM"):
        from lightgbm import LGBMClassifier

        final: Any = LGBMClassifier(n_estimators=100, verbose=-1, random_state=0)
    elif name.startswith("forest"):
        final = RandomForestClassifier(n_estimators=100, random_state=0)
    else:
        final = HistGradientBoostingClassifier(max_iter=100, random_state=0)
    columns = make_column_transformer(
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    )
    model = make_pipeline(columns, final).fit(data.X[:40_000], data.y[:40_000])
    rows, background = data.X[40_000:40_200], data.X[41_000:41_100]
    alone = "no other library explains these columns exactly"
    return Pair(partial(ours, model, rows, background), None, repeats=3, alone=alone)

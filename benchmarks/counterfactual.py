"""Counterfactuals against DiCE: time, how many flip, how far, and what may not change.

DiCE is no dependency of the project: where it is not installed, its side says so.
Run it as ``python -m benchmarks.counterfactual``.
"""

import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import Pair

FIXED = ["age", "sex"]


@dataclass(frozen=True)
class Side:
    """What one side made of the same rows."""

    seconds: float
    found: int
    kept: int
    distance: float
    changes: float


def applicants(n: int = 10) -> tuple[Any, pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return a forest on the credit data, its table, and n refused applicants."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    import xaikit as xk

    data = xk.datasets.german_credit()
    X = data.X.apply(lambda c: c.astype(str) if c.dtype == "category" else c)
    text = [c for c in X if not pd.api.types.is_numeric_dtype(X[c])]
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), text), remainder="passthrough"
    )
    model = make_pipeline(encode, RandomForestClassifier(100, random_state=0)).fit(X, data.y)
    refused = X[model.predict(X) == 0].iloc[:n]
    return model, X, data.y, refused


def ours(model: Any, X: pd.DataFrame, y: pd.Series) -> Callable[[pd.DataFrame], pd.DataFrame]:
    import xaikit as xk

    def find(x: pd.DataFrame) -> pd.DataFrame:
        found = xk.counterfactual(
            model, x, background=X, fixed=FIXED, limits="background", random_state=0
        )
        return found.row

    return find


def dice(model: Any, X: pd.DataFrame, y: pd.Series) -> Callable[[pd.DataFrame], pd.DataFrame]:
    import dice_ml

    numbers = [c for c in X if pd.api.types.is_numeric_dtype(X[c])]
    data = dice_ml.Data(
        dataframe=X.assign(risk=y), continuous_features=numbers, outcome_name="risk"
    )
    explainer = dice_ml.Dice(data, dice_ml.Model(model=model, backend="sklearn"), method="genetic")
    free = [c for c in X if c not in FIXED]

    def find(x: pd.DataFrame) -> pd.DataFrame:
        made = explainer.generate_counterfactuals(
            x, total_CFs=1, desired_class="opposite", features_to_vary=free, verbose=False
        )
        frame = made.cf_examples_list[0].final_cfs_df
        return frame[list(X.columns)].iloc[:1].astype(X.dtypes.to_dict())

    return find


def measure(
    find: Callable[[pd.DataFrame], pd.DataFrame], model: Any, X: pd.DataFrame, rows: pd.DataFrame
) -> Side:
    """Ask for every row, and judge the answers by the model itself."""
    numbers = [c for c in X if pd.api.types.is_numeric_dtype(X[c])]
    text = [c for c in X if c not in numbers]
    distances, changes, kept = [], [], 0
    begin = time.perf_counter()
    answers = [find(rows.iloc[[i]]) for i in range(len(rows))]
    seconds = time.perf_counter() - begin
    for i, row in enumerate(answers):
        x = rows.iloc[i]
        if model.predict(row)[0] == model.predict(rows.iloc[[i]])[0]:
            continue
        after = row.iloc[0]
        steps = (after[numbers] - x[numbers]).astype(float) / X[numbers].std(ddof=0)
        moved = int((after[text] != x[text]).sum())
        distances.append(float(np.sqrt((steps**2).sum() + moved)))
        changes.append(moved + int((steps != 0).sum()))
        kept += bool((after[FIXED] == x[FIXED]).all())
    return Side(seconds, len(distances), kept, float(np.mean(distances)), float(np.mean(changes)))


def compare(n: int = 10) -> dict[str, Side | None]:
    """Return both sides on the same rows; None for DiCE where it is not installed."""
    model, X, y, rows = applicants(n)
    sides: dict[str, Side | None] = {"xaikit": measure(ours(model, X, y), model, X, rows)}
    installed = importlib.util.find_spec("dice_ml") is not None
    sides["DiCE"] = measure(dice(model, X, y), model, X, rows) if installed else None
    return sides


def pairs() -> Iterator[tuple[str, Callable[[], Pair]]]:
    yield "counterfactual: 10 refused applicants, forest of 100 trees, DiCE", against_dice


def against_dice(n: int = 10) -> Pair:
    """Return both sides; each answer can be right, so none is held against the other."""
    model, X, y, rows = applicants(n)

    def side(make: Callable[..., Callable[[pd.DataFrame], pd.DataFrame]]) -> Callable[[], Side]:
        return lambda: measure(make(model, X, y), model, X, rows)

    installed = importlib.util.find_spec("dice_ml") is not None
    return Pair(side(ours), side(dice) if installed else None, 1, None, told)


def told(ours: Side, peer: Side | None) -> str:
    """Say how many rows flip, how many keep what is fixed, and how far they go."""
    sides = {"ours": ours, "peer": peer}
    return "; ".join(
        f"{name}: {s.found} flip, {s.kept} keep, mean distance {s.distance:.3g}"
        for name, s in sides.items()
        if s is not None
    )


def main(n: int = 10) -> None:
    """Print both sides."""
    print(f"Counterfactuals of {n} refused applicants, a forest of 100 trees, age and sex fixed")
    for name, side in compare(n).items():
        if side is None:
            print(f"{name}: not installed")
            continue
        print(
            f"{name}: {side.seconds:.1f} s, {side.found} of {n} flip, {side.kept} keep what is "
            f"fixed, mean distance {side.distance:.3g}, mean changes {side.changes:.2g}"
        )


if __name__ == "__main__":
    main()

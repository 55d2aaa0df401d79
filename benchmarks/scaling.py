"""Seconds and peak memory of every method as rows and features grow."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from benchmarks.measure import OVER, OverTheLimit, in_child, median_seconds, peak_memory, timed

METHODS = ("linear", "tree_shap", "exact_shapley", "kernel_shap", "lime", "occlusion")
ROWS = (100, 1_000, 10_000)
FEATURES = (8, 30, 100)
BACKGROUND = 100
SECONDS = 60.0
# Calls below this are repeated: one alone says little.
_SHORT = 0.5

Cell = dict[str, Any]


def cell(method: str, rows: int, features: int) -> Cell:
    """Explain that many rows with one core, or say why the method does not."""
    import xaikit as xk

    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, features))
    y = X[:, 0] * X[:, 1] + X[:, 2]
    background = rng.normal(size=(BACKGROUND, features))
    model = fitted(method, X, y)

    def explain(n: int = rows) -> Any:
        return xk.explain(model, X[:n], background=background, method=method, random_state=0)

    try:
        explain(1)  # imports, and what else happens once
    except ValueError as error:
        if "takes at most" not in str(error):
            raise
        return {"seconds": None, "MiB": None, "note": f"not feasible: {reason(str(error))}"}
    seconds, _ = timed(explain)
    if seconds < _SHORT:
        seconds = median_seconds(explain, 5)
    return {"seconds": seconds, "MiB": peak_memory(), "note": ""}


def fitted(method: str, X: np.ndarray, y: np.ndarray) -> Any:
    """Return a forest for tree SHAP and a linear model, the cheapest, for all others."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import LinearRegression

    if method == "tree_shap":
        return RandomForestRegressor(50, max_depth=6, random_state=0).fit(X[:1000], y[:1000])
    return LinearRegression().fit(X, y)


def reason(message: str) -> str:
    """Return what a method takes, of the sentence with which it refuses."""
    return message[message.index("takes at most") :].split(",")[0]


def table(
    methods: Iterable[str] = METHODS,
    rows: Iterable[int] = ROWS,
    features: Iterable[int] = FEATURES,
    limit: float = SECONDS,
    measure: Callable[..., Cell] = in_child,
) -> Iterator[Cell]:
    """Yield a cell for every method and size, each measured in a process of its own.

    Where fewer rows were over the limit, or the method refuses, more are not tried.
    """
    for method in methods:
        for d in features:
            said = ""
            for n in sorted(rows):
                found = {"seconds": None, "MiB": None, "note": said}
                if not said:
                    found = limited(measure, method, n, d, limit)
                    said = found["note"]
                yield {"method": method, "features": d, "rows": n, **found}


def limited(measure: Callable[..., Cell], method: str, n: int, d: int, limit: float) -> Cell:
    try:
        return measure("cell", method, str(n), str(d), limit=limit)
    except OverTheLimit:
        return {"seconds": None, "MiB": None, "note": f"{OVER} of {limit:g} s"}


def growth(cells: list[Cell]) -> list[Cell]:
    """Return, by method, the slopes of log seconds: over rows, and over features.

    A slope of 1 is time in proportion, of 2 its square. That over rows is taken at each
    number of features and that over features at each number of rows, wherever two sizes
    or more were measured.
    """
    found = []
    for along, fixed in (("rows", "features"), ("features", "rows")):
        keys = dict.fromkeys((c["method"], c[fixed]) for c in cells)
        for method, value in keys:
            line = [
                (c[along], c["seconds"])
                for c in cells
                if c["method"] == method and c[fixed] == value and c["seconds"] is not None
            ]
            if len(line) > 1:
                at = {"method": method, "along": along, fixed: value}
                found.append({**at, "sizes": len(line), "slope": slope(line)})
    return found


def slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line through (log size, log seconds)."""
    x, y = np.array([(math.log(size), math.log(value)) for size, value in points]).T
    return float(np.polyfit(x, y, 1)[0])

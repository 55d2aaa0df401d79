"""Every method on sets with a planted fault, ten times over; the chapter opens the first time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression, Ridge

import xaikit as xk

N_SEEDS = 10
N, N_EXPLAINED = 400, 40  # rows in each set, and rows that are explained

Array: TypeAlias = NDArray[np.float64]
Case: TypeAlias = dict[str, Any]

PREDICTIONS: dict[str, dict[str, Any]] = {  # need predictions only
    "exact_shapley": {"method": "exact_shapley"},
    "kernel_shap": {"method": "kernel_shap", "random_state": 0},
    "occlusion": {"method": "occlusion"},
    "lime": {"method": "lime", "random_state": 0},
    "lime, no bins": {"method": "lime", "random_state": 0, "discretize_continuous": False},
}
GRADIENTS = ["gradient", "smoothgrad", "gradient_x_input", "integrated_gradients"]
TREES: dict[str, dict[str, Any]] = {
    "tree_shap": {},
    "tree_shap, path": {"feature_perturbation": "tree_path_dependent"},
}


class Formula:
    """A model that is a sum of products of columns: (weight, columns)."""

    def __init__(self, terms: Sequence[tuple[float, tuple[int, ...]]]) -> None:
        self.terms = terms

    def predict(self, X: Any) -> Array:
        """Return the sum for each row."""
        X = np.asarray(X, dtype=float)
        total: Array = sum(
            (w * X[:, list(columns)].prod(axis=1) for w, columns in self.terms), np.zeros(len(X))
        )
        return total

    def network(self, d: int) -> Any:
        """Return the same function as a Keras network, for methods that need gradients."""
        entry = keras.Input((d,))
        total = 0.0
        for weight, columns in self.terms:
            product = entry[:, columns[0] : columns[0] + 1]
            for c in columns[1:]:
                product = product * entry[:, c : c + 1]
            total = product * float(weight) + total
        return keras.Model(entry, total)


class Alarm:
    """Thermometer 1, minus 100 where it reads over 15 degrees above thermometer 2."""

    def predict(self, X: Any) -> Array:
        """Return the temperature that the model gives for each row."""
        X = np.asarray(X, dtype=float)
        temperature: Array = X[:, 0] - 100 * np.clip(X[:, 0] - X[:, 1] - 15, 0, 1)
        return temperature

    def network(self, d: int) -> Any:
        """Return the same function as a Keras network."""
        entry = keras.Input((d,))
        gap = entry[:, 0:1] - entry[:, 1:2]
        ramp = keras.ops.relu(gap - 15.0) - keras.ops.relu(gap - 16.0)
        return keras.Model(entry, entry[:, 0:1] - 100.0 * ramp)


def _linear_case(data: xk.datasets.Dataset, estimator: Any) -> Case:
    """Return a fitted linear model with its truth, w (x − mean)."""
    estimator.fit(data.X, data.y)
    w, X = estimator.coef_, data.X.to_numpy(dtype=float)
    return {
        "X": data.X.astype(float),
        "y": data.y,
        "f": Formula([(v, (k,)) for k, v in enumerate(w)]),
        "linear": estimator,
        "model": w * (X - X.mean(axis=0)),
        "world": data.truth.attributions,  # type: ignore[union-attr]
    }


def _formula_case(data: xk.datasets.Dataset, terms: Any) -> Case:
    """Return a model that is the process itself: one truth for both."""
    right = data.truth.attributions  # type: ignore[union-attr]
    X = data.X.astype(float)
    return {"X": X, "y": data.y, "f": Formula(terms), "model": right, "world": right}


def _alarm_case(seed: int) -> Case:
    """Return ovens with two thermometers, and a model that is odd where they part."""
    rng = np.random.default_rng(seed)
    first = rng.uniform(150, 250, N)
    X = np.column_stack([first, first + rng.normal(0, 1, N)])
    f = Alarm()
    # Four coalitions by hand: what each thermometer adds first and last.
    v0, v12 = f.predict(X).mean(), f.predict(X)
    v1, v2 = np.empty(N), np.empty(N)
    for row, (a, b) in enumerate(X):
        v1[row] = f.predict(np.c_[np.full(N, a), X[:, 1]]).mean()
        v2[row] = f.predict(np.c_[X[:, 0], np.full(N, b)]).mean()
    frame = pd.DataFrame(X, columns=["reading1", "reading2"])
    return {
        "X": frame,
        "y": frame["reading1"],
        "f": f,
        "model": np.c_[(v1 - v0) + (v12 - v2), (v2 - v0) + (v12 - v1)] / 2,
        "world": np.c_[first - first.mean(), np.zeros(N)],
    }


def cases(seed: int) -> dict[str, Case]:
    """Return the seven sets: rows, model, and what is true about the model and the world."""
    sets = xk.datasets
    plain = sets.planted_linear(N, 4, coefficients=(3, -2, 1, 0), noise=0.5, random_state=seed)
    twins = sets.planted_correlated(
        N, correlation=0.95, noise=1, n_noise_features=1, random_state=seed
    )
    pair = sets.planted_interaction(N, noise=0.5, random_state=seed)
    group = sets.planted_hidden_group(N, noise=0.2, random_state=seed)
    leaking = sets.planted_leak(N, random_state=seed)
    cued = sets.planted_spurious(N, random_state=seed)
    found = {
        "nothing wrong": _linear_case(plain, LinearRegression()),
        "correlation": _linear_case(twins, Ridge(alpha=40)),
        "interaction": _formula_case(pair, [(1, (0,)), (1, (1,)), (2, (0, 1)), (1, (2,))]),
        "leak": _linear_case(leaking, LinearRegression()),
        "spurious cue": _linear_case(cued, LinearRegression()),
        "hidden group": _formula_case(group, [(1, (0,)), (-2, (0, 1, 2))]),
        "impossible rows": _alarm_case(seed),
    }
    for case in found.values():
        case["rows"] = np.arange(N_EXPLAINED)
    both_flags = (group.X["flag1"] == 1) & (group.X["flag2"] == 1)
    found["hidden group"]["rows"] = np.flatnonzero(both_flags)
    return found


def local_explainers(case: Case) -> dict[str, Callable[[Any], xk.Explanation]]:
    """Return functions from rows to explanations of the formula, by name."""
    background = case["X"].to_numpy()
    f, d = case["f"], background.shape[1]
    network, mean = f.network(d), background.mean(axis=0)
    options: dict[str, dict[str, Any]] = {
        "gradient": {},
        "smoothgrad": {"random_state": 0},
        "gradient_x_input": {"baseline": mean},
        "integrated_gradients": {"baseline": mean},
    }
    found: dict[str, Callable[[Any], xk.Explanation]] = {}
    for name, settings in PREDICTIONS.items():
        found[name] = partial(xk.explain, f.predict, background=background, **settings)
    for name in GRADIENTS:
        found[name] = partial(xk.explain, network, method=name, **options[name])
    return found


def permutation(predict: Any, X: Any, y: Any, seed: int, repeats: int = 5) -> Array:
    """Return by how much the squared error rises when a column is shuffled."""
    X, y, rng = X.to_numpy(), y.to_numpy(), np.random.default_rng(seed)
    rise = np.zeros(X.shape[1])
    for column in np.tile(np.arange(X.shape[1]), repeats):
        shuffled = X.copy()
        shuffled[:, column] = rng.permutation(shuffled[:, column])
        rise[column] += np.mean((predict(shuffled) - y) ** 2)
    larger: Array = (rise / repeats - np.mean((predict(X) - y) ** 2)).clip(0)
    return larger


def explain_case(case: Case, seed: int) -> dict[str, tuple[Array, Array]]:
    """Return what each method gives, and the truth about the model that it explained."""
    X, rows = case["X"], case["rows"]
    right = case["model"][rows]
    given: dict[str, tuple[Array, Array]] = {
        name: (explain(X.to_numpy()[rows]).values, right)
        for name, explain in local_explainers(case).items()
    }
    if "linear" in case:
        e = xk.explain(case["linear"], X.iloc[rows], method="linear", background=X)
        given["linear"] = e.values, right
    rise = permutation(case["f"].predict, X, case["y"], seed)
    given["permutation"] = rise, np.abs(right).mean(axis=0)
    if not isinstance(case["f"], Alarm):
        trees = GradientBoostingRegressor(random_state=0).fit(X, case["y"])
        # The trees are a model of their own, so they get a truth of their own.
        own = xk.explain(trees, X.iloc[rows], method="exact_shapley", background=X).values
        for name, options in TREES.items():
            where = {} if options else {"background": X}
            e = xk.explain(trees, X.iloc[rows], method="tree_shap", **options, **where)
            given[name] = e.values, own
        given["impurity"] = trees.feature_importances_, np.abs(own).mean(axis=0)
    return given


def opened(tables: dict[str, Case], seed: int) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the cells of the big table, by method and fault: what was given, and both truths."""
    found = {}
    for fault, case in tables.items():
        world = case["world"][case["rows"]]
        for method, (given, model) in explain_case(case, seed).items():
            found[method, fault] = {
                "features": list(case["X"].columns),
                "given": given,
                "model": model,
                "world": world if given.ndim == 2 else np.abs(world).mean(axis=0),
            }
    return found


def misplaced_share(given: Any, right: Any) -> float:
    """Return the share of the attribution on the wrong features, on average over rows."""
    return float(np.abs(_shares(given) - _shares(right)).sum(axis=-1).mean() / 2)


def _shares(values: Any) -> Array:
    size = np.abs(values)
    total = size.sum(axis=-1, keepdims=True)
    equal = np.full_like(size, 1 / size.shape[-1], dtype=float)
    found: Array = np.divide(size, total, out=equal, where=total > 1e-12)
    return found


def measured(case: Case) -> pd.DataFrame:
    """Return measures without a truth, higher is better, and both errors of nine charts."""
    X, rows, f = case["X"].to_numpy(), case["rows"], case["f"]
    found = {}
    for name, explain in local_explainers(case).items():
        # Gradients come from the network; the measures ask the formula.
        e = replace(explain(X[rows]), predictions=f.predict(X[rows]))
        steady = xk.evaluate.stability(
            explain, X[rows[:10]], background=X, n_neighbours=5, random_state=0
        )
        fit = xk.evaluate.faithfulness_correlation(f.predict, e, background=X, random_state=0)
        found[name] = {
            "deletion": -xk.evaluate.deletion(f.predict, e, background=X).area,
            "faithfulness": fit.values.mean(),
            "simplicity": -xk.evaluate.entropy(e).values.mean(),
            "stability": -steady.relative_change.mean(),
            "model": misplaced_share(e.values, case["model"][rows]),
            "world": misplaced_share(e.values, case["world"][rows]),
        }
    # Rounded, so that charts which differ by rounding errors alone tie.
    return pd.DataFrame(found).T.round(4)


def tracking(case: Case) -> dict[str, dict[str, float]]:
    """Return, for either truth, the rank correlation of each measure with minus the error."""
    table = measured(case)
    blind = table.drop(columns=["model", "world"])
    return {
        truth: {
            str(name): round(float(r), 4)
            for name, r in blind.corrwith(-table[truth], method="spearman").items()
        }
        for truth in ("model", "world")
    }


def agreement(case: Case) -> dict[str, dict[str, float]]:
    """Return how alike occlusion and gradient × input are to each other and to the truth."""
    X, rows = case["X"].to_numpy(), case["rows"]
    explainers = local_explainers(case)
    first, second = (explainers[k](X[rows]) for k in ("occlusion", "gradient_x_input"))
    truth = replace(first, values=case["model"][rows])
    pairs = {"each other": (first, second), "first and truth": (first, truth)}
    return {
        name: {
            "order": round(xk.evaluate.rank_correlation(*pair).mean, 4),
            "signs": round(xk.evaluate.sign_agreement(*pair).mean, 4),
            "strongest": round(xk.evaluate.top_k_overlap(*pair, k=1).mean, 4),
        }
        for name, pair in pairs.items()
    }


def one(seed: int) -> dict[str, Any]:
    """Return the table, the measures and the agreement of one seed."""
    tables = cases(seed)
    return {
        "errors": [
            [method, fault, truth, round(misplaced_share(cell["given"], cell[truth]), 6)]
            for (method, fault), cell in opened(tables, seed).items()
            for truth in ("model", "world")
        ],
        "tracking": {
            fault: tracking(tables[fault])
            for fault in ("interaction", "hidden group", "impossible rows")
        },
        "agreement": agreement(tables["hidden group"]),
    }


def run() -> dict[str, Any]:
    """Return the results of all seeds."""
    return {"seeds": [one(seed) for seed in range(N_SEEDS)]}

"""Which method takes which model, found by trying: the table of the reference."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML

import xaikit as xk
from xaikit.methods.registry import all_methods, methods_for
from xaikit.models.describe import describe

N = 80
# How the sentences begin in which a method says that it is not for this model.
REFUSALS = ("method=", "method must", "model must give a number", "model must have a convolution")


def numbers() -> pd.DataFrame:
    """Return a small table of numbers."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(rng.normal(size=(N, 3)), columns=["age", "income", "debt"])


def mixed() -> pd.DataFrame:
    """Return the same with a category and with missing values."""
    X = numbers().mask(lambda t: t > 1.6)
    return X.assign(city=pd.Categorical(np.where(np.arange(N) % 3, "Kiel", "Ulm")))


def classes(X: pd.DataFrame) -> Any:
    """Return two classes."""
    return (X["age"].fillna(0) + X["debt"].fillna(0) > 0).to_numpy() * 1


def _sklearn(module: str, name: str, **options: Any) -> tuple[Any, Any]:
    kind = getattr(importlib.import_module(f"sklearn.{module}"), name)
    X = numbers()
    return kind(**options).fit(X, classes(X)), X


def _scaled() -> tuple[Any, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X = numbers()
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, classes(X)), X


def _encoded() -> tuple[Any, Any]:
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    X = mixed()
    encoder = make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough")
    model = make_pipeline(encoder, RandomForestClassifier(n_estimators=5, random_state=0))
    return model.fit(X, classes(X)), X


def _xgboost() -> tuple[Any, Any]:
    from xgboost import XGBClassifier

    X = numbers().mask(lambda t: t > 1.6)
    return XGBClassifier(n_estimators=5).fit(X, classes(X)), X


def _lightgbm() -> tuple[Any, Any]:
    from lightgbm import LGBMClassifier

    X = mixed()
    return LGBMClassifier(n_estimators=5, verbose=-1).fit(X, classes(X)), X


def _catboost() -> tuple[Any, Any]:
    from catboost import CatBoostClassifier

    X = mixed()
    options = {"iterations": 5, "verbose": 0, "allow_writing_files": False}
    return CatBoostClassifier(cat_features=["city"], **options).fit(X, classes(X)), X


def _outliers() -> tuple[Any, Any]:
    from sklearn.ensemble import IsolationForest

    X = numbers()
    return IsolationForest(n_estimators=10, random_state=0).fit(X), X


def _labels() -> tuple[Any, Any]:
    from sklearn.cluster import KMeans

    X = numbers()
    return KMeans(2, n_init=1, random_state=0).fit(X), X


def _function() -> tuple[Any, Any]:
    return (lambda table: table["age"] * table["debt"]), numbers()


def _network(rows: str) -> tuple[Any, Any]:
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    rng = np.random.default_rng(0)
    X: Any
    if rows == "table":
        X, first = numbers().to_numpy(), [layers.Dense(4, "relu")]
    elif rows == "images":
        X = rng.uniform(size=(N, 8, 8, 1)).astype(np.float32)
        first = [layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D()]
    else:
        X = rng.integers(0, 10, size=(N, 6))
        first = [layers.Embedding(10, 4), layers.Conv1D(4, 2), layers.GlobalAveragePooling1D()]
    model = keras.Sequential(
        [keras.Input(X.shape[1:]), *first, layers.Dense(2, activation="softmax")]
    )
    return model, X


MODELS: dict[tuple[str, str], Callable[[], tuple[Any, Any]]] = {
    ("scikit-learn", "linear models, behind scalers"): _scaled,
    ("scikit-learn", "trees and forests"): lambda: _sklearn(
        "ensemble", "RandomForestClassifier", n_estimators=5, random_state=0
    ),
    ("scikit-learn", "gradient boosting"): lambda: _sklearn(
        "ensemble", "GradientBoostingClassifier", n_estimators=5, random_state=0
    ),
    ("scikit-learn", "histogram gradient boosting"): lambda: _sklearn(
        "ensemble", "HistGradientBoostingClassifier", max_iter=5
    ),
    ("scikit-learn", "anything else that gives probabilities"): lambda: _sklearn(
        "neighbors", "KNeighborsClassifier"
    ),
    ("scikit-learn", "pipelines that encode"): _encoded,
    ("scikit-learn", "outlier detectors"): _outliers,
    ("scikit-learn", "clusterings, hard votes: labels alone"): _labels,
    ("xgboost", "estimators and boosters"): _xgboost,
    ("lightgbm", "estimators and boosters, with categories"): _lightgbm,
    ("catboost", "estimators and plain models, with categories"): _catboost,
    ("keras", "networks of tables"): lambda: _network("table"),
    ("keras", "networks of images"): lambda: _network("images"),
    ("keras", "networks of words"): lambda: _network("words"),
    ("", "any function"): _function,
}


def outcome(model: Any, X: Any, method: str) -> str:
    """Try a method on a model: "exact", "estimate", "yes", or "–" where it is refused."""
    described = describe(model, X)
    found = methods_for(described).get(method)
    if found is None:
        return "–"
    options: dict[str, Any] = {"random_state": 0}
    if method == "lime":
        # It draws numbers around those of a row, and so takes no rows with missing ones.
        X, options["n_samples"] = X.dropna() if isinstance(X, pd.DataFrame) else X, 100
    if method == "kernel_shap":
        # A sample of the coalitions, as it takes of tables of more columns.
        options["n_samples"] = 2 ** X.shape[1] - 3
    if found.reference({}) == "background":
        options["background"] = X[2:22]
    try:
        e = xk.explain(model, X[:2], method=method, **options)
    except ValueError as error:
        if str(error).startswith(REFUSALS):
            return "–"
        raise
    if e.estimated:
        return "estimate"
    return "exact" if found.adds_up else "yes"


def table(models: Callable[[str], bool], columns: list[str]) -> pd.DataFrame:
    """Return a row for each kind of model of which `models` is true, a column for each method."""
    rows = {}
    for (library, kind), build in MODELS.items():
        if models(kind):
            model, X = build()
            name = f"{library}: {kind}" if library else kind
            rows[name] = {method: outcome(model, X, method) for method in columns}
    return pd.DataFrame.from_dict(rows, orient="index")


def of_tables() -> pd.DataFrame:
    """Return the methods for tables, and which models they take."""
    names = list(dict.fromkeys(m.name for m in all_methods() if m.rows == ("table",)))
    return table(lambda kind: not _is_of_networks(kind) or "tables" in kind, names)


def of_networks() -> pd.DataFrame:
    """Return the methods that look inside a network, and which networks they take."""
    names = list(dict.fromkeys(m.name for m in all_methods() if m.needs_network))
    return table(_is_of_networks, names)


def versions() -> pd.DataFrame:
    """Return the versions of the libraries that the tables were made with."""
    libraries = dict.fromkeys(library for library, _ in MODELS if library)
    found = {name: importlib.metadata.version(_package(name)) for name in libraries}
    return pd.DataFrame.from_dict(found, orient="index", columns=["version"])


def shown(table: pd.DataFrame) -> HTML:
    """Return a table that fits a page: its long names may break after an underscore."""
    names = {name: name.replace("_", "_<wbr>") for name in table.columns}
    return HTML(table.rename(columns=names).to_html(escape=False, classes="xk-methods"))


def _is_of_networks(kind: str) -> bool:
    return kind.startswith("networks")


def _package(library: str) -> str:
    """Return the package that brings a library, as it is installed here."""
    brought = importlib.metadata.packages_distributions()
    module = {"scikit-learn": "sklearn"}.get(library, library)
    return next(iter(brought[module]))

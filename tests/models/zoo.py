"""One small fitted model of every kind that the package takes, on tables of every kind.

A case knows how its library itself answers, so that nothing is compared with our own code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

N = 240


@dataclass(frozen=True)
class Case:
    """A fitted model, a table for it, and its own answers by scale."""

    model: Any
    X: Any
    own: dict[str, Callable[[Any], Any]]


def numbers() -> pd.DataFrame:
    """Three columns of numbers, one of them whole."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(N, 3)), columns=["age", "income now", "score"])
    frame["age"] = np.round(40 + 10 * frame["age"])
    return frame


def with_missing() -> pd.DataFrame:
    """The numbers, a tenth of each column missing."""
    frame = numbers()
    gone = np.random.default_rng(1).uniform(size=frame.shape) < 0.1
    return frame.mask(gone)


def with_categories() -> pd.DataFrame:
    """The numbers and a category of three cities."""
    frame = numbers()
    city = np.random.default_rng(2).choice(["Bonn", "Kiel", "Ulm"], size=N)
    return frame.assign(city=pd.Categorical(city))


def with_missing_categories() -> pd.DataFrame:
    """Numbers and a category, a tenth of each column missing."""
    frame = with_categories()
    return frame.mask(np.random.default_rng(1).uniform(size=frame.shape) < 0.1)


TABLES = {"numbers": numbers, "missing": with_missing, "categories": with_categories}
ALL_TABLES = {**TABLES, "missing categories": with_missing_categories}


def labels(X: pd.DataFrame, n_classes: int = 2) -> Any:
    """Classes, as text, that depend on two columns and on the city."""
    value = X["age"].fillna(40) / 10 + X["score"].fillna(0)
    if "city" in X:
        value = value + 1.5 * (X["city"] == "Kiel")
    cuts = np.quantile(value, np.arange(1, n_classes) / n_classes)
    return np.array(["low", "mid", "top"] if n_classes == 3 else ["no", "yes"])[
        np.digitize(value, cuts)
    ]


def target(X: pd.DataFrame) -> Any:
    """A number that depends on a product of two columns, and on the city."""
    value = X["age"].fillna(40) / 10 * X["score"].fillna(0)
    return value + (2.0 * (X["city"] == "Kiel") if "city" in X else 0.0)


def _logit(p: Any) -> Any:
    return np.log(p) - np.log1p(-p)


def _case(model: Any, X: pd.DataFrame, y: Any, **own: Callable[[Any], Any]) -> Case:
    model.fit(X, y)
    scales = own or (
        {"probability": model.predict_proba}
        if hasattr(model, "predict_proba")
        else {"prediction": model.predict}
    )
    return Case(model, X, scales)


def _encoded(final: Any) -> Any:
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns = make_column_transformer(
        (OneHotEncoder(sparse_output=False), make_column_selector(dtype_include="category")),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    )
    return make_pipeline(columns, final)


def _linear(**kind: Any) -> Case:
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    X = numbers()
    if kind["classes"] == 0:
        return _case(make_pipeline(StandardScaler(), LinearRegression()), X, target(X))
    nested = make_pipeline(make_pipeline(StandardScaler()), make_pipeline(MinMaxScaler()))
    model = make_pipeline(nested, make_pipeline(LogisticRegression())).fit(
        X, labels(X, kind["classes"])
    )
    return Case(model, X, {"probability": model.predict_proba, "score": model.decision_function})


def _sklearn(name: str, *, classes: int, table: str = "numbers", encoded: bool = False) -> Case:
    import sklearn.ensemble
    import sklearn.tree

    X = TABLES[table]()
    home = sklearn.tree if name.startswith("DecisionTree") else sklearn.ensemble
    many = {"max_iter": 8} if name.startswith("Hist") else {"n_estimators": 8}
    options: dict[str, Any] = {"random_state": 0, "max_depth": 3}
    options |= {} if name.startswith("DecisionTree") else many
    if table == "categories" and not encoded:
        options["categorical_features"] = "from_dtype"
    final = getattr(home, name + ("Classifier" if classes else "Regressor"))(**options)
    y = labels(X, classes) if classes else target(X)
    return _case(_encoded(final) if encoded else final, X, y)


def _xgboost(*, classes: int, table: str = "numbers", inner: bool = False, **more: Any) -> Case:
    import xgboost

    X = ALL_TABLES[table]()
    y = np.unique(labels(X, classes), return_inverse=True)[1] if classes else target(X)
    options = {"n_estimators": 8, "max_depth": 3, "enable_categorical": "categories" in table}
    kind = xgboost.XGBClassifier if classes else xgboost.XGBRegressor
    model = kind(**options | more).fit(X, y)
    if not inner:
        own = {"probability": model.predict_proba} if classes else {"prediction": model.predict}
        return Case(model, X, own)
    # As it comes back from a file.
    booster = xgboost.Booster(model_file=model.get_booster().save_raw("ubj"))

    def answer(rows: Any) -> Any:
        p = booster.predict(xgboost.DMatrix(rows, enable_categorical=True))
        return np.column_stack([1 - p, p]) if classes == 2 else p

    return Case(booster, X, {"probability" if classes else "prediction": answer})


def _xgboost_forest() -> Case:
    import xgboost

    X = with_missing()
    return _case(xgboost.XGBRFRegressor(n_estimators=8, max_depth=3), X, target(X))


def _several(*, library: str, **more: Any) -> Case:
    """Two numbers at once."""
    import catboost
    import xgboost

    X = with_missing()
    y = np.column_stack([target(X), X["score"].fillna(0) ** 2])
    if library == "xgboost":
        return _case(xgboost.XGBRegressor(n_estimators=8, max_depth=3, **more), X, y)
    options = {"iterations": 8, "depth": 3, "verbose": 0, "allow_writing_files": False}
    return _case(catboost.CatBoostRegressor(loss_function="MultiRMSE", **options), X, y)


def _stopped(*, library: str) -> Case:
    """A model that answers with the rounds up to its best one, and grew more."""
    import lightgbm
    import xgboost

    X = numbers()
    y = (np.unique(labels(X), return_inverse=True)[1] + (np.arange(N) % 5 == 0)) % 2
    if library == "xgboost":
        grown = xgboost.XGBClassifier(n_estimators=60, max_depth=3, early_stopping_rounds=3)
        grown.fit(X[:120], y[:120], eval_set=[(X[120:], y[120:])], verbose=False)
        return Case(grown, X, {"probability": grown.predict_proba})
    first = lightgbm.Dataset(X[:120], y[:120])
    model = lightgbm.train(
        {"objective": "binary", "learning_rate": 0.5, "verbose": -1, "num_threads": 1},
        first,
        60,
        valid_sets=[lightgbm.Dataset(X[120:], y[120:], reference=first)],
        callbacks=[lightgbm.early_stopping(3, verbose=False)],
        keep_training_booster=True,
    )

    def answer(rows: Any) -> Any:
        p = model.predict(rows)
        return np.column_stack([1 - p, p])

    return Case(model, X, {"probability": answer})


def _lightgbm(*, classes: int, table: str = "numbers", inner: bool = False, **more: Any) -> Case:
    import lightgbm

    X = ALL_TABLES[table]()
    y = labels(X, classes) if classes else target(X)
    kind = lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor
    model = kind(n_estimators=8, max_depth=3, verbose=-1, n_jobs=1, **more).fit(X, y)
    if not inner:
        own = {"probability": model.predict_proba} if classes else {"prediction": model.predict}
        return Case(model, X, own)
    # As it comes back from a file.
    booster = lightgbm.Booster(model_str=model.booster_.model_to_string())

    def answer(rows: Any) -> Any:
        p = booster.predict(rows)
        return np.column_stack([1 - p, p]) if classes == 2 else p

    return Case(booster, X, {"probability" if classes else "prediction": answer})


def _catboost(*, classes: int, table: str = "numbers", plain: bool = False, **more: Any) -> Case:
    import catboost

    X = TABLES[table]()
    y = labels(X, classes) if classes else target(X)
    cities = ["city"] if table == "categories" else []
    options = {"iterations": 8, "depth": 3, "verbose": 0, "thread_count": 1}
    options |= {"cat_features": cities, "allow_writing_files": False, **more}
    if plain:
        loss = {0: "RMSE", 2: "Logloss", 3: "MultiClass"}[classes]
        model = catboost.CatBoost({**options, "loss_function": loss}).fit(X, y)
        own = {
            "probability" if classes else "prediction": (
                (lambda rows: model.predict(rows, prediction_type="Probability"))
                if classes
                else model.predict
            )
        }
        return Case(model, X, own)
    kind = catboost.CatBoostClassifier if classes else catboost.CatBoostRegressor
    return _case(kind(**options), X, y)


def _function(*, names: bool) -> Case:
    X = numbers()
    if names:

        def by_name(frame: pd.DataFrame) -> Any:
            return frame["age"] * frame["score"].to_numpy()

        return Case(by_name, X, {"prediction": by_name})

    def by_place(rows: Any) -> Any:
        return rows[:, 0] * rows[:, 2]

    return Case(by_place, X.to_numpy(), {"prediction": by_place})


def _by_name_class() -> Case:
    class Priced:
        """Anybody's own class: it has predict, and reads columns by their names."""

        def predict(self, frame: pd.DataFrame) -> Any:
            return frame["score"].to_numpy() ** 2 + frame["age"].to_numpy()

    model = Priced()
    return Case(model, numbers(), {"prediction": model.predict})


def _search(*, library: str) -> Case:
    from sklearn.model_selection import GridSearchCV

    inner = {"xgboost": _xgboost, "lightgbm": _lightgbm}[library](classes=2).model
    X = numbers()
    y = np.unique(labels(X), return_inverse=True)[1]
    return _case(GridSearchCV(inner, {"max_depth": [2, 3]}, cv=2), X, y)


_FORESTS = ("DecisionTree", "RandomForest", "ExtraTrees", "GradientBoosting")
BUILDERS: dict[str, Callable[[], Case]] = {
    **{f"linear, {k} classes": (lambda k=k: _linear(classes=k)) for k in (0, 2, 3)},
    **{
        f"{name}, {k} classes": (lambda name=name, k=k: _sklearn(name, classes=k))
        for name in (*_FORESTS, "HistGradientBoosting")
        for k in (0, 2, 3)
    },
    **{
        f"HistGradientBoosting, {table}": (
            lambda table=table: _sklearn("HistGradientBoosting", classes=2, table=table)
        )
        for table in ("missing", "categories")
    },
    **{
        f"HistGradientBoosting, {table}, 3 classes": (
            lambda table=table: _sklearn("HistGradientBoosting", classes=3, table=table)
        )
        for table in ("missing", "categories")
    },
    "HistGradientBoosting, categories, 0 classes": (
        lambda: _sklearn("HistGradientBoosting", classes=0, table="categories")
    ),
    "RandomForest, missing": lambda: _sklearn("RandomForest", classes=2, table="missing"),
    **{
        f"{name} behind an encoder, {k} classes": (
            lambda name=name, k=k: _sklearn(name, classes=k, table="categories", encoded=True)
        )
        for name in ("RandomForest", "GradientBoosting", "HistGradientBoosting")
        for k in (0, 2)
    },
    **{
        f"XGBoost, {table}, {k} classes": (lambda t=table, k=k: _xgboost(classes=k, table=t))
        for table in TABLES
        for k in (0, 2, 3)
    },
    **{
        f"XGBoost booster, {table}, {k} classes": (
            lambda t=table, k=k: _xgboost(classes=k, table=t, inner=True)
        )
        for table in TABLES
        for k in (0, 2, 3)
    },
    "XGBoost, softmax of two": lambda: _xgboost(classes=2, objective="multi:softprob", num_class=2),
    "XGBoost, parallel trees": lambda: _xgboost(classes=2, num_parallel_tree=3, subsample=0.5),
    **{
        f"LightGBM, {table}, {k} classes": (lambda t=table, k=k: _lightgbm(classes=k, table=t))
        for table in TABLES
        for k in (0, 2, 3)
    },
    **{
        f"LightGBM booster, {table}, {k} classes": (
            lambda t=table, k=k: _lightgbm(classes=k, table=t, inner=True)
        )
        for table in TABLES
        for k in (0, 2, 3)
    },
    **{
        f"CatBoost, {table}, {k} classes": (lambda t=table, k=k: _catboost(classes=k, table=t))
        for table in TABLES
        for k in (0, 2, 3)
    },
    **{
        f"CatBoost plain, {k} classes": (lambda k=k: _catboost(classes=k, plain=True))
        for k in (0, 2, 3)
    },
    **{
        f"{name}, missing categories": (
            lambda build=build: build(classes=2, table="missing categories")
        )
        for name, build in (("XGBoost", _xgboost), ("LightGBM", _lightgbm))
    },
    "XGBoost, dropout": lambda: _xgboost(classes=2, booster="dart", rate_drop=0.5),
    "XGBoost, pruned, 0 classes": lambda: _xgboost(
        classes=0, gamma=1.0, max_depth=6, tree_method="exact"
    ),
    "XGBoost, 40 for missing": lambda: _xgboost(classes=3, table="missing", missing=40.0),
    "XGBoost, random forest, 0 classes": _xgboost_forest,
    "XGBoost, several outputs, 0 classes": lambda: _several(library="xgboost"),
    "XGBoost, vectors in leaves, 0 classes": (
        lambda: _several(library="xgboost", multi_strategy="multi_output_tree")
    ),
    "XGBoost, early stopping": lambda: _stopped(library="xgboost"),
    "LightGBM, dropout": lambda: _lightgbm(classes=3, boosting_type="dart", drop_rate=0.5),
    **{
        f"LightGBM, random forest, {k} classes": (
            lambda k=k: _lightgbm(classes=k, boosting_type="rf", subsample=0.6, subsample_freq=1)
        )
        for k in (0, 2, 3)
    },
    "LightGBM, zero for missing": (
        lambda: _lightgbm(classes=2, table="missing", zero_as_missing=True)
    ),
    "LightGBM, early stopping": lambda: _stopped(library="lightgbm"),
    **{
        f"CatBoost, one-hot, {k} classes": (
            lambda k=k: _catboost(classes=k, table="categories", one_hot_max_size=10)
        )
        for k in (0, 2, 3)
    },
    "CatBoost, by the leaf": (
        lambda: _catboost(
            classes=2, table="categories", one_hot_max_size=10, grow_policy="Lossguide"
        )
    ),
    "CatBoost, missing lies above, 0 classes": lambda: _catboost(
        classes=0, table="missing", nan_mode="Max"
    ),
    "CatBoost, several outputs, 0 classes": lambda: _several(library="catboost"),
    "a search over XGBoost": lambda: _search(library="xgboost"),
    "a search over LightGBM": lambda: _search(library="lightgbm"),
    "a function of an array": lambda: _function(names=False),
    "a function of named columns": lambda: _function(names=True),
    "a class that reads columns by name": _by_name_class,
}


@cache
def case(name: str) -> Case:
    """Return a case, built once."""
    return BUILDERS[name]()

"""XGBoost: its scikit-learn estimators and its boosters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.core.tables import numeric
from xaikit.models.by_methods import class_scales, describe_by_methods
from xaikit.models.model import Model, Scale
from xaikit.models.trees import Trees, only_output, own_column, second_of_two

# Objectives whose prediction is the plain sum of the trees, or a sigmoid or softmax of it.
_SUMS = {"reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror"}
_TWO_CLASSES = {"binary:logistic", "binary:logitraw"}
_CLASSES = {"multi:softprob", "multi:softmax"}


@dataclass(frozen=True)
class _Booster:
    """What a booster says of itself."""

    objective: str
    kind: str
    n_classes: int
    names: tuple[str, ...] | None
    n_features: int
    categories: bool
    parallel: bool


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return an XGBoost estimator or booster as a model."""
    if type(model).__name__ == "Booster":
        return _booster(model)
    from sklearn.exceptions import NotFittedError

    try:
        booster = model.get_booster()
    except NotFittedError:
        raise ValueError(
            f"model must be fitted before it is explained; got an unfitted {type(model).__name__}."
        ) from None
    told = _told(booster)
    described = describe_by_methods(model)

    def margin(rows: Any) -> Any:
        return model.predict(rows, output_margin=True)

    if described.kind == "classifier":
        scales = _scales(model.predict_proba, margin, described, told)
        described = replace(described, scales=scales, answer=_answer(model, described, told))
    return _with_trees(described, booster, told, margin, getattr(model, "missing", np.nan))


def _answer(model: Any, described: Model, told: _Booster) -> Callable[[Any], Any]:
    """Return what gives the predicted classes.

    XGBoost takes two classes before a softmax for two labels, and predicts both of them.
    """
    classes = described.classes
    if classes is None or len(classes) != 2 or told.objective not in _CLASSES:
        answer: Callable[[Any], Any] = model.predict
        return answer
    return lambda rows: classes[np.asarray(model.predict_proba(rows)).argmax(axis=1)]


def _booster(booster: Any) -> Model:
    import xgboost

    told = _told(booster)

    def asked(margin: bool) -> Callable[[Any], Any]:
        def ask(rows: Any) -> Any:
            matrix = xgboost.DMatrix(rows, enable_categorical=told.categories)
            return booster.predict(matrix, output_margin=margin)

        return ask

    classes = np.arange(told.n_classes) if told.n_classes else None
    common: dict[str, Any] = {
        "name": "Booster",
        "estimator": booster,
        "feature_names": told.names,
        "n_features": told.n_features,
        "by_position": told.names is None,
    }
    if classes is None:
        described = Model(
            kind="regressor",
            answer=asked(False),
            scales={"prediction": Scale(asked(False))},
            **common,
        )
        return _with_trees(described, booster, told, asked(True), np.nan)

    def probability(rows: Any) -> Any:
        margins = np.asarray(asked(True)(rows), dtype=np.float64)
        if margins.ndim == 1:
            second = 1.0 / (1.0 + np.exp(-margins))
            return np.column_stack([1.0 - second, second])
        powers = np.exp(margins - margins.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    described = Model(
        kind="classifier",
        classes=classes,
        answer=lambda rows: probability(rows).argmax(axis=1),
        scales={},
        **common,
    )
    described = replace(described, scales=_scales(probability, asked(True), described, told))
    return _with_trees(described, booster, told, asked(True), np.nan)


def _told(booster: Any) -> _Booster:
    config = json.loads(booster.save_config())["learner"]
    objective = config["objective"]["name"]
    several = int(config["learner_model_param"]["num_class"])
    n_classes = several if objective in _CLASSES else 2 if objective in _TWO_CLASSES else 0
    return _Booster(
        objective=objective,
        kind=config["gradient_booster"]["name"],
        n_classes=n_classes,
        names=None if booster.feature_names is None else tuple(booster.feature_names),
        n_features=int(booster.num_features()),
        categories="c" in (booster.feature_types or []),
        parallel=int(_parallel_trees(config["gradient_booster"])) > 1,
    )


def _parallel_trees(booster: dict[str, Any]) -> str:
    parameters: dict[str, str] = booster.get("gbtree_model_param", {})
    return parameters.get("num_parallel_tree", "1")


def _scales(
    probability: Callable[[Any], Any],
    margin: Callable[[Any], Any],
    described: Model,
    told: _Booster,
) -> dict[str, Scale]:
    """Return the scales of a classifier; of two classes the log-odds are the margin."""
    assert described.classes is not None  # a classifier
    if told.objective not in _TWO_CLASSES | _CLASSES:
        return class_scales(probability, None, described.classes)
    if described.n_classes == 2 and told.objective in _CLASSES:
        # Two margins before a softmax: their difference is the log-odds.
        def difference(rows: Any) -> Any:
            margins = np.asarray(margin(rows), dtype=np.float64)
            second = margins[:, 1] - margins[:, 0]
            return np.column_stack([-second, second])

        return {
            "probability": Scale(probability),
            "log-odds": Scale(difference),
            "score": Scale(margin),
        }
    return class_scales(
        probability, margin, described.classes, score_is_log_odds=described.n_classes == 2
    )


def _with_trees(
    described: Model, booster: Any, told: _Booster, margin: Callable[[Any], Any], missing: Any
) -> Model:
    odd = _unusual(told, described)
    if odd is not None:
        return replace(described, lacks={**described.lacks, "trees": odd})

    def seen(rows: Any) -> FloatArray:
        table = numeric(rows)
        # The estimator takes a number of its own for a missing value; the trees know nan.
        if missing is not None and not np.isnan(missing):
            table = np.where(table == missing, np.nan, table)
        rounded: FloatArray = table.astype(np.float32).astype(np.float64)
        return rounded

    spaces, of_output = _outputs(described, told)
    return replace(
        described,
        trees=Trees(
            spaces=spaces,
            ensemble=lambda column: booster,
            seen=seen,
            output=margin,
            of_output=of_output,
        ),
    )


def _outputs(
    described: Model, told: _Booster
) -> tuple[tuple[str, ...], Callable[[Any, int], FloatArray]]:
    if described.kind != "classifier":
        return ("prediction",), own_or_only
    if described.n_classes > 2:
        return ("score",), own_column
    if told.objective in _CLASSES:
        return ("log-odds",), _difference
    return ("log-odds", "score"), second_of_two


def own_or_only(values: Any, column: int) -> FloatArray:
    """Return the values of an output, of one or of several."""
    several = values.ndim == 3 and values.shape[2] > 1
    return own_column(values, column) if several else only_output(values, column)


def _difference(values: Any, column: int) -> FloatArray:
    """Return the values of the log-odds of two classes that have a margin each."""
    second: FloatArray = values[:, :, 1] - values[:, :, 0]
    return second if column == 1 else -second


def _unusual(told: _Booster, described: Model) -> str | None:
    """Name the setting that breaks the sum of the trees, or return None."""
    if told.kind != "gbtree":
        return f"booster {told.kind!r}"
    if told.objective not in _SUMS | _TWO_CLASSES | _CLASSES:
        return f"loss {told.objective!r}"
    if told.parallel:
        return "trees that grow in parallel (num_parallel_tree), which shap does not read"
    return "splits on categories" if told.categories else None

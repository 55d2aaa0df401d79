"""LightGBM: its scikit-learn estimators and its boosters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from xaikit.models.by_methods import class_scales, describe_by_methods
from xaikit.models.model import Model, Scale

# The names that LightGBM gives to the columns of an array.
_UNNAMED = re.compile(r"Column_\d+")
_TREES = "trees that are not read yet"


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a LightGBM estimator or booster as a model."""
    if type(model).__name__ == "Booster":
        described = _booster(model)
        booster = model
    else:
        from sklearn.exceptions import NotFittedError

        try:
            booster = model.booster_
        except NotFittedError:
            raise ValueError(
                f"model must be fitted before it is explained; got an unfitted "
                f"{type(model).__name__}."
            ) from None
        described = _estimator(model)
    names = tuple(map(str, booster.feature_name()))
    unnamed = all(map(_UNNAMED.fullmatch, names))
    return replace(
        described,
        feature_names=None if unnamed else names,
        n_features=len(names),
        by_position=unnamed,
        spelled=_spelled,
        lacks={**described.lacks, "trees": _TREES},
    )


def _spelled(name: str) -> str:
    """Return a column's name as LightGBM keeps it, without white space."""
    return re.sub(r"\s", "_", name)


def _estimator(model: Any) -> Model:
    described = describe_by_methods(model)
    if described.kind != "classifier":
        return described
    assert described.classes is not None  # a classifier

    def raw(rows: Any) -> Any:
        return model.predict(rows, raw_score=True)

    log_odds = _is_log_odds(model.booster_)
    scales = class_scales(model.predict_proba, raw, described.classes, score_is_log_odds=log_odds)
    return replace(described, scales=scales)


def _booster(booster: Any) -> Model:
    objective = _objective(booster)
    common: dict[str, Any] = {"name": "Booster", "estimator": booster}
    n_classes = 2 if objective[0] == "binary" else booster.num_model_per_iteration()
    if objective[0] not in ("binary", "multiclass", "multiclassova"):
        return Model(
            kind="regressor",
            answer=booster.predict,
            scales={"prediction": Scale(booster.predict)},
            **common,
        )

    def probability(rows: Any) -> Any:
        found = np.asarray(booster.predict(rows))
        return found if found.ndim == 2 else np.column_stack([1.0 - found, found])

    def raw(rows: Any) -> Any:
        return booster.predict(rows, raw_score=True)

    classes = np.arange(n_classes)
    return Model(
        kind="classifier",
        classes=classes,
        answer=lambda rows: probability(rows).argmax(axis=1),
        scales=class_scales(probability, raw, classes, score_is_log_odds=_is_log_odds(booster)),
        **common,
    )


def _objective(booster: Any) -> list[str]:
    """Return the words of the objective, for example "binary", "sigmoid:1"."""
    return str(booster.dump_model(num_iteration=1).get("objective", "")).split() or [""]


def _is_log_odds(booster: Any) -> bool:
    return _objective(booster) == ["binary", "sigmoid:1"]

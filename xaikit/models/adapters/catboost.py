"""CatBoost: its estimators and its plain models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xaikit.models.by_methods import class_scales
from xaikit.models.model import Model, Scale

_LOG_ODDS = {"Logloss", "CrossEntropy"}
_CLASSES = {"MultiClass", "MultiClassOneVsAll"}


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a CatBoost model of any kind as a model."""
    if not model.is_fitted():
        raise ValueError(
            f"model must be fitted before it is explained; got an unfitted {type(model).__name__}."
        )
    names = tuple(map(str, model.feature_names_))
    # On an array the columns are named by their positions.
    unnamed = names == tuple(map(str, range(len(names))))
    common: dict[str, Any] = {
        "name": type(model).__name__,
        "estimator": model,
        "feature_names": None if unnamed else names,
        "n_features": len(names),
        "by_name": not unnamed,
        "by_position": unnamed,
        "lacks": {"trees": "trees that are not read yet"},
    }
    classes = np.asarray(model.classes_)
    if not len(classes):
        return Model(
            kind="regressor",
            answer=model.predict,
            scales={"prediction": Scale(model.predict)},
            **common,
        )

    def asked(kind: str) -> Callable[[Any], Any]:
        return lambda rows: model.predict(rows, prediction_type=kind)

    loss = model.get_all_params().get("loss_function")
    return Model(
        kind="classifier",
        classes=classes,
        # Of several classes the labels come in a column, (n, 1).
        answer=lambda rows: np.ravel(asked("Class")(rows)),
        scales=class_scales(
            asked("Probability"),
            asked("RawFormulaVal") if loss in _LOG_ODDS | _CLASSES else None,
            classes,
            score_is_log_odds=loss in _LOG_ODDS and len(classes) == 2,
        ),
        **common,
    )

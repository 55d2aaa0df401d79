"""Any object with predict, described by the methods and attributes that scikit-learn agreed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.models.model import Model, Scale, log_odds


def describe_by_methods(model: Any, *, classes: Any = None) -> Model:
    """Return a model as its methods tell it; `classes` are those of a model that names none."""
    known = getattr(model, "classes_", None) if classes is None else classes
    if isinstance(known, list) and known and isinstance(known[0], list | np.ndarray):
        raise ValueError(
            f"model must predict one target; got a classifier of {len(known)} targets."
        )
    labels = None if known is None or not len(known) else np.asarray(known)
    common: dict[str, Any] = {
        "name": type(model).__name__,
        "estimator": model,
        "answer": model.predict,
        "classes": labels,
        **columns_of(model),
    }
    if labels is None:
        return Model(kind="regressor", scales={"prediction": Scale(model.predict)}, **common)
    scales = class_scales(
        getattr(model, "predict_proba", None), getattr(model, "decision_function", None), labels
    )
    return Model(kind="classifier", scales=scales, lacks=_lacks(model, scales), **common)


def columns_of(model: Any) -> dict[str, Any]:
    """Return which columns a model, or a step of a pipeline, was fitted with."""
    names = getattr(model, "feature_names_in_", None)
    width = getattr(model, "n_features_in_", None)
    return {
        "feature_names": None if names is None else tuple(map(str, names)),
        "n_features": None if width is None else int(width),
        # It counted its columns and knows no names: it was fitted on an array.
        "by_position": names is None and width is not None,
    }


def class_scales(
    probability: Callable[[Any], Any] | None,
    score: Callable[[Any], Any] | None,
    classes: npt.NDArray[Any],
    *,
    score_is_log_odds: bool = False,
) -> dict[str, Scale]:
    """Return the scales of a classifier from its functions, the usual one first."""
    scales = {}
    of_each = None if score is None else both_classes(score, len(classes))
    if probability is not None:
        scales["probability"] = Scale(probability)
        scales["log-odds"] = Scale(probability, after=log_odds)
    if of_each is not None:
        scales["score"] = Scale(of_each)
        if score_is_log_odds:
            scales["log-odds"] = Scale(of_each)
    return scales


def both_classes(score: Callable[[Any], Any], n_classes: int) -> Callable[[Any], Any]:
    """Return the scores of all classes, (n, k), from those that a model gives.

    Of two classes it gives one, that of the second; that of the first is its negative.
    """
    if n_classes != 2:
        return score

    def of_each(rows: Any) -> Any:
        second = np.asarray(score(rows))
        if second.ndim == 2 and second.shape[1] == 2:
            return second
        second = second.reshape(len(second), -1)[:, 0]
        return np.column_stack([-second, second])

    return of_each


def _lacks(model: Any, scales: dict[str, Scale]) -> dict[str, str]:
    name = type(model).__name__
    if not scales:
        return {
            "scales": f"model must give a number to explain; {name} gives nothing but labels, "
            "without predict_proba or decision_function. Explain the function "
            "lambda X: (model.predict(X) == label) * 1.0, or fit a model that gives probabilities."
        }
    lacks = {}
    if "probability" not in scales:
        lacks["probability"] = lacks["log-odds"] = ", which has no predict_proba"
    if "score" not in scales:
        lacks["score"] = ", which has no decision_function"
    return lacks

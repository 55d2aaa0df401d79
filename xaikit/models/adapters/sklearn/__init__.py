"""scikit-learn: estimators, and the pipelines and searches around models of any library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_clusterer, is_outlier_detector
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from xaikit.models.adapters.sklearn.forests import asked_by_tree
from xaikit.models.adapters.sklearn.linear import linear
from xaikit.models.adapters.sklearn.names import own_name
from xaikit.models.adapters.sklearn.pipelines import behind
from xaikit.models.adapters.sklearn.trees import trees, unusual
from xaikit.models.by_methods import class_scales, describe_by_methods
from xaikit.models.model import Model

# Classifiers of two classes whose decision_function is the log-odds of the second.
_LOG_ODDS = {
    *("LogisticRegression", "LogisticRegressionCV"),
    *("GradientBoostingClassifier", "HistGradientBoostingClassifier"),
}
_MIXTURES = {"GaussianMixture", "BayesianGaussianMixture"}


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a fitted estimator, pipeline or search as a model."""
    _check(model)
    if hasattr(model, "best_estimator_"):
        return replace(describe_inner(model.best_estimator_), estimator=model)
    if isinstance(model, Pipeline):
        return behind(model, describe_inner)
    described = asked_by_tree(model, describe_by_methods(model, classes=_labels(model)))
    if _gives_log_odds(model, described):
        scales = class_scales(
            model.predict_proba, model.decision_function, model.classes_, score_is_log_odds=True
        )
        described = replace(described, scales=scales)
    described = replace(described, linear=linear(model, described))
    odd = unusual(model)
    if odd is not None:
        return replace(described, lacks={**described.lacks, "trees": odd})
    return replace(described, trees=trees(model, described))


def _check(model: Any) -> None:
    if not hasattr(model, "predict"):
        raise TypeError(
            f"model must have predict, or be callable; got {type(model).__name__} {model!r}."
        )
    if not isinstance(model, BaseEstimator):
        return
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise ValueError(
            f"model must be fitted before it is explained; got an unfitted {type(model).__name__}."
        ) from None


def _labels(model: Any) -> Any:
    """Return what a model that has no `classes_` says of rows, where these are labels.

    Taken for numbers, they would be averaged: cluster 2 is not twice cluster 1.
    """
    if is_outlier_detector(model):
        return np.array([-1, 1])
    if own_name(model) in _MIXTURES:
        return np.arange(model.n_components)
    if is_clusterer(model):
        return np.unique(model.labels_)
    return None


def _gives_log_odds(model: Any, described: Model) -> bool:
    exponential = getattr(model, "loss", None) == "exponential"
    return described.n_classes == 2 and own_name(model) in _LOG_ODDS and not exponential

"""scikit-learn's linear models, and the scalers that leave a model linear."""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.models.adapters.sklearn.names import own_name
from xaikit.models.linear import Linear, of_two_classes
from xaikit.models.model import Model

_REGRESSORS = {
    *("LinearRegression", "Ridge", "RidgeCV", "Lasso", "LassoCV", "LassoLars", "LassoLarsCV"),
    *("LassoLarsIC", "Lars", "LarsCV", "ElasticNet", "ElasticNetCV", "SGDRegressor", "LinearSVR"),
    *("BayesianRidge", "ARDRegression", "HuberRegressor", "QuantileRegressor"),
    *("TheilSenRegressor", "OrthogonalMatchingPursuit", "OrthogonalMatchingPursuitCV"),
}
_LOGISTIC = {"LogisticRegression", "LogisticRegressionCV"}
_CLASSIFIERS = _LOGISTIC | {"LinearSVC", "Perceptron", "RidgeClassifier", "RidgeClassifierCV"}
_CLASSIFIERS |= {"SGDClassifier", "PassiveAggressiveClassifier"}

# The attribute of each scaler that its input is divided by, or multiplied with.
_DIVIDES = {"StandardScaler": "scale_", "RobustScaler": "scale_", "MaxAbsScaler": "scale_"}
_MULTIPLIES = {"MinMaxScaler": "scale_"}


def linear(model: Any, described: Model) -> Linear | None:
    """Return the weights of a linear model; None for any other."""
    name = own_name(model)
    if described.kind == "regressor" and name in _REGRESSORS:
        return Linear(np.atleast_2d(np.asarray(model.coef_, dtype=np.float64)), ("prediction",))
    if described.kind != "classifier" or name not in _CLASSIFIERS:
        return None
    weights = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    if described.n_classes > 2:
        return Linear(weights, ("score",))
    spaces = ("log-odds", "score") if name in _LOGISTIC else ("score",)
    return Linear(of_two_classes(weights[0]), spaces)


def slopes(step: Any) -> FloatArray | float | None:
    """Return what a scaler multiplies each column with; None for a step that does more."""
    name = own_name(step)
    if name not in _DIVIDES | _MULTIPLIES or getattr(step, "clip", False):
        return None
    scale = getattr(step, {**_DIVIDES, **_MULTIPLIES}[name])
    if scale is None:
        return 1.0
    factor: FloatArray = scale if name in _MULTIPLIES else 1.0 / scale
    return factor

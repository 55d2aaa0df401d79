"""Linear models: the Shapley values are weight × distance from the background mean."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.core.tables import numeric
from xaikit.methods import pipelines
from xaikit.methods.task import Attribution, Task
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


def refuse(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Say why a model cannot be explained by this method, or return None."""
    known = _CLASSIFIERS if model.kind == "classifier" else _REGRESSORS
    scalers = pipelines.scalers(model)
    if model.kind == "callable" or scalers is None or model.name not in known:
        what = "a callable" if model.kind == "callable" else model.name
        return (
            "method='linear' takes a linear model of scikit-learn, alone or behind scalers; "
            f"got {what}. Use method='exact_shapley' or 'kernel_shap'."
        )
    if model.kind == "classifier" and output_space not in (None, *_spaces(model)):
        return (
            f"method='linear' explains {model.name} of {model.n_classes} classes as "
            f"{' or '.join(map(repr, _spaces(model)))}, where it is linear; got "
            f"output_space={output_space!r}. Use method='exact_shapley' or 'kernel_shap'."
        )
    return None


def default_space(model: Model) -> str:
    """Return the scale on which the model is linear."""
    return _spaces(model)[0] if model.kind == "classifier" else "prediction"


def explain(task: Task) -> Attribution:
    """Return w (x - E[x]), the expectation over the background."""
    rows, background = numeric(task.rows), numeric(task.background)
    weights, intercept = weights_of(task)
    mean = background.mean(axis=0)
    base = intercept + float(mean @ weights)
    return Attribution((rows - mean) * weights, np.full(len(rows), base), estimated=False)


def _spaces(model: Model) -> tuple[str, ...]:
    if model.n_classes == 2 and model.name in _LOGISTIC:
        return ("log-odds", "score")
    return ("score",)


def weights_of(task: Task) -> tuple[FloatArray, float]:
    """Return the weights on the columns as given, and the intercept that goes with them."""
    final = task.model.final
    coefficients = np.atleast_2d(np.asarray(final.coef_, dtype=np.float64))
    if task.model.kind == "regressor":
        weights = coefficients[task.target.column or 0]
    else:
        weights = _class_weights(task, coefficients)
    for scaler in pipelines.scalers(task.model) or []:
        name = type(scaler).__name__
        scale = getattr(scaler, {**pipelines.DIVIDES, **pipelines.MULTIPLIES}[name])
        if scale is not None:
            weights = weights * scale if name in pipelines.MULTIPLIES else weights / scale
    # The model itself says where its line starts: no bookkeeping of centres to go wrong.
    first = task.rows[:1]
    return weights, float(task.target(first)[0] - numeric(first)[0] @ weights)


def _class_weights(task: Task, coefficients: FloatArray) -> FloatArray:
    assert task.model.classes is not None  # a classifier has them
    labels = [str(label) for label in task.model.classes.tolist()]
    index = labels.index(task.target.name)
    if len(labels) > 2:
        return np.asarray(coefficients[index])
    # Two classes share one line: the second's, and against it the first's.
    return np.asarray(coefficients[0] if index == 1 else -coefficients[0])

"""A model of a table as plain numbers, with rows to check another implementation against."""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.methods.explain import explain
from xaikit.models.model import describe

TREES = {
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
}
LINEAR = {"LinearRegression", "LogisticRegression", "Ridge", "Lasso", "ElasticNet"}


def table(model: Any, rows: Any, *, background: Any) -> dict[str, Any]:
    """Write a fitted model down as plain numbers, with rows and their Shapley values.

    A page that walks the trees itself can be checked against the rows: its outputs and its
    exact Shapley values must be those computed here.

    Parameters
    ----------
    model : fitted estimator of scikit-learn
        A tree, a forest, gradient boosting or a linear model; a classifier of two classes.
    rows : DataFrame or array of shape (n, d)
        The rows to predict and explain.
    background : DataFrame or array of shape (m, d)
        The rows that absent features are drawn from. All are used and written down.

    Returns
    -------
    dict
        ``features``, ``space`` ("log-odds", "probability" or "prediction"), ``model``
        (``offset``, and ``trees`` or ``weights``), ``background``, ``rows``, and for each
        row ``predictions`` and ``values``; ``base`` is the mean over the background. In a
        tree, node k goes left where the value, as a float32, is at most ``threshold[k]``;
        a leaf has ``left[k] == -1``.

    Raises
    ------
    TypeError
        If the model is of another kind.
    ValueError
        If it has more than two classes.

    Notes
    -----
    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> import numpy as np
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> written = table(LinearRegression().fit(X, [1.0, 2.0, 3.0]), X, background=X)
    >>> [round(weight, 6) for weight in written["model"]["weights"]]
    [2.0, 1.0]
    """
    described = describe(model)
    if described.name not in TREES | LINEAR:
        raise TypeError(
            "model must be a tree, a forest, gradient boosting or a linear model of "
            f"scikit-learn; got {described.name}"
        )
    if described.n_classes > 2:
        raise ValueError(f"model must have two classes at most; got {described.n_classes}")
    space = _space(described.name, described.n_classes)
    e = explain(model, rows, method="exact_shapley", background=background, output_space=space)
    drawn: FloatArray = np.asarray(background, dtype=np.float64)
    written = _linear(model) if described.name in LINEAR else _trees(model, e.data, e.predictions)
    names = e.feature_names or tuple(f"x{k + 1}" for k in range(drawn.shape[1]))
    return {
        "features": list(names),
        "space": space,
        "model": written,
        "background": drawn.tolist(),
        "rows": np.asarray(e.data, dtype=np.float64).tolist(),
        "predictions": e.predictions.tolist(),
        "values": e.values.tolist(),
        "base": float(e.base_values[0]),
    }


def _space(name: str, n_classes: int) -> str:
    if n_classes == 0:
        return "prediction"
    adds_up = name in LINEAR or name.startswith("GradientBoosting")
    return "log-odds" if adds_up else "probability"


def _linear(model: Any) -> dict[str, Any]:
    return {
        "weights": np.ravel(model.coef_).tolist(),
        "offset": float(np.ravel(model.intercept_)[0]),
    }


def _trees(model: Any, rows: Any, predictions: FloatArray) -> dict[str, Any]:
    estimators = np.ravel(getattr(model, "estimators_", model))
    # Boosting adds its trees up, each times the learning rate; a forest takes their mean.
    boosted = hasattr(model, "learning_rate")
    factor = model.learning_rate if boosted else 1 / len(estimators)
    trees = [_tree(estimator.tree_, factor) for estimator in estimators]
    offset = 0.0
    if boosted:
        # What boosting starts from, read off one row.
        first = np.asarray(rows, dtype=np.float32)[:1]
        steps = sum(
            factor * float(estimator.tree_.predict(first).ravel()[0]) for estimator in estimators
        )
        offset = float(predictions[0]) - steps
    return {"trees": trees, "offset": offset}


def _tree(tree: Any, factor: float) -> dict[str, list[float]]:
    # Of a classifier the share of the second class stands in the last column.
    leaf = tree.value[:, 0, -1] * factor
    return {
        "feature": tree.feature.tolist(),
        "threshold": tree.threshold.tolist(),
        "left": tree.children_left.tolist(),
        "right": tree.children_right.tolist(),
        "value": leaf.tolist(),
    }

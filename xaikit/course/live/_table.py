"""A model of a table as plain numbers, with rows to check another implementation against."""

from __future__ import annotations

from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.methods.explain import explain
from xaikit.models.describe import describe
from xaikit.models.model import Model
from xaikit.models.target import Target, choose_output
from xaikit.models.trees import Trees


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
    described = describe(model, rows)
    if described.linear is None and not _is_walked_as_written(described.trees, rows):
        raise TypeError(
            "model must be a tree, a forest, gradient boosting or a linear model of "
            f"scikit-learn; got {described.name}"
        )
    if described.n_classes > 2:
        raise ValueError(f"model must have two classes at most; got {described.n_classes}")
    space = _spaces(described)[0]
    e = explain(model, rows, method="exact_shapley", background=background, output_space=space)
    drawn: FloatArray = np.asarray(background, dtype=np.float64)
    names = e.feature_names or tuple(f"x{k + 1}" for k in range(drawn.shape[1]))
    return {
        "features": list(names),
        "space": space,
        "model": _written(described, choose_output(described, space, None, rows[:1]), rows[:1]),
        "background": drawn.tolist(),
        "rows": np.asarray(e.data, dtype=np.float64).tolist(),
        "predictions": e.predictions.tolist(),
        "values": e.values.tolist(),
        "base": float(e.base_values[0]),
    }


def _is_walked_as_written(trees: Trees | None, rows: Any) -> bool:
    """Say whether trees compare the columns themselves, as float32, and nothing else."""
    if trees is None or trees.players is not None:
        return False
    if any(tree.categories for tree in trees.trees(0)[0]):
        return False
    rounded = np.asarray(rows, dtype=np.float64).astype(np.float32)
    return np.array_equal(trees.seen(rows), rounded)


def _spaces(described: Model) -> tuple[str, ...]:
    if described.linear is not None:
        return described.linear.spaces
    assert described.trees is not None  # `table` asked
    return described.trees.spaces


def _written(described: Model, target: Target, row: Any) -> dict[str, Any]:
    if described.linear is not None:
        weights, offset = described.linear.line(target, row)
        return {"weights": weights.tolist(), "offset": offset}
    assert described.trees is not None  # `table` asked
    trees, start = described.trees.trees(target.column or 0)
    return {
        "trees": [
            {
                "feature": tree.feature.tolist(),
                "threshold": tree.threshold.tolist(),
                "left": tree.left.tolist(),
                "right": tree.right.tolist(),
                "value": tree.value.tolist(),
            }
            for tree in trees
        ],
        "offset": start,
    }

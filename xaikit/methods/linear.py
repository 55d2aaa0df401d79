"""Linear models: the Shapley values are weight × distance from the background mean."""

from __future__ import annotations

import numpy as np

from xaikit.core.tables import numeric
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.model import Model


def refuse(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Say why a model cannot be explained by this method, or return None."""
    instead = "Use method='exact_shapley' or 'kernel_shap'."
    if model.linear is None:
        what = "a callable" if model.kind == "callable" else model.lacks.get("linear", model.name)
        return (
            "method='linear' takes a linear model of scikit-learn, alone or behind scalers; "
            f"got {what}. {instead}"
        )
    if output_space not in (None, *model.linear.spaces):
        return (
            f"method='linear' explains {model.name} of {model.n_classes} classes as "
            f"{' or '.join(map(repr, model.linear.spaces))}, where it is linear; got "
            f"output_space={output_space!r}. {instead}"
        )
    return None


def default_space(model: Model) -> str:
    """Return the scale on which the model is linear."""
    assert model.linear is not None  # else it is refused
    return model.linear.spaces[0]


def explain(task: Task) -> Attribution:
    """Return the Shapley values of a linear model: w (x - E[x]), weight times distance.

    The expectation is over the background. The model is one of scikit-learn's linear
    models, alone or behind scalers, in pipelines of any depth; classifiers are explained in
    log-odds (logistic regression of two classes) or in the score of a class.

    References
    ----------
    .. [1] Štrumbelj, E. and Kononenko, I. (2014). Explaining prediction models and
       individual predictions with feature contributions. Knowledge and Information
       Systems 41, 647-665. https://doi.org/10.1007/s10115-013-0679-x

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> from sklearn.linear_model import LinearRegression
    >>> X = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    >>> model = LinearRegression().fit(X, X @ [3.0, 4.0])
    >>> xk.explain(model, [[1.0, 1.0]], background=X[1:], method="linear").values.round(6) + 0
    array([[0., 0.]])
    """
    assert task.model.linear is not None  # else it is refused
    rows, background = numeric(task.rows), numeric(task.background)
    weights, intercept = task.model.linear.line(task.target, task.rows[:1])
    mean = background.mean(axis=0)
    base = intercept + float(mean @ weights)
    return Attribution((rows - mean) * weights, np.full(len(rows), base), estimated=False)


METHOD = Method(
    "linear",
    explain,
    refuse=refuse,
    default_space=default_space,
    rank=1,
    reason=lambda model, n_features: (
        f"{model.name} is linear, so its Shapley values follow exactly from its weights."
    ),
    adds_up=True,
)

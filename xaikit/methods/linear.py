"""Linear models: the Shapley values are weight × distance from the background mean."""

from __future__ import annotations

import numpy as np

from xaikit.core.tables import numeric
from xaikit.methods.registry import Method
from xaikit.methods.task import Attribution, Task
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
    """Return w (x - E[x]), the expectation over the background."""
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

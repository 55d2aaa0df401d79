"""Exact Shapley values of any model: every coalition is asked, with every background row."""

from __future__ import annotations

import numpy as np

from xaikit.core import shapley
from xaikit.core.checks import FloatArray
from xaikit.core.tables import encode
from xaikit.inputs import coalitions
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.model import Model

MAX_FEATURES = 16
# Coalition values held at once: 8 MB of float64.
_HELD = 2**20


def refuse(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Say why a model cannot be explained by this method, or return None."""
    if n_features > MAX_FEATURES:
        return (
            f"method='exact_shapley' takes at most {MAX_FEATURES} features, as it asks all "
            f"2**d coalitions; got d = {n_features}. Use method='kernel_shap', or explain a "
            "model of fewer features."
        )
    return None


def explain(task: Task) -> Attribution:
    """Return exact interventional Shapley values: all 2**d coalitions are asked.

    The value of a coalition of features is the mean prediction when the other features are
    drawn from the background, every row of it. At most 16 features.

    References
    ----------
    .. [1] Shapley, L. S. (1953). A value for n-person games. Contributions to the
       Theory of Games II, 307-317. https://doi.org/10.1515/9781400881970-018

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> background = np.array([[0.0, 0.0], [2.0, 4.0]])
    >>> xk.explain(lambda X: X[:, 0] * X[:, 1], [[3.0, 5.0]], background=background).values
    array([[6., 5.]])
    """
    rows, background, coding = encode(task.rows, task.background)
    masks = shapley.coalition_masks(rows.shape[1])

    def one_group(group: FloatArray) -> tuple[FloatArray, FloatArray]:
        v = coalitions.value_function(task.target, coding, group, background, masks)
        return shapley.from_coalition_values(v), v[:, 0]

    # A group is small enough to hold, and large enough to fill one call of the model.
    done = task.spread(
        one_group,
        rows,
        what="exact_shapley",
        least=coalitions.rows_a_call(background, masks),
        most=max(1, _HELD // len(masks)),
    )
    values = np.concatenate([values for values, _ in done])
    base_values = np.concatenate([base for _, base in done])
    return Attribution(values, base_values, estimated=False)


def reason(model: Model, n_features: int) -> str | None:
    """Say why "auto" takes it: it asks no more coalitions than the sample that is the way out."""
    if 2**n_features > 2048 + 2 * n_features:
        return None
    return f"{n_features} features make {2**n_features} coalitions, few enough to ask them all."


METHOD = Method("exact_shapley", explain, refuse=refuse, rank=3, reason=reason, adds_up=True)

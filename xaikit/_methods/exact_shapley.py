"""Exact Shapley values of any model: every coalition is asked, with every background row."""

from __future__ import annotations

import numpy as np

from xaikit import _shapley
from xaikit._methods import _coalitions
from xaikit._methods._task import Attribution, Task
from xaikit._models import Model
from xaikit._tables import encode
from xaikit._validate import FloatArray

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


def default_space(model: Model) -> str:
    """Return the scale people read the model on."""
    return model.default_space


def explain(task: Task) -> Attribution:
    """Return exact interventional Shapley values."""
    rows, background, coding = encode(task.rows, task.background)
    masks = _shapley.coalition_masks(rows.shape[1])

    def one_group(group: FloatArray) -> tuple[FloatArray, FloatArray]:
        worth = _coalitions.worth(task.target, coding, group, background, masks)
        return _shapley.from_coalition_values(worth), worth[:, 0]

    # A group is small enough to hold, and large enough to fill one call of the model.
    done = task.spread(
        one_group,
        rows,
        what="exact_shapley",
        least=_coalitions.rows_a_call(background, masks),
        most=max(1, _HELD // len(masks)),
    )
    values = np.concatenate([values for values, _ in done])
    base_values = np.concatenate([base for _, base in done])
    return Attribution(values, base_values, estimated=False)

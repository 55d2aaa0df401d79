"""Occlusion: what the prediction loses when one feature is replaced from the background.

v_j = f(x) − E_b[f(x with x_j := b_j)], the expectation over every background row. One
feature at a time, so what two features do together is counted for both of them, or where
either stands in for the other, for neither: the values need not sum to
f(x) − E[f(b)], and the residual is what is missing.
"""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.core.tables import encode
from xaikit.inputs import coalitions
from xaikit.methods.registry import Method
from xaikit.methods.task import Attribution, Task


def explain(task: Task) -> Attribution:
    """Return the loss of each feature; the base value is the mean over the background."""
    rows, background, coding = encode(task.rows, task.background)
    d = rows.shape[1]
    # All features; then all but one. Both are asked in the same way, so that a feature
    # that the model does not read loses exactly nothing.
    masks = np.vstack([np.ones((1, d), dtype=bool), ~np.eye(d, dtype=bool)])

    def one_group(group: FloatArray) -> FloatArray:
        worth = coalitions.worth(task.target, coding, group, background, masks)
        return worth[:, :1] - worth[:, 1:]

    least = coalitions.rows_a_call(background, masks)
    values = np.concatenate(task.spread(one_group, rows, what="occlusion", least=least))
    base = task.target(task.background).mean()
    return Attribution(values, np.full(len(values), base), estimated=False)


METHOD = Method("occlusion", explain)

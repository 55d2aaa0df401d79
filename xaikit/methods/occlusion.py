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
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method


def explain(task: Task) -> Attribution:
    """Return what the prediction loses when one feature is drawn from the background.

    A value is f(x) - E[f(x with the feature drawn from the background)], and the base value
    is E[f]. The values add up to the prediction of additive models only; the residual shows
    what they miss of the others.

    References
    ----------
    .. [1] Robnik-Šikonja, M. and Kononenko, I. (2008). Explaining classifications for
       individual instances. IEEE Transactions on Knowledge and Data Engineering 20(5),
       589-600. https://doi.org/10.1109/TKDE.2007.190734

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> rows, background = np.array([[3.0, 5.0]]), np.zeros((1, 2))
    >>> e = xk.explain(lambda X: X[:, 0] * X[:, 1], rows, background=background,
    ...                method="occlusion")
    >>> e.values, e.residual
    (array([[15., 15.]]), array([-15.]))
    """
    rows, background, coding = encode(task.rows, task.background)
    d = rows.shape[1]
    # All features; then all but one. Both are asked in the same way, so that a feature
    # that the model does not read loses exactly nothing.
    masks = np.vstack([np.ones((1, d), dtype=bool), ~np.eye(d, dtype=bool)])

    def one_group(group: FloatArray) -> FloatArray:
        v = coalitions.value_function(task.target, coding, group, background, masks)
        return v[:, :1] - v[:, 1:]

    least = coalitions.rows_a_call(background, masks)
    values = np.concatenate(task.spread(one_group, rows, what="occlusion", least=least))
    base = task.target(task.background).mean()
    return Attribution(values, np.full(len(values), base), estimated=False)


METHOD = Method("occlusion", explain)

"""Whether the sum of some attributions says what the prediction loses without them."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, generator, whole_number
from xaikit.core.explanation import Explanation
from xaikit.evaluate import _question
from xaikit.evaluate._scores import RowScores

# Of the size of the numbers that were added and subtracted.
_ROUNDING = 1e-10


def faithfulness_correlation(
    model: Any,
    e: Explanation,
    *,
    background: Any = None,
    subset_size: int | None = None,
    n_subsets: int = 100,
    random_state: int | np.random.Generator | None = None,
) -> RowScores:
    """Correlate sums of attributions with what the prediction loses without the features.

    For random subsets of the features, all of one size: the sum of their attributions
    against the prediction minus the mean prediction with them drawn from the background.

    Parameters
    ----------
    model : estimator or callable
        The model that `e` explains.
    e : Explanation
        Of the rows of a table with at least two columns.
    background : DataFrame or array-like of shape (b, d), optional
        The rows that absent features are drawn from, all of them. Left out, the
        explained rows themselves when there are at least 20.
    subset_size : int, optional
        Features in a subset, 1 to d − 1; left out, half of them (rounded down).
    n_subsets : int
        Subsets drawn, at least 2. Where there are no more than this, all are taken.
    random_state : int, numpy.random.Generator or None
        The same int draws the same subsets, which all rows share.

    Returns
    -------
    RowScores
        Pearson correlations, one for each row, from −1 to 1; **higher is better**. 0 for a row
        where the sums or the losses do not vary, as with constant attributions.

    Raises
    ------
    TypeError
        When `e` is no Explanation, or types of columns do not fit.
    ValueError
        When `e` has no rows, fewer than two columns or is of images, when `background`
        does not fit, when the model does not give `e.predictions`, or when a number is
        out of range.

    Notes
    -----
    The measure of [1]_, with the mean over the background where the paper sets a
    baseline value. For a model that is a sum of functions of single features the
    Shapley values score 1 exactly.

    What it cannot see: a factor or a constant common to all attributions of a row;
    what happens at other subset sizes; whether the mixed rows could exist. Right
    attributions of a model that ignores all features score 0.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Bhatt, U., Weller, A. and Moura, J. M. F. (2020). Evaluating and aggregating
       feature-based model explanations. IJCAI, 3016-3022.
       https://doi.org/10.24963/ijcai.2020/417

    Examples
    --------
    >>> import xaikit as xk
    >>> data = xk.datasets.planted_linear(n_samples=50, random_state=0)
    >>> e = xk.explain(data.truth.function, data.X)
    >>> faithfulness_correlation(data.truth.function, e, random_state=0)
    faithfulness correlation: 1 on average over 50 rows (from -1 to 1, higher is better)
    """
    whole_number("n_subsets", n_subsets, low=2)
    rng = generator(random_state)
    question = _question.ask(model, e, background, least_features=2)
    d = e.values.shape[1]
    size = d // 2 if subset_size is None else subset_size
    whole_number("subset_size", size, low=1, high=d - 1)
    subsets = _subsets(rng, d, size, n_subsets)
    sums = e.values @ subsets.T.astype(np.float64)
    left = question.value_function(~subsets)
    losses = e.predictions[:, None] - left
    # Differences below these are rounding, not spread.
    sums_scale = np.abs(e.values).sum(axis=1)
    losses_scale = np.maximum(np.abs(e.predictions), np.abs(left).max(axis=1))
    scores = _row_correlations(sums, losses, _ROUNDING * sums_scale, _ROUNDING * losses_scale)
    return RowScores(scores, "faithfulness correlation", -1.0, 1.0, "higher")


def _subsets(rng: np.random.Generator, d: int, size: int, n_subsets: int) -> BoolArray:
    if comb(d, size) <= n_subsets:
        members = np.array(list(combinations(range(d), size)))
    else:
        members = np.argsort(rng.random((n_subsets, d)), axis=1)[:, :size]
    subsets = np.zeros((len(members), d), dtype=bool)
    np.put_along_axis(subsets, members, True, axis=1)
    return subsets


def _row_correlations(
    first: FloatArray, second: FloatArray, first_least: FloatArray, second_least: FloatArray
) -> FloatArray:
    """Return Pearson correlations along rows; 0 where either varies by no more than its least."""
    a, b = (side - side.mean(axis=1, keepdims=True) for side in (first, second))
    spread_a, spread_b = (np.abs(side).max(axis=1) for side in (a, b))
    varies = (spread_a > first_least) & (spread_b > second_least)
    # Scaled to 1, so that squares neither vanish nor overflow.
    a = a[varies] / spread_a[varies, None]
    b = b[varies] / spread_b[varies, None]
    together = (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    scores = np.zeros(len(first))
    scores[varies] = together.clip(-1.0, 1.0)
    return scores

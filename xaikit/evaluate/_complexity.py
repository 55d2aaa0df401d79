"""How many features an explanation spreads its attributions over."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.core.explanation import Explanation
from xaikit.evaluate import _checks
from xaikit.evaluate._scores import RowScores


def entropy(e: Explanation) -> RowScores:
    """Measure how evenly each row's attribution is spread, by the entropy of its shares.

    Parameters
    ----------
    e : Explanation
        Of a table or of images, with d features or pixels.

    Returns
    -------
    RowScores
        From 0 (one feature has all of it) to log d (all have the same size), in nats;
        **lower is simpler**, which is better only among explanations that are right.

    Raises
    ------
    TypeError
        When `e` is no Explanation.
    ValueError
        When `e` has no rows or no features.

    Notes
    -----
    The complexity of [1]_: the entropy of |value| / sum of |value|. A row of zeros
    singles out nothing and scores log d.

    What it cannot see: whether the explanation is right, the signs, or which features
    have large values. All attribution on a feature that is never read scores 0.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Bhatt, U., Weller, A. and Moura, J. M. F. (2020). Evaluating and aggregating
       feature-based model explanations. IJCAI, 3016-3022.
       https://doi.org/10.24963/ijcai.2020/417

    Examples
    --------
    >>> import xaikit as xk
    >>> e = xk.explain(lambda X: X[:, 0] + 0 * X[:, 1], [[1.0, 1.0]], background=[[0.0, 0.0]])
    >>> entropy(e).values
    array([0.])
    """
    from scipy.stats import entropy as shannon

    _checks.explanation("e", e)
    sizes = _sizes(e)
    # Rounding may leave a hair outside of the range.
    most = float(np.log(sizes.shape[1]))
    values = np.asarray(shannon(sizes, axis=1), dtype=np.float64).clip(0.0, most)
    return RowScores(values, "entropy", 0.0, most, "lower")


def sparseness(e: Explanation) -> RowScores:
    """Measure how unevenly each row's attribution is spread, by the Gini index of its sizes.

    Parameters
    ----------
    e : Explanation
        Of a table or of images, with d features or pixels.

    Returns
    -------
    RowScores
        From 0 (all features have the same size) to 1 − 1/d (one has all); **higher is
        simpler**, which is better only among explanations that are right.

    Raises
    ------
    TypeError
        When `e` is no Explanation.
    ValueError
        When `e` has no rows or no features.

    Notes
    -----
    The Gini index of |value|, as in [1]_. A row of zeros scores 0.

    What it cannot see is what `entropy` cannot: whether the explanation is right, the
    signs, and which features have large values.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Chalasani, P., Chen, J., Chowdhury, A. R., Wu, X. and Jha, S. (2020). Concise
       explanations of neural networks using adversarial training. ICML, PMLR
       119:1383-1391. https://doi.org/10.48550/arXiv.1810.06583

    Examples
    --------
    >>> import xaikit as xk
    >>> e = xk.explain(lambda X: X[:, 0] + 0 * X[:, 1], [[1.0, 1.0]], background=[[0.0, 0.0]])
    >>> sparseness(e).values
    array([0.5])
    """
    _checks.explanation("e", e)
    shares = np.sort(_sizes(e), axis=1)
    shares /= shares.sum(axis=1, keepdims=True)
    d = shares.shape[1]
    # Each share is weighted by how many are at least as large as it.
    weights = (d - np.arange(1, d + 1) + 0.5) / d
    values = (1.0 - 2.0 * shares @ weights).clip(0.0, 1.0 - 1.0 / d)
    return RowScores(values, "sparseness", 0.0, 1.0 - 1.0 / d, "higher")


def _sizes(e: Explanation) -> FloatArray:
    """Return |values| scaled to a largest of 1 a row; ones where all are zero."""
    sizes = np.abs(_checks.flat(e))
    largest = sizes.max(axis=1, keepdims=True)
    scaled: FloatArray = np.where(largest > 0, sizes / np.where(largest > 0, largest, 1.0), 1.0)
    return scaled

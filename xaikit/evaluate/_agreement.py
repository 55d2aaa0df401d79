"""Whether two explanations of the same rows say the same."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import whole_number
from xaikit.core.explanation import Explanation
from xaikit.evaluate import _checks
from xaikit.evaluate._scores import RowScores
from xaikit.evaluate._ties import share_of_top


def rank_correlation(first: Explanation, second: Explanation) -> RowScores:
    """Compare the orders in which two explanations put the features, row by row.

    Parameters
    ----------
    first, second : Explanation
        Of the same rows, tables or images, with at least two features.

    Returns
    -------
    RowScores
        Spearman's correlation of the signed values, from −1 (the reverse order) to 1
        (the same order); **higher is more agreement**. An explanation and its negative
        score −1.

    Raises
    ------
    TypeError
        When one is no Explanation.
    ValueError
        When shapes, features or rows differ, or there are fewer than two features.

    Notes
    -----
    Equal values share their mean rank. Where one explanation orders nothing (all values
    equal) the score is 0, and 1 where neither does. One of the measures of [1]_.

    What it cannot see: sizes, so that a feature with next to no attribution counts as much as
    the strongest; and which of the two is right. Two wrong explanations can agree.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Krishna, S. et al. (2024). The disagreement problem in explainable machine
       learning: a practitioner's perspective. Transactions on Machine Learning Research.
       https://doi.org/10.48550/arXiv.2202.01602

    Examples
    --------
    >>> from dataclasses import replace
    >>> import xaikit as xk
    >>> e = xk.explain(lambda X: X[:, 0] - X[:, 1], [[2.0, 1.0]], background=[[0.0, 0.0]])
    >>> rank_correlation(e, replace(e, values=-e.values)).values
    array([-1.])
    """
    from scipy.stats import rankdata

    _check_pair(first, second, least_features=2)
    ranks = [rankdata(_checks.flat(e), axis=1) for e in (first, second)]
    middle = (ranks[0].shape[1] + 1) / 2
    a, b = (rank - middle for rank in ranks)
    lengths = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    same = (a == b).all(axis=1)
    scores = np.where(lengths > 0, (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1.0), 0.0)
    scores = np.where(same, 1.0, scores).clip(-1.0, 1.0)
    return RowScores(scores, "rank correlation", -1.0, 1.0, "higher")


def top_k_overlap(first: Explanation, second: Explanation, *, k: int = 3) -> RowScores:
    """Compare which k features two explanations call the strongest, row by row.

    Parameters
    ----------
    first, second : Explanation
        Of the same rows, tables or images.
    k : int
        How many features, 1 to d.

    Returns
    -------
    RowScores
        The share of the k features with the largest |value| that both have, from 0 to
        1; **higher is more agreement**. Two orders drawn at random share k/d on average.

    Raises
    ------
    TypeError
        When one is no Explanation, or `k` is no whole number.
    ValueError
        When shapes, features or rows differ, or `k` is out of range.

    Notes
    -----
    Features that tie for the last places share them, so that the order of columns
    decides nothing: constant attributions overlap with any clear top by k/d, as chance
    does. The feature agreement of [1]_.

    What it cannot see: the order within the top, the signs, all features below it; and
    which of the two is right.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Krishna, S. et al. (2024). The disagreement problem in explainable machine
       learning: a practitioner's perspective. Transactions on Machine Learning Research.
       https://doi.org/10.48550/arXiv.2202.01602

    Examples
    --------
    >>> import xaikit as xk
    >>> e = xk.explain(lambda X: X @ [3.0, 2.0, 1.0], [[1.0] * 3], background=[[0.0] * 3])
    >>> other = xk.explain(lambda X: X @ [3.0, 1.0, 2.0], [[1.0] * 3], background=[[0.0] * 3])
    >>> top_k_overlap(e, other, k=2).values
    array([0.5])
    """
    _check_pair(first, second)
    sizes = [np.abs(_checks.flat(e)) for e in (first, second)]
    whole_number("k", k, low=1, high=sizes[0].shape[1])
    parts = [share_of_top(size, k) for size in sizes]
    overlap = (np.minimum(*parts).sum(axis=1) / k).clip(0.0, 1.0)
    return RowScores(overlap, f"top-{k} overlap", 0.0, 1.0, "higher")


def sign_agreement(first: Explanation, second: Explanation) -> RowScores:
    """Compare for each row whether features speak for or against in two explanations.

    Parameters
    ----------
    first, second : Explanation
        Of the same rows, tables or images.

    Returns
    -------
    RowScores
        The share of features with the same sign in both (zero agrees with zero only),
        from 0 to 1; **higher is more agreement**. Signs drawn at random agree on half.

    Raises
    ------
    TypeError
        When one is no Explanation.
    ValueError
        When shapes, features or rows differ.

    Notes
    -----
    After the sign agreement of [1]_, over all features and not the top k alone.

    What it cannot see: sizes, so that a value of 1e-17, rounding and nothing else,
    counts as a sign; and which of the two is right.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Krishna, S. et al. (2024). The disagreement problem in explainable machine
       learning: a practitioner's perspective. Transactions on Machine Learning Research.
       https://doi.org/10.48550/arXiv.2202.01602

    Examples
    --------
    >>> import xaikit as xk
    >>> e = xk.explain(lambda X: X @ [3.0, 2.0], [[1.0, 1.0]], background=[[0.0, 0.0]])
    >>> other = xk.explain(lambda X: X @ [3.0, -2.0], [[1.0, 1.0]], background=[[0.0, 0.0]])
    >>> sign_agreement(e, other).values
    array([0.5])
    """
    _check_pair(first, second)
    same = np.sign(_checks.flat(first)) == np.sign(_checks.flat(second))
    return RowScores(same.mean(axis=1), "sign agreement", 0.0, 1.0, "higher")


def _check_pair(first: Explanation, second: Explanation, *, least_features: int = 1) -> None:
    _checks.explanation("first", first, least_features=least_features)
    _checks.explanation("second", second, least_features=least_features)
    _checks.same_rows(first, second)

"""How far an explanation is from a truth that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.core.explanation import Explanation
from xaikit.datasets._dataset import Dataset, MaskTruth, Truth
from xaikit.evaluate import _checks
from xaikit.evaluate._scores import read_only


@dataclass(frozen=True, eq=False, repr=False)
class TruthError:
    """The distance of an explanation from the truth, in four ways.

    Parameters
    ----------
    rmse : float
        Root of the mean squared difference over all rows and features, in units of the
        attributions; 0 is best.
    relative : float
        `rmse` over the root mean square of the truth: 0 is best, 1 is what attributions
        of zero score, 2 what the negative of the truth scores; no upper limit, and
        infinite where the truth is zero throughout and the explanation is not.
    largest : float
        The largest absolute difference; 0 is best.
    misplaced : float
        The share, 0 to 1, of all |value| that stands on features without any true
        effect; 0 is best.
    by_row : ndarray of shape (n,)
        Root mean squared difference of each row.
    by_feature : ndarray of shape (d,)
        Root mean squared difference of each feature (of images: of each pixel).

    Notes
    -----
    Taught in: trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> TruthError(0.5, 0.25, 1.0, 0.1, np.array([0.5]), np.array([0.5]))
    error against the truth: rmse 0.5, relative 0.25, largest 1, misplaced 0.1 (0 is best)
    """

    rmse: float
    relative: float
    largest: float
    misplaced: float
    by_row: FloatArray
    by_feature: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_row", read_only(self.by_row))
        object.__setattr__(self, "by_feature", read_only(self.by_feature))

    def __repr__(self) -> str:
        return (
            f"error against the truth: rmse {self.rmse:.3g}, relative {self.relative:.3g}, "
            f"largest {self.largest:.3g}, misplaced {self.misplaced:.3g} (0 is best)"
        )


def error(e: Explanation, truth: Dataset | Truth | Any) -> TruthError:
    """Measure how far an explanation is from attributions that are known to be right.

    Parameters
    ----------
    e : Explanation
        Of a table or of images.
    truth : Dataset, Truth or array-like of the shape of `e.values`
        What is right: planted data, of which `e` explains all rows in order, its
        truth, or the attributions themselves, such as ``truth.attributions[rows]``.

    Returns
    -------
    TruthError
        Four errors, each from 0 up and **lower is better**, and the error by row and by
        feature.

    Raises
    ------
    TypeError
        When `e` is no Explanation, or `truth` holds no numbers: of images and sequences
        only the place is known, and `evaluate.localisation` measures against that.
    ValueError
        When the shapes, names or rows differ, the truth is not finite, or a dataset
        has no truth.

    Notes
    -----
    The truth of planted data are interventional Shapley values of the function that
    made the outcome. The error is the explanation's alone when that function is what
    was explained, with all rows as background; of a fitted model it also holds the
    model's error, and with another background or another definition of attribution
    (LIME, conditional Shapley values) a difference is no fault.

    Taught in: trust/truth.

    Examples
    --------
    >>> import xaikit as xk
    >>> data = xk.datasets.planted_product(n_samples=50, random_state=0)
    >>> e = xk.explain(data.truth.function, data.X)
    >>> error(e, data).relative < 1e-12
    True
    """
    _checks.explanation("e", e)
    right, irrelevant = _right(e, truth)
    off = (e.values - right).reshape(len(e), -1)
    rmse, size = _root_mean_square(off), _root_mean_square(right)
    sizes = np.abs(e.values)
    total = float(sizes.sum())
    return TruthError(
        rmse=rmse,
        relative=rmse / size if size > 0 else (0.0 if rmse == 0 else float("inf")),
        largest=float(np.abs(off).max()),
        misplaced=float(sizes[:, irrelevant].sum()) / total if total > 0 else 0.0,
        by_row=np.sqrt((off**2).mean(axis=1)),
        by_feature=np.sqrt((off**2).mean(axis=0)).reshape(e.values.shape[1:]),
    )


def _right(e: Explanation, truth: Any) -> tuple[FloatArray, BoolArray]:
    """Return the right attributions, and which features have no true effect."""
    irrelevant = None
    known = truth.truth if isinstance(truth, Dataset) else truth
    if isinstance(known, MaskTruth):
        raise TypeError(
            "truth must hold attributions; got a MaskTruth, which holds places only. Use "
            "evaluate.localisation to measure against it."
        )
    if isinstance(truth, Dataset):
        if known is None:
            raise ValueError(
                "truth must be known; got a Dataset of real data, whose truth is None."
            )
        _check_rows(e, truth)
        if truth.feature_names is not None:
            relevant = known.relevant
            irrelevant = np.array([name not in relevant for name in truth.feature_names])
        truth = known.attributions
    elif isinstance(truth, Truth):
        truth = truth.attributions
    right = np.asarray(truth)
    if right.dtype.kind not in "biuf":
        raise TypeError(
            f"truth must be a Dataset, a Truth or numbers; got {type(truth).__name__} "
            f"of {right.dtype}."
        )
    if right.shape != e.values.shape:
        raise ValueError(
            f"truth must have the shape of e.values, {e.values.shape}; got {right.shape}. "
            "For some of the rows pass truth.attributions[rows]."
        )
    if not np.isfinite(right).all():
        raise ValueError(f"truth must be finite; got {right[~np.isfinite(right)][0]}.")
    if irrelevant is None:
        irrelevant = (right == 0).all(axis=0)
    return right.astype(np.float64), irrelevant


def _check_rows(e: Explanation, data: Dataset) -> None:
    if e.feature_names != data.feature_names:
        raise ValueError(
            f"truth must have the features of e, {e.feature_names}; got {data.feature_names}."
        )
    rows = np.asarray(data.X)
    if not np.array_equal(rows, e.data):
        raise ValueError(
            f"truth must be of the rows that e explains, {len(e)} in order; got a Dataset of "
            f"{len(rows)} rows that are not all the same. For some of the rows pass "
            "truth.attributions[rows]."
        )


def _root_mean_square(array: FloatArray) -> float:
    return float(np.sqrt((array**2).mean()))

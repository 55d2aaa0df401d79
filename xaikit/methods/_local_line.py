"""LIME's local linear model from one weighted Gram matrix.

lime fits a ridge regression anew for every feature that it tries. All of those fits need
only the products of the centred columns with each other and with the outputs, which are
computed once here: the same features and coefficients, without the refits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from lime.lime_base import LimeBase
from scipy.linalg import solve

from xaikit.core.checks import FloatArray

# The share of a column's own variation below which the chosen columns already hold it.
_COLLINEAR = 1e-10


class GramBase(LimeBase):  # type: ignore[misc] # lime publishes no types
    """lime's own base, its selection and its final ridge solved from the Gram matrix."""

    effective_samples: float

    def explain_instance_with_data(
        self,
        neighborhood_data: FloatArray,
        neighborhood_labels: FloatArray,
        distances: FloatArray,
        label: int,
        num_features: int,
        feature_selection: str = "auto",
        model_regressor: Any = None,
        overwrite: bool = False,
    ) -> tuple[float, list[tuple[int, float]], float, float]:
        """Return intercept, (feature, coefficient) pairs, R² and the local prediction.

        With `overwrite` the rows are worked on where they stand: fresh memory costs more time
        than what is computed in it.
        """
        weights = self.kernel_fn(distances)
        labels, row = neighborhood_labels[:, label], neighborhood_data[0].copy()
        share = weights / weights.sum()
        centre, mean = share @ neighborhood_data, float(share @ labels)
        root = np.sqrt(weights)
        out = neighborhood_data if overwrite else None
        weighted = np.subtract(neighborhood_data, centre, out=out)
        weighted *= root[:, None]
        varied = root * (labels - mean)
        gram, target = weighted.T @ weighted, weighted.T @ varied

        chosen = _select(gram, target, row, num_features, feature_selection)
        coefficients = ridge(gram, target, chosen, alpha=1.0)
        slopes = np.zeros(len(centre))
        slopes[chosen] = coefficients
        self.effective_samples = float(weights.sum() ** 2 / (weights**2).sum())
        score = _r2(varied - weighted @ slopes, varied)
        pairs = zip(chosen.tolist(), coefficients.tolist(), strict=True)
        return (
            mean - float(centre @ slopes),
            sorted(pairs, key=lambda pair: abs(pair[1]), reverse=True),
            score,
            mean + float((row - centre) @ slopes),
        )


def _r2(left: FloatArray, varied: FloatArray) -> float:
    """Return the R² of weighted numbers; as scikit-learn's, 1 or 0 where they do not vary."""
    missed, spread = float(left @ left), float(varied @ varied)
    if spread == 0:
        return float(missed == 0)
    return 1.0 - missed / spread


def _select(
    gram: FloatArray, target: FloatArray, row: FloatArray, n_features: int, how: str
) -> npt.NDArray[np.intp]:
    """Return the features that lime would choose, in its order."""
    if how == "none":
        return np.arange(len(gram))
    if how == "auto":
        how = "forward_selection" if n_features <= 6 else "highest_weights"
    if how == "forward_selection":
        return forward_selection(gram, target, n_features)
    strength = np.abs(ridge(gram, target, np.arange(len(gram)), alpha=0.01) * row)
    return np.argsort(-strength, kind="stable")[:n_features]


def ridge(
    gram: FloatArray, target: FloatArray, columns: npt.NDArray[np.intp], alpha: float
) -> FloatArray:
    """Return the ridge coefficients of some columns: (G + alpha I)⁻¹ t."""
    penalised = gram[np.ix_(columns, columns)] + alpha * np.eye(len(columns))
    coefficients: FloatArray = solve(penalised, target[columns], assume_a="pos")
    return coefficients


def forward_selection(
    gram: FloatArray, target: FloatArray, n_features: int
) -> npt.NDArray[np.intp]:
    """Return features one by one, each the one that raises the weighted R² the most.

    Adding column j to those chosen explains r_j² / v_j more, where v_j is what they leave
    of the column's variation, and r_j what they leave of its product with the outputs.
    Both are brought up to date by one step of Gaussian elimination.
    """
    left, product = gram.copy(), target.copy()
    own = gram.diagonal()
    chosen: list[int] = []
    for _ in range(min(n_features, len(gram))):
        variation = left.diagonal()
        free = variation > _COLLINEAR * own
        gain = np.where(free, product**2 / np.where(free, variation, 1.0), 0.0)
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        if free[best]:
            column = left[:, best] / variation[best]
            product = product - column * product[best]
            left = left - np.outer(column, left[best])
    return np.array(chosen, dtype=np.intp)

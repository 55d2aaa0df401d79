"""Sums of products of features: models rich enough to plant a fault, and solved exactly."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xaikit.core.shapley import coalition_masks, from_coalition_values
from xaikit.datasets._dataset import Truth

# A term is a weight and the columns that are multiplied: (3.0, (0, 2)) stands for 3 x1 x3.
Terms = tuple[tuple[float, tuple[int, ...]], ...]


def truth_of(terms: Terms, X: NDArray[np.float64], names: tuple[str, ...]) -> Truth:
    """Return the truth of the sum of the terms, with all rows of X as background."""
    terms = tuple((weight, columns) for weight, columns in terms if weight)
    read = {column for _, columns in terms for column in columns}
    attributions = np.zeros_like(X)
    # Shapley values of a sum are the sums of the Shapley values of its terms.
    for weight, columns in terms:
        attributions[:, columns] += weight * _product_values(X[:, columns])
    return Truth(
        function=partial(_polynomial, terms=terms),
        relevant=tuple(name for column, name in enumerate(names) if column in read),
        attributions=attributions,
    )


def _polynomial(X: Any, *, terms: Terms) -> NDArray[np.float64]:
    values = np.ascontiguousarray(X, dtype=float)
    total = np.zeros(len(values))
    for weight, columns in terms:
        total += weight * values[:, columns].prod(axis=1)
    return total


def _product_values(factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Shapley values (n, k) of the product of k columns.

    The value of a coalition is the product of its own columns times the mean product of the
    others over the background: no coalition has to be played.
    """
    v = [
        factors[:, inside].prod(axis=1) * factors[:, ~inside].prod(axis=1).mean()
        for inside in coalition_masks(factors.shape[1])
    ]
    return from_coalition_values(np.stack(v, axis=1))

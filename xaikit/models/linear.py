"""Linear models in one form: a weight for each column that goes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.core.tables import numeric

if TYPE_CHECKING:
    from xaikit.models.target import Target


@dataclass(frozen=True)
class Linear:
    """The weights (k, d) of k outputs on d columns, and the scales on which they are linear.

    Of two classes there are two rows, the first the negative of the second.
    """

    weights: FloatArray
    spaces: tuple[str, ...]

    def line(self, target: Target, row: Any) -> tuple[FloatArray, float]:
        """Return the weights (d,) of an output and its intercept, f(x) = x · w + b.

        The intercept is read off one row, (1, d), as the model answers it: no bookkeeping
        of the centres of scalers that could go wrong.
        """
        weights: FloatArray = self.weights[target.column or 0]
        return weights, float(target(row)[0] - numeric(row)[0] @ weights)


def of_two_classes(coefficients: FloatArray) -> FloatArray:
    """Return the weights of both classes from those of the second."""
    return np.vstack([-coefficients, coefficients])

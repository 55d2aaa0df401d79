"""The one thing every dataset function returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of planted data, to hold explanations against.

    Parameters
    ----------
    function : callable
        The true model, ``function(X) -> (n,)``, without noise. `X` is a DataFrame or an
        array of shape (n, d) with the columns in order.
    relevant : tuple of str
        The features that the function reads. All others have no effect whatever.
    attributions : ndarray of shape (n, d)
        The exact Shapley values of `function` for every row of X, in units of y, with
        all rows of X as background and absent features drawn from it whole
        (interventional). Each row sums to ``function(X)`` less its mean over X.

    Notes
    -----
    Taught in: local/shapley.

    Examples
    --------
    >>> from xaikit import datasets
    >>> truth = datasets.planted_linear(n_samples=100, random_state=0).truth
    >>> truth.relevant
    ('x1', 'x2', 'x3')
    >>> truth.attributions.shape
    (100, 5)
    """

    function: Callable[[Any], NDArray[np.float64]]
    relevant: tuple[str, ...]
    attributions: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows, outcomes, and what a careful reader asks about them first.

    Parameters
    ----------
    X : DataFrame of shape (n, d), or ndarray of shape (n, height, width)
        The rows; images are floats from 0 (background) to 1 (ink).
    y : Series, or ndarray for images, of shape (n,)
        The outcomes; for classes the integers 0, 1, … in the order of `target_names`.
    feature_names : tuple of str, or None for images
        The columns of X.
    target_names : tuple of str
        The classes in the order of their codes; for regression the one outcome and its unit.
    description : str
        What the rows are, how the outcome is coded, and what is wrong with the data.
    source : str
        Who made the data, with the DOI or address.
    licence : str
        What may be done with it.
    truth : Truth or None
        What is true of planted data; None for real data, where nobody knows.

    Notes
    -----
    Every call of a dataset function returns fresh copies, so rows that were changed do
    not come back in the next call.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> from xaikit import datasets
    >>> cancer = datasets.breast_cancer()
    >>> cancer
    Dataset(569 rows, 30 features, outcome: 0 = malignant, 1 = benign)
    >>> cancer.y.mean().round(3)
    np.float64(0.627)
    """

    X: Any
    y: Any
    feature_names: tuple[str, ...] | None
    target_names: tuple[str, ...]
    description: str
    source: str
    licence: str
    truth: Truth | None = None

    def __repr__(self) -> str:
        if isinstance(self.X, pd.DataFrame):
            rows = f"{len(self.X):,} rows, {self.X.shape[1]} features"
        else:
            rows = f"{len(self.X):,} images of {self.X.shape[1]} × {self.X.shape[2]} pixels"
        names = self.target_names
        if len(names) == 1:
            outcome = names[0]
        elif len(names) > 3:
            outcome = f"{len(names)} classes"
        else:
            outcome = ", ".join(f"{code} = {name}" for code, name in enumerate(names))
        return f"Dataset({rows}, outcome: {outcome})"

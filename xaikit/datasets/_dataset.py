"""The one thing every dataset function returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xaikit.core.checks import BoolArray


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of planted data, to check explanations against.

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
        (interventional). Each row sums to ``function(X)`` minus its mean over X.

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
class MaskTruth:
    """Where in planted images or sequences that stands which should decide the class.

    Parameters
    ----------
    mask : bool ndarray of shape (n, height, width) or (n, length)
        True at the pixels or tokens that the class comes from; the shape of X without
        its channels.
    parts : mapping of str to bool ndarray of the shape of `mask`
        Named places, such as "object", "watermark" or "distractor", whether they should
        decide or not. A part that a row does not have is False throughout that row.

    Raises
    ------
    TypeError
        If `mask` or a part is no array of True and False, or `parts` no mapping.
    ValueError
        If `mask` is neither 2-D nor 3-D, or a part has another shape.

    Notes
    -----
    A mask says where to look, not how much each place there contributes, as `Truth`
    does for tables; and it is of how the classes were made, not of what a model
    learnt. The arrays are read-only.

    Taught in: deep/saliency, trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.array([[[False, True], [False, True]]])
    >>> truth = MaskTruth(mask, {"object": mask, "watermark": ~mask})
    >>> truth
    MaskTruth(1 row of (2, 2), parts: object, watermark)
    >>> int(truth.parts["watermark"].sum())
    2
    """

    mask: BoolArray
    parts: Mapping[str, BoolArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mask = _read_only_mask("mask", self.mask)
        if mask.ndim not in (2, 3):
            raise ValueError(
                "mask must be of shape (n, height, width) or (n, length), without channels; "
                f"got {mask.shape}."
            )
        if not isinstance(self.parts, Mapping):
            raise TypeError(
                f"parts must be a mapping of names to masks; got {type(self.parts).__name__}."
            )
        parts = {}
        for name, part in self.parts.items():
            parts[name] = _read_only_mask(f"parts[{name!r}]", part)
            if part.shape != mask.shape:
                raise ValueError(
                    f"parts[{name!r}] must have the shape of mask, {mask.shape}; got {part.shape}."
                )
        object.__setattr__(self, "mask", mask)
        object.__setattr__(self, "parts", parts)

    def __repr__(self) -> str:
        rows = f"{len(self.mask):,} row{'s' * (len(self.mask) != 1)} of {self.mask.shape[1:]}"
        return f"MaskTruth({rows}, parts: {', '.join(self.parts) or 'none'})"


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows, outcomes, and what a careful reader asks about them first.

    Parameters
    ----------
    X : DataFrame of shape (n, d), or ndarray
        The rows. Images have the shape (n, height, width) or (n, height, width,
        channels) and are floats in [0, 1]; sequences have the shape (n, length) and are
        the integer codes of their tokens.
    y : Series, or ndarray for images and sequences, of shape (n,)
        The outcomes; for classes the integers 0, 1, … in the order of `target_names`.
    feature_names : tuple of str, or None for images and sequences
        The columns of X.
    target_names : tuple of str
        The classes in the order of their codes; for regression the one outcome and its unit.
    description : str
        What the rows are, how the outcome is coded, and what is wrong with the data.
    source : str
        Who made the data, with the DOI or address.
    licence : str
        What may be done with it.
    truth : Truth, MaskTruth or None
        What is true of planted data: of tables the attributions, of images and sequences
        the place. None for real data, where nobody knows.

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
    truth: Truth | MaskTruth | None = None

    def __repr__(self) -> str:
        if isinstance(self.X, pd.DataFrame):
            rows = f"{len(self.X):,} rows, {self.X.shape[1]} features"
        elif self.X.ndim == 2:
            rows = f"{len(self.X):,} sequences of {self.X.shape[1]} tokens"
        else:
            images = "image" if len(self.X) == 1 else "images"
            rows = f"{len(self.X):,} {images} of {self.X.shape[1]} × {self.X.shape[2]} pixels"
        names = self.target_names
        if len(names) == 1:
            outcome = names[0]
        elif len(names) > 3:
            outcome = f"{len(names)} classes"
        else:
            outcome = ", ".join(f"{code} = {name}" for code, name in enumerate(names))
        return f"Dataset({rows}, outcome: {outcome})"


def _read_only_mask(name: str, mask: object) -> BoolArray:
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
        kind = f"{mask.dtype}" if isinstance(mask, np.ndarray) else type(mask).__name__
        raise TypeError(f"{name} must be an array of True and False; got {kind}.")
    view = mask.view()
    view.flags.writeable = False
    return view

"""Take features or pixels away in the order of their attributions, or put them in, and watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.core.explanation import Explanation
from xaikit.evaluate import _checks, _pixel_curves, _question
from xaikit.evaluate._scores import read_only
from xaikit.models.describe import describe


@dataclass(frozen=True, eq=False, repr=False)
class Curve:
    """The prediction as features go, or come, in the order of their attributions.

    Parameters
    ----------
    kind : {"deletion", "insertion"}
        Whether features were taken away or put in.
    fractions : ndarray of shape (s + 1,)
        The share of features gone, or in: from 0 to 1 in s steps, of d features in d.
    predictions : ndarray of shape (n, s + 1)
        The mean prediction of each row at each share, in units of `output_space`.
    output_space : str
        The scale of the predictions.
    unit : str
        What goes, or comes, in a step.

    Notes
    -----
    Taught in: trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> curve = Curve("deletion", np.array([0, 0.5, 1]), np.array([[4.0, 1.0, 0.0]]), "prediction")
    >>> curve
    deletion curve of 1 row over 2 features: area 1.5 (prediction, lower is better)
    >>> curve.areas
    array([1.5])
    """

    kind: Literal["deletion", "insertion"]
    fractions: FloatArray
    predictions: FloatArray
    output_space: str
    unit: str = "features"

    def __post_init__(self) -> None:
        object.__setattr__(self, "fractions", read_only(self.fractions))
        object.__setattr__(self, "predictions", read_only(self.predictions))

    @property
    def mean(self) -> FloatArray:
        """The mean curve of the rows, (s + 1,)."""
        average: FloatArray = self.predictions.mean(axis=0)
        return average

    @property
    def areas(self) -> FloatArray:
        """The area under each row's curve, (n,), which is its mean height in `output_space`."""
        below = np.trapezoid(self.predictions, self.fractions, axis=1)
        return np.asarray(below, dtype=np.float64)

    @property
    def area(self) -> float:
        """The mean of the areas."""
        return float(self.areas.mean())

    def __len__(self) -> int:
        return len(self.predictions)

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self)} rows"
        better = "lower" if self.kind == "deletion" else "higher"
        return (
            f"{self.kind} curve of {rows} over {len(self.fractions) - 1} {self.unit}: "
            f"area {self.area:.3g} ({self.output_space}, {better} is better)"
        )


def deletion(
    model: Any,
    e: Explanation,
    *,
    background: Any = None,
    baseline: Any = None,
    patch_size: int | tuple[int, int] | None = None,
    n_steps: int | None = None,
) -> Curve:
    """Take features away, the most positive attribution first, and follow the prediction.

    If the attributions are right the prediction falls fast, and the area is small.

    Parameters
    ----------
    model : estimator or callable
        The model that `e` explains.
    e : Explanation
        Of the rows of a table, of images or of texts.
    background : DataFrame or array-like of shape (b, d), optional
        For tables: the rows that absent features are drawn from, all of them. Left out,
        the explained rows themselves when there are at least 20.
    baseline : number, array-like, "mean" or "blur", optional
        For images and texts: what takes the place of absent pixels. A number (of a
        text, a word's), one for each channel, an image or one for each row, the mean colour of
        each image, or its blur. Left out, 0.
    patch_size : int or pair of int, optional
        For images: pixels go in patches of this height and width. Left out, one by one.
    n_steps : int, optional
        For images and texts: in how many steps all pixels go; left out, at most 50.

    Returns
    -------
    Curve
        From the prediction to the mean prediction over the background, or to that of
        the baseline. Its area is in units of the output and within the range of the
        predictions; **lower is better**. Compare areas of one model on the same rows only.

    Raises
    ------
    TypeError
        When `e` is no Explanation, or types of columns do not fit.
    ValueError
        When `e` has no rows, when `background`, `baseline` or a number does not fit, or
        when the model does not give `e.predictions`.

    Notes
    -----
    In a table an absent feature is drawn from the background as in `xaikit.explain`.
    Of an image, as in [1]_, all channels of a pixel go at once, the largest sum of its
    (or its patch's) attributions first. Features with equal attributions go together,
    and the curve is straight between, so that the order of columns or pixels decides
    nothing: constant attributions give a straight line.

    What it cannot see: the size of the attributions, only their order counts; whether
    the rows with features drawn from others, and the images with holes, could exist,
    or what the model makes of those that cannot: try more than one baseline; errors
    among features that the model does not use.

    It asks the model n · (d + 1) · b times for a table and at most 2n · (s + 1) times in
    s steps for images, in bounded memory.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Petsiuk, V., Das, A. and Saenko, K. (2018). RISE: Randomized input sampling
       for explanation of black-box models. BMVC.
       https://doi.org/10.48550/arXiv.1806.07421

    Examples
    --------
    >>> from dataclasses import replace
    >>> import xaikit as xk
    >>> data = xk.datasets.planted_linear(n_samples=100, random_state=0)
    >>> right = xk.explain(data.truth.function, data.X)
    >>> worst = replace(right, values=-right.values)
    >>> areas = [deletion(data.truth.function, e).area for e in (right, worst)]
    >>> areas[0] < areas[1]
    True
    """
    options = {"baseline": baseline, "patch_size": patch_size, "n_steps": n_steps}
    return _curve("deletion", model, e, background, options)


def insertion(
    model: Any,
    e: Explanation,
    *,
    background: Any = None,
    baseline: Any = None,
    patch_size: int | tuple[int, int] | None = None,
    n_steps: int | None = None,
) -> Curve:
    """Put features in, the most positive attribution first, and follow the prediction.

    If the attributions are right the prediction rises fast, and the area is large.

    Parameters
    ----------
    model : estimator or callable
        The model that `e` explains.
    e : Explanation
        Of the rows of a table, of images or of texts.
    background : DataFrame or array-like of shape (b, d), optional
        For tables: the rows that absent features are drawn from, all of them. Left out,
        the explained rows themselves when there are at least 20.
    baseline : number, array-like, "mean" or "blur", optional
        For images and texts: what takes the place of absent pixels. A number (of a
        text, a word's), one for each channel, an image or one for each row, the mean colour of
        each image, or its blur. Left out, 0.
    patch_size : int or pair of int, optional
        For images: pixels go in patches of this height and width. Left out, one by one.
    n_steps : int, optional
        For images and texts: in how many steps all pixels go; left out, at most 50.

    Returns
    -------
    Curve
        From the mean prediction over the background, or from that of the baseline, to
        the prediction. Its area is in units of the output and within the range of the
        predictions; **higher is better**. Compare areas of one model on the same rows only.

    Raises
    ------
    TypeError
        When `e` is no Explanation, or types of columns do not fit.
    ValueError
        When `e` has no rows, when `background`, `baseline` or a number does not fit, or
        when the model does not give `e.predictions`.

    Notes
    -----
    The insertion curve of an explanation is the deletion curve of its negative, read
    from right to left. What it cannot see is what `deletion` cannot: the size of the
    attributions, whether the mixed rows could exist, errors among unused features.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Petsiuk, V., Das, A. and Saenko, K. (2018). RISE: Randomized input sampling
       for explanation of black-box models. BMVC.
       https://doi.org/10.48550/arXiv.1806.07421

    Examples
    --------
    >>> import xaikit as xk
    >>> e = xk.explain(lambda X: X[:, 0] - 2 * X[:, 1], [[3.0, 1.0]], background=[[0.0, 0.0]])
    >>> insertion(lambda X: X[:, 0] - 2 * X[:, 1], e, background=[[0.0, 0.0]]).predictions
    array([[0., 3., 1.]])
    """
    options = {"baseline": baseline, "patch_size": patch_size, "n_steps": n_steps}
    return _curve("insertion", model, e, background, options)


def _curve(
    kind: Literal["deletion", "insertion"],
    model: Any,
    e: Explanation,
    background: Any,
    options: dict[str, Any],
) -> Curve:
    _checks.explanation("e", e)
    described = describe(model, e.data)
    if e.values.ndim > 2 or not described.is_table:
        if background is not None:
            raise ValueError(
                "background must be left out for images and texts, whose absent pixels and words "
                f"are those of a baseline; got {type(background).__name__}."
            )
        points = _pixel_curves.curve(kind, described, e, **options)
        return Curve(kind, points.fractions, points.predictions, e.output_space, points.unit)
    for name, value in options.items():
        if value is not None:
            raise ValueError(f"{name} must be left out for a table; got {type(value).__name__}.")
    question = _question.ask(model, e, background)
    d = e.values.shape[1]
    order = np.argsort(-e.values, axis=1, kind="stable")
    place = np.argsort(order, axis=1)
    # Mask k of a row holds the k features with the largest attributions.
    first = place[:, None, :] < np.arange(d + 1)[None, :, None]
    heights = question.value_function(first if kind == "insertion" else ~first)
    sorted_values = np.take_along_axis(e.values, order, axis=1)
    return Curve(
        kind, np.arange(d + 1) / d, _straight_over_ties(heights, sorted_values), e.output_space
    )


def _straight_over_ties(heights: FloatArray, sorted_values: FloatArray) -> FloatArray:
    """Join the ends of each run of equal attributions by a straight line."""
    steps = np.arange(heights.shape[1])
    is_end = np.ones(heights.shape, dtype=bool)
    is_end[:, 1:-1] = sorted_values[:, 1:] != sorted_values[:, :-1]
    straight = heights.copy()
    for row in np.flatnonzero(~is_end.all(axis=1)):
        ends = is_end[row]
        straight[row] = np.interp(steps, steps[ends], heights[row, ends])
    return straight

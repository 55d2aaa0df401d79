"""Whether rows that are nearly the same get explanations that are nearly the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, generator, whole_number
from xaikit.core.explanation import Explanation
from xaikit.core.tables import Coding, encode
from xaikit.evaluate._scores import read_only
from xaikit.inputs.columns import deviations
from xaikit.inputs.rows import checked_background, checked_rows
from xaikit.models.describe import describe


@dataclass(frozen=True, eq=False, repr=False)
class Stability:
    """How much explanations change with small changes of the rows; lower is better.

    Parameters
    ----------
    relative_change : ndarray of shape (n,)
        Mean over the neighbours of the distance of the two explanations over the
        longer of them: 0 for no change, at most 2 (the sign turned).
    lipschitz : ndarray of shape (n,)
        The largest distance of the two explanations over the distance of the two rows,
        in standard deviations of the features: from 0 up, in units of the output.
    prediction_change : ndarray of shape (n,)
        Mean absolute change of the prediction, in units of the output: where the model
        itself jumps, a good explanation jumps with it.
    radius : float
        How far a feature was moved at most, in standard deviations.
    n_neighbours : int
        Neighbours of each row.

    Notes
    -----
    Taught in: trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> Stability(np.array([0.5]), np.array([3.0]), np.array([0.25]), 0.1, 10)
    stability of 1 row, 10 neighbours within 0.1 sd: relative change 0.5, Lipschitz 3 (0 is best)
    """

    relative_change: FloatArray
    lipschitz: FloatArray
    prediction_change: FloatArray
    radius: float
    n_neighbours: int

    def __post_init__(self) -> None:
        for name in ("relative_change", "lipschitz", "prediction_change"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.lipschitz)

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self)} rows"
        return (
            f"stability of {rows}, {self.n_neighbours} neighbours within {self.radius:g} sd: "
            f"relative change {self.relative_change.mean():.3g}, "
            f"Lipschitz {self.lipschitz.mean():.3g} (0 is best)"
        )


def stability(
    explainer: Callable[[Any], Explanation],
    X: Any,
    *,
    background: Any = None,
    radius: float = 0.1,
    n_neighbours: int = 10,
    random_state: int | np.random.Generator | None = None,
) -> Stability:
    """Move rows a little, explain them again, and measure how far the explanations move.

    Parameters
    ----------
    explainer : callable
        ``explainer(X) -> Explanation``, such as ``functools.partial(xaikit.explain,
        model, background=background)``. It is called twice: with `X`, and with all
        neighbours at once.
    X : DataFrame or array-like of shape (n, d)
        The rows.
    background : DataFrame or array-like of shape (b, d), optional
        The rows whose standard deviations measure the features; left out, `X` itself.
    radius : float
        How far each feature is moved at most, in standard deviations; above 0.
    n_neighbours : int
        Neighbours of each row, at least 1.
    random_state : int, numpy.random.Generator or None
        The same int draws the same neighbours.

    Returns
    -------
    Stability
        Relative change (0 to 2) and local Lipschitz constant (from 0 up) of each row;
        **lower is better**.

    Raises
    ------
    TypeError
        When `explainer` is not callable or returns no Explanation, or an argument is of
        the wrong type.
    ValueError
        When `X` or `background` does not fit, a number is out of range, no feature can
        move, or the explainer returns another number of rows.

    Notes
    -----
    The Lipschitz estimate is that of [1]_ over a sample of neighbours, hence a lower
    bound. Each feature is moved evenly within the radius. Whole numbers stay whole;
    booleans, text and categories stay as they are.

    What it cannot see: whether the explanation is right. Constant attributions are
    perfectly stable; where the model jumps, a right explanation is not. Compare
    `prediction_change`.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Alvarez-Melis, D. and Jaakkola, T. S. (2018). On the robustness of
       interpretability methods. https://doi.org/10.48550/arXiv.1806.08049

    Examples
    --------
    >>> from functools import partial
    >>> import xaikit as xk
    >>> X = np.random.default_rng(0).standard_normal((50, 2))
    >>> steady = partial(xk.explain, lambda X: 3 * X[:, 0], background=X)
    >>> result = stability(steady, X, random_state=0)
    >>> bool(result.lipschitz.max() <= 3 * X[:, 0].std() + 1e-9)
    True
    """
    if not callable(explainer):
        raise TypeError(
            f"explainer must be callable, explainer(X); got {type(explainer).__name__}."
        )
    _check_radius(radius)
    whole_number("n_neighbours", n_neighbours, low=1)
    rng = generator(random_state)
    taker = describe(explainer)
    table = checked_rows("X", X, taker)
    reference = table if background is None else checked_background(background, table, taker)[0]
    codes, reference_codes, coding = encode(table, reference)
    scale, whole = _scale(coding, reference_codes)

    start = np.repeat(codes, n_neighbours, axis=0)
    moved = start + radius * scale * rng.uniform(-1.0, 1.0, start.shape)
    moved[:, whole] = np.round(moved[:, whole])
    steps = np.nan_to_num((moved - start) / np.where(scale > 0, scale, 1.0))
    distance = np.linalg.norm(steps, axis=1)
    distance = distance.reshape(-1, n_neighbours)
    stuck = np.flatnonzero((distance == 0).all(axis=1))
    if len(stuck):
        raise ValueError(
            f"radius must be large enough to move every row, whole numbers by 1 at least; "
            f"got {radius:g}, which leaves row {stuck[0]} where it is."
        )
    before = _explained(explainer, table, len(codes))
    after = _explained(explainer, coding.decode(moved), len(moved))
    return _compare(before, after, distance, float(radius))


def _check_radius(radius: Any) -> None:
    if isinstance(radius, bool) or not isinstance(radius, int | float | np.number):
        raise TypeError(f"radius must be a number; got {type(radius).__name__}.")
    if not (np.isfinite(radius) and radius > 0):
        raise ValueError(f"radius must be finite and above 0; got {radius!r}.")


def _scale(coding: Coding, codes: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return how far a feature moves for a radius of 1, and which move in whole steps."""
    kinds = ["O" if c.number is None else c.number.kind for c in coding.columns]
    whole = np.isin(kinds, ["i", "u"])
    scale = np.where(np.isin(kinds, ["i", "u", "f"]), deviations(codes), 0.0)
    if not (scale > 0).any():
        raise ValueError(
            "background (or X, where it is left out) must have a column of numbers that "
            f"varies; got none among {codes.shape[1]} in {len(codes)} rows."
        )
    return scale, whole


def _explained(explainer: Callable[[Any], Explanation], rows: Any, n: int) -> Explanation:
    e = explainer(rows)
    if not isinstance(e, Explanation):
        raise TypeError(f"explainer must return an xaikit.Explanation; got {type(e).__name__}.")
    if len(e) != n:
        raise ValueError(f"explainer must return one explanation a row, {n}; got {len(e)}.")
    return e


def _compare(
    before: Explanation, after: Explanation, distance: FloatArray, radius: float
) -> Stability:
    n, n_neighbours = distance.shape
    if before.values.shape[1:] != after.values.shape[1:]:
        raise ValueError(
            "explainer must return values of one shape a row; got "
            f"{before.values.shape[1:]} and {after.values.shape[1:]}."
        )
    first = before.values.reshape(n, 1, -1)
    second = after.values.reshape(n, n_neighbours, -1)
    change = np.linalg.norm(second - first, axis=2)
    longer = np.maximum(np.linalg.norm(first, axis=2), np.linalg.norm(second, axis=2))
    relative = change / np.where(longer > 0, longer, 1.0)
    # A neighbour in the same place says nothing about slopes, unless the explainer is noisy.
    slopes = np.where(distance > 0, change / np.where(distance > 0, distance, 1.0), 0.0)
    moved = after.predictions.reshape(n, n_neighbours) - before.predictions[:, None]
    return Stability(
        relative_change=relative.mean(axis=1).clip(0.0, 2.0),
        lipschitz=slopes.max(axis=1),
        prediction_change=np.abs(moved).mean(axis=1),
        radius=radius,
        n_neighbours=n_neighbours,
    )

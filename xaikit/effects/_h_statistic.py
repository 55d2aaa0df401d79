"""Friedman's H: how much of what two features do together neither does alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray, fraction, generator, whole_number
from xaikit.core.tables import encode
from xaikit.inputs.columns import column_names, column_positions
from xaikit.inputs.rows import checked_rows
from xaikit.models.describe import describe
from xaikit.models.target import choose_output

# Rows that the model is asked about at a time.
_PIECE = 50_000


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """How strongly pairs of features interact in a model.

    Parameters
    ----------
    pairs : tuple of pairs of str
        The features.
    h : ndarray of shape (p,)
        Friedman's H of each pair: the root of the share that their interaction has in the
        variance of what the two do together. 0 where they only add up, 1 where neither does
        anything alone; above 1, and no share, where features that go together cancel each
        other (see `h_statistic`); nan where the two together do nothing.
    h_low, h_high : ndarray of shape (p,)
        The ends of the interval of H over resampled rows.
    strength : ndarray of shape (p,)
        The standard deviation of the interaction over the rows, in units of the output: what H
        divides away.
    level : float
        The share of the resamples that lie in the interval.
    n_rows : int
        The rows it rests on.
    output_name, output_space : str
        Which output of the model, on which scale.

    Notes
    -----
    Taught in: global/effects.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import effects
    >>> X = np.random.default_rng(0).choice([-1.0, 1.0], size=(100, 2))
    >>> effects.h_statistic(lambda X: X[:, 0] + 3 * X[:, 1], X, random_state=0)
    Interactions on prediction over 100 rows, H with 95% intervals
      x0 × x1: 0 (0 to 0)
    """

    pairs: tuple[tuple[str, str], ...]
    h: FloatArray
    h_low: FloatArray
    h_high: FloatArray
    strength: FloatArray
    level: float
    n_rows: int
    output_name: str
    output_space: str

    def to_frame(self) -> pd.DataFrame:
        """Return the pairs, a row each, the strongest interaction first.

        Returns
        -------
        DataFrame
            Columns "first", "second", "h", "h_low", "h_high" and "strength".
        """
        frame = pd.DataFrame(self.pairs, columns=["first", "second"]).assign(
            h=self.h, h_low=self.h_low, h_high=self.h_high, strength=self.strength
        )
        ordered = frame.sort_values("strength", ascending=False, kind="stable")
        return ordered.reset_index(drop=True)

    def __repr__(self) -> str:
        head = (
            f"Interactions on {self.output_name} over {self.n_rows:,} rows, "
            f"H with {self.level:.0%} intervals"
        )
        rows = self.to_frame().itertuples(index=False)
        lines = [
            f"  {row.first} × {row.second}: {row.h:.3g} ({row.h_low:.3g} to {row.h_high:.3g})"
            for row in rows
        ]
        return "\n".join([head, *lines])


def h_statistic(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    features: Iterable[Any] | None = None,
    *,
    n_rows: int = 100,
    n_resamples: int = 200,
    level: float = 0.95,
    output: Any = None,
    output_space: str | None = None,
    random_state: int | np.random.Generator | None = None,
) -> Interactions:
    """Measure how strongly pairs of features interact, by Friedman's H, with intervals.

    What two features do together is their partial dependence as a pair; what it has beyond
    the sum of the two single ones is the interaction. H is the root of the share that the
    interaction has in the variance of the whole.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, a model of XGBoost, LightGBM or
        CatBoost, or any callable ``f(X)`` that returns (n,) or (n, k).
    X : DataFrame or array-like of shape (n, d)
        Rows as they occur, of any column types.
    features : sequence of columns, optional
        Two or more, by name or position; every pair of them is measured. Left out, all.
    n_rows : int
        The rows, drawn from `X`, at which partial dependence is computed and over which it
        averages: the model is asked about ``n_rows ** 2`` rows a feature and a pair.
    n_resamples : int
        How often the rows are drawn anew, with replacement, for the interval. The model is
        not asked again.
    level : float
        The share of the resamples in the interval, above 0 and below 1.
    output : label or int, optional
        The class label, or the column of a model with several outputs. Left out, the
        second of two classes; of more it must be named.
    output_space : {"prediction", "probability", "log-odds", "score"}, optional
        The scale. Left out, "prediction" for regressors and callables, "probability"
        for classifiers that have it and "score" for the others.
    random_state : int or numpy.random.Generator, optional
        The same seed gives the same numbers.

    Returns
    -------
    Interactions
        H and its interval for each pair, and the interaction's size in units of the output.

    Raises
    ------
    TypeError
        When `model` is neither fitted estimator nor callable, `X` holds text outside a
        DataFrame, or `features` is no sequence.
    ValueError
        When `X` does not fit the model, `features` names no column, or fewer than two, or a
        number is out of its range.

    Notes
    -----
    ``H² = Σ (PDjk − PDj − PDk)² / Σ PDjk²`` over the rows, each partial dependence centred.
    For ``x1 + x2 + a x1 x2`` with independent features of mean 0 and variance 1 it is
    ``a² / (2 + a²)``.

    H is not an amount: a pair that does next to nothing may have an H near 1, since it is a
    share of that next to nothing. Read it beside `strength`. ``strength / h`` is the standard
    deviation of what the two do together: where it is small beside that of the model's outputs,
    H may be chance. In ``x1 x2 x3`` with x3 of mean 0, no pair does anything; in a sample, whose
    mean of x3 is not quite 0, H of x1 and x2 is 1.

    H is a share only where the two features are independent. Where they go together, so that
    what one does takes back what the other does, the divisor may be near 0 beside the
    interaction, and H far above 1: as in ``x1 x2 + a x1`` at the rows (1/2, 2), (1, 1) and
    (2, 1/2), with ``m / a`` times the standard deviation of ``x1 + x2`` over that of ``x1``,
    where m, 7/6, is the mean of either. As partial dependence, it asks
    the model about rows that do not occur where features are correlated. A square is never
    negative: between features that the model only adds up H is 0 but for rounding, but
    sampling rows of an interaction near 0 pushes it up, and the interval with it.

    Taught in: global/effects.

    References
    ----------
    .. [1] Friedman, J. H. and Popescu, B. E. (2008). Predictive learning via rule ensembles.
       The Annals of Applied Statistics 2(3), 916-954. https://doi.org/10.1214/07-AOAS148

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import effects
    >>> X = np.random.default_rng(0).choice([-1.0, 1.0], size=(400, 3))
    >>> found = effects.h_statistic(lambda X: X[:, 0] + X[:, 1] * X[:, 2], X, random_state=0)
    >>> found.to_frame().loc[0, ["first", "second"]].tolist()
    ['x1', 'x2']
    """
    rng = generator(random_state)
    n_rows = whole_number("n_rows", n_rows, low=2)
    n_resamples = whole_number("n_resamples", n_resamples, low=1)
    level = fraction("level", level)
    described = describe(model, X)
    rows = checked_rows("X", X, described)
    names = column_names(X, rows, described)
    columns = _columns(features, names)
    codes, _, coding = encode(rows, rows)
    drawn = codes if len(codes) <= n_rows else codes[rng.choice(len(codes), n_rows, replace=False)]
    target = choose_output(described, output_space or described.default_space, output, rows[:1])
    at = _Mixed(lambda mixed: target(coding.decode(mixed)), drawn)
    weights = _resamples(len(drawn), n_resamples, rng)
    single = {j: _centred(at.rows_with([j]), weights) for j in columns}
    found = []
    for j, k in itertools.combinations(columns, 2):
        output_with = at.rows_with([j, k])
        joint = _centred(output_with, weights)
        # Below this a mean of the output is only rounded otherwise.
        noise = (1e-13 * np.abs(output_with).max()) ** 2
        found.append(_h(joint, joint - single[j] - single[k], weights, noise))
    h, strength = np.array([[whole[0], size] for whole, size in found]).T
    tail = 50 * (1 - level)
    # Where the two together do nothing there is no share, and no interval.
    ends = [np.percentile(whole[1:], [tail, 100 - tail]) for whole, _ in found]
    low, high = np.array(ends).T
    return Interactions(
        pairs=tuple((names[j], names[k]) for j, k in itertools.combinations(columns, 2)),
        h=h, h_low=low, h_high=high, strength=strength,
        level=level, n_rows=len(drawn),
        output_name=target.name, output_space=target.space,
    )  # fmt: skip


def _columns(features: Any, names: tuple[str, ...]) -> list[int]:
    columns = (
        list(range(len(names)))
        if features is None
        else list(dict.fromkeys(column_positions("features", features, names)))
    )
    if len(columns) < 2:
        raise ValueError(f"features must be two different columns or more; got {features!r}.")
    return columns


class _Mixed:
    """A model asked about rows that have some columns from one row and the rest from another."""

    def __init__(self, function: Callable[[FloatArray], FloatArray], rows: FloatArray) -> None:
        self.function, self.rows = function, rows

    def rows_with(self, columns: list[int]) -> FloatArray:
        """Return the output (n, n): row i holds the columns of row i, in each of the rows."""
        n = len(self.rows)
        size = max(1, _PIECE // n)
        pieces = []
        for start in range(0, n, size):
            given = self.rows[start : start + size]
            mixed = np.tile(self.rows, (len(given), 1))
            mixed[:, columns] = np.repeat(given[:, columns], n, axis=0)
            pieces.append(self.function(mixed).reshape(len(given), n))
        return np.concatenate(pieces)


def _resamples(n: int, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return how much each row weighs, first in the sample itself, then in each resample."""
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=n_resamples)
    return np.concatenate([np.ones((1, n)), drawn]) / n


def _centred(output: FloatArray, weights: FloatArray) -> FloatArray:
    """Return partial dependence (resamples, n) at each row, its mean over the rows 0."""
    dependence: FloatArray = weights @ output.T
    dependence -= (weights * dependence).sum(axis=1, keepdims=True)
    return dependence


def _h(
    joint: FloatArray, beyond: FloatArray, weights: FloatArray, noise: float
) -> tuple[FloatArray, float]:
    """Return H in the sample and each resample, and the size of the interaction."""
    whole, part = (weights * joint**2).sum(axis=1), (weights * beyond**2).sum(axis=1)
    part = np.where(part <= noise, 0.0, part)
    squared = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > noise)
    return np.sqrt(squared), float(np.sqrt(part[0]))

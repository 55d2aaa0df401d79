"""Data whose truth is planted: the model is known, and so is every right attribution."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xaikit.core.checks import generator, numbers, whole_number
from xaikit.datasets._dataset import Dataset, Truth

_SOURCE = "Drawn by xaikit.datasets.{}; nothing in it was measured."
_LICENCE = "MIT, as xaikit"


def planted_linear(
    n_samples: int = 1000,
    n_features: int = 5,
    *,
    coefficients: Sequence[float] | None = None,
    correlation: float = 0.0,
    noise: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows whose outcome is a weighted sum of standard normal features.

    Parameters
    ----------
    n_samples, n_features : int
        Rows and columns; the columns are named x1, x2, ….
    coefficients : sequence of n_features floats, optional
        The weights. By default half of the features (rounded up) matter, with falling
        size and changing sign, and the rest have weight zero: 3, −2, 1, 0, 0 for five.
    correlation : float in [0, 1)
        Correlation of each pair of features.
    noise : float
        Standard deviation of normal noise added to y, in units of y.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows.

    Returns
    -------
    Dataset
        Its `truth` holds φ = w (x − mean of x): interventional Shapley values do not
        see the correlation.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    The closed form is Corollary 1 of Lundberg, S. and Lee, S.-I. (2017), A unified
    approach to interpreting model predictions, arXiv:1705.07874.

    Taught in: local/shapley.

    Examples
    --------
    >>> data = planted_linear(n_samples=200, random_state=0)
    >>> data.truth.relevant
    ('x1', 'x2', 'x3')
    >>> bool(np.allclose(data.truth.attributions[:, 0], 3 * (data.X["x1"] - data.X["x1"].mean())))
    True
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_features", n_features, low=1)
    _check_range("correlation", correlation, below=1.0)
    _check_range("noise", noise)
    weights = _weights(n_features, coefficients)
    rng = generator(random_state)
    names = tuple(f"x{number}" for number in range(1, n_features + 1))
    X = _equicorrelated(rng, n_samples, n_features, correlation)
    truth = Truth(
        function=partial(_linear, weights=weights),
        relevant=tuple(name for name, weight in zip(names, weights, strict=True) if weight != 0),
        attributions=weights * (X - X.mean(axis=0)),
    )
    formula = " ".join(
        f"{'-' if w < 0 else '+'} {abs(w):g} {name}"
        for w, name in zip(weights, names, strict=True)
        if w != 0
    )
    formula = formula.removeprefix("+ ") or "0"
    description = (
        f"y = {formula}, features standard normal with pairwise correlation {correlation:g}, "
        f"noise of standard deviation {noise:g}."
    )
    return _planted("planted_linear", X, names, truth, noise, rng, description)


def planted_product(
    n_samples: int = 1000,
    *,
    n_noise_features: int = 1,
    correlation: float = 0.0,
    noise: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows whose outcome is the product of two standard normal features.

    Without correlation neither feature has an effect of its own: the partial
    dependence of each is flat, while each attribution is large.

    Parameters
    ----------
    n_samples : int
        Rows.
    n_noise_features : int
        Standard normal columns without effect, named noise1, noise2, ….
    correlation : float in [0, 1)
        Correlation of x1 and x2.
    noise : float
        Standard deviation of normal noise added to y, in units of y.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows.

    Returns
    -------
    Dataset
        Its `truth` holds φ₁ = ½[(x₁m₂ − c) + (x₁x₂ − m₁x₂)], and the same for φ₂ with
        1 and 2 changed over, where m is the mean of a feature over X and c that of x₁x₂.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    Two players have two orders, so φ₁ is the mean of what x₁ adds first and what it
    adds second; see Shapley, L. S. (1953), DOI 10.1515/9781400881970-018.

    Taught in: local/shapley.

    Examples
    --------
    >>> data = planted_product(n_samples=200, random_state=0)
    >>> total = data.truth.attributions.sum(axis=1) + data.truth.function(data.X).mean()
    >>> bool(np.allclose(total, data.X["x1"] * data.X["x2"]))
    True
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_noise_features", n_noise_features, low=0)
    _check_range("correlation", correlation, below=1.0)
    _check_range("noise", noise)
    rng = generator(random_state)
    pair = _equicorrelated(rng, n_samples, 2, correlation)
    X = np.hstack([pair, rng.standard_normal((n_samples, n_noise_features))])
    names = ("x1", "x2", *_noise_names(n_noise_features))
    truth = Truth(_product, ("x1", "x2"), _product_attributions(X, X[:, 0], X[:, 1]))
    description = (
        f"y = x1 · x2, standard normal with correlation {correlation:g}, "
        f"noise of standard deviation {noise:g}; the noise columns have no effect."
    )
    return _planted("planted_product", X, names, truth, noise, rng, description)


def planted_opposite(
    n_samples: int = 1000,
    *,
    effect: float = 1.0,
    share: float = 0.5,
    n_noise_features: int = 1,
    noise: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows where a group turns the sign of a feature's effect.

    In group 0 the outcome rises with x1, in group 1 it falls as steeply. With groups of
    one size the mean effect of x1 is nil, and each person's is not.

    Parameters
    ----------
    n_samples : int
        Rows.
    effect : float
        Slope of x1 in group 0, in units of y; −effect in group 1.
    share : float in [0, 1]
        Share of group 1, met exactly (to the nearest row).
    n_noise_features : int
        Standard normal columns without effect, named noise1, noise2, ….
    noise : float
        Standard deviation of normal noise added to y, in units of y.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows.

    Returns
    -------
    Dataset
        Columns x1 (standard normal), group (0 or 1) and the noise columns. Its `truth`
        is the product game of effect · x1 and the sign 1 − 2 group.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    The closed form is that of `planted_product`: two players, two orders; see
    Shapley, L. S. (1953), DOI 10.1515/9781400881970-018.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> data = planted_opposite(n_samples=400, random_state=0)
    >>> slopes = [np.polyfit(data.X["x1"][data.X["group"] == g], data.y[data.X["group"] == g], 1)[0]
    ...           for g in (0, 1)]
    >>> np.round(slopes, 6).tolist()
    [1.0, -1.0]
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_noise_features", n_noise_features, low=0)
    _check_range("effect", effect, least=-np.inf)
    _check_range("share", share, most=1.0)
    _check_range("noise", noise)
    rng = generator(random_state)
    group = rng.permutation(np.arange(n_samples) < round(share * n_samples)).astype(float)
    columns = rng.standard_normal((n_samples, 1 + n_noise_features))
    X = np.column_stack([columns[:, 0], group, columns[:, 1:]])
    names = ("x1", "group", *_noise_names(n_noise_features))
    function = partial(_opposite, effect=effect)
    attributions = _product_attributions(X, effect * X[:, 0], 1 - 2 * group)
    truth = Truth(function, ("x1", "group") if effect else (), attributions)
    description = (
        f"y = {effect:g} · x1 in group 0 and −({effect:g}) · x1 in group 1 "
        f"(a share of {group.mean():.3g} of the rows), x1 standard normal, "
        f"noise of standard deviation {noise:g}; the noise columns have no effect."
    )
    data = _planted("planted_opposite", X, names, truth, noise, rng, description)
    data.X["group"] = data.X["group"].astype(np.int64)
    return data


def _linear(X: Any, *, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    # In one memory order, so that a table and its array give the same bits.
    result: NDArray[np.float64] = np.ascontiguousarray(X, dtype=float) @ weights
    return result


def _product(X: Any) -> NDArray[np.float64]:
    values = np.asarray(X, dtype=float)
    result: NDArray[np.float64] = values[:, 0] * values[:, 1]
    return result


def _opposite(X: Any, *, effect: float) -> NDArray[np.float64]:
    values = np.asarray(X, dtype=float)
    result: NDArray[np.float64] = effect * values[:, 0] * (1 - 2 * values[:, 1])
    return result


def _product_attributions(
    X: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shapley values of ``first * second``, which are read from the first two columns of X."""
    mean_first, mean_second, mean_both = first.mean(), second.mean(), (first * second).mean()
    both = first * second
    attributions = np.zeros_like(X)
    attributions[:, 0] = ((first * mean_second - mean_both) + (both - mean_first * second)) / 2
    attributions[:, 1] = ((mean_first * second - mean_both) + (both - first * mean_second)) / 2
    return attributions


def _equicorrelated(
    rng: np.random.Generator, n_samples: int, n_features: int, correlation: float
) -> NDArray[np.float64]:
    shared = rng.standard_normal((n_samples, 1))
    own = rng.standard_normal((n_samples, n_features))
    mixed: NDArray[np.float64] = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    return mixed


def _weights(n_features: int, coefficients: Sequence[float] | None) -> NDArray[np.float64]:
    if coefficients is not None:
        weights = numbers("coefficients", coefficients)
        if len(weights) != n_features:
            raise ValueError(
                f"coefficients must be {n_features}, one for each feature; got {coefficients!r}."
            )
        return weights
    n_relevant = (n_features + 1) // 2
    sizes = np.arange(n_relevant, 0, -1, dtype=float)
    return np.concatenate(
        [sizes * (-1.0) ** np.arange(n_relevant), np.zeros(n_features - n_relevant)]
    )


def _noise_names(n_noise_features: int) -> tuple[str, ...]:
    return tuple(f"noise{number}" for number in range(1, n_noise_features + 1))


def _planted(
    maker: str,
    X: NDArray[np.float64],
    names: tuple[str, ...],
    truth: Truth,
    noise: float,
    rng: np.random.Generator,
    description: str,
) -> Dataset:
    y = truth.function(X) + noise * rng.standard_normal(len(X))
    return _assembled(maker, X, names, truth, y, description)


def _assembled(
    maker: str,
    X: NDArray[np.float64],
    names: tuple[str, ...],
    truth: Truth,
    y: NDArray[np.float64],
    description: str,
) -> Dataset:
    return Dataset(
        X=pd.DataFrame(X, columns=list(names)),
        y=pd.Series(y, name="y"),
        feature_names=names,
        target_names=("y",),
        description=description,
        source=_SOURCE.format(maker),
        licence=_LICENCE,
        truth=truth,
    )


def _check_range(
    name: str, value: Any, *, least: float = 0.0, most: float = np.inf, below: float = np.inf
) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name} must be a number; got {type(value).__name__}")
    if not (np.isfinite(value) and least <= value <= most and value < below):
        bounds = "be finite" + (f", at least {least:g}" if np.isfinite(least) else "")
        bounds += f", at most {most:g}" if np.isfinite(most) else ""
        bounds += f", below {below:g}" if np.isfinite(below) else ""
        raise ValueError(f"{name} must {bounds}; got {value!r}")

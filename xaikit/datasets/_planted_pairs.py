"""Planted data on what two features do together: move together, or act together."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import generator, whole_number
from xaikit.datasets._dataset import Dataset
from xaikit.datasets._planted import _check_range, _equicorrelated, _noise_names, _planted
from xaikit.datasets._polynomial import truth_of


def planted_correlated(
    n_samples: int = 1000,
    *,
    correlation: float = 0.9,
    n_noise_features: int = 0,
    noise: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows where a feature without effect moves with the feature that matters most.

    The outcome is 2 x1 + x2; the column `twin` is not read, yet it is correlated with
    the outcome almost as x1 is. Methods that draw absent features given the present
    ones, or that fit a new model to the neighbourhood, give it an attribution.

    Parameters
    ----------
    n_samples : int
        Rows.
    correlation : float in [0, 1)
        Correlation of x1 and twin, both standard normal.
    n_noise_features : int
        Standard normal columns without effect, named noise1, noise2, ….
    noise : float
        Standard deviation of normal noise added to y, in units of y.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows.

    Returns
    -------
    Dataset
        Columns x1, twin, x2 and the noise columns. Its `truth` holds φ = w (x − mean of
        x), hence nothing for twin: interventional Shapley values do not see the
        correlation.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    On why the two kinds of Shapley value part here: Janzing, D., Minorics, L. and
    Blöbaum, P. (2020), Feature relevance quantification in explainable AI: a causal
    problem, arXiv:1910.13413.

    Taught in: trust/truth.

    Examples
    --------
    >>> data = planted_correlated(n_samples=2000, random_state=0)
    >>> data.truth.relevant
    ('x1', 'x2')
    >>> data.X.corrwith(data.y).round(1).to_dict()
    {'x1': 0.9, 'twin': 0.8, 'x2': 0.5}
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_noise_features", n_noise_features, low=0)
    _check_range("correlation", correlation, below=1.0)
    _check_range("noise", noise)
    rng = generator(random_state)
    pair = _equicorrelated(rng, n_samples, 2, correlation)
    X = np.hstack([pair, rng.standard_normal((n_samples, 1 + n_noise_features))])
    names = ("x1", "twin", "x2", *_noise_names(n_noise_features))
    truth = truth_of(((2.0, (0,)), (1.0, (2,))), X, names)
    description = (
        f"y = 2 x1 + x2, standard normal; twin has no effect and a correlation of "
        f"{correlation:g} with x1; noise of standard deviation {noise:g}."
    )
    return _planted("planted_correlated", X, names, truth, noise, rng, description)


def planted_interaction(
    n_samples: int = 1000,
    *,
    strength: float = 2.0,
    n_noise_features: int = 1,
    noise: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows where two features act alone and together, and a third only adds.

    The outcome is x1 + x2 + strength · x1 · x2 + x3. What x1 does for a row depends on
    its x2, so that no one slope describes it; what x3 does is the same for every row.

    Parameters
    ----------
    n_samples : int
        Rows.
    strength : float
        Weight of the product x1 · x2, in units of y; 0 leaves a plain sum.
    n_noise_features : int
        Standard normal columns without effect, named noise1, noise2, ….
    noise : float
        Standard deviation of normal noise added to y, in units of y.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows.

    Returns
    -------
    Dataset
        Columns x1, x2, x3 (independent, standard normal) and the noise columns. Its
        `truth` is the sum of the solutions of the four terms; that of the product is
        halved between x1 and x2 as in `planted_product`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    Shapley values of a sum of games add up (the axiom of linearity): Shapley, L. S.
    (1953), DOI 10.1515/9781400881970-018. For the product alone: `planted_product`.

    Taught in: trust/truth.

    Examples
    --------
    >>> data = planted_interaction(random_state=0)
    >>> steeper = data.truth.function(data.X.assign(x1=data.X["x1"] + 1)) - data.y
    >>> bool(np.allclose(steeper, 1 + 2 * data.X["x2"]))
    True
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_noise_features", n_noise_features, low=0)
    _check_range("strength", strength, least=-np.inf)
    _check_range("noise", noise)
    rng = generator(random_state)
    X = rng.standard_normal((n_samples, 3 + n_noise_features))
    names = ("x1", "x2", "x3", *_noise_names(n_noise_features))
    terms = ((1.0, (0,)), (1.0, (1,)), (float(strength), (0, 1)), (1.0, (2,)))
    truth = truth_of(terms, X, names)
    description = (
        f"y = x1 + x2 + ({strength:g}) · x1 · x2 + x3, independent and standard normal, "
        f"noise of standard deviation {noise:g}; the noise columns have no effect."
    )
    return _planted("planted_interaction", X, names, truth, noise, rng, description)

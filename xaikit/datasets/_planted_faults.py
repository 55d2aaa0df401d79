"""Planted data with a fault that models learn: a leak, a spurious cue, a hidden group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xaikit.core.checks import generator, whole_number
from xaikit.datasets._dataset import Dataset
from xaikit.datasets._planted import _assembled, _check_range, _noise_names, _planted
from xaikit.datasets._polynomial import Terms, truth_of

_CAUSES: Terms = ((2.0, (0,)), (-1.0, (1,)))


def planted_leak(
    n_samples: int = 1000,
    *,
    leak_noise: float = 0.1,
    n_noise_features: int = 1,
    noise: float = 1.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows with a column that was written down after the outcome was known.

    The outcome is 2 x1 − x2 and noise; the column `leak` is the outcome itself with a
    little error. A model fitted to it looks excellent, and fails on the day of use,
    when the outcome is not known yet.

    Parameters
    ----------
    n_samples : int
        Rows.
    leak_noise : float
        Standard deviation of the normal error in leak, in units of y.
    n_noise_features : int
        Standard normal columns without effect, named noise1, noise2, ….
    noise : float
        Standard deviation of normal noise added to y, in units of y. With none the
        causes tell the outcome fully, and a model has no need of the leak.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows.

    Returns
    -------
    Dataset
        Columns x1, x2, leak and the noise columns. Its `truth` is of how the outcome
        comes about, φ = w (x − mean of x) for the causes and nothing for leak.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    The truth is of the world, not of a model fitted here. A faithful explanation of
    such a model gives the leak its large attribution and so differs from the truth: the
    difference tells of the model, not of the explanation.

    On leaks in published work: Kapoor, S. and Narayanan, A. (2023), Leakage and the
    reproducibility crisis in machine-learning-based science, Patterns 4(9), 100804,
    DOI 10.1016/j.patter.2023.100804.

    Taught in: trust/truth.

    Examples
    --------
    >>> data = planted_leak(n_samples=2000, random_state=0)
    >>> data.truth.relevant
    ('x1', 'x2')
    >>> data.X.corrwith(data.y).abs().idxmax()
    'leak'
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_noise_features", n_noise_features, low=0)
    _check_range("leak_noise", leak_noise)
    _check_range("noise", noise)
    rng = generator(random_state)
    names = ("x1", "x2", "leak", *_noise_names(n_noise_features))
    X, y = _causes_and_outcome(rng, n_samples, n_noise_features, noise)
    X[:, 2] = y + leak_noise * rng.standard_normal(n_samples)
    description = (
        f"y = 2 x1 - x2, standard normal, noise of standard deviation {noise:g}. What is "
        f"wrong with it: leak is y with an error of standard deviation {leak_noise:g}, written "
        "down after the fact; nobody has it when the model is to be used."
    )
    return _assembled("planted_leak", X, names, truth_of(_CAUSES, X, names), y, description)


def planted_spurious(
    n_samples: int = 1000,
    *,
    agreement: float = 0.95,
    n_noise_features: int = 1,
    noise: float = 1.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows with a cue that goes with the outcome here and need not elsewhere.

    The outcome is 2 x1 − x2 and noise; `cue` is 1 mostly where the outcome is above its
    median, as the ruler in the picture lies mostly beside the tumour. Draw with
    ``agreement=0.5`` for the place where the cue means nothing.

    Parameters
    ----------
    n_samples : int
        Rows.
    agreement : float in [0, 1]
        Share of rows in which the cue is right about which half of the outcomes the row
        is in, met exactly (to the nearest row).
    n_noise_features : int
        Standard normal columns without effect, named noise1, noise2, ….
    noise : float
        Standard deviation of normal noise added to y, in units of y.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows; another `agreement` changes the cue alone.

    Returns
    -------
    Dataset
        Columns x1, x2, cue (0 or 1) and the noise columns. Its `truth` is of how the
        outcome comes about, φ = w (x − mean of x) for the causes and nothing for cue.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    The truth is of the world, not of a model fitted here; see `planted_leak`. On models
    that read such cues: Geirhos, R. et al. (2020), Shortcut learning in deep neural
    networks, Nature Machine Intelligence 2, 665-673, DOI 10.1038/s42256-020-00257-z.

    Taught in: foundations/why, trust/truth.

    Examples
    --------
    >>> here, elsewhere = (planted_spurious(agreement=a, random_state=0) for a in (0.95, 0.5))
    >>> [bool(abs(data.X["cue"].corr(data.y)) > 0.5) for data in (here, elsewhere)]
    [True, False]
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_noise_features", n_noise_features, low=0)
    _check_range("agreement", agreement, most=1.0)
    _check_range("noise", noise)
    rng = generator(random_state)
    names = ("x1", "x2", "cue", *_noise_names(n_noise_features))
    X, y = _causes_and_outcome(rng, n_samples, n_noise_features, noise)
    right = rng.permutation(n_samples) < round(agreement * n_samples)
    X[:, 2] = (y > np.median(y)) == right
    description = (
        f"y = 2 x1 - x2, standard normal, noise of standard deviation {noise:g}. What is "
        f"wrong with it: cue tells whether y is above its median, rightly in {right.mean():.3g} "
        "of these rows, and does nothing to y; elsewhere it may be right in any share."
    )
    truth = truth_of(_CAUSES, X, names)
    data = _assembled("planted_spurious", X, names, truth, y, description)
    data.X["cue"] = data.X["cue"].astype(np.int64)
    return data


def planted_hidden_group(
    n_samples: int = 1000,
    *,
    effect: float = 1.0,
    share: float = 0.1,
    n_noise_features: int = 1,
    noise: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw rows where a small group that no one column names has the opposite effect.

    The outcome rises with x1, save for those with flag1 and flag2 both: for them it
    falls as steeply. Each flag is common and each flag's average looks harmless; only
    their meeting is the group.

    Parameters
    ----------
    n_samples : int
        Rows.
    effect : float
        Slope of x1 outside the group, in units of y; −effect inside.
    share : float in [0, 1]
        Share of the group, met exactly (to the nearest row). The other rows are spread
        evenly over flag1 alone, flag2 alone and neither.
    n_noise_features : int
        Standard normal columns without effect, named noise1, noise2, ….
    noise : float
        Standard deviation of normal noise added to y, in units of y.
    random_state : int, numpy.random.Generator or None
        The same int draws the same rows.

    Returns
    -------
    Dataset
        Columns x1 (standard normal), flag1 and flag2 (0 or 1) and the noise columns;
        the group is ``(X["flag1"] == 1) & (X["flag2"] == 1)``. Its `truth` is the
        solution of effect · x1 minus that of 2 · effect · x1 · flag1 · flag2.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    The product of three features is a game of three players, solved from the eight
    products of means; see Shapley, L. S. (1953), DOI 10.1515/9781400881970-018. On
    groups that only two attributes together name: Buolamwini, J. and Gebru, T. (2018),
    Gender Shades, PMLR 81:77-91. For a group with a column of its own:
    `planted_opposite`.

    Taught in: trust/truth, trust/ethics-checklist.

    Examples
    --------
    >>> data = planted_hidden_group(random_state=0)
    >>> group = (data.X["flag1"] == 1) & (data.X["flag2"] == 1)
    >>> [round(float(np.polyfit(data.X["x1"][g], data.y[g], 1)[0]), 6) for g in (group, ~group)]
    [-1.0, 1.0]
    """
    whole_number("n_samples", n_samples, low=1)
    whole_number("n_noise_features", n_noise_features, low=0)
    _check_range("effect", effect, least=-np.inf)
    _check_range("share", share, most=1.0)
    _check_range("noise", noise)
    rng = generator(random_state)
    columns = rng.standard_normal((n_samples, 1 + n_noise_features))
    X = np.column_stack([columns[:, 0], _flags(rng, n_samples, share), columns[:, 1:]])
    names = ("x1", "flag1", "flag2", *_noise_names(n_noise_features))
    truth = truth_of(((float(effect), (0,)), (-2.0 * effect, (0, 1, 2))), X, names)
    description = (
        f"y = {effect:g} · x1, and −({effect:g}) · x1 for the rows with flag1 and flag2 both "
        f"({X[:, 1:3].all(axis=1).mean():.3g} of all), x1 standard normal, "
        f"noise of standard deviation {noise:g}; the noise columns have no effect."
    )
    data = _planted("planted_hidden_group", X, names, truth, noise, rng, description)
    for flag in ("flag1", "flag2"):
        data.X[flag] = data.X[flag].astype(np.int64)
    return data


def _causes_and_outcome(
    rng: np.random.Generator, n_samples: int, n_noise_features: int, noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw x1, x2, a column to be written over, and noise columns; and the outcome."""
    X = rng.standard_normal((n_samples, 3 + n_noise_features))
    y = 2 * X[:, 0] - X[:, 1] + noise * rng.standard_normal(n_samples)
    return X, y


def _flags(rng: np.random.Generator, n_samples: int, share: float) -> NDArray[np.float64]:
    n_both = round(share * n_samples)
    # 3 is both flags; 0, 1 and 2 are neither, the first alone and the second alone.
    kind = np.concatenate([np.full(n_both, 3), np.arange(n_samples - n_both) % 3])
    kind = rng.permutation(kind)
    return np.column_stack([kind & 1, kind >> 1]).astype(float)

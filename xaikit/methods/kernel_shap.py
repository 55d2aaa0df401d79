"""Kernel SHAP: Shapley values of any model from a sample of coalitions.

The game of each row, with every background row in it, is played by our own code in
bounded memory; shap's KernelExplainer draws the coalitions and solves the regression.
To the explainer a row is all ones and its background a single row of zeros, so that
its own handling of backgrounds never comes into it.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, generator, require, whole_number
from xaikit.core.tables import encode
from xaikit.inputs import coalitions
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method

_GENERATOR = threading.Lock()


def explain(task: Task, *, n_samples: int | None = None) -> Attribution:
    """Return Shapley values by regression on a sample of the coalitions.

    Exact, and said to be, where the sample holds every coalition.

    ``diagnostics["standard_error"]``, (n, d), estimates the standard deviation of each
    value over random seeds, in the units of the values: the exact Shapley value lies within
    1.96 standard errors in about 95 of 100 draws. The residual does not show this error; it
    is 0 by construction. The estimate comes from the coalitions that were asked, by leaving
    out each draw (a coalition and its complement) in turn; sizes of which every coalition
    was asked have no sampling error. With fewer than about 10 d coalitions it tends to be
    too large. In games of four or five features with only a handful of coalitions left to
    draw, the interval holds the exact value less often, in 75 to 95 of 100. An interaction
    that shows in none of the coalitions asked is not in the estimate either.

    Parameters
    ----------
    n_samples : int, optional
        How many coalitions are asked; 2048 + 2 d if left out.

    Raises
    ------
    ValueError
        When `n_samples` is so small that the values of a row rest on a single draw, as
        nothing can then be said about their error. That is rare from 5 d upwards.

    References
    ----------
    .. [1] Covert, I. and Lee, S.-I. (2021). Improving KernelSHAP: practical Shapley value
       estimation using linear regression. AISTATS, PMLR 130, 3457-3465.
       https://doi.org/10.48550/arXiv.2012.01536

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> e = xk.explain(lambda X: X.prod(axis=1), np.full((1, 12), 1.5),
    ...     background=np.ones((1, 12)), method="kernel_shap", random_state=0)
    >>> bool(abs(e.residual[0]) < 1e-9)  # says nothing about the values
    True
    >>> truth = (1.5**12 - 1) / 12  # the features are alike
    >>> bool(np.abs(e.values - truth).max() > 0.1)
    True
    >>> bool((np.abs(e.values - truth) < 3 * e.diagnostics["standard_error"]).all())
    True
    """
    shap = require("shap", extra="methods")
    rows, background, coding = encode(task.rows, task.background)
    d = rows.shape[1]
    n_coalitions = 2**d - 2  # besides the empty and the grand one
    low = min(d + 1, n_coalitions)
    wanted = 2048 + 2 * d if n_samples is None else whole_number("n_samples", n_samples, low=low)
    # A seed a row: the numbers do not depend on how the rows are spread over workers.
    seeds = generator(task.random_state).integers(2**32, size=len(rows))

    def one_row(row: FloatArray, seed: int) -> tuple[FloatArray, FloatArray, float]:
        def game(chosen: FloatArray) -> FloatArray:
            masks = np.asarray(chosen) == 1
            v = coalitions.value_function(task.target, coding, row[None, :], background, masks)
            return np.asarray(v[0])

        with _seeded(seed):
            explainer = shap.KernelExplainer(game, np.zeros((1, d)))
            base_value = float(explainer.expected_value)
            values, drawn, exponent = _solve(explainer, d, wanted)
        errors = _standard_error(explainer, values, drawn)
        return np.ldexp(values, exponent), np.ldexp(errors, exponent), base_value

    def one_group(group: FloatArray, its_seeds: Any) -> list[tuple[FloatArray, FloatArray, float]]:
        return [one_row(row, int(seed)) for row, seed in zip(group, its_seeds, strict=True)]

    groups = task.spread(one_group, rows, seeds, what="kernel_shap")
    done = [result for group in groups for result in group]
    values, errors, base_values = map(np.array, zip(*done, strict=True))
    return Attribution(
        values=values,
        base_values=base_values,
        estimated=wanted < n_coalitions,
        diagnostics={"standard_error": errors},
    )


def _solve(explainer: Any, d: int, n_samples: int) -> tuple[FloatArray, BoolArray, int]:
    """Return the values of the row of ones, and which of the coalitions asked were drawn.

    The values are in a unit of the game's own size, 2 to the power of the last number: shap
    calls every value below 1e-10 zero, which in this unit is rounding in a game of any size.
    A power of two leaves every digit as it is.
    """
    drawn: list[bool] = []
    exponent = 0
    add, run = explainer.addsample, explainer.run

    def noted(row: FloatArray, mask: FloatArray, weight: float) -> None:
        # A coalition of a size that is asked whole comes with its weight, at most 1/2;
        # one that is drawn comes with 1, and is counted up when it is drawn again.
        drawn.append(weight == 1)
        add(row, mask, weight)

    def run_in_own_unit() -> None:
        nonlocal exponent
        run()
        gains, gain = explainer.ey - explainer.fnull, explainer.fx - explainer.fnull
        size = max(np.abs(gains[: len(drawn)]).max(), np.abs(gain).max())
        exponent = int(np.frexp(size)[1])
        explainer.ey, explainer.fx = np.ldexp(gains, -exponent), np.ldexp(gain, -exponent)
        explainer.fnull = np.zeros_like(explainer.fnull)

    explainer.addsample, explainer.run = noted, run_in_own_unit
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Linear regression equation is singular")
        try:
            # l1_reg=0: the default would keep ten features and call the others nothing.
            values = explainer.shap_values(
                np.ones((1, d)), nsamples=n_samples, l1_reg=0, silent=True
            )
        except UserWarning as warning:
            if "singular" not in str(warning):
                raise
            raise _too_few(d, n_samples) from None
    return np.asarray(values)[0], np.array(drawn, dtype=bool), exponent


def _standard_error(explainer: Any, values: FloatArray, drawn: BoolArray) -> FloatArray:
    """Return the jackknife standard error of each value, leaving out one draw at a time.

    Without a draw, the solution of the weighted regression moves by the draw's influence
    divided by one minus its leverage. A coalition and its complement are one draw, as shap
    draws them together, except coalitions of half the features, which it draws singly.
    What was drawn several times is left out as one.
    """
    d, n = len(values), len(drawn)
    if not drawn.any():
        return np.zeros(d)
    masks, weights = explainer.maskMatrix[:n], explainer.kernelWeights[:n]
    left = explainer.ey[:n, 0] - masks @ values  # the game starts from 0 in its own unit
    # Centred, as the sum of the values is fixed: they move only at one another's expense.
    centred = masks - masks.mean(axis=1, keepdims=True)
    inverse = np.linalg.pinv(centred.T * weights @ centred, rcond=1e-9, hermitian=True)
    pull = weights[:, None] * centred @ inverse
    leverage = (pull * centred).sum(axis=1)

    # What is drawn comes last, and the larger complement right after its coalition.
    first = np.flatnonzero(drawn & (masks.sum(axis=1) <= d / 2))
    spare = 1 - np.add.reduceat(leverage, first)
    if leverage.sum() < d - 1.5 or spare.min() < 1e-6:
        raise _too_few(d, explainer.nsamples)
    counts = weights[first] / weights[first].min()
    share = np.add.reduceat(weights, first)
    influence = np.add.reduceat(pull * left[:, None], first)
    # Draws move the values by how they differ from the mean draw.
    influence -= np.outer(share / share.sum(), influence.sum(axis=0))
    n_draws = counts.sum()
    variance = ((influence / spare[:, None]) ** 2 / counts[:, None]).sum(axis=0)
    return np.asarray(np.sqrt(variance * n_draws / (n_draws - 1)))


def _too_few(d: int, n_samples: int) -> ValueError:
    return ValueError(
        f"n_samples must be large enough to tell {d} features apart whichever coalition is "
        f"left out, or the error of their values cannot be estimated; got {n_samples}. "
        f"About {min(5 * d, 2**d - 2)} are enough."
    )


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, which KernelExplainer draws from, and put it back.

    One thread at a time: the generator belongs to all of them.
    """
    with _GENERATOR:
        yield from _seeded_alone(seed)


def _seeded_alone(seed: int) -> Iterator[None]:
    state = np.random.get_state()  # noqa: NPY002 - the library offers no other way
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


METHOD = Method(
    "kernel_shap",
    explain,
    rank=4,
    reason=lambda model, n_features: (
        f"{n_features} features make 2**{n_features} coalitions, too many to ask them all, so a "
        "sample of them is asked and the values are estimates."
    ),
    adds_up=True,
)

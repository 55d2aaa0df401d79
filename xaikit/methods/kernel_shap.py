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

from xaikit.core.checks import FloatArray, generator, require, whole_number
from xaikit.core.tables import encode
from xaikit.inputs import coalitions
from xaikit.methods.registry import Method
from xaikit.methods.task import Attribution, Task

_GENERATOR = threading.Lock()


def explain(task: Task, *, n_samples: int | None = None) -> Attribution:
    """Return Shapley values by regression on `n_samples` coalitions (default 2048 + 2 d).

    Exact, and said to be, where the sample holds every coalition.
    """
    shap = require("shap", extra="methods")
    rows, background, coding = encode(task.rows, task.background)
    d = rows.shape[1]
    n_coalitions = 2**d - 2  # besides the empty and the grand one
    low = min(d + 1, n_coalitions)
    wanted = 2048 + 2 * d if n_samples is None else whole_number("n_samples", n_samples, low=low)
    # A seed a row: the numbers do not depend on how the rows are spread over workers.
    seeds = generator(task.random_state).integers(2**32, size=len(rows))

    def one_row(row: FloatArray, seed: int) -> tuple[FloatArray, float]:
        def game(chosen: FloatArray) -> FloatArray:
            masks = np.asarray(chosen) == 1
            worth = coalitions.worth(task.target, coding, row[None, :], background, masks)
            return np.asarray(worth[0])

        with _seeded(seed):
            explainer = shap.KernelExplainer(game, np.zeros((1, d)))
            values = _solve(explainer, d, wanted)
        return np.asarray(values)[0], float(explainer.expected_value)

    def one_group(group: FloatArray, its_seeds: Any) -> list[tuple[FloatArray, float]]:
        return [one_row(row, int(seed)) for row, seed in zip(group, its_seeds, strict=True)]

    groups = task.spread(one_group, rows, seeds, what="kernel_shap")
    done = [pair for group in groups for pair in group]
    return Attribution(
        values=np.array([values for values, _ in done]),
        base_values=np.array([base for _, base in done]),
        estimated=wanted < n_coalitions,
    )


def _solve(explainer: Any, d: int, n_samples: int) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Linear regression equation is singular")
        try:
            # l1_reg=0: the default would keep ten features and call the others nothing.
            return explainer.shap_values(np.ones((1, d)), nsamples=n_samples, l1_reg=0, silent=True)
        except UserWarning as warning:
            if "singular" not in str(warning):
                raise
            raise ValueError(
                f"n_samples must be large enough to tell {d} features apart; got {n_samples}."
            ) from None


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

"""How often the bootstrap's interval holds the truth, by the size of a group: for trust/fairness.

People are selected with a known chance. Three hundred times fairlearn's bootstrap and Wilson's
formula each say within which limits that chance lies.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from fairlearn.metrics import MetricFrame, selection_rate
from scipy.stats import binomtest

SIZES, CHANCE, DRAWS, RESAMPLES = (15, 60, 400), 0.1, 300, 100


def run() -> dict[str, Any]:
    """Count for each size of group how often either interval covers."""
    group = np.repeat(SIZES, SIZES)
    covered: dict[str, list[int]] = {"bootstrap": [0, 0, 0], "wilson": [0, 0, 0]}
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        said = (rng.random(len(group)) < CHANCE).astype(int)
        frame = MetricFrame(
            metrics=selection_rate,
            y_true=said,
            y_pred=said,
            sensitive_features=group,
            n_boot=RESAMPLES,
            ci_quantiles=[0.025, 0.975],
            random_state=seed,
        )
        low, high = frame.by_group_ci
        for i, size in enumerate(SIZES):
            covered["bootstrap"][i] += int(low[size] <= CHANCE <= high[size])
            test = binomtest(int(said[group == size].sum()), size)
            ends = test.proportion_ci(method="wilson")
            covered["wilson"][i] += int(ends.low <= CHANCE <= ends.high)
    return {"sizes": list(SIZES), "draws": DRAWS, "chance": CHANCE, **covered}

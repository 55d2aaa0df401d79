"""How well a linear probe, and the best single unit, tell each concept: for deep/concepts.

The ten networks of `concepts_tcav`, their first layer; probes fitted on 60 against 60 examples
and judged on 1,000 scans that are new.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from xaikit.course.studies.concepts_tcav import (
    CONCEPTS,
    IMAGES,
    NETWORKS,
    draw_scans,
    look_inside,
    train,
)


def run() -> dict[str, Any]:
    """Return, by concept, one entry a network."""
    found: dict[str, Any] = {name: [] for name in CONCEPTS}
    for seed in range(NETWORKS):
        network, rng = train(seed), np.random.default_rng(2000 + seed)
        shown = rng.integers(0, 2, (1000, 3))
        new = look_inside(network, draw_scans(shown, rng))[0]
        for j, name in enumerate(CONCEPTS):
            some = rng.integers(0, 2, (2 * IMAGES, 3))
            some[:, j] = np.repeat([1, 0], IMAGES)
            shown_inside = look_inside(network, draw_scans(some, rng))[0]
            probe = LogisticRegression(max_iter=1000).fit(shown_inside, some[:, j])
            areas = np.array([roc_auc_score(shown[:, j], unit) for unit in new.T])
            found[name].append(
                {
                    "right": float(probe.score(new, shown[:, j])),
                    "unit": float(np.maximum(areas, 1 - areas).max()),
                }
            )
    return found

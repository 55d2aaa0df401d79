"""The scalers before a model: column in, column out, so attributions pass through them."""

from __future__ import annotations

from typing import Any

from xaikit.models.model import Model

# The attribute of each scaler that its input is divided by, or multiplied with.
DIVIDES = {"StandardScaler": "scale_", "RobustScaler": "scale_", "MaxAbsScaler": "scale_"}
MULTIPLIES = {"MinMaxScaler": "scale_"}


def scalers(model: Model) -> list[Any] | None:
    """Return the scalers before the final estimator, or None where a step is something else."""
    outer = model.estimator
    if hasattr(outer, "best_estimator_"):
        outer = outer.best_estimator_
    if not hasattr(outer, "named_steps"):
        return []
    steps = [step for _, step in outer.steps[:-1] if step not in (None, "passthrough")]
    for step in steps:
        clips = getattr(step, "clip", False)
        if type(step).__name__ not in DIVIDES | MULTIPLIES or clips:
            return None
    return steps

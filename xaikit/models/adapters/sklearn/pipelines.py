"""Pipelines: the model at the end, seen through the steps before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sklearn.pipeline import Pipeline

from xaikit.models.adapters.sklearn.linear import slopes
from xaikit.models.by_methods import columns_of
from xaikit.models.linear import Linear
from xaikit.models.model import Model
from xaikit.models.trees import Trees


def behind(pipeline: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return the last step of a pipeline as a model of what goes into the first."""
    steps, final = _steps(pipeline)
    inner = describe_inner(final)

    def transformed(rows: Any) -> Any:
        for step in steps:
            rows = step.transform(rows)
        return rows

    def through(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda rows: function(transformed(rows))

    scales = {
        space: replace(scale, function=through(scale.function))
        for space, scale in inner.scales.items()
    }
    scaled = [slopes(step) for step in steps]
    blocked = next((s for s, slope in zip(steps, scaled, strict=True) if slope is None), None)
    lacks = dict(inner.lacks)
    if blocked is not None:
        for part in ("linear", "trees"):
            if getattr(inner, part) is not None:
                lacks[part] = f"the step {type(blocked).__name__} before its {inner.name}"
    return replace(
        inner,
        estimator=pipeline,
        answer=through(inner.answer),
        scales=scales,
        linear=_scaled(inner.linear, scaled),
        trees=None if blocked is not None else _seen_through(inner.trees, through),
        lacks=lacks,
        # What goes in is what the first step was fitted with.
        **({"by_name": False, **columns_of(steps[0])} if steps else {}),
    )


def _steps(model: Any) -> tuple[list[Any], Any]:
    """Return the transformers before a model and the model, pipelines in pipelines opened."""
    if hasattr(model, "best_estimator_"):
        return _steps(model.best_estimator_)
    if not isinstance(model, Pipeline):
        return [], model
    before: list[Any] = []
    for _, step in model.steps:
        # What resamples the training rows, as imbalanced-learn does, lets others pass.
        if step in (None, "passthrough") or not _acts_on_rows(step):
            continue
        inner, last = _steps(step)
        before += [*inner, last]
    return before[:-1], before[-1]


def _acts_on_rows(step: Any) -> bool:
    return hasattr(step, "transform") or hasattr(step, "predict")


def _scaled(linear: Linear | None, slopes: list[Any]) -> Linear | None:
    if linear is None or any(slope is None for slope in slopes):
        return None
    weights = linear.weights
    for slope in slopes:
        weights = weights * slope
    return replace(linear, weights=weights)


def _seen_through(
    trees: Trees | None, through: Callable[[Callable[[Any], Any]], Callable[[Any], Any]]
) -> Trees | None:
    if trees is None:
        return None
    # The trees themselves compare what the steps give: who reads them would read them wrong.
    return replace(trees, seen=through(trees.seen), output=through(trees.output), trees=None)

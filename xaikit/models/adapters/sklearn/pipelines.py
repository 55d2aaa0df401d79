"""Pipelines: the model at the end, seen through the steps before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sklearn.pipeline import Pipeline

from xaikit.models.adapters.sklearn.columns import Mixed, behind_all
from xaikit.models.adapters.sklearn.linear import slopes
from xaikit.models.adapters.sklearn.one_hot import transform_of
from xaikit.models.by_methods import columns_of
from xaikit.models.linear import Linear
from xaikit.models.model import Model
from xaikit.models.trees import Trees


def behind(pipeline: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return the last step of a pipeline as a model of what goes into the first."""
    steps, final = _steps(pipeline)
    inner = describe_inner(final)
    transforms = [transform_of(step) for step in steps]

    def transformed(rows: Any) -> Any:
        for transform in transforms:
            rows = transform(rows)
        return rows

    def through(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda rows: function(transformed(rows))

    scales = {
        space: replace(scale, function=through(scale.function))
        for space, scale in inner.scales.items()
    }
    scaled = [slopes(step) for step in steps]
    lacks = dict(inner.lacks)
    curved = next((s for s, slope in zip(steps, scaled, strict=True) if slope is None), None)
    if inner.linear is not None and curved is not None:
        lacks["linear"] = _in_the_way(type(curved).__name__, inner)
    trees = None
    if inner.trees is not None:
        try:
            trees = _seen_through(inner.trees, steps, inner, through)
        except Mixed as blocked:
            lacks["trees"] = _in_the_way(str(blocked), inner)
    return replace(
        inner,
        estimator=pipeline,
        answer=through(inner.answer),
        scales=scales,
        linear=_scaled(inner.linear, scaled),
        trees=trees,
        lacks=lacks,
        # What goes in is what the first step was fitted with.
        **({"by_name": False, **columns_of(steps[0])} if steps else {}),
    )


def _in_the_way(step: str, inner: Model) -> str:
    return f"the step {step} before its {inner.name}"


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
    trees: Trees,
    steps: list[Any],
    inner: Model,
    through: Callable[[Callable[[Any], Any]], Callable[[Any], Any]],
) -> Trees:
    """Return trees with the columns that go into the steps as their players."""
    if not steps:
        return trees
    width = columns_of(steps[0])["n_features"]
    if width is None:
        raise Mixed(type(steps[0]).__name__)
    columns = behind_all(steps, width)
    if inner.n_features is not None and len(columns) != inner.n_features:
        raise Mixed(type(steps[-1]).__name__)  # it gives other columns than it says
    players = columns if trees.players is None else columns[trees.players]
    return replace(trees, seen=through(trees.seen), output=through(trees.output), players=players)

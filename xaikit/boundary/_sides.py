"""Which side of the boundary a row lies on, and for linear models where the boundary is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray
from xaikit.inputs.rows import Table
from xaikit.models.model import Model
from xaikit.models.target import Target, choose_output
from xaikit.nearest.answer import class_score

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sides:
    """The sides as numbers 0, 1, …, and how far past the boundary of one of them a row is.

    `margin` is about positive on any other side; it guides, `of` decides. None where the
    model gives nothing but labels.
    """

    of: Callable[[Any], IntArray]
    margin: Callable[[Any, int], FloatArray] | None


def sides_of(model: Model, target: Target | None, threshold: float | None) -> Sides:
    """Return the sides of a threshold on one output, or the classes where there is none."""
    if target is not None and threshold is not None:
        return _over_and_under(target, threshold)
    classes = model.classes
    assert classes is not None  # only a classifier comes without a threshold

    def of(table: Any) -> IntArray:
        # Some models predict a column, (n, 1).
        labels = np.asarray(model.answer(table)).reshape(len(table), 1)
        side: IntArray = np.argmax(labels == classes, axis=1)
        return side

    scores = [class_score(model, side) for side in range(len(classes))]

    def margin(table: Any, side: int) -> FloatArray:
        score = scores[side]
        assert score is not None  # either every class has one or none has
        return -score(table)

    return Sides(of, None if scores[0] is None else margin)


def _over_and_under(target: Target, threshold: float) -> Sides:
    def of(table: Any) -> IntArray:
        return (target(table) >= threshold).astype(np.intp)

    def margin(table: Any, side: int) -> FloatArray:
        past = target(table) - threshold
        return past if side == 0 else -past

    return Sides(of, margin)


def planes(
    model: Model, target: Target | None, threshold: float | None, rows: Table
) -> Callable[[int], tuple[FloatArray, FloatArray]] | None:
    """Return, of a linear model, the planes that end each side: ``A x + b = 0``.

    Each is given as A (m, d) and b (m,), positive beyond the side. None for any other
    model, and for a scale on which the model is not linear.
    """
    linear = model.linear
    if linear is None:
        return None
    if threshold is None or target is None:
        return lambda side: _class_planes(model, side, rows)
    level = threshold
    if target.space == "probability":
        if not 0 < level < 1 or "log-odds" not in linear.spaces:
            return None
        level = float(np.log(level) - np.log1p(-level))
        target = choose_output(model, "log-odds", _label(model, target), rows[:1])
    if target.space not in linear.spaces:
        return None
    weights, offset = linear.line(target, rows[:1])

    def ends(side: int) -> tuple[FloatArray, FloatArray]:
        sign = 1.0 if side == 0 else -1.0
        return sign * weights[None], np.array([sign * (offset - level)])

    return ends


def _label(model: Model, target: Target) -> Any:
    assert model.classes is not None  # only a classifier has probabilities
    return next(label for label in model.classes.tolist() if str(label) == target.name)


def _class_planes(model: Model, side: int, rows: Table) -> tuple[FloatArray, FloatArray]:
    """Return where each other class catches up with this one."""
    assert model.classes is not None  # only a classifier comes without a threshold
    assert model.linear is not None  # `planes` asked
    lines = []
    for label in model.classes.tolist():
        target = choose_output(model, "score", label, rows[:1])
        lines.append(model.linear.line(target, rows[:1]))
    if len(lines) == 2:  # one line: the second class's score, and its negative
        weights, offset = lines[1 - side]
        return weights[None], np.array([offset])
    own = lines.pop(side)
    return (
        np.array([weights - own[0] for weights, _ in lines]),
        np.array([offset - own[1] for _, offset in lines]),
    )

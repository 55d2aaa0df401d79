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
from xaikit.nearest.lines import Line, read_line

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


@dataclass(frozen=True)
class Planes:
    """The planes that end each side of a linear model: its lines, and where they are crossed.

    There is one line and a level, or a line for each class and None.
    """

    lines: tuple[Line, ...]
    level: float | None

    def ends(self, side: int) -> tuple[FloatArray, FloatArray]:
        """Return A (m, d) and b (m,), with ``A x + b`` positive beyond the side."""
        if self.level is not None:
            (line,) = self.lines
            sign = 1.0 if side == 0 else -1.0
            return sign * line.weights[None], np.array([sign * (line.offset - self.level)])
        if len(self.lines) == 2:  # one line: the second class's score, and its negative
            other = self.lines[1 - side]
            return other.weights[None], np.array([other.offset])
        own = self.lines[side]
        others = [line for line in self.lines if line is not own]
        return (
            np.array([line.weights - own.weights for line in others]),
            np.array([line.offset - own.offset for line in others]),
        )

    def agree_at(self, table: Table) -> bool:
        """Say whether the model answers at these rows as its weights say."""
        return all(line.agrees_at(table) for line in self.lines)


def planes(
    model: Model, target: Target | None, threshold: float | None, rows: Table
) -> Planes | None:
    """Return the planes of a linear model.

    None for any other model, for a scale on which the model is not linear, and where the
    model, asked, does not answer as its weights say.
    """
    linear = model.linear
    if linear is None:
        return None
    level = threshold
    if target is None or level is None:
        assert model.classes is not None  # only a classifier comes without a threshold
        labels = model.classes.tolist()
        targets = [choose_output(model, "score", label, rows[:1]) for label in labels]
    else:
        if target.space == "probability":
            if not 0 < level < 1 or "log-odds" not in linear.spaces:
                return None
            level = float(np.log(level) - np.log1p(-level))
            target = choose_output(model, "log-odds", _label(model, target), rows[:1])
        targets = [target]
    lines = [read_line(model, each, rows) for each in targets]
    known = tuple(line for line in lines if line is not None)
    return Planes(known, level) if len(known) == len(lines) else None


def _label(model: Model, target: Target) -> Any:
    assert model.classes is not None  # only a classifier has probabilities
    return next(label for label in model.classes.tolist() if str(label) == target.name)

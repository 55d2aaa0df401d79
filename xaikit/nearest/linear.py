"""Linear models: the nearest row with another answer, in closed form.

The wanted answer holds on an intersection of half spaces, ``A z + b >= 0``. Nearest to x
in one half space and a box is a point on a known path, found without a search; in several
it is a small quadratic programme.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.inputs.rows import Table
from xaikit.models.model import Model
from xaikit.models.target import choose_output
from xaikit.nearest.answer import Answer
from xaikit.nearest.lines import Line, read_line
from xaikit.nearest.space import Space


@dataclass(frozen=True)
class HalfSpaces:
    """Where a linear model gives the wanted answer, A (m, d) and b (m,), and its lines."""

    weights: FloatArray
    offsets: FloatArray
    lines: tuple[Line, ...]

    def agree_at(self, table: Table) -> bool:
        """Say whether the model answers at these rows as the half spaces say."""
        return all(line.agrees_at(table) for line in self.lines)


def half_spaces(model: Model, answer: Answer, space: Space) -> HalfSpaces | None:
    """Return the half spaces of a linear model; None for any other model or answer.

    None too where the model, asked, does not answer as its weights say.
    """
    rows = space.table(np.vstack([space.start, space.background]))
    if model.linear is None:
        return None
    if model.kind == "classifier" and answer.least is not None:
        found = _probability_half_space(model, answer.label, answer.least, rows)
    elif model.kind == "classifier":
        found = _class_half_spaces(model, answer.label, rows)
    else:
        found = _interval_half_space(model, answer, rows)
    return None if found is None else _without_groups(space, found)


def _interval_half_space(model: Model, answer: Answer, rows: Table) -> HalfSpaces | None:
    if answer.ends is None:
        return None
    line = read_line(model, choose_output(model, "prediction", None, rows[:1]), rows)
    if line is None:
        return None
    low, high = answer.ends
    if answer.predict(rows[:1])[0] < low:
        return HalfSpaces(line.weights[None], np.array([line.offset - low]), (line,))
    return HalfSpaces(-line.weights[None], np.array([high - line.offset]), (line,))


def _class_half_spaces(model: Model, label: Any, rows: Table) -> HalfSpaces | None:
    assert model.classes is not None  # a classifier has them: `describe`
    own, *others = [label, *(other for other in model.classes.tolist() if other != label)]
    wanted = [own] if model.n_classes == 2 else [own, *others]
    lines = []
    for each in wanted:
        line = read_line(model, choose_output(model, "score", each, rows[:1]), rows)
        if line is None:
            return None
        lines.append(line)
    first, *rest = lines
    if not rest:  # of two classes the score itself says which is ahead
        return HalfSpaces(first.weights[None], np.array([first.offset]), (first,))
    return HalfSpaces(
        np.array([first.weights - line.weights for line in rest]),
        np.array([first.offset - line.offset for line in rest]),
        tuple(lines),
    )


def _probability_half_space(
    model: Model, label: Any, least: float, rows: Table
) -> HalfSpaces | None:
    """Where one of two classes is probable enough, if the score is the log-odds."""
    if model.n_classes != 2 or model.linear is None or "log-odds" not in model.linear.spaces:
        return None
    line = read_line(model, choose_output(model, "score", label, rows[:1]), rows)
    if line is None:
        return None
    # At less than a half the other class would still be ahead.
    log_odds = max(0.0, float(np.log(least / (1 - least))))
    return HalfSpaces(line.weights[None], np.array([line.offset - log_odds]), (line,))


def _without_groups(space: Space, found: HalfSpaces) -> HalfSpaces:
    """Return the half spaces in the columns of the space, each group left as it is in x."""
    if space.groups is None:
        return found
    members = space.groups.members
    row = space.columns(space.start[None])[0]
    weights = np.zeros((len(found.weights), len(space.start)))
    weights[:, : (~members).sum()] = found.weights[:, ~members]
    return HalfSpaces(
        weights, found.offsets + found.weights[:, members] @ row[members], found.lines
    )


def nearest_points(space: Space, weights: FloatArray, offsets: FloatArray) -> list[FloatArray]:
    """Return points on and ever so little past the boundary, from the nearest outwards.

    A model rounds: on the boundary itself it may say either. None where no point of the
    space lies in the half spaces.
    """
    size = np.abs(weights) @ np.abs(np.nan_to_num(space.allowed_start)) + np.abs(offsets)
    points = []
    for margin in (0.0, *10.0 ** np.arange(-15, -4)):
        point = nearest_in(space, weights, offsets - margin * size)
        if point is None:
            break
        points.append(point)
    return points


def nearest_in(space: Space, weights: FloatArray, offsets: FloatArray) -> FloatArray | None:
    """Return the point of the box nearest to the start where ``weights z + offsets >= 0``."""
    if len(offsets) > 1:
        return _nearest_of_several(space, weights, offsets, space.numeric)
    per_scale = np.abs(weights[0]) * space.scale
    # Within limits, a large weight is of no use to a column that cannot move far.
    room = np.array([space.low, space.high]) - space.start
    with np.errstate(invalid="ignore"):  # no weight, no limit: 0 × inf
        gain = np.nan_to_num((room * weights[0]).max(axis=0), nan=0.0)
    few = len(gain) if space.max_changes is None else space.max_changes
    choices = (strongest(score, space.numeric, few) for score in (per_scale, gain))
    found = [project(space, space.allowed_start, weights[0], float(offsets[0]), c) for c in choices]
    return min((p for p in found if p is not None), key=space.distance, default=None)


def strongest(score: FloatArray, columns: BoolArray, n: int) -> BoolArray:
    """Return the n of the columns with the highest score."""
    order = np.argsort(np.where(columns, -score, np.inf), kind="stable")
    return columns & np.isin(np.arange(len(score)), order[:n])


def project(
    space: Space, base: FloatArray, weights: FloatArray, offset: float, columns: BoolArray
) -> FloatArray | None:
    """Return the point nearest to the start in one half space, only `columns` moved off `base`.

    By the Karush-Kuhn-Tucker conditions it is ``clip(start + t scale² weights)`` for the
    least t at which the half space is reached; along t the score only grows, in straight
    pieces between the values of t at which a column meets a limit.
    """
    rest = offset + float(np.nan_to_num(base)[~columns] @ weights[~columns])
    columns = columns & (weights != 0)
    start, low, high = (side[columns] for side in (space.start, space.low, space.high))
    slopes = weights[columns]
    direction = space.scale[columns] ** 2 * slopes

    def along(t: FloatArray) -> FloatArray:
        return np.clip(start + t[:, None] * direction, low, high)

    to_low, to_high = (low - start) / direction, (high - start) / direction
    at_limits = np.concatenate([to_low, to_high])
    corners = np.unique(np.append(at_limits[np.isfinite(at_limits) & (at_limits > 0)], 0.0))
    score = along(corners) @ slopes + rest
    reached = int(np.argmax(score >= 0)) if (score >= 0).any() else len(corners)
    if reached == 0:
        t = 0.0
    else:
        before = corners[reached - 1]
        enters, leaves = np.sort([to_low, to_high], axis=0)
        moving = (enters <= before) & (before < leaves)
        slope = float(direction[moving] @ slopes[moving])
        if slope <= 0:
            return None
        t = before - score[reached - 1] / slope
    point: FloatArray = base.copy()
    point[columns] = along(np.array([t]))[0]
    return point


def _nearest_of_several(
    space: Space, weights: FloatArray, offsets: FloatArray, columns: BoolArray
) -> FloatArray | None:
    from scipy.optimize import LinearConstraint, minimize

    scale, start = space.scale[columns], space.start[columns]
    rest = np.nan_to_num(space.allowed_start)
    rest[columns] = start
    slopes = weights[:, columns] * scale
    unit = np.maximum(np.linalg.norm(slopes, axis=1), np.finfo(float).tiny)
    levels = (weights @ rest + offsets) / unit
    moved = (space.allowed_start[columns] - start) / scale
    # The solver's tolerances are absolute: distances are to be about 1 to it.
    length = max(float(-levels.min()), float(np.linalg.norm(moved))) or 1.0
    found = minimize(
        lambda u: 0.5 * u @ u,
        moved / length,
        jac=lambda u: u,
        method="SLSQP",
        bounds=list(
            zip(
                (space.low[columns] - start) / scale / length,
                (space.high[columns] - start) / scale / length,
                strict=True,
            )
        ),
        constraints=LinearConstraint(slopes / unit[:, None], lb=-levels / length, ub=np.inf),
        options={"ftol": 1e-14, "maxiter": 200},
    )
    if not found.success:
        return None
    point: FloatArray = space.allowed_start.copy()
    point[columns] = start + scale * length * found.x
    return point


def is_exact(space: Space, weights: FloatArray) -> bool:
    """Say whether the closed form has no nearer row: every free column is continuous."""
    discrete = space.free & (space.integer | space.categorical)
    if discrete.any() or space.plausible is not None:
        return False
    if space.max_changes is None or space.max_changes >= space.free.sum():
        return True
    limited = np.isfinite(space.low[space.free]) | np.isfinite(space.high[space.free])
    return len(weights) == 1 and not limited.any()

"""What a caller allows a counterfactual to change, checked and turned into a space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, fraction, positive, whole_number
from xaikit.inputs.columns import column_position, column_positions
from xaikit.nearest.groups import Groups, make_groups
from xaikit.nearest.rows import Rows
from xaikit.nearest.space import Space

Limits = Mapping[Any, tuple[float, float]] | Literal["background"] | None
Bounds = dict[int, tuple[float, float]]
# Beyond it a float no longer holds every whole number.
_LARGEST_WHOLE = 2.0**53


@dataclass(frozen=True)
class Constraints:
    """The constraints as the caller gave them; see `xaikit.counterfactual`."""

    fixed: Iterable[Any] = ()
    limits: Limits = None
    integer: Iterable[Any] | None = None
    rising: Iterable[Any] = ()
    falling: Iterable[Any] = ()
    groups: Iterable[Any] | Mapping[Any, Iterable[Any]] | None = None
    max_changes: int | None = None
    costs: Mapping[Any, float] | None = None
    plausible: float | None = None

    def __post_init__(self) -> None:
        """Keep what can be gone through once only: constraints are read more than once."""
        for name in ("fixed", "integer", "rising", "falling", "groups"):
            given = getattr(self, name)
            if isinstance(given, Iterator):
                object.__setattr__(self, name, tuple(given))


def make_space(rows: Rows, constraints: Constraints) -> Space:
    """Return the space that the constraints describe, or say which of them is wrong."""
    names, d = rows.names, len(rows.names)
    groups = make_groups(constraints.groups, rows)
    fixed = np.isin(np.arange(d), column_positions("fixed", constraints.fixed, names))
    bounds = _bounds(constraints.limits, rows)
    categorical, integer = _kinds(rows, constraints, bounds, groups)
    low, high = _tightened(rows, integer, bounds)
    one_way = _one_way(rows, constraints, categorical, groups)
    stuck = _limit_direction(rows, one_way, categorical, low, high)
    scale, varies = _scales(rows, categorical)
    for columns in map(list, groups.columns):
        fixed[columns] = fixed[columns].any()
        varies[columns] = varies[columns].any()
    _check_free(rows, fixed, stuck, varies)
    _check_fixed_within(rows, fixed | ~varies, low, high, bounds)
    max_changes = constraints.max_changes
    if max_changes is not None:
        max_changes = whole_number("sparsity", max_changes, low=1, high=d)
    cost = _costs(constraints.costs, rows, groups)
    if constraints.plausible is not None:
        fraction("plausible", constraints.plausible)
    kept = groups.first
    types = [(i, rows.dtype(j)) for i, j in enumerate(kept)]
    return Space(
        names=(*(names[j] for j in np.flatnonzero(~groups.members)), *groups.names),
        coding=rows.coding,
        start=groups.merge(rows.start[None])[0],
        background=groups.merge(rows.background),
        scale=(scale if cost is None else np.where(categorical, scale, scale / cost))[kept],
        low=low[kept],
        high=high[kept],
        free=(~fixed & ~stuck & varies)[kept],
        integer=integer[kept],
        categorical=categorical[kept],
        max_changes=max_changes,
        limited=tuple(i for i, j in enumerate(kept) if j in bounds or j in one_way),
        short_floats=tuple((i, t) for i, t in types if t.kind == "f" and t.itemsize < 8),
        groups=groups if groups.columns else None,
        one_way=bool(one_way),
        cost=None if cost is None else cost[kept],
        plausible=constraints.plausible,
    )


def _costs(given: object, rows: Rows, groups: Groups) -> FloatArray | None:
    """Return what a step of one unit counts in each column; None where nothing is said."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise TypeError(f"costs must be a mapping of columns to numbers above 0; got {given!r}.")
    costs = np.ones(len(rows.names))
    for column, value in given.items():
        j = column_position("costs", column, rows.names)
        # A group of one-hot columns is one column.
        group = next((list(c) for c in groups.columns if j in c), [j])
        costs[group] = positive("costs", value)
    return costs


def _one_way(
    rows: Rows, constraints: Constraints, categorical: BoolArray, groups: Groups
) -> dict[int, Literal[1, -1]]:
    """Return the columns that may only rise (1) or only fall (-1)."""
    found: dict[int, Literal[1, -1]] = {}
    for name, given, sign in (
        ("rising", constraints.rising, 1),
        ("falling", constraints.falling, -1),
    ):
        for j in column_positions(name, given, rows.names):
            if categorical[j] and (groups.members[j] or not rows.is_zero_one(j)):
                raise ValueError(
                    f"{name} must name columns of numbers; got {_category(rows, groups, j)}."
                )
            if found.get(j, sign) != sign:
                raise ValueError(
                    "rising and falling must have no column in common; got "
                    f"{rows.names[j]!r} in both. Name it in fixed to hold it."
                )
            found[j] = 1 if sign == 1 else -1
    return found


def _limit_direction(
    rows: Rows,
    one_way: Mapping[int, int],
    categorical: BoolArray,
    low: FloatArray,
    high: FloatArray,
) -> BoolArray:
    """Move limits to x, in place, where a column may only rise or fall; say which are stuck.

    Stuck is a flag that is 1 and may only rise, or 0 and may only fall.
    """
    stuck = np.zeros(len(low), dtype=bool)
    for j, sign in one_way.items():
        value = rows.start[j]
        if categorical[j]:
            stuck[j] = value == (1.0 if sign > 0 else 0.0)
            continue
        if (value > high[j]) if sign > 0 else (value < low[j]):
            raise ValueError(
                f"limits must leave a column room to {'rise' if sign > 0 else 'fall'}; got "
                f"({low[j]:g}, {high[j]:g}) for {rows.names[j]!r}, which is {value:g} in x and "
                f"may only {'rise' if sign > 0 else 'fall'}."
            )
        if sign > 0:
            low[j] = np.fmax(low[j], value)  # a missing value sets no limit
        else:
            high[j] = np.fmin(high[j], value)
    return stuck


def _category(rows: Rows, groups: Groups, j: int) -> str:
    """Return a categorical column as an error names it, and the way out of a group."""
    if not groups.members[j]:
        return repr(rows.names[j])
    return (
        f"{rows.names[j]!r}, one of the group {groups.name_of(j)!r} of one-hot columns (pass "
        "groups=() to change its columns one by one)"
    )


def _bounds(limits: object, rows: Rows) -> Bounds:
    if limits is None:
        return {}
    if isinstance(limits, str) and limits == "background":
        # The row itself is never out of range.
        both = np.vstack([rows.background, rows.start])
        return {
            j: (float(np.nanmin(both[:, j])), float(np.nanmax(both[:, j])))
            for j in range(len(rows.names))
            if not np.isnan(both[:, j]).all()
        }
    if not isinstance(limits, Mapping):
        raise TypeError(
            f"limits must be a mapping of columns to (low, high), or 'background'; got {limits!r}."
        )
    return {
        column_position("limits", column, rows.names): interval("limits", ends)
        for column, ends in limits.items()
    }


def interval(name: str, value: object) -> tuple[float, float]:
    """Return (low, high) as two floats in order; an end may be infinite."""
    try:
        ends = np.asarray(value)
    except ValueError:
        ends = np.empty(0)
    if ends.shape != (2,) or ends.dtype.kind not in "iuf" or not ends[0] <= ends[1]:
        raise ValueError(f"{name} must give (low, high) with low <= high; got {value!r}.")
    return float(ends[0]), float(ends[1])


def _kinds(
    rows: Rows, constraints: Constraints, bounds: Bounds, groups: Groups
) -> tuple[BoolArray, BoolArray]:
    """Return which columns are categorical, and which hold whole numbers only."""
    d = len(rows.names)
    own_limits = constraints.limits != "background"
    named = None
    if constraints.integer is not None:
        named = column_positions("integer", constraints.integer, rows.names)
    categorical, integer = groups.members, np.zeros(d, dtype=bool)
    for j in np.flatnonzero(~groups.members).tolist():
        kind = _kind(
            rows.dtype(j),
            np.append(rows.background[:, j], rows.start[j]),
            infer=named is None,
            named=named is not None and j in named,
            limited=own_limits and j in bounds,
        )
        categorical[j], integer[j] = kind == "categorical", kind == "integer"
    for j in named or []:
        if categorical[j]:
            raise ValueError(
                f"integer must name columns of numbers; got {_category(rows, groups, j)}."
            )
        if rows.start[j] != np.round(rows.start[j]):
            raise ValueError(
                f"x must be whole in the columns of integer; got {rows.start[j]} for "
                f"{rows.names[j]!r}."
            )
    for j, (low, high) in bounds.items():
        if own_limits and categorical[j]:
            raise ValueError(
                f"limits must name columns of numbers; got {_category(rows, groups, j)}."
            )
        if integer[j] and np.ceil(low) > np.floor(high):
            raise ValueError(
                f"limits must hold a whole number for {rows.names[j]!r}; got ({low}, {high})."
            )
    return categorical, integer


def _kind(
    dtype: np.dtype[Any], values: FloatArray, *, infer: bool, named: bool, limited: bool
) -> Literal["categorical", "integer", "real"]:
    """Say what a column holds; a flag, all 0 and 1, is categorical."""
    if dtype.kind not in "iuf":
        return "categorical"
    if named:
        return "integer"
    values = values[~np.isnan(values)]
    if (infer or dtype.kind in "iu") and (values == np.round(values)).all():
        flag = not limited and np.isin(values, (0.0, 1.0)).all()
        return "categorical" if flag else "integer"
    return "real"


def _tightened(rows: Rows, integer: BoolArray, bounds: Bounds) -> tuple[FloatArray, FloatArray]:
    """Return the limits as the columns can hold them: whole, in the range of their type."""
    d = len(rows.names)
    low, high = np.full(d, -np.inf), np.full(d, np.inf)
    for j in range(d):
        dtype = rows.dtype(j)
        low[j], high[j] = bounds.get(j, (-np.inf, np.inf))
        if integer[j]:
            low[j], high[j] = np.ceil(low[j]), np.floor(high[j])
        if dtype.kind in "iu":
            least, most = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
            low[j] = max(low[j], least, -_LARGEST_WHOLE)
            high[j] = min(high[j], most, _LARGEST_WHOLE)
        if dtype.kind == "f" and dtype.itemsize < 8:
            low[j], high[j] = _inwards(low[j], dtype, +1), _inwards(high[j], dtype, -1)
    return low, high


def _inwards(limit: float, dtype: np.dtype[Any], sign: int) -> float:
    """Return the limit in a short float type, rounded to the inside."""
    rounded: Any = np.asarray(limit).astype(dtype)
    if sign * float(rounded) < sign * limit:
        rounded = np.nextafter(rounded, np.asarray(sign * np.inf, dtype=dtype))
    return float(rounded)


def _scales(rows: Rows, categorical: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Return the unit of each column, and which columns have one."""
    start = rows.start
    scale, varies = np.ones(len(start)), np.zeros(len(start), dtype=bool)
    for j in range(len(start)):
        values = rows.background[~np.isnan(rows.background[:, j]), j]
        if categorical[j]:
            varies[j] = not np.isnan(start[j]) and bool((values != start[j]).any())
        elif len(values) and not np.isnan(start[j]) and values.min() < values.max():
            with np.errstate(over="ignore"):  # the check below names it
                deviation = float(values.std())
            if not 0 < deviation < np.inf:
                raise ValueError(
                    "background must have a spread that a float can hold; got values from "
                    f"{values.min()} to {values.max()} in column {j}."
                )
            scale[j], varies[j] = deviation, True
    return scale, varies


def _check_free(rows: Rows, fixed: BoolArray, stuck: BoolArray, varies: BoolArray) -> None:
    if not varies.any():
        n = len(rows.background)
        raise ValueError(
            f"background must vary in at least one column; got {n} "
            f"{'row' if n == 1 else 'rows'} with one value in each."
        )
    if (fixed | stuck)[varies].all():
        which = "fixed, rising and falling" if stuck.any() else "fixed"
        raise ValueError(
            f"{which} must leave at least one column free that varies in the background; got "
            f"{[rows.names[j] for j in np.flatnonzero(fixed | stuck)]!r}."
        )


def _check_fixed_within(
    rows: Rows, fixed: BoolArray, low: FloatArray, high: FloatArray, bounds: Bounds
) -> None:
    for j in np.flatnonzero(fixed):
        value = rows.start[j]
        if int(j) in bounds and not low[j] <= value <= high[j] and not np.isnan(value):
            raise ValueError(
                f"limits must hold the value of x where a column cannot change; got "
                f"({low[j]}, {high[j]}) for {rows.names[j]!r}, which is {value}."
            )

"""Where a counterfactual may lie, and how far that is from the row it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import BoolArray, FloatArray, whole_number
from xaikit.core.tables import Coding
from xaikit.inputs.columns import column_position, column_positions

Limits = Mapping[Any, tuple[float, float]] | Literal["background"] | None
# Beyond it a float no longer holds every whole number.
_LARGEST_WHOLE = 2.0**53


@dataclass(frozen=True)
class Space:
    """The rows that may be returned, as codes; `d` columns each.

    `start` is the row itself and `home` the allowed row nearest to it: the two differ
    only where a limit shuts the row out.
    """

    names: tuple[str, ...]
    coding: Coding
    start: FloatArray
    seen: FloatArray
    scale: FloatArray
    low: FloatArray
    high: FloatArray
    free: BoolArray
    whole: BoolArray
    category: BoolArray
    max_changes: int | None
    # The columns that the caller set limits for.
    limited: tuple[int, ...] = ()
    # Columns of floats shorter than 64 bits, which round what they are given.
    narrow: tuple[tuple[int, np.dtype[Any]], ...] = ()

    @property
    def home(self) -> FloatArray:
        """The allowed row nearest to the start."""
        return np.where(self.number, np.clip(self.start, self.low, self.high), self.start)

    @property
    def number(self) -> BoolArray:
        """The columns that may change by a little."""
        return self.free & ~self.category

    def steps(self, codes: FloatArray) -> FloatArray:
        """Return how far each column is from the start: |Δ| / scale, 1 for another category."""
        moved = self.free & (codes != self.start)
        by = np.abs(np.where(moved, codes - self.start, 0.0)) / self.scale
        return np.where(self.category & moved, 1.0, by)

    def distance(self, codes: FloatArray) -> FloatArray:
        """Return the Euclidean length of the steps, one number a row."""
        length: FloatArray = np.linalg.norm(self.steps(codes), axis=-1)
        return length

    def settle(self, codes: FloatArray) -> FloatArray:
        """Bring candidates (m, d) into the space: whole numbers away from home, limits, columns.

        Rounding goes outwards, so that a row past a boundary stays past it where it can.
        """
        home = self.home
        settled = np.where(self.free, codes, home)
        by = np.where(self.whole & self.free, settled - home, 0.0)
        outwards = home + np.sign(by) * np.ceil(np.abs(by) - 1e-9)
        settled = np.where(self.whole & self.free, outwards, settled)
        settled = np.where(self.number, np.clip(settled, self.low, self.high), settled)
        settled = self._representable(settled)
        if self.max_changes is not None and self.max_changes < len(self.start):
            steps = self.steps(settled)
            smallest = np.argsort(-steps, axis=1, kind="stable")[:, self.max_changes :]
            rows = np.arange(len(settled))[:, None]
            settled[rows, smallest] = home[smallest]
        return settled

    def allowed(self, codes: FloatArray) -> BoolArray:
        """Say which rows change no more columns than they may; a limit may force too many."""
        if self.max_changes is None:
            return np.ones(len(codes), dtype=bool)
        enough: BoolArray = (self.steps(codes) > 0).sum(axis=1) <= self.max_changes
        return enough

    def table(self, codes: FloatArray) -> Any:
        """Return codes (m, d) as the model takes them."""
        return self.coding.decode(codes)

    def _representable(self, codes: FloatArray) -> FloatArray:
        """Round codes, in place, to what their columns can hold."""
        for j, dtype in self.narrow:
            codes[:, j] = codes[:, j].astype(dtype)
        return codes


def column_type(coding: Coding, j: int) -> np.dtype[Any]:
    """Return the numpy type that column j is decoded to; object where it has levels."""
    dtype: np.dtype[Any] = np.dtype(object)
    if coding.labels is None:
        dtype = coding.dtype
    elif coding.columns[j].levels is None:
        dtype = coding.columns[j].dtype
    return dtype


def make_space(
    names: tuple[str, ...],
    coding: Coding,
    start: FloatArray,
    seen: FloatArray,
    *,
    fixed: object,
    limits: Limits,
    integer: object,
    max_changes: object,
) -> Space:
    """Return the space that the options describe, or say which of them is wrong."""
    d = len(names)
    held = np.isin(np.arange(d), column_positions("fixed", fixed, names))
    bounds = _bounds(limits, names, start, seen)
    asked = None if integer is None else column_positions("integer", integer, names)
    own = limits != "background"
    types = [column_type(coding, j) for j in range(d)]
    category, whole = np.zeros(d, dtype=bool), np.zeros(d, dtype=bool)
    for j, dtype in enumerate(types):
        named = asked is not None and j in asked
        limited = own and j in bounds
        values = np.append(seen[:, j], start[j])
        kind = _kind(dtype, values, infer=asked is None, named=named, limited=limited)
        category[j], whole[j] = kind == "category", kind == "whole"
    _check_discrete(names, start, category, whole, bounds, asked, own)
    low, high = _tightened(types, whole, bounds)
    scale, varies = _scales(seen, start, category)
    if not varies.any():
        raise ValueError(
            f"background must vary in at least one column; got {len(seen)} "
            f"{'row' if len(seen) == 1 else 'rows'} with one value in each."
        )
    if held[varies].all():
        raise ValueError(
            "fixed must leave at least one column free that varies in the background; got "
            f"{[names[j] for j in np.flatnonzero(held)]!r}."
        )
    _check_limits(names, start, low, high, held | ~varies, bounds)
    if max_changes is not None:
        max_changes = whole_number("sparsity", max_changes, low=1, high=d)
    free = ~held & varies
    narrow = tuple((j, t) for j, t in enumerate(types) if t.kind == "f" and t.itemsize < 8)
    return Space(
        names,
        coding,
        start,
        seen,
        scale,
        low,
        high,
        free,
        whole,
        category,
        max_changes,
        tuple(bounds),
        narrow,
    )


def _bounds(
    limits: object, names: tuple[str, ...], start: FloatArray, seen: FloatArray
) -> dict[int, tuple[float, float]]:
    if limits is None:
        return {}
    if isinstance(limits, str) and limits == "background":
        # The row itself is never out of range.
        both = np.vstack([seen, start])
        return {
            j: (float(np.nanmin(both[:, j])), float(np.nanmax(both[:, j])))
            for j in range(len(names))
            if not np.isnan(both[:, j]).all()
        }
    if not isinstance(limits, Mapping):
        raise TypeError(
            f"limits must be a mapping of columns to (low, high), or 'background'; got {limits!r}."
        )
    return {column_position("limits", k, names): interval("limits", v) for k, v in limits.items()}


def interval(name: str, value: object) -> tuple[float, float]:
    """Return (low, high) as two floats in order; an end may be infinite."""
    try:
        ends = np.asarray(value)
    except ValueError:
        ends = np.empty(0)
    if ends.shape != (2,) or ends.dtype.kind not in "iuf" or not ends[0] <= ends[1]:
        raise ValueError(f"{name} must give (low, high) with low <= high; got {value!r}.")
    return float(ends[0]), float(ends[1])


def _kind(
    dtype: np.dtype[Any], values: FloatArray, *, infer: bool, named: bool, limited: bool
) -> Literal["category", "whole", "real"]:
    """Say what a column holds; a flag, all 0 and 1, is a category."""
    if dtype.kind not in "iuf":
        return "category"
    if named:
        return "whole"
    values = values[~np.isnan(values)]
    if (infer or dtype.kind in "iu") and (values == np.round(values)).all():
        return "category" if not limited and np.isin(values, (0.0, 1.0)).all() else "whole"
    return "real"


def _check_discrete(
    names: tuple[str, ...],
    start: FloatArray,
    category: BoolArray,
    whole: BoolArray,
    bounds: dict[int, tuple[float, float]],
    asked: list[int] | None,
    limited: bool,
) -> None:
    for j in asked or []:
        if category[j]:
            raise ValueError(f"integer must name columns of numbers; got {names[j]!r}.")
        if start[j] != np.round(start[j]):
            raise ValueError(
                f"x must be whole in the columns of integer; got {start[j]} for {names[j]!r}."
            )
    for j, (low, high) in bounds.items():
        if limited and category[j]:
            raise ValueError(f"limits must name columns of numbers; got {names[j]!r}.")
        if whole[j] and np.ceil(low) > np.floor(high):
            raise ValueError(
                f"limits must hold a whole number for {names[j]!r}; got ({low}, {high})."
            )


def _tightened(
    types: list[np.dtype[Any]], whole: BoolArray, bounds: dict[int, tuple[float, float]]
) -> tuple[FloatArray, FloatArray]:
    """Return the limits as the columns can hold them: whole, in the range of their type."""
    low, high = np.full(len(types), -np.inf), np.full(len(types), np.inf)
    for j, dtype in enumerate(types):
        low[j], high[j] = bounds.get(j, (-np.inf, np.inf))
        if whole[j]:
            low[j], high[j] = np.ceil(low[j]), np.floor(high[j])
        if dtype.kind in "iu":
            least, most = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
            low[j] = max(low[j], least, -_LARGEST_WHOLE)
            high[j] = min(high[j], most, _LARGEST_WHOLE)
        if dtype.kind == "f" and dtype.itemsize < 8:
            low[j], high[j] = _inwards(low[j], dtype, +1), _inwards(high[j], dtype, -1)
    return low, high


def _inwards(limit: float, dtype: np.dtype[Any], sign: int) -> float:
    held: Any = np.asarray(limit).astype(dtype)
    if sign * float(held) < sign * limit:
        held = np.nextafter(held, np.asarray(sign * np.inf, dtype=dtype))
    return float(held)


def _scales(
    seen: FloatArray, start: FloatArray, category: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Return the unit of each column, and which columns have one."""
    scale, varies = np.ones(len(start)), np.zeros(len(start), dtype=bool)
    for j in range(len(start)):
        values = seen[~np.isnan(seen[:, j]), j]
        if category[j]:
            varies[j] = not np.isnan(start[j]) and bool((values != start[j]).any())
        elif len(values) and not np.isnan(start[j]) and values.min() < values.max():
            with np.errstate(over="ignore"):  # met by the check below
                deviation = float(values.std())
            if not 0 < deviation < np.inf:
                raise ValueError(
                    "background must have a spread that a float can hold; got values from "
                    f"{values.min()} to {values.max()} in column {j}."
                )
            scale[j], varies[j] = deviation, True
    return scale, varies


def _check_limits(
    names: tuple[str, ...],
    start: FloatArray,
    low: FloatArray,
    high: FloatArray,
    held: BoolArray,
    bounds: dict[int, tuple[float, float]],
) -> None:
    for j in np.flatnonzero(held):
        if int(j) in bounds and not low[j] <= start[j] <= high[j] and not np.isnan(start[j]):
            raise ValueError(
                f"limits must hold the value of x where a column cannot change; got "
                f"({low[j]}, {high[j]}) for {names[j]!r}, which is {start[j]}."
            )


def value_levels(space: Space, j: int) -> npt.NDArray[np.float64]:
    """Return the codes that category j has in the background."""
    values: FloatArray = np.unique(space.seen[:, j])
    return values[~np.isnan(values)]

"""A column of the explained rows as a figure can show it: as numbers or as levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.plot import _common, _palette

# In the order of the course's style; the last is for all levels beyond the six commonest.
COLOURS = (*_palette.CYCLE[:6], "#262626")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_MOST_LEVELS = len(COLOURS) - 1

_NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal", "boolean", "empty"}
_DATES = {"datetime", "datetime64", "date"}


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers, truth values (0 and 1) or dates (days since 1970).

    What is missing, or infinite, is nan.
    """

    values: FloatArray
    are_dates: bool

    @property
    def missing(self) -> BoolArray:
        """Where there is no value."""
        return np.isnan(self.values)

    def limits(self) -> tuple[float, float] | None:
        """Return the 5th and the 95th percentile, the whole range where they are equal."""
        known = self.values[~self.missing]
        if not known.size:
            return None
        low, high = np.percentile(known, [5, 95])
        if low == high:
            low, high = known.min(), known.max()
        return float(low), float(high)


@dataclass(frozen=True, eq=False)
class Level:
    """A level of a category, or all the rare ones, with its rows and its look."""

    name: str
    rows: BoolArray
    colour: str
    marker: str


@dataclass(frozen=True, eq=False)
class Levels:
    """A column of categories, the commonest level first."""

    levels: tuple[Level, ...]
    missing: BoolArray


def read(column: npt.NDArray[Any], *, two_as_levels: bool = False) -> Numbers | Levels:
    """Return a column as numbers where its values are such, of whatever type, else as levels.

    `two_as_levels` makes levels of truth values, and of numbers that are all 0 or 1.
    """
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    missing = np.asarray(pd.isna(column), dtype=bool)
    if kind in _DATES:
        return Numbers(_days(column), are_dates=True)
    if kind in _NUMBERS:
        values = np.full(len(column), np.nan)
        values[~missing] = column[~missing].astype(np.float64)
        values[~np.isfinite(values)] = np.nan
        if two_as_levels and not missing.all() and np.isin(values[~missing], [0, 1]).all():
            names = ("False", "True") if kind == "boolean" else ("0", "1")
            rows = {name: values == code for code, name in enumerate(names)}
            return _levels({name: at for name, at in rows.items() if at.any()}, missing)
        return Numbers(values, are_dates=False)
    return _commonest(np.array([_common.datum(value) for value in column], dtype=object), missing)


def _commonest(texts: npt.NDArray[Any], missing: BoolArray) -> Levels:
    """Return the six commonest levels, and the others together."""
    found, counts = np.unique(texts[~missing].astype(str), return_counts=True)
    names = [str(name) for name in found[np.argsort(-counts, kind="stable")]]
    # A seventh alone keeps its name.
    shown = names if len(names) <= _MOST_LEVELS + 1 else names[:_MOST_LEVELS]
    rows = {name: (texts == name) & ~missing for name in shown}
    if len(shown) < len(names):
        rest = ~missing & ~np.any(list(rows.values()), axis=0)
        rows[f"{len(names) - _MOST_LEVELS} rarer levels"] = rest
    return _levels(rows, missing)


def _levels(rows: dict[str, BoolArray], missing: BoolArray) -> Levels:
    looks = list(zip(COLOURS, MARKERS, strict=True))[: len(rows)]
    pairs = zip(rows.items(), looks, strict=True)
    return Levels(tuple(Level(name, at, *look) for (name, at), look in pairs), missing)


def _days(column: npt.NDArray[Any]) -> FloatArray:
    import pandas as pd
    from matplotlib.dates import date2num

    dates = pd.to_datetime(pd.Series(column), utc=True).dt.tz_localize(None)
    days = date2num(dates.to_numpy())  # type: ignore[no-untyped-call]
    return np.asarray(days, dtype=np.float64)

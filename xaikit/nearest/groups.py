"""One-hot columns: a group of which one column holds 1 is one category.

No column at all is a value too where it occurs in the rows: an encoder that drops a level, or
one that gives unknown and missing values no column, writes it so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.inputs.columns import column_positions
from xaikit.nearest.rows import Rows

# Between the name of a feature and its value, as pandas and scikit-learn write them.
_SEPARATORS = "_="
# How probable it may be that columns that have nothing to do with each other look like a group.
_CHANCE = 1e-3


@dataclass(frozen=True)
class Groups:
    """Groups of one-hot columns of a table, by position, and what they are called."""

    n_columns: int
    columns: tuple[tuple[int, ...], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def members(self) -> BoolArray:
        """Say of each column of the table whether it is in a group."""
        inside = [j for columns in self.columns for j in columns]
        return np.isin(np.arange(self.n_columns), inside)

    @property
    def first(self) -> list[int]:
        """The columns outside all groups, then the first of each group."""
        return [*np.flatnonzero(~self.members).tolist(), *(group[0] for group in self.columns)]

    def name_of(self, column: int) -> str:
        """Return the name of the group that a column is in."""
        return next(n for n, c in zip(self.names, self.columns, strict=True) if column in c)

    @property
    def owner(self) -> npt.NDArray[np.intp]:
        """Return for each column of the table the column of codes that it is part of."""
        owner = np.cumsum(~self.members) - 1
        alone = int((~self.members).sum())
        for i, columns in enumerate(self.columns):
            owner[list(columns)] = alone + i
        return owner

    def merge(self, codes: FloatArray) -> FloatArray:
        """Return codes (m, d) with one column for each group: which of its columns holds 1.

        Where none does, it is their number.
        """
        none = np.ones(len(codes))
        which = [
            np.column_stack([codes[:, list(columns)], none]).argmax(axis=1)
            for columns in self.columns
        ]
        return np.column_stack([codes[:, ~self.members], *which])

    def split(self, codes: FloatArray) -> FloatArray:
        """Return merged codes as the columns of the table, (m, d)."""
        alone = ~self.members
        table = np.zeros((len(codes), self.n_columns))
        table[:, alone] = codes[:, : alone.sum()]
        for columns, which in zip(self.columns, codes[:, alone.sum() :].T, strict=True):
            table[:, list(columns)] = which[:, None] == np.arange(len(columns))
        return table


def make_groups(given: object, rows: Rows) -> Groups:
    """Return the groups that the caller names, or those that the columns' names tell."""
    if given is None:
        return _recognised(rows)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(
            "groups must be a sequence of groups of columns, or a mapping of names to them; got "
            f"{given!r}."
        )
    members = list(given.values()) if isinstance(given, Mapping) else list(given)
    columns = tuple(tuple(column_positions("groups", each, rows.names)) for each in members)
    seen: set[int] = set()
    for group in columns:
        if len(group) < 2:
            raise ValueError(
                "groups must have at least two columns each; got "
                f"{[rows.names[j] for j in group]!r}."
            )
        for j in group:
            if j in seen:
                raise ValueError(f"groups must name each column once; got {rows.names[j]!r} twice.")
            seen.add(j)
    titles = tuple(map(str, given)) if isinstance(given, Mapping) else _titles(columns, rows)
    alone = [j for j in range(len(rows.names)) if j not in seen and rows.is_zero_one(j)]
    for title, group in zip(titles, columns, strict=True):
        _check_one_hot(title, group, alone, rows)
    return Groups(len(rows.names), columns, titles)


def _titles(columns: tuple[tuple[int, ...], ...], rows: Rows) -> tuple[str, ...]:
    return tuple(" | ".join(rows.names[j] for j in group) for group in columns)


def _check_one_hot(title: str, group: tuple[int, ...], alone: list[int], rows: Rows) -> None:
    both = rows.both()[:, list(group)]
    for j, values in zip(group, both.T, strict=True):
        if not rows.is_zero_one(j):
            other = "" if rows.is_number(j) else ", which holds no numbers"
            wrong = values[~np.isin(values, (0.0, 1.0))]
            raise ValueError(
                f"groups must name columns of 0 and 1; got {rows.names[j]!r}"
                f"{other or f', which holds {wrong[0]:g}'}."
            )
    held = both.sum(axis=1)
    wrong_rows = np.flatnonzero(held > 1)
    if len(wrong_rows):
        i = int(wrong_rows[0])
        where = "x" if i == len(rows.background) else f"row {i} of background"
        raise ValueError(
            f"groups must have at most one 1 in each row; got {int(held[i])} in the "
            f"group {title!r} in {where}."
        )
    left_out = (held == 0)[:, None] == (rows.both()[:, alone] == 1)
    if (held == 0).any() and left_out.all(axis=0).any():
        missing = rows.names[alone[int(left_out.all(axis=0).argmax())]]
        raise ValueError(
            f"groups must have all columns of each group; got the group {title!r} without "
            f"{missing!r}, which is 1 in just the rows where none of the group is."
        )


def _recognised(rows: Rows) -> Groups:
    """Return the sets of columns of 0 and 1 that share a prefix, with one 1 in each row.

    Then, among the others, those with at most one, where the rows are enough to tell that
    this is no chance.
    """
    by_prefix = _by_prefix(rows)
    both = rows.both()
    columns: list[tuple[int, ...]] = []
    names: list[str] = []
    taken: set[int] = set()
    for is_group in (_has_one_everywhere, _has_one_at_most):
        # The shortest first: "colour_dark_red" is of the group of "colour_white".
        for prefix in sorted(by_prefix, key=lambda prefix: (len(prefix), prefix)):
            group = by_prefix[prefix]
            if len(group) > 1 and not taken & set(group) and is_group(both[:, group]):
                columns.append(tuple(group))
                names.append(prefix.rstrip(_SEPARATORS))
                taken |= set(group)
    return Groups(len(rows.names), tuple(columns), tuple(names))


def _has_one_everywhere(both: FloatArray) -> bool:
    """Say so of the background; the row below it may be of a category that had no column."""
    held = both.sum(axis=1)
    return bool((held[:-1] == 1).all() and held[-1] <= 1)


def _has_one_at_most(both: FloatArray) -> bool:
    """Say so where independent columns with these shares of 1 would hardly look like it."""
    if (both.sum(axis=1) > 1).any():
        return False
    share = both.mean(axis=0)
    none = (1 - share).prod()
    chance = none * (1 + (share / (1 - share)).sum())
    return bool(chance ** len(both) < _CHANCE)


def _by_prefix(rows: Rows) -> dict[str, list[int]]:
    """Return the columns of 0 and 1 by each beginning of a name that ends in a separator."""
    by_prefix: dict[str, list[int]] = {}
    for j, name in enumerate(rows.names):
        if rows.is_zero_one(j):
            for at in range(1, len(name) - 1):
                if name[at] in _SEPARATORS:
                    by_prefix.setdefault(name[: at + 1], []).append(j)
    return by_prefix

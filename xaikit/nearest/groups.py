"""One-hot columns: a group of which exactly one column holds 1 is one category."""

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
        """Return codes (m, d) with one column for each group: which of its columns holds 1."""
        which = [codes[:, list(columns)].argmax(axis=1) for columns in self.columns]
        return np.column_stack([codes[:, ~self.members], *which])

    def split(self, codes: FloatArray) -> FloatArray:
        """Return merged codes as the columns of the table, (m, d)."""
        alone = ~self.members
        table = np.zeros((len(codes), self.n_columns))
        table[:, alone] = codes[:, : alone.sum()]
        rows = np.arange(len(codes))
        for columns, which in zip(self.columns, codes[:, alone.sum() :].T, strict=True):
            table[rows, np.array(columns)[which.astype(np.intp)]] = 1.0
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
    for title, group in zip(titles, columns, strict=True):
        _check_one_hot(title, group, rows)
    return Groups(len(rows.names), columns, titles)


def _titles(columns: tuple[tuple[int, ...], ...], rows: Rows) -> tuple[str, ...]:
    return tuple(" | ".join(rows.names[j] for j in group) for group in columns)


def _check_one_hot(title: str, group: tuple[int, ...], rows: Rows) -> None:
    both = rows.both()[:, list(group)]
    for j, values in zip(group, both.T, strict=True):
        if not rows.is_zero_one(j):
            other = "" if rows.is_number(j) else ", which holds no numbers"
            wrong = values[~np.isin(values, (0.0, 1.0))]
            raise ValueError(
                f"groups must name columns of 0 and 1; got {rows.names[j]!r}"
                f"{other or f', which holds {wrong[0]:g}'}."
            )
    wrong_rows = np.flatnonzero(both.sum(axis=1) != 1)
    if len(wrong_rows):
        i = int(wrong_rows[0])
        where = "x" if i == len(rows.background) else f"row {i} of background"
        raise ValueError(
            f"groups must have exactly one 1 in each row; got {int(both[i].sum())} in the "
            f"group {title!r} in {where}."
        )


def _recognised(rows: Rows) -> Groups:
    """Return the sets of columns of 0 and 1 that share a prefix, with one 1 in each row."""
    by_prefix: dict[str, list[int]] = {}
    for j, name in enumerate(rows.names):
        if rows.is_zero_one(j):
            for at in range(1, len(name) - 1):
                if name[at] in _SEPARATORS:
                    by_prefix.setdefault(name[: at + 1], []).append(j)
    both = rows.both()
    columns: list[tuple[int, ...]] = []
    names: list[str] = []
    taken: set[int] = set()
    # The shortest first: "colour_dark_red" is of the group of "colour_white".
    for prefix in sorted(by_prefix, key=lambda prefix: (len(prefix), prefix)):
        group = by_prefix[prefix]
        if len(group) < 2 or taken & set(group) or (both[:, group].sum(axis=1) != 1).any():
            continue
        columns.append(tuple(group))
        names.append(prefix.rstrip(_SEPARATORS))
        taken |= set(group)
    return Groups(len(rows.names), tuple(columns), tuple(names))

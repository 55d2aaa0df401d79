"""Fill the gradebook that a teacher exported from Canvas or Moodle."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xaikit.course.grading._csv import number_in, points_text, read_table
from xaikit.course.grading._lms import Sender, senders
from xaikit.course.grading._names import readable
from xaikit.course.grading._types import Graded

# Columns that hold a number or a login of a student, in lower case, by system.
_LOGINS = ("sis user id", "sis login id", "id number", "username", "email address", "student id")
_NAMES = ("student", "full name", "name")
_FIRST, _LAST = ("first name", "firstname"), ("last name", "lastname", "surname")


@dataclass(frozen=True)
class Filled:
    """A filled gradebook, and the students found in only one of gradebook and submissions.

    `unmatched` are students with marks and no row, each with the reason; `without` are
    those of the gradebook who got no mark.
    """

    content: bytes
    written: int
    replaced: int
    unmatched: tuple[str, ...]
    without: tuple[str, ...]
    notes: tuple[str, ...]


class Gradebook:
    """A gradebook as it was exported; every cell but those of one column stays as it is.

    Parameters
    ----------
    path : Path
        The exported CSV.
    column : str
        The column to fill, as in its first line; what the system adds to a name in
        brackets may be left out.
    scale : bool, optional
        Count the points out of the column's own maximum.
    keep_higher : bool, optional
        Write no mark over a higher one, nor over what is no number.

    Raises
    ------
    ValueError
        If it is no such table, or has no such column or more than one; or if it is to be
        scaled and says no maximum, or several.
    """

    def __init__(
        self, path: Path, column: str, *, scale: bool = False, keep_higher: bool = False
    ) -> None:
        self._table = read_table(path, "gradebook")
        self._rows = [row for _, row in self._table.rows]
        self._header = [cell.strip() for cell in self._rows[0]]
        self._small = [cell.casefold() for cell in self._header]
        self._column = _find_column(self._header, column)
        wide = len(self._header)
        self._students = [row for row in self._rows[1:] if len(row) == wide and self._name(row)]
        if not self._students:
            raise ValueError(
                f"gradebook must name its students in a column; {path.name!r} has none"
            )
        self._keep_higher = keep_higher
        self._scale_to = self._maximum() if scale else None

    def filled(self, graded: Sequence[Graded]) -> Filled:
        """Return the table with the marks in the column.

        Only marks with the status "ok" are written, and those that the teacher gave by hand;
        the teacher should look at the others.
        """
        rows = [list(row) for row in self._rows]
        place = {id(row): copy for row, copy in zip(self._rows, rows, strict=True)}
        pairs, unmatched = self._pairs(graded)
        replaced = written = 0
        kept = []
        for mark, row in pairs:
            if mark.status != "ok" and not mark.is_by_hand:
                unmatched.append(
                    f"{mark.student}: the status is {mark.status}; look at it yourself"
                )
                continue
            value = points_text(self._scaled(mark))
            if self._keep_higher and _is_higher(row[self._column], value):
                there = readable(row[self._column].strip(), 20)
                kept.append(f"kept {there} of {mark.student}, not {value}")
                continue
            replaced += row[self._column].strip() not in ("", "-", value)
            written += 1
            place[id(row)][self._column] = value
        matched = {id(row) for _, row in pairs}
        without = sorted(
            readable(self._name(row)) for row in self._students if id(row) not in matched
        )
        text = io.StringIO(newline="")
        form = self._table
        csv.writer(text, delimiter=form.delimiter, lineterminator=form.ending).writerows(rows)
        return Filled(
            text.getvalue().encode(form.encoding),
            written,
            replaced,
            tuple(unmatched),
            tuple(without),
            (*self._notes(graded), *kept),
        )

    def _pairs(self, graded: Sequence[Graded]) -> tuple[list[tuple[Graded, list[str]]], list[str]]:
        numbers, names = self._keys()
        pairs: list[tuple[Graded, list[str]]] = []
        unmatched: list[str] = []
        claimed: dict[int, list[str]] = defaultdict(list)
        known = senders(mark.source for mark in graded)
        for mark in graded:
            rows = self._candidates(mark, known.get(mark.source), numbers, names)
            if len(rows) == 1:
                pairs.append((mark, rows[0]))
                claimed[id(rows[0])].append(mark.student)
            else:
                unmatched.append(
                    f"{mark.student}: {'fits several rows' if rows else 'is in no row'}"
                )
        # Two notebooks for one row: no rule can tell which is right.
        for mark, row in pairs:
            if len(claimed[id(row)]) > 1:
                unmatched.append(f"{mark.student}: fits the same row as another submission")
        return [pair for pair in pairs if len(claimed[id(pair[1])]) == 1], unmatched

    def _candidates(
        self,
        mark: Graded,
        who: Sender | None,
        numbers: dict[str, list[list[str]]],
        names: dict[str, list[list[str]]],
    ) -> list[list[str]]:
        """Return the rows that a submission may belong to."""
        own = {"Canvas": "id", "Moodle": "identifier"}.get(who.system, "") if who else ""
        if who and own in self._small:
            # The system's own number decides; a name could be that of somebody else.
            return numbers.get(f"#{who.number}", [])
        name = who.name if who else mark.student
        return numbers.get(name.strip().casefold(), []) or names.get(_squeezed(name), [])

    def _keys(self) -> tuple[dict[str, list[list[str]]], dict[str, list[list[str]]]]:
        """Index the rows by number or login, and by name in both orders."""
        numbers: dict[str, list[list[str]]] = defaultdict(list)
        names: dict[str, list[list[str]]] = defaultdict(list)
        for row in self._students:
            keys = {f"#{row[i].strip()}" for i, head in enumerate(self._small) if head == "id"}
            keys |= {
                f"#{number[0]}"
                for i, head in enumerate(self._small)
                if head == "identifier" and (number := re.search(r"\d+$", row[i].strip()))
            }
            for i, head in enumerate(self._small):
                if head in _LOGINS and (login := row[i].strip().casefold()):
                    keys |= {login, login.split("@")[0]}
            for key in keys:
                numbers[key].append(row)
            for key in self._name_keys(row):
                names[key].append(row)
        return numbers, names

    def _name(self, row: list[str]) -> str:
        """Return the student's name in a row; empty if the row is about something else."""
        first, last = (
            " ".join(row[i].strip() for i, head in enumerate(self._small) if head in heads)
            for heads in (_FIRST, _LAST)
        )
        whole = " ".join(row[i].strip() for i, head in enumerate(self._small) if head in _NAMES)
        name = whole or f"{first} {last}".strip()
        # Canvas puts lines of its own above the students, and a test student among them.
        if name.casefold() in ("points possible", "student, test", "test student"):
            return ""
        return name

    def _name_keys(self, row: list[str]) -> set[str]:
        name = self._name(row)
        turned = " ".join(reversed(name.split(",", 1))) if "," in name else name
        first_last = [i for i, head in enumerate(self._small) if head in (*_FIRST, *_LAST)]
        both = [" ".join(row[i] for i in order) for order in (first_last, first_last[::-1])]
        return {_squeezed(text) for text in (name, turned, *both) if _squeezed(text)}

    def _scaled(self, mark: Graded) -> float:
        if self._scale_to is None:
            return mark.total
        return mark.total * self._scale_to / mark.out_of

    def _maximum(self) -> float:
        said = {number_in(text) for text in self._maxima()}
        most = said.pop() if len(said) == 1 else None
        if not most or most < 0:
            raise ValueError(
                "--scale needs one maximum of the column: a row 'Points Possible' of Canvas or a "
                "column 'Maximum Grade' of Moodle"
            )
        return most

    def _maxima(self) -> set[str]:
        """Return what the gradebook says the column is counted out of."""
        said = {
            row[i].strip()
            for row in self._students
            for i, head in enumerate(self._small)
            if head == "maximum grade"
        }
        for row in self._rows[1:4]:
            if row and row[0].strip().casefold() == "points possible" and len(row) > self._column:
                said.add(row[self._column].strip())
        return said - {""}

    def _notes(self, graded: Sequence[Graded]) -> tuple[str, ...]:
        """Say so if the gradebook gives other points for the column than the lab."""
        most = graded[0].out_of if graded else 0
        if self._scale_to == most:
            return ()
        if self._scale_to is not None:
            return (f"points scaled from {most} to {points_text(self._scale_to)}",)
        others = sorted(
            text for text in self._maxima() if number_in(text) not in (None, float(most))
        )
        return tuple(
            f"the gradebook counts this column out of {text}, the lab out of {most}; points were "
            "written as they are"
            for text in others
        )


def _is_higher(there: str, value: str) -> bool:
    """Tell whether what is there is more, or is no number, such as EX for excused."""
    there = there.strip()
    if there in ("", "-"):
        return False
    number = number_in(there)
    return number is None or number > float(value)


def _find_column(header: list[str], wanted: str) -> int:
    """Return the column of that name, with or without what the system adds to it."""

    def bare(name: str) -> str:
        name = re.sub(r"\s*\([^()]*\)$", "", name.strip())
        return re.sub(r"^(assignment|quiz)\s*:\s*", "", name, flags=re.IGNORECASE).casefold()

    for same in (str.strip, bare):
        found = [i for i, name in enumerate(header) if same(name) == same(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(f"column must be the name of one column; {wanted!r} fits {len(found)}")
    names = ", ".join(repr(readable(name, 60)) for name in header[:40])
    raise ValueError(f"column must be one of {names}; got {wanted!r}")


def _squeezed(name: str) -> str:
    """Return the letters and digits of a name in lower case, as in Canvas's file names."""
    return re.sub(r"[\W_]", "", name.casefold())

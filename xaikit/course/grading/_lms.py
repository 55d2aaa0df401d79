"""How Canvas and Moodle name the files of a download, and who sent each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Canvas: the name in lower case without spaces, LATE where it was, the number of the
# user, the number of the file, and the name the file had. Without names: anon and a code.
_CANVAS = re.compile(r"(?P<name>[^_].*?)_(?P<late>LATE_)?(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.+)")
_CANVAS_ANON = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon)_(?P<user>[A-Za-z0-9]+)_(?P<file>\d+)_(?P<rest>.+)"
)
# Moodle: a folder for each student, or the same as the beginning of the file's name. The
# number is the one of "Participant 1234567" in the grading worksheet.
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?"
)


@dataclass(frozen=True)
class Sender:
    """Who sent a file: the `system`, the student's `name` there and `number` there.

    `order` grows with every file that a student sends; 0 where the system does not say. `late`
    is whether Canvas says so.
    """

    system: str
    name: str
    number: str
    order: int = 0
    late: bool = False


def sender(path: str) -> Sender | None:
    """Return who sent the file at `path`, or None if no system named it.

    Examples
    --------
    >>> sender("lovelaceada_LATE_12345_67890_lab-1.ipynb")
    Sender(system='Canvas', name='lovelaceada', number='12345', order=67890, late=True)
    >>> sender("Ada Lovelace_1234567_assignsubmission_file/lab.ipynb").number
    '1234567'
    """
    # Only the part that the system wrote counts. The rest of the path, below a student's
    # folder or after the numbers, was chosen by the student and may imitate another's.
    name = path.partition("/")[0]
    if found := _MOODLE.fullmatch(name):
        return Sender("Moodle", found["name"], found["user"])
    if found := _CANVAS_ANON.fullmatch(name):
        return _canvas(found, f"anon_{found['user']}")
    if found := _CANVAS.fullmatch(name):
        return _canvas(found, found["name"])
    return None


def _canvas(found: re.Match[str], name: str) -> Sender:
    return Sender("Canvas", name, found["user"], _number(found["file"]), bool(found["late"]))


def senders(paths: Iterable[str]) -> dict[str, Sender]:
    """Return who sent each file, for those that a system named.

    A teacher may have named files ``lab_3_12_ada`` and ``lab_3_12_ben``. Canvas never gives
    one number to two files, so where most files share theirs, the names are not Canvas's.
    """
    found = {path: who for path in paths if (who := sender(path)) is not None}
    canvas = [who for who in found.values() if who.system == "Canvas"]
    if 2 * len({who.order for who in canvas}) <= len(canvas):
        return {path: who for path, who in found.items() if who.system != "Canvas"}
    return found


def is_text_of_moodle(path: str) -> bool:
    """Tell whether this is text typed into Moodle, which is no file that a student sent."""
    found = _MOODLE.fullmatch(path.partition("/")[0])
    return found is not None and found["kind"] != "file"


def _number(digits: str) -> int:
    # Python refuses to read thousands of digits; no system has such numbers.
    return int(digits[-18:])

"""What goes into grading and what comes out: plain values, the same in every module."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

from xaikit.course.labs._values import Json

Status = Literal["ok", "timeout", "memory", "crashed", "unreadable"]
Outcome = Literal["right", "partly", "wrong", "not answered", "error"]


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Parameters
    ----------
    student : str
        Who handed it in.
    source : str
        The file name as it came, for messages.
    notebook : bytes or None
        The content of the file; None if there is nothing to grade.
    problem : str
        Why there is nothing to grade, or empty.
    modified : float
        When the file was changed last, in seconds since 1970; 0 if that is not known.

    Notes
    -----
    Taught in: the teacher's page, under grading.

    Examples
    --------
    >>> Submission("ada", "ada.ipynb", b"{}").problem
    ''
    """

    student: str
    source: str
    notebook: bytes | None
    problem: str = ""
    modified: float = 0.0


@dataclass(frozen=True)
class Limits:
    """What one submission may use; a lab sets its own with ``LIMITS`` in ``checks.py``.

    Parameters
    ----------
    seconds : float
        CPU time for the notebook and all its probes, all processes together. By the clock it
        has `patience`, as others may keep the machine busy.
    memory_mb : int
        Memory that one process may take on top of what the warm server holds already, and
        about one and a half times that for all processes of a submission together.
    processes : int
        Processes and threads that a submission may have at once.
    file_mb : int
        The largest file, and the disk space of the home folder.
    output_kb : int
        The answers of a submission, as they are sent to the judges. What it prints is thrown
        away.

    Raises
    ------
    ValueError
        If a limit is not above zero.

    Notes
    -----
    Taught in: the teacher's page, under limits.

    Examples
    --------
    >>> Limits(memory_mb=4096).seconds
    60
    """

    seconds: float = 60
    memory_mb: int = 1024
    processes: int = 64
    file_mb: int = 16
    output_kb: int = 1024

    @property
    def patience(self) -> float:
        """Seconds by the clock after which a submission ends, whatever it waits for."""
        return 3 * self.seconds

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            whole = limit.name != "seconds"
            number = isinstance(value, int if whole else int | float)
            if not number or isinstance(value, bool) or not 0 < value < math.inf:
                kind = "a whole number" if whole else "a number"
                raise ValueError(f"{limit.name} must be {kind} above zero; got {value!r}")


@dataclass(frozen=True)
class Answer:
    """What a student handed in for one question; nothing in it is trusted.

    Parameters
    ----------
    code : str
        The code of the cells that answer it, or empty.
    shape : str
        What it has in common with the same code under other names, or empty.
    size : int
        How much there is of it.
    """

    code: str = ""
    shape: str = ""
    size: int = 0


@dataclass(frozen=True)
class Reply:
    """What came out of the sandbox for one submission; nothing in it is trusted.

    Parameters
    ----------
    status : str
        "ok", "timeout", "memory", "crashed" or "unreadable".
    probes : dict
        For each question ``{"value": ...}``, ``{"not_answered": why}`` or
        ``{"error": what, "line": the student's line}``; empty unless the status is "ok".
    message : str
        What happened, in words; empty if nothing did.
    notes : tuple of str
        Which cells stopped, and why.
    answers : dict
        What was handed in for each question, as far as it could be found.
    """

    status: Status
    probes: dict[str, dict[str, Json]]
    message: str = ""
    notes: tuple[str, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """The mark of one question.

    Parameters
    ----------
    question : str
        For example "q1".
    points : float
        The points given, from 0 to `out_of`.
    out_of : int
        The points there are.
    hint : str
        What the judge says: praise, or the hint for this mistake.
    outcome : str
        "right", "partly", "wrong", "not answered" or "error".
    code : str
        The student's own code for the question, or empty.
    by_hand : str
        What the teacher says to points given by hand, or empty.
    shape : str
        What the code has in common with the same code under other names, or empty.
    case : str
        A small case: what went in, what came out, what was expected; or empty.

    Notes
    -----
    Taught in: the teacher's page, under what the marks mean.

    Examples
    --------
    >>> Mark("q1", 2, 2, "They add up.", "right").points
    2
    """

    question: str
    points: float
    out_of: int
    hint: str
    outcome: Outcome
    code: str = ""
    by_hand: str = ""
    shape: str = ""
    case: str = ""


@dataclass(frozen=True)
class Graded:
    """One submission with its marks, and all that is needed to say how it got them.

    Parameters
    ----------
    student, source : str
        As in the submission.
    status : str
        "ok", or why there are no points: "timeout", "memory", "crashed", "unreadable".
    marks : tuple of Mark
        One for each question of the lab, in its order.
    total, out_of : float, int
        The sum of the points, and the points there are.
    message : str
        What happened, in words; empty if nothing did.
    isolation : str
        How the notebook was kept apart from this machine.
    lab, lab_version : str
        The lab, and a short hash of its source and its checks.
    seed : int
        The seed of the batch, which those of the notebooks were derived from.
    notes : tuple of str
        Which cells stopped, and why, in the words of the notebook's own errors.
    late : str
        What was taken off `total` as it came late, or empty.

    Notes
    -----
    Taught in: the teacher's page, under what the marks mean.

    Examples
    --------
    >>> mark = Mark("q1", 2, 2, "They add up.", "right")
    >>> graded = Graded("ada", "ada.ipynb", "ok", (mark,), 2, 2, "", "none", "l01", "0a", 7)
    >>> Graded.from_json(graded.to_json()) == graded
    True
    """

    student: str
    source: str
    status: Status
    marks: tuple[Mark, ...]
    total: float
    out_of: int
    message: str
    isolation: str
    lab: str
    lab_version: str
    seed: int
    notes: tuple[str, ...] = ()
    late: str = ""

    @property
    def is_by_hand(self) -> bool:
        """Whether a teacher gave points of it."""
        return any(mark.by_hand for mark in self.marks)

    def to_json(self) -> dict[str, Any]:
        """Return plain values that ``json.dumps`` accepts.

        Returns
        -------
        dict
            The fields by name; the marks as a list of dicts.
        """
        marks = [asdict(mark) for mark in self.marks]
        return {**asdict(self), "marks": marks, "notes": list(self.notes)}

    @classmethod
    def from_json(cls, content: object) -> Graded:
        """Return what `to_json` was called on.

        Parameters
        ----------
        content : dict
            What `to_json` returned, perhaps read back from a file.

        Returns
        -------
        Graded
            Equal to the first one.

        Raises
        ------
        ValueError
            If the fields are not those of a graded submission.
        """
        values = _require(cls, content)
        marks = tuple(Mark(**_require(Mark, mark)) for mark in values["marks"])
        notes = tuple(values["notes"])
        if not all(isinstance(note, str) for note in notes):
            raise ValueError(f"notes of a Graded must be text; got {notes!r}")
        return cls(**{**values, "marks": marks, "notes": notes})


_NAMES = {"status": get_args(Status), "outcome": get_args(Outcome)}
_NUMBERS = ("points", "out_of", "total", "seed")
_LISTS = ("marks", "notes")


def _require(kind: type, content: object) -> dict[str, Any]:
    names = {each.name for each in fields(kind)}
    if not isinstance(content, dict) or set(content) != names:
        raise ValueError(f"a {kind.__name__} has exactly the fields {', '.join(sorted(names))}")
    for name, value in content.items():
        wanted: Any = int | float if name in _NUMBERS else list if name in _LISTS else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise ValueError(f"{name} of a {kind.__name__} must be {wanted}; got {value!r}")
        if name in _NAMES and value not in _NAMES[name]:
            raise ValueError(f"{name} must be one of {', '.join(_NAMES[name])}; got {value!r}")
    return content

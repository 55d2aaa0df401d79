"""Graded submissions made by hand, and a grader that is not there yet to run anything."""

from __future__ import annotations

import threading

from xaikit.course.grading import Graded, Mark, Submission

POINTS = {"q1": 2, "q2": 3}
TITLES = {"q1": "Settle it", "q2": "From `scratch`"}
EMPTY = "The empty coalition has a value here, 12, and it is nobody's."


def mark(question, points, hint="", outcome=None):
    most = POINTS[question]
    outcome = outcome or ("right" if points == most else "partly" if points else "wrong")
    return Mark(question, points, most, hint, outcome)


def graded(student="ada", q1=2, q2=3, *, hint="", status="ok", message="", source=None, **changes):
    marks = changes.pop("marks", None) or (mark("q1", q1), mark("q2", q2, hint))
    values = {
        "student": student,
        "source": source or f"{student}.ipynb",
        "status": status,
        "marks": marks,
        "total": float(sum(m.points for m in marks)),
        "out_of": 5,
        "message": message,
        "isolation": "namespaces in bubblewrap",
        "lab": "l03_shapley",
        "lab_version": "0a1b2c",
        "seed": 7,
    }
    return Graded(**values | changes)


def submission(student, content=None):
    return Submission(student, f"{student}.ipynb", content or student.encode())


class FakeGrader:
    """Gives as many points as the notebook has bytes; can be told to fail."""

    def __init__(self, fails=()):
        self.fails = dict.fromkeys(fails, 1) if not isinstance(fails, dict) else dict(fails)
        self.graded: list[str] = []
        self.opened = 0
        self.lock = threading.Lock()

    def __call__(self):
        return self

    def __enter__(self):
        with self.lock:
            self.opened += 1
        return self

    def __exit__(self, *error):
        pass

    def grade(self, submission):
        with self.lock:
            self.graded.append(submission.student)
            left = self.fails.get(submission.student, 0)
            self.fails[submission.student] = left - 1
        if left > 0:
            raise BrokenPipeError("the server is gone")
        return graded(submission.student, len(submission.notebook or b"") % 3)

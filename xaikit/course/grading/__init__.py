"""Grade what students hand in: strangers' notebooks in a sandbox, their replies judged here."""

from xaikit.course.grading._grader import Grader
from xaikit.course.grading._isolation import IsolationError
from xaikit.course.grading._types import Graded, Limits, Mark, Reply, Submission

__all__ = ["Graded", "Grader", "IsolationError", "Limits", "Mark", "Reply", "Submission"]

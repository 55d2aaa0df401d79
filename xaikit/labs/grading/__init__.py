"""Grade what students hand in: strangers' notebooks in a sandbox, their replies judged here."""

from xaikit.labs.grading._types import Graded, Limits, Mark, Reply, Submission

__all__ = ["Graded", "Limits", "Mark", "Reply", "Submission"]

"""Labs that mark themselves.

In a notebook::

    lab = xk.labs.open("l03_shapley")
    lab.check("q1")      # correct, wrong (and why), not answered yet, or an error of yours
    lab.hint("q1")       # the next step
    lab.solution("q1")   # after a try
    lab.progress()
    lab.discuss(text)    # what others say to the closing question, after you

A lab is a folder with one source, ``lab.md``, and its ``checks.py``. ``split`` makes the
learner's notebook from the source; ``verify`` shows that the marks can be trusted.
"""

from xaikit.course.labs._ask import ask_both, ask_rows, read_rows
from xaikit.course.labs._by_case import match_cases
from xaikit.course.labs._case import Case
from xaikit.course.labs._drawn import drawn
from xaikit.course.labs._find import lab_names, labs_folder
from xaikit.course.labs._lab import Lab
from xaikit.course.labs._lab import open_lab as open
from xaikit.course.labs._match import close, match, match_each
from xaikit.course.labs._outcome import Note, Outcome
from xaikit.course.labs._own import without
from xaikit.course.labs._split import split
from xaikit.course.labs._unread import listed, part, unread
from xaikit.course.labs._values import NotAnswered, numbers, plain
from xaikit.course.labs._verify import verify

__all__ = [
    "Case",
    "Lab",
    "NotAnswered",
    "Note",
    "Outcome",
    "ask_both",
    "ask_rows",
    "close",
    "drawn",
    "lab_names",
    "labs_folder",
    "listed",
    "match",
    "match_cases",
    "match_each",
    "numbers",
    "open",
    "part",
    "plain",
    "read_rows",
    "split",
    "unread",
    "verify",
    "without",
]

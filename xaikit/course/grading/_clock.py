"""End a piece of a student's code when its time is over, so that the rest is still marked.

Code that means harm can take the alarm away: what it may use in all is limited from outside.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TooSlow(BaseException):
    """Raised in the student's code; no Exception, so that few handlers of theirs catch it."""


@contextmanager
def at_most(computing: float, waiting: float) -> Iterator[None]:
    """Raise TooSlow in the block after so many seconds of computing, or by the clock."""
    running = True

    def over(number: int, frame: object) -> None:
        # Once: the second of the two alarms must not end what deals with the first.
        nonlocal running
        if running:
            running = False
            raise TooSlow

    for kind in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(kind, over)
    signal.setitimer(signal.ITIMER_PROF, computing)
    signal.setitimer(signal.ITIMER_REAL, waiting)
    try:
        yield
    finally:
        running = False
        for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
            signal.setitimer(timer, 0)

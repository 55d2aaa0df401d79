"""Labs that mark themselves: the public name of `xaikit.course.labs`."""

from xaikit.course.labs import (
    Lab,
    NotAnswered,
    Note,
    Outcome,
    close,
    lab_names,
    labs_folder,
    match,
    match_each,
    numbers,
    open,
    plain,
    split,
    verify,
)

__all__ = [
    "Lab",
    "NotAnswered",
    "Note",
    "Outcome",
    "close",
    "lab_names",
    "labs_folder",
    "match",
    "match_each",
    "numbers",
    "open",
    "plain",
    "split",
    "verify",
]

if __name__ == "__main__":
    import sys

    from xaikit.course.labs.__main__ import main

    sys.exit(main())

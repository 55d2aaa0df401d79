"""Labs that mark themselves: the public name of `xaikit.course.labs`."""

from xaikit.course.labs import (
    Case,
    Lab,
    NotAnswered,
    Note,
    Outcome,
    ask_both,
    ask_rows,
    close,
    drawn,
    lab_names,
    labs_folder,
    listed,
    match,
    match_cases,
    match_each,
    numbers,
    open,
    part,
    plain,
    read_rows,
    split,
    unread,
    verify,
    without,
)

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

if __name__ == "__main__":
    import sys

    from xaikit.course.labs.__main__ import main

    sys.exit(main())

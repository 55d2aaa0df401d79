"""What the command writes: the table, the pages, the gradebook, the zip to give back."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xaikit.core.checks import require
from xaikit.course.grading._alike import Alike, alike_notes, find_alike, some
from xaikit.course.grading._csv import grades_csv
from xaikit.course.grading._files import write_whole
from xaikit.course.grading._gradebook import Gradebook
from xaikit.course.grading._names import file_stem
from xaikit.course.grading._pages import class_page, feedback_page
from xaikit.course.grading._return import return_zip
from xaikit.course.grading._types import Graded
from xaikit.course.labs._source import read_answers

_MOST_TOLD = 10
Say = Callable[[str], object]


def check_outputs(options: argparse.Namespace) -> None:
    """Refuse now what would otherwise fail only after all notebooks have run."""
    if options.out.suffix.lower() != ".csv":
        raise ValueError(f"--out must be a file that ends in .csv; got {str(options.out)!r}")
    if options.give_back and options.give_back.suffix.lower() != ".zip":
        raise ValueError(f"--return must be a file that ends in .zip; got {options.give_back!s}")
    if options.feedback or options.class_page or options.give_back:
        require("jinja2", extra="course")
    outputs = [options.out, _gradebook_out(options.out)]
    outputs += [path for path in (options.class_page, options.give_back) if path]
    given = (options.gradebook, options.corrections, options.submissions)
    taken = [path for path in given if path is not None]
    for path in outputs:
        if path.is_dir() or any(path.resolve() == other.resolve() for other in taken):
            raise ValueError(f"an output would replace {str(path)!r}; choose another name")
    for folder in {path.parent for path in outputs} | ({options.feedback} - {None}):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise ValueError(f"the outputs must go where you may write; got {str(folder)!r}")


def write_outputs(
    options: argparse.Namespace,
    graded: Sequence[Graded],
    *,
    lab: Path,
    points: Mapping[str, int],
    gradebook: Gradebook | None,
    say: Say,
) -> None:
    """Write all that the options ask for, and say what there is to know about it."""
    alike = find_alike(graded)
    _tell_alike(alike, say)
    written = [options.out]
    write_whole(options.out, grades_csv(graded, list(points), alike_notes(alike)))
    titles = {}
    if options.feedback or options.class_page or options.give_back:
        titles = _titles(lab)
    if options.feedback:
        taken: set[str] = set()
        for row in graded:
            path = options.feedback / f"{file_stem(row.student, taken)}.html"
            write_whole(path, feedback_page(row, titles))
        written.append(options.feedback)
    if options.class_page:
        write_whole(options.class_page, class_page(graded, points, titles, alike))
        written.append(options.class_page)
    if options.give_back:
        write_whole(options.give_back, return_zip(graded, titles))
        written.append(options.give_back)
    if gradebook:
        written.append(_write_gradebook(options, gradebook, graded, say))
    for path in written:
        say(f"written: {path}")


def _write_gradebook(
    options: argparse.Namespace, gradebook: Gradebook, graded: Sequence[Graded], say: Say
) -> Path:
    path = _gradebook_out(options.out)
    filled = gradebook.filled(graded)
    write_whole(path, filled.content)
    over = f"{filled.replaced} of them over another mark"
    say(f"gradebook: {filled.written} marks written, {over}")
    for line in filled.notes:
        say(f"gradebook: {line}")
    for line in filled.unmatched:
        say(f"gradebook: no mark written for {line}")
    for name in filled.without:
        say(f"gradebook: no submission of {name}")
    return path


def _tell_alike(alike: Sequence[Alike], say: Say) -> None:
    for group in alike[:_MOST_TOLD]:
        say(f"same code: {some(group.students)}, in {', '.join(group.questions)}")
    if len(alike) > _MOST_TOLD:
        more = len(alike) - _MOST_TOLD
        say(f"same code: {more} more groups; they are in the notes of the table")


def _gradebook_out(out: Path) -> Path:
    return out.with_name(f"{out.stem}-gradebook.csv")


def _titles(folder: Path) -> dict[str, str]:
    return {question: answer.title for question, answer in read_answers(folder).items()}

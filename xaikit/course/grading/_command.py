"""``xaikit grade``: from a folder or a download to marks, pages and a gradebook."""

from __future__ import annotations

import argparse
import math
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from xaikit.course.grading._batch import Backend, grade_batch, no_marks, on_this_machine
from xaikit.course.grading._corrections import Correction, corrected, read_corrections
from xaikit.course.grading._dask import NO_WORKERS_TIMEOUT, on_dask
from xaikit.course.grading._gradebook import Gradebook
from xaikit.course.grading._grader import Grader
from xaikit.course.grading._journal import Journal
from xaikit.course.grading._judge import lab_version
from xaikit.course.grading._late import LateRule, read_rule, with_lateness
from xaikit.course.grading._outputs import check_outputs, write_outputs
from xaikit.course.grading._submissions import find_submissions
from xaikit.course.grading._types import Graded, Limits, Submission
from xaikit.course.labs._checks import Declared, read_declared
from xaikit.course.labs._find import lab_path

GRADED, LOOK, STOPPED = 0, 2, 130
_EXIT = """\
exit code:
  0    every notebook ran to its end and was marked
  1    no table was written: something in the command, no isolation here, or a Dask
       cluster that was lost; what it had graded is kept, and the same command goes on
  2    marked, but some submissions ended otherwise (unreadable, timeout, memory,
       crashed): they are in the table with their status, look at them yourself
  130  stopped by Ctrl-C; the same command continues where it stopped
"""


def add_parser(commands: Any) -> None:
    """Add ``grade`` to the commands of ``xaikit``."""
    grade = commands.add_parser(
        "grade",
        help="mark the lab notebooks of a class",
        description="Mark the lab notebooks of a class, each in a sandbox of its own.",
        epilog=_EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    grade.set_defaults(run=run)
    add = grade.add_argument
    add(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="a folder of notebooks, or a download of Canvas or Moodle as it comes, zipped or not",
    )
    add("--lab", required=True, help="the lab, for example l03 or l03_shapley")
    add("--out", required=True, type=Path, metavar="CSV", help="the table of marks to write")
    add("--seed", type=_seed, help="what the inputs are drawn from; by default a secret one")
    add("--feedback", type=Path, metavar="DIR", help="write a page for each student there")
    add("--class-page", type=Path, metavar="FILE", help="write a page on the whole class")
    add("--gradebook", type=Path, metavar="CSV", help="a gradebook exported from Canvas or Moodle")
    add("--column", help="the column of the gradebook to fill")
    _add_returning(add)
    add(
        "--corrections",
        type=Path,
        metavar="CSV",
        help="points given by hand: student, question, points and a comment",
    )
    add(
        "--workers",
        type=partial(_whole, most=256),
        help="notebooks at a time; by default one for each core",
    )
    add(
        "--isolation",
        choices=["auto", "none"],
        default="auto",
        help='"none" runs the notebooks as you, with all that you may do: for trusted ones only',
    )
    add("--backend", choices=["local", "dask"], default="local", help="where to grade")
    add("--scheduler", metavar="ADDRESS", help="of the Dask cluster, for example tcp://host:8786")
    add(
        "--no-workers-timeout",
        type=partial(_whole, most=10**6),
        default=NO_WORKERS_TIMEOUT,
        metavar="SECONDS",
        help="how long a Dask cluster may be without a worker; by default %(default)s",
    )
    add("--fresh", action="store_true", help="grade everything again, ignoring the journal")


def _add_returning(add: Callable[..., object]) -> None:
    """Add what is about giving marks back."""
    add("--scale", action="store_true", help="count the points out of the column's own maximum")
    add("--keep-higher", action="store_true", help="write no mark over a higher one")
    add(
        "--return",
        dest="give_back",
        type=Path,
        metavar="ZIP",
        help="write the feedback as one zip, named for the upload to Canvas or Moodle",
    )
    add("--late", metavar="RULE", help='points off, for example "10%% a day, at most 50%%"')
    add("--due", metavar="TIME", help='when it was due, for example "2026-11-02 18:00"')


def run(options: argparse.Namespace) -> int:
    """Grade, and return the exit code."""
    try:
        return _grade(options)
    except KeyboardInterrupt:
        _say("\nstopped; what was graded is kept, and the same command continues from there")
        return STOPPED


@dataclass(frozen=True)
class _Plan:
    """What is graded, checked before the first notebook runs."""

    folder: Path
    checks: Declared
    version: str
    gradebook: Gradebook | None
    corrections: tuple[Correction, ...]
    late: LateRule | None
    journal: Journal
    seed: int


def _grade(options: argparse.Namespace) -> int:
    plan = _plan(options)
    found = find_submissions(options.submissions, lab=plan.folder.name)
    for note in found.notes:
        _say(f"note: {note}")
    _say(_bound(len(found.submissions), plan.checks, options))
    graded = grade_batch(
        found.submissions,
        _backend(options, plan),
        journal=plan.journal,
        seed=plan.seed,
        given_up=partial(
            no_marks,
            points=plan.checks.points,
            lab=plan.folder.name,
            version=plan.version,
            seed=plan.seed,
        ),
        say=_say,
    )
    graded, missing = corrected(graded, plan.corrections)
    if plan.corrections:
        _say(f"answers marked by hand: {len(plan.corrections) - len(missing)}")
    for line in missing:
        _say(f"by hand: {line}")
    graded = _late(plan, found.submissions, graded)
    write_outputs(
        options,
        graded,
        lab=plan.folder,
        points=plan.checks.points,
        gradebook=plan.gradebook,
        say=_say,
    )
    return _summary(graded)


def _late(
    plan: _Plan, submissions: Sequence[Submission], graded: tuple[Graded, ...]
) -> tuple[Graded, ...]:
    """Take points off by the rule, if there is one, and say whose."""
    if plan.late is None:
        return graded
    graded = with_lateness(graded, submissions, plan.late)
    late = [row for row in graded if row.late]
    for row in late:
        _say(f"late: {row.student}, {row.late}")
    _say(f"late: points taken off {len(late)} of {len(graded)} submissions")
    return graded


def _plan(options: argparse.Namespace) -> _Plan:
    _check(options)
    folder = lab_path(options.lab, "--lab")
    version, checks = lab_version(folder), read_declared(folder)
    gradebook = None
    if options.gradebook:
        gradebook = Gradebook(
            options.gradebook,
            options.column,
            scale=options.scale,
            keep_higher=options.keep_higher,
        )
    late = read_rule(options.late, options.due) if options.late else None
    corrections: tuple[Correction, ...] = ()
    if options.corrections:
        corrections = read_corrections(options.corrections, checks.points)
    journal = Journal(options.out.with_suffix(".journal.jsonl"), version, options.isolation)
    if options.fresh:
        journal.start_afresh()
    seed = _draw(options, journal)
    return _Plan(folder, checks, version, gradebook, corrections, late, journal, seed)


def _check(options: argparse.Namespace) -> None:
    """Refuse now what would otherwise fail only after all notebooks have run."""
    if (options.gradebook is None) != (options.column is None):
        raise ValueError("--gradebook and --column go together; got only one of them")
    if (options.backend == "dask") != (options.scheduler is not None):
        raise ValueError("--backend dask and --scheduler go together; got only one of them")
    if (options.late is None) != (options.due is None):
        raise ValueError("--late and --due go together; got only one of them")
    if options.gradebook is None and (options.scale or options.keep_higher):
        raise ValueError("--scale and --keep-higher need --gradebook")
    check_outputs(options)


def _draw(options: argparse.Namespace, journal: Journal) -> int:
    """Return the given seed, or that of a batch that was stopped, or a new one."""
    if options.seed is not None:
        return int(options.seed)
    if journal.last_seed is not None:
        _say(f"seed: {journal.last_seed}, from the journal; --fresh draws a new one")
        return journal.last_seed
    # Too large for trying them all to be of use.
    seed = secrets.randbelow(10**18)
    _say(f"seed: {seed}, drawn now; with --seed {seed} the same notebooks get the same marks")
    return seed


def _backend(options: argparse.Namespace, plan: _Plan) -> Backend:
    if options.backend == "dask":
        lab = plan.folder.name
        return on_dask(
            options.scheduler,
            lab,
            plan.version,
            plan.seed,
            options.isolation,
            no_workers_timeout=options.no_workers_timeout,
        )
    workers = options.workers or _cores()
    open_grader = partial(Grader, plan.folder, seed=plan.seed, isolation=options.isolation)
    return on_this_machine(open_grader, workers)


def _bound(many: int, checks: Declared, options: argparse.Namespace) -> str:
    """Say when the batch has ended at the latest, whatever is in the notebooks."""
    patience = Limits(**checks.limits).patience
    # Each may be tried once more alone, after waiting for all that run beside it.
    seconds = many * patience * (1 / (options.workers or _cores()) + 1)
    return (
        f"{many} submissions, a notebook for at most {patience:g} s at a time: done in "
        f"{math.ceil(seconds / 60)} minutes at the latest, if all take as long as they may"
    )


def _summary(graded: Sequence[Graded]) -> int:
    levels = ", ".join(sorted({row.isolation for row in graded if row.isolation}))
    if levels:
        _say(f"isolation: {levels}")
    ended = [row.status for row in graded]
    counts = [f"{ended.count(status)} {status}" for status in sorted(set(ended))]
    _say(f"{len(graded)} submissions: {', '.join(counts)}")
    if len(graded) > 1 and set(ended) - {"unreadable"} == {"crashed"}:
        _say("no notebook ran to its end: suspect this machine rather than the class")
    return GRADED if set(ended) == {"ok"} else LOOK


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on; got {text!r}")
    return int(text)


def _whole(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {most}; got {text!r}")
    return int(text)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")

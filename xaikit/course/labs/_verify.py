"""Show that the marks of a lab can be trusted: what CI asks of every lab."""

from __future__ import annotations

import json
import math
import re
import sys
import tempfile
import warnings
from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path
from typing import Any

from xaikit.course.labs._checks import Checks, Judge, load_checks, verdict
from xaikit.course.labs._discussion import LEAST_WORDS, read_discussion
from xaikit.course.labs._find import LABS_FOLDER, STUDENT_NOTEBOOK
from xaikit.course.labs._forms import FORMS, answered, reformed
from xaikit.course.labs._mark import NOTEBOOK_SEED, mark
from xaikit.course.labs._source import BEGIN, END, LabSource, Mutant, read_needs, read_source
from xaikit.course.labs._split import student_notebook
from xaikit.course.labs._values import Json

SEEDS = (NOTEBOOK_SEED, 11, 2024)
HEADING = re.compile(
    r"^### Question (\d+): .+ \((easy|medium|hard), (\d+) minutes\)$", re.MULTILINE
)
MINUTES = re.compile(r"^##.+?(\d+) minutes\)$", re.MULTILINE)
_nested: Json = []
for _ in range(50):
    _nested = [_nested]
# Replies that no honest answer gives. A judge meets each with no points and a hint.
ODD_REPLIES: tuple[Json, ...] = (
    None, True, 0, -1, 1e308, 10**400, math.nan, math.inf, "", "correct", "1.0",
    [], {}, [None], [math.nan], [[]], ["a", 1], [1e308] * 8, [[1, 2], [3]], _nested,
    {"points": 99}, {"": None}, [{}], list(range(1000)), [[math.nan] * 4] * 4,
)  # fmt: skip


def verify(lab: Path, seeds: Iterable[int] = SEEDS) -> tuple[str, ...]:
    """Look for anything that would make the marks of a lab meaningless.

    The solved lab must score full marks whatever the seed, and so must its answers in every
    form that a colleague might give them. The unsolved one must run to its end, score nothing
    and hold nothing of a solution. Every wrong answer in the source must lose marks and meet
    the hint for its mistake, and as many marks with every seed. No judge may give points for,
    or fail on, a reply that makes no sense. The committed notebook must be what its source
    gives. Each question says how hard it is and how long it takes, and the lab closes with a
    question that has a written discussion.

    Parameters
    ----------
    lab : Path
        The folder of one lab.
    seeds : iterable of int
        The seeds that answers are marked with.

    Returns
    -------
    tuple of str
        The problems found, each naming the lab and the question; empty if there is none.

    Raises
    ------
    ImportError
        If jupytext or nbformat is not installed.
    ValueError
        If the source is malformed; the message names the cell.

    Notes
    -----
    The cells are run in this process, without a kernel: only verify labs that you trust.
    Taught in: CONTRIBUTING, how to add a lab.

    Examples
    --------
    >>> from xaikit.labs import labs_folder
    >>> verify(labs_folder() / "l03_shapley")
    ()
    """
    lab, seeds = lab.resolve(), tuple(seeds)
    source, checks = read_source(lab), load_checks(lab)
    problems = [*_shape(source, checks), *_staleness(lab, source), *_leaks(source)]
    problems += [*_headings(lab, source, checks), *_ending(lab, source)]
    if set(source.answers) == set(checks.points):
        names = _run(lab, source, {q: answer.solved for q, answer in source.answers.items()})
        problems += [*_solved(checks, names, seeds), *_unsolved(lab, source, checks)]
        problems += [*_forms(source, checks, names)]
        problems += [p for mutant in source.mutants for p in _mutant(checks, names, mutant, seeds)]
    problems += _odd_replies(checks)
    return tuple(f"{lab.name}: {problem}" for problem in problems)


def _shape(source: LabSource, checks: Checks) -> list[str]:
    """Each question has one answer cell, a check after it and two wrong answers."""
    problems = []
    for question in sorted(set(source.answers) ^ set(checks.points)):
        lacks = "an entry in POINTS" if question in source.answers else "an answer cell"
        problems.append(f"{question}: {lacks} is missing")
    for question in source.answers:
        place = next(i for i, cell in enumerate(source.cells) if cell.question == question)
        after = [cell.source for cell in source.cells[place + 1 :] if cell.kind == "code"]
        if not any(f'lab.check("{question}")' in text for text in after):
            problems.append(f'{question}: no cell after the answer runs lab.check("{question}")')
        if sum(mutant.question == question for mutant in source.mutants) < 2:
            problems.append(f"{question}: fewer than two wrong answers (mutants)")
    stray = {mutant.question for mutant in source.mutants} - set(source.answers)
    return problems + [f"{question}: a mutant of no question" for question in sorted(stray)]


def _staleness(lab: Path, source: LabSource) -> list[str]:
    path = lab / STUDENT_NOTEBOOK
    if not path.is_file() or path.read_text(encoding="utf-8") != student_notebook(source):
        return [f"{STUDENT_NOTEBOOK} is stale: run python -m xaikit.labs split labs"]
    return []


def _leaks(source: LabSource) -> list[str]:
    """Nothing of a solution, a wrong answer or a marker is in the learner's notebook."""
    cells = json.loads(student_notebook(source))["cells"]
    shown = {line.strip() for cell in cells for line in "".join(cell["source"]).splitlines()}
    problems = [f"the marker {marker} is shown" for marker in (BEGIN, END) if marker in shown]
    secrets = [(q, "the solution", answer.solved) for q, answer in source.answers.items()]
    secrets += [(m.question, f"mutant {m.name!r}", m.source) for m in source.mutants]
    for question, what, code in secrets:
        stub = source.answers[question].student if question in source.answers else ""
        secret = {line.strip() for line in code.splitlines()}
        secret -= {line.strip() for line in stub.splitlines()}
        # A lone bracket or `else:` gives nothing away.
        lines = sorted(line for line in secret & shown if len(line) > 8)
        problems += [f"{question}: the learner is shown {line!r} of {what}" for line in lines]
    return problems


def _headings(lab: Path, source: LabSource, checks: Checks) -> list[str]:
    """Each question says how hard it is and how long it takes; the lab, how long in all."""
    text = "\n".join(cell.source for cell in source.cells if cell.kind == "markdown")
    found = [f"q{number}" for number, _, _ in HEADING.findall(text)]
    problems = [
        f"{question}: needs one heading '### Question …: … (easy, 10 minutes)', or medium, or hard"
        for question in checks.points
        if found.count(question) != 1
    ]
    total, parts = read_needs(lab)[1], sum(map(int, MINUTES.findall(text)))
    if total != parts:
        problems.append(f"says that it takes {total} minutes; its headings add up to {parts}")
    return problems


def _ending(lab: Path, source: LabSource) -> list[str]:
    """Close the lab with an open question, and with a discussion that is worth opening."""
    problems = []
    if not any("lab.discuss(" in cell.source for cell in source.cells[-4:]):
        problems.append("ends without lab.discuss(…): a closing question without points")
    discussion = read_discussion(lab)
    if len(discussion.split()) < 3 * LEAST_WORDS:
        problems.append(f"discussion.md: needs at least {3 * LEAST_WORDS} words")
    shown = student_notebook(source)
    leaked = [line for line in discussion.splitlines() if len(line) > 40 and line in shown]
    return problems + [f"the learner is shown {line!r} of the discussion" for line in leaked]


def _forms(source: LabSource, checks: Checks, solved: dict[str, Any]) -> list[str]:
    """Put each solution in other forms: whoever writes it so is right as well."""
    problems = []
    for question, answer in source.answers.items():
        for name, form in FORMS.items():
            changed = {each: reformed(solved[each], form) for each in answered(answer.student)}
            outcome = mark(checks, question, {**solved, **changed}, NOTEBOOK_SEED)
            if outcome.status != "correct":
                problems.append(f"{question}: the solution as {name} got {outcome!r}")
    return problems


def _solved(checks: Checks, names: dict[str, Any], seeds: Iterable[int]) -> list[str]:
    problems = []
    for question in checks.points:
        for seed in seeds:
            outcome = mark(checks, question, names, seed)
            if outcome.status != "correct":
                problems.append(f"{question}: the solution, seed {seed}, got {outcome!r}")
    return problems


def _unsolved(lab: Path, source: LabSource, checks: Checks) -> list[str]:
    answers = {q: answer.student for q, answer in source.answers.items()}
    try:
        names = _run(lab, source, answers)
    except Exception as error:
        # Whatever stops the notebook is the finding; nothing is hidden.
        return [f"the unsolved notebook stops: {type(error).__name__}: {error}"]
    outcomes = [mark(checks, question, names, NOTEBOOK_SEED) for question in checks.points]
    return [
        f"{outcome.question}: the stub got {outcome!r}"
        for outcome in outcomes
        if outcome.status != "unanswered"
    ]


def _mutant(
    checks: Checks, solved: dict[str, Any], mutant: Mutant, seeds: Iterable[int]
) -> list[str]:
    """Put the wrong answer in the place of the solution, in a copy of the solved notebook."""
    name = f"{mutant.question}, mutant {mutant.name!r}"
    names = dict(solved)
    exec(compile(mutant.source, f"<{name}>", "exec"), names)
    problems, points = [], set()
    for seed in seeds:
        with warnings.catch_warnings():
            # Divided by 0, say: a learner is warned of it and gets an answer all the same.
            warnings.simplefilter("ignore")
            outcome = mark(checks, mutant.question, names, seed)
        points.add(outcome.points)
        if outcome.status == "correct":
            problems.append(f"{name}, seed {seed}: loses no marks, got {outcome!r}")
        elif mutant.hint.lower() not in outcome.message.lower():
            problems.append(f"{name}, seed {seed}: {mutant.hint!r} is not in {outcome.message!r}")
    if len(points) > 1:
        problems.append(f"{name}: its points hang on the seed: {sorted(points)}")
    return problems


def _odd_replies(checks: Checks) -> list[str]:
    problems = []
    for question, judge in checks.judges.items():
        for reply in ODD_REPLIES:
            fault = _fault(judge, reply)
            if fault:
                problems.append(f"{question}: the judge {fault} on {str(reply)[:60]}")
    return problems


def _fault(judge: Judge, reply: Json) -> str:
    try:
        points, hint, _ = verdict(judge, reply, NOTEBOOK_SEED)
    except Exception as error:
        # Any exception of a judge is the finding; nothing is hidden.
        return f"raises {type(error).__name__}: {error}"
    if points != 0:
        return f"gives {points} points"
    return "" if isinstance(hint, str) and hint else "gives no hint"


def _run(lab: Path, source: LabSource, answers: dict[str, str]) -> dict[str, Any]:
    """Run the code cells with these answers, and return the names they leave."""
    names: dict[str, Any] = {"__name__": "__main__"}
    token = LABS_FOLDER.set(lab.parent)
    figures = _figures()
    try:
        # The notebook saves progress where it runs; here nobody needs it.
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            for number, cell in enumerate(source.cells, start=1):
                if cell.kind == "code":
                    code = cell.source if cell.question is None else answers[cell.question]
                    exec(compile(code, f"<{lab.name}, cell {number}>", "exec"), names)
    finally:
        LABS_FOLDER.reset(token)
        for number in _figures() - figures:
            sys.modules["matplotlib.pyplot"].close(number)
    return names


def _figures() -> set[int]:
    """Return the numbers of the open figures, without importing matplotlib for it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set() if pyplot is None else set(pyplot.get_fignums())

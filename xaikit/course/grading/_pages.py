"""The page that a student gets back, and the teacher's page on the class."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

from xaikit.core.checks import require
from xaikit.course.grading._alike import Alike
from xaikit.course.grading._csv import points_text
from xaikit.course.grading._names import readable
from xaikit.course.grading._types import Graded
from xaikit.course.labs._outcome import inline

_MOST_HINTS = 12
_MOST_COLUMNS = 6

# outcome: icon and words; the class of the same name in pages.css gives the colour.
LOOKS = {
    "right": ("✓", "Correct"),
    "partly": ("◐", "Partly right"),
    "wrong": ("✗", "Not right yet"),
    "not answered": ("○", "Not answered"),
    "error": ("!", "The code stopped"),
}

_WHAT_HAPPENED = {
    "timeout": "The notebook ran longer than the time allowed.",
    "memory": "The notebook asked for more memory than allowed.",
    "crashed": "The notebook ended before it could be marked.",
    "unreadable": "The file could not be read as a notebook of this lab.",
}


def feedback_page(graded: Graded, titles: Mapping[str, str]) -> bytes:
    """Return a student's page: every question with its outcome, its points and its hint.

    The seed is not on it: who knew it could prepare answers for the next time.
    """
    return _page("feedback.html", graded=graded, titles=titles)


def class_page(
    graded: Sequence[Graded],
    points: Mapping[str, int],
    titles: Mapping[str, str],
    alike: Sequence[Alike] = (),
) -> bytes:
    """Return the page on the whole class; `points` are those of each question."""
    first = graded[0]
    ended = [row for row in graded if row.status == "ok"]
    isolation = sorted({row.isolation for row in graded if row.isolation})
    return _page(
        "class.html",
        lab=first.lab,
        lab_version=first.lab_version,
        seed=first.seed,
        out_of=first.out_of,
        isolation=", ".join(isolation) or "none needed",
        many=len(graded),
        ended=len(ended),
        failed=[row for row in graded if row.status != "ok"],
        totals=_totals(ended),
        questions=_outcomes(ended, points, titles),
        hints=_misconceptions(ended, titles),
        alike=alike,
    )


def _totals(ended: Sequence[Graded]) -> dict[str, Any]:
    if not ended or not ended[0].out_of:
        return {}
    totals, most = [row.total for row in ended], ended[0].out_of
    # The last column includes full marks; each other one ends before the next begins.
    columns = min(_MOST_COLUMNS, most)
    edges = [round(most * i / columns) for i in range(columns + 1)]
    places = Counter(sum(total >= edge for edge in edges[1:-1]) for total in totals)
    counts = {f"{low}–{high}": places[i] for i, (low, high) in enumerate(pairwise(edges))}
    return {"mean": mean(totals), "median": median(totals), "counts": counts}


def _outcomes(
    ended: Sequence[Graded], points: Mapping[str, int], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    marks = defaultdict(list)
    for row in ended:
        for mark in row.marks:
            marks[mark.question].append(mark)
    if not any(marks[question] for question in points):
        return []
    return [
        {
            "question": question,
            "title": titles.get(question, ""),
            "out_of": most,
            "mean": mean([mark.points for mark in marks[question]] or [0.0]),
            "counts": {look: sum(m.outcome == look for m in marks[question]) for look in LOOKS},
        }
        for question, most in points.items()
    ]


def _misconceptions(ended: Sequence[Graded], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the hints that wrong answers met, the commonest first."""
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in ended:
        for mark in row.marks:
            if mark.outcome in ("wrong", "partly"):
                for line in sorted(set(filter(str.strip, mark.hint.splitlines()))):
                    texts[mark.question, plain_hint(line)].append(line)
    ranked = sorted(texts, key=lambda key: (-len(texts[key]), key))[:_MOST_HINTS]
    return [
        {
            "question": key[0],
            "title": titles.get(key[0], ""),
            "students": len(texts[key]),
            # The same example whatever the order in which the notebooks were graded.
            "text": min(texts[key]),
        }
        for key in ranked
    ]


def plain_hint(line: str) -> str:
    """Return the hint without the numbers in it, so that one mistake counts as one.

    Examples
    --------
    >>> plain_hint("a BMI of 27.3 is given +12.5")
    'a BMI of # is given #'
    """
    return re.sub(r"[+−-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", "#", line)


def _page(template: str, **values: Any) -> bytes:
    """Return a page that needs nothing else: no script, no file, no other host."""
    text: str = _environment().get_template(template).render(looks=LOOKS, **values)
    return text.encode("utf-8", errors="backslashreplace")


@cache
def _environment() -> Any:
    jinja2 = require("jinja2", extra="course")
    markup = require("markupsafe", extra="course").Markup

    def one_line(value: Any) -> Any:
        """Make whatever a template shows readable; then it is escaped."""
        if not isinstance(value, str) or isinstance(value, markup):
            return value
        return readable(value.replace("\n", " "), 2_000)

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        finalize=one_line,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "lines": lambda code: code.split("\n"),
        "coded": lambda text: markup(inline(one_line(text))),
        "count": lambda number, thing: f"{number} {thing}{'' if number == 1 else 's'}",
        "css": lambda outcome: outcome.replace(" ", "-"),
        "percent": "{:.3%}".format,
        "points": points_text,
        "what_happened": lambda status: _WHAT_HAPPENED.get(status, status),
    }
    return environment

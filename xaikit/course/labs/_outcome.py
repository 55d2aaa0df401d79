"""What a learner sees: the same words as HTML in a notebook and as text elsewhere."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

# status: icon, words, edge colour (3:1 or more on white and on black; text keeps the
# colour of the page, so it reads in light and in dark).
_LOOKS = {
    "correct": ("✓", "Correct", "#2e8b57"),
    "partly": ("◐", "Partly right", "#b8860b"),
    "wrong": ("✗", "Not right yet", "#c0562b"),
    "unanswered": ("○", "Not answered yet", "#767676"),
    "error": ("!", "Your code stopped", "#c0562b"),
    "note": ("→", "", "#3f7fbf"),
}


def panel(status: str, heading: str, message: str, code: str = "") -> str:
    """Return a block of HTML that is announced by screen readers and needs no stylesheet."""
    icon, _, colour = _LOOKS[status]
    style = f"border-left:0.3rem solid {colour};padding:0.4rem 0.9rem;margin:0.5rem 0"
    said = message.splitlines()
    lines = "".join(f"<div>{inline(line)}</div>" if line else "<br>" for line in said)
    block = f'<pre style="margin:0.4rem 0"><code>{html.escape(code)}</code></pre>' if code else ""
    return (
        f'<div class="xk-lab xk-lab-{status}" role="status" style="{style}">'
        f'<strong><span aria-hidden="true">{icon}</span> {inline(heading)}</strong>'
        f"{lines}{block}</div>"
    )


def text_panel(status: str, heading: str, message: str, code: str = "") -> str:
    """Return the words of `panel` as plain text."""
    lines = [f"{_LOOKS[status][0]} {heading}", *message.splitlines()]
    lines += [f"    {line}" for line in code.splitlines()]
    return "\n".join(lines)


def inline(text: str) -> str:
    """Escape text for HTML and set what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def amount(points: float) -> str:
    """Write 2.0 as 2 and 1.5 as 1.5."""
    return f"{points:g}"


@dataclass(frozen=True, repr=False)
class Outcome:
    """The result of one check; a notebook shows it as a panel.

    Parameters
    ----------
    question : str
        The question that was checked.
    status : str
        "correct", "partly", "wrong", "unanswered" or "error".
    points, max_points : float
        The marks got and the marks there are.
    message : str
        Why: the hint for this mistake, or what is missing.
    code : str
        What stands as code under it: the learner's line that raised, or a small case; or empty.

    Notes
    -----
    Taught in: every lab.

    Examples
    --------
    >>> Outcome("q1", "correct", 2, 2, "The parts add up.")
    ✓ q1: Correct (2 of 2 points)
    The parts add up.
    """

    question: str
    status: str
    points: float
    max_points: float
    message: str
    code: str = ""

    @property
    def _heading(self) -> str:
        marks = f" ({amount(self.points)} of {amount(self.max_points)} points)"
        judged = self.status in ("correct", "partly", "wrong")
        return f"{self.question}: {_LOOKS[self.status][1]}{marks if judged else ''}"

    def __repr__(self) -> str:
        return text_panel(self.status, self._heading, self.message, self.code)

    def _repr_html_(self) -> str:
        return panel(self.status, self._heading, self.message, self.code)


@dataclass(frozen=True, repr=False)
class Note:
    """A hint or a solution; a notebook shows it as a panel.

    Parameters
    ----------
    heading, message : str
        What it is, and the text.
    code : str
        Code to show under the text, or empty.

    Notes
    -----
    Taught in: every lab.

    Examples
    --------
    >>> Note("q1: hint 1 of 3", "Start with nobody.")
    → q1: hint 1 of 3
    Start with nobody.
    """

    heading: str
    message: str
    code: str = ""

    def __repr__(self) -> str:
        return text_panel("note", self.heading, self.message, self.code)

    def _repr_html_(self) -> str:
        return panel("note", self.heading, self.message, self.code)


@dataclass(frozen=True)
class Row:
    """One question in the table of progress."""

    question: str
    title: str
    points: float
    max_points: float
    tries: int


@dataclass(frozen=True, repr=False)
class Table:
    """How far a learner has got: a bar over all questions and a line for each."""

    lab: str
    rows: tuple[Row, ...]
    notice: str = ""

    @property
    def points(self) -> float:
        """The marks got so far."""
        return sum(row.points for row in self.rows)

    @property
    def max_points(self) -> float:
        """The marks there are."""
        return sum(row.max_points for row in self.rows)

    @property
    def _summary(self) -> str:
        return f"{self.lab}: {amount(self.points)} of {amount(self.max_points)} points"

    def __repr__(self) -> str:
        filled = round(20 * self.points / self.max_points)
        lines = [self._summary, f"[{'#' * filled}{'-' * (20 - filled)}]"]
        wide = max(len(row.title) for row in self.rows)
        lines += [f"{row.question}  {row.title:<{wide}}  {_state(row)}" for row in self.rows]
        return "\n".join([*lines, *self.notice.splitlines()])

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{html.escape(row.question)}</th>'
            f'<td style="text-align:left">{inline(row.title)}</td>'
            f'<td style="text-align:left">{_state(row)}</td></tr>'
            for row in self.rows
        )
        head = "".join(
            f'<th scope="col" style="text-align:left">{name}</th>'
            for name in ("Question", "About", "So far")
        )
        summary = html.escape(self._summary)
        return (
            f'<div class="xk-lab xk-lab-progress" role="status"><strong>{summary}</strong><br>'
            f'<progress value="{self.points}" max="{self.max_points}" '
            f'aria-label="{summary}"></progress>'
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f"{inline(self.notice)}</div>"
        )


def _state(row: Row) -> str:
    if row.tries == 0:
        return "○ not answered yet"
    status = "correct" if row.points == row.max_points else "partly" if row.points else "wrong"
    icon, words, _ = _LOOKS[status]
    tries = "1 try" if row.tries == 1 else f"{row.tries} tries"
    marks = f"{amount(row.points)} of {amount(row.max_points)}"
    return f"{icon} {words.lower()}, {marks} points, {tries}"

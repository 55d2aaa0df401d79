"""The page that a student gets back."""

from __future__ import annotations

import html
from collections.abc import Mapping

from xaikit.course.grading._csv import points_text
from xaikit.course.grading._page import LOOKS, NOT_MARKED, css, page, prose, status_text, words
from xaikit.course.grading._types import Graded, Mark
from xaikit.course.labs._outcome import inline


def feedback_page(graded: Graded, titles: Mapping[str, str]) -> bytes:
    """Return the page: every question with its outcome, its points and its hint.

    The seed is not on it: who knew it could prepare answers for the next time.
    """
    body = [
        f"<h1>Feedback on {words(graded.lab)}</h1>",
        f'<p class="quiet">For {words(graded.student)}, from the file '
        f"<code>{words(graded.source)}</code></p>",
        f'<p class="total">{points_text(graded.total)} of {graded.out_of} points</p>',
    ]
    if graded.status != "ok":
        body.append(_what_happened(graded))
    elif graded.message:
        body.append(prose(graded.message))
    ended = graded.status == "ok"
    body += [_question(mark, titles.get(mark.question, ""), ended) for mark in graded.marks]
    body.append(
        '<p class="quiet">The answers were marked on inputs drawn for the grading; other ones '
        "than in your notebook, so an answer that holds in general scores the same in both. "
        f"Version of the lab: {words(graded.lab_version)}.</p>"
    )
    return page(f"Feedback on {graded.lab} for {graded.student}", "\n".join(body))


def _what_happened(graded: Graded) -> str:
    return (
        '<section class="panel error">'
        f'<h2 class="outcome">! {html.escape(status_text(graded.status))}</h2>'
        f"{prose(graded.message)}"
        "<p>Restart the kernel, run all cells, and hand in the notebook that ran to its end. "
        "If it did, tell your teacher.</p></section>"
    )


def _question(mark: Mark, title: str, ended: bool) -> str:
    icon, said = LOOKS[mark.outcome] if ended else NOT_MARKED
    hint = prose(mark.hint) if ended else ""
    look = css(mark.outcome if ended else "not answered")
    name = f"{mark.question}: {title}" if title else mark.question
    return (
        f'<section class="panel {look}"><h2>{inline(name)}</h2>'
        f'<p class="outcome"><span aria-hidden="true">{icon}</span> {said}, '
        f"{points_text(mark.points)} of {mark.out_of} points</p>{hint}</section>"
    )

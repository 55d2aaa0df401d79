"""The teacher's page on a class: what went well, what did not, and which mistakes are common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import mean, median

from xaikit.course.grading._csv import points_text
from xaikit.course.grading._figures import histogram, share_bar, stacked_bar
from xaikit.course.grading._page import LOOKS, css, page, plain_hint, prose, status_text, words
from xaikit.course.grading._types import Graded
from xaikit.course.labs._outcome import inline

_MOST_HINTS = 12
_CLASSES = 6


def class_page(
    graded: Sequence[Graded], points: Mapping[str, int], titles: Mapping[str, str]
) -> bytes:
    """Return the page for all of a class; `points` are those of each question."""
    first = graded[0]
    body = [
        f"<h1>Class page: {words(first.lab)}</h1>",
        f'<p class="quiet">{_count(len(graded), "submission")}. Version of the lab: '
        f"{words(first.lab_version)}. Seed: {first.seed}; keep it to yourself until the last "
        f"submission is in. Isolation: {words(_isolation(graded))}.</p>",
        _attention(graded),
        _totals(graded),
        _outcomes(graded, points, titles),
        _misconceptions(graded, titles),
    ]
    return page(f"Class page: {first.lab}", "\n".join(part for part in body if part))


def _isolation(graded: Sequence[Graded]) -> str:
    return ", ".join(sorted({row.isolation for row in graded if row.isolation})) or "none needed"


def _attention(graded: Sequence[Graded]) -> str:
    odd = [row for row in graded if row.status != "ok"]
    if not odd:
        return ""
    rows = "".join(
        f"<tr><td>{words(row.student)}</td><td>{words(row.status)}</td>"
        f"<td>{words(row.message or status_text(row.status))}</td></tr>"
        for row in odd
    )
    return (
        f"<h2>Look at {_count(len(odd), 'submission')} yourself</h2>"
        '<div class="wide" tabindex="0"><table class="words"><thead><tr><th scope="col">Student'
        '</th><th scope="col">Status</th><th scope="col">What happened</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _totals(graded: Sequence[Graded]) -> str:
    most = graded[0].out_of
    marked = [row.total for row in graded if row.status == "ok"]
    if not marked or not most:
        return ""
    # The last class takes full marks in; each other one ends before the next begins.
    many = min(_CLASSES, most)
    edges = [round(most * i / many) for i in range(many + 1)]
    places = [
        next(i for i in reversed(range(many)) if total >= edges[i] or i == 0) for total in marked
    ]
    counts = [places.count(i) for i in range(many)]
    labels = [f"{low}–{high}" for low, high in pairwise(edges)]
    told = ", ".join(f"{label}: {n}" for label, n in zip(labels, counts, strict=True))
    summary = (
        f"{_count(len(marked), 'notebook')} that ran to the end: mean {points_text(mean(marked))}, "
        f"median {points_text(median(marked))} of {most} points"
    )
    return (
        f"<h2>Totals</h2><figure><figcaption>{summary}. A total on the edge of two columns is "
        f"in the right one.</figcaption>"
        f"{histogram(counts, labels, f'Number of students by total points. {told}.')}</figure>"
    )


def _outcomes(
    graded: Sequence[Graded], points: Mapping[str, int], titles: Mapping[str, str]
) -> str:
    counted = {question: Counter[str]() for question in points}
    got: dict[str, list[float]] = defaultdict(list)
    for row in graded:
        for mark in row.marks if row.status == "ok" else ():
            if mark.question in counted:
                counted[mark.question][mark.outcome] += 1
                got[mark.question].append(mark.points)
    if not got:
        return ""
    bars, table = [], []
    for question, most in points.items():
        counts = {outcome: counted[question][outcome] for outcome in LOOKS}
        average = f"{points_text(mean(got[question] or [0.0]))} of {most}"
        told = ", ".join(f"{n} {LOOKS[outcome][1].lower()}" for outcome, n in counts.items() if n)
        title = inline(titles.get(question, ""))
        bars.append(
            f"<li><strong>{words(question)}</strong> {title}, mean {average}"
            f"{stacked_bar(counts, f'{question}: {told}.')}</li>"
        )
        cells = "".join(f"<td>{n}</td>" for n in counts.values())
        table.append(f'<tr><th scope="row">{words(question)}</th><td>{average}</td>{cells}</tr>')
    heads = "".join(f'<th scope="col">{said}</th>' for _, said in LOOKS.values())
    legend = "".join(
        f'<li><span class="swatch fill-{css(outcome)}" aria-hidden="true">{icon}</span> {said}</li>'
        for outcome, (icon, said) in LOOKS.items()
    )
    return (
        "<h2>Question by question</h2><figure><figcaption>How the answers came out. From left to "
        "right each bar has the outcomes in the order of the legend; a part too narrow for its "
        f'number has it in the table.</figcaption><ul class="legend">{legend}</ul>'
        f'<ul class="bars">{"".join(bars)}</ul></figure>'
        '<div class="wide" tabindex="0"><table><thead><tr><th scope="col">Question</th>'
        f'<th scope="col">Mean points</th>{heads}</tr></thead>'
        f"<tbody>{''.join(table)}</tbody></table></div>"
    )


def _misconceptions(graded: Sequence[Graded], titles: Mapping[str, str]) -> str:
    """List the hints that wrong answers met, the commonest first."""
    met: Counter[tuple[str, str]] = Counter()
    texts: dict[tuple[str, str], str] = {}
    for row in graded:
        for mark in row.marks:
            if row.status != "ok" or mark.outcome not in ("wrong", "partly"):
                continue
            for line in sorted(set(filter(str.strip, mark.hint.splitlines()))):
                key = mark.question, plain_hint(line)
                met[key] += 1
                # The same example whatever the order in which the notebooks were graded.
                texts[key] = min(line, texts.get(key, line))
    if not met:
        return ""
    ranked = sorted(met, key=lambda key: (-met[key], key))[:_MOST_HINTS]
    total = sum(row.status == "ok" for row in graded)
    items = []
    for key in ranked:
        question, many = key[0], _count(met[key], "student")
        items.append(
            f"<li><strong>{many}</strong>, {inline(question)}"
            f"{': ' + inline(titles[question]) if question in titles else ''}"
            f"{share_bar(met[key], total, f'{many} of {total}')}{prose(texts[key])}</li>"
        )
    return (
        "<h2>Commonest misconceptions</h2><figure><figcaption>The hints that wrong and partly "
        "right answers met. Where a hint holds a number, it is that of one student."
        f'</figcaption><ol class="hints">{"".join(items)}</ol></figure>'
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"

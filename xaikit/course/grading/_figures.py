"""Figures as SVG in the page: text stays text, widths follow the page, colours the theme."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from xaikit.course.grading._page import css

# Below this share of the width, a number would stand over the edges of its part.
_ROOM = 0.07


def stacked_bar(counts: Mapping[str, int], alt: str) -> str:
    """Draw one bar, as wide as the page, cut by outcome."""
    drawn = []
    total = sum(counts.values())
    start = 0.0
    for outcome, count in counts.items():
        if not count:
            continue
        share = count / total
        drawn.append(
            f'<rect class="fill-{css(outcome)}" x="{start:.3%}" y="0" '
            f'width="{share:.3%}" height="22"/>'
        )
        if share >= _ROOM:
            drawn.append(
                f'<text class="on" text-anchor="middle" x="{start + share / 2:.3%}" '
                f'y="16">{count}</text>'
            )
        start += share
    return _svg(drawn, 22, alt)


def histogram(counts: Sequence[int], labels: Sequence[str], alt: str) -> str:
    """Draw how many there are in each class, a column each, with its number on top."""
    high, most = 120, max(counts, default=0) or 1
    drawn = [f'<line class="axis" x1="0" x2="100%" y1="{high + 20}" y2="{high + 20}"/>']
    wide = 1 / len(counts)
    for place, (count, label) in enumerate(zip(counts, labels, strict=True)):
        tall = high * count / most
        middle = f"{(place + 0.5) * wide:.3%}"
        if count:
            drawn.append(
                f'<rect class="ink" x="{(place + 0.08) * wide:.3%}" y="{high + 20 - tall:.1f}" '
                f'width="{0.84 * wide:.3%}" height="{tall:.1f}"/>'
                f'<text text-anchor="middle" x="{middle}" y="{high + 15 - tall:.1f}">{count}</text>'
            )
        drawn.append(
            f'<text text-anchor="middle" x="{middle}" y="{high + 36}">{html.escape(label)}</text>'
        )
    return _svg(drawn, high + 44, alt)


def share_bar(count: int, total: int, alt: str) -> str:
    """Draw one bar: how many of all."""
    drawn = [
        '<rect class="empty" x="0" y="1" width="100%" height="10"/>',
        f'<rect class="ink" x="0" y="1" width="{count / total:.3%}" height="10"/>',
    ]
    return _svg(drawn, 12, alt)


def _svg(drawn: Sequence[str], height: int, alt: str) -> str:
    title = html.escape(alt)
    return f'<svg role="img" aria-label="{title}" height="{height}">' + "".join(drawn) + "</svg>"

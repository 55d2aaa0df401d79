"""Rows of a table as text."""

from collections.abc import Sequence
from typing import Any


def as_text(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """Return rows below their headings, one line a row, numbers to three digits."""
    lines = [list(columns), *([shown(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else plain(value)


def plain(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)

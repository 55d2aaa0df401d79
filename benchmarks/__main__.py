"""Run every benchmark, print one table and keep it as JSON in _build/bench."""

import json
from pathlib import Path

from benchmarks import exact_shapley

RESULTS = Path(__file__).resolve().parent.parent / "_build" / "bench" / "results.json"
COLUMNS = ("what", "ours", "peer", "ratio", "difference")


def main() -> None:
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in exact_shapley.rows()]
    table = [COLUMNS, *([shown(row[column]) for column in COLUMNS] for row in rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(COLUMNS))]
    for line in table:
        cells = zip(line, widths, strict=True)
        print("  ".join(cell.ljust(width) for cell, width in cells).rstrip())
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()

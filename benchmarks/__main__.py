"""Run the benchmarks, print both tables and keep them as JSON: ``python -m benchmarks``.

--only peers|scaling   one of the two tables
--keep                 also as benchmarks/results/latest.json, which the book shows
--compare A B          two runs side by side, nothing run
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import peers, runs, scaling
from benchmarks.table import as_text, shown

PEERS = ("what", "ours", "peer", "ratio", "difference", "ours MiB", "peer MiB", "note")
SCALING = ("method", "features", "rows", "seconds", "MiB", "note")
GROWTH = ("method", "along", "rows", "features", "sizes", "slope")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=["peers", "scaling"])
    limit = "seconds for one size; a pair has four times as many"
    parser.add_argument("--limit", type=float, default=scaling.SECONDS, help=limit)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"))
    asked = parser.parse_args(arguments)
    if asked.compare:
        print(runs.compared(*map(runs.read, asked.compare)))
        return
    if asked.keep and asked.only:
        parser.error("--keep keeps both tables of one run; leave out --only")
    run = measured(asked.only, asked.limit)
    paths = [runs.BUILT / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"]
    for path in [*paths, *([runs.KEPT] if asked.keep else [])]:
        runs.write(run, path)
        print(f"Written: {path.relative_to(runs.ROOT)}")


def measured(only: str | None, limit: float) -> dict[str, Any]:
    """Measure, and print each table as soon as it is known: the whole takes minutes."""
    run: dict[str, Any] = {"made": runs.made(), "limit": limit, "background": scaling.BACKGROUND}
    run |= {"peers": [], "scaling": [], "growth": []}
    if only != "scaling":
        run["peers"] = list(told(peers.table(limit=4 * limit), PEERS))
        print("Against peers: seconds of the same work; ratio is peer / ours\n")
        print(as_text(run["peers"], PEERS), end="\n\n")
    if only != "peers":
        run["scaling"] = list(told(scaling.table(limit=limit), SCALING))
        run["growth"] = scaling.growth(run["scaling"])
        print(f"By size: one core, {scaling.BACKGROUND} background rows\n")
        print(as_text(run["scaling"], SCALING), end="\n\n")
        print("Growth: seconds ~ size ** slope\n")
        print(as_text(run["growth"], GROWTH), end="\n\n")
    return run


def told(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Say each row as it is measured, apart from what is printed: the whole takes long."""
    for row in rows:
        print("  ".join(shown(row.get(column)) for column in columns), file=sys.stderr, flush=True)
        yield row


if __name__ == "__main__":
    main()

"""A run as JSON: what was measured, when and on what; and two runs side by side."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT
from benchmarks.table import as_text

BUILT = ROOT / "_build" / "bench"
KEPT = ROOT / "benchmarks" / "results" / "latest.json"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "shap", "lime", "joblib", "keras", "tf-explain")
# The wheel without CUDA exists for Linux only.
TENSORFLOW = "tensorflow-cpu" if platform.system() == "Linux" else "tensorflow"


def made() -> dict[str, Any]:
    """Return when and on what class of machine this runs; nothing that tells whose it is."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        # What else kept the machine busy: more than the cores means that times are too long.
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in (*LIBRARIES, TENSORFLOW)},
    }


def rounded(value: Any) -> Any:
    """Return a run with its numbers to three digits: more of a time is noise."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.3g}") if isinstance(value, float) else value


def write(run: dict[str, Any], path: Path) -> None:
    """Write a run, one row a line, so that two of them can be read beside each other."""
    parts = []
    for key, value in rounded(run).items():
        text = json.dumps(value)
        if isinstance(value, list) and value:
            text = "[\n  " + ",\n  ".join(json.dumps(item) for item in value) + "\n ]"
        parts.append(f" {json.dumps(key)}: {text}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return run


def compared(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return both tables of two runs as text, with how many times as long and as large."""
    sizes = ("method", "features", "rows")
    parts = [
        beside(before["peers"], after["peers"], ("what",), ("ours", "ratio", "ours MiB")),
        beside(before["scaling"], after["scaling"], sizes, ("seconds", "MiB")),
    ]
    return "\n\n".join(parts)


def beside(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    keys: Sequence[str],
    values: Sequence[str],
) -> str:
    """Return the rows of both, matched by their keys; what one of them lacks is a dash."""
    old, new = ({tuple(row[k] for k in keys): row for row in rows} for rows in (before, after))
    columns = [*keys, *(f"{value} {side}" for value in values for side in ("A", "B", "B/A"))]
    rows = []
    for key in dict.fromkeys([*old, *new]):
        row = dict(zip(keys, key, strict=True))
        for value in values:
            a, b = (side.get(key, {}).get(value) for side in (old, new))
            both = a is not None and b is not None and a != 0
            row |= {f"{value} A": a, f"{value} B": b, f"{value} B/A": b / a if both else None}
        rows.append(row)
    return as_text(rows, columns)

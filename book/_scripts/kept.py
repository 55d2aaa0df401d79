"""Results of long computations, kept beside their scripts, with the hashes of what made them."""

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent


def load(name: str) -> dict:
    """Return what ``name.py`` kept; refuse it if the script or a file it reads has changed."""
    kept = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    for file, sha256 in {f"{name}.py": kept["script_sha256"], **kept["depends_sha256"]}.items():
        if hashlib.sha256((HERE / file).read_bytes()).hexdigest() != sha256:
            raise ValueError(f"{file} has changed since its results were kept: run {name}.py again")
    return kept

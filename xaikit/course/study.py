"""Results of work too long for a page, kept with the script that gave them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("studies")


@dataclass(frozen=True)
class Study:
    """What a script found, and what that took.

    Parameters
    ----------
    results : dict
        What the script returned.
    seconds : float
        How long it ran, on the machine that kept it.
    """

    results: dict[str, Any]
    seconds: float

    def __getitem__(self, name: str) -> Any:
        return self.results[name]


def study(name: str) -> Study:
    """Read the kept results of a script, if the script is still the one that gave them.

    Parameters
    ----------
    name : str
        The name of the script in ``xaikit/course/studies``, without its suffix.

    Returns
    -------
    Study
        Its results by name, and the seconds that they took.

    Raises
    ------
    ValueError
        If there is no such study, or the script has changed since it was run.

    Notes
    -----
    ``python -m tools.study NAME`` runs the script and keeps what it returns.

    Taught in: foundations/why.

    Examples
    --------
    >>> study("of-nothing")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: name must be one of the studies (...); got 'of-nothing'
    """
    script, kept = files(name)
    if not kept.is_file():
        raise ValueError(f"name must be a study that was run; got {name!r}. {_how(name)}")
    told = json.loads(kept.read_text(encoding="utf-8"))
    if told["script"] != script_hash(script):
        raise ValueError(f"study {name!r} has changed since its results were kept. {_how(name)}")
    return Study(told["results"], told["seconds"])


def files(name: str) -> tuple[Path, Path]:
    """Return where a study's script and its results stand."""
    script = FOLDER / f"{name}.py"
    # A name, never a path: what is run or read lies in the folder.
    if not re.fullmatch(r"[a-z0-9_]+", name) or not script.is_file():
        there = ", ".join(sorted(path.stem for path in FOLDER.glob("*.py"))) or "none"
        raise ValueError(f"name must be one of the studies ({there}); got {name!r}")
    return script, script.with_suffix(".json")


def script_hash(script: Path) -> str:
    """Return the hash by which results know their script."""
    return hashlib.sha256(script.read_bytes()).hexdigest()


def _how(name: str) -> str:
    return f"Run: python -m tools.study {name}"

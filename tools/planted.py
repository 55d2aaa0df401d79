"""Plant wrong results in a chapter that has run, and see its claims turn red.

Beside ``why.md`` may stand ``why.faults.yml``: a list of claims, each with a piece of the
chapter's code and what to put in its place. After the chapter's last cell the cells from the
changed one to that of the claim are run again, in a copy of the chapter's names. A claim that
still holds then cannot fail, which ends the build.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from tools.chapters import BookError, Chapter

_KEYS = {"claim", "replace", "by"}

# Sent to the kernel as text. Each fault runs twice: as the chapter stands, where the claim must
# hold, and with the wrong result. Claims are collected, so that one that stands before the
# claim in question does not end the cells.
RUN = """
import json, pathlib
import xaikit
from IPython import get_ipython

def red(cells):
    names = dict(get_ipython().user_ns)
    found = {}
    def claim(text, holds, evidence=None):
        found[text] = bool(holds)
    true_claim, xaikit.claim = xaikit.claim, claim
    try:
        for cell in cells:
            exec(get_ipython().transform_cell(cell), names)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        xaikit.claim = true_claim
        if "matplotlib.pyplot" in __import__("sys").modules:
            __import__("matplotlib.pyplot").pyplot.close("all")
    return found

told = [[red(fault["sound"]), red(fault["wrong"])] for fault in faults]
pathlib.Path(target).write_text(json.dumps(told), encoding="utf-8")
"""


@dataclass(frozen=True)
class Fault:
    """A claim, and the cells that lead to it with a wrong result and without."""

    claim: str
    sound: list[str]
    wrong: list[str]


def planted_faults(chapter: Chapter) -> list[Fault]:
    """Read the wrong results to plant in a chapter; raise BookError for one that has no place."""
    path = chapter.faults_file
    if not path.is_file():
        return []
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BookError(f"{path}: is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(entries, list):
        raise BookError(f"{path}: must be a list, got {type(entries).__name__}")
    return [_fault(path, chapter.sources, entry) for entry in entries]


def _fault(path: Path, sources: list[str], entry: Any) -> Fault:
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        raise BookError(f"{path}: an entry must have {sorted(_KEYS)}, got {entry!r}")
    name, text, by = (str(entry[key]) for key in ("claim", "replace", "by"))
    claimed = re.compile(rf"\bclaim\(\s*[\"']{re.escape(name)}[\"']")
    places = [i for i, source in enumerate(sources) if text in source]
    if len(places) != 1 or sources[places[0]].count(text) != 1:
        raise BookError(
            f"{path}: {name}: {text!r} must stand once in the chapter's code, "
            f"got {sum(source.count(text) for source in sources)} times"
        )
    first = places[0]
    last = next((i for i in range(first, len(sources)) if claimed.search(sources[i])), None)
    if last is None:
        raise BookError(f"{path}: {name}: no claim of this name at {text!r} or after it")
    sound = sources[first : last + 1]
    return Fault(name, sound, [sound[0].replace(text, by), *sound[1:]])


def plant(faults: list[Fault], told: Path) -> NotebookNode:
    """Return the cell that plants the faults and writes what came of them to ``told``."""
    names = {"faults": [asdict(fault) for fault in faults], "target": str(told)}
    return nbformat.v4.new_code_cell(f"exec({RUN!r}, {names!r})")


def survivors(chapter: Chapter, faults: list[Fault], told: Path) -> str | None:
    """Say which claims stayed green beside a wrong result, or None if none did."""
    results = json.loads(told.read_text(encoding="utf-8"))
    said = [
        f"{chapter.faults_file}: {fault.claim}: {words}"
        for fault, (sound, wrong) in zip(faults, results, strict=True)
        if (words := _words(fault, sound, wrong))
    ]
    return "\n".join(said) or None


def _words(fault: Fault, sound: dict[str, bool] | str, wrong: dict[str, bool] | str) -> str | None:
    if isinstance(sound, str) or not sound.get(fault.claim):
        seen = sound if isinstance(sound, str) else "the claim is false"
        return (
            "its cells do not give the same when they are run again after the chapter's "
            f"last ({seen}); replace something in an earlier cell, or keep the names they use"
        )
    if isinstance(wrong, str):
        return f"with the fault planted the cells end in {wrong}"
    return (
        None if wrong.get(fault.claim) is False else "the claim holds in spite of the planted fault"
    )

"""A learner's progress: a small JSON file beside the notebook."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = ".progress.json"
_FORMAT = {"format": "xaikit-lab-progress", "version": 1}
_MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Entry:
    """What is known about one question: the best marks, tries, and hints seen."""

    points: float = 0.0
    tries: int = 0
    hints: int = 0


Labs = dict[str, dict[str, Entry]]


class Progress:
    """The progress kept in one folder, for all labs that are opened there.

    Every change reads the file, alters its own entry and replaces the file in one step,
    so a kernel that dies leaves a whole file and two notebooks can share a folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        # Holds the progress only if the folder cannot be written.
        self._memory: Labs | None = None
        self._notice = ""
        self._read()

    def take_notice(self) -> str:
        """Return, once, what the learner should know about the file; usually nothing."""
        notice, self._notice = self._notice, ""
        return notice

    def get(self, lab: str, question: str) -> Entry:
        """Return the entry of a question; an empty one if it was never tried."""
        return self._read().get(lab, {}).get(question, Entry())

    def put(self, lab: str, question: str, entry: Entry) -> None:
        """Save the entry of a question."""
        labs = self._read()
        labs.setdefault(lab, {})[question] = entry
        if self._memory is not None:
            return
        try:
            _replace(self._path, _dump(labs))
        except OSError as error:
            self._keep_in_memory(labs, f"cannot be written ({error.strerror})")

    def _read(self) -> Labs:
        if self._memory is not None:
            return self._memory
        try:
            if self._path.stat().st_size > _MAX_BYTES:
                return self._set_aside("is too large")
            return _parse(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            return self._keep_in_memory({}, f"cannot be read ({error.strerror})")
        except (ValueError, RecursionError) as error:
            return self._set_aside(f"is not a progress file ({error})")

    def _set_aside(self, why: str) -> Labs:
        number = 1
        while (aside := self._path.with_name(f".progress.set-aside-{number}.json")).exists():
            number += 1
        try:
            self._path.rename(aside)
        except OSError:
            return self._keep_in_memory({}, why)
        self._notice = (
            f"`{FILE_NAME}` {why}. It is kept as `{aside.name}`; progress starts from zero."
        )
        return {}

    def _keep_in_memory(self, labs: Labs, why: str) -> Labs:
        self._memory = labs
        self._notice = f"`{FILE_NAME}` {why}. Progress is kept only until the kernel stops."
        return labs


def _dump(labs: Labs) -> str:
    content = {name: {q: asdict(entry) for q, entry in lab.items()} for name, lab in labs.items()}
    return json.dumps({**_FORMAT, "labs": content}, indent=1, sort_keys=True) + "\n"


def _parse(text: str) -> Labs:
    content = json.loads(text)
    if not isinstance(content, dict) or any(content.get(k) != v for k, v in _FORMAT.items()):
        raise ValueError(f"expected format {_FORMAT['format']}, version {_FORMAT['version']}")
    labs = content.get("labs")
    if not isinstance(labs, dict) or not all(isinstance(lab, dict) for lab in labs.values()):
        raise ValueError("expected an entry for each question of each lab")
    return {name: {q: _entry(e) for q, e in lab.items()} for name, lab in labs.items()}


def _entry(content: object) -> Entry:
    if not isinstance(content, dict) or set(content) != {"points", "tries", "hints"}:
        raise ValueError("expected points, tries and hints for each question")
    points, tries, hints = content["points"], content["tries"], content["hints"]
    counts = all(type(n) is int and 0 <= n <= 10**6 for n in (tries, hints))
    if not counts or type(points) not in (int, float) or not 0 <= points <= 10**6:
        raise ValueError("expected counts and points that are not negative")
    return Entry(float(points), tries, hints)


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".progress-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

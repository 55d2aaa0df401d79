"""What was graded so far, so that a stopped batch can continue where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from xaikit.course.grading._types import Graded, Submission

_FORMAT = "xaikit-grading-journal-1"


class Journal:
    """A file of JSON lines: one for each submission that was graded, as soon as it was.

    A mark is found again by the content of the notebook, the version of the lab, the seed
    and the isolation that was asked for, not by who handed the notebook in. A line that cannot
    be read, as a stopped machine leaves the last one, counts as not graded.

    Parameters
    ----------
    path : Path
        Where the file is, or will be.
    lab_version : str
        The version of the lab now.
    isolation : str
        "auto" or "none", as asked for.
    """

    def __init__(self, path: Path, lab_version: str, isolation: str) -> None:
        self._path = path
        self._version = lab_version
        self._isolation = isolation
        self._graded: dict[str, Graded] = {}
        self._torn = False
        self.last_seed: int | None = None
        if path.is_file():
            self._read()

    def start_afresh(self) -> None:
        """Forget everything; the file is kept under another name."""
        number = 1
        while (aside := self._path.with_suffix(f".old-{number}.jsonl")).exists():
            number += 1
        if self._path.exists():
            self._path.rename(aside)
        self._graded, self._torn, self.last_seed = {}, False, None

    def get(self, submission: Submission, seed: int) -> Graded | None:
        """Return what this notebook got before, under the name that it has now.

        One that did not run to its end is tried again: perhaps it was the machine.
        """
        known = self._graded.get(self._key(submission, seed))
        if known is None or known.status not in ("ok", "unreadable"):
            return None
        return replace(known, student=submission.student, source=submission.source)

    def put(self, submission: Submission, graded: Graded) -> None:
        """Write one line, and have it on the disk before going on."""
        key = self._key(submission, graded.seed)
        self._graded[key] = graded
        line = json.dumps({"format": _FORMAT, "key": key, "graded": graded.to_json()})
        # An incomplete last line is ended first, so that only that line is lost.
        text = f"\n{line}\n" if self._torn else f"{line}\n"
        self._torn = False
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def _key(self, submission: Submission, seed: int) -> str:
        content = submission.notebook
        if content is None:
            content = b"\0" + submission.problem.encode("utf-8", errors="backslashreplace")
        digest = hashlib.sha256(content).hexdigest()
        return f"{digest}:{self._version}:{seed}:{self._isolation}"

    def _read(self) -> None:
        content = self._path.read_bytes()
        self._torn = bool(content) and not content.endswith(b"\n")
        for line in content.splitlines():
            try:
                entry: Any = json.loads(line)
                if entry["format"] != _FORMAT or not isinstance(entry["key"], str):
                    continue
                graded = Graded.from_json(entry["graded"])
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
            self._graded[entry["key"]] = graded
            if graded.lab_version == self._version:
                self.last_seed = graded.seed

"""Vectors of texts that were computed before, kept in one file among the user's caches.

An explanation asks about the same sentence, less some words, again and again; each costs some
milliseconds. The file is SQLite's, so that several processes may use it at once. Wherever it
cannot be written or read, as in a sandbox, all is computed anew.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]

# About 100 MB of vectors with 384 numbers; the oldest go first.
MOST_TEXTS = 60_000
_WAIT = 5.0  # seconds for another process that writes
_AT_ONCE = 500  # SQLite takes some thousand parameters a question


def folder() -> Path | None:
    """Return where this user's programs keep caches; ``XAIKIT_CACHE`` names another place.

    None where the user has no home.
    """
    if own := os.environ.get("XAIKIT_CACHE"):
        return Path(own)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "xaikit"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "xaikit"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "xaikit"


@dataclass(frozen=True)
class VectorCache:
    """Vectors by text, for one set of weights.

    Parameters
    ----------
    path : Path
        The file; its folder is made when there is something to keep.
    origin : str
        What the vectors come from: a hash of the weights, and of how they are used.
    width : int
        Numbers in a vector.
    """

    path: Path
    origin: str
    width: int

    def key(self, text: str) -> bytes:
        """Return the name under which the vector of a text is kept."""
        # "surrogatepass": a text may hold half of a character, and it has a hash too.
        return sha256(f"{self.origin}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def find(self, texts: Iterable[str]) -> dict[str, Vector]:
        """Return the vectors of those texts that are kept."""
        by_key = {self.key(text): text for text in texts}
        keys, found = list(by_key), {}
        try:
            if not self.path.is_file():
                return {}
            # Read only, so that a folder that cannot be written to does as well.
            address = f"{self.path.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, timeout=_WAIT, uri=True)) as file:
                for i in range(0, len(keys), _AT_ONCE):
                    some = keys[i : i + _AT_ONCE]
                    marks = ",".join("?" * len(some))
                    question = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"
                    for key, content in file.execute(question, some):
                        if isinstance(content, bytes) and len(content) == 4 * self.width:
                            found[by_key[key]] = np.frombuffer(content, dtype="<f4")
        except (OSError, sqlite3.Error):
            pass  # what cannot be read is computed
        return found

    def keep(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors, and drop the oldest where there are too many; or do nothing."""
        rows = [(self.key(text), v.astype("<f4").tobytes()) for text, v in vectors.items()]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_WAIT)) as file, file:
                file.execute(
                    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB)"
                )
                file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
                file.execute(
                    "DELETE FROM vectors WHERE rowid <= (SELECT max(rowid) FROM vectors) - ?",
                    (MOST_TEXTS,),
                )
        except (OSError, sqlite3.Error):
            pass  # a cache is a help, not a need

"""Keep outputs beside their keys, in the cache that the site build reads.

jupyter-cache knows a notebook by its text alone. The ledger beside it knows by which
key the outputs were made, so that outputs made by an older package are dropped, and
outputs whose cell only got another alt text are kept.
"""

import json
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat import NotebookNode

from tools.chapters import Chapter


class Records:
    """The executed chapters of one build folder.

    Parameters
    ----------
    build : Path
        The ``_build`` folder. Jupyter Book looks for the cache in it.
    """

    def __init__(self, build: Path) -> None:
        build.mkdir(parents=True, exist_ok=True)
        self._cache: Any = get_cache(str(build / ".jupyter_cache"))
        self._path = build / ".chapter_keys.json"
        self._ledger: dict[str, dict[str, Any]] = _read_json(self._path)

    def seconds(self, chapter: Chapter) -> float:
        """Return how long the chapter took when it last ran, 0 if it never did."""
        return float(self._ledger.get(chapter.name, {}).get("seconds", 0.0))

    def modules(self, chapter: Chapter) -> tuple[str, ...]:
        """Return the modules that the chapter loaded when it last ran."""
        return tuple(self._ledger.get(chapter.name, {}).get("modules", ()))

    def is_fresh(self, chapter: Chapter, key: str) -> bool:
        """Tell whether outputs for this key stand, and hold them ready for the page."""
        entry = self._ledger.get(chapter.name)
        if entry is None or entry["key"] != key:
            return False
        outputs = self._stored(entry["hash"])
        if outputs is None:
            return False
        if self._hash(chapter.notebook) != entry["hash"]:
            notebook = _with_outputs(chapter.notebook, outputs)
            self.keep(chapter, key, self.modules(chapter), notebook, entry["seconds"])
        return True

    def keep(
        self,
        chapter: Chapter,
        key: str,
        modules: tuple[str, ...],
        notebook: NotebookNode,
        seconds: float,
    ) -> None:
        """Store the outputs of a chapter, and the modules that it loaded for them."""
        self.drop(chapter)
        bundle = CacheBundleIn(
            notebook, str(chapter.path), data={"execution_seconds": round(seconds, 2)}
        )
        self._cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        self._ledger[chapter.name] = {
            "key": key,
            "modules": modules,
            "hash": self._hash(chapter.notebook),
            "seconds": round(seconds, 2),
        }
        self._write()

    def drop(self, chapter: Chapter) -> None:
        """Forget what the chapter's present and recorded text gave."""
        entry = self._ledger.pop(chapter.name, None)
        for value in {self._hash(chapter.notebook), entry["hash"] if entry else None} - {None}:
            for record in self._cache.list_cache_records():
                if record.hashkey == value:
                    self._cache.remove_cache(record.pk)
        self._write()

    def hashes(self) -> set[str]:
        """Return the texts that the site build can draw without running anything."""
        return {record.hashkey for record in self._cache.list_cache_records()}

    def holds(self, chapter: Chapter) -> bool:
        """Tell whether the site build will find this chapter's outputs."""
        return self._hash(chapter.notebook) in self.hashes()

    def _stored(self, hashkey: str) -> NotebookNode | None:
        for record in self._cache.list_cache_records():
            if record.hashkey == hashkey:
                stored: NotebookNode = self._cache.get_cache_bundle(record.pk).nb
                return stored
        return None

    def _hash(self, notebook: NotebookNode) -> str:
        return str(self._cache.create_hashed_notebook(notebook)[1])

    def _write(self) -> None:
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps(self._ledger, indent=1, sort_keys=True), encoding="utf-8")
        temporary.replace(self._path)


def _with_outputs(notebook: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Put stored outputs under the present cells; both have the same code."""
    merged: NotebookNode = nbformat.from_dict(notebook)
    stored = iter(cell for cell in executed.cells if cell.cell_type == "code")
    for cell in merged.cells:
        if cell.cell_type == "code":
            source = next(stored)
            cell.outputs, cell.execution_count = source.outputs, source.execution_count
    merged.metadata.update(
        {k: v for k, v in executed.metadata.items() if k in {"language_info", "widgets"}}
    )
    return merged


def _read_json(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}  # every chapter is then run again, which is always right
    return content if isinstance(content, dict) else {}

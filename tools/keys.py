"""The key of a chapter: a hash of all that its outputs can depend on."""

import hashlib
import sys
from pathlib import Path

from tools.chapters import Chapter
from tools.dependencies import Package

# Raise it when the way chapters are executed changes what they may print.
EXECUTION_VERSION = "1"


def chapter_key(chapter: Chapter, package: Package | None, lock: Path) -> str:
    """Return the hash of a chapter's code and of what that code can reach.

    Prose and the metadata of cells are left out: they change the page, not the outputs.
    """
    digest = hashlib.sha256()
    _add(digest, "version", EXECUTION_VERSION.encode())
    _add(digest, "python", f"{sys.version_info.major}.{sys.version_info.minor}".encode())
    _add(digest, "lock", lock.read_bytes() if lock.is_file() else b"")
    for number, source in enumerate(chapter.sources):
        _add(digest, f"cell {number}", source.encode())
    if package is not None:
        modules = package.used_by(chapter.sources)
        for module in sorted(modules):
            _add(digest, module, package.modules[module].read_bytes())
        for path in package.data_files(modules):
            _add(digest, path.relative_to(package.root).as_posix(), path.read_bytes())
    return digest.hexdigest()


def tree_fingerprint(source: Path) -> str:
    """Return a hash of every file that the site could be made from."""
    digest = hashlib.sha256()
    for path in sorted(_inputs(source)):
        _add(digest, path.relative_to(source).as_posix(), path.read_bytes())
    return digest.hexdigest()


_LEFT_OUT = {"_build", "node_modules", "tests", "dist", "__pycache__"}


def _inputs(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path in folder.iterdir():
        if path.name in _LEFT_OUT or path.name.startswith("."):
            continue
        if path.is_dir():
            found.extend(_inputs(path))
        elif path.is_file():
            found.append(path)
    return found


def _add(digest: "hashlib._Hash", name: str, content: bytes) -> None:
    # The lengths keep two neighbouring parts from being read as one.
    digest.update(f"{name}\0{len(content)}\0".encode())
    digest.update(content)

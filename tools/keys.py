"""The key of a chapter: a hash of all that its outputs can depend on."""

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from tools.chapters import Chapter

# Raise it when the way chapters are executed changes what they may print.
EXECUTION_VERSION = "2"
_TOOL = re.compile(r"^from tools\.(\w+) import", re.MULTILINE)


def chapter_key(
    chapter: Chapter, modules: Iterable[str], package: Mapping[str, bytes], lock: Path
) -> str:
    """Return the hash of a chapter's code and of what it used when it last ran.

    Prose and the metadata of cells are left out: they change the page, not the outputs.
    """
    digest = hashlib.sha256()
    _add(digest, "version", EXECUTION_VERSION.encode())
    _add(digest, "python", f"{sys.version_info.major}.{sys.version_info.minor}".encode())
    _add(digest, "lock", lock.read_bytes() if lock.is_file() else b"")
    for number, source in enumerate(chapter.sources):
        _add(digest, f"cell {number}", source.encode())
    faults = chapter.faults_file
    _add(digest, "faults", faults.read_bytes() if faults.is_file() else b"")
    for name, content in used_files(set(modules), package):
        _add(digest, name, content)
    # A page of the reference may be made by one of these tools, which the package does not have.
    for name in sorted(set(_TOOL.findall("\n".join(chapter.sources)))):
        _add(digest, f"tools.{name}", Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()


def package_files(root: Path) -> dict[str, bytes]:
    """Return the files of a package as they are now, by their paths below ``root``."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def used_files(modules: set[str], package: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the loaded modules and all that lies beside them: tables, weights, checklists.

    Of a module that was not loaded only the name counts: a package may look up what it has.
    """
    folders = {PurePosixPath(module).parent for module in modules}
    for name, content in package.items():
        above = PurePosixPath(name).parents
        home = next((p for p in above if (p / "__init__.py").as_posix() in package), None)
        if name in modules or home in folders:
            yield name, b"" if name.endswith(".py") and name not in modules else content


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

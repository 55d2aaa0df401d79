"""The files in a folder or a zip, listed without following links or unpacking anything."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

MAX_ENTRIES = 50_000
# Of one student, or of what lies one folder deeper.
MAX_INSIDE = 1_000
MAX_ZIP_MB = 1024
_LINK = "is a link; links are not followed"
_NOT_ORDINARY = "is not an ordinary file"
_CROWDED = "is a folder of more than"
# A directory record has at least 46 bytes; Python keeps some 600 for each.
_MAX_DIRECTORY = 16 << 20
_MAX_DEPTH = 12
_HIDDEN = ("__MACOSX",)


@dataclass(frozen=True)
class Entry:
    """A file in a folder or zip: its `path` as it came, or the `problem` with it.

    ``read(most)`` returns at most ``most`` bytes of it, whatever size its entry states. The
    path of a folder, which is listed only for its problem, ends in ``/``.
    """

    path: str
    problem: str
    size: int
    modified: float
    read: Callable[[int], bytes]


@contextmanager
def open_entries(path: Path) -> Iterator[list[Entry]]:
    """List a folder, a zip or a single notebook; files can be read inside the ``with``.

    Raises
    ------
    FileNotFoundError
        If nothing is there.
    ValueError
        If it is none of the three, or holds too many files.
    """
    if path.is_dir():
        yield _bounded(_folder(path))
    elif path.suffix.lower() == ".ipynb" and path.is_file():
        yield [_file(path, path.name)]
    elif path.is_file():
        with _open_zip(path) as archive:
            yield _bounded(_zip(archive))
    else:
        raise FileNotFoundError(
            f"submissions must be a folder, a zip or a notebook; nothing is at {str(path)!r}"
        )


def _bounded(entries: Iterator[Entry]) -> list[Entry]:
    """List the entries; a folder of very many files becomes one entry, with its problem."""
    listed: dict[str, list[Entry]] = {}
    held = 0
    for entry in entries:
        # All may lie in one folder, the name of the class.
        top = "/".join(entry.path.split("/")[:2])
        inside = listed.setdefault(top, [])
        if len(inside) < MAX_INSIDE:
            inside.append(entry)
            held += 1
        elif not inside[-1].problem.startswith(_CROWDED):
            inside.append(_broken(f"{top}/", f"{_CROWDED} {MAX_INSIDE} files"))
        if held > MAX_ENTRIES:
            raise ValueError(f"submissions must hold at most {MAX_ENTRIES} files; got more")
    return [
        entry
        for inside in listed.values()
        for entry in (inside[-1:] if len(inside) > MAX_INSIDE else inside)
    ]


def _folder(root: Path) -> Iterator[Entry]:
    waiting = [(root, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as found:
                children = sorted(found, key=lambda child: child.name)
        except OSError as error:
            if not prefix:
                raise
            yield _broken(prefix, f"is a folder that cannot be opened: {error.strerror}")
            continue
        for child in children:
            path = prefix + child.name
            if _is_hidden(child.name):
                continue
            # A folder called x.ipynb is a mistake: it is reported, and its content is left alone.
            notebook = child.name.lower().endswith(".ipynb")
            if child.is_dir(follow_symlinks=False) and not notebook:
                if prefix.count("/") + 1 >= _MAX_DEPTH:
                    yield _broken(f"{path}/", f"is a folder more than {_MAX_DEPTH} deep")
                else:
                    waiting.append((Path(child.path), f"{path}/"))
            else:
                yield _file(Path(child.path), path)


def _is_hidden(name: str) -> bool:
    """Tell files that systems and Jupyter leave behind from those a student handed in."""
    return name in _HIDDEN or (name.startswith(".") and name not in (".", ".."))


def _file(file: Path, path: str) -> Entry:
    about = file.lstat()
    if stat.S_ISREG(about.st_mode):
        return Entry(path, "", about.st_size, about.st_mtime, lambda most: _read_file(file, most))
    kinds = {stat.S_IFLNK: _LINK, stat.S_IFDIR: "is a folder"}
    return _broken(path, kinds.get(stat.S_IFMT(about.st_mode), _NOT_ORDINARY))


def _read_file(file: Path, most: int) -> bytes:
    # Between the listing and here it may have become a link or a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(file, flags | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is not an ordinary file")
        return stream.read(most)


def _broken(path: str, problem: str) -> Entry:
    def read(most: int) -> bytes:
        raise OSError(problem)

    return Entry(path, problem, 0, 0.0, read)


@contextmanager
def _open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    _check_directory(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, struct.error) as error:
        raise ValueError(
            f"submissions must be a folder, a zip or a notebook; got {path.name!r}, which "
            f"cannot be read as a zip ({error})"
        ) from error
    with archive:
        yield archive


def _check_directory(path: Path) -> None:
    """Refuse a zip whose list of files alone would fill the memory: Python reads it whole."""
    size = path.stat().st_size
    if size > MAX_ZIP_MB << 20:
        raise ValueError(f"the zip must be at most {MAX_ZIP_MB} MB; got {size >> 20} MB")
    with path.open("rb") as file:
        file.seek(-min(size, 66_000), os.SEEK_END)
        tail = file.read()
    sizes: list[int] = []
    # The end records of the plain and of the 64-bit format, and where each keeps that size.
    for signature, place, form in ((b"PK\5\6", 12, "<L"), (b"PK\6\6", 40, "<Q")):
        start = tail.rfind(signature)
        if start >= 0 and start + place + struct.calcsize(form) <= len(tail):
            sizes += struct.unpack_from(form, tail, start + place)
    # All ones in the plain record: the size is in the other one.
    if any(_MAX_DIRECTORY < listed != 0xFFFFFFFF for listed in sizes):
        raise ValueError(f"the zip must hold at most {MAX_ENTRIES} files; got far more")


def _zip(archive: zipfile.ZipFile) -> Iterator[Entry]:
    folders = set()
    for info in archive.infolist():
        path = _zip_name(info)
        parts = path.split("/")
        if _leads_out(path):
            yield _broken(path.rstrip("/"), "has a path that leads out of the zip")
            continue
        if any(_is_hidden(part) for part in parts):
            continue
        within = [i for i, part in enumerate(parts[:-1]) if part.lower().endswith(".ipynb")]
        if within:
            named = "/".join(parts[: within[0] + 1])
            if named not in folders:
                folders.add(named)
                yield _broken(named, "is a folder")
        elif not info.is_dir():
            problem = _zip_problem(info)
            yield _broken(path, problem) if problem else _zip_file(archive, info, path)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the path, in UTF-8 also where a Mac wrote it without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _leads_out(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return not parts[0] or ".." in parts or parts[0][1:2] == ":"


def _zip_problem(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return _LINK if stat.S_ISLNK(mode) else _NOT_ORDINARY
    if info.flag_bits & 1:
        return "is encrypted"
    # Other methods can ask for gigabytes of memory before they yield a byte.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed by a method other than the two usual ones"
    return ""


def _zip_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Entry:
    def read(most: int) -> bytes:
        try:
            with archive.open(info) as stream:
                return stream.read(most)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
            raise OSError(f"the zip is damaged there: {error}") from error

    return Entry(path, "", info.file_size, _modified(info), read)


def _modified(info: zipfile.ZipInfo) -> float:
    try:
        # The clock of whoever made the zip; nothing better is known than that it is ours.
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        # Some programs write no date at all: the month 0.
        return 0.0

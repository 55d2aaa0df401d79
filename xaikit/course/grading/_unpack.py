"""Inside the sandbox: get the text of a notebook out of whatever form it was handed in."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path, PurePosixPath

MAX_NOTEBOOK = 64 * 2**20
MOST_MODULES, MOST_OF_MODULE = 50, 2**20


def unpacked(content: bytes, lab: str, most: int) -> bytes:
    """Return the notebook in a zip, and write the modules beside it to the working folder.

    What is no zip is returned as it is. Of several notebooks it is the first that names the
    lab, else the first.

    Raises
    ------
    ValueError
        If no notebook can be read from the zip.
    """
    if not content.startswith(b"PK"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [i for i in archive.infolist() if not i.is_dir() and _is_seen(i.filename)]
            notebooks = [_read(archive, i, most) for i in files if i.filename.endswith(".ipynb")]
            modules = [i for i in files if i.filename.endswith(".py")][:MOST_MODULES]
            for info in modules:
                name = PurePosixPath(info.filename).name
                Path(name).write_bytes(_read(archive, info, MOST_OF_MODULE))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        raise ValueError("no zip that can be read") from error
    if not notebooks:
        raise ValueError("no notebook in the zip")
    return next((each for each in notebooks if lab.encode() in each), notebooks[0])


def _is_seen(path: str) -> bool:
    return not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(path).parts)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as stream:
        return stream.read(most + 1)


def as_text(content: bytes) -> str:
    """Decode JSON in any of its encodings, with or without a byte-order mark."""
    return content.decode(json.detect_encoding(content))

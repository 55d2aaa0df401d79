"""``xaikit lab``: the list of labs, and a learner's own copy of one, opened in Jupyter."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from xaikit.course.labs._find import STUDENT_NOTEBOOK, lab_data, lab_names, lab_path
from xaikit.course.labs._source import read_needs, read_title

_JUPYTER = (
    "Jupyter is not installed here, so nothing was opened: pip install jupyterlab, or open the "
    "notebook in whatever you use."
)


def add_parser(commands: Any) -> None:
    """Add ``lab`` to the commands of ``xaikit``."""
    lab = commands.add_parser(
        "lab",
        help="list the labs, or open your own copy of one",
        description="Without a name, list the labs. With one, put your own copy of it into a "
        "folder and open Jupyter there. A copy that is there is opened and never replaced.",
    )
    lab.add_argument("name", nargs="?", help='the lab, for example l03; or "all"')
    lab.add_argument(
        "--folder",
        type=Path,
        default=Path("labs-of-mine"),
        help="where your copies go; by default %(default)s, here",
    )
    lab.add_argument("--no-open", action="store_true", help="make the copy, and open nothing")
    lab.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the labs, or copy and open."""
    if options.name is None:
        for name in lab_names():
            lab = lab_path(name)
            needs, minutes = read_needs(lab)
            _say(f"{name.ljust(18)} {read_title(lab)}")
            _say(f"{' ' * 18} {minutes} minutes; needs {needs.replace('*', '')}")
        _say("\nOpen one with, for example: xaikit lab l03. All of them: xaikit lab all.")
        return 0
    names = lab_names() if options.name == "all" else (lab_path(options.name).name,)
    copies = [own_copy(name, options.folder) for name in names]
    for path in copies:
        _say(f"your copy: {path}")
    return 0 if options.no_open else _opened(copies[0] if len(copies) == 1 else options.folder)


def own_copy(name: str, folder: Path) -> Path:
    """Return the learner's notebook of a lab below `folder`, copied there if it is not yet."""
    source, target = lab_path(name), folder / name
    for file in (source / STUDENT_NOTEBOOK, *lab_data(source)):
        copy = target / file.relative_to(source)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    return target / STUDENT_NOTEBOOK


def _opened(path: Path) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        _say(_JUPYTER)
        return 0
    # Jupyter refuses to run as root unless told to.
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return subprocess.call([sys.executable, "-m", "jupyter", "lab", str(path), *as_root])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")

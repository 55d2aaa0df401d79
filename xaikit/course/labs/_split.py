"""Split the one source of a lab into the learner's notebook and the solved one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from xaikit.core.checks import require
from xaikit.course.labs._find import STUDENT_NOTEBOOK, lab_names
from xaikit.course.labs._source import LabSource, read_source

# No version of Python or of a tool: the same source gives the same bytes everywhere.
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def student_notebook(source: LabSource) -> str:
    """Return the learner's notebook as JSON text: stubs, no solutions, no wrong answers."""
    return _notebook(source, {name: answer.student for name, answer in source.answers.items()})


def solved_notebook(source: LabSource) -> str:
    """Return the solved notebook as JSON text."""
    return _notebook(source, {name: answer.solved for name, answer in source.answers.items()})


def _notebook(source: LabSource, answers: dict[str, str]) -> str:
    nbformat = require("nbformat", extra="course")
    build = nbformat.v4
    cells: list[Any] = []
    used: set[str] = set()
    for cell in source.cells:
        new = build.new_markdown_cell if cell.kind == "markdown" else build.new_code_cell
        text = cell.source if cell.question is None else answers[cell.question]
        label = f"{cell.question}-answer" if cell.question else _label(cell.source, used)
        used.add(label)
        cells.append(new(text, id=label))
    notebook = build.new_notebook(cells=cells, metadata=_METADATA)
    nbformat.validate(notebook)
    return str(build.writes(notebook)).rstrip("\n") + "\n"


def _label(text: str, used: set[str]) -> str:
    """Name a cell by its content, so that an edit elsewhere leaves its name alone."""
    label = first = hashlib.sha256(text.encode()).hexdigest()[:8]
    number = 2
    while label in used:
        label = f"{first}-{number}"
        number += 1
    return label


def split(labs: Path, *, solved: Path | None = None, check: bool = False) -> tuple[Path, ...]:
    """Write the notebooks of every lab, or with `check` only say which are stale.

    The learner's notebook is written beside its source, if it is not the same already.

    Parameters
    ----------
    labs : Path
        The folder of labs; each lab is a folder in it with a ``lab.md``.
    solved : Path, optional
        Where the solved notebooks go, by default ``_build/labs`` beside `labs`. They are
        never committed.
    check : bool
        Write nothing.

    Returns
    -------
    tuple of Path
        The learners' notebooks that were not what their source gives.

    Raises
    ------
    ImportError
        If jupytext or nbformat is not installed.
    ValueError
        If there is no lab in `labs`, or a source is malformed; the message names the cell.

    Notes
    -----
    Taught in: CONTRIBUTING, how to add a lab.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lab = Path(folder) / "labs" / "l01_tiny"
    ...     lab.mkdir(parents=True)
    ...     _ = (lab / "lab.md").write_text("# A lab without questions")
    ...     first, second = split(lab.parent), split(lab.parent, check=True)
    >>> [path.name for path in first], second
    (['lab.ipynb'], ())
    """
    names = lab_names(labs)
    if not names:
        raise ValueError(f"labs must be a folder that holds labs; got {str(labs)!r}")
    solved = labs.resolve().parent / "_build" / "labs" if solved is None else solved
    stale: list[Path] = []
    for name in names:
        source = read_source(labs / name)
        target, text = labs / name / STUDENT_NOTEBOOK, student_notebook(source)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            stale.append(target)
            if not check:
                target.write_text(text, encoding="utf-8", newline="\n")
        if not check:
            solved.mkdir(parents=True, exist_ok=True)
            path = solved / f"{name}.ipynb"
            path.write_text(solved_notebook(source), encoding="utf-8", newline="\n")
    return tuple(stale)

"""Where the labs are."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path

STUDENT_NOTEBOOK = "lab.ipynb"
# Set by `verify`, so that the notebook it runs opens the very lab that is verified.
LABS_FOLDER: ContextVar[Path | None] = ContextVar("LABS_FOLDER", default=None)


def labs_folder() -> Path:
    """Return the folder of labs: inside an installed package, else beside it in a checkout.

    Returns
    -------
    Path
        A folder with a folder for each lab.

    Raises
    ------
    FileNotFoundError
        If no labs came with this installation.

    Notes
    -----
    Taught in: CONTRIBUTING, how to add a lab.

    Examples
    --------
    >>> (labs_folder() / "l03_shapley" / "lab.md").is_file()
    True
    """
    chosen = LABS_FOLDER.get()
    if chosen is not None:
        return chosen
    package = Path(__file__).resolve().parents[2]
    installed = package / "_labs"
    if installed.is_dir():
        return installed
    checkout = package.parent
    # `pyproject.toml` tells a checkout from a site-packages that holds another `labs`.
    if (checkout / "pyproject.toml").is_file() and (checkout / "labs").is_dir():
        return checkout / "labs"
    raise FileNotFoundError(
        f"no labs found: looked for {installed.name} inside the package and labs beside it"
    )


def lab_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the labs there are, in order.

    Parameters
    ----------
    folder : Path, optional
        A folder of labs; by default the one that comes with the course.

    Returns
    -------
    tuple of str
        Names that ``xk.labs.open`` takes.

    Raises
    ------
    FileNotFoundError
        If no labs came with this installation.

    Notes
    -----
    Taught in: the README, under the course map.

    Examples
    --------
    >>> "l03_shapley" in lab_names()
    True
    """
    root = labs_folder() if folder is None else folder
    return tuple(sorted(source.parent.name for source in root.glob("*/lab.md")))


def lab_path(name: str, argument: str = "name") -> Path:
    """Return the folder of the lab called `name`, or its short form, or say which there are."""
    names = lab_names()
    found = [each for each in names if name in (each, each.partition("_")[0])]
    if len(found) != 1:
        raise ValueError(f"{argument} must be one of the labs {', '.join(names)}; got {name!r}")
    return labs_folder() / found[0]


def lab_data(folder: Path) -> tuple[Path, ...]:
    """Return the files of a lab that are data: none of its source, checks, discussion, notebook."""
    hidden = {"lab.md", STUDENT_NOTEBOOK, "checks.py", "discussion.md"}
    return tuple(
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in hidden
        and path.suffix not in (".py", ".pyc")
        # What a learner's own work leaves beside it.
        and not path.name.startswith(".")
        and "checkpoints" not in path.parent.name
    )

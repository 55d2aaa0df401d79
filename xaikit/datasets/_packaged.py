"""Tables that come inside other packages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from xaikit.core.packaged import packaged_file


def packaged_table(package: str, *parts: str) -> pd.DataFrame:
    """Return a table inside an installed package, a copy that is the caller's own.

    The file is read once in a process: labs and their checks ask again and again.

    Parameters
    ----------
    package, *parts
        As `packaged_file` takes them; the file is CSV, zipped or not.

    Returns
    -------
    pandas.DataFrame
        The table, as `pandas.read_csv` reads it.
    """
    return _read_once(packaged_file(package, *parts)).copy()


@cache
def _read_once(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)

"""Have what explains trees compiled before it is needed, also where it cannot be kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from xaikit.methods._leaf_patterns.compiling import STATE
from xaikit.methods._tree_values import tree_values
from xaikit.models.trees import Tree


def make_ready(kept: str = "") -> str:
    """Compile what explains trees in this process, or load it; return the folder that keeps it.

    Parameters
    ----------
    kept : str, optional
        The folder where another process keeps it. This one may be unable to write there, and
        then numba would not read it: what is in it is copied to where numba looks.

    Returns
    -------
    str
        Empty where there is no folder that can be written to.

    Raises
    ------
    ImportError
        If numba is not installed.
    """
    from xaikit.methods._leaf_patterns.walk import explain_trees

    dispatcher: Any = explain_trees
    place = dispatcher.stats.cache_path
    if kept and place and not Path(place).samefile(kept):
        for file in Path(kept).glob(f"*{STATE}*"):
            shutil.copy(file, place)
    _explain_a_stump()
    return place or ""


def _explain_a_stump() -> None:
    """Call it once, which compiles all that it calls."""
    stump = Tree(
        feature=np.array([0, -2, -2]),
        threshold=np.array([0.0, -2.0, -2.0]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        missing_left=np.zeros(3, dtype=bool),
        value=np.array([0.0, 1.0, 2.0]),
        weight=np.ones(3),
    )
    rows, player = np.array([[-1.0], [1.0]]), np.zeros(1, dtype=np.intp)
    tree_values([stump], rows, rows, player, 1, lambda work, column: [work(column)])

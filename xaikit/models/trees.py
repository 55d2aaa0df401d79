"""Ensembles of trees in one form, whichever library they are from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray


@dataclass(frozen=True)
class Tree:
    """A binary tree of one output as arrays over its nodes.

    A row goes left where its `feature` is at most `threshold`, and where it is missing as
    `missing_left` says; a leaf has ``left == -1``. A library that compares otherwise has its
    thresholds moved or its branches swapped where its trees are read.
    `value` is (nodes,), as the ensemble adds it up; `weight` counts the training rows.
    At a node in `categories`, the numbers listed go left, and all others right.
    """

    feature: npt.NDArray[np.intp]
    threshold: FloatArray
    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    missing_left: npt.NDArray[np.bool_]
    value: FloatArray
    weight: FloatArray
    categories: Mapping[int, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Trees:
    """A sum of trees, on the scales on which it is one.

    Parameters
    ----------
    spaces : tuple of str
        The scales on which the trees add up, the usual one first.
    trees : callable
        From a column of the output, its trees and what is added to their sum, on the first
        of `spaces`. Of log-odds those of the second class, whichever is asked for: the
        first's are their negatives.
    ensemble : callable or None
        From a column of the output, what `shap.TreeExplainer` reads; None where shap does
        not read the model.
    seen : callable
        From rows as they go into the model, the numbers that the trees compare, (n, c), in
        float64 and rounded as the trees round them.
    output : callable
        From rows as they go into the model, what the trees add up to, (n,) or (n, k).
    of_output : callable
        From shap's values, (n, c) or (n, c, k), and a column of the output, its values
        (n, c).
    players : ndarray (columns of `seen`,) or None
        The column that goes into the model behind each column that the trees compare; None
        where they are the same columns.
    """

    spaces: tuple[str, ...]
    trees: Callable[[int], tuple[list[Tree], float]]
    ensemble: Callable[[int], Any] | None
    seen: Callable[[Any], FloatArray]
    output: Callable[[Any], Any]
    of_output: Callable[[Any, int], FloatArray]
    players: npt.NDArray[np.intp] | None = None


def second_of_two(values: Any, column: int) -> FloatArray:
    """Return the values of one of two classes that share a score: that of the second."""
    signed: FloatArray = values if column == 1 else -values
    return signed


def own_column(values: Any, column: int) -> FloatArray:
    """Return the values (n, d) of an output among those of all, (n, d, k)."""
    own: FloatArray = values[:, :, column]
    return own


def only_output(values: Any, column: int) -> FloatArray:
    """Return the values of a model with one output."""
    own: FloatArray = values[:, :, 0] if values.ndim == 3 else values
    return own

"""Trees of any library walked in plain NumPy, by the rules that `Tree` states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xaikit.models.describe import describe

# By library: how near the sum in float64 is, in parts of the largest answer.
WITHIN = {"xgboost": 1e-6, "lightgbm": 1e-12, "catboost": 1e-12}


def walked(tree: Any, numbers: Any) -> Any:
    """Return the value of the leaf that each row of numbers falls into, (n,)."""
    every, node = np.arange(len(numbers)), np.zeros(len(numbers), dtype=int)
    while (inner := tree.left[node] != -1).any():
        value = numbers[every, tree.feature[node]]
        left = value <= tree.threshold[node]
        for split, listed in tree.categories.items():
            here = node == split
            left[here] = np.isin(value[here], listed)
        left = np.where(np.isnan(value), tree.missing_left[node], left)
        node = np.where(inner, np.where(left, tree.left[node], tree.right[node]), node)
    return tree.value[node]


def total(trees: Any, column: int, rows: Any) -> Any:
    """Return what the trees of a column of the output add up to at each row, (n,)."""
    grown, start = trees.trees(column)
    numbers = trees.seen(rows)
    return start + sum((walked(tree, numbers) for tree in grown), np.zeros(len(numbers)))


def margin(model, rows):
    """Return the library's own sum, (n, k)."""
    library = type(model).__module__.partition(".")[0]
    if library == "xgboost":
        if type(model).__name__ == "Booster":
            import xgboost

            rows = xgboost.DMatrix(rows, enable_categorical=True)
        found = model.predict(rows, output_margin=True)
    elif library == "lightgbm":
        found = model.predict(rows, raw_score=True)
    else:
        found = model.predict(rows, prediction_type="RawFormulaVal")
    found = np.asarray(found, dtype=np.float64)
    return found.reshape(len(found), -1)


def near_thresholds(trees, outputs, rows, *, at_most=40):
    """Return rows with one number at a threshold of the trees, or next to it on either side."""
    framed = isinstance(rows, pd.DataFrame)
    kinds = list(rows.dtypes) if framed else [rows.dtype] * rows.shape[1]
    found = {
        (tree.feature[k], tree.threshold[k])
        for column in range(outputs)
        for tree in trees.trees(column)[0]
        for k in np.flatnonzero(tree.left != -1)
        if k not in tree.categories and isinstance(kinds[tree.feature[k]], np.dtype)
    }
    near = []
    for j, t in sorted(found)[:: max(1, len(found) // at_most)]:
        for value in (t, np.float32(t)):
            with np.errstate(over="ignore"):  # the lowest number is a threshold of CatBoost's
                ends = [np.nextafter(value, value.dtype.type(end)) for end in (-np.inf, np.inf)]
            near += [(j, float(each)) for each in (value, *ends)]
    if not near:
        return rows[:1]
    first = np.zeros(len(near), dtype=int)
    table = rows.iloc[first].reset_index(drop=True) if framed else rows[first].astype(float)
    for i, (j, value) in enumerate(near):
        if framed:
            table.iat[i, j] = value
        else:
            table[i, j] = value
    return table


def assert_sums(model, rows, *, own=None, within=None, thresholds=True):
    """Compare the sum of the trees with the library's own, for every output."""
    library = type(model).__module__.partition(".")[0]
    described = describe(model)
    assert described.trees is not None, described.lacks
    trees = described.trees
    tables = [rows]
    outputs = 1 if own is None else own(rows).shape[1]
    outputs = margin(model, rows).shape[1] if own is None else outputs
    if thresholds:
        tables.append(near_thresholds(trees, outputs, rows))
    for table in tables:
        theirs = (own or (lambda t: margin(model, t)))(table)
        scale = np.abs(theirs).max()
        for column in range(outputs):
            last = column if outputs > 1 else max(described.n_classes - 1, 0)
            ours = total(trees, last, table)
            assert np.abs(ours - theirs[:, column]).max() <= (within or WITHIN[library]) * scale
    return trees


def assert_form(tree):
    """Every node is reached from the root by one way, and a leaf has no children."""
    reached = [0]
    for node in reached:
        if tree.left[node] != -1:
            reached += [tree.left[node], tree.right[node]]
        else:
            assert tree.right[node] == -1
    assert sorted(reached) == list(range(len(tree.left)))
    assert set(tree.categories) <= set(np.flatnonzero(tree.left != -1))


def without_trees(model):
    described = describe(model)
    assert described.trees is None
    return described.lacks["trees"]

"""CatBoost's trees, from the JSON that it saves, and the categories that they tell apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray
from xaikit.models.trees import Tree

Told = dict[str, Any]


@dataclass(frozen=True)
class Saved:
    """What the JSON of a model says, read when it is first asked for."""

    model: Any

    @cached_property
    def told(self) -> Told:
        """The JSON; CatBoost saves it to a file only."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.json"
            self.model.save_model(str(path), format="json")
            read: Told = json.loads(path.read_text(encoding="utf-8"))
        return read

    @property
    def has_statistics(self) -> bool:
        """Whether a tree splits on statistics of the target for categories."""
        return bool(self.told["features_info"].get("ctrs"))

    def trees_of(self, output: int) -> tuple[list[Tree], float]:
        """Return the trees of an output and the number that is added to their sum."""
        scale, start = self.told["scale_and_bias"]
        columns = _Columns(self.told)
        if "trees" in self.told:
            grown = [_binary(tree, output, scale, columns) for tree in self.told["trees"]]
        else:
            grown = [
                _oblivious(tree, output, len(start), scale, columns)
                for tree in self.told["oblivious_trees"]
            ]
        return grown, float(start[output])

    @cached_property
    def _decoder(self) -> Any:
        """A model with a tree for each category that the trees know: its leaf says which."""
        import catboost

        told = self.told["features_info"]
        alone = {
            **self.told,
            "features_info": {
                **told,
                "float_features": [{**f, "borders": []} for f in told.get("float_features", [])],
            },
            "oblivious_trees": [
                {
                    "splits": [
                        {
                            "split_type": "OneHotFeature",
                            "split_index": k,
                            "cat_feature_index": j,
                            "value": value,
                        }
                    ],
                    "leaf_values": [0, 1],
                    "leaf_weights": [0, 0],
                }
                for k, (j, value) in enumerate(_Columns(self.told).splits)
            ],
            "scale_and_bias": [1, [0]],
        }
        alone.pop("trees", None)
        decoder = catboost.CatBoost()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.json"
            path.write_text(json.dumps(alone), encoding="utf-8")
            decoder.load_model(str(path), format="json")
        return decoder

    def codes(self, rows: Any) -> dict[int, FloatArray]:
        """Return the codes of each column of categories, by its position, 0 for all others.

        CatBoost knows categories by hashes of its own, so it is asked which is which.
        """
        columns = _Columns(self.told)
        found = {place: np.zeros(len(rows)) for place in columns.category.values()}
        if columns.splits:
            is_one = self._decoder.calc_leaf_indexes(rows)
            for k, (j, value) in enumerate(columns.splits):
                found[columns.category[j]] += is_one[:, k] * columns.codes[j][value]
        return found


class _Columns:
    """Where the columns of each kind are in a table, and how they are compared."""

    def __init__(self, model: Told) -> None:
        told = model["features_info"]
        numbers = told.get("float_features", [])
        categories = told.get("categorical_features", [])
        self.number = {each["feature_index"]: each["flat_feature_index"] for each in numbers}
        # A missing number counts as below all borders unless it is said to lie above.
        self.above = {
            each["feature_index"]: each["nan_value_treatment"] == "AsTrue" for each in numbers
        }
        self.category = {each["feature_index"]: each["flat_feature_index"] for each in categories}
        self.codes = {
            each["feature_index"]: {value: k + 1.0 for k, value in enumerate(_values(each))}
            for each in categories
        }
        # In this order CatBoost numbers them.
        self.splits = [(j, value) for j, codes in self.codes.items() for value in codes]


def _values(category: Told) -> list[int]:
    """Return the hashes that a column's categories are compared with."""
    values: list[int] = category.get("values", [])
    return values


def _oblivious(tree: Told, output: int, width: int, scale: float, columns: _Columns) -> Tree:
    """Return a tree that asks one question a level as a binary tree, level after level."""
    questions = tree["splits"][::-1]  # the last one decides the highest bit of a leaf's number
    values = np.array(tree["leaf_values"], dtype=np.float64).reshape(-1, width)[:, output]
    weights = [np.array(tree["leaf_weights"], dtype=np.float64)]
    for _ in questions:
        weights.insert(0, weights[0].reshape(-1, 2).sum(axis=1))
    inner = len(values) - 1
    level = np.repeat(np.arange(len(questions)), 2 ** np.arange(len(questions)))
    return _tree(
        [questions[k] for k in level],
        low=2 * np.arange(inner) + 1,
        high=2 * np.arange(inner) + 2,
        value=np.concatenate([np.zeros(inner), values]) * scale,
        weight=np.concatenate(weights),
        columns=columns,
    )


def _binary(root: Told, output: int, scale: float, columns: _Columns) -> Tree:
    """Return a tree kept as nodes within nodes; the splits come before the leaves."""
    nodes = list(_walk(root))
    splits = [node for node in nodes if "split" in node]
    leaves = [node for node in nodes if "split" not in node]
    place = {id(node): k for k, node in enumerate([*splits, *leaves])}
    value = [np.ravel(node["value"])[output] for node in leaves]
    weight = {id(node): node.get("weight", 0.0) for node in leaves}
    for node in reversed(splits):  # what is below a node comes after it
        weight[id(node)] = weight[id(node["left"])] + weight[id(node["right"])]
    return _tree(
        [node["split"] for node in splits],
        low=np.array([place[id(node["left"])] for node in splits], dtype=np.intp),
        high=np.array([place[id(node["right"])] for node in splits], dtype=np.intp),
        value=np.concatenate([np.zeros(len(splits)), value]) * scale,
        weight=np.array([weight[id(node)] for node in (*splits, *leaves)], dtype=np.float64),
        columns=columns,
    )


def _walk(root: Told) -> Iterator[Told]:
    """Go through the nodes of a tree, each before those below it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if "split" in node:
            waiting += [node["left"], node["right"]]


def _tree(
    splits: list[Told],
    *,
    low: npt.NDArray[np.intp],
    high: npt.NDArray[np.intp],
    value: FloatArray,
    weight: FloatArray,
    columns: _Columns,
) -> Tree:
    """Return a tree whose first nodes split; a row whose answer is yes goes to `high`."""
    n = len(value)
    feature, threshold = np.zeros(n, dtype=np.intp), np.zeros(n)
    left, right = np.full(n, -1), np.full(n, -1)
    left[: len(splits)], right[: len(splits)] = low, high
    missing_left, categories = np.zeros(n, dtype=bool), {}
    for k, split in enumerate(splits):
        if split["split_type"] == "OneHotFeature":
            j = split["cat_feature_index"]
            feature[k] = columns.category[j]
            categories[k] = np.array([columns.codes[j][split["value"]]])
            left[k], right[k] = high[k], low[k]
        else:
            j = split["float_feature_index"]
            feature[k] = columns.number[j]
            threshold[k] = np.float32(split["border"])
            missing_left[k] = not columns.above[j]
    return Tree(feature, threshold, left, right, missing_left, value, weight, categories)

"""CatBoost's trees, from the JSON that it saves, and the categories that they tell apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
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

    def place(self, question: Told) -> int:
        """Return the position of the column that a question is about."""
        if question["split_type"] == "OneHotFeature":
            return int(self.category[question["cat_feature_index"]])
        return int(self.number[question["float_feature_index"]])

    def missing_is_below(self, question: Told) -> bool:
        """Say whether a missing number counts as below the border; a category is never missing."""
        return not self.above.get(question.get("float_feature_index"), True)

    def code(self, question: Told) -> float:
        """Return the code of the category that a question is about."""
        return self.codes[question["cat_feature_index"]][question["value"]]


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
    return _tree(
        questions,
        asked=np.repeat(np.arange(len(questions)), 2 ** np.arange(len(questions))),
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
        asked=np.arange(len(splits)),
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
    questions: list[Told],
    *,
    asked: npt.NDArray[np.intp],
    low: npt.NDArray[np.intp],
    high: npt.NDArray[np.intp],
    value: FloatArray,
    weight: FloatArray,
    columns: _Columns,
) -> Tree:
    """Return a tree whose first nodes ask questions; a row whose answer is yes goes to `high`.

    `asked` says which question a node asks, (nodes that ask,).
    """
    one_hot = np.array([q["split_type"] == "OneHotFeature" for q in questions], dtype=bool)[asked]
    leaves = len(value) - len(asked)
    none = np.full(leaves, -1)

    def of_nodes(of: Callable[[Told], Any], dtype: Any) -> npt.NDArray[Any]:
        each = np.array([of(question) for question in questions], dtype=dtype)
        return np.concatenate([each[asked], np.zeros(leaves, dtype=dtype)])

    return Tree(
        feature=of_nodes(columns.place, np.intp),
        # A category is listed, and a row that has it goes left.
        threshold=of_nodes(lambda q: np.float32(q.get("border", 0.0)), np.float64),
        left=np.concatenate([np.where(one_hot, high, low), none]),
        right=np.concatenate([np.where(one_hot, low, high), none]),
        missing_left=of_nodes(columns.missing_is_below, bool),
        value=value,
        weight=weight,
        categories={
            int(node): np.array([columns.code(questions[asked[node]])])
            for node in np.flatnonzero(one_hot)
        },
    )

"""XGBoost's trees, from the binary JSON that it saves.

treelite reads these too, but no model that keeps the categories of a DataFrame (XGBoost 3.1).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray
from xaikit.models.adapters.xgboost import ubjson
from xaikit.models.trees import Tree

# Objectives whose start is saved as a probability, and of which the margin starts at its logit.
_LOGISTIC = {"binary:logistic", "reg:logistic"}


@dataclass(frozen=True)
class Saved:
    """What a saved booster of trees says, read when it is first asked for."""

    booster: Any

    def trees_of(self, output: int) -> tuple[list[Tree], float]:
        """Return the trees of a margin and the number that it starts from."""
        start, boosting = self._start, self._boosting
        dropped = boosting.get("weight_drop")
        model = boosting["model"] if dropped is None else boosting["gbtree"]["model"]
        weights = [1.0] * len(model["trees"]) if dropped is None else dropped
        own = [
            _tree(tree, output, weight)
            for tree, of, weight in zip(model["trees"], model["tree_info"], weights, strict=True)
            # A tree that has a value for every output in each leaf counts for all of them.
            if of == output or _width(tree) > 1
        ]
        return own, float(start[output if len(start) > 1 else 0])

    @cached_property
    def _learner(self) -> dict[str, Any]:
        learner: dict[str, Any] = ubjson.read(self.booster.save_raw("ubj"))["learner"]
        return learner

    @property
    def _boosting(self) -> dict[str, Any]:
        boosting: dict[str, Any] = self._learner["gradient_booster"]
        return boosting

    @property
    def _start(self) -> FloatArray:
        """The number that each margin starts from, one for all before XGBoost 3.1."""
        base = json.loads(self._learner["learner_model_param"]["base_score"])
        start = np.atleast_1d(np.float32(base)).astype(np.float64)
        if self._learner["objective"]["name"] in _LOGISTIC:
            start = np.log(start) - np.log1p(-start)
        return start


def numbers(rows: Any, booster: Any, missing: Any, *, categories: bool) -> FloatArray:
    """Return a table as the trees compare it, (n, d), what is missing as nan.

    XGBoost reads it itself: it knows categories by codes, and takes one that was not in
    training for another. What is missing is what its matrix does not hold.
    """
    import xgboost

    options: dict[str, Any] = {"missing": missing, "enable_categorical": categories}
    if categories and not isinstance(rows, np.ndarray) and hasattr(booster, "get_categories"):
        options["feature_types"] = booster.get_categories()  # from XGBoost 3.1
    held = xgboost.DMatrix(rows, **options).get_data()
    table = np.full(held.shape, np.nan)
    table[np.repeat(np.arange(len(held.indptr) - 1), np.diff(held.indptr)), held.indices] = (
        held.data
    )
    return table


def negated(tree: Tree) -> Tree:
    """Return a tree of the opposite values."""
    return replace(tree, value=-tree.value)


def _width(tree: dict[str, Any]) -> int:
    return int(tree["tree_param"]["size_leaf_vector"])


def _tree(saved: dict[str, Any], output: int, factor: float) -> Tree:
    left, right = (np.array(saved[f"{side}_children"], dtype=np.intp) for side in ("left", "right"))
    # Of a leaf this is its value; a vector of them is found at the position on its right.
    condition = np.array(saved["split_conditions"], dtype=np.float32)
    leaf, value = left == -1, condition.astype(np.float64)
    if _width(saved) > 1:
        # Before XGBoost 3.1 every node had one.
        each = saved.get("leaf_weights", saved["base_weights"])
        vectors = np.array(each, dtype=np.float32).reshape(-1, _width(saved))
        value[leaf] = vectors[right[leaf] if "leaf_weights" in saved else leaf, output]
    goes_left = np.array(saved["default_left"], dtype=bool)
    # The categories listed go right: they change sides.
    listed = np.array(saved["split_type"]) == 1
    tree = Tree(
        feature=np.array(saved["split_indices"], dtype=np.intp),
        # A row goes left below the threshold, and not where it equals it.
        threshold=np.nextafter(condition, np.float32(-np.inf)).astype(np.float64),
        left=np.where(listed, right, left),
        right=np.where(leaf, -1, np.where(listed, left, right)),
        missing_left=goes_left ^ listed,
        value=np.where(leaf, value, 0.0) * np.float32(factor),
        # Before XGBoost 3.2 trees of vectors did not say.
        weight=np.array(saved.get("sum_hessian", np.zeros(len(left))), dtype=np.float64),
        categories=_categories(saved),
    )
    return tree if saved["tree_param"]["num_deleted"] == "0" else _pruned(tree)


def _categories(saved: dict[str, Any]) -> dict[int, FloatArray]:
    numbers = np.array(saved["categories"], dtype=np.float64)
    return {
        node: numbers[first : first + size]
        for node, first, size in zip(
            *(saved[f"categories_{what}"].tolist() for what in ("nodes", "segments", "sizes")),
            strict=True,
        )
    }


def _pruned(tree: Tree) -> Tree:
    """Return a tree without the nodes that no row reaches."""
    kept, level = [], np.array([0])
    while len(level):
        kept.append(level)
        inner = level[tree.left[level] != -1]
        level = np.concatenate([tree.left[inner], tree.right[inner]])
    nodes = np.concatenate(kept)
    place = np.full(len(tree.left), -1)
    place[nodes] = np.arange(len(nodes))

    def moved(children: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        return np.where(tree.left[nodes] == -1, -1, place[children[nodes]])

    return Tree(
        feature=tree.feature[nodes],
        threshold=tree.threshold[nodes],
        left=moved(tree.left),
        right=moved(tree.right),
        missing_left=tree.missing_left[nodes],
        value=tree.value[nodes],
        weight=tree.weight[nodes],
        categories={int(place[k]): listed for k, listed in tree.categories.items()},
    )

"""LightGBM's trees, from the text that it saves.

The text holds every number in full and is read six times as fast as `dump_model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray
from xaikit.models.trees import Tree

# What LightGBM takes for zero.
ZERO = float(np.float32(1e-35))
# The bits of `decision_type`: a category, the default side, and what is missing.
_CATEGORY, _DEFAULT_LEFT = 1, 2
_NONE, _ZERO, _NAN = 0, 1, 2

Fields = dict[str, str]


@dataclass(frozen=True)
class Saved:
    """The text of a booster: what it says of the whole, and of each tree."""

    text: str

    @cached_property
    def header(self) -> Fields:
        """What holds for all trees."""
        return _fields(self.text.partition("\nTree=")[0])

    @cached_property
    def trees(self) -> list[Fields]:
        """What is said of each tree."""
        blocks = self.text.partition("\nend of trees")[0].split("\nTree=")
        return [_fields(block) for block in blocks[1:]]

    @property
    def objective(self) -> list[str]:
        """The words of the objective, for example "binary", "sigmoid:1"."""
        return self.header.get("objective", "").split()

    @property
    def averaged(self) -> bool:
        """Whether a prediction is the mean of the trees, and the raw score their sum."""
        return "average_output" in self.header

    @property
    def per_round(self) -> int:
        """How many trees each round adds, one for each output."""
        return int(self.header["num_tree_per_iteration"])

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return len(self.trees) // self.per_round

    @property
    def linear(self) -> bool:
        """Whether a leaf holds a linear model."""
        return any(tree.get("is_linear") == "1" for tree in self.trees)

    @cached_property
    def columns(self) -> Columns:
        """Which columns are categories, and of which zero is a missing value."""
        feature, kind = (
            np.concatenate([_ints({}, name), *(_ints(tree, name) for tree in self.trees)])
            for name in ("split_feature", "decision_type")
        )
        category = kind & _CATEGORY > 0
        zero = (kind >> 2 == _ZERO) & ~category
        nan = (kind >> 2 == _NAN) & ~category
        return Columns(
            categories=np.unique(feature[category]),
            zero_missing=np.unique(feature[zero]),
            at_odds=bool(np.intersect1d(feature[zero], feature[nan | category]).size),
        )


@dataclass(frozen=True)
class Columns:
    """How the trees take their columns; `at_odds` where they do not agree on it."""

    categories: npt.NDArray[np.intp]
    zero_missing: npt.NDArray[np.intp]
    at_odds: bool


def trees_of(saved: Saved, output: int, factor: float) -> list[Tree]:
    """Return the trees of an output, each leaf `factor` times its value."""
    return [_tree(tree, factor) for tree in saved.trees[output :: saved.per_round]]


def _fields(block: str) -> Fields:
    pairs = (line.partition("=") for line in block.splitlines())
    return {name: value for name, _, value in pairs}


def _ints(tree: Fields, name: str) -> npt.NDArray[np.int64]:
    return np.array(tree.get(name, "").split(), dtype=np.int64)


def _floats(tree: Fields, name: str) -> FloatArray:
    return np.array(tree.get(name, "").split(), dtype=np.float64)


def _tree(tree: Fields, factor: float) -> Tree:
    kind, threshold = _ints(tree, "decision_type"), _floats(tree, "threshold")
    category, missing = kind & _CATEGORY > 0, kind >> 2
    # Where nothing was missing in training, what is missing counts as zero.
    by_default = np.where(missing == _NONE, threshold >= 0, kind & _DEFAULT_LEFT > 0)
    leaves = int(tree["num_leaves"])
    none = np.zeros(leaves)

    def children(name: str) -> npt.NDArray[np.intp]:
        # A leaf is known by the complement of its number, and comes after the splits here.
        child = _ints(tree, name)
        found = np.where(child < 0, leaves - 1 + ~child, child)
        return np.concatenate([found, np.full(leaves, -1)])

    return Tree(
        feature=np.concatenate([_ints(tree, "split_feature"), none.astype(np.int64)]),
        threshold=np.concatenate([threshold, none]),
        left=children("left_child"),
        right=children("right_child"),
        missing_left=np.concatenate([by_default & ~category, none > 0]),
        value=np.concatenate([np.zeros(leaves - 1), _floats(tree, "leaf_value") * factor]),
        weight=np.concatenate([_floats(tree, "internal_count"), _floats(tree, "leaf_count")]),
        categories=_categories(tree, threshold, category),
    )


def _categories(
    tree: Fields, threshold: FloatArray, category: npt.NDArray[np.bool_]
) -> dict[int, FloatArray]:
    """Return the categories that go left; the threshold says which set of bits lists them."""
    words, bounds = _ints(tree, "cat_threshold").astype("<u4"), _ints(tree, "cat_boundaries")
    listed = {}
    for node in np.flatnonzero(category):
        which = int(threshold[node])
        own = words[bounds[which] : bounds[which + 1]]
        bits = np.unpackbits(own.view(np.uint8), bitorder="little")
        listed[int(node)] = np.flatnonzero(bits).astype(np.float64)
    return listed

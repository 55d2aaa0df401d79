"""scikit-learn's trees, forests and boosted trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.core.tables import dense, numeric
from xaikit.models.adapters.sklearn.names import own_name
from xaikit.models.model import Model
from xaikit.models.trees import Tree, Trees, only_output, own_column, second_of_two

_FORESTS = {
    f"{name}{kind}"
    for name in ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees")
    for kind in ("Classifier", "Regressor")
}
_BOOSTING = {"GradientBoostingClassifier", "GradientBoostingRegressor"}
_HISTOGRAM = {"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}
# Losses whose prediction is the plain sum of the trees.
_SUMS = {"squared_error", "absolute_error", "huber", "quantile", "log_loss"}


def trees(model: Any, described: Model) -> Trees | None:
    """Return the trees of an ensemble; None for any other model."""
    name = own_name(model)
    if name in _FORESTS:
        return _forest(model, described)
    if name in _BOOSTING:
        return _boosting(model, described)
    if name in _HISTOGRAM:
        return _histogram(model, described)
    return None


def unusual(model: Any) -> str | None:
    """Name the setting that breaks the sum of boosted trees, or return None."""
    if own_name(model) not in _BOOSTING | _HISTOGRAM:
        return None
    if callable(model.loss):
        return "a loss of its own"
    if model.loss not in _SUMS:
        return f"loss {model.loss!r}"
    if own_name(model) in _BOOSTING and model.init not in (None, "zero"):
        return "a starting model of its own (init)"
    return None


def _forest(model: Any, described: Model) -> Trees:
    classifier = described.kind == "classifier"
    single = np.ravel(getattr(model, "estimators_", model))

    def of(column: int) -> tuple[list[Tree], float]:
        place = (0, column) if classifier else (column, 0)
        return [_tree(each.tree_, place, 1 / len(single)) for each in single], 0.0

    return Trees(
        spaces=("probability",) if classifier else ("prediction",),
        ensemble=lambda column: model,
        seen=_in_float32,
        output=model.predict_proba if classifier else model.predict,
        of_output=own_column if classifier or model.n_outputs_ > 1 else only_output,
        trees=of,
    )


def _boosting(model: Any, described: Model) -> Trees:
    classifier = described.kind == "classifier"
    raw = model.decision_function if classifier else model.predict

    def of(column: int) -> tuple[list[Tree], float]:
        # With two classes one ensemble, that of the second, stands for both.
        own = min(column, model.estimators_.shape[1] - 1)
        stages = [stage[own].tree_ for stage in model.estimators_]
        grown = [_tree(each, (0, 0), model.learning_rate) for each in stages]
        return grown, _start(model, raw, stages, own)

    return Trees(
        spaces=_class_spaces(described),
        ensemble=lambda column: _as_read_by_shap(*of(column)),
        seen=_in_float32,
        output=raw,
        of_output=second_of_two if described.n_classes == 2 else only_output,
        trees=of,
    )


def _histogram(model: Any, described: Model) -> Trees:
    is_category = getattr(model, "is_categorical_", None)
    categories = np.zeros(0, dtype=bool) if is_category is None else np.asarray(is_category)
    first = np.argsort(~categories, kind="stable")  # the encoder inside puts categories first
    two = second_of_two if described.n_classes == 2 else only_output

    def of(column: int) -> tuple[list[Tree], float]:
        # With two classes one ensemble, that of the second, stands for both.
        own = min(column, model.n_trees_per_iteration_ - 1)
        grown = [_histogram_tree(stage[own]) for stage in model._predictors]
        return grown, float(np.ravel(model._baseline_prediction)[own])

    def encoded(rows: Any) -> FloatArray:
        # Categories as the encoder inside numbers them; those that it does not know, as the
        # trees take them, are missing.
        return _dense(model._preprocessor.transform(rows))

    return Trees(
        spaces=_class_spaces(described),
        # shap does not read splits on categories.
        ensemble=None if categories.any() else lambda column: model,
        seen=_dense if getattr(model, "_preprocessor", None) is None else encoded,
        output=model.decision_function if described.n_classes else model.predict,
        of_output=own_column if described.n_classes > 2 else two,
        trees=of,
        players=first if len(first) else None,
    )


def _histogram_tree(predictor: Any) -> Tree:
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    listed = {
        int(node): _listed(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
        for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~leaf)
    }
    return Tree(
        feature=nodes["feature_idx"].astype(np.intp),
        threshold=nodes["num_threshold"].astype(np.float64),
        left=np.where(leaf, -1, nodes["left"].astype(np.intp)),
        right=np.where(leaf, -1, nodes["right"].astype(np.intp)),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        value=nodes["value"].astype(np.float64),
        weight=nodes["count"].astype(np.float64),
        categories=listed,
    )


def _listed(words: npt.NDArray[np.uint32]) -> FloatArray:
    """Return the numbers whose bits are set, in words of 32."""
    bits = (words[:, None] >> np.arange(32, dtype=np.uint32)) & 1
    return np.flatnonzero(bits).astype(np.float64)


def _dense(rows: Any) -> FloatArray:
    return numeric(dense(rows))


def _in_float32(rows: Any) -> FloatArray:
    """Return rows as trees compare them that round to float32."""
    rounded: FloatArray = _dense(rows).astype(np.float32).astype(np.float64)
    return rounded


def _class_spaces(described: Model) -> tuple[str, ...]:
    # Not "probability": shap's tree SHAP then shares out each row's gain in probability
    # in proportion to the gain in log-odds. That adds up, and is not the Shapley value.
    if described.kind == "regressor":
        return ("prediction",)
    return ("log-odds", "score") if described.n_classes == 2 else ("score",)


def _start(model: Any, raw: Callable[[Any], Any], stages: list[Any], column: int) -> float:
    """Return what boosting starts from, read off a row of zeros."""
    names = getattr(model, "feature_names_in_", None)
    row = np.zeros((1, model.n_features_in_), dtype=np.float32)
    answer = raw(row if names is None else pd.DataFrame(row, columns=names))
    grown = model.learning_rate * sum(tree.predict(row)[0, 0] for tree in stages)
    return float(np.asarray(answer).reshape(1, -1)[0, column] - grown)


def _tree(tree: Any, place: tuple[int, int], factor: float) -> Tree:
    return Tree(
        feature=tree.feature,
        threshold=tree.threshold,
        left=tree.children_left,
        right=tree.children_right,
        missing_left=tree.missing_go_to_left.astype(bool),
        value=tree.value[:, place[0], place[1]] * factor,
        weight=tree.weighted_n_node_samples,
    )


def _as_read_by_shap(trees: list[Tree], start: float) -> dict[str, Any]:
    """Return trees of one output in the form that shap takes of any library."""
    return {
        "trees": [
            {
                "children_left": tree.left,
                "children_right": tree.right,
                "children_default": np.where(tree.missing_left, tree.left, tree.right),
                "features": tree.feature,
                # Copies: shap counts its background in these very arrays.
                "thresholds": tree.threshold.copy(),
                "values": tree.value[:, None],
                "node_sample_weight": tree.weight.copy(),
            }
            for tree in trees
        ],
        "base_offset": start,
        "input_dtype": np.float32,
    }

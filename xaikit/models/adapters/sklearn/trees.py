"""scikit-learn's trees, forests and boosted trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.tables import numeric
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
    """Return what shap reads of a tree ensemble; None for any other model."""
    name = type(model).__name__
    if name in _FORESTS:
        return _forest(model, described)
    if name in _BOOSTING:
        return _boosting(model, described)
    if name in _HISTOGRAM:
        return _histogram(model, described)
    return None


def unusual(model: Any) -> str | None:
    """Name the setting that breaks the sum of boosted trees, or return None."""
    if type(model).__name__ not in _BOOSTING | _HISTOGRAM:
        return None
    if callable(model.loss):
        return "a loss of its own"
    if model.loss not in _SUMS:
        return f"loss {model.loss!r}"
    if type(model).__name__ in _BOOSTING and model.init not in (None, "zero"):
        return "a starting model of its own (init)"
    if np.any(getattr(model, "is_categorical_", None)):
        return "splits on categories"
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
        seen=numeric,
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
        seen=numeric,
        output=raw,
        of_output=second_of_two if described.n_classes == 2 else only_output,
        trees=of,
    )


def _histogram(model: Any, described: Model) -> Trees:
    two = second_of_two if described.n_classes == 2 else only_output
    return Trees(
        spaces=_class_spaces(described),
        ensemble=lambda column: model,
        seen=numeric,
        output=model.decision_function if described.n_classes else model.predict,
        of_output=own_column if described.n_classes > 2 else two,
        in_float32=False,
    )


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

"""Trees and their ensembles, by the tree SHAP of the shap library, in one shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from joblib import effective_n_jobs

from xaikit.core.checks import FloatArray, one_of, require
from xaikit.core.tables import numeric
from xaikit.methods import pipelines
from xaikit.methods.task import Attribution, Task
from xaikit.models.model import Model

PATH_DEPENDENT = "tree_path_dependent"
# The attributions must add up to the model's output as closely as float32 trees allow.
_TOLERANCE = 1e-4
# Rows in one call of shap, where its own overhead no longer counts; and in one task of a
# worker, where sending the trees along no longer counts.
_LEAST_ROWS, _LEAST_SENT = 50, 500

_FORESTS = {
    f"{name}{kind}"
    for name in ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees")
    for kind in ("Classifier", "Regressor")
}
_BOOSTED = {
    f"{name}{kind}"
    for name in ("GradientBoosting", "HistGradientBoosting", "XGB")
    for kind in ("Classifier", "Regressor")
}
# Losses and objectives whose prediction is the plain sum of the trees.
_SUMS = {
    *("squared_error", "absolute_error", "huber", "quantile", "log_loss"),
    *("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror"),
    *("binary:logistic", "multi:softprob", "multi:softmax"),
}


def refuse(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Say why a model cannot be explained by this method, or return None."""
    instead = "Use method='exact_shapley' or 'kernel_shap'."
    if model.name not in _FORESTS | _BOOSTED or pipelines.scalers(model) is None:
        what = "a callable" if model.kind == "callable" else type(model.estimator).__name__
        return (
            "method='tree_shap' takes trees, forests and boosted trees of scikit-learn and "
            f"XGBoost, alone or behind scalers; got {what}. {instead}"
        )
    unusual = _unusual(model.final)
    if unusual is not None:
        return f"method='tree_shap' does not take a {model.name} with {unusual}. {instead}"
    if model.kind == "classifier" and output_space not in (None, *_spaces(model)):
        return (
            f"method='tree_shap' explains {model.name} of {model.n_classes} classes as "
            f"{' or '.join(map(repr, _spaces(model)))}; got output_space={output_space!r}. "
            f"{instead}"
        )
    return None


def default_space(model: Model) -> str:
    """Return the scale on which the trees add up."""
    return _spaces(model)[0] if model.kind == "classifier" else "prediction"


def explain(task: Task, *, feature_perturbation: str = "interventional") -> Attribution:
    """Return Shapley values of a tree ensemble, exact for the chosen expectation.

    "interventional" draws absent features from the background; "tree_path_dependent"
    follows the training rows that went down each branch and takes no background.
    """
    one_of("feature_perturbation", feature_perturbation, ["interventional", PATH_DEPENDENT])
    path_dependent = feature_perturbation == PATH_DEPENDENT
    rows, background = _tree_inputs(task, path_dependent)
    explainer = _explainer(task, rows, background)
    if background is not None:
        rows = _count_thresholds(explainer, rows, background)

    def one_group(group: FloatArray) -> Any:
        return explainer.shap_values(group, check_additivity=False)

    least = _LEAST_ROWS if effective_n_jobs(task.n_jobs) == 1 else _LEAST_SENT
    done = task.spread(one_group, rows, what="tree_shap", least=least)
    values, sign = _one_output(task, np.concatenate(done))
    if path_dependent:
        one_group(rows[:1])  # shap may set the expected value while it explains
        expected = np.ravel(np.asarray(explainer.expected_value, dtype=np.float64))
        base = sign * expected[(task.target.column or 0) if len(expected) > 1 else 0]
    else:
        base = task.target(task.background).mean()
    result = Attribution(values, np.full(len(values), base), estimated=False)
    _check_sum(task, result)
    return result


def _spaces(model: Model) -> tuple[str, ...]:
    if model.name in _FORESTS:
        return ("probability",)
    # Not "probability": shap's tree SHAP then shares out each row's gain in probability
    # in proportion to the gain in log-odds. That adds up, and is not the Shapley value.
    return ("log-odds", "score") if model.n_classes == 2 else ("score",)


def _unusual(final: Any) -> str | None:
    """Name the setting of a model that breaks the sum of its trees, or return None."""
    loss = final.get_params().get("objective" if _is_xgboost(final) else "loss")
    if isinstance(loss, str) and type(final).__name__ in _BOOSTED and loss not in _SUMS:
        return f"loss {loss!r}"
    if callable(loss):
        return "a loss of its own"
    booster = final.get_params().get("booster") if _is_xgboost(final) else None
    if booster not in (None, "gbtree"):
        return f"booster {booster!r}"
    if type(final).__name__.startswith("GradientBoosting") and final.init not in (None, "zero"):
        return "a starting model of its own (init)"
    splits_on_categories = np.any(getattr(final, "is_categorical_", None)) or (
        _is_xgboost(final) and "c" in (final.get_booster().feature_types or [])
    )
    return "splits on categories" if splits_on_categories else None


def _is_xgboost(final: Any) -> bool:
    return type(final).__name__.startswith("XGB")


def _tree_inputs(task: Task, path_dependent: bool) -> tuple[FloatArray, FloatArray | None]:
    """Return rows and background as the trees see them."""
    tables = [task.rows, task.rows if path_dependent else task.background]
    for scaler in pipelines.scalers(task.model) or []:
        tables = [scaler.transform(table) for table in tables]
    rows, background = map(numeric, tables)
    if not task.model.name.startswith("Hist"):
        # These trees compare in float32; a float64 next to a threshold may fall elsewhere.
        rows, background = (t.astype(np.float32).astype(np.float64) for t in (rows, background))
    return rows, None if path_dependent else background


def _explainer(task: Task, rows: FloatArray, background: FloatArray | None) -> Any:
    shap = require("shap", extra="methods")
    final = task.model.final
    if task.model.name.startswith("GradientBoosting"):
        final = _gradient_boosting_as_dict(task, rows)
    masker = None
    if background is not None:
        # max_samples: the masker would otherwise keep 100 rows and say nothing.
        masker = shap.maskers.Independent(background, max_samples=len(background))
    return shap.TreeExplainer(
        final,
        data=masker,
        feature_perturbation=PATH_DEPENDENT if background is None else "interventional",
    )


def _gradient_boosting_as_dict(task: Task, rows: FloatArray) -> dict[str, Any]:
    """Return the trees behind one output; shap reads only those of two classes."""
    final, column = task.model.final, task.target.column or 0
    trees = [stage[column].tree_ for stage in final.estimators_]
    raw = final.decision_function if task.model.kind == "classifier" else final.predict
    # As the pipeline hands it on: a DataFrame stays one, with the names the trees know.
    as_given = task.rows[:1]
    for scaler in pipelines.scalers(task.model) or []:
        as_given = scaler.transform(as_given)
    start = np.asarray(raw(as_given)).reshape(1, -1)[0, column]
    first = rows[:1].astype(np.float32)
    start -= final.learning_rate * sum(tree.predict(first)[0, 0] for tree in trees)
    return {
        "trees": [
            {
                "children_left": tree.children_left,
                "children_right": tree.children_right,
                "children_default": tree.children_right,  # these trees refuse missing values
                "features": tree.feature,
                "thresholds": tree.threshold.copy(),
                "values": tree.value[:, 0, :] * final.learning_rate,
                # A copy: shap counts its background in this very array.
                "node_sample_weight": tree.weighted_n_node_samples.copy(),
            }
            for tree in trees
        ],
        "base_offset": float(start),
        "input_dtype": np.float32,
    }


def _one_output(task: Task, values: Any) -> tuple[FloatArray, float]:
    """Return (n, d) of the chosen output, whatever shape shap gave, and the sign it took."""
    if values.ndim == 3:
        return values[:, :, task.target.column or 0], 1.0
    classes = task.model.classes
    against = classes is not None and len(classes) == 2 and task.target.name == str(classes[0])
    # Two boosted classes share one score: that of the second, and against it of the first.
    return (-values, -1.0) if against else (values, 1.0)


def _count_thresholds(explainer: Any, rows: FloatArray, background: FloatArray) -> FloatArray:
    """Put in place of each number how many of the trees' thresholds lie below it.

    The trees decide the same, by construction, and the counts are exact in float32.
    shap's compiled code rounds thresholds to that: a number close to one fell on the
    wrong side, and attributions were off by more than a hundredth.
    """
    ensemble = explainer.model
    inner = ensemble.children_left >= 0
    thresholds = ensemble.thresholds.copy()
    counted = [table.copy() for table in (rows, background)]
    for feature in range(rows.shape[1]):
        here = inner & (ensemble.features == feature)
        levels = np.unique(ensemble.thresholds[here])
        thresholds[here] = np.searchsorted(levels, ensemble.thresholds[here])
        for table in counted:
            column = np.searchsorted(levels, table[:, feature]).astype(np.float64)
            # A missing value stays one: the trees have a branch for it.
            table[:, feature] = np.where(np.isnan(table[:, feature]), np.nan, column)
    ensemble.thresholds = thresholds
    explainer.data = counted[1]
    return counted[0]


def _check_sum(task: Task, result: Attribution) -> None:
    predictions = task.target(task.rows)
    off = np.abs(predictions - result.base_values - result.values.sum(axis=1)).max()
    if off > _TOLERANCE * max(1.0, float(np.abs(predictions).max())):
        raise ValueError(
            f"model must be the sum of its trees for method='tree_shap'; for this "
            f"{task.model.name} the attributions miss the prediction by {off:.3g}. "
            "Use method='exact_shapley' or 'kernel_shap'."
        )

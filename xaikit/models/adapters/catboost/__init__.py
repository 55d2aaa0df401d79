"""CatBoost: its estimators and its plain models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.core.frames import as_pandas
from xaikit.core.tables import dense, floats
from xaikit.models.adapters.catboost.trees import Saved
from xaikit.models.by_methods import class_scales
from xaikit.models.model import Model, Scale
from xaikit.models.trees import Tree, Trees, only_output, own_column, second_of_two

_LOG_ODDS = {"Logloss", "CrossEntropy"}
_CLASSES = {"MultiClass", "MultiClassOneVsAll"}
# Losses for which a regressor predicts more than the sum of the trees; a plain model does not.
_NO_SUMS = ("Poisson", "Tweedie", "RMSEWithUncertainty")


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a CatBoost model of any kind as a model."""
    if not model.is_fitted():
        raise ValueError(
            f"model must be fitted before it is explained; got an unfitted {type(model).__name__}."
        )
    names = tuple(map(str, model.feature_names_))
    # On an array the columns are named by their positions.
    unnamed = names == tuple(map(str, range(len(names))))
    common: dict[str, Any] = {
        "name": type(model).__name__,
        "estimator": model,
        "feature_names": None if unnamed else names,
        "n_features": len(names),
        "by_name": not unnamed,
        "by_position": unnamed,
    }
    classes = np.asarray(model.classes_)
    if not len(classes):
        described = Model(
            kind="regressor",
            answer=model.predict,
            scales={"prediction": Scale(model.predict)},
            **common,
        )
        return _with_trees(described, model)

    def asked(kind: str) -> Callable[[Any], Any]:
        return lambda rows: model.predict(rows, prediction_type=kind)

    loss = _loss(model)
    described = Model(
        kind="classifier",
        classes=classes,
        # Of several classes the labels come in a column, (n, 1).
        answer=lambda rows: np.ravel(asked("Class")(rows)),
        scales=class_scales(
            asked("Probability"),
            asked("RawFormulaVal") if loss in _LOG_ODDS | _CLASSES else None,
            classes,
            score_is_log_odds=loss in _LOG_ODDS and len(classes) == 2,
        ),
        **common,
    )
    return _with_trees(described, model)


def _loss(model: Any) -> str:
    import catboost

    try:
        return str(model.get_all_params().get("loss_function", ""))
    except catboost.CatBoostError:  # a sum of models has none
        return ""


def _with_trees(described: Model, model: Any) -> Model:
    saved = Saved(model)
    odd = _unusual(described, model, saved)
    if odd is not None:
        return replace(described, lacks={**described.lacks, "trees": odd})
    spaces, of_output = _outputs(described, model)
    categories = bool(model.get_cat_feature_indices())

    def trees(column: int) -> tuple[list[Tree], float]:
        return saved.trees_of(0 if "log-odds" in spaces else column)

    return replace(
        described,
        trees=Trees(
            spaces=spaces,
            ensemble=None if categories else (lambda column: model),
            seen=_seen(saved if categories else None),
            output=described.scales[spaces[0]].function,
            of_output=of_output,
            trees=trees,
        ),
    )


def _outputs(
    described: Model, model: Any
) -> tuple[tuple[str, ...], Callable[[Any, int], FloatArray]]:
    if described.kind == "regressor":
        several = np.ndim(model.get_scale_and_bias()[1]) > 0
        return ("prediction",), own_column if several else only_output
    if _loss(model) in _LOG_ODDS:
        return ("log-odds", "score"), second_of_two
    return ("score",), own_column


def _seen(saved: Saved | None) -> Callable[[Any], FloatArray]:
    """Return what gives the numbers that the trees compare; None where there are no categories."""

    def seen(rows: Any) -> FloatArray:
        codes = {} if saved is None else saved.codes(rows)
        table = as_pandas(dense(rows))
        if not isinstance(table, pd.DataFrame):
            table = pd.DataFrame(table)
        columns = [
            codes[j] if j in codes else floats(table.iloc[:, j]) for j in range(table.shape[1])
        ]
        return np.column_stack(columns).astype(np.float32).astype(np.float64)

    return seen


def _unusual(described: Model, model: Any, saved: Saved) -> str | None:
    """Name what the form of the trees cannot say, or return None."""
    import catboost

    loss = _loss(model)
    if described.kind == "classifier" and loss not in _LOG_ODDS | _CLASSES:
        return f"loss {loss!r}"
    if isinstance(model, catboost.CatBoostRegressor) and loss.startswith(_NO_SUMS):
        return f"loss {loss!r}"
    if model.get_text_feature_indices() or model.get_embedding_feature_indices():
        return "columns of text or embeddings"
    if model.get_cat_feature_indices() and saved.has_statistics:
        return "statistics of the target in place of categories"
    return None

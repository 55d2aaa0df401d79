"""LightGBM: its scikit-learn estimators and its boosters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from xaikit.core.checks import FloatArray
from xaikit.core.frames import as_pandas
from xaikit.core.tables import dense, floats
from xaikit.models.adapters.lightgbm.trees import ZERO, Saved, trees_of
from xaikit.models.by_methods import class_scales, describe_by_methods
from xaikit.models.model import Model, Scale
from xaikit.models.trees import Tree, Trees, only_output, own_column, second_of_two

# The names that LightGBM gives to the columns of an array.
_UNNAMED = re.compile(r"Column_\d+")
_CLASSES = ["binary", "multiclass", "multiclassova"]
# Objectives whose prediction is the plain sum of the trees, as is that of an own one ("").
_SUMS = ["regression", "regression_l1", "huber", "fair", "quantile", "mape"]
_SUMS += ["lambdarank", "rank_xendcg", ""]


def describe(model: Any, describe_inner: Callable[[Any], Model]) -> Model:
    """Return a LightGBM estimator or booster as a model."""
    if type(model).__name__ == "Booster":
        booster = model
        saved = Saved(booster.model_to_string())
        described = _booster(booster, saved)
    else:
        from sklearn.exceptions import NotFittedError

        try:
            booster = model.booster_
        except NotFittedError:
            raise ValueError(
                f"model must be fitted before it is explained; got an unfitted "
                f"{type(model).__name__}."
            ) from None
        saved = Saved(booster.model_to_string())
        described = _estimator(model, saved)
        if model.get_params().get("pred_early_stop"):
            why = "predictions that stop before all trees are asked (pred_early_stop)"
            described = replace(described, lacks={**described.lacks, "trees": why})
    names = tuple(map(str, booster.feature_name()))
    unnamed = all(map(_UNNAMED.fullmatch, names))
    described = replace(
        described,
        feature_names=None if unnamed else names,
        n_features=len(names),
        by_position=unnamed,
        spelled=_spelled,
    )
    return _with_trees(described, booster, saved)


def _spelled(name: str) -> str:
    """Return a column's name as LightGBM keeps it, without white space."""
    return re.sub(r"\s", "_", name)


def _estimator(model: Any, saved: Saved) -> Model:
    described = describe_by_methods(model)
    if described.kind != "classifier":
        return described
    assert described.classes is not None  # a classifier

    def raw(rows: Any) -> Any:
        return model.predict(rows, raw_score=True)

    scales = class_scales(
        model.predict_proba, raw, described.classes, score_is_log_odds=_is_log_odds(saved)
    )
    return replace(described, scales=scales)


def _booster(booster: Any, saved: Saved) -> Model:
    objective = (saved.objective or [""])[0]
    common: dict[str, Any] = {"name": "Booster", "estimator": booster}
    if objective not in _CLASSES:
        return Model(
            kind="regressor",
            answer=booster.predict,
            scales={"prediction": Scale(booster.predict)},
            **common,
        )

    def probability(rows: Any) -> Any:
        found = np.asarray(booster.predict(rows))
        return found if found.ndim == 2 else np.column_stack([1.0 - found, found])

    def raw(rows: Any) -> Any:
        return booster.predict(rows, raw_score=True)

    classes = np.arange(2 if objective == "binary" else saved.per_round)
    return Model(
        kind="classifier",
        classes=classes,
        answer=lambda rows: probability(rows).argmax(axis=1),
        scales=class_scales(probability, raw, classes, score_is_log_odds=_is_log_odds(saved)),
        **common,
    )


def _is_log_odds(saved: Saved) -> bool:
    """Say whether the raw score is the log-odds; the sum of a random forest is not."""
    return saved.objective == ["binary", "sigmoid:1"] and not saved.averaged


def _with_trees(described: Model, booster: Any, saved: Saved) -> Model:
    odd = _unusual(described, saved)
    if odd is not None:
        return replace(described, lacks={**described.lacks, "trees": odd})
    classifier, shared = described.kind == "classifier", saved.per_round == 1
    spaces: tuple[str, ...] = ("score",) if classifier else ("prediction",)
    if saved.objective == ["binary", "sigmoid:1"]:
        spaces = ("log-odds",) if saved.averaged else ("log-odds", "score")
    averaged = saved.averaged and spaces != ("score",)

    def trees(column: int) -> tuple[list[Tree], float]:
        if classifier and not shared:
            return trees_of(saved, column, 1.0), 0.0
        # One score stands for two classes, and the score of the first is its negative.
        sign = -1.0 if spaces == ("score",) and column == 0 else 1.0
        return trees_of(saved, 0, sign / saved.rounds if averaged else sign), 0.0

    def ensemble(column: int) -> Any:
        import lightgbm

        # Not the booster itself, of which shap reads the rounds after the best one too.
        read = lightgbm.Booster(model_str=saved.text)
        read.params = {}  # of two classes shap would else warn of a shape that it does not give
        return read

    one_score: Callable[[Any, int], FloatArray] = second_of_two if classifier else only_output
    return replace(
        described,
        trees=Trees(
            spaces=spaces,
            # shap adds up the trees where their mean is the prediction.
            ensemble=None if averaged else ensemble,
            seen=_seen(booster, saved),
            output=described.scales[spaces[0]].function,
            of_output=one_score if shared else own_column,
            trees=trees,
        ),
    )


def _seen(booster: Any, saved: Saved) -> Callable[[Any], FloatArray]:
    columns = saved.columns

    def seen(rows: Any) -> FloatArray:
        table = as_pandas(dense(rows))
        if isinstance(table, pd.DataFrame):
            numbers = _coded(table, booster.pandas_categorical)
        else:
            # LightGBM makes a float32 of any other type.
            own = table.dtype if table.dtype in (np.float32, np.float64) else np.float32
            numbers = table.astype(own).astype(np.float64)
        numbers[np.abs(numbers) <= ZERO] = 0.0
        for j in columns.categories:
            # The whole part is the category; what is below zero is none, as is a missing one.
            numbers[:, j] = np.trunc(numbers[:, j])
            numbers[numbers[:, j] < 0, j] = np.nan
        for j in columns.zero_missing:
            numbers[numbers[:, j] == 0, j] = np.nan
        return numbers

    return seen


def _coded(table: pd.DataFrame, levels: list[list[Any]] | None) -> FloatArray:
    """Return a table as numbers, a category as its place among those of the training table."""
    remaining = iter(levels or [])
    numbers = []
    for _, column in table.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            known = column.cat.set_categories(next(remaining, column.cat.categories))
            column = known.cat.codes.where(known.notna(), np.nan)
        numbers.append(floats(column))
    return np.column_stack(numbers)


def _unusual(described: Model, saved: Saved) -> str | None:
    """Name the setting that breaks the sum of the trees, or return None."""
    if "trees" in described.lacks:
        return described.lacks["trees"]
    objective = (saved.objective or [""])[0]
    known = _CLASSES if described.kind == "classifier" else _SUMS
    if objective not in known or saved.objective[1:2] == ["sqrt"]:
        return f"loss {' '.join(saved.objective)!r}"
    if saved.linear:
        return "linear models in its leaves (linear_tree)"
    if saved.columns.at_odds:
        return "splits that do not agree on whether zero is a missing value"
    return None

"""Forests asked tree by tree, without what scikit-learn does around each tree.

A search asks a forest about a hundred rows at a time, and then most of the time goes into
handing every tree to joblib and checking for each that it is fitted. Rows are checked, and
trees added up, as the forest does it, to the last bit.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from xaikit.core.checks import FloatArray
from xaikit.models.adapters.sklearn.names import own_name
from xaikit.models.by_methods import class_scales
from xaikit.models.model import Model, Scale

_FORESTS = {
    f"{name}{kind}"
    for name in ("RandomForest", "ExtraTrees")
    for kind in ("Classifier", "Regressor")
}


def asked_by_tree(forest: Any, described: Model) -> Model:
    """Return a forest's description with quicker answers, any other model's as it is."""
    known = own_name(forest) in _FORESTS and hasattr(forest, "_validate_X_predict")
    # One that asks for workers gets them; answers to several targets are for the forest to lay out.
    if not known or forest.n_jobs not in (None, 1) or forest.n_outputs_ > 1:
        return described
    mean = partial(_mean, forest)
    if described.kind == "regressor":

        def predict(rows: Any) -> FloatArray:
            return mean(rows)[:, 0]

        return replace(described, answer=predict, scales={"prediction": Scale(predict)})

    def label(rows: Any) -> Any:
        return forest.classes_.take(mean(rows).argmax(axis=1), axis=0)

    scales = class_scales(mean, None, forest.classes_)
    return replace(described, answer=label, scales=scales)


def _mean(forest: Any, rows: Any) -> FloatArray:
    """Return the mean (n, k) of what the trees say of rows."""
    checked = forest._validate_X_predict(rows)
    total: Any = sum(tree.tree_.predict(checked) for tree in forest.estimators_)
    mean: FloatArray = total / len(forest.estimators_)
    return mean

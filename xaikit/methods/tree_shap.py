"""Trees and their ensembles, by the tree SHAP of the shap library, in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from joblib import effective_n_jobs

from xaikit.core.checks import FloatArray, one_of, require
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method, Reference
from xaikit.models.model import Model
from xaikit.models.trees import Trees

PATH_DEPENDENT = "tree_path_dependent"
# Rows in one call of shap, where its own overhead no longer counts; and in one task of a
# worker, where sending the trees along no longer counts.
_LEAST_ROWS, _LEAST_SENT = 50, 500


def refuse(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Say why a model cannot be explained by this method, or return None."""
    instead = "Use method='exact_shapley' or 'kernel_shap'."
    if model.trees is None:
        what = "a callable" if model.kind == "callable" else model.name
        why = model.lacks.get("trees")
        return (
            "method='tree_shap' takes trees, forests and boosted trees of scikit-learn and "
            f"XGBoost, alone or behind scalers; got {_which(what, why)}. {instead}"
        )
    if output_space not in (None, *model.trees.spaces):
        return (
            f"method='tree_shap' explains {model.name} of {model.n_classes} classes as "
            f"{' or '.join(map(repr, model.trees.spaces))}; got output_space={output_space!r}. "
            f"{instead}"
        )
    return None


def _which(what: str, why: str | None) -> str:
    """Name a model and what is in the way; a step before it is named as it is."""
    if why is None:
        return what
    return why if why.startswith("the step") else f"{what} with {why}"


def default_space(model: Model) -> str:
    """Return the scale on which the trees add up."""
    return _trees(model).spaces[0]


def reference(options: Mapping[str, Any]) -> Reference | None:
    """Return what absent features are drawn from: the background, or the trees themselves."""
    path_dependent = options.get("feature_perturbation") == PATH_DEPENDENT
    return None if path_dependent else "background"


def explain(task: Task, *, feature_perturbation: str = "interventional") -> Attribution:
    """Return the Shapley values of a tree ensemble, exact for the chosen expectation.

    Trees, forests and boosted trees of scikit-learn, and boosted trees of XGBoost, alone or
    behind scalers. Forests are explained in probability, boosted trees in log-odds (two
    classes) or in the score of a class: the scales on which their trees add up.

    Parameters
    ----------
    feature_perturbation : {"interventional", "tree_path_dependent"}
        "interventional" draws absent features from the background; "tree_path_dependent"
        follows the training rows that went down each branch, and takes no background.

    References
    ----------
    .. [1] Lundberg, S. M. et al. (2020). From local explanations to global
       understanding with explainable AI for trees. Nature Machine Intelligence 2,
       56-67. https://doi.org/10.1038/s42256-019-0138-9

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> X = np.array([[0.0, 5.0], [1.0, 5.0]])
    >>> model = DecisionTreeRegressor().fit(X, [0.0, 8.0])
    >>> xk.explain(model, [[1.0, 3.0]], background=X, method="tree_shap").values
    array([[4., 0.]])
    """
    one_of("feature_perturbation", feature_perturbation, ["interventional", PATH_DEPENDENT])
    path_dependent = feature_perturbation == PATH_DEPENDENT
    trees, column = _trees(task.model), task.target.column or 0
    rows = _compared(trees, task.rows)
    background = None if path_dependent else _compared(trees, task.background)
    explainer = _explainer(trees.ensemble(column), background)
    if background is not None:
        rows = _count_thresholds(explainer, rows, background)

    def one_group(group: FloatArray) -> Any:
        return explainer.shap_values(group, check_additivity=False)

    least = _LEAST_ROWS if effective_n_jobs(task.n_jobs) == 1 else _LEAST_SENT
    done = task.spread(one_group, rows, what="tree_shap", least=least)
    values = trees.of_output(np.concatenate(done), column)
    if path_dependent:
        one_group(rows[:1])  # shap may set the expected value while it explains
        # In the shape of the values of one row and one feature, so that it is read alike.
        expected = np.asarray(explainer.expected_value, dtype=np.float64).reshape(1, 1, -1)
        expected = expected if expected.shape[-1] > 1 else expected[..., 0]
        base = float(trees.of_output(expected, column)[0, 0])
        note = "The training rows counted in the trees take the place of a background."
    else:
        base, note = float(task.target(task.background).mean()), ""
    return Attribution(values, np.full(len(values), base), estimated=False, note=note)


def _trees(model: Model) -> Trees:
    assert model.trees is not None  # else it is refused
    return model.trees


def _compared(trees: Trees, table: Any) -> FloatArray:
    """Return the numbers that the trees compare with their thresholds."""
    numbers = trees.seen(table)
    if not trees.in_float32:
        return numbers
    # A float64 next to a threshold may fall elsewhere.
    rounded: FloatArray = numbers.astype(np.float32).astype(np.float64)
    return rounded


def _explainer(ensemble: Any, background: FloatArray | None) -> Any:
    shap = require("shap", extra="methods")
    masker = None
    if background is not None:
        # max_samples: the masker would otherwise keep 100 rows and say nothing.
        masker = shap.maskers.Independent(background, max_samples=len(background))
    return shap.TreeExplainer(
        ensemble,
        data=masker,
        feature_perturbation=PATH_DEPENDENT if background is None else "interventional",
    )


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


METHOD = Method(
    "tree_shap",
    explain,
    refuse=refuse,
    default_space=default_space,
    reference=reference,
    rank=2,
    reason=lambda model, n_features: (
        f"{model.name} is made of trees, whose Shapley values can be computed exactly."
    ),
    adds_up=True,
)

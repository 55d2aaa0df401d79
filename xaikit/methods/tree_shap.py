"""Trees and their ensembles: exact Shapley values of the columns that go in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from joblib import effective_n_jobs

from xaikit.core import parallel
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
            "method='tree_shap' takes trees, forests and boosted trees of scikit-learn, XGBoost, "
            "LightGBM and CatBoost, alone or behind steps that act column by column; got "
            f"{_which(what, why)}. {instead}"
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

    Trees, forests, gradient and histogram boosting of scikit-learn, and boosted trees of
    XGBoost, LightGBM and CatBoost, with missing values and categories. In a pipeline a
    player is a column that goes in, whatever the steps make of it, as long as each of their
    columns comes from one: encoders, scalers, imputers, binning, selection, and what puts
    these side by side. Forests are explained in probability, boosted trees in log-odds (two
    classes) or in the score of a class: the scales on which their trees add up.

    Parameters
    ----------
    feature_perturbation : {"interventional", "tree_path_dependent"}
        "interventional" draws absent features from the background; "tree_path_dependent"
        follows the training rows that went down each branch, and takes no background.

    Raises
    ------
    ValueError
        When "tree_path_dependent" is asked for where shap, which computes it, does not read
        the trees, or where an encoder makes several columns of one.

    Notes
    -----
    Against a background the cost grows with rows plus background rows, not with their
    product: rows that satisfy the same conditions of a path count as one, as in [2]_ and
    [3]_. Which of them can meet is followed from the root to each leaf, so that deep trees
    [4]_ cost no more than the pairs of rows that come down to their leaves.

    Taught in: local/shapley, local/shap.

    References
    ----------
    .. [1] Lundberg, S. M. et al. (2020). From local explanations to global
       understanding with explainable AI for trees. Nature Machine Intelligence 2,
       56-67. https://doi.org/10.1038/s42256-019-0138-9
    .. [2] Zern, A., Broelemann, K. and Kasneci, G. (2023). Interventional SHAP values and
       interaction values for piecewise linear regression trees. AAAI 37(9), 11164-11173.
       https://doi.org/10.1609/aaai.v37i9.26322
    .. [3] Nadel, A. and Wettenstein, R. (2026). From decision trees to Boolean logic: a fast
       and unified SHAP algorithm. AAAI 40. https://doi.org/10.1609/aaai.v40i29.39630
    .. [4] Wettenstein, R., Nadel, A. and Boker, U. (2026). WOODELF-HD: efficient background
       SHAP for high-depth decision trees. https://doi.org/10.48550/arXiv.2604.10569

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
    trees, column = _trees(task.model), task.target.column or 0
    if feature_perturbation == PATH_DEPENDENT:
        return _path_dependent(task, trees, column)
    values = _by_patterns(task, trees, column)
    predictions, expected = _outputs(task)
    base = np.full(len(values), float(expected.mean()))
    return Attribution(values, base, estimated=False, predictions=predictions)


def _trees(model: Model) -> Trees:
    assert model.trees is not None  # else it is refused
    return model.trees


def _outputs(task: Task) -> list[FloatArray]:
    """Return the output at the rows and at the background, which two workers ask for at once."""

    def each(tables: list[Any]) -> list[FloatArray]:
        return [task.target(table) for table in tables]

    both = [task.rows, task.background]
    found = parallel.spread(each, both, n_jobs=task.n_jobs, progress=False, threads=True)
    return [output for outputs in found for output in outputs]


def _by_patterns(task: Task, trees: Trees, column: int) -> FloatArray:
    from xaikit.methods._tree_values import tree_values

    grown, _ = trees.trees(column)
    rows, background = trees.seen(task.rows), trees.seen(task.background)
    players = np.arange(rows.shape[1]) if trees.players is None else trees.players
    # A few pieces of the ensemble at once: a call of a worker takes a millisecond itself.
    spread = partial(task.spread, what="tree_shap", least=4, threads=True)
    values = tree_values(grown, rows, background, players, task.rows.shape[1], spread)
    first_of_two = trees.spaces[0] == "log-odds" and column == 0
    return -values if first_of_two else values


def _path_dependent(task: Task, trees: Trees, column: int) -> Attribution:
    asked = f"feature_perturbation={PATH_DEPENDENT!r}"
    instead = "Leave it out, and the background is used."
    if trees.ensemble is None:
        raise ValueError(
            f"{asked} is computed by shap, and not offered for the trees of this "
            f"{task.model.name}: shap may read them otherwise than the model. {instead}"
        )
    rows = trees.seen(task.rows)
    players = np.arange(rows.shape[1]) if trees.players is None else trees.players
    if len(np.unique(players)) < len(players):
        raise ValueError(
            f"{asked} explains the columns that the trees compare, of which the steps before "
            f"this {task.model.name} make several of one column that goes in. {instead}"
        )
    shap = require("shap", extra="methods")
    explainer = shap.TreeExplainer(trees.ensemble(column), feature_perturbation=PATH_DEPENDENT)
    seen = trees.of_output(_shap_values(task, explainer, rows), column)
    values = np.zeros((len(rows), task.rows.shape[1]))
    values[:, players] = seen
    explainer.shap_values(rows[:1], check_additivity=False)  # it may set the expected value
    # In the shape of the values of one row and one feature, so that it is read alike.
    expected = np.asarray(explainer.expected_value, dtype=np.float64).reshape(1, 1, -1)
    expected = expected if expected.shape[-1] > 1 else expected[..., 0]
    base = float(trees.of_output(expected, column)[0, 0])
    note = "The training rows counted in the trees take the place of a background."
    return Attribution(values, np.full(len(values), base), estimated=False, note=note)


def _shap_values(task: Task, explainer: Any, rows: FloatArray) -> Any:
    def one_group(group: FloatArray) -> Any:
        return explainer.shap_values(group, check_additivity=False)

    least = _LEAST_ROWS if effective_n_jobs(task.n_jobs) == 1 else _LEAST_SENT
    return np.concatenate(task.spread(one_group, rows, what="tree_shap", least=least))


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

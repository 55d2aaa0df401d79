"""The contract of every adapter, and Shapley values by definition for every kind of model."""

import brute_force
import numpy as np
import pandas as pd
import pytest
import zoo
from tree_sums import total

import xaikit as xk
from xaikit.core.tables import numeric
from xaikit.inputs.rows import checked_rows
from xaikit.models.describe import describe
from xaikit.models.target import choose_output

# Libraries that answer in float32 differ from a sum in float64 by about its precision.
TOLERANCE = 2e-6


NAMES = list(zoo.BUILDERS)
LINEAR = [name for name in NAMES if name.startswith("linear")]
# CatBoost's statistics of the target for categories are not read.
TREES = [
    name
    for name in NAMES
    if name.startswith(("Decision", "RandomF", "ExtraT", "Grad", "Hist", "XGB", "LightGBM", "Cat"))
    and not name.startswith("CatBoost, categories,")
]
PROBABLE = [name for name in NAMES if "0 classes" not in name and not name.startswith("a ")]


@pytest.fixture(params=NAMES)
def case(request):
    return zoo.case(request.param)


def among(names):
    """Give a test the cases of these names."""
    return pytest.mark.parametrize("case", [pytest.param(n, id=n) for n in names], indirect=True)


def head(X, n):
    return X.iloc[:n] if isinstance(X, pd.DataFrame) else X[:n]


def outputs(case, space):
    """Return the model's own outputs (n, k) on a scale."""
    own = np.asarray(case.own[space](case.X), dtype=np.float64)
    return own[:, None] if own.ndim == 1 else own


def labels(described, case):
    """Return what to call the outputs by: classes, columns, or nothing where there is one."""
    if described.classes is not None:
        return described.classes.tolist()
    width = outputs(case, "prediction").shape[1]
    return [None] if width == 1 else list(range(width))


def test_the_scales_are_the_librarys_own_answers(case):
    described = describe(case.model, case.X)
    rows = checked_rows("X", case.X, described)
    for space in case.own:
        own = outputs(case, space)
        for k, label in enumerate(labels(described, case)):
            target = choose_output(described, space, label, rows[:1])
            column = own[:, k] if own.shape[1] > 1 else own[:, 0]
            if described.n_classes == 2 and own.shape[1] == 1 and k == 0:
                column = -column
            assert np.abs(target(rows) - column).max() <= TOLERANCE * np.abs(own).max()


@among(PROBABLE)
def test_log_odds_are_the_logit_of_the_probability(case):
    described = describe(case.model, case.X)
    rows = checked_rows("X", case.X, described)
    for label in labels(described, case):
        p = choose_output(described, "probability", label, rows[:1])(rows)
        sure = (p <= 0) | (p >= 1)
        rows_kept = rows[~sure]
        found = choose_output(described, "log-odds", label, rows[:1])(rows_kept)
        logit = np.log(p[~sure]) - np.log1p(-p[~sure])
        assert np.abs(found - logit).max() <= 1e-4 * max(1, np.abs(logit).max())


def test_the_answer_is_the_class_with_the_highest_probability_or_the_number(case):
    described = describe(case.model, case.X)
    rows = checked_rows("X", case.X, described)
    answer = np.ravel(described.answer(rows))
    own = outputs(case, next(iter(case.own)))
    if described.classes is None:
        assert np.abs(answer - own.ravel()).max() <= TOLERANCE * np.abs(own).max()
        return
    # Where two classes are equally likely the library may say either.
    best = np.sort(own, axis=1)
    clear = best[:, -1] - best[:, -2] > 1e-6
    assert (answer == described.classes[own.argmax(axis=1)])[clear].all()


@among(LINEAR)
def test_weights_agree_with_the_prediction(case):
    described = describe(case.model, case.X)
    rows = checked_rows("X", case.X, described)
    for space in described.linear.spaces:
        for label in labels(described, case):
            target = choose_output(described, space, label, rows[:1])
            weights, intercept = described.linear.line(target, rows[:1])
            line = numeric(rows) @ weights + intercept
            assert np.abs(line - target(rows)).max() <= 1e-9 * np.abs(target(rows)).max()


@among(TREES)
def test_trees_agree_with_the_prediction(case):
    described = describe(case.model, case.X)
    rows = checked_rows("X", case.X, described)
    # XGBoost adds up in float32.
    tolerance = 1e-6 if type(case.model).__module__.startswith("xgboost") else 1e-9
    space = described.trees.spaces[0]
    for k, label in enumerate(labels(described, case)):
        own = choose_output(described, space, label, rows[:1])(rows)
        summed = total(described.trees, k, rows)
        if space == "log-odds" and k == 0:  # the trees are those of the second class
            summed = -summed
        assert np.abs(summed - own).max() <= tolerance * np.abs(own).max()


def test_auto_gives_the_shapley_values_of_the_columns_that_go_in(case):
    background, rows = head(case.X, 12), head(case.X, 60)[-2:]
    described = describe(case.model, case.X)
    last = labels(described, case)[-1]
    label = None if described.n_classes == 2 else last
    # Raw scores of three classes are held to the library by the sum of the trees, below.
    space = "probability" if described.n_classes > 2 and "score" not in case.own else None
    e = xk.explain(case.model, rows, background=background, output=label, output_space=space)
    assert not e.estimated
    own = case.own.get(e.output_space)
    if own is None:
        logit = case.own["probability"]
        index = -1

        def own(table):
            p = np.asarray(logit(table), dtype=np.float64)[:, index]
            return np.log(p) - np.log1p(-p)

    def chosen(table):
        answer = np.asarray(own(table), dtype=np.float64)
        return answer if answer.ndim == 1 else answer[:, -1]

    for i in range(2):
        row = rows.iloc[[i]] if isinstance(rows, pd.DataFrame) else rows[[i]]
        values, base = brute_force.shapley_values(chosen, row, background)
        scale = max(np.abs(values).max(), abs(base))
        assert np.abs(e.values[i] - values).max() <= 2e-5 * scale
        assert abs(e.base_values[i] - base) <= 2e-5 * scale


@among(TREES)
def test_tree_shap_and_every_coalition_agree_on_every_scale(case):
    described = describe(case.model, case.X)
    background, rows = head(case.X, 15), head(case.X, 60)[-3:]
    for space in described.trees.spaces:
        for label in labels(described, case):
            options = {"background": background, "output": label, "output_space": space}
            exact = xk.explain(case.model, rows, method="exact_shapley", **options)
            trees = xk.explain(case.model, rows, method="tree_shap", **options)
            scale = np.abs(exact.values).max()
            assert np.abs(trees.values - exact.values).max() <= 1e-5 * scale


NAMED = [name for name in NAMES if name != "a function of an array"]
# These find their columns by name; the others are asked in the order that they were fitted in.
BY_NAME = [name for name in NAMED if name.startswith(("CatBoost", "a function", "a class"))]


@among(BY_NAME)
def test_columns_in_another_order_are_found_by_their_names(case):
    last = labels(describe(case.model, case.X), case)[-1]
    options = {"output": last, "random_state": 0}
    other = case.X[case.X.columns[::-1]]
    e = xk.explain(case.model, case.X[:3], background=case.X[:10], **options)
    turned = xk.explain(case.model, other[:3], background=other[:10], **options)
    assert turned.feature_names == e.feature_names[::-1]
    assert np.abs(turned.values[:, ::-1] - e.values).max() <= TOLERANCE * np.abs(e.values).max()
    assert (turned.predictions == e.predictions).all()


@among([name for name in NAMED if name not in BY_NAME])
def test_columns_in_another_order_are_refused(case):
    other = case.X[case.X.columns[::-1]]
    with pytest.raises(ValueError, match="X must have its columns in the model's order"):
        xk.explain(case.model, other[:3], background=other[:10])

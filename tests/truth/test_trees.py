"""Tree SHAP against brute force, in one shape for every ensemble, scale and class."""

import pickle

import numpy as np
import pytest
import shap
from sklearn import ensemble, tree
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier, XGBRegressor

import xaikit as xk

MODELS = {**vars(ensemble), **vars(tree)}
MODELS |= {"XGBClassifier": XGBClassifier, "XGBRegressor": XGBRegressor}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 4)).round(1)  # rounded, so that rows lie on thresholds
SIGNAL = X[:, 0] * X[:, 1] + X[:, 2]
TARGETS = {
    "two": (SIGNAL > 0).astype(int),
    "three": np.digitize(SIGNAL, [-0.6, 0.6]),
    "number": 100 * SIGNAL,
}
ROWS, BACKGROUND = X[:7], X[60:110]


def fitted(kind, task):
    size = {} if kind == "DecisionTree" else {"n_estimators": 8}
    size = {"max_iter": 8} if kind == "HistGradientBoosting" else size
    name = kind + ("Regressor" if task == "number" else "Classifier")
    return MODELS[name](max_depth=3, random_state=0, **size).fit(X, TARGETS[task])


KINDS = ["DecisionTree", "RandomForest", "ExtraTrees"]
BOOSTED = ["GradientBoosting", "HistGradientBoosting", "XGB"]
CASES = [(task, out) for task, outs in [("two", (0, 1)), ("three", (0, 1, 2))] for out in outs]


@pytest.mark.parametrize("kind", KINDS + BOOSTED)
@pytest.mark.parametrize(("task", "output"), [*CASES, ("number", None)])
def test_the_same_as_asking_every_coalition(kind, task, output):
    model = fitted(kind, task)
    how = {"background": BACKGROUND, "output": output}
    fast = xk.explain(model, ROWS, method="tree_shap", **how)
    brute = xk.explain(model, ROWS, method="exact_shapley", output_space=fast.output_space, **how)
    scale = np.abs(brute.values).max()
    assert scale > 0
    np.testing.assert_allclose(fast.values, brute.values, atol=1e-6 * max(scale, 1))
    np.testing.assert_allclose(fast.base_values, brute.base_values, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(fast.predictions, brute.predictions)


@pytest.mark.parametrize("kind", KINDS + BOOSTED)
@pytest.mark.parametrize(("task", "output"), [*CASES, ("number", None)])
@pytest.mark.parametrize("perturbation", ["interventional", "tree_path_dependent"])
def test_one_shape_and_the_sum_is_the_prediction(kind, task, output, perturbation):
    model = fitted(kind, task)
    e = xk.explain(
        model,
        ROWS,
        method="tree_shap",
        output=output,
        background=BACKGROUND if perturbation == "interventional" else None,
        feature_perturbation=perturbation,
    )
    assert e.values.shape == ROWS.shape
    assert e.base_values.shape == e.predictions.shape == (len(ROWS),)
    assert np.unique(e.base_values).size == 1
    assert not e.estimated
    assert np.abs(e.residual).max() < 1e-6 * max(1, np.abs(e.predictions).max())
    np.testing.assert_allclose(e.predictions, as_the_library_has_it(model, e, output), rtol=1e-5)


def as_the_library_has_it(model, e, output):
    if e.output_space == "prediction":
        return model.predict(ROWS)
    p = model.predict_proba(ROWS)
    if e.output_space == "probability":
        return p[:, output]
    if e.output_space == "log-odds":
        return np.log(p[:, output] / (1 - p[:, output]))
    is_xgb = type(model).__name__ == "XGBClassifier"
    score = model.predict(ROWS, output_margin=True) if is_xgb else model.decision_function(ROWS)
    softmax = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax, p, rtol=1e-5)
    return score[:, output]


@pytest.mark.parametrize("kind", BOOSTED)
def test_auto_says_which_scale_and_why(kind):
    two = xk.explain(fitted(kind, "two"), X)
    three = xk.explain(fitted(kind, "three"), X, output=2)
    assert (two.output_space, three.output_space) == ("log-odds", "score")
    assert "log-odds, the scale on which" in two.why
    assert "all 150 rows" in two.why


@pytest.mark.parametrize("kind", KINDS + BOOSTED)
@pytest.mark.parametrize("task", ["two", "three", "number"])
def test_the_model_is_left_as_it_was(kind, task):
    model = fitted(kind, task)
    before = pickle.dumps(model)
    out = None if task == "number" else 1
    xk.explain(model, ROWS, method="tree_shap", background=BACKGROUND, output=out)
    xk.explain(
        model, ROWS, method="tree_shap", output=out, feature_perturbation="tree_path_dependent"
    )
    assert pickle.dumps(model) == before


@pytest.mark.parametrize("kind", [*KINDS, "GradientBoosting", "HistGradientBoosting"])
def test_shap_says_the_same_up_to_float32(kind):
    """Of eighths, whose thresholds float32 holds: else a row falls on another side in shap."""
    eighths = np.random.default_rng(1).integers(-16, 17, size=(200, 4)) / 8
    size = {} if kind == "DecisionTree" else {"n_estimators": 8}
    size = {"max_iter": 8} if kind == "HistGradientBoosting" else size
    model = MODELS[kind + "Regressor"](max_depth=5, random_state=0, **size)
    model.fit(eighths, eighths[:, 0] * eighths[:, 1] + eighths[:, 2])
    masker = shap.maskers.Independent(eighths, max_samples=len(eighths))
    theirs = shap.TreeExplainer(model, masker).shap_values(eighths[:20], check_additivity=False)
    e = xk.explain(model, eighths[:20], background=eighths, method="tree_shap")
    np.testing.assert_allclose(e.values, theirs, atol=1e-6 * np.abs(theirs).max())


def test_all_thousand_background_rows_are_used():
    background = np.zeros((1000, 4))
    background[333:] = 1.0
    model = ensemble.RandomForestRegressor(n_estimators=5, random_state=0).fit(X, 100 * SIGNAL)
    e = xk.explain(model, ROWS, method="tree_shap", background=background)
    np.testing.assert_allclose(e.base_values, model.predict(background).mean(), rtol=1e-9)
    brute = xk.explain(model, ROWS, method="exact_shapley", background=background)
    np.testing.assert_allclose(e.values, brute.values, atol=1e-4)


def test_a_value_next_to_a_threshold_falls_on_the_side_it_falls_in_the_model():
    """The threshold between these two, rounded to float32, lies above both."""
    low, high = 0.1, 0.1 + 1e-9
    grid = np.tile([[low], [high]], (50, 1))
    model = ensemble.HistGradientBoostingRegressor(
        max_iter=1, learning_rate=1.0, min_samples_leaf=1
    )
    model.fit(grid, np.tile([0.0, 10.0], 50))
    assert model.predict([[high]]) - model.predict([[low]]) > 9
    masker = shap.maskers.Independent(grid, max_samples=len(grid))
    theirs = shap.TreeExplainer(model, masker).shap_values(grid[:2], check_additivity=False)
    np.testing.assert_array_equal(theirs, 0)  # to shap the two are one, and nothing matters
    e = xk.explain(model, [[low], [high]], method="tree_shap", background=grid)
    np.testing.assert_allclose(e.values[:, 0], [-5, 5], atol=1e-6)


@pytest.mark.parametrize("kind", ["HistGradientBoosting", "XGB"])
def test_missing_values_follow_the_branch_of_the_model(kind):
    holed = X.copy()
    holed[::3, 0] = np.nan
    holed[::4, 2] = np.nan
    name = kind + "Regressor"
    model = MODELS[name](max_depth=3, random_state=0).fit(holed, 100 * SIGNAL)
    how = {"background": holed[50:90]}
    fast = xk.explain(model, holed[:12], method="tree_shap", **how)
    brute = xk.explain(model, holed[:12], method="exact_shapley", **how)
    np.testing.assert_allclose(fast.values, brute.values, atol=1e-3)
    assert np.isnan(fast.data).any()


def test_scalers_before_the_trees_change_nothing():
    bare = fitted("RandomForest", "two")
    piped = make_pipeline(
        StandardScaler(), ensemble.RandomForestClassifier(8, max_depth=3, random_state=0)
    )
    piped.fit(X, TARGETS["two"])
    e = xk.explain(piped, ROWS, background=BACKGROUND)
    brute = xk.explain(piped, ROWS, background=BACKGROUND, method="exact_shapley")
    assert e.method == "tree_shap"
    np.testing.assert_allclose(e.values, brute.values, atol=1e-7)
    assert type(bare).__name__ in e.why


@pytest.mark.slow
def test_workers_do_not_change_the_numbers():
    model = fitted("RandomForest", "two")
    one = xk.explain(model, X[:20], background=BACKGROUND, method="tree_shap")
    two = xk.explain(model, X[:20], background=BACKGROUND, method="tree_shap", n_jobs=2)
    np.testing.assert_array_equal(one.values, two.values)

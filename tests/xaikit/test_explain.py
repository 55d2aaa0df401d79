"""What `explain` promises besides the numbers, which tests/truth holds."""

# ruff: noqa: NPY002 - the global generator is what must not move

import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import xaikit as xk

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
FRAME = pd.DataFrame(X, columns=["a", "b", "c", "d"])


def mixed_people(n=80):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "income": rng.normal(30, 8, n),
            "job": rng.choice(["clerk", "nurse", "pilot"], n),
            "home": pd.Categorical(rng.choice(["own", "rent"], n)),
            "member": rng.random(n) > 0.5,
        }
    )


@pytest.fixture
def mixed():
    people = mixed_people()
    encode = make_column_transformer((OneHotEncoder(), ["job", "home"]), remainder=StandardScaler())
    label = np.where(people["income"] + 9 * (people["job"] == "pilot") > 33, "yes", "no")
    return make_pipeline(encode, LogisticRegression()).fit(people, label), people


@pytest.mark.parametrize(
    ("model", "options", "method"),
    [
        (LogisticRegression(), {}, "linear"),
        (LogisticRegression(), {"output_space": "probability"}, "exact_shapley"),
        (make_pipeline(StandardScaler(), LogisticRegression()), {}, "linear"),
        (DecisionTreeClassifier(), {}, "tree_shap"),
        (DecisionTreeClassifier(), {"output_space": "score"}, None),
        (SVC(), {}, "exact_shapley"),
        (RidgeClassifier(), {}, "linear"),
        (GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2), {}, "linear"),
    ],
)
def test_auto_picks_the_first_that_fits(model, options, method):
    model.fit(X, Y)
    if method is None:
        with pytest.raises(ValueError, match="no decision_function"):
            xk.explain(model, X, **options)
        return
    e = xk.explain(model, X[:3], background=X, **options)
    assert e.method == method
    assert np.abs(e.residual).max() < 1e-7


def test_auto_asks_every_coalition_while_that_costs_no_more_than_a_sample():
    def f(X):
        return X.prod(axis=1)

    eleven = xk.explain(f, np.ones((1, 11)), background=np.zeros((2, 11)))
    twelve = xk.explain(f, np.ones((1, 12)), background=np.zeros((2, 12)), random_state=0)
    assert (eleven.method, eleven.estimated) == ("exact_shapley", False)
    assert "2048 coalitions" in eleven.why
    assert (twelve.method, twelve.estimated) == ("kernel_shap", True)
    assert "too many" in twelve.why


def test_every_method_gives_the_same_fields():
    model = LogisticRegression().fit(FRAME, Y)
    for method in ("linear", "exact_shapley", "kernel_shap"):
        e = xk.explain(
            model,
            FRAME[:5],
            background=FRAME,
            method=method,
            output_space="log-odds",
            random_state=0,
        )
        assert e.values.shape == e.data.shape == (5, 4)
        assert e.base_values.shape == e.predictions.shape == (5,)
        assert e.feature_names == ("a", "b", "c", "d")
        assert (e.output_name, e.output_space, e.method) == ("1", "log-odds", method)
        assert np.abs(e.residual).max() < 1e-9


@pytest.mark.parametrize("kind", [RandomForestClassifier, GradientBoostingClassifier])
def test_no_warning_whichever_table_the_model_was_fitted_with(kind):
    named = kind(n_estimators=5, random_state=0).fit(FRAME, Y)
    bare = kind(n_estimators=5, random_state=0).fit(X, Y)
    space = "probability" if kind is RandomForestClassifier else "log-odds"
    space = "probability" if kind is RandomForestClassifier else "log-odds"
    answers = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        for model in (named, bare):
            for rows in (FRAME, X):
                for method in ("tree_shap", "exact_shapley", "kernel_shap"):
                    e = xk.explain(
                        model,
                        rows[:2],
                        background=rows[:30],
                        method=method,
                        output_space=space,
                        random_state=0,
                    )
                    answers.append(e.values)
    for values in answers:
        np.testing.assert_allclose(values, answers[0], atol=1e-7)


def test_text_categories_and_booleans_keep_their_types(mixed):
    model, people = mixed
    seen = []

    def watching(rows):
        seen.append(rows.dtypes)
        return model.predict_proba(rows)[:, 1]

    e = xk.explain(watching, people[:3], background=people, method="exact_shapley")
    for dtypes in seen:
        pd.testing.assert_series_equal(dtypes, people.dtypes)
    np.testing.assert_allclose(e.predictions, model.predict_proba(people[:3])[:, 1])
    again = xk.explain(model, people[:3], background=people)
    np.testing.assert_allclose(again.values, e.values, atol=1e-12)
    assert again.output_name == "yes"
    assert np.abs(e.residual).max() < 1e-12


def test_mixed_columns_against_the_definition(mixed):
    """v({job}) by hand: everyone in the background is given the job of the row."""
    model, people = mixed
    row = people[:1]
    only_job = people.assign(job=row["job"].iloc[0])

    def two_columns(rows):
        full = people.iloc[np.zeros(len(rows), dtype=int)].reset_index(drop=True)
        return model.predict_proba(full.assign(job=rows["job"].to_numpy()))[:, 1]

    e = xk.explain(two_columns, row[["job", "age"]], background=people[["job", "age"]])
    first = people.iloc[np.zeros(len(people), dtype=int)].reset_index(drop=True)
    base = model.predict_proba(first.assign(job=people["job"]))[:, 1].mean()
    full = model.predict_proba(first.assign(job=only_job["job"]))[:, 1].mean()
    np.testing.assert_allclose(e.values, [[full - base, 0]], atol=1e-12)


def test_either_class_of_two_mirrors_the_other():
    model = LogisticRegression().fit(X, np.where(Y, "good", "bad"))
    how = {"background": X, "output_space": "log-odds"}
    for method in ("linear", "exact_shapley"):
        good = xk.explain(model, X[:4], method=method, **how)
        bad = xk.explain(model, X[:4], method=method, output="bad", **how)
        assert (good.output_name, bad.output_name) == ("good", "bad")
        np.testing.assert_allclose(good.values, -bad.values, atol=1e-12)
        np.testing.assert_allclose(good.base_values, -bad.base_values, atol=1e-12)
    p = model.predict_proba(X[:4])
    np.testing.assert_allclose(good.predictions, np.log(p[:, 1] / p[:, 0]), atol=1e-9)


@pytest.mark.parametrize("method", ["linear", "exact_shapley"])
def test_scores_of_three_classes(method):
    label = np.digitize(X[:, 0], [-0.5, 0.5])
    model = LogisticRegression().fit(X, label)
    e = xk.explain(model, X[:4], background=X, output=2, method=method, output_space="score")
    weights = model.coef_[2]
    np.testing.assert_allclose(e.values, (X[:4] - X.mean(axis=0)) * weights, atol=1e-10)


def test_log_odds_of_a_model_that_gives_only_probabilities():
    model = RandomForestClassifier(20, max_depth=2, random_state=0).fit(X, Y)
    e = xk.explain(model, X[:4], background=X, output_space="log-odds")
    p = model.predict_proba(X[:4])[:, 1]
    assert e.method == "exact_shapley"
    np.testing.assert_allclose(e.predictions, np.log(p / (1 - p)))
    assert np.abs(e.residual).max() < 1e-9


def test_several_outputs_are_named_by_column():
    model = LinearRegression().fit(X, np.column_stack([X[:, 0], 5 * X[:, 1]]))
    e = xk.explain(model, X[:2], background=X, output=1)
    brute = xk.explain(model.predict, X[:2], background=X, output=1)
    assert e.output_name == brute.output_name == "output 1"
    np.testing.assert_allclose(e.values, brute.values, atol=1e-10)
    np.testing.assert_allclose(e.values[:, 1], 5 * (X[:2, 1] - X[:, 1].mean()), atol=1e-10)


@pytest.mark.parametrize("n_samples", [60, 200])
def test_the_same_seed_gives_the_same_numbers_and_leaves_the_global_one(n_samples):
    def f(X):
        return np.sin(X).prod(axis=1) + X[:, 0] * X[:, 5]

    rows = RNG.normal(size=(3, 12))
    how = {"background": RNG.normal(size=(10, 12)), "method": "kernel_shap"}
    how["n_samples"] = n_samples
    before = np.random.get_state()
    first = xk.explain(f, rows, random_state=7, **how)
    again = xk.explain(f, rows, random_state=7, **how)
    other = xk.explain(f, rows, random_state=8, **how)
    with parallel_config(backend="threading", n_jobs=2):
        spread = xk.explain(f, rows, random_state=7, **how)
    after = np.random.get_state()
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.values, spread.values)
    assert np.abs(first.values - other.values).max() > 0
    assert first.estimated
    assert before[2] == after[2]
    np.testing.assert_array_equal(before[1], after[1])
    given = xk.explain(f, rows, random_state=np.random.default_rng(7), **how)
    np.testing.assert_array_equal(first.values, given.values)


def test_the_global_generator_is_put_back_when_the_model_fails():
    def broken(X):
        if len(X) > 3:
            raise RuntimeError("the model broke")
        return X[:, 0]

    before = np.random.get_state()[1].copy()
    with pytest.raises(RuntimeError, match="the model broke"):
        xk.explain(broken, X[:1], background=X[:2], method="kernel_shap", random_state=0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_an_estimate_nears_the_exact_value_with_more_samples():
    def f(X):
        return np.maximum(X, 0).prod(axis=1) + np.abs(X).max(axis=1)

    rows, background = RNG.normal(size=(3, 9)), RNG.normal(size=(12, 9))
    exact = xk.explain(f, rows, background=background, method="exact_shapley")

    def error(n_samples):
        e = xk.explain(
            f,
            rows,
            background=background,
            method="kernel_shap",
            n_samples=n_samples,
            random_state=0,
        )
        return np.abs(e.values - exact.values).max(), e.estimated

    few, many, every = error(40), error(400), error(510)
    assert few[0] > many[0] > every[0]
    assert every[0] < 1e-9
    assert (few[1], many[1], every[1]) == (True, True, False)


def test_kernel_shap_is_silent(capfd):
    xk.explain(
        lambda X: X[:, 0],
        X[:2],
        background=RNG.normal(size=(150, 4)),
        method="kernel_shap",
        random_state=0,
    )
    out, err = capfd.readouterr()
    assert out == err == ""


def test_workers_and_backends_do_not_change_the_numbers():
    def f(X):
        return X[:, 0] * X[:, 1] + X[:, 3]

    alone = xk.explain(f, X, method="exact_shapley")
    np.testing.assert_array_equal(alone.values, xk.explain(f, X, n_jobs=2).values)
    with parallel_config(backend="threading", n_jobs=2):
        np.testing.assert_array_equal(alone.values, xk.explain(f, X).values)


def test_memory_is_bounded_by_asking_in_pieces():
    largest = 0

    def f(X):
        nonlocal largest
        largest = max(largest, X.nbytes)
        return X.sum(axis=1)

    xk.explain(f, np.ones((4, 12)), background=np.zeros((500, 12)), method="exact_shapley")
    assert largest <= 8 * 2**20


def test_x_is_its_own_background_when_it_has_rows_enough():
    model = KNeighborsRegressor().fit(X, X[:, 0])
    own = xk.explain(model, X)
    given = xk.explain(model, X, background=X)
    np.testing.assert_array_equal(own.values, given.values)
    assert "The background is X itself, all 60 rows." in own.why
    assert "The background is the 60 rows given." in given.why


def test_inputs_are_left_as_they_were():
    frame, array = FRAME.copy(), X.copy()
    model = LogisticRegression().fit(frame, Y)
    for method in ("linear", "exact_shapley", "kernel_shap"):
        e = xk.explain(model, frame[:3], background=frame, method=method, random_state=0)
        assert not np.shares_memory(e.data, frame.to_numpy())
    pd.testing.assert_frame_equal(frame, FRAME)
    np.testing.assert_array_equal(array, X)


def test_a_model_that_takes_missing_values_gets_them():
    holed = FRAME.copy()
    holed.iloc[::3, 0] = np.nan
    model = HistGradientBoostingRegressor(max_iter=5).fit(holed, Y)
    e = xk.explain(model, holed[:6], background=holed, method="exact_shapley")
    assert np.abs(e.residual).max() < 1e-9
    assert np.isnan(e.data).any()
    assert xk.Explanation.from_json(e.to_json()).data.shape == e.data.shape

"""Models as people have them: columns, labels, missing values, pipelines in pipelines."""

from dataclasses import replace

import numpy as np
import pandas as pd
import polars
import pytest
from sklearn.cluster import Birch, KMeans, MeanShift
from sklearn.compose import make_column_transformer
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import OneClassSVM
from xgboost import XGBClassifier, XGBRegressor

import xaikit as xk
from xaikit.methods import tree_shap
from xaikit.models.describe import describe

X = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)), columns=list("abc"))
y = (X.a + X.b > 0) * 1
WIDE = X * [10, 100, 1] + 7
NESTED = {
    "a pipeline as the first step": lambda final: make_pipeline(
        make_pipeline(StandardScaler()), final
    ),
    "a pipeline as the last step": lambda final: make_pipeline(
        StandardScaler(), make_pipeline(final)
    ),
    "one in one in one": lambda final: make_pipeline(
        make_pipeline(make_pipeline(StandardScaler(), final))
    ),
    "steps that let rows pass": lambda final: Pipeline(
        [("none", "passthrough"), ("scale", StandardScaler()), ("final", final)]
    ),
}


@pytest.mark.parametrize("nest", NESTED.values(), ids=NESTED)
def test_a_pipeline_in_a_pipeline_has_the_weights_of_the_columns_that_go_in(nest):
    model = nest(Ridge()).fit(WIDE, WIDE.a + WIDE.b / 50)
    e = xk.explain(model, WIDE[:1], background=WIDE[:50])
    assert e.method == "linear"
    # Ridge on 300 rows shrinks by about a third of a percent.
    slopes = np.array([1, 1 / 50, 0])
    closed_form = slopes * (WIDE[:1] - WIDE[:50].mean()).to_numpy()[0]
    assert np.allclose(e.values[0], closed_form, rtol=0.01, atol=0.01)
    exact = xk.explain(model, WIDE[:1], background=WIDE[:50], method="exact_shapley")
    assert np.allclose(e.values, exact.values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("nest", NESTED.values(), ids=NESTED)
def test_the_boundary_behind_a_nested_pipeline_is_where_the_classes_change(nest):
    model = nest(LogisticRegression()).fit(WIDE, y)
    found = xk.boundary.distance(model, WIDE[:20])
    assert found.exact
    assert np.abs(model.predict_proba(found.points)[:, 1] - 0.5).max() < 1e-9


def test_an_inner_pipeline_that_widens_the_table_before_a_forest():
    rooms = X.assign(city=np.where(X.c > 0, "Bonn", "Ulm"))
    encode = make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough")
    model = make_pipeline(make_pipeline(encode), RandomForestClassifier(5, random_state=0))
    e = xk.explain(model.fit(rooms, y), rooms[:2], background=rooms[:20])
    assert e.feature_names == ("a", "b", "c", "city")
    assert not e.estimated


def test_the_refusal_names_the_step_that_is_in_the_way():
    model = make_pipeline(StandardScaler(), PCA(2), RandomForestClassifier(5)).fit(X, y)
    with pytest.raises(ValueError, match="got the step PCA before its RandomForestClassifier"):
        xk.explain(model, X[:1], background=X[:9], method="tree_shap")
    line = make_pipeline(StandardScaler(), PCA(2), Ridge()).fit(X, y)
    with pytest.raises(ValueError, match="got the step PCA before its Ridge"):
        xk.explain(line, X[:1], background=X[:9], method="linear")


LABELS = {
    "KMeans": KMeans(3, n_init=1, random_state=0),
    "Birch": Birch(n_clusters=3),
    "MeanShift": MeanShift(bandwidth=2.0),
    "a vote": VotingClassifier(
        [("a", LogisticRegression()), ("b", RandomForestClassifier(3, random_state=0))]
    ),
}


@pytest.mark.parametrize("model", LABELS.values(), ids=LABELS)
def test_labels_are_not_averaged_as_numbers(model):
    model.fit(X.to_numpy(), y)
    name = type(model).__name__
    with pytest.raises(ValueError, match=rf"{name} gives nothing but labels.*model.predict\(X\)"):
        xk.explain(model, X.to_numpy()[:2], background=X.to_numpy()[:9])
    # The way out that the message names.
    label = model.predict(X.to_numpy())[0]
    e = xk.explain(
        lambda rows: (model.predict(rows) == label) * 1.0,
        X.to_numpy()[:2],
        background=X.to_numpy()[:9],
    )
    assert e.predictions[0] == 1


OUTLIERS = {
    "IsolationForest": IsolationForest(n_estimators=10, random_state=0),
    "OneClassSVM": OneClassSVM(),
    "EllipticEnvelope": EllipticEnvelope(random_state=0),
    "LocalOutlierFactor": LocalOutlierFactor(novelty=True),
}


@pytest.mark.parametrize("model", OUTLIERS.values(), ids=OUTLIERS)
def test_an_outlier_detector_is_explained_by_its_score(model):
    table = X.to_numpy()
    model.fit(table)
    e = xk.explain(model, table[:3], background=table[:20])
    assert (e.output_name, e.output_space) == ("1", "score")
    assert np.allclose(e.predictions, model.decision_function(table[:3]))
    other = xk.explain(model, table[:3], background=table[:20], output=-1)
    assert np.allclose(other.values, -e.values)


@pytest.mark.parametrize("kind", [GaussianMixture, BayesianGaussianMixture])
def test_a_mixture_is_explained_by_the_probability_of_a_component(kind):
    table = X.to_numpy()
    model = kind(n_components=2, random_state=0).fit(table)
    e = xk.explain(model, table[:3], background=table[:20], output=0)
    assert e.output_space == "probability"
    assert np.allclose(e.predictions, model.predict_proba(table[:3])[:, 0])


def test_a_number_that_stands_for_missing_is_one_to_the_trees_too():
    # XGBoost splits no node for less than 1e-6 of loss: it takes many rows of so small a target.
    many = pd.DataFrame(np.random.default_rng(1).normal(size=(40_000, 3)), columns=list("abc"))
    table = many.where(many > -1.0, -999.0)
    model = XGBRegressor(missing=-999, n_estimators=20).fit(table, many.a * 1e-5)
    e = xk.explain(model, table[:20], background=table[:50], method="tree_shap")
    exact = xk.explain(model, table[:20], background=table[:50], method="exact_shapley")
    assert 0 < np.abs(exact.values).max() < 1e-4
    assert np.abs(e.values - exact.values).max() < 1e-5 * np.abs(exact.values).max()


def test_what_is_called_exact_must_add_up_relative_to_its_own_size(monkeypatch):
    """A wrong sum of 1e-5 is small to a threshold of 1e-4, and large to a target of 1e-5."""
    from xaikit.methods import linear

    model = LinearRegression().fit(X, X.a * 1e-5)
    assert not xk.explain(model, X[:5], background=X[:50], method="linear").estimated
    right = linear.METHOD.explain

    def wrong(task):
        result = right(task)
        return result._replace(values=result.values * 1.5)

    monkeypatch.setattr(linear, "METHOD", replace(linear.METHOD, explain=wrong))
    with pytest.raises(ValueError, match="miss the prediction by"):
        xk.explain(model, X[:5], background=X[:50], method="linear")
    e = xk.explain(model, X[:5], background=X[:50])
    assert e.method == "exact_shapley"
    assert "Tried first, linear failed" in e.why


def test_auto_goes_on_where_its_first_choice_refuses():
    model = XGBClassifier(n_estimators=5, booster="gblinear").fit(X, y)
    e = xk.explain(model, X[:2], background=X[:20])
    assert (e.method, e.estimated) == ("exact_shapley", False)
    with pytest.raises(ValueError, match="got XGBClassifier with booster 'gblinear'"):
        xk.explain(model, X[:2], background=X[:20], method="tree_shap")


def test_auto_goes_on_where_its_first_choice_fails(monkeypatch):
    def broken(task, **options):
        raise NotImplementedError("a tree of a kind that nobody has seen")

    monkeypatch.setattr(tree_shap, "METHOD", replace(tree_shap.METHOD, explain=broken))
    model = RandomForestClassifier(3, random_state=0).fit(X, y)
    e = xk.explain(model, X[:2], background=X[:20])
    assert (e.method, e.estimated) == ("exact_shapley", False)
    assert "Tried first, tree_shap failed: a tree of a kind that nobody has seen." in e.why


def test_auto_does_not_hide_what_is_wrong_with_the_model():
    def broken(rows):
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError, match="the database is away"):
        xk.explain(broken, X[:2], background=X[:20])


def test_names_are_kept_where_the_model_was_fitted_on_an_array():
    model = RandomForestClassifier(5, random_state=0).fit(X.to_numpy(), y)
    e = xk.explain(model, X[:2], background=X[:20])
    assert e.feature_names == ("a", "b", "c")
    found = xk.counterfactual(model, X.iloc[0], background=X, random_state=0)
    assert set(found.changes["feature"]) <= {"a", "b", "c"}
    assert model.predict(found.row)[0] == found.prediction
    assert xk.effects.ale(model, X, "b").feature == "b"


def test_missing_values_are_asked_of_the_model():
    gaps = X.mask(X > 1.5)
    takes = HistGradientBoostingClassifier(max_iter=5).fit(gaps, y)
    assert xk.explain(takes, gaps[:3], background=gaps[:20], method="exact_shapley")
    filled = make_pipeline(FunctionTransformer(lambda t: t.fillna(0.0)), LogisticRegression())
    filled.fit(gaps, y)
    assert len(xk.explain(filled, gaps[:30], background=gaps)) == 30
    refuses = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match=r"no missing values.*The model says: ValueError: Input"):
        xk.explain(refuses, gaps, background=X)

    def silent(rows):
        if rows.isna().any(axis=None):
            raise ArithmeticError
        return rows["a"].to_numpy()

    with pytest.raises(ValueError, match=r"no missing values.*ArithmeticError: ArithmeticError"):
        xk.explain(silent, gaps, background=X)
    with pytest.raises(ValueError, match=r"no missing values.*nan is its answer"):
        xk.explain(lambda rows: rows["a"].to_numpy(), gaps, background=X)


def test_two_classes_before_a_softmax_have_labels():
    model = XGBClassifier(objective="multi:softprob", num_class=2, n_estimators=5).fit(X, y)
    found = xk.counterfactual(model, X.iloc[0], background=X, random_state=0)
    assert found.prediction == 1 - describe(model, X).answer(X[:1])[0]


def test_a_booster_is_taken_as_it_is():
    model = XGBClassifier(n_estimators=5).fit(X, y)
    e = xk.explain(model.get_booster(), X[:3], background=X[:20])
    assert np.allclose(e.values, xk.explain(model, X[:3], background=X[:20]).values, atol=1e-6)


def test_a_search_over_xgboost_is_explained_on_the_scale_of_its_trees():
    from sklearn.model_selection import GridSearchCV

    model = GridSearchCV(XGBClassifier(n_estimators=5), {"max_depth": [2, 3]}).fit(X, y)
    e = xk.explain(model, X[:3], background=X[:20])
    assert (e.method, e.output_space) == ("tree_shap", "log-odds")
    margin = model.best_estimator_.predict(X[:3], output_margin=True)
    assert np.allclose(e.predictions, margin)


def test_a_table_of_another_library_keeps_its_names_and_reaches_the_model_as_it_is():
    table = polars.from_pandas(X.assign(city=np.where(X.c > 0, "Bonn", "Ulm")))

    def by_name(rows):
        assert isinstance(rows, polars.DataFrame)
        return (rows["a"] * (rows["city"] == "Bonn")).to_numpy()

    e = xk.explain(by_name, table[:4], background=table[:30])
    assert e.feature_names == ("a", "b", "c", "city")
    same = xk.explain(
        lambda rows: rows["a"] * (rows["city"] == "Bonn"),
        table[:4].to_pandas(),
        background=table[:30].to_pandas(),
    )
    assert np.array_equal(e.values, same.values)
    assert xk.effects.ale(by_name, table, "a").feature == "a"
    found = xk.counterfactual(by_name, table[0], background=table, target=(1, 2), random_state=0)
    assert isinstance(found.row, polars.DataFrame)
    assert 1 <= by_name(found.row)[0] <= 2


def test_levels_of_a_category_that_another_table_lacks():
    from lightgbm import LGBMClassifier

    cities = pd.Categorical(np.where(X.a > 1, "Ulm", np.where(X.c > 0, "Bonn", "Kiel")))
    table = X.assign(city=cities)
    model = LGBMClassifier(n_estimators=5, verbose=-1).fit(table, y)
    few = table[table.city != "Ulm"][:20]
    few = few.assign(city=few.city.cat.remove_unused_categories())
    e = xk.explain(model, table[:5], background=few)
    assert (e.method, e.output_space) == ("tree_shap", "log-odds")
    assert np.allclose(e.predictions, model.predict(table[:5], raw_score=True))
    whole = few.assign(city=pd.Categorical(few.city, categories=table.city.cat.categories))
    assert np.array_equal(e.values, xk.explain(model, table[:5], background=whole).values)

"""Trees behind steps: exact Shapley values of the columns that go in, or the step's name."""

import brute_force
import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn import compose, impute, preprocessing
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest, VarianceThreshold, f_regression
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeRegressor
from xgboost import XGBClassifier, XGBRegressor

import xaikit as xk
from xaikit.models.adapters.sklearn.columns import behind
from xaikit.models.describe import describe

N = 200
RNG = np.random.default_rng(0)
TOWNS = np.array(["Bonn", "Kiel", "Ulm", "Jena", "Hof"])
TOWN = TOWNS[np.minimum(RNG.geometric(0.4, size=N) - 1, 4)]
FRAME = pd.DataFrame(
    {
        "age": np.round(RNG.normal(40, 10, N)),
        "town": TOWN,
        "income": RNG.lognormal(3, 1, N),
        "note": RNG.choice(["red car", "blue car", "red house", "no"], N),
    }
)
TARGET = FRAME.age / 10 * np.log(FRAME.income) + 3.0 * (TOWN == "Kiel") * (FRAME.age > 40)
TARGET = TARGET + 2.0 * FRAME.note.str.contains("red")
HOLED = FRAME.mask(RNG.uniform(size=FRAME.shape) < 0.1).drop(columns="note")
NUMBERS = FRAME[["age", "income"]].assign(third=RNG.normal(size=N), flat=1.0)
TEXT, NUMBER = make_column_selector(dtype_exclude="number"), ["age", "income"]


def encoded(encoder, table=FRAME, numbers="passthrough", **options):
    text = [name for name in table if name not in NUMBER]
    columns = make_column_transformer((encoder, text), (numbers, NUMBER), **options)
    return columns, table


def scaled(scaler):
    return scaler, NUMBERS


IMPUTED = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), ["town"]),
    (SimpleImputer(add_indicator=True), NUMBER),
)
STEPS = {
    "one-hot": encoded(OneHotEncoder()),
    "one-hot, dense, first dropped": encoded(OneHotEncoder(sparse_output=False, drop="first")),
    "one-hot, dropped of two": encoded(OneHotEncoder(drop="if_binary")),
    "one-hot, rare together": encoded(OneHotEncoder(min_frequency=20), sparse_threshold=0),
    "one-hot, rare dropped": encoded(
        OneHotEncoder(max_categories=3, drop="first", handle_unknown="ignore")
    ),
    "ordinal": encoded(OrdinalEncoder()),
    "target": encoded(TargetEncoder(random_state=0)),
    "scalers beside": encoded(OneHotEncoder(), numbers=StandardScaler()),
    "imputers beside": (IMPUTED, HOLED),
    "one-hot of missing": encoded(OneHotEncoder(), table=HOLED, numbers=SimpleImputer()),
    **{
        name: scaled(getattr(preprocessing, name)())
        for name in ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Binarizer")
    },
    "PowerTransformer": scaled(preprocessing.PowerTransformer()),
    "QuantileTransformer": scaled(preprocessing.QuantileTransformer(n_quantiles=50)),
    "bins": (KBinsDiscretizer(4, quantile_method="averaged_inverted_cdf"), NUMBERS[NUMBER]),
    "bins, ordinal": (
        KBinsDiscretizer([2, 5], encode="ordinal", quantile_method="averaged_inverted_cdf"),
        NUMBERS[NUMBER],
    ),
    "splines": (SplineTransformer(include_bias=False), NUMBERS[NUMBER]),
    "logarithm": (FunctionTransformer(np.log1p), NUMBERS[NUMBER]),
    "no function": (FunctionTransformer(), NUMBERS),
    "imputer": (SimpleImputer(add_indicator=True), HOLED[NUMBER]),
    "indicators": (
        make_union(SimpleImputer(), MissingIndicator(features="all")),
        HOLED[NUMBER],
    ),
    "variance": scaled(VarianceThreshold()),
    "best": scaled(SelectKBest(f_regression, k=2)),
    "chosen by a model": scaled(SelectFromModel(DecisionTreeRegressor(random_state=0))),
    "a union": (
        FeatureUnion(
            [("same", "passthrough"), ("none", "drop"), ("log", FunctionTransformer(np.log1p))]
        ),
        NUMBERS[NUMBER],
    ),
    "words of one column": (
        make_column_transformer(
            (CountVectorizer(), "note"), (PCA(1), ["income"]), remainder="passthrough"
        ),
        FRAME[["age", "income", "note"]],
    ),
    "by place": (
        ColumnTransformer(
            [("last", OneHotEncoder(), slice(3, None)), ("none", "drop", [0])],
            remainder=OrdinalEncoder(),
        ),
        FRAME,
    ),
    "by mask and by names from to": (
        ColumnTransformer(
            [
                ("mask", StandardScaler(), np.array([True, False, True, False])),
                ("names", OrdinalEncoder(), slice("town", "town")),
                ("no columns", PCA(), []),
                ("function", OneHotEncoder(), lambda table: ["note"]),
            ]
        ),
        FRAME,
    ),
    "nested": (
        make_pipeline(
            make_column_transformer(
                (make_pipeline(OrdinalEncoder(), make_pipeline(OneHotEncoder())), TEXT),
                remainder=make_union(StandardScaler(), KBinsDiscretizer(
                    3, quantile_method="averaged_inverted_cdf"
                )),
            ),
            VarianceThreshold(0.01),
            preprocessing.MaxAbsScaler(),
        ),
        FRAME,
    ),
    "a search of steps": (
        make_pipeline("passthrough", StandardScaler()),
        NUMBERS,
    ),
}  # fmt: skip
FINAL = {
    "forest": RandomForestRegressor(3, max_depth=5, random_state=0),
    "boosting": GradientBoostingRegressor(n_estimators=5, random_state=0),
}


@pytest.mark.parametrize(
    ("kind", "final"),
    [*((kind, "forest") for kind in STEPS), ("one-hot", "boosting"), ("nested", "boosting")],
)
def test_the_values_are_those_of_the_columns_that_go_in(kind, final):
    step, table = STEPS[kind]
    model = make_pipeline(step, FINAL[final]).fit(table, TARGET)
    rows, background = table.iloc[:2], table.iloc[50:58]
    e = xk.explain(model, rows, background=background)
    assert (e.method, e.estimated) == ("tree_shap", False)
    assert e.feature_names == tuple(table)
    for i in range(len(rows)):
        values, base = brute_force.shapley_values(model.predict, rows.iloc[[i]], background)
        scale = max(np.abs(values).max(), abs(base))
        assert np.abs(e.values[i] - values).max() <= 1e-9 * scale
        assert abs(e.base_values[i] - base) <= 1e-9 * scale


LIBRARIES = {
    "xgboost": (XGBRegressor, XGBClassifier, 1e-6),
    "lightgbm": (LGBMRegressor, LGBMClassifier, 1e-9),
    "catboost": (CatBoostRegressor, CatBoostClassifier, 1e-9),
}


QUIET = {
    "XGB": {"verbosity": 0},
    "LGB": {"verbose": -1},
    "Cat": {"verbose": 0, "allow_writing_files": False},
}


def grown(kind, goal, sparse):
    """Return a small model of a library behind an encoder, fitted, and its step."""
    step, table = encoded(OneHotEncoder(sparse_output=sparse), sparse_threshold=float(sparse))
    few = kind(n_estimators=10, max_depth=3, random_state=0, **QUIET[kind.__name__[:3]])
    model = make_pipeline(step, few).fit(table, goal)
    assert hasattr(step.transform(table), "toarray") == sparse
    return model, table


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("sparse", [True, False])
def test_trees_of_every_library_behind_an_encoder(library, sparse):
    """XGBoost takes what a sparse matrix does not store for missing, and others for zero."""
    regressor, classifier, near = LIBRARIES[library]
    model, table = grown(regressor, TARGET, sparse)
    rows, background = table.iloc[:3], table.iloc[50:62]
    e = xk.explain(model, rows, background=background)
    assert (e.method, e.estimated) == ("tree_shap", False)
    for i in range(len(rows)):
        values, base = brute_force.shapley_values(model.predict, rows.iloc[[i]], background)
        scale = max(np.abs(values).max(), abs(base))
        assert np.abs(e.values[i] - values).max() <= near * scale
    model, _ = grown(classifier, TARGET.gt(TARGET.median()), sparse)
    e = xk.explain(model, rows, background=background, output_space="log-odds")
    all_asked = xk.explain(
        model, rows, background=background, output_space="log-odds", method="exact_shapley"
    )
    assert e.method == "tree_shap"
    np.testing.assert_allclose(e.values, all_asked.values, atol=near * np.abs(e.values).max())


@pytest.mark.parametrize("kind", STEPS)
def test_a_column_that_changes_alone_changes_only_the_columns_behind_it(kind):
    step, table = STEPS[kind]
    fitted = make_pipeline(step).fit(table, TARGET)
    columns = behind(fitted, table.shape[1])
    before = dense(fitted.transform(table))
    assert before.shape[1] == len(columns)
    for j in range(table.shape[1]):
        other = table.copy()
        other[other.columns[j]] = table.iloc[::-1, j].to_numpy()
        after = dense(fitted.transform(other))
        changed = (before != after) & ~(pd.isna(before) & pd.isna(after))
        assert set(columns[changed.any(axis=0)]) <= {j}


def dense(table):
    return np.asarray(table.toarray() if hasattr(table, "toarray") else table)


class MaxAbsScaler(BaseEstimator, TransformerMixin):
    """A step of another library, with a name of scikit-learn's, that mixes columns."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.asarray(X)[:, ::-1]

    def __sklearn_is_fitted__(self):
        return True


IN_THE_WAY = {
    "MaxAbsScaler": MaxAbsScaler(),
    "PCA": PCA(2),
    "PolynomialFeatures": preprocessing.PolynomialFeatures(2),
    "KNNImputer": impute.KNNImputer(),
    "Normalizer": preprocessing.Normalizer(),
    "FunctionTransformer": FunctionTransformer(lambda table: table - table.mean(axis=1).mean()),
    "PCA, nested": make_pipeline(
        StandardScaler(), ColumnTransformer([("both", PCA(2), [0, 1])], remainder="passthrough")
    ),
}


@pytest.mark.parametrize("kind", IN_THE_WAY)
def test_a_step_that_mixes_columns_is_named(kind):
    model = make_pipeline(IN_THE_WAY[kind], FINAL["forest"]).fit(NUMBERS, TARGET)
    name = kind.partition(",")[0]
    found = describe(model, NUMBERS)
    assert found.trees is None
    assert found.lacks["trees"] == f"the step {name} before its RandomForestRegressor"
    e = xk.explain(model, NUMBERS[:1], background=NUMBERS[:9])
    assert e.method != "tree_shap"


def test_a_transformer_that_lies_about_its_width_is_in_the_way():
    class StandardScaler(preprocessing.StandardScaler):
        def transform(self, X):
            return np.column_stack([super().transform(X)] * 2)

    model = make_pipeline(StandardScaler(), FINAL["forest"]).fit(NUMBERS, TARGET)
    assert "StandardScaler" in describe(model, NUMBERS).lacks["trees"]


@pytest.mark.parametrize("kind", ["text", "numbers"])
def test_categories_of_histogram_boosting(kind):
    """Missing and unknown categories too, and a column of categories that is not the first."""
    table = HOLED.assign(town=HOLED.town.astype("category"))
    if kind == "numbers":
        table = table.assign(town=table.town.cat.codes.where(table.town.notna()).astype(float))
    model = HistGradientBoostingRegressor(
        max_iter=8, min_samples_leaf=3, categorical_features=["town"]
    )
    model.fit(table.iloc[:150], (TARGET + 9.0 * (TOWN == "Kiel"))[:150])
    rows, background = table.iloc[150:154].copy(), table.iloc[:12]
    if kind == "numbers":
        rows.iloc[0, 1] = 17.0  # a town that nobody knows
    trees = describe(model, table).trees.trees(0)[0]
    assert any(tree.categories for tree in trees)
    e = xk.explain(model, rows, background=background)
    assert e.method == "tree_shap"
    for i in range(len(rows)):
        values, _ = brute_force.shapley_values(model.predict, rows.iloc[[i]], background)
        assert np.abs(e.values[i] - values).max() <= 1e-9 * np.abs(TARGET).max()
    with pytest.raises(ValueError, match="not offered for the trees of this Hist"):
        xk.explain(model, rows, method="tree_shap", feature_perturbation="tree_path_dependent")


def test_categories_behind_a_step_that_moves_columns():
    """The encoder puts the town first, the boosting inside puts the last column before it."""
    step = ColumnTransformer(
        [("town", OrdinalEncoder(), ["town"]), ("numbers", "passthrough", ["income", "age"])]
    )
    final = HistGradientBoostingRegressor(max_iter=8, min_samples_leaf=3, categorical_features=[2])
    table = FRAME[["age", "town", "income"]].assign(age=np.minimum(FRAME.age // 10, 5))
    model = make_pipeline(step, final).fit(table, 9.0 * (table.age == 3) + (TOWN == "Kiel"))
    e = xk.explain(model, table[:3], background=table[20:32])
    assert e.method == "tree_shap"
    assert (np.abs(e.values[:, 0]) > np.abs(e.values[:, 2])).all()
    for i in range(3):
        values, _ = brute_force.shapley_values(model.predict, table.iloc[[i]], table[20:32])
        assert np.abs(e.values[i] - values).max() <= 1e-9 * np.abs(values).max()


def test_path_dependent_values_are_of_the_columns_too_where_there_is_one_for_each():
    swapped = ColumnTransformer(
        [("b", "passthrough", ["income"]), ("a", StandardScaler(), ["age"])]
    )
    options = {"method": "tree_shap", "feature_perturbation": "tree_path_dependent"}
    model = make_pipeline(swapped, FINAL["forest"]).fit(NUMBERS[NUMBER], TARGET)
    e = xk.explain(model, NUMBERS[NUMBER][:5], **options)
    bare = FINAL["forest"].fit(swapped.transform(NUMBERS[NUMBER]), TARGET)
    inner = xk.explain(bare, swapped.transform(NUMBERS[NUMBER][:5]), **options)
    np.testing.assert_allclose(e.values, inner.values[:, ::-1], rtol=1e-6)
    several = make_pipeline(STEPS["one-hot"][0], FINAL["forest"]).fit(FRAME, TARGET)
    with pytest.raises(ValueError, match="make several of one column that goes in"):
        xk.explain(several, FRAME[:5], **options)


def test_a_search_over_a_pipeline_is_explained_as_what_it_found():
    pipeline = Pipeline([("encode", STEPS["one-hot"][0]), ("trees", FINAL["boosting"])])
    model = GridSearchCV(pipeline, {"trees__max_depth": [2, 3]}, cv=2).fit(FRAME, TARGET)
    e = xk.explain(model, FRAME[:2], background=FRAME[:20])
    exact = xk.explain(model, FRAME[:2], background=FRAME[:20], method="exact_shapley")
    assert e.method == "tree_shap"
    np.testing.assert_allclose(e.values, exact.values, rtol=1e-9, atol=1e-9)


def test_steps_that_give_frames():
    columns = compose.make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["town", "note"]), remainder="passthrough"
    ).set_output(transform="pandas")
    model = make_pipeline(columns, FINAL["boosting"]).fit(FRAME, TARGET)
    e = xk.explain(model, FRAME[:2], background=FRAME[:20])
    exact = xk.explain(model, FRAME[:2], background=FRAME[:20], method="exact_shapley")
    assert e.method == "tree_shap"
    np.testing.assert_allclose(e.values, exact.values, rtol=1e-9, atol=1e-9)

"""Forests and one-hot columns that are asked without scikit-learn's toll give the same bits."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from xaikit.models.adapters.sklearn.one_hot import SideBySide, transform_of
from xaikit.models.describe import describe

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(150, 4))
GAPS = np.where(RNG.uniform(size=NUMBERS.shape) < 0.1, np.nan, NUMBERS)
LABELS = np.array(["no", "some", "yes"])[RNG.integers(3, size=150)]
CLASSIFIERS = [RandomForestClassifier, ExtraTreesClassifier]
REGRESSORS = [RandomForestRegressor, ExtraTreesRegressor]


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("labels", [LABELS, LABELS == "yes"])
@pytest.mark.parametrize("rows", [NUMBERS, GAPS], ids=["all numbers", "missing"])
def test_a_forest_of_classes(kind, labels, rows):
    forest = kind(7, max_depth=5, random_state=0).fit(rows, labels)
    described = describe(forest)
    assert described.answer != forest.predict
    np.testing.assert_array_equal(described.answer(rows), forest.predict(rows))
    probability = described.scales["probability"].function(rows)
    np.testing.assert_array_equal(probability, forest.predict_proba(rows))


@pytest.mark.parametrize("kind", REGRESSORS)
@pytest.mark.parametrize("criterion", ["squared_error", "absolute_error"])
def test_a_forest_of_numbers(kind, criterion):
    y = NUMBERS[:, 0] + NUMBERS[:, 1] ** 2
    forest = kind(7, criterion=criterion, random_state=0).fit(NUMBERS, y)
    described = describe(forest)
    for function in (described.answer, described.scales["prediction"].function):
        np.testing.assert_array_equal(function(NUMBERS), forest.predict(NUMBERS))
        np.testing.assert_array_equal(function(csr_matrix(NUMBERS)), forest.predict(NUMBERS))


def test_a_forest_refuses_what_it_refuses_itself():
    table = pd.DataFrame(NUMBERS, columns=list("abcd"))
    answer = describe(RandomForestClassifier(3, random_state=0).fit(table, LABELS)).answer
    with pytest.raises(ValueError, match="feature names"):
        answer(table.rename(columns={"a": "z"}))
    with pytest.raises(ValueError, match="infinity"):
        answer(table.mask(table > 1, np.inf))


def test_forests_that_do_something_else_are_asked_themselves():
    class Own(RandomForestClassifier):
        def predict_proba(self, X):
            return 1 - super().predict_proba(X)

    for forest in (Own(3), RandomForestClassifier(3, n_jobs=2)):
        forest.fit(NUMBERS, LABELS)
        assert describe(forest).answer == forest.predict
    two = RandomForestRegressor(3).fit(NUMBERS, NUMBERS[:, :2])
    assert describe(two).answer == two.predict


COLOUR = np.array(["red", "blue", "green", "grey"])[
    RNG.choice(4, size=150, p=[0.4, 0.3, 0.28, 0.02])
]
COLOUR[:4] = ["red", "blue", "green", "grey"]
TABLE = pd.DataFrame(
    {
        "length": NUMBERS[:, 0],
        "colour": COLOUR,
        "rooms": RNG.integers(1, 5, size=150),
        "city": pd.Categorical(np.array(["Bonn", "Ulm"])[RNG.integers(2, size=150)]),
        "note": np.where(RNG.uniform(size=150) < 0.2, None, COLOUR),
    }
)
WORDS = ["colour", "city", "note"]
ENCODERS = {
    "plain": OneHotEncoder(),
    "dense": OneHotEncoder(sparse_output=False, dtype=np.float32),
    "first dropped": OneHotEncoder(drop="first"),
    "of two dropped": OneHotEncoder(drop="if_binary"),
    "rare together": OneHotEncoder(min_frequency=10, handle_unknown="infrequent_if_exist"),
    "rare, dropped": OneHotEncoder(max_categories=3, drop="first"),
    "unknown ignored": OneHotEncoder(handle_unknown="ignore"),
}


def beside(encoder, columns=WORDS):
    scaled = (StandardScaler(), ["length"])
    return make_column_transformer(
        (encoder, columns), scaled, remainder="passthrough", sparse_threshold=0
    )


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("columns", [WORDS, [*WORDS, "rooms"], [1, 3, 4], slice("rooms", "note")])
def test_columns_that_are_looked_up(name, columns):
    step = beside(ENCODERS[name], columns).fit(TABLE)
    quick = transform_of(step)
    assert isinstance(quick, SideBySide)
    for rows in (TABLE, TABLE.iloc[[3]], TABLE.iloc[::-7], TABLE.astype({"city": str})):
        found, wanted = quick(rows), step.transform(rows)
        assert type(found) is type(wanted)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


def test_a_level_that_is_new_is_left_to_the_encoder():
    new = TABLE.iloc[:5].assign(colour=["red", "pink", "blue", "red", "red"])
    for name in ("unknown ignored", "rare together"):
        step = beside(ENCODERS[name]).fit(TABLE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.testing.assert_array_equal(transform_of(step)(new), step.transform(new))
    with pytest.raises(ValueError, match="unknown categories"):
        transform_of(beside(OneHotEncoder()).fit(TABLE))(new)


def test_other_tables_go_through_the_whole_step():
    step = beside(OneHotEncoder()).fit(TABLE)
    turned = TABLE[TABLE.columns[::-1]]
    np.testing.assert_array_equal(transform_of(step)(turned), step.transform(turned))
    with pytest.raises(ValueError, match="missing"):
        transform_of(step)(TABLE.drop(columns="city"))


def test_steps_whose_results_are_no_plain_arrays_are_left_alone():
    names = beside(OneHotEncoder(sparse_output=False)).set_output(transform="pandas")
    steps = [
        beside(OneHotEncoder()).set_params(sparse_threshold=1.0),
        names,
        beside(OneHotEncoder()).set_params(transformer_weights={"standardscaler": 2.0}),
        beside(StandardScaler(), ["rooms"]).set_params(remainder="drop"),
    ]
    for step in steps:
        assert not isinstance(transform_of(step.fit(TABLE)), SideBySide)


def test_columns_that_are_chosen_when_the_step_is_fitted():
    step = beside(OneHotEncoder(), make_column_selector(dtype_exclude="number")).fit(TABLE)
    quick = transform_of(step)
    assert isinstance(quick, SideBySide)
    np.testing.assert_array_equal(quick(TABLE), step.transform(TABLE))


def test_a_pipeline_answers_through_them():
    model = make_pipeline(beside(OneHotEncoder()), RandomForestClassifier(5, random_state=0))
    model.fit(TABLE, LABELS)
    described = describe(model, TABLE)
    np.testing.assert_array_equal(described.answer(TABLE), model.predict(TABLE))
    probability = described.scales["probability"].function(TABLE)
    np.testing.assert_array_equal(probability, model.predict_proba(TABLE))

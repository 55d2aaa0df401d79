"""Bikes, wines, hearts, arrests and diabetes are what they are said to be."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier

from xaikit import datasets

TABLES = {
    "arrests": (5226, 7),
    "bike": (17379, 12),
    "diabetes": (442, 10),
    "hearts": (297, 13),
    "wine": (178, 13),
}


@pytest.mark.parametrize(("name", "shape"), TABLES.items())
def test_a_table_is_tidy_and_complete(name, shape):
    data = getattr(datasets, name)()
    assert data.X.shape == shape
    assert data.feature_names == tuple(data.X.columns)
    assert data.X.index.equals(data.y.index)
    assert not data.X.isna().any().any()
    assert not data.y.isna().any()
    assert all(
        pd.api.types.is_numeric_dtype(kind) or isinstance(kind, pd.CategoricalDtype)
        for kind in data.X.dtypes
    )


@pytest.mark.parametrize("name", TABLES)
def test_a_set_says_where_it_comes_from_and_what_is_wrong_with_it(name):
    data = getattr(datasets, name)()
    assert data.truth is None
    assert "What is wrong with it" in data.description
    assert "https://doi.org/10." in data.source
    assert data.licence
    assert f"{len(data.X):,}" in repr(data)


@pytest.mark.parametrize("name", TABLES)
def test_a_learner_cannot_spoil_the_next_call(name):
    load = getattr(datasets, name)
    first, second = load(), load()
    column = first.X.columns[0]
    first.X.loc[0, column] = first.X.loc[1, column]
    del first.X[first.X.columns[1]]
    first.y.iloc[0] = first.y.max() + 1
    pd.testing.assert_frame_equal(load().X, second.X)
    pd.testing.assert_series_equal(load().y, second.y)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("arrests", {"held": 892, "released": 4334}),
        ("hearts", {"diagnosis 0 or 1": 214, "diagnosis 2 to 4": 83}),
        ("wine", {"Barolo": 59, "Grignolino": 71, "Barbera": 48}),
    ],
)
def test_classes_are_counted_as_published(name, counts):
    data = getattr(datasets, name)()
    assert data.y.dtype == np.int64
    assert data.y.map(dict(enumerate(data.target_names))).value_counts().to_dict() == counts


def test_hearts_one_is_a_diagnosis_of_two_or_more():
    data = datasets.hearts()
    # The first ten lines of UCI's processed.cleveland.data have the diagnoses
    # 0 2 1 0 0 0 3 0 2 1: patients 3 and 10 are ill to UCI and 0 here.
    assert data.y[:10].tolist() == [0, 1, 0, 0, 0, 0, 1, 0, 1, 0]
    assert data.X["age"][:10].tolist() == [63, 67, 67, 37, 41, 56, 62, 57, 63, 53]
    # Of UCI's 297 complete rows 160, 54, 35, 35 and 13 have the diagnoses 0 to 4.
    assert data.y.sum() == 35 + 35 + 13
    # The ill have more vessels that are narrowed, and a lower highest heart rate.
    means = data.X.groupby(data.y)[["ca", "thalach"]].mean()
    assert means.loc[1, "ca"] > means.loc[0, "ca"] + 0.8
    assert means.loc[1, "thalach"] < means.loc[0, "thalach"] - 15


@pytest.mark.parametrize(
    ("column", "counts"),
    [
        (
            "cp",
            {
                "asymptomatic": 142,
                "non-anginal pain": 83,
                "atypical angina": 49,
                "typical angina": 23,
            },
        ),
        ("thal", {"normal": 164, "reversible defect": 115, "fixed defect": 18}),
        ("restecg", {"normal": 147, "left ventricular hypertrophy": 146, "ST-T abnormality": 4}),
        ("slope", {"upsloping": 139, "flat": 137, "downsloping": 21}),
        ("sex", {"male": 201, "female": 96}),
    ],
)
def test_hearts_marginals_are_those_of_uci_s_complete_rows(column, counts):
    assert datasets.hearts().X[column].value_counts().to_dict() == counts


def test_hearts_patients_without_chest_pain_are_the_sickest_here():
    data = datasets.hearts()
    share = data.y.groupby(data.X["cp"], observed=True).mean()
    assert share.idxmax() == "asymptomatic"


def test_bike_seasons_have_their_own_names():
    X = datasets.bike().X
    season = X.groupby("month")["season"].agg(lambda s: s.mode()[0])
    assert [season[month] for month in (1, 4, 7, 10)] == ["winter", "spring", "summer", "autumn"]


def test_bike_temperatures_are_those_of_washington():
    X = datasets.bike().X
    mean = X.groupby("month")["temp"].mean()
    # Normal means at the airport are 3 degrees in January and 27 in July.
    assert mean[1] == pytest.approx(3, abs=1.5)
    assert mean[7] == pytest.approx(27, abs=1.5)
    assert (X["temp"].min(), X["temp"].max()) == (-7.06, 39.0)
    assert (X["feel_temp"].min(), X["feel_temp"].max()) == (-16.0, 50.0)


def test_bike_is_what_its_description_says():
    data = datasets.bike()
    X, y = data.X, data.y
    assert (y.min(), y.max(), y.sum()) == (1, 977, 3_292_679)
    # 1 January 2011 was a Saturday.
    assert X.loc[0, ["year", "month", "hour", "weekday"]].tolist() == [2011, 1, 0, 6]
    assert len(X) == 2 * 365 * 24 + 24 - 165
    by_year = y.groupby(X["year"]).sum()
    assert by_year[2012] / by_year[2011] == pytest.approx(1.65, abs=0.01)
    dry = X[X["humidity"] == 0]
    assert len(dry) == 22
    assert set(zip(dry["year"], dry["month"], strict=True)) == {(2011, 3)}
    stuck = X[X["temp"] - X["feel_temp"] > 15]
    assert len(stuck) == 24
    assert set(zip(stuck["year"], stuck["month"], stuck["feel_temp"], strict=True)) == {
        (2012, 8, 0.0)
    }
    assert (X["weather"] == "heavy_rain").sum() == 3
    # People ride in the daytime, and more when it is warm.
    hourly = y.groupby(X["hour"]).mean()
    assert (hourly.idxmax(), hourly.idxmin()) == (17, 4)
    assert X["temp"].corr(y) > 0.3


def test_wine_classes_are_easily_told_apart():
    data = datasets.wine()
    two = data.X[["flavanoids", "color_intensity"]]
    tree = DecisionTreeClassifier(max_leaf_nodes=4, random_state=0)
    assert cross_val_score(tree, two, data.y, cv=5).mean() > 0.85
    # Barolo is the strongest; Barbera has the fewest flavanoids.
    means = data.X.groupby(data.y)[["alcohol", "flavanoids"]].mean()
    assert (means["alcohol"].idxmax(), means["flavanoids"].idxmin()) == (0, 2)
    assert data.X["total_phenols"].corr(data.X["flavanoids"]) > 0.85


def test_arrests_one_is_released():
    data = datasets.arrests()
    share = data.y.groupby(data.X["colour"], observed=True).mean()
    assert share.round(3).to_dict() == {"Black": 0.741, "White": 0.858}
    # Those known to more databases are held more often.
    assert data.y.corr(data.X["checks"]) < -0.2
    assert data.y.groupby(data.X["employed"], observed=True).mean().diff()["Yes"] > 0.1
    assert (data.X["checks"].min(), data.X["checks"].max()) == (0, 6)
    assert data.X.assign(y=data.y).duplicated().sum() == 2347
    assert data.X["year"].value_counts().nsmallest(2).to_dict() == {2002: 277, 1997: 492}


def test_diabetes_is_in_its_own_units():
    data = datasets.diabetes()
    # The first patient of Efron and others' table.
    first = [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87]
    assert data.X.loc[0].tolist() == first
    assert (data.y[0], data.y.min(), data.y.max()) == (151, 25, 346)
    # More is worse: it rises with the body mass index.
    assert data.X["bmi"].corr(data.y) > 0.5
    assert data.X["sex"].dtype == np.int64
    assert data.X["sex"].value_counts().to_dict() == {1: 235, 2: 207}
    score = LinearRegression().fit(data.X, data.y).score(data.X, data.y)
    assert score == pytest.approx(0.52, abs=0.01)


def test_diabetes_serum_measures_are_computed_from_one_another():
    X = datasets.diabetes().X
    triglycerides = 5 * (X["s1"] - X["s2"] - X["s3"])
    np.testing.assert_allclose(np.log(triglycerides), X["s5"], atol=0.03)
    rounded = (X["s4"] - (X["s1"] / X["s3"]).round()).abs() < 0.01
    assert rounded.mean() > 0.8


def test_tables_are_read_without_the_packages_that_carry_them():
    code = (
        "import sys; from xaikit import datasets; datasets.bike(); datasets.hearts(); "
        "datasets.arrests(); sys.exit(', '.join({'shapiq', 'sklego'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

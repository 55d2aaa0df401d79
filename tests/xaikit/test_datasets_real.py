"""The real data are what they are said to be, and their outcomes run the right way."""

import hashlib
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from xaikit import datasets
from xaikit.core.packaged import packaged_file

pytestmark = pytest.mark.slow

TABLES = {
    "breast_cancer": (569, 30),
    "california_housing": (20640, 8),
    "adult": (48842, 14),
    "german_credit": (1000, 9),
}
IMAGES = {"digits": (1797, 8, 8), "mnist": (5000, 28, 28)}


@pytest.mark.parametrize(("name", "shape"), TABLES.items())
def test_a_table_is_tidy_and_complete(name, shape):
    data = getattr(datasets, name)()
    assert data.X.shape == shape
    assert data.feature_names == tuple(data.X.columns)
    assert isinstance(data.y, pd.Series)
    assert data.X.index.equals(data.y.index)
    assert not data.X.isna().any().any()
    assert not data.y.isna().any()
    assert all(
        pd.api.types.is_numeric_dtype(kind) or isinstance(kind, pd.CategoricalDtype)
        for kind in data.X.dtypes
    )
    assert not any(data.X[c].cat.categories.isna().any() for c in data.X.select_dtypes("category"))


@pytest.mark.parametrize(("name", "shape"), IMAGES.items())
def test_images_are_floats_from_paper_to_ink(name, shape):
    data = getattr(datasets, name)()
    assert data.X.shape == shape
    assert data.feature_names is None
    assert (data.X.dtype, data.X.min(), data.X.max()) == (np.float64, 0.0, 1.0)
    assert np.array_equal(np.unique(data.y), np.arange(10))
    # Paper surrounds the ink: the corners of an inverted image would be bright.
    assert data.X[:, [0, 0, -1, -1], [0, -1, 0, -1]].mean() < 0.02
    # Seven in ten have the label that the nearest class mean gives: labels match images.
    means = np.array([data.X[data.y == digit].mean(axis=0).ravel() for digit in range(10)])
    rows = data.X.reshape(len(data.X), -1)
    nearest = np.argmin((means**2).sum(axis=1) - 2 * rows @ means.T, axis=1)
    assert (nearest == data.y).mean() > 0.7


@pytest.mark.parametrize("name", [*TABLES, *IMAGES])
def test_a_set_says_where_it_comes_from_and_what_is_wrong_with_it(name):
    data = getattr(datasets, name)()
    assert data.truth is None
    assert "What is wrong with it" in data.description
    assert "https://doi.org/10." in data.source
    assert data.licence
    assert f"{len(data.X):,}" in repr(data)


@pytest.mark.parametrize("name", [*TABLES, *IMAGES])
def test_a_learner_cannot_spoil_the_next_call(name):
    load = getattr(datasets, name)
    first, second = load(), load()
    if isinstance(first.X, np.ndarray):
        first.X[0] = 99.0
        first.y[0] = 99
        assert not np.array_equal(first.X, second.X)
        assert np.array_equal(load().X, second.X)
        assert np.array_equal(load().y, second.y)
    else:
        column = first.X.columns[0]
        first.X.loc[0, column] = first.X.loc[1, column]
        del first.X[first.X.columns[1]]
        first.y.iloc[0] = first.y.max() + 1
        pd.testing.assert_frame_equal(load().X, second.X)
        pd.testing.assert_series_equal(load().y, second.y)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("breast_cancer", {"malignant": 212, "benign": 357}),
        ("adult", {"at most 50K": 37155, "above 50K": 11687}),
        ("german_credit", {"bad": 300, "good": 700}),
    ],
)
def test_classes_are_counted_as_published(name, counts):
    data = getattr(datasets, name)()
    assert data.y.dtype == np.int64
    assert data.y.map(dict(enumerate(data.target_names))).value_counts().to_dict() == counts


def test_breast_cancer_one_is_benign():
    data = datasets.breast_cancer()
    # Malignant nuclei are larger: 17.46 against 12.15 on average (Wolberg et al.).
    means = data.X.groupby(data.y)["mean radius"].mean()
    assert means.round(2).to_dict() == {0: 17.46, 1: 12.15}


def test_california_dearer_where_people_earn_more():
    data = datasets.california_housing()
    assert data.X["MedInc"].corr(data.y) > 0.68
    assert (data.y.max(), (data.y == data.y.max()).sum()) == (5.00001, 965)
    assert data.X["HouseAge"].max() == 52
    assert data.X["AveRooms"].max() == pytest.approx(141.9, abs=0.05)
    assert data.X["AveOccup"].max() == pytest.approx(1243.3, abs=0.05)
    # The first block group is in the Berkeley hills.
    assert data.X.loc[0, ["Latitude", "Longitude"]].tolist() == [37.88, -122.23]


def test_adult_one_is_the_higher_income():
    data = datasets.adult()
    share = data.y.groupby(data.X["education"], observed=True).mean()
    assert share["Doctorate"] > 10 * share["11th"]
    assert data.X["capital-gain"].max() == 99_999
    assert data.X["sex"].value_counts().to_dict() == {"Male": 32650, "Female": 16192}


def test_adult_missing_answers_are_a_level_of_their_own():
    X = datasets.adult().X
    unknown = {c: int((X[c] == "Unknown").sum()) for c in X.select_dtypes("category")}
    assert {c: n for c, n in unknown.items() if n} == {
        "workclass": 2799,
        "occupation": 2809,
        "native-country": 857,
    }


def test_adult_education_is_ordered_as_its_number():
    X = datasets.adult().X
    assert X["education"].cat.ordered
    assert (X["education"].cat.codes + 1).equals(X["education-num"].astype("int8"))


def test_german_credit_one_is_repaid():
    data = datasets.german_credit()
    # Bad loans are the longer and larger ones (UCI's german.data, code 2).
    duration = data.X.groupby(data.y)["duration"].mean()
    amount = data.X.groupby(data.y)["credit_amount"].mean()
    assert duration.round(2).to_dict() == {0: 24.86, 1: 19.21}
    assert amount.round(1).to_dict() == {0: 3938.1, 1: 2985.5}


def test_german_credit_is_uci_s_table_row_by_row():
    X, y = (data := datasets.german_credit()).X, data.y
    # The first two lines of UCI's german.data: A11 6 A43 1169 A65 A93 67 A152 A173 1 and
    # A12 48 A43 5951 A61 A92 22 A152 A173 2.
    assert X.loc[0].to_dict() | {"risk": y[0]} == {
        "checking_account": "below 0 DM",
        "duration": 6,
        "purpose": "radio/television",
        "credit_amount": 1169,
        "saving_accounts": "unknown or none",
        "sex": "male",
        "age": 67,
        "housing": "own",
        "job": "skilled",
        "risk": 1,
    }
    assert X.loc[1].to_dict() | {"risk": y[1]} == {
        "checking_account": "0 to 200 DM",
        "duration": 48,
        "purpose": "radio/television",
        "credit_amount": 5951,
        "saving_accounts": "below 100 DM",
        "sex": "female",
        "age": 22,
        "housing": "own",
        "job": "skilled",
        "risk": 0,
    }


@pytest.mark.parametrize(
    ("column", "counts"),
    [
        (
            "checking_account",
            {"none": 394, "below 0 DM": 274, "0 to 200 DM": 269, "200 DM or more": 63},
        ),
        (
            "saving_accounts",
            {
                "below 100 DM": 603,
                "unknown or none": 183,
                "100 to 500 DM": 103,
                "500 to 1000 DM": 63,
                "1000 DM or more": 48,
            },
        ),
        ("housing", {"own": 713, "rent": 179, "for free": 108}),
        (
            "job",
            {
                "skilled": 630,
                "unskilled, resident": 200,
                "highly skilled": 148,
                "unskilled, non-resident": 22,
            },
        ),
        ("sex", {"male": 690, "female": 310}),
    ],
)
def test_german_credit_marginals_are_uci_s(column, counts):
    assert datasets.german_credit().X[column].value_counts().to_dict() == counts


def test_german_credit_file_is_the_one_described():
    folder = files("xaikit.datasets").joinpath("data")
    table = folder.joinpath("german_credit.csv").read_bytes()
    assert hashlib.sha256(table).hexdigest() in folder.joinpath("README.md").read_text("utf-8")


def test_tables_are_read_without_the_packages_that_carry_them():
    code = (
        "import sys; from xaikit import datasets; datasets.adult(); datasets.california_housing(); "
        "datasets.mnist(); datasets.german_credit(); "
        "sys.exit(', '.join({'shapiq', 'mlxtend', 'torch', 'shap'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("package", "parts", "message"),
    [
        ("no_such_package", ("a.csv",), r'not installed: pip install "xaikit\[course\]"'),
        ("sklearn", ("no", "such.csv"), r'carry no/such.csv.*pip install "xaikit\[course\]"'),
    ],
)
def test_a_missing_table_says_what_to_install(package, parts, message):
    with pytest.raises(ImportError, match=message):
        packaged_file(package, *parts)

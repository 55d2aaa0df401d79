"""Real tables: patients, houses, incomes and loans."""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np
import pandas as pd

from xaikit.datasets._dataset import Dataset
from xaikit.datasets._packaged import packaged_table

# fmt: off
_EDUCATION = [
    "Preschool", "1st-4th", "5th-6th", "7th-8th", "9th", "10th", "11th", "12th", "HS-grad",
    "Some-college", "Assoc-voc", "Assoc-acdm", "Bachelors", "Masters", "Prof-school", "Doctorate",
]
# fmt: on

# The levels that have an order, in that order; "none" and "unknown" have no place in one.
_GERMAN_LEVELS = {
    "checking_account": ["none", "below 0 DM", "0 to 200 DM", "200 DM or more"],
    "saving_accounts": [
        "unknown or none",
        "below 100 DM",
        "100 to 500 DM",
        "500 to 1000 DM",
        "1000 DM or more",
    ],
    "job": ["unskilled, non-resident", "unskilled, resident", "skilled", "highly skilled"],
}


def breast_cancer() -> Dataset:
    """Load 569 biopsies of breast masses with 30 measures of the cell nuclei.

    Returns
    -------
    Dataset
        y is 0 for malignant (212 rows) and **1 for benign** (357 rows).

    Notes
    -----
    A larger `mean radius` speaks against class 1: an explanation of class 1 in which
    it counts *for* the class has its outcome the wrong way round.

    Source: Wolberg, W., Mangasarian, O., Street, N. and Street, W. (1993),
    DOI 10.24432/C5DW2B.

    Taught in: global/decision-boundaries, trust/truth.

    Examples
    --------
    >>> data = breast_cancer()
    >>> data.X.groupby(data.y)["mean radius"].mean().round(1).to_dict()
    {0: 17.5, 1: 12.1}
    """
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer(as_frame=True)
    return Dataset(
        X=bunch.data,
        y=bunch.target.astype(np.int64),
        feature_names=tuple(bunch.data.columns),
        target_names=tuple(str(name) for name in bunch.target_names),
        description=(
            "Biopsies (fine needle aspirates) of breast masses: mean, standard error and worst "
            "(mean of the three largest) of ten measures of the cell nuclei in a digitised "
            "image; lengths in units of the image. y: 0 = malignant, 1 = benign. What is wrong "
            "with it: one clinic around 1990; 37% malignant, far more than in screening; the "
            "outlines were fitted from rough sketches by hand; radius, perimeter and area measure "
            "one thing, so that how an attribution is shared among them is arbitrary."
        ),
        source=(
            "Wolberg, W., Mangasarian, O., Street, N. and Street, W. (1993). Breast Cancer "
            "Wisconsin (Diagnostic). UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C5DW2B. Carried by scikit-learn."
        ),
        licence="CC BY 4.0",
    )


def california_housing() -> Dataset:
    """Load 20,640 Californian block groups of the 1990 census with their house values.

    Returns
    -------
    Dataset
        y is the median house value in units of 100,000 dollars of 1990.

    Raises
    ------
    ImportError
        If shapiq, which carries the table, is not installed.

    Notes
    -----
    Source: Pace, R. K. and Barry, R. (1997), DOI 10.1016/S0167-7152(96)00140-X.

    Taught in: local/shapley, local/shap.

    Examples
    --------
    >>> data = california_housing()
    >>> float(data.X["MedInc"].corr(data.y).round(2))
    0.69
    """
    table = packaged_table("shapiq", "datasets", "data", "california_housing.csv")
    outcome = "MedHouseVal"
    X = table.drop(columns=outcome)
    return Dataset(
        X=X,
        y=table[outcome].copy(),
        feature_names=tuple(X.columns),
        target_names=("median house value (100,000 US dollars)",),
        description=(
            "Block groups (600 to 3,000 people as a rule) of the 1990 US census. MedInc: median "
            "income in 10,000 dollars; HouseAge: median age in years; AveRooms, AveBedrms: mean "
            "per household; Population: people; AveOccup: people per household. y: median house "
            "value in 100,000 dollars. What is wrong with it: values are cut off at 5.00001 (965 "
            "rows) and ages at 52; rows are places, not houses or people; averages per household "
            "reach 142 rooms and 1,243 people where few people live; neighbours are alike, so "
            "that a random split flatters a model."
        ),
        source=(
            "Pace, R. K. and Barry, R. (1997). Sparse spatial autoregressions. Statistics & "
            "Probability Letters 33(3), 291–297. "
            "https://doi.org/10.1016/S0167-7152(96)00140-X. Carried by shapiq."
        ),
        licence="None stated (figures of the 1990 US census, by way of StatLib)",
    )


def adult() -> Dataset:
    """Load 48,842 answers to the 1994 US census survey, and who earned above 50,000 dollars.

    Returns
    -------
    Dataset
        y is 1 above 50,000 dollars a year (11,687 rows) and 0 otherwise. Missing answers
        (2,799 for workclass, 2,809 for occupation, 857 for native-country) are the level
        "Unknown".

    Raises
    ------
    ImportError
        If shapiq, which carries the table, is not installed.

    Notes
    -----
    Source: Becker, B. and Kohavi, R. (1996), DOI 10.24432/C5XW20. What it misses:
    Ding, F., Hardt, M., Miller, J. and Schmidt, L. (2021), arXiv:2108.04884.

    Taught in: local/shap, local/lime.

    Examples
    --------
    >>> data = adult()
    >>> data.y.groupby(data.X["sex"], observed=True).mean().round(3).to_dict()
    {'Female': 0.109, 'Male': 0.304}
    """
    table = packaged_table("shapiq", "datasets", "data", "adult_census.csv")
    X = table.drop(columns="class")
    for name in X.columns:
        if pd.api.types.is_numeric_dtype(X[name]):
            X[name] = X[name].astype(np.int64)
        else:
            X[name] = X[name].fillna("Unknown").astype("category")
    X["education"] = X["education"].cat.set_categories(_EDUCATION, ordered=True)
    return Dataset(
        X=X,
        y=(table["class"] == ">50K").astype(np.int64).rename("income"),
        feature_names=tuple(X.columns),
        target_names=("at most 50K", "above 50K"),
        description=(
            "People of 17 and over in the US Current Population Survey of 1994. y: 0 = at most "
            "50,000 dollars a year, 1 = above. What is wrong with it: old, and 50,000 dollars "
            "then was much more than now; fnlwgt is a survey weight (how many people a row stands "
            "for), no property of the person; education and education-num are one variable "
            "twice; capital-gain is cut off at 99,999; sex and race were coded by the survey's "
            "few levels, relationship (Husband, Wife) repeats sex, and a model that drops sex "
            "can still read it there; names of countries are misspelt (Columbia, Holand, South)."
        ),
        source=(
            "Becker, B. and Kohavi, R. (1996). Adult. UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C5XW20. Carried by shapiq."
        ),
        licence="CC BY 4.0",
    )


def german_credit() -> Dataset:
    """Load 1,000 loans of a German bank in the 1970s, repaid or not.

    Returns
    -------
    Dataset
        y is **1 for good** (repaid, 700 rows) and **0 for bad** (300 rows). UCI's own
        file says 1 for good and 2 for bad. Nine of UCI's twenty attributes.

    Notes
    -----
    The column sex is not to be trusted, nor are the labels of the accounts, of housing and
    of purpose: see the description, and Grömping, U. (2019), South German Credit Data:
    Correcting a Widely Used Data Set (corrected data: DOI 10.24432/C5QG88).

    Source: Hofmann, H. (1994), DOI 10.24432/C5NC77.

    Taught in: trust/ethics-checklist.

    Examples
    --------
    >>> data = german_credit()
    >>> data.X.groupby(data.y)["duration"].mean().round(1).to_dict()
    {0: 24.9, 1: 19.2}
    """
    with as_file(files("xaikit.datasets").joinpath("data", "german_credit.csv")) as path:
        table = pd.read_csv(path, keep_default_na=False)
    X = table.drop(columns="risk")
    for name in X.columns:
        if not pd.api.types.is_numeric_dtype(X[name]):
            X[name] = X[name].astype("category")
    for name, levels in _GERMAN_LEVELS.items():
        X[name] = X[name].cat.set_categories(levels, ordered=name == "job")
    return Dataset(
        X=X,
        y=(table["risk"] == "good").astype(np.int64).rename("risk"),
        feature_names=tuple(X.columns),
        target_names=("bad", "good"),
        description=(
            "Loans of a bank in southern Germany, 1973 to 1975; duration in months, credit_amount "
            "in Deutsche Mark, age in years. y: 0 = bad, 1 = good (repaid). What is wrong with "
            "it: bad loans were drawn on purpose far more often than they happened, so that "
            "predicted probabilities are not those of a customer; only loans that were granted; "
            "eleven of UCI's twenty attributes are missing here (credit history, employment, "
            "instalment rate, guarantors, residence, property, other plans, number of credits, "
            "dependants, telephone, foreign worker), new and used cars are one purpose, and so "
            "are education and retraining. The labels are UCI's, and Grömping (2019) found many "
            "of them shifted: by her code table, checking_account 'none' is 200 DM or more, "
            "saving_accounts 'unknown or none' is 1000 DM or more, housing 'own' is rent, and "
            "no label of purpose is right; sex cannot be recovered, for one code stood for women "
            "who are not single and for single men. "
            "Good for learning, unfit for saying anything about people."
        ),
        source=(
            "Hofmann, H. (1994). Statlog (German Credit Data). UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C5NC77. Errors found in it: Grömping, U. (2019). South "
            "German Credit Data: Correcting a Widely Used Data Set. Report 4/2019, Reports in "
            "Mathematics, Physics and Chemistry, Department II, Beuth University of Applied "
            "Sciences Berlin; corrected data: https://doi.org/10.24432/C5QG88."
        ),
        licence="CC BY 4.0 (UCI); this selection of columns: DbCL 1.0",
    )

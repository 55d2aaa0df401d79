"""Real tables of patients: hearts and diabetes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xaikit.datasets._dataset import Dataset
from xaikit.datasets._packaged import packaged_table

# The codes of UCI's heart-disease.names, in words.
_HEART_WORDS: dict[str, dict[int | str, str]] = {
    "sex": {0: "female", 1: "male"},
    "cp": {
        1: "typical angina",
        2: "atypical angina",
        3: "non-anginal pain",
        4: "asymptomatic",
    },
    "restecg": {0: "normal", 1: "ST-T abnormality", 2: "left ventricular hypertrophy"},
    "slope": {1: "upsloping", 2: "flat", 3: "downsloping"},
    "thal": {"normal": "normal", "fixed": "fixed defect", "reversible": "reversible defect"},
}


def hearts() -> Dataset:
    """Load 297 patients of the Cleveland Clinic who were sent for a coronary angiogram.

    Returns
    -------
    Dataset
        y is 1 for UCI's diagnosis 2, 3 or 4 (83 rows) and 0 for **0 or 1** (214 rows).
        It is not UCI's "disease present", which begins at 1.

    Raises
    ------
    ImportError
        If scikit-lego, which carries the table, is not installed.

    Notes
    -----
    The table of scikit-lego has 303 rows. Six of them (247 to 252, counted from 0) are
    damaged copies of the six before: the same patient with other codes, some of which
    do not exist (cp 0, thal 1 and 2), and outcome 0. They are left out here; what
    remains are UCI's 297 rows without missing values. Checked against UCI's file, the
    outcome is 1 where the diagnosis is at least 2.

    Source: Janosi, A., Steinbrunn, W., Pfisterer, M. and Detrano, R. (1989),
    DOI 10.24432/C52P4X.

    Taught in: no chapter yet.

    Examples
    --------
    >>> data = hearts()
    >>> data.y.groupby(data.X["ca"]).mean().round(2).to_dict()
    {0: 0.11, 1: 0.38, 2: 0.66, 3: 0.7}
    """
    table = packaged_table("sklego", "data", "hearts.zip")
    # No two patients share these five measurements; the damaged copies do.
    measured = ["age", "trestbps", "chol", "thalach", "oldpeak"]
    table = table[~table.duplicated(measured)].reset_index(drop=True)
    X = table.drop(columns="target")
    for name, words in _HEART_WORDS.items():
        X[name] = pd.Categorical(
            X[name].map(words), categories=list(words.values()), ordered=name == "slope"
        )
    return Dataset(
        X=X,
        y=table["target"].astype(np.int64).rename("diagnosis"),
        feature_names=tuple(X.columns),
        target_names=("diagnosis 0 or 1", "diagnosis 2 to 4"),
        description=(
            "Patients of the Cleveland Clinic, 1981 to 1984, before an angiogram. age in years; "
            "cp: chest pain; trestbps: resting blood pressure in mm Hg; chol: serum cholesterol "
            "in mg/dl; fbs: fasting blood sugar above 120 mg/dl; restecg: electrocardiogram at "
            "rest; thalach: highest heart rate; exang: angina on exercise; oldpeak: ST depression "
            "on exercise; slope: of the ST segment; ca: number of major vessels (0 to 3) coloured "
            "by fluoroscopy; thal: thallium scan. y: 0 = UCI's diagnosis 0 or 1, 1 = 2, 3 or 4. "
            "What is wrong with it: the cut is not the usual one, and 54 patients whom UCI counts "
            "as ill are 0; everyone here was already suspected to be ill, so that patients without "
            "chest pain are the sickest; two thirds are men; ca and thal come from tests about as "
            "costly as the diagnosis; six damaged rows of the packaged table are left out, and "
            "six patients with missing values were never in it."
        ),
        source=(
            "Janosi, A., Steinbrunn, W., Pfisterer, M. and Detrano, R. (1989). Heart Disease. UCI "
            "Machine Learning Repository. https://doi.org/10.24432/C52P4X. Collected in Cleveland "
            "by R. Detrano; described in Detrano, R. et al. (1989), International application of "
            "a new probability algorithm for the diagnosis of coronary artery disease, American "
            "Journal of Cardiology 64(5), 304–310. Carried by scikit-lego."
        ),
        licence="CC BY 4.0",
    )


def diabetes() -> Dataset:
    """Load 442 patients with diabetes and how far the disease had gone a year later.

    Returns
    -------
    Dataset
        y is a score of progression, 25 to 346; more is worse. The features are in
        their own units, not standardised as `sklearn.datasets.load_diabetes` has them
        by default.

    Notes
    -----
    s5 is the logarithm of the triglycerides that Friedewald's formula gives,
    5 (s1 − s2 − s3), to within rounding: s1, s2, s3 and s5 are three measurements, and
    the signs of their coefficients in a linear model mean little.

    Source: Efron, B., Hastie, T., Johnstone, I. and Tibshirani, R. (2004),
    DOI 10.1214/009053604000000067.

    Taught in: no chapter yet.

    Examples
    --------
    >>> data = diabetes()
    >>> triglycerides = 5 * (data.X["s1"] - data.X["s2"] - data.X["s3"])
    >>> bool(np.allclose(np.log(triglycerides), data.X["s5"], atol=0.03))
    True
    """
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(as_frame=True, scaled=False)
    X = bunch.data
    X["sex"] = X["sex"].astype(np.int64)
    return Dataset(
        X=X,
        y=bunch.target.rename("progression"),
        feature_names=tuple(X.columns),
        target_names=("progression of the disease after a year (score)",),
        description=(
            "Patients with diabetes: age in years, sex (1 or 2), bmi: body mass index in kg/m², "
            "bp: mean blood pressure in mm Hg, and six measures of the blood serum: s1 total "
            "cholesterol, s2 low-density and s3 high-density lipoproteins, s4 their ratio s1/s3 "
            "(mostly rounded), s5 logarithm of the triglycerides, s6 glucose. y: a score of "
            "progression after a year, more is worse. What is wrong with it: nobody says which "
            "sex is 1, what the score is made of or in which units the serum was measured; the "
            "serum measures are computed from one another (s4 from s1 and s3, s2 or s5 from the "
            "rest), so that how they share an attribution is arbitrary; few patients, and a linear "
            "model of all ten explains half of the variation of y."
        ),
        source=(
            "Efron, B., Hastie, T., Johnstone, I. and Tibshirani, R. (2004). Least angle "
            "regression. Annals of Statistics 32(2), 407–499. "
            "https://doi.org/10.1214/009053604000000067. Carried by scikit-learn."
        ),
        licence="None stated (published with the paper)",
    )

"""What the SHAP chapter finds on one model of the adult survey, on ten splits of it."""

from typing import Any

import numpy as np
import pandas as pd
import shap
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

import xaikit as xk

N_SPLITS, N_DRAWS = 10, 10
FORM = [
    "age", "education-num", "hours-per-week", "capital-gain", "capital-loss",
    "workclass", "marital-status", "occupation", "relationship",
]  # fmt: skip


def eight_columns(survey: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the chapter's model."""
    return pd.DataFrame(
        {
            "age": survey["age"],
            "education": survey["education-num"],
            "married": survey["marital-status"] == "Married-civ-spouse",
            "hours": survey["hours-per-week"],
            "capital gain": survey["capital-gain"],
            "capital loss": survey["capital-loss"],
            "self-employed": survey["workclass"].str.startswith("Self-emp"),
            "professional": survey["occupation"].isin(["Exec-managerial", "Prof-specialty"]),
        }
    ).astype(float)


def boosting() -> XGBClassifier:
    """Return the chapter's model, not yet fitted."""
    return XGBClassifier(n_estimators=100, max_depth=4, learning_rate=0.2, n_jobs=1, random_state=0)


def values(model: Any, rows: pd.DataFrame, background: pd.DataFrame) -> NDArray[np.float64]:
    """Return exact interventional Shapley values in the columns that go in."""
    return xk.explain(model, rows, method="tree_shap", background=background).values


def other_reason(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Return the share of rows whose most negative value is of another column."""
    return round(float(np.mean(one.argmin(axis=1) != two.argmin(axis=1))), 4)


def eight(X: pd.DataFrame, y: pd.Series, seed: int) -> dict[str, Any]:
    """Fit on one split and repeat what the chapter does with one model."""
    train, test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=seed)
    model = boosting().fit(train, y_train)
    outputs = model.predict(train, output_margin=True).astype(float)
    of_test = model.predict(test, output_margin=True).astype(float)
    declined = test[of_test < 0].sample(1000, random_state=seed)
    people = test.sample(1000, random_state=seed)

    by_path = shap.TreeExplainer(model)
    path = by_path.shap_values(declined)
    against_all = values(model, declined, train)
    against_accepted = values(model, declined, train[outputs > 0])
    few = train.sample(300, random_state=seed)
    on_probability = shap.TreeExplainer(
        model, shap.maskers.Independent(few, max_samples=300), model_output="probability"
    ).shap_values(people[:200])

    exact = values(model, people, train)
    hundred = [
        values(model, people, train.sample(100, random_state=draw)) for draw in range(N_DRAWS)
    ]
    phi_hours, long = exact[:, 3], people["hours"].to_numpy() >= 50
    married = people["married"].to_numpy() == 1
    phi_age, age = exact[:, 0], people["age"]
    no_gain = declined[declined["capital gain"] == 0]

    def with_gain(gain: float) -> NDArray[np.float64]:
        rows = no_gain.assign(**{"capital gain": gain})
        return np.asarray(model.predict(rows, output_margin=True), dtype=float)

    return {
        "auc": round(float(roc_auc_score(y_test, of_test)), 4),
        "base_above_mean": round(float(by_path.expected_value - outputs.mean()), 4),
        "path_or_all": other_reason(path, against_all),
        "path_or_accepted": other_reason(path, against_accepted),
        "all_or_accepted": other_reason(against_all, against_accepted),
        "scale": other_reason(values(model, people[:200], few), on_probability),
        "hundred_rows": [other_reason(exact, draw) for draw in hundred],
        "hours_single_above_married": round(
            float(phi_hours[long & ~married].mean() - phi_hours[long & married].mean()), 4
        ),
        "age_prime_above_old": round(
            float(phi_age[age.between(40, 55)].mean() - phi_age[age > 70].mean()), 4
        ),
        "3000_lowers": round(float(np.mean(with_gain(3000) < with_gain(0))), 4),
        "3103_above_3000": round(float(np.mean(with_gain(3103) > with_gain(3000) + 1)), 4),
    }


def added_up(
    fitted: Pipeline, made: list[int], rows: pd.DataFrame, background: pd.DataFrame
) -> NDArray[np.float64]:
    """Return the values of the encoded columns, added up for each column of the form."""
    of_encoded = values(fitted[-1], fitted[0].transform(rows), fitted[0].transform(background))
    ends = np.cumsum([0, *made])[:-1]
    return np.add.reduceat(of_encoded, ends, axis=1)


def form(survey: pd.DataFrame, y: pd.Series, seed: int) -> dict[str, Any]:
    """Compare sums of dummies with the values of whole columns, in two kinds of trees."""
    words = list(survey.select_dtypes("category"))
    numbers = list(survey.select_dtypes("number"))
    train, test, y_train, _ = train_test_split(
        survey[numbers + words], y, stratify=y, random_state=seed
    )
    rows = test.sample(500, random_state=seed)
    background = train.sample(500, random_state=seed)
    told: dict[str, Any] = {}
    for name, trees in {
        "boosting": boosting(),
        "forest": RandomForestClassifier(30, min_samples_leaf=5, random_state=0),
    }.items():
        encoder = make_column_transformer(
            (StandardScaler(), numbers),
            (OneHotEncoder(sparse_output=False, handle_unknown="ignore"), words),
        )
        fitted = make_pipeline(encoder, trees).fit(train, y_train)
        one_hot = encoder.named_transformers_["onehotencoder"]
        made = [1] * len(numbers) + [len(each) for each in one_hot.categories_]
        sums, exact = added_up(fitted, made, rows, background), values(fitted, rows, background)
        job = (numbers + words).index("occupation")
        one, two = (np.argsort(-np.abs(v), axis=1) for v in (sums, exact))
        gap = np.abs(sums - exact)[:, job].mean() / np.abs(exact[:, job]).mean()
        told[f"{name}_gap"] = round(float(gap), 5)
        told[f"{name}_order"] = round(float(np.any(one != two, axis=1).mean()), 4)
        told[f"{name}_first"] = round(float(np.mean(one[:, 0] != two[:, 0])), 4)
    return told


def run() -> dict[str, Any]:
    """Return what was found, a list over the splits for each finding."""
    adult = xk.datasets.adult()
    X, survey = eight_columns(adult.X), adult.X[FORM]
    splits = [
        {**eight(X, adult.y, seed), **form(survey, adult.y, seed)} for seed in range(N_SPLITS)
    ]
    return {key: [split[key] for split in splits] for key in splits[0]}

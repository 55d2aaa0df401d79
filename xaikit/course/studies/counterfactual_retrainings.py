"""How long advice holds, and what it says: for local/counterfactuals.

Ten times the thousand loans are split and the chapter's model is fitted. Fifteen of the declined
get the nearest way to a loan: without any restriction, and by a smaller or shorter loan, barely or
by a margin. Ten refits on resampled rows then say which of this advice they would honour. DiCE is
asked for ways of six of them too, which are measured in the same units as ours.
"""

from __future__ import annotations

import logging
from typing import Any

import dice_ml
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from xaikit import NoCounterfactualFound, counterfactual, datasets

SPLITS, REFITS, PEOPLE, FOR_DICE, BUDGET = 10, 10, 15, 6, 3_000
NUMBERS = ["duration", "amount", "age"]
# What the loan itself can give way in, and nothing about the person.
TERMS: dict[str, Any] = {
    "fixed": ["account", "purpose", "savings", "age", "housing", "job"],
    "falling": ["duration", "amount"],
    "limits": {"duration": (4, 72), "amount": (250, 20_000)},
}
WAYS: dict[str, dict[str, Any]] = {
    "free": {},
    "terms": TERMS,
    "terms, 0.6": {**TERMS, "probability": 0.6},
    "terms, 0.65": {**TERMS, "probability": 0.65},
}


def load() -> tuple[pd.DataFrame, pd.Series]:
    """Return the applications as the chapter takes them, and who paid back."""
    data = datasets.german_credit()
    names = {"checking_account": "account", "saving_accounts": "savings", "credit_amount": "amount"}
    return data.X.drop(columns="sex").rename(columns=names), data.y


def boosting(X: pd.DataFrame) -> Pipeline:
    """Return the chapter's model, unfitted."""
    named = [name for name in X if X[name].dtype == "category"]
    codes = OrdinalEncoder(categories=[list(X[name].cat.categories) for name in named])
    columns = make_column_transformer((codes, named), remainder="passthrough")
    trees = GradientBoostingClassifier(
        n_estimators=60, max_depth=2, min_samples_leaf=20, random_state=0
    )
    return make_pipeline(columns, trees)


def good(model: Pipeline, rows: pd.DataFrame) -> npt.NDArray[Any]:
    """Return the model's probability that the loans are paid back."""
    found: npt.NDArray[Any] = model.predict_proba(rows)[:, 1]
    return found


def steps(person: pd.DataFrame, row: pd.DataFrame, unit: pd.Series) -> dict[str, float]:
    """Return each change in units: standard deviations, 1 for another category."""
    changes = {}
    for name in map(str, person):
        before, after = person[name].iloc[0], row[name].iloc[0]
        if before != after:
            number = name in NUMBERS
            changes[name] = float((after - before) / unit[name]) if number else 1.0
    return changes


def ask(model: Pipeline, person: pd.DataFrame, X: pd.DataFrame, way: str) -> Any:
    """Return the nearest row found in this way, or None."""
    try:
        return counterfactual(
            model, person, background=X, n_samples=BUDGET, random_state=0, **WAYS[way]
        )
    except NoCounterfactualFound:
        return None


def split(X: pd.DataFrame, y: pd.Series, seed: int) -> dict[str, Any]:
    """Fit, advise, refit, and count."""
    X_train, X_test, y_train, _ = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    model = boosting(X).fit(X_train, y_train)
    unit = X_train[NUMBERS].std(ddof=0)
    declined = X_test[good(model, X_test) < 0.5][:PEOPLE]
    refits = []
    for refit_seed in range(REFITS):
        again = np.random.default_rng(refit_seed).integers(0, len(X_train), len(X_train))
        refits.append(clone(model).fit(X_train.iloc[again], y_train.iloc[again]))
    people = []
    for i in declined.index:
        person, told = declined.loc[[i]], {}
        for way in WAYS:
            found = ask(model, person, X_train, way)
            if found is not None:
                told[way] = {
                    "steps": steps(person, found.row, unit),
                    "distance": found.distance,
                    "usual": found.plausibility,
                    "kept": float(np.mean([good(m, found.row)[0] > 0.5 for m in refits])),
                }
        people.append(told)
    # The nearest other declined applicant, in the same units.
    points = declined[NUMBERS] / unit
    named = [name for name in X if name not in NUMBERS]
    neighbours = []
    for i in declined.index:
        apart = ((points - points.loc[i]) ** 2).sum(axis=1)
        apart += (declined[named].astype(str) != declined.loc[i, named].astype(str)).sum(axis=1)
        neighbours.append(int(declined.index.get_loc(apart.drop(i).idxmin())))
    dice = [
        beside(model, declined.loc[[i]], X_train, y_train, unit) for i in declined.index[:FOR_DICE]
    ]
    return {"people": people, "neighbours": neighbours, "dice": dice, "declined": len(declined)}


def beside(
    model: Pipeline, person: pd.DataFrame, X: pd.DataFrame, y: pd.Series, unit: pd.Series
) -> list[dict[str, float]]:
    """Return the changes of the four ways that DiCE proposes."""
    plain = X.astype({name: str for name in X if name not in NUMBERS})
    data = dice_ml.Data(
        dataframe=plain.assign(good=y), continuous_features=NUMBERS, outcome_name="good"
    )
    explainer = dice_ml.Dice(data, dice_ml.Model(model=model, backend="sklearn"), method="random")
    asked = person.astype({name: str for name in X if name not in NUMBERS})
    found = explainer.generate_counterfactuals(
        asked, total_CFs=4, desired_class="opposite", random_seed=0, verbose=False
    )
    rows = found.cf_examples_list[0].final_cfs_df
    return [steps(asked, rows.iloc[[k]], unit) for k in range(len(rows))]


def run() -> dict[str, Any]:
    """Return what each split found."""
    logging.getLogger("raiutils").setLevel(logging.ERROR)
    X, y = load()
    return {"splits": [split(X, y, seed) for seed in range(SPLITS)]}

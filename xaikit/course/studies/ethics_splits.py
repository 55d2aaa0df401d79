"""How much of a credit audit hangs on the split: for trust/ethics-checklist.

The thousand loans are split a hundred times. In each split the model of the chapter is fitted
with age and without it, and judged by age group on the test rows. For the first twenty splits the
reasons of the declined, and what a refit does to them and to promised offers, are computed too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from xaikit import datasets, explain

SPLITS, REASON_SPLITS, REFITS, LINE = 100, 20, 10, 0.6
CUTS = sorted(
    ((share, fewer) for share in (1, 0.9, 0.8, 0.7, 0.6, 0.5) for fewer in (0, 6, 12, 18, 24)),
    key=lambda cut: (1 - cut[0]) / 0.5 + cut[1] / 24,
)
Array = npt.NDArray[Any]


def chance(model: Any, rows: pd.DataFrame) -> Array:
    """Return the estimated chance that the loan is paid back."""
    found: Array = model.predict_proba(rows)[:, 1]
    return found


def good_declined(lent: Array, good: Array, young: Array) -> list[float]:
    """Return the share of good payers declined, under 26 and from 26."""
    return [1 - float(lent[(good == 1) & who].mean()) for who in (young, ~young)]


def main_reason(model: Any, declined: pd.DataFrame, compared_with: pd.DataFrame) -> Array:
    """Return for each row the position of the input that pulls it down most."""
    e = explain(model, declined, method="tree_shap", background=compared_with)
    lowest: Array = np.asarray(e.values).argmin(axis=1)
    return lowest


def offers(model: Any, declined: pd.DataFrame) -> pd.DataFrame:
    """Return the nearest smaller or shorter loan that passes, for those who have one."""
    offer = pd.DataFrame(np.nan, declined.index, declined.columns)
    for share, fewer in reversed(CUTS):  # the nearest one is written last
        smaller = declined.assign(
            credit_amount=share * declined["credit_amount"],
            duration=declined["duration"] - fewer,
        )
        works = (chance(model, smaller) >= LINE) & (smaller["duration"] >= 6)
        offer[works] = smaller[works]
    return offer.dropna()


def by_age(X: pd.DataFrame, one_hot: pd.DataFrame, y: pd.Series, seed: int) -> dict[str, Any]:
    """Split, fit with and without age, and compare by age group."""
    train, test = train_test_split(X.index, test_size=0.4, stratify=y, random_state=seed)
    model = boosting().fit(X.loc[train], y[train])
    blind = boosting().fit(X.loc[train].drop(columns="age"), y[train])
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    linear.fit(one_hot.loc[train], y[train])
    good, young = y[test].to_numpy(), (X.loc[test, "age"] < 26).to_numpy()
    score = chance(model, X.loc[test])
    left_out = chance(blind, X.loc[test].drop(columns="age"))
    return {
        "auc": float(roc_auc_score(good, score)),
        "auc_linear": float(roc_auc_score(good, chance(linear, one_hot.loc[test]))),
        "with_age": good_declined(score >= LINE, good, young),
        "without_age": good_declined(left_out >= LINE, good, young),
        "good_young": int(young[good == 1].sum()),
    }


def boosting() -> GradientBoostingClassifier:
    """Return the chapter's model, unfitted."""
    return GradientBoostingClassifier(
        n_estimators=60, max_depth=2, min_samples_leaf=20, random_state=0
    )


def reasons(X: pd.DataFrame, y: pd.Series, seed: int) -> dict[str, Any]:
    """Split, fit, explain the declined in two ways, refit on resampled rows, and compare."""
    train, test = train_test_split(X.index, test_size=0.4, stratify=y, random_state=seed)
    X_train, y_train = X.loc[train], y[train]
    model = boosting().fit(X_train, y_train)
    score, passed = chance(model, X.loc[test]), chance(model, X_train)
    declined, lent = X.loc[test][score < LINE], X.loc[test][score >= LINE]
    just = X_train[(passed >= LINE) & (passed < LINE + 0.1)]
    first = main_reason(model, declined, just)
    other = main_reason(model, declined, X_train.sample(200, random_state=0))
    offer = offers(model, declined)
    same, kept, safe = [], [], []
    for refit_seed in range(REFITS):
        rng = np.random.default_rng(refit_seed)
        again = rng.integers(0, len(X_train), len(X_train))
        refit = clone(model).fit(X_train.iloc[again], y_train.iloc[again])
        same.append(main_reason(refit, declined, just) == first)
        kept.append(float((chance(refit, offer) >= LINE).mean()))
        safe.append(float((chance(refit, lent) >= LINE).mean()))
    stays = np.mean(same, axis=0)
    columns = list(X.columns)
    return {
        "declined": len(declined),
        "agree": float((first == other).mean()),
        "commonest": columns[int(np.bincount(first).argmax())],
        "commonest_all": columns[int(np.bincount(other).argmax())],
        "stay": float(stays.mean()),
        "firm": float((stays >= 0.9).mean()),
        "way_back": len(offer) / len(declined),
        "kept": float(np.mean(kept)),
        "safe": float(np.mean(safe)),
    }


def run() -> dict[str, Any]:
    """Return a list of findings for each of the two parts, one entry a split."""
    data = datasets.german_credit()
    applicants = data.X.drop(columns="sex")
    X = applicants.apply(lambda c: c.cat.codes if c.dtype == "category" else c).astype(float)
    one_hot = pd.get_dummies(applicants).astype(float)
    return {
        "by_age": [by_age(X, one_hot, data.y, seed) for seed in range(SPLITS)],
        "reasons": [reasons(X, data.y, seed) for seed in range(REASON_SPLITS)],
    }

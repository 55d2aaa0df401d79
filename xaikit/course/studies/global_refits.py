"""Whether rankings and reasons survive: ten splits of the credit data, twenty refits of each."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

import xaikit as xk

N_SPLITS, N_REFITS = 10, 20
SHORT = {"checking_account": "account", "saving_accounts": "savings", "credit_amount": "amount"}


def fit(X: pd.DataFrame, y: pd.Series) -> GradientBoostingClassifier:
    """Fit the chapter's model."""
    return GradientBoostingClassifier(
        n_estimators=60, max_depth=2, min_samples_leaf=20, random_state=0
    ).fit(X, y)


def explain(model: Any, X: pd.DataFrame, background: pd.DataFrame) -> xk.Explanation:
    """Return exact Shapley values in log-odds of "good"."""
    return xk.explain(model, X, method="tree_shap", background=background, output_space="log-odds")


def study(X: pd.DataFrame, y: pd.Series, seed: int) -> tuple[dict[str, Any], pd.DataFrame]:
    """Fit on one split, refit on resamples of its training rows, and count what stays."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    model = fit(X_train, y_train)
    e = explain(model, X_test, X_train)
    ranking = list(e.importance().index)
    by_loss = permutation_importance(
        model, X_test, y_test, scoring="neg_log_loss", n_repeats=20, random_state=0
    ).importances_mean
    declined = np.flatnonzero(e.predictions < 0)
    reason = e.values.argmin(axis=1)[declined]  # the column that weighs most against each
    two = np.sort(e.values[declined], axis=1)[:, :2]

    draws = np.random.default_rng(seed)
    rankings, reasons, outputs = [], [], []
    for _ in range(N_REFITS):
        rows = draws.integers(len(X_train), size=len(X_train))
        again = fit(X_train.iloc[rows], y_train.iloc[rows])
        refit = explain(again, X_test, X_train.iloc[rows])
        rankings.append(list(refit.importance().index))
        reasons.append(refit.values.argmin(axis=1)[declined])
        outputs.append(refit.predictions[declined])

    largest = np.abs(e.values).argmax(axis=1)
    split = {
        "auc": round(float(roc_auc_score(y_test, e.predictions)), 4),
        "ranking": ranking,
        "first_by_loss": X.columns[by_loss.argmax()],
        "first_is_largest": round(float((largest == X.columns.get_loc(ranking[0])).mean()), 4),
        "place_kept": [sum(r[k] == ranking[k] for r in rankings) for k in range(3)],
    }
    people = pd.DataFrame(
        {
            "split": seed,
            "application": X_test.index[declined],
            "reason": X.columns[reason],
            "log_odds": e.predictions[declined].round(4),
            "lead": (two[:, 1] - two[:, 0]).round(4),  # over the second-largest reason
            "reason_kept": (np.array(reasons) == reason).sum(axis=0),
            "declined_again": (np.array(outputs) < 0).sum(axis=0),
        }
    )
    return split, people


def run() -> dict[str, Any]:
    """Return what became of rankings, by split, and of reasons, by declined applicant."""
    credit = xk.datasets.german_credit()
    X = credit.X.drop(columns="sex").rename(columns=SHORT)
    X = X.apply(lambda c: c.cat.codes if c.dtype == "category" else c).astype(float)
    studies = [study(X, credit.y, seed) for seed in range(N_SPLITS)]
    people = pd.concat([people for _, people in studies])
    return {"splits": [split for split, _ in studies], "applicants": people.to_dict(orient="list")}

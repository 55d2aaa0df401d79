"""Five answers to one question, and the price of five remedies: for trust/fairness.

On each of fifty splits of the Adult census a logistic regression is fitted to 6,000 people and
judged on 10,000 others, as it is, without some columns, and after five mitigations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from fairlearn.preprocessing import CorrelationRemover
from fairlearn.reductions import DemographicParity, ExponentiatedGradient
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from xaikit import datasets
from xaikit.core.checks import FloatArray

SPLITS, TRAIN, TEST = 50, 6000, 10000
PROXIES = ("relationship", "marital-status")


def table() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return the columns as numbers, the outcome, and who is a woman."""
    adult = datasets.adult()
    X = adult.X.drop(columns=["fnlwgt", "education", "native-country"])
    woman = (X["sex"] == "Female").rename("woman").astype(int)
    return pd.get_dummies(X, drop_first=True, dtype=float), adult.y, woman


def logistic() -> LogisticRegression:
    """Return the model of the chapter."""
    return LogisticRegression(max_iter=300)


def rates(y: FloatArray, chosen: FloatArray, woman: FloatArray) -> dict[str, list[float]]:
    """Return each rate for men and for women."""
    told: dict[str, list[float]] = {}
    for group in (0, 1):
        truth, said = y[woman == group], chosen[woman == group]
        for name, value in {
            "accuracy": (truth == said).mean(),
            "selection": said.mean(),
            "tpr": said[truth == 1].mean(),
            "fpr": said[truth == 0].mean(),
            "precision": truth[said == 1].mean(),
        }.items():
            told.setdefault(name, []).append(float(value))
    return told


def balanced(y: pd.Series, group: pd.Series) -> FloatArray:
    """Return the weights of Kamiran and Calders, which make outcome and group independent."""
    cells = pd.DataFrame({"y": y.to_numpy(), "g": group.to_numpy()})
    n_y, n_g = cells.groupby("y")["g"].transform("size"), cells.groupby("g")["y"].transform("size")
    n_both = cells.groupby(["y", "g"])["y"].transform("size")
    weights: FloatArray = (n_y * n_g / (len(cells) * n_both)).to_numpy()
    return weights


def split(seed: int, X: pd.DataFrame, y: pd.Series, woman: pd.Series) -> dict[str, Any]:
    """Fit the model and its remedies on one split."""
    fit, new = train_test_split(
        np.arange(len(X)), train_size=TRAIN, test_size=TEST, stratify=y, random_state=seed
    )
    scale = StandardScaler().set_output(transform="pandas").fit(X.iloc[fit])
    X_fit, X_new = scale.transform(X.iloc[fit]), scale.transform(X.iloc[new])
    y_fit, y_new, g_fit, g_new = (
        y.iloc[fit],
        y.iloc[new].to_numpy(),
        woman.iloc[fit],
        woman.iloc[new],
    )
    sex = [str(name) for name in X if str(name).startswith("sex")]
    near = sex + [str(name) for name in X if str(name).startswith(PROXIES)]

    plain = logistic().fit(X_fit, y_fit)
    score = plain.predict_proba(X_new)[:, 1]
    chosen = {"plain": (score > 0.5).astype(int)}
    for name, out in (("without sex", sex), ("without proxies", near)):
        model = logistic().fit(X_fit.drop(columns=out), y_fit)
        chosen[name] = model.predict(X_new.drop(columns=out))
    weighed = logistic().fit(X_fit, y_fit, sample_weight=balanced(y_fit, g_fit))
    chosen["reweighing"] = weighed.predict(X_new)
    remover = CorrelationRemover(sensitive_feature_ids=sex).fit(X_fit)
    decorrelated = logistic().fit(remover.transform(X_fit), y_fit)
    chosen["correlation remover"] = decorrelated.predict(remover.transform(X_new))
    blind_fit, blind_new = X_fit.drop(columns=sex), X_new.drop(columns=sex)
    reduced = ExponentiatedGradient(logistic(), DemographicParity(), eps=0.01, max_iter=15)
    reduced.fit(blind_fit, y_fit, sensitive_features=g_fit)
    chosen["reduction"] = reduced.predict(blind_new, random_state=seed)
    for name, constraint in (("parity", "demographic_parity"), ("odds", "equalized_odds")):
        moved = ThresholdOptimizer(
            estimator=plain, constraints=constraint, prefit=True, predict_method="predict_proba"
        ).fit(X_fit, y_fit, sensitive_features=g_fit)
        chosen[f"thresholds, {name}"] = moved.predict(
            X_new, sensitive_features=g_new, random_state=seed
        )

    woman_new = g_new.to_numpy()
    told: dict[str, Any] = {"base": [float(y_new[woman_new == g].mean()) for g in (0, 1)]}
    told["mean score"] = [float(score[woman_new == g].mean()) for g in (0, 1)]
    guess = logistic().fit(blind_fit, g_fit).predict_proba(blind_new)[:, 1]
    told["guess sex"] = float(roc_auc_score(woman_new, guess))
    told["rates"] = {k: rates(y_new, v, woman_new) for k, v in chosen.items()}
    before = chosen["plain"]
    told["moves"] = {
        name: {
            "good men who lose": int(((before > now) & (woman_new == 0) & (y_new == 1)).sum()),
            "good women who lose": int(((before > now) & (woman_new == 1) & (y_new == 1)).sum()),
            "good women who win": int(((before < now) & (woman_new == 1) & (y_new == 1)).sum()),
            "poor women who win": int(((before < now) & (woman_new == 1) & (y_new == 0)).sum()),
        }
        for name, now in chosen.items()
    }
    return told


def run() -> dict[str, Any]:
    """Run all splits."""
    X, y, woman = table()
    return {"splits": [split(seed, X, y, woman) for seed in range(SPLITS)]}

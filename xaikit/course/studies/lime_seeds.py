"""How LIME's coefficients for a loan vary over seeds, and its lines over splits: for local/lime.

Application 105 is explained by the library with 200 seeds at each of seven numbers of samples,
with the library's ridge penalty of 1 and nearly without it. Then the rows are split ten times
into training and test rows, and every application that the new model declines is explained.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from lime.lime_tabular import LimeTabularExplainer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

from xaikit import datasets

SIZES = [int(n) for n in 125 * 2 ** np.arange(7)]
SEEDS, SPLITS = 200, 10
PENALTIES = {"penalty of 1": 1.0, "hardly a penalty": 1e-6}


def forms() -> tuple[pd.DataFrame, pd.Series, list[int]]:
    """Return the applications with categories as codes, their outcomes, the categories' places."""
    credit = datasets.german_credit()
    words = credit.X.drop(columns="sex").rename(
        columns={
            "checking_account": "account",
            "saving_accounts": "savings",
            "credit_amount": "amount",
        }
    )
    places = [j for j, name in enumerate(words) if words[name].dtype == "category"]
    codes = words.apply(lambda c: c.cat.codes if c.dtype == "category" else c).astype(float)
    return codes, credit.y, places


def fitted(X: pd.DataFrame, y: pd.Series) -> GradientBoostingClassifier:
    """Return the chapter's model, fitted."""
    model = GradientBoostingClassifier(
        n_estimators=60, max_depth=2, min_samples_leaf=20, random_state=0
    )
    return model.fit(X.to_numpy(), y)


def lime(X: pd.DataFrame, places: list[int], seed: int) -> LimeTabularExplainer:
    """Return the library's explainer, with every feature in the line."""
    return LimeTabularExplainer(
        X.to_numpy(),
        categorical_features=places,
        feature_selection="none",
        random_state=seed,
    )


def bars(explanation: Any) -> list[float]:
    """Return the coefficients in the order of the columns."""
    return [bar for _, bar in sorted(explanation.local_exp[1])]


def over_seeds(
    X: pd.DataFrame, model: Any, places: list[int], row: npt.NDArray[np.float64]
) -> dict[str, Any]:
    """Return the coefficients' standard deviations, means and signs over the seeds."""
    found: dict[str, Any] = {}
    for name, penalty in PENALTIES.items():
        all_bars = np.array(
            [
                [
                    bars(
                        lime(X, places, seed).explain_instance(
                            row,
                            model.predict_proba,
                            num_samples=n,
                            model_regressor=Ridge(alpha=penalty),
                        )
                    )
                    for seed in range(SEEDS)
                ]
                for n in SIZES
            ]
        )  # sizes, seeds, features
        found[name] = {
            "std": all_bars.std(axis=1, ddof=1).tolist(),
            "mean": all_bars.mean(axis=1).tolist(),
            "upward": (all_bars > 0).mean(axis=1).tolist(),
            "at 500 samples": all_bars[SIZES.index(500)].round(5).tolist(),
        }
    return found


def one_split(X: pd.DataFrame, y: pd.Series, places: list[int], split: int) -> dict[str, float]:
    """Return how many applications are declined, how many lines approve, and their median R²."""
    X_train, X_test, y_train, _ = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=split
    )
    model = fitted(X_train, y_train)
    rows = X_test.to_numpy()
    declined = rows[model.predict_proba(rows)[:, 1] < 0.5]
    told = [lime(X_train, places, 0).explain_instance(row, model.predict_proba) for row in declined]
    return {
        "declined": len(declined),
        "approved by the line": sum(float(t.local_pred[0]) > 0.5 for t in told),
        "median R²": float(np.median([t.score for t in told])),
    }


def run() -> dict[str, Any]:
    """Return what the seeds and the splits found."""
    X, y, places = forms()
    X_train, X_test, y_train, _ = train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)
    model = fitted(X_train, y_train)
    return {
        "features": list(X),
        "sizes": SIZES,
        "seeds": SEEDS,
        "spread": over_seeds(X_train, model, places, X_test.loc[105].to_numpy()),
        "splits": [one_split(X, y, places, split) for split in range(SPLITS)],
    }

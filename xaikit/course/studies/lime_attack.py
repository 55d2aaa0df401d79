"""A model that hides from LIME, built ten times: for local/lime.

Each time other people are drawn from the census, the owner listens to LIME with another seed
and trains a detector, and an auditor explains thirty people whom the owner has not seen. Beside
it, LIME and Shapley values answer two questions about planted models on ten draws of the data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from lime.lime_tabular import LimeTabularExplainer
from sklearn.ensemble import RandomForestClassifier

from xaikit import datasets, explain

Rows = npt.NDArray[np.float64]
COLUMNS = ["age", "education-num", "hours-per-week", "capital-gain", "sex"]
HOURS, SEX = 2, 4
DRAWS, PEOPLE = 10, 30


def census(seed: int) -> tuple[Rows, Rows]:
    """Return 2,000 people whom the owner knows and 1,000 whom the owner does not."""
    adult = datasets.adult()
    people = adult.X[COLUMNS].assign(sex=(adult.X["sex"] == "Male")).astype(float)
    rows = people.sample(3000, random_state=seed).to_numpy()
    return rows[:2000], rows[2000:]


def biased(rows: Rows) -> Rows:
    """Return 1 for men."""
    return np.asarray(rows[:, SEX] == 1, dtype=np.float64)


def innocent(rows: Rows) -> Rows:
    """Return 1 for those who work over 40 hours."""
    return np.asarray(rows[:, HOURS] > 40, dtype=np.float64)


def lime(known: Rows, seed: int) -> LimeTabularExplainer:
    """Return the library's explainer for the five columns."""
    return LimeTabularExplainer(
        known, mode="regression", categorical_features=[SEX], random_state=seed
    )


def hide(known: Rows, seed: int) -> Callable[[Rows], Rows]:
    """Return a model that is biased about real rows and innocent about LIME's."""
    heard: list[Rows] = []

    def eavesdrop(rows: Rows) -> Rows:
        heard.append(rows[1:])
        return np.zeros(len(rows))

    at_home = lime(known, 1000 + seed)
    for person in known[:40]:
        at_home.explain_instance(person, eavesdrop, num_samples=100)
    drawn = np.vstack(heard)
    is_real = np.r_[np.ones(len(known)), np.zeros(len(drawn))]
    detector = RandomForestClassifier(50, min_samples_leaf=3, random_state=seed)
    detector.fit(np.vstack([known, drawn]), is_real)

    def hiding(rows: Rows) -> Rows:
        return np.where(detector.predict(rows) == 1, biased(rows), innocent(rows))

    return hiding


def on_real_rows(known: Rows, person: Rows, answers: Rows) -> Rows:
    """Return the coefficients of LIME's line fitted to real people instead of drawn ones."""
    mean, scale = known.mean(axis=0), known.std(axis=0)
    scaled, z = (known - mean) / scale, (person - mean) / scale
    weight = np.exp(-((scaled - z) ** 2).sum(axis=1) / (2 * 0.75**2 * len(COLUMNS)))
    steps = scaled - np.average(scaled, axis=0, weights=weight)
    gram = (steps.T * weight) @ steps + np.eye(len(COLUMNS))
    return np.asarray(np.linalg.solve(gram, (steps.T * weight) @ answers))


def attack(seed: int) -> dict[str, float]:
    """Return what one auditor finds, and what the hiding model does to real people."""
    known, visitors = census(seed)
    hiding = hide(known, seed)
    auditor = lime(known, seed)
    told = [
        auditor.explain_instance(person, hiding, num_samples=1000) for person in visitors[:PEOPLE]
    ]
    bars = np.abs([[bar for _, bar in sorted(t.local_exp[1])] for t in told])
    answers, known_answers = hiding(visitors), hiding(known)
    other_sex = visitors.copy()
    other_sex[:, SEX] = 1 - other_sex[:, SEX]
    caught = [np.abs(on_real_rows(known, p, known_answers)).argmax() for p in visitors[:PEOPLE]]
    return {
        "biased answers": float((answers == biased(visitors)).mean()),
        "hours first": int((bars.argmax(axis=1) == HOURS).sum()),
        "sex first": int((bars.argmax(axis=1) == SEX).sum()),
        "mean R²": float(np.mean([t.score for t in told])),
        "flips": float((hiding(other_sex) != answers).mean()),
        "men": float(answers[visitors[:, SEX] == 1].mean()),
        "women": float(answers[visitors[:, SEX] == 0].mean()),
        "sex first on real rows": int(np.equal(caught, SEX).sum()),
    }


def two_questions(data: Any, seed: int, width: float = 0.7) -> dict[str, list[float]]:
    """Return the share of right slope signs, and the share of the gap missed, by method."""
    Z = data.X.to_numpy()
    some, reads = Z[:PEOPLE], slice(0, len(data.truth.relevant))

    def f(values: Rows) -> Rows:
        return np.asarray(data.truth.function(np.asarray(values)))

    line = explain(
        f,
        some,
        method="lime",
        background=Z,
        discretize_continuous=False,
        kernel_width=width,
        n_samples=20_000,
        random_state=seed,
    )
    shapley = explain(f, some, method="exact_shapley", background=Z)
    nudge = 1e-4 * np.eye(Z.shape[1])
    slope = np.column_stack([f(some + h) - f(some - h) for h in nudge])
    gap = f(some) - f(Z).mean()
    found = {
        "LIME": (line.diagnostics["coefficients"], line.values),
        "Shapley": (shapley.values, shapley.values),
    }
    return {
        name: [
            float((np.sign(sign) == np.sign(slope))[:, reads].mean()),
            float(np.abs(shares.sum(axis=1) - gap).mean() / np.abs(gap).mean()),
        ]
        for name, (sign, shares) in found.items()
    }


def run() -> dict[str, Any]:
    """Return the ten attacks, and the two questions on ten draws of two planted tables."""
    tables: dict[str, Callable[..., Any]] = {
        "linear": datasets.planted_linear,
        "product": datasets.planted_product,
    }
    return {
        "attacks": [attack(seed) for seed in range(DRAWS)],
        "questions": {
            kind: [two_questions(make(random_state=seed), seed) for seed in range(DRAWS)]
            for kind, make in tables.items()
        },
    }

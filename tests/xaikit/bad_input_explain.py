"""Calls of `explain` that must fail: see test_bad_input."""

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import xaikit as xk

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
FRAME = pd.DataFrame(X, columns=["age", "income", "debt"])
LABEL = (X[:, 0] > 0).astype(int)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])

NAMED = LogisticRegression().fit(FRAME, LABEL)
BARE = LogisticRegression().fit(X, LABEL)
SEVERAL = LogisticRegression().fit(X, np.array(["low", "mid", "top"])[THREE])
FOREST = RandomForestClassifier(n_estimators=3, random_state=0).fit(X, LABEL)
POISSON = HistGradientBoostingRegressor(loss="poisson", max_iter=3).fit(X, LABEL + 1)
TWO_OUTPUTS = LinearRegression().fit(X, X[:, :2])
SURE = GaussianNB().fit(np.array([[0.0], [1e-3], [1e6], [1e6 + 1]]), [0, 0, 1, 1])


def first(rows):
    return np.asarray(rows)[:, 0]


def explain(model=BARE, rows=X[:2], background=X, **options):
    return lambda: xk.explain(model, rows, background=background, **options)


def with_value(value, row=1, column=1):
    rows = X.copy()
    rows[row, column] = value
    return rows


V, T = ValueError, TypeError
CASES = {
    # the rows and the background
    "nan": (explain(rows=with_value(np.nan)), V, "X", "missing", "1 nan"),
    "nan in a frame": (
        explain(NAMED, FRAME.assign(debt=np.nan), FRAME),
        V,
        "X",
        "missing",
        "40 nan.*'debt'",
    ),
    "nan in the background": (explain(background=with_value(np.nan)), V, "background", "missing"),
    "inf": (explain(rows=with_value(np.inf)), V, "X", "finite", "inf"),
    "-inf in a frame": (
        explain(NAMED, FRAME.replace(FRAME.iloc[0, 1], -np.inf), FRAME),
        V,
        "X",
        "inf.*'income'",
    ),
    "inf in the background": (explain(background=with_value(np.inf)), V, "background", "finite"),
    "no rows": (explain(rows=X[:0]), V, "X", "at least one row", r"\(0, 3\)"),
    "no columns": (explain(first, rows=X[:, :0]), V, "X", "column", r"\(40, 0\)"),
    "an empty background": (explain(background=X[:0]), V, "background", r"\(0, 3\)"),
    "one row, 1-D": (explain(rows=X[0]), V, "X", "2-D", r"\(3,\)", r"X\[\[0\]\]"),
    "3-D": (explain(rows=X[None]), V, "X", "2-D", r"\(1, 40, 3\)"),
    "a number": (explain(rows=3.0), V, "X", "2-D", r"\(\)"),
    "ragged": (explain(rows=[[1, 2, 3], [4]]), V, "X", "one length", "ragged"),
    "text": (explain(rows=[["a", "b", "c"]]), T, "X", "numbers", "<U1"),
    "objects": (explain(rows=np.array([[1, "x", None]], dtype=object)), T, "X", "object"),
    "sparse": (explain(rows=csr_array(X)), T, "X", "dense", "sparse", "toarray"),
    "too narrow": (explain(rows=X[:, :2]), V, "X", "3 columns", "2"),
    "too wide": (explain(rows=np.ones((2, 5))), V, "X", "3 columns", "5"),
    "a narrow background": (explain(background=X[:, :2]), V, "background", "3 columns", "2"),
    "a background of another width": (
        explain(first, background=X[:, :2]),
        V,
        "background",
        "3 columns, as X has",
        "2",
    ),
    "a wrong name": (
        explain(NAMED, FRAME.rename(columns={"debt": "dept"}), FRAME),
        V,
        "X",
        "the model's columns",
        "unknown 'dept'",
        "missing 'debt'",
    ),
    "a missing column": (
        explain(NAMED, FRAME[["age", "income"]], FRAME),
        V,
        "X",
        "3 columns",
        "missing 'debt'",
    ),
    "re-ordered": (
        explain(NAMED, FRAME[["income", "age", "debt"]], FRAME),
        V,
        "X",
        "order",
        "'income' where 'age'",
    ),
    "a re-ordered background": (
        explain(NAMED, FRAME, FRAME[["age", "debt", "income"]]),
        V,
        "background",
        "order",
        "'debt' where 'income'",
    ),
    "a callable's background, re-ordered": (
        explain(first, FRAME, FRAME[["age", "debt", "income"]]),
        V,
        "background",
        "X's order",
        "'debt' where 'income'",
    ),
    "a column twice": (
        explain(first, FRAME[["age", "age", "debt"]], FRAME),
        V,
        "X",
        "once",
        "'age' twice",
    ),
    "text where the model takes an array": (
        explain(BARE, FRAME.assign(debt="much"), FRAME),
        T,
        "X",
        "numbers",
        "'debt'",
    ),
    "a frame with an array behind it": (
        explain(first, FRAME, X),
        T,
        "background",
        "a DataFrame, as X is",
        "an array",
    ),
    "an array with a frame behind it": (
        explain(first, X, FRAME),
        T,
        "background",
        "an array, as X is",
        "a DataFrame",
    ),
    "columns of other types": (
        explain(first, FRAME, FRAME.assign(debt="much")),
        T,
        "background",
        "types of X",
        "'debt'",
    ),
    "no background for few rows": (explain(background=None), V, "background", "20", "None and 2"),
    "a background that is not used": (
        explain(FOREST, feature_perturbation="tree_path_dependent"),
        V,
        "background",
        "left out",
        "40 rows",
    ),
    # the model
    "unfitted": (explain(LogisticRegression()), V, "model", "fitted", "LogisticRegression"),
    "a class": (explain(LogisticRegression), T, "model", "not a class", "LogisticRegression"),
    "no model": (explain("a forest"), T, "model", "predict, or be callable", "'a forest'"),
    "a scaler": (explain(StandardScaler().fit(X)), T, "model", "predict", "StandardScaler"),
    "several targets": (
        explain(RandomForestClassifier(2).fit(X, np.column_stack([LABEL, LABEL]))),
        V,
        "model",
        "one target",
        "2 targets",
    ),
    "a number for all rows": (explain(lambda rows: 1.0), V, "model", r"\(n,\)", r"\(\) for 1"),
    "too few answers": (
        explain(lambda rows: np.ones(max(1, len(rows) - 1))),
        V,
        "model",
        r"\(n,\)",
        r"\(39,\) for 40 rows",
    ),
    "answers in 3-D": (
        explain(lambda rows: np.ones((len(rows), 2, 2))),
        V,
        "model",
        r"\(n, k\)",
        r"\(1, 2, 2\)",
    ),
    "labels": (
        explain(lambda rows: np.array(["yes"] * len(rows))),
        V,
        "model",
        "numbers",
        "<U3",
    ),
    "an answer of nan": (
        explain(lambda rows: np.full(len(rows), np.nan)),
        V,
        "model",
        "finite",
        "nan",
    ),
    # output and scale
    "a class that is not there": (explain(output=7), V, "output", "classes 0, 1", "7"),
    "a label of another type": (explain(SEVERAL, output=1), V, "output", "'low', 'mid'", "1"),
    "no class of three": (explain(SEVERAL), V, "output", "'low', 'mid', 'top'", "None"),
    "a list of classes": (explain(output=[0, 1]), V, "output", "one of", r"\[0, 1\]"),
    "no column of two": (explain(TWO_OUTPUTS), V, "output", "column from 0 to 1", "None"),
    "a column too far": (explain(TWO_OUTPUTS, output=2), V, "output", "0 to 1", "2"),
    "a column by name": (explain(TWO_OUTPUTS, output="y"), V, "output", "0 to 1", "'y'"),
    "an output of one": (explain(first, output=1), V, "output", "left out", "1"),
    "an unknown scale": (explain(output_space="euros"), V, "output_space", "one of", "'euros'"),
    "a label as a scale": (
        explain(output_space="prediction", method="exact_shapley"),
        V,
        "output_space",
        "'probability'",
        "'prediction'",
    ),
    "the probability of a function": (
        explain(first, output_space="probability"),
        V,
        "output_space",
        "'prediction'",
        "'probability'",
    ),
    "the probability of a machine without": (
        explain(LinearSVC().fit(X, LABEL), output_space="probability"),
        V,
        "output_space",
        "'score'",
        "'probability'",
    ),
    "log-odds of a certainty": (
        explain(SURE, [[0.0]], [[1e6]], output_space="log-odds"),
        V,
        "log-odds",
        "strictly between 0 and 1",
        "gave [01]",
    ),
    # method, options, seed, workers
    "an unknown method": (explain(method="lime2"), V, "method", "'auto'.*'linear'", "'lime2'"),
    "no method": (explain(method=None), V, "method", "one of", "None"),
    "linear of a forest": (
        explain(FOREST, method="linear"),
        V,
        "'linear'",
        "linear model",
        "RandomForest",
    ),
    "linear of a function": (explain(first, method="linear"), V, "'linear'", "a callable"),
    "linear in probability": (
        explain(method="linear", output_space="probability"),
        V,
        "'linear'",
        "'log-odds'",
        "'probability'",
    ),
    "trees of a line": (
        explain(method="tree_shap"),
        V,
        "'tree_shap'",
        "trees",
        "LogisticRegression",
    ),
    "trees in log-odds": (
        explain(FOREST, method="tree_shap", output_space="log-odds"),
        V,
        "'tree_shap'",
        "'probability'",
        "'log-odds'",
    ),
    "trees behind a link": (
        explain(POISSON, method="tree_shap"),
        V,
        "'tree_shap'",
        "loss 'poisson'",
    ),
    "an unknown perturbation": (
        explain(FOREST, feature_perturbation="observational"),
        V,
        "feature_perturbation",
        "'interventional'",
        "'observational'",
    ),
    "too many features to be exact": (
        explain(first, np.ones((1, 17)), np.ones((1, 17)), method="exact_shapley"),
        V,
        "'exact_shapley'",
        "16 features",
        "d = 17",
        "kernel_shap",
    ),
    "an unknown option": (
        explain(method="kernel_shap", n_sample=10),
        T,
        "'kernel_shap'",
        "'n_samples'",
        "'n_sample'",
    ),
    "an option too many": (
        explain(method="linear", n_samples=10),
        T,
        "'linear'",
        "no options",
        "'n_samples'",
    ),
    "samples too few": (
        explain(method="kernel_shap", n_samples=1),
        V,
        "n_samples",
        "at least 4",
        "1",
    ),
    "samples that do not tell": (
        explain(first, np.ones((1, 12)), np.zeros((1, 12)), n_samples=13, random_state=0),
        V,
        "n_samples",
        "12 features apart",
        "13",
    ),
    "half a sample": (
        explain(method="kernel_shap", n_samples=99.5),
        T,
        "n_samples",
        "whole number",
        "99.5",
    ),
    "a negative seed": (explain(random_state=-1), V, "random_state", "at least 0", "-1"),
    "a word for a seed": (explain(random_state="seed"), T, "random_state", "whole", "'seed'"),
    "no workers": (explain(n_jobs=0), V, "n_jobs", "at least 1", "0"),
    "half a worker": (explain(n_jobs=1.5), T, "n_jobs", "whole number", "1.5"),
}

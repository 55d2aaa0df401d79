"""`import xaikit` is light, and a missing library says which extra brings it."""

import subprocess
import sys

import pytest

HEAVY = {"shap", "lime", "tensorflow", "keras", "xgboost", "IPython", "sklearn", "pandas"}
HEAVY |= {"matplotlib.pyplot", "scipy", "joblib", "numpy", "numba"}


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_import_loads_nothing_heavy():
    done = python("import sys, xaikit; print(*sys.modules, sep='\\n')")
    loaded = set(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert "xaikit" in loaded
    assert not loaded & HEAVY
    assert {name for name in loaded if name.startswith("xaikit")} == {"xaikit"}


@pytest.mark.slow
def test_explaining_a_linear_model_loads_no_optional_library():
    done = python(
        "import sys, numpy as np, pandas as pd, xaikit as xk\n"
        "from sklearn.linear_model import LinearRegression\n"
        "X = np.eye(30)[:, :3]\n"
        "m = LinearRegression().fit(X, X.sum(axis=1))\n"
        "xk.explain(m, X), xk.explain(m.predict, X), xk.games.shapley_values(xk.games.glove())\n"
        "xk.explain(m, pd.DataFrame(X))\n"
        "xk.counterfactual(m, X[0], background=X, target=(1.5, 3))\n"
        "print(*sys.modules, sep='\\n')"
    )
    assert done.returncode == 0, done.stderr
    optional = {"shap", "lime", "tensorflow", "keras", "IPython", "matplotlib.pyplot", "jinja2"}
    optional |= {"xgboost", "lightgbm", "catboost", "polars", "torch", "numba"}
    assert not set(done.stdout.split()) & optional


TREE = "DecisionTreeRegressor().fit(np.eye(30), np.arange(30))"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("library", "call"),
    [
        ("shap", "xk.explain(lambda X: X[:, 0], np.eye(30), method='kernel_shap')"),
        ("numba", f"xk.explain({TREE}, np.eye(30))"),
        (
            "shap",
            f"xk.explain({TREE}, np.eye(30), method='tree_shap', "
            "feature_perturbation='tree_path_dependent')",
        ),
        ("shap", "xk.explain(lambda X: X[:, 0], np.eye(30)[:, :2]).to_shap()"),
    ],
)
def test_a_missing_library_says_which_extra_brings_it(library, call):
    done = python(
        f"import sys; sys.modules[{library!r}] = None\n"
        "import numpy as np, xaikit as xk\n"
        "from sklearn.tree import DecisionTreeRegressor\n"
        f"{call}"
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last == (
        f"ImportError: {library} is needed here and is not installed: "
        'pip install "xaikit[methods]" installs it.'
    )


@pytest.mark.slow
def test_dir_lists_what_can_be_used():
    done = python("import xaikit as xk; print(*(getattr(xk, n) is not None for n in dir(xk)))")
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {"True"}

"""Traps of shape and of state: shap is shown to fall in, and ours not to."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import shap
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from xgboost import XGBClassifier

import xaikit as xk

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
MODELS = {
    "forest": RandomForestClassifier(5, max_depth=3, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=5, random_state=0),
    "xgboost": XGBClassifier(n_estimators=5, max_depth=2, random_state=0),
}


@pytest.mark.parametrize(
    ("name", "shape", "base", "scale"),
    [
        ("forest", (80, 4, 2), (2,), "probability"),
        ("boosting", (80, 4), (1,), "log-odds"),
        ("xgboost", (80, 4), (), "log-odds"),
    ],
)
def test_shap_answers_three_models_in_three_shapes(name, shape, base, scale):
    model = MODELS[name].fit(X, Y)
    explainer = shap.TreeExplainer(model)
    assert np.shape(explainer.shap_values(X)) == shape
    assert np.shape(explainer.expected_value) == base

    e = xk.explain(model, X, method="tree_shap", background=X)
    assert e.values.shape == (80, 4)
    assert e.base_values.shape == e.predictions.shape == (80,)
    assert e.output_space == scale


@pytest.fixture
def interactive():
    with plt.ion():
        yield
    plt.close("all")


def test_a_waterfall_of_shap_leaves_interactive_mode_off(interactive):
    model = MODELS["boosting"].fit(X, Y)
    e = xk.explain(model, X[:1], method="tree_shap", background=X)

    xk.plot.waterfall(e)
    assert mpl.is_interactive()

    shap.plots.waterfall(e.to_shap()[0], show=False)
    assert not mpl.is_interactive()

"""The table of the reference says what is so."""

import pytest

from tools.support import MODELS, outcome

# What a reader is told; by library and kind, for each method that takes the model.
EVERY = {"exact_shapley": "exact", "kernel_shap": "estimate", "lime": "estimate"}
NETWORK = {"gradient": "yes", "gradient_x_input": "yes", "smoothgrad": "estimate"}
NETWORK |= {"integrated_gradients": "estimate"}
TOLD = {
    "linear models, behind scalers": {"linear": "exact", **EVERY},
    "trees and forests": {"tree_shap": "exact", **EVERY},
    "pipelines that encode": {"tree_shap": "exact", **EVERY},
    "outlier detectors": EVERY,
    "clusterings, hard votes: labels alone": {},
    "estimators and boosters": {"tree_shap": "exact", **EVERY},
    "estimators and boosters, with categories": {"tree_shap": "exact", **EVERY},
    "estimators and plain models, with categories": {"tree_shap": "exact", **EVERY},
    "networks of tables": {**EVERY, **NETWORK},
    "networks of images": {"grad_cam": "yes", **NETWORK},
    "any function": EVERY,
}


@pytest.mark.parametrize("kind", TOLD)
def test_the_table_says_what_a_model_is_explained_by(kind):
    build = next(build for (_, name), build in MODELS.items() if name == kind)
    model, X = build()
    names = {*EVERY, *NETWORK, "linear", "tree_shap", "grad_cam"}
    assert {name: found for name in names if (found := outcome(model, X, name)) != "–"} == TOLD[
        kind
    ]

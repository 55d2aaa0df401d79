"""A number is a number in whatever type a table keeps it: the results are the same."""

from decimal import Decimal
from functools import cache, partial
from types import FunctionType

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import xaikit as xk
from xaikit import boundary, effects, evaluate

pa = pytest.importorskip("pyarrow")


@cache
def reals():
    """Return a table of reals that float32 and two decimals hold too, and its classes."""
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(120, 3)), columns=list("abc"))
    X = (X * 4).round() / 4
    return X, (X.a + X.b > 0).astype(int)


@cache
def wholes():
    X = (reals()[0] * 4).round()
    return X, (X.a + X.b > 0).astype(int)


@cache
def counts():
    X, y = wholes()
    return X + 50, y


@cache
def flags():
    """Return two columns of reals, and one that is true or false."""
    X = reals()[0].assign(c=reals()[0]["c"] > 0)
    return X, (X.a + X.c / 2 > 0.25).astype(int)


TYPES = {
    "float64": (reals, "float64"),
    "float32": (reals, "float32"),
    "Float64": (reals, "Float64"),
    "Float32": (reals, "Float32"),
    "double[pyarrow]": (reals, "double[pyarrow]"),
    "sparse": (reals, pd.SparseDtype("float64")),
    "object of floats": (reals, object),
    "Decimal": (reals, lambda c: c.map(lambda v: Decimal(str(v))).astype(object)),
    "decimal128[pyarrow]": (reals, pd.ArrowDtype(pa.decimal128(12, 4))),
    "int64": (wholes, "int64"),
    "uint8": (counts, "uint8"),
    "Int64": (wholes, "Int64"),
    "int64[pyarrow]": (wholes, "int64[pyarrow]"),
    "object of ints": (wholes, lambda c: c.astype(int).astype(object)),
    "boolean": (flags, {"c": "boolean"}),
    "bool[pyarrow]": (flags, {"c": "bool[pyarrow]"}),
    "object of bools": (flags, {"c": object}),
}
# scikit-learn's scalers do not centre a sparse table.
CENTRED = [name for name in TYPES if name != "sparse"]
KINDS = {
    "linear": LogisticRegression(),
    "tree_shap": DecisionTreeClassifier(max_depth=4),
    "boosted": GradientBoostingClassifier(n_estimators=20, random_state=0),
}


def with_types(table, dtype):
    return table.apply(dtype) if isinstance(dtype, FunctionType) else table.astype(dtype)


@cache
def fitted(kind, make):
    """Return a pipeline fitted on numpy's floats, or a function that takes any table."""
    X, y = make()
    if kind != "boosted":
        return make_pipeline(StandardScaler(), clone(KINDS[kind])).fit(X, y)
    model = clone(KINDS[kind]).fit(X.to_numpy(float), y)
    return lambda table: model.predict_proba(table.astype(float).to_numpy())[:, 1]


@cache
def asked_of_floats(ask, make):
    return ask(make, make()[0])


def asked(ask, name):
    """Return the answers for the plain table, and for the same in another type."""
    make, dtype = TYPES[name]
    return asked_of_floats(ask, make), ask(make, with_types(make()[0], dtype))


def attributions(method, make, table):
    model = fitted(method if method in KINDS else "boosted", make)
    options = {"n_samples": 200} if method == "lime" else {}
    return xk.explain(
        model, table[:4], method=method, background=table[4:40], random_state=0, **options
    )


ATTRIBUTIONS = {
    method: partial(attributions, method)
    for method in ("linear", "tree_shap", "exact_shapley", "kernel_shap", "lime", "occlusion")
}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("method", ATTRIBUTIONS)
def test_attributions_are_those_of_numpys_floats(name, method):
    if name not in CENTRED and method in KINDS:
        pytest.skip("scikit-learn's scalers do not centre a sparse table")
    plain, found = asked(ATTRIBUTIONS[method], name)
    # Among floats of 32 bits a pipeline itself computes with so many.
    near = 1e-6 if "32" in name and method == "linear" else 1e-12
    np.testing.assert_allclose(found.values, plain.values, rtol=0, atol=near)
    np.testing.assert_allclose(found.base_values, plain.base_values, rtol=0, atol=near)
    assert np.abs(plain.values).max() > 0.01


def counterfactual(make, table):
    model = fitted("boosted", make)
    target = (0.5, np.inf) if model(table[:1])[0] < 0.5 else (-np.inf, 0.5)
    return xk.counterfactual(
        model, table[:1], background=table, target=target, limits={"a": (-30, 80)},
        random_state=0, n_samples=500,
    )  # fmt: skip


@pytest.mark.parametrize("name", TYPES)
def test_a_counterfactual_is_as_near_as_among_numpys_floats(name):
    plain, found = asked(counterfactual, name)
    assert found.distance == pytest.approx(plain.distance, rel=1e-6 if "32" in name else 1e-12)
    moved = found.changes["feature"].tolist()
    assert moved == plain.changes["feature"].tolist()
    # The row has the types of the table, save where four digits do not hold the number.
    own = with_types(TYPES[name][0]()[0], TYPES[name][1])
    if "decimal128" in name:
        own = own.astype(dict.fromkeys(moved, "double[pyarrow]"))
    assert found.row.dtypes.tolist() == own.dtypes.tolist()


def plane(make, table):
    return boundary.distance(fitted("linear", make), table[:3], background=table)


def searched(make, table):
    return boundary.distance(
        fitted("boosted", make), table[:1], background=table, threshold=0.5, n_samples=60,
        random_state=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "name"), [(plane, n) for n in CENTRED] + [(searched, n) for n in TYPES]
)
def test_the_boundary_is_as_near_as_among_numpys_floats(ask, name):
    plain, found = asked(ask, name)
    assert found.exact == (ask is plane)
    near = 1e-6 if "32" in name else 1e-10
    np.testing.assert_allclose(found.distances, plain.distances, rtol=near)


def effect(make, table):
    return effects.ale(fitted("boosted", make), table, "c", n_bins=5)


def pair_effect(make, table):
    return effects.ale(fitted("boosted", make), table, ("a", "c"), n_bins=3)


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("ask", [effect, pair_effect])
def test_effects_are_those_of_numpys_floats(name, ask):
    plain, found = asked(ask, name)
    np.testing.assert_allclose(found.values, plain.values, rtol=0, atol=1e-12)
    assert plain.values.shape == found.values.shape


def stability(make, table):
    explainer = partial(
        xk.explain, fitted("boosted", make), background=table[:20], method="exact_shapley"
    )
    return evaluate.stability(
        explainer, table[:3], background=table, radius=1.0, n_neighbours=4, random_state=0
    )


@pytest.mark.parametrize("name", TYPES)
def test_stability_is_that_of_numpys_numbers(name):
    make, dtype = TYPES[name]
    X, _ = make()
    # Numbers in a type of whole ones move in whole steps, numpy's and others.
    plain = stability(make, X.astype("int64") if make in (wholes, counts) else X)
    found = stability(make, with_types(X, dtype))
    np.testing.assert_allclose(found.lipschitz, plain.lipschitz, rtol=1e-6)
    np.testing.assert_allclose(found.prediction_change, plain.prediction_change, rtol=1e-6)
    assert plain.lipschitz.max() > 0


def faithfulness(make, table):
    e = attributions("exact_shapley", make, table)
    return evaluate.faithfulness_correlation(
        fitted("boosted", make), e, background=table[4:40], n_subsets=20, random_state=0
    )


@pytest.mark.parametrize("name", CENTRED)
def test_faithfulness_is_that_of_numpys_floats(name):
    plain, found = asked(faithfulness, name)
    np.testing.assert_allclose(found.values, plain.values, rtol=1e-10)


GAPS = {
    "Float64": (reals, "Float64"),
    "double[pyarrow]": (reals, "double[pyarrow]"),
    "Decimal": (reals, lambda c: c.map(lambda v: None if np.isnan(v) else Decimal(str(v)))),
    "Int64": (wholes, "Int64"),
    "int64[pyarrow]": (wholes, "int64[pyarrow]"),
    "None": (wholes, lambda c: c.map(lambda v: None if np.isnan(v) else int(v)).astype(object)),
}


@cache
def with_gaps(make):
    X = make()[0].copy()
    X.iloc[::7, 1] = np.nan
    X.iloc[3, 0] = np.nan
    return X, HistGradientBoostingClassifier(max_iter=10, random_state=0).fit(X, make()[1])


def asked_with_gaps(make, table):
    """Return the attributions by each method, and the distances."""
    _, model = with_gaps(make)
    attributions = [
        xk.explain(model, table[:8], background=table, method=method).values
        for method in ("exact_shapley", "occlusion", "tree_shap")
    ]
    moved = xk.counterfactual(model, table[1:2], background=table, random_state=0, n_samples=500)
    near = boundary.distance(model, table[:2], background=table, n_samples=200, random_state=0)
    return attributions, [moved.distance, *near.distances]


@cache
def asked_of_floats_with_gaps(make):
    return asked_with_gaps(make, with_gaps(make)[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", GAPS)
def test_missing_numbers_are_missing_in_every_type(name):
    make, dtype = GAPS[name]
    plain = asked_of_floats_with_gaps(make)
    found = asked_with_gaps(make, with_types(with_gaps(make)[0], dtype))
    np.testing.assert_allclose(found[0], plain[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found[1], plain[1], rtol=1e-12)

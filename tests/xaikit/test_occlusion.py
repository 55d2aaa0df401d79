"""Occlusion for tables: closed forms, brute force, and a residual that is not hidden."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

import xaikit as xk

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))


def occlusion(model, rows, background, **options):
    return xk.explain(model, rows, background=background, method="occlusion", **options)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), d=st.integers(1, 12), b=st.integers(1, 30))
def test_a_line_gets_weight_times_distance_and_nothing_is_left(seed, d, b):
    rng = np.random.default_rng(seed)
    weights, rows, background = rng.normal(size=d), rng.normal(size=(4, d)), rng.normal(size=(b, d))
    e = occlusion(lambda Z: Z @ weights + 3, rows, background)
    np.testing.assert_allclose(e.values, (rows - background.mean(axis=0)) * weights, atol=1e-12)
    np.testing.assert_allclose(e.base_values, background.mean(axis=0) @ weights + 3)
    np.testing.assert_allclose(e.residual, 0, atol=1e-12)
    assert not e.estimated


def test_a_product_counts_what_two_do_together_for_both():
    rows, background = RNG.normal(size=(5, 2)) + 1, RNG.normal(size=(30, 2)) + 2
    e = occlusion(lambda Z: Z[:, 0] * Z[:, 1], rows, background)
    (x1, x2), (m1, m2) = rows.T, background.mean(axis=0)
    c = (background[:, 0] * background[:, 1]).mean()
    np.testing.assert_allclose(e.values, np.column_stack([(x1 - m1) * x2, (x2 - m2) * x1]))
    np.testing.assert_allclose(e.base_values, c)
    np.testing.assert_allclose(e.residual, m1 * x2 + m2 * x1 - x1 * x2 - c)
    assert np.abs(e.residual).max() > 0.1


def test_either_of_two_that_do_the_same_is_worth_nothing():
    e = occlusion(lambda Z: Z.max(axis=1), np.ones((1, 2)), np.zeros((4, 2)))
    np.testing.assert_array_equal(e.values, [[0, 0]])
    np.testing.assert_array_equal(e.residual, [1])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), b=st.integers(1, 60))
def test_a_column_that_is_not_read_is_worth_exactly_nothing(seed, b):
    rng = np.random.default_rng(seed)
    rows, background = rng.normal(size=(3, 4)), rng.normal(size=(b, 4))
    e = occlusion(lambda Z: 0.1 * np.exp(Z[:, 0]) + np.sin(Z[:, 2]) / 3, rows, background)
    assert (e.values[:, [1, 3]] == 0).all()
    exact = xk.explain(
        lambda Z: 0.1 * np.exp(Z[:, 0]) + np.sin(Z[:, 2]) / 3,
        rows,
        background=background,
        method="exact_shapley",
    )
    assert (exact.values[:, [1, 3]] == 0).all()


def test_a_forest_and_categories_by_brute_force():
    frame = pd.DataFrame(
        {"size": X[:, 0], "kind": RNG.choice(["a", "b", "c"], size=40), "age": X[:, 1]}
    )
    forest = RandomForestClassifier(n_estimators=10, random_state=0).fit(X, X[:, 0] > X[:, 1])

    def model(table):
        kinds = table["kind"].map({"a": -1.0, "b": 0.0, "c": 1.0})
        columns = [table["size"], kinds, table["age"]]
        return forest.predict_proba(np.column_stack(columns))[:, 1]

    e = occlusion(model, frame.head(3), frame)
    for i in range(3):
        for j, name in enumerate(frame):
            mixed = pd.concat([frame.iloc[[i]]] * 40, ignore_index=True)
            mixed[name] = frame[name].to_numpy()
            wanted = model(frame.iloc[[i]])[0] - model(mixed).mean()
            assert e.values[i, j] == pytest.approx(wanted, abs=1e-12)
    np.testing.assert_allclose(e.base_values, model(frame).mean())


def test_workers_do_not_change_the_numbers():
    def f(Z):
        return Z[:, 0] * Z[:, 1] + Z[:, 2]

    alone = occlusion(f, X, X)
    np.testing.assert_array_equal(occlusion(f, X, X, n_jobs=2).values, alone.values)
    parts = np.concatenate([occlusion(f, X[i : i + 1], X).values for i in range(5)])
    np.testing.assert_array_equal(parts, alone.values[:5])


def test_many_features_and_bounded_memory():
    largest = 0

    def f(Z):
        nonlocal largest
        largest = max(largest, Z.nbytes)
        return Z.sum(axis=1)

    e = occlusion(f, np.ones((3, 120)), np.zeros((300, 120)))
    np.testing.assert_allclose(e.values, 1)
    assert largest <= 8 * 2**20


@pytest.mark.parametrize("d", [3, 20])
def test_auto_takes_neither_this_nor_lime(d):
    e = xk.explain(lambda Z: Z[:, 0], RNG.normal(size=(2, d)), background=RNG.normal(size=(9, d)))
    assert e.method in ("exact_shapley", "kernel_shap")


BAD = {
    "an option": ({"patch_size": 3}, TypeError, "'occlusion' takes no options.*'patch_size'"),
    "a narrow background": ({"background": X[:, :2]}, ValueError, "background.*3 columns.*got 2"),
    "an empty background": ({"background": X[:0]}, ValueError, "background.*at least one row"),
    "nan": ({"rows": X * np.nan}, ValueError, "X must have no missing"),
    "labels": ({"model": lambda Z: np.array(["a"] * len(Z))}, ValueError, "model.*numbers.*<U1"),
    "a nan of the model's": ({"model": lambda Z: Z[:, 0] * np.nan}, ValueError, "model.*finite"),
    "a bar in numbers": ({"progress": 2}, TypeError, "progress must be True, False or None; got 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_met_at_the_door(name):
    changed, error, message = BAD[name]
    given_ = {"model": lambda Z: Z[:, 0], "rows": X[:2], "background": X, **changed}
    with pytest.raises(error, match=message) as raised:
        occlusion(given_.pop("model"), given_.pop("rows"), given_.pop("background"), **given_)
    assert type(raised.value) is error

"""What else a method saw: carried, sliced, pickled and written beside the attributions."""

import json
import pickle
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import xaikit as xk


def make(**diagnostics):
    return xk.Explanation(
        values=np.ones((3, 2)),
        base_values=np.zeros(3),
        predictions=np.full(3, 2.0),
        data=np.ones((3, 2)),
        feature_names=("age", "income"),
        output_name="prediction",
        output_space="prediction",
        method="lime",
        why="",
        estimated=True,
        diagnostics=diagnostics,
    )


FULL = {"r2": np.array([0.5, 0.25, 1.0]), "spread": np.arange(6.0).reshape(3, 2)}
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def same(a, b):
    assert list(a.diagnostics) == list(b.diagnostics)
    for name, array in a.diagnostics.items():
        assert array.shape == b.diagnostics[name].shape
        assert array.tobytes() == b.diagnostics[name].tobytes()


def test_empty_unless_the_method_fills_it():
    e = xk.explain(lambda Z: Z[:, 0], np.ones((2, 2)), background=np.zeros((3, 2)))
    assert dict(e.diagnostics) == {}
    assert dict(make().diagnostics) == {}


def test_rows_are_taken_along():
    e = make(**FULL)
    for rows in (1, -1, slice(0, 2), np.array([True, False, True]), slice(0, 0)):
        part = e[rows]
        keep = slice(rows % 3, rows % 3 + 1) if isinstance(rows, int) else rows
        for name in FULL:
            np.testing.assert_array_equal(part.diagnostics[name], FULL[name][keep])
    assert [row.diagnostics["r2"][0] for row in e] == [0.5, 0.25, 1.0]


def test_nothing_can_be_written_over():
    mine = {"r2": np.zeros(3)}
    e = make(**mine)
    mine["r2"][0] = 7
    assert e.diagnostics["r2"][0] == 0
    with pytest.raises(TypeError):
        e.diagnostics["new"] = np.zeros(3)
    with pytest.raises(ValueError, match="read-only"):
        e.diagnostics["r2"][0] = 1


@pytest.mark.parametrize("copied", [deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_are_whole_and_as_closed(copied):
    e = make(**FULL)
    again = copied(e)
    same(again, e)
    assert again.to_json() == e.to_json()
    with pytest.raises(ValueError, match="read-only"):
        again.values[0] = 1


@settings(deadline=None)
@given(
    arrays(float, 3, elements=FLOATS),
    arrays(float, (3, 2, 2), elements=FLOATS),
    st.text(max_size=9),
)
def test_json_keeps_every_bit(r2, deep, name):
    e = make(**{"r2": r2, name: deep})
    same(xk.Explanation.from_json(e.to_json()), e)
    none = e[:0]
    same(xk.Explanation.from_json(none.to_json()), none)


def test_lime_through_json():
    X = np.random.default_rng(0).normal(size=(25, 3))
    e = xk.explain(lambda Z: Z[:, 0], X, method="lime", n_samples=50, n_repeats=2, random_state=0)
    assert set(e.diagnostics) == {"r2", "coefficients", "effective_samples", "spread"}
    assert e.diagnostics["spread"].shape == e.values.shape
    same(xk.Explanation.from_json(e.to_json()), e)
    same(xk.Explanation.from_json(e[3].to_json()), e[3])


BAD = {
    "too few rows": ({"r2": np.zeros(2)}, "diagnostics.*3 rows.*'r2'"),
    "a single number": ({"r2": 0.5}, r"diagnostics.*3 rows.*\(\) for 'r2'"),
    "nan": ({"r2": np.array([0, np.nan, 1])}, r"diagnostics\['r2'\] must be finite; got nan"),
    "text": ({"r2": ["a", "b", "c"]}, r"diagnostics\['r2'\] must hold numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_diagnostics_are_refused(name):
    diagnostics, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        make(**diagnostics)


def forged(diagnostics):
    return json.dumps({**json.loads(make(**FULL).to_json()), "diagnostics": diagnostics})


PART = {"shape": [3], "values": [1, 2, 3]}
FORGED = {
    "a list": ([PART], "diagnostics must be a record; got list"),
    "a bare list of numbers": ({"r2": [1, 2, 3]}, "shape and values each; got 'r2'"),
    "a key too many": ({"r2": {**PART, "code": ""}}, "shape and values each; got 'r2'"),
    "a shape that lies": ({"r2": {**PART, "shape": [10**9]}}, "list of 10{9}.*got 3"),
    "no shape": ({"r2": {**PART, "shape": []}}, "shape must be 1 to 8 whole numbers"),
    "rows too few": ({"r2": {"shape": [2], "values": [1, 2]}}, "diagnostics.*3 rows"),
    "text": ({"r2": {**PART, "values": ["1", 2, 3]}}, "diagnostics must hold numbers; got '1'"),
}


@pytest.mark.parametrize("name", FORGED)
def test_from_json_refuses(name):
    diagnostics, message = FORGED[name]
    with pytest.raises(ValueError, match=message):
        xk.Explanation.from_json(forged(diagnostics))

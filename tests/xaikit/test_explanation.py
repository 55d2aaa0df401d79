"""The one result: its shapes, its rows, its JSON."""

import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import xaikit as xk

FIELDS = ("values", "base_values", "predictions", "data")


def make(**changes):
    fields = {
        "values": np.array([[1.0, -2.0], [0.5, 4.0], [0.0, -1.0]]),
        "base_values": np.array([10.0, 10.0, 10.0]),
        "predictions": np.array([9.0, 14.5, 9.25]),
        "data": np.array([[1, 2], [3, 4], [5, 6]]),
        "feature_names": ("age", "income"),
        "output_name": "yes",
        "output_space": "probability",
        "method": "exact_shapley",
        "why": "It was asked for.",
        "estimated": False,
    }
    return xk.Explanation(**{**fields, **changes})


def same(a, b):
    for name in FIELDS:
        x, y = getattr(a, name), getattr(b, name)
        assert x.dtype == y.dtype
        assert x.shape == y.shape
        assert x.tobytes() == y.tobytes() if x.dtype != object else x.tolist() == y.tolist()
    rest = [f.name for f in dataclasses.fields(a) if f.name not in FIELDS]
    assert [getattr(a, name) for name in rest] == [getattr(b, name) for name in rest]


def test_residual_is_what_is_left_over():
    np.testing.assert_allclose(make().residual, [0, 0, 0.25])


def test_importance_is_the_mean_size_largest_first():
    importance = make().importance()
    assert importance.index.tolist() == ["income", "age"]
    np.testing.assert_allclose(importance, [7 / 3, 0.5])


def test_rows_by_number_slice_and_mask():
    e = make()
    assert len(e) == 3
    np.testing.assert_array_equal(e[1].values, [[0.5, 4.0]])
    np.testing.assert_array_equal(e[-1].predictions, [9.25])
    np.testing.assert_array_equal(e[:2].data, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(e[e.predictions > 9.1].base_values, [10, 10])
    assert [row.predictions[0] for row in e] == [9, 14.5, 9.25]
    assert len(e[np.zeros(3, dtype=bool)]) == 0
    assert e[1].why == e.why


def test_to_frame_has_a_column_a_feature():
    frame = make().to_frame()
    assert frame.columns.tolist() == ["age", "income"]
    np.testing.assert_array_equal(frame, make().values)


INDICES = {
    "numbers": pd.Index([7, 3, 11], name="applicant"),
    "texts": pd.Index(["anna", "ben", "ä"]),
    "several": pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["ward", None]),
    "dates": pd.date_range("2024-02-28", periods=3, name="day"),
}


@pytest.mark.parametrize("kind", INDICES)
def test_to_frame_keeps_the_index_of_the_rows(kind):
    index = INDICES[kind]
    e = make(index=index)
    pd.testing.assert_index_equal(e.to_frame().index, index)
    pd.testing.assert_index_equal(e[1:].to_frame().index, index[1:])
    pd.testing.assert_index_equal(e[-1].to_frame().index, index[2:])
    pd.testing.assert_index_equal(e[e.predictions > 9.1].index, index[1:])
    pd.testing.assert_index_equal(pickle.loads(pickle.dumps(e)).index, index)


def test_rows_without_an_index_are_numbered():
    assert make().index is None
    assert make()[1:].to_frame().index.tolist() == [0, 1]
    assert make(index=("x", "y", "z")).to_frame().index.tolist() == ["x", "y", "z"]
    assert make(index=np.array([5, 6, 7]))[2].to_frame().index.tolist() == [7]


def test_to_shap_carries_everything_over():
    theirs = make().to_shap()
    np.testing.assert_array_equal(theirs.values, make().values)
    np.testing.assert_array_equal(theirs.base_values, make().base_values)
    np.testing.assert_array_equal(theirs.data, make().data)
    assert list(theirs.feature_names) == ["age", "income"]


def test_nothing_can_be_written_over():
    values = np.ones((3, 2))
    e = make(values=values)
    values[0, 0] = 7
    assert e.values[0, 0] == 1
    for name in FIELDS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(e, name)[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        e.method = "other"


def test_repr_says_what_how_and_how_far_off():
    text = repr(make())
    for words in ("'yes'", "probability", "exact_shapley (exact)", "3 × 2", "0.25", "income 2.33"):
        assert words in text
    assert "(estimated)" in repr(make(estimated=True))
    assert "2 × 4 × 4" in repr(
        make(
            values=np.zeros((2, 4, 4)),
            data=np.zeros((2, 4, 4)),
            base_values=np.zeros(2),
            predictions=np.zeros(2),
            feature_names=None,
        )
    )


FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(arrays(float, (2, 3), elements=FLOATS), arrays(float, 2, elements=FLOATS))
def test_json_keeps_every_bit(values, predictions):
    e = make(
        values=values,
        data=values[::-1],
        predictions=predictions,
        base_values=predictions[::-1],
        feature_names=("a", "ü", '"'),
    )
    same(xk.Explanation.from_json(e.to_json()), e)


@pytest.mark.parametrize(
    "data",
    [
        np.array([[1, 2], [3, 4], [5, 2**62 + 1]]),
        np.array([[1, 2], [3, 4], [5, 6]], dtype=np.uint8),
        np.array([[0.1, np.nan], [3, 4], [5, 6]], dtype=np.float32),
        np.array([[True, False]] * 3),
        np.array([["x", 1], ["y", 2.5], [None, True]], dtype=object),
    ],
)
def test_json_keeps_the_type_of_the_data(data):
    e = make(data=data)
    back = xk.Explanation.from_json(e.to_json())
    if data.dtype == np.float32:
        np.testing.assert_array_equal(back.data, data)
        assert back.data.dtype == np.float32
    else:
        same(back, e)
    assert back[1].to_json() == e[1].to_json()


@pytest.mark.parametrize("kind", INDICES)
def test_json_keeps_the_index(kind):
    index = INDICES[kind]
    back = xk.Explanation.from_json(make(index=index).to_json())
    assert list(back.index.names) == list(index.names)
    # JSON has no dates.
    assert back.index.tolist() == (
        ["2024-02-28 00:00:00", "2024-02-29 00:00:00", "2024-03-01 00:00:00"]
        if kind == "dates"
        else index.tolist()
    )
    assert back[1].index.tolist() == back.index[1:2].tolist()
    none = xk.Explanation.from_json(make(index=index)[:0].to_json())
    assert len(none.index) == 0


@pytest.mark.parametrize(("number", "lacks"), [(1, ["index", "channels"]), (2, ["channels"])])
def test_json_of_earlier_formats_still_loads(number, lacks):
    record = json.loads(make().to_json())
    assert [record.pop(name) for name in lacks] == [None] * len(lacks)
    record["format"] = f"xaikit.Explanation/{number}"
    same(xk.Explanation.from_json(json.dumps(record)), make())


@pytest.mark.parametrize("channels", ["first", "last", None])
def test_where_channels_stand_is_kept(channels):
    images = np.ones((2, 3, 5, 4))
    e = make(values=images, data=images, base_values=np.zeros(2), predictions=np.ones(2),
             feature_names=None, channels=channels)  # fmt: skip
    for kept in (e, e[1], xk.Explanation.from_json(e.to_json()), pickle.loads(pickle.dumps(e))):
        assert kept.channels == channels


def test_json_of_images_and_of_no_rows():
    images = np.random.default_rng(0).normal(size=(2, 3, 5))
    e = make(
        values=images,
        data=images,
        base_values=np.zeros(2),
        predictions=np.ones(2),
        feature_names=None,
    )
    same(xk.Explanation.from_json(e.to_json()), e)
    none = e[np.array([False, False])]
    same(xk.Explanation.from_json(none.to_json()), none)


def changed(**changes):
    return json.dumps({**json.loads(make().to_json()), **changes})


FORGED = {
    "not json": ("{'values': 1}", "text must be JSON"),
    "a list": ("[1, 2]", "JSON object; got list"),
    "nested without end": ("[" * 200_000, "nested too deeply"),
    "a key missing": ('{"format": "xaikit.Explanation/1"}', "with its keys; got the keys"),
    "a key too many": (changed(code="import os"), "with its keys"),
    "another format": (changed(format="pickle"), "format 'xaikit.Explanation/3'"),
    "an index in format 1": (changed(format="xaikit.Explanation/1"), "with its keys"),
    "channels in the middle": (changed(channels="middle"), "channels must be one of"),
    "channels by number": (changed(channels=1), "channels must be a text or null; got int"),
    "an index of one": (changed(index={"names": [None], "labels": [1]}), "index.*list of 3.*got 1"),
    "an index that is none": (changed(index=[1, 2, 3]), "index must be a record.*got list"),
    "a record for a label": (
        changed(index={"names": [None], "labels": [{}, 1, 2]}),
        "index must hold.*a record",
    ),
    "lists in a label": (
        changed(index={"names": [None], "labels": [[[1]], [[2]], [[3]]]}),
        "index must hold",
    ),
    "labels of several lengths": (
        changed(index={"names": ["a", "b"], "labels": [[1, 2], [3], 4]}),
        "index.*2 parts each",
    ),
    "no names": (changed(index={"names": [], "labels": [1, 2, 3]}), "index must have names"),
    "a number for a name": (
        changed(index={"names": [{}], "labels": [1, 2, 3]}),
        "index.*names.*texts",
    ),
    "NaN": (make().to_json().replace("9.25", "NaN"), "finite numbers only; got NaN"),
    "Infinity": (make().to_json().replace("9.25", "-Infinity"), "finite.*got -Infinity"),
    "a number too large": (
        make().to_json().replace("9.25", "1e999"),
        "predictions must be finite",
    ),
    "text for a number": (changed(values=["1"] * 6), "values must hold numbers; got '1'"),
    "a boolean for a number": (changed(values=[True] * 6), "values must hold numbers; got 'True'"),
    "too few numbers": (changed(values=[1.0]), "values must be a list of 6.*got 1"),
    "a shape that lies": (changed(shape=[10**9, 10**9]), "values must be a list of 10{18}.*got 6"),
    "a negative shape": (changed(shape=[-3, -2]), "shape must be 2 to 8 whole numbers"),
    "no shape": (changed(shape="3x2"), "shape must be 2 to 8 whole numbers; got 3x2"),
    "an unknown type": (changed(data_type="datetime64[ns]"), "data_type.*got 'datetime64"),
    "data of another type": (changed(data=[0.5] * 6), "data must hold cells of type int64"),
    "data out of range": (changed(data=[999] * 6, data_type="int8"), "fit the type int8"),
    "a list in the data": (changed(data=[[1]] * 6, data_type="object"), "data must hold numbers"),
    "a name that is none": (changed(feature_names=[1, 2]), "feature_names must be a list of texts"),
    "a method that is none": (changed(method=None), "method must be a text; got NoneType"),
    "neither true nor false": (
        changed(estimated="no"),
        "true or false; got 'no'",
    ),
    "an unknown scale": (changed(output_space="euros"), "output_space must be one of.*'euros'"),
}


@pytest.mark.parametrize("name", FORGED)
def test_from_json_refuses(name):
    text, message = FORGED[name]
    with pytest.raises(ValueError, match=message):
        xk.Explanation.from_json(text)


def test_from_json_is_bounded(monkeypatch):
    monkeypatch.setattr("xaikit.core.saving.MAX_CHARACTERS", 50)
    with pytest.raises(ValueError, match="at most 50 characters; got"):
        xk.Explanation.from_json(make().to_json())

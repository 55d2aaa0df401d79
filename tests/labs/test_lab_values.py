from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaikit.labs import NotAnswered, numbers, plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (np.bool_(True), True),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (pd.Series([1.0, 2.0]), [1.0, 2.0]),
        (pd.DataFrame({"a": [1], "b": [2]}), [[1, 2]]),
        (pd.RangeIndex(3), [0, 1, 2]),
        ((1, (2,)), [1, [2]]),
        ({"b", "a"}, ["a", "b"]),
        ({1: np.ones(1)}, {"1": [1.0]}),
        (1 + 2j, "<complex>"),
        (object, "<type>"),
        (lambda: None, "<function>"),
        (b"bytes", "<bytes>"),
        (np.zeros(30_000), "<too many items>"),
        ([0] * 30_000, "<too many items>"),
        (np.array([None, "a"], dtype=object), [None, "a"]),
    ],
)
def test_plain_gives_json(value, expected):
    assert plain(value) == expected
    json.dumps(plain(value))


def test_plain_of_a_list_that_holds_itself_ends():
    loop: list = []
    loop.append(loop)
    assert "nested too deeply" in json.dumps(plain(loop))


@pytest.mark.parametrize("value", [..., [1, ...], {"a": {"b": ...}}, np.array([1, ...])])
def test_a_placeholder_means_not_answered(value):
    with pytest.raises(NotAnswered, match=r"placeholder `\.\.\.`"):
        plain(value)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (True, ()),
        ("1", ()),
        (None, ()),
        (float("nan"), ()),
        (float("inf"), ()),
        (10**400, ()),
        (1e13, ()),
        (1, (1,)),
        ([1], ()),
        ([1, 2], (3,)),
        ([1, None], (2,)),
        ([[1, 2], [3]], (2, 2)),
        ([[1, 2]], (2,)),
        ({"0": 1}, (1,)),
    ],
)
def test_numbers_refuses(value, shape):
    assert numbers(value, shape) is None


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), max_size=5))
def test_numbers_reads_back_what_plain_sends(rows):
    array = np.array(rows, dtype=float).reshape(len(rows), 2)
    reply = json.loads(json.dumps(plain(array)))
    np.testing.assert_array_equal(numbers(reply, array.shape), array)

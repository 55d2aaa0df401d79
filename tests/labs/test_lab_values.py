from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaikit.labs import NotAnswered, match_each, numbers, plain


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


@pytest.mark.parametrize("value", [..., [..., ...], {"a": {"b": ...}}, np.array([..., ...])])
def test_a_placeholder_means_not_answered(value):
    with pytest.raises(NotAnswered, match=r"placeholder `\.\.\.`"):
        plain(value)


@pytest.mark.parametrize("value", [[1, ...], {"a": {"b": ...}, "c": 2}, np.array([1, ...])])
def test_one_placeholder_left_costs_its_own_part_only(value):
    sent = plain(value)
    assert "<still the placeholder>" in json.dumps(sent)
    truths = {"0": (1.0, "one"), "1": (2.0, "two")}
    reply = dict(zip("01", sent, strict=False)) if isinstance(sent, list) else {"0": 1}
    assert match_each(reply, truths, "", points=2, atol=0.1) == (1.0, "`1`: two")


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("1", ()),
        (None, ()),
        (float("nan"), ()),
        (float("inf"), ()),
        (10**400, ()),
        (1e13, ()),
        ([], ()),
        ([1, 2], ()),
        ([1, 2], (3,)),
        ([1, None], (2,)),
        ([[1, 2], [3]], (2, 2)),
        ([[1, 2], [3, 4]], (4,)),
        ([[1, 2, 3], [4, 5, 6]], (3, 2)),
        ({"0": 1}, (1,)),
    ],
)
def test_numbers_refuses(value, shape):
    assert numbers(value, shape) is None


@pytest.mark.parametrize(
    ("answer", "shape", "read"),
    [
        (True, (), 1.0),
        (np.bool_(False), (), 0.0),
        ([True, False, 1], (3,), [1.0, 0.0, 1.0]),
        (np.array([0.5]), (), 0.5),
        (np.array([[0.5]], dtype=np.float32), (), 0.5),
        (0.5, (1,), [0.5]),
        (np.array([[1.0], [2.0]]), (2,), [1.0, 2.0]),
        (np.array([[1.0, 2.0]]), (2,), [1.0, 2.0]),
        ([1.0, 2.0], (1, 2), [[1.0, 2.0]]),
        (Fraction(1, 4), (), 0.25),
        ([Fraction(1, 4), Decimal("0.5")], (2,), [0.25, 0.5]),
        (pd.Series([1.0, 2.0], index=[7, 3]), (2,), [1.0, 2.0]),
        (pd.DataFrame({"a": [1], "b": [2]}), (2,), [1.0, 2.0]),
        ((1, 2.0), (2,), [1.0, 2.0]),
    ],
)
def test_a_right_answer_counts_in_any_form(answer, shape, read):
    got = numbers(json.loads(json.dumps(plain(answer))), shape)
    assert got.shape == shape
    np.testing.assert_array_equal(got, read)


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), max_size=5))
def test_numbers_reads_back_what_plain_sends(rows):
    array = np.array(rows, dtype=float).reshape(len(rows), 2)
    reply = json.loads(json.dumps(plain(array)))
    np.testing.assert_array_equal(numbers(reply, array.shape), array)

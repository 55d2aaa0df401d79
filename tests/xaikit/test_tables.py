"""Which columns are numbers, and the type that two columns share."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import xaikit as xk
from xaikit import boundary
from xaikit.core.tables import (
    alike,
    as_array,
    as_reals,
    cells,
    common_type,
    encode,
    number_type,
    numeric,
    retyped,
)


def column(values, dtype=object):
    return pd.Series(values, dtype=dtype)


def category(levels, values=None, **options):
    return pd.Series(pd.Categorical(values or levels, levels, **options))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (column([1.5], "float32"), "float32"),
        (column([True], "bool"), "bool"),
        (column([1, None], "UInt8"), "uint8"),
        (column([True, None], "boolean"), "bool"),
        (column([1, 2, None]), "int64"),
        (column([1, 2.5, pd.NA]), "float64"),
        (column([np.int8(1), np.float32(0.5)]), "float32"),
        (column([Decimal("1.5"), None]), "float64"),
        (column([True, np.True_, None]), "bool"),
        (column([None, np.nan, pd.NA]), "float64"),
        (column([0, 0, 1.5], pd.SparseDtype("float64", 0)), "float64"),
        (column(["1", "2"]), None),
        (column(["1", "2"], "str"), None),
        (column(["1", "2"], "string"), None),
        (column([1, "2"]), None),
        (column([1j]), None),
        (column([1j], "complex128"), None),
        (column([1, 2], "category"), None),
        (column([True, False], "category"), None),
        (column(["2020-01-01"], "datetime64[s]"), None),
        (column([3], "timedelta64[s]"), None),
        (column([np.timedelta64(3, "s")]), None),
        (column([dt.date(2020, 1, 1)]), None),
    ],
)
def test_a_column_of_numbers_is_told_from_others(given, wanted):
    assert number_type(given) == (None if wanted is None else np.dtype(wanted))


def test_columns_are_numbers_together_where_each_is():
    assert number_type(column([1, 2]), column([0.5], "Float32")) == np.float64
    assert number_type(column([None]), column([1], "int8")) == np.int8
    assert number_type(column([1]), column(["1"])) is None


@pytest.mark.parametrize(
    ("rows", "background", "wanted"),
    [
        (column([1], "int64"), column([1], "Int64"), "Int64"),
        (column([1.5], "float64"), column([1], "Int64"), "Float64"),
        (column([None], "Int64"), column([1], "int64"), "float64"),
        (column([1], "Int64"), column([1], "int64"), "int64"),
        (column([1], "Int64"), column([1.5], "float32"), "float64"),
        (column(["a"]), column(["b"], "str"), "str"),
        (column([None]), column(["b"], "str"), "str"),
        (column(["a"]), category(["b", "a"]), pd.CategoricalDtype(["b", "a"])),
        (column(["2020"], "datetime64[s]"), column(["2020"], "datetime64[ms]"), "datetime64[ms]"),
        (column(["a"]), column([1], "int64"), None),
        (column([1], "int64"), category([1, 2]), None),
        (column(["2020"], "datetime64[s]"), column([1.5], "float64"), None),
        (column(["2020"], "datetime64[s]"), column(["2020"], "datetime64[s, UTC]"), None),
    ],
)
def test_two_columns_share_a_type_or_none(rows, background, wanted):
    assert common_type(rows, background) == wanted


@pytest.mark.parametrize(
    ("rows", "background", "levels"),
    [
        # One has them all, in its order.
        (category(["low", "high"]), category(["high", "middle", "low"]), "high middle low"),
        (category(["low", "middle", "high"]), category(["low", "high"]), "low middle high"),
        # The same in another order, which pandas calls equal: the background's.
        (category(["b", "a"]), category(["a", "b"]), "a b"),
        # Each has one of its own: the background's first.
        (category(["c", "b"]), category(["b", "a"]), "b a c"),
        (column(["z"]), category(["b", "a"]), "b a z"),
        (category(["z", "a"]), column(["a", "b"]), "a b z"),
    ],
)
def test_categories_are_joined_in_the_order_of_the_background(rows, background, levels):
    frames = rows.to_frame("city"), background.to_frame("city")
    first, second, coding = encode(*frames)
    for codes, given in ((first, rows), (second, background)):
        decoded = coding.decode(codes)["city"]
        assert decoded.cat.categories.tolist() == levels.split()
        assert decoded.tolist() == given.tolist()
    assert [list(frame.city.cat.categories) for frame in alike(*frames)] == [levels.split()] * 2


def test_equal_categories_stay_as_they_are_and_keep_their_order():
    given = category(["s", "m", "l"], ["l", "s"], ordered=True).to_frame("size")
    codes, _, coding = encode(given, given)
    pd.testing.assert_frame_equal(coding.decode(codes), given)
    assert alike(given, given)[0] is given


@pytest.mark.parametrize(
    "given",
    [
        column([1, None, 3], "Int8"),
        column([1.5, None], "Float32"),
        column([True, None], "boolean"),
        column([1, None, 3]),
        column([1, pd.NA, 3]),
        column([True, False, np.nan]),
        column([1.5, 2.0, None]),
        column([Decimal("0.1"), None, Decimal("123.45")]),
        column([0.0, 1.5, 0.0], pd.SparseDtype("float64", 0)),
        column(["b", None, "a"], "string"),
        column(["b", None, "a"]),
    ],
)
def test_a_table_comes_back_in_its_own_types(given):
    frame = given.to_frame("x")
    codes, _, coding = encode(frame, frame)
    back = coding.decode(codes)
    pd.testing.assert_frame_equal(back, frame)
    assert list(map(type, back.x)) == list(map(type, frame.x))


@pytest.mark.parametrize(
    ("dtype", "wanted"),
    [
        ("int64", "float64"),
        ("Int64", "Float64"),
        (object, object),
        ("bool", "float64"),
        ("boolean", "Float64"),
        (pd.SparseDtype("int64"), pd.SparseDtype("float64")),
    ],
)
def test_whole_numbers_become_real_ones_in_their_own_family(dtype, wanted):
    whole = column([0, 1], dtype)
    assert as_reals(whole).dtype == wanted
    assert as_reals(whole).tolist() == [0.0, 1.0]
    half = retyped(column([0.5, 1.0], "float64"), whole)
    assert half.dtype == wanted
    assert half.tolist() == [0.5, 1.0]


@pytest.mark.parametrize("dtype", ["int64", "uint8", "Int64", object])
def test_the_model_meets_no_other_type_than_its_own(dtype):
    frame = column([0, 3], dtype).to_frame("x")
    between = encode(frame, frame)[2].decode(np.array([[0.5], [2.7]]))
    pd.testing.assert_frame_equal(between, column([0, 2], dtype).to_frame("x"))


def test_arrow_columns_come_back_and_are_not_rounded():
    pa = pytest.importorskip("pyarrow")
    for kind, values in [
        (pa.int16(), [1, None]),
        (pa.float32(), [0.5, None]),
        (pa.bool_(), [True, None]),
        (pa.decimal128(6, 2), [Decimal("0.10"), None]),
        (pa.string(), ["b", None]),
        (pa.timestamp("s"), [dt.datetime(2020, 1, 1), None]),
    ]:
        frame = pd.Series(values, dtype=pd.ArrowDtype(kind)).to_frame("x")
        codes, _, coding = encode(frame, frame)
        pd.testing.assert_frame_equal(coding.decode(codes), frame)
    money = pd.Series([Decimal("0.10")], dtype=pd.ArrowDtype(pa.decimal128(6, 2))).to_frame("x")
    coding = encode(money, money)[2]
    for code in (0.125, 1e9):
        decoded = coding.decode(np.array([[code]])).x
        assert (str(decoded.dtype), decoded[0]) == ("double[pyarrow]", code)


def test_a_value_takes_the_type_of_another_column_where_that_holds_it():
    whole = column([1, 2], "Int64")
    assert retyped(column([3.0], "float64"), whole).dtype == "Int64"
    assert retyped(column([3.5], "float64"), whole).dtype == "Float64"
    assert retyped(column([np.nan], "float64"), column([1], "int64")).dtype == "float64"


def test_cells_are_numpys_and_missing_ones_nan():
    frame = pd.DataFrame(
        {"n": column([1, None], "Int64"), "x": column([Decimal("0.5"), None]),
         "text": column(["a", None], "string")}
    )  # fmt: skip
    found = cells(frame)
    assert found[0].tolist() == [1.0, 0.5, "a"]
    assert all(isinstance(value, float) and np.isnan(value) for value in found[1])
    assert cells(frame[["n"]].dropna()).dtype == np.int64
    pd.testing.assert_frame_equal(
        pd.DataFrame(numeric(frame[["n", "x"]])), pd.DataFrame([[1, 0.5], [np.nan, np.nan]])
    )
    assert as_array(frame[["n"]].dropna()).dtype == np.int64
    assert as_array(pd.DataFrame({"flag": [True], "x": [0.5]})).dtype == np.float64


class Strict(LinearRegression):
    """A model that takes arrays of numbers only."""

    def predict(self, X):
        assert X.dtype.kind in "iuf"
        return super().predict(X)


@pytest.mark.parametrize("kind", ["objects", "flags among floats", "Int64"])
def test_a_model_fitted_on_an_array_is_given_an_array_of_numbers(kind):
    X = np.random.default_rng(0).integers(0, 2, size=(30, 2)).astype(float)
    model = Strict().fit(X, X @ [1.0, 2.0])
    given = {
        "objects": X.astype(object),
        "flags among floats": pd.DataFrame({"a": X[:, 0] > 0, "b": X[:, 1]}),
        "Int64": pd.DataFrame(X).astype("Int64"),
    }[kind]
    found = boundary.distance(model, given[:2], threshold=1.5, background=given)
    # A flag does not move, for a model that was fitted on its table as for this one.
    flags = isinstance(given, pd.DataFrame) and bool in given.dtypes.tolist()
    same, table = (LinearRegression().fit(given, X @ [1.0, 2.0]), given) if flags else (model, X)
    plain = boundary.distance(same, table[:2], threshold=1.5, background=table)
    np.testing.assert_allclose(found.distances, plain.distances)
    plain, e = (
        xk.explain(model, table[:2], background=table, method="occlusion") for table in (X, given)
    )
    np.testing.assert_allclose(e.values, plain.values)


def test_text_that_looks_like_numbers_is_a_category():
    table = pd.DataFrame({"code": ["1", "2", "3"] * 10, "x": np.arange(30.0)})

    def model(rows):
        return rows["x"].to_numpy() + 100.0 * (rows["code"] == "3").to_numpy()

    c = xk.counterfactual(
        model, table[:1], background=table, target=(90, np.inf), limits="background",
        random_state=0,
    )  # fmt: skip
    assert c.changes["to"].tolist() == ["3"]
    assert c.distance == 1.0


def test_rows_may_have_other_levels_than_the_background():
    background = pd.DataFrame({"city": pd.Categorical(["Oslo", "Rome"] * 10), "x": np.arange(20.0)})
    rows = pd.DataFrame({"city": pd.Categorical(["Rome"]), "x": [3.0]})

    def model(table):
        assert table["city"].cat.categories.tolist() == ["Oslo", "Rome"]
        return table["x"].to_numpy() + 10.0 * (table["city"] == "Rome").to_numpy()

    first, second, coding = encode(rows, background)
    assert model(coding.decode(np.vstack([first, second])))[0] == 13

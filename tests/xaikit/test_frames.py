"""Tables of polars and Arrow become pandas' and come back as they were."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from xaikit.core.frames import as_pandas, like

pl = pytest.importorskip("polars")
ZONE = "Europe/Paris"
NOON = dt.datetime(2020, 6, 1, 12, 30)


def columns(missing):
    """Return one polars column of each kind; the last value is missing where asked for."""
    values = {
        "whole": (pl.Int64, [1, 2, 2**60 + 1]),
        "small": (pl.UInt8, [1, 2, 255]),
        "real": (pl.Float64, [1.5, -2.0, 0.1]),
        "short": (pl.Float32, [1.5, -2.0, 0.25]),
        "flag": (pl.Boolean, [True, False, True]),
        "text": (pl.String, ["a", "3", ""]),
        "category": (pl.Categorical, ["v", "u", "v"]),
        "enum": (pl.Enum(["low", "middle", "high"]), ["high", "low", "high"]),
        "day": (pl.Date, [dt.date(2020, 1, 1), dt.date(1950, 5, 5), dt.date(2024, 2, 29)]),
        "moment": (pl.Datetime("us"), [NOON, NOON, NOON + dt.timedelta(microseconds=1)]),
        "zoned": (pl.Datetime("ms", ZONE), [NOON.replace(tzinfo=dt.UTC)] * 3),
        "length": (pl.Duration("us"), [dt.timedelta(days=1), dt.timedelta(0), -dt.timedelta(1)]),
        "hour": (pl.Time, [dt.time(1, 2), dt.time(0), dt.time(23, 59)]),
        "price": (pl.Decimal(10, 2), [Decimal("1.25"), Decimal("0.10"), Decimal("-3.00")]),
    }
    return {
        name: pl.Series(name, [*cells[:-1], None] if missing else cells, dtype=kind)
        for name, (kind, cells) in values.items()
    }


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("name", columns(False))
def test_every_kind_of_polars_column_comes_back_as_it_was(name, missing):
    frame = pl.DataFrame({name: columns(missing)[name]})
    table = as_pandas(frame)
    assert type(table) is pd.DataFrame
    assert table[name].isna().tolist() == [False, False, missing]
    back = like(frame)(table)
    assert back.schema == frame.schema
    assert back.equals(frame)


@pytest.mark.parametrize(
    ("name", "missing", "dtype"),
    [
        ("whole", False, "int64"),
        ("whole", True, "Int64"),
        ("small", True, "UInt8"),
        ("real", True, "float64"),
        ("short", False, "float32"),
        ("flag", False, "bool"),
        ("flag", True, "boolean"),
        ("category", True, pd.CategoricalDtype(["v", "u"])),
        ("enum", True, pd.CategoricalDtype(["low", "middle", "high"], ordered=True)),
        ("moment", True, "datetime64[us]"),
        ("zoned", False, f"datetime64[ms, {ZONE}]"),
        ("length", True, "timedelta64[us]"),
        ("price", True, object),
    ],
)
def test_polars_columns_take_the_types_of_pandas(name, missing, dtype):
    table = as_pandas(pl.DataFrame(columns(missing)))
    assert table[name].dtype == dtype
    assert list(table) == list(columns(missing))


def test_numbers_that_a_column_cannot_hold_are_not_rounded():
    frame = pl.DataFrame({name: columns(False)[name] for name in ("small", "short", "price")})
    table = as_pandas(frame).assign(small=[1.5, 2, 3], short=[0.1, 1, 2], price=[0.125, 1, 2])
    back = like(frame)(table)
    assert back.schema == dict.fromkeys(frame.columns, pl.Float64)
    assert np.array_equal(back.to_numpy(), table.to_numpy())


def test_levels_that_another_table_has_widen_an_enum():
    frame = pl.DataFrame({"size": pl.Series(["s"], dtype=pl.Enum(["s", "m"]))})
    table = pd.DataFrame({"size": pd.Categorical(["l"], ["s", "m", "l"], ordered=True)})
    back = like(frame)(table)
    assert back["size"].to_list() == ["l"]
    assert back["size"].dtype == pl.Enum(["s", "m", "l"])


def test_an_arrow_table_becomes_a_frame_and_comes_back():
    pa = pytest.importorskip("pyarrow")
    city = pa.array(["Rome", "Oslo", "Rome"]).dictionary_encode()
    given = pa.table({"n": [1, None, 3], "x": [1.5, 2.5, None], "city": city})
    table = as_pandas(given)
    assert [str(dtype) for dtype in table.dtypes] == ["Int64", "float64", "category"]
    back = like(given)(table)
    assert type(back) is type(given)
    assert back.to_pylist() == given.to_pylist()
    halves = like(given)(table.assign(n=[1.5, np.nan, 3]))
    assert halves["n"].to_pylist() == [1.5, None, 3]


def test_what_is_no_table_of_another_library_stays_as_it_is():
    frame = pd.DataFrame({"a": [1]})
    for value in (frame, np.eye(2), [[1, 2]], None, "text", pl.LazyFrame({"a": [1]})):
        assert as_pandas(value) is value
        assert like(value)(frame) is frame

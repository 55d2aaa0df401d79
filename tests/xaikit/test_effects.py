"""Effects: bins, counts, centring, kinds of tables and models, and bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.interpolate import RegularGridInterpolator
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from xaikit import effects
from xaikit.effects._cells import Grid, filled

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
FRAME = pd.DataFrame(
    {
        "age": RNG.integers(18, 70, size=60),
        "income": RNG.normal(size=60),
        "job": RNG.choice(["none", "skilled"], size=60),
        "owner": RNG.uniform(size=60) < 0.4,
        "same": 1.0,
    }
)


def wavy(rows):
    rows = np.asarray(rows, dtype=float)
    return np.sin(3 * rows[:, 0]) * rows[:, 1] + rows.sum(axis=1) ** 2


# Few distinct values, so that ties, merged edges and uneven bins are common.
halves = st.integers(-5, 5).map(lambda v: v / 2)
tables = hnp.arrays(float, st.tuples(st.integers(4, 40), st.just(3)), elements=halves).filter(
    lambda rows: (np.ptp(rows, axis=0) > 0).all()
)


@settings(max_examples=60, deadline=None)
@given(rows=tables, n_bins=st.integers(1, 25))
def test_the_first_order_invariants(rows, n_bins):
    e = effects.ale(wavy, rows, 0, n_bins=n_bins)
    assert e.grid.shape == e.values.shape == (len(e.counts) + 1,)
    assert len(e.counts) == min(n_bins, len(np.unique(rows[:, 0])) - 1)
    assert e.n_bins_asked == n_bins
    assert (np.diff(e.grid) > 0).all()
    assert np.isin(e.grid, rows[:, 0]).all()
    assert (e.grid[0], e.grid[-1]) == (rows[:, 0].min(), rows[:, 0].max())
    assert e.counts.min() >= 1
    assert e.counts.sum() == len(rows)
    assert e.uncentred[0] == 0
    assert abs(np.interp(rows[:, 0], e.grid, e.values).mean()) < 1e-9


@settings(max_examples=60, deadline=None)
@given(rows=tables, n_bins=st.integers(1, 12))
def test_the_second_order_invariants(rows, n_bins):
    e = effects.ale(wavy, rows, (0, 1), n_bins=n_bins)
    assert e.values.shape == e.uncentred.shape == tuple(len(grid) for grid in e.grids)
    assert e.counts.shape == tuple(len(grid) - 1 for grid in e.grids)
    assert e.counts.sum() == len(rows)
    assert np.array_equal(e.filled, e.counts == 0)
    assert (e.uncentred[0] == 0).all()
    assert (e.uncentred[:, 0] == 0).all()
    surface = RegularGridInterpolator(e.grids, e.values)
    assert abs(surface(rows[:, :2]).mean()) < 1e-8
    # Nothing is left of either feature alone: the effect's own first-order effects are zero.
    for feature in (0, 1):
        own = effects.ale(lambda r: surface(r[:, :2]), rows, feature, n_bins=n_bins)
        assert np.abs(own.values).max() < 1e-8


@settings(max_examples=40, deadline=None)
@given(rows=tables, weights=hnp.arrays(float, 3, elements=st.integers(-4, 4)))
def test_a_linear_function_gives_its_weights(rows, weights):
    e = effects.ale(lambda r: r @ weights, rows, 1, n_bins=6)
    np.testing.assert_allclose(
        e.values, weights[1] * (e.grid - rows[:, 1].mean()), atol=1e-11
    )  # fmt: skip


def test_the_order_of_the_pair_turns_the_table():
    one, other = (effects.ale(wavy, X, pair, n_bins=5) for pair in [(0, 2), (2, 0)])
    np.testing.assert_allclose(one.values, other.values.T, atol=1e-12)
    assert np.array_equal(one.counts, other.counts.T)
    assert one.features == other.features[::-1] == ("x0", "x2")


def test_the_upper_edge_belongs_to_its_bin():
    rows = np.array([[0.0], [0], [1], [1], [1], [2], [5]])
    e = effects.ale(lambda r: r[:, 0], rows, 0, n_bins=100)
    assert list(e.grid) == [0, 1, 2, 5]
    assert list(e.counts) == [5, 1, 1]


def test_uneven_data_is_cut_where_the_rows_are():
    rows = np.random.default_rng(0).exponential(size=(1000, 1))
    e = effects.ale(lambda r: r[:, 0], rows, 0, n_bins=10)
    assert set(e.counts) <= {99, 100, 101}


def test_the_bins_as_a_table():
    e = effects.ale(wavy, X, 0, n_bins=4)
    table = e.to_frame()
    assert list(table) == ["low", "high", "rows", "change"]
    np.testing.assert_allclose(table["change"].cumsum(), e.uncentred[1:])
    assert table["rows"].sum() == 60


def test_an_empty_cell_takes_the_slope_of_the_nearest():
    a = Grid(0, np.array([0.0, 1, 2, 6]), np.array([0.5, 1.5]))
    b = Grid(1, np.array([0.0, 10]), np.array([5.0, 5]))
    found = filled(np.array([[3.0], [7.0], [0.0]]), np.array([[1], [1], [0]]), a, b)
    # The slope of the second cell, over the third's own area, which is four times as large.
    np.testing.assert_allclose(found, [[3], [7], [28]])


def test_a_frame_with_columns_of_several_types():
    names = ["age", "income", "job", "owner"]
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["job"]), remainder="passthrough"),
        LinearRegression(),
    ).fit(FRAME[names], 2 * FRAME["age"] + 3 * FRAME["owner"] + (FRAME["job"] == "none"))
    e = effects.ale(model, FRAME[names], "age")
    np.testing.assert_allclose(np.diff(e.values) / np.diff(e.grid), 2, atol=1e-9)
    e = effects.ale(model, FRAME[names], "owner")
    assert list(e.grid) == [0, 1]
    np.testing.assert_allclose(e.uncentred, [0, 3], atol=1e-9)


def test_the_model_sees_whole_numbers_as_whole():
    seen = []

    def model(frame):
        seen.append(frame.dtypes["age"])
        return frame["age"].to_numpy() * 1.0

    e = effects.ale(model, FRAME[["age", "income"]], "age")
    assert set(seen) == {FRAME["age"].dtype}
    assert np.array_equal(e.grid, np.round(e.grid))


@pytest.mark.parametrize("n_bins", [1, 2, 3, 20])
def test_whole_numbers_far_apart_leave_no_bin_empty(n_bins):
    """The edges are values that occur, so none is cut off, and each bin has its upper edge."""
    whole = np.array([[0, 1], [0, 2], [1, 1], [3, 5], [100, 2], [100, 7]])
    found = effects.ale(lambda r: r[:, 0] ** 2, whole, 0, n_bins=n_bins)
    assert found.counts.min() > 0
    assert found.counts.sum() == 6
    np.testing.assert_array_equal(found.uncentred, found.grid**2)
    as_floats = effects.ale(lambda r: r[:, 0] ** 2, whole.astype(float), 0, n_bins=n_bins)
    np.testing.assert_array_equal(found.values, as_floats.values)


def test_a_model_fitted_with_an_array_is_asked_by_the_names_of_the_frame():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = LinearRegression().fit(X, X @ [1.0, 2.0, 3.0])
    assert effects.ale(model, frame, "b").feature == "b"
    np.testing.assert_allclose(effects.ale(model, frame, "b").values,
                               effects.ale(model, X, 1).values)  # fmt: skip


def test_outputs_and_scales():
    label = np.digitize(X[:, 0], [-0.5, 0.5])
    forest = RandomForestClassifier(n_estimators=5, random_state=0).fit(X, label)
    total = sum(effects.ale(forest, X, 0, output=c).values for c in (0, 1, 2))
    np.testing.assert_allclose(total, 0, atol=1e-12)
    two = LogisticRegression().fit(X, label > 0)
    e = effects.ale(two, X, 0, output=False, output_space="log-odds")
    np.testing.assert_allclose(np.diff(e.values) / np.diff(e.grid), -two.coef_[0, 0])
    assert (e.output_name, e.output_space) == ("False", "log-odds")
    assert not effects.ale(lambda r: r[:, :2], X, 0, output=1).values.any()


def test_rows_with_missing_values_elsewhere_are_used():
    rows = X.copy()
    rows[:5, 2] = np.nan
    model = HistGradientBoostingRegressor(max_iter=5).fit(rows, X[:, 0])
    assert effects.ale(model, rows, 0).counts.sum() == 60


def test_a_repr_says_what_it_is():
    assert "x0 on prediction, 4 bins of 15 to 15 rows" in repr(effects.ale(wavy, X, 0, n_bins=4))
    assert "x0 × x1 on prediction, 2 × 2 cells, 0 of them empty" in repr(
        effects.ale(wavy, X, (0, 1), n_bins=2)
    )


def test_a_repr_says_why_there_are_fewer_bins_than_asked_for():
    rows = np.column_stack([np.arange(60) % 3, X[:, 1]])
    assert "2 bins (not 20: there are 3 values) of 20 to 40 rows" in repr(
        effects.ale(wavy, rows, 0)
    )
    assert "2 (not 10: there are 3 values) × 10 cells" in repr(effects.ale(wavy, rows, (0, 1)))

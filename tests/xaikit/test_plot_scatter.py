"""The dependence plot: dots at their values, colours of a second column, what is missing."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import assert_inside, axes
from made_explanations import made
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from xaikit import plot
from xaikit.plot import _columns

RNG = np.random.default_rng(1)
N = 60
TABLE = pd.DataFrame(
    {
        "age": pd.array(RNG.integers(18, 70, size=N), dtype="Int64"),
        "job": RNG.choice(["none", "skilled", "unskilled"], size=N, p=[0.5, 0.3, 0.2]),
        "owner": RNG.uniform(size=N) < 0.4,
        "amount": RNG.lognormal(size=N),
        "day": pd.date_range("2024-01-01", periods=N),
        "wages": RNG.choice([f"${k}0k to ${k + 1}0k" for k in range(12)], size=N),
    }
)
TABLE.loc[:4, "age"] = pd.NA
TABLE.loc[3:6, "job"] = None
TABLE.loc[6:9, "amount"] = [np.nan, np.inf, np.nan, np.nan]
VALUES = RNG.normal(size=TABLE.shape)
E = made(VALUES, data=np.asarray(TABLE), feature_names=tuple(TABLE.columns))


def clouds(ax):
    return [c for c in ax.collections if isinstance(c, PathCollection)]


def points(ax):
    """All dots, in the order of the attributions."""
    every = np.vstack([cloud.get_offsets() for cloud in clouds(ax)])
    return every[np.argsort(every[:, 1])]


def by_height(values, feature):
    return np.asarray(values)[np.argsort(VALUES[:, TABLE.columns.get_loc(feature)])]


@pytest.mark.parametrize("colour", [None, *TABLE.columns])
@pytest.mark.parametrize("feature", ["age", "amount", "day"])
def test_every_row_is_a_dot_at_its_value_or_at_the_side(feature, colour):
    ax = plot.scatter(E, feature, colour=colour, ax=axes(), random_state=0)
    x, y = points(ax).T
    np.testing.assert_allclose(y, np.sort(VALUES[:, TABLE.columns.get_loc(feature)]))
    numbers = _columns.read(E.data[:, TABLE.columns.get_loc(feature)]).values
    true = by_height(numbers, feature)
    known = ~np.isnan(true)
    np.testing.assert_allclose(x[known], true[known])
    assert (x[~known] > np.nanmax(true)).all()
    assert len(np.unique(x[~known])) == (~known).sum()  # they do not hide each other
    named = [tick.get_text().strip() for tick in ax.get_xticklabels()]
    assert ("missing" in named) == (not known.all())
    assert ax.get_xlabel() == feature
    assert ax.get_ylabel() == "attribution (prediction)"


def test_the_levels_of_a_category_stand_side_by_side_the_commonest_first():
    ax = plot.scatter(E, "job", ax=axes(), random_state=0)
    named = [tick.get_text() for tick in ax.get_xticklabels()]
    assert named == ["none", "skilled", "unskilled", "missing"]
    x = points(ax)[:, 0]
    jobs = by_height(TABLE["job"].fillna("missing"), "job")
    assert [named[int(np.round(place))] for place in x] == list(jobs)
    assert np.abs(x - np.round(x)).max() < 0.3
    assert len(np.unique(x)) == N


@pytest.mark.parametrize(("dtype", "names"), [(bool, ["False", "True"]), (float, ["0", "1"])])
def test_truth_values_and_their_numbers_are_two_levels(dtype, names):
    e = made(VALUES, data=np.asarray(TABLE.astype({"owner": dtype})), feature_names=E.feature_names)
    ax = plot.scatter(e, "owner", colour="owner", ax=axes(), random_state=0)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == names
    assert [text.get_text() for text in ax.get_legend().get_texts()] == names
    x = points(ax)[:, 0]
    np.testing.assert_array_equal(np.round(x), by_height(TABLE["owner"], "owner"))


def test_the_jitter_has_a_seed_and_does_not_follow_data_of_the_same_seed():
    def across(seed):
        return points(plot.scatter(E, "job", ax=axes(), random_state=seed))[:, 0]

    assert np.array_equal(across(1), across(1))
    assert not np.array_equal(across(1), across(2))
    drawn = np.random.default_rng(0).uniform(size=400)
    data = np.array([["a"] for _ in drawn], dtype=object)
    ax = plot.scatter(made(drawn[:, None], data=data), "x0", ax=axes(), random_state=0)
    assert abs(np.corrcoef(points(ax).T)[0, 1]) < 0.2


def test_numbers_colour_on_a_scale_with_their_own_units():
    ax = plot.scatter(E, "age", colour="amount", ax=axes(), random_state=0)
    on_scale, missing = clouds(ax)
    amounts = TABLE["amount"].replace(np.inf, np.nan)
    low, high = np.percentile(amounts.dropna(), [5, 95])
    assert on_scale.get_clim() == pytest.approx((low, high))
    np.testing.assert_allclose(np.sort(on_scale.get_array()), np.sort(amounts.dropna()))
    assert len(missing.get_offsets()) == 4
    (bar,) = (other for other in ax.figure.axes if other is not ax)
    assert bar.get_ylabel() == "amount"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["amount missing"]
    light, dark = (
        on_scale.to_rgba(at)[:3] @ np.array([0.2126, 0.7152, 0.0722]) for at in (high, low)
    )
    assert light > dark + 0.5


def test_levels_colour_with_a_key_and_a_marker_each():
    ax = plot.scatter(E, "age", colour="job", ax=axes(), random_state=0)
    assert ax.get_legend().get_title().get_text() == "job"
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["none", "skilled", "unskilled", "missing"]
    colours = [to_hex(cloud.get_facecolor()[0]) for cloud in clouds(ax)]
    assert colours == ["#0072b2", "#d55e00", "#009e73", "#7f7f7f"]
    counts = TABLE["job"].fillna("missing").value_counts()
    assert [len(cloud.get_offsets()) for cloud in clouds(ax)] == [counts[name] for name in named]
    shapes = {cloud.get_paths()[0].vertices.tobytes() for cloud in clouds(ax)}
    assert len(shapes) == 4


def test_a_column_is_taken_by_its_position_too():
    one, other = (plot.scatter(E, f, colour=c, ax=axes()) for f, c in [("age", "job"), (0, 1)])
    assert plot.alt_text(one) == plot.alt_text(other)
    unnamed = made(VALUES, data=np.asarray(TABLE), feature_names=None)
    assert plot.scatter(unnamed, 3, ax=axes()).get_xlabel() == "feature 3"


def test_the_words_tell_the_course_and_what_is_missing():
    data = np.array(
        [[1.0, "u"], [2, "u"], [3, "v"], [10, "v"], [11, "v"], [12, None], [None, "u"]],
        dtype=object,
    )
    e = made(np.column_stack([[-1.0, -1, 0, 0, 2, 2, 5], np.zeros(7)]), data=data)
    assert plot.alt_text(plot.scatter(e, "x0", colour="x1", ax=axes())) == (
        "Scatter of the attribution of x0 against its value, in prediction, over 7 rows: from −1 "
        "to 5, on average −1 in the lowest third of the values, 0 in the middle third, 2 in the "
        "highest; 5 for the 1 without a value, at the right. Coloured by x1: u, v."
    )
    text = plot.alt_text(plot.scatter(e, "x1", colour="x0", ax=axes()))
    assert "on average 0 for u, 0 for v; 0 for the 1 without a value" in text
    assert text.endswith("Coloured by x0, light where it is high.")


EDGES = {
    "one row": (np.array([[3.0]]), np.array([[0.2]])),
    "one value": (np.full((5, 1), 3.0), RNG.normal(size=(5, 1))),
    "nothing known": (np.full((5, 1), np.nan), RNG.normal(size=(5, 1))),
    "no attribution": (RNG.normal(size=(5, 1)), np.zeros((5, 1))),
}


@pytest.mark.parametrize("case", EDGES)
def test_small_and_constant_tables_are_drawn(case):
    data, values = EDGES[case]
    ax = plot.scatter(made(values, data=data), "x0", colour="x0", ax=axes())
    assert len(points(ax)) == len(data)
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("size", [(6.0, 4.2), (5.0, 3.4), (3.6, 3.0)])
@pytest.mark.parametrize("feature", ["age", "job", "wages", "day"])
@pytest.mark.parametrize("colour", [None, "job", "wages", "amount", "day"])
def test_names_are_on_the_page_and_do_not_overlap(feature, colour, size):
    with plt.style.context("xaikit.plot.course"):
        ax = plot.scatter(E, feature, colour=colour, ax=axes(*size), random_state=0)
        ax.figure.draw_without_rendering()
    below = [tick for tick in ax.get_xticklabels() if tick.get_text()]
    beside = [other.yaxis.label for other in ax.figure.axes]
    assert_inside([*below, *beside, ax.xaxis.label], ax.figure)
    if not below[0].get_rotation():
        flat = [tick.get_window_extent() for tick in below if "missing" not in tick.get_text()]
        flat.sort(key=lambda box: box.x0)
        assert all(one.x1 <= other.x0 + 1 for one, other in pairwise(flat))
    legend = ax.get_legend()
    if legend is not None:
        assert_inside([*legend.get_texts(), legend.get_title()], ax.figure)
        assert not any(text.get_parse_math() for text in legend.get_texts())


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"feature": "sex"}, ValueError, "feature must name columns among 'age'.*got 'sex'"),
        ({"feature": 6}, ValueError, "feature must name columns among.*got 6"),
        ({"feature": None}, ValueError, "feature must name columns.*got None"),
        ({"colour": "sex"}, ValueError, "colour must name columns among 'age'.*got 'sex'"),
        ({"colour": "red"}, ValueError, "colour must name columns among 'age'.*got 'red'"),
        ({"random_state": "0"}, TypeError, "random_state.*'0'"),
        ({"e": VALUES}, TypeError, "e must be an xaikit.Explanation.*ndarray"),
        ({"e": E[:0]}, ValueError, "at least one row"),
    ],
)
def test_bad_input_is_met_and_leaves_no_figure_behind(options, error, message):
    before = plt.get_fignums()
    with pytest.raises(error, match=message):
        plot.scatter(**{"e": E, "feature": "age", **options})
    assert plt.get_fignums() == before

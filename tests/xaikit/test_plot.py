"""Figures show the numbers of the explanation, in order, and say so in words."""

import subprocess
import sys
from decimal import Decimal
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import assert_inside, axes
from made_explanations import made
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox
from matplotlib.text import Text

from xaikit import datasets, plot

NAMES = ("age", "income", "job", "debt")
VALUES = np.array([[0.1, -0.5, 0.0, 0.25], [-0.3, 0.5, 0.0, 0.05], [0.2, -0.2, 0.01, 0.3]])
DATA = np.array(
    [[37, 1200.5, "skilled", 0], [52, 90, "none", 1], [20, 15, "none", 2]], dtype=object
)
FIGURES = [plot.bar, plot.waterfall, plot.beeswarm]


def explanation(values=VALUES, *, base=0.4, residual=0.0, data=None, names=None, **changes):
    """Of the four features above, where the shape is theirs."""
    values = np.asarray(values, dtype=float)
    if values.shape == VALUES.shape:
        data, names = DATA if data is None else data, NAMES if names is None else names
    fields = {
        "base_values": np.full(len(values), base),
        "predictions": base + values.reshape(len(values), -1).sum(axis=1) + residual,
        "output_name": "good",
        "output_space": "probability",
    }
    if names is not None:
        fields["feature_names"] = names
    return made(values, data, **fields | changes)


def labels(ax):
    return [tick.get_text().replace("\n", " ") for tick in ax.get_yticklabels()]


def dots(ax):
    return [c for c in ax.collections if isinstance(c, PathCollection)]


@pytest.mark.parametrize("draw", FIGURES)
def test_the_axis_says_what_is_measured(draw):
    assert "probability of good" in draw(explanation(), ax=axes()).get_xlabel()
    y = explanation(output_space="prediction", output_name="rent")
    assert "predicted rent" in draw(y, ax=axes()).get_xlabel()
    y = explanation(output_space="prediction", output_name="prediction")
    assert "predicted" not in draw(y, ax=axes()).get_xlabel()


def test_bar_widths_are_the_importance_in_its_order():
    e = explanation()
    ax = plot.bar(e, ax=axes())
    assert labels(ax) == list(e.importance().index)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], e.importance())
    top, bottom = ax.get_ylim()[1], ax.get_ylim()[0]
    assert top < bottom  # the first row is on top


def test_bar_says_what_the_others_come_to():
    e = explanation()
    ax = plot.bar(e, ax=axes(), max_features=2)
    assert labels(ax) == ["income", "age", "2 other features"]
    assert len(ax.patches) == 2
    together = e.importance().iloc[2:].sum()
    assert f"{together:.3g} together" in [t.get_text().strip() for t in ax.texts]
    assert f"2 other features {together:.3g}" in plot.alt_text(ax)


@pytest.mark.parametrize("draw", FIGURES)
def test_a_rest_of_one_is_named(draw):
    found = labels(draw(explanation(), ax=axes(), max_features=3))
    assert not any("other" in label for label in found)
    assert any(label.startswith("job") for label in found)


def test_waterfall_leads_from_base_to_prediction():
    e = explanation()
    ax = plot.waterfall(e, row=0, ax=axes())
    assert labels(ax) == [
        "base value = 0.4",
        "income = 1,200",
        "debt = 0",
        "age = 37",
        "job = skilled",
        "prediction = 0.25",
    ]
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [-0.5, 0.25, 0.1, 0.0])
    starts = np.array([bar.get_x() for bar in ax.patches])
    np.testing.assert_allclose(starts, [0.4, -0.1, 0.15, 0.25])
    assert starts[-1] + ax.patches[-1].get_width() == pytest.approx(e.predictions[0])
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["−0.5", "+0.25", "+0.1", "0"]


def test_waterfall_sign_reads_without_colour():
    ax = plot.waterfall(explanation(), row=0, ax=axes())
    assert [bar.get_hatch() for bar in ax.patches] == ["///", None, None, None]
    assert [text.get_text()[0] for text in ax.texts] == ["−", "+", "+", "0"]


def test_waterfall_names_a_place_by_two_decimals():
    e = explanation(
        [[0.5, -0.25]], names=("Latitude", "Longitude"), data=np.array([[33.987, -118.4721]])
    )
    ax = plot.waterfall(e, ax=axes())
    assert labels(ax)[1:-1] == ["Latitude = 33.99", "Longitude = −118.47"]


def test_waterfall_gathers_the_others():
    ax = plot.waterfall(explanation(), row=1, ax=axes(), max_features=2)
    assert labels(ax)[1:-1] == ["income = 90", "age = 52", "2 other features"]
    assert ax.patches[2].get_width() == pytest.approx(0.05)


@pytest.mark.parametrize("residual", [0.2, -0.2])
def test_waterfall_draws_what_is_left_unexplained(residual):
    e = explanation(residual=residual)
    ax = plot.waterfall(e, row=0, ax=axes())
    assert labels(ax)[-2] == "residual"
    last = ax.patches[-1]
    assert last.get_width() == pytest.approx(residual)
    assert last.get_x() + residual == pytest.approx(e.predictions[0])
    assert to_hex(last.get_facecolor()) not in {
        to_hex(bar.get_facecolor()) for bar in ax.patches[:3]
    }
    assert "residual" in plot.alt_text(ax)


def test_waterfall_leaves_rounding_out():
    ax = plot.waterfall(explanation(residual=1e-15), ax=axes())
    assert "residual" not in labels(ax)


def test_a_feature_called_residual_is_a_feature():
    e = explanation([[0.5, -0.25]], names=("residual", "x"), data=np.array([["a", "b"]]))
    ax = plot.waterfall(e, ax=axes())
    assert to_hex(ax.patches[0].get_facecolor()) == "#d55e00"


def test_beeswarm_has_a_dot_for_every_attribution_in_its_row():
    e = explanation()
    ax = plot.beeswarm(e, ax=axes(), random_state=0)
    assert labels(ax) == list(e.importance().index)
    for place, (name, cloud) in enumerate(zip(labels(ax), dots(ax), strict=True)):
        x, y = cloud.get_offsets().T
        np.testing.assert_allclose(np.sort(x), np.sort(e.values[:, NAMES.index(name)]))
        assert np.abs(y - place).max() < 0.5


def test_beeswarm_colours_follow_the_feature_and_not_the_attribution():
    rng = np.random.default_rng(0)
    data = rng.normal(size=(200, 2))
    e = explanation(data * [1.0, -2.0], data=data)
    ax = plot.beeswarm(e, ax=axes(), random_state=0)
    for cloud, slope in zip(dots(ax), (-2.0, 1.0), strict=True):
        x, shade = cloud.get_offsets()[:, 0], cloud.get_array()
        assert np.corrcoef(x, shade)[0, 1] * np.sign(slope) > 0.95
        assert (shade.min(), shade.max()) == (0.0, 1.0)


def colour_by_height(cloud):
    """The colour of each dot, in the order of the attributions."""
    order = np.argsort(cloud.get_offsets()[:, 0], kind="stable")
    return [to_hex(colour) for colour in cloud.get_facecolors()[order]]


def keys(ax):
    """The names and the colours below the dots of each category."""
    found = []
    for box in ax.findobj(AnnotationBbox):
        texts = [text.get_text() for text in box.findobj(Text)]
        marks = [to_hex(line.get_color()) for line in box.findobj(Line2D)]
        found.append(list(zip(texts, marks, strict=True)))
    return found


def category(levels, values=None):
    values = np.arange(len(levels), dtype=float) if values is None else values
    data = np.array([[level] for level in levels], dtype=object)
    return explanation(np.reshape(values, (-1, 1)), data=data, names=("kind",))


def test_beeswarm_levels_of_a_category_have_colours_named_below_the_dots():
    ax = plot.beeswarm(category(["b", "a", "b", None, "c", "b"]), ax=axes(), random_state=0)
    blue, vermilion, green, grey = "#0072b2", "#d55e00", "#009e73", "#7f7f7f"
    found = colour_by_height(dots(ax)[0])
    assert found == [blue, vermilion, blue, grey, green, blue]
    assert keys(ax) == [[("b", blue), ("a", vermilion), ("c", green)]]
    assert len(ax.figure.axes) == 1  # and no scale of numbers
    assert "on average from 1 for a to 4 for c" in plot.alt_text(ax)


def test_beeswarm_names_the_six_commonest_levels():
    levels = [level for k, level in enumerate("abcdefghi") for _ in range(9 - k)]
    ax = plot.beeswarm(category(levels), ax=axes(), random_state=0)
    ((*named, others),) = keys(ax)
    assert [name for name, _ in named] == list("abcdef")
    assert others == ("3 rarer levels", "#262626")
    found = colour_by_height(dots(ax)[0])
    assert len(set(found)) == 7
    assert found[-6:] == ["#262626"] * 6
    ((*_, seventh),) = keys(plot.beeswarm(category(list("aabcdefg")), ax=axes()))
    assert seventh[0] == "g"  # one alone keeps its name


NUMBERS = {
    "whole": [1, 2, 3],
    "objects": np.array([1, 2.5, 3], dtype=object),
    "nullable": pd.array([1, None, 3], dtype="Int64"),
    "floats with a gap": pd.array([1.5, None, 3], dtype="Float64"),
    "arrow": pd.array([1, None, 3], dtype="int64[pyarrow]"),
    "decimals": [Decimal("1.5"), None, Decimal(3)],
    "truth values": [False, None, True],
    "nullable truth": pd.array([False, None, True], dtype="boolean"),
    "dates": pd.to_datetime(["2024-01-01", None, "2024-03-01"]),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_beeswarm_numbers_of_every_type_are_on_the_scale(kind):
    table = pd.DataFrame({"number": NUMBERS[kind], "text": ["u", "v", "u"]})
    e = explanation([[0.1, 0.4], [0.2, 0.4], [0.3, 0.4]], data=np.asarray(table))
    ax = plot.beeswarm(e, ax=axes(), random_state=0)
    cloud = dict(zip(labels(ax), dots(ax), strict=True))["x0"]
    shade = cloud.get_array()[np.argsort(cloud.get_offsets()[:, 0])]
    assert (shade[0], shade[2]) == (0, 1)
    ax.figure.draw_without_rendering()
    is_missing = pd.isna(table["number"])[1]
    assert (colour_by_height(cloud)[1] == "#7f7f7f") == is_missing
    assert len(keys(ax)) == 1


@pytest.mark.parametrize("size", [None, (5.2, 3.8), (4.0, 3.0)])
def test_beeswarm_keys_stay_on_the_page_and_off_the_dots(size):
    rng = np.random.default_rng(0)
    data = np.array([[f"a rather long name {rng.integers(8)}" for _ in "abc"] for _ in range(60)])
    e = explanation(rng.normal(size=(60, 3)), data=data.astype(object))
    ax = plot.beeswarm(e, ax=None if size is None else axes(*size), random_state=0)
    ax.figure.draw_without_rendering()
    boxes = ax.findobj(AnnotationBbox)
    assert len(boxes) == 3
    assert_inside([text for box in boxes for text in box.findobj(Text)], ax.figure)
    lowest = [cloud.get_offsets()[:, 1].max() for cloud in dots(ax)]
    for place, box in enumerate(boxes):
        (_, bottom), (_, top) = ax.transData.inverted().transform(box.get_window_extent())
        assert top > lowest[place]  # below its own dots, since rows go down
        if size is None and place < 2:
            assert bottom < dots(ax)[place + 1].get_offsets()[:, 1].min()
    plt.close(ax.figure)


def test_beeswarm_a_missing_value_is_a_grey_dot():
    data = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan], [np.inf, np.nan]])
    e = explanation([[0.1, 0.4], [0.2, 0.4], [0.3, 0.4], [0.4, 0.4]], data=data)
    ax = plot.beeswarm(e, ax=axes(), random_state=0)
    clouds = dict(zip(labels(ax), dots(ax), strict=True))
    assert clouds["x1"].get_array() is None
    cloud = clouds["x0"]
    ax.figure.draw_without_rendering()
    colours = colour_by_height(cloud)
    assert colours[1] == "#7f7f7f"
    assert len({colours[0], colours[1], colours[2]}) == 3
    assert "high values raise it" in plot.alt_text(ax)


def test_beeswarm_dots_at_one_place_do_not_hide_each_other():
    ax = plot.beeswarm(explanation(np.zeros((9, 2))), ax=axes(), random_state=0)
    y = dots(ax)[0].get_offsets()[:, 1]
    assert len(np.unique(y)) == 9


def test_beeswarm_the_same_seed_draws_the_same_figure():
    values = np.random.default_rng(0).normal(size=(300, 2))
    e = explanation(values, data=values)

    def drawn(seed):
        return dots(plot.beeswarm(e, ax=axes(), random_state=seed))[0].get_offsets()

    assert np.array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))


def test_beeswarm_says_how_many_are_not_drawn():
    ax = plot.beeswarm(explanation(), ax=axes(), max_features=2, random_state=0)
    assert labels(ax)[-1] == "2 other features"
    assert len(dots(ax)) == 2
    assert "2 other features not drawn" in plot.alt_text(ax)


def test_alt_text_of_a_bar_chart():
    text = plot.alt_text(plot.bar(explanation(), ax=axes()))
    assert text == (
        "Bar chart of the mean absolute attribution by feature, in probability of good, "
        "over 3 rows: income 0.4, age 0.2, debt 0.2, job 0.00333."
    )


def test_alt_text_of_a_waterfall():
    text = plot.alt_text(plot.waterfall(explanation(), row=1, ax=axes(), max_features=2))
    assert text == (
        "Waterfall chart of row 1, in probability of good, from the base value 0.4 to the "
        "prediction 0.65: plus 0.5 for income = 90, minus 0.3 for age = 52, "
        "plus 0.05 for 2 other features."
    )


def test_alt_text_of_a_beeswarm_tells_the_direction():
    data = np.random.default_rng(0).normal(size=(100, 3))
    e = explanation(
        np.column_stack([-data[:, 0], 0.5 * data[:, 1], 0.3 * data[::-1, 2]]), data=data
    )
    text = plot.alt_text(plot.beeswarm(e, ax=axes(), random_state=0))
    x0, x1, x2 = text.split(": ")[1].split("; ")
    assert x0.startswith("x0 from −")
    assert x0.endswith("high values lower it")
    assert x1.endswith("high values raise it")
    assert x2.endswith("with no one direction.")


def test_alt_text_is_kept_for_each_axes_of_a_figure():
    left, right = Figure().subplots(1, 2)
    plot.bar(explanation(), ax=left)
    plot.waterfall(explanation(), ax=right)
    assert plot.alt_text(left).startswith("Bar chart")
    assert plot.alt_text(right).startswith("Waterfall")


def test_alt_text_in_a_subfigure():
    ax = Figure().subfigures(1, 2)[0].subplots()
    assert plot.alt_text(plot.bar(explanation(), ax=ax)).startswith("Bar chart")


def test_alt_text_of_thirty_features_stays_short():
    e = explanation(np.random.default_rng(0).normal(size=(5, 30)))
    text = plot.alt_text(plot.bar(e, ax=axes(), max_features=30))
    assert text.endswith("and 20 more.")


CASES = {
    "one feature, one row": explanation([[0.7]]),
    "all zero": explanation(np.zeros((4, 3)), base=0.0),
    "thirty features": explanation(np.random.default_rng(0).normal(size=(50, 30))),
    "long names": explanation(
        [[0.2, -0.3]],
        names=("marital_status_of_the_applicant_at_the_time_of_the_survey", "hours " * 15),
        data=np.array([["Married-civ-spouse", 37]], dtype=object),
    ),
    "tiny and huge": explanation([[1e-9, 3e8, -2e8]]),
    "no names": explanation([[0.2, -0.3]], names=None, feature_names=None),
    "missing and boolean data": explanation(
        [[0.2, -0.3, 0.1]] * 3,
        names=("a", "b", "c"),
        data=np.array([[np.nan, True, None], [1.0, False, "x"], [2.0, True, "y"]], dtype=object),
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("draw", FIGURES)
def test_nothing_is_cut_off(draw, case):
    ax = draw(CASES[case])
    figure = ax.figure
    figure.draw_without_rendering()
    assert_inside([*ax.get_yticklabels(), *ax.texts, ax.xaxis.label], figure)
    plt.close(figure)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("draw", FIGURES)
def test_row_labels_do_not_overlap(draw, case):
    ax = draw(CASES[case])
    ax.figure.draw_without_rendering()
    boxes = sorted((t.get_window_extent() for t in ax.get_yticklabels()), key=lambda box: box.y0)
    plt.close(ax.figure)
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))


def test_plots_import_without_pyplot():
    code = "import sys; import xaikit.plot; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize(
    ("make", "options", "error", "message"),
    [
        (lambda: VALUES, {}, TypeError, "e must be an xaikit.Explanation.*ndarray"),
        (lambda: None, {}, TypeError, "e must be an xaikit.Explanation.*NoneType"),
        (
            lambda: explanation(np.zeros((2, 4, 4)), names=None),
            {},
            ValueError,
            r"columns of a table.*\(2, 4, 4\)",
        ),
        (lambda: explanation()[:0], {}, ValueError, r"at least one row.*\(0, 4\)"),
        (lambda: explanation(), {"max_features": 0}, ValueError, "max_features.*at least 1.*0"),
        (lambda: explanation(), {"max_features": 2.5}, TypeError, r"max_features.*2\.5"),
        (lambda: explanation(), {"max_features": None}, TypeError, "max_features.*None"),
    ],
)
def test_bad_arguments_are_met_at_the_door(draw, make, options, error, message):
    before = plt.get_fignums()
    with pytest.raises(error, match=message):
        draw(make(), **options)
    assert plt.get_fignums() == before


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        (3, ValueError, "row.*from 0 to 2.*3"),
        (-1, ValueError, "row.*from 0 to 2.*-1"),
        (1.0, TypeError, r"row.*1\.0"),
        (True, TypeError, "row.*True"),
    ],
)
def test_waterfall_wants_a_row_that_is_there(row, error, message):
    with pytest.raises(error, match=message):
        plot.waterfall(explanation(), row=row)


def test_beeswarm_wants_a_seed_it_can_use():
    with pytest.raises(TypeError, match=r"random_state.*'0'"):
        plot.beeswarm(explanation(), random_state="0")


def test_alt_text_wants_axes_that_were_drawn_here():
    with pytest.raises(TypeError, match=r"ax must be a matplotlib Axes; got Figure"):
        plot.alt_text(Figure())
    with pytest.raises(ValueError, match=r"ax must have been drawn by xaikit\.plot"):
        plot.alt_text(axes())


def test_a_real_explanation_is_drawn_by_all_three():
    from sklearn.linear_model import LinearRegression

    from xaikit import explain

    data = datasets.planted_linear(200, random_state=0)
    e = explain(LinearRegression().fit(data.X, data.y), data.X, background=data.X)
    assert labels(plot.bar(e, ax=axes()))[:3] == ["x1", "x2", "x3"]
    assert "x2" in plot.alt_text(plot.waterfall(e, ax=axes()))
    swarm = plot.alt_text(plot.beeswarm(e, ax=axes(), random_state=0))
    assert "high values raise it; x2" in swarm

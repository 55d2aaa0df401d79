"""Figures of effects and boundaries show the numbers, and every figure brings its alt text."""

import pickle
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import assert_inside, axes, brought
from made_explanations import made
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from xaikit import boundary, effects, plot

RNG = np.random.default_rng(0)
X = RNG.multivariate_normal([0, 0, 0], [[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1]], size=200)
LABEL = np.where(X[:, 0] + X[:, 2] > 0, "yes", "no")
KIND = np.digitize(X[:, 0], [-0.5, 0.5])
MODEL = LogisticRegression().fit(X, LABEL)


def wavy(rows):
    return rows[:, 0] * rows[:, 1] + np.sin(2 * rows[:, 0])


EFFECT = effects.ale(wavy, X, 0)
PAIR = effects.ale(wavy, X, (0, 1))
PLANE = boundary.slice_2d(MODEL, X, features=(0, 2))
DRAWN = {
    plot.effect: EFFECT,
    plot.effect_pair: PAIR,
    plot.boundary: PLANE,
}


@pytest.mark.parametrize("draw", DRAWN)
def test_nothing_is_cut_off(draw):
    ax = draw(DRAWN[draw])
    ax.figure.draw_without_rendering()
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert_inside([ax.xaxis.label, ax.yaxis.label], ax.figure)
    plt.close(ax.figure)


def test_an_effect_is_its_line_and_its_counts():
    ax = plot.effect(EFFECT, ax=axes())
    x, y = next(line for line in ax.lines if len(line.get_xdata()) > 2).get_data()
    np.testing.assert_array_equal(x, EFFECT.grid)
    np.testing.assert_array_equal(y, EFFECT.values)
    area = [bar.get_width() * bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(np.array(area) / area[0], EFFECT.counts / EFFECT.counts[0])
    assert ax.get_ylabel() == "effect on the prediction"


def test_a_pair_is_its_cells_and_crosses_where_nobody_is():
    ax = plot.effect_pair(PAIR, ax=axes())
    v = PAIR.values
    middle = (v[:-1, :-1] + v[1:, :-1] + v[:-1, 1:] + v[1:, 1:]) / 4
    np.testing.assert_allclose(np.ma.getdata(ax.collections[0].get_array()), middle.T)
    crossed = {(p.get_x(), p.get_y()) for p in ax.patches if p.get_hatch()}
    assert crossed == {
        (PAIR.grids[0][i], PAIR.grids[1][j]) for i, j in np.argwhere(PAIR.counts == 0)
    }
    assert f"{len(crossed)} of 100 cells are crossed" in plot.alt_text(ax)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda r: 2 * r[:, 0], "rising from −"),
        (lambda r: -(r[:, 0] ** 3), "falling from "),
        (lambda r: r[:, 1], "flat at zero"),
        (lambda r: r[:, 0] ** 2, "going from .*, lowest −.* at .*, highest "),
    ],
)
def test_the_alt_text_of_an_effect_tells_its_course(function, words):
    text = plot.alt_text(plot.effect(effects.ale(function, X, 0), ax=axes()))
    assert text.startswith(
        "Line of the accumulated local effect of x0 on the prediction over 200 rows in 20 bins: "
    )
    assert re.search(words, text)


def test_the_line_of_a_boundary_is_where_the_model_is_undecided():
    ax = plot.boundary(PLANE, ax=axes())
    lines = [c for c in ax.collections if len(getattr(c, "levels", ())) == 1]
    assert [c.levels[0] for c in lines] == [0.5, 0.5]
    points = lines[0].get_paths()[0].vertices
    np.testing.assert_allclose(PLANE.predict_proba(points)[:, 1], 0.5, atol=0.01)
    share = float(plot.alt_text(ax).split("leaves ")[1].split("%")[0])
    assert 20 < share < 80
    assert "probability of yes over x0 and x2, from" in plot.alt_text(ax)


def test_the_rows_are_drawn_by_class_with_marks_that_differ():
    ax = plot.boundary(PLANE, y=LABEL, ax=axes())
    clouds = [c for c in ax.collections if c.get_label() in ("yes", "no")]
    for cloud in clouds:
        np.testing.assert_allclose(cloud.get_offsets(), X[cloud.get_label() == LABEL][:, [0, 2]])
    shapes = [cloud.get_paths()[0].vertices.shape for cloud in clouds]
    assert shapes[0] != shapes[1]
    assert plot.alt_text(ax).endswith("200 rows drawn as marks, by class.")


def test_a_class_has_one_colour_of_its_rows_and_of_its_places():
    model = DecisionTreeClassifier(max_depth=2).fit(X, KIND)
    plane = boundary.slice_2d(model, X, features=(0, 1))
    # Rows of two of the three classes: each must find its own.
    some = np.where(KIND == 0, 2, KIND)
    ax = plot.boundary(plane, y=some, resolution=50, ax=axes())
    areas, rows = (key for key in ax.get_children() if isinstance(key, Legend))
    ways = {}
    for key in (areas, rows):
        for handle, text in zip(key.legend_handles, key.get_texts(), strict=True):
            colour = np.ravel(handle.get_facecolor())[:3]
            ways.setdefault(text.get_text(), []).append((1 - colour) / np.linalg.norm(1 - colour))
    assert [len(ways[name]) for name in ("0", "1", "2")] == [1, 2, 2]
    for name in ("1", "2"):
        np.testing.assert_allclose(*ways[name], atol=1e-6)


def test_the_keys_can_be_read_on_a_dark_map_in_any_style():
    kinds = boundary.slice_2d(DecisionTreeClassifier().fit(X, KIND), X, features=(0, 2))
    with plt.style.context("xaikit.plot.course"):
        drawn = plot.boundary(kinds, y=KIND, resolution=10, ax=axes())
    keys = [child for child in drawn.get_children() if isinstance(child, Legend)]
    assert len(keys) == 2
    assert all(key.get_frame_on() for key in keys)


def test_several_classes_are_areas():
    model = DecisionTreeClassifier(max_depth=2).fit(X, KIND)
    plane = boundary.slice_2d(model, X, features=(0, 1))
    ax = plot.boundary(plane, y=KIND, resolution=50, ax=axes())
    text = plot.alt_text(ax)
    shares = [int(part.split("%")[0]) for part in text.split(" on ")[1:]]
    assert text.startswith("Map of the class predicted over x0 and x1: 0 on ")
    assert 98 <= sum(shares) <= 102


def test_scores_numbers_and_labels_are_drawn_on_the_scale_there_is():
    plane = boundary.slice_2d(LinearSVC().fit(X, LABEL), X)
    assert "score of yes" in plot.alt_text(plot.boundary(plane, ax=axes()))
    plane = boundary.slice_2d(LinearRegression().fit(X, X[:, 0]), X, features=(0, 1))
    text = plot.alt_text(plot.boundary(plane, ax=axes()))
    assert text.startswith("Map of the prediction over x0 and x1, from −")
    assert "line" not in text
    text = plot.alt_text(plot.boundary(plane, threshold=0.5, ax=axes()))
    assert "a line at 0.5 leaves" in text
    text = plot.alt_text(plot.boundary(plane, threshold=50, ax=axes()))
    assert text.endswith("all of it lies below 50.")

    class Labels:
        classes_ = np.array(["no", "yes"])

        def predict(self, rows):
            return self.classes_[(rows[:, 0] > 0).astype(int)]

    plane = boundary.slice_2d(Labels(), X, features=(0, 1))
    text = plot.alt_text(plot.boundary(plane, ax=axes()))
    assert text.startswith("Map of the class predicted over x0 and x1: no on ")


EXPLANATION = made([[0.5, -0.2], [0.1, 0.3]], data=np.array([[1.0, 2.0], [3.0, 5.0]]))


def test_several_panels_are_counted():
    figure = Figure(layout="constrained")
    left, right = figure.subplots(1, 2)
    plot.beeswarm(EXPLANATION, ax=left)
    plot.effect(EFFECT, ax=right)
    assert brought(figure) == (
        f"Panel 1 of 2: {plot.alt_text(left)} Panel 2 of 2: {plot.alt_text(right)}"
    )


def test_a_figure_with_axes_of_others_brings_none():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    plot.effect(EFFECT, ax=left)
    right.plot([1, 2])
    assert brought(figure) is None


def test_the_scale_of_the_colours_has_no_text_of_its_own():
    ax = plot.effect_pair(PAIR, ax=axes())
    (bar,) = (other for other in ax.figure.axes if other is not ax)
    with pytest.raises(ValueError, match="drawn by xaikit"):
        plot.alt_text(bar)


def test_a_figure_can_still_be_pickled():
    figure = pickle.loads(pickle.dumps(plot.effect(EFFECT, ax=axes()).figure))
    assert brought(figure) == plot.alt_text(figure.axes[0])

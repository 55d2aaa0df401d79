"""Distances to boundaries whose nearest point can be written down."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from xaikit import boundary


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(loc=2, scale=[1, 10, 0.1], size=(80, 3))


@pytest.mark.parametrize("scale", ["std", None, [1.0, 5.0, 2.0]])
def test_a_linear_classifier(rows, scale):
    label = rows[:, 0] + rows[:, 1] / 10 > 2.2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, label)
    found = boundary.distance(model, rows, scale=scale)
    weights = model[-1].coef_[0] / model[0].scale_
    units = {"std": rows.std(axis=0)}.get(scale if isinstance(scale, str) else "", scale or 1.0)
    truth = np.abs(model.decision_function(rows)) / np.linalg.norm(weights * units)
    np.testing.assert_allclose(found.distances, truth, rtol=1e-9)
    assert found.exact
    # On the boundary: the score is zero there, and either side is another class.
    np.testing.assert_allclose(model.decision_function(found.points), 0, atol=1e-9)
    for share, same in ((1 - 1e-6, True), (1 + 1e-6, False)):
        beside = model.predict(rows + share * (found.points - rows))
        assert ((beside == model.predict(rows)) == same).all()
    np.testing.assert_allclose(
        np.linalg.norm((found.points - rows) / units, axis=1), found.distances
    )


def test_a_linear_regression_at_a_threshold(rows):
    model = LinearRegression().fit(rows, rows @ [3.0, 0.0, 4.0] + 1)
    found = boundary.distance(model, rows[:3], threshold=7.0, scale=None)
    truth = np.abs(model.predict(rows[:3]) - 7) / 5
    np.testing.assert_allclose(found.distances, truth, rtol=1e-9)
    np.testing.assert_allclose(model.predict(found.points), 7)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("label", [False, True])
def test_a_threshold_on_a_probability(rows, share, label):
    model = LogisticRegression(max_iter=5000).fit(rows, rows[:, 0] > 2)
    found = boundary.distance(model, rows, threshold=share, output=label, scale=None)
    assert found.exact
    column = int(label)
    np.testing.assert_allclose(model.predict_proba(found.points)[:, column], share, rtol=1e-9)


@pytest.mark.parametrize(("space", "level"), [("probability", 0.4), ("log-odds", -0.4)])
def test_of_three_classes_a_probability_is_not_linear(rows, space, level):
    kinds = np.digitize(rows[:, 0] + rows[:, 1] / 20, [1.5, 3])
    model = LogisticRegression(max_iter=5000).fit(rows, kinds)
    found = boundary.distance(
        model, rows[:4], background=rows, threshold=level, output=1, output_space=space,
        random_state=0,
    )  # fmt: skip
    assert not found.exact
    p = model.predict_proba(found.points)[:, 1]
    height = p if space == "probability" else np.log(p / (1 - p))
    np.testing.assert_allclose(height, level, rtol=1e-9)


def test_several_classes_the_nearest_of_the_planes(rows):
    kinds = np.digitize(rows[:, 0] + rows[:, 1] / 20, [1.5, 3])
    model = LogisticRegression(max_iter=5000).fit(rows, kinds)
    found = boundary.distance(model, rows, scale=None)
    own = model.predict(rows)
    best = np.full(len(rows), np.inf)
    for other in range(3):
        gap = model.coef_[own] - model.coef_[other]
        height = (gap * rows).sum(axis=1) + model.intercept_[own] - model.intercept_[other]
        far = height[own != other] / np.linalg.norm(gap[own != other], axis=1)
        best[own != other] = np.minimum(best[own != other], far)
    np.testing.assert_allclose(found.distances, best, rtol=1e-9)
    beyond = model.predict(rows + (1 + 1e-6) * (found.points - rows))
    before = model.predict(rows + (1 - 1e-6) * (found.points - rows))
    assert (before == own).all()
    assert (beyond != own).all()


def test_the_search_finds_what_the_closed_form_says(rows):
    kinds = np.digitize(rows[:, 0] + rows[:, 1] / 20, [1.5, 3])
    model = RidgeClassifier().fit(rows, kinds)
    exact = boundary.distance(model, rows[:10], background=rows)

    class Hidden:
        """The same model, not known to be linear."""

        classes_ = model.classes_
        predict, decision_function = model.predict, model.decision_function

    searched = boundary.distance(Hidden(), rows[:10], background=rows, random_state=0)
    assert exact.exact
    assert not searched.exact
    np.testing.assert_allclose(searched.distances, exact.distances, rtol=1e-6)


@pytest.mark.parametrize("d", [2, 6])
def test_a_sphere(d):
    rows = np.random.default_rng(d).normal(size=(100, d))
    radius = np.median(np.linalg.norm(rows, axis=1))
    found = boundary.distance(
        lambda X: np.linalg.norm(X, axis=1), rows[:10], background=rows, threshold=radius,
        scale=None, random_state=0,
    )  # fmt: skip
    truth = np.abs(np.linalg.norm(rows[:10], axis=1) - radius)
    np.testing.assert_allclose(found.distances, truth, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found.points, axis=1), radius, rtol=1e-9)


def test_a_box_known_by_its_labels_only():
    """Inside the unit square: the nearest side. There is no slope to follow."""
    rows = np.random.default_rng(0).uniform(-2, 2, size=(200, 2))
    inside = rows[np.abs(rows).max(axis=1) < 0.9][:8]
    found = boundary.distance(
        lambda X: (np.abs(X).max(axis=1) < 1) * 1.0, inside, background=rows, threshold=0.5,
        scale=None, random_state=0,
    )  # fmt: skip
    np.testing.assert_allclose(found.distances, 1 - np.abs(inside).max(axis=1), rtol=1e-3)


@pytest.mark.slow
def test_a_tree_of_one_split():
    rows = np.random.default_rng(0).normal(size=(200, 4))
    tree = DecisionTreeClassifier(max_depth=1).fit(rows, rows[:, 2] > 0.3)
    found = boundary.distance(tree, rows[:10], background=rows, scale=None, random_state=0)
    truth = np.abs(rows[:10, 2] - tree.tree_.threshold[0])
    # Trees compare in 32 bits.
    np.testing.assert_allclose(found.distances, truth, rtol=1e-3, atol=1e-6)


def test_the_slice_of_a_linear_model_is_a_line_of_known_slope(rows):
    model = LogisticRegression(max_iter=5000).fit(rows, rows[:, 0] + rows[:, 1] / 10 > 2.2)
    at = rows[3]
    plane = boundary.slice_2d(model, rows, features=(0, 1), at=at)
    x = np.linspace(-1, 4, 7)
    w = model.coef_[0]
    y = -(model.intercept_[0] + w[2] * at[2] + w[0] * x) / w[1]
    np.testing.assert_allclose(plane.decision_function(np.column_stack([x, y])), 0, atol=1e-9)
    np.testing.assert_allclose(np.diff(y) / np.diff(x), -w[0] / w[1])


def test_the_principal_plane_holds_the_most_variance():
    """Three columns that are one number and a little noise: the first direction is theirs."""
    rng = np.random.default_rng(0)
    shared = rng.normal(size=500)
    rows = shared[:, None] * [1.0, -20, 300] + rng.normal(size=(500, 3)) * [0.1, 2, 30]
    plane = boundary.slice_2d(lambda X: X[:, 0], rows)
    step = (plane.directions[0] / rows.std(axis=0)) * np.sign(plane.directions[0, 0])
    np.testing.assert_allclose(step, np.array([1, -1, 1]) / np.sqrt(3), atol=0.02)

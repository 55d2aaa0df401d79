"""The boundary: invariants of its points, slices as estimators, and bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import is_classifier, is_regressor
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC

from xaikit import boundary
from xaikit.boundary._search import Problem, crossings
from xaikit.boundary._sides import Sides
from xaikit.core.tables import encode

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
LABEL = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)
FOREST = RandomForestClassifier(n_estimators=10, random_state=0).fit(X, LABEL)
FRAME = pd.DataFrame(
    {
        "age": RNG.integers(18, 70, size=120),
        "income": RNG.normal(50, 20, size=120),
        "job": RNG.choice(["none", "skilled"], size=120, p=[0.3, 0.7]),
        "owner": RNG.uniform(size=120) < 0.4,
    }
)
RICH = FRAME["income"] + FRAME["age"] / 5 + 10 * FRAME["owner"] > 62
MIXED = make_pipeline(
    make_column_transformer((OneHotEncoder(), ["job"]), remainder="passthrough"),
    LogisticRegression(max_iter=5000),
).fit(FRAME, RICH)


def wavy(rows):
    rows = np.asarray(rows, dtype=float)
    return np.sin(2 * rows[:, 0]) + rows[:, 1] * rows[:, 2]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000), threshold=st.floats(-0.8, 0.8))
def test_a_point_lies_on_the_boundary_and_within_the_best_bracket(seed, threshold):
    rows = np.random.default_rng(seed).normal(size=(60, 3))
    found = boundary.distance(
        wavy, rows[:3], background=rows, threshold=threshold, n_samples=200, random_state=seed
    )
    scale = rows.std(axis=0)
    steps = found.points - rows[:3]
    np.testing.assert_allclose(np.linalg.norm(steps / scale, axis=1), found.distances)
    over = wavy(rows) >= threshold
    assert np.array_equal(wavy(found.points) >= threshold, ~over[:3])
    just_before = rows[:3] + (1 - 1e-11) * steps
    assert np.array_equal(wavy(just_before) >= threshold, over[:3])
    for i in range(3):
        across = rows[over != over[i]]
        # No nearer row has the other answer, and no line to one of them meets it nearer.
        assert found.distances[i] <= np.linalg.norm((across - rows[i]) / scale, axis=1).min()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), principal=st.booleans())
def test_a_slice_maps_there_and_back(seed, principal):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(20, 4)) * [1, 10, 0.1, 3] + 5
    features = "principal" if principal else (2, 0)
    plane = boundary.slice_2d(wavy, rows, features=features, at=rows[4])
    points = rng.normal(size=(9, 2))
    lifted = plane.lift(points)
    np.testing.assert_allclose((lifted - plane.origin) @ plane.back, points, atol=1e-9)
    np.testing.assert_allclose(plane.predict(points), wavy(lifted))
    # The row that the plane goes through is on it.
    np.testing.assert_allclose(plane.lift(plane.flatten()[[4]]), rows[[4]])
    # Laid out flat twice is the same as once.
    again = boundary.slice_2d(wavy, rows, features=features, at=rows[4])
    again.rows = plane.lift(plane.flatten())
    np.testing.assert_allclose(again.flatten(), plane.flatten(), atol=1e-9)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_points_whatever_the_workers():
    def found(**how):
        return boundary.distance(FOREST, X[:4], background=X, n_samples=300, **how).points

    assert np.array_equal(found(random_state=3), found(random_state=3, n_jobs=2))


def test_a_forest_changes_its_answer_at_the_points():
    found = boundary.distance(FOREST, X[:5], background=X, n_samples=500, random_state=0)
    assert (FOREST.predict(found.points) != FOREST.predict(X[:5])).all()
    assert len(found) == 5
    assert repr(found).startswith("BoundaryPoints(5 rows, searched, distances from ")


def test_a_frame_keeps_its_index_and_what_is_no_amount():
    rows = FRAME.iloc[[7, 3]]
    found = boundary.distance(MIXED, rows, background=FRAME, random_state=0)
    assert list(found.points.index) == [7, 3]
    assert (found.points[["job", "owner"]] == rows[["job", "owner"]]).all(axis=None)
    assert found.points["age"].dtype == float
    assert (found.points[["age", "income"]] != rows[["age", "income"]]).any(axis=None)
    assert (MIXED.predict(found.points) != MIXED.predict(rows)).all()
    assert np.isinf(found.scale).tolist() == [False, False, True, True]


def test_a_column_that_does_not_vary_stays_by_std_and_moves_by_your_own_scale():
    rows = X.copy()
    rows[:, 2] = 1.0
    found = boundary.distance(wavy, rows[:3], background=rows, threshold=0.2, random_state=0)
    assert (found.points[:, 2] == 1).all()
    found = boundary.distance(
        wavy, rows[:3], background=rows, threshold=0.2, scale=[1, 1, 0.01], random_state=0
    )
    assert (found.points[:, 2] != 1).any()


@pytest.mark.slow
def test_a_missing_value_stays_missing():
    rows = X.copy()
    rows[:30, 2] = np.nan
    model = HistGradientBoostingClassifier(max_iter=10).fit(rows, LABEL)
    found = boundary.distance(model, rows[:2], background=rows, n_samples=200, random_state=0)
    assert np.isnan(found.points[:, 2]).all()
    assert np.isfinite(found.distances).all()
    assert (model.predict(found.points) != model.predict(rows[:2])).all()


def test_a_model_of_labels_only():
    class Labels:
        classes_ = np.array(["no", "yes"])

        def predict(self, rows):
            return self.classes_[(wavy(rows) > 0).astype(int)][:, None]

    found = boundary.distance(Labels(), X[:3], background=X, n_samples=300, random_state=0)
    assert np.array_equal(wavy(found.points) > 0, wavy(X[:3]) <= 0)


def decided_by_job(frame):
    """For the skilled the age decides; for the others their job alone."""
    none = (frame["job"] == "none").to_numpy()
    return none * 1.0 + ~none * (frame["age"].to_numpy() > 40)


@pytest.mark.slow
def test_a_row_that_cannot_be_reached_does_not_lose_the_others():
    skilled, none = (FRAME[FRAME["job"] == job][:2] for job in ("skilled", "none"))
    rows = pd.concat([skilled[:1], none, skilled[1:]])
    with pytest.warns(UserWarning, match=r"rows 1, 2 of X with 60 rows.*n_samples") as caught:
        found = boundary.distance(
            decided_by_job, rows, background=FRAME, threshold=0.5, n_samples=60, random_state=0
        )
    assert caught[0].filename == __file__
    assert found.reached.tolist() == [True, False, False, True]
    assert np.isinf(found.distances).tolist() == [False, True, True, False]
    np.testing.assert_array_equal(
        decided_by_job(found.points[found.reached]) >= 0.5,
        decided_by_job(rows[found.reached]) < 0.5,
    )
    # What cannot move stays as it is, what could is not a number.
    assert found.points[["age", "income"]][~found.reached].isna().all(axis=None)
    assert found.points["job"].tolist() == rows["job"].tolist()
    assert found.points["owner"].tolist() == rows["owner"].tolist()
    assert list(found.points.index) == list(rows.index)
    assert repr(found).startswith("BoundaryPoints(4 rows, 2 not reached, searched, distances")
    assert "inf" not in repr(found)
    # The others are where they are without it.
    alone = boundary.distance(
        decided_by_job, rows[found.reached], background=FRAME, threshold=0.5, n_samples=60,
        random_state=0,
    )  # fmt: skip
    np.testing.assert_allclose(alone.distances, found.distances[found.reached], rtol=0.01)


def test_where_no_row_can_be_reached_it_says_so():
    with pytest.raises(boundary.NoBoundaryFound, match=r"rows 0, 1 of X with 60 rows.*n_samples"):
        boundary.distance(
            decided_by_job, FRAME[FRAME["job"] == "none"][:2], background=FRAME, threshold=0.5,
            n_samples=60, random_state=0,
        )  # fmt: skip


def test_a_background_on_one_side_is_enough_where_the_rows_are_on_both():
    rows = np.array([[0.0, 0.0], [3.0, 0.0]])
    near = np.random.default_rng(0).normal(size=(30, 2)) * 0.2
    found = boundary.distance(
        lambda r: r[:, 0], rows, background=near, threshold=1.0, scale=None, random_state=0
    )
    np.testing.assert_allclose(found.distances, [1, 2], rtol=1e-6)


def test_slices_are_estimators_for_scikit_learn():
    plane = boundary.slice_2d(MIXED, FRAME, features=("age", "income"))
    assert is_classifier(plane)
    row = plane.lift([[30.5, 40.0]])
    assert row["job"].tolist() == ["skilled"]
    assert row["owner"].tolist() == [False]
    np.testing.assert_allclose(plane.predict_proba([[30.5, 40.0]]), MIXED.predict_proba(row))
    display = DecisionBoundaryDisplay.from_estimator(plane, plane.flatten(), grid_resolution=5)
    grid = np.column_stack([display.xx0.ravel(), display.xx1.ravel()])
    np.testing.assert_allclose(display.response.ravel(), plane.decision_function(grid))
    other = boundary.slice_2d(wavy, X)
    assert is_regressor(other)
    assert not hasattr(other, "predict_proba")
    assert not hasattr(other, "classes_")
    assert not hasattr(boundary.slice_2d(LinearSVC().fit(X, LABEL), X), "predict_proba")
    assert other.fit() is other
    assert repr(plane) == "Slice(LogisticRegression: age × income)"


def test_a_slice_goes_through_the_middle_or_the_row_given():
    plane = boundary.slice_2d(MIXED, FRAME, features=("income", "age"))
    assert plane.axis_names == ("income", "age")
    plane = boundary.slice_2d(MIXED, FRAME)
    middle = plane.lift([[0, 0]])
    assert middle["age"].item() == FRAME["age"].median()
    assert middle["job"].item() == "skilled"
    row = boundary.slice_2d(MIXED, FRAME, at=FRAME.iloc[5]).lift([[0, 0]])
    assert row["income"].item() == FRAME["income"][5]
    assert row["job"].item() == FRAME["job"][5]
    named = pd.DataFrame(X, columns=["a", "b", "c"])
    plane = boundary.slice_2d(FOREST, named, features=("b", "c"), at=named.iloc[2])
    assert plane.lift([[0, 9]]).tolist() == [[X[2, 0], 0, 9]]


def test_a_slice_of_one_of_several_outputs():
    plane = boundary.slice_2d(lambda rows: rows[:, :2], X, features=(0, 1), output=1)
    assert plane.predict([[3, 4]]).tolist() == [4]


def distance(model=FOREST, rows=X[:3], background=X, **options):
    return lambda: boundary.distance(model, rows, background=background, **options)


def cut(model=FOREST, rows=X, **options):
    return lambda: boundary.slice_2d(model, rows, **options)


FLAT = LinearRegression().fit(X, np.zeros(120))
V, T = ValueError, TypeError
BAD = {
    "no model": (distance(3), T, "model", "callable", "3"),
    "no rows": (distance(rows=X[:0]), V, "X", "at least one row", r"\(0, 3\)"),
    "no background": (distance(background=None), V, "background", "20 rows", "None and 3"),
    "a narrow background": (distance(background=X[:, :2]), V, "background", "3 columns", "2"),
    "a callable without threshold": (distance(wavy), V, "threshold", "for a callable", "None"),
    "a regressor without threshold": (distance(FLAT), V, "threshold", "regressor", "None"),
    "a threshold in words": (distance(wavy, threshold="much"), V, "threshold", "much"),
    "a threshold of nan": (distance(wavy, threshold=np.nan), V, "threshold", "finite", "nan"),
    "an output without threshold": (distance(output=1), V, "output", "threshold", "1"),
    "a scale without threshold": (
        distance(output_space="probability"), V, "output_space", "threshold", "'probability'",
    ),
    "no such class": (distance(threshold=0.5, output=7), V, "output", "7"),
    "an unknown scale": (distance(scale="iqr"), V, "scale", "'std'", "'iqr'"),
    "a scale too short": (distance(scale=[1, 2]), V, "scale", "3 numbers", r"\[1, 2\]"),
    "a scale of zero": (distance(scale=[1, 0, 1]), V, "scale", "above 0", r"\[1, 0, 1\]"),
    "no samples": (distance(n_samples=0), V, "n_samples", "at least 1", "0"),
    "half a worker": (distance(n_jobs=0.5), T, "n_jobs", "whole", "0.5"),
    "a seed in words": (distance(random_state="a"), T, "random_state", "'a'"),
    "a bar in words": (distance(progress="yes"), T, "progress", "'yes'"),
    "nothing varies": (
        distance(background=np.ones((5, 3))), V, "X", "column that can move", "none",
    ),
    "nobody across": (
        distance(wavy, threshold=99.0), V, "background", "both sides", "120 rows, all on one",
    ),
    "a flat linear model": (distance(FLAT, threshold=1.0), V, "model", "depend", "weights"),
    "one feature": (cut(features=(0,)), V, "features", "pair", r"\(0,\)"),
    "a feature in words": (cut(features="age"), V, "features", "pair", "'age'"),
    "a feature twice": (cut(features=(1, "x1")), V, "features", "two columns", "'x1' twice"),
    "no such feature": (cut(features=(1, 3)), V, "features", "'x0'", "3"),
    "a category": (
        cut(MIXED, FRAME, features=("age", "job")), V, "features", "numbers", "'job'",
    ),
    "a place in words": (cut(at="mean"), V, "at", "'median' or a row", "'mean'"),
    "two places": (cut(at=X[:2]), V, "at", "one row", r"\(2, 3\)"),
    "a narrow place": (cut(at=X[0, :2]), V, "at", "3 columns", r"\(1, 2\)"),
    "a place of nan": (cut(FLAT, at=[0, np.nan, 0]), V, "at", "missing", "1 nan"),
    "an output of a classifier": (cut(output=1), V, "output", "left out", "1"),
    "too few columns": (cut(wavy, X * [1, 0, 0]), V, "X", "two columns", "1 such"),
    "too few rows": (cut(wavy, X[:2]), V, "X", "three rows", "2 rows"),
    "points of another shape": (
        lambda: cut()().predict([[1, 2, 3]]), V, "X", r"\(m, 2\)", r"\(1, 3\)",
    ),
    "points of nan": (lambda: cut()().predict([[1, np.nan]]), V, "X", "finite", "nan"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_met_at_the_door(case):
    call, error, *words = BAD[case]
    with pytest.raises(error, match="(?s)" + ".*".join(words)) as raised:
        call()
    assert type(raised.value) is error


def best_brackets(model, rows, background):
    """The nearest crossing on a line to any background row of another class, halved by hand."""
    own, sides = model.predict(rows), model.predict(background)
    best = []
    for row, side in zip(rows, own, strict=True):
        across = background[sides != side]
        low, high = np.zeros(len(across)), np.ones(len(across))
        for _ in range(40):
            middle = (low + high) / 2
            other = model.predict(row + middle[:, None] * (across - row)) != side
            high, low = np.where(other, middle, high), np.where(other, low, middle)
        best.append((np.linalg.norm((across - row) / background.std(axis=0), axis=1) * high).min())
    return np.array(best)


@pytest.mark.slow
def test_a_forest_is_no_further_than_any_line_to_a_row():
    found = boundary.distance(FOREST, X[:6], background=X, random_state=0)
    assert (found.distances <= best_brackets(FOREST, X[:6], X) * (1 + 1e-9)).all()


def test_a_nearer_boundary_is_found_where_no_row_has_been():
    """All rows across lie beyond x0 = 1; x1 = 0.2 is nearer, and past every value seen."""
    rows = np.column_stack([np.linspace(-1, 1.5, 40), np.linspace(-0.1, 0.1, 40), np.ones(40)])
    found = boundary.distance(
        lambda r: ((r[:, 0] > 1) | (r[:, 1] > 0.2)) * 1.0, np.zeros((1, 3)), background=rows,
        threshold=0.5, scale=None, random_state=0,
    )  # fmt: skip
    np.testing.assert_allclose(found.distances, 0.2, rtol=1e-6)


def test_a_line_is_halved_down_to_the_boundary():
    def side(rows):
        return (rows[:, 0] >= 0.3).astype(int)

    problem = Problem(
        Sides(side, None), encode(X, X)[2], X, side(X), np.ones(3, bool),
        np.ones(3), 10,
    )  # fmt: skip
    near, far = np.zeros((2, 3)), np.array([[1.0, 2, 3], [0.3, 0, 0]])
    met = crossings(problem, near, far, np.array([0, 0]))
    np.testing.assert_allclose(met, [[0.3, 0.6, 0.9], [0.3, 0, 0]], rtol=1e-14)
    assert side(met).tolist() == [1, 1]

"""The nearest row with another answer, where the nearest is known."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import xaikit as xk

# What other tests left open, and Python closes during one of these, is not of these.
LATE = "ignore::pytest.PytestUnraisableExceptionWarning"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error", LATE)]


def two_classes(n_features, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, n_features)) * rng.uniform(0.1, 10, n_features) + 3
    score = X @ rng.normal(size=n_features)
    return X, score > np.quantile(score, 0.4)


@pytest.mark.parametrize("n_features", [1, 2, 15, 40])
@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_linear_boundary_is_as_far_as_its_formula_says(n_features, row):
    X, y = two_classes(n_features)
    model = LogisticRegression(max_iter=5000).fit(X, y)
    found = xk.counterfactual(model, X[row], background=X)
    scaled = model.coef_[0] * X.std(axis=0)
    distance = abs(model.decision_function(X[[row]])[0]) / np.linalg.norm(scaled)
    assert found.exact
    assert found.distance == pytest.approx(distance, rel=1e-9)
    assert model.predict(found.row)[0] == found.prediction != model.predict(X[[row]])[0]
    # The step is along the weights, in background units.
    step = (found.row - found.original)[0] / X.std(axis=0)
    cosine = step @ scaled / np.linalg.norm(step) / np.linalg.norm(scaled)
    assert abs(cosine) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(
    "steps",
    [
        (StandardScaler(), LogisticRegression()),
        (MinMaxScaler(), LinearSVC()),
        (MinMaxScaler(), StandardScaler(), RidgeClassifier()),
    ],
)
def test_behind_scalers_the_formula_holds_in_the_columns_own_units(steps):
    X, y = two_classes(6, seed=1)
    model = make_pipeline(*steps).fit(X, y)
    found = xk.counterfactual(model, X[3], background=X)
    # The slope of the score, read off the model itself.
    slope = model.decision_function(X[[3]] + np.diag(X.std(axis=0)))
    slope = slope - model.decision_function(X[[3]])
    distance = abs(model.decision_function(X[[3]])[0]) / np.linalg.norm(slope)
    assert found.exact
    assert found.distance == pytest.approx(distance, rel=1e-7)


def test_a_linear_regression_reaches_the_near_end_of_the_interval():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(50, 4))
    weights = np.array([1.0, -2.0, 0.0, 3.0])
    model = LinearRegression().fit(X, X @ weights)
    x, norm = X[0], np.linalg.norm(weights * X.std(axis=0))
    at = x @ weights
    above = xk.counterfactual(model, x, background=X, target=(at + 2, at + 5))
    below = xk.counterfactual(model, x, background=X, target=(-np.inf, at - 3))
    assert above.distance == pytest.approx(2 / norm, rel=1e-9)
    assert below.distance == pytest.approx(3 / norm, rel=1e-9)
    assert above.prediction >= at + 2
    assert below.prediction <= at - 3


def test_fewer_columns_leave_only_the_strongest_in_the_formula():
    X, y = two_classes(12, seed=3)
    model = LogisticRegression(max_iter=5000).fit(X, y)
    pull = np.sort(np.abs(model.coef_[0]) * X.std(axis=0))[::-1]
    score = abs(model.decision_function(X[[0]])[0])
    for most in (1, 2, 5, 11):
        found = xk.counterfactual(model, X[0], background=X, sparsity=most)
        assert found.exact
        assert len(found.changes) == most
        assert found.distance == pytest.approx(score / np.linalg.norm(pull[:most]), rel=1e-9)


def test_what_is_fixed_still_counts_but_leaves_the_formula():
    X, y = two_classes(8, seed=6)
    model = LogisticRegression(max_iter=5000).fit(X, y)
    found = xk.counterfactual(model, X[2], background=X, fixed=["x1", 4])
    pull = np.delete(model.coef_[0] * X.std(axis=0), [1, 4])
    score = abs(model.decision_function(X[[2]])[0])
    assert found.exact
    assert found.distance == pytest.approx(score / np.linalg.norm(pull), rel=1e-9)
    np.testing.assert_array_equal(found.row[0, [1, 4]], X[2, [1, 4]])


def test_limits_turn_the_path_where_a_column_meets_them():
    # f = 3 a + 4 b - 25 from (0, 0), unit scales: free (3, 4); with b <= 2 it is (17/3, 2).
    background = np.array([[-1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]])
    model = LinearRegression().fit(background, background @ [3.0, 4.0])
    free = xk.counterfactual(
        model, [0.0, 0.0], background=background, target=(25, np.inf), integer=()
    )
    held = xk.counterfactual(
        model, [0.0, 0.0], background=background, target=(25, np.inf), integer=(),
        limits={"x1": (-1.5, 2)},
    )  # fmt: skip
    np.testing.assert_allclose(free.row, [[3, 4]], rtol=1e-9)
    np.testing.assert_allclose(held.row, [[17 / 3, 2]], rtol=1e-9)
    assert (free.exact, held.exact) == (True, True)


def test_of_three_classes_the_nearest_is_the_best_along_any_edge():
    X, y = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=1000).fit(X, y)
    scale = X.std(axis=0)
    W, b = model.coef_ * scale, model.intercept_
    for row, label in [(0, 1), (0, 2), (60, 0), (60, 2), (120, 0), (120, 1)]:
        found = xk.counterfactual(model, X[row], background=X, target=label)
        # All subsets of the two half spaces as equalities; the nearest feasible point wins.
        others = [k for k in range(3) if k != label]
        A, c = W[label] - W[others], b[label] - b[others]
        z = X[row] / scale
        candidates = []
        for active in ([0], [1], [0, 1]):
            gap = A[active] @ z + c[active]
            step = -np.linalg.pinv(A[active]) @ gap
            if (A @ (z + step) + c >= -1e-9).all():
                candidates.append(np.linalg.norm(step))
        assert found.exact
        assert found.prediction == label
        assert found.distance == pytest.approx(min(candidates), rel=1e-6)


@pytest.mark.parametrize("n_features", [2, 5, 10])
@pytest.mark.parametrize("known", ["score", "label"])
def test_out_of_a_ball_it_is_as_far_as_the_radius_less_the_start(n_features, known):
    rng = np.random.default_rng(4)
    background = rng.normal(size=(400, n_features)) * rng.uniform(0.5, 4, n_features)
    scale, radius = background.std(axis=0), 0.8 * np.sqrt(n_features)
    start = 0.3 * rng.normal(size=n_features) / np.sqrt(n_features)

    def squared(X):
        return ((X / scale) ** 2).sum(axis=1)

    target = (radius**2, np.inf) if known == "score" else (lambda y: y >= radius**2)
    found = xk.counterfactual(
        squared, start * scale, background=background, target=target, random_state=0
    )
    truth = radius - np.linalg.norm(start)
    assert truth * (1 - 1e-9) <= found.distance <= truth * 1.01
    assert not found.exact


def test_into_a_ball_it_is_as_far_as_the_start_less_the_radius():
    background = np.random.default_rng(5).normal(size=(300, 3))
    x, scale = np.array([2.0, -1.0, 1.5]), background.std(axis=0)
    found = xk.counterfactual(
        lambda X: ((X / scale) ** 2).sum(axis=1), x, background=background, target=(0, 0.25),
        random_state=0,
    )  # fmt: skip
    truth = np.linalg.norm(x / scale) - 0.5
    assert truth * (1 - 1e-9) <= found.distance <= truth * 1.01


@pytest.mark.parametrize("row", range(6))
def test_a_stump_is_crossed_at_its_threshold_and_nothing_else_moves(row):
    X, y = load_breast_cancer(return_X_y=True)
    model = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y)
    column, threshold = int(model.tree_.feature[0]), model.tree_.threshold[0]
    found = xk.counterfactual(model, X[row * 90], background=X, random_state=0)
    assert found.changes["feature"].tolist() == [f"x{column}"]
    # scikit-learn's trees read float32.
    assert found.row[0, column] == pytest.approx(threshold, rel=2e-7)
    truth = abs(X[row * 90, column] - threshold) / X[:, column].std()
    assert found.distance == pytest.approx(truth, rel=1e-5)


def boxes(tree, scale, x):
    """Distance from x to each leaf of a tree, and the leaf's class."""
    low, high = np.full(len(x), -np.inf), np.full(len(x), np.inf)

    def walk(node, low, high):
        if tree.children_left[node] < 0:
            step = (np.clip(x, low, high) - x) / scale
            yield np.linalg.norm(step), int(np.argmax(tree.value[node]))
            return
        j, at = tree.feature[node], tree.threshold[node]
        left, right = high.copy(), low.copy()
        left[j], right[j] = min(high[j], at), max(low[j], at)
        yield from walk(tree.children_left[node], low, left)
        yield from walk(tree.children_right[node], right, high)

    return list(walk(0, low, high))


@pytest.mark.parametrize("zeros", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("seed", range(4))
def test_a_column_that_is_mostly_zero_is_tried_at_its_other_values(seed, zeros):
    """All columns but one have to stay, and no row of the background will do as it is."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(400, 11))
    X[:, 10] = np.where(rng.uniform(size=400) < zeros, 0.0, rng.uniform(100, 200, size=400))
    x = np.where(np.arange(11) == 10, 0.0, X[0])

    def model(rows):
        others_stay = (np.abs(rows - x)[:, :10] < 0.05).all(axis=1)
        return np.where(others_stay & (rows[:, 10] > 140) & (rows[:, 10] < 160), 1.0, 0.0)

    found = xk.counterfactual(model, x, background=X, target=(1, 1), n_samples=3000, random_state=0)
    assert found.distance == pytest.approx(140 / X[:, 10].std(), rel=1e-3)


@pytest.mark.parametrize("row", range(12))
def test_a_tree_is_left_for_its_nearest_leaf_of_the_other_class(row):
    X, y = load_breast_cancer(return_X_y=True)
    model = DecisionTreeClassifier(max_depth=5, random_state=0).fit(X, y)
    x = X[row * 45]
    found = xk.counterfactual(model, x, background=X, random_state=0)
    own = model.predict(x[None])[0]
    truth = min(far for far, label in boxes(model.tree_, X.std(axis=0), x) if label != own)
    assert truth * (1 - 1e-5) <= found.distance <= truth * 1.01 + 1e-6


def lattice_truth(f, ranges, start, scale, target, category):
    points = np.array(list(itertools.product(*ranges)), dtype=float)
    values = f(points)
    steps = np.where(category, points != start, (points - start) / scale)
    inside = (values >= target[0]) & (values <= target[1])
    return np.linalg.norm(steps[inside], axis=1).min()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["linear", "curved"])
def test_whole_numbers_and_flags_are_as_near_as_trying_all_of_them(seed, kind):
    rng = np.random.default_rng(seed)
    background = np.column_stack([rng.integers(0, 9, size=(60, 3)), rng.integers(0, 2, 60)])
    weights = rng.normal(size=4)
    model = LinearRegression().fit(background, background @ weights)

    def curved(X):
        return np.sin(X[:, 0]) + X[:, 1] * weights[1] * (1 - 2 * X[:, 3]) + 0.2 * X[:, 2] ** 2

    f = model if kind == "linear" else curved
    predict = model.predict if kind == "linear" else curved
    values = predict(background.astype(float))
    target = (float(np.quantile(values, 0.9)), np.inf)
    start = background[int(np.argmin(values))]
    found = xk.counterfactual(
        f, start, background=background, target=target, limits="background", random_state=0
    )
    ranges = [range(int(c.min()), int(c.max()) + 1) for c in background.T]
    category = np.array([False, False, False, True])
    truth = lattice_truth(predict, ranges, start, background.std(axis=0), target, category)
    assert found.distance == pytest.approx(truth, rel=1e-12)
    assert found.row.dtype == background.dtype


@pytest.fixture(scope="module")
def credit():
    data = xk.datasets.german_credit()
    categories = data.X.select_dtypes("category").columns.tolist()
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), categories), remainder="passthrough"
    )
    model = make_pipeline(encode, RandomForestClassifier(30, random_state=0))
    return data.X, model.fit(data.X, data.y)


@pytest.mark.parametrize("n", range(5))
def test_a_forest_on_credit_flips_and_age_and_sex_stay(credit, n):
    X, model = credit
    x = X.iloc[[np.flatnonzero(model.predict(X) == 0)[40 * n]]]
    found = xk.counterfactual(
        model, x, background=X, fixed=["age", "sex"], limits="background", random_state=0,
        n_samples=3000,
    )  # fmt: skip
    assert model.predict(found.row)[0] == found.prediction == 1
    assert not {"age", "sex"} & set(found.changes["feature"])
    pd.testing.assert_series_equal(found.row.dtypes, X.dtypes)
    same = [c for c in X if c not in set(found.changes["feature"])]
    pd.testing.assert_frame_equal(found.row[same], x[same])
    # Nearer than any customer with the wanted answer who shares age and sex.
    peers = X[(X["age"] == x["age"].iloc[0]) & (X["sex"] == x["sex"].iloc[0])]
    peers = peers[model.predict(peers) == 1]
    numbers = X[["duration", "credit_amount"]]
    steps = (peers[numbers.columns] - x[numbers.columns].iloc[0]) / numbers.std(ddof=0)
    rest = [c for c in X if c not in [*numbers.columns, "age", "sex"]]
    others = (peers[rest].astype(str) != x[rest].astype(str).iloc[0]).sum(axis=1)
    assert len(peers)
    assert found.distance <= np.sqrt((steps**2).sum(axis=1) + others).min()

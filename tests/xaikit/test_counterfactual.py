"""How `counterfactual` is asked, and what it says."""

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.svm import SVC

import xaikit as xk
from xaikit.inputs.row import as_row

# What other tests left open, and Python closes during one of these, is not of these.
LATE = "ignore::pytest.PytestUnraisableExceptionWarning"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error", LATE)]
GRID = np.array([[-1.5, 0.5], [1.5, -0.5], [1.5, 0.5], [-1.5, -0.5]])


@pytest.fixture(scope="module")
def loans():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "income": rng.normal(3000, 800, 300).round(2),
            "years": rng.integers(0, 30, 300),
            "owner": rng.integers(0, 2, 300).astype(bool),
        }
    )
    y = np.where(X["income"] / 1000 + X["years"] / 10 + X["owner"] > 4.5, "yes", "no")
    return X, y, KNeighborsClassifier(5).fit(X, y)


def refused(model, X, label="no"):
    return X.iloc[[int(np.flatnonzero(model.predict(X) == label)[0])]]


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x,
        lambda x: x.iloc[0],
        lambda x: x.iloc[0].to_numpy(),
        lambda x: x.iloc[0].tolist(),
        lambda x: x.astype({"years": float}),
    ],
    ids=["frame", "series", "object array", "list", "wider type"],
)
def test_a_row_may_come_in_any_form(loans, form):
    X, _, model = loans
    x = refused(model, X)
    found = xk.counterfactual(model, form(x), background=X, random_state=0)
    plain = xk.counterfactual(model, x, background=X, random_state=0)
    pd.testing.assert_frame_equal(
        found.row.reset_index(drop=True), plain.row.reset_index(drop=True)
    )
    assert list(found.row.dtypes) == list(X.dtypes)
    assert model.predict(found.row)[0] == found.prediction == "yes"


@pytest.mark.parametrize(
    "levels",
    [
        pd.CategoricalDtype(["Ulm", "Bonn"]),
        pd.CategoricalDtype(["Paris", "Ulm", "Rome", "Bonn"]),
        pd.CategoricalDtype(["Ulm"]),
        pd.CategoricalDtype(["Ulm", "Bonn"], ordered=True),
        pd.CategoricalDtype(["Bonn", "Ulm", 3]),
        object,
        "string",
    ],
    ids=["other order", "more", "fewer", "ordered", "of two kinds", "text", "strings"],
)
@pytest.mark.parametrize("like", ["category", object])
def test_a_category_may_have_other_levels_than_the_background(levels, like):
    X = pd.DataFrame({"city": ["Bonn", "Ulm"] * 10, "size": np.linspace(0, 1, 20)})
    X["city"] = X["city"].astype(like)
    x = pd.DataFrame({"city": pd.Series(["Ulm"], dtype=levels), "size": [0.25]})
    found = xk.counterfactual(
        lambda rows: (rows["city"] == "Bonn").to_numpy() * 1.0, x, background=X, target=(1, 1),
        random_state=0,
    )  # fmt: skip
    assert found.changes.to_numpy().tolist() == [["city", "Ulm", "Bonn"]]
    pd.testing.assert_series_equal(found.row.dtypes, X.dtypes)


def test_a_missing_category_stays_missing():
    background = pd.DataFrame({"city": pd.Categorical(["Bonn", "Ulm", None])})
    x = pd.DataFrame({"city": pd.Categorical([None], categories=["Rome"])})
    row = as_row(x, background)
    assert row["city"].isna().all()
    pd.testing.assert_series_equal(row.dtypes, background.dtypes)


def test_an_array_stays_an_array():
    model = LinearRegression().fit(GRID, GRID @ [1.0, 2.0])
    found = xk.counterfactual(model, GRID[3], background=GRID, target=(1, 2))
    assert isinstance(found.row, np.ndarray)
    assert found.row.shape == found.original.shape == (1, 2)
    assert found.changes["feature"].tolist() == ["x1", "x0"] or found.exact


def test_names_are_kept_where_the_model_takes_an_array():
    frame = pd.DataFrame(GRID, columns=["a", "b"])
    model = LinearRegression().fit(GRID, GRID @ [1.0, 2.0])
    found = xk.counterfactual(model, frame.iloc[3], background=frame, target=(1, 2), fixed=["a"])
    assert found.changes["feature"].tolist() == ["b"]
    assert isinstance(found.row, np.ndarray)


def test_an_array_goes_to_a_model_that_was_fitted_with_names():
    frame = pd.DataFrame(GRID, columns=["a", "b"])
    model = LinearRegression().fit(frame, GRID @ [1.0, 2.0])
    found = xk.counterfactual(model, GRID[3], background=GRID, target=(1, 2), fixed=["a"])
    assert found.changes["feature"].tolist() == ["b"]
    assert found.row.columns.tolist() == ["a", "b"]


def test_the_result_cannot_be_changed_and_shows_itself():
    frame = pd.DataFrame({"owner": [False, True] * 5, "years": range(10)})
    found = xk.counterfactual(
        lambda X: 10.0 * X["owner"] + X["years"], frame.iloc[0], background=frame,
        target=(12, np.inf), random_state=0,
    )  # fmt: skip
    assert repr(found) == (
        "Counterfactual at distance 1.22 (searched), prediction 12, 2 of 2 columns changed\n"
        "  owner: False → True\n"
        "  years: 0 → 2"
    )
    with pytest.raises(FrozenInstanceError):
        found.distance = 0.0


def test_whole_numbers_are_inferred_named_or_waived():
    background = np.array([[0.0, 2.0], [4.0, 8.0], [3.0, 5.0]])

    def f(X):
        return X[:, 0] + X[:, 1]

    def ask(**options):
        return xk.counterfactual(
            f, [0.0, 2.0], background=background, target=(6.5, np.inf), random_state=0, **options
        )

    assert (ask().row % 1 == 0).all()
    assert (ask(integer=()).row % 1 != 0).any()
    one = ask(integer=["x0"], fixed=["x1"])
    np.testing.assert_array_equal(one.row, [[5.0, 2.0]])
    other = ask(integer=["x0"], fixed=[0])
    np.testing.assert_allclose(other.row, [[0.0, 6.5]], rtol=1e-9)


def test_a_flag_is_a_category_unless_it_is_limited_or_named():
    rng = np.random.default_rng(1)
    background = np.column_stack([rng.integers(0, 2, 50), rng.normal(size=50)]).astype(float)
    background[0] = [0.0, 0.0]

    def ask(**options):
        return xk.counterfactual(
            lambda X: X[:, 0], background[0], background=background, target=(0.5, np.inf),
            random_state=0, **options,
        )  # fmt: skip

    assert ask().distance == 1.0
    scale = background[:, 0].std()
    assert ask(integer=["x0"]).distance == pytest.approx(1 / scale)
    assert ask(integer=(), limits={"x0": (0, 1)}).distance == pytest.approx(0.5 / scale)
    assert ask(limits={"x0": (-3, 3)}).distance == pytest.approx(1 / scale)


def test_a_row_outside_the_limits_is_moved_within_them():
    found = xk.counterfactual(
        lambda X: X[:, 0], [-3.0, 2.0], background=GRID, target=(1, np.inf), random_state=0,
        limits={"x1": (-0.25, 0.25)},
    )  # fmt: skip
    np.testing.assert_allclose(found.row, [[1.0, 0.25]], rtol=1e-9)
    assert found.changes["feature"].tolist() == ["x1", "x0"]


@pytest.mark.parametrize("whole", [False, True])
def test_a_search_stops_at_the_limits(whole):
    # The sum must reach 6; freely each column would take half of it.
    background = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    found = xk.counterfactual(
        lambda X: X.sum(axis=1), [0.0, 0.0], background=background, target=(6, np.inf),
        limits={"x0": (-5, 1.25)}, integer=["x0"] if whole else (), random_state=0,
    )  # fmt: skip
    low = 1.0 if whole else 1.25
    np.testing.assert_allclose(found.row, [[low, 6 - low]], rtol=1e-3)
    assert found.row[0, 0] <= 1.25


def test_small_types_do_not_wrap_around():
    background = np.array([[0, 3], [2, 250], [9, 40]], dtype=np.uint8)
    found = xk.counterfactual(
        lambda X: X.astype(float).sum(axis=1), np.array([2, 3], dtype=np.uint8),
        background=background, target=(255, np.inf), random_state=0,
    )  # fmt: skip
    assert found.row.dtype == np.uint8
    assert found.row.astype(float).sum() >= 255


def test_limits_of_a_short_float_hold_after_rounding():
    background = GRID.astype(np.float32)
    found = xk.counterfactual(
        lambda X: X[:, 0].astype(float), background[0], background=background,
        target=(0.09, np.inf), limits={"x0": (-0.1, 0.1)}, random_state=0,
    )  # fmt: skip
    assert found.row.dtype == np.float32
    assert 0.09 <= float(found.row[0, 0]) <= 0.1


def test_a_column_with_one_value_is_left_alone():
    background = np.column_stack([GRID, np.full(4, 7.0)])
    found = xk.counterfactual(
        lambda X: X.sum(axis=1), [0.0, 0.0, 7.0], background=background, target=(8, 9),
        random_state=0,
    )  # fmt: skip
    assert found.row[0, 2] == 7.0


def test_missing_values_stay_missing():
    X, y = load_iris(return_X_y=True)
    X = X.copy()
    X[::7, 1] = np.nan
    model = HistGradientBoostingClassifier(max_iter=20).fit(X, y)
    found = xk.counterfactual(model, X[0], background=X, target=1, random_state=0)
    assert np.isnan(found.row[0, 1])
    assert not np.isnan(found.row[0, [0, 2, 3]]).any()
    assert np.isfinite(found.distance)
    assert model.predict(found.row)[0] == 1
    whole = xk.counterfactual(model, X[1], background=X, target=2, random_state=0)
    assert not np.isnan(whole.row).any()


@pytest.mark.parametrize(
    "model",
    [
        SVC(),
        SVC(decision_function_shape="ovo"),
        Perceptron(),
        KNeighborsClassifier(),
        HistGradientBoostingClassifier(max_iter=10),
    ],
    ids=lambda m: type(m).__name__,
)
@pytest.mark.parametrize("target", [1, 2])
def test_any_classifier_of_three_classes_is_asked_for_one(model, target):
    X, y = load_iris(return_X_y=True)
    model.fit(X, y)
    x = X[np.flatnonzero(model.predict(X) == 0)[0]]
    found = xk.counterfactual(model, x, background=X, target=target, random_state=0)
    assert model.predict(found.row)[0] == found.prediction == target
    others = X[model.predict(X) == target]
    assert found.distance <= np.linalg.norm((others - x) / X.std(axis=0), axis=1).min()


def test_a_model_of_labels_alone_is_searched_too():
    class Labels:
        classes_ = np.array(["in", "out"])

        def predict(self, X):
            return np.where((X**2).sum(axis=1) < 1, "in", "out")[:, None]

    found = xk.counterfactual(Labels(), [0.2, 0.0], background=GRID, random_state=0)
    assert found.prediction == "out"


def test_several_outputs_are_judged_by_a_function():
    X, y = load_iris(return_X_y=True)
    proba = LogisticRegression(max_iter=1000).fit(X, y).predict_proba
    found = xk.counterfactual(
        proba, X[0], background=X, target=lambda p: p[:, 2] > 0.9, random_state=0
    )
    assert found.prediction.shape == (3,)
    assert found.prediction[2] > 0.9
    with pytest.raises(ValueError, match=r"target must be a function .* 3 outputs"):
        xk.counterfactual(proba, X[0], background=X, target=(0.5, 1))


def test_a_regressor_of_one_column_is_a_number_a_row():
    model = MLPRegressor(solver="lbfgs", hidden_layer_sizes=4, random_state=0).fit(GRID, GRID[:, 0])

    def column(X):
        return model.predict(X)[:, None]

    found = xk.counterfactual(column, GRID[0], background=GRID, target=(1, 2), random_state=0)
    assert 1 <= found.prediction <= 2
    assert isinstance(found.prediction, float)


def test_none_found_says_what_was_held_and_what_stands_in_the_way():
    frame = pd.DataFrame(GRID, columns=["a", "b"]).assign(c=[1.5, 2.5, 3.0, 4.0])
    with pytest.raises(xk.NoCounterfactualFound) as caught:
        xk.counterfactual(
            lambda X: X["a"].to_numpy(), frame.iloc[0], background=frame, target=(5, np.inf),
            fixed=["c"], limits={"a": (-2, 2)}, sparsity=1, n_samples=400, random_state=0,
        )  # fmt: skip
    assert str(caught.value) == (
        "No row with a prediction from 5 to inf was found among the 400 that were asked. "
        "Free to change: 'a', 'b'. Held: 'c'. Limits: 'a' from -2 to 2. At most 1 of them may "
        "change. What stands in the way: limits (without it, one at distance 4.33)."
    )
    assert caught.value.blockers == ("limits (without it, one at distance 4.33)",)


def test_the_budget_is_kept_and_a_space_of_few_rows_ends_before_it():
    asked = []

    def f(X):
        asked.append(len(X))
        return X["a"].eq("never").to_numpy().astype(float)

    frame = pd.DataFrame({"a": ["x", "y", "z"] * 5})
    for budget in (50, 5000):
        asked.clear()
        with pytest.raises(xk.NoCounterfactualFound):
            xk.counterfactual(
                f, ["x"], background=frame, target=(1, 1), n_samples=budget, random_state=0
            )
        # The row itself is asked twice on top: for its width, and for its own answer.
        assert sum(asked) <= budget + 2


@pytest.mark.parametrize("ceiling", [1.0, 9.0], ids=["found", "not found"])
@pytest.mark.parametrize("budget", [100, 1000])
def test_no_more_rows_are_asked_than_the_budget_allows(ceiling, budget):
    asked = []

    def f(X):
        asked.append(len(X))
        return np.cos(X[:, 0] * 3) + X[:, 1] ** 2 / (1 + X[:, 1] ** 2)

    background = np.random.default_rng(0).normal(size=(30, 2))
    try:
        xk.counterfactual(
            f, [1.0, 0.0], background=background, target=(ceiling, np.inf), n_samples=budget,
            random_state=0,
        )  # fmt: skip
    except xk.NoCounterfactualFound:
        assert ceiling == 9.0
    # On top come the row itself, twice, and the checks of rows alone.
    assert budget / 4 < sum(asked) <= budget + 14


def test_a_model_that_answers_otherwise_for_a_row_alone_is_not_believed():
    def moody(X):
        # In company anything is accepted; alone nothing is.
        return np.full(len(X), float(len(X) > 1))

    with pytest.raises(xk.NoCounterfactualFound):
        xk.counterfactual(
            moody, [0.0, 0.0], background=GRID, target=(1, 1), n_samples=300, random_state=0
        )


def test_nothing_given_is_changed_and_no_global_state_is_touched(loans):
    X, _, model = loans
    before, state = X.copy(), np.random.get_state()[1].copy()  # noqa: NPY002  # must not move
    xk.counterfactual(model, refused(model, X), background=X, random_state=0)
    pd.testing.assert_frame_equal(X, before)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002  # must not move

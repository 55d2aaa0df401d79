from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from real_lab import marked, open_lab
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import LinearRegression

import xaikit as xk
from xaikit.course.labs._discussion import read_discussion
from xaikit.course.labs._mark import mark

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l01_global_local")
AGES, CHOLS = (42, 66), np.arange(126.0, 565.0)


def _gaps(predict, ward):
    """How much higher the risk is at the older of two ages, for every patient."""
    young, old = ward.copy(), ward.copy()
    young[:, 0], old[:, 0] = AGES
    return predict(old) - predict(young)


def _with_cholesterols(solved):
    rows = np.tile(solved["patients"].loc[101].to_numpy(dtype=float), (len(CHOLS), 1))
    rows[:, 2] = CHOLS
    return rows


def test_what_the_prose_says_about_the_patients(solved):
    patients, ages = solved["patients"], solved["patients"]["age"]
    assert len(patients) == 297
    assert patients.loc[101, "age"] == 67
    assert xk.datasets.hearts().X.loc[101, "sex"] == "female"
    assert patients.loc[101, "chol"] == patients["chol"].max() == 564
    assert patients["chol"].min() == CHOLS[0]
    assert patients["chol"].nlargest(2).iloc[1] < 564 - 100  # nobody else is near
    assert (ages.min(), ages.max()) == (29, 77)
    assert np.quantile(ages, [0.1, 0.9]).tolist() == list(AGES)
    assert (xk.datasets.hearts().X["sex"] == "male").mean() > 0.5


def test_the_importances_are_those_of_scikit_learn_on_average(solved):
    table = pd.DataFrame(solved["ward"], columns=solved["patients"].columns)
    theirs = permutation_importance(
        solved["model"], table.to_numpy(), solved["severe"],
        scoring="neg_brier_score", n_repeats=50, random_state=0,
    )  # fmt: skip
    ours = solved["both"]["first"].to_numpy()
    spread = theirs.importances.std(axis=1, ddof=1)
    assert (np.abs(ours - theirs.importances_mean) < 4 * spread / np.sqrt(20)).all()


def test_the_rotations_give_every_donor_as_often(solved):
    """Shuffles by every distance: the mean over all pairs of row and donor, known exactly."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 3))
    y = X @ [1.0, -2.0, 0.0] + rng.normal(size=12)
    fitted = LinearRegression().fit(X, y)
    orders = (np.arange(12)[:, None] + np.arange(12)) % 12
    found = solved["importance"](fitted.predict, X, y, orders)
    # A fitted line has residuals that are uncorrelated with its columns.
    assert found == pytest.approx(2 * fitted.coef_**2 * X.var(axis=0))


def test_the_second_ward_by_brute_force(solved):
    ward = np.array(list(product([1.0], [50.0, 60.0, 70.0], [120.0, 130.0, 140.0])))
    weights = np.array([30, 2, 0.5])
    contributions = weights * (ward - ward.mean(axis=0))
    patient_a = weights * (np.array([1, 50, 140]) - ward.mean(axis=0))
    importance = np.abs(contributions).mean(axis=0)
    assert solved["predicted"] == {
        "importance of smoker": pytest.approx(importance[0]),
        "importance of age": pytest.approx(importance[1]),
        "contribution of smoker, patient A": pytest.approx(patient_a[0]),
        "contribution of age, patient A": pytest.approx(patient_a[1]),
        "contribution of smoker, new patient": pytest.approx(weights[0] * (0 - ward[:, 0].mean())),
    }


def test_zeros_for_all_predictions_earn_nothing(solved):
    outcome = marked(CHECKS, solved, "q2", predicted=dict.fromkeys(solved["predicted"], 0))
    assert outcome.points == 0
    assert "-30" not in outcome.message


def test_a_shuffle_in_place_is_told(solved):
    def in_place(predict, X, y, orders):
        rises = solved["importance"](predict, X, y, orders)
        X[:] = 0
        return rises

    outcome = marked(CHECKS, solved, "q1", importance=in_place)
    assert 0 < outcome.points < CHECKS.points["q1"]
    assert "came back changed" in outcome.message


@pytest.mark.parametrize("word", sorted(MODULE._KINDS))
def test_one_word_for_all_sentences_earns_nothing(solved, word):
    outcome = marked(CHECKS, solved, "q8", report=dict.fromkeys("abcdefghi", word))
    assert outcome.points == 0
    assert "`" not in outcome.message  # no sentence is named


def _waves(n, random_state):
    X = np.random.default_rng(random_state).normal(size=(n, 3))
    X[:, 2] = np.resize([0.0, np.pi], n)
    return X, lambda X: 5 + 3 * np.sin(X[:, 0] + X[:, 2])


def _four_slopes(n, random_state):
    """Slopes 1, −1, 4 and −4: every row moves by 2 or more, and some by four times as much."""
    ends = np.repeat([-1.0, 1.0], [n // 2, n - n // 2])
    X = np.column_stack([ends, np.resize([1.0, -1.0, 4.0, -4.0], n)])
    return X, lambda X: X[:, 0] * X[:, 1]


def _table(n, random_state):
    X, predict = _waves(n, random_state)
    return pd.DataFrame(X, columns=["a", "b", "c"]), lambda X: predict(X.to_numpy())


def _bends(n, random_state):
    """A cubic that bends twice, one way up and the other way down; scores in millions."""
    X = np.column_stack([np.linspace(-2, 2, n), np.resize([-1.0, 1.0], n)])
    return X, lambda X: 1e6 * (1 + X[:, 1] * (X[:, 0] ** 3 - X[:, 0]))


def _one_step(n, random_state):
    """A step in place of a slope, up for one half and down for the other, in whole numbers."""
    X = np.column_stack([np.arange(n), np.resize([1, -1], n)])
    return X, lambda X: (X[:, 0] > 3) * X[:, 1]


@pytest.mark.parametrize("flat", [_waves, _four_slopes, _table, _bends, _one_step])
def test_another_flat_curve_passes(solved, flat):
    outcome = marked(CHECKS, solved, "q3", flat=flat)
    assert outcome.points == CHECKS.points["q3"], outcome


@pytest.mark.parametrize("seed", range(60))
def test_halves_that_balance_by_chance_get_one_point_whatever_the_seed(solved, seed):
    def flat(n, random_state):
        rng = np.random.default_rng(random_state)
        X = np.column_stack([rng.uniform(-1, 1, n), rng.choice([-1.0, 1.0], n)])
        return X, lambda X: 2 * X[:, 0] * X[:, 1]

    assert mark(CHECKS, "q3", {**solved, "flat": flat}, seed).points == 1


def _one_by_one(ax, predict, X, column, grid):
    """Curves drawn last to first, after the mean, with a line to guide the eye."""
    curves = []
    for row in X[::-1]:
        rows = np.tile(row, (len(grid), 1))
        rows[:, column] = grid
        curves.append(predict(rows))
    ax.axhline(0)
    ax.plot(grid, np.mean(curves, axis=0), linewidth=2, label="The Mean of all")
    for curve in curves:
        ax.plot(list(grid), list(curve), linewidth=1, label="_one")
    ax.set_xlabel("dose")
    ax.set_ylabel("answer")


def _as_a_collection(ax, predict, X, column, grid):
    from matplotlib.collections import LineCollection

    curves = MODULE._ice(predict, X, column, grid)
    ax.add_collection(LineCollection([np.column_stack([grid, c]) for c in curves], linewidths=0.5))
    ax.plot(grid, curves.mean(axis=0), linewidth=3, label="average")
    ax.set(xlabel="dose", ylabel="answer")


@pytest.mark.parametrize("draw", [_one_by_one, _as_a_collection])
def test_another_drawing_passes(solved, draw):
    outcome = marked(CHECKS, solved, "q4", draw_curves=draw)
    assert outcome.points == CHECKS.points["q4"], outcome


def test_the_curves_of_scikit_learn_are_ours(solved):
    """The solution's lines, against the library's own drawing of the forest's curves."""
    from matplotlib.figure import Figure

    ward, rows = solved["ward"][:20], solved["ward"][:20]
    theirs = PartialDependenceDisplay.from_estimator(
        solved["forest"], rows, [0], kind="both", grid_resolution=100, ax=Figure().subplots(),
        response_method="predict_proba",
    )  # fmt: skip
    grid = theirs.pd_results[0]["grid_values"][0]
    ax = Figure().subplots()
    solved["draw_curves"](ax, solved["second"], ward, 0, grid)
    lines = np.array([line.get_ydata() for line in ax.get_lines()])
    assert lines[:-1] == pytest.approx(theirs.pd_results[0]["individual"][0])
    assert lines[-1] == pytest.approx(theirs.pd_results[0]["average"][0])


def test_the_misfit_is_the_patient_who_asked(solved):
    assert solved["found"] == 101
    assert solved["hers"]["ca"] < 0 < solved["hers"]["chol"]
    assert solved["mean_size"].idxmin() == "chol"


@pytest.mark.parametrize("seed", range(20))
def test_each_mistake_of_the_misfit_finds_another_row(seed):
    right = [MODULE._misfit(values) for values in MODULE._tables(seed)]
    for hint, rows in MODULE._rows_of_mistakes(seed):
        same = [a == b for a, b in zip(rows[:-1], right[:-1], strict=True)]
        assert not any(same), hint


def test_a_search_by_hand_passes(solved):
    def needed(predict, row, column, values, limit):
        best = float("nan")
        for value in sorted(float(v) for v in values):
            changed = np.array(row, dtype=float)
            changed[column] = value
            nearer = not abs(best - row[column]) <= abs(value - row[column])
            if predict(changed[None, :])[0] <= limit and nearer:
                best = value
        return best

    outcome = marked(CHECKS, solved, "q6", needed=needed)
    assert outcome.points == CHECKS.points["q6"], outcome


def test_what_the_nurse_gets_for_patient_101(solved):
    her = solved["patients"].loc[101].to_numpy(dtype=float)
    wanted = solved["needed"](solved["first"], her, 2, CHOLS, 0.08)
    rows = np.tile(her, (2, 1))
    rows[:, 2] = wanted, wanted + 1
    low, high = solved["first"](rows)
    assert low <= 0.08 < high
    assert wanted == 251
    assert solved["needed"](solved["second"], her, 2, CHOLS, 0.08) is None


def test_what_the_discussion_says_of_the_two_models(solved):
    text = read_discussion(LAB)
    first, second = (_gaps(solved[name], solved["ward"]) for name in ("first", "second"))
    assert (first < 0).all()
    up, down = (second > 0.01).sum(), (second < -0.01).sum()
    assert (up, down) == (233, 25)
    for said in ("all 297", "233", "25", "251", "less than 0.02"):
        assert said in text
    # Counts are nowhere near the threshold, so that no rounding changes them.
    for gap in (first, second):
        assert np.abs(np.abs(gap) - 0.01).min() > 1e-6
    # At a given age and heart rate: the older reach lower rates.
    assert np.corrcoef(solved["ward"][:, 0], solved["ward"][:, 3])[0, 1] < -0.3
    assert 0 < solved["auc"]["first"] - solved["auc"]["second"] < 0.02


def test_what_is_said_of_the_forest_is_not_one_seed(solved):
    ward, severe = solved["ward"], solved["severe"]
    ups, downs, lowest = [], [], []
    for seed in range(10):
        forest = RandomForestClassifier(100, min_samples_leaf=10, random_state=seed)
        forest.fit(ward, severe)
        gap = _gaps(lambda X, f=forest: f.predict_proba(X)[:, 1], ward)
        ups.append((gap > 0.01).sum())
        downs.append((gap < -0.01).sum())
        lowest.append(forest.predict_proba(_with_cholesterols(solved))[:, 1].min())
    assert min(ups) > 297 / 2
    assert min(downs) > 0
    assert np.ptp(ups) > 24
    assert np.ptp(downs) > 24
    assert min(lowest) > 0.08


def test_the_sentences_of_the_report_are_as_the_judge_has_them(solved):
    both = solved["both"]
    top = {"ca", "oldpeak", "thalach"}
    assert all(set(both[name].nlargest(3).index) == top for name in both)  # a
    assert solved["hers"]["chol"] == solved["hers"].abs().max()  # b is false, c is true
    gap = _gaps(solved["second"], solved["ward"])
    assert gap.min() < -0.01 < 0.01 < gap.max()  # e
    rows = _with_cholesterols(solved)
    assert solved["first"](rows)[CHOLS == 240][0] <= 0.08  # g
    assert solved["hers"]["ca"] < 0  # h
    assert solved["second"](rows).min() > 0.08  # i


@pytest.mark.parametrize(
    ("question", "name"),
    [("q1", "importance"), ("q3", "flat"), ("q5", "misfit"), ("q6", "needed")],
)
def test_a_missing_return_is_told(solved, question, name):
    outcome = marked(CHECKS, solved, question, **{name: lambda *given: None})
    assert outcome.points == 0
    assert "Nothing came back" in outcome.message
    assert "return" in outcome.message


@pytest.mark.parametrize(("question", "name"), [("q1", "importance"), ("q5", "misfit")])
def test_what_cannot_be_read_is_told_apart(solved, question, name):
    def said(value):
        return marked(CHECKS, solved, question, **{name: lambda *given: value}).message

    assert "NaN" in said(float("nan"))
    assert "no number" in said("three")
    told = said([[1.0, 2.0], [3.0, 4.0]])
    assert "The shape is (2, 2)" in told or "There are 4 numbers" in told

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from real_lab import marked, open_lab
from scipy.optimize import linprog, minimize
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l02_boundaries")


def outcome(solved, question, code):
    """Mark an answer given as code, in a copy of the solved notebook."""
    names = dict(solved)
    exec(code, names)
    return marked(CHECKS, names, question)


def test_which_answers_change_with_the_unit(solved):
    keeps = {"A": True, "B": True, "C": False, "D": False}
    found = {name: count == 0 for name, count in solved["changed"].items()}
    assert found == {name: keeps[reason] for name, reason in MODULE._REASONS.items()}


def test_what_the_prose_says_about_the_picture(solved):
    model, bottles = solved["model"], solved["bottles"]
    assert model.coef_.shape == (1, 13)
    assert len(bottles) == 130
    proline = solved["wine"].X["proline"]
    assert (proline.min(), proline.max()) == (278, 1680)
    assert solved["wine"].X.loc[43, "proline"] == 680
    # Sentence c of question 4, and the mark that stands on the colour of Barolo.
    assert model.predict(bottles.loc[[100]]) == 1
    assert solved["plane"].predict(solved["plane"].flatten()).max() == 0


def test_the_closed_forms_against_a_search(solved):
    for w, b, x, s in MODULE._planes(5):
        scale = np.abs(x).max()
        moves = s > 0

        def point(z, x=x, s=s, scale=scale):
            return x + s * z * scale / s.max()

        found = minimize(
            lambda z: (z**2).sum(),
            np.zeros(len(x)),
            constraints={
                "type": "eq",
                "fun": lambda z, w=w, b=b, point=point, scale=scale: (w @ point(z) + b) / scale,
            },
        )
        np.testing.assert_allclose(solved["nearest"](w, b, x, s), point(found.x), atol=1e-5 * scale)
        assert (solved["nearest"](w, b, x, s)[~moves] == x[~moves]).all()


def test_the_smallest_step_against_a_linear_programme(solved):
    for w, b, x in MODULE._small_steps(5):
        # Variables: the step, and its largest entry t; |step| <= t, and f reaches zero.
        d, scale = len(x), float(abs(w @ x + b))
        eye, one = np.eye(d), np.ones((d, 1))
        found = linprog(
            np.append(np.zeros(d), 1.0),
            A_ub=np.vstack([np.hstack([eye, -one]), np.hstack([-eye, -one])]),
            b_ub=np.zeros(2 * d),
            A_eq=np.append(w, 0.0)[None],
            b_eq=[-(w @ x + b) / scale],
            bounds=[(None, None)] * d + [(0, None)],
        )
        step = np.abs(solved["unseen"](w, b, x) - x).max() / scale
        assert found.fun < step < 1.0011 * found.fun


def test_one_measure_alone_against_a_loop(solved):
    for predict, x, j, values in MODULE._models(8):
        best = np.inf
        for v in values:
            row = x.copy()
            row[j] = v
            if predict(row[None])[0] != predict(x[None])[0]:
                best = min(best, abs(v - x[j]))
        assert solved["alone"](predict, x, j, values) == best


def test_what_boosted_trees_make_of_bottle_43(solved):
    ways = solved["ways"]
    # Of thirteen measures two turn the boosted trees' answer alone, and six the other's.
    finite = np.isfinite(ways)
    assert set(ways.index[finite["boosted trees"]]) == {"color_intensity", "proline"}
    assert finite["logistic regression"].sum() == 6
    assert ways["boosted trees"].min() < 0.01
    assert ways["logistic regression"].min() > 0.9
    models, bottles = solved["models"], solved["bottles"].to_numpy()
    answers = [predict(bottles) for predict in models.values()]
    assert (answers[0] == answers[1]).all()  # they agree on each bottle
    far, sure = solved["far"], solved["sure_of"]
    assert far[43] == pytest.approx(far.min())
    assert 2.5 < far[np.isfinite(far)].max() < 3.5  # the alternative text of the plot
    assert solved["boosted"].n_iter_ == 100
    assert sure[np.isfinite(far)].min() > 0.99  # the alternative text of the plot


def test_what_is_said_of_bottles_that_were_not_seen(solved):
    wrong = {name: ((p < 0.5) != solved["kind"]).sum() for name, p in solved["unseen_p"].items()}
    assert wrong == {"logistic regression": 2, "boosted trees": 4}
    assert solved["unseen_p"]["boosted trees"][43] < 0.05  # a Grignolino, and sure of it


def smallest_changes(predict, bottles):
    """For each bottle the least change of one measure that turns its answer."""
    own, least = predict(bottles), np.full(len(bottles), np.inf)
    for j in range(bottles.shape[1]):
        values = np.unique(bottles[:, j])
        rows = np.repeat(bottles, len(values), axis=0)
        rows[:, j] = np.tile(values, len(bottles))
        turned = predict(rows).reshape(len(bottles), -1) != own[:, None]
        far = np.where(turned, np.abs(values - bottles[:, [j]]), np.inf)
        least = np.minimum(least, far.min(axis=1))
    return least


def test_the_ten_samples_of_the_discussion(solved):
    bottles, kind = solved["bottles"].to_numpy(), np.asarray(solved["kind"])
    rng = np.random.default_rng(0)
    of_43, boosted, line = [], [], []
    for _ in range(10):
        rows = rng.integers(len(bottles), size=len(bottles))
        trees = HistGradientBoostingClassifier().fit(bottles[rows], kind[rows])
        straight = LogisticRegression().fit(bottles[rows], kind[rows])
        changes = smallest_changes(trees.predict, bottles)
        of_43.append(changes[43])
        boosted.append(changes.min())
        line.append(smallest_changes(straight.predict, bottles).min())
    assert min(of_43) == pytest.approx(0.006, abs=0.0005)
    assert max(of_43) == pytest.approx(0.28, abs=0.005)
    assert max(boosted) < 0.05
    assert np.sum(np.array(line) > boosted) == 9


RIGHT = {
    "in the units first": (
        "q1",
        "def nearest(w, b, x, s):\n u = w * s\n return x - (w @ x + b) / (u @ u) * u * s",
    ),
    "another hidden boundary": (
        "q3",
        "def hidden(n, random_state):\n"
        " X = np.random.default_rng(random_state).normal(size=(n, 3))\n"
        " return X, lambda X: X[:, 0] * (X[:, 2] ** 2 > 0.05) > 0",
    ),
    "an exact hair": (
        "q5",
        "def unseen(w, b, x):\n f = w @ x + b\n"
        " return x - 1.0000001 * f / np.abs(w).sum() * np.sign(w)",
    ),
    "values without a weight moved as well": (
        "q5",
        "def unseen(w, b, x):\n f = w @ x + b\n e = 1.001 * abs(f) / np.abs(w).sum()\n"
        " return x - e * np.where(f * w >= 0, 1, -1)",
    ),
    "lists, and a slanted plane": (
        "q6",
        "def sure(): return [600, 800], -3, [0.003, 0.008]\n"
        "def unsure(): return (0, -1e-9), 0.01, (7, 7)",
    ),
    "a loop": (
        "q7",
        "def alone(predict, x, j, values):\n best = float('inf')\n for v in values:\n"
        "  row = x.copy(); row[j] = v\n"
        "  if predict(row[None])[0] != predict(x[None])[0]: best = min(best, abs(v - x[j]))\n"
        " return best",
    ),
    "an axis turned upside down": (
        "q8",
        "def draw_ways(ax, names, lengths):\n"
        " s = pd.Series(lengths, names).replace(np.inf, np.nan).dropna().sort_values()\n"
        " s.plot.barh(ax=ax); ax.invert_yaxis(); ax.set_xlabel('Standard deviations')",
    ),
    "a shaded area beside the bars": (
        "q8",
        "def draw_ways(ax, names, lengths):\n"
        " o = [j for j in np.argsort(lengths)[::-1] if lengths[j] < np.inf]\n"
        " ax.axvspan(0, 0.25, alpha=0.2); ax.barh(np.array(names)[o], lengths[o], color='C1')\n"
        " ax.set_xlabel('change in\\nstandard deviations'); ax.grid()",
    ),
    "one bar after the other": (
        "q8",
        "def draw_ways(ax, names, lengths):\n"
        " k = sorted([(l, n) for l, n in zip(lengths, names) if l < np.inf], reverse=True)\n"
        " for i, (l, n) in enumerate(k): ax.barh(i, l, height=0.3)\n"
        " ax.set_yticks(range(len(k)), [n for _, n in k]); ax.set_xlabel('standard deviations')",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_other_right_answers_pass(solved, name):
    question, code = RIGHT[name]
    assert outcome(solved, question, code).status == "correct"


FUNCTIONS = {
    "q1": "nearest(w, b, x, s)",
    "q3": "hidden(n, random_state)",
    "q5": "unseen(w, b, x)",
    "q7": "alone(predict, x, j, values)",
}


@pytest.mark.parametrize("question", FUNCTIONS)
@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("None", "`return"),
        ("'abc'", "number"),
        ("np.zeros((2, 2))", ("The shape is (2, 2)", "4 numbers", "shape (200, 3)")),
        ("np.nan", ("NaN", "shape (200, 3)")),
    ],
)
def test_each_kind_of_odd_return_has_its_word(solved, question, returned, said):
    code = f"def {FUNCTIONS[question]}: return {returned}"
    got = outcome(solved, question, code)
    assert got.points == 0
    assert any(word in got.message for word in ([said] if isinstance(said, str) else said))


def test_each_half_of_the_sayings_counts_alone(solved):
    got = outcome(solved, "q6", "def sure(): raise NotImplementedError")
    assert got.points == 1
    assert "not written yet" in got.message
    got = outcome(solved, "q6", "def sure(): return 1")
    assert got.points == 1


def test_small_cases_are_right_for_the_solution(solved):
    for question in ("q1", "q7", "q8"):
        shown = marked(CHECKS, solved, question).code.splitlines()
        gave = next(line for line in shown if line.startswith("  gave"))
        expected = next(line for line in shown if line.startswith("  expected"))
        assert gave.split(maxsplit=1)[1] == expected.split(maxsplit=1)[1]
    assert "[3.002, -1.002]" in marked(CHECKS, solved, "q5").code


def test_the_discussion_opens_after_fifty_words(solved):
    lab = solved["lab"]
    assert "0 words" in repr(lab.discuss(solved["opinion"]))
    opened = lab.discuss(" ".join(f"word{i}" for i in range(50))).message
    assert "two milligrams of proline in 680" in opened
    assert 150 <= len(opened.split()) <= 350


def test_guessing_a_table_earns_nothing_and_names_no_line(solved):
    for letter in "ABCD":
        answer = dict.fromkeys(MODULE._REASONS, letter)
        assert marked(CHECKS, solved, "q2", reasons=answer).points == 0
    for word in MODULE._FAULTS:
        got = marked(CHECKS, solved, "q4", report=dict.fromkeys("abcdefgh", word))
        assert got.points == 0
        assert not any(f"`{name}`" in got.message for name in "abcdefgh")
    rng = np.random.default_rng(0)
    points = [
        marked(
            CHECKS, solved, "q4",
            report=dict(zip("abcdefgh", rng.choice(list(MODULE._FAULTS), 8), strict=True)),
        ).points
        for _ in range(200)
    ]  # fmt: skip
    assert np.mean(points) < 0.02


def test_a_plot_leaves_no_figure_behind(solved):
    before = plt.get_fignums()
    code = "def draw_ways(ax, names, lengths): plt.figure(); plt.barh(range(len(names)), 1)"
    assert "plt" in outcome(solved, "q8", code).message
    assert plt.get_fignums() == before


def test_answers_in_lower_case_count(solved):
    lower = {name: reason.lower() for name, reason in MODULE._REASONS.items()}
    assert marked(CHECKS, solved, "q2", reasons=lower).status == "correct"


def test_the_table_of_bottles_is_as_the_last_cell_shows_it(solved):
    assert isinstance(solved["ways"], pd.DataFrame)
    assert (solved["far"] < 0.25).sum() == 5

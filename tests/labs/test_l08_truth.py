from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
import shap
from real_lab import LABS, marked, open_lab
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

import xaikit as xk
from xaikit.course.labs._source import read_source

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l08_truth")
FIRMS = ("A", "B", "C")
PROSE = "\n".join(c.source for c in read_source(LABS / "l08_truth").cells if c.kind == "markdown")
DISCUSSION = (LAB / "discussion.md").read_text(encoding="utf-8")


def full(solved, question, **changes):
    outcome = marked(CHECKS, solved, question, **changes)
    assert outcome.status == "correct", outcome


def lost(solved, question, word, **changes):
    outcome = marked(CHECKS, solved, question, **changes)
    assert outcome.status != "correct"
    assert word in outcome.message, outcome
    return outcome


# What is measured, and said


@pytest.fixture(scope="module")
def measured(solved):
    """For each firm what question 7 asks for, by the learner's functions."""
    forest, patients, found = solved["forest"], solved["patients"], {}
    for name, firm in solved["firms"].items():
        again = firm(forest, patients, seed=1)
        found[name] = {
            "same": sum(
                set(np.argsort(-np.abs(a))[:3]) == set(np.argsort(-np.abs(b))[:3])
                for a, b in zip(solved["charts"][name], again, strict=True)
            ),
            "unsteady": np.mean(solved["unsteady"](name)),
            "likeness": solved["likeness"](firm, forest, solved["scrambled"], patients),
            "average": solved["areas"](name, solved["average"]),
            "twenty": np.mean([solved["areas"](name, r) for r in solved["compared"]], axis=0),
        }
    return pd.DataFrame(found)


def test_the_letters_of_question_7_are_what_is_measured(measured):
    def letters(holds):
        return "".join(name for name in FIRMS if holds[name])

    lowest = {
        kind: {
            name: bool((measured.loc[kind, name] <= np.min([*measured.loc[kind]], axis=0)).all())
            for name in FIRMS
        }
        for kind in ("average", "twenty")
    }
    means = measured.loc[["average", "twenty"]].map(np.mean)
    assert {name: truth for name, (truth, _) in MODULE._FOUND.items()} == {
        "the same three again": letters(measured.loc["same"] == 20),
        "steady": letters(measured.loc["unsteady"] <= 0.25),
        "reads the forest": letters(measured.loc["likeness"] <= 0.5),
        "lowest against the average": letters(means.loc["average"] == means.loc["average"].min()),
        "lowest against the twenty": letters(means.loc["twenty"] == means.loc["twenty"].min()),
        "lowest for every patient": letters(
            {name: lowest["average"][name] and lowest["twenty"][name] for name in FIRMS}
        ),
    }


def test_no_letter_of_question_7_stands_on_an_edge(measured):
    assert all(abs(u / 0.25 - 1) > 0.3 for u in measured.loc["unsteady"])
    assert measured.loc["likeness"].abs().max() < 0.2
    assert measured.loc["same", "A"] < 10
    for kind in ("average", "twenty"):
        b, c = (measured.loc[kind, name].mean() for name in "BC")
        assert abs(b - c) > 0.008
        assert measured.loc[kind, "A"].mean() > max(b, c) + 0.02


def test_the_sentences_of_the_firms_are_true(solved, measured):
    charts, patients = solved["charts"], solved["patients"]
    same_first = (charts["B"].argmax(axis=1) == charts["C"].argmax(axis=1)).sum()
    assert same_first == 19
    assert "the same first measure for 19 of the twenty" in PROSE
    assert round(measured.loc["likeness", "C"], 2) == -0.01
    assert "correlation of −0.01" in PROSE
    three_off = patients.copy()
    for row, chart in zip(three_off, charts["A"], strict=True):
        row[np.argsort(-np.abs(chart))[:3]] = 0
    fall = (solved["chance"](patients) - solved["chance"](three_off)).mean()
    assert round(fall, 2) == 0.32
    assert "falls by 0.32 on average" in PROSE
    assert solved["measures"][charts["B"].mean(axis=0).argmax()] == "mean concave points"
    assert {(chart != 0).sum() for chart in charts["A"]} == {3}
    for kind, ahead in (("average", "C"), ("twenty", "B")):
        means = {name: measured.loc[kind, name].mean() for name in FIRMS}
        assert min(means, key=means.get) == ahead


def test_the_discussion_gives_the_numbers_that_are_measured(measured):
    said = " ".join(DISCUSSION.split())
    assert f"for only {measured.loc['same', 'A']} of the twenty patients" in said
    a, b, c = (f"{measured.loc['unsteady', name]:.2f}" for name in FIRMS)
    assert f"its instability is {a}, twice that of B and C ({b} and {c})" in said
    assert all(measured.loc["unsteady", "A"] > 2 * measured.loc["unsteady", name] for name in "BC")
    for kind, words in (
        ("average", "C's mean area is {C} against the average patient, and B's {B}"),
        ("twenty", "B has {B} and C {C}"),
    ):
        areas = {name: f"{measured.loc[kind, name].mean():.3f}" for name in FIRMS}
        assert words.format(**areas) in said
        assert measured.loc[kind, "A"].mean() == max(a.mean() for a in measured.loc[kind])
    assert "before 19 of the twenty answers change, while each alone changes one at most" in said


def test_five_measures_are_spare_alone_and_not_together(solved):
    assert solved["switched"]["all five"] == 19
    assert max(v for name, v in solved["switched"].items() if name != "all five") == 1


def test_the_products_are_what_their_firms_say(solved):
    forest, patients = solved["forest"], solved["patients"]
    for name, method, background in (
        ("B", "tree_shap", solved["compared"]),
        ("C", "exact_shapley", solved["average"][None]),
    ):
        e = xk.explain(
            forest, patients, method=method, background=background,
            output=1, output_space="probability",
        )  # fmt: skip
        # The trees of shap compare in single precision, so a row near a split may change sides.
        assert np.abs(e.values - solved["charts"][name]).max() < (1e-3 if name == "B" else 1e-6)
    assert (solved["firm_a"](forest, patients[:2]) == solved["charts"]["A"][:2]).all()


def test_who_is_ahead_over_ten_splits(solved):
    X, y, ahead = solved["X"], solved["malignant"], {"C": 0, "B": 0}
    for split in range(10):
        X_train, X_test, y_train, _ = train_test_split(
            X, y, test_size=0.3, stratify=y, random_state=split
        )
        forest = RandomForestClassifier(50, min_samples_leaf=3, random_state=0)
        forest.fit(X_train, y_train)

        def chance(rows, forest=forest):
            return forest.predict_proba(rows)[:, 1]

        patients, twenty = X_test[chance(X_test) > 0.5][:20], X_train[:20]
        b = shap.TreeExplainer(forest, twenty).shap_values(patients)[:, :, 1]
        c = shap.KernelExplainer(chance, np.zeros((1, 10))).shap_values(patients, silent=True)
        one, many = (
            [_mean_area(chance, patients, values, references) for values in (b, c)]
            for references in (np.zeros((1, 10)), twenty)
        )
        ahead["C"] += one[1] < one[0]
        ahead["B"] += many[0] < many[1]
    assert ahead == {"C": 10, "B": 8}
    assert "C is ahead of B against the average patient in all ten" in PROSE
    assert "and B of C against its twenty patients in eight" in PROSE


def _mean_area(chance, rows, values, references):
    n, d = rows.shape
    steps = np.repeat(rows[:, None], d + 1, axis=1)[:, None].repeat(len(references), axis=1)
    for i, order in enumerate(np.argsort(-values, axis=1, kind="stable")):
        for k in range(1, d + 1):
            steps[i, :, k, order[:k]] = references[:, order[:k]].T
    curves = chance(steps.reshape(-1, d)).reshape(n, len(references), d + 1)
    return np.trapezoid(curves, np.linspace(0, 1, d + 1), axis=-1).mean()


# Right answers of other kinds


def test_the_area_is_that_of_xaikit(solved):
    for name, predict, (row, values, reference) in MODULE._charts(5):
        if name == "values that tie":
            continue  # xaikit takes those away together
        e = xk.Explanation(
            values=values[None], base_values=[0.0], predictions=predict(row[None]),
            data=row[None], feature_names=None, output_name="prediction",
            output_space="prediction", method="", why="", estimated=False,
        )  # fmt: skip
        theirs = xk.evaluate.deletion(predict, e, background=reference[None])
        assert theirs.area == pytest.approx(
            solved["deletion_area"](predict, row, values, reference)
        )


def test_the_small_cases_are_right_by_hand(solved):
    ones = np.ones(3)
    # 5, -1, -3, 0: (5 - 1) / 2 + (-1 - 3) / 2 + (-3 + 0) / 2 = -1.5, in thirds
    toy = solved["deletion_area"](solved["toy"], ones, np.array([6.0, 2.0, -3.0]), np.zeros(3))
    assert toy == pytest.approx(-0.5)
    assert "area of −0.5" in PROSE
    for question in CHECKS.points:
        outcome = marked(CHECKS, solved, question)
        case = re.search(r"gave +(\S.*)\n +expected +(\S.*)", outcome.code)
        assert case is None or "<" in case[2] or case[1] == case[2], outcome


def test_other_right_areas_pass(solved):
    def row_by_row(predict, row, values, reference):
        now, height = row.copy(), [float(predict(row[None])[0])]
        for feature in sorted(range(len(row)), key=lambda j: -values[j]):
            now[feature] = reference[feature]
            height.append(float(predict(now[None])[0]))
        return sum((a + b) / 2 for a, b in itertools.pairwise(height)) / len(row)

    def in_place(predict, row, values, reference):
        height = [predict(row[None])[0]]
        for feature in np.argsort(-values, kind="stable"):
            row[feature] = reference[feature]
            height.append(predict(row[None])[0])
        return np.trapezoid(height, dx=1 / len(row))

    full(solved, "q1", deletion_area=row_by_row)
    full(solved, "q1", deletion_area=in_place)
    assert "Copy it first" in marked(CHECKS, solved, "q1", deletion_area=in_place).message


def test_other_forgeries_pass(solved):
    def stretched(values):
        return values.mean() + 1e4 * (values - values.mean())

    def ranked(values):
        ranks = values.argsort().argsort() - (len(values) - 1) / 2
        return values.mean() + 10 * np.abs(values).sum() * ranks

    full(solved, "q2", impostor=stretched)
    full(solved, "q2", impostor=ranked)


def test_other_instabilities_and_likenesses_pass(solved):
    from scipy.stats import spearmanr

    def one_by_one(explain, row, neighbours):
        here, worst = explain(row[None])[0], 0.0
        for other in neighbours:
            step = float(np.sqrt(((other - row) ** 2).sum()))
            if step > 0:
                worst = max(worst, float(np.linalg.norm(explain(other[None])[0] - here)) / step)
        return worst

    def by_scipy(explain, model, scrambled, X):
        pairs = zip(np.abs(explain(model, X)), np.abs(explain(scrambled, X)), strict=True)
        scores = [spearmanr(a, b).statistic for a, b in pairs if np.ptp(a) and np.ptp(b)]
        return np.sum(scores) / len(X)

    full(solved, "q3", instability=one_by_one)
    full(solved, "q4", likeness=by_scipy)


def test_other_twins_pass(solved):
    def always(n, random_state):
        X = np.ones((n, 3), dtype=int)
        return X, lambda X: X[:, :2].max(axis=1) + X[:, 2]

    def in_a_table(n, random_state):
        twin = np.random.default_rng(random_state).random(n) < 0.5
        X = pd.DataFrame({"a": twin, "b": twin, "c": False})
        return X, lambda X: X["a"] | X["b"]

    def not_both(n, random_state):
        # Column 0 is always 0, and so is column 1 where it is switched off: no twins of ones.
        X = np.zeros((n, 3), dtype=int)
        return X, lambda X: X[:, 0] + X[:, 1]

    full(solved, "q5", spare=always)
    full(solved, "q5", spare=in_a_table)
    lost(solved, "q5", "at least a quarter", spare=not_both)


def _frame(ax, b, c, *, line=True):
    every = np.concatenate([b, c])
    edge = 0.1 * np.ptp(every)
    low, high = every.min() - edge, every.max() + edge
    ax.set(xlim=(low, high), ylim=(low, high), xlabel="Firm B", ylabel="Firm C")
    if line:
        ax.plot([0, 1], [0, 1], transform=ax.transAxes)


def test_other_drawings_pass(solved):
    def by_markers(ax, b, c):
        ax.plot(b, c, "x")
        _frame(ax, b, c)
        ax.text(0, 0, f"C is lower for {sum(c < b)} of {len(b)}")

    def point_by_point(ax, b, c):
        for pair in zip(b, c, strict=True):
            ax.scatter(*pair)
        _frame(ax, b, c, line=False)
        ax.axline((b.mean(), b.mean()), slope=1)
        ax.set_title(f"{sum(c < b)} of {len(b)}", loc="left")

    def wrong_slope(ax, b, c):
        point_by_point(ax, b, c)
        ax.lines[0].remove()
        ax.axline((b.mean(), b.mean()), slope=2)

    def with_pandas(ax, b, c):
        pd.DataFrame({"area of B": b, "area of C": c}).plot.scatter("area of B", "area of C", ax=ax)
        low, high = np.r_[b, c].min(), np.r_[b, c].max()
        ax.plot([low, high], [low, high])
        edge = 0.02 * (high - low)
        ax.set_xlim(low - edge, high + edge)
        ax.set_ylim(low - edge, high + edge)
        ax.figure.suptitle(f"C lower in {(c < b).sum()} of {len(b)}")

    full(solved, "q6", draw=by_markers)
    full(solved, "q6", draw=point_by_point)
    full(solved, "q6", draw=with_pandas)
    lost(solved, "q6", "the line on which both are equal".capitalize(), draw=wrong_slope)


def test_firms_may_be_written_in_other_ways(solved):
    found = dict(solved["found"])
    for name, said in (
        ("steady", "c, b"), ("steady", ["B", "C"]), ("steady", {"C", "B"}), ("steady", "B and C"),
        ("reads the forest", "all"), ("lowest for every patient", "none"),
        ("lowest for every patient", []),
    ):  # fmt: skip
        full(solved, "q7", found={**found, name: said})


# Answers that tell nothing


def test_guesses_earn_nothing(solved):
    for letters in ("", "A", "B", "C", "AB", "AC", "BC", "ABC"):
        guess = dict.fromkeys(MODULE._FOUND, letters)
        assert marked(CHECKS, solved, "q7", found=guess).points == 0
    for word in MODULE._REASONS:
        assert marked(CHECKS, solved, "q8", report=dict.fromkeys("abcdefgh", word)).points == 0


def test_the_wrong_line_is_not_named(solved):
    report = {**solved["report"], "c": "sound", "g": "sound"}
    outcome = lost(solved, "q8", "2 of 8 are not right yet", report=report)
    assert outcome.points == 1
    assert "`" not in outcome.message
    found = {**solved["found"], "steady": "A"}
    outcome = lost(solved, "q7", "1 of 6 is not right yet", found=found)
    assert "steady" not in outcome.message


ANSWERS = {
    "q1": "deletion_area", "q2": "impostor", "q3": "instability", "q4": "likeness",
    "q5": "spare", "q6": "draw",
}  # fmt: skip
REPLIES = {
    "nothing": (None, {"q5": "returns nothing", "q6": "Nothing is drawn", "": "end with `return`"}),
    "text": ("0.5", {"q6": "Nothing is drawn", "q5": "returns 0.5", "": "returns '0.5'"}),
    "too many": (
        np.zeros(40),
        {"q2": "40 values for 3 features", "q5": "Two things", "q6": "Nothing", "": "list of 40"},
    ),
    "not a number": (
        np.nan,
        {"q2": "one number, not one", "q5": "Two things", "q6": "Nothing", "": "No finite number"},
    ),
    "a constant": (
        1.25,
        {"q2": "one number, not one", "q5": "Two things", "q6": "Nothing", "": "in no hidden case"},
    ),
}


@pytest.mark.parametrize("kind", REPLIES)
def test_an_answer_that_tells_nothing_is_told_so(solved, kind):
    reply, words = REPLIES[kind]
    for question, name in ANSWERS.items():
        outcome = lost(
            solved, question, words.get(question, words[""]), **{name: lambda *_, **__: reply}
        )
        assert (outcome.points, outcome.status) == (0, "wrong"), outcome
    for question, name in (("q7", "found"), ("q8", "report")):
        assert marked(CHECKS, solved, question, **{name: reply}).points == 0


def test_what_is_right_so_far_is_said_first(solved):
    def curve(predict, row, values, reference):
        steps = np.tile(row, (len(row) + 1, 1))
        for k, feature in enumerate(np.argsort(-values, kind="stable"), start=1):
            steps[k:, feature] = reference[feature]
        return predict(steps)

    def mute(n, random_state):
        return np.ones((n, 3)), lambda X: None

    lost(solved, "q1", "the area under them comes next", deletion_area=curve)
    lost(solved, "q1", "of shape (n, d)", deletion_area=lambda predict, row, *_: predict(row))
    lost(solved, "q5", "`X` is right. Your `predict` returns nothing", spare=mute)


def test_a_forgery_that_is_not_finite_is_told_so(solved):
    lost(solved, "q2", "no finite number", impostor=lambda values: values * np.nan)


def test_a_neighbour_that_is_the_row_must_not_divide(solved):
    def divides(explain, row, neighbours):
        moved = np.linalg.norm(neighbours - row, axis=1)
        turned = np.linalg.norm(explain(neighbours) - explain(row[None]), axis=1)
        with np.errstate(invalid="ignore"):
            return (turned / moved).max()

    lost(solved, "q3", "leave it out", instability=divides)


@pytest.mark.parametrize("question", ["q1", "q2", "q3", "q4", "q5", "q6"])
def test_chance_decides_nothing(solved, question):
    seeds = range(100, 120)
    outcomes = {xk.course.labs._mark.mark(CHECKS, question, solved, seed).points for seed in seeds}
    assert outcomes == {CHECKS.points[question]}

from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from real_lab import LABS, marked, open_lab
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.inspection import partial_dependence
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors

import xaikit as xk
from xaikit.course.labs._mark import mark
from xaikit.course.labs._source import read_source
from xaikit.labs import verify

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l12_effects")
PROSE = "\n".join(c.source for c in read_source(LABS / "l12_effects").cells if c.kind == "markdown")
DISCUSSION = " ".join((LAB / "discussion.md").read_text(encoding="utf-8").split())


def full(solved, question, **changes):
    outcome = marked(CHECKS, solved, question, **changes)
    assert outcome.status == "correct", outcome


def lost(solved, question, word, **changes):
    outcome = marked(CHECKS, solved, question, **changes)
    assert outcome.status != "correct", outcome
    assert word in outcome.message, outcome
    return outcome


def test_the_marks_can_be_trusted():
    assert verify(LABS / "l12_effects") == ()


# What is measured, and said


@pytest.fixture(scope="module")
def measured(solved):
    """What question 7 asks for, by the functions of the solved lab."""
    predict, districts, columns = solved["predict"], solved["districts"], solved["columns"]
    curves = solved["lines"](predict, districts, 5, solved["meridians"])
    left = {name: solved["left"](curves, solved["halves"](name)) for name in columns[:5]}
    step, south = curves[:, 13] - curves[:, 11], solved["halves"]("Latitude") == 0
    edges, local = solved["accumulate"](predict, districts, 5, 10)
    single = solved["lines"](predict, districts, 5, edges)
    column = min(left, key=left.get)
    asked, nowhere = solved["asked"], solved["nowhere"]
    return {
        "column": column, "left": left[column], "second": sorted(left.values())[1],
        "all districts": step.mean(), "southern half": step[south].mean(),
        "partial dependence": single.mean(axis=0)[-1] - single.mean(axis=0)[0],
        "ALE": local[-1] - local[0], "farthest": (single[:, -1] - single[:, 0]).min(),
        "nowhere, partial dependence": nowhere(asked(solved["lines"], 5, edges)),
        "nowhere, ALE": nowhere(asked(solved["accumulate"], 5, 10)),
        "curves": curves, "south": south,
    }  # fmt: skip


def test_what_question_7_takes_for_right_is_what_is_measured(measured):
    assert measured["column"] == "Latitude"
    for name, (truth, slack, _) in MODULE._MEASURED.items():
        assert abs(measured[name] - truth) < slack / 4, name


def test_the_two_charts_and_the_lines_are_as_told(measured):
    assert round(measured["ALE"]) == -375
    assert round(measured["farthest"]) == -336
    assert "falls by 375" in DISCUSSION
    assert "at most 336" in DISCUSSION
    assert round(measured["partial dependence"]) == -192
    assert "falls by 192" in DISCUSSION
    assert round(measured["nowhere, partial dependence"], 2) == 0.59
    assert round(measured["nowhere, ALE"], 2) == 0.13
    assert "More than half of the rows that partial dependence asked about" in PROSE
    assert "less than a fifth of those that ALE asked about" in PROSE
    assert "59 % lie where no district is" in DISCUSSION
    assert "only 13 % are like that" in DISCUSSION
    assert (round(measured["southern half"]), round(measured["all districts"])) == (-142, -77)
    assert round(measured["left"], 2) == 0.66
    assert round(measured["second"], 2) == 0.96


def test_each_office_has_its_own_cliff(solved, measured):
    curves, south, meridians = measured["curves"], measured["south"], solved["meridians"]
    steps = {half: np.diff(curves[south == half].mean(axis=0)) for half in (True, False)}
    assert meridians[steps[False].argmin()] == -122.5
    assert meridians[steps[True].argmin()] == -118.5
    for at, office in ((3, False), (11, True)):
        rise = curves[:, at + 2] - curves[:, at]
        assert 0.5 < rise.mean() / rise[south == office].mean() < 0.6
    assert round(float(np.median(solved["districts"][:, 4])), 1) == 34.3
    assert "median latitude (34.3 degrees)" in PROSE


def test_the_order_of_the_cities_matters_as_told(solved):
    charts = pd.DataFrame(solved["charts"])
    way = charts.loc["San Francisco"] - charts.loc["Sacramento"]
    assert way.round().tolist() == [74, 62]
    assert "it is 74 thousand dollars in one chart and 62 in the other" in PROSE
    assert round(charts.loc["Sacramento"].max(), -1) == -40
    assert round(charts["north to south"]["Sacramento"], -1) == -50


def test_latitude_and_longitude_work_together_above_all(solved):
    first = solved["together"].to_frame().iloc[0]
    assert {first["first"], first["second"]} == {"Latitude", "Longitude"}
    assert first["strength"] > 2 * solved["together"].to_frame().loc[1, "strength"]


def test_ten_splits_say_the_same(solved):
    X, y = solved["housing"].X[solved["columns"]].to_numpy(float), 100 * solved["housing"].y
    falls = []
    for split in range(10):
        train, rest, y_train, _ = train_test_split(X, y, test_size=4000, random_state=split)
        model = HistGradientBoostingRegressor(random_state=0).fit(train, y_train)
        edges, local = solved["accumulate"](model.predict, rest[:1000], 5, 10)
        ends = solved["lines"](model.predict, rest[:1000], 5, edges[[0, -1]])
        single = ends[:, 1] - ends[:, 0]
        falls.append((single.mean(), local[-1] - local[0], single.min()))
    dependence, ale, farthest = np.round(np.transpose(falls))
    assert [round(f(ale / dependence), 1) for f in (np.min, np.max)] == [1.9, 2.2]
    assert (ale < farthest).all()
    assert "each time ALE fell 1.9 to 2.2 times as far as partial dependence" in PROSE


def test_the_answers_of_question_5_are_those_of_xaikit(solved):
    for name, (truth, _) in MODULE._H.items():
        f = solved["coin_models"][name]
        found = xk.effects.h_statistic(lambda X, f=f: f(*X.T), solved["coins"], [0, 1])
        assert found.h[0] == pytest.approx(truth, abs=1e-9), name
        assert solved["h"][name] == pytest.approx(truth, abs=0.01)


def test_the_text_does_not_give_question_7_away(solved):
    shown = PROSE.replace("−", "-")
    for name in ("all districts", "southern half", "partial dependence", "ALE"):
        assert not re.search(rf"\b{abs(solved['found'][name])}\b", shown), name


# Right answers of other kinds


def test_the_curves_are_those_of_the_libraries(solved):
    model, districts = solved["model"], solved["districts"]
    theirs = partial_dependence(
        model, districts, [5], custom_values={5: solved["meridians"]}, method="brute", kind="both"
    )
    ours = solved["lines"](solved["predict"], districts, 5, solved["meridians"])
    assert ours == pytest.approx(theirs["individual"][0])
    # Not a thousand: there rounding decides which value is a tenth's edge.
    effect = xk.effects.ale(solved["predict"], districts[:997], 5, n_bins=10)
    edges, values = solved["accumulate"](solved["predict"], districts[:997], 5, 10)
    assert edges == pytest.approx(effect.grid)
    assert values == pytest.approx(effect.values)


def test_the_categories_are_those_of_xaikit(solved):
    rows = solved["by_city"](solved["districts"])
    table = pd.DataFrame(rows, columns=list("abcdef"))
    table["e"] = pd.Categorical(rows[:, 4], categories=[0.0, 1.0, 2.0, 3.0, 4.0], ordered=True)
    effect = xk.effects.ale(
        lambda X: solved["second_model"].predict(X.astype(float).to_numpy()), table, "e"
    )
    assert effect.values == pytest.approx(solved["charts"]["north to south"].to_numpy())


def test_the_small_cases_are_right(solved):
    for question in ("q1", "q2", "q4"):
        outcome = marked(CHECKS, solved, question)
        case = re.search(r"gave +(\S.*)\n +expected +(\S.*)", outcome.code)
        assert case[1] == case[2], outcome


def test_other_right_functions_pass(solved):
    def row_by_row(predict, X, column, grid):
        table = np.repeat(X, len(grid), axis=0)
        table[:, column] = np.tile(grid, len(X))
        return predict(table).reshape(len(X), len(grid))

    def bin_by_bin(predict, X, column, n_bins):
        ordered = np.sort(X[:, column])
        places = [max(0, int(np.ceil(len(X) * k / n_bins - 1e-9)) - 1) for k in range(n_bins + 1)]
        edges, values = np.array(sorted({ordered[place] for place in places})), [0.0]
        for k in range(1, len(edges)):
            here = (X[:, column] <= edges[k]) & ((X[:, column] > edges[k - 1]) | (k == 1))
            a, b = X[here], X[here].copy()
            a[:, column], b[:, column] = edges[k - 1], edges[k]
            values.append(values[-1] + float(np.mean(predict(b) - predict(a))))
        return [edges, np.array(values) - np.mean(np.interp(X[:, column], edges, values))]

    def with_a_table(predict, X, column, order):
        steps = []
        for a, b in itertools.pairwise(order):
            rows = X[(X[:, column] == a) | (X[:, column] == b)]
            pair = row_by_row(predict, rows, column, [a, b])
            steps.append((pair[:, 1] - pair[:, 0]).mean())
        values = pd.Series([0, *np.cumsum(steps)], index=order)
        return values - pd.Series(X[:, column]).map(values).mean()

    full(solved, "q1", lines=row_by_row)
    full(solved, "q2", accumulate=bin_by_bin)
    full(solved, "q4", along=with_a_table)
    full(solved, "q4", along=lambda *given: dict(zip(given[3], with_a_table(*given), strict=True)))


def test_other_contradictions_pass(solved):
    def the_other_way_round(n, random_state):
        a = np.linspace(-3, 3, n)
        X = np.column_stack([a, -a])
        return X, lambda X: X[:, 0] - 5 * np.sign(X[:, 0]) * (np.abs(X[:, 0] + X[:, 1]) > 1)

    def in_a_table(n, random_state):
        X, predict = the_other_way_round(n, random_state)
        X = pd.DataFrame(X, columns=["a", "b"])
        return X, lambda X: predict(X[["a", "b"]].to_numpy())

    full(solved, "q3", disagree=the_other_way_round)
    full(solved, "q3", disagree=in_a_table)


def test_other_drawings_pass(solved):
    def with_bands(ax, grid, curves, groups):
        curves = curves - curves[:, [0]]
        ax.plot(grid, curves.T, color="grey", alpha=0.2)
        for g in set(groups.tolist()):
            mine = curves[groups == g]
            ax.plot(grid, mine.mean(0), "o-", label=f"{len(mine)} rows of {g}")
        ax.plot(grid, curves.mean(0), ls=":")
        ax.set_xlabel("x")
        ax.set_ylabel("y")
        ax.figure.legend()

    def with_pandas(ax, grid, curves, groups):
        table = pd.DataFrame(curves - curves[:, :1], columns=grid)
        means = table.groupby(groups).mean().T
        means.columns = [
            f"{g} (n = {n})" for g, n in pd.Series(groups).value_counts().sort_index().items()
        ]
        means.plot(ax=ax, xlabel="x", ylabel="y")
        table.mean().plot(ax=ax, style="-.", label="all")
        ax.legend()

    full(solved, "q6", draw=with_bands)
    full(solved, "q6", draw=with_pandas)


# Answers that tell nothing


def test_guesses_earn_nothing(solved):
    for word in MODULE._REASONS:
        assert marked(CHECKS, solved, "q8", verdict=dict.fromkeys("abcdefgh", word)).points == 0
    for number in (0, 1, 0.58):
        assert marked(CHECKS, solved, "q5", h=dict.fromkeys("abcdef", number)).points == 0
    for number in (0, 0.5, -100):
        assert (
            marked(CHECKS, solved, "q7", found=dict.fromkeys(solved["found"], number)).points == 0
        )


def test_the_wrong_line_is_not_named(solved):
    outcome = lost(
        solved, "q8", "1 of 8 is not right yet", verdict={**solved["verdict"], "c": "sound"}
    )
    assert "`" not in outcome.message
    assert outcome.points == 1.5
    lost(solved, "q7", "1 of 8 is not right yet", found={**solved["found"], "ALE": 0})


ANSWERS = {"q1": "lines", "q2": "accumulate", "q3": "disagree", "q4": "along", "q6": "draw"}
REPLIES = {
    "nothing": (None, {"q3": "returns nothing", "": "end with `return`"}),
    "text": ("0.5", {"q2": "Return two things", "q3": "returns 0.5", "": "returns '0.5'"}),
    "too many": (np.zeros(40), {"q2": "Return two things", "q3": "Two things", "": "shape (40,)"}),
    "not a number": (
        np.nan,
        {"q2": "Return two things", "q3": "Two things", "": "of the shape ()"},
    ),
    "a constant": (1.25, {"q2": "Return two things", "q3": "Two things", "": "of the shape ()"}),
}


@pytest.mark.parametrize("kind", REPLIES)
def test_an_answer_that_tells_nothing_is_told_so(solved, kind):
    reply, words = REPLIES[kind]
    for question, name in ANSWERS.items():
        word = "Nothing is drawn" if question == "q6" else words.get(question, words[""])
        outcome = lost(solved, question, word, **{name: lambda *_, **__: reply})
        assert (outcome.points, outcome.status) == (0, "wrong"), outcome
    for question, name in (("q5", "h"), ("q7", "found"), ("q8", "verdict")):
        assert marked(CHECKS, solved, question, **{name: reply}).points == 0


def test_what_is_right_so_far_is_said_first(solved):
    lost(
        solved, "q1", "The shape (5, 4) is right, but something in it is no finite number",
        lines=lambda predict, X, column, grid: np.full((len(X), len(grid)), np.nan),
    )  # fmt: skip
    lost(
        solved, "q2", "The edges are right. Work the small case out",
        accumulate=lambda predict, X, column, n: (
            MODULE._edges(X[:, column], n), 0.1 + MODULE._edges(X[:, column], n)
        ),
    )  # fmt: skip
    lost(
        solved, "q2", "The edges, first. Your function returns something of the shape (3,)",
        accumulate=lambda predict, X, column, n: (X[:3, column], X[:3, column]),
    )  # fmt: skip
    lost(
        solved, "q3", "`X` is right. Your `predict` returns nothing",
        disagree=lambda n, seed: (np.random.default_rng(seed).random((n, 2)), lambda X: None),
    )  # fmt: skip
    lost(
        solved, "q3", "column 0 must vary",
        disagree=lambda n, seed: (np.zeros((n, 2)), lambda X: X[:, 0]),
    )  # fmt: skip


@pytest.mark.parametrize("question", CHECKS.points)
def test_chance_decides_nothing(solved, question):
    outcomes = {mark(CHECKS, question, solved, seed).points for seed in range(100, 160)}
    assert outcomes == {CHECKS.points[question]}


def test_no_district_of_the_sample_was_fitted_to(solved):
    # `nowhere` compares with the training data, so a district must not find itself there.
    tree = NearestNeighbors(n_neighbors=1).fit(solved["train"])
    assert (tree.kneighbors(solved["districts"])[0] > 0).all()

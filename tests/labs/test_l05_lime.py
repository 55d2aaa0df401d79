from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lime.lime_base import LimeBase
from real_lab import marked, open_lab

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l05_lime")
FUNCTIONS = ("q1", "q3", "q4", "q5", "q6", "q7")


# What the prose says


def test_the_reporters_three_runs(solved):
    lines = solved["lines"]
    # Her three runs are three rows of the table.
    first, second, third = lines.loc[0], lines.loc[3], lines.loc[5]
    assert first.abs().nlargest(2).index.tolist() == ["employed", "citizen"]
    assert first["year"] > 0 > third["year"]
    assert abs(second["citizen"]) > abs(second["employed"])


def test_the_boy_and_the_table(solved):
    people, boy = solved["people"], solved["boy"]
    assert len(people) == 5226
    assert people.loc[boy, ["year", "age", "female", "employed", "citizen"]].tolist() == [
        2001, 16, False, False, True,
    ]  # fmt: skip
    assert solved["arrests"].y.loc[boy] == 0
    assert solved["release"](solved["table"][[boy]])[0] < 0.5
    assert solved["tree"].get_depth() == 8
    assert solved["columns"] == MODULE._NAMES
    np.testing.assert_array_equal(solved["table"], MODULE._people()[0])


def test_few_samples_leave_the_year_without_a_sign_and_many_do_not(solved):
    few, many = (pd.DataFrame(solved[name], index=solved["columns"]) for name in ("few", "many"))
    assert abs(few.loc["year", "mean"]) < few.loc["year", "spread"]
    assert many["sure"].all()
    # The spread falls about as the root of the number of samples says.
    ratio = (few["spread"] / many["spread"]).mean()
    assert 3 < ratio < 5.5  # √(5000 / 300) is 4.1


def test_the_captions(solved):
    """Each word of question 8 is what the cells before it show."""
    many = pd.DataFrame(solved["many"], index=solved["columns"])
    few = pd.DataFrame(solved["few"], index=solved["columns"])
    assert many.loc["checks", "mean"] < -2 * many.loc["checks", "spread"]  # a
    assert abs(few.loc["year", "mean"]) < 2 * few.loc["year", "spread"]  # b
    assert 0.45 < solved["r2"] < 0.55  # c
    assert solved["direct"]["employed"] > 0.1  # d is about the police, g about the model
    assert solved["direct"]["black"] == 0  # f
    assert many.loc["black", "mean"] < -10 * many.loc["black", "spread"]  # f, by the line
    effects = solved["everybody"]
    assert np.mean(effects != 0) > 0.6  # h
    assert solved["row"] @ solved["b"] + solved["a"] > 0.5  # "the line would let him go"


def test_the_line_says_the_same_of_all_and_the_model_does_not(solved):
    by_line, by_asking = solved["by_line"], solved["by_asking"]
    assert len(by_line) == 60
    assert -0.15 < by_line.min() < by_line.max() < -0.03
    for kind in (by_asking < 0, by_asking == 0, by_asking > 0):
        assert kind.sum() >= 10
    assert by_asking.min() < -0.5
    assert by_asking.max() > 0.5


def test_what_the_discussion_says(solved):
    many = pd.DataFrame(solved["many"], index=solved["columns"])
    mean, spread = many.loc["black", ["mean", "spread"]]
    assert mean == pytest.approx(-0.03, abs=0.003)
    assert 12 < -mean / spread < 18
    narrow = [solved["own_lime"](seed, 20_000, width=0.5)[0] for seed in range(6)]
    assert np.max(np.abs(narrow)) < 0.05 * solved["scale"][0]  # either unit
    effects = solved["everybody"]
    assert np.mean(effects < 0) == pytest.approx(1 / 2, abs=0.02)
    assert np.mean(effects > 0) == pytest.approx(1 / 7, abs=0.01)
    leaf = solved["tree"].apply(solved["table"][[solved["boy"]]])[0]
    assert solved["tree"].tree_.n_node_samples[leaf] == 7


def test_the_hidden_model_meets_the_library_as_the_text_says(solved):
    seen = pd.Series(solved["seen"].diagnostics["coefficients"][0], index=solved["columns"]).abs()
    assert seen["employed"] > 0.9
    assert seen["black"] < 0.01
    assert (solved["caught"] == -1).all()


def test_the_slopes_that_question_2_asks_for():
    x = np.linspace(-2, 2, 200_001)[:, None]
    models = {"3": lambda x: 3 * x, "x²": lambda x: x**2, "x³": lambda x: x**3}
    models["st"] = lambda x: 10.0 * (x > 0)
    for name, (truth, _) in MODULE._PREDICTED.items():
        model = next(model for start, model in models.items() if name.startswith(start))
        at = 0.0 if "x³" in name else 1.0
        weight = MODULE._weight(x, np.array([at]), 0.1 if "narrow" in name else 100)
        # "A quarter of a unit off is fine": the truth is far inside.
        assert MODULE._fit(x, model(x[:, 0]), weight)[0] == pytest.approx(truth, abs=0.04)


# The truths of the judges


def test_the_line_is_limes_without_its_penalty():
    # lime itself fits a ridge; with a penalty of nearly nothing the two are one.
    from sklearn.linear_model import Ridge

    predict, row, samples, width = next(MODULE._neighbourhoods(5))
    data = np.vstack([row, samples])
    distance = np.linalg.norm(data - row, axis=1)
    answers = predict(data)
    intercept, local, *_ = LimeBase(
        lambda d: np.exp(-(d**2) / (2 * width**2)), random_state=0
    ).explain_instance_with_data(data, answers[:, None], distance, 0, 3, "none", Ridge(alpha=1e-10))
    ours = MODULE._fit(data, answers, MODULE._weight(data, row, width))
    np.testing.assert_allclose([v for _, v in sorted(local)], ours[:3], rtol=1e-6)
    assert intercept == pytest.approx(ours[3], rel=1e-6)


@pytest.mark.parametrize(
    ("inputs", "answers", "hints"),
    [
        (MODULE._neighbourhoods, MODULE._lines, MODULE._LINE_HINTS),
        (MODULE._effect_inputs, MODULE._effects, MODULE._EFFECT_HINTS),
    ],
)
def test_each_known_mistake_is_far_from_the_truth_for_every_seed(inputs, answers, hints):
    for seed in range(60):
        right, *wrong = zip(*(answers(*each) for each in inputs(seed)), strict=True)
        assert len(wrong) + 1 == len(hints)
        for mistake in wrong:
            assert not all(
                np.allclose(a, b, rtol=1e-3) for a, b in zip(mistake, right, strict=True)
            )


def test_no_rounding_decides_question_4():
    for seed in range(60):
        for seeds, table, n in MODULE._steady_inputs(seed):
            assert len(set(seeds)) == len(table) == len(seeds)
            mean, spread = table.mean(axis=0), table.std(axis=0, ddof=1)
            exact = n * (2 * spread / np.abs(mean)) ** 2
            off = np.abs(exact - np.round(exact))
            ratio = np.abs(mean) - 2 * spread
            # Exactly whole and exactly a tie, or far from it.
            assert np.all((off == 0) | (off > 0.05) | (exact < 0.9 * n))
            assert np.all((ratio == 0) | (np.abs(ratio) > 0.02 * np.abs(mean)))
        assert MODULE._steady(*MODULE._STEADY[1:])["needed"].tolist() == [100, 100, 400]


def test_rows_that_are_drawn_can_be_told_from_real_ones_each_by_itself():
    every, given_rows, kept = MODULE._people()
    drawn = MODULE._drawn_rows()
    assert np.all(every % 1 == 0)
    assert np.all((drawn[:, [1, 2, 6]] % 1 != 0).all(axis=1))
    assert not {tuple(row) for row in given_rows} & {tuple(row) for row in kept}
    # Whatever does not read colour gets no coefficient for it, whatever else it reads.
    odd = np.sin(drawn[:, 2]) * drawn[:, 4] + (drawn[:, 1] > 2000)
    assert abs(MODULE._drawn_line(drawn, odd)[0]) < 1e-12


# Other right answers, and other wrong ones


def test_a_line_by_the_normal_equations_or_by_scikit_learn_is_right(solved):
    from sklearn.linear_model import LinearRegression

    def normal(predict, row, samples, width):
        k = np.exp(-((samples - row) ** 2).sum(axis=1) / (2 * width**2))
        A = np.column_stack([np.ones(len(samples)), samples])
        line = np.linalg.solve((A.T * k) @ A, (A.T * k) @ predict(samples))
        return line[1:], line[0]

    def fitted(predict, row, samples, width):
        k = np.exp(-((samples - row) ** 2).sum(axis=1) / (2 * width**2))
        model = LinearRegression().fit(samples, predict(samples), sample_weight=k)
        return model.coef_, model.intercept_

    for local_line in (normal, fitted):
        assert marked(CHECKS, solved, "q1", local_line=local_line).status == "correct"


@pytest.mark.parametrize(
    "model",
    [
        lambda X: X - X**3,
        lambda X: [-x if abs(x) > 0.3 else x for x in X[:, 0]],
        lambda X: np.where(X > 0, 1, -1) - X,
        lambda X: 1e-3 * np.round(X) + 0.2000001 * X - 0.9 * np.clip(X, -9, -1) - np.clip(X, 1, 9),
    ],
)
def test_other_models_tell_two_stories(solved, model):
    outcome = marked(CHECKS, solved, "q3", two_stories=model)
    assert outcome.status == "correct", outcome


def test_a_table_of_pandas_is_a_right_answer_to_question_4(solved):
    def steadiness(line, seeds, n_samples):
        runs = pd.DataFrame([line(seed) for seed in seeds])
        mean, spread = runs.mean(), runs.std()
        needed = (n_samples * (2 * spread / mean) ** 2).apply(np.ceil).clip(lower=n_samples)
        sure = mean.abs() >= 2 * spread
        return pd.DataFrame({"mean": mean, "spread": spread, "sure": sure, "needed": needed})

    assert marked(CHECKS, solved, "q4", steadiness=steadiness).status == "correct"


def test_what_is_right_in_question_4_counts_beside_what_is_missing(solved):
    def steadiness(line, seeds, n_samples):
        found = solved["steadiness"](line, seeds, n_samples)
        return {name: found[name] for name in ("mean", "spread", "sure")}

    outcome = marked(CHECKS, solved, "q4", steadiness=steadiness)
    assert outcome.points == 3
    assert "`needed`" in outcome.message


def upright(ax, names, mean, spread):
    ax.errorbar(names, mean, yerr=2 * spread, fmt="s")
    ax.axhline(0)
    ax.set_ylabel("coefficient")


def one_by_one(ax, names, mean, spread):
    for place, (m, s) in enumerate(zip(mean, spread, strict=True)):
        ax.plot([m - 2 * s, m + 2 * s], [place, place], "k-")
        ax.plot(m, place, "o")
    ax.set_yticks(range(len(names)), labels=names)
    ax.vlines(0, -1, len(names))
    ax.set_xlabel("coefficient")


def sorted_bars(ax, names, mean, spread):
    order = np.argsort(-np.abs(mean))
    ax.barh([names[j] for j in order], mean[order], xerr=2 * spread[order])
    ax.invert_yaxis()
    ax.axvline(0)
    ax.set_xlabel("coefficient")


def floating(ax, names, mean, spread):
    ax.barh(names, 4 * spread, left=mean - 2 * spread)
    ax.scatter(mean, names)
    ax.axvline(0)
    ax.set_xlabel("coefficient")


def lines(ax, names, mean, spread):
    places = np.arange(len(names))
    ax.hlines(places, mean - 2 * spread, mean + 2 * spread)
    ax.plot(mean, places, "D")
    ax.set_yticks(places)
    ax.set_yticklabels(names)
    ax.axvline(0)
    ax.set(xlabel="coefficient")


@pytest.mark.parametrize("draw", [upright, one_by_one, sorted_bars, floating, lines])
def test_other_pictures_are_right(solved, draw):
    outcome = marked(CHECKS, solved, "q5", draw=draw)
    assert outcome.status == "correct", outcome


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda ax, n, m, s: upright(ax, n, np.abs(m), s), "signs"),
        (lambda ax, n, m, s: ax.errorbar(m, n, xerr=2 * s, fmt="o"), "line at zero"),
        (lambda ax, n, m, s: ax.plot(m, n, "o-"), "The names are there"),
        (lambda ax, n, m, s: None, "Nothing is drawn"),
    ],
)
def test_pictures_that_lack_something(solved, change, word):
    outcome = marked(CHECKS, solved, "q5", draw=change)
    assert outcome.status != "correct"
    assert word in outcome.message


def test_other_models_hide_as_well(solved):
    from sklearn.ensemble import RandomForestClassifier

    def by_detector(X):
        rng = np.random.default_rng(0)
        n = 3 * len(X)
        invented = rng.normal(X.mean(axis=0), X.std(axis=0), (n, 7))
        for j in (0, 3, 4, 5):
            invented[:, j] = rng.choice(X[:, j], n)
        is_real = np.r_[np.ones(len(X)), np.zeros(n)]
        forest = RandomForestClassifier(50, random_state=0)
        forest.fit(np.vstack([X, invented]), is_real)
        return lambda rows: np.where(forest.predict(rows) == 1, 1 - rows[:, 0], rows[:, 4])

    def by_known_ages(X):
        ages = set(X[:, 2])
        return lambda rows: [1 - row[0] if row[2] in ages else 0.3 * row[4] for row in rows]

    for hiding in (by_detector, by_known_ages):
        outcome = marked(CHECKS, solved, "q6", hiding=hiding)
        assert outcome.status == "correct", outcome


@pytest.mark.parametrize("word", ["print", "seed", "line", "scope", "world"])
def test_one_word_for_all_captions_earns_nothing(solved, word):
    assert marked(CHECKS, solved, "q8", captions=dict.fromkeys("abcdefgh", word)).points == 0


def test_wrong_captions_are_counted_and_not_named(solved):
    captions = {**solved["captions"], "b": "print", "g": "world"}
    outcome = marked(CHECKS, solved, "q8", captions=captions)
    assert "2 of 8" in outcome.message
    assert not any(f"`{name}`" in outcome.message for name in "abcdefgh")


@pytest.mark.parametrize("slope", [0, 1, 2, 3])
def test_one_slope_for_all_earns_nothing(solved, slope):
    predicted = dict.fromkeys(solved["predicted"], slope)
    assert marked(CHECKS, solved, "q2", predicted=predicted).points == 0


def test_the_hints_of_question_2_do_not_give_the_numbers():
    for truth, hint in MODULE._PREDICTED.values():
        assert truth == 0 or f"{truth:g}" not in hint


# Whatever comes back


@pytest.mark.parametrize("question", FUNCTIONS)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, ("`return`", "Nothing is drawn")),
        ("hello", ("no number", "returns a function", "Nothing is drawn")),
        (np.full(3, np.nan), ("NaN", "returns a function", "Nothing is drawn")),
        (
            np.zeros((2, 5)),
            (
                "The shape is",
                "two things",
                "a dictionary",
                "returns a function",
                "Nothing is drawn",
            ),
        ),
    ],
)
def test_what_is_no_answer_gets_a_sentence_that_says_so(solved, question, answer, words):
    name = {
        "q1": "local_line", "q3": "two_stories", "q4": "steadiness",
        "q5": "draw", "q6": "hiding", "q7": "effect_of",
    }[question]  # fmt: skip
    outcome = marked(CHECKS, solved, question, **{name: lambda *args: answer})
    assert outcome.status == "wrong"
    assert any(word in outcome.message for word in words)
    assert "For example" in outcome.code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=12), inner, max_size=6)
    ),
    max_leaves=30,
)


@pytest.mark.parametrize("question", FUNCTIONS)
@settings(max_examples=15, deadline=None)
@given(odd=JSON)
def test_a_judge_takes_a_right_reply_with_one_odd_part(solved, question, odd):
    reply = json.loads(json.dumps(CHECKS.probes[question](solved, 3)))
    for part in reply:
        points, hint, case = CHECKS.judges[question]({**reply, part: odd}, 3)
        assert 0 <= points <= CHECKS.points[question]
        assert hint
        assert str(case)
        # The small case is shown, and does not decide.
        assert part == "small" or points < CHECKS.points[question] or odd == reply[part]
    assert math.isclose(CHECKS.judges[question](reply, 3)[0], CHECKS.points[question])

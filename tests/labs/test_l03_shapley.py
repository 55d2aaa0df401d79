from __future__ import annotations

import itertools
import json
import math
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from real_lab import marked, open_lab
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import train_test_split

from xaikit import games
from xaikit.course.labs._source import read_source

LAB, CHECKS, MODULE = open_lab("l03_shapley")
QUESTIONS = tuple(CHECKS.points)


@pytest.fixture(scope="module")
def source():
    return read_source(LAB)


def test_the_notebook_and_the_checks_know_the_same_friday(solved):
    coalitions = MODULE._rows(3)
    np.testing.assert_array_equal(solved["friday"](coalitions), MODULE.FRIDAY)
    assert solved["friday"].players == MODULE.MEMBERS
    assert solved["columns"] == MODULE.COLUMNS
    pd.testing.assert_frame_equal(solved["hours"], MODULE._hours())
    pd.testing.assert_series_equal(
        solved["evening"], solved["X"].loc[MODULE.EVENING], check_names=False
    )
    some = solved["X"][:500]
    np.testing.assert_array_equal(solved["model"].predict(some), MODULE._model().predict(some))


def test_what_the_prose_says_about_friday():
    by_hand = np.mean(list(MODULE._by_order(MODULE.FRIDAY)), axis=0)
    np.testing.assert_allclose(by_hand, [43, 22, 55], rtol=1e-12)
    np.testing.assert_allclose(MODULE._shapley(MODULE.FRIDAY), by_hand)
    nobody, *_, all_three = MODULE.FRIDAY
    assert (nobody, all_three, all_three - nobody) == (12, 132, 120)
    assert MODULE.FRIDAY[0b011] == 60  # without the voice
    assert MODULE.FRIDAY[0b110] == 72  # without the violin
    assert all_three - MODULE.FRIDAY[0b011] == 72  # the voice, last
    assert all_three - MODULE.FRIDAY[0b110] == 60  # the violin, last


def test_what_the_prose_says_about_the_morning(solved):
    X, hired, table = solved["X"], solved["hired"], solved["bikes"].X
    assert solved["hours"].index.is_unique
    assert len(solved["hours"]) == 400
    for name, hour in (("morning", 8), ("evening", 20)):
        row = table.loc[solved[name].name]
        assert row[["year", "month", "weekday", "hour", "workingday"]].tolist() == [
            *(2012, 9, 4, hour, 1),
        ]
    # Each day begins where the hour falls; the first is 1 January 2011.
    days = (table["hour"].diff() < 0).cumsum()
    day = pd.Timestamp("2011-01-01") + pd.Timedelta(days=int(days[14787]))
    assert (day, day.day_name()) == (pd.Timestamp("2012-09-13"), "Thursday")
    usual, predicted = solved["predicted_bikes"]
    assert (round(predicted), hired[14787]) == (640, 758)
    assert round(predicted - usual) == 451
    assert X.loc[14787, "feel_temp"] == 19
    assert hired[X["year"] == 2012].mean() > 1.5 * hired[X["year"] == 2011].mean()
    share = dict(zip(MODULE.COLUMNS, solved["explanation"].values[0], strict=True))
    assert share["hour"] > 0.6 * 451
    assert round(share["workingday"]) == 73
    assert round(share["year"]) == 75
    assert round(share["feel_temp"]) == 17


def test_the_learners_functions_give_what_explain_gives(solved):
    values = solved["shapley"](solved["morning_game"], 6)
    np.testing.assert_allclose(values, solved["explanation"].values[0], atol=1e-9)


def test_a_temperature_is_superfluous_and_paid_for_ten_splits(solved):
    """What the text says of one split holds for ten; and the pair is needed."""
    X, hired, columns = solved["X"], solved["hired"], MODULE.COLUMNS
    errors = solved["errors"]
    assert abs(errors["feel_temp"] - errors["nothing"]) < 1
    assert round(errors["nothing"]) == 47
    assert round(errors["both"]) == 63
    for seed in range(10):
        learn, unseen = train_test_split(X.index, random_state=seed)

        def error(out, learn=learn, unseen=unseen):
            used = [c for c in columns if c not in out]
            model = solved["fit"](X.loc[learn, used], hired[learn])
            return np.abs(model.predict(X.loc[unseen, used]) - hired[unseen]).mean()

        assert abs(error({"feel_temp"}) - error(set())) < 1
        assert error({"temp", "feel_temp"}) - error(set()) > 12


def test_what_the_prose_says_about_the_colleagues(solved):
    verdicts = solved["verdicts"]
    assert verdicts == {"Ada": {"dummy"}, "Ben": {"efficiency"}, "Cleo": set(), "Dora": set()}
    table, game = solved["colleagues"], solved["recent"]
    nobody, everybody = game(np.array([[False] * 6, [True] * 6]))
    assert round(table["Ben"].sum() - (everybody - nobody)) == 161
    assert table.loc["workingday", ["Cleo", "Dora"]].round().tolist() == [156, -3]
    # Both follow an order: Cleo from the top of the list, Dora from its bottom.
    values = game(MODULE._rows(6))
    orders = list(MODULE._by_order(values))
    np.testing.assert_allclose(table["Cleo"], orders[0], atol=1e-9)
    np.testing.assert_allclose(table["Dora"], orders[-1], atol=1e-9)
    alike = [
        np.allclose(MODULE._rows(6)[:, i], MODULE._rows(6)[:, j])
        or np.allclose(*_with_either(values, i, j))
        for i, j in itertools.combinations(range(6), 2)
    ]
    assert not any(alike)


def _with_either(values, i, j):
    neither = np.array([k for k in range(len(values)) if not k & (2**i | 2**j)])
    return values[neither | 2**i], values[neither | 2**j]


def test_what_the_prose_says_about_the_two_clouds(solved):
    values = solved["morning_game"](MODULE._rows(6))
    added = MODULE._added(values, 1)
    known = np.array([k & 1 for k in range(64) if not k & 2], dtype=bool)
    assert (len(added), known.sum()) == (32, 16)
    assert round(added[~known].max()) == 4
    assert round(added[known].min()) == 117
    assert round(added[known].max()) == 163
    assert np.abs(added - MODULE._shapley(values)[1]).min() > 40


def test_what_the_discussion_says(solved):
    X, hired, table = solved["X"], solved["hired"], solved["bikes"].X
    free = X.loc[[14787]].assign(workingday=0)
    before, after = solved["model"].predict(pd.concat([X.loc[[14787]], free]))
    assert (round(after), round(before), round(before - after)) == (145, 640, 495)
    free_mornings = X[(X["hour"] == 8) & (X["workingday"] == 0)]
    against = solved["shapley"](solved["game_of"](solved["morning"], free_mornings), 6)
    assert round(against[1]) == 426
    assert 0.6 < solved["hours"]["workingday"].mean() < 0.72
    at_eight = hired[(table["hour"] == 8) & (table["year"] == 2012)]
    by_day = at_eight.groupby(table["workingday"]).mean().round()
    assert by_day.tolist() == [135, 605]
    assert hired.groupby(table["workingday"]).mean().round().tolist() == [181, 193]


@pytest.mark.slow
def test_the_two_clouds_are_there_in_twenty_other_models(solved):
    X, hired = solved["X"], solved["hired"]
    row = X.loc[14787].to_numpy(dtype=float)
    known = np.array([k & 1 for k in range(64) if not k & 2], dtype=bool)
    shares = []
    for seed in range(10):
        rows = X.drop(14787).sample(frac=0.75, random_state=seed)
        background = X.sample(400, random_state=seed).to_numpy(dtype=float)
        boosting = HistGradientBoostingRegressor(random_state=seed)
        for model in (
            solved["fit"](rows, hired[rows.index]),
            boosting.fit(rows, hired[rows.index]),
        ):

            def predict(mixed, model=model):
                return model.predict(pd.DataFrame(mixed, columns=MODULE.COLUMNS))

            values = np.array(MODULE._values(predict, row, background))
            added = MODULE._added(values, 1)
            assert added[known].min() > added[~known].max() + 70
            shares.append(MODULE._shapley(values)[1])
    assert (round(min(shares)), round(max(shares))) == (69, 87)


def test_eight_in_the_evening_has_two_backgrounds(solved):
    everybody = tuple(sorted(solved["hours"].index))
    rush = solved["hours"]["hour"].isin([17, 18])
    chosen = tuple(sorted(solved["hours"].index[rush]))
    for label in {MODULE.EVENING, *itertools.chain(*MODULE._candidates())}:
        assert MODULE._hour_adds(label, everybody) > 20
        assert MODULE._hour_adds(label, chosen) < -100


def test_the_truth_of_the_judges_is_the_mean_over_orders():
    """Another way to the same values than the library that the judge uses."""
    for v in MODULE._tables(5):
        n = len(v).bit_length() - 1
        values = np.zeros(n)
        for order in itertools.permutations(range(n)):
            present = 0
            for player in order:
                values[player] += v[present | 1 << player] - v[present]
                present |= 1 << player
        right = values / math.factorial(n)
        np.testing.assert_allclose(
            MODULE._shapley(v), right, rtol=1e-9, atol=1e-12 * np.abs(right).max()
        )


def test_one_of_the_games_has_additions_that_cancel():
    undone = MODULE._tables(5)[5]
    assert sorted(MODULE._added(undone, 0)) == [-3, -1, 1, 3]
    assert abs(MODULE._shapley(undone)[0]) < 1e-12


def _is_broken(v, shares):
    """The axioms that the shares break, by how much of the largest value."""
    n, size = MODULE._size(v), np.abs(v).max()
    off = dict.fromkeys(MODULE.AXIOMS, 0.0)
    off["efficiency"] = abs(shares.sum() - v[-1] + v[0]) / size
    for i in range(n):
        if np.abs(MODULE._added(v, i)).max() < 1e-9 * size:
            off["dummy"] = max(off["dummy"], abs(shares[i]) / size)
        for j in range(i):
            one, other = _with_either(v, i, j)
            if np.abs(one - other).max() < 1e-9 * size:
                off["symmetry"] = max(off["symmetry"], abs(shares[i] - shares[j]) / size)
    return off


def test_the_tables_to_audit_break_what_is_said():
    """By the margins that the text states, for many seeds."""
    for seed in range(60):
        for v, shares, broken, _ in MODULE._audit_tables(seed):
            for name, off in _is_broken(v, shares).items():
                assert (off > 0.01) if name in broken else (off < 1e-6), (seed, name, off)


def by_orders(game, n_players):
    values = np.zeros(n_players)
    for order in itertools.permutations(range(n_players)):
        for place, player in enumerate(order):
            rows = np.zeros((2, n_players), dtype=bool)
            rows[:, list(order[:place])] = True
            rows[1, player] = True
            before, after = game(rows)
            values[player] += after - before
    return list(values / math.factorial(n_players))


def committee(coalitions):
    return [float(row.sum() >= 2) for row in coalitions]


def best_of(coalitions):
    return (coalitions * [2, 3, 1]).max(axis=1)


def any_as_words_of_numpy(coalitions):
    return np.logical_or.reduce(coalitions, axis=1)


def busiest(hours, row):
    return hours.assign(predicted=0).loc[hours["hour"].between(16, 18)].drop(columns="predicted")


def renumbered(hours, row):
    return hours[hours["hour"] == 17].reset_index(drop=True)


def labels(hours, row):
    return hours.index[hours["hour"] == 18]


def places(hours, row):
    return (hours["hour"] == 17) | (hours["hour"] == 18)


def by_hand_of_plot(ax, game, n_players, player):
    for others in itertools.product([False, True], repeat=n_players - 1):
        row = np.insert(np.array(others), player, False)
        joined = row.copy()
        joined[player] = True
        before, after = game(np.array([row, joined]))
        ax.plot(sum(others), after - before, marker="s", color="k")
    level = games.shapley_values(game, n_players)[player]
    ax.plot([0, n_players - 1], [level, level], "--")
    ax.set_xlabel("known")
    ax.set_ylabel("added")


def by_hlines(ax, game, n_players, player):
    by_hand_of_plot(ax, game, n_players, player)
    level = ax.lines[-1].get_ydata()[0]
    ax.lines[-1].remove()
    ax.hlines(level, 0, 3)
    ax.axvline(0)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("q1", {"settled": {"voice": 55.0, "drum": 22, "violin": np.float64(43)}}),
        ("q2", {"shapley": by_orders}),
        ("q4", {"spare": committee}),
        ("q4", {"spare": best_of}),
        ("q4", {"spare": any_as_words_of_numpy}),
        ("q6", {"choose_background": busiest}),
        ("q6", {"choose_background": renumbered}),
        ("q6", {"choose_background": labels}),
        ("q6", {"choose_background": places}),
        ("q8", {"draw": by_hand_of_plot}),
        ("q8", {"draw": by_hlines}),
    ],
)
def test_other_right_answers_are_right_too(solved, question, answer):
    outcome = marked(CHECKS, solved, question, **answer)
    assert outcome.status == "correct", outcome


def test_an_audit_may_return_a_list_and_measure_in_its_own_way(solved):
    def audit(game, n_players, shares):
        v = game(MODULE._rows(n_players))
        off = _is_broken(v, np.asarray(shares))
        return sorted((name for name in off if off[name] > 1e-6), reverse=True)

    assert marked(CHECKS, solved, "q7", audit=audit).status == "correct"


def nothing(*arguments):
    pass


def text(*arguments):
    return "0.5"


def not_a_number(*arguments):
    return np.array([math.nan, 1.0, 2.0])


ODD = [
    ("q2", "shapley", nothing, "end with a `return`"),
    ("q2", "shapley", text, "no number"),
    ("q2", "shapley", not_a_number, "division by 0"),
    ("q2", "shapley", lambda game, n: np.zeros((n, 2)), "The shape is (1, 2) and should be (1,)"),
    ("q4", "spare", nothing, "end with a `return`"),
    ("q4", "spare", text, "no number"),
    ("q4", "spare", lambda c: np.full(len(c), math.nan), "division by 0"),
    ("q4", "spare", lambda c: np.zeros((2, 2)), "The shape is (2, 2) and should be (8,)"),
    ("q5", "model_game", nothing, "no `return`"),
    ("q5", "model_game", lambda *a: nothing, "no `return`"),
    ("q5", "model_game", lambda *a: lambda c: np.full(len(c), math.nan), "division by 0"),
    ("q5", "model_game", lambda *a: lambda c: [1, 2], "The shape is (2,) and should be (8,)"),
    ("q6", "choose_background", nothing, "end with a `return`"),
    ("q6", "choose_background", lambda hours, row: row, "stopped"),
    ("q6", "choose_background", lambda hours, row: hours.head(0), "fits nothing"),
    ("q6", "choose_background", lambda hours, row: hours[["hour"]], "all six columns"),
    ("q7", "audit", nothing, "Nothing came back"),
    ("q7", "audit", lambda *a: {"fairness"}, "The names are"),
    ("q7", "audit", lambda *a: 3, "Return a set"),
    ("q8", "draw", nothing, "Nothing is drawn"),
]


@pytest.mark.parametrize(("question", "name", "answer", "words"), ODD)
def test_an_odd_answer_is_told_what_is_odd(solved, question, name, answer, words):
    outcome = marked(CHECKS, solved, question, **{name: answer})
    assert outcome.points == 0
    assert words in repr(outcome)


def test_what_is_drawn_elsewhere_is_not_seen(solved):
    def draw(ax, game, n_players, player):
        plt.scatter([1, 2], [3, 4])
        plt.close()

    assert "Nothing is drawn on `ax`" in repr(marked(CHECKS, solved, "q8", draw=draw))


def test_a_right_line_with_wrong_dots_earns_half(solved):
    def draw(ax, game, n_players, player):
        solved["draw"](ax, game, n_players, player)
        ax.collections[0].remove()
        ax.scatter([0, 1], [2, 3])

    outcome = marked(CHECKS, solved, "q8", draw=draw)
    assert outcome.points == 1
    assert "The line is right" in outcome.message


@pytest.mark.parametrize("question", ["q2", "q4", "q5", "q6", "q7", "q8"])
def test_each_function_question_shows_a_case(solved, question):
    outcome = marked(CHECKS, solved, question)
    assert outcome.code.startswith("For example, ")
    assert "expected" in outcome.code


def test_the_small_cases_are_right():
    np.testing.assert_allclose(games.shapley_values(games.glove()), [1 / 6, 1 / 6, 2 / 3])
    rows, row = np.array([[1.0, 5.0], [3.0, 1.0]]), np.array([2.0, 4.0])
    assert MODULE._values(MODULE._area, row, rows) == [4, 6, 8, 8]
    v = games.glove()(MODULE._rows(3))
    assert MODULE._dots_of(v, 3, 2).tolist() == [[0, 0], [1, 1], [1, 1], [2, 1]]
    off = _is_broken(v, np.array([0.5, 0.0, 0.5]))
    assert [name for name in off if off[name] > 1e-6] == ["symmetry"]


def test_the_case_of_question_5_is_the_one_in_the_text(solved):
    game = solved["model_game"](solved["area"], solved["one_row"], solved["two_rows"])
    assert game(MODULE._rows(2)).tolist() == [4, 6, 8, 8]


@pytest.mark.parametrize("question", ["q2", "q5", "q7", "q8"])
def test_a_reply_made_for_one_seed_is_worth_nothing_for_another(solved, question):
    """A forged reply would have to hold right answers to inputs it has never seen."""
    reply = json.loads(json.dumps(CHECKS.probes[question](solved, 3)))
    assert CHECKS.judges[question](reply, 3)[0] == CHECKS.points[question]
    assert {CHECKS.judges[question](reply, seed)[0] for seed in range(100, 110)} == {0}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=12), inner, max_size=6)
    ),
    max_leaves=30,
)


@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=60, deadline=None)
@given(reply=JSON, seed=st.integers(0, 50))
def test_a_judge_takes_whatever_comes(question, reply, seed):
    points, hint, *_ = CHECKS.judges[question](reply, seed)
    assert 0 <= points < CHECKS.points[question]
    assert hint


@settings(max_examples=60, deadline=None)
@given(
    question=st.sampled_from(QUESTIONS),
    place=st.integers(0, 7),
    odd=st.sampled_from([None, "x", math.nan, math.inf, -1e300, 10**400, [], {}, [[1], [2]]]),
)
def test_a_judge_takes_a_right_reply_with_one_odd_part(solved, question, place, odd):
    reply = json.loads(json.dumps(CHECKS.probes[question](solved, 3)))
    # What the small case returned is shown, and not judged.
    first = question in ("q2", "q6", "q7", "q8")
    places = sorted({*reply} - {"small"}) if isinstance(reply, dict) else range(first, len(reply))
    chosen = places[place % len(places)]
    assume(json.dumps(odd) != json.dumps(reply[chosen]))  # [] is right for a fair table
    reply[chosen] = odd
    points, hint, *_ = CHECKS.judges[question](reply, 3)
    assert 0 <= points < CHECKS.points[question]
    assert hint


def test_the_learners_notebook_holds_no_answer(source):
    shown = (LAB / "lab.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in shown
    assert "mutant" not in shown
    assert shown.count("NotImplementedError") == 6
    for mutant in source.mutants:
        assert mutant.source not in shown
    for answer in source.answers.values():
        assert json.dumps(answer.solved)[1:-1] not in shown
        assert not any(hint in shown for hint in answer.hints)
    # The shares of Friday stand in no other place either.
    cells = ["".join(cell["source"]) for cell in json.loads(shown)["cells"]]
    for share in (43, 22, 55):
        assert not any(re.search(rf"\b{share}\b", cell) for cell in cells)

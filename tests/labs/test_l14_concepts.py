"""The lab on concepts: its numbers, other right answers, and what wrong ones are told."""

from __future__ import annotations

import numpy as np
import pytest
from real_lab import marked, open_lab
from sklearn.linear_model import LinearRegression, orthogonal_mp

from xaikit.course.labs._mark import mark

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l14_concepts")
NAMES = ("concept_vector", "derivatives", "tested", "bet", "choose", "fault", "sparse_code", "draw")


def test_random_directions_score_all_or_none_in_a_linear_head(solved):
    assert set(solved["shown"].index) == {0.0, 1.0}


def test_the_own_derivative_is_the_exact_one_on_the_network(solved):
    W, b, rows, v = solved["W"], solved["b"], solved["rows"], solved["v_bar"]
    z = rows @ W + b
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    exact = W[:, 7] @ v - p @ (v @ W)
    got = solved["derivatives"](solved["seven"], rows, v)
    assert got == pytest.approx(exact, abs=1e-6)


def test_the_layer_and_the_head_make_the_network(solved):
    some = solved["sevens"][:5]
    exact = np.log(solved["reader"].predict(some[..., None], verbose=0)[:, 7])
    assert solved["seven"](solved["layer"](some)) == pytest.approx(exact, abs=1e-4)


def test_the_own_vector_separates_new_images(solved):
    v, middle = solved["v_bar"], solved["middle"]
    with_bar = solved["layer"](solved["bar"](solved["fresh"])) @ v > middle
    assert len(with_bar) == 900
    assert with_bar.mean() > 0.9
    assert (solved["fresh_rows"] @ v < middle).mean() == pytest.approx(0.75, abs=0.04)


def test_the_prose_says_what_chance_can_do(solved):
    bar, chance = solved["table"].loc["bar"], solved["chance"]
    assert (bar["score"], len(solved["sevens"]), (solved["slopes"] > 0).sum()) == (0, 105, 0)
    assert np.isin(chance, [0, 1]).sum() == 15
    assert bar["p"] == pytest.approx(4 * 16 / 101)
    assert (solved["table"]["p"] > 0.5).all()


def test_the_chosen_examples_shift_the_balance_and_do_not_purify(solved):
    found = solved["found"]
    assert len(solved["rest"]) == 895
    first = found[found["examples"] == "the first 100"].reset_index()
    chosen = found[found["examples"] == "chosen"].reset_index()
    assert len(first) == len(chosen) == 10
    assert (first["line"] > 2 * first["bar"].abs()).all()

    def share(rows):
        return rows["bar"] / (rows["bar"].abs() + rows["line"].abs())

    assert (share(chosen) > share(first)).all()
    assert (chosen["line"] > chosen["bar"]).sum() == 5


def test_each_firm_hides_what_the_text_says(solved):
    seen = solved["verdicts"]
    assert list(seen["verdict"]) == ["stand-in", "none", "leak"]
    plain, barred = seen.loc["firm C"].iloc[1:]
    assert plain > 0.25
    assert barred == pytest.approx(0.95, abs=0.01)
    numbers = solved["machines"]["firm C"][0](solved["fresh"][:300])
    assert (numbers.min(), numbers.max()) == (0, pytest.approx(0.9, abs=0.01))


def test_the_mean_shift_is_read_correctly_and_single_images_often_not(solved):
    read, ideas = solved["read"], list(solved["ideas"])
    for drawn, row in read.iterrows():
        assert {name for name in ideas if row[name] > 0} == set(drawn.split(" and "))
    assert len(read) == 5
    assert read["images read right"].between(0.48, 0.67).all()


def test_the_scores_do_not_tell_how_far_a_change_goes(solved):
    table = solved["table"]
    assert table.loc["thick", "score"] < 0.05
    assert abs(table.loc["thick", "drawn"]) < 0.05
    assert table.loc["bar", "drawn"] == pytest.approx(-3.06, abs=0.05)
    assert table.loc["line", "score"] == pytest.approx(0.7, abs=0.05)
    assert table.loc["line", "drawn"] == pytest.approx(-13.2, abs=0.5)
    assert table.loc["bar", "steered"] / table.loc["bar", "drawn"] == pytest.approx(0.1, abs=0.02)


def test_other_right_answers_pass(solved):
    def by_sklearn(shown, others):
        X, y = np.vstack([shown, others]), np.repeat([1, 0], [len(shown), len(others)])
        w = LinearRegression().fit(X / np.abs(X).max(), y).coef_
        return w / np.linalg.norm(w)

    def with_ones(shown, others):
        X = np.vstack([shown, others])
        y = np.repeat([1.0, -1.0], [len(shown), len(others)])
        A = np.column_stack([X / np.abs(X).max(), np.ones(len(X))])
        w = np.linalg.lstsq(A, y, rcond=None)[0][:-1]
        return w / np.linalg.norm(w)

    def forwards(head, rows, v):
        step = 1e-5 * np.abs(rows).max() * v / np.linalg.norm(v)
        slopes = [(head(r[None] + step) - head(r[None]))[0] for r in rows]
        return np.array(slopes) / np.linalg.norm(step)

    def counted(own, random, looked):
        def score(d):
            return sum(1 if x > 0 else 0.5 if x == 0 else 0 for x in d) / len(d)

        far = abs(score(own) - 0.5)
        hits = sum(abs(score(d) - 0.5) >= far for d in random)
        return score(own), min(1, looked * (hits + 1) / (len(random) + 1))

    def last(concept, other, n):
        return len(concept) - 1 - solved["choose"](concept[::-1], other[::-1], n)

    def uneven(concept, other, n):
        """One in each half with the other thing, or without it where that is the rarer."""
        few = [[1, n // 2 - 1], [n // 2 - 1, 1]]
        for sizes in few:
            taken = [
                np.flatnonzero((concept == a) & (other == b))[: sizes[b]]
                for a in (0, 1)
                for b in (0, 1)
            ]
            if sum(map(len, taken)) == n:
                return np.concatenate(taken)
        return solved["choose"](concept, other, n)

    def one_by_one(look, answer, plain, barred):
        pairs = list(zip(look(plain), look(barred), strict=True))
        if not any(abs(a - b) > 0.01 for a, b in pairs):
            return "stand-in"
        for number in np.ravel(pairs):
            word = np.array([1.0 if number >= 0.5 else 0.0])
            if abs(answer(np.array([number]))[0] - answer(word)[0]) > 0.1:
                return "leak"
        return "none"

    def standing(ax, names, scores, random):
        low, high = np.percentile(random, [2.5, 97.5], axis=0)
        ax.bar(names, scores)
        ax.vlines(range(len(names)), low, high)
        ax.set_ylabel("score")

    def barred(ax, names, scores, random):
        ends = np.percentile(random, [2.5, 97.5], axis=0)
        ax.scatter(scores, names)
        middle = ends.mean(axis=0)
        ax.errorbar(middle, names, xerr=(ends[1] - ends[0]) / 2, fmt="none")
        ax.set_xlabel("score")

    answers = [
        ("q1", by_sklearn), ("q1", with_ones), ("q2", forwards), ("q3", counted), ("q5", last),
        ("q5", uneven), ("q6", one_by_one), ("q8", standing), ("q8", barred),
    ]  # fmt: skip
    for question, answer in answers:
        name = NAMES[int(question[1]) - 1]
        outcome = marked(CHECKS, solved, question, **{name: answer})
        assert outcome.status == "correct", (answer.__name__, outcome)


@pytest.mark.parametrize("reply", [None, "0.5", np.nan, np.zeros(41)])
def test_an_answer_that_tells_nothing_is_worth_nothing(solved, reply):
    for question, name in zip(CHECKS.points, NAMES, strict=True):
        given = reply if name == "bet" else lambda *_: reply
        outcome = marked(CHECKS, solved, question, **{name: given})
        assert (outcome.points, bool(outcome.message)) == (0, True)
        assert reply is not None or name in ("bet", "draw") or "return" in outcome.message


@pytest.mark.parametrize("word", ["none", "leak", "stand-in"])
def test_one_word_for_every_machine_earns_nothing(solved, word):
    outcome = marked(CHECKS, solved, "q6", fault=lambda *_: word)
    assert (outcome.points, "of 12 machines" in outcome.message) == (0, True)


@pytest.mark.parametrize("question", list(CHECKS.points))
def test_chance_decides_nothing(solved, question):
    points = {mark(CHECKS, question, solved, seed).points for seed in range(60)}
    assert points == {CHECKS.points[question]}


@pytest.mark.parametrize("seed", range(20))
def test_a_derivative_keeps_its_sign_for_every_seed(solved, seed):
    def unsigned(*case):
        return np.abs(solved["derivatives"](*case))

    outcome = mark(CHECKS, "q2", {**solved, "derivatives": unsigned}, seed)
    assert (outcome.points, "Keep the signs" in outcome.message) == (0, True)


@pytest.mark.parametrize("question", ["q1", "q2", "q3", "q6", "q7"])
def test_the_small_case_can_be_run_as_it_stands(solved, question):
    code = mark(CHECKS, question, solved, 3).code
    call, _, expected = code.removeprefix("For example, ").splitlines()
    found, told = eval(call, dict(solved)), eval(expected.removeprefix("  expected  "))
    assert found == told if isinstance(told, str) else np.allclose(found, told)


def test_the_pursuit_is_the_learner_s_own(solved):
    def called(row, dictionary, steps):
        return orthogonal_mp(dictionary.T, row, n_nonzero_coefs=1)

    outcome = marked(CHECKS, solved, "q7", sparse_code=called)
    assert (outcome.points, "write that yourself" in outcome.message) == (0, True)


def test_a_pursuit_with_orthogonal_features_is_the_dot_product(solved):
    row, dictionary = np.array([3.0, 0, 4, 1]), np.eye(4)
    assert solved["sparse_code"](row, dictionary, 3) == pytest.approx(row)
    assert solved["sparse_code"](row, dictionary, 1) == pytest.approx([0, 0, 4, 0])

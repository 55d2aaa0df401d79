from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from real_lab import open_lab
from scipy.linalg import null_space
from scipy.optimize import linprog

from xaikit import attention
from xaikit.course.labs._mark import mark
from xaikit.course.labs._source import read_answers, read_source
from xaikit.course.labs._verify import _run

LAB, CHECKS, MODULE = open_lab("l07_attention")
SEEDS = range(60)


def got(question, **names):
    return mark(CHECKS, question, names, 3)


def test_the_rollout_is_that_of_xaikit():
    for seed in range(5):
        for weights, residual in MODULE._layers(seed):
            theirs = attention.rollout(weights[None], residual=residual)[0]
            np.testing.assert_allclose(MODULE._rolled(weights, residual), theirs, atol=1e-12)


def test_the_small_head_by_hand():
    weights = next(MODULE._ways_to_attend(*MODULE._SMALL_HEAD))[1]
    np.testing.assert_allclose(weights, [[0.75, 0.25, 0], [0.5, 0.5, 0], [0.75, 0.25, 0]])
    np.testing.assert_allclose(weights @ MODULE._SMALL_HEAD[2], [[3], [2], [3]])


def test_the_numbers_that_the_prose_asks_for():
    truth = {name: value for name, (value, _) in MODULE._NUMBERS.items()}
    uniform = np.full((1, 2, 1, 2, 2), 0.5)
    weights = np.array([[0.3, 0.5, 0.2]])
    found = [
        MODULE._softmax(np.array([[0.0, 0, 0, 0, -np.inf]]))[0, 0],
        MODULE._softmax(np.log(weights) + 7)[0, 0],
        MODULE._softmax(2 * np.log([[0.8, 0.2]]))[0, 0],
        attention.rollout(uniform, residual=0.5)[0, 0, 0],
        0.9 * 0,
        MODULE._softmax(np.zeros((1, 12)))[0, [0, -1]].sum(),
    ]
    assert found == pytest.approx(list(truth.values()))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_tells_wrong_ways_from_the_right_one(seed):
    heads, layers = list(MODULE._heads(seed)), list(MODULE._layers(seed))
    right, *wrong = (way for _, way in MODULE._ways_to_attend(*heads[1]))
    assert all(np.abs(way - right).max() > 1e-3 for way in wrong)
    right, *wrong = (way for _, way in MODULE._ways_to_roll(*layers[1]))
    assert all(np.abs(way - right).max() > 1e-3 for way in wrong)
    right, *wrong = (way for _, way in MODULE._ways_to_delete(MODULE._sorter(seed, 1.0)))
    assert all(np.abs(way - right).max() > 1e-2 for way in wrong)
    assert right.min() < -0.1
    assert right.max() > 0.1
    sentences = MODULE._sentences(seed)
    right = MODULE._read_twins(*sentences)
    for _, how in MODULE._TWIN_FAULTS:
        assert np.abs(MODULE._read_twins(*sentences, **how) - right).max() > 1e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_every_seed_leaves_room_for_another_pattern(seed):
    # Whichever change is taken to the edge: it leads farther than the text asks for.
    for weights, V, pinned in MODULE._patterns(seed):
        changes = null_space(np.column_stack([V, np.ones(len(V))]).T).T
        assert (len(changes) == 0) == pinned
        assert weights.sum() == pytest.approx(1)
        for change in [*changes, *-changes]:
            falls = change < -1e-12
            step = (weights[falls] / -change[falls]).min()
            assert step * np.abs(change).sum() / 2 > 0.11


def by_programming(weights, V):
    """Push each weight as far as it goes, by a linear program."""
    V = V / np.abs(V).max()
    rows = np.column_stack([V, np.ones(len(V))]).T
    found = [
        linprog(sign * one, A_eq=rows, b_eq=rows @ weights, bounds=(0, None), method="highs").x
        for sign in (1, -1)
        for one in np.eye(len(V))
    ]
    far = max(found, key=lambda other: np.abs(other - weights).sum())
    return far if np.abs(far - weights).sum() > 1e-6 else None


def by_loops(maps, tokens):
    same, others = [], []
    for one, text in zip(maps, tokens, strict=True):
        words = [i for i, token in enumerate(text) if token.isalpha()]
        pairs = [(q, k) for q in words for k in words if q != k and text[q] == text[k]]
        places = {k for _, k in pairs}
        rest = [(q, k) for q in words for k in places if text[q] != text[k]]
        if pairs:
            same.append(np.mean([one[..., q, k] for q, k in pairs], axis=0))
            others.append(np.mean([one[..., q, k] for q, k in rest], axis=0))
    return [np.mean(same, axis=0), np.mean(others, axis=0)]


def lying(top, bottom, words, attention, effects):
    for ax, sizes in ((top, 100 * attention), (bottom, 100 * effects)):
        for i, size in enumerate(sizes):
            ax.barh(i, size, color="red" if size < 0 else "blue")
        ax.set_xlabel("percent")
        ax.invert_yaxis()
    top.set_yticks(range(len(words)), words)


def with_texts(top, bottom, words, attention, effects):
    bottom.sharex(top)
    top.bar(range(len(words)), attention)
    bottom.bar(range(len(words)), effects)
    for i, word in enumerate(words):
        top.text(i, 0, word, rotation=90)
    top.set_ylabel("attention")
    bottom.set_ylabel("effect")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("q5", {"draw": lying}),
        ("q5", {"draw": with_texts}),
        ("q6", {"another": by_programming}),
        ("q7", {"twins": by_loops}),
        ("q8", {"report": {name: f" {r.title()} " for name, (r, _) in MODULE._REPORT.items()}}),
    ],
)
def test_other_ways_are_right_as_well(question, names):
    outcome = got(question, **names)
    assert outcome.status == "correct", outcome


def both_in_one(top, bottom, words, attention, effects):
    top.bar(range(5), attention)
    top.bar(range(5), effects)


def as_lines(top, bottom, words, attention, effects):
    top.plot(attention)
    bottom.plot(effects)


def limits_apart(top, bottom, words, attention, effects):
    top.bar(range(5), attention)
    bottom.bar(range(5), effects)
    bottom.set_xlim(-5, 20)


@pytest.mark.parametrize(
    ("question", "names", "said"),
    [
        ("q1", {"attend": lambda Q, K, V, real: None}, "Nothing came back"),
        ("q1", {"attend": lambda Q, K, V, real: Q @ K.T}, "two arrays"),
        ("q1", {"attend": lambda Q, K, V, real: (V, V)}, "shape"),
        ("q1", {"attend": lambda Q, K, V, real: (np.nan * Q @ K.T, V)}, "finite"),
        ("q2", {"predicted": [0.25] * 6}, "dictionary"),
        ("q3", {"rollout": lambda maps, share: None}, "Nothing came back"),
        ("q3", {"rollout": lambda maps, share: maps[0, 0, 0]}, "shape"),
        ("q4", {"effect": lambda predict, words, places: None}, "Nothing came back"),
        ("q4", {"effect": lambda predict, words, places: np.nan}, "finite"),
        ("q4", {"effect": lambda predict, words, places: predict("text")}, "list of texts"),
        ("q5", {"draw": lambda *given: None}, "no bars"),
        ("q5", {"draw": both_in_one}, "10 bars"),
        ("q5", {"draw": as_lines}, "no bars"),
        ("q5", {"draw": limits_apart}, "same place"),
        ("q6", {"another": lambda weights, V: None}, "Nothing came back"),
        ("q6", {"another": lambda weights, V: weights[1:]}, "shape"),
        ("q6", {"another": lambda weights, V: np.full(len(V), 1 / len(V))}, "output is another"),
        ("q7", {"twins": lambda maps, tokens: None}, "Nothing came back"),
        ("q7", {"twins": lambda maps, tokens: np.zeros((2, 3))}, "shape"),
        ("q8", {"report": {"a": "use"}}, "look at b"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(question, names, said):
    outcome = got(question, **names)
    assert outcome.points == 0
    assert said in outcome.message


def test_the_colleague_has_three_faults_that_one_layer_of_one_head_hides():
    names = {"np": np}
    cell = next(c.source for c in read_source(LAB).cells if "def colleagues_rollout" in c.source)
    exec(cell, names)
    theirs = names["colleagues_rollout"]
    for maps, share in MODULE._layers(3):
        one = maps[:1, :1]
        np.testing.assert_allclose(theirs(one, share), MODULE._rolled(one, share))
    assert "3 are still there" in got("q3", rollout=theirs).message


def test_guessing_the_report_earns_nothing():
    for reason in MODULE.REASONS:
        assert CHECKS.judges["q8"](dict.fromkeys("abcdefg", reason), 3)[0] == 0
    guesses = np.random.default_rng(0).choice(MODULE.REASONS, size=(2000, 7))
    earned = [
        CHECKS.judges["q8"](dict(zip("abcdefg", map(str, guess), strict=True)), 3)[0]
        for guess in guesses
    ]
    assert np.mean(earned) < 0.02 * CHECKS.points["q8"]


@pytest.fixture(scope="module")
def notebook():
    """The names that the solved notebook leaves."""
    source = read_source(LAB)
    return _run(LAB, source, {q: answer.solved for q, answer in read_answers(LAB).items()})


@pytest.mark.slow
def test_the_reader_s_sentence_is_as_the_prose_tells(notebook):
    received, pieces = notebook["received"], np.array(notebook["pieces"])
    assert notebook["hers"] == "Bad company. Bad movie. Just plain bad."
    assert np.abs(notebook["yours"] - notebook["maps"][0, 2]).max() < 1e-5
    is_word = np.array([piece.isalpha() for piece in pieces])
    assert received[0] > 0.5
    assert list(pieces[np.argsort(-received * is_word)[:2]]) == ["movie", "company"]
    rolled = notebook["rolled"]
    assert rolled[0] > received[0]
    assert set(pieces[np.argsort(-rolled * is_word)[:2]]) == {"movie", "company"}
    before, after = notebook["predict"]([notebook["hers"], "company. movie. Just plain"])
    assert before < 0.5 < after
    assert notebook["right"] > 0.8
    bad = notebook["one"][["Bad", "bad."]]
    assert len(bad) == 3
    assert bad.abs().max() < 0.02
    one = notebook["one"]
    assert one.abs().idxmax() == "movie."
    assert one["movie."] > 0.03
    assert -one["company."] > bad.abs().max()
    together, *next_ones = sorted(notebook["threes"].values())
    assert -together == pytest.approx(after - before)
    assert -together == pytest.approx(0.35, abs=0.01)
    assert len(next_ones) == 34
    assert np.abs(next_ones).max() < -together / 3
    assert len(list(combinations(notebook["words"], 3))) == 35


@pytest.mark.slow
def test_what_is_said_of_many_sentences_holds(notebook):
    hits = notebook["pd"].DataFrame(notebook["hits"]).mean()
    assert len(notebook["hits"]) == 60
    assert hits[["attention", "rollout", "longest word"]].between(0.15, 0.25).all()
    assert hits["word at random"] == pytest.approx(1 / 8, abs=0.01)
    lengths = [len(notebook["encoder"].tokens(text)) for text in notebook["films"].texts]
    assert np.mean(np.array(lengths) <= 33) == pytest.approx(0.7, abs=0.03)
    (n_short, *_, a), (_, _, _, b), (n_long, _, _, free), (_, _, largest, idle) = notebook["rows"]
    assert (n_short, n_long) == (20, 55)
    assert a == b == "pinned down"
    assert float(free) >= 0.1
    assert float(idle) < 0.01
    assert largest > 0.99


@pytest.mark.slow
def test_two_heads_wait_for_a_word_to_come_twice(notebook):
    assert notebook["maps"][2, 9, 1, 9] == pytest.approx(0.55, abs=0.01)
    assert len(notebook["forty"]) == 40
    table = notebook["pd"].DataFrame(notebook["table"], notebook["heads"])
    for shuffled in ("", ", shuffled"):
        twin, other = table[f"from twins{shuffled}"], table[f"by others{shuffled}"]
        assert set(twin.nlargest(2).index) == {(2, 2), (3, 10)}
        assert (twin / other)[[(2, 2), (3, 10)]].min() > 20
    assert table["from twins"][3, 10] == pytest.approx(0.19, abs=0.005)
    assert table["by others"][3, 10] == pytest.approx(0.002, abs=0.0005)


@pytest.mark.slow
def test_a_value_of_minilm_is_32_numbers(notebook):
    assert repr(notebook["encoder"]) == "SentenceEncoder(6 layers, 12 heads, vectors of 384)"
    assert [part.shape[1] for part in notebook["inside"]("Not bad.", 12)] == [384 // 12] * 3

"""The tools of judges: each near miss that they exist for is tried on them."""

from __future__ import annotations

import statistics
import sys
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from xaikit.course.labs._case import short
from xaikit.course.labs._discussion import count_words
from xaikit.course.labs._forms import FORMS, answered, reformed
from xaikit.course.labs._mark import Answers
from xaikit.labs import Case, NotAnswered, ask_both, ask_rows, numbers, plain, read_rows, without

ROWS = np.random.default_rng(0).normal(3, 2, size=(7, 2))
FRAME = pd.DataFrame(ROWS, columns=["a", "b"], index=list("tuvwxyz"))


def by_place(X):
    return np.arange(len(X)) % 2


def by_batch_mean(X):
    return np.asarray(X)[:, 0] - np.asarray(X)[:, 0].mean()


def by_any(X):
    return np.full(len(X), (np.asarray(X) > 4).any())


def only_the_whole(X):
    return np.asarray(X)[:7, 0]


@pytest.mark.parametrize("rows", [ROWS, FRAME], ids=["array", "frame"])
def test_a_function_of_rows_may_answer_whatever_it_likes_row_by_row(rows):
    reply = ask_rows(lambda X: np.asarray(X)[:, 0] ** 2, rows, seed=1)
    answer, fault = read_rows(reply, (7,))
    assert fault == ""
    np.testing.assert_allclose(answer, ROWS[:, 0] ** 2)


@pytest.mark.parametrize("rows", [ROWS, FRAME], ids=["array", "frame"])
@pytest.mark.parametrize("function", [by_place, by_batch_mean, by_any])
def test_what_hangs_on_the_other_rows_is_found(function, rows):
    _, fault = read_rows(ask_rows(function, rows, seed=1), (7,))
    assert "What a row gets must not depend on the rows beside it." in fault


def test_a_function_for_one_table_only_is_told_so():
    _, fault = read_rows(ask_rows(only_the_whole, ROWS, seed=1), (7,))
    assert fault == "Your function does not return one answer a row when every row is there twice."


def test_what_is_no_answer_a_row_is_none():
    assert read_rows(ask_rows(lambda X: "red", ROWS, seed=1), (7,)) == (None, "")
    assert read_rows("nothing", (7,)) == (None, "")


def test_each_row_may_have_several_numbers_and_single_precision_is_no_fault():
    weights = np.random.default_rng(1).normal(size=(2, 3)).astype(np.float32)
    reply = ask_rows(lambda X: X.astype(np.float32) @ weights, ROWS, seed=1)
    answer, fault = read_rows(reply, (7, 3))
    assert answer.shape == (7, 3)
    assert fault == ""


def test_the_learner_cannot_change_the_rows():
    def spoils(X):
        X[:, 0] = 0
        return X[:, 1]

    before = ROWS.copy()
    ask_rows(spoils, ROWS, seed=1)
    np.testing.assert_array_equal(ROWS, before)


def test_both_ways_round_show_a_lost_sign():
    assert ask_both(lambda a, b: max(a, b) - min(a, b), 2, 5) == [3, 3]
    assert ask_both(lambda a, b: a - b, 2, 5) == [-3, 3]


def test_a_forbidden_function_is_found_in_whatever_way_it_is_called():
    for own in (
        lambda x: statistics.mean(x),
        lambda x: next(map(statistics.mean, [x])),
        lambda x: np.vectorize(statistics.mean, signature="(n)->()")(np.array(x)),
    ):
        with pytest.raises(NotAnswered, match=r"calls `statistics\.mean`"):
            without(own, statistics.mean)([1, 2, 3])


def test_whoever_hides_the_call_in_a_try_is_found_too():
    def hides(x):
        try:
            return statistics.mean(x)
        except Exception:
            return 0

    with pytest.raises(NotAnswered, match="write that yourself"):
        without(hides, statistics.mean)([1, 2, 3])


def test_own_work_passes_and_the_profiler_is_as_it_was():
    before = sys.getprofile()
    assert without(lambda x: sum(x) / len(x), statistics.mean)([1, 2, 3]) == 2
    with pytest.raises(ZeroDivisionError):
        without(lambda x: 1 / 0, statistics.mean)([1])
    assert sys.getprofile() is before


PEEKS = {
    "a closure": "def f(explain):\n    return explain.__closure__[0].cell_contents",
    "a frame": "import sys\ndef f(x):\n    return sys._getframe(1).f_locals",
    "a helper": "def g(x):\n    return x.__code__\ndef f(x):\n    return g(x)",
    "an inner function": "def f(x):\n    def g():\n        return x.__closure__\n    return g()",
    "a helper of a lambda": "def g(x):\n    return x.f_back\nf = lambda x: (lambda: g(x))()",
    "the memory": "import gc\ndef f(x):\n    return gc.get_referents(x)",
}


@pytest.mark.parametrize("code", PEEKS.values(), ids=PEEKS)
def test_an_answer_that_looks_into_the_check_is_not_taken(code):
    names = {"__name__": "__main__"}
    exec(code, names)
    with pytest.raises(NotAnswered, match="looks into the check with"):
        Answers(names)["f"]


def test_an_answer_that_calls_libraries_is_taken():
    names = {"__name__": "__main__", "np": np}
    exec("def f(x):\n    return g(x)\ndef g(x):\n    return f if x else np.mean(x)", names)
    assert Answers(names)["f"] is names["f"]


def test_a_case_says_in_three_short_lines_what_happened():
    case = Case("mean([1, 2])", [1 / 3] * 40, "<any two colours>")
    given, gave, expected = str(case).splitlines()
    assert given == "For example, mean([1, 2])"
    assert gave.endswith("… (40 in all)]")
    assert expected == "  expected  <any two colours>"


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, [["x" * 10**5] * 9] * 9, {"n" * 10**6: 1}, 10**300, [[[[[[1]]]]]], [{}] * 10**6],
)
def test_a_case_stays_short_whatever_came_back(value):
    assert len(short(value)) < 400


def test_fifty_words_are_not_one_word_fifty_times():
    assert count_words("well " * 60) == 3
    assert count_words("One. Two, three; (four)") == 4
    assert count_words("") == 0


def test_the_forms_change_what_they_name_and_nothing_else():
    answer = {"shares": np.array([0.5, 1.25]), "sure": True, "name": "left", "n": 3}
    assert reformed(answer, FORMS["lists"])["shares"] == [0.5, 1.25]
    assert reformed(answer, FORMS["one more axis"])["shares"].shape == (2, 1)
    assert reformed(answer, FORMS["single precision"])["shares"].dtype == np.float32
    assert reformed(answer, FORMS["a Series"])["shares"].index.tolist() == [100, 101]
    assert reformed(answer, FORMS["fractions"])["n"] == Fraction(3)
    assert reformed(answer, FORMS["truth as numbers"])["sure"] == 1
    for form in FORMS.values():
        assert reformed("left", form) == "left"
        # Whatever the form, a judge reads the same numbers.
        read = plain(reformed(answer, form))
        np.testing.assert_array_equal(numbers(read["shares"], (2,)), [0.5, 1.25])
        assert numbers(read["sure"], ()) == 1


def test_a_function_that_returns_a_function_answers_in_the_form():
    game = reformed(lambda: lambda x: np.array([x, x]), FORMS["lists"])()
    assert game(2.0) == [2.0, 2.0]


def test_the_names_that_a_stub_leaves_to_the_learner():
    stub = (
        "def helper():\n    return 1\n"
        "def f(x):\n    raise NotImplementedError('Your answer goes here.')\n"
        "shares = {'a': ...}\ngiven = 3"
    )
    assert list(answered(stub)) == ["f", "shares"]

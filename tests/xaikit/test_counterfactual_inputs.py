"""Bad input to `counterfactual` is met at the door."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LinearRegression, LogisticRegression

import xaikit as xk

# What other tests left open, and Python closes during one of these, is not of these.
LATE = "ignore::pytest.PytestUnraisableExceptionWarning"
pytestmark = pytest.mark.filterwarnings("error", LATE)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
TWO = LogisticRegression().fit(X, X[:, 0] > 0)
THREE = LogisticRegression().fit(X, np.digitize(X[:, 0], [-0.5, 0.5]))
LINE = LinearRegression().fit(X, X[:, 0])
FRAME = pd.DataFrame(
    {"n": X[:, 0], "count": np.arange(40), "word": pd.Categorical(["a", "b"] * 20)}
)


COLOURS = pd.DataFrame(
    {
        "size": X[:, 0],
        "colour_red": np.arange(40) % 2,
        "colour_blue": 1 - np.arange(40) % 2,
        "age": np.arange(40) + 0.5,
        "word": ["a", "b"] * 20,
    }
)
THREE_COLOURS = pd.get_dummies(
    COLOURS[["size"]].assign(colour=["red", "blue", "grey", "red"] * 10), dtype=int
)


def first(table):
    return table["n"].to_numpy()


def size(table):
    return table["size"].to_numpy()


def column(table):
    return table[:, 0]


def at(table, name, value):
    row = table.iloc[[0]].astype(object)
    row[name] = [value]
    return row


# model, x, background, options, error, what the message must say
BAD = {
    "model not fitted": (LogisticRegression(), X[0], X, {}, ValueError, "model must be fitted"),
    "model no function": ("rf", X[0], X, {}, TypeError, "model must have predict"),
    "x of several rows": (TWO, X[:2], X, {}, ValueError, r"x must be one row .* shape \(2, 3\)"),
    "x too short": (TWO, X[0, :2], X, {}, ValueError, r"x must be one row .* shape \(1, 2\)"),
    "x a number": (TWO, 3.0, X, {}, ValueError, r"x must be one row .* shape \(\)"),
    "x ragged": (TWO, [1, [2, 3]], X, {}, ValueError, "x must be one row of numbers"),
    "x text": (TWO, ["a", "b", "c"], X, {}, TypeError, "x must hold numbers"),
    "x nan": (TWO, [np.nan, 0, 0], X, {}, ValueError, "x must have no missing"),
    "x inf": (TWO, [np.inf, 0, 0], X, {}, ValueError, "x must be finite"),
    "x sparse": (TWO, csr_matrix(X[:1]), X, {}, ValueError, "x must be one row"),
    "x columns": (
        first, FRAME.iloc[[0]].rename(columns={"n": "m"}), FRAME, {"target": (1, 2)},
        ValueError, "x must have the background's columns; got unknown 'm', missing 'n'",
    ),
    "x column order": (
        first, FRAME.iloc[[0], ::-1], FRAME, {"target": (1, 2)}, ValueError,
        "x must have its columns in the background's order",
    ),
    "x level unknown": (
        first, at(FRAME, "word", "c"), FRAME, {"target": (1, 2)}, ValueError,
        "x must hold a value of type category.* 'word'; got 'c', which is none of its categories "
        "'a', 'b'",
    ),
    "x level unknown among others": (
        first, FRAME.iloc[[0]].assign(word=pd.Categorical(["c"], categories=["c", "b", "a"])),
        FRAME, {"target": (1, 2)}, ValueError,
        "x must hold a value of type category.* 'word'; got 'c', which is none of its categories",
    ),
    "x text for a number": (
        first, at(FRAME, "n", "much"), FRAME, {"target": (1, 2)}, ValueError,
        "x must hold a value of type float64.* 'n'; got 'much'",
    ),
    "background none": (TWO, X[0], None, {}, ValueError, "background must be given.*None"),
    "background empty": (TWO, X[0], X[:0], {}, ValueError, "background must have at least one"),
    "background narrow": (TWO, X[0], X[:, :2], {}, ValueError, "background must have 3 columns"),
    "background 1-D": (TWO, X[0], X[0], {}, ValueError, "background must be 2-D"),
    "background nan": (TWO, X[0], X * np.nan, {}, ValueError, "background must have no missing"),
    "background one row": (TWO, X[0], X[:1], {}, ValueError, "background must vary.*1 row"),
    "background too wide": (
        column, X[0], X * 1e200, {"target": (0, 1)}, ValueError, "background must have a spread",
    ),
    "target missing": (LINE, X[0], X, {}, ValueError, "target must be given for a regressor"),
    "target of three": (THREE, X[0], X, {}, ValueError, "target must name one of the classes"),
    "target unknown": (TWO, X[0], X, {"target": "yes"}, ValueError, "target must be one of"),
    "target a list": (TWO, X[0], X, {"target": [1]}, ValueError, "target must be one of"),
    "target reached": (
        TWO, X[0], X, {"target": bool(TWO.predict(X[:1])[0])}, ValueError,
        "target must be another answer .* which x has already",
    ),
    "interval reached": (
        column, X[0], X, {"target": (-9, 9)}, ValueError, "target must be another answer",
    ),
    "interval a number": (LINE, X[0], X, {"target": 3}, ValueError, r"target must give \(low"),
    "interval turned": (LINE, X[0], X, {"target": (2, 1)}, ValueError, "low <= high"),
    "interval nan": (LINE, X[0], X, {"target": (np.nan, 1)}, ValueError, "low <= high"),
    "interval text": (LINE, X[0], X, {"target": "ab"}, ValueError, "low <= high"),
    "interval ragged": (LINE, X[0], X, {"target": (1, (2, 3))}, ValueError, "low <= high"),
    "interval endless": (
        LINE, X[0], X, {"target": (-np.inf, np.inf)}, ValueError, "at least one finite end",
    ),
    "predicate of numbers": (
        column, X[0], X, {"target": lambda y: y}, ValueError, "target must return one bool",
    ),
    "predicate of one": (
        column, X[0], X, {"target": lambda y: True}, ValueError, "target must return one bool",
    ),
    "fixed text": (TWO, X[0], X, {"fixed": "x0"}, TypeError, "fixed must be a sequence.*'x0'"),
    "fixed number": (TWO, X[0], X, {"fixed": 0}, TypeError, "fixed must be a sequence"),
    "fixed unknown": (TWO, X[0], X, {"fixed": ["x9"]}, ValueError, "fixed must name.*'x9'"),
    "fixed beyond": (TWO, X[0], X, {"fixed": [3]}, ValueError, "fixed must name.*got 3"),
    "fixed bool": (TWO, X[0], X, {"fixed": [True]}, ValueError, "fixed must name.*True"),
    "fixed all": (TWO, X[0], X, {"fixed": [0, 1, 2]}, ValueError, "at least one column free"),
    "limits a list": (TWO, X[0], X, {"limits": [(0, 1)]}, TypeError, "limits must be a mapping"),
    "limits a word": (TWO, X[0], X, {"limits": "all"}, TypeError, "limits must be a mapping"),
    "limits unknown": (TWO, X[0], X, {"limits": {"z": (0, 1)}}, ValueError, "limits must name"),
    "limits turned": (TWO, X[0], X, {"limits": {0: (1, 0)}}, ValueError, "limits must give"),
    "limits one end": (TWO, X[0], X, {"limits": {0: 1}}, ValueError, "limits must give"),
    "limits shut a fixed column out": (
        TWO, X[0], X, {"limits": {0: (50, 60)}, "fixed": [0]}, ValueError,
        "limits must hold the value of x where a column cannot change",
    ),
    "limits of a category": (
        first, FRAME.iloc[0], FRAME, {"target": (9, 10), "limits": {"word": (0, 1)}},
        ValueError, "limits must name columns of numbers; got 'word'",
    ),
    "limits without a whole number": (
        first, FRAME.iloc[0], FRAME, {"target": (9, 10), "limits": {"count": (0.2, 0.8)}},
        ValueError, "limits must hold a whole number for 'count'",
    ),
    "integer of a category": (
        first, FRAME.iloc[0], FRAME, {"target": (9, 10), "integer": ["word"]},
        ValueError, "integer must name columns of numbers; got 'word'",
    ),
    "integer of a fraction": (TWO, X[0], X, {"integer": [0]}, ValueError, "x must be whole"),
    "rising text": (TWO, X[0], X, {"rising": "x0"}, TypeError, "rising must be a sequence.*'x0'"),
    "falling unknown": (TWO, X[0], X, {"falling": ["z"]}, ValueError, "falling must name.*'z'"),
    "rising and falling": (
        TWO, X[0], X, {"rising": [0], "falling": ["x0"]}, ValueError,
        "rising and falling must have no column in common; got 'x0' in both",
    ),
    "rising category": (
        size, COLOURS.iloc[0], COLOURS, {"target": (9, 10), "rising": ["word"]}, ValueError,
        "rising must name columns of numbers; got 'word'",
    ),
    "falling in a group": (
        size, COLOURS.iloc[0], COLOURS, {"target": (9, 10), "falling": ["colour_red"]}, ValueError,
        r"falling must name columns of numbers; got 'colour_red', one of the group 'colour'",
    ),
    "rising above the limits": (
        size, COLOURS.iloc[9], COLOURS,
        {"target": (9, 10), "rising": ["age"], "limits": {"age": (1, 5)}}, ValueError,
        r"limits must leave a column room to rise; got \(1, 5\) for 'age', which is 9.5 in x",
    ),
    "falling below the limits": (
        size, COLOURS.iloc[0], COLOURS,
        {"target": (9, 10), "falling": ["age"], "limits": {"age": (1, 5)}}, ValueError,
        r"limits must leave a column room to fall; got \(1, 5\) for 'age', which is 0.5 in x",
    ),
    "nothing left to rise": (
        lambda Z: Z[:, 0], [1.0, 0.0], np.array([[0.0, 0.0], [1.0, 0.0]]),
        {"target": (0, 0), "rising": [0]}, ValueError,
        r"fixed, rising and falling must leave at least one column free.*\['x0'\]",
    ),
    "groups a number": (TWO, X[0], X, {"groups": 3}, TypeError, "groups must be a sequence.*3"),
    "groups text": (TWO, X[0], X, {"groups": "x0"}, TypeError, "groups must be a sequence.*'x0'"),
    "groups one deep": (
        TWO, X[0], X, {"groups": ["x0"]}, TypeError, "groups must be a sequence of columns.*'x0'",
    ),
    "groups unknown": (TWO, X[0], X, {"groups": [["z", 1]]}, ValueError, "groups must name.*'z'"),
    "groups of one": (
        TWO, X[0], X, {"groups": [["x0"]]}, ValueError, r"at least two columns each; got \['x0'\]",
    ),
    "groups twice": (
        size, COLOURS.iloc[0], COLOURS,
        {"target": (9, 10), "groups": [["colour_red", "colour_blue"], ["colour_red", "age"]]},
        ValueError, "groups must name each column once; got 'colour_red' twice",
    ),
    "groups of numbers": (
        TWO, X[0], X, {"groups": [[0, 1]]}, ValueError,
        "groups must name columns of 0 and 1; got 'x0', which holds 0.12573",
    ),
    "groups of text": (
        size, COLOURS.iloc[0], COLOURS, {"target": (9, 10), "groups": [["colour_red", "word"]]},
        ValueError, "groups must name columns of 0 and 1; got 'word', which holds no numbers",
    ),
    "groups with two in the background": (
        size, COLOURS.iloc[0], COLOURS.assign(colour_red=1),
        {"target": (9, 10), "groups": {"hue": ["colour_red", "colour_blue"]}}, ValueError,
        "at most one 1 in each row; got 2 in the group 'hue' in row 0 of background",
    ),
    "groups with two in x": (
        size, COLOURS.iloc[0].replace(0, 1), COLOURS,
        {"target": (9, 10), "groups": [["colour_red", "colour_blue"]]}, ValueError,
        r"at most one 1 in each row; got 2 in the group 'colour_red \| colour_blue' in x",
    ),
    "groups without one of their columns": (
        size, THREE_COLOURS.iloc[0], THREE_COLOURS,
        {"target": (9, 10), "groups": {"hue": ["colour_red", "colour_blue"]}}, ValueError,
        "all columns of each group; got the group 'hue' without 'colour_grey'",
    ),
    "limits of a group": (
        size, COLOURS.iloc[0], COLOURS, {"target": (9, 10), "limits": {"colour_red": (0, 0)}},
        ValueError, r"limits must name columns of numbers; got 'colour_red'.*groups=\(\)",
    ),
    "integer of a group": (
        size, COLOURS.iloc[0], COLOURS, {"target": (9, 10), "integer": ["colour_red"]},
        ValueError, r"integer must name columns of numbers; got 'colour_red'.*groups=\(\)",
    ),
    "sparsity zero": (TWO, X[0], X, {"sparsity": 0}, ValueError, "sparsity .* from 1 to 3"),
    "sparsity share": (TWO, X[0], X, {"sparsity": 0.5}, TypeError, "sparsity .* whole number"),
    "n_samples zero": (TWO, X[0], X, {"n_samples": 0}, ValueError, "n_samples .* at least 1"),
    "random_state": (TWO, X[0], X, {"random_state": "now"}, TypeError, "random_state must be"),
    "model returns text": (
        lambda Z: np.array(["a"] * len(Z)), X[0], X, {"target": (0, 1)}, ValueError,
        "model must return numbers",
    ),
    "model returns nan": (
        lambda Z: Z[:, 0] * np.nan, X[0], X, {"target": (0, 1)}, ValueError, "finite numbers",
    ),
    "model returns one": (
        lambda Z: np.zeros(1 + len(Z)), X[0], X, {"target": (1, 2)}, ValueError, r"shape \(n,\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case):
    model, x, background, options, error, says = BAD[case]
    with pytest.raises(error, match=says):
        xk.counterfactual(model, x, background=background, **options)


def test_a_classifier_that_returns_two_columns_is_refused():
    class Twofold:
        classes_ = np.array([0, 1])

        def predict(self, table):
            return np.zeros((len(table), 2))

    with pytest.raises(ValueError, match="model must return one class for each row"):
        xk.counterfactual(Twofold(), X[0], background=X)


def test_options_go_by_name():
    with pytest.raises(TypeError):
        xk.counterfactual(TWO, X[0], X)

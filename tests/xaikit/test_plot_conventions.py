"""What every figure keeps to: where it draws, its words, and the names of its classes."""

from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import axes, brought
from made_explanations import made
from matplotlib.text import Text
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from xaikit import boundary, datasets, effects, plot

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
MODEL = LogisticRegression().fit(X, Y)
NAMES = ("at most 50K", "above 50K")
OF_ONE = {"output_name": "1", "output_space": "probability"}
TABLE = made(X, data=X, **OF_ONE)
IMAGE = made(RNG.normal(size=(1, 6, 6)), **OF_ONE)
TEXT = made([[0.5, -0.2]], data=np.array([[4, 5]]), feature_names=None, **OF_ONE)
PLANE = boundary.slice_2d(MODEL, X, features=(0, 1))

OF_CLASSES = {
    "bar": partial(plot.bar, TABLE),
    "waterfall": partial(plot.waterfall, TABLE),
    "beeswarm": partial(plot.beeswarm, TABLE, random_state=0),
    "scatter": partial(plot.scatter, TABLE, "x0", random_state=0),
    "heatmap": partial(plot.heatmap, IMAGE),
    "tokens": partial(plot.tokens, TEXT, ["not", "good"]),
    "effect": partial(plot.effect, effects.ale(MODEL, X, 0)),
    "effect_pair": partial(plot.effect_pair, effects.ale(MODEL, X, (0, 1))),
    "boundary": partial(plot.boundary, PLANE),
}
ALL = OF_CLASSES | {"attention": partial(plot.attention, [[0.2, 0.8], [0.5, 0.5]], ["a", "b"])}


def test_every_plot_is_here():
    others = {"alt_text", "attention_heads"}  # which takes axes, and has its own tests
    assert set(ALL) | others == set(plot.__all__)


@pytest.mark.parametrize("name", ALL)
def test_given_axes_are_drawn_on_and_nothing_else_is_touched(name):
    figures, interactive, settings = plt.get_fignums(), mpl.is_interactive(), dict(mpl.rcParams)
    state = np.random.get_state()[1].copy()  # noqa: NPY002  # the global state is what is tested
    ax = axes()
    assert ALL[name](ax=ax) is ax
    assert ax.has_data()
    assert plt.get_fignums() == figures
    assert mpl.is_interactive() == interactive
    assert dict(mpl.rcParams) == settings
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002  # must not move


@pytest.mark.parametrize("name", ALL)
def test_without_axes_one_new_figure_is_made_and_not_shown(name, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("show was called"))
    before = plt.get_fignums()
    ax = ALL[name]()
    assert [plt.figure(n) for n in plt.get_fignums() if n not in before] == [ax.figure]
    plt.close(ax.figure)


@pytest.mark.parametrize("name", ALL)
def test_axes_must_be_axes_and_a_mistake_leaves_no_figure_behind(name):
    before = plt.get_fignums()
    with pytest.raises(TypeError, match="ax must be a matplotlib Axes or None; got str"):
        ALL[name](ax="here")
    assert plt.get_fignums() == before


@pytest.mark.parametrize("name", ALL)
def test_every_figure_brings_its_alt_text(name):
    ax = ALL[name](ax=axes())
    assert brought(ax.figure) == plot.alt_text(ax)


def written(ax):
    """All the words in a figure, and those for the figure."""
    found = [text.get_text() for text in ax.figure.findobj(Text)]
    return [text for text in found if text], plot.alt_text(ax)


@pytest.mark.parametrize("class_names", [NAMES, dict(enumerate(NAMES)), np.array(NAMES)])
@pytest.mark.parametrize("name", OF_CLASSES)
def test_the_class_has_its_name_in_the_figure_and_in_the_words_for_it(name, class_names):
    in_figure, said = written(OF_CLASSES[name](class_names=class_names, ax=axes()))
    assert any("probability of above 50K" in text for text in in_figure)
    assert "probability of above 50K" in said
    in_figure, said = written(OF_CLASSES[name](ax=axes()))
    assert any("probability of 1" in text for text in in_figure)
    assert "probability of 1" in said


def test_the_names_are_those_of_a_dataset():
    cancer = datasets.breast_cancer()
    e = made(X, data=X, output_name="1", output_space="probability")
    text = plot.alt_text(plot.bar(e, class_names=cancer.target_names, ax=axes()))
    assert "in probability of benign," in text


@pytest.mark.parametrize("label", ["0", "0.0", "False", "output 0"])
def test_a_code_may_be_written_as_another_type_does(label):
    e = made(X, data=X, output_name=label, output_space="score")
    assert "score of at most 50K" in plot.alt_text(plot.bar(e, class_names=NAMES, ax=axes()))


def test_every_class_of_a_map_and_of_its_rows_has_its_name():
    kind = np.digitize(X[:, 0], [-0.5, 0.5])
    plane = boundary.slice_2d(DecisionTreeClassifier().fit(X, kind), X, features=(0, 1))
    names = ("low", "middle", "high")
    in_figure, said = written(plot.boundary(plane, y=kind, class_names=names, ax=axes()))
    # In the key of the areas and in that of the marks.
    assert [in_figure.count(name) for name in names] == [2, 2, 2]
    assert "low on " in said


@pytest.mark.parametrize(
    ("class_names", "error", "message"),
    [
        (("only one",), ValueError, "class_names must name the output '1'; got names for '0'"),
        (
            {"yes": "good"},
            ValueError,
            "class_names must name the output.*got names for 'yes'",
        ),
        ("ab", TypeError, "class_names must be names in order or by label; got 'ab'"),
        (3, TypeError, "class_names must be names in order or by label; got 3"),
        ((1, 2), TypeError, "class_names must hold texts; got 1"),
        (("same", "same"), ValueError, "class_names must differ; got 'same', 'same'"),
    ],
)
@pytest.mark.parametrize("name", OF_CLASSES)
def test_bad_names_leave_no_figure_behind(name, class_names, error, message):
    before = plt.get_fignums()
    with pytest.raises(error, match=message):
        OF_CLASSES[name](class_names=class_names)
    assert plt.get_fignums() == before

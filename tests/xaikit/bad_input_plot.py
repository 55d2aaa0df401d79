"""Figures of images, words and attention that must not come about: see test_bad_input."""

import numpy as np
from made_explanations import made
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from xaikit import boundary, effects, plot

IMAGES = made(np.ones((2, 6, 4, 3)))
TABLE = made(np.ones((2, 3)))
TEXTS = made(np.ones((2, 3)), data=np.array([[5, 6, 0], [0, 0, 0]]), feature_names=None)
NAMES = ["a", "b", "c"]
EVEN = np.full((3, 3), 1 / 3)
HEADS = np.full((2, 2, 3, 3), 1 / 3)


def heatmap(e=IMAGES, **options):
    return lambda: plot.heatmap(e, **options)


def tokens(e=TEXTS, words=NAMES, row=0, **options):
    return lambda: plot.tokens(e, words, row, **options)


def attention(weights=EVEN, words=NAMES, **options):
    return lambda: plot.attention(weights, words, **options)


def heads(weights=HEADS, words=NAMES, **options):
    return lambda: plot.attention_heads(weights, words, **options)


def nan(weights):
    return np.where(np.arange(weights.size).reshape(weights.shape) == 1, np.nan, weights)


X = np.random.default_rng(0).normal(size=(40, 3))
LABEL = (X[:, 0] > 0).astype(int)
MODEL = LogisticRegression().fit(X, LABEL)
EFFECT, PAIR = (effects.ale(MODEL, X, feature) for feature in (0, (0, 1)))
PLANE = boundary.slice_2d(MODEL, X, features=(0, 1))
THREE, MANY = (
    boundary.slice_2d(DecisionTreeClassifier().fit(X, np.arange(40) % n), X) for n in (3, 11)
)

V, T = ValueError, TypeError
CASES = {
    "a heat map of a table": (heatmap(TABLE), V, "e", "images", r"\(n, height", r"\(2, 3\)"),
    "a heat map of numbers": (heatmap(np.ones((2, 6, 4))), T, "e", "Explanation", "ndarray"),
    "a heat map of no image": (heatmap(IMAGES[:0]), V, "e", "at least one pixel", r"\(0, 6"),
    "an image too far": (heatmap(row=2), V, "row", "from 0 to 1", "2"),
    "an image before the first": (heatmap(row=-1), V, "row", "from 0 to 1", "-1"),
    "an image by halves": (heatmap(row=0.5), T, "row", "whole number", "0.5"),
    "a channel too far": (heatmap(channel=3), V, "channel", "from 0 to 2", "3"),
    "a channel by another name": (heatmap(channel="max"), V, "channel", "'sum', 'size'", "'max'"),
    "a quantile of nothing": (heatmap(quantile=0), V, "quantile", "above 0", "0"),
    "a quantile above one": (heatmap(quantile=99), V, "quantile", "at most 1", "99"),
    "a quantile in words": (heatmap(quantile="0.9"), T, "quantile", "number", "'0.9'"),
    "an image for a flag": (heatmap(image=np.ones((6, 4))), T, "image", "True or False", "array"),
    "a mask of numbers": (heatmap(mask=np.ones((6, 4))), T, "mask", "True and False", "float64"),
    "a mask on its side": (
        heatmap(mask=np.ones((4, 6), dtype=bool)), V, "mask", r"\(6, 4\)", r"\(4, 6\)",
    ),
    "words of images": (tokens(IMAGES), V, "e", r"\(n, t\)", r"\(2, 6, 4, 3\)"),
    "words of numbers": (tokens(np.ones((1, 3))), T, "e", "Explanation", "ndarray"),
    "words of no row": (tokens(TEXTS[:0]), V, "e", "at least one row", r"\(0, 3\)"),
    "a text too far": (tokens(row=2), V, "row", "from 0 to 1", "2"),
    "one word of three": (
        tokens(words=["a"]), V, "tokens", "3 in row 0, or 2 without the padding", "1",
    ),
    "a word too many": (tokens(words=["a"] * 4), V, "tokens", "one word a value", "4"),
    "a word of a table": (tokens(TABLE, ["a", "b"]), V, "tokens", "3 in row 0;", "2"),
    "a text of padding": (tokens(row=1), V, "tokens", "beside padding", "row 1"),
    "a text in one": (tokens(words="a b c"), T, "tokens", "sequence of words", "'a b c'"),
    "words by their numbers": (tokens(words=[5, 6, 0]), T, "tokens", "texts", "5"),
    "words one by one": (tokens(words=iter(NAMES)), T, "tokens", "sequence", "iterator"),
    "a word for padding": (tokens(padding="[pad]"), T, "padding", "whole number", "pad"),
    "padding below zero": (tokens(padding=-1), V, "padding", "at least 0", "-1"),
    "attention that is not square": (attention(EVEN[:2]), V, "weights", r"\(t, t\)", r"\(2, 3\)"),
    "attention of all heads at once": (attention(HEADS), V, "weights", r"\(t, t\)", r"\(2, 2, 3"),
    "attention of no words": (attention(np.ones((0, 0)), []), V, "weights", r"\(t, t\)", r"\(0, 0"),
    "attention without end": (attention(EVEN * np.inf), V, "weights", "finite", "inf"),
    "attention of nan": (heads(nan(HEADS)), V, "weights", "finite", "nan"),
    "attention below zero": (attention(-EVEN), V, "weights", "from 0 up", "-0.33"),
    "attention in words": (attention([["a"]], ["a"]), T, "weights", "numbers", "<U1"),
    "ragged attention": (attention([[1], [1, 2]]), V, "weights", r"\(t, t\)", "ragged"),
    "a word too few for attention": (attention(words=["a"]), V, "tokens", "3", "1"),
    "attention to numbers": (heads(words=[1, 2, 3]), T, "tokens", "texts", "1"),
    "a title of numbers": (attention(title=3), T, "title", "text or None", "3"),
    "heads of one matrix": (heads(EVEN), V, "weights", r"\(layers, heads, t, t\)", r"\(3, 3\)"),
    "heads on too few axes": (
        heads(axes=Figure().subplots(1, 2)), V, "axes", r"\(2, 2\)", r"\(2,\)",
    ),
    "heads on no axes": (heads(axes=[[1, 2], [3, 4]]), T, "axes", "matplotlib Axes", "int"),
    "heads on several figures": (
        heads(axes=[[Figure().subplots() for _ in "ab"] for _ in "ab"]),
        V, "axes", "one figure", "several",
    ),
    "an effect of something": (lambda: plot.effect(PAIR), T, "e must be an Effect", "PairEffect"),
    "a pair of something": (lambda: plot.effect_pair(EFFECT), T, "e", "a PairEffect", "Effect"),
    "a plane of something": (lambda: plot.boundary(MODEL), T, "plane", "Slice", "Logistic"),
    "one point": (lambda: plot.boundary(PLANE, resolution=1), V, "resolution", "at least 2", "1"),
    "a threshold of nan": (
        lambda: plot.boundary(PLANE, threshold=np.nan), V, "threshold", "finite", "nan",
    ),
    "a threshold on areas": (
        lambda: plot.boundary(THREE, threshold=0.5), V, "threshold", "3 classes", "0.5",
    ),
    "too many areas": (lambda: plot.boundary(MANY), V, "plane", "at most 10", "11"),
    "too few classes": (lambda: plot.boundary(PLANE, y=LABEL[:9]), V, "y", r"\(40,\)", r"\(9,\)"),
    "too many marks": (
        lambda: plot.boundary(PLANE, y=np.arange(40)), V, "y", "at most 7", "40",
    ),
}  # fmt: skip

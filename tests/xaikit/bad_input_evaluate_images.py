"""Calls of the measures of images and networks that must fail: see test_bad_input."""

import keras
import numpy as np
from made_explanations import made
from tiny_networks import assembled, of_words

import xaikit as xk
from xaikit import evaluate

V, T = ValueError, TypeError
IMAGES = np.random.default_rng(0).random((2, 4, 3, 1))
MASK = np.ones((2, 4, 3), dtype=bool)
TRUTH = xk.datasets.MaskTruth(MASK, {"object": MASK, "cue": MASK})
NETWORK = assembled((4, 3, 1), [keras.layers.Flatten(), keras.layers.Dense(1)])
WEIGHTLESS = assembled((4, 3, 1), [keras.layers.Flatten()])
READER, WORDS = of_words(), np.array([[1, 2, 3, 0, 0]])


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return self.dense(keras.ops.reshape(x, (-1, 12)))


OWN = Own()
OWN(IMAGES)


def mean(X):
    return np.asarray(X).mean(axis=(1, 2, 3))


E = made(IMAGES, IMAGES, predictions=mean(IMAGES))
READ = xk.explain(READER, WORDS, method="gradient")
LINE = made([[1.0, 2.0]], predictions=[3.0])


def data(X=IMAGES, truth=TRUTH):
    return xk.datasets.Dataset(X, [0, 1], None, ("a", "b"), "", "", "", truth)


def placed(mask=MASK, e=E, **options):
    return lambda: evaluate.localisation(e, mask, **options)


def curve(e=E, model=mean, **options):
    return lambda: evaluate.deletion(model, e, **options)


def checked(model=NETWORK, explain=lambda m: evaluate.edges(IMAGES), **options):
    return lambda: evaluate.randomisation(model, explain, **options)


def shrinking():
    rows = iter([IMAGES, IMAGES[:1]])
    return lambda m: evaluate.edges(next(rows))


EMPTY = MASK.copy()
EMPTY[1] = False
CASES = {
    "no explanation to place": (placed(e=IMAGES), T, "e must be", "Explanation", "ndarray"),
    "a mask of numbers": (placed(MASK * 1.0), T, "mask", "True and False", "float64"),
    "a mask of words": (placed("object"), T, "mask", "True and False", "str"),
    "a mask with channels": (placed(MASK[..., None]), V, "mask", r"\(2, 4, 3\)", r"\(2, 4, 3, 1\)"),
    "a mask of other rows": (placed(MASK[:1]), V, "mask", r"\(2, 4, 3\)", r"\(1, 4, 3\)"),
    "a mask that is turned": (placed(MASK.transpose(0, 2, 1)), V, "mask", r"\(2, 3, 4\)"),
    "a mask without a place": (placed(EMPTY), V, "mask", "every row", "1 of 2", "row 1"),
    "a part of an array": (placed(part="cue"), V, "part", "left out", "'cue'"),
    "a part that is not there": (placed(TRUTH, part="sky"), V, "part", "'cue'", "'sky'"),
    "positive in words": (placed(positive="yes"), T, "positive", "True or False", "'yes'"),
    "data without truth": (placed(data(truth=None)), V, "mask", "stands", "None"),
    "data of other rows": (placed(data(IMAGES + 1)), V, "mask", "2 in order", "not all the same"),
    "data with attributions": (
        placed(xk.datasets.planted_linear(5, random_state=0)),
        V,
        "mask",
        "stands",
        "Truth",
    ),
    "edges of words": (lambda: evaluate.edges(np.array([[["a"]]])), T, "e must", "numbers", "<U1"),
    "edges of a table": (lambda: evaluate.edges(np.ones((3, 2))), V, "e must", r"\(3, 2\)"),
    "edges of a ragged list": (
        lambda: evaluate.edges([[[1.0]], [[1.0, 2.0]]]),
        V,
        "e must",
        "one shape",
        "ragged",
    ),
    "edges of nan": (lambda: evaluate.edges(IMAGES * np.nan), V, "e must", "finite", "nan"),
    "edges of an explained text": (lambda: evaluate.edges(READ), V, "e must", r"\(1, 5\)"),
    "a background of images": (curve(background=IMAGES), V, "background", "left out", "ndarray"),
    "a table with a baseline": (
        curve(LINE, lambda X: X.sum(axis=1), baseline=0.0),
        V,
        "baseline",
        "left out for a table",
        "float",
    ),
    "a table in patches": (
        curve(LINE, lambda X: X.sum(axis=1), patch_size=2),
        V,
        "patch_size",
        "left out for a table",
    ),
    "a table in steps": (
        curve(LINE, lambda X: X.sum(axis=1), n_steps=2),
        V,
        "n_steps",
        "left out for a table",
    ),
    "an unknown baseline": (curve(baseline="grey"), V, "baseline", "'mean', 'blur'", "'grey'"),
    "a baseline of texts": (curve(baseline=["a"]), T, "baseline", "numbers", "<U1"),
    "a ragged baseline": (curve(baseline=[[1], [1, 2]]), V, "baseline", "ragged"),
    "a baseline of another size": (
        curve(baseline=np.ones((3, 4, 1))),
        V,
        "baseline",
        r"\(4, 3, 1\)",
        r"\(3, 4, 1\)",
    ),
    "a baseline of nan": (curve(baseline=np.nan), V, "baseline", "finite", "nan"),
    "the mean of words": (curve(READ, READER, baseline="mean"), V, "baseline", "word", "'mean'"),
    "half a word": (curve(READ, READER, baseline=0.5), T, "baseline", "whole", "float64"),
    "an unknown word": (curve(READ, READER, baseline=7), V, "baseline", "0 to 6", "7"),
    "no word at all": (curve(READ, READER), V, "baseline", "answer", "nan", "masks word 0"),
    "patches of words": (curve(READ, READER, patch_size=2), V, "patch_size", "texts", "2"),
    "a patch too high": (curve(patch_size=5), V, "patch_size", "1 to 4", "5"),
    "a patch too wide": (curve(patch_size=(4, 4)), V, "patch_size", "1 to 3", "4"),
    "half a patch": (curve(patch_size=1.5), T, "patch_size", "whole", "1.5"),
    "a patch in three": (curve(patch_size=(1, 1, 1)), V, "patch_size", "pair", r"\(1, 1, 1\)"),
    "no step": (curve(n_steps=0), V, "n_steps", "at least 1", "0"),
    "half a step": (curve(n_steps=2.5), T, "n_steps", "whole", "2.5"),
    "another model of images": (curve(model=lambda X: 2 * mean(X)), V, "model must be the one"),
    "films": (curve(made(np.ones((1, 2, 2, 2, 2)))), V, "e must explain", r"\(1, 2, 2, 2, 2\)"),
    "images of nan": (
        curve(made(IMAGES, IMAGES * np.nan, predictions=mean(IMAGES))),
        V,
        "e.data",
        "finite",
    ),
    "a callable forgets": (checked(mean), T, "model", "Keras", "function"),
    "nothing explains": (checked(explain=None), T, "explain", "callable", "None"),
    "an array explains": (checked(explain=lambda m: IMAGES), T, "explain", "return", "ndarray"),
    "other rows each time": (checked(explain=shrinking()), V, "explain", "same rows", "2, 4, 3"),
    "an unknown order": (checked(order="top"), V, "order", "'cascading', 'independent'", "'top'"),
    "a seed in words": (checked(random_state="a"), T, "random_state", "'a'"),
    "nothing to forget": (checked(WEIGHTLESS), V, "model", "weights", "none"),
    "a class of one's own": (checked(OWN), V, "model", "Sequential or functional", "own"),
    "a network without weights yet": (
        checked(keras.Sequential([keras.layers.Dense(1)])),
        V,
        "model must be built",
        "without weights",
    ),
}

"""Calls of `explain` on networks that must fail: see test_bad_input."""

import keras
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from tiny_networks import assembled, cnn, entity_rows, linear, of_entities, of_words

import xaikit as xk

IMAGES = np.random.default_rng(0).uniform(size=(2, 12, 8, 1))
WORDS = np.array([[1, 2, 3, 0, 0]])
TABLE = np.random.default_rng(1).normal(size=(30, 3))
CNN, READER = cnn(), of_words()
SCORES = linear(np.ones((3, 2)), dtype="float32")
TREES = LogisticRegression().fit(TABLE, TABLE[:, 0] > 0)


class Sign(keras.layers.Layer):
    def call(self, x):
        return keras.ops.cast(keras.ops.cast(x, "int32"), "float32")


NO_GRADIENT = assembled((3,), [Sign()])
UNBUILT = keras.Sequential([keras.layers.Dense(2)])
_one, _two = keras.Input((3,)), keras.Input((3,))
TWO_INPUTS = keras.Model([_one, _two], keras.layers.Add()([_one, _two]))
PICTURE_OUT = assembled((12, 8, 1), [keras.layers.Conv2D(1, 3)])
PICTURE = cnn(kind="functional")
_same = [keras.layers.Conv2D(1, 3, name="same") for _ in range(2)]
TWINS = assembled(
    (12, 8, 1),
    [keras.Sequential([each]) for each in _same]
    + [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)],
)


class OwnOfTwo(keras.Model):
    def call(self, both):
        return both[0] + both[1]


class OwnList(keras.Model):
    def call(self, x):
        return [x, x]


class Shapeless(keras.Model):
    def __init__(self):
        super().__init__()
        self.built = True

    def call(self, x):
        return x


OWN_OF_TWO, OWN_LIST, SHAPELESS = OwnOfTwo(), OwnList(), Shapeless()
OWN_OF_TWO([TABLE, TABLE])
OWN_LIST(TABLE)
TWO_OUTPUTS = keras.Model(_one, [keras.layers.Dense(1)(_one), keras.layers.Dense(2)(_one)])
SEQUENCE_OUT = assembled((12, 8), [keras.layers.Dense(2)])
_vectorizer = keras.layers.TextVectorization(vocabulary=["good", "bad"], output_sequence_length=2)
TEXT_IN = assembled((1,), [_vectorizer, keras.layers.Dense(1)], dtype="string")
ENTITIES, ENTITY_ROWS = of_entities(), entity_rows(5)


def explain(model=CNN, rows=IMAGES, method="gradient", output=0, **options):
    return lambda: xk.explain(model, rows, method=method, output=output, **options)


def patch(**options):
    return explain(method="occlusion", **options)


def with_value(value):
    rows = IMAGES.copy()
    rows[1, 2, 3, 0] = value
    return rows


V, T = ValueError, TypeError
CASES = {
    # the rows
    "integer images": (explain(rows=np.ones((2, 12, 8, 1), "uint8")), T, "X", "floats", "uint8"),
    "boolean images": (explain(rows=IMAGES > 0.5), T, "X", "floats", "bool"),
    "one image": (explain(rows=IMAGES[0]), V, "X", r"\(n, 12, 8, 1\)", r"\(12, 8, 1\)", "None"),
    "no channel": (explain(rows=IMAGES[..., 0]), V, "X", r"\(n, 12, 8, 1\)", r"\.\.\., None"),
    "too small": (explain(rows=IMAGES[:, :10]), V, "X", r"\(n, 12, 8, 1\)", r"\(2, 10, 8, 1\)"),
    "flat": (explain(rows=IMAGES.reshape(2, -1)), V, "X", r"\(n, 12, 8, 1\)", r"\(2, 96\)"),
    "no image": (explain(rows=IMAGES[:0]), V, "X", "at least one row", r"\(0, 12, 8, 1\)"),
    "nan in an image": (explain(rows=with_value(np.nan)), V, "X", "finite", "nan"),
    "inf in an image": (explain(rows=with_value(np.inf)), V, "X", "finite", "inf"),
    "images in a frame": (explain(rows=pd.DataFrame(TABLE)), T, "X", "array", "DataFrame"),
    "text": (explain(rows=np.full((2, 12, 8, 1), "a")), T, "X", "numbers", "<U1"),
    "ragged": (explain(rows=[[1.0], [1.0, 2.0]]), V, "X", "one length", "ragged"),
    "texts": (explain(READER, ["a film"]), T, "X", "numbers", "<U6", "numbers of their words"),
    "texts in a table": (
        explain(SCORES, [["a", "b", "c"]]), T, "X", "numbers", "<U1", "Encode text",
    ),
    "objects": (
        explain(SCORES, np.array([[1, "b", 2.0]], object)), T, "X", "numbers", "object", "Encode",
    ),
    "sparse": (
        explain(SCORES, sparse.csr_matrix(TABLE)), T, "X", "dense", "csr_matrix", r"X\.toarray",
    ),
    "words as floats": (explain(READER, WORDS * 1.0), T, "X", "whole numbers", "float64"),
    "an unknown word": (explain(READER, WORDS + 5), V, "X", "from 0 to 6", "7"),
    "a word below 0": (explain(READER, WORDS - 1), V, "X", "from 0 to 6", "-1"),
    "too few words": (explain(READER, WORDS[:, :3]), V, "X", r"\(n, 5\)", r"\(1, 3\)"),
    "too many columns": (
        explain(SCORES, TABLE[:, :2]), V, "X", r"\(n, 3\)", r"\(30, 2\)",
    ),
    # the model
    "no gradient": (explain(NO_GRADIENT, TABLE), V, "model", "gradient", "none"),
    "not built": (explain(UNBUILT, TABLE), V, "model", "built", "without weights"),
    "two inputs": (
        explain(TWO_INPUTS, TABLE), V, "model", "one input", "2 inputs", "lambda X", "kernel_shap",
    ),
    "two inputs, of one's own class": (
        explain(OWN_OF_TWO, TABLE), V, "model", "one input", "2 inputs", "lambda X",
    ),
    "two outputs": (explain(TWO_OUTPUTS, TABLE), V, "model", "one output", "2 outputs", "lambda X"),
    "two outputs, of one's own class": (
        explain(OWN_LIST, TABLE), V, "model", r"\(n, k\)", "list", "lambda X",
    ),
    "outputs in a sequence": (
        explain(SEQUENCE_OUT, IMAGES[..., 0]), V, "model", r"\(n, k\)", r"12, 2\)", "lambda X",
    ),
    "no shape": (explain(SHAPELESS, TABLE), V, "model", "shape", "Shapeless", "kernel_shap"),
    "text for an input": (
        explain(TEXT_IN, [["good"]]), V, "model", "numbers", "text", "TextVectorization",
    ),
    "a category in a gradient": (
        explain(ENTITIES, ENTITY_ROWS), V, "model", "gradient", "none", "kernel_shap", "Embedding",
    ),
    "a picture for an answer": (explain(PICTURE_OUT), V, "model", r"\(n, k\)", r"10, 6, 1\)"),
    "no network": (explain(TREES, TABLE), V, "method", "Keras or PyTorch", "LogisticRegression"),
    "a callable": (explain(lambda X: X[:, 0], TABLE), V, "method", "network", "callable"),
    # output and scale
    "no output named": (explain(output=None), V, "output", "from 0 to 2", "None"),
    "a class out of range": (explain(output=3), V, "output", "from 0 to 2", "3"),
    "a class below 0": (explain(output=-1), V, "output", "from 0 to 2", "-1"),
    "a class by name": (explain(output="cat"), V, "output", "from 0 to 2", "'cat'"),
    "a second output of one": (explain(READER, WORDS, output=1), V, "output", "one output", "1"),
    "no probability": (
        explain(SCORES, TABLE, output_space="probability"),
        V, "output_space", "'prediction'", "softmax", "'probability'",
    ),
    # the baseline
    "baseline of another shape": (
        explain(method="integrated_gradients", baseline=np.zeros((8, 12, 1))),
        V, "baseline", r"\(12, 8, 1\)", r"\(8, 12, 1\)",
    ),
    "baseline nan": (
        explain(method="integrated_gradients", baseline=np.nan), V, "baseline", "finite", "nan",
    ),
    "baseline of text": (
        explain(method="integrated_gradients", baseline="black"), T, "baseline", "numbers",
    ),
    "baseline of half words": (
        explain(READER, WORDS, "integrated_gradients", baseline=0.5),
        T, "baseline", "whole numbers", "float64",
    ),
    "baseline of unknown words": (
        explain(READER, WORDS, "integrated_gradients", baseline=9), V, "baseline", "0 to 6", "9",
    ),
    "baseline unused": (explain(baseline=0.0), V, "baseline", "left out", "'gradient'"),
    "baseline for a table": (
        explain(TREES, TABLE, "linear", None, baseline=0.0), V, "baseline", "left out", "'linear'",
    ),
    "background unused": (
        explain(background=IMAGES), V, "background", "left out", "2 rows", "baseline",
    ),
    # the method and its options
    "a method for tables": (
        explain(method="lime"), V, "method", "'integrated_gradients'", "images or words", "'lime'",
    ),
    "workers": (explain(n_jobs=2), V, "n_jobs", "left out", "2"),
    "an option of another method": (explain(n_steps=5), T, "'gradient'", "no options", "'n_steps'"),
    "no steps": (
        explain(method="integrated_gradients", n_steps=0), V, "n_steps", "at least 1", "0",
    ),
    "half a step": (
        explain(method="integrated_gradients", n_steps=1.5), T, "n_steps", "whole", "1.5",
    ),
    "a tolerance of 0": (
        explain(method="integrated_gradients", tolerance=0), V, "tolerance", "above 0", "0",
    ),
    "steps and a tolerance": (
        explain(method="integrated_gradients", n_steps=5, tolerance=0.1),
        V, "tolerance", "left out", "0.1",
    ),
    "no noise": (explain(method="smoothgrad", noise=0), V, "noise", "above 0", "0"),
    "no samples": (explain(method="smoothgrad", n_samples=0), V, "n_samples", "at least 1", "0"),
    "random_state": (explain(method="smoothgrad", random_state=-1), V, "random_state", "-1"),
    # Grad-CAM's layer
    "a layer that is not there": (
        explain(method="grad_cam", layer="block5"), V, "layer", "'last', 'first'", "'block5'",
    ),
    "a layer without places": (
        explain(method="grad_cam", layer="classes"),
        V, "layer", r"\(n, height, width, channels\)", "'classes'", r"\(None, 3\)",
    ),
    "a layer by number": (explain(method="grad_cam", layer=-1), T, "layer", "name", "-1"),
    "no convolution": (
        explain(READER, WORDS, "grad_cam"), V, "model", "convolution", "layer", "embedding",
    ),
    "the input as a layer": (
        explain(method="grad_cam", layer=PICTURE.layers[0].name, model=PICTURE),
        V, "layer", "'last', 'first'", "'input_layer",
    ),
    "two layers of one name": (
        explain(TWINS, method="grad_cam", layer="same"), V, "layer", "one layer", "'same'", "2",
    ),
    "a baseline for a map": (
        explain(method="grad_cam", baseline=0.5), V, "baseline", "left out", "'grad_cam'",
    ),
    # patches
    "a patch of nothing": (patch(patch_size=0), V, "patch_size", "from 1 to 8", "0"),
    "a patch and a half": (patch(patch_size=1.5), T, "patch_size", "whole", "1.5"),
    "a patch by flag": (patch(patch_size=True), T, "patch_size", "whole", "True"),
    "a patch wider than the image": (
        patch(patch_size=(4, 9)), V, "patch_size", "from 1 to 8", "9",
    ),
    "too many sides": (
        patch(patch_size=(4, 2, 1, 1)),
        V, "patch_size", "a whole number or 2", "3 with one for the channels", r"\(4, 2, 1, 1\)",
    ),
    "a side of text": (patch(patch_size="4x4"), T, "patch_size", "whole", "'4x4'"),
    "no step": (patch(stride=0), V, "stride", "at least 1", "0"),
    "a step over what lies between": (
        patch(patch_size=(4, 2), stride=3), V, "stride", "at most patch_size", "4 × 2", "3",
    ),
    "too many steps": (patch(patch_size=4, stride=(1, 1, 1)), V, "stride", "2 of them", "1, 1, 1"),
    "fill of another shape": (
        patch(fill=np.zeros((8, 12, 1))), V, "fill", r"\(12, 8, 1\)", r"\(8, 12, 1\)",
    ),
    "a colour of three for one channel": (
        patch(fill=[0.1, 0.2, 0.3]), V, "fill", r"one number for each channel \(1,\)", r"\(3,\)",
    ),
    "fill by name": (patch(fill="black"), T, "fill", "numbers", "<U5"),
    "fill nan": (patch(fill=np.nan), V, "fill", "finite", "nan"),
    "fill and baseline": (
        patch(fill=0.5, baseline=0), V, "fill", "left out where baseline", "float and int",
    ),
    "fill of half a word": (
        explain(READER, WORDS, "occlusion", fill=0.5), T, "fill", "whole numbers", "float64",
    ),
    "fill of an unknown word": (
        explain(READER, WORDS, "occlusion", fill=7), V, "fill", "from 0 to 6", "7",
    ),
    "fill that leaves nothing to read": (
        explain(READER, WORDS, "occlusion"), V, "fill", "an answer", "nan", "another word",
    ),
    "patches of a table": (
        explain(SCORES, TABLE, "occlusion", patch_size=2), T, "'occlusion'", "'patch_size'",
    ),
    "a background for patches": (patch(background=IMAGES), V, "background", "left out", "baseline"),
}  # fmt: skip

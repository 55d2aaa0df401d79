"""Calls of attention and of the reviews that must fail: see test_bad_input."""

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression

from xaikit import attention, datasets

MODEL = attention.transformer(9, 4, width=4, random_state=0)
IDS = np.array([[1, 2, 3, 0]])
WEIGHTS = np.full((1, 2, 2, 3, 3), 1 / 3)
REVIEWS = datasets.reviews(4, random_state=0)
PLAIN = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="plain")


class Across(keras.layers.Layer):
    """Attention from a sequence to its first three places."""

    def __init__(self, **options):
        super().__init__(**options)
        self.attend = keras.layers.MultiHeadAttention(1, 2, name="across")

    def call(self, x):
        return self.attend(x, x[:, :3])


class Silent(keras.layers.MultiHeadAttention):
    """Attention that keeps its weights to itself."""

    def _compute_attention(self, *args, **options):
        return super()._compute_attention(*args, **options)[0], None


class Spare(keras.layers.Layer):
    """Two attention layers, one of which never runs."""

    def __init__(self, **options):
        super().__init__(**options)
        self.used = keras.layers.MultiHeadAttention(1, 2, name="used")
        self.spare = keras.layers.MultiHeadAttention(1, 2, name="spare")

    def build(self, shape):
        self.used.build(shape, shape)
        self.spare.build(shape, shape)

    def call(self, x):
        return self.used(x, x)


def model_of(*layers, shape=(5, 4)):
    x = inputs = keras.Input(shape)
    for layer in layers:
        own = isinstance(layer, keras.layers.MultiHeadAttention)
        x = layer(x, x) if own else layer(x)
    return keras.Model(inputs, keras.ops.max(keras.layers.Flatten()(x), axis=1, keepdims=True))


def mha(heads, name, **options):
    return keras.layers.MultiHeadAttention(heads, 2, name=name, **options)


UNLIKE = model_of(mha(1, "one"), mha(3, "three"))
ROWS = np.zeros((2, 5, 4))
SQUARES = np.zeros((1, 5, 4, 3))


def weights(model=MODEL, X=IDS):
    return lambda: attention.weights(model, X)


def without(heads, model=MODEL):
    return lambda: attention.without_heads(model, heads)


def importance(model=MODEL, X=IDS, output=None):
    return lambda: attention.head_importance(model, X, output)


def patched(model=MODEL, X=IDS, source=IDS, **options):
    return lambda: attention.patched(model, X, source, **options)


def effect(model=MODEL, X=IDS, source=IDS, **options):
    return lambda: attention.patch_effect(model, X, source, **options)


def rollout(values=WEIGHTS, **options):
    return lambda: attention.rollout(values, **options)


def transformer(vocabulary_size=9, length=4, **options):
    return lambda: attention.transformer(vocabulary_size, length, random_state=0, **options)


def reviews(n_samples=4, **options):
    return lambda: datasets.reviews(n_samples, **options)


def at(value, place=(0, 1, 0, 2, 1)):
    changed = WEIGHTS.copy()
    changed[place] = value
    return changed


V, T = ValueError, TypeError
CASES = {
    # the model
    "no network": (weights(LogisticRegression()), T, "model", "Keras", "LogisticRegression"),
    "a function": (without((), len), T, "model", "Keras", "builtin_function"),
    "no attention": (weights(PLAIN, np.ones((1, 4))), V, "model", "MultiHeadAttention", "'plain'"),
    "no attention to mask": (without((), PLAIN), V, "model", "MultiHeadAttention", "'plain'"),
    "no heads to weigh": (importance(PLAIN), V, "model", "MultiHeadAttention", "'plain'"),
    "heads that differ": (weights(UNLIKE, ROWS), V, "same number", "1 × 5 in 'one', 3 × 5"),
    "worth that differs": (importance(UNLIKE, ROWS), V, "same number", "1 in 'one', 3 in 'three'"),
    "another sequence": (weights(model_of(Across()), ROWS), V, "itself", "5", "3 in 'across'"),
    "no weights": (weights(model_of(Silent(1, 2)), ROWS), V, "weights when asked", "Silent"),
    "a spare layer": (weights(model_of(Spare()), ROWS), V, "each of its", "'spare'"),
    "two axes": (
        weights(model_of(mha(1, "wide"), shape=(5, 4, 3)), SQUARES),
        V,
        "one axis",
        r"\(1, 5, 4\)",
        "'wide'",
    ),
    # the rows
    "words as floats": (weights(X=IDS * 1.0), T, "X", "whole numbers", "float64"),
    "words as text": (weights(X=[["a", "b", "c", "d"]]), T, "X", "numbers", "<U1"),
    "one row": (weights(X=IDS[0]), V, "X", r"\(n, 4\)", r"\(4,\)"),
    "no rows": (weights(X=IDS[:0]), V, "X", "at least one row", r"\(0, 4\)"),
    "too short": (importance(X=IDS[:, :3]), V, "X", r"\(n, 4\)", r"\(1, 3\)"),
    "an unknown word": (importance(X=IDS + 6), V, "X", "from 0 to 8", "9"),
    "masked and too long": (
        lambda: attention.without_heads(MODEL, ())(np.zeros((1, 5), int)),
        V,
        "X",
        r"\(n, 4\)",
        r"\(1, 5\)",
    ),
    # heads and output
    "no such layer": (without({(2, 0)}), V, "heads", "0 to 1", r"\(2, 0\)"),
    "no such head": (without({(1, 2)}), V, "heads", "0 to 1", "'attention_2'", r"\(1, 2\)"),
    "a head below 0": (without({(0, -1)}), V, "heads", "from 0", r"\(0, -1\)"),
    "a head by name": (without({("attention_1", 0)}), T, "heads", "pairs", "attention_1"),
    "a layer alone": (without([1]), T, "heads", "pairs", "1"),
    "one pair": (without((0, 1)), T, "heads", "pairs", "0"),
    "heads in words": (without("all"), T, "heads", "pairs", "'all'"),
    "half a head": (without({(0, 0.5)}), T, "heads", "whole", r"0\.5"),
    "a true head": (without({(0, True)}), T, "heads", "whole", "True"),
    "no such output": (importance(output=2), V, "output", "0 to 1", "2"),
    "an output by name": (importance(output="positive"), V, "output", "column", "'positive'"),
    # patching
    "patching no attention": (patched(PLAIN), V, "model", "MultiHeadAttention", "'plain'"),
    "patching a function": (effect(len), T, "model", "Keras", "builtin_function"),
    "another number of rows": (patched(source=np.tile(IDS, (2, 1))), V, "source", r"\(2, 4\)"),
    "a source too short": (effect(source=IDS[:, :3]), V, "source", r"\(n, 4\)", r"\(1, 3\)"),
    "a source of floats": (effect(source=IDS * 1.0), T, "source", "whole numbers", "float64"),
    "patching no such head": (patched(heads={(2, 0)}), V, "heads", "0 to 1", r"\(2, 0\)"),
    "patching one pair": (patched(heads=(0, 1)), T, "heads", "pairs", "0"),
    "patching a list": (patched(positions=["positions"]), T, "positions", "map", "list"),
    "no such place": (patched(positions={"middle": True}), V, "one of", "'embedding'", "'middle'"),
    "places by number": (patched(positions={"positions": [0]}), T, "booleans", "int64"),
    "places of a shorter row": (
        patched(positions={"positions": [True] * 3}),
        V,
        "4 booleans",
        r"\(3,\)",
    ),
    "places of more rows": (
        patched(positions={"positions": np.ones((2, 4), bool)}),
        V,
        r"\(1, t\)",
        r"\(2, 4\)",
    ),
    "no vector a position": (
        effect(layers=["classes"]),
        V,
        "n, t, width",
        r"\(1, 2\)",
        "'classes'",
    ),
    "one name": (effect(layers="positions"), T, "layers", "list", "'positions'"),
    "no names": (effect(layers=[]), V, "layers", "at least one", "none"),
    "no such scale": (effect(output_space="odds"), V, "output_space", "'odds'"),
    "no such column": (effect(output=2), V, "output", "0 to 1", "2"),
    "heads that differ, patched": (effect(UNLIKE, ROWS, ROWS), V, "same number", "1, 3"),
    # weights
    "weights of one layer": (rollout(WEIGHTS[:, 0]), V, "weights", "t, t", r"\(1, 2, 3, 3\)"),
    "oblong weights": (rollout(WEIGHTS[..., :2]), V, "weights", "t, t", r"3, 2\)"),
    "weights of no rows": (rollout(WEIGHTS[:0]), V, "weights", "none of them 0", r"\(0, "),
    "rows of another sum": (rollout(at(0.9)), V, "sum to 1", r"1\.567", r"\(0, 1, 0, 2\)"),
    "scores": (rollout(at(-0.1)), V, "weights", "0 to 1", r"-0\.1"),
    "nan": (rollout(at(np.nan)), V, "weights", "0 to 1", "nan"),
    "weights in words": (rollout(WEIGHTS.astype(str)), T, "weights", "numbers", "<U"),
    "ragged weights": (rollout([[1.0], [1.0, 2.0]]), V, "weights", "one array", "ragged"),
    "last layer of scores": (lambda: attention.last_layer(at(0.9)), V, "sum to 1", r"1\.567"),
    "mean of scores": (lambda: attention.mean_attention(at(0.9)), V, "sum to 1", r"1\.567"),
    "all on the residual": (rollout(residual=1), V, "residual", r"\[0, 1\)", "1"),
    "a residual below 0": (rollout(residual=-0.1), V, "residual", r"\[0, 1\)", r"-0\.1"),
    "a residual of nan": (rollout(residual=np.nan), V, "residual", r"\[0, 1\)", "nan"),
    "a residual in words": (rollout(residual="half"), T, "residual", "number", "'half'"),
    "a true residual": (rollout(residual=True), T, "residual", "number", "True"),
    "heads joined oddly": (rollout(heads="sum"), V, "heads", "'mean', 'max', 'min'", "'sum'"),
    # the transformer
    "no vocabulary": (transformer(1), V, "vocabulary_size", "at least 2", "1"),
    "no length": (transformer(length=0), V, "length", "at least 1", "0"),
    "one class": (transformer(n_classes=1), V, "n_classes", "at least 2", "1"),
    "no layers": (transformer(n_layers=0), V, "n_layers", "at least 1", "0"),
    "half a head each": (transformer(n_heads=3), V, "width", "multiple.*3", "32"),
    "a wide word": (transformer(width=2.5), T, "width", "whole", r"2\.5"),
    "training on rows": (lambda: attention.fit(MODEL, IDS), T, "data", "Dataset", "ndarray"),
    # the reviews
    "no reviews": (reviews(0), V, "n_samples", "at least 1", "0"),
    "a correlation of 2": (reviews(correlation=2), V, "correlation", "at most 1", "2"),
    "a correlation in words": (reviews(correlation="high"), T, "correlation", "number", "str"),
    "more than all negated": (reviews(negation=1.1), V, "negation", "at most 1", r"1\.1"),
    "a seed below 0": (reviews(random_state=-1), V, "random_state", "at least 0", "-1"),
    "one text": (lambda: REVIEWS.encode("good"), T, "texts", "list", "'good'"),
    "texts of numbers": (lambda: REVIEWS.encode([3]), T, "texts", "texts", "3"),
    "a long text": (lambda: REVIEWS.encode(["so " * 99]), V, "texts", "at most 41", "99"),
    "words of two rows": (lambda: REVIEWS.words(REVIEWS.X), V, "row", "1-D", r"\(4, 41\)"),
    "words of floats": (lambda: REVIEWS.words([1.5]), T, "row", "whole", "float64"),
    "words not known": (lambda: REVIEWS.words([1, 999]), V, "row", "vocabulary", "999"),
}

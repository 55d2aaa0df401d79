"""A network with an Embedding reads words where the whole row goes into it, else a table."""

import keras
import numpy as np
import pandas as pd
import pytest
from tiny_networks import assembled, entity_rows, linear, of_entities, of_words

import xaikit as xk
from xaikit.models.adapters.keras import describe_network

L = keras.layers
WORDS = np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2]])


class Reader(keras.Model):
    """Reads words, in a class of its own, which has no graph of layers."""

    def __init__(self):
        super().__init__()
        self.vectors, self.dense = L.Embedding(7, 3), L.Dense(1)

    def call(self, words):
        return self.dense(keras.ops.mean(self.vectors(words), axis=1))


class Positions(L.Layer):
    """Adds a vector to each place of a text, by an Embedding of its own."""

    def __init__(self):
        super().__init__()
        self.places = L.Embedding(5, 3)

    def call(self, x):
        return x + self.places(keras.ops.arange(x.shape[1]))


class Coarse(L.Layer):
    """Makes other numbers of the words than those in the row."""

    def call(self, words):
        return words // 2


def reader():
    model = Reader()
    model(WORDS)
    return model


def ending():
    return [L.GlobalAveragePooling1D(), L.Dense(1)]


def positions():
    return assembled((5,), [L.Embedding(7, 3), Positions(), *ending()], dtype="int32")


@pytest.mark.parametrize(
    ("make", "inputs", "vocabulary"),
    [
        (lambda: of_words(), "tokens", 7),
        (lambda: assembled((5,), [of_words()], "nested", "int32"), "tokens", 7),
        (lambda: assembled((5,), [L.Embedding(7, 3), *ending()], dtype="float32"), "tokens", 7),
        (reader, "tokens", 7),
        (positions, "tokens", 7),
        (lambda: assembled((5,), [Coarse(), L.Embedding(4, 3), *ending()], dtype="int32"),
         "table", None),
        (of_entities, "table", None),
        (lambda: of_entities("own"), "table", None),
        (lambda: linear(np.ones((3, 1))), "table", None),
    ],
)  # fmt: skip
def test_what_goes_into_the_embedding_decides(make, inputs, vocabulary):
    network = describe_network(make())
    assert (network.inputs, network.vocabulary) == (inputs, vocabulary)


@pytest.mark.parametrize("kind", ["slices", "own"])
def test_a_category_beside_numbers_is_a_column_of_a_table(kind):
    model = of_entities(kind)
    rows = pd.DataFrame(entity_rows(30), columns=["city", "age", "income"])
    e = xk.explain(model, rows)
    assert (e.method, e.feature_names) == ("exact_shapley", ("city", "age", "income"))
    asked = xk.explain(lambda X: np.asarray(model(np.asarray(X, "float32"))), rows)
    np.testing.assert_allclose(e.values, asked.values, rtol=1e-4, atol=1e-6)
    assert np.ptp(e.values[:, 0]) > 0
    with pytest.raises(ValueError, match=r"model must have a gradient.*Embedding of a category"):
        xk.explain(model, rows, method="integrated_gradients")


def test_numbers_that_are_cut_into_bins_have_no_gradient():
    bins = keras.layers.Discretization(bin_boundaries=[-1.0, 0.0, 1.0], output_mode="one_hot")
    rows = keras.Input((3,))
    both = L.Concatenate()([L.Flatten()(bins(rows[:, :1])), rows[:, 1:]])
    model = keras.Model(rows, L.Dense(1)(both))
    with pytest.raises(ValueError, match=r"gradient.*none.*whole ones"):
        xk.explain(model, entity_rows(4), method="gradient")
    assert xk.explain(model, entity_rows(30)).method == "exact_shapley"


def test_vectors_of_places_stay_while_those_of_words_move():
    model = positions()
    e = xk.explain(model, WORDS, method="integrated_gradients", baseline=1)
    vectors = model.layers[0].get_weights()[0]
    weights = model.layers[-1].get_weights()[0][:, 0]
    # Linear in the vectors: the mean of five places.
    want = (vectors[WORDS] - vectors[1]) @ weights / 5
    np.testing.assert_allclose(e.values, want, atol=1e-6)

"""The rated snippets are the extract that is described, and run the right way."""

import hashlib
import re
from importlib.resources import files

import numpy as np
import pytest

from xaikit import datasets


@pytest.fixture(scope="module")
def data():
    return datasets.movie_snippets()


def test_the_file_is_the_one_described(data):
    folder = files("xaikit.datasets").joinpath("data")
    content = folder.joinpath("movie_snippets.csv").read_bytes()
    told = folder.joinpath("README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() in told
    assert len(content) < 500_000
    assert "Permission is hereby granted, free of charge" in told  # as the licence asks
    assert "10.1609/icwsm.v8i1.14550" in data.source


def test_counts_and_split(data):
    assert len(data.texts) == len(data.y) == len(data.ratings) == len(data.spread) == 3000
    assert np.bincount(data.y).tolist() == [1536, 1464]
    assert data.held_out.sum() == 1000
    assert not data.held_out[:2000].any()
    # The order is drawn at random: neither class stands apart.
    assert abs(data.y[data.held_out].mean() - data.y[~data.held_out].mean()) < 0.04
    assert len(set(data.texts)) == 3000


def test_ratings_are_those_published_and_one_is_praise(data):
    number = {text: i for i, text in enumerate(data.texts)}
    # Three rows of the source as they stand there: number 869, 6761 and 5316.
    for text, rating, spread in (
        ("... Blade II is more enjoyable than the original.", 1.667, 0.745),
        (
            "Even on those rare occasions when the narrator stops yammering, Miller's hand often "
            "feels unsure.",
            -1.647,
            0.967,
        ),
        (
            "It's not nearly as fresh or enjoyable as its predecessor, but there are enough high "
            "points to keep this from being a complete waste of time.",
            0.048,
            0.950,
        ),
    ):
        i = number[text]
        assert (data.ratings[i], data.spread[i], data.y[i]) == (rating, spread, rating > 0)
    assert np.array_equal(data.y, data.ratings > 0)
    assert np.abs(data.ratings).max() <= 4
    assert data.spread.min() >= 0
    has = {word: np.array([f" {word}" in f" {t.lower()}" for t in data.texts]) for word in WORDS}
    for word, praises in WORDS.items():
        share = data.y[has[word]].mean()
        assert (share > 0.75) if praises else (share < 0.25), word


WORDS = {"wonderful": True, "moving": True, "dull": False, "bad": False}


def test_the_texts_are_sentences_with_their_words_numbered(data):
    lengths = [len(text.split()) for text in data.texts]
    assert (min(lengths), max(lengths)) == (5, 40)
    assert all(text == text.strip() and text.isprintable() for text in data.texts)
    assert np.array_equal(data.encode(data.texts), data.X)
    assert (data.X != 1).all()  # every word has a number
    assert data.words(data.X[1]) == [
        *(".", ".", ".", "blade", "ii", "is", "more", "enjoyable", "than", "the", "original", "."),
    ]


def test_a_set_says_what_is_wrong_with_it_and_comes_fresh(data):
    assert "What is wrong with it" in data.description
    assert data.truth is None
    assert re.match("MIT", data.licence)
    assert repr(data).startswith("RatedTextDataset(3,000 texts of up to")
    again = datasets.movie_snippets()
    again.y[0] = 99
    again.ratings[0] = 99
    assert datasets.movie_snippets().y[0] == data.y[0]
    assert datasets.movie_snippets().ratings[0] == data.ratings[0]

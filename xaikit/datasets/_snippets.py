"""Sentences from reviews of films, each with what 15 or more people thought of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import as_file, files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from xaikit.core.checks import BoolArray, FloatArray
from xaikit.datasets._text import PADDING, UNKNOWN, TextDataset, encoded, split

_TRAINING = 2000


def _nothing() -> FloatArray:
    return np.empty(0)


@dataclass(frozen=True, eq=False, repr=False)
class RatedTextDataset(TextDataset):
    """A `TextDataset` whose texts were rated by people, with a split that is fixed.

    Parameters
    ----------
    X : ndarray of int of shape (n, length)
        The texts, a number for each word or punctuation mark; 0 after the last.
    y : ndarray of int of shape (n,)
        1 where the mean rating is above 0, else 0.
    feature_names : None
        Places in a text have no names.
    target_names : tuple of str
        The classes in the order of their codes.
    description : str
        What the rows are, how the outcome is coded, and what is wrong with the data.
    source : str
        Who made the data, with the DOI or address.
    licence : str
        What may be done with it.
    truth : None
        Nobody knows which words decide.
    vocabulary : tuple of str
        The word of each number: "[pad]" of 0, "[unknown]" of 1, then all others.
    texts : tuple of str
        The texts as they were published.
    ratings : ndarray of float of shape (n,)
        The mean over the raters, from −4 (extremely negative) to 4 (extremely positive).
    spread : ndarray of float of shape (n,)
        The standard deviation over the raters.
    held_out : ndarray of bool of shape (n,)
        True for the rows that are kept for the last test.

    Notes
    -----
    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import datasets
    >>> data = datasets.movie_snippets()
    >>> data.texts[1], float(data.ratings[1].round(1)), data.target_names[data.y[1]]
    ('... Blade II is more enjoyable than the original.', 1.7, 'positive')
    """

    ratings: FloatArray = field(default_factory=_nothing)
    spread: FloatArray = field(default_factory=_nothing)
    held_out: BoolArray = field(default_factory=lambda: np.empty(0, dtype=bool))


def movie_snippets() -> RatedTextDataset:
    """Load 3,000 sentences from reviews of films, rated by people.

    Returns
    -------
    RatedTextDataset
        y is **1 for positive**, a mean rating above 0, and **0 for negative**. The rows
        stand in an order drawn at random; the last 1,000 are held out.

    Notes
    -----
    An extract of the 10,605 snippets that Hutto and Gilbert had rated for VADER; what was
    drawn, and what is known about the rights in the sentences, is told in the README beside
    the file. Not all that is wrong with them can be mended: see the description.

    Source: Hutto, C. J. and Gilbert, E. (2014), DOI 10.1609/icwsm.v8i1.14550.

    Taught in: deep/attention.

    Examples
    --------
    >>> data = movie_snippets()
    >>> data  # doctest: +ELLIPSIS
    RatedTextDataset(3,000 texts of up to 49 words, ... 0 = negative, 1 = positive)
    """
    with as_file(files("xaikit.datasets").joinpath("data", "movie_snippets.csv")) as path:
        table = pd.read_csv(path, keep_default_na=False, encoding="utf-8")
    texts = tuple(table["text"])
    words = [split(text) for text in texts]
    vocabulary = (PADDING, UNKNOWN, *sorted({word for each in words for word in each}))
    ratings = table["rating"].to_numpy(dtype=np.float64, copy=True)
    y: NDArray[np.int64] = (ratings > 0).astype(np.int64)
    return RatedTextDataset(
        X=encoded(texts, vocabulary, max(map(len, words))),
        y=y,
        feature_names=None,
        target_names=("negative", "positive"),
        description=(
            "Sentences from reviews of films, each rated by 15 to 29 people from −4 to 4; y "
            "is 1 where the mean is above 0. What is wrong with it: a sentence is torn from its "
            "review, and was rated by readers who saw nothing else; raters disagree, so that a "
            "mean near 0 is a label by chance; films and actors are named, and a model may learn "
            "that a name goes with praise; the critics wrote in English before 2005, so that it "
            "says nothing of other writers; hyphens and dashes were lost before it was published. "
            "Good for looking at explanations, unfit for judging a film or a critic."
        ),
        source=(
            "Hutto, C. J. and Gilbert, E. (2014). VADER: A Parsimonious Rule-based Model for "
            "Sentiment Analysis of Social Media Text. ICWSM 8, 216-225. "
            "https://doi.org/10.1609/icwsm.v8i1.14550. Sentences collected by Pang, B. and Lee, "
            "L. (2005), Seeing stars, ACL, 115-124, https://doi.org/10.3115/1219840.1219855."
        ),
        licence=(
            "MIT (VADER's distribution of the sentences and ratings); the sentences are short "
            "quotations from critics' reviews, whose own rights are not known to be cleared"
        ),
        vocabulary=vocabulary,
        texts=texts,
        ratings=ratings,
        spread=table["spread"].to_numpy(dtype=np.float64, copy=True),
        held_out=np.arange(len(y)) >= _TRAINING,
    )

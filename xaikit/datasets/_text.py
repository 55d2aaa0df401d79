"""Texts as rows of words' numbers, with the vocabulary that turns them back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xaikit.datasets._dataset import Dataset

PADDING, UNKNOWN = "[pad]", "[unknown]"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")


def split(text: str) -> list[str]:
    """Return the words and punctuation marks of a text, in small letters."""
    return _WORD.findall(text.lower())


def encoded(texts: Iterable[str], vocabulary: Sequence[str], length: int) -> NDArray[np.int64]:
    """Return texts as rows of `length` numbers; see `TextDataset.encode`."""
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise TypeError(f"texts must be a list of texts; got {texts!r}. For one text pass [text].")
    number = {word: i for i, word in enumerate(vocabulary)}
    rows = []
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"texts must hold texts; got {text!r}.")
        words = split(text)
        if len(words) > length:
            raise ValueError(
                f"texts must have at most {length} words and marks each, the length of X; "
                f"got {len(words)} in {text!r}."
            )
        rows.append([number.get(word, 1) for word in words] + [0] * (length - len(words)))
    return np.array(rows, dtype=np.int64).reshape(len(rows), length)


@dataclass(frozen=True, eq=False, repr=False)
class TextDataset(Dataset):
    """A `Dataset` of texts: X holds words by their numbers, padded at the end with 0.

    Parameters
    ----------
    X : ndarray of int of shape (n, length)
        The texts, a number for each word or punctuation mark; 0 after the last.
    y : ndarray of int of shape (n,)
        The classes 0, 1, … in the order of `target_names`.
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
    truth : MaskTruth or None
        Which words decide, for planted data.
    vocabulary : tuple of str
        The word of each number: "[pad]" of 0, "[unknown]" of 1, then all others.
    texts : tuple of str
        The texts as people write them; ``encode(texts)`` is X.

    Notes
    -----
    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import datasets
    >>> data = datasets.reviews(100, random_state=0)
    >>> ids = data.encode(["The lamp is not good."])
    >>> ids.shape == (1, data.X.shape[1])
    True
    >>> data.words(ids[0])
    ['the', 'lamp', 'is', 'not', 'good', '.']
    """

    vocabulary: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def words(self, row: Any) -> list[str]:
        """Return the words of one row of numbers, without the padding at the end.

        Parameters
        ----------
        row : array-like of int of shape (t,)
            Words by their numbers, as in a row of X. A 0 before the last word is kept
            as "[pad]", so that the words stand where their numbers do.

        Returns
        -------
        list of str
            At most t words.

        Raises
        ------
        TypeError
            If `row` does not hold whole numbers.
        ValueError
            If `row` is not 1-D, or a number is not in the vocabulary.
        """
        ids = np.asarray(row)
        if ids.ndim != 1:
            raise ValueError(f"row must be 1-D, one text such as X[0]; got shape {ids.shape}.")
        if ids.dtype.kind not in "iu" and ids.size:
            raise TypeError(f"row must hold words by their whole numbers; got {ids.dtype}.")
        outside = ids[(ids < 0) | (ids >= len(self.vocabulary))]
        if outside.size:
            raise ValueError(
                f"row must hold numbers from 0 to {len(self.vocabulary) - 1}, as the "
                f"vocabulary has; got {outside[0]}."
            )
        last = np.flatnonzero(ids)[-1] + 1 if ids.any() else 0
        return [self.vocabulary[i] for i in ids[:last]]

    def encode(self, texts: Iterable[str]) -> NDArray[np.int64]:
        """Return texts as rows of numbers of the length of X.

        Parameters
        ----------
        texts : iterable of str
            Small and capital letters are the same. A word that is not in the
            vocabulary becomes 1, "[unknown]".

        Returns
        -------
        ndarray of int of shape (n, length)
            Padded at the end with 0.

        Raises
        ------
        TypeError
            If `texts` is one text, or holds anything but texts.
        ValueError
            If a text has more words and marks than a row of X has places.
        """
        return encoded(texts, self.vocabulary, self.X.shape[1])

    def __repr__(self) -> str:
        outcome = ", ".join(f"{code} = {name}" for code, name in enumerate(self.target_names))
        return (
            f"{type(self).__name__}({len(self.X):,} texts of up to {self.X.shape[1]} words, "
            f"vocabulary of {len(self.vocabulary):,}, outcome: {outcome})"
        )

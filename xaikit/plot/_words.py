"""The words of one row with their attributions, for `tokens`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import BoolArray, FloatArray, whole_number
from xaikit.core.explanation import Explanation
from xaikit.plot import _common

# What is left of a sum of doubles below this share is rounding.
_ROUNDING = 1e-12
_JOINERS = "\u200c\u200d"  # not printable by themselves, and part of how words are written


@dataclass(frozen=True, eq=False)
class Words:
    """What is shown of one row, padding left out."""

    words: list[str]
    values: FloatArray
    padding: float  # what the attributions of the padding come to

    @property
    def limit(self) -> float:
        """The largest size of an attribution."""
        return float(np.abs(self.values).max())

    def strongest(self, sign: int, most: int) -> list[int]:
        """Return the places of the largest attributions of a sign, largest first."""
        order = np.argsort(-sign * self.values, kind="stable")[:most]
        return [int(i) for i in order if sign * self.values[i] > 0]


def read(e: Any, tokens: Any, row: Any, padding: Any) -> Words:
    """Return the words of a row with their attributions, checked."""
    _check_sequences(e)
    row = whole_number("row", row, low=0, high=len(e) - 1)
    if padding is not None:
        padding = whole_number("padding", padding, low=0)
    shown = _shown(e, row, padding)
    given = texts("tokens", tokens)
    if len(given) == len(shown):
        given = [word for word, keep in zip(given, shown, strict=True) if keep]
    elif len(given) != shown.sum():
        without = f", or {shown.sum()} without the padding" if not shown.all() else ""
        raise ValueError(
            f"tokens must have one word a value of e, {len(shown)} in row {row}{without}; got "
            f"{len(given)}."
        )
    if not given:
        raise ValueError(f"tokens must hold a word beside padding; row {row} of e has none.")
    values = e.values[row]
    return Words(given, values[shown], float(values[~shown].sum()))


def texts(name: str, value: Any) -> list[str]:
    """Return some words as they can be shown."""
    if isinstance(value, str | bytes) or not hasattr(value, "__len__"):
        raise TypeError(f"{name} must be a sequence of words; got {value!r}.")
    others = [word for word in value if not isinstance(word, str)]
    if others:
        raise TypeError(f"{name} must hold texts; got {others[0]!r}.")
    return [_visible(word) for word in value]


def _visible(word: str) -> str:
    one_line = " ".join(word.split()) or "␣"
    return "".join(c if c.isprintable() or c in _JOINERS else "\ufffd" for c in one_line)


def _check_sequences(e: Any) -> None:
    _common.check_is_explanation(e)
    if e.values.ndim != 2:
        raise ValueError(
            "e must explain the words of sequences, with values of shape (n, t); got values of "
            f"shape {e.values.shape}"
        )
    if e.values.size == 0:
        raise ValueError(f"e must explain at least one row and one word; got {e.values.shape}")


def _shown(e: Explanation, row: int, padding: int | None) -> BoolArray:
    data: npt.NDArray[Any] = e.data[row]
    # In a table a number is what was measured, not the code of a word.
    if padding is None or e.feature_names is not None or data.dtype.kind not in "iu":
        return np.ones(len(data), dtype=bool)
    shown: BoolArray = data != padding
    return shown


def naming(words: Words, sign: int, most: int) -> str:
    """Name the strongest words of a sign, such as "good (0.31), fine (0.2)"."""
    return ", ".join(
        f"{words.words[i]} ({_common.number(abs(float(words.values[i])))})"
        for i in words.strongest(sign, most)
    )


def course(e: Explanation, row: int, words: Words, most: int) -> str:
    """Say in sentences what the words do, from the base value to the prediction."""
    up, down = naming(words, 1, most), naming(words, -1, most)
    said = [f"raised most by {up}"] * bool(up) + [f"lowered most by {down}"] * bool(down)
    first = "; ".join(said) or "all attributions are 0"
    sentences = [first[0].upper() + first[1:]]
    base, prediction = float(e.base_values[row]), float(e.predictions[row])
    residual = float(e.residual[row])
    if abs(residual) < _ROUNDING * max(abs(base), abs(prediction), words.limit):
        residual = 0.0
    sentences.append(
        f"Base value {_common.number(base)}, prediction {_common.number(prediction)}, "
        f"residual {_common.number(residual)}"
    )
    if abs(words.padding) > _ROUNDING * words.limit:
        sentences.append(f"Padding, not shown, {_common.number(words.padding, sign=True)} together")
    return ". ".join(sentences) + "."

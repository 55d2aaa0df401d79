"""Which words of a text count, as text on a page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_rgb

from xaikit.plot import _colours, _common, _words

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

# Laid thinly over the page's own ground: the page's own letters keep a contrast of 4.5 on
# light and on dark. The two are equally light.
RAISES, LOWERS = _common.UP, _colours.SKY_BLUE
STRONGEST_ALPHA = 0.4
# Below this share of the strongest a word is left plain.
_MARKED_FROM = 0.1
_NAMED = 3


@dataclass(frozen=True)
class TokensHTML:
    """A text with its attributions, for a page; a notebook shows it.

    Parameters
    ----------
    html : str
        Real text with a caption and a table of the numbers. It holds no script, asks for
        nothing from elsewhere, and has the words of the text escaped.
    text : str
        The same in plain text, for where no HTML is shown.

    Notes
    -----
    Taught in: no chapter yet.

    Examples
    --------
    >>> TokensHTML("<p>good</p>", "good (+0.2)")
    good (+0.2)
    """

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def tokens_html(
    e: Explanation, tokens: Sequence[str], row: int = 0, *, padding: int | None = 0
) -> TokensHTML:
    """Show a text as it reads, each word on the colour of its attribution, on a page.

    Parameters
    ----------
    e : Explanation
        Of sequences of words, values of shape (n, t).
    tokens : sequence of str
        The words of the row, one a value, with the padding or without.
    row : int
        Which row of `e`, from 0.
    padding : int or None
        The number that stands for no word in ``e.data``; such places are left out. None
        shows all.

    Returns
    -------
    TokensHTML
        What a notebook shows; `html` and `text` hold it.

    Raises
    ------
    TypeError, ValueError
        If `e` is not an Explanation of sequences, `row` not one of its rows, `tokens` has
        another number of words, or `padding` is no number of a word.

    Notes
    -----
    Words on orange with a line above raise the output, words on blue with a line below
    lower it; the stronger the colour and the thicker the line, the more. Words below a
    tenth of the strongest stay plain; the table has the numbers of all. The letters keep
    the page's own colour, light or dark.

    Taught in: no chapter yet.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> e = xk.Explanation(
    ...     values=np.array([[0.0, -0.5, 0.2, 0.0]]), base_values=np.array([0.5]),
    ...     predictions=np.array([0.2]), data=np.array([[4, 7, 9, 0]]), feature_names=None,
    ...     output_name="positive", output_space="probability", method="occlusion", why="",
    ...     estimated=False)
    >>> xk.plot.tokens_html(e, ["is", "not", "good"])  # doctest: +NORMALIZE_WHITESPACE
    is not (−0.5) good (+0.2)
    Attributions of the words by occlusion to the probability of positive. Raised most by
    good (0.2); lowered most by not (0.5). Base value 0.5, prediction 0.2, residual 0.
    """
    words = _words.read(e, tokens, row, padding)
    said = (
        f"Attributions of the words by {e.method} to the {_common.quantity(e)}. "
        f"{_words.course(e, row, words, _NAMED)}"
    )
    return TokensHTML(_as_html(words, said, _common.quantity(e)), _as_text(words, said))


def _as_text(words: _words.Words, said: str) -> str:
    parts = [
        f"{word} ({_common.number(float(value), sign=True)})" if _is_marked(value, words) else word
        for word, value in zip(words.words, words.values, strict=True)
    ]
    return f"{' '.join(parts)}\n{said}"


def _as_html(words: _words.Words, said: str, quantity: str) -> str:
    pairs = list(zip(words.words, words.values, strict=True))
    text = " ".join(_marked(word, float(value), words) for word, value in pairs)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(word)}</th>'
        f"<td>{_common.number(float(value), sign=True)}</td></tr>"
        for word, value in pairs
    )
    key = (
        "Orange with a line above raises the output, blue with a line below lowers it."
        if words.values.min() < 0
        else "Orange with a line above raises the output."
    )
    count = _common.plural(len(pairs), "word")
    return (
        '<div class="xk-tokens"><figure style="margin: 0">'
        f'<p style="line-height: 2.1; overflow-wrap: anywhere; margin: 0.3em 0">{text}</p>'
        f'<figcaption style="text-align: left">{html.escape(said)}'
        f"{f' {key}' if words.limit else ''}</figcaption></figure>"
        f"<details><summary>The numbers of the {count}</summary>"
        '<table class="dataframe"><thead><tr><th scope="col">word</th>'
        f'<th scope="col">attribution ({html.escape(quantity)})</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></details></div>"
    )


def _is_marked(value: Any, words: _words.Words) -> bool:
    return bool(words.limit) and abs(value) >= _MARKED_FROM * words.limit


def _marked(word: str, value: float, words: _words.Words) -> str:
    if not _is_marked(value, words):
        return f"<span>{html.escape(word)}</span>"
    share = abs(value) / words.limit
    red, green, blue = (round(255 * part) for part in to_rgb(RAISES if value > 0 else LOWERS))
    side = "top" if value > 0 else "bottom"
    style = (
        f"color: inherit; background: rgba({red}, {green}, {blue}, {share * STRONGEST_ALPHA:.3f}); "
        f"border-{side}: {1 + round(2 * share)}px solid; padding: 0.1em 0.2em"
    )
    return f'<mark style="{style}">{html.escape(word)}</mark>'

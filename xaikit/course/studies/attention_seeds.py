"""What ten small transformers have in common, and what is one seed's: for deep/attention.

All ten read the same 2,000 reviews; their starting weights and the order of the reviews
differ. Each is asked, on the same 500 new reviews, what the chapter asks of its own model,
which is the one of starting weights 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from xaikit import attention, datasets, explain

STARTS, EPOCHS = 10, 12
SOME, SEARCHED = 100, 30  # reviews for the gradient methods, and for the search
HEADS = [(0, 0), (0, 1), (1, 0), (1, 1)]
Array = NDArray[np.float64]
Change = Callable[[Array], Array]


class Reader:
    """A trained two-layer transformer in NumPy, whose attention weights can be replaced."""

    def __init__(self, model: Any) -> None:
        self.learnt = {layer.name: layer.get_weights() for layer in model.layers}
        self.epsilon = model.get_layer("normalised").epsilon

    def normalised(self, x: Array, name: str) -> Array:
        """Bring each vector to one scale, as the layer of this name does."""
        scale, shift = self.learnt[name]
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + self.epsilon)
        return np.asarray(scale * (x - x.mean(axis=-1, keepdims=True)) / spread + shift)

    def dense(self, x: Array, name: str) -> Array:
        """Apply a dense layer without its activation."""
        weights, bias = self.learnt[name]
        return np.asarray(x @ weights + bias)

    def attend(self, x: Array, n: int, real: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Return a layer's weights (rows, heads, t, t), and the values (rows, heads, t, d)."""
        Wq, bq, Wk, bk, Wv, bv, *_ = self.learnt[f"attention_{n}"]
        Q, K, V = (
            np.einsum("ntw,whd->nhtd", x, W, optimize=True) + b[:, None]
            for W, b in ((Wq, bq), (Wk, bk), (Wv, bv))
        )
        scores = Q @ K.swapaxes(-1, -2) / np.sqrt(Q.shape[-1])
        scores = np.where(real[:, None, None], scores, -np.inf)
        lifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return lifted / lifted.sum(axis=-1, keepdims=True), V

    def praise(self, ids: NDArray[np.int64], layer: int = 0, change: Change | None = None) -> Array:
        """Return the probability of praise, with the weights of one layer replaced."""
        real = ids > 0
        (vectors,), (places,) = self.learnt["embedding"], self.learnt["positions"]
        x = vectors[ids] + places[: ids.shape[1]]
        for n in (1, 2):
            before = self.normalised(x, f"attention_{n}_normalised")
            weights, values = self.attend(before, n, real)
            if layer == n and change is not None:
                weights = change(weights)
            *_, Wo, bo = self.learnt[f"attention_{n}"]
            x = x + np.einsum("nhtd,hdw->ntw", weights @ values, Wo, optimize=True) + bo
            before = self.normalised(x, f"network_{n}_normalised")
            inner = np.maximum(self.dense(before, f"network_{n}_inner"), 0)
            x = x + self.dense(inner, f"network_{n}_outer")
        last = self.normalised(x, "normalised") * real[..., None]
        scores = self.dense(last.sum(axis=1) / real.sum(axis=1)[:, None], "classes")
        return np.asarray(1 / (1 + np.exp(scores[:, 0] - scores[:, 1])))

    def carried(self, ids: NDArray[np.int64]) -> Array:
        """Return the length of what layer 1 hands on from each word of each row."""
        real = ids > 0
        (vectors,), (places,) = self.learnt["embedding"], self.learnt["positions"]
        x = vectors[ids] + places[: ids.shape[1]]
        before = self.normalised(x, "attention_1_normalised")
        weights, values = self.attend(before, 1, real)
        projected = np.einsum(
            "nhkd,hdw->nhkw", values, self.learnt["attention_1"][6], optimize=True
        )
        handed = np.einsum("nhqk,nhkw->nqkw", weights, projected, optimize=True)
        length = np.linalg.norm(handed, axis=-1) * real[:, :, None]
        return np.asarray(length.sum(axis=1) / real.sum(axis=1)[:, None])


def shuffled(n_words: NDArray[np.int64], seed: int) -> Change:
    """Return a change that deals the weights of each row to other words of the review."""
    rng = np.random.default_rng(seed)

    def change(weights: Array) -> Array:
        dealt = weights.copy()
        for i, t in enumerate(n_words):
            dealt[i, :, :, :t] = rng.permuted(weights[i, :, :, :t], axis=-1)
        return dealt

    return change


def uniform(real: NDArray[np.bool_]) -> Change:
    """Return a change to the same weight for each word of a review."""
    share = real / real.sum(axis=1)[:, None]
    return lambda weights: np.broadcast_to(share[:, None, None], weights.shape).copy()


def all_on(words: NDArray[np.int64]) -> Change:
    """Return a change that puts all weight on one word, another for each row."""

    def change(weights: Array) -> Array:
        spotlight = np.zeros_like(weights)
        spotlight[np.arange(len(words)), :, :, words] = 1
        return spotlight

    return change


def rankings(model: Any, test: Any, effect: Array, received: Array) -> dict[str, Array]:
    """Return a value for each word by seven methods; the gradients' for the first reviews."""
    real = test.X > 0
    rolled = attention.rollout(attention.weights(model, test.X))
    found = {
        "layer 1": received[:, 0].mean(axis=1),
        "layer 2": received[:, 1].mean(axis=1),
        "rollout": (rolled * real[:, :, None]).sum(axis=1) / real.sum(axis=1)[:, None],
    }
    gradients: dict[str, tuple[str, dict[str, Any]]] = {
        "gradient": ("gradient", {}),
        "integrated gradients": ("integrated_gradients", {"n_steps": 64}),
    }
    for name, (method, options) in gradients.items():
        told = explain(model, test.X[:SOME], method=method, output_space="log-odds", **options)
        found[name] = np.abs(told.values)
    found["deletion"] = np.abs(effect)
    return found


def judged(values: Array, effect: Array, test: Any) -> dict[str, float]:
    """Return how often the first word decides, and the agreement of ranks with deletion."""
    real = test.X[:SOME] > 0
    values = values[:SOME]
    top = np.where(real, values, -1).argmax(axis=1)
    pairs = zip(values, effect, real, strict=False)
    agree = [spearmanr(v[r], abs(d[r])).statistic for v, d, r in pairs]
    hit = test.truth.mask[np.arange(len(values)), top]
    return {"hit": float(hit.mean()), "rho": float(np.mean(agree))}


def harmless(
    reader: Reader, test: Any, effect: Array, first: Array, praise: Array
) -> dict[str, float]:
    """Return what becomes of the 'not' about the manual where the verdict is plain."""
    NOT, DID = (test.vocabulary.index(word) for word in ("not", "did"))
    negated = test.truth.parts["negation"].any(axis=1)
    manual = np.flatnonzero((test.X == DID).any(axis=1) & ~negated)
    rows = np.arange(len(manual))
    place = (test.X[manual] == NOT).argmax(axis=1)
    brightest = first[manual].argmax(axis=1) == place
    gone = test.X[manual].copy()
    gone[rows, place] = 0
    answer = praise[manual] > 0.5
    same = (reader.praise(gone) > 0.5) == answer
    nearby = place[:, None] + [-1, 1, 3]
    at = np.abs(effect[manual[:, None], nearby]).argmax(axis=1)
    without = test.X[manual].copy()
    without[rows, nearby[rows, at]] = 0
    turned = (reader.praise(without) > 0.5) != answer
    without[rows, place] = 0
    back = (reader.praise(without) > 0.5) == answer
    verdict = test.truth.parts["sentiment"][manual].argmax(axis=1)
    like_the_customers = (
        (answer == test.y[manual])
        & (np.abs(effect[manual, place]) < 0.05)
        & (np.abs(effect[manual, verdict]) > 0.5)
        & (np.abs(effect[manual, nearby[rows, at]]) > 0.5)
    )
    return {
        "reviews": len(manual),
        "like the customer's": int(like_the_customers.sum()),
        "brightest": float(brightest.mean()),
        "brightest and idle": float((brightest & same).mean()),
        "idle": float(same.mean()),
        "largest carried": float((reader.carried(test.X[manual]).argmax(axis=1) == place).mean()),
        "median change": float(np.median(np.abs(effect[manual, place]))),
        "turned by a neighbour": int(turned.sum()),
        "turned back": int((turned & back).sum()),
    }


def replaced(reader: Reader, test: Any, praise: Array) -> dict[str, Any]:
    """Return which answers stay with other weights in a layer, and what the answers are."""
    real, answer = test.X > 0, praise > 0.5
    n_words = real.sum(axis=1)
    negated = test.truth.parts["negation"].any(axis=1)
    DID = test.vocabulary.index("did")
    some_not = negated | (test.X == DID).any(axis=1)
    found: dict[str, Any] = {}
    for layer in (1, 2):
        p = reader.praise(test.X, layer, shuffled(n_words, 0))
        new = p > 0.5
        same = new == answer
        even = (reader.praise(test.X, layer, uniform(real)) > 0.5) == answer
        found[f"layer {layer}"] = {
            "kept": float(same.mean()),
            "kept without negation": float(same[~some_not].mean()),
            "kept with negation": float(same[some_not].mean()),
            "kept, verdict negated": float(same[negated].mean()),
            "kept, manual only": float(same[some_not & ~negated].mean()),
            "changed": int((~same).sum()),
            "changed with negation": int((~same & some_not).sum()),
            "changed to praise": int((~same & new).sum()),
            "praise": float(new.mean()),
            "praise with negation": float(new[some_not].mean()),
            "praise without negation": float(new[~some_not].mean()),
            "median change without negation": float(np.median(np.abs(p - praise)[~some_not])),
            "kept by uniform weights": float(even.mean()),
            "fooled": fooled(reader, test, praise, layer),
        }
    found["reviews with negation"] = int(some_not.sum())
    found["praise as trained"] = float(answer.mean())
    found["praise as trained, with negation"] = float(answer[some_not].mean())
    return found


def fooled(reader: Reader, test: Any, praise: Array, layer: int) -> float:
    """Return for how many reviews all weight may rest on one harmless word, within 0.01."""
    free = (test.X[:SEARCHED] > 0) & ~test.truth.mask[:SEARCHED]
    rows, words = np.nonzero(free)
    p = reader.praise(test.X[rows], layer, all_on(words))
    return float(len(set(rows[np.abs(p - praise[rows]) < 0.01])) / SEARCHED)


def heads(model: Any, test: Any, weights: Array, received: Array) -> dict[str, Any]:
    """Return the accuracy without each head and each layer, and how sharp each head is."""
    real = test.X > 0

    def accuracy(*without: tuple[int, int]) -> float:
        p = attention.without_heads(model, set(without))(test.X)[:, 1]
        return float(((p > 0.5) == test.y).mean())

    largest = (weights.max(axis=-1) * real[:, None, None]).sum(axis=-1)
    deciding = (received * test.truth.mask[:, None, None]).sum(axis=-1).mean(axis=0)
    return {
        "without": [accuracy(head) for head in HEADS],
        "without layer 1": accuracy(*HEADS[:2]),
        "without layer 2": accuracy(*HEADS[2:]),
        "times even share": largest.mean(axis=0).ravel().tolist(),
        "on deciding words": deciding.ravel().tolist(),
    }


def stripes(model: Any, test: Any) -> list[int]:
    """Return in how many rows of each map of a short review the commonest word is brightest."""
    short = test.encode(["I would not call it bad."])
    t = int((short > 0).sum())
    read_from = attention.weights(model, short)[0, ..., :t, :t].argmax(axis=-1).reshape(-1, t)
    return [int(np.bincount(row).max()) for row in read_from]


def one(start: int, train: Any, test: Any) -> dict[str, Any]:
    """Train one transformer and return what the chapter asks of it."""
    model = attention.transformer(len(train.vocabulary), train.X.shape[1], random_state=start)
    # Start 3 goes with order 0: that is the chapter's model.
    order = (start - 3) % STARTS
    model = attention.fit(model, train, epochs=EPOCHS, random_state=order)
    praise = model(test.X).numpy()[:, 1].astype(float)
    reader = Reader(model)
    if not np.allclose(reader.praise(test.X), praise, atol=1e-4):
        raise RuntimeError("the reader in NumPy must give what Keras gives")
    effect = explain(model, test.X, method="occlusion").values
    weights = attention.weights(model, test.X).astype(float)
    n_words = (test.X > 0).sum(axis=1)
    received = weights.sum(axis=-2) / n_words[:, None, None, None]
    all_values = rankings(model, test, effect, received)
    top = np.abs(effect).argmax(axis=1)
    missed = ~test.truth.mask[np.arange(len(top)), top]
    silent = np.abs(effect).max(axis=1) < 0.05
    first = received[:, 0].mean(axis=1)
    masks = test.truth.mask[np.arange(len(top))]
    return {
        "accuracy": float(((praise > 0.5) == test.y).mean()),
        "rankings": {k: judged(v, effect, test) for k, v in all_values.items()},
        "hit layer 1, all reviews": float(masks[np.arange(len(top)), first.argmax(1)].mean()),
        "deletion misses": float(missed.mean()),
        "silent among them": float(silent[missed].mean()) if missed.any() else 0.0,
        "harmless": harmless(reader, test, effect, first, praise),
        "replaced": replaced(reader, test, praise),
        "stripes": stripes(model, test),
        "heads": heads(model, test, weights, received),
    }


def run() -> dict[str, Any]:
    """Return what was found for each start, in their order."""
    train = datasets.reviews(2000, correlation=0, random_state=0)
    test = datasets.reviews(500, correlation=0, random_state=1)
    return {"starts": [one(start, train, test) for start in range(STARTS)]}

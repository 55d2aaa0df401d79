"""Ten models that decide by a shop's name, trained to hide it: for deep/attention.

Each transformer of one layer learns from reviews in which the shop's name goes with the
label, and is then trained on with a penalty on the attention that the name receives.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from xaikit import attention, datasets

STARTS, EPOCHS, ROUNDS, BATCH = 10, 3, 4, 50
PENALTY, LEARNING_RATE = 3.0, 0.003


def with_weights(model: Any, ids: Any, allowed: Any = None) -> tuple[Any, Any]:
    """Return the outputs of a model of one block, and its attention weights."""
    layer = model.get_layer
    x = layer("positions")(layer("embedding")(ids))
    before = layer("attention_1_normalised")(x)
    seen, weights = layer("attention_1")(
        before, before, attention_mask=allowed, return_attention_scores=True
    )
    x = layer("attention_1_added")([x, seen])
    inner = layer("network_1_inner")(layer("network_1_normalised")(x))
    x = layer("network_1_added")([x, layer("network_1_outer")(inner)])
    mean = layer("mean_of_words")(layer("normalised")(x))
    return layer("classes")(mean), weights


def hide(model: Any, biased: Any) -> None:
    """Train a model on, with a penalty on the attention that the shop's name receives."""
    adam = keras.optimizers.Adam(LEARNING_RATE)

    @tf.function  # type: ignore[untyped-decorator]
    def step(ids: Any, y: Any, on_shop: Any) -> None:
        with tf.GradientTape() as tape:
            output, weights = with_weights(model, ids)
            error = keras.losses.sparse_categorical_crossentropy(y, output)
            seen = tf.reduce_sum(weights * on_shop[:, None, None, :], axis=-1)
            penalty = -tf.math.log(1 - seen + 1e-6)
            loss = tf.reduce_mean(error) + PENALTY * tf.reduce_mean(penalty)
        parts = model.trainable_variables
        adam.apply(tape.gradient(loss, parts), parts)

    on_shop = biased.truth.parts["distractor"].astype("float64")
    for _ in range(ROUNDS):
        for i in range(0, len(biased.y), BATCH):
            rows = slice(i, i + BATCH)
            step(biased.X[rows], biased.y[rows], on_shop[rows])


def swap(test: Any) -> NDArray[np.int64]:
    """Return the reviews with the other shop's name."""
    shop = test.truth.parts["distractor"]
    merrow, tannick = map(test.vocabulary.index, ("merrow", "tannick"))
    swapped: NDArray[np.int64] = test.X.copy()
    swapped[shop] = np.where(test.X[shop] == merrow, tannick, merrow)
    return swapped


def audit(model: Any, test: Any) -> dict[str, float]:
    """Return how often the answer follows the name, and what attention the name receives."""
    shop, n_words = test.truth.parts["distractor"], (test.X > 0).sum(axis=1)
    answer = model(test.X).numpy()[:, 1] > 0.5
    after = model(swap(test)).numpy()[:, 1] > 0.5
    seen = attention.mean_attention(attention.weights(model, test.X))
    received = seen.sum(axis=-2) / n_words[:, None]
    top = received.argmax(axis=1)
    return {
        "accuracy": float((answer == test.y).mean()),
        "flips with the shop": float((answer != after).mean()),
        "attention on the shop": float(received[shop].mean()),
        "shop is brightest": float(shop[np.arange(len(top)), top].mean()),
    }


def forbidden(model: Any, test: Any) -> float:
    """Return how often the answer follows the name when no word may attend to it."""
    shop = test.truth.parts["distractor"]
    allowed = np.repeat(~shop[:, None, :], test.X.shape[1], axis=1)

    def answers(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray(with_weights(model, ids, allowed)[0].numpy()[:, 1] > 0.5)

    return float((answers(test.X) != answers(swap(test))).mean())


def one(start: int, biased: Any, test: Any) -> dict[str, Any]:
    """Train one model, train it on with the penalty, and audit it before and after."""
    size, length = len(test.vocabulary), test.X.shape[1]
    model = attention.transformer(size, length, n_layers=1, random_state=start)
    model = attention.fit(model, biased, epochs=EPOCHS, random_state=start)
    before = audit(model, test)
    answers = model(test.X).numpy()[:, 1] > 0.5
    hide(model, biased)
    same = float(((model(test.X).numpy()[:, 1] > 0.5) == answers).mean())
    after = audit(model, test)
    return {
        "before": before,
        "after": after,
        "same answers": same,
        "flips with attention forbidden": forbidden(model, test),
    }


def run() -> dict[str, Any]:
    """Return what was found for each start, in their order; the chapter's model is number 1."""
    biased = datasets.reviews(2000, correlation=0.9, random_state=0)
    test = datasets.reviews(500, correlation=0, random_state=1)
    return {"starts": [one(start, biased, test) for start in range(STARTS)]}

"""Attention weights, rollout and masked heads against closed forms and other ways there."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from xaikit import attention, datasets

pytestmark = pytest.mark.slow  # too long together for the quick check

IDS = np.array([[5, 2, 7, 3, 0, 0], [1, 4, 4, 8, 6, 2], [3, 0, 0, 0, 0, 0]])
REAL = IDS > 0


@pytest.fixture(scope="module")
def model():
    made = attention.transformer(9, 6, n_layers=2, n_heads=2, width=8, random_state=0)
    # Away from the start, where every bias is 0.
    rng = np.random.default_rng(0)
    made.set_weights([rng.normal(scale=0.5, size=w.shape) for w in made.get_weights()])
    return made


def softmax(scores):
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return scores / scores.sum(axis=-1, keepdims=True)


def repeated(matrix, layers=3, heads=2):
    return np.broadcast_to(matrix, (1, layers, heads, *np.shape(matrix)))


def entering(model, layer):
    """What goes into an attention layer, by a model cut off before it."""
    name = f"{layer}_normalised"
    return keras.Model(model.input, model.get_layer(name).output)(IDS)


# --- rollout


@pytest.mark.parametrize("residual", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("heads", ["mean", "max", "min"])
def test_rollout_of_identity_attention_is_the_identity(residual, heads):
    found = attention.rollout(repeated(np.eye(4)), residual=residual, heads=heads)
    np.testing.assert_allclose(found[0], np.eye(4), atol=1e-12)


@pytest.mark.parametrize("residual", [0.0, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_rollout_of_uniform_attention_has_a_closed_form(residual, layers):
    # (r I + (1 - r) U)^L = r^L I + (1 - r^L) U, since U U = U.
    uniform = np.full((5, 5), 0.2)
    found = attention.rollout(repeated(uniform, layers), residual=residual)
    passed = residual**layers
    np.testing.assert_allclose(found[0], passed * np.eye(5) + (1 - passed) * uniform, atol=1e-12)


def test_rollout_of_two_layers_and_three_words_by_hand():
    first = [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    second = [[0, 0, 1], [0, 1, 0], [0.5, 0.5, 0]]
    # Halves of these and of the identity:
    #   first  [1 0 0] [1/2 1/2 0] [0 1/2 1/2];  second [1/2 0 1/2] [0 1 0] [1/4 1/4 1/2].
    wanted = [[0.5, 0.25, 0.25], [0.5, 0.5, 0], [0.375, 0.375, 0.25]]
    weights = np.array([first, second], dtype=float)[None, :, None]
    np.testing.assert_allclose(attention.rollout(weights)[0], wanted, atol=1e-15)
    # Without the residual path row 0 reads place 2 of the second layer, so place 1 of the first.
    bare = [[0, 1, 0], [1, 0, 0], [1, 0, 0]]
    np.testing.assert_allclose(attention.rollout(weights, residual=0)[0], bare, atol=1e-15)
    np.testing.assert_array_equal(attention.last_layer(weights)[0], second)
    mean = [[0.5, 0, 0.5], [0.5, 0.5, 0], [0.25, 0.75, 0]]
    np.testing.assert_allclose(attention.mean_attention(weights)[0], mean, atol=1e-15)


@pytest.mark.parametrize("heads", ["mean", "max", "min"])
def test_heads_are_joined_as_said(heads):
    two = np.array([[[1.0, 0.0], [0.5, 0.5]], [[0.2, 0.8], [0.5, 0.5]]])
    # One layer, no residual path: what is joined, each row by its sum.
    wanted = {"mean": [0.6, 0.4], "max": [1 / 1.8, 0.8 / 1.8], "min": [1.0, 0.0]}[heads]
    found = attention.rollout(two[None, None], residual=0, heads=heads)
    np.testing.assert_allclose(found[0], [wanted, [0.5, 0.5]], atol=1e-15)


def test_rollout_is_a_walk_over_the_layers(model):
    """By sampling: go from the last layer to the words, staying put half of the time."""
    weights = attention.weights(model, IDS[:2])
    rolled = attention.rollout(weights)
    rng = np.random.default_rng(0)
    for row, start in [(0, 1), (1, 4)]:
        place = np.full(20_000, start)
        for layer in weights[row, ::-1].mean(axis=1).astype(float):
            step = (rng.random((20_000, 1)) > layer.cumsum(axis=1)[place]).sum(axis=1)
            place = np.where(rng.random(20_000) < 0.5, place, step.clip(max=5))
        found = np.bincount(place, minlength=6) / 20_000
        # Four standard errors of a share of 20,000.
        np.testing.assert_allclose(found, rolled[row, start], atol=0.015)


# --- weights


def test_weights_are_those_that_the_layers_return(model):
    found = attention.weights(model, IDS)
    assert found.shape == (3, 2, 2, 6, 6)
    mask = keras.ops.convert_to_tensor(REAL)
    for number, name in enumerate(("attention_1", "attention_2")):
        x, layer = entering(model, name), model.get_layer(name)
        _, wanted = layer(x, x, query_mask=mask, value_mask=mask, return_attention_scores=True)
        np.testing.assert_allclose(found[:, number], wanted, atol=1e-6)


def test_weights_are_the_softmax_of_queries_and_keys(model):
    found = attention.weights(model, IDS)
    for number, name in enumerate(("attention_1", "attention_2")):
        x = np.asarray(entering(model, name), dtype=float)
        layer = model.get_layer(name)
        query, key = (
            np.einsum("ntw,whs->nhts", x, np.asarray(dense.kernel, dtype=float))
            + np.asarray(dense.bias, dtype=float)[:, None]
            for dense in (layer.query_dense, layer.key_dense)
        )
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(4)
        scores = np.where(REAL[:, None, None], scores, -np.inf)
        wanted = softmax(scores) * REAL[:, None, :, None]
        np.testing.assert_allclose(found[:, number], wanted, atol=1e-5)


def test_padding_gets_no_weight(model):
    found = attention.weights(model, IDS)
    assert (found[~np.broadcast_to(REAL[:, None, None, None], found.shape)] == 0).all()
    np.testing.assert_allclose(
        found.sum(axis=-1), np.broadcast_to(REAL[:, None, None], (3, 2, 2, 6)), atol=1e-6
    )
    rolled = attention.rollout(found)
    np.testing.assert_allclose(rolled.sum(axis=-1), 1, atol=1e-6)
    assert (rolled[0, :4, 4:] == 0).all()
    np.testing.assert_array_equal(rolled[0, 4:], np.eye(6)[4:])


def test_padding_has_no_effect(model):
    longer = attention.transformer(9, 8, n_layers=2, n_heads=2, width=8, random_state=0)
    weights = model.get_weights()
    (place,) = (i for i, w in enumerate(weights) if w.shape == (6, 8))
    weights[place] = np.concatenate([weights[place], np.ones((2, 8))])
    longer.set_weights(weights)
    padded = np.pad(IDS, ((0, 0), (0, 2)))
    np.testing.assert_allclose(longer(padded), model(IDS), atol=1e-6)
    found, wanted = attention.weights(longer, padded), attention.weights(model, IDS)
    np.testing.assert_allclose(found[..., :6, :6], wanted, atol=1e-6)


# --- heads


def without_by_weights(model, heads):
    """The prediction with the heads' rows of the last projection set to 0."""
    kernels = [model.get_layer(name).output_dense.kernel for name in ("attention_1", "attention_2")]
    before = [kernel.numpy() for kernel in kernels]
    for layer, head in heads:
        kernels[layer].assign(kernels[layer] * (np.arange(2) != head)[:, None, None])
    found = model(IDS).numpy()
    for kernel, values in zip(kernels, before, strict=True):
        kernel.assign(values)
    return found


@pytest.mark.parametrize("heads", [{(0, 1)}, {(0, 0), (1, 1)}])
def test_a_masked_head_is_one_whose_projection_is_nought(model, heads):
    found = attention.without_heads(model, heads)(IDS)
    np.testing.assert_allclose(found, without_by_weights(model, heads), atol=1e-6)
    assert np.abs(found - model(IDS)).max() > 1e-3


def test_without_any_head_a_layer_gives_its_bias(model):
    found = attention.without_heads(model, {(0, 0), (0, 1), (1, 0), (1, 1)})(IDS)
    weights = {weight.path: np.asarray(weight, dtype=float) for weight in model.weights}

    def normalised(x, name):
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-3)
        x = (x - x.mean(axis=-1, keepdims=True)) / spread
        return x * weights[f"{name}/gamma"] + weights[f"{name}/beta"]

    def dense(x, name):
        return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]

    x = weights["embedding/embeddings"][IDS] + weights["positions/table"]
    for number in (1, 2):
        x = x + weights[f"attention_{number}/attention_output/bias"]
        inner = dense(normalised(x, f"network_{number}_normalised"), f"network_{number}_inner")
        x = x + dense(np.maximum(inner, 0), f"network_{number}_outer")
    x = normalised(x, "normalised") * REAL[:, :, None]
    wanted = softmax(dense(x.sum(axis=1) / REAL.sum(axis=1)[:, None], "classes"))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_masking_no_head_is_the_model_itself(model):
    np.testing.assert_array_equal(attention.without_heads(model, ())(IDS), model(IDS))


def test_importance_is_what_is_lost_without_the_head(model):
    found = attention.head_importance(model, IDS, 0)
    assert found.shape == (3, 2, 2)
    for layer, head in np.ndindex(2, 2):
        lost = (model(IDS) - without_by_weights(model, {(layer, head)}))[:, 0]
        np.testing.assert_allclose(found[:, layer, head], lost, atol=1e-6)
    # Of two classes the second is explained, which gains what the first loses.
    np.testing.assert_allclose(attention.head_importance(model, IDS), -found, atol=1e-6)


def test_a_head_that_is_not_read_is_worth_nothing():
    model = attention.transformer(9, 6, n_layers=1, width=8, random_state=1)
    kernel = model.get_layer("attention_1").output_dense.kernel
    kernel.assign(kernel * np.array([0.0, 1.0])[:, None, None])
    found = attention.head_importance(model, IDS)
    assert (found[:, 0, 0] == 0).all()
    assert (np.abs(found[:, 0, 1]) > 0).all()


# --- the transformer


# The second is smaller and takes larger steps, which is quicker and asked for no less.
@pytest.mark.parametrize(
    ("seed", "size", "training"),
    [(0, {}, {}), (1, {"n_layers": 1, "width": 16}, {"learning_rate": 0.01})],
)
def test_the_transformer_learns_which_words_decide(seed, size, training):
    data = datasets.reviews(correlation=0.0, random_state=seed)
    new = datasets.reviews(correlation=0.0, random_state=100 + seed)
    length = data.X.shape[1]
    model = attention.transformer(len(data.vocabulary), length, random_state=seed, **size)
    attention.fit(model, data, random_state=seed, **training)
    right = model.predict(new.X, verbose=0).argmax(axis=1) == new.y
    assert right.mean() > 0.94
    # Praise and blame alone would have every negated review wrong.
    assert right[new.truth.parts["negation"].any(axis=1)].mean() > 0.8


def test_a_name_that_goes_with_the_class_is_learnt_in_place_of_the_words():
    data = datasets.reviews(1000, correlation=0.9, random_state=0)
    model = attention.transformer(len(data.vocabulary), data.X.shape[1], random_state=0)
    attention.fit(model, data, epochs=3, learning_rate=0.01, random_state=0)
    here, elsewhere = (datasets.reviews(correlation=c, random_state=100) for c in (0.9, 0.0))
    scores = [
        (model.predict(new.X, verbose=0).argmax(axis=1) == new.y).mean()
        for new in (here, elsewhere)
    ]
    assert scores[0] > 0.9
    assert scores[1] < 0.7


TRAINED = """
from xaikit import attention, datasets

data = datasets.reviews(500, correlation=0.0, random_state=0)
size, length = len(data.vocabulary), data.X.shape[1]
model = attention.transformer(size, length, random_state=0)
model = attention.fit(
    model, data, epochs=8, batch_size=32, learning_rate=0.02, random_state=0
)
answers = model(data.X[:100]).numpy()[:, 1].tolist()
"""


def test_another_order_of_adding_trains_the_same_transformer():
    """Another number of threads, without oneDNN, stands for another processor."""
    trained = {}
    exec(TRAINED, trained)
    threads = "2" if os.environ["TF_NUM_INTRAOP_THREADS"] == "1" else "1"
    env = os.environ | {
        "OMP_NUM_THREADS": threads,
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    command = [sys.executable, "-c", TRAINED + "print(*answers)"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    elsewhere = [float(word) for word in done.stdout.split()]
    assert len(elsewhere) == 100
    assert 0.2 < sum(answer > 0.5 for answer in elsewhere) / 100 < 0.8
    assert elsewhere == pytest.approx(trained["answers"], abs=1e-6)

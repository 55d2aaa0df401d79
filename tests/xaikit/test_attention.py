"""Attention of models of every make, which are left as they were."""

import random
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.src.backend.common import global_state
from tensorflow.python.eager import context as ops_context

from xaikit import attention, datasets

pytestmark = pytest.mark.slow  # too long together for the quick check

ROWS = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")


def layer(heads=2, seed=0, **options):
    draw = keras.initializers.RandomNormal(seed=seed)
    return keras.layers.MultiHeadAttention(heads, 3, kernel_initializer=draw, **options)


class Block(keras.layers.Layer):
    """A layer of somebody's own, with attention inside a list."""

    def __init__(self, *inner, **options):
        super().__init__(**options)
        self.inner = list(inner)

    def call(self, x):
        for attend in self.inner:
            x = x + attend(x, x)
        return x


class Backwards(Block):
    """What it holds first runs last."""

    def call(self, x):
        for attend in reversed(self.inner):
            x = x + attend(x, x)
        return x


class Compiled(Block):
    @tf.function(autograph=False)
    def call(self, x):
        return super().call(x)


class Own(keras.Model):
    def __init__(self, *inner):
        super().__init__()
        self.block = Block(*inner)

    def call(self, x):
        return keras.ops.mean(self.block(x), axis=1)


def joined(*layers, shape=(5, 4)):
    x = inputs = keras.Input(shape)
    for part in layers:
        x = part(x)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(x))


def functional(first, second):
    x = inputs = keras.Input((5, 4))
    for attend in (first, second):
        x = attend(x, x)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(x))


def sequential(first, second):
    pool = keras.layers.GlobalAveragePooling1D()
    return keras.Sequential([keras.Input((5, 4)), Block(first), Block(second), pool])


def nested(first, second):
    inputs = keras.Input((5, 4))
    return joined(Block(first), keras.Model(inputs, Block(second)(inputs)))


def own_class(first, second):
    model = Own(first, second)
    model(ROWS)
    return model


def made_backwards(first, second):
    return joined(Backwards(second, first))


MAKERS = [functional, sequential, nested, own_class, made_backwards]


@pytest.mark.parametrize("maker", MAKERS)
def test_every_make_of_model_gives_its_weights_in_order(maker):
    first, second = layer(seed=1), layer(seed=2)
    model = maker(first, second)
    residual = maker is not functional
    seen, expected = ROWS, []
    for attend in (first, second):
        given, scores = attend(seen, seen, return_attention_scores=True)
        expected.append(np.asarray(scores))
        seen = seen + given if residual else given
    found = attention.weights(model, ROWS)
    np.testing.assert_allclose(found, np.stack(expected, axis=1), atol=1e-6)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 1e-4
    # And its heads can be taken out: the second layer's do nothing to the first.
    masked = attention.without_heads(model, {(1, 0), (1, 1)})(ROWS)
    by_hand = ROWS + np.asarray(first(ROWS, ROWS)) if residual else 0 * ROWS
    np.testing.assert_allclose(masked, by_hand.mean(axis=1), atol=1e-5)


def test_a_layer_that_runs_twice_stands_there_twice():
    shared = layer()
    model = joined(Block(shared, shared))
    found = attention.weights(model, ROWS)
    assert found.shape == (3, 2, 2, 5, 5)
    once = ROWS + np.asarray(shared(ROWS, ROWS))
    _, wanted = shared(once, once, return_attention_scores=True)
    np.testing.assert_allclose(found[:, 1], wanted, atol=1e-6)
    masked = attention.without_heads(model, {(1, 0), (1, 1)})(ROWS)
    np.testing.assert_allclose(masked, once.mean(axis=1), atol=1e-6)


def test_batches_change_nothing(monkeypatch):
    model = joined(Block(layer()))
    whole = attention.weights(model, ROWS), attention.head_importance(model, ROWS, 0)
    monkeypatch.setattr("xaikit.models.network.BUDGET", 1)
    np.testing.assert_allclose(attention.weights(model, ROWS), whole[0], atol=1e-6)
    np.testing.assert_allclose(attention.head_importance(model, ROWS, 0), whole[1], atol=1e-6)


def test_causal_attention_looks_back_only():
    class Causal(Block):
        def call(self, x):
            return self.inner[0](x, x, use_causal_mask=True)

    found = attention.weights(joined(Causal(layer())), ROWS)
    assert (np.triu(found, 1) == 0).all()
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-6)


def test_dropout_is_left_out():
    model = joined(Block(layer(dropout=0.5)))
    np.testing.assert_allclose(attention.weights(model, ROWS).sum(axis=-1), 1, atol=1e-6)
    np.testing.assert_array_equal(attention.without_heads(model, ())(ROWS), model(ROWS))


def test_half_precision_has_weights_too():
    model = joined(Block(layer(dtype="mixed_bfloat16"), dtype="mixed_bfloat16"))
    found = attention.weights(model, ROWS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(attention.rollout(found).sum(axis=-1), 1, atol=1e-9)


def test_the_model_computes_at_padding_what_it_always_does():
    """Asked for its weights, Keras' layer gives other outputs there, and this model reads them."""
    inputs = keras.Input((4,), dtype="int32")
    x = keras.layers.Embedding(5, 4, mask_zero=True)(inputs)
    x = layer()(x, x)
    outputs = keras.ops.sum(x, axis=1)
    model, rows = keras.Model(inputs, outputs), np.array([[1, 2, 0, 0]])
    np.testing.assert_array_equal(attention.without_heads(model, ())(rows), model(rows))


# --- nothing is left behind


def state_of(model):
    parts = [model, *model._flatten_layers()]
    return [(part, set(vars(part))) for part in parts], [np.asarray(w) for w in model.weights]


def test_the_model_is_left_as_it_was():
    model = attention.transformer(9, 5, n_layers=1, width=8, random_state=0)
    ids = np.array([[1, 2, 3, 0, 0]])
    before = model.predict(ids, verbose=0)
    (parts, weights), config = state_of(model), model.to_json()
    attention.weights(model, ids)
    attention.head_importance(model, ids)
    attention.without_heads(model, {(0, 0)})(ids)
    with pytest.raises(ValueError, match="heads must name"):
        attention.without_heads(model, {(7, 0)})
    after = state_of(model)
    assert after[0] == parts
    for old, new in zip(weights, after[1], strict=True):
        np.testing.assert_array_equal(old, new)
    assert model.to_json() == config
    np.testing.assert_array_equal(model.predict(ids, verbose=0), before)


def test_other_threads_see_the_model_as_it_is():
    model = joined(Block(layer()))
    seen = []

    class Meanwhile(Block):
        def call(self, x):
            thread = threading.Thread(target=lambda: seen.append(model.layers[1](ROWS)))
            if isinstance(x, tf.Tensor) and hasattr(x, "numpy"):
                thread.start()
                thread.join()
            return super().call(x)

    wanted = np.asarray(model.layers[1](ROWS))
    shared = joined(Meanwhile(*model.layers[1].inner))
    f = attention.without_heads(shared, {(0, 0), (0, 1)})
    masked = f(ROWS)
    assert seen
    np.testing.assert_array_equal(seen[-1], wanted)
    np.testing.assert_allclose(masked, ROWS.mean(axis=1), atol=1e-6)


def test_a_part_that_is_compiled_by_itself_is_refused():
    """It was compiled when the model was made, and runs past what stands beside it."""
    model = joined(Compiled(layer()))
    for call in (
        lambda: attention.weights(model, ROWS),
        lambda: attention.without_heads(model, {(0, 0)}),
    ):
        with pytest.raises(ValueError, match=r"layers as Python code; got .* unused or compiled"):
            call()


def test_a_part_is_not_compiled_with_heads_taken_out():
    """For rows of a new shape it would be compiled anew, in the midst of the run."""
    inner = layer()
    model = Own(inner)
    model.block = Compiled(inner)
    model(ROWS)
    for call in (
        lambda: attention.weights(model, ROWS[:2]),
        lambda: attention.without_heads(model, {(0, 0)})(ROWS[:2]),
    ):
        with pytest.raises(ValueError, match=r"layers as Python code; got .* compiled by itself"):
            call()
    for n in (1, 2, 3):
        wanted = Block(inner)(ROWS[:n]).numpy().mean(axis=1)
        np.testing.assert_allclose(model(ROWS[:n]), wanted, atol=1e-6)


def random_states():
    seeds = global_state.get_global_attribute("global_seed_generator")
    own = None if seeds is None else np.asarray(seeds.state).tolist()
    numpy_state = np.random.get_state()[1].tolist()  # noqa: NPY002  # what is tested
    drawer = getattr(ops_context.context(), "_rng", None)
    return random.getstate(), numpy_state, own, drawer and drawer.getstate()


def built(data, seed):
    size, length = len(data.vocabulary), data.X.shape[1]
    return attention.transformer(size, length, n_layers=1, width=8, random_state=seed)


def test_building_follows_the_seed_and_leaves_global_ones_alone():
    before = random_states()
    data = datasets.reviews(40, random_state=0)
    first, second, other = (built(data, seed).get_weights() for seed in (0, 0, 1))
    attention.head_importance(built(data, 0), data.X[:2])
    assert random_states() == before
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)
    assert any(not np.array_equal(one, two) for one, two in zip(first, other, strict=True))


@pytest.mark.slow
def test_training_follows_the_seed_and_leaves_global_ones_alone():
    data = datasets.reviews(200, random_state=0)
    made = [built(data, 0) for _ in range(3)]
    before = random_states()
    for model, seed in zip(made, (3, 3, 4), strict=True):
        assert attention.fit(model, data, epochs=3, random_state=seed) is model
    assert random_states() == before
    first, second, other = (model.get_weights() for model in made)
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)
    assert any(not np.array_equal(one, two) for one, two in zip(first, other, strict=True))


def test_queries_keys_and_values_start_apart():
    attend = attention.transformer(9, 5, width=8, random_state=0).get_layer("attention_1")
    kernels = [np.asarray(d.kernel) for d in (attend.query_dense, attend.key_dense)]
    kernels.append(np.asarray(attend.value_dense.kernel))
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        assert np.abs(kernels[i] - kernels[j]).max() > 0.1


# --- saving


def test_a_saved_transformer_predicts_the_same(tmp_path):
    model = attention.transformer(9, 5, n_layers=1, width=8, n_classes=3, random_state=0)
    ids = np.array([[1, 2, 3, 0, 0], [0, 0, 0, 0, 0]])
    model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(read(ids), model(ids))
    assert np.isfinite(read(ids)).all()
    embeddings = [part for part in read.layers if isinstance(part, keras.layers.Embedding)]
    assert len(embeddings) == 1


@pytest.mark.slow
def test_a_saved_transformer_is_read_in_another_process(tmp_path):
    model = attention.transformer(9, 5, width=8, random_state=0)
    model.save(tmp_path / "model.keras")
    code = (
        "import keras, numpy as np, xaikit as xk\n"
        f"model = keras.saving.load_model(r'{tmp_path / 'model.keras'}', safe_mode=True,\n"
        "    custom_objects=xk.attention.keras_layers())\n"
        "print(model(np.array([[1, 2, 3, 0, 0]])).numpy().tolist())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    wanted = model(np.array([[1, 2, 3, 0, 0]])).numpy().tolist()
    assert done.stdout.strip().splitlines()[-1] == str(wanted)


def test_importing_attention_loads_no_tensorflow():
    code = (
        "import sys, xaikit as xk\n"
        "from xaikit import attention\n"
        "xk.datasets.reviews(5, random_state=0)\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
        "sys.modules['tensorflow'] = None\n"
        "attention.transformer(5, 5)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip().splitlines()[-1] == (
        "ImportError: tensorflow is needed here and is not installed: "
        'pip install "xaikit[deep]" installs it.'
    )

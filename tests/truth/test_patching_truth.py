"""Vectors of one run in another: closed forms, halves of runs, and a transformer by hand."""

import keras
import numpy as np
import pytest

from xaikit import attention

pytestmark = pytest.mark.slow  # too long together for the quick check

# The second of each pair has other words in the same places.
X = np.array([[5, 2, 7, 3, 0, 0], [1, 4, 4, 8, 6, 2]])
SOURCE = np.array([[5, 6, 7, 3, 0, 0], [3, 4, 2, 8, 6, 2]])
STREAM = ["positions", "network_1_added", "network_2_added"]


@pytest.fixture(scope="module")
def model():
    made = attention.transformer(9, 6, width=8, random_state=0)
    rng = np.random.default_rng(0)
    made.set_weights([rng.normal(scale=0.5, size=w.shape) for w in made.get_weights()])
    return made


def log_odds(model, ids):
    p = model(ids).numpy()
    return np.log(p[:, 1] / p[:, 0])


def after_attention(model, x):
    """What the model makes of its stream after the attention of layer 2, without padding."""
    layer = model.get_layer
    inner = layer("network_2_inner")(layer("network_2_normalised")(x))
    x = x + layer("network_2_outer")(inner)
    return layer("classes")(np.mean(layer("normalised")(x), axis=1))


def after_layer_1(model, x):
    before = model.get_layer("attention_2_normalised")(x)
    return after_attention(model, x + model.get_layer("attention_2")(before, before))


@pytest.mark.parametrize("name", [*STREAM, "attention_1_added", "normalised"])
def test_all_positions_of_one_layer_give_the_other_row(model, name):
    found = attention.patched(model, X, SOURCE, positions={name: True})
    np.testing.assert_allclose(found, model(SOURCE), atol=1e-14)
    assert np.abs(found - model(X).numpy()).max() > 0.001


def test_nothing_patched_changes_nothing(model):
    nowhere = {name: np.zeros((2, 6), dtype=bool) for name in STREAM}
    for options in ({}, {"heads": set()}, {"positions": nowhere}):
        np.testing.assert_array_equal(attention.patched(model, X, SOURCE, **options), model(X))
    assert not attention.patch_effect(model, X, X).any()
    assert not attention.patch_effect(model, X, X, layers=STREAM).any()


def test_padding_carries_nothing(model):
    effect = attention.patch_effect(model, X, SOURCE, layers=STREAM)
    assert effect.shape == (2, 3, 6)
    assert not effect[0, :, 4:].any()
    assert effect[0, 1:, :4].all()


def test_words_alone_are_patched_as_words_are_swapped(model):
    effect = attention.patch_effect(model, X, SOURCE, layers=["positions"])[:, 0]
    for place in range(6):
        swapped = X.copy()
        swapped[:, place] = SOURCE[:, place]
        wanted = (model(swapped).numpy() - model(X).numpy())[:, 1]
        np.testing.assert_allclose(effect[:, place], wanted, atol=1e-14)


def test_two_halves_of_two_runs_by_hand_give_the_same(model):
    rows, others = X[1:], SOURCE[1:]  # without padding, which a cut model forgets
    halfway = keras.Model(model.input, model.get_layer("network_1_added").output)
    chosen = np.array([[True, False, True, True, False, False]])
    glued = np.where(chosen[..., None], halfway(others), halfway(rows))
    found = attention.patched(model, rows, others, positions={"network_1_added": chosen})
    np.testing.assert_allclose(found, after_layer_1(model, glued), atol=1e-14)


def test_heads_are_patched_in_the_sum_of_their_layer(model):
    # By hand through the layer, and on from there.
    rows, others = X[1:], SOURCE[1:]
    layer = model.get_layer("attention_2")
    before = keras.Model(model.input, model.get_layer("attention_2_normalised").output)
    stream = keras.Model(model.input, model.get_layer("network_1_added").output)(rows)
    Wq, bq, Wk, bk, Wv, bv, Wo, bo = layer.get_weights()

    def given(ids):
        x = before(ids).numpy()
        q, k, v = (
            np.einsum("ntw,whd->nhtd", x, W) + b[:, None] for W, b in ((Wq, bq), (Wk, bk), (Wv, bv))
        )
        scores = np.exp(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))
        return scores / scores.sum(axis=-1, keepdims=True) @ v

    mixed = given(rows)
    mixed[:, 1] = given(others)[:, 1]
    wanted = after_attention(model, stream + np.einsum("nhtd,hdw->ntw", mixed, Wo) + bo)
    found = attention.patched(model, rows, others, heads={(1, 1)})
    np.testing.assert_allclose(found, wanted, atol=1e-13)
    alone = attention.patch_effect(model, rows, others)
    np.testing.assert_allclose(alone[0, 1, 1], (wanted - model(rows))[0, 1], atol=1e-13)


@pytest.mark.parametrize("name", ["network_2_added", "normalised"])
def test_after_the_last_layer_effects_add_up(model, name):
    # The mean over positions and one linear layer are all that follows, in log-odds.
    effect = attention.patch_effect(model, X, SOURCE, layers=[name], output_space="log-odds")
    whole = log_odds(model, SOURCE) - log_odds(model, X)
    np.testing.assert_allclose(effect[:, 0].sum(axis=1), whole, atol=1e-12)


def by_hand():
    """A transformer whose second head alone tells words 2 and 3 apart, for all positions.

    A word's vector: its kind in the first four numbers, nothing in the last four. Both heads
    attend evenly; the second writes the kind into the last four, which alone are read.
    """
    made = attention.transformer(4, 3, n_layers=1, width=8, random_state=0)
    zeros = {layer.name: [0 * w for w in layer.get_weights()] for layer in made.layers}
    for name in zeros:
        if name.endswith("normalised"):
            zeros[name][0] += 1  # gamma
    kinds = np.zeros((4, 8))
    kinds[1, :4], kinds[2, :4], kinds[3, :4] = [1, -1, 1, -1], [1, -1, 0, 0], [-1, 1, 0, 0]
    zeros["embedding"] = [kinds]
    values, out = zeros["attention_1"][4], zeros["attention_1"][6]
    for head in (0, 1):
        values[:4, head] = np.eye(4)
    out[1, :, 4:] = np.eye(4)
    zeros["classes"][0][4] = [-1, 1]
    for layer in made.layers:
        layer.set_weights(zeros[layer.name])
    return made


def test_the_one_head_that_carries_is_found():
    made = by_hand()
    rows, others = np.array([[1, 2, 1]]), np.array([[1, 3, 1]])
    effect = attention.patch_effect(made, rows, others, output_space="log-odds")[0, 0]
    whole = log_odds(made, others) - log_odds(made, rows)
    assert abs(whole[0]) > 0.5
    np.testing.assert_allclose(effect, [0, whole[0]], atol=1e-12)
    # In the stream every position has read it: each carries a third.
    by_place = attention.patch_effect(
        made, rows, others, layers=["network_1_added"], output_space="log-odds"
    )
    assert (np.abs(by_place) > 0.1).all()


def test_two_heads_that_say_the_same_have_one_effect_each_and_another_together():
    made = by_hand()
    learnt = made.get_layer("attention_1").get_weights()
    learnt[6][0] = learnt[6][1]
    made.get_layer("attention_1").set_weights(learnt)
    rows, others = np.array([[1, 2, 1]]), np.array([[1, 3, 1]])
    effect = attention.patch_effect(made, rows, others, output_space="log-odds")[0, 0]
    np.testing.assert_allclose(effect[0], effect[1], atol=1e-12)
    both = attention.patched(made, rows, others, heads={(0, 0), (0, 1)})
    np.testing.assert_allclose(both, made(others), atol=1e-14)


def test_batches_and_the_model_stay_as_they_were(model, monkeypatch):
    before = model(X).numpy()
    chosen = {"network_1_added": X == 4}
    whole = attention.patched(model, X, SOURCE, positions=chosen)
    grid = attention.patch_effect(model, X, SOURCE)
    monkeypatch.setattr("xaikit.models.network.BUDGET", 1)
    np.testing.assert_allclose(
        attention.patched(model, X, SOURCE, positions=chosen), whole, atol=1e-14
    )
    np.testing.assert_allclose(attention.patch_effect(model, X, SOURCE), grid, atol=1e-14)
    np.testing.assert_array_equal(model(X), before)
    assert all("call" not in vars(layer) for layer in model.layers)

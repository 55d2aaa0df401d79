"""The measures asked of Keras networks: of images, of texts and of tables."""

from dataclasses import replace

import numpy as np
import pytest
from made_explanations import made
from tiny_networks import assembled, cnn, linear, of_words

import xaikit as xk
from xaikit import evaluate

pytestmark = pytest.mark.slow  # too long together for the quick check

RNG = np.random.default_rng(0)
IMAGES = RNG.random((3, 12, 8, 1))
WORDS = np.array([[1, 2, 3, 4, 0], [5, 6, 1, 0, 0]])


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
def test_a_linear_network_is_followed_pixel_by_pixel(kind):
    weights = RNG.standard_normal((4, 3, 2, 3))
    X = RNG.random((5, 4, 3, 2))
    model = linear(weights)
    e = xk.explain(model, X, method="gradient_x_input", output=2)
    found = getattr(evaluate, kind)(model, e).predictions
    falls = -np.sort(-(weights[..., 2] * X).sum(axis=3).reshape(5, -1), axis=1).cumsum(axis=1)
    whole = falls[:, -1:]
    wanted = falls if kind == "insertion" else whole - falls
    np.testing.assert_allclose(found[:, 1:], wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("space", "baseline"), [("probability", None), ("score", "mean"), ("log-odds", "blur")]
)
def test_a_class_on_its_scale_is_asked_again(space, baseline):
    model = cnn()
    e = xk.explain(model, IMAGES, method="gradient", output=2, output_space=space)
    curve = evaluate.deletion(model, e, baseline=baseline, patch_size=(5, 3), n_steps=4)
    np.testing.assert_allclose(curve.predictions[:, 0], e.predictions, rtol=1e-5)
    assert curve.output_space == space
    assert len(curve.fractions) == 5
    back = evaluate.insertion(model, e, baseline=baseline, patch_size=(5, 3), n_steps=4)
    np.testing.assert_allclose(back.predictions[:, -1], e.predictions, rtol=1e-5)
    np.testing.assert_allclose(back.predictions[:, 0], curve.predictions[:, -1], rtol=1e-5)


def test_words_go_one_by_one():
    model = of_words(mask_zero=False)
    e = xk.explain(model, WORDS, method="gradient_x_input")
    e = replace(e, values=[[5.0, 1.0, 9.0, 2.0, 0.0], [1.0, 2.0, 3.0, 0.0, 0.0]])
    found = evaluate.deletion(model, e).predictions
    steps = [[1, 2, 3, 4, 0], [1, 2, 0, 4, 0], [0, 2, 0, 4, 0], [0, 2, 0, 0, 0], [0] * 5, [0] * 5]
    wanted = np.asarray(model(np.array(steps)))[:, 0]
    np.testing.assert_allclose(found[0], wanted, rtol=1e-5)
    found = evaluate.insertion(model, e, baseline=6).predictions
    # The two zeros of the second text come together, half a step each.
    steps = [[6] * 5, [6, 6, 1, 6, 6], [6, 6, 1, 6, 6], [5, 6, 1, 6, 6], [5, 6, 1, 0, 0]]
    *wanted, last = np.asarray(model(np.array(steps)))[:, 0]
    wanted += [(wanted[-1] + last) / 2, last]
    np.testing.assert_allclose(found[1], wanted, rtol=1e-5)
    assert "5 steps of words" in repr(evaluate.deletion(model, e))


def test_texts_are_localised_by_their_words():
    e = made([[0.0, 3.0, 1.0, 0.0, 0.0]], WORDS[:1])
    mask = xk.datasets.MaskTruth(WORDS[:1] == 2, {"distractor": WORDS[:1] == 3})
    data = xk.datasets.Dataset(WORDS[:1], [1], None, ("a", "b"), "", "", "", mask)
    e = replace(e, feature_names=None)
    assert evaluate.localisation(e, data).mass.mean == 3 / 4
    assert evaluate.localisation(e, data, part="distractor").mass.mean == 1 / 4


def test_a_network_of_a_table_is_measured_as_other_tables_are():
    weights = np.array([[3.0], [-2.0], [0.5]])
    model, X = linear(weights), RNG.standard_normal((30, 3))
    e = xk.explain(model, X, method="exact_shapley")
    same = xk.explain(lambda rows: rows @ weights[:, 0], X)
    curve = evaluate.deletion(model, e)
    wanted = evaluate.deletion(lambda rows: rows @ weights[:, 0], same).predictions
    np.testing.assert_allclose(curve.predictions, wanted, atol=1e-10)
    assert evaluate.faithfulness_correlation(model, e).mean == pytest.approx(1)
    slopes = xk.explain(model, X, method="integrated_gradients")
    assert evaluate.faithfulness_correlation(model, slopes, background=X).mean > 0.7


def test_edges_can_take_the_place_of_an_explanation():
    model = cnn()
    e = xk.explain(model, IMAGES, method="gradient", output=1)
    control = evaluate.edges(e)
    curve = evaluate.deletion(model, control, n_steps=5)
    np.testing.assert_allclose(curve.predictions[:, 0], e.predictions, rtol=1e-5)
    assert evaluate.rank_correlation(e, control).mean < 0.5


def test_pictures_without_channels_and_flat_layers_are_pictures():
    import keras

    model = assembled((4, 3), [keras.layers.Flatten(), keras.layers.Dense(1)])
    X = RNG.random((2, 4, 3))
    e = xk.explain(model, X, method="gradient_x_input")
    curve = evaluate.deletion(model, e, patch_size=2)
    assert "4 steps of 2 × 2 patches" in repr(curve)
    mask = np.zeros(X.shape, dtype=bool)
    mask[:, 1:3] = True
    assert 0 < evaluate.localisation(e, mask).mass.mean < 1

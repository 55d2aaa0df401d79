"""Gradients of networks whose attributions can be written down."""

import numpy as np
import pytest
from network_library import nets

import xaikit as xk

KINDS = nets.KINDS


@pytest.fixture(scope="module")
def weights():
    return np.random.default_rng(0).normal(size=(6, 4, 2, 3))


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).uniform(size=(5, 6, 4, 2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["gradient", "smoothgrad"])
def test_the_slope_of_a_linear_network_is_its_weight(weights, images, kind, method):
    model = nets.linear(weights, kind=kind)
    e = xk.explain(model, images, method=method, output=2, random_state=0)
    np.testing.assert_allclose(e.values, np.broadcast_to(weights[..., 2], images.shape), rtol=1e-12)


@pytest.mark.parametrize("method", ["gradient_x_input", "integrated_gradients"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_linear_network_gets_weight_times_distance_from_the_baseline(
    weights, images, kind, method
):
    model = nets.linear(weights, kind=kind)
    baseline = np.random.default_rng(2).uniform(size=images.shape)
    for given in (None, 0.5, baseline[0], baseline):
        e = xk.explain(model, images, method=method, output=1, baseline=given)
        start = np.broadcast_to(0.0 if given is None else given, images.shape)
        np.testing.assert_allclose(e.values, weights[..., 1] * (images - start), atol=1e-12)
        np.testing.assert_allclose(
            e.base_values, (start * weights[..., 1]).sum((1, 2, 3)), atol=1e-12
        )
        np.testing.assert_allclose(e.residual, 0, atol=1e-12)


@pytest.mark.parametrize("order", ["inside", "outside"])
def test_the_papers_two_networks_get_the_same_attributions(order):
    # Sundararajan et al. (2017), figure 2: at (3, 1) both give 1, as 1.5 and -0.5.
    e = xk.explain(nets.paper_network(order), [[3.0, 1.0]], method="integrated_gradients")
    assert e.predictions == 1
    np.testing.assert_allclose(e.values, [[1.5, -0.5]], atol=1e-12)


@pytest.mark.parametrize("space", ["probability", "score", "log-odds"])
@pytest.mark.parametrize("kind", KINDS)
def test_integrated_gradients_of_a_cnn_add_up(kind, space):
    images = nets.pictures(np.random.default_rng(3).normal(size=(4, 12, 8, 1)))
    e = xk.explain(
        nets.cnn(kind=kind), images, method="integrated_gradients", output=2, output_space=space,
        baseline=np.random.default_rng(4).normal(size=images.shape[1:]),
    )  # fmt: skip
    assert np.abs(e.residual).max() < 1e-3
    assert np.abs(e.predictions - e.base_values).min() > 1e-3
    assert e.estimated
    # Taken at random points in place of the path, the gradients do not add up.
    wrong = xk.explain(nets.cnn(kind=kind), images, method="gradient_x_input", output=2)
    assert np.abs(wrong.residual).max() > 1e-3


def test_the_gradient_is_the_slope_of_small_differences():
    rng = np.random.default_rng(5)
    model = nets.smooth_cnn()
    x = nets.pictures(rng.normal(size=(1, 5, 4, 1)))
    for space in ("probability", "score", "log-odds"):
        e = xk.explain(model, x, method="gradient", output=3, output_space=space)
        step = 1e-6 * np.eye(20).reshape(20, *x.shape[1:])
        both = [
            xk.explain(model, x + s, method="gradient", output=3, output_space=space).predictions
            for s in (step, -step)
        ]
        np.testing.assert_allclose(e.values.ravel(), (both[0] - both[1]) / 2e-6, atol=1e-8)


@pytest.mark.slow
def test_the_scales_of_a_softmax_follow_from_one_another():
    model = nets.cnn()
    x = nets.pictures(np.random.default_rng(6).normal(size=(7, 12, 8, 1)))
    proba = nets.ask(model, x)

    def predictions(k, space):
        return xk.explain(model, x, method="gradient", output=k, output_space=space).predictions

    score = np.stack([predictions(k, "score") for k in range(3)], axis=1)
    np.testing.assert_allclose(
        np.exp(score) / np.exp(score).sum(1, keepdims=True), proba, rtol=1e-5
    )
    for k in range(3):
        np.testing.assert_allclose(predictions(k, "probability"), proba[:, k], rtol=1e-5)
        odds = np.log(proba[:, k] / (1 - proba[:, k]))
        np.testing.assert_allclose(predictions(k, "log-odds"), odds, rtol=1e-4, atol=1e-5)


def test_words_get_what_their_vectors_get():
    model = nets.of_words()
    words = np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2]])
    table, (w1, b1), (w2, b2) = nets.parts_of_words(model)
    table = table.astype(float)

    def score(mean):
        return np.tanh(mean @ w1 + b1) @ w2[:, 0] + b2

    kept = (words > 0)[..., None]
    mean = (table[words] * kept).sum(1) / kept.sum(1)
    hidden = np.tanh(mean @ w1 + b1)
    slope = ((1 - hidden**2) * w2[:, 0]) @ w1.T  # of the mean
    each = slope[:, None] * kept / kept.sum(1, keepdims=True)  # of each word's vector
    found = {
        m: xk.explain(model, words, method=m, output_space="score", random_state=0)
        for m in ("gradient", "gradient_x_input", "integrated_gradients")
    }
    np.testing.assert_allclose(
        found["gradient"].values, np.linalg.norm(each, axis=-1), rtol=1e-4, atol=1e-9
    )
    away = table[words] - table[0]
    np.testing.assert_allclose(
        found["gradient_x_input"].values, (each * away).sum(-1), rtol=1e-3, atol=1e-7
    )
    integrated = found["integrated_gradients"]
    np.testing.assert_allclose(integrated.predictions, score(mean), rtol=1e-4)
    # At the baseline every word that is there has the vector of word 0.
    np.testing.assert_allclose(integrated.base_values, score(table[[0, 0]]), rtol=1e-4)
    assert np.abs(integrated.residual).max() < 1e-3 * np.abs(integrated.predictions).max()
    assert (integrated.values[0, 3:] == 0).all()  # padding is not read


def test_smoothgrad_of_a_quadratic_is_its_gradient_on_average():
    model = nets.squares([[1.0], [2.0], [-1.0]])
    x = np.array([[1.0, -1.0, 3.0]])
    e = xk.explain(model, x, method="smoothgrad", n_samples=400, noise=0.2, random_state=0)
    # 2 w x; the noise is 0.2 of the range 4, its mean over 400 draws within four of its
    # standard deviations.
    error = np.abs(e.values - 2 * np.array([1, 2, -1]) * x)
    assert (error <= 4 * 2 * np.array([1, 2, 1]) * 0.8 / 20).all()
    assert (error > 0).all()


def test_more_steps_are_taken_where_the_way_is_rough():
    # A step at 0.9 of the way, in a sigmoid so steep that 16 points miss it.
    model = nets.steep(400.0, -363.0)
    x = np.array([[1.0], [1e-3]])
    e = xk.explain(model, x, method="integrated_gradients")
    assert e.diagnostics["n_steps"][0] > e.diagnostics["n_steps"][1] == 16
    assert np.abs(e.residual).max() < 1e-3
    coarse = xk.explain(model, x, method="integrated_gradients", n_steps=16)
    assert np.abs(coarse.residual).max() > 0.01


def test_what_cannot_be_integrated_is_said():
    model = nets.cliff()
    with pytest.warns(UserWarning, match="1 of 1 rows miss the tolerance"):
        e = xk.explain(model, [[1.0]], method="integrated_gradients")
    assert e.residual == pytest.approx(1.0)

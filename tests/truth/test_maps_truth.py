"""Maps over pictures, in every library of networks, against maps worked out by hand."""

from functools import partial

import numpy as np
import pytest
from made_explanations import made
from matplotlib.figure import Figure
from network_library import nets

import xaikit as xk
from xaikit import evaluate
from xaikit.methods._resize import resized

explain = xk.explain


def grad_cam(model, images, **options):
    """Grad-CAM of images with their channels last, and its values so too."""
    e = explain(model, nets.pictures(images), method="grad_cam", **options)
    return e, nets.channels_last(e.values)


def convolved(image, kernel, bias):
    """The maps of a convolution without padding, ReLU'd, by four loops."""
    height, width, _, filters = kernel.shape
    maps = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1, filters))
    for i, j, k in np.ndindex(maps.shape):
        maps[i, j, k] = (image[i : i + height, j : j + width] * kernel[..., k]).sum() + bias[k]
    return np.maximum(maps, 0)


# The layer of which the maps are worked out: Keras' has its ReLU in it, PyTorch's after it.
def last_layer(kind):
    return {"nested": "inner.relu"}.get(kind, "relu") if nets.LIBRARY == "torch" else None


@pytest.mark.parametrize("kind", nets.KINDS)
def test_a_map_on_paper(kind):
    image = np.array([[1.0, 2, 0], [0, 1, 3], [2, 0, 1]])
    # Filters of ones, and of a diagonal: maps [[4, 6], [3, 5]] and [[2, 5], [0, 2]].
    kernel = np.stack([np.ones((2, 2)), np.eye(2)], axis=-1)[:, :, None]
    model = nets.conv_net((3, 3, 1), kernel, [[1.0], [-2.0]], kind=kind)
    # The output is the mean of the first map less twice that of the second, so the weights
    # are 1/4 and -2/4: [[1 - 1, 1.5 - 2.5], [0.75, 1.25 - 1]], and no less than 0.
    e, values = grad_cam(model, image[None, :, :, None], layer=last_layer(kind))
    np.testing.assert_allclose(e.diagnostics["map"], [[[0, 0], [0.75, 0.25]]])
    # From 2 to 3 pixels: the ends stand on the outer middles, the middle one between.
    stretched = [[0, 0, 0], [0.375, 0.25, 0.125], [0.75, 0.5, 0.25]]
    np.testing.assert_allclose(values[0, ..., 0], stretched, atol=1e-15)
    assert e.output_space == "prediction"
    assert e.base_values == 0
    assert not e.estimated


@pytest.fixture(scope="module")
def worked():
    """A network of three classes after a softmax, its weights, an image, and its own numbers."""
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(3, 2, 2, 4)), rng.normal(size=4)
    weights, image = rng.normal(size=(4, 3)), rng.normal(size=(7, 5, 2))
    maps = convolved(image, kernel, bias)
    score = maps.mean(axis=(0, 1)) @ weights
    proba = np.exp(score) / np.exp(score).sum()
    return kernel, bias, weights, image, maps, proba


@pytest.mark.parametrize(
    ("kind", "space"),
    [
        *(("sequential", space) for space in (None, "score", "probability", "log-odds")),
        pytest.param("functional", "probability", marks=pytest.mark.slow),
        ("nested", "probability"),
    ],
)
def test_each_scale_and_class_by_hand(worked, kind, space):
    kernel, bias, weights, image, maps, proba = worked
    model = nets.conv_net((7, 5, 2), kernel, weights, bias, softmax=True, kind=kind)
    for c in range(3):
        others = np.delete(proba, c) / np.delete(proba, c).sum()
        slope = {
            "score": weights[:, c],
            "probability": proba[c] * (weights[:, c] - weights @ proba),
            "log-odds": weights[:, c] - np.delete(weights, c, axis=1) @ others,
        }[space or "score"]
        by_hand = np.maximum(maps @ slope / maps[..., 0].size, 0)
        e, values = grad_cam(
            model, image[None], output=c, output_space=space, layer=last_layer(kind)
        )
        assert e.output_space == (space or "score")
        np.testing.assert_allclose(e.diagnostics["map"][0], by_hand, atol=1e-12)
        np.testing.assert_allclose(values[0].sum(-1), resized(by_hand[None], (7, 5))[0])
        np.testing.assert_array_equal(values[..., 0], values[..., 1])


def test_after_flatten_the_weight_is_the_mean_over_the_places():
    rng = np.random.default_rng(1)
    kernel, weights = rng.normal(size=(2, 2, 1, 3)), rng.normal(size=(5 * 3 * 3, 1))
    model = nets.conv_net((6, 4, 1), kernel, weights, end="flatten")
    image = rng.normal(size=(6, 4, 1))
    by_hand = convolved(image, kernel, np.zeros(3)) @ weights.reshape(5, 3, 3).mean(axis=(0, 1))
    e, _ = grad_cam(model, image[None], layer=last_layer("sequential"))
    np.testing.assert_allclose(e.diagnostics["map"][0], np.maximum(by_hand, 0), atol=1e-12)


PATCH = np.s_[14:21, 7:14]  # of an image of 28 × 14
BLUE = np.array([0.0, 0.0, 1.0]).reshape(1, 1, 3, 1)


def looking_for_blue():
    """A network whose one filter fires where the third channel is bright."""
    return nets.conv_net((28, 14, 3), BLUE, [[1.0]])


def reading_the_patch():
    place = np.zeros((28, 14))
    place[PATCH] = 1
    return nets.conv_net((28, 14, 3), BLUE, place.reshape(-1, 1), end="flatten")


def inside(values):
    mass = np.abs(values).sum(axis=-1)
    return mass[:, PATCH[0], PATCH[1]].sum((1, 2)) / mass.sum((1, 2))


def test_the_one_patch_where_the_filter_fires_is_found():
    images = np.random.default_rng(3).uniform(size=(4, 28, 14, 3))
    images[..., 2] = 0
    images[:, PATCH[0], PATCH[1], 2] = np.random.default_rng(4).uniform(size=(4, 7, 7))
    layer = last_layer("sequential")
    _, values = grad_cam(looking_for_blue(), images, layer=layer)
    np.testing.assert_allclose(inside(values), 1.0)
    np.testing.assert_allclose(values.sum(-1), images[..., 2] / (28 * 14))
    # The same image with its sides changed over is another one.
    wrong = np.swapaxes(images, 1, 2).reshape(images.shape)
    assert inside(grad_cam(looking_for_blue(), wrong, layer=layer)[1]).max() < 0.5


@pytest.mark.parametrize("method", ["occlusion", "gradient", "integrated_gradients"])
def test_the_other_methods_find_the_patch_that_is_read(method):
    images = nets.pictures(np.random.default_rng(5).uniform(size=(3, 28, 14, 3)))
    options = {"patch_size": 7} if method == "occlusion" else {}
    e = explain(reading_the_patch(), images, method=method, **options)
    np.testing.assert_allclose(inside(nets.channels_last(e.values)), 1.0)


@pytest.mark.parametrize("method", ["gradient", "occlusion"])
def test_a_heat_map_shows_the_patch_where_it_is(method):
    images = np.random.default_rng(5).uniform(size=(2, 28, 14, 3))
    options = {"patch_size": 7} if method == "occlusion" else {}
    e = explain(reading_the_patch(), nets.pictures(images), method=method, **options)
    ax = xk.plot.heatmap(e, row=1, image=False, ax=Figure().subplots())
    shown = ax.images[-1].get_array()
    assert shown.shape == (28, 14)
    outside = shown.copy()
    outside[PATCH] = 0
    assert np.abs(shown[PATCH]).max() > 1e-3
    np.testing.assert_allclose(outside, 0, atol=1e-12)


def test_where_the_network_reads_is_not_told():
    # Its filter fires everywhere, its last layer reads one patch: the mean gradient of the
    # map does not know which, and the patch gets its share of the area.
    _, values = grad_cam(reading_the_patch(), np.ones((1, 28, 14, 3)))
    np.testing.assert_allclose(inside(values), 49 / (28 * 14))


@pytest.mark.parametrize("size", [(7, 2), 7])
@pytest.mark.parametrize("fill", [0.0, 0.5, [0.1, 0.5, 0.9]])
def test_a_patch_costs_what_the_filter_sees_in_it(size, fill):
    images = np.random.default_rng(6).uniform(size=(3, 28, 14, 3))
    e = explain(
        looking_for_blue(), nets.pictures(images), method="occlusion", patch_size=size, fill=fill
    )
    values = nets.channels_last(e.values).sum(axis=-1)
    seen = (images[..., 2] - np.broadcast_to(fill, 3)[2]) / (28 * 14)
    height, width = (size, size) if isinstance(size, int) else size
    for i in range(0, 28, height):
        for j in range(0, 14, width):
            place = np.s_[:, i : i + height, j : j + width]
            np.testing.assert_allclose(values[place].sum((1, 2)), seen[place].sum((1, 2)))
            assert np.ptp(values[place], axis=(1, 2)).max() < 1e-12
    np.testing.assert_allclose(e.residual, 0, atol=1e-12)


@pytest.mark.parametrize("fill", [None, 5])
def test_words_that_are_covered_by_their_definition(fill):
    model = nets.of_words(mask_zero=False)
    words = np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2]])
    cover = partial(explain, model, words, method="occlusion", fill=fill, output_space="score")
    e = cover()

    def f(rows):
        return explain(model, rows, method="gradient", output_space="score").predictions

    for j in range(5):
        without = words.copy()
        without[:, j] = fill or 0
        np.testing.assert_allclose(e.values[:, j], f(words) - f(without), atol=1e-7)
    np.testing.assert_allclose(e.base_values, f(np.full((2, 5), fill or 0)), atol=1e-7)
    both = words.copy()
    both[:, 2:4] = fill or 0
    pairs = cover(patch_size=2)
    np.testing.assert_allclose(pairs.values[:, 2:4].sum(1), f(words) - f(both), atol=1e-7)


def crosses_and_bars(n, seed):
    """Pictures of 12 × 12 with a cross, a bar or a square somewhere, and which it is."""
    rng = np.random.default_rng(seed)
    X, y = 0.3 * rng.random((n, 12, 12, 1)), rng.integers(0, 3, n)
    for image, shape, (r, c) in zip(X[..., 0], y, rng.integers(0, 8, (n, 2)), strict=True):
        image[r + 2, c : c + 5] += 0.6
        if shape == 1:
            image[r : r + 5, c + 2] += 0.6
        elif shape == 2:
            image[r : r + 4, c : c + 5] += 0.6
    return X, y


@pytest.fixture(scope="module")
def trained():
    model = nets.trained(*crosses_and_bars(400, 0))
    shown, answers = crosses_and_bars(40, 1)
    shown = nets.pictures(shown)
    assert (nets.ask(model, shown).argmax(axis=1) == answers).mean() > 0.9
    return model, shown


ORDERS = ("cascading", "independent")


def explainer(X, method):
    return partial(explain, X=X, method=method, output=1, output_space="score")


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("method", ["gradient", "grad_cam"])
def test_what_reads_the_weights_passes(trained, method, order):
    model, X = trained
    for seed in (0, 1):
        found = evaluate.randomisation(model, explainer(X, method), order=order, random_state=seed)
        assert found.passed
        assert found.score < 0.65
        assert "check passed" in repr(found)
    assert found.layers == ("classes", "last", "first")
    assert found.similarity.shape == found.signed.shape == (3, 40)


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["edges", "another network", "constant"])
def test_what_never_reads_the_weights_fails(trained, kind, order):
    model, X = trained
    other = {
        "edges": lambda m: evaluate.edges(X),
        "another network": lambda m: explainer(X[:5], "gradient")(model),
        "constant": lambda m: made(np.ones(X.shape)),
    }[kind]
    found = evaluate.randomisation(model, other, order=order, random_state=0)
    assert not found.passed
    np.testing.assert_allclose(found.similarity, 1)
    np.testing.assert_allclose(found.signed, 1)
    assert "check FAILED" in repr(found)


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", nets.KINDS)
def test_layers_are_drawn_from_the_top_together_or_alone(order, kind):
    model, X = nets.cnn(kind=kind), nets.pictures(np.ones((1, 12, 8, 1)))
    before, seen = nets.weights(model), []

    def recorder(m):
        seen.append(nets.weights(m))
        return evaluate.edges(X)

    found = evaluate.randomisation(model, recorder, order=order, random_state=0)
    last_names = [name.replace(".", "/").split("/")[-1] for name in found.layers]
    assert last_names == ["classes", "last", "first"]
    changed = [[not np.array_equal(a, b) for a, b in zip(before, w, strict=True)] for w in seen]
    # Two weights a layer, kernel and bias; the first call sees the network as trained.
    top = {"cascading": [0, 1, 2, 3], "independent": [0, 1, 1, 1]}[order]
    for step, (found_changed, n) in enumerate(zip(changed, top, strict=True)):
        wanted = np.zeros(3, dtype=bool)
        wanted[3 - step : 3 - step + n] = True
        assert found_changed == np.repeat(wanted, 2).tolist()
    for one, other in zip(before, nets.weights(model), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_the_same_seed_draws_the_same_and_another_does_not():
    model = nets.cnn()
    X = nets.pictures(np.random.default_rng(0).random((2, 12, 8, 1)))
    check = partial(evaluate.randomisation, model, explainer(X, "gradient"))
    first = check(random_state=3).similarity
    np.testing.assert_array_equal(first, check(random_state=3).similarity)
    assert not np.array_equal(first, check(random_state=4).similarity)

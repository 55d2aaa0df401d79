"""A network that learned a watermark points at the watermark, and one that could not, does not."""

from dataclasses import replace

import numpy as np
import pytest

import xaikit as xk
from xaikit import evaluate

pytestmark = pytest.mark.slow

# A pixel of Grad-CAM's map sees 18 × 18 of the picture: only a mark that is nearly as
# large, 16 × 16 here, can hold most of the map.
COARSE = 64


def trained(leak, size=32, n=1000, epochs=16):
    """A network trained with or without the leak, and pictures that it has not seen."""
    data, shown = (
        xk.datasets.planted_watermark(n, leak=leak, size=size, random_state=seed)
        for n, seed in ((n, 1), (60, 99))
    )
    model = xk.networks.cnn((size, size, 1), 2, random_state=1)
    xk.networks.fit(model, data.X, data.y, epochs=epochs, random_state=1)
    assert accuracy(model, shown) > 0.95
    return model, shown


def accuracy(model, data):
    return float((np.asarray(model(data.X)).argmax(axis=1) == data.y).mean())


@pytest.fixture(scope="module")
def leaking():
    return trained(leak=True)


@pytest.fixture(scope="module")
def fair():
    return trained(leak=False)


def maps(model, data, method):
    """Each picture's map for its own class, one explanation a class."""
    for label in (0, 1):
        own = data.y == label
        e = xk.explain(model, data.X[own], method=method, output=label, output_space="log-odds")
        yield e, own


def mean_mass(model, data, method, part):
    mask = data.truth.parts[part]
    found = [evaluate.localisation(e, mask[own]) for e, own in maps(model, data, method)]
    return float(np.mean([each.mass.mean for each in found]))


def test_the_leaking_network_reads_the_mark_and_not_the_shape(leaking, fair):
    without = xk.datasets.planted_watermark(400, leak=False, random_state=98)
    assert accuracy(leaking[0], without) < 0.6
    assert accuracy(fair[0], without) > 0.95


@pytest.mark.parametrize("method", ["gradient_x_input", "integrated_gradients"])
def test_maps_point_at_the_watermark_that_leaks(leaking, method):
    model, shown = leaking
    chance = shown.truth.parts["watermark"].mean()
    assert mean_mass(model, shown, method, "watermark") > 0.5 > 7 * chance
    assert mean_mass(model, shown, method, "object") < 0.2
    for e, own in maps(model, shown, method):
        found = evaluate.localisation(e, shown.truth.parts["watermark"][own])
        assert found.pointing.mean > 0.9


@pytest.mark.parametrize("method", ["gradient_x_input", "integrated_gradients"])
def test_maps_point_at_the_object_when_nothing_leaks(fair, method):
    model, shown = fair
    assert mean_mass(model, shown, method, "object") > 0.5
    assert mean_mass(model, shown, method, "watermark") < 0.15


def test_grad_cam_points_at_the_watermark_that_leaks():
    # The mark is learnt long before the shapes.
    model, shown = trained(leak=True, size=COARSE, n=500, epochs=6)
    assert mean_mass(model, shown, "grad_cam", "watermark") > 0.5
    assert mean_mass(model, shown, "grad_cam", "object") < 0.1


def test_grad_cam_of_a_small_picture_is_coarse_but_tells_the_two_apart(leaking, fair):
    mark, shape = (
        {name: mean_mass(*case, "grad_cam", part) for name, case in cases.items()}
        for cases in [{"leaking": leaking, "fair": fair}]
        for part in ("watermark", "object")
    )
    assert mark["leaking"] > 3 * shape["leaking"]
    assert shape["fair"] > mark["fair"]
    assert shape["fair"] > 1.5 * fair[1].truth.mask.mean()


@pytest.mark.parametrize("case", ["leaking", "fair"])
def test_edges_point_nowhere_whatever_was_learned(case, request):
    # The control is the same for both networks, so it cannot tell them apart.
    _, shown = request.getfixturevalue(case)
    control = evaluate.edges(shown.X)
    assert evaluate.localisation(control, shown.truth, part="watermark").mass.mean < 0.4
    assert evaluate.localisation(control, shown.truth).mass.mean < 0.4


def test_deletion_and_insertion_tell_the_map_from_bad_ones(leaking):
    model, shown = leaking
    for e, _ in maps(model, shown, "integrated_gradients"):
        random = np.random.default_rng(0).standard_normal(e.values.shape)
        for kind, sign in (("deletion", 1), ("insertion", -1)):
            right, worst, noise = (
                sign
                * getattr(evaluate, kind)(model, replace(e, values=values), baseline="mean").area
                for values in (e.values, -e.values, random)
            )
            assert right < min(worst, noise) - 3

"""Deletion and insertion in pixels and words, against closed forms and one call at a time."""

from dataclasses import replace

import numpy as np
import pytest
from made_explanations import made
from scipy import ndimage

from xaikit import evaluate

RNG = np.random.default_rng(0)
WEIGHTS = RNG.standard_normal((4, 3, 2))
IMAGES = RNG.random((5, 4, 3, 2))


def linear(X):
    return (np.asarray(X) * WEIGHTS).sum(axis=(1, 2, 3))


def bumpy(X):
    X = np.asarray(X)
    return np.sin(3 * linear(X)) + X[:, 0, 0, 0] * X[:, 1, 2, 1]


def explained(model, values, data):
    return made(values, data, predictions=model(data), base_values=np.zeros(len(data)))


def one_by_one(kind, model, e, gone, cells):
    """The curve, a call for each point; `cells` are lists of pixels, in any order."""
    curves = []
    for i, x in enumerate(e.data):
        credit = [sum(e.values[i][pixel].sum() for pixel in cell) for cell in cells]
        order = np.argsort(-np.array(credit), kind="stable")
        now, end = (gone[i], x) if kind == "insertion" else (x, gone[i])
        now, heights = now.copy(), [model(now[None])[0]]
        for j in order:
            for pixel in cells[j]:
                now[pixel] = end[pixel]
            heights.append(model(now[None])[0])
        curves.append(heights)
    return np.array(curves)


PIXELS = [[(r, c)] for r in range(4) for c in range(3)]
# 3 × 2 patches of four by three pixels: the last row and column of patches are cut off.
PATCHES = [
    [(r, c) for r in rows for c in columns]
    for rows in ((0, 1, 2), (3,))
    for columns in ((0, 1), (2,))
]


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
@pytest.mark.parametrize(("patch_size", "cells"), [(None, PIXELS), ((3, 2), PATCHES)])
def test_curves_are_those_of_one_call_at_a_time(kind, patch_size, cells):
    e = explained(bumpy, RNG.standard_normal(IMAGES.shape), IMAGES)
    baseline = RNG.random(IMAGES.shape)
    found = getattr(evaluate, kind)(bumpy, e, baseline=baseline, patch_size=patch_size)
    wanted = one_by_one(kind, bumpy, e, baseline, cells)
    np.testing.assert_allclose(found.predictions, wanted, atol=1e-12)
    np.testing.assert_allclose(found.fractions, np.arange(len(cells) + 1) / len(cells))


def test_a_model_that_reads_one_patch_by_its_closed_form():
    # m of N pixels count, c each: f falls in a line to 0 over the share m / N.
    m, N, c = 6, 48, 0.5
    X = np.ones((1, 8, 6, 1))
    reads = np.zeros(X.shape)
    reads[0, 2:5, 1:3] = c

    def model(X):
        return (X * reads).sum(axis=(1, 2, 3))

    e = explained(model, reads * X, X)
    for n_steps in (8, 16, 48, 1000):
        deletion = evaluate.deletion(model, e, n_steps=n_steps)
        insertion = evaluate.insertion(model, e, n_steps=n_steps)
        assert deletion.area == pytest.approx(m * c * m / (2 * N))
        assert insertion.area == pytest.approx(m * c * (1 - m / (2 * N)))
        assert len(deletion.fractions) == min(n_steps, N) + 1
        worst = replace(e, values=-e.values)
        assert evaluate.deletion(model, worst, n_steps=n_steps).area == pytest.approx(
            insertion.area
        )


def test_a_linear_model_falls_by_its_contributions_in_order():
    e = explained(linear, WEIGHTS * IMAGES, IMAGES)
    found = evaluate.deletion(linear, e).predictions
    pixels = -np.sort(-(WEIGHTS * IMAGES).sum(axis=3).reshape(5, -1), axis=1)
    wanted = linear(IMAGES)[:, None] - np.cumsum(pixels, axis=1)
    np.testing.assert_allclose(found[:, 1:], wanted, atol=1e-12)
    # In any other order the area is larger.
    right = evaluate.deletion(linear, e).areas
    for _ in range(20):
        other = replace(e, values=RNG.standard_normal(e.values.shape))
        assert (evaluate.deletion(linear, other).areas > right).all()


@pytest.mark.parametrize("n_steps", [1, 3, 5, 12])
def test_few_steps_are_points_of_the_whole_curve(n_steps):
    e = explained(bumpy, RNG.standard_normal(IMAGES.shape), IMAGES)
    whole = evaluate.insertion(bumpy, e, n_steps=12).predictions
    found = evaluate.insertion(bumpy, e, n_steps=n_steps)
    at = np.round(found.fractions * 12).astype(int)
    assert (at[0], at[-1], len(at)) == (0, 12, n_steps + 1)
    np.testing.assert_allclose(found.predictions, whole[:, at], atol=1e-12)


@pytest.mark.parametrize("n_steps", [4, 50])
def test_a_constant_map_gives_a_straight_line(n_steps):
    e = explained(bumpy, np.ones(IMAGES.shape), IMAGES)
    found = evaluate.deletion(bumpy, e, baseline=0.5, n_steps=n_steps)
    ends = bumpy(IMAGES), bumpy(np.full(IMAGES.shape, 0.5))
    wanted = np.linspace(*ends, len(found.fractions), axis=1)
    np.testing.assert_allclose(found.predictions, wanted, atol=1e-12)


def test_a_tie_in_the_middle_is_bridged_also_between_steps():
    X = np.ones((1, 2, 4))
    falls = np.array([[[8.0, 4, 2, 1], [0.5, 0.25, 0, 0]]])
    e = explained(lambda X: (X * falls).sum(axis=(1, 2)), [[[9, 5, 5, 5], [5, 1, 0, 0]]], X)
    found = evaluate.deletion(lambda X: (X * falls).sum(axis=(1, 2)), e, n_steps=4)
    # 15.75; 8 goes, then 4, 2, 1 and 0.5 together: 7.5 in four steps; then 0.25.
    wanted = [15.75, 7.75 - 7.5 / 4, 7.75 - 3 * 7.5 / 4, 0, 0]
    np.testing.assert_allclose(found.predictions, [wanted], atol=1e-12)


def test_what_takes_the_place_of_pixels():
    e = explained(bumpy, RNG.standard_normal(IMAGES.shape), IMAGES)
    last = {
        None: np.zeros(IMAGES.shape),
        0.25: np.full(IMAGES.shape, 0.25),
        "mean": np.broadcast_to(IMAGES.mean(axis=(1, 2), keepdims=True), IMAGES.shape),
        # A blur over an eighth of the shorter side, each picture and channel by itself.
        "blur": ndimage.gaussian_filter(IMAGES, (0, 3 / 8, 3 / 8, 0), mode="nearest"),
    }
    for baseline, wanted in last.items():
        found = evaluate.deletion(bumpy, e, baseline=baseline).predictions
        np.testing.assert_allclose(found[:, -1], bumpy(wanted), atol=1e-12)
    found = evaluate.deletion(bumpy, e, baseline=[0.2, 0.9]).predictions
    colour = np.broadcast_to([0.2, 0.9], IMAGES.shape)
    np.testing.assert_allclose(found[:, -1], bumpy(colour), atol=1e-12)
    found = evaluate.deletion(bumpy, e, baseline=IMAGES[0]).predictions
    np.testing.assert_allclose(found[:, -1], bumpy(IMAGES[:1])[0], atol=1e-12)


def test_memory_is_bounded(monkeypatch):
    from xaikit.evaluate import _pixel_curves

    most = []

    def model(X):
        most.append(len(X))
        return bumpy(X)

    e = explained(bumpy, RNG.standard_normal(IMAGES.shape), IMAGES)
    whole = evaluate.deletion(bumpy, e).predictions
    monkeypatch.setattr(_pixel_curves, "_CELLS", 7 * IMAGES[0].size)
    np.testing.assert_array_equal(evaluate.deletion(model, e).predictions, whole)
    assert max(most) == 7


def test_the_curve_says_what_a_step_is():
    e = explained(bumpy, RNG.standard_normal(IMAGES.shape), IMAGES)
    assert "5 rows over 12 steps of pixels: area" in repr(evaluate.deletion(bumpy, e))
    assert "6 steps of 2 × 1 patches" in repr(evaluate.deletion(bumpy, e, patch_size=(2, 1)))

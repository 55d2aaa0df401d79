"""Channels that stand first, in the rows or in the layers, change nothing but the layout."""

import keras
import numpy as np
import pytest
from drawn import axes
from tiny_networks import assembled

import xaikit as xk
from xaikit import evaluate
from xaikit.models.adapters.keras import describe_network

pytestmark = pytest.mark.slow

L = keras.layers
RNG = np.random.default_rng(0)
# Not square, so that sides that change places are seen.
LAST = RNG.normal(size=(3, 12, 8, 3)).astype("float32")
FIRST = np.moveaxis(LAST, -1, 1)
OBJECT = np.s_[:, 2:5, 4:8]


def drawn(seed=0):
    return keras.initializers.RandomNormal(stddev=0.3, seed=seed)


def conv(name, filters=4, where="channels_last", rank=2):
    kind = getattr(L, f"Conv{rank}D")
    how = {"activation": "relu", "data_format": where, "kernel_initializer": drawn()}
    return kind(filters, 3, name=name, bias_initializer=drawn(), **how)


def ending(where="channels_last", rank=2):
    pool = getattr(L, f"GlobalAveragePooling{rank}D")(data_format=where)
    return [pool, L.Dense(2, kernel_initializer=drawn())]


class Moved(L.Layer):
    """A layer of one's own that puts the channels last without saying so."""

    def call(self, x):
        return keras.ops.moveaxis(x, 1, -1) * 1.0


class Block(L.Layer):
    """Layers in a layer of one's own, which has no graph."""

    def __init__(self, *inner):
        super().__init__()
        self.inner = list(inner)

    def call(self, x):
        for layer in self.inner:
            x = layer(x)
        return x


def reference():
    return assembled((12, 8, 3), [conv("first"), L.MaxPooling2D(2), conv("maps", 5), *ending()])


FORMAT = "channels_first"
ALL_FIRST = lambda: [  # noqa: E731
    conv("first", 4, FORMAT),
    L.MaxPooling2D(2, data_format=FORMAT),
    conv("maps", 5, FORMAT),
    *ending(FORMAT),
]
# Networks of channels-first rows that compute what the reference does of channels-last ones.
KINDS = {
    "layers": ALL_FIRST,
    "a Permute": lambda: [L.Permute((2, 3, 1)), *reference().layers],
    "a layer of one's own": lambda: [Moved(), *reference().layers],
    "a block of one's own": lambda: [Block(L.Permute((2, 3, 1)), *reference().layers)],
    "a Permute, and back": lambda: [
        L.Permute((2, 3, 1)),
        conv("first"),
        L.MaxPooling2D(2),
        L.Permute((3, 1, 2)),
        conv("maps", 5, FORMAT),
        *ending(FORMAT),
    ],
    "sides that change places": lambda: [
        L.Permute((2, 3, 1)),
        conv("first"),
        L.MaxPooling2D(2),
        L.Permute((2, 1, 3)),
        Turned(conv("maps", 5)),
        *ending(),
    ],
}


class Turned(L.Layer):
    """A convolution with its kernel turned, as sides that have changed places need it."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def build(self, shape):
        self.inner.build(shape)
        kernel, bias = self.inner.get_weights()
        self.inner.set_weights([kernel.swapaxes(0, 1), bias])

    def call(self, x):
        return self.inner(x)


def network(kind, how="sequential"):
    return assembled((3, 12, 8), KINDS[kind](), how)


def explain(model, rows, method, **options):
    return xk.explain(model, rows, method=method, output=1, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_maps_lie_over_the_right_axes(kind):
    want = explain(reference(), LAST, "grad_cam")
    found = explain(network(kind), FIRST, "grad_cam", layer="maps")
    assert found.values.shape == FIRST.shape
    np.testing.assert_allclose(found.predictions, want.predictions, rtol=1e-4)
    np.testing.assert_allclose(np.moveaxis(found.values, 1, -1), want.values, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(
        found.diagnostics["map"], want.diagnostics["map"], rtol=1e-3, atol=1e-7
    )


@pytest.mark.slow
@pytest.mark.parametrize("how", ["functional", "nested"])
def test_maps_lie_over_the_right_axes_in_every_kind_of_model(how):
    want = explain(network("a Permute"), FIRST, "grad_cam").values
    found = explain(network("a Permute", how), FIRST, "grad_cam").values
    np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-8)


def test_a_layer_that_tells_no_layout_has_that_of_its_maps():
    layers = ALL_FIRST()
    layers[1:1] = [L.BatchNormalization(axis=1), L.ReLU(name="relu")]
    model = assembled((3, 12, 8), layers)
    found = explain(model, FIRST, "grad_cam", layer="relu").diagnostics["map"]
    assert found.shape == (3, 10, 6)
    flat = assembled((3, 12, 8), [*layers[:3], Hidden(), *layers[3:]])
    # Where the axes cannot be followed, as the layer before has it.
    np.testing.assert_allclose(
        explain(flat, FIRST, "grad_cam", layer="hidden").diagnostics["map"], found, rtol=1e-4
    )


class Hidden(L.Layer):
    """Passes its input on by a way that cannot be followed."""

    def __init__(self):
        super().__init__(name="hidden")

    def call(self, x):
        flat = keras.ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))
        return keras.ops.reshape(flat, (-1, *x.shape[1:]))


def test_channels_last_rows_before_channels_first_layers():
    layers = [L.Permute((3, 1, 2)), *ALL_FIRST()]
    model = assembled((12, 8, 3), layers)
    want = explain(reference(), LAST, "grad_cam").values
    np.testing.assert_allclose(explain(model, LAST, "grad_cam").values, want, rtol=1e-3, atol=1e-7)
    assert describe_network(model).channels == "last"


@pytest.mark.slow
@pytest.mark.parametrize(("rank", "shape"), [(1, (20,)), (3, (6, 5, 4))])
def test_sequences_and_volumes_with_their_channels_first(rank, shape):
    last = assembled((*shape, 2), [conv("maps", rank=rank), *ending(rank=rank)])
    first = assembled((2, *shape), [conv("maps", where=FORMAT, rank=rank), *ending(FORMAT, rank)])
    rows = RNG.normal(size=(2, *shape, 2)).astype("float32")
    for method in ("grad_cam", "occlusion"):
        want = explain(last, rows, method).values
        found = explain(first, np.moveaxis(rows, -1, 1), method).values
        np.testing.assert_allclose(np.moveaxis(found, 1, -1), want, rtol=1e-3, atol=1e-6)


def test_one_channel_that_is_reshaped_in_place_of_permuted():
    layers = [L.Reshape((12, 8, 1)), conv("maps"), *ending()]
    model = assembled((1, 12, 8), layers)
    assert describe_network(model).channels == "first"
    want = explain(assembled((12, 8, 1), layers[1:]), LAST[..., :1], "grad_cam").values
    found = explain(model, FIRST[:, :1], "grad_cam").values
    np.testing.assert_allclose(found[:, 0], want[..., 0], rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("kind", ["layers", "a Permute"])
def test_patches_span_the_channels(kind):
    options = {"patch_size": (4, 2), "fill": [0.1, -0.2, 0.3]}
    want = explain(reference(), LAST, "occlusion", **options)
    found = explain(network(kind), FIRST, "occlusion", **options)
    np.testing.assert_allclose(np.moveaxis(found.values, 1, -1), want.values, rtol=1e-3, atol=1e-6)
    assert "Patches are of 4 × 2" in found.why
    # With a side of their own for the channels, which stands where they do.
    own = explain(network(kind), FIRST, "occlusion", patch_size=(1, 4, 2))
    want = explain(reference(), LAST, "occlusion", patch_size=(4, 2, 1))
    np.testing.assert_allclose(np.moveaxis(own.values, 1, -1), want.values, rtol=1e-3, atol=1e-6)


def test_a_colour_is_one_number_for_each_channel():
    colour = [0.5, -1.0, 2.0]
    want = explain(reference(), LAST, "gradient_x_input", baseline=colour)
    found = explain(network("a Permute"), FIRST, "gradient_x_input", baseline=colour)
    np.testing.assert_allclose(found.base_values, want.base_values, rtol=1e-4)
    np.testing.assert_allclose(np.moveaxis(found.values, 1, -1), want.values, rtol=1e-3, atol=1e-7)
    with pytest.raises(ValueError, match=r"one number for each channel \(3,\).*got shape \(8,\)"):
        explain(network("a Permute"), FIRST, "gradient_x_input", baseline=np.zeros(8))


@pytest.mark.slow
@pytest.mark.parametrize("baseline", [[0.5, -1.0, 2.0], "mean", "blur"])
def test_pixels_go_with_all_their_channels(baseline):
    found = []
    for model, rows in ((reference(), LAST), (network("a Permute"), FIRST)):
        e = explain(model, rows, "gradient_x_input")
        curve = evaluate.deletion(model, e, baseline=baseline, patch_size=(3, 2), n_steps=6)
        found.append(curve.predictions)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-3, atol=1e-5)


def test_heat_maps_leave_the_channels_out():
    shown = []
    for model, rows in ((reference(), LAST), (network("a Permute"), FIRST)):
        ax = xk.plot.heatmap(explain(model, rows, "gradient"), ax=axes())
        shown.append([image.get_array() for image in ax.images])
    for want, found in zip(*shown, strict=True):
        np.testing.assert_allclose(found, want, rtol=1e-3, atol=1e-6)


def test_localisation_and_edges_leave_the_channels_out():
    mask = np.zeros((3, 12, 8), dtype=bool)
    mask[OBJECT] = True
    found = []
    for model, rows in ((reference(), LAST), (network("a Permute"), FIRST)):
        e = explain(model, rows, "gradient")
        found.append(evaluate.localisation(e, mask).mass.values)
        found.append(evaluate.edges(e).values)
    np.testing.assert_allclose(found[2], found[0], rtol=1e-4)
    np.testing.assert_allclose(np.moveaxis(found[3], 1, -1), found[1])

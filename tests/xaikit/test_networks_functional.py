"""A functional model of a Sequential one: the same numbers from the same weights."""

import random

import keras
import numpy as np
import pytest
from tiny_networks import assembled, cnn

import xaikit as xk
from xaikit.networks import functional

pytestmark = pytest.mark.slow

SHAPE = (6, 5, 2)
X = np.random.default_rng(0).uniform(size=(4, *SHAPE)).astype(np.float32)
Y = np.array([0, 1, 2, 1])


def layers():
    """Layers of which some keep a state that is no weight, and one is a model itself."""
    inner = [keras.Input((4, 3, 3)), keras.layers.Conv2D(2, 2, name="within")]
    return [
        keras.layers.Conv2D(3, 3, activation="relu", name="convolution"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.2, seed=1),
        keras.Sequential(inner, name="inner"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, activation="softmax"),
    ]


def one_by_one():
    model = keras.Sequential()
    model.add(keras.Input(SHAPE))
    for layer in layers():
        model.add(layer)
    return model


def on_first_data():
    model = keras.Sequential(layers())
    model(X)
    return model


def of_used_layers():
    used = layers()
    keras.Sequential([keras.Input(SHAPE), *used])
    return keras.Sequential([keras.Input(SHAPE), *used])


BUILT = {
    "at once": lambda: assembled(SHAPE, layers()),
    "one by one": one_by_one,
    "on first data": on_first_data,
    "of layers used before": of_used_layers,
}


@pytest.fixture(params=BUILT)
def sequential(request):
    return BUILT[request.param]()


def test_it_computes_the_same_from_the_same_weights(sequential):
    same = functional(sequential)
    assert not isinstance(same, keras.Sequential)
    assert isinstance(same.output, keras.KerasTensor)
    assert same.name == sequential.name
    assert [layer.name for layer in same.layers[1:]] == [layer.name for layer in sequential.layers]
    for own, given in zip(same.weights, sequential.weights, strict=True):
        assert own is given
    np.testing.assert_array_equal(same(X), sequential(X))
    np.testing.assert_array_equal(same(X[:1]), sequential(X[:1]))
    e, f = (
        xk.explain(m, X, method="gradient", output=1, output_space="score")
        for m in (same, sequential)
    )
    np.testing.assert_array_equal(e.values, f.values)


def test_what_a_layer_tells_is_its_part_in_this_model(sequential):
    same = functional(sequential)
    parts = keras.Model(same.inputs[0], [layer.output for layer in same.layers[1:]])(X)
    np.testing.assert_array_equal(parts[-1], sequential(X))
    # The rest of the model, from what the first layer gave.
    rest = keras.Model(same.get_layer("convolution").output, same.output)
    np.testing.assert_array_equal(rest(parts[0]), sequential(X))


@pytest.mark.parametrize("how", ["at once", "one by one"])
def test_training_the_one_trains_the_other(how):
    sequential = BUILT[how]()
    same = functional(sequential)
    before = [w.numpy().copy() for w in same.weights]
    same.compile("adam", "sparse_categorical_crossentropy")
    same.fit(X, Y, epochs=2, batch_size=2, shuffle=False, verbose=0)
    moved = [np.abs(w - b).max() > 0 for w, b in zip(sequential.get_weights(), before, strict=True)]
    assert all(moved)  # the means that BatchNormalization keeps among them
    np.testing.assert_array_equal(same(X), sequential(X))


def test_the_layers_are_the_models_own_where_they_can_be():
    model = BUILT["at once"]()
    for own, given in zip(functional(model).layers[1:], model.layers, strict=True):
        assert own is given


def test_the_model_that_was_given_is_as_it_was():
    model = one_by_one()
    calls = [len(layer._inbound_nodes) for layer in model.layers]
    functional(model)
    assert [len(layer._inbound_nodes) for layer in model.layers] == calls
    assert isinstance(functional(model), keras.Model)  # and a second time
    with pytest.raises(AttributeError, match="never been called"):
        _ = model.output


def test_a_functional_model_is_given_back():
    model = cnn(kind="functional")
    assert functional(model) is model
    assert functional(functional(cnn())) is not model


def test_lists_of_one_tensor_are_undone():
    model = cnn(kind="functional")
    listed = keras.Model(model.inputs, model.outputs)
    assert isinstance(listed.output, list)
    bare = functional(listed)
    assert bare.output.shape == (None, 3)
    assert bare.get_layer("last") is model.get_layer("last")


def test_nothing_is_drawn():
    model = one_by_one()
    states = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    functional(model)
    assert (np.random.get_state()[1] == states[0]).all()  # noqa: NPY002
    assert random.getstate() == states[1]

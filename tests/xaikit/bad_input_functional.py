"""Calls of networks.functional that must fail: see test_bad_input."""

import keras
import numpy as np

from xaikit.networks import functional


class Own(keras.Model):
    def call(self, x):
        return x


def own():
    model = Own(name="mine")
    model(keras.ops.ones((1, 2)))
    return model


class Unconnected(keras.layers.Layer):
    def call(self, x):
        return keras.ops.convert_to_tensor(np.asarray(x))


def unconnected():
    model = keras.Sequential([Unconnected()], name="loose")
    model(np.ones((1, 2), dtype=np.float32))
    return model


def two_inputs():
    a, b = keras.Input((2,)), keras.Input((2,))
    return keras.Model([a, b], keras.layers.Add()([a, b]), name="two")


V, T = ValueError, TypeError
CASES = {
    "no model": (lambda: functional("cnn"), T, "model", "Keras model", "str"),
    "not built": (
        lambda: functional(keras.Sequential([keras.layers.Dense(2)], name="bare")),
        V, "model", "built", "'bare'",
    ),
    "two inputs": (lambda: functional(two_inputs()), V, "model", "one input", "2 inputs", "'two'"),
    "a class of one's own": (
        lambda: functional(own()),
        V, "model", "Sequential or functional", "'mine' of Own",
    ),
    "layers that Keras cannot connect": (
        lambda: functional(unconnected()),
        V, "model", "Sequential or functional", "'loose' of Sequential",
    ),
}  # fmt: skip
